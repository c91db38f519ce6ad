"""Times after "from", goods said once of two questions, what is done to some of what was just found, and stock as a condition."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent.planning.planner import Planner
from agent.records import Ask
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore


def parts(text: str, planner: Planner, demo: EmbeddedStore) -> list[tuple[str, dict[str, Any]]]:
    plan = asyncio.run(planner.plan(Ask(text, shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone)))
    assert not plan.questions and not plan.not_done
    return [(subtask.task, dict(subtask.args)) for subtask in plan.subtasks]


@pytest.mark.parametrize(
    ("text", "label"), [("unpaid orders from october", "october"), ("orders from friday", "friday"), ("show me the orders from december", "december")]
)
def test_a_name_after_from_is_the_one_that_was(text: str, label: str, planner: Planner, demo: EmbeddedStore) -> None:
    ((task, args),) = parts(text, planner, demo)
    now = ShopClock(demo.shop.time_zone).now()
    assert (task, args["period"]["label"]) == ("find_orders", label)
    assert args["period"]["end"] <= now.isoformat() or args["period"]["start"] <= now.isoformat()


@pytest.mark.parametrize("goods", ["dresses", "candles", "linen shirts"])
def test_goods_said_once_are_of_both_questions(goods: str, planner: Planner, demo: EmbeddedStore) -> None:
    (first, then) = parts(f"how did the {goods} do compared to last year, and why", planner, demo)
    assert (first[0], then[0]) == ("sales_report", "explain_change")
    assert first[1]["products"]["ids"] == then[1]["products"]["ids"]


@pytest.mark.parametrize("goods", ["teapot", "wool blanket"])
def test_the_ones_about_goods_are_of_the_reviews_just_found(goods: str, planner: Planner, demo: EmbeddedStore) -> None:
    (found, hidden) = parts(f"show me the reviews from this month and hide the ones about the {goods}", planner, demo)
    assert (found[0], hidden[0]) == ("find_reviews", "moderate_reviews")
    assert hidden[1]["period"] == found[1]["period"] and hidden[1]["products"]["ids"]


@pytest.mark.parametrize(
    ("text", "sort", "top"),
    [
        ("find the oldest unfulfilled order and add the note rush", "oldest", 1),
        ("find the largest order this month and tag it check", "total", 1),
        ("find the newest open order and message the customer", "recent", 1),
        ("biggest order this year", "total", 1),
        ("top 3 biggest orders this year", "total", 3),
        ("show me the latest orders", "recent", None),
        ("find the three oldest open orders", "oldest", 3),
    ],
)
def test_the_oldest_order_is_one_and_what_is_done_with_it_is_done_to_no_other(
    text: str, sort: str, top: int | None, planner: Planner, demo: EmbeddedStore
) -> None:
    task, args = parts(text, planner, demo)[0]
    assert (task, args["sort"], args.get("top")) == ("find_orders", sort, top)
