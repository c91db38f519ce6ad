"""What is known of providers, kept in the database: over a restart, and for every worker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from agent.db.engine import Database
from agent.db.spend import BenchRow, LessonRow
from agent.providers.health import Alert, Bench, Health, Kind, Place
from agent.providers.learned import Learned, Lesson, What

_SYNC_EVERY_S = 1.0
_OVERLAP = timedelta(seconds=5)
"""Rows are read again for so long: one that was written a moment ago may become visible a moment later."""
_log = logging.getLogger("storehand.gateway")


class Kept(Protocol):
    async def load(self) -> None:
        """Take over what other workers, or this one's predecessor, know."""
        ...

    async def save(self) -> None: ...


async def keep_in_step(*kept: Kept) -> None:
    """Share what each worker finds out with the others, until it is cancelled."""
    while True:
        await asyncio.sleep(_SYNC_EVERY_S)
        try:
            for each in kept:
                await each.save()
                await each.load()
        except SQLAlchemyError as error:  # what is known here still holds here
            _log.warning("what is known of providers cannot be shared: %s", type(error).__name__)


class Benches:
    """The health of providers, with what rests kept in the database."""

    def __init__(self, db: Database, *, now: Callable[[], datetime], clock: Callable[[], float] = time.monotonic) -> None:
        self._db, self._now = db, now
        self._changed: dict[Place, Bench] = {}
        self._read_at: datetime | None = None
        self.health = Health(clock, lambda: now().timestamp(), changed=self._note, alert=_tell)

    async def load(self) -> None:
        since, self._read_at = self._read_at, self._now()
        query = select(BenchRow) if since is None else select(BenchRow).where(col(BenchRow.changed_at) >= since - _OVERLAP)
        rows = await self._db.read(lambda session: session.scalars(query).all())
        self.health.restore(bench for row in rows if (bench := _bench(row)).place not in self._changed)

    async def save(self) -> None:
        changed, self._changed = self._changed, {}
        at = self._now()
        rows = [
            BenchRow(
                kind=bench.place.kind, place=bench.place.name, until=datetime.fromtimestamp(bench.until, UTC), reason=bench.reason, hard=bench.hard,
                opened=bench.opened, changed_at=at,
            )
            for bench in changed.values()
        ]  # fmt: skip
        try:
            await _merge(self._db, rows)
        except SQLAlchemyError:
            self._changed = changed | self._changed
            raise

    def _note(self, bench: Bench) -> None:
        self._changed[bench.place] = bench


class Lessons:
    """What targets turned out to lack."""

    def __init__(self, db: Database, *, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now
        self._changed: dict[tuple[str, str], Lesson] = {}
        self._read_at: datetime | None = None
        self.learned = Learned(lambda: now().timestamp(), self._note)

    async def load(self) -> None:
        since, self._read_at = self._read_at, self._now()
        query = select(LessonRow) if since is None else select(LessonRow).where(col(LessonRow.changed_at) >= since - _OVERLAP)
        rows = await self._db.read(lambda session: session.scalars(query).all())
        self.learned.restore(_lesson(row) for row in rows)

    async def save(self) -> None:
        changed, self._changed = self._changed, {}
        at = self._now()
        rows = [
            LessonRow(
                target=lesson.target, what=lesson.what, until=datetime.fromtimestamp(lesson.until, UTC), times=lesson.times, tokens=lesson.tokens,
                changed_at=at,
            )
            for lesson in changed.values()
        ]  # fmt: skip
        try:
            await _merge(self._db, rows)
        except SQLAlchemyError:
            self._changed = changed | self._changed
            raise

    def _note(self, lesson: Lesson) -> None:
        self._changed[lesson.target, lesson.what] = lesson


async def _merge(db: Database, rows: list[BenchRow] | list[LessonRow]) -> None:
    if rows:
        await db.write(lambda session: [session.merge(row) for row in rows])


def _bench(row: BenchRow) -> Bench:
    place = Place(cast(Kind, row.kind), row.place)
    return Bench(place=place, until=row.until.timestamp(), reason=row.reason, hard=row.hard, opened=row.opened)


def _lesson(row: LessonRow) -> Lesson:
    return Lesson(target=row.target, what=cast(What, row.what), until=row.until.timestamp(), times=row.times, tokens=row.tokens)


def _tell(alert: Alert) -> None:
    """For the operator: which place and why, and nothing of any request."""
    _log.error("the %s %s needs an operator: %s", alert.place.kind, alert.place.name.partition(":")[0], alert.reason)
