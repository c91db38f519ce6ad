"""What words take from one task goes to the task that other words speak for."""

from __future__ import annotations

import pytest

from agent.planning.linking.lexicon import weighed
from agent.registry import discover


@pytest.mark.parametrize(
    ("said", "read_as", "meant"),
    [
        ("revenue from new vs returning customers by month", "customer_insights", "sales_report"),
        ("customers by country in 2011", "find_customers", "sales_report"),
        ("customers who have expressed dissatisfaction with the mug", "review_insights", "find_reviews"),
    ],
)
def test_words_against_one_task_speak_for_another(said: str, read_as: str, meant: str) -> None:
    tasks = discover().tasks
    before = {read_as: 0.8, meant: 0.1}
    after = weighed(said, before, tasks)
    assert after[meant] > 0.7 > after[read_as]
    assert sum(after.values()) == pytest.approx(sum(before.values()))


def test_words_that_speak_for_a_task_take_nothing_by_themselves() -> None:
    tasks = discover().tasks
    before = {"find_orders": 0.7, "sales_report": 0.2}
    assert weighed("orders by what time", before, tasks) == pytest.approx(before)
