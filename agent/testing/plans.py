"""The planner that is installed, over the demo shop: what evals are planned with; and plans as tests write them down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from agent.db.engine import Database
from agent.evals.grade import ReadSurface
from agent.evals.scorecard import PlanText
from agent.evals.surface import surface_reader
from agent.planning.planner import Planner
from agent.records import Ask, Plan, Subtask
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


def shown(plan: Plan, *, untold: Collection[str] = ()) -> dict[str, Any]:
    """What a request comes to, in few words: the tasks with their fields, the fields asked about, the codes of what is not done.

    Args:
        untold: Fields to leave out, such as those by ids, which say nothing to a reader.
    """
    return {
        "plan": [_few_words(subtask, untold) for subtask in plan.subtasks],
        "asked": sorted({question.field for question in plan.questions}),
        "not_done": sorted({part.code for part in plan.not_done}),
    }


def _few_words(subtask: Subtask, untold: Collection[str]) -> dict[str, Any]:
    said = {name: value for name, value in subtask.args.items() if name not in untold and value not in (None, [], {}, False)}
    return {"task": subtask.task, **{name: _short(value) for name, value in said.items()}}


def _short(value: Any) -> Any:
    """Amounts as numbers, records as they are called, times and change sets as None."""
    match value:
        case {"amount": amount}:
            return amount
        case {"$ref": _}:
            return "$ref"
        case {"start": _, "end": _}:
            return None
        case {"label": label}:
            return label
        case dict():
            return {name: _short(bound) for name, bound in value.items()}
        case str() if len(value) > 18 and value[4] == "-" and "T" in value:
            return None
        case _:
            return value
