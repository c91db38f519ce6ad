"""The headline requests with the reader and the encoder that ship, on the small shop."""

from __future__ import annotations

import asyncio

import pytest
from desks import StandingClock

from agent.planning.planner import Planner
from agent.records import Ask
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        (
            "Put the blue mug at 12.50, show me what it sold last month and which customers bought it",
            [("change_price", "variants"), ("sales_report", "products"), ("find_customers", "bought")],
        ),
        ("top 5 products by revenue in November 2011 in France", [("sales_report", "period")]),
        ("find customers who spent over 500 euros this year and tag them as vip", [("find_customers", "spent"), ("tag_customers", "customers")]),
    ],
)
def test_a_request_is_planned_without_a_provider(planner: Planner, store: EmbeddedStore, text: str, planned: list[tuple[str, str]]) -> None:
    plan = asyncio.run(planner.plan(Ask(text, shop=store.shop.id), store, StandingClock()))
    assert (plan.questions, plan.not_done, plan.by) == ((), (), "student")
    assert [subtask.task for subtask in plan.subtasks] == [task for task, _ in planned]
    assert all(field in subtask.args for subtask, (_, field) in zip(plan.subtasks, planned, strict=True))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("what's the weather like tomorrow?", "out_of_scope"),
        ("setze den Preis der blauen Tasse auf zwölf Euro", "needs_provider"),
        ("delete everything", "not_supported"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_reason(planner: Planner, store: EmbeddedStore, text: str, code: str) -> None:
    plan = asyncio.run(planner.plan(Ask(text, shop=store.shop.id), store, StandingClock()))
    assert [told.code for told in plan.not_done] == [code] and plan.subtasks == ()
