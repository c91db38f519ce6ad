"""Threads: the conversations that people see, and what one remembers of its earlier turns for the planner: which records were found, by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agent.records.changes import SetState
from agent.records.plan import Plan
from agent.records.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What a subtask proposed, and how that stands now."""

    subtask: str
    change_set: str
    state: SetState
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request of a thread. No text of the store's is in it but titles, as labels of what was found."""

    run: str
    plan: Plan
    """With the questions that are still open."""
    found: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Subtask to its answer's selections, as JSON by field: the records that "them" may mean."""
    shown: Mapping[str, int] = field(default_factory=dict)
    """Subtask to how many rows its answer listed."""
    proposed: Sequence[Proposed] = ()

    @property
    def text(self) -> str:
        return self.plan.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A conversation as lists show it."""

    id: str
    title: str
    """What somebody called it; else its first request."""
    named: bool
    began_by: str
    """Principal id of who sent its first request."""
    began_at: datetime
    last_at: datetime
    """When its newest request was sent."""
    requests: int
    pinned: bool = False
    """By whoever asks: everybody pins for themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRun:
    """A request of a conversation, with its other versions."""

    run: Run
    versions: Sequence[str]
    """Ids of the runs that are versions of this request, the first one first, itself among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A thread with what was asked in it, along one version of each request."""

    thread: Thread
    runs: Sequence[ThreadRun]
    """Oldest first, the newest of them where there are more than were wanted."""
    earlier: int = 0
    """How many came before these."""
