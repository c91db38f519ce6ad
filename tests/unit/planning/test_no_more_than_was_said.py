"""Changes that would do more than was said, or something else: all of an order for one thing in it, everybody's orders for one person's."""

from __future__ import annotations

import asyncio

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.records import Plan
from agent.sdk import OrderWhere
from agent.stores.embedded.store import EmbeddedStore


def done_unasked(plan: Plan) -> list[str]:
    return [one.task for one in plan.subtasks if one.effect in ("write", "action") and one.id not in plan.waiting()]


@pytest.mark.parametrize(
    "text",
    [
        "cancel the travel mug in order 20997",
        "cancel the travel mug on 20997",
        "cancel the aran jumper in order #20997",
        "cancel item “Travel Mug” in order #20997",
        "void the travel mug from order 20997",
        "cancel the aran jumper from his order 20997",
    ],
)
def test_one_thing_of_an_order_does_not_cancel_all_of_it(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert done_unasked(planned(planner, demo, text)) == []


@pytest.mark.parametrize("text", ["cancel order 20997", "cancel order #20997 because it was placed twice", "void 20997"])
def test_an_order_by_its_number_is_cancelled_unasked(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert done_unasked(planned(planner, demo, text)) == ["cancel_order"]


@pytest.mark.parametrize(
    "text",
    [
        "delete all tags from i.novak@example.com",
        "erase the note of {who}",
        "wipe the address of {who}",
        "delete {who}'s address",
        "erase the tags of {who}",
    ],
)
def test_what_is_kept_of_somebody_is_not_all_erased_for_one_thing(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    who = next(one.name for one in asyncio.run(demo.customers()).items)
    assert done_unasked(planned(planner, demo, text.format(who=who))) == []


@pytest.mark.parametrize(
    "text",
    [
        "tag {who}'s orders with the travel mug as gift",
        "cancel {who}'s order with the aran jumper",
        "refund {who}'s order with the travel mug",
        "cancel {who}'s order containing the travel mug",
    ],
)
def test_whose_orders_they_are_is_heard_beside_what_is_in_them(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    people = asyncio.run(demo.customers()).items
    who = next(one for one in people if sum(one.name == other.name for other in people) == 1)
    plan = planned(planner, demo, text.format(who=who.name))
    if plan.questions:  # of several that are one person's it is asked which
        (question,) = plan.questions
        offered = asyncio.run(demo.orders(OrderWhere(ids=[option.value for option in question.options]))).items
        assert offered and all(order.customer_id == who.id for order in offered)
        return
    finder, change = plan.subtasks
    assert (finder.task, finder.args["customers"]["label"]) == ("find_orders", who.name)
    assert change.args["orders"] == {"$ref": f"{finder.id}.orders"}


@pytest.mark.parametrize("text", ["tag Zebulon's orders with the travel mug as gift", "refund zoe@nowhere.example's order with the travel mug"])
def test_orders_of_somebody_unknown_are_nobodys(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert done_unasked(planned(planner, demo, text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "how many travel mugs are there? it should be 40",
        "stock of the travel mug? set it to 12",
        "is it true that we have 900 travel mugs? that should be 90",
        "how many travel mugs do we have? they ought to be ninety",
    ],
)
def test_a_bare_number_after_a_look_at_the_stock_is_no_price(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, text)
    assert [one.task for one in plan.subtasks] == ["inventory_report", "adjust_inventory"]


@pytest.mark.parametrize("text", ["what does the travel mug cost? make it 40", "how many travel mugs do we have, and set them to 12 euros"])
def test_a_price_is_a_price_where_it_was_spoken_of(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert planned(planner, demo, text).subtasks[-1].task == "change_price"


@pytest.mark.parametrize("text", ["put revenue on a weekly schedule", "put average order value on a monthly schedule"])
def test_what_is_put_on_a_schedule_switches_none_on(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert [one.task for one in planned(planner, demo, text).subtasks] == ["schedule_report"]
