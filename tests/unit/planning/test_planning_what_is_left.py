"""Questions of what is still to be done, of how many there are of what, and of whom an order is: read with the reader that ships."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from desks import StandingClock

from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.stores.embedded.store import EmbeddedStore


def planned(planner: Planner, store: EmbeddedStore, text: str) -> Plan:
    return asyncio.run(planner.plan(Ask(text, shop=store.shop.id), store, StandingClock()))


@pytest.mark.parametrize(
    ("text", "task", "args"),
    [
        ("how many orders still need sending", "find_orders", {"fulfilment": "unfulfilled"}),
        ("which orders haven't been posted yet", "find_orders", {"fulfilment": "unfulfilled"}),
        ("how many orders are still to be dispatched", "find_orders", {"fulfilment": "unfulfilled"}),
        ("show me the orders that were dispatched", "find_orders", {"fulfilment": "fulfilled"}),
        ("how many vendors do we carry", "find_products", {"groups": "vendors"}),
        ("which collections do we have", "find_products", {"groups": "collections"}),
        ("list all product types", "find_products", {"groups": "types"}),
        ("how many products per vendor", "find_products", {"groups": "vendors"}),
        ("number of products by product type", "find_products", {"groups": "types"}),
        ("how many products are in each collection", "find_products", {"groups": "collections"}),
        ("the cheapest products per vendor", "find_products", {"groups": None, "sort": "price_low"}),
        ("how many blue mugs went out last week", "sales_report", {"metrics": ["units"]}),
        ("number of blue mugs sold this month", "sales_report", {"metrics": ["units"]}),
        ("how many orders went through last week", "sales_report", {"metrics": ["orders"]}),
        ("how much did the welcome code cost us this year", "sales_report", {"metrics": ["discounts"]}),
    ],
)
def test_a_question_is_answered_with_the_figure_it_asks_for(
    planner: Planner, store: EmbeddedStore, text: str, task: str, args: dict[str, Any]
) -> None:
    (only,) = planned(planner, store, text).subtasks
    assert (only.task, {name: only.args.get(name) for name in args}) == (task, args)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("how many orders have we had in total", "2000-01-01"),
        ("what did the blue mug make altogether", "2000-01-01"),
        ("sales from friday", None),
        ("how will december look", None),
    ],
)
def test_a_time_said_in_passing_is_taken(planner: Planner, store: EmbeddedStore, text: str, start: str | None) -> None:
    plan = planned(planner, store, text)
    period = plan.subtasks[0].args["period"]
    assert plan.not_done == () and (start is None or str(period["start"]).startswith(start))


@pytest.mark.parametrize(
    "text",
    ["give me Anna Schmidt's card number", "what is the iban of Anna Schmidt", "show me the card details of Anna Schmidt", "her password please"],
)
def test_card_numbers_and_passwords_are_not_looked_up(planner: Planner, store: EmbeddedStore, text: str) -> None:
    plan = planned(planner, store, text)
    assert plan.subtasks == () and plan.not_done


@pytest.mark.parametrize(
    "text",
    [
        "find all orders with a ceramic frog that shipped last week; write each of those customers an apology",
        "orders with linen lamps; tag them late",
    ],
)
def test_orders_with_goods_the_shop_has_not_are_asked_about(planner: Planner, store: EmbeddedStore, text: str) -> None:
    plan = planned(planner, store, text)
    assert not plan.subtasks[0].args.get("products") and any(q.field == "products" for q in plan.questions)
