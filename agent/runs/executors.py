"""Which processes run durable work on this data, and which of them are dead.

DBOS leaves the work of a process that died to whoever starts under the same name. Names here are never used twice, so each process
beats in a table, and whoever is alive takes up what the dead left.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.tables import ExecutorRow

KEPT_FOR = timedelta(days=1)


class Executors:
    def __init__(self, db: Database, *, clock: Callable[[], datetime], lease_s: float) -> None:
        """
        Args:
            lease_s: Seconds without a beat after which a process on another machine counts as dead. On this one the kernel is asked.
        """
        self.id = process_name()
        self._db, self._clock, self._lease = db, clock, timedelta(seconds=lease_s)

    async def beat(self) -> None:
        now, host, pid = self._clock(), socket.gethostname(), os.getpid()

        def write(session: Session) -> None:
            row = session.get(ExecutorRow, self.id) or ExecutorRow(id=self.id, host=host, pid=pid, started_at=now, beat_at=now)
            row.beat_at, row.stopped_at = now, None
            session.add(row)

        await self._db.write(write)

    async def leave(self) -> None:
        def write(session: Session) -> None:
            if row := session.get(ExecutorRow, self.id):
                row.stopped_at = self._clock()
            session.execute(delete(ExecutorRow).where(col(ExecutorRow.beat_at) < self._clock() - KEPT_FOR))

        await self._db.write(write)

    async def alive(self) -> frozenset[str]:
        rows = await self._db.read(lambda s: list(s.scalars(select(ExecutorRow).where(col(ExecutorRow.stopped_at).is_(None)))))
        return frozenset(row.id for row in rows if self._lives(row)) | {self.id}

    def _lives(self, row: ExecutorRow) -> bool:
        return self._clock() - row.beat_at <= self._lease and lives(row.id) is not False


def process_name() -> str:
    """A name for this process that none other has, nor had: "host/pid/random"."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"


def lives(name: str, *, me: str | None = None) -> bool | None:
    """Whether the process of that name runs on this machine; None when it is another machine's.

    Args:
        me: The caller's own name, which lives.
    """
    if name == me:
        return True
    host, _, rest = name.partition("/")
    number = rest.partition("/")[0]
    if host != socket.gethostname() or not number.isdigit():
        return None
    # In a container the process that follows a killed one often has its number: another name under my own number is dead.
    return int(number) != os.getpid() and _exists(int(number))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
