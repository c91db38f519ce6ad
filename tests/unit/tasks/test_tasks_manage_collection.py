"""manage_collection: made, renamed, filled, emptied and deleted, each with its way back."""

import asyncio
from typing import Any

import pytest

from agent.sdk import Collection, Invalid, Missing, NotFound


def collection(bench: Any, title: str) -> Collection:
    return next(one for one in asyncio.run(bench.ground.store.collections()) if one.title == title)


def ref(bench: Any, title: str) -> dict[str, str]:
    return {"id": collection(bench, title).id, "label": title}


def titles(bench: Any) -> list[str]:
    return [one.title for one in asyncio.run(bench.ground.store.collections())]


def there_and_back(bench: Any, proposal: Any) -> Any:
    """The collections while the proposal held; afterwards they are as they were."""
    before = asyncio.run(bench.ground.store.collections())
    applied = asyncio.run(bench.ground.apply(proposal))
    assert applied.state == "applied", [item.note for item in applied.items]
    while_it_held = {one.title: set(one.products) for one in asyncio.run(bench.ground.store.collections())}
    assert asyncio.run(bench.ground.undo(applied)).state == "applied"
    assert asyncio.run(bench.ground.store.collections()) == before
    return while_it_held


def test_a_new_one_holds_what_was_said(bench: Any) -> None:
    mugs = bench.products("Blue", "Speckled")
    proposal = bench.ask("manage_collection", action="create", title="  Slow   Mornings ", products=mugs)
    assert str(proposal.summary) == "New collection Slow Mornings with 2 products"
    assert there_and_back(bench, proposal)["Slow Mornings"] == set(mugs["ids"])


def test_a_renamed_one_keeps_its_products(bench: Any) -> None:
    inside = set(collection(bench, "Kitchen").products)
    proposal = bench.ask("manage_collection", action="rename", collection=ref(bench, "Kitchen"), title="Kitchen & Table")
    held = there_and_back(bench, proposal)
    assert held["Kitchen & Table"] == inside
    assert "Kitchen" not in held


def test_only_what_is_not_in_it_is_put_in(bench: Any) -> None:
    some = bench.products("Blue", "Beeswax")
    proposal = bench.ask("manage_collection", action="add", collection=ref(bench, "Kitchen"), products=some)
    assert [(c.target.label, c.before, c.after) for c in proposal.changes] == [("Beeswax Candle", None, "Kitchen")]
    assert set(some["ids"]) <= there_and_back(bench, proposal)["Kitchen"]


def test_what_is_taken_out_stays_in_the_shop(bench: Any) -> None:
    board = bench.products("Oak")
    proposal = bench.ask("manage_collection", action="remove", collection=ref(bench, "Kitchen"), products=board)
    assert not set(board["ids"]) & there_and_back(bench, proposal)["Kitchen"]
    assert asyncio.run(bench.ground.store.product(board["ids"][0])).title == "Oak Serving Board"


def test_moving_takes_only_what_is_in_the_one_left(bench: Any) -> None:
    everything = {"ids": [product.id for product in asyncio.run(bench.ground.store.products()).items], "label": "everything"}
    dress = bench.products("Linen")["ids"][0]
    proposal = bench.ask("manage_collection", action="add", collection=ref(bench, "Kitchen"), leaving=ref(bench, "Summer"), products=everything)
    assert str(proposal.summary) == "Move 1 product from Summer to Kitchen"
    held = there_and_back(bench, proposal)
    assert (held["Summer"], dress in held["Kitchen"]) == (set(), True)


def test_a_deleted_one_comes_back_with_its_members_and_its_place(bench: Any) -> None:
    proposal = bench.ask("manage_collection", action="delete", collection=ref(bench, "Kitchen"))
    assert str(proposal.summary) == "Delete the collection Kitchen; the 3 products in it stay"
    assert "Kitchen" not in there_and_back(bench, proposal)


def test_a_deletion_of_what_was_filled_since_is_left_alone(bench: Any) -> None:
    delete = bench.ask("manage_collection", action="delete", collection=ref(bench, "Kitchen"))
    asyncio.run(bench.ground.apply(bench.ask("manage_collection", action="add", collection=ref(bench, "Kitchen"), products=bench.products("Wool"))))
    assert [item.state for item in asyncio.run(bench.ground.apply(delete)).items] == ["skipped"]
    assert "Kitchen" in titles(bench)


def test_what_is_called_so_already_and_what_is_in_it_already_needs_no_change(bench: Any) -> None:
    same = bench.ask("manage_collection", action="rename", collection=ref(bench, "Kitchen"), title="Kitchen")
    inside = bench.ask("manage_collection", action="add", collection=ref(bench, "Kitchen"), products=bench.products("Blue"))
    outside = bench.ask("manage_collection", action="remove", collection=ref(bench, "Kitchen"), products=bench.products("Wool"))
    assert [list(one.changes) for one in (same, inside, outside)] == [[], [], []]
    assert str(inside.summary) == "It is in Kitchen already."


def test_only_the_case_of_a_title_can_be_changed(bench: Any) -> None:
    proposal = bench.ask("manage_collection", action="rename", collection=ref(bench, "Kitchen"), title="KITCHEN")
    assert "KITCHEN" in there_and_back(bench, proposal)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"action": "create", "title": "kitchen"}, "There is a collection “Kitchen” already; say another name, or add the products to that one."),
        ({"action": "create", "title": "   "}, "A collection needs a name."),
        ({"action": "create", "title": "x" * 256}, "A title has at most 255 characters; this one has 256."),
        ({"action": "create", "title": "New", "products": {"ids": []}}, "None of the products was found."),
        ({"action": "create", "title": "New", "products": {"ids": ["p_999"]}}, "None of the products was found."),
    ],
)
def test_what_cannot_be_made_is_refused_with_its_reason(said: dict[str, Any], sentence: str, bench: Any) -> None:
    with pytest.raises(Invalid) as refused:
        bench.ask("manage_collection", **said)
    assert str(refused.value) == sentence


def test_a_title_of_another_is_no_new_name(bench: Any) -> None:
    with pytest.raises(Invalid, match="There is a collection “Summer” already"):
        bench.ask("manage_collection", action="rename", collection=ref(bench, "Kitchen"), title="summer")


def test_a_name_that_no_collection_has_is_asked_about_with_the_likeliest(bench: Any) -> None:
    asked = bench.ask("manage_collection", action="add", title="Sumer", products=bench.products("Blue"))
    assert isinstance(asked, Missing)
    assert (asked.field, asked.options[0][1]) == ("collection", "Summer")
    assert str(asked.question) == "There is no collection “Sumer”. Which one do you mean?"


def test_one_that_is_gone_is_not_found(bench: Any) -> None:
    with pytest.raises(NotFound):
        bench.ask("manage_collection", action="delete", collection={"id": "col_999", "label": "Gone"})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "action"),
        ({"action": "create"}, "title"),
        ({"action": "delete"}, "collection"),
        ({"action": "rename"}, "collection"),
        ({"products": {"ids": ["p_1"]}}, "action"),
    ],
)
def test_what_is_missing_is_asked(said: dict[str, Any], field: str, bench: Any) -> None:
    asked = bench.ask("manage_collection", **said)
    assert isinstance(asked, Missing)
    assert asked.field == field


def test_of_a_collection_alone_is_asked_what_to_do_and_with_what(bench: Any) -> None:
    kitchen = ref(bench, "Kitchen")
    asked = [
        bench.ask("manage_collection", collection=kitchen, **said).field
        for said in ({}, {"action": "add"}, {"action": "remove"}, {"action": "rename"})
    ]
    assert asked == ["action", "products", "products", "title"]
