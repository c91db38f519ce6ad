"""A second reader's labels as plans: right where they say what the set says, and wrong where they do not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.evals.gold import GoldScore, grade_gold, read_gold
from agent.registry import discover

agreement: Any = pytest.importorskip("bench.agreement", reason="the benchmarks are not beside the tests")

TEXT = "how did the mugs sell last month, and hide them; then how did the mugs sell"
PARTS = [
    {"task": "sales_report", "span": "how did the mugs sell", "slots": {"product": "mugs"}},
    {"task": "edit_product", "span": "hide them", "slots": {}, "refs": {"product": [1]}},
    {"task": "sales_report", "span": "how did the mugs sell", "slots": {"product": "mugs"}},
]
TASKS = dict(discover(plugins=False).tasks)


def gold(folder: Path, parts: list[dict[str, Any]], text: str = TEXT) -> Any:
    row = {"id": "g1", "text": text, "style": "plain", "outcome": "plan", "parts": parts}
    path = folder / "gold.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (request,) = read_gold(path, frozenset(TASKS))
    return request


def second(changed: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    return {"id": "g1", "parts": [{**part, **changed.get(number, {})} for number, part in enumerate(PARTS, 1)]}


def test_labels_become_a_plan_whose_parts_stand_where_they_were_said(tmp_path: Path) -> None:
    plan = agreement.as_plan(gold(tmp_path, PARTS), second({}), TASKS)
    assert [(s.id, s.task, tuple(s.after)) for s in plan.subtasks] == [
        ("s1", "sales_report", ()),
        ("s2", "edit_product", ("s1",)),
        ("s3", "sales_report", ()),
    ]
    assert [TEXT[slice(*s.span)] for s in plan.subtasks] == [part["span"] for part in PARTS]
    assert plan.subtasks[0].span != plan.subtasks[2].span  # the same words twice are two places
    assert [s.effect for s in plan.subtasks] == ["read", "write", "read"]


def test_a_task_of_another_name_for_the_same_is_that_task_and_one_there_is_not_plans_nothing(tmp_path: Path) -> None:
    labels = second({1: {"task": "compare_periods"}, 3: {"task": "send_a_drone"}})
    assert [s.task for s in agreement.as_plan(gold(tmp_path, PARTS), labels, TASKS).subtasks] == ["sales_report", "edit_product"]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({2: {"task": "change_price"}}, "task"),
        ({2: {"refs": {}}}, "reference"),
        ({2: {"refs": [1]}}, None),  # places alone, not by what they refer to
        ({1: {"slots": {"product": "candles"}}}, "slot:product"),
        ({3: {"task": "send_a_drone"}}, "missed"),
    ],
)
def test_what_the_second_reader_says_otherwise_is_a_fault_of_its_kind(changed: dict[int, Any], fault: str | None, tmp_path: Path) -> None:
    request = gold(tmp_path, PARTS)
    found = grade_gold(agreement.as_plan(request, second(changed), TASKS), request).faults
    assert list(found) == [] if fault is None else fault in found


def test_words_of_slots_count_in_the_first_figures_and_not_in_those_of_tasks_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    request = gold(tmp_path, PARTS)
    plans = [agreement.as_plan(request, second(changed), TASKS) for changed in ({}, {1: {"slots": {"product": "candles"}}}, {2: {"refs": {}}})]
    agreement.tell(GoldScore(grades=[grade_gold(plan, request) for plan in plans]))
    told = capsys.readouterr().out
    assert "multi-part plans right" in told and "1 of 3" in told
    assert "multi-part, tasks and references alone" in told and told.rstrip().endswith("2 of 3")
    assert "single-part, tasks and references alone" in told and "0 of 0" in told
    assert "mugs" not in told  # counts, and none of the words
