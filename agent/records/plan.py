"""What was asked and how it was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

NotDoneCode = Literal["out_of_scope", "not_supported", "needs_provider", "not_allowed", "unclear"]
Effect = Literal["read", "draft", "write", "action"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A merchant's request as it came in."""

    text: str
    locale: str = field(default="en", kw_only=True)
    shop: str = field(kw_only=True)
    thread: str | None = field(default=None, kw_only=True)
    context: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    """Page context by id, such as {"product_id": "…"}; never page text."""


@dataclass(frozen=True, slots=True)
class Read:
    """Who understood a subtask, and how surely."""

    by: Literal["student", "frontier", "caller"]
    """"caller": nobody read anything, a program named the task and its args (docs/decisions/0001)."""
    confidence: float
    """Calibrated probability in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtask:
    id: str
    """"s1", "s2", … in the order asked."""
    task: str
    args: Mapping[str, Any]
    """JSON of the task's Args; a value may be {"$ref": "s1.customers"}, an earlier subtask's typed output."""
    span: tuple[int, int]
    after: Sequence[str] = ()
    effect: Effect
    read: Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    id: str
    """"q1", …"""
    subtask: str
    field: str
    question: str
    options: Sequence[Option] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """A part of the request that nothing was planned for, and why."""

    span: tuple[int, int]
    code: NotDoneCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A small graph of subtasks. Spans count code points of `text` as received, end exclusive."""

    id: str
    text: str
    locale: str
    subtasks: Sequence[Subtask]
    questions: Sequence[Question]
    not_done: Sequence[NotDone]
    by: Literal["student", "frontier", "mixed", "caller"]
    took_ms: float

    def waiting(self) -> frozenset[str]:
        """Subtasks that cannot run before a question is answered."""
        asked = {q.subtask for q in self.questions}
        grown = True
        while grown:
            grown = False
            for subtask in self.subtasks:
                if subtask.id not in asked and asked.intersection(subtask.after):
                    asked.add(subtask.id)
                    grown = True
        return frozenset(asked)
