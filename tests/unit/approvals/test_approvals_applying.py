"""What becomes of approved items: written once, left alone where the shop has moved on, and never over a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from shop_of_mugs import OWNER, SHOP, eur, house, mugs, price, proposal
from sqlalchemy import select, text, update

from agent.approvals import Limits, verify_audit
from agent.approvals.book import item_key
from agent.db.tables import ChangeItemRow, DecisionRow
from agent.errors import Invalid, NotAllowed, StoreUnavailable
from agent.records import Written
from agent.sdk import Change, Target
from agent.testing.memory_store import MemoryStore


class Flaky(MemoryStore):
    """Unreachable for a number of writes: before the effect, or after it."""

    def __init__(self, records: Mapping[str, Any], *, fails: int, after_effect: bool) -> None:
        super().__init__(records)
        self._fails, self._after_effect = fails, after_effect

    async def write(self, change: Change, *, key: str) -> Written:
        failing, self._fails = self._fails > 0, self._fails - 1
        if failing and not self._after_effect:
            raise StoreUnavailable("The store cannot be reached.")
        written = await super().write(change, key=key)
        if failing:
            raise StoreUnavailable("The store cannot be reached.")
        return written


class Liar(MemoryStore):
    """Says yes and does nothing."""

    async def write(self, change: Change, *, key: str) -> Written:
        return Written(before=change.before, after=change.after, target_id=change.target.id)


def test_what_was_changed_since_is_left_alone_and_the_rest_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(
            proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00"), price("gone", "5.00", "4.00")), shop=SHOP, principal=OWNER
        )
        h.store.records["variant"]["v1"]["price"] = eur("13.00")

        done = await h.approvals.approve(opened.digest, OWNER)

        assert ([i.state for i in done.items], done.state) == (["skipped", "applied", "skipped"], "partly_applied")
        assert done.items[0].note == "v1, price, has been changed since this was proposed; it was left alone."
        assert h.store.records["variant"]["v1"]["price"] == eur("13.00") and len(h.store.ledger) == 1

    with house(tmp_path) as h:
        asyncio.run(story())


def test_what_the_store_refuses_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    store = MemoryStore(mugs(), refuse=lambda c: "Prices of v1 are locked." if c.target.id == "v1" else None)

    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)
        done = await h.approvals.approve(opened.digest, OWNER)
        assert [(i.state, i.note) for i in done.items] == [("failed", "Prices of v1 are locked."), ("applied", None)]

    with house(tmp_path, store=store) as h:
        asyncio.run(story())


@pytest.mark.parametrize("after_effect", [False, True], ids=["before the effect", "after the effect"])
def test_an_unreachable_store_is_tried_again_until_each_item_has_one_effect(tmp_path: Path, after_effect: bool) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)
        done = await h.approvals.approve(opened.digest, OWNER)
        assert done.state == "applying"
        for _ in range(3):
            h.pass_time(minutes=10)
            await h.runs.fire_due()
        assert (await h.approvals.by_digest(SHOP, opened.digest)).state == "applied"
        assert [e.target for e in h.store.ledger] == ["v1", "v2"]
        report = await verify_audit(h.db, SHOP)
        assert report.broken == () and report.rows == 4  # proposed, approved, two writes

    with house(tmp_path, store=Flaky(mugs(), fails=2, after_effect=after_effect)) as h:
        asyncio.run(story())


def test_a_store_that_never_answers_is_given_up_on_after_a_day_and_said_so(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        await h.approvals.approve(opened.digest, OWNER)
        h.pass_time(hours=25)
        await h.runs.fire_due()
        done = await h.approvals.by_digest(SHOP, opened.digest)
        assert (done.state, done.items[0].state) == ("failed", "failed")
        assert done.items[0].note and "not known whether" in done.items[0].note

    with house(tmp_path, store=Flaky(mugs(), fails=99, after_effect=False)) as h:
        asyncio.run(story())


def test_a_store_that_says_yes_and_does_nothing_is_found_out(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        done = await h.approvals.approve(opened.digest, OWNER)
        assert [(i.state, i.note) for i in done.items] == [("failed", "The store said yes, but v1, price, still is EUR 14.00.")]

    with house(tmp_path, store=Liar(mugs())) as h:
        asyncio.run(story())


def test_stock_moves_by_the_difference_whatever_was_sold_meanwhile(tmp_path: Path) -> None:
    async def story() -> None:
        change = Change.add(Target("variant", "v1", "Blue Mug"), "stock:main", before=10, delta=20)
        opened = await h.approvals.open(proposal(change), shop=SHOP, principal=OWNER)
        h.store.records["variant"]["v1"]["stock:main"] = 7
        done = await h.approvals.approve(opened.digest, OWNER)
        assert done.state == "applied" and h.store.records["variant"]["v1"]["stock:main"] == 27

    with house(tmp_path) as h:
        asyncio.run(story())


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        (price("v1", "14.00", "2.00"), "limits.price_move_percent"),
        (price("v1", "14.00", "140.00"), "limits.price_move_percent"),
        (price("v1", "14.00", "5.99"), "limits.margin_floor_percent"),
        (Change.create("discount", "BIG", {"code": "BIG", "kind": "percent", "value": "71"}), "limits.discount_percent"),
        (Change.create("discount", "BIG", {"code": "BIG", "kind": "buy_get", "value": "100", "buys": 1, "gets": 9}), "limits.discount_percent"),
    ],
    ids=["too far down", "too far up", "below cost", "too large a discount", "too many free"],
)
def test_over_a_limit_names_the_setting_and_nothing_is_stored(tmp_path: Path, change: Change, setting: str) -> None:
    async def story() -> None:
        with pytest.raises(NotAllowed, match=setting):
            await h.approvals.open(proposal(price("v2", "16.00", "15.00"), change), shop=SHOP, principal=OWNER)
        assert (await h.approvals.waiting(SHOP)).items == []

    with house(tmp_path) as h:
        asyncio.run(story())


def test_too_many_items_are_refused(tmp_path: Path) -> None:
    async def story() -> None:
        changes = [price("v1", "14.00", "13.00"), price("v2", "16.00", "15.00")]
        with pytest.raises(NotAllowed, match="limits.items_per_change"):
            await h.approvals.open(proposal(*changes), shop=SHOP, principal=OWNER)

    with house(tmp_path, limits=Limits(items_per_change=1)) as h:
        asyncio.run(story())


def test_a_limit_that_became_true_after_the_proposal_holds_at_the_write(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)
        h.store.records["variant"]["v1"]["cost"] = eur("13.00")
        done = await h.approvals.approve(opened.digest, OWNER)
        assert [i.state for i in done.items] == ["failed", "applied"]
        assert done.items[0].note and "limits.margin_floor_percent" in done.items[0].note and [e.target for e in h.store.ledger] == ["v2"]

    with house(tmp_path) as h:
        asyncio.run(story())


def test_many_items_or_a_steep_move_want_a_word_where_the_limits_say_so(tmp_path: Path) -> None:
    async def story() -> None:
        two = await h.approvals.open(proposal(price("v1", "14.00", "13.00"), price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)
        steep = await h.approvals.open(proposal(price("v3", "40.00", "20.00")), shop=SHOP, principal=OWNER)
        assert (two.confirm, steep.confirm) == ("type:2", "type:PRICE")
        with pytest.raises(Invalid, match="Type 2"):
            await h.approvals.approve(two.digest, OWNER)
        assert (await h.approvals.approve(two.digest, OWNER, typed="2")).state == "applied"

    with house(tmp_path, limits=Limits(confirm_items=2, confirm_price_percent=50)) as h:  # type: ignore[arg-type]  # an int is a fine Decimal here
        asyncio.run(story())


@pytest.mark.parametrize(
    "changes",
    [
        (),
        (price("v1", "14.00", "12.50"), price("v1", "14.00", "13.00")),
        (price("v1", "14.00", "-5.00"),),
    ],
    ids=["nothing", "two prices for one mug", "a price below zero"],
)
def test_a_proposal_without_sense_is_refused(tmp_path: Path, changes: tuple[Change, ...]) -> None:
    async def story() -> None:
        with pytest.raises(Invalid):
            await h.approvals.open(proposal(*changes), shop=SHOP, principal=OWNER)

    with house(tmp_path) as h:
        asyncio.run(story())


def test_what_was_altered_in_the_database_after_it_was_shown_is_not_applied(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)
        await h.db.write(lambda s: s.execute(text("UPDATE change_items SET what = replace(what, '12.50', '0.50')")))
        done = await h.approvals.approve(opened.digest, OWNER)
        assert ([i.state for i in done.items], h.store.calls) == (["failed", "failed"], [])

    with house(tmp_path) as h:
        asyncio.run(story())


def test_a_hundred_items_take_few_transactions(tmp_path: Path) -> None:
    records = {"variant": {f"v{n}": {"title": f"Mug {n}", "price": eur("10.00"), "cost": None} for n in range(100)}}

    async def story() -> None:
        opened = await h.approvals.open(proposal(*(price(f"v{n}", "10.00", "9.00") for n in range(100))), shop=SHOP, principal=OWNER)
        assert (opened.totals.count, opened.totals.money, opened.risk) == (100, eur("-100.00"), "high")
        assert opened.summary == "New price of 100 variants"
        done = await h.approvals.approve(opened.digest, OWNER)
        assert done.state == "applied" and len(h.store.ledger) == len(set(h.store.calls)) == len(h.store.calls) == 100
        assert [i.id for i in done.items] == [str(n) for n in range(1, 101)]

    with house(tmp_path, store=MemoryStore(records)) as h:
        asyncio.run(story())


def test_followers_of_the_run_hear_of_each_item(tmp_path: Path) -> None:
    async def story() -> None:
        two = proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00"))
        opened = await h.approvals.open(two, shop=SHOP, principal=OWNER, run="r1", subtask="s1")
        h.store.records["variant"]["v1"]["price"] = eur("13.00")
        await h.approvals.approve(opened.digest, OWNER)
        heard = [(e.type, e.data["item"], e.data["state"]) async for e in h.events.follow(SHOP, "r1", ends=frozenset({"change_applied"}))]
        assert heard == [("change_skipped", "1", "skipped"), ("change_applied", "2", "applied")]

    with house(tmp_path) as h:
        asyncio.run(story())


class Overtaken(MemoryStore):
    """Between an effect and its reply a second process applies the same decision from its beginning."""

    second: Callable[[], Awaitable[None]] | None = None

    async def write(self, change: Change, *, key: str) -> Written:
        written = await super().write(change, key=key)
        if self.second is not None:
            second, self.second = self.second, None
            await second()
        return written


def test_two_processes_on_one_decision_do_each_item_once_and_agree_on_what_happened(tmp_path: Path) -> None:
    store = Overtaken(mugs())

    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)

        async def second() -> None:
            decision = (await h.db.read(lambda s: s.scalars(select(DecisionRow)).one())).id
            await h.approvals._apply({"shop": SHOP, "decision": decision})

        store.second = second
        done = await h.approvals.approve(opened.digest, OWNER)
        assert [(i.state, i.note) for i in done.items] == [("applied", None)] * 2
        assert len(store.ledger) == 2 and (await verify_audit(h.db, SHOP)).rows == 4

    with house(tmp_path, store=store) as h:
        asyncio.run(story())


def test_what_another_has_begun_is_not_called_stale(tmp_path: Path) -> None:
    """The second process read the items before the first one began, and compares after the first one's effect."""

    class ReadsEarly(Overtaken):
        async def current(self, target: Target, field: str | None) -> Any:
            if self.second is not None:
                second, self.second = self.second, None
                await second()
            return await super().current(target, field)

    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)

        async def the_other_gets_as_far_as_the_effect() -> None:
            await h.db.write(lambda s: s.execute(update(ChangeItemRow).values(state="applying")))
            await MemoryStore.write(store, price("v1", "14.00", "12.50"), key=item_key(opened.id, "1"))

        store.second = the_other_gets_as_far_as_the_effect
        now = await h.approvals.approve(opened.digest, OWNER)
        assert (now.state, [i.state for i in now.items]) == ("applying", ["applying"])  # the other one's to tell
        h.pass_time(minutes=1)
        await h.runs.fire_due()  # but it died: the next attempt asks the store
        done = await h.approvals.by_id(SHOP, opened.id)
        assert ([i.state for i in done.items], len(store.ledger)) == (["applied"], 1)

    store = ReadsEarly(mugs())
    with house(tmp_path, store=store) as h:
        asyncio.run(story())
