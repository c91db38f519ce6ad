"""evals.jsonl: what a line may say, and the sentence for what it may not."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.errors import TaskDefinitionError
from agent.evals.cases import cases_of, misfit, read_cases
from agent.registry import discover

TASKS = discover(plugins=False).tasks


def lines(folder: Path, *texts: str) -> Path:
    path = folder / "change_price" / "evals.jsonl"
    path.parent.mkdir()
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_every_task_has_at_least_15_different_requests() -> None:
    for task in TASKS.values():
        assert len({case.ask for case in cases_of(task)}) >= 15, task.name


def test_a_case_takes_its_task_from_the_folder_and_remembers_its_line(tmp_path: Path) -> None:
    path = lines(
        tmp_path, "// prices", "", '{"ask": "set the mug to 5", "args": {"variants": "the mug"}}', '{"ask": "tag it", "task": "edit_product"}'
    )
    first, second = read_cases(path)
    assert (first.task, first.line, first.outcome, dict(first.args)) == ("change_price", 3, "plan", {"variants": "the mug"})
    assert (second.task, second.line, dict(second.args)) == ("edit_product", 4, {})


def test_a_question_and_what_is_not_done_can_be_expected(tmp_path: Path) -> None:
    path = lines(tmp_path, '{"ask": "reprice the mug", "expect": {"question": "price"}}', '{"ask": "fly", "expect": {"not_done": "out_of_scope"}}')
    assert [(case.outcome, case.about) for case in read_cases(path)] == [("question", "price"), ("not_done", "out_of_scope")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "this is not JSON"),
        ("[]", 'an object with "ask"'),
        ('{"ask": " "}', 'an object with "ask"'),
        ('{"ask": "x", "answer": 1}', "a case has no answer"),
        ('{"ask": "x", "args": []}', "`args` is an object"),
        ('{"ask": "x", "expect": "plan"}', "`expect` is"),
        ('{"ask": "x", "expect": {"question": "a", "not_done": "b"}}', "`expect` is"),
    ],
)
def test_a_line_that_is_no_case_is_refused_with_its_place(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(TaskDefinitionError, match=r"evals\.jsonl:1: ") as refused:
        read_cases(lines(tmp_path, text))
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ({"ask": "set the mug to 12.50", "args": {"variants": "the mug", "price": "12.50"}}, None),
        ({"ask": "15% off", "args": {"price": "-15%", "variants": {"$ref": ""}}}, None),
        ({"ask": "set the mug to 5", "args": {"variants": "the cup"}}, "`variants`: “the cup” does not occur in the request."),
        ({"ask": "round it", "args": {"round_to": ".42"}}, "`round_to`: Give '"),
        ({"ask": "set it to 5", "args": {"colour": "red"}}, "`change_price` has no colour"),
        ({"ask": "set it to 5", "args": {"price": {"$ref": ""}}}, "`price` cannot be something found before."),
        ({"ask": "set it to 5", "expect": {"question": "colour"}}, "the question is about `colour`"),
        ({"ask": "until Sunday", "args": {"until": "Monday"}}, "“Monday” does not occur in the request."),
    ],
)
def test_a_case_that_does_not_fit_its_task_is_told(case: dict[str, Any], problem: str | None, tmp_path: Path) -> None:
    [read] = read_cases(lines(tmp_path, json.dumps(case)))
    found = misfit(read, TASKS["change_price"])
    assert found is None if problem is None else problem in str(found)
