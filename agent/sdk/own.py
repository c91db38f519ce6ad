"""Storehand's own records, as a task sees them: automations, schedules and segments. Reading only; they change as a shop's records do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from agent.sdk.refs import Period
from agent.sdk.results import Change, Target
from agent.sdk.rhythms import Rhythm
from agent.sdk.rules import Rule
from agent.sdk.segments import SegmentQuery
from agent.sdk.untrusted import changes_to

Standing = Literal["active", "paused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    id: str
    name: str
    rule: Rule
    state: Standing
    reason: str | None
    """Why it was paused, where Storehand did it by itself."""
    made_at: datetime
    approved_by: str
    """Principal id of whoever stands behind what it does."""
    fired: int
    """How often, over all time."""
    last_fired_at: datetime | None
    next_at: datetime | None
    """For one that starts at a time."""

    @property
    def label(self) -> str:
        return self.name

    def set(self, **fields: Any) -> list[Change]:
        """The changes that give these fields these values. Fields: name, rule (a `Rule`), state."""
        changes = []
        target = Target("automation", self.id, self.name)
        for name, after in fields.items():
            before = getattr(self, name)
            if isinstance(before, Rule):
                before, after = before.json_(), after.json_()
            if before != after:
                changes.append(Change.set(target, name, before=before, after=after))
        return changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A request that recurs."""

    id: str
    name: str
    request: str
    rhythm: Rhythm
    state: Standing
    reason: str | None
    made_at: datetime
    approved_by: str
    fired: int
    last_fired_at: datetime | None
    next_at: datetime | None

    @property
    def label(self) -> str:
        return self.name

    def set(self, **fields: Any) -> list[Change]:
        """Fields: name, request, rhythm (a `Rhythm`), state."""
        changes = []
        for name, after in fields.items():
            before = getattr(self, name)
            if isinstance(before, Rhythm):
                before, after = before.model_dump(mode="json"), after.model_dump(mode="json")
            if before != after:
                changes.append(Change.set(Target("schedule", self.id, self.name), name, before=before, after=after))
        return changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Customers by a question that is asked anew each time."""

    id: str
    name: str
    query: SegmentQuery
    made_at: datetime

    @property
    def label(self) -> str:
        return self.name

    def set(self, **fields: Any) -> list[Change]:
        """Fields: name."""
        return changes_to(Target("segment", self.id, self.name), self, fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One time that an automation or a schedule acted."""

    id: str
    of: str
    """Id of the automation or schedule."""
    at: datetime
    about: str
    """What it fired for: "order #1042"."""
    state: Literal["begun", "done", "waiting", "failed", "skipped"]
    note: str | None
    """What it did, or why it did not."""
    change_sets: Sequence[str] = ()
    run: str | None = None
    notice: str | None = None
    """What the merchant was told, where it was to notify."""


class Own(Protocol):
    """Reading what Storehand does by itself for this shop."""

    async def automations(self) -> Sequence[Automation]:
        """The oldest first."""
        ...

    async def schedules(self) -> Sequence[Schedule]: ...
    async def segments(self) -> Sequence[Segment]: ...
    async def firings(self, of: str | None = None, *, during: Period | None = None, limit: int = 50) -> Sequence[Firing]:
        """The newest first."""
        ...
