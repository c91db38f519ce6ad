"""An empty database, and files written for one test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

Ask = Callable[[str], list[tuple[Any, ...]]]
WriteFile = Callable[..., Path]


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows, made once."""
    path = tmp_path_factory.mktemp("empty") / "shop.db"
    database = Database(sqlite_url(path))
    upgrade(database)
    database.close()
    return path


@pytest.fixture
def db(tmp_path: Path, empty: Path) -> Iterator[Database]:
    database = Database(sqlite_url(shutil.copy(empty, tmp_path / "shop.db")))
    yield database
    database.close()


@pytest.fixture
def ask(db: Database) -> Ask:
    """Rows of a plain SQL query."""
    return lambda sql: db.read_now(lambda session: [tuple(row) for row in session.execute(text(sql))])


@pytest.fixture
def order_lines(tmp_path: Path) -> WriteFile:
    """A file of order lines with the usual header."""

    def write(*lines: str, name: str = "orders.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
        return path

    return write
