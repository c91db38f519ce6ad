"""The log of each run's events: numbered from 1, kept in the database, followed from any process.

A follower is shown only what is in the database: whoever follows writes down what is not yet written. So an event it has seen is
never lost or numbered anew, also when the process is killed the moment after; and a run that nobody follows costs one commit.
Followers hold a place in the log and no queue, so a slow one costs nothing; one that waits costs nothing either, since one look every quarter
of a second at the last numbers finds what other processes wrote, for all that is followed here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.tables import RunEventRow
from agent.records import EventType, RunEvent, decode, encode
from agent.runs.timers import utc_now

ENDS: frozenset[EventType] = frozenset({"run_finished", "run_waiting", "run_stopped", "run_error"})
"""After these nothing comes until somebody answers or decides."""
BATCH = 500


Along = Callable[[Session], None]


@dataclass(slots=True)
class _Live:
    """A run under way here, or with events that are not yet in the database, or with followers here."""

    saved: int
    """Number of the last event in the database, as far as this process knows."""
    fresh: list[RunEvent] = field(default_factory=list)
    heard: int = 0
    """Number of the last event that another process is known to have written."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once, by the next event; whoever waits takes it before it reads."""
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    followers: int = 0
    under_way: bool = False
    kept: bool = True
    """Whether its events are for the database at all."""
    along: Callable[[], Along] | None = None
    """What is to be written with any of its events: how the run stands."""

    @property
    def last(self) -> int:
        return self.fresh[-1].seq if self.fresh else self.saved

    def tell(self) -> None:
        told, self.news = self.news, asyncio.Event()
        told.set()


def _nothing(_: Session) -> None:
    pass


class EventLog:
    def __init__(
        self,
        db: Database,
        *,
        clock: Callable[[], datetime] = utc_now,
        poll_s: float = 0.25,
        beside: Callable[[Session, str, Sequence[RunEvent]], None] | None = None,
    ) -> None:
        """
        Args:
            beside: Called in the transaction that keeps a shop's events, with these: for what has to be told of them just as surely.
            poll_s: How often a follower looks for events that another process wrote.
        """
        self._db, self._clock, self._poll_s, self._beside = db, clock, poll_s, beside
        self._live: dict[tuple[str, str], _Live] = {}
        self._looking: asyncio.Task[None] | None = None

    def append(self, shop: str, run: str, type: EventType, data: Mapping[str, Any], *, subtask: str | None = None) -> RunEvent:
        """Add an event. It is seen as soon as somebody follows here, or else from `persist` on."""
        live = self._opened(shop, run)
        event = RunEvent(run=run, seq=live.last + 1, at=self._clock(), type=type, subtask=subtask, data=dict(data))
        live.fresh.append(event)
        live.tell()
        return event

    def begin(self, shop: str, run: str, *, along: Callable[[], Along] | None = None, kept: bool = True, new: bool = True) -> None:
        """Say that the run is under way here, until `over`.

        Args:
            along: Makes what is written in one transaction with any of its events: the run itself, so that the two never tell
                different stories.
            kept: False for a run of which nothing is kept; its followers see its events all the same.
            new: It has no events yet, so that nobody looks for them in the database.
        """
        live = self._live.setdefault((shop, run), _Live(saved=0)) if new else self._opened(shop, run)
        live.under_way, live.along, live.kept = True, along, kept

    def over(self, shop: str, run: str) -> None:
        """Say that the run is not under way here any more."""
        if (live := self._live.get((shop, run))) is not None:
            live.under_way, live.along = False, None
            self._let_go(shop, run, live)

    async def persist(self, shop: str, run: str, *, along: Along = _nothing) -> None:
        """Write the events that are not in the database yet, in one transaction.

        Should another process have written to the same run meanwhile, these come after its events and are renumbered.

        Args:
            along: What else is to be written in the same transaction, events or no events.
        """
        live = self._live.get((shop, run))
        if live is None:
            await self._alone(along)
        else:
            # Nobody may leave between the commit and the note of it, or the next one would write the same events again.
            await asyncio.shield(asyncio.ensure_future(self._in_turn(shop, run, live, along)))

    async def _in_turn(self, shop: str, run: str, live: _Live, along: Along) -> None:
        async with live.writing:  # two who write at once would write the same events twice
            await (self._with_events(shop, run, live, along) if live.fresh else self._alone(along))
        self._let_go(shop, run, live)

    async def _alone(self, along: Along) -> None:
        if along is not _nothing:
            await self._db.write(along)

    async def _with_events(self, shop: str, run: str, live: _Live, along: Along) -> None:
        events = list(live.fresh)
        standing = live.along() if live.along is not None else _nothing

        def written(session: Session) -> int:
            standing(session)
            along(session)
            if self._beside is not None:
                self._beside(session, shop, events)
            return _insert(session, shop, run, events)

        shift = await self._db.write(written)
        live.fresh = [replace(e, seq=e.seq + shift) for e in live.fresh[len(events) :]]
        live.saved = live.heard = events[-1].seq + shift
        live.tell()

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

    async def so_far(self, shop: str, run: str) -> list[RunEvent]:
        """Every event there is of the run by now."""
        wanted = select(RunEventRow).where(*_of(shop, run)).order_by(col(RunEventRow.seq))
        kept = await self._db.read(lambda session: [_event(row) for row in session.scalars(wanted)])
        live = self._live.get((shop, run))
        return [*kept, *(event for event in live.fresh if not kept or event.seq > kept[-1].seq)] if live else kept

    async def follow(self, shop: str, run: str, *, after: int = 0, ends: frozenset[EventType] = ENDS) -> AsyncIterator[RunEvent]:
        """Events numbered above `after`, the old ones first, then as they come; ends after one of `ends` when nothing has followed it yet."""
        live = self._opened(shop, run)
        live.followers += 1
        self._look_out()
        try:
            while True:
                news = live.news
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
                await news.wait()
        finally:
            live.followers -= 1
            self._let_go(shop, run, live)
            if self._looking is not None and not self._followed():
                self._looking.cancel()
                self._looking = None

    async def _next(self, shop: str, run: str, live: _Live, after: int) -> list[RunEvent]:
        if live.fresh and not live.kept:
            return [e for e in live.fresh if e.seq > after]
        if live.fresh:
            try:
                await self.persist(shop, run)
            except SQLAlchemyError:  # a full disk: better shown and lost than neither; whoever runs the run tells of it
                return [e for e in live.fresh if e.seq > after]
        wanted = select(RunEventRow).where(*_of(shop, run), col(RunEventRow.seq) > after).order_by(col(RunEventRow.seq)).limit(BATCH)
        return await self._db.read(lambda s: [_event(row) for row in s.scalars(wanted)])

    async def _ended(self, shop: str, run: str, after: int, ends: frozenset[EventType]) -> bool:
        """Whether the one who follows from `after` on has already seen the end."""
        row = await self._db.read(lambda s: s.get(RunEventRow, (shop, run, after)))
        live = self._live.get((shop, run))
        return row is not None and row.type in ends and (live is None or not live.fresh)

    def followed(self, shop: str, run: str) -> bool:
        """Whether anybody follows the run here."""
        live = self._live.get((shop, run))
        return live is not None and live.followers > 0

    def _followed(self) -> list[tuple[str, str]]:
        return [key for key, live in self._live.items() if live.followers]

    def _look_out(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="run events")

    async def _look(self) -> None:
        """Tell followers here what other processes wrote."""
        while True:
            await asyncio.sleep(self._poll_s)
            with suppress(SQLAlchemyError):  # a locked file or a lost connection passes
                found = await self._db.read(partial(_last_of, runs=self._followed()))
                for key, last in found.items():
                    if (live := self._live.get(key)) is not None and last > max(live.heard, live.saved):
                        live.heard = last
                        live.tell()

    def _opened(self, shop: str, run: str) -> _Live:
        live = self._live.get((shop, run))
        if live is None:
            last = self._db.read_now(lambda s: s.scalar(select(func.max(col(RunEventRow.seq))).where(*_of(shop, run))))
            live = self._live[(shop, run)] = _Live(saved=last or 0)
        return live

    def _let_go(self, shop: str, run: str, live: _Live) -> None:
        if not live.fresh and not live.followers and not live.under_way:
            self._live.pop((shop, run), None)


def _last_of(session: Session, runs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The number of the last event of each."""
    of_shops: dict[str, list[str]] = {}
    for shop, run in runs:
        of_shops.setdefault(shop, []).append(run)
    found: dict[tuple[str, str], int] = {}
    for shop, ids in of_shops.items():
        row = RunEventRow
        wanted = select(col(row.run_id), func.max(col(row.seq))).where(col(row.shop_id) == shop, col(row.run_id).in_(ids)).group_by(col(row.run_id))
        found |= {(shop, run): last for run, last in session.execute(wanted)}
    return found


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
