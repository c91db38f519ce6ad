"""Automations, schedules and segments: rows to records, and records to the fields a change holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.own import AutomationRow, FiringRow, ScheduleRow, SegmentRow
from agent.errors import StoreRefused
from agent.records import decode, encode
from agent.sdk.own import Automation, Firing, Schedule, Segment
from agent.sdk.results import TargetKind
from agent.sdk.rhythms import Rhythm
from agent.sdk.rules import Rule, rule_of
from agent.sdk.segments import SegmentQuery

Row = AutomationRow | ScheduleRow | SegmentRow
ROWS: Mapping[TargetKind, type[Row]] = {"automation": AutomationRow, "schedule": ScheduleRow, "segment": SegmentRow}
FIELDS: Mapping[TargetKind, frozenset[str]] = {
    "automation": frozenset({"name", "rule", "state"}),
    "schedule": frozenset({"name", "request", "rhythm", "state"}),
    "segment": frozenset({"name", "query"}),
}
"""What a change of each kind can set; a new one has them all, but for the state, which is active."""
PREFIXES: Mapping[TargetKind, str] = {"automation": "auto", "schedule": "sched", "segment": "seg"}
LONGEST_NAME = 120
LONGEST_REQUEST = 2_000


@dataclass(frozen=True, slots=True)
class Fired:
    """How often, and when last."""

    times: int = 0
    last: datetime | None = None


def rule(row: AutomationRow) -> Rule:
    return rule_of(decode(row.rule))


def rhythm(row: AutomationRow | ScheduleRow) -> Rhythm | None:
    return Rhythm.model_validate(decode(row.rhythm)) if isinstance(row, ScheduleRow) else rule(row).when.rhythm


def automation(row: AutomationRow, fired: Fired) -> Automation:
    return Automation(
        id=row.id, name=row.name, rule=rule(row), state=row.state, reason=row.reason, made_at=row.made_at,  # type: ignore[arg-type]  # stored by us
        approved_by=row.approved_by, fired=fired.times, last_fired_at=fired.last, next_at=row.next_at,
    )  # fmt: skip


def schedule(row: ScheduleRow, fired: Fired) -> Schedule:
    return Schedule(
        id=row.id, name=row.name, request=row.request, rhythm=Rhythm.model_validate(decode(row.rhythm)),
        state=row.state, reason=row.reason, made_at=row.made_at, approved_by=row.approved_by,  # type: ignore[arg-type]  # stored by us
        fired=fired.times, last_fired_at=fired.last, next_at=row.next_at,
    )  # fmt: skip


def segment(row: SegmentRow) -> Segment:
    return Segment(id=row.id, name=row.name, query=SegmentQuery.model_validate(decode(row.query)), made_at=row.made_at)


def firing(row: FiringRow) -> Firing:
    return Firing(
        id=row.id, of=row.of, at=row.at, about=row.about, state=row.state, note=row.note,  # type: ignore[arg-type]  # stored by us
        change_sets=decode(row.change_sets), run=row.run_id, notice=row.notice,
    )  # fmt: skip


def fired_by(session: Session, shop: str) -> dict[str, Fired]:
    """By id of the automation or schedule; what was skipped did not fire."""
    counted = select(col(FiringRow.of), func.count(), func.max(col(FiringRow.at))).where(
        col(FiringRow.shop_id) == shop, col(FiringRow.state) != "skipped"
    )
    return {of: Fired(times, last) for of, times, last in session.execute(counted.group_by(col(FiringRow.of)))}


def fields_of(row: Row) -> dict[str, Any]:
    """All that a change can set, as its `before` and `after` hold it."""
    match row:
        case AutomationRow():
            return {"name": row.name, "rule": rule(row).json_(), "state": row.state}
        case ScheduleRow():
            return {"name": row.name, "request": row.request, "rhythm": decode(row.rhythm), "state": row.state}
        case _:
            return {"name": row.name, "query": decode(row.query)}


def stored(field: str, value: Any) -> str:
    """A field's value as its column holds it.

    Raises:
        StoreRefused: It is not a value for this field.
    """
    check = _CHECKS.get(field)
    if check is None:
        raise StoreRefused(f"There is no field `{field}` to write.")
    try:
        return check(value)
    except (ValidationError, TypeError, ValueError) as error:
        raise StoreRefused(f"`{field}` is not one that can be kept: {' '.join(str(error).split())[:200]}") from None


def _text(most: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value.strip()) <= most or not value.isprintable():
            raise ValueError(f"it is one line of 1 to {most} characters")
        return value.strip()

    return check


def _state(value: Any) -> str:
    if value not in ("active", "paused"):
        raise ValueError("it is active or paused")
    return str(value)


_CHECKS: Mapping[str, Callable[[Any], str]] = {
    "name": _text(LONGEST_NAME),
    "request": _text(LONGEST_REQUEST),
    "state": _state,
    "rule": lambda value: encode(rule_of(value).model_dump(mode="json")).decode(),
    "rhythm": lambda value: encode(Rhythm.model_validate(value).model_dump(mode="json")).decode(),
    "query": lambda value: encode(SegmentQuery.model_validate(value).model_dump(mode="json")).decode(),
}
