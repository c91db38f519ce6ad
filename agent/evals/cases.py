"""A task's `evals.jsonl`: requests, and what is to be understood from each.

One JSON object a line; empty lines and lines that begin with // are left out.

    {"ask": "set the blue mug to 12.50", "args": {"variants": "blue mug", "price": "12.50"}}
    {"ask": "show them the old price", "args": {"variants": {"$ref": ""}, "show_old_price": true}}
    {"ask": "change the price of the mug", "args": {"variants": "mug"}, "expect": {"question": "price"}}
    {"ask": "restock the moon", "expect": {"not_done": "not_supported"}}

ask     what a merchant says: one thing, in one clause.
args    field to value; {} when left out. A string is the words of the request that mean the value ("blue mug", "last week", "15%"), so
        it occurs in the request. Anything else is the value's JSON: a choice, a flag, a number, a list, a range {"below": "20"} whose
        amounts are in the shop's currency. Choices are written as they are ("out"), not as they were said. A percent with a sign
        ("-15%") means that sign. {"$ref": ""} is something found before.
task    the task's name; the folder's when left out.
expect  what comes of it, when that is not a plan with all args: a question about a field, or a part not done, with its code.

Fields that are not in `args` have their defaults. A case says nothing about ids: those are the shop's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from agent.errors import TaskDefinitionError
from agent.misfits import remedy
from agent.records import to_json
from agent.sdk import Task

FILE = "evals.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    ask: str
    task: str
    args: Mapping[str, Any] = field(default_factory=dict)
    outcome: Literal["plan", "question", "not_done"] = "plan"
    about: str = ""
    """The field asked about, or the code of what is not done."""
    line: int = 0
    """In its file, from 1."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What the task's fields are when nothing is said, as JSON; planning a default is not a mistake."""


def cases_of(task: Task) -> list[Case]:
    """The cases that lie beside the task's handler; none when there is no file.

    Raises:
        TaskDefinitionError: A line is not a case, or does not fit the task.
    """
    path = task.folder / FILE
    if not path.is_file():
        return []
    cases = read_cases(path, task=task.name)
    for case in cases:
        if case.task == task.name and (problem := misfit(case, task)):
            raise TaskDefinitionError(f"{path}:{case.line}: {problem}")
    return [with_defaults(case, task) if case.task == task.name else case for case in cases]


def with_defaults(case: Case, task: Task) -> Case:
    """The case, knowing what the task's fields are when nothing is said."""
    fields = task.args.model_fields
    defaults = {slot.name: to_json(fields[slot.name].get_default(call_default_factory=True)) for slot in task.slots if not slot.required}
    return replace(case, defaults=defaults)


def read_cases(path: Path, *, task: str | None = None) -> list[Case]:
    """
    Args:
        task: What a line without "task" is about; the name of the file's folder when None.

    Raises:
        TaskDefinitionError: A line is not a case; the sentence names it.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        _case(text, path, number, task or path.parent.name)
        for number, text in enumerate(lines, 1)
        if text.strip() and not text.lstrip().startswith("//")
    ]


def _case(text: str, path: Path, line: int, task: str) -> Case:
    def wrong(problem: str) -> TaskDefinitionError:
        return TaskDefinitionError(f"{path}:{line}: {problem}")

    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise wrong(f"this is not JSON: {error.msg} at column {error.colno}.") from error
    if not isinstance(data, dict) or not isinstance(data.get("ask"), str) or not data["ask"].strip():
        raise wrong('a case is an object with "ask", the request.')
    if unknown := set(data) - {"ask", "args", "task", "expect"}:
        raise wrong(f"a case has no {', '.join(sorted(unknown))}; it has ask, args, task and expect.")
    args, expect = data.get("args", {}), data.get("expect")
    if not isinstance(args, dict):
        raise wrong("`args` is an object: field to value.")
    if expect is None:
        return Case(ask=data["ask"], task=data.get("task", task), args=args, line=line)
    if not isinstance(expect, dict) or len(expect) != 1 or set(expect) - {"question", "not_done"}:
        raise wrong('`expect` is {"question": FIELD} or {"not_done": CODE}.')
    [(outcome, about)] = expect.items()
    return Case(ask=data["ask"], task=data.get("task", task), args=args, outcome=outcome, about=about, line=line)


def misfit(case: Case, task: Task) -> str | None:
    """Why the case cannot be right for the task, or None."""
    fields = task.args.model_fields
    if unknown := [name for name in case.args if name not in fields]:
        return f"`{task.name}` has no {', '.join(unknown)}; it has {', '.join(fields)}."
    if case.outcome == "question" and case.about not in fields:
        return f"the question is about `{case.about}`, which `{task.name}` does not have."
    for name, value in case.args.items():
        if (problem := _misfit_value(case, name, value, task)) is not None:
            return problem
    return None


def _misfit_value(case: Case, name: str, value: Any, task: Task) -> str | None:
    if isinstance(value, dict) and set(value) == {"$ref"}:
        return None if set(task.slot(name).types) & {"selection", "ref"} else f"`{name}` cannot be something found before."
    if isinstance(value, str) and _said(value, case.ask):
        return None
    if isinstance(value, str) and not set(task.slot(name).types) & {"choice", "percent"}:
        return f"`{name}`: “{value}” does not occur in the request."
    try:
        task.args.model_validate({name: value}, context={"currency": "EUR"})
    except ValidationError as error:
        return next((f"`{name}`: {remedy(e)}." for e in error.errors() if e["loc"][:1] == (name,)), None)
    return None


def _said(words: str, ask: str) -> bool:
    return words.strip().casefold() in ask.casefold()
