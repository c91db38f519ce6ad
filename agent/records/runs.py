"""A run and its events: the only source of the panel, of server-sent events and of replay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from agent.records.changes import ChangeSet
from agent.records.plan import NotDone, Plan, Question
from agent.sdk.results import Evidence

RunState = Literal["queued", "running", "waiting", "done", "stopped", "failed"]

EventType = Literal[
    "run_started", "plan_ready", "step_started", "step_finished", "part", "text_delta", "question", "approval_waiting",
    "approval_decided", "change_applied", "change_skipped", "run_waiting", "run_finished", "run_stopped", "run_error",
]  # fmt: skip
"""A closed set. AG-UI: RUN_STARTED, STATE_SNAPSHOT, STEP_STARTED, STEP_FINISHED, TEXT_MESSAGE_CONTENT, RUN_FINISHED, RUN_ERROR, the rest CUSTOM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    run: str
    seq: int
    at: datetime
    type: EventType
    v: int = 1
    subtask: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """More of a text that is being written: the `data` of the event `text_delta`.

    It is not checked yet; the subtask's `part`, which follows, stands in its place.
    """

    text: int
    """Which of the subtask's texts, from 1."""
    delta: str
    anew: bool
    """Whether the text begins with this: what was told of it before, if anything was, is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One piece of work and who did it: `what` is "read the request", "write", "label reviews" …"""

    by: Literal["student", "frontier", "code", "template"]
    what: str
    confidence: float | None = None
    why: str
    cost_usd: str = "0"
    """Exact decimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The result of one subtask, fit to show."""

    subtask: str
    task: str
    kind: Literal["answer", "draft", "proposal", "refusal", "missing", "error"]
    text: str
    data: Any = None
    evidence: Evidence | None = None
    change_set: ChangeSet | None = None
    run: Sequence[Route] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    calls: int = 0
    tokens: int = 0
    cost_usd: str = "0"
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    run_id: str
    plan: Plan
    state: RunState
    parts: Sequence[Part]
    questions: Sequence[Question]
    not_done: Sequence[NotDone]
    approvals: Sequence[str]
    """Digests that wait for a decision."""
    usage: Used
    error: str | None = None
    """Why the run failed or ended early, where no part says it; what `parts` has was done all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as lists show it."""

    id: str
    shop: str
    principal: str
    text: str
    state: RunState
    created_at: datetime
    finished_at: datetime | None = None
    thread: str | None = None
    error: str | None = None
    follows: str | None = None
    """Id of the run of the thread that this one came after; None for the one before it in time."""
    instead_of: str | None = None
    """Id of the run of the thread that this one is another version of."""
