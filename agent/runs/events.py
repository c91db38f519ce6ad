"""The log of each run's events: numbered from 1, seen by those who follow at once, kept in the database.

Followers hold a place in the log and no queue, so a slow one costs nothing: what it has not read is in memory while the run is live
here, and in the database afterwards or when another process writes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.tables import RunEventRow
from agent.records import EventType, RunEvent, decode, encode
from agent.runs.timers import utc_now

ENDS: frozenset[EventType] = frozenset({"run_finished", "run_waiting", "run_stopped", "run_error"})
"""After these nothing comes until somebody answers or decides."""
BATCH = 500


@dataclass(slots=True)
class _Live:
    """A run with events that are not yet in the database, or with followers here."""

    saved: int
    """Number of the last event in the database, as far as this process knows."""
    fresh: list[RunEvent] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    followers: int = 0

    @property
    def last(self) -> int:
        return self.fresh[-1].seq if self.fresh else self.saved


def _nothing(_: Session) -> None:
    pass


class EventLog:
    def __init__(self, db: Database, *, clock: Callable[[], datetime] = utc_now, poll_s: float = 0.25) -> None:
        """
        Args:
            poll_s: How often a follower looks for events that another process wrote.
        """
        self._db, self._clock, self._poll_s = db, clock, poll_s
        self._live: dict[tuple[str, str], _Live] = {}

    def append(self, shop: str, run: str, type: EventType, data: Mapping[str, Any], *, subtask: str | None = None) -> RunEvent:
        """Add an event; followers in this process see it now, `persist` keeps it."""
        live = self._opened(shop, run)
        event = RunEvent(run=run, seq=live.last + 1, at=self._clock(), type=type, subtask=subtask, data=dict(data))
        live.fresh.append(event)
        live.news.set()
        return event

    def begin(self, shop: str, run: str) -> None:
        """Say that the run is new, so that nobody looks for its events in the database."""
        self._live.setdefault((shop, run), _Live(saved=0))

    async def persist(self, shop: str, run: str, *, along: Callable[[Session], None] = _nothing) -> None:
        """Write the events that are not in the database yet, in one transaction.

        Should another process have written to the same run meanwhile, these come after its events and are renumbered.

        Args:
            along: What else is to be written in the same transaction, events or no events.
        """
        live = self._live.get((shop, run))
        if live is None or not live.fresh:
            if along is not _nothing:
                await self._db.write(along)
            return
        events = list(live.fresh)

        def written(session: Session) -> int:
            along(session)
            return _insert(session, shop, run, events)

        shift = await self._db.write(written)
        live.fresh = [replace(e, seq=e.seq + shift) for e in live.fresh[len(events) :]]
        live.saved = events[-1].seq + shift
        self._let_go(shop, run, live)

    def forget(self, shop: str, run: str) -> None:
        """Drop the events that are not in the database; followers here have seen them."""
        if (live := self._live.get((shop, run))) is not None:
            live.fresh.clear()
            self._let_go(shop, run, live)

    async def record(self, shop: str, run: str, type: EventType, data: Mapping[str, Any], *, subtask: str | None = None) -> RunEvent:
        """Add an event and keep it at once; for durable work."""
        event = self.append(shop, run, type, data, subtask=subtask)
        await self.persist(shop, run)
        return event

    async def follow(self, shop: str, run: str, *, after: int = 0, ends: frozenset[EventType] = ENDS) -> AsyncIterator[RunEvent]:
        """Events numbered above `after`, the old ones first, then as they come; ends after one of `ends` when nothing has followed it yet."""
        live = self._opened(shop, run)
        live.followers += 1
        try:
            while True:
                live.news.clear()
                batch = await self._next(shop, run, live, after)
                for event in batch:
                    after = event.seq
                    yield event
                if batch:
                    if batch[-1].type in ends and after >= live.last:
                        return
                    continue
                if after > 0 and await self._ended(shop, run, after, ends):
                    return
                await self._news(live)
        finally:
            live.followers -= 1
            self._let_go(shop, run, live)

    async def _next(self, shop: str, run: str, live: _Live, after: int) -> list[RunEvent]:
        if live.fresh and after + 1 >= live.fresh[0].seq:
            return [e for e in live.fresh if e.seq > after]
        wanted = select(RunEventRow).where(*_of(shop, run), col(RunEventRow.seq) > after).order_by(col(RunEventRow.seq)).limit(BATCH)
        return await self._db.read(lambda s: [_event(row) for row in s.scalars(wanted)])

    async def _ended(self, shop: str, run: str, after: int, ends: frozenset[EventType]) -> bool:
        """Whether the one who follows from `after` on has already seen the end."""
        row = await self._db.read(lambda s: s.get(RunEventRow, (shop, run, after)))
        live = self._live.get((shop, run))
        return row is not None and row.type in ends and (live is None or not live.fresh)

    async def _news(self, live: _Live) -> None:
        try:
            async with asyncio.timeout(self._poll_s):
                await live.news.wait()
        except TimeoutError:
            return

    def _opened(self, shop: str, run: str) -> _Live:
        live = self._live.get((shop, run))
        if live is None:
            last = self._db.read_now(lambda s: s.scalar(select(func.max(col(RunEventRow.seq))).where(*_of(shop, run))))
            live = self._live[(shop, run)] = _Live(saved=last or 0)
        return live

    def _let_go(self, shop: str, run: str, live: _Live) -> None:
        if not live.fresh and not live.followers:
            self._live.pop((shop, run), None)


def _of(shop: str, run: str) -> tuple[Any, ...]:
    return col(RunEventRow.shop_id) == shop, col(RunEventRow.run_id) == run


def _insert(session: Session, shop: str, run: str, events: list[RunEvent]) -> int:
    last = session.scalar(select(func.max(col(RunEventRow.seq))).where(*_of(shop, run))) or 0
    shift = max(0, last + 1 - events[0].seq)
    for e in events:
        row = RunEventRow(shop_id=shop, run_id=run, seq=e.seq + shift, at=e.at, type=e.type, v=e.v, subtask=e.subtask, data=encode(e.data).decode())
        session.add(row)
    return shift


def _event(row: RunEventRow) -> RunEvent:
    return RunEvent(
        run=row.run_id,
        seq=row.seq,
        at=row.at,
        type=row.type,  # type: ignore[arg-type]  # stored by us
        v=row.v,
        subtask=row.subtask,
        data=decode(row.data),
    )
