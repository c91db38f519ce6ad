"""Follow-ups that pick of what was shown, and what is done with it next: of those records and no others, whatever the list was of."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from desks import Desk

from agent.planning.threads.which_of import which_alone, which_in
from agent.records import Ask, Plan, Proposed, Turn
from agent.records.changes import SetState

FOUND = ("c_1", "c_2", "c_3", "c_4", "c_5")
CUSTOMERS = "[find_customers: which customers are from {place|Germany}]"
ORDERS = "[find_orders: orders over {money|300 euros} {period|last week}]"


def turn(plan: Plan, *, state: SetState | None = None, run: str = "run_1", found: dict[str, dict[str, Any]] | None = None) -> Turn:
    proposed = [Proposed(subtask=plan.subtasks[0].id, change_set="cs_1", state=state, summary="What was proposed")] if state else []
    return Turn(run=run, plan=plan, proposed=proposed, found=found or {})


def after(desk: Desk, text: str, *turns: Turn) -> Plan:
    said = desk.pupils.reader.teach(text) if text.startswith("[") else text
    return asyncio.run(desk.planner.plan(Ask(said, shop=desk.store.shop.id), desk.store, desk.clock, turns))


def listing(plan: Plan, field: str, *ids: str, run: str = "run_1") -> Turn:
    return turn(plan, found={"s1": {field: {"ids": list(ids), "where": {}, "label": f"the {field} found"}}}, run=run)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("the second one", "b"),
        ("number 3", "c"),
        ("no. 2 please", "b"),
        ("2nd", "b"),
        ("what about the third?", "c"),
        ("the last two", "de"),
        ("the second to last", "d"),
        ("just 4 of them", "abcd"),
        ("any five", "abcde"),
        ("show me the top 3", "abc"),
        ("the first and the last", "ae"),
        ("numbers 2, 4 and 5", "bde"),
        ("all but the first", "bcde"),
        ("everything except the last two", "abc"),
        ("yes but not the second one", "acde"),
        ("skip the third", "abde"),
        ("number 9", ""),
    ],
)
def test_places_in_a_list_are_those_of_the_list(text: str, ids: str) -> None:
    which = which_alone(text)
    assert which is not None and "".join(which.of(tuple("abcde"))) == ids


@pytest.mark.parametrize(
    "text", ["no 3", "no 15", "the last week", "the last 3 days", "5", "just 5", "number 20990", "the first of november", "order 3", "number 0"]
)
def test_what_only_looks_like_a_place_is_none(text: str) -> None:
    assert which_alone(text) is None


@pytest.mark.parametrize(
    ("said", "words", "ids"),
    [
        ("hide the last two", "the last two", "de"),
        ("tag all but the first", "all but the first", "bcde"),
        ("tag the first and the third one vip", "the first and the third one", "ac"),
        ("tag the first two gold", "the first two", "ab"),
        ("reply to number 2", "number 2", "b"),
        ("send just 3 of them a note", "just 3 of them", "abc"),
    ],
)
def test_an_order_names_places_beside_what_is_to_be_done(said: str, words: str, ids: str) -> None:
    which = which_in(said)
    assert which is not None and said[which.start : which.end] == words and "".join(which.of(tuple("abcde"))) == ids


@pytest.mark.parametrize("said", ["cancel order number 2", "show the first two weeks", "sales of the last 3 months", "the first order of may"])
def test_times_and_numbers_of_orders_are_no_places(said: str) -> None:
    assert which_in(said) is None


@pytest.mark.parametrize(("said", "ids"), [("just 2 of them", FOUND[:2]), ("only the first three", FOUND[:3]), ("all but the last", FOUND[:-1])])
def test_what_is_done_with_them_next_is_done_with_those_that_were_picked(desk: Desk, said: str, ids: tuple[str, ...]) -> None:
    first = desk.plan(CUSTOMERS)
    shown = listing(first, "customers", *FOUND)
    picked = after(desk, said, shown)
    assert tuple(picked.subtasks[0].args["customers"]["ids"]) == ids
    tagged = after(desk, "[tag_customers: tag {customer|them} as {tag|vip}]", shown, listing(picked, "customers", *ids, run="run_2"))
    assert tuple(tagged.subtasks[0].args["customers"]["ids"]) == ids


def test_one_of_a_list_is_shown_in_full_and_another_is_picked_of_the_same_list(desk: Desk) -> None:
    shown = listing(desk.plan(CUSTOMERS), "customers", *FOUND)
    third = after(desk, "number 3", shown)
    assert (third.subtasks[0].task, third.subtasks[0].args["customers"]["ids"]) == ("show_customer", ["c_3"])
    looked = listing(third, "customers", "c_3", run="run_2")
    assert after(desk, "no, the second one", shown, looked).subtasks[0].args["customers"]["ids"] == ["c_2"]
    assert after(desk, "number 7", shown).subtasks == ()


def test_orders_that_are_narrowed_stay_those_orders_and_are_not_searched_for_by_their_goods(desk: Desk) -> None:
    found = {
        "s1": {name: {"ids": ids, "where": {}, "label": f"the {name}"} for name, ids in (("orders", ["o_1", "o_2"]), ("products", ["p_1", "p_2"]))}
    }
    shown = turn(desk.plan(ORDERS), found=found)
    for said in ("which are not shipped", "which of them are unshipped?", "any unshipped?"):
        args = after(desk, said, shown).subtasks[0].args
        assert args["fulfilment"] == "unfulfilled" and "products" not in args
        assert args.get("total") == {"above": {"amount": "300.00", "currency": "EUR"}} or args["orders"]["ids"] == ["o_1", "o_2"]


def test_a_state_said_by_its_own_name_takes_the_place_of_the_one_before(desk: Desk) -> None:
    shown = listing(desk.plan("[find_orders: {period|yesterday}'s unpaid orders]"), "orders", "o_1", "o_2")
    assert shown.plan.subtasks[0].args["payment"] == "pending"
    assert after(desk, "and the paid ones?", shown).subtasks[0].args["payment"] == "paid"


@pytest.mark.parametrize("said", ["how much are they worth together?", "what do they come to?", "what's the total?", "how many is that in total?"])
def test_what_they_come_to_is_asked_of_the_same_search(desk: Desk, said: str) -> None:
    args = after(desk, said, listing(desk.plan(ORDERS), "orders", "o_1", "o_2")).subtasks[0].args
    assert args["total"] == {"above": {"amount": "300.00", "currency": "EUR"}} and "period" in args


@pytest.mark.parametrize("said", ["the cheapest of them", "the most expensive of those", "the cheapest one", "the dearest"])
def test_one_of_a_list_by_what_sets_it_apart_is_one_alone(desk: Desk, said: str) -> None:
    kitchen = desk.plan("[find_products: show {product|everything in the kitchen collection}]")
    args = after(desk, said, turn(kitchen, found={"s1": {"products": dict(kitchen.subtasks[0].args["products"])}})).subtasks[0].args
    assert args["top"] == 1 and args["sort"].startswith("price")


def test_it_is_what_the_search_left_and_not_all_that_it_looked_among(desk: Desk) -> None:
    kitchen = desk.plan("[find_products: show {product|everything in the kitchen collection}]")
    one = kitchen.subtasks[0].args["products"]["ids"][0]
    shown = turn(kitchen, found={"s1": {"products": {"ids": [one], "where": {}, "label": "kitchen"}}})
    hidden = after(desk, "[edit_product: hide {product|it}]", shown)
    assert hidden.subtasks[0].args["products"]["ids"] == [one]


@pytest.mark.parametrize("said", ["yes but not the second one", "only the first", "all but the second", "skip number 2", "just number 1"])
def test_some_of_what_waits_are_taken_out_by_their_places(desk: Desk, said: str) -> None:
    shown = listing(desk.plan(CUSTOMERS), "customers", "c_1", "c_2")
    tagged = after(desk, "[tag_customers: tag {customer|them} as {tag|vip}]", shown)
    plan = after(desk, said, shown, turn(tagged, state="open", run="run_2"))
    assert [(one.task, one.args["customers"]["ids"]) for one in plan.subtasks] == [("tag_customers", ["c_1"])]
    assert [(one.run, one.subtask) for one in plan.replaces] == [("run_2", "s1")]


@pytest.mark.parametrize(
    "words", ["and make it {money|24 euros}", "put it at {money|24 euros}", "now {money|24 euros}", "could you make it {money|24 euros}?"]
)
@pytest.mark.parametrize("first", ["rename {product|the blue mug} to {value|Big Mug}", "hide {product|the blue mug}"])
def test_an_amount_after_another_change_is_the_price_and_comes_beside_it(desk: Desk, first: str, words: str) -> None:
    plan = after(desk, f"[change_price: {words}]", turn(desk.plan(f"[edit_product: {first}]"), state="open"))
    assert [(one.task, one.args.get("price", {}).get("amount")) for one in plan.subtasks] == [("change_price", "24.00")]
    assert plan.replaces == ()


def test_an_amount_after_an_old_price_is_that_old_price(desk: Desk) -> None:
    crossed = desk.plan("[edit_product: set the compare at price of {product|the blue mug} to {money|40 euros}]")
    plan = after(desk, "[change_price: make it {money|45 euros}]", turn(crossed, state="open"))
    assert plan.subtasks[0].args["compare_at_price"]["amount"] == "45.00" and len(plan.replaces) == 1
