"""Replies kept under the caller's Idempotency-Key: the same request again is answered with the same bytes and does nothing.

Keys are the shop's, the principal's and the endpoint's own. A key whose request never got a reply because its process died is free again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.tables import IdempotencyRow
from agent.records import decode, encode
from agent.runs.executors import lives, process_name
from agent.runs.timers import utc_now

KEPT_FOR = timedelta(hours=48)
LONGEST = timedelta(minutes=10)
"""No request takes longer; one that is in flight for longer has no process any more."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Not seen before: do the work, then `end` (or `forget` where it may be tried again)."""

    left: bool = False
    """It was seen by a process that died before it answered, and may have been done."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """The first request under this key has no reply yet: 409."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The key came with another body: 422."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The reply as it was."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one key's reply is kept."""

    shop: str
    principal: str
    endpoint: str
    key: str


class Idempotency:
    def __init__(self, db: Database, *, process: str | None = None, clock: Callable[[], datetime] = utc_now) -> None:
        """
        Args:
            process: A name no other process has, nor had (see `process_name`): what it left in flight when it died is free again.
        """
        self._db, self._process, self._clock = db, process or process_name(), clock

    async def begin(self, slot: Slot, body_digest: str) -> Fresh | Replay | InFlight | Mismatch:
        """What to do with a request; of many at once under one key exactly one is fresh."""
        now = self._clock()

        def write(session: Session) -> Fresh | Replay | InFlight | Mismatch:
            row = session.get(IdempotencyRow, _key(slot), with_for_update=True)
            left = row is not None and self._left(row, now)
            if row is not None and now - row.created_at < KEPT_FOR and not left:
                return _seen(row, body_digest)
            if row is not None:
                session.delete(row)
                session.flush()
            session.add(
                IdempotencyRow(
                    shop_id=slot.shop,
                    principal_id=slot.principal,
                    endpoint=slot.endpoint,
                    key=slot.key,
                    body_digest=body_digest,
                    state="in_flight",
                    executor=self._process,
                    created_at=now,
                )  # fmt: skip
            )
            return Fresh(left=left)

        return await self._db.write(write)

    async def end(self, slot: Slot, *, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Keep the reply for whoever asks again."""

        def write(session: Session) -> None:
            row = session.get(IdempotencyRow, _key(slot))
            if row is not None:
                row.state, row.status, row.headers, row.body = "done", status, encode(dict(headers)).decode(), body
                row.ended_at = self._clock()

        await self._db.write(write)

    async def forget(self, slot: Slot) -> None:
        """Free the key: nothing was done under it."""
        await self._db.write(lambda s: s.execute(delete(IdempotencyRow).where(*_is(slot), col(IdempotencyRow.state) == "in_flight")))

    async def sweep(self) -> None:
        """Drop replies that are old enough."""
        old = delete(IdempotencyRow).where(col(IdempotencyRow.created_at) < self._clock() - KEPT_FOR)
        await self._db.write(lambda s: s.execute(old))

    def _left(self, row: IdempotencyRow, now: datetime) -> bool:
        return row.state == "in_flight" and (lives(row.executor, me=self._process) is False or now - row.created_at > LONGEST)


def _key(slot: Slot) -> tuple[str, str, str, str]:
    return slot.shop, slot.principal, slot.endpoint, slot.key


def _is(slot: Slot) -> tuple[ColumnElement[bool], ...]:
    row = IdempotencyRow
    return col(row.shop_id) == slot.shop, col(row.principal_id) == slot.principal, col(row.endpoint) == slot.endpoint, col(row.key) == slot.key


def _seen(row: IdempotencyRow, body_digest: str) -> Replay | InFlight | Mismatch:
    if row.body_digest != body_digest:
        return Mismatch()
    if row.state != "done" or row.status is None or row.body is None:
        return InFlight()
    return Replay(row.status, decode(row.headers or "{}"), row.body)
