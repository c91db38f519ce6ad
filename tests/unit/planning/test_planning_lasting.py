"""A rule is one clause, whatever the reader cut it into; and no more than the rule."""

from __future__ import annotations

import pytest

from agent.planning.clauses.lasting import gathered
from agent.records.reading import Clause
from agent.registry import discover

TASKS = discover(plugins=False).tasks


def cut(text: str, *parts: tuple[str, str]) -> list[Clause]:
    """The text's clauses as a reader might see them: words and label."""
    return [
        Clause(start=text.index(words), end=text.index(words) + len(words), labels=((label, 0.9),), slots=()) for words, label in parts
    ]  # fmt: skip


def seen(text: str, *parts: tuple[str, str]) -> list[tuple[str, str]]:
    return [(text[c.start : c.end], c.labels[0][0]) for c in gathered(text, cut(text, *parts), TASKS)]


def test_what_a_rule_does_is_part_of_it() -> None:
    text = "let me know whenever stock of a product drops below 5 and tag it low-stock"
    parts = (("let me know whenever stock of a product drops below 5", "inventory_report"), ("tag it low-stock", "edit_product"))
    assert seen(text, *parts) == [(text, "create_automation")]


def test_another_sentence_is_none_of_the_rules_business() -> None:
    text = "Hide the blue mug. When a review comes in, notify me."
    parts = (("Hide the blue mug", "edit_product"), ("When a review comes in, notify me", "review_insights"))
    assert seen(text, *parts) == [("Hide the blue mug", "edit_product"), ("When a review comes in, notify me", "create_automation")]


def test_what_is_asked_before_the_rule_stays_by_itself() -> None:
    text = "set the mug to 12 and whenever it sells out tell me"
    parts = (("set the mug to 12", "change_price"), ("whenever it sells out tell me", "forecast_stockout"))
    assert seen(text, *parts) == [("set the mug to 12", "change_price"), ("whenever it sells out tell me", "create_automation")]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("if it sold less than 10, drop it to 9", "change_price"), ("when did the blue mug sell out", "forecast_stockout"),
        ("sales by month for last year", "sales_report"), ("how do I get notified when an order comes in", "how_to"),
        ("show me revenue for each month", "sales_report"), ("what happens when a product is sold out", "how_to"),
        ("tag all customers who spent more than 500 vip", "tag_customers"), ("hide the sold out products", "edit_product"),
    ],
)  # fmt: skip
def test_a_request_for_now_is_left_as_it_is(text: str, label: str) -> None:
    assert seen(text, (text, label)) == [(text, label)]


@pytest.mark.parametrize(
    "text", ["every Monday send me revenue by channel", "email me best sellers on the first of each month", "schedule a weekly report of returns"]
)
def test_what_recurs_is_a_scheduled_report(text: str) -> None:
    assert seen(text, (text, "sales_report")) == [(text, "schedule_report")]


@pytest.mark.parametrize(
    "text", ["turn the low stock workflow back on", "unpause my automation", "enable the review automation again", "turn off the alert"]
)
def test_turning_a_rule_on_or_off_is_no_edit_of_it(text: str) -> None:
    assert seen(text, (text, "edit_automation")) == [(text, "pause_automation")]
