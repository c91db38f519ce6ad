"""A gateway with its books: budgets, usage rows, the spend breaker, and benches that last over a restart and reach every worker."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import httpx
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from agent.db.engine import Database
from agent.db.spend import BenchRow
from agent.gateway.configured import gateway_from
from agent.gateway.gateway import Gateway
from agent.gateway.watching import Watcher
from agent.ledger.breaker import SpendBreaker
from agent.ledger.budgets import Budgets
from agent.ledger.usage import Books
from agent.providers.health import Alert, Bench, Health, Kind, Place
from agent.settings import Settings

_SYNC_EVERY_S = 1.0
_log = logging.getLogger("storehand.gateway")


@dataclass(frozen=True, slots=True)
class Opened:
    gateway: Gateway
    books: Books


@asynccontextmanager
async def open_gateway(
    settings: Settings,
    db: Database,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    environ: Mapping[str, str] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    watchers: Sequence[Watcher] = (),
) -> AsyncIterator[Opened]:
    """Everything the config names, open until the block ends; every row is written and every connection closed then.

    Raises:
        SettingsError: A key is named that is not there.
    """
    books = Books(db, Budgets(db, now=now), SpendBreaker(db, now=now))
    benches = Benches(db, now=now)
    gateway = gateway_from(
        settings, record=books.record, meter=books, transport=transport, environ=environ, now=now, health=benches.health, watchers=watchers
    )  # fmt: skip
    await books.start()
    await benches.load()
    syncing = asyncio.create_task(benches.keep_in_step())
    try:
        yield Opened(gateway, books)
    finally:
        syncing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await syncing
        await gateway.close()
        await benches.save()
        await books.close()


class Benches:
    """The health of providers, with what rests kept in the database."""

    def __init__(self, db: Database, *, now: Callable[[], datetime], clock: Callable[[], float] = time.monotonic) -> None:
        self._db, self._now = db, now
        self._changed: dict[Place, Bench] = {}
        self._read_at: datetime | None = None
        self.health = Health(clock, lambda: now().timestamp(), changed=self._note, alert=_tell)

    async def load(self) -> None:
        """Take over what other workers, or this one's predecessor, know."""
        since, self._read_at = self._read_at, self._now()
        query = select(BenchRow) if since is None else select(BenchRow).where(col(BenchRow.changed_at) >= since)
        rows = await self._db.read(lambda session: session.scalars(query).all())
        self.health.restore(bench for row in rows if (bench := _bench(row)).place not in self._changed)

    async def save(self) -> None:
        changed, self._changed = self._changed, {}
        if not changed:
            return
        at = self._now()
        rows = [
            BenchRow(
                kind=bench.place.kind, place=bench.place.name, until=datetime.fromtimestamp(bench.until, UTC), reason=bench.reason, hard=bench.hard,
                opened=bench.opened, changed_at=at,
            )
            for bench in changed.values()
        ]  # fmt: skip
        await self._db.write(lambda session: [session.merge(row) for row in rows])

    async def keep_in_step(self) -> None:
        while True:
            await asyncio.sleep(_SYNC_EVERY_S)
            try:
                await self.save()
                await self.load()
            except SQLAlchemyError as error:  # what is known here still holds here
                _log.warning("benches cannot be shared: %s", type(error).__name__)

    def _note(self, bench: Bench) -> None:
        self._changed[bench.place] = bench


def _bench(row: BenchRow) -> Bench:
    place = Place(cast(Kind, row.kind), row.place)
    return Bench(place=place, until=row.until.timestamp(), reason=row.reason, hard=row.hard, opened=row.opened)


def _tell(alert: Alert) -> None:
    """For the operator: which place and why, and nothing of any request."""
    _log.error("the %s %s needs an operator: %s", alert.place.kind, alert.place.name.partition(":")[0], alert.reason)
