"""Whether a plan is right for a case: the task, each argument, and what was left to ask."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from agent.evals.cases import Case
from agent.records import Plan, Subtask

ReadSurface = Callable[[str, str, str], Awaitable[Any]]
"""(task, field, words of the request) to the JSON that the planner makes of those words; how grading normalises what a case says."""

_BOUNDS = frozenset({"at_least", "above", "at_most", "below"})
Verdict = Literal["right", "wrong", "missing", "extra"]

_FILLER = frozenset(
    ["a", "an", "the", "all", "every", "each", "my", "our", "your", "of", "any", "those", "these", "this", "that", "please", "product", "products"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    case: Case
    task: bool
    """The task was found (or, where nothing is to be done, nothing was planned)."""
    args: Mapping[str, Verdict] = field(default_factory=dict)
    outcome: bool
    """Planned, asked or left undone as it should be."""
    planned: str = ""
    """The task that was planned; "" for none."""
    took_ms: float = 0.0

    @property
    def right(self) -> bool:
        return self.task and self.outcome and all(verdict == "right" for verdict in self.args.values())

    def __str__(self) -> str:
        """What is wrong, in a line."""
        if self.right:
            return "right"
        if not self.task:
            return f"“{self.case.ask}”: planned {self.planned or 'nothing'}, not {self.case.task}"
        faults = [f"{name} is {verdict}" for name, verdict in self.args.items() if verdict != "right"]
        return f"“{self.case.ask}”: " + "; ".join([*faults, *([] if self.outcome else ["what was asked back is not right"])])


async def grade(plan: Plan, case: Case, read: ReadSurface | None = None) -> Grade:
    """
    Args:
        read: Normalises the words in the case as the planner would (`surface_reader`). Without it values are compared by their
            shape: amounts by number, periods by their words, selections by a word in common, and moments by being there at all.
    """
    if case.outcome == "not_done":
        codes = {part.code for part in plan.not_done}
        return Grade(
            case=case, task=not plan.subtasks, outcome=case.about in codes, planned=_names(plan), took_ms=plan.took_ms
        )  # fmt: skip
    subtask = next((subtask for subtask in plan.subtasks if subtask.task == case.task), None)
    if subtask is None:
        return Grade(case=case, task=False, outcome=False, planned=_names(plan), took_ms=plan.took_ms)
    asked = {question.field for question in plan.questions if question.subtask == subtask.id}
    alone = len(plan.subtasks) == 1 or any(isinstance(value, Mapping) and "$ref" in value for value in case.args.values())
    outcome = asked == {case.about} if case.outcome == "question" else not asked and alone
    verdicts = await _verdicts(subtask, case, asked, read)
    return Grade(case=case, task=True, args=verdicts, outcome=outcome, planned=_names(plan), took_ms=plan.took_ms)


def _names(plan: Plan) -> str:
    return " + ".join(subtask.task for subtask in plan.subtasks)


async def _verdicts(subtask: Subtask, case: Case, asked: set[str], read: ReadSurface | None) -> dict[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    for name, said in case.args.items():
        got = subtask.args.get(name)
        if got is None:
            verdicts[name] = "right" if said == case.defaults.get(name) else "missing"
            continue
        wanted = await read(case.task, name, said) if read is not None and isinstance(said, str) else said
        verdicts[name] = "right" if same(wanted, got) else "wrong"
    for name, got in subtask.args.items():
        if name not in case.args and name not in asked and got not in (None, False, [], {}, case.defaults.get(name)):
            verdicts[name] = "extra"
    return verdicts


def same(wanted: Any, got: Any) -> bool:
    """Whether what was planned means what the case says; `got` is JSON of a task's Args."""
    if wanted == got:
        return True
    if isinstance(got, Mapping):
        return _same_record(wanted, got)
    if isinstance(got, list):
        return isinstance(wanted, list | str) and _folded(wanted if isinstance(wanted, list) else [wanted]) == _folded(got)
    if isinstance(got, bool) or isinstance(wanted, bool | list | Mapping) or wanted is None:
        return False
    if isinstance(got, int):
        return _number(str(wanted)) == got
    return _same_text(str(wanted), str(got))


def _same_record(wanted: Any, got: Mapping[str, Any]) -> bool:
    if "$ref" in got:
        return isinstance(wanted, Mapping) and "$ref" in wanted and (not wanted["$ref"] or wanted["$ref"] == got["$ref"])
    if "amount" in got:
        amount = wanted["amount"] if isinstance(wanted, Mapping) and "amount" in wanted else wanted
        return isinstance(amount, str | int) and _number(str(amount)) == _number(str(got["amount"]))
    if "ids" in got or set(got) == {"id", "label"}:
        return _same_selection(wanted, got)
    if "start" in got and "end" in got:
        return _same_period(wanted, got)
    if isinstance(wanted, Mapping) and got and all(isinstance(n, int) for n in got.values()) and not set(got) & _BOUNDS:
        return sorted(got.values()) == sorted(wanted.values())  # how many of each: a case calls goods by name, and a plan by id
    if isinstance(wanted, Mapping):
        bounds = {name: value for name, value in got.items() if value is not None}
        return set(bounds) == {name for name, value in wanted.items() if value is not None} and all(same(wanted[n], bounds[n]) for n in bounds)
    return False


def _same_selection(wanted: Any, got: Mapping[str, Any]) -> bool:
    if isinstance(wanted, Mapping):
        return set(wanted.get("ids") or (wanted.get("id"),)) == set(got.get("ids") or (got.get("id"),))
    where = got.get("where") or {}
    called = " ".join([got.get("label") or "", *(str(value) for value in where.values() if value)])
    return bool(_stems(str(wanted)) & _stems(called)) or (bool(where.get("everything")) and not _stems(str(wanted)))


def _same_period(wanted: Any, got: Mapping[str, Any]) -> bool:
    if isinstance(wanted, Mapping):
        return all(_moment(wanted.get(end)) == _moment(got[end]) for end in ("start", "end"))
    return _words(str(wanted)) <= _words(got.get("label") or "")


def _same_text(wanted: str, got: str) -> bool:
    if got.endswith("%"):
        signed = wanted.lstrip()[:1] in "+-"
        a, b = _number(wanted), _number(got)
        return a is not None and b is not None and (a == b if signed else abs(a) == abs(b))
    if (at := _moment(got)) is not None:
        said = _moment(wanted)
        return said is None or said == at
    return _bare(wanted) == _bare(got)


def _number(text: str) -> Decimal | None:
    found = re.search(r"[-+]?\d[\d.,]*", text.replace(" ", ""))
    try:
        return Decimal(found.group().rstrip(".,").replace(",", "")) if found else None
    except InvalidOperation:
        return None


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value if isinstance(value, datetime) else None
    except ValueError:
        return None


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold())) - _FILLER or frozenset(re.findall(r"\w+", text.casefold()))


def _stems(text: str) -> frozenset[str]:
    """Words that name something, cut so that "mugs" and "mug" are one; "all products" has none."""
    return frozenset(
        word[:-1] if len(word) > 3 and word.endswith("s") else word for word in re.findall(r"\w+", text.casefold()) if word not in _FILLER
    )


def _bare(text: str) -> str:
    return text.strip(" \t\n\"'“”‘’.").casefold()


def _folded(values: Sequence[Any]) -> list[str]:
    return sorted(_bare(str(value)) for value in values)
