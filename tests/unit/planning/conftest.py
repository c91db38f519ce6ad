"""The small shop, a clock that stands still in it, and a planner whose reader was taught by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from desks import NOW, Desk

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.planning.language.values import Terms
from agent.planning.planner import Planner
from agent.registry import discover
from agent.resources import Resources
from agent.sdk import Task
from agent.stores.embedded.shops import shop_named
from agent.stores.embedded.store import EmbeddedStore
from agent.students import Students, load_students
from agent.testing.small_shop import make_small_shop


@pytest.fixture(scope="session")
def terms() -> Callable[..., Terms]:
    def made(now: datetime = NOW, *, currency: str = "EUR", locale: str = "en-GB", week_starts: Any = "monday") -> Terms:
        return Terms(currency=currency, locale=locale, week_starts=week_starts, now=now)

    return made


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    db = Database(sqlite_url(tmp_path_factory.mktemp("planning") / "shop.db"))
    upgrade(db)
    shop = make_small_shop(db)
    yield EmbeddedStore(db, shop.id)
    db.close()


@pytest.fixture(scope="session")
def tasks() -> Mapping[str, Task]:
    return discover(plugins=False).tasks


@pytest.fixture(scope="session")
def students() -> Students:
    """The models that ship, loaded once."""
    return load_students(Resources().models())


@pytest.fixture(scope="module")
def planner(tasks: Mapping[str, Task], students: Students) -> Planner:
    """Not shared further: it keeps the words of each shop by its id, and the small shop and the demo shop, in houses of their own, have the same."""
    return Planner(tasks, students)


@pytest.fixture(scope="session")
def demo(demo_data: Path) -> Iterator[EmbeddedStore]:
    db = Database(sqlite_url(demo_data / "storehand.db"))
    yield EmbeddedStore(db, shop_named(db, "demo").id)
    db.close()


@pytest.fixture
def desk(tasks: Mapping[str, Task], store: EmbeddedStore) -> Desk:
    return Desk(tasks, store)
