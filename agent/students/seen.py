"""What versions were seen to say, as it is kept: counts by the hour, and the texts on which a shadow disagreed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.students import StudentDisagreementRow, StudentWindowRow
from agent.students.answers import Answer
from agent.students.drift import Drift, Seen, drift
from agent.students.standing import Role, Standing

MOST_KEPT = 1000
"""Disagreements of one head; older ones go when newer ones come."""
WINDOW = 500
"""Answers on either side that drift is measured on, in whole hours."""
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What counts are kept under."""

    head: str
    version: str
    role: Role
    hour: datetime


@dataclass(slots=True)
class Counts:
    """Counts of one place that are not kept yet."""

    seen: int = 0
    refused: int = 0
    compared: int = 0
    agreed: int = 0
    confidence: Counter[int] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)

    def take(self, answer: Answer, *, agrees: bool | None = None) -> None:
        """
        Args:
            agrees: Whether a shadow said the same; None where nothing was compared.
        """
        for part in answer.parts:
            self.seen += 1
            self.refused += part.refused
            self.confidence[min(99, int(part.confidence * 100))] += 1
            self.labels[part.label] += 1
        if agrees is not None:
            self.compared += 1
            self.agreed += agrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    compared: int = 0
    agreed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    version: str
    said: str
    confidence: float
    shadow_said: str
    shadow_confidence: float
    run: str
    text: str | None
    """None unless it may be learned from."""
    at: datetime


def keep(session: Session, counts: Iterable[tuple[Place, Counts]], disagreements: Sequence[StudentDisagreementRow]) -> None:
    """Add to what is kept, in the caller's transaction."""
    for place, found in counts:
        _add(session, place, found)
    session.add_all(disagreements)
    session.flush()
    for head in sorted({row.head for row in disagreements}):
        _drop_oldest(session, head)


def drift_of(session: Session, standing: Standing) -> Drift:
    """The version in use: the first that was seen of it since it came into use, against the latest."""
    mine = _windows(session, standing.head, standing.in_use, "in_use", since=_hour(standing.promoted_at) if standing.promoted_at else None)
    then, used = _gathered(mine)
    now, _ = _gathered(list(reversed(mine[used:])))
    return drift(then, now)


def lately(session: Session, head: str, version: str, role: Role, now: datetime) -> Seen:
    """What a version said in that role within the last seven days."""
    return sum((_seen(row) for row in _windows(session, head, version, role, since=now - LATELY)), Seen())


def agreement(session: Session, head: str, version: str) -> Agreement:
    """How often a shadow said what the version in use said, ever since it was first watched."""
    row = StudentWindowRow
    query = select(func.coalesce(func.sum(row.compared), 0), func.coalesce(func.sum(row.agreed), 0)).where(
        col(row.head) == head, col(row.version) == version, col(row.role) == "shadow"
    )
    compared, agreed = session.execute(query).one()
    return Agreement(compared=int(compared), agreed=int(agreed))


def disagreements(session: Session, head: str, version: str | None = None, *, limit: int = 50) -> list[Disagreement]:
    """The latest first."""
    row = StudentDisagreementRow
    query = select(row).where(col(row.head) == head).order_by(col(row.id).desc()).limit(limit)
    if version is not None:
        query = query.where(col(row.version) == version)
    return [
        Disagreement(
            version=one.version,
            said=one.said,
            confidence=one.confidence,
            shadow_said=one.shadow_said,
            shadow_confidence=one.shadow_confidence,
            run=one.run_id,
            text=one.text,
            at=one.at,
        )  # fmt: skip
        for one in session.scalars(query)
    ]


def _gathered(rows: Sequence[StudentWindowRow]) -> tuple[Seen, int]:
    """Whole hours until there is enough, and how many of them that took."""
    found = Seen()
    for n, row in enumerate(rows):
        if found.n >= WINDOW:
            return found, n
        found += _seen(row)
    return found, len(rows)


def _windows(session: Session, head: str, version: str, role: Role, *, since: datetime | None) -> list[StudentWindowRow]:
    row = StudentWindowRow
    query = select(row).where(col(row.head) == head, col(row.version) == version, col(row.role) == role).order_by(col(row.hour))
    return list(session.scalars(query.where(col(row.hour) >= since) if since else query))


def _seen(row: StudentWindowRow) -> Seen:
    confidence = {int(percent): count for percent, count in json.loads(row.confidence).items()}
    return Seen(n=row.seen, refused=row.refused, confidence=confidence, labels=json.loads(row.labels))


def _add(session: Session, place: Place, found: Counts) -> None:
    key = (place.head, place.version, place.role, place.hour)
    row = session.get(StudentWindowRow, key, with_for_update=True)
    if row is None:
        row = StudentWindowRow(head=place.head, version=place.version, role=place.role, hour=place.hour)
    row.seen, row.refused = row.seen + found.seen, row.refused + found.refused
    row.compared, row.agreed = row.compared + found.compared, row.agreed + found.agreed
    row.confidence = _summed(row.confidence, {str(percent): count for percent, count in found.confidence.items()})
    row.labels = _summed(row.labels, found.labels)
    session.add(row)


def _summed(kept: str, more: Mapping[str, int]) -> str:
    return json.dumps(Counter(json.loads(kept)) + Counter(more), sort_keys=True)


def _drop_oldest(session: Session, head: str) -> None:
    row = StudentDisagreementRow
    last = session.scalar(select(col(row.id)).where(col(row.head) == head).order_by(col(row.id).desc()).offset(MOST_KEPT).limit(1))
    if last is not None:
        session.execute(delete(row).where(col(row.head) == head, col(row.id) <= last))


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
