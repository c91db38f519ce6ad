"""Work for later, kept in the database until it has ended well.

A timer is also how work is accepted in the same transaction as what it belongs to: a decision and the timer that applies it are
committed together, so there is no moment in which one exists without the other. Firing does not end a timer; its work does. Until
then it falls due again, later each time, which is how work that failed for a passing reason is retried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.tables import TimerRow
from agent.records import decode, encode

AGAIN_AFTER_S = (5, 15, 60, 300, 900)
"""Seconds until work that did not end well is started again; the last one from then on."""


KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    shop: str
    id: str
    due_at: datetime
    name: str
    """Of the work it starts."""
    payload: dict[str, Any]
    fired: int

    @property
    def work_id(self) -> str:
        """Id of the work of the latest firing: each attempt is work of its own, since finished work is never run again."""
        return f"{self.shop}/{self.id}#{self.fired}"


def utc_now() -> datetime:
    return datetime.now(UTC)


class Timers:
    def __init__(self, db: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._db = db
        self.clock = clock

    def add(self, session: Session, when: datetime, name: str, *, shop: str, id: str, payload: Mapping[str, Any]) -> None:
        """Accept work in the caller's transaction. An id already waiting is moved; one that is done stays done."""
        row = session.get(TimerRow, (shop, id))
        if row is None:
            body = encode(payload).decode()
            session.add(TimerRow(shop_id=shop, id=id, due_at=when, kind=name, payload=body, state="waiting", created_at=self.clock()))
        elif row.state == "waiting":
            row.due_at, row.payload = when, encode(payload).decode()

    def end(self, session: Session, shop: str, id: str, state: str = "done") -> None:
        """Its work ended well, or it is no longer wanted (`cancelled`)."""
        session.execute(update(TimerRow).where(*_is(shop, id)).values(state=state))

    async def write(self, when: datetime, name: str, *, shop: str, id: str, payload: Mapping[str, Any]) -> None:
        await self._db.write(lambda s: self.add(s, when, name, shop=shop, id=id, payload=payload))

    async def due(self, *, limit: int = 100) -> list[Timer]:
        now = self.clock()
        wanted = select(TimerRow).where(col(TimerRow.state) == "waiting", col(TimerRow.due_at) <= now).order_by(col(TimerRow.due_at)).limit(limit)
        return await self._db.read(lambda s: [_timer(row) for row in s.scalars(wanted)])

    async def next_due(self) -> datetime | None:
        wanted = select(col(TimerRow.due_at)).where(col(TimerRow.state) == "waiting").order_by(col(TimerRow.due_at)).limit(1)
        return await self._db.read(lambda s: s.scalar(wanted))

    async def waiting(self, shop: str, id: str) -> Timer | None:
        def read(session: Session) -> Timer | None:
            row = session.get(TimerRow, (shop, id))
            return _timer(row) if row is not None and row.state == "waiting" else None

        return await self._db.read(read)

    async def claim(self, timer: Timer) -> Timer | None:
        """The timer with one more firing, due again later; None when another process was quicker or it has ended."""
        wait_s = AGAIN_AFTER_S[min(timer.fired, len(AGAIN_AFTER_S) - 1)]
        due_at = self.clock() + timedelta(seconds=wait_s)
        claimed = update(TimerRow).where(*_is(timer.shop, timer.id), col(TimerRow.fired) == timer.fired).values(fired=timer.fired + 1, due_at=due_at)
        if await self._db.write(lambda s: _changed(s.execute(claimed))) == 0:
            return None
        return Timer(shop=timer.shop, id=timer.id, due_at=due_at, name=timer.name, payload=timer.payload, fired=timer.fired + 1)

    async def put_off(self, timer: Timer, seconds: float) -> None:
        """Look again later: the work of the last firing still runs somewhere."""
        later = update(TimerRow).where(*_is(timer.shop, timer.id), col(TimerRow.fired) == timer.fired)
        await self._db.write(lambda s: s.execute(later.values(due_at=self.clock() + timedelta(seconds=seconds))))

    async def hasten(self) -> None:
        """Make due at once what was started and never ended: a process that starts does not wait for the next retry."""
        started = update(TimerRow).where(col(TimerRow.state) == "waiting", col(TimerRow.fired) > 0)
        if await self._db.read(
            lambda s: s.scalar(select(col(TimerRow.id)).where(col(TimerRow.state) == "waiting", col(TimerRow.fired) > 0).limit(1))
        ):
            await self._db.write(lambda s: s.execute(started.values(due_at=self.clock())))

    async def sweep(self) -> None:
        """Drop timers that ended long ago."""
        old = delete(TimerRow).where(col(TimerRow.state) != "waiting", col(TimerRow.due_at) < self.clock() - KEPT_FOR)
        await self._db.write(lambda s: s.execute(old))

    async def done(self, shop: str, id: str) -> None:
        await self._db.write(lambda s: self.end(s, shop, id))


def _is(shop: str, id: str) -> tuple[Any, ...]:
    return col(TimerRow.shop_id) == shop, col(TimerRow.id) == id, col(TimerRow.state) == "waiting"


def _changed(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _timer(row: TimerRow) -> Timer:
    return Timer(shop=row.shop_id, id=row.id, due_at=row.due_at, name=row.kind, payload=decode(row.payload), fired=row.fired)
