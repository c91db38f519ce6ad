"""The small shop, a clock that stands still in it, and a planner whose reader was taught by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from marked import Pupils, ScriptedGateway

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.planning.planner import Planner
from agent.planning.values import Terms
from agent.records import Ask, Plan, Subtask
from agent.registry import discover
from agent.sdk import Task
from agent.stores.embedded.store import EmbeddedStore
from agent.testing.small_shop import TODAY, make_small_shop

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZoneInfo("Europe/Berlin"))
"""Friday, 20 November 2026."""


@dataclass(frozen=True)
class StandingClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.date()


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


class Desk:
    """Plans requests that were marked up by hand."""

    def __init__(
        self, tasks: Mapping[str, Task], store: EmbeddedStore, *, gateway: ScriptedGateway | None = None, trained: Mapping[str, Task] | None = None
    ) -> None:
        self.pupils = Pupils(list(tasks if trained is None else trained))
        self.planner, self.store, self.clock = Planner(tasks, self.pupils, gateway), store, StandingClock()

    def plan(self, marked: str, *, readable: float = 0.99, **context: str) -> Plan:
        text = self.pupils.reader.teach(marked, readable=readable)
        return asyncio.run(self.planner.plan(Ask(text, shop=self.store.shop.id, context=context), self.store, self.clock))

    def answered(self, plan: Plan, **answers: str) -> Plan:
        return asyncio.run(self.planner.answered(plan, answers, self.store, self.clock))

    def title(self, id: str) -> str:
        return asyncio.run(self.store.product(id)).title

    def titles(self, subtask: Subtask, field: str) -> set[str]:
        return {self.title(id) for id in subtask.args[field]["ids"]}


@pytest.fixture
def desk(tasks: Mapping[str, Task], store: EmbeddedStore) -> Desk:
    return Desk(tasks, store)
