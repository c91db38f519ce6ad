"""Questions about numbers as owners ask them, on the demo shop and with the students that ship: what they come to, and what a
follow-up makes of them. A report that leaves a word of the question out tells a number that answers another one.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from desks import StandingClock

from agent.planning.planner import Planner
from agent.records import Ask, Plan, Turn
from agent.stores.embedded.store import EmbeddedStore


def plan_of(planner: Planner, demo: EmbeddedStore, text: str, *turns: Turn) -> Plan:
    return asyncio.run(planner.plan(Ask(text, shop=demo.shop.id, locale="en-GB"), demo, StandingClock(), turns))


def told(plan: Plan) -> list[dict[str, Any]]:
    """Each part's task and fields: times as their first and last day, records by their label."""
    return [
        {"task": part.task, **{name: _short(value) for name, value in part.args.items() if value not in (None, [], False)}} for part in plan.subtasks
    ]


def _short(value: Any) -> Any:
    match value:
        case {"start": start, "end": end}:
            return f"{start[:10]}/{end[:10]}"
        case {"$ref": ref}:
            return ref
        case {"label": label}:
            return label
        case _:
            return value


OCTOBER, THIS_MONTH = "2026-10-01/2026-11-01", "2026-11-01/2026-11-21"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "show me revenue by country for October and compare it with last October",
            [{"task": "sales_report", "metrics": ["revenue"], "by": ["country"], "period": OCTOBER, "compare": "2025-10-01/2025-11-01"}],
        ),
        (
            "month over month revenue for this year",
            [{"task": "sales_report", "metrics": ["revenue"], "by": ["month"], "period": "2026-01-01/2026-11-21"}],
        ),
        ("what share of revenue comes from Germany", [{"task": "sales_report", "metrics": ["revenue"], "places": ["Germany"], "share": True}]),
        (
            "what percentage of orders are from new customers this month",
            [{"task": "sales_report", "metrics": ["orders"], "customer_kind": "new", "period": THIS_MONTH, "share": True}],
        ),
        (
            "how much did returning customers spend versus new ones this month",
            [{"task": "sales_report", "metrics": ["revenue"], "by": ["customer_kind"], "period": THIS_MONTH}],
        ),
        ("which country do most of our customers come from", [{"task": "find_customers", "by": "country"}]),
        ("which city orders the most", [{"task": "sales_report", "metrics": ["orders"], "by": ["city"], "order": "best"}]),
        ("who spent the most in October", [{"task": "find_customers", "group": "best", "period": OCTOBER}]),
        (
            "show me new customers this month and what they bought",
            [
                {"task": "find_customers", "group": "new", "period": THIS_MONTH},
                {"task": "sales_report", "by": ["product"], "customers": "s1.customers", "period": THIS_MONTH},
            ],
        ),
        (
            "how many refunds did we make in October and how much money was that",
            [
                {"task": "sales_report", "metrics": ["refunds"], "period": OCTOBER},
                {"task": "sales_report", "metrics": ["refunded"], "period": OCTOBER},
            ],
        ),
        (
            "sales of mugs and sales of bowls in October",
            [
                {"task": "sales_report", "metrics": ["revenue"], "period": OCTOBER, "products": "mugs"},
                {"task": "sales_report", "metrics": ["revenue"], "period": OCTOBER, "products": "bowls"},
            ],
        ),
        (
            "how many orders over 200 euros did we get in October",
            [{"task": "find_orders", "period": OCTOBER, "total": {"above": {"amount": "200.00", "currency": "EUR"}}}],
        ),
        ("which products made the most profit in October", [{"task": "product_performance", "show": "profit", "period": OCTOBER}]),
        ("how many times was a discount code used in October", [{"task": "find_discounts", "used_in": OCTOBER}]),
        ("what are people searching for without finding anything", [{"task": "search_terms", "show": "without_results"}]),
    ],
)
def test_a_question_about_numbers_keeps_all_it_says(planner: Planner, demo: EmbeddedStore, said: str, expected: list[dict[str, Any]]) -> None:
    plan = plan_of(planner, demo, said)
    assert told(plan) == expected
    assert plan.questions == () and plan.not_done == ()


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("revenue in October", "and the year before?", {"task": "sales_report", "metrics": ["revenue"], "period": "2025-10-01/2025-11-01"}),
        (
            "revenue in October",
            "compare with the month before",
            {"task": "sales_report", "metrics": ["revenue"], "period": OCTOBER, "compare": "2026-09-01/2026-10-01"},
        ),
        (
            "why were sales down in October",
            "which countries were affected?",
            {"task": "explain_change", "by": ["country"], "metric": "revenue", "period": OCTOBER},
        ),
        ("how many orders in October", "how much was that in total?", {"task": "sales_report", "metrics": ["revenue"], "period": OCTOBER}),
        (
            "how many orders in October",
            "and what was the average value?",
            {"task": "sales_report", "metrics": ["average_order_value"], "period": OCTOBER},
        ),
        (
            "revenue by channel this month compared with last month",
            "why is Instagram down?",
            {"task": "explain_change", "channels": ["Instagram"], "period": THIS_MONTH, "compare": "2026-10-01/2026-10-21"},
        ),
    ],
)
def test_a_question_after_a_report_is_of_its_time_and_kind(
    planner: Planner, demo: EmbeddedStore, first: str, then: str, expected: dict[str, Any]
) -> None:
    before = plan_of(planner, demo, first)
    assert told(plan_of(planner, demo, then, Turn(run="run_1", plan=before))) == [expected]


def test_what_customers_of_a_time_bought_is_what_they_bought_in_it(planner: Planner, demo: EmbeddedStore) -> None:
    found = {"s1": {"customers": {"ids": ["c_1", "c_2"], "where": {}, "label": "the customers found"}}}
    turn = Turn(run="run_1", plan=plan_of(planner, demo, "best customers in October"), found=found)
    (part,) = told(plan_of(planner, demo, "what did they buy?", turn))
    assert (part["task"], part["by"], part["period"], part["customers"]) == ("sales_report", ["product"], OCTOBER, "the customers found")


def test_a_forecast_is_not_broken_down_into_a_report_of_what_was(planner: Planner, demo: EmbeddedStore) -> None:
    turn = Turn(run="run_1", plan=plan_of(planner, demo, "forecast revenue for next month"))
    plan = plan_of(planner, demo, "by country?", turn)
    assert plan.subtasks == () and [part.code for part in plan.not_done] == ["not_supported"]


@pytest.mark.parametrize(
    "text", ["make a tax report for last quarter", "generate a tax report for this year", "create a tax report for Q1", "tax report october"]
)
def test_a_report_is_made_by_looking(planner: Planner, demo: EmbeddedStore, text: str) -> None:
    (subtask,) = plan_of(planner, demo, text).subtasks
    assert subtask.task == "sales_report" and "tax" in subtask.args["metrics"]
