"""Requests about orders: which numbers are orders', parcels', amounts and counts."""

from typing import Any

import pytest
from desks import Desk


def said(desk: Desk, marked: str) -> dict[str, Any]:
    [subtask] = desk.plan(marked).subtasks
    return {name: value.get("label", value) if isinstance(value, dict) else value for name, value in subtask.args.items() if value}


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[refund_order: refund 1040]", {"orders": "#1040"}),
        ("[cancel_order: cancel orders 1040, 1039 and 1038]", {"orders": "#1040, #1039, #1038"}),
        ("[cancel_order: cancel 1040 because it was placed twice]", {"orders": "#1040", "reason": "it was placed twice"}),
        ("[fulfil_order: ship order #1040 with DHL, tracking 00340434161094022115]",
         {"orders": "#1040", "carrier": "DHL", "tracking": "00340434161094022115"}),
        ("[edit_order: note on order 1040: leave at the door]", {"orders": "#1040", "note": "leave at the door"}),
        ("[refund_order: refund {money|50} to {customer|Anna Schmidt}]",
         {"customers": "Anna Schmidt", "amount": {"amount": "50.00", "currency": "EUR"}}),
    ],
)  # fmt: skip
def test_each_number_goes_where_it_is_said(marked: str, expected: dict[str, Any], desk: Desk) -> None:
    args = said(desk, marked)
    if isinstance(expected.get("amount"), dict):
        args["amount"] = {"amount": str(args["amount"]["amount"]), "currency": args["amount"]["currency"]}
    assert args == expected


@pytest.mark.parametrize(
    ("marked", "counts"),
    [
        ("[refund_order: refund 2 of {product|the blue ceramic mugs} from order #1040]", [2]),
        ("[create_draft_order: create a draft order with 2 {product|blue ceramic mugs} and 1 {product|beeswax candle}]", [1, 2]),
        ("[create_draft_order: draft order for {customer|Anna Schmidt}, 2x {product|blue ceramic mug}]", [2]),
    ],
)
def test_numbers_before_goods_count_them_and_are_no_amounts(marked: str, counts: list[int], desk: Desk) -> None:
    [subtask] = desk.plan(marked).subtasks
    assert sorted(subtask.args["counts"].values()) == counts
    assert not {"amount", "discount"} & set(subtask.args)


def test_what_an_order_is_to_become_does_not_tell_which_is_meant(desk: Desk) -> None:
    plan = desk.plan("[fulfil_order: mark {order|the order} as shipped]")
    assert [subtask.task for subtask in plan.subtasks] == ["fulfil_order"]
    assert [question.field for question in plan.questions] == ["orders"]


@pytest.mark.parametrize("whom", ["{customer|her}", "her", "{customer|the customer}", "the customer"])
def test_somebody_after_an_order_alone_is_who_placed_it(whom: str, desk: Desk) -> None:
    plan = desk.plan(f"[refund_order: refund {{order|order 1040}}] and [message_customer: tell {whom} that {{value|the money is on the way}}]")
    refund, message = plan.subtasks
    assert (message.args["orders"]["ids"], plan.questions) == (refund.args["orders"]["ids"], ())
    assert not message.args.get("customers")


def test_her_last_order_is_not_the_one_just_spoken_of(desk: Desk) -> None:
    plan = desk.plan("[refund_order: refund {order|order 1040}] and [cancel_order: cancel her last order]")
    assert not plan.subtasks[1].args.get("orders")


def test_whoever_was_named_is_written_to_rather_than_who_placed_the_order(desk: Desk) -> None:
    plan = desk.plan("[refund_order: refund {customer|Anna Schmidt}'s last order] and [message_customer: write to her that {value|we are sorry}]")
    message = plan.subtasks[1]
    assert (message.args["customers"]["label"], message.args.get("orders")) == ("Anna Schmidt", None)
