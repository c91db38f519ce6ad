"""What no shop's data holds is refused in words of its own, and what sounds like it is answered: read with the reader that ships."""

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
    ("text", "words"),
    [
        ("how old are our customers", "age, gender"),
        ("what is the average age of our buyers", "age, gender"),
        ("sales by gender this year", "age, gender"),
        ("do more women or men buy from us", "age, gender"),
        ("what does google think of us", "said of it elsewhere"),
        ("what do people say about us on trustpilot", "said of it elsewhere"),
        ("how are our google reviews", "said of it elsewhere"),
        ("what would happen if i raised prices by 5%", "a change would bring"),
        ("how much more would we sell if we offered free shipping", "a change would bring"),
        ("slowest fulfilment last month", "is not measured"),
        ("how long do we take to ship on average", "is not measured"),
        ("what's our average shipping time", "is not measured"),
        ("which order took the longest to ship", "is not measured"),
    ],
)
def test_what_is_not_kept_is_said_to_be_so(planner: Planner, store: EmbeddedStore, text: str, words: str) -> None:
    plan = planned(planner, store, text)
    assert plan.subtasks == () and not plan.questions
    assert [(part.code, words in part.reason) for part in plan.not_done] == [("not_supported", True)]


@pytest.mark.parametrize(
    ("text", "task", "args"),
    [
        ("what do customers say about the mugs", "review_insights", {}),
        ("sales on instagram last month", "sales_report", {"metrics": ["revenue"]}),
        ("the oldest unfulfilled orders", "find_orders", {"sort": "oldest"}),
        ("forecast for december", "forecast_sales", {}),
        ("total refunded last month", "sales_report", {"metrics": ["refunded"]}),
        ("value of refunds in october", "sales_report", {"metrics": ["refunded"]}),
        ("how many refunds did we make last month", "sales_report", {"metrics": ["refunds"]}),
        ("which product gets refunded most", "product_performance", {"show": "returned"}),
        ("most refunded products this year", "product_performance", {"show": "returned"}),
        ("gross margin by product type last month", "product_performance", {"show": "margin", "by": "product_type"}),
        ("which brand has the best margin", "product_performance", {"show": "margin", "by": "vendor"}),
        ("what's our profit margin this year", "product_performance", {"show": "margin", "by": None}),
        ("which vendor makes us the most profit", "product_performance", {"show": "profit", "by": "vendor"}),
        ("why are returns up", "explain_change", {"metric": "returns"}),
        ("why did refunds go up last month", "explain_change", {"metric": "refunds"}),
        ("why did revenue drop last week", "explain_change", {"metric": "revenue"}),
        ("whats the worst rated product", "find_products", {"sort": "worst_rated"}),
        ("our best rated products", "find_products", {"sort": "best_rated"}),
    ],
)
def test_what_is_kept_is_answered_with_what_was_asked(planner: Planner, store: EmbeddedStore, text: str, task: str, args: dict[str, Any]) -> None:
    (only,) = planned(planner, store, text).subtasks
    assert (only.task, {name: only.args.get(name) for name in args}) == (task, args)
