"""Taking back what was applied, by hand or on time."""

from __future__ import annotations

import asyncio
import copy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop_of_mugs import KEY, OTHER_KEY, OWNER, SHOP, START, eur, house, mugs, price, proposal
from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.approvals import verify_audit
from agent.db.tables import ChangeItemRow
from agent.errors import Conflict, Invalid, NotAllowed
from agent.sdk import Change, Target
from agent.testing.memory_store import MemoryStore

V1 = Target("variant", "v1", "Blue Mug")
ANNA = Target("customer", "c1", "Anna Schmidt")
EVERY_OP = (
    price("v1", "14.00", "4.00"),  # back again is +250%, more than a price may move: putting back what was is no new decision
    Change.add(V1, "stock:main", before=10, delta=-3),
    Change.set(ANNA, "tags", before=["vip"], after=["vip", "loyal"]),
    Change.create("discount", "SUMMER", {"code": "SUMMER", "kind": "percent", "value": "20"}),
    Change.delete(Target("variant", "v3", "Pot"), {"title": "Pot", "price": eur("40.00"), "cost": None, "stock:main": 0}),
)


def without_ids(records: dict[str, dict[str, dict[str, Any]]]) -> dict[str, list[str]]:
    return {kind: sorted(str(sorted(fields.items())) for fields in of.values()) for kind, of in records.items()}


def test_undo_is_a_proposal_and_puts_everything_back(tmp_path: Path) -> None:
    shop = mugs()
    shop["variant"]["v1"]["cost"] = None

    async def story() -> None:
        before = without_ids(copy.deepcopy(h.store.records))
        opened = await h.approvals.open(proposal(*EVERY_OP), shop=SHOP, principal=OWNER, run="r1", subtask="s1")
        assert (await h.approvals.approve(opened.digest, OWNER)).state == "applied"
        assert without_ids(h.store.records) != before

        undo = await h.approvals.undo(opened.id, OWNER)
        assert (undo.state, undo.undoes, len(h.store.ledger)) == ("open", opened.id, 5)
        assert [i.id for i in undo.items] == ["5", "4", "3", "2", "1"]
        assert await h.approvals.undo(opened.id, OWNER) == undo  # asked twice, there is one

        done = await h.approvals.approve(undo.digest, OWNER)

        assert [i.note for i in done.items] == [None] * 5 and done.state == "applied"
        assert without_ids(h.store.records) == before
        assert (await h.approvals.by_id(SHOP, opened.id)).state == "undone"
        with pytest.raises(Conflict, match="Nothing of this is left"):
            await h.approvals.undo(opened.id, OWNER)
        assert (await verify_audit(h.db, SHOP)).broken == ()

    with house(tmp_path, store=MemoryStore(shop)) as h:
        asyncio.run(story())


@pytest.mark.parametrize(
    ("change", "head", "back"),
    [
        (Change.set(V1, "stock:annex", before=None, after=3), "Blue Mug: stock 0 → 3", "Undo: Blue Mug: stock 3 → 0"),
        (Change.add(V1, "stock:annex", before=None, delta=3), "Blue Mug: stock +3", "Undo: Blue Mug: stock 3 → 0"),
    ],
)
def test_undoing_what_first_put_goods_at_a_place_leaves_no_level_there_and_can_itself_be_undone(
    tmp_path: Path, change: Change, head: str, back: str
) -> None:
    async def story() -> None:
        before = copy.deepcopy(h.store.records)
        opened = await h.approvals.open(proposal(change), shop=SHOP, principal=OWNER)
        assert opened.summary == head
        await h.approvals.approve(opened.digest, OWNER)
        there = copy.deepcopy(h.store.records)
        assert there["variant"]["v1"]["stock:annex"] == 3

        undo = await h.approvals.undo(opened.id, OWNER)
        assert undo.summary == back
        assert (await h.approvals.approve(undo.digest, OWNER)).state == "applied" and h.store.records == before

        redo = await h.approvals.undo(undo.id, OWNER)
        assert (await h.approvals.approve(redo.digest, OWNER)).state == "applied" and h.store.records == there

    with house(tmp_path) as h:
        asyncio.run(story())


def test_what_came_to_goods_first_put_at_a_place_is_not_taken_away_with_them(tmp_path: Path) -> None:
    async def story() -> None:
        for change in (Change.set(V1, "stock:annex", before=None, after=8), Change.add(V1, "stock:annex", before=None, delta=8)):
            h.store.records["variant"]["v1"].pop("stock:annex", None)
            opened = await h.approvals.open(proposal(change), shop=SHOP, principal=OWNER)
            await h.approvals.approve(opened.digest, OWNER)
            h.store.records["variant"]["v1"]["stock:annex"] += 2
            undo = await h.approvals.undo(opened.id, OWNER)
            [done] = (await h.approvals.approve(undo.digest, OWNER)).items
            left = h.store.records["variant"]["v1"]["stock:annex"]
            moved = "Blue Mug, stock:annex, has been changed since this was proposed; it was left alone."
            assert (done.state, done.note, left) == (("skipped", moved, 10) if change.op == "set" else ("applied", None, 2))

    with house(tmp_path) as h:
        asyncio.run(story())


def test_what_was_journaled_when_no_level_was_told_as_0_units_can_still_be_decided_and_undone(tmp_path: Path) -> None:
    def told_as_0(session: Session) -> None:
        session.execute(update(ChangeItemRow).where(col(ChangeItemRow.written_before) == "null").values(written_before="0"))

    async def story() -> None:
        changes = Change.set(V1, "stock:annex", before=0, after=3), Change.add(V1, "stock:shed", before=0, delta=4)
        opened = await h.approvals.open(proposal(*changes), shop=SHOP, principal=OWNER)
        assert (await h.approvals.approve(opened.digest, OWNER)).state == "applied"
        h.db.write_now(told_as_0)

        undo = await h.approvals.undo(opened.id, OWNER)

        assert (await h.approvals.approve(undo.digest, OWNER)).state == "applied"
        assert [h.store.records["variant"]["v1"][field] for field in ("stock:annex", "stock:shed")] == [0, 0]

    with house(tmp_path) as h:
        asyncio.run(story())


def test_undo_leaves_alone_what_was_changed_since_and_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)
        await h.approvals.approve(opened.digest, OWNER)
        h.store.records["variant"]["v1"]["price"] = eur("11.00")

        undo = await h.approvals.undo(opened.id, OWNER)
        assert {i.id: i.note for i in undo.items} == {"2": None, "1": "It was changed to EUR 11.00 since and will be left alone."}
        done = await h.approvals.approve(undo.digest, OWNER)

        assert {i.id: i.state for i in done.items} == {"2": "applied", "1": "skipped"}
        assert [h.store.records["variant"][v]["price"] for v in ("v1", "v2")] == [eur("11.00"), eur("16.00")]
        assert {i.id: i.state for i in (await h.approvals.by_id(SHOP, opened.id)).items} == {"1": "applied", "2": "undone"}

    with house(tmp_path) as h:
        asyncio.run(story())


def test_an_undo_can_be_undone(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50")), shop=SHOP, principal=OWNER)
        await h.approvals.approve(opened.digest, OWNER)
        undo = await h.approvals.undo(opened.id, OWNER)
        await h.approvals.approve(undo.digest, OWNER)
        redo = await h.approvals.undo(undo.id, OWNER)
        await h.approvals.approve(redo.digest, OWNER)
        assert h.store.records["variant"]["v1"]["price"] == eur("12.50")

    with house(tmp_path) as h:
        asyncio.run(story())


def test_only_applied_items_are_undone_and_a_key_cannot_approve_its_own_undo(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)
        with pytest.raises(Conflict):
            await h.approvals.undo(opened.id, OWNER)
        await h.approvals.approve(opened.digest, OWNER, items=["2"])
        undo = await h.approvals.undo(opened.id, KEY)
        assert [i.id for i in undo.items] == ["2"]
        with pytest.raises(NotAllowed):
            await h.approvals.approve(undo.digest, KEY)
        assert (await h.approvals.approve(undo.digest, OTHER_KEY)).state == "applied"

    with house(tmp_path) as h:
        asyncio.run(story())


def test_a_price_until_sunday_is_put_back_on_sunday_unless_it_was_changed(tmp_path: Path) -> None:
    sunday = START + timedelta(days=2)

    async def story() -> None:
        both = proposal(price("v1", "14.00", "12.50"), price("v2", "16.00", "15.00"), restore_at=sunday)
        opened = await h.approvals.open(both, shop=SHOP, principal=OWNER, run="r1", subtask="s1")
        await h.approvals.approve(opened.digest, OWNER)
        h.pass_time(days=1)
        await h.runs.fire_due()
        assert h.store.records["variant"]["v1"]["price"] == eur("12.50")

        h.store.records["variant"]["v2"]["price"] = eur("15.50")
        h.pass_time(days=1, minutes=1)
        await h.runs.fire_due()
        await h.runs.fire_due()

        assert [h.store.records["variant"][v]["price"] for v in ("v1", "v2")] == [eur("14.00"), eur("15.50")]
        newest = (await h.approvals.changes(SHOP)).items[0]
        assert (newest.undoes, newest.decided_by, [i.state for i in newest.items]) == (opened.id, "schedule:restore", ["skipped", "applied"])
        assert len(h.store.ledger) == 3 and (await verify_audit(h.db, SHOP)).broken == ()

    with house(tmp_path) as h:
        asyncio.run(story())


def test_what_was_undone_by_hand_is_not_put_back_again(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), restore_at=START + timedelta(days=2)), shop=SHOP, principal=OWNER)
        await h.approvals.approve(opened.digest, OWNER)
        await h.approvals.approve((await h.approvals.undo(opened.id, OWNER)).digest, OWNER)
        h.pass_time(days=3)
        await h.runs.fire_due()
        assert len(h.store.ledger) == 2 and await h.runs.timers.due() == []

    with house(tmp_path) as h:
        asyncio.run(story())


def test_until_a_time_that_has_passed_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        with pytest.raises(Invalid, match="already passed"):
            await h.approvals.open(proposal(price("v1", "14.00", "12.50"), restore_at=START), shop=SHOP, principal=OWNER)
        opened = await h.approvals.open(proposal(price("v1", "14.00", "12.50"), restore_at=START + timedelta(hours=1)), shop=SHOP, principal=OWNER)
        h.pass_time(hours=2)
        with pytest.raises(Conflict, match="already passed"):
            await h.approvals.approve(opened.digest, OWNER)

    with house(tmp_path) as h:
        asyncio.run(story())


a_change = st.one_of(
    st.builds(lambda cents: ("price", cents), st.integers(1000, 2000)),
    st.builds(lambda units: ("stock", units), st.integers(-50, 50).filter(bool)),
    st.builds(lambda units: ("first stock", units), st.integers(-50, 50).filter(bool)),
    st.builds(lambda tags: ("tags", tags), st.lists(st.text(max_size=5), max_size=3)),
    st.builds(lambda code: ("discount", code), st.text(min_size=1, max_size=8)),
)


@settings(max_examples=25)
@given(wanted=st.lists(a_change, min_size=1, max_size=6, unique_by=lambda c: c[0] if c[0] in ("price", "tags", "first stock") else str(c)))
def test_law_applied_then_undone_leaves_the_store_as_it_was(tmp_path_factory: pytest.TempPathFactory, wanted: list[tuple[str, Any]]) -> None:
    def change(kind: str, value: Any) -> Change:
        match kind:
            case "price":
                return price("v1", "14.00", f"{value / 100:.2f}")
            case "stock":
                return Change.add(V1, "stock:main", before=10, delta=value)
            case "first stock":
                return Change.add(V1, "stock:annex", before=None, delta=value)
            case "tags":
                return Change.set(ANNA, "tags", before=["vip"], after=value)
        return Change.create("discount", value, {"code": value, "kind": "amount", "value": "5"})

    async def story() -> None:
        before = copy.deepcopy(h.store.records)
        opened = await h.approvals.open(proposal(*(change(*w) for w in wanted)), shop=SHOP, principal=OWNER)
        await h.approvals.approve(opened.digest, OWNER)
        undo = await h.approvals.undo(opened.id, OWNER)
        await h.approvals.approve(undo.digest, OWNER)
        assert h.store.records == before

    with house(tmp_path_factory.mktemp("law")) as h:
        asyncio.run(story())
