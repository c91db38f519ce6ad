"""What a thread remembers of its earlier turns, for the planner: what was understood, and which records were found, by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.records.changes import SetState
from agent.records.plan import Plan


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
