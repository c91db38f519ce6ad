"""The database: SQLite in WAL mode by default, Postgres through the extra, one way to use either.

Work runs in worker threads with a plain session, so a long query never holds the event loop. On SQLite one writer
at a time is let in, and a write begins with BEGIN IMMEDIATE, so that two writers wait rather than fail half way.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.orm import Session

from agent.errors import StoreUnavailable

T = TypeVar("T")


class Database:
    """One database. `read` and `write` run a function with a session in a worker thread; `write` commits when it returns."""

    def __init__(self, url: str, *, threads: int = 4) -> None:
        """
        Args:
            url: "sqlite:////path/to/file.db" or "postgresql+psycopg://…".
            threads: Most reads under way at once.
        """
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine: Engine = create_engine(url, connect_args={"check_same_thread": False} if self.is_sqlite else {}, pool_size=threads + 1)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin)
            event.listen(self.engine, "handle_error", self._damaged)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="db")
        self._writer = threading.Lock()

    async def read(self, work: Callable[[Session], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.read_now, work)

    async def write(self, work: Callable[[Session], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.write_now, work)

    def read_now(self, work: Callable[[Session], T]) -> T:
        """`read` for callers that are not in an event loop."""
        with Session(self.engine, expire_on_commit=False) as session:
            return work(session)

    def write_now(self, work: Callable[[Session], T]) -> T:
        """`write` for callers that are not in an event loop. Raises what `work` raises, with nothing written."""
        if not self.is_sqlite:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        with (
            self._writer,
            self.engine.connect().execution_options(storehand_write=True) as connection,
            connection.begin(),
            Session(connection, expire_on_commit=False) as session,
        ):
            done = work(session)
            session.flush()
            return done

    async def rehearse(self, work: Callable[[Session], T]) -> T:
        """What `work` gives when it writes, with all that it wrote taken back. Raises what `work` raises.

        It waits its turn as any write does, so it is for what takes milliseconds.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._rehearse_now, work)

    def _rehearse_now(self, work: Callable[[Session], T]) -> T:
        done: list[T] = []

        def tried(session: Session) -> None:
            done.append(work(session))
            raise _TakenBack

        with suppress(_TakenBack):
            self.write_now(tried)
        return done[0]

    def _damaged(self, context: ExceptionContext) -> None:
        """
        Raises:
            StoreUnavailable: A part of the file that is read only now turns out to be damaged; opening it reads little.
        """
        if getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
            file = self.engine.url.database
            raise StoreUnavailable(f"The database {file} is damaged. Restore it from a backup, or name another data folder.") from (
                context.original_exception
            )

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


PRAGMAS = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-65536", "temp_store=MEMORY")
"""The patience first, since turning a new file to WAL waits too. Half a minute: another process may be making the demo shop on a busy machine."""


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own: `_begin` does
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("storehand_write") else "BEGIN")


class _TakenBack(Exception):
    """Ends a rehearsal's transaction without keeping it."""
