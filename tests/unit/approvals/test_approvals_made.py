"""Proposals about records that other proposals are to make."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from shop_of_mugs import OWNER, SHOP, house, proposal

from agent.errors import Conflict
from agent.records.promised import Promised, promised, promises_in, renamed
from agent.sdk import Change, Target

SUMMER = Change.create("discount", "SUMMER", {"code": "SUMMER", "kind": "percent", "value": "20"})


def of_summer(change_set: str) -> Change:
    return Change.set(Target("discount", str(Promised(change_set, "1")), "SUMMER"), "value", before="20", after="25")


def test_a_change_of_what_is_to_be_made_waits_for_it_and_is_then_made_to_it(tmp_path: Path) -> None:
    async def story() -> None:
        first = await h.approvals.open(proposal(SUMMER), shop=SHOP, principal=OWNER, run="r1", subtask="s1")
        second = await h.approvals.open(proposal(of_summer(first.id)), shop=SHOP, principal=OWNER, run="r1", subtask="s2")
        with pytest.raises(Conflict, match="first: this is about what that makes"):
            await h.approvals.approve(second.digest, OWNER)

        await h.approvals.approve(first.digest, OWNER)
        done = await h.approvals.approve(second.digest, OWNER)

        assert done.state == "applied"
        assert [fields["value"] for fields in h.store.records["discount"].values()] == ["25"]
        made = await h.approvals.made_by(first)
        assert made is not None and made.id in h.store.records["discount"]

        for one in (second, first):
            undo = await h.approvals.undo(one.id, OWNER)
            assert (await h.approvals.approve(undo.digest, OWNER)).state == "applied"
        assert h.store.records["discount"] == {}

    with house(tmp_path) as h:
        asyncio.run(story())


def test_a_change_of_what_was_refused_is_never_made(tmp_path: Path) -> None:
    async def story() -> None:
        first = await h.approvals.open(proposal(SUMMER), shop=SHOP, principal=OWNER, run="r1", subtask="s1")
        second = await h.approvals.open(proposal(of_summer(first.id)), shop=SHOP, principal=OWNER, run="r1", subtask="s2")
        await h.approvals.reject(first.digest, OWNER)
        with pytest.raises(Conflict, match="was not made"):
            await h.approvals.approve(second.digest, OWNER)

    with house(tmp_path) as h:
        asyncio.run(story())


def test_a_name_stands_wherever_an_id_may() -> None:
    name = Promised("cs_1", "2", 3)
    change = Change.set(Target("product", "p1", "Mug"), f"collection:{Promised('cs_1', '1')}", before=None, after=[str(name), "Summer"])
    assert promised(str(name)) == name and promised("p_1") is None
    assert promises_in(change) == [Promised("cs_1", "1"), name]
    given = renamed(change, {str(name): "v_9", "new:cs_1/1": "col_4"}.get)
    assert isinstance(given, Change) and (given.field, given.after) == ("collection:col_4", ["v_9", "Summer"])
