"""Usage rows, written behind the answers in batches and never lost on an orderly stop; and what they add up to."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from sqlalchemy import Integer, case, cast, func, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.spend import AttemptRow
from agent.ledger.breaker import SpendBreaker
from agent.ledger.budgets import Budgets, pico_of, usd_of
from agent.ledger.records import Attempt, Held, Spender
from agent.records import new_id

By = Literal["key", "owner", "task", "model", "shop", "day", "provider", "purpose", "run"]

_COLUMNS: Mapping[By, Any] = {
    "key": AttemptRow.key_id,
    "owner": AttemptRow.principal_id,
    "task": AttemptRow.task,
    "shop": AttemptRow.shop_id,
    "purpose": AttemptRow.purpose,
    "provider": AttemptRow.provider,
    "run": AttemptRow.run_id,
}
_TABLE: Any = AttemptRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class one
MOST_WAITING = 5_000
"""Rows kept in memory at most; beyond it a call waits before it starts, so that a slow database cannot fill the memory."""
EVERY_S = 0.2
_BATCH = 500
_PAUSES_EVERY = 5
"""Turns of writing after which the pauses of other workers are looked for: a second."""
_log = logging.getLogger("storehand.usage")


class Books:
    """What the gateway needs of the ledger: it reserves and settles by the budgets, records attempts, and heeds the spend breaker."""

    def __init__(self, db: Database, budgets: Budgets, breaker: SpendBreaker | None = None) -> None:
        self._db, self.budgets, self.breaker = db, budgets, breaker
        self._waiting: deque[Attempt] = deque()
        self._room = asyncio.Event()
        self._room.set()
        self._writer: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._writing = asyncio.Lock()

    async def start(self) -> None:
        """Book what dead workers left, and begin to write behind."""
        await self.budgets.recover()
        if self.breaker is not None:
            await self.breaker.load()
        self._writer = asyncio.create_task(self._write_behind())

    async def close(self) -> None:
        """Write every row and give the leases back; nothing is lost."""
        self._stopping.set()  # not cancelled: a batch that is half written would be written twice
        if self._writer is not None:
            await self._writer
        await self.flush()
        await self.budgets.close()

    @property
    def waiting(self) -> int:
        """Rows that are not in the database yet."""
        return len(self._waiting)

    def record(self, attempt: Attempt) -> None:
        """Never blocks."""
        self._waiting.append(attempt)
        if self.breaker is not None:
            self.breaker.saw(attempt)
        if len(self._waiting) >= MOST_WAITING:
            self._room.clear()

    async def reserve(self, spender: Spender, worst: Decimal | None) -> Held:
        """
        Raises:
            OverBudget, RunawaySpend: As `Meter`.
        """
        if not self._room.is_set():
            await self._room.wait()
        if self.breaker is not None:
            self.breaker.check(spender)
        return await self.budgets.reserve(spender, worst)

    def settle(self, held: Held, cost: Decimal | None) -> None:
        self.budgets.settle(held, cost)

    async def flush(self) -> None:
        """Write what waits. A row leaves the memory only when it is in the database."""
        async with self._writing:
            await self._flush()

    async def _flush(self) -> None:
        while self._waiting:
            batch = [self._waiting[place] for place in range(min(_BATCH, len(self._waiting)))]
            await self._db.write(lambda session, batch=batch: _insert(session, batch))  # type: ignore[misc]  # a default binds it
            for _ in batch:
                self._waiting.popleft()
            if len(self._waiting) < MOST_WAITING:
                self._room.set()
        await self.budgets.flush()
        if self.breaker is not None:
            await self.breaker.flush()

    async def _write_behind(self) -> None:
        turns = itertools.count(1)
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), EVERY_S)
            try:
                await self.flush()
                if self.breaker is not None and next(turns) % _PAUSES_EVERY == 0:
                    await self.breaker.load()  # what another worker paused, or its owner let go on
            except Exception as error:  # whatever it is, the rows are still here and the next turn tries again: this must not end
                _log.warning("usage rows cannot be written: %s", type(error).__name__)


def _insert(session: Session, attempts: Sequence[Attempt]) -> None:
    rows, connection = [row_of(attempt) for attempt in attempts], session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(insert(_TABLE), rows)
        return
    # What SQLAlchemy does for each row of many costs as much as SQLite's own part of it, and every call of a model is one.
    moment = _TABLE.c.at.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    columns = list(rows[0])
    values = [tuple(moment(value) if name == "at" else value for name, value in row.items()) for row in rows]
    connection.exec_driver_sql(f"INSERT INTO {_TABLE.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", values)


def row_of(attempt: Attempt) -> dict[str, Any]:
    spender, usage = attempt.spender, attempt.usage
    return {
        "shop_id": spender.shop,
        "id": new_id("att"),
        "at": attempt.at,
        "alias": attempt.alias,
        "provider": attempt.provider,
        "model": attempt.model,
        "purpose": attempt.purpose,
        "key_id": spender.key,
        "principal_id": spender.principal,
        "run_id": spender.run,
        "subtask": spender.subtask,
        "task": spender.task,
        "request_id": spender.request_id,
        "prompt_digest": attempt.prompt_digest,
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cached_tokens": usage.cached,
        "cache_written_tokens": usage.cache_written,
        "reasoning_tokens": usage.reasoning,
        "estimated": usage.estimated,
        "cost_pico": None if attempt.cost_usd is None else pico_of(attempt.cost_usd),
        "price": None if attempt.price is None else msgspec.json.encode(attempt.price).decode(),
        "error": attempt.error,
        "absorbed": attempt.absorbed,
        "why": attempt.why,
        "latency_ms": round(attempt.latency_s * 1000),
        "first_token_ms": None if attempt.first_token_s is None else round(attempt.first_token_s * 1000),
        "streamed": attempt.streamed,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLine:
    """One group of a report."""

    name: str
    calls: int
    """Attempts, failed ones too."""
    failed: int
    absorbed: int
    """Failures that no caller noticed."""
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_usd: Decimal
    unpriced: int
    """Attempts whose price was not known; their cost is not in `cost_usd`."""
    estimated: int
    latency_ms: int | None
    """Mean over those that answered."""

    @classmethod
    def nothing(cls, name: str) -> UsageLine:
        """A group in which no model was called."""
        return cls(
            name=name, calls=0, failed=0, absorbed=0, input_tokens=0, output_tokens=0, cached_tokens=0, reasoning_tokens=0, cost_usd=Decimal(0),
            unpriced=0, estimated=0, latency_ms=None,
        )  # fmt: skip


async def usage(
    db: Database, shop: str, *, by: By = "day", start: datetime | None = None, end: datetime | None = None, limit: int = 1000
) -> Sequence[UsageLine]:
    """What a shop spent, by whatever is asked, the dearest first; days in order.

    Args:
        start: From then on; None for the beginning.
        end: Until before then; None for now.
    """
    name = _name(db, by)
    good = col(AttemptRow.error).is_(None)
    one = case((good, 0), else_=1)
    query = (
        select(
            name,
            func.count(),
            func.sum(one),
            func.sum(cast(AttemptRow.absorbed, Integer)),
            func.sum(AttemptRow.input_tokens),
            func.sum(AttemptRow.output_tokens),
            func.sum(AttemptRow.cached_tokens),
            func.sum(AttemptRow.reasoning_tokens),
            func.coalesce(func.sum(AttemptRow.cost_pico), 0),
            func.sum(case((col(AttemptRow.cost_pico).is_(None), 1), else_=0)),
            func.sum(cast(AttemptRow.estimated, Integer)),
            func.avg(case((good, AttemptRow.latency_ms))),
        )
        .where(col(AttemptRow.shop_id) == shop, *_between(start, end))
        .group_by(name)
        .limit(limit)
    )
    query = query.order_by(name) if by == "day" else query.order_by(func.coalesce(func.sum(AttemptRow.cost_pico), 0).desc(), name)
    rows = await db.read(lambda session: session.execute(query).all())
    return [_line(row) for row in rows]


async def attempts_of(db: Database, shop: str, run: str) -> Sequence[AttemptRow]:
    """Every call of one run, in order."""
    query = select(AttemptRow).where(col(AttemptRow.shop_id) == shop, col(AttemptRow.run_id) == run).order_by(col(AttemptRow.at), col(AttemptRow.id))
    return await db.read(lambda session: session.scalars(query).all())


def _between(start: datetime | None, end: datetime | None) -> list[Any]:
    return ([col(AttemptRow.at) >= start] if start else []) + ([col(AttemptRow.at) < end] if end else [])


def _name(db: Database, by: By) -> Any:
    if by == "day":
        return func.strftime("%Y-%m-%d", AttemptRow.at) if db.is_sqlite else func.to_char(AttemptRow.at, "YYYY-MM-DD")
    if by == "model":
        return col(AttemptRow.provider) + "/" + col(AttemptRow.model)
    return _COLUMNS[by]


def _line(row: Sequence[Any]) -> UsageLine:
    return UsageLine(
        name=row[0] or "",
        calls=row[1],
        failed=row[2],
        absorbed=row[3],
        input_tokens=row[4],
        output_tokens=row[5],
        cached_tokens=row[6],
        reasoning_tokens=row[7],
        cost_usd=usd_of(int(row[8])),
        unpriced=row[9],
        estimated=row[10],
        latency_ms=None if row[11] is None else round(row[11]),
    )
