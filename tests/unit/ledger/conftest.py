from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from agent.db import accounts
from agent.db.engine import Database, sqlite_url


class Clock:
    """A clock that goes only when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "accounts.db"))
    SQLModel.metadata.create_all(made.engine, tables=[t.__table__ for t in TABLES])  # type: ignore[attr-defined]
    yield made
    made.close()


TABLES = (accounts.PersonRow, accounts.ApiKeyRow, accounts.PanelSessionRow, accounts.SignInLinkRow)
