"""The page Tasks: everything that can be asked for, with words that ask for it; and one task with what it takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import NoSuchTask, NotFound, TaskDefinitionError
from agent.evals.cases import cases_of
from agent.ledger.reports import report
from agent.runs.history import Sought
from agent.sdk import Task
from agent.sdk.task import Effect, Slot
from agent.web.panel.desk import Desk, Visit, html
from agent.web.panel.words import Words
from agent.web.spend import Spend

EFFECTS: tuple[Effect, ...] = ("read", "draft", "write", "action")
_LATELY = timedelta(days=30)
_FEW = 5

KINDS = {
    "text": "text", "texts": "texts", "flag": "yes or no", "integer": "a whole number", "money": "an amount", "percent": "percent",
    "period": "a stretch of time", "moment": "a day or a time", "counts": "how many of each", "range_int": "from and to",
    "range_money": "from and to", "range_number": "from and to", "selection product": "products", "selection variant": "variants",
    "selection customer": "customers", "selection order": "orders", "selection discount": "discounts", "selection review": "reviews",
    "ref collection": "a collection",
}  # fmt: skip
"""What kinds of values are called where people read of them."""


def task_routes(desk: Desk, spend: Spend | None) -> list[HTTPRouteHandler]:
    service = desk.service

    @get("/tasks")
    async def tasks_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        sought = request.query_params.get("q", "").strip()[:200]
        found = [task for task in service.tasks() if _is_about(task, sought)]
        groups = [(effect, sorted((t for t in found if t.effect == effect), key=lambda t: t.name)) for effect in EFFECTS]
        values: dict[str, Any] = {"groups": [group for group in groups if group[1]], "sought": sought}
        if visit.by_htmx:
            return html(desk.part(visit, "parts/tasks.html", **values))
        return await desk.page(visit, "tasks.html", here="tasks", count=len(service.tasks()), **values)

    @get("/tasks/{name:str}")
    async def task_page(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[str]:
        visit = await desk.visit(request)
        try:
            task = service.task(name)
        except NoSuchTask:
            raise NotFound("task", name) from None
        lately = await service.history(visit.session.principal, Sought(task=name), limit=_FEW)
        return await desk.page(
            visit, "task.html", here="tasks", task=task, slots=task.slots, takes=partial(_takes, visit.words), cases=_cases(task),
            lately=lately.items, work=await _work(desk, spend, visit, name), outputs=sorted(task.output.model_fields) if task.output else (),
        )  # fmt: skip

    return [tasks_page, task_page]


def _is_about(task: Task, words: str) -> bool:
    """Every word is somewhere in what the task says of itself."""
    told = " ".join(chain((task.name.replace("_", " "), task.summary), task.examples)).casefold()
    return all(word in told for word in words.casefold().split())


def _takes(words: Words, slot: Slot) -> Sequence[str]:
    """What may stand in a field: its choices where there are some, else kinds of values."""
    kinds = [f"{kind} {slot.record}" if slot.record and kind in ("selection", "ref") else kind for kind in slot.types]
    return slot.choices or list(dict.fromkeys(words.gettext(KINDS.get(kind, kind)) for kind in kinds))


def _cases(task: Task) -> int:
    """How many requests the task is tried with; a file that is wrong is told by `storehand eval`, not here."""
    try:
        return len(cases_of(task))
    except TaskDefinitionError:
        return 0


async def _work(desk: Desk, spend: Spend | None, visit: Visit, name: str) -> Any:
    """Who did this task's work lately; None where nothing is known."""
    if spend is None:
        return None
    found = await report(spend.db, visit.shop.id, by="task", start=desk.now() - _LATELY)
    return next((line for line in found.lines if line.usage.name == name), None)
