"""what_can_you_do: the registry told in its own words, no more and no less."""

from typing import Any

import pytest


def test_every_task_is_listed_with_its_own_summary_and_example(bench: Any) -> None:
    answer = bench.ask("what_can_you_do")
    rows = {row[0]: row[1:] for row in answer.data.table.rows}
    assert rows == {
        name.replace("_", " "): [task.summary, rows[name.replace("_", " ")][1], task.examples[0]] for name, task in bench.registry.tasks.items()
    }
    assert answer.data.count == len(bench.registry)
    assert rows["change price"][1] == "changes something, once you approve it"


@pytest.mark.parametrize(("kind", "effects"), [("look_up", {"read"}), ("write_text", {"draft"}), ("change", {"write", "action"})])
def test_one_kind_is_told_alone(kind: str, effects: set[str], bench: Any) -> None:
    answer = bench.ask("what_can_you_do", kind=kind)
    assert set(answer.data.tasks) == {name for name, task in bench.registry.tasks.items() if task.effect in effects}


def test_a_topic_narrows_the_list(bench: Any) -> None:
    about = bench.ask("what_can_you_do", about="discount codes").data.tasks
    assert {"create_discount", "find_discounts"} <= set(about)
    assert "review_insights" not in about


def test_what_cannot_be_done_is_not_made_up(bench: Any) -> None:
    answer = bench.ask("what_can_you_do", about="payroll")
    assert (answer.data.count, answer.data.tasks) == (0, [])
    assert str(answer.text) == "Nothing here has to do with “payroll”."
