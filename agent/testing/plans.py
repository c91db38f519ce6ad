"""The planner that is installed, over the demo shop: what evals are planned with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from agent.db.engine import Database
from agent.evals.grade import ReadSurface
from agent.evals.scorecard import PlanText
from agent.evals.surface import surface_reader
from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.registry import discover
from agent.resources import Resources
from agent.sdk import ShopInfo, Task
from agent.stores.embedded.demo import make_demo
from agent.students import load_students
from agent.testing.playground import playground
from agent.testing.small_shop import TODAY


@dataclass(frozen=True, slots=True)
class Installed:
    plan: PlanText
    read: ReadSurface


@contextmanager
def installed_planner(extra: Sequence[Task] = (), *, shop: Callable[[Database], ShopInfo] | None = None) -> Iterator[Installed]:
    """
    Args:
        extra: Tasks that are not registered, such as one being written.
        shop: Makes the shop that is asked about; the demo shop, which built-in evals are written for, when None.
    """
    tasks = {task.name: task for task in (*discover(), *extra)}
    planner = Planner(tasks, load_students(Resources().models()))
    with playground(shop=shop or (lambda db: make_demo(db, today=TODAY))) as ground:
        store, clock, locale = ground.store, ground.clock, ground.store.shop.locale

        async def plan(text: str) -> Plan:
            return await planner.plan(Ask(text, locale=locale, shop=store.shop.id), store, clock)

        async def answered(asking: Plan, answers: Mapping[str, str]) -> Plan:
            return await planner.answered(asking, answers, store, clock)

        yield Installed(plan, surface_reader(answered))
