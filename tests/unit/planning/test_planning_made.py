"""What a later part does with one of what was found, with the others of it, and with what an earlier part is to make."""

from __future__ import annotations

from typing import Any

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.records import Plan
from agent.stores.embedded.store import EmbeddedStore


def references(plan: Plan) -> dict[str, list[Any]]:
    """By task the references among the args of its subtasks, in the order asked."""
    found: dict[str, list[Any]] = {}
    for subtask in plan.subtasks:
        found.setdefault(subtask.task, []).extend(v["$ref"] for v in subtask.args.values() if isinstance(v, dict) and "$ref" in v)
    return found


@pytest.mark.parametrize(
    ("text", "task", "expected"),
    [
        ("Create a product Walnut Tray at 34 euros and write a description for it", "write_description", ["s1.made"]),
        ("Set up a code for free shipping over 80 euros and write a blog post about it", "write_post", ["s1.code"]),
        ("Show me the three most expensive candles and lower the price of the second to 20 euros", "change_price", ["s1.products[1]"]),
        ("List the latest 5 orders and cancel the last one", "cancel_order", ["s1.orders[-1]"]),
        (
            "Find mugs under 20 euros, hide the cheapest one and tag the others bargain",
            "edit_product",
            ["s2.products", "s1.products without s2.products"],
        ),
        (
            "List our five best customers this year and tag the first one platinum and the rest gold",
            "tag_customers",
            ["s1.customers[0]", "s1.customers[~0]"],
        ),
        ("Show me the orders over 300 euros. Tag the largest one priority", "edit_order", ["s2.orders"]),
    ],
)
def test_a_later_part_is_about_that_one_and_no_other(text: str, task: str, expected: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    assert references(planned(planner, demo, text))[task] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Which products have bad reviews? Hide the worst one",
        "Show me the 1-star reviews from this month and reply to the others",
        "Find the most expensive candles and change the price of the others by 10%",
    ],
)
def test_one_of_several_of_which_it_is_not_known_which_is_asked_about(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, text)
    assert plan.subtasks[-1].id in {question.subtask for question in plan.questions}


def test_everything_in_a_new_collection_is_not_everything_there_is(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "Create a collection called Tea Time with the milk jug and take 10% off everything in it")
    assert plan.subtasks[-1].args["variants"]["label"] == "Milk Jug"


def test_the_way_of_a_percentage_that_nothing_tells_is_asked_about(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "change the price of the milk jug by 10%")
    assert [question.field for question in plan.questions] == ["direction"]
