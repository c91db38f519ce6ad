"""A gateway with its books: budgets, usage rows, the spend breaker, and benches and lessons that last over a restart and reach every worker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from agent.db.engine import Database
from agent.gateway.configured import gateway_from
from agent.gateway.gateway import Gateway
from agent.gateway.kept import Benches, Lessons, keep_in_step
from agent.gateway.watching import Watcher
from agent.ledger.breaker import SpendBreaker
from agent.ledger.budgets import Budgets
from agent.ledger.usage import Books
from agent.settings import Settings


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
    benches, lessons = Benches(db, now=now), Lessons(db, now=now)
    gateway = gateway_from(
        settings, record=books.record, meter=books, transport=transport, environ=environ, now=now, health=benches.health, learned=lessons.learned,
        watchers=watchers,
    )  # fmt: skip
    await books.start()
    await benches.load()
    await lessons.load()
    syncing = asyncio.create_task(keep_in_step(benches, lessons))
    try:
        yield Opened(gateway, books)
    finally:
        syncing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await syncing
        await gateway.close()
        await benches.save()
        await lessons.save()
        await books.close()
