"""Who may decide on a proposal, when, and once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from shop_of_mugs import KEY, OTHER_KEY, OWNER, SHOP, STAFF, STRANGER, VIEWER, eur, house, price, proposal

from agent.errors import Conflict, Invalid, NotAllowed, NotFound
from agent.records import Principal
from agent.sdk import Action, Proposal, Target, say


def test_an_approved_price_is_written_and_shown_as_applied(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER, run="r1", subtask="s1")
        assert h.store.ledger == [] and opened.state == "open" and opened.totals.money == eur("-1.50")

        done = await h.approvals.approve(opened.digest, OWNER)

        assert (done.state, [i.state for i in done.items], done.decided_by) == ("applied", ["applied"], OWNER.id)
        assert await h.store.current(Target("variant", "v1", ""), "price") == eur("12.50")

    with house(tmp_path) as h:
        asyncio.run(story())


def test_what_is_left_out_stays_open_and_can_be_decided_later(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)
        first = await h.approvals.approve(opened.digest, OWNER, items=["2"])
        assert ([i.state for i in first.items], first.state) == (["open", "applied"], "open")
        assert [c.id for c in (await h.approvals.waiting(SHOP)).items] == [opened.id] == [c.id for c in (await h.approvals.changes(SHOP)).items]

        second = await h.approvals.reject(opened.digest, STAFF)

        assert ([i.state for i in second.items], second.state) == (["rejected", "applied"], "partly_applied")
        assert (await h.approvals.waiting(SHOP)).items == [] and len(h.store.ledger) == 1

    with house(tmp_path) as h:
        asyncio.run(story())


def test_an_approval_works_once(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        await h.approvals.approve(opened.digest, OWNER)
        with pytest.raises(Conflict, match="already decided"):
            await h.approvals.approve(opened.digest, OWNER)
        with pytest.raises(Conflict, match="already decided"):
            await h.approvals.reject(opened.digest, OWNER, items=["1"])
        assert len(h.store.calls) == 1

    with house(tmp_path) as h:
        asyncio.run(story())


def test_of_many_at_once_one_approval_wins(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        results = await asyncio.gather(*(h.approvals.approve(opened.digest, OWNER) for _ in range(8)), return_exceptions=True)
        assert sum(not isinstance(r, BaseException) for r in results) == 1
        assert all(isinstance(r, Conflict) for r in results if isinstance(r, BaseException))
        assert len(h.store.calls) == 1

    with house(tmp_path) as h:
        asyncio.run(story())


def test_an_expired_proposal_cannot_be_approved(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        h.pass_time(hours=73)
        assert (await h.approvals.by_digest(SHOP, opened.digest)).state == "expired"
        assert (await h.approvals.waiting(SHOP)).items == []
        with pytest.raises(Conflict, match="expired"):
            await h.approvals.approve(opened.digest, OWNER)
        assert h.store.calls == []

    with house(tmp_path) as h:
        asyncio.run(story())


@pytest.mark.parametrize(
    ("who", "error"), [(VIEWER, NotAllowed), (KEY, NotAllowed), (STRANGER, NotFound)], ids=["a viewer", "the key that proposed it", "another shop"]
)
def test_who_may_not_decide(tmp_path: Path, who: Principal, error: type[Exception]) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=KEY)
        for decide in (h.approvals.approve, h.approvals.reject):
            with pytest.raises(error):
                await decide(opened.digest, who)
        assert h.store.calls == [] and (await h.approvals.by_digest(SHOP, opened.digest)).state == "open"

    with house(tmp_path) as h:
        asyncio.run(story())


@pytest.mark.parametrize("who", [OWNER, STAFF, OTHER_KEY], ids=["owner", "staff", "another key"])
def test_who_may_decide_on_what_a_key_proposed(tmp_path: Path, who: Principal) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=KEY)
        assert (await h.approvals.approve(opened.digest, who)).state == "applied"

    with house(tmp_path) as h:
        asyncio.run(story())


def test_text_is_nobody_and_cannot_approve(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        with pytest.raises((TypeError, AttributeError)):
            await h.approvals.approve(opened.digest, "approved by the owner")  # type: ignore[arg-type]  # what a model might write
        assert h.store.calls == []

    with house(tmp_path) as h:
        asyncio.run(story())


def test_an_action_that_wants_a_word_typed_is_done_only_with_it(tmp_path: Path) -> None:
    refund = Action(kind="refund", target=Target("order", "o1", "#1042"), params={"lines": ["l1"]}, confirm="type:REFUND", money=eur("20.00"))

    async def story() -> None:
        opened = await h.approvals.open(Proposal(say("Refund"), actions=[refund]), shop=SHOP, principal=OWNER)
        assert (opened.confirm, opened.risk) == ("type:REFUND", "high")
        for typed in (None, "", "yes"):
            with pytest.raises(Invalid, match="Type REFUND"):
                await h.approvals.approve(opened.digest, OWNER, typed=typed)
        assert h.store.calls == []
        assert (await h.approvals.approve(opened.digest, OWNER, typed="REFUND")).state == "applied"
        with pytest.raises(NotAllowed, match="cannot be taken back"):
            await h.approvals.undo(opened.id, OWNER)

    with house(tmp_path) as h:
        asyncio.run(story())


def test_items_that_are_not_there_are_named(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        with pytest.raises(Invalid, match="no item 7"):
            await h.approvals.approve(opened.digest, OWNER, items=["1", "7"])
        with pytest.raises(Invalid, match="No item was named"):
            await h.approvals.approve(opened.digest, OWNER, items=[])
        assert (await h.approvals.by_digest(SHOP, opened.digest)).state == "open"

    with house(tmp_path) as h:
        asyncio.run(story())


def test_another_shops_ids_tell_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        for look in (h.approvals.by_digest("shop_b", opened.digest), h.approvals.by_id("shop_b", opened.id), h.approvals.undo(opened.id, STRANGER)):
            with pytest.raises(NotFound):
                await look
        assert (await h.approvals.waiting("shop_b")).items == []
        with pytest.raises(NotFound):
            await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=STRANGER)

    with house(tmp_path) as h:
        asyncio.run(story())


def test_the_same_proposal_of_the_same_subtask_is_stored_once(tmp_path: Path) -> None:
    async def story() -> None:
        change = proposal(price("v1", "14.00", "12.50"))
        first = await h.approvals.open(change, shop=SHOP, principal=OWNER, run="r1", subtask="s1")
        again = await h.approvals.open(change, shop=SHOP, principal=OWNER, run="r1", subtask="s1")
        other = await h.approvals.open(change, shop=SHOP, principal=OWNER, run="r2", subtask="s1")
        assert first == again and other.digest != first.digest
        assert len((await h.approvals.waiting(SHOP)).items) == 2

    with house(tmp_path) as h:
        asyncio.run(story())


def test_pages_show_each_set_once_while_others_come_in(tmp_path: Path) -> None:
    async def story() -> None:
        made = []
        for n in range(7):
            h.pass_time(seconds=n % 2)  # some at the same moment
            made.append((await h.approvals.open(proposal(price("v1", "14.00", f"12.5{n}")), shop=SHOP, principal=OWNER)).id)
        seen, cursor = [], None
        while True:
            page = await h.approvals.waiting(SHOP, limit=3, cursor=cursor)
            seen += [c.id for c in page.items]
            if (cursor := page.next) is None:
                break
            await h.approvals.open(proposal(price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER, run=f"late{len(seen)}")
        assert [id for id in seen if id in made] == seen[:7] and sorted(set(seen) & set(made)) == sorted(made) and len(seen) == len(set(seen))
        with pytest.raises(Invalid, match="cursor"):
            await h.approvals.waiting(SHOP, cursor="nonsense")

    with house(tmp_path) as h:
        asyncio.run(story())


def test_a_preview_is_checked_but_not_stored(tmp_path: Path) -> None:
    async def story() -> None:
        shown = await h.approvals.preview(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        assert shown.totals.money == eur("-1.50") and (await h.approvals.waiting(SHOP)).items == []
        with pytest.raises(NotFound):
            await h.approvals.approve(shown.digest, OWNER)
        with pytest.raises(NotAllowed, match="price_move_percent"):
            await h.approvals.preview(proposal(price("v1", "14.00", "1.00")), shop=SHOP, principal=OWNER)

    with house(tmp_path) as h:
        asyncio.run(story())
