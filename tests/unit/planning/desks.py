"""The small shop, a clock that stands still in it, and a planner whose reader was taught by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from marked import Pupils, ScriptedGateway

from agent.planning.planner import Planner
from agent.records import Ask, Plan, Subtask
from agent.sdk import Task
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore
from agent.testing.small_shop import TODAY

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZoneInfo("Europe/Berlin"))
"""Friday, 20 November 2026."""


@dataclass(frozen=True)
class StandingClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.date()


def planned(planner: Planner, store: EmbeddedStore, text: str) -> Plan:
    """The plan that the models which ship make of a first message, today."""
    shop = store.shop
    return asyncio.run(planner.plan(Ask(text, shop=shop.id, locale=shop.locale), store, ShopClock(shop.time_zone)))


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
