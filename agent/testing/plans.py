"""The planner that is installed, over the small shop: what evals are planned with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from agent.evals.scorecard import PlanText
from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.registry import discover
from agent.resources import Resources
from agent.sdk import Task
from agent.students import load_students
from agent.testing.playground import playground


@contextmanager
def installed_planner(extra: Sequence[Task] = ()) -> Iterator[PlanText]:
    """
    Args:
        extra: Tasks that are not registered, such as one being written.
    """
    tasks = {task.name: task for task in (*discover(), *extra)}
    planner = Planner(tasks, load_students(Resources().models()))
    with playground() as ground:

        async def plan(text: str) -> Plan:
            return await planner.plan(Ask(text, locale=ground.store.shop.locale, shop=ground.store.shop.id), ground.store, ground.clock)

        yield plan
