"""The task API under /v1, for programs with a key: asks, plans and the catalogue here, runs and approvals beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from litestar import Response
from pydantic import BaseModel, Field

from agent.errors import Invalid
from agent.records import FILE, Ask, Plan, Scope
from agent.sdk import Task
from agent.service.service import LONGEST_ASK
from agent.web.approvals_api import approval_operations, change_operations
from agent.web.lists import Body, Id, Listed, flag
from agent.web.operations import Answered, Asked, Operation, Parameter
from agent.web.port import ServicePort
from agent.web.runs_api import LATER, SHOWN, run_operations, run_reply
from agent.web.threads_api import thread_operations
from agent.web.wire import checked, json_reply


def operations(service: ServicePort) -> Sequence[Operation]:
    """Every operation of the task API."""
    api = TasksApi(service)
    return (
        *_ask_operations(api), *run_operations(service), *thread_operations(service), *_task_operations(api),
        *approval_operations(service), *change_operations(service),
    )  # fmt: skip


class PlanBody(Body):
    text: str = Field(min_length=1, max_length=LONGEST_ASK, description="The request in the merchant's own words.")
    context: dict[str, Id | list[Id]] = Field(
        default_factory=dict, max_length=20, description="The page it was asked from, by id: `product_id`, `customer_id`, `order_id`, or several "
        "with `product_ids` and so on; never page text. What is not known is passed over.",
    )  # fmt: skip
    file_id: Id | None = Field(
        default=None, description="A file taken in by `POST /v1/files`: what it says becomes one proposal, “set these prices”, “add these products”.",
    )  # fmt: skip
    thread_id: Id | None = Field(default=None, description="Asks of one conversation share it, and may add to each other: “make it 20”.")


class AskBody(PlanBody):
    instead_of: Id | None = Field(
        default=None, description="A run of the conversation whose words were edited: this is another version of it, and both stay reachable.",
    )  # fmt: skip
    follows: Id | None = Field(default=None, description="A run of the conversation that this comes after; the latest one when left out.")
    dry_run: bool = Field(default=False, description="Show what would be proposed; nothing is stored or can be approved.")
    wait_s: float = Field(default=30, ge=0, le=120, description="How long to wait for the reply before answering 202.")


class TaskShown(BaseModel):
    name: str
    summary: str
    effect: str = Field(description="read, draft, write or action")
    examples: list[str]
    args: dict[str, Any] = Field(description="JSON Schema of the task's arguments.")
    output: dict[str, Any] | None = Field(description="JSON Schema of the answer's data; null for drafts and proposals.")


class TasksApi:
    def __init__(self, service: ServicePort) -> None:
        self._service = service

    async def ask(self, asked: Asked) -> Response[Any]:
        body: AskBody = asked.body
        reply = await self._service.ask(await self._ask(asked, body), asked.principal, dry_run=body.dry_run, wait_s=body.wait_s)
        return run_reply(reply, kept=not body.dry_run)

    async def plan(self, asked: Asked) -> Response[Any]:
        return json_reply(await self._service.plan(await self._ask(asked, asked.body), asked.principal))

    async def tasks(self, asked: Asked) -> Response[Any]:
        return json_reply({"items": [task_shown(task) for task in self._service.tasks()], "next": None})

    async def task(self, asked: Asked) -> Response[Any]:
        return json_reply(task_shown(self._service.task(asked.path("name"))))

    async def run_task(self, asked: Asked) -> Response[Any]:
        task = self._service.task(asked.path("name"))
        shop = await self._service.shop(asked.principal)
        checked(task.args, asked.body, context={"currency": shop.currency})
        dry_run = flag(asked, "dry_run")
        return run_reply(await self._service.run_task(task.name, asked.body, asked.principal, dry_run=dry_run), kept=not dry_run)

    async def _ask(self, asked: Asked, body: PlanBody) -> Ask:
        shop = await self._service.shop(asked.principal)
        where = {"follows": body.follows, "instead_of": body.instead_of} if isinstance(body, AskBody) else {}
        return Ask(body.text, locale=shop.locale, shop=asked.principal.shop, thread=body.thread_id, context=await self._context(asked, body), **where)

    async def _context(self, asked: Asked, body: PlanBody) -> Mapping[str, Any]:
        """
        Raises:
            Invalid: This shop has no such file, or it is gone.
        """
        named = {FILE: body.file_id} if body.file_id is not None else {}
        context = {**body.context, **named}
        if FILE in context and (not isinstance(id := context[FILE], str) or await self._service.attached(id, asked.principal) is None):
            raise Invalid("There is no such file, or it is not kept any more; send it again with `POST /v1/files`.", field="file_id")
        return context


def _ask_operations(api: TasksApi) -> Sequence[Operation]:
    return (
        Operation(
            id="ask", method="POST", path="/v1/asks", summary="Ask for something in plain words", tag="asks", scope=Scope.ASK, run=api.ask,
            body=AskBody, idempotent=True,
            replies={200: SHOWN, 202: LATER},
        ),
        Operation(
            id="plan", method="POST", path="/v1/plans", summary="Show how a request would be understood; nothing is run", tag="asks",
            scope=Scope.ASK, run=api.plan, body=PlanBody, replies={200: Answered(description="The plan.", type=Plan)},
        ),
    )  # fmt: skip


def _task_operations(api: TasksApi) -> Sequence[Operation]:
    return (
        Operation(
            id="list_tasks", method="GET", path="/v1/tasks", summary="What can be asked for", tag="tasks", scope=Scope.READ, run=api.tasks,
            replies={200: Answered(description="The catalogue.", type=Listed[TaskShown], links={"show_task": {"name": "/items/0/name"}})},
        ),
        Operation(
            id="show_task", method="GET", path="/v1/tasks/{name}", summary="One task with its schemas", tag="tasks", scope=Scope.READ,
            run=api.task, problems=(404,), replies={200: Answered(description="The task.", type=TaskShown)},
        ),
        Operation(
            id="run_task", method="POST", path="/v1/tasks/{name}", summary="Run one task with typed arguments", tag="tasks", scope=Scope.ASK,
            run=api.run_task, any_body=True, problems=(404,), idempotent=True, replies={200: SHOWN, 202: LATER},
            parameters=(Parameter(name="dry_run", where="query", schema={"type": "boolean", "default": False}, description="Propose nothing."),),
        ),
    )  # fmt: skip


def task_shown(task: Task) -> TaskShown:
    return TaskShown(
        name=task.name, summary=task.summary, effect=task.effect, examples=list(task.examples), args=_schema(task.args),
        output=_schema(task.output) if task.output else None,
    )  # fmt: skip


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """Made once: for all tasks it takes pydantic half a second, in which nobody else would be answered."""
    return model.model_json_schema()
