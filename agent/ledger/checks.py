"""How each target of a provider last took a tiny call that somebody asked for. It is the installation's, not a shop's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from agent.db.engine import Database
from agent.db.spend import CheckRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCheck:
    target: str
    at: datetime
    ok: bool
    took_ms: int
    detail: str


async def keep(db: Database, checks: Iterable[LastCheck]) -> None:
    """The newest of each target takes the place of the one before."""
    rows = [CheckRow(target=check.target, at=check.at, ok=check.ok, took_ms=check.took_ms, detail=check.detail) for check in checks]
    await db.write(lambda session: [session.merge(row) for row in rows])


async def last_checks(db: Database) -> Mapping[str, LastCheck]:
    """By the target's name."""
    rows = await db.read(lambda session: session.scalars(select(CheckRow)).all())
    return {row.target: LastCheck(target=row.target, at=row.at, ok=row.ok, took_ms=row.took_ms, detail=row.detail) for row in rows}
