"""What was asked and how it was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

FILE = "file_id"
"""The name in a request's context of what is attached to it."""

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
    """Page context by id, such as {"product_id": "…"}; never page text. Under `FILE` the id of what is attached."""
    follows: str | None = field(default=None, kw_only=True)
    """Id of the run of the thread that this comes after; None for the latest."""
    instead_of: str | None = field(default=None, kw_only=True)
    """Id of the run of the thread that this is another version of; what came before that one came before this one too."""

    @property
    def file(self) -> str | None:
        """The id of the file that is attached."""
        found = self.context.get(FILE)
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class Read:
    """Who understood a subtask, and how surely."""

    by: Literal["student", "frontier", "caller"]
    """"caller": nobody read anything, a program named the task and its args (docs/decisions/0001)."""
    confidence: float
    """Calibrated probability in [0, 1]."""


FROM_FILE = "from_file"
"""The subtask that proposes what an attached file says. It is no task: its values are no words of the merchant's, and no planner reads them."""

UNDO = "undo"
"""The subtask that proposes to put back what an earlier turn of the thread changed. It is no task: only approvals know what was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What must hold of an earlier read for a subtask to be run: "if it sold less than 10 last month". Exactly one bound is given."""

    of: str
    """A figure of an earlier answer: "s1.total"."""
    said: str
    """The merchant's words."""
    measure: str
    """What the figure counts, as people say it: "sold", "in stock"; "" where it counts what the words are so of, and nothing more is to be said."""
    at_least: str | None = None
    above: str | None = None
    at_most: str | None = None
    below: str | None = None
    unless: bool = False
    """Run where it does not hold: "unless", "otherwise"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A subtask of an earlier turn of the thread in whose place this plan stands: what it proposed and nobody approved is rejected."""

    run: str
    subtask: str


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
    given: Condition | None = None
    """Run only where this holds of what was read before."""
    said: str = ""
    """What was said of it in earlier turns of the thread, where this request only adds to that."""


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
class FileShown:
    """A file beside a request, as it is shown with it. Its name is that which somebody gave it."""

    id: str
    name: str
    rows: int
    columns: Sequence[str]
    """Headings of the columns that are understood."""


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
    notes: Sequence[str] = ()
    """What is to be known besides: which proposal this one replaces."""
    replaces: Sequence[Replaced] = ()
    as_of: date | None = None
    """The day that the request says is today; the shop's own where it says none."""
    file: FileShown | None = None
    """What is attached to the request."""
    background: Sequence[tuple[int, int]] = ()
    """Spans taken for reasons, greetings and stories: they ask for nothing, and are shown so that this can be seen."""

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
