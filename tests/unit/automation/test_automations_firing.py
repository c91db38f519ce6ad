"""Automations act on what happens and at their times: once for each event, under the name of whoever approved them, never on themselves."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from automated import NOON, Automated, tags_of_order

from agent.db.accounts import PersonRow
from agent.db.engine import Database
from agent.sdk import Between, Change, Money, Proposal, Target, say
from agent.sdk.rhythms import Rhythm
from agent.sdk.rules import Act, Condition, Rule, Trigger
from agent.testing.playground import playground

BIG = Rule(
    when=Trigger(on="order_placed"), only=Condition(order_total=Between[Money](above=Money.of(200, "EUR"))),
    then=[Act(do="tag", to="order", tags=["vip"]), Act(do="notify")],
)  # fmt: skip
LOW = Rule(when=Trigger(on="stock_below", stock=5), then=[Act(do="tag", to="product", tags=["low-stock"]), Act(do="notify", text="Order more")])


@pytest.fixture
def shop() -> Iterator[Automated]:
    with playground() as ground:
        yield Automated(ground.db)


def test_an_order_that_meets_the_condition_is_tagged_and_told(shop: Automated) -> None:
    async def run() -> None:
        await shop.rule(BIG)
        await shop.pass_()
        small, big = shop.order(euros=150), shop.order(euros=250)
        (fired,) = await shop.pass_()
        assert (fired.state, fired.notice) == ("done", f"{fired.about[:1].upper()}{fired.about[1:]}")
        assert await tags_of_order(shop, big) == ["vip"]
        assert await tags_of_order(shop, small) == []
        assert [type for type, _ in shop.told] == ["automation.fired"]

    asyncio.run(run())


def test_what_it_does_stands_under_the_name_of_whoever_approved_it_and_is_undone_like_any_change(shop: Automated) -> None:
    async def run() -> None:
        await shop.rule(BIG)
        await shop.pass_()
        big = shop.order(euros=250)
        (fired,) = await shop.pass_()
        made = await shop.approvals.by_id(shop.info.id, fired.change_sets[0])
        assert (made.decided_by, made.proposed_by.split(":")[0]) == ("person_olga", "automation")
        undo = await shop.approvals.undo(made.id, shop.person)
        await shop.approvals.approve(undo.digest, shop.person)
        assert await tags_of_order(shop, big) == []

    asyncio.run(run())


def test_stock_fires_when_it_crosses_the_number_and_not_again_while_it_is_below(shop: Automated) -> None:
    async def run() -> None:
        shop.stock(9)
        await shop.rule(LOW)
        await shop.pass_()
        seen = []
        for units in (6, 4, 3, 8, 2):
            shop.stock(units)
            seen.append(len(await shop.pass_()))
        assert seen == [0, 1, 1, 1, 2]

    asyncio.run(run())


def test_a_product_sells_out_and_comes_back(shop: Automated) -> None:
    async def run() -> None:
        variant = shop.stock(3)
        product = (await shop.store.variants(_one(variant)))[0].product_id
        for other in [v.id for v in (await shop.store.product(product)).variants if v.tracked and v.id != variant]:
            shop.stock(0, of=other)
        await shop.rule(Rule(when=Trigger(on="sold_out"), then=[Act(do="hide", to="product")]), "Hide")
        await shop.rule(Rule(when=Trigger(on="back_in_stock"), then=[Act(do="publish", to="product")]), "Show")
        await shop.pass_()
        shop.stock(0, of=variant)
        await shop.pass_()
        assert (await shop.store.product(product)).status == "draft"
        shop.stock(7, of=variant)
        await shop.pass_()
        assert (await shop.store.product(product)).status == "active"

    asyncio.run(run())


def test_goods_taken_from_the_only_place_that_kept_them_are_sold_out(shop: Automated) -> None:
    async def run() -> None:
        variant = shop.stock(3)
        mine = (await shop.store.variants(_one(variant)))[0]
        for other in [v.id for v in (await shop.store.product(mine.product_id)).variants if v.tracked and v.id != variant]:
            shop.stock(0, of=other)
        await shop.rule(Rule(when=Trigger(on="sold_out"), then=[Act(do="hide", to="product")]), "Hide")
        await shop.pass_()
        for place, units in mine.stock.items():  # as undoing what first put them there does
            target = Target("variant", variant, "it")
            await shop.store.write(Change.set(target, f"stock:{place}", before=units, after=None), key=place)
        await shop.pass_()
        assert (await shop.store.product(mine.product_id)).status == "draft"
        assert len(await shop.pass_()) == 1  # and not once more with every look

    asyncio.run(run())


def test_paid_and_fulfilled_are_seen_when_they_come_about(shop: Automated) -> None:
    async def run() -> None:
        await shop.rule(Rule(when=Trigger(on="order_paid"), then=[Act(do="tag", to="order", tags=["paid"])]), "Paid")
        await shop.rule(Rule(when=Trigger(on="order_fulfilled"), then=[Act(do="tag", to="customer", tags=["served"])]), "Sent")
        await shop.pass_()
        order = shop.order(payment="pending")
        assert await shop.pass_() == []
        shop.set_order(order, payment="paid")
        assert [f.about for f in await shop.pass_()] == [(await shop.pass_())[0].about]
        shop.set_order(order, fulfilment="fulfilled")
        await shop.pass_()
        assert await tags_of_order(shop, order) == ["paid"]

    asyncio.run(run())


def test_a_review_with_few_stars_gets_a_draft_by_the_task_that_writes_replies(shop: Automated) -> None:
    async def run() -> None:
        only = Condition(stars=Between[int](at_most=2))
        await shop.rule(Rule(when=Trigger(on="review_received"), only=only, then=[Act(do="draft", to="review", text="we are sorry")]))
        await shop.pass_()
        shop.review(5)
        bad = shop.review(1)
        await shop.pass_()
        ((task, args),) = shop.heard.tasks
        assert (task, args["reviews"]["ids"], args["answer"]) == ("reply_to_review", [bad], "we are sorry")

    asyncio.run(run())


def test_a_new_customer_is_tagged(shop: Automated) -> None:
    async def run() -> list[str]:
        await shop.rule(Rule(when=Trigger(on="new_customer"), then=[Act(do="tag", to="customer", tags=["new"])]))
        await shop.pass_()
        id = shop.new_customer()
        await shop.pass_()
        return [id]

    (id,) = asyncio.run(run())
    assert shop.customer_tags(id) == ["new"]


def test_what_happened_before_it_was_approved_is_none_of_its_business(shop: Automated) -> None:
    async def run() -> None:
        await shop.pass_()
        shop.order(euros=500, placed=NOON - timedelta(days=3))
        await shop.rule(BIG)
        shop.order(euros=500, placed=NOON - timedelta(days=2))
        assert await shop.pass_() == []

    asyncio.run(run())


def test_a_paused_one_does_nothing_and_catches_nothing_up(shop: Automated) -> None:
    async def run() -> None:
        one = await shop.rule(BIG)
        await shop.pass_()
        for state in ("paused", "active"):
            now = (await shop.own.automations())[0]
            opened = await shop.approvals.open(Proposal(say("Turn"), changes=now.set(state=state)), shop=shop.info.id, principal=shop.person)
            await shop.approvals.approve(opened.digest, shop.person)
            if state == "paused":
                shop.order(euros=300)
            await shop.pass_(hours=1)
        assert (one.id, await shop.firings()) == (one.id, [])

    asyncio.run(run())


def test_its_own_change_does_not_start_it_again(shop: Automated) -> None:
    """Its stock change would cross its own number: the change is made as the automation would make it."""

    async def run() -> None:
        variant = shop.stock(9)
        one = await shop.rule(LOW)
        await shop.pass_()
        location = next(iter((await shop.store.variants(_one(variant)))[0].stock))
        mine = Change.add(Target("variant", variant, "it"), f"stock:{location}", before=9, delta=-6)
        from agent.automation.acting import acting_for, standing_for

        who = acting_for(one.id, one.name, shop.info.id)
        opened = await shop.approvals.open(Proposal(say("Mine"), changes=[mine]), shop=shop.info.id, principal=who)
        await shop.approvals.approve(opened.digest, standing_for(one.approved_by, shop.info.id))
        assert await shop.pass_() == []

    asyncio.run(run())


def test_one_that_fires_too_often_is_paused_with_the_reason() -> None:
    async def run(shop: Automated) -> None:
        await shop.rule(BIG)
        await shop.pass_()
        for n in range(5):
            shop.order(euros=300 + n)
        assert len(await shop.pass_()) == 3
        (one,) = await shop.own.automations()
        assert (one.state, "3 times within an hour" in str(one.reason)) == ("paused", True)
        assert "automation.paused" in [type for type, _ in shop.told]

    with playground() as ground:
        asyncio.run(run(Automated(ground.db, per_hour=3)))


def test_one_whose_approver_left_is_paused_instead_of_acting(shop: Automated) -> None:
    async def run() -> None:
        await shop.rule(BIG)
        await shop.pass_()
        row = PersonRow(id="person_olga", shop_id=shop.info.id, name="olga", shown_name="Olga", role="viewer", created_at=NOON)
        await shop.db.write(lambda s: s.add(row))
        big = shop.order(euros=300)
        (fired,) = await shop.pass_()
        assert fired.state == "skipped"
        assert await tags_of_order(shop, big) == []
        assert (await shop.own.automations())[0].state == "paused"

    asyncio.run(run())


def test_what_wants_a_word_typed_waits_for_approval() -> None:
    from agent.approvals import Limits

    async def run(shop: Automated) -> None:
        two = [Act(do="tag", to="order", tags=["vip"]), Act(do="tag", to="customer", tags=["big-spender"])]
        await shop.rule(Rule(when=BIG.when, only=BIG.only, then=two))
        await shop.pass_()
        big = shop.order(euros=300)
        (fired,) = await shop.pass_()
        assert fired.state == "waiting"
        assert await tags_of_order(shop, big) == []
        assert len((await shop.approvals.waiting(shop.info.id)).items) == 1

    with playground() as ground:
        asyncio.run(run(Automated(ground.db, limits=Limits(confirm_items=2))))


def test_what_a_limit_forbids_waits_and_only_a_part_within_it_is_approved() -> None:
    from agent.approvals import Limits
    from agent.errors import NotAllowed
    from agent.records import Principal, Scope

    async def run(shop: Automated) -> None:
        two = [Act(do="tag", to="order", tags=["vip"]), Act(do="tag", to="customer", tags=["big-spender"])]
        await shop.rule(Rule(when=BIG.when, only=BIG.only, then=two))
        await shop.pass_()
        big = shop.order(euros=300)
        (fired,) = await shop.pass_()
        assert (fired.state, "limits.items_per_change" in (fired.note or "")) == ("waiting", True)
        [waiting] = (await shop.approvals.waiting(shop.info.id)).items
        owner = Principal("p_owner", "person", "Owner", shop.info.id, frozenset({Scope.APPROVE}))
        with pytest.raises(NotAllowed, match="items_per_change"):
            await shop.approvals.approve(waiting.digest, owner)
        assert await tags_of_order(shop, big) == []
        await shop.approvals.approve(waiting.digest, owner, items=[waiting.items[0].id])
        assert await tags_of_order(shop, big) == ["vip"]

    with playground() as ground:
        asyncio.run(run(Automated(ground.db, limits=Limits(items_per_change=1))))


def test_a_schedule_runs_its_request_once_for_each_time_also_after_a_long_silence(shop: Automated) -> None:
    async def run() -> None:
        daily = Rhythm(every="day", at="18:00")
        await shop.approve("schedule", "Sales", request="sales yesterday", rhythm=daily.model_dump(mode="json"))
        assert await shop.pass_(hours=1) == []
        (first,) = await shop.pass_(hours=5)
        assert (first.state, shop.heard.asked) == ("done", [("sales yesterday", f"schedule:{first.of}")])
        await shop.pass_(days=5)
        assert len(shop.heard.asked) == 2
        (kept,) = await shop.own.schedules()
        assert kept.next_at == datetime(2026, 11, 28, 17, tzinfo=UTC)
        assert [(type, data["parts"][0]["text"]) for type, data in shop.told] == [("report.ready", "Answer to sales yesterday")] * 2

    asyncio.run(run())


@pytest.mark.parametrize(
    "point",
    ["before_writing", "inside_writing", "after_writing", "inside_deciding", "after_deciding", "before_effect", "after_effect", "inside_outcome",
     "before_settling", "after_settling", "inside_ending", "after_ending"],
)  # fmt: skip
def test_a_kill_at_any_point_loses_nothing_and_doubles_nothing(point: str) -> None:
    """A child process is killed with -9 at that point; what is left is finished by the next process."""

    async def begin(shop: Automated) -> None:
        await shop.rule(BIG)
        await shop.pass_()

    async def go_on(shop: Automated) -> None:
        shop.now += timedelta(seconds=5)
        await shop.automations.look(shop.info.id)
        await shop.runs.fire_due()

    with playground() as ground:
        before = Automated(ground.db)
        asyncio.run(begin(before))
        big = before.order(euros=250)
        ground.db.engine.dispose()
        child = os.fork()
        if child == 0:
            asyncio.run(go_on(Automated(Database(ground.db.url), now=before.now, crash_at=_killing(point))))
            os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        after = Automated(ground.db, now=before.now + timedelta(minutes=1))

        async def finish() -> None:
            await after.runs.start()
            for _ in range(3):
                await go_on(after)
            (fired,) = await after.firings()
            assert (fired.state, len(fired.change_sets)) == ("done", 1)
            assert await tags_of_order(after, big) == ["vip"]
            changed = (await after.approvals.changes(after.info.id)).items
            assert len([c for c in changed if c.proposed_by.startswith("automation:")]) == 1

        asyncio.run(finish())


def _killing(point: str):  # type: ignore[no-untyped-def]  # a function of one name
    def crash_at(there: str) -> None:
        if there == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return crash_at


def _one(id: str):  # type: ignore[no-untyped-def]  # a selection of one
    from agent.sdk import Selection, Variant

    return Selection[Variant](ids=(id,))
