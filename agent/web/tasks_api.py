"""The task API under /v1: asks, plans, runs, answers, tasks, approvals and changes, for programs with a key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agent.records import Ask, ChangeSet, Plan, Reply, Run, RunEvent, Scope, to_json
from agent.sdk import Page, Task
from agent.service.service import LONGEST_ASK
from agent.web.operations import Answered, Asked, Operation, Parameter
from agent.web.port import ServicePort
from agent.web.sse import closed_after, message, stream_reply
from agent.web.wire import BadRequest, checked, json_reply

T = TypeVar("T")

MOST_PAGE = 200
OVER_WAIT_S = 1.0  # what is on record comes at once; a second without any means there is no more

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ItemId = Annotated[str, StringConstraints(min_length=1, max_length=20)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanBody(_Body):
    text: str = Field(min_length=1, max_length=LONGEST_ASK, description="The request in the merchant's own words.")
    context: dict[str, Id | list[Id]] = Field(
        default_factory=dict, max_length=20, description='The page it was asked from, by id, such as {"product_id": "…"}; never page text.'
    )  # fmt: skip


class AskBody(PlanBody):
    thread_id: Id | None = Field(default=None, description="Asks of one conversation share it.")
    dry_run: bool = Field(default=False, description="Show what would be proposed; nothing is stored or can be approved.")
    wait_s: float = Field(default=30, ge=0, le=120, description="How long to wait for the reply before answering 202.")


class GivenAnswer(_Body):
    question: Id = Field(description="The question's id, such as q1.")
    value: str = Field(max_length=2_000, description="An option's value, or free text.")


class AnswersBody(_Body):
    answers: list[GivenAnswer] = Field(min_length=1, max_length=50)


class ApproveBody(_Body):
    items: list[ItemId] | None = Field(
        default=None, min_length=1, max_length=10_000, description="Only these items; the rest stays open until it expires. All when left out."
    )  # fmt: skip
    typed: str | None = Field(default=None, max_length=100, description="The word that an action with `confirm: type:<word>` asks for.")


class RejectBody(_Body):
    items: list[ItemId] | None = Field(default=None, min_length=1, max_length=10_000, description="Only these items. All when left out.")


class Listed(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = Field(description="Pass it back as `cursor` for what follows; null at the end.")


class SlotShown(BaseModel):
    name: str
    types: list[str]
    record: str | None
    required: bool
    description: str


class TaskShown(BaseModel):
    name: str
    summary: str
    effect: str = Field(description="read, draft, write or action")
    examples: list[str]
    args: dict[str, Any] = Field(description="JSON Schema of the task's arguments.")
    output: dict[str, Any] | None = Field(description="JSON Schema of the answer's data; null for drafts and proposals.")


_PAGE = (
    Parameter(name="limit", where="query", schema={"type": "integer", "minimum": 1, "maximum": MOST_PAGE, "default": 50}, description="Most items."),
    Parameter(name="cursor", where="query", schema={"type": "string", "maxLength": 500}, description="`next` of the page before."),
)
_MUG = "Put the blue mug at 12.50 and show me what it sold last month"


class TasksApi:
    """The operations over one service."""

    def __init__(self, service: ServicePort) -> None:
        self._service = service

    async def ask(self, asked: Asked) -> Response[Any]:
        body: AskBody = asked.body
        reply = await self._service.ask(await self._ask(asked, body), asked.principal, dry_run=body.dry_run, wait_s=body.wait_s)
        return self._run_reply(reply)

    async def plan(self, asked: Asked) -> Response[Any]:
        return json_reply(await self._service.plan(await self._ask(asked, asked.body), asked.principal))

    async def runs(self, asked: Asked) -> Response[Any]:
        limit, cursor = _page(asked)
        return _list(await self._service.runs(asked.principal, limit=limit, cursor=cursor, text=asked.query("text")))

    async def run(self, asked: Asked) -> Response[Any]:
        return json_reply(await self._service.reply(asked.path("id"), asked.principal))

    async def events(self, asked: Asked) -> Response[Any]:
        after = _last_event(asked)
        reply = await self._service.reply(asked.path("id"), asked.principal)  # a run that is not there is a 404, not a broken stream
        events = self._service.events(asked.path("id"), asked.principal, after=after)
        return stream_reply(_wire(events, over=reply.state in ("done", "stopped", "failed")))

    async def stop(self, asked: Asked) -> Response[Any]:
        return json_reply(await self._service.stop(asked.path("id"), asked.principal))

    async def answers(self, asked: Asked) -> Response[Any]:
        body: AnswersBody = asked.body
        given = {answer.question: answer.value for answer in body.answers}
        return self._run_reply(await self._service.answer(asked.path("id"), given, asked.principal))

    async def tasks(self, asked: Asked) -> Response[Any]:
        return json_reply({"items": [task_shown(task) for task in self._service.tasks()], "next": None})

    async def task(self, asked: Asked) -> Response[Any]:
        return json_reply(task_shown(self._service.task(asked.path("name"))))

    async def run_task(self, asked: Asked) -> Response[Any]:
        task = self._service.task(asked.path("name"))
        shop = await self._service.shop(asked.principal)
        checked(task.args, asked.body, context={"currency": shop.currency})
        dry_run = _flag(asked, "dry_run")
        return self._run_reply(await self._service.run_task(task.name, asked.body, asked.principal, dry_run=dry_run))

    async def approvals(self, asked: Asked) -> Response[Any]:
        limit, cursor = _page(asked)
        return _list(await self._service.approvals(asked.principal, limit=limit, cursor=cursor))

    async def approval(self, asked: Asked) -> Response[Any]:
        return json_reply(await self._service.approval(asked.path("digest"), asked.principal))

    async def approve(self, asked: Asked) -> Response[Any]:
        body: ApproveBody = asked.body
        done = await self._service.approve(asked.path("digest"), asked.principal, items=body.items, typed=body.typed)
        return json_reply(done)

    async def reject(self, asked: Asked) -> Response[Any]:
        body: RejectBody = asked.body
        return json_reply(await self._service.reject(asked.path("digest"), asked.principal, items=body.items))

    async def changes(self, asked: Asked) -> Response[Any]:
        limit, cursor = _page(asked)
        return _list(await self._service.changes(asked.principal, limit=limit, cursor=cursor))

    async def undo(self, asked: Asked) -> Response[Any]:
        return json_reply(await self._service.undo(asked.path("change_set"), asked.principal))

    async def _ask(self, asked: Asked, body: PlanBody) -> Ask:
        shop = await self._service.shop(asked.principal)
        thread = body.thread_id if isinstance(body, AskBody) else None
        return Ask(body.text, locale=shop.locale, shop=asked.principal.shop, thread=thread, context=body.context)

    def _run_reply(self, reply: Reply) -> Response[Any]:
        """200 when there is nothing left to do without the caller, else 202 with where to look."""
        location = {"location": f"/v1/runs/{reply.run_id}"}
        return json_reply(reply, 202 if reply.state in ("queued", "running") else 200, location)


def operations(service: ServicePort) -> Sequence[Operation]:
    """Every operation of the task API."""
    api = TasksApi(service)
    run = Answered(description="The run with its parts.", type=Reply)
    later = Answered(description="Still running: look at the address in `Location`.", type=Reply, headers={"Location": "Where the run is."})
    decided = Answered(description="The change set as it is now.", type=ChangeSet)
    return (
        Operation(
            id="ask", method="POST", path="/v1/asks", summary="Ask for something in plain words", tag="asks", scope=Scope.ASK, run=api.ask,
            body=AskBody, example={"text": _MUG}, idempotent=True,
            replies={200: Answered(description="The reply.", type=Reply, headers={"Location": "Where the run is."}), 202: later},
        ),
        Operation(
            id="plan", method="POST", path="/v1/plans", summary="Show how a request would be understood; nothing is run", tag="asks",
            scope=Scope.ASK, run=api.plan, body=PlanBody, example={"text": _MUG}, replies={200: Answered(description="The plan.", type=Plan)},
        ),
        Operation(
            id="list_runs", method="GET", path="/v1/runs", summary="The shop's runs, newest first", tag="runs", scope=Scope.READ, run=api.runs,
            parameters=(*_PAGE, Parameter(name="text", where="query", schema={"type": "string"}, description="Only runs whose words have this.")),
            replies={200: Answered(description="A page of runs.", type=Listed[Run])},
        ),
        Operation(
            id="show_run", method="GET", path="/v1/runs/{id}", summary="One run", tag="runs", scope=Scope.READ, run=api.run,
            replies={200: run}, problems=(404,),
        ),
        Operation(
            id="follow_run", method="GET", path="/v1/runs/{id}/events", summary="A run's events as they happen, resumable", tag="runs",
            scope=Scope.READ, run=api.events, problems=(400, 404),
            parameters=(
                Parameter(name="Last-Event-ID", where="header", schema={"type": "integer", "minimum": 0}, description="Go on after this event."),
            ),
            replies={200: Answered(
                description="Server-sent events; `data` is a RunEvent, `id` its seq, `event` its type. A comment line every 15 s.",
                type=RunEvent, media_type="text/event-stream",
            )},
        ),
        Operation(
            id="stop_run", method="POST", path="/v1/runs/{id}/stop", summary="Stop a run; says what was and was not done", tag="runs",
            scope=Scope.ASK, run=api.stop, replies={200: run}, problems=(404, 409), idempotent=True,
        ),
        Operation(
            id="answer_questions", method="POST", path="/v1/runs/{id}/answers", summary="Answer a run's questions; what waited goes on",
            tag="runs", scope=Scope.ASK, run=api.answers, body=AnswersBody, problems=(404, 409), idempotent=True,
            example={"answers": [{"question": "q1", "value": "prod_17"}]}, replies={200: run, 202: later},
        ),
        Operation(
            id="list_tasks", method="GET", path="/v1/tasks", summary="What can be asked for", tag="tasks", scope=Scope.READ, run=api.tasks,
            replies={200: Answered(description="The catalogue.", type=Listed[TaskShown])},
        ),
        Operation(
            id="show_task", method="GET", path="/v1/tasks/{name}", summary="One task with its schemas", tag="tasks", scope=Scope.READ,
            run=api.task, problems=(404,), replies={200: Answered(description="The task.", type=TaskShown)},
        ),
        Operation(
            id="run_task", method="POST", path="/v1/tasks/{name}", summary="Run one task with typed arguments", tag="tasks", scope=Scope.ASK,
            run=api.run_task, any_body=True, problems=(404,), idempotent=True, replies={200: run, 202: later},
            parameters=(Parameter(name="dry_run", where="query", schema={"type": "boolean", "default": False}, description="Propose nothing."),),
        ),
        Operation(
            id="list_approvals", method="GET", path="/v1/approvals", summary="What waits for a decision", tag="approvals", scope=Scope.READ,
            run=api.approvals, parameters=_PAGE, replies={200: Answered(description="A page of change sets.", type=Listed[ChangeSet])},
        ),
        Operation(
            id="show_approval", method="GET", path="/v1/approvals/{digest}", summary="One change set", tag="approvals", scope=Scope.READ,
            run=api.approval, problems=(404,), replies={200: decided},
        ),
        Operation(
            id="approve", method="POST", path="/v1/approvals/{digest}/approve", summary="Approve and apply, in whole or by item",
            tag="approvals", scope=Scope.APPROVE, run=api.approve, body=ApproveBody, body_optional=True, example={"items": ["1", "2"]},
            problems=(404, 409), idempotent=True, replies={200: decided},
        ),
        Operation(
            id="reject", method="POST", path="/v1/approvals/{digest}/reject", summary="Reject, in whole or by item", tag="approvals",
            scope=Scope.APPROVE, run=api.reject, body=RejectBody, body_optional=True, example={}, problems=(404, 409), idempotent=True,
            replies={200: decided},
        ),
        Operation(
            id="list_changes", method="GET", path="/v1/changes", summary="What was changed, newest first", tag="changes", scope=Scope.READ,
            run=api.changes, parameters=_PAGE, replies={200: Answered(description="A page of change sets.", type=Listed[ChangeSet])},
        ),
        Operation(
            id="undo", method="POST", path="/v1/changes/{change_set}/undo", summary="Propose the inverse of a change set", tag="changes",
            scope=Scope.ASK, run=api.undo, problems=(404, 409), idempotent=True,
            replies={200: Answered(description="The inverse, open for approval.", type=ChangeSet)},
        ),
    )  # fmt: skip


def task_shown(task: Task) -> TaskShown:
    return TaskShown(
        name=task.name, summary=task.summary, effect=task.effect, examples=list(task.examples), args=task.args.model_json_schema(),
        output=task.output.model_json_schema() if task.output else None,
    )  # fmt: skip


def _list(page: Page[Any]) -> Response[Any]:
    return json_reply({"items": page.items, "next": page.next})


def _page(asked: Asked) -> tuple[int, str | None]:
    return _integer(asked.query("limit") or "50", "limit", 1, MOST_PAGE), asked.query("cursor")


def _last_event(asked: Asked) -> int:
    sent = asked.request.headers.get("last-event-id") or asked.query("after") or "0"
    return _integer(sent, "Last-Event-ID", 0, 2**53)


def _integer(text: str, name: str, least: int, most: int) -> int:
    if text.isascii() and text.isdigit() and len(text) < 17 and least <= int(text) <= most:
        return int(text)
    raise BadRequest(400, "bad_parameter", f"`{name}` is a whole number from {least} to {most}.")


def _flag(asked: Asked, name: str) -> bool:
    sent = asked.query(name) or "false"
    if sent not in ("true", "false"):
        raise BadRequest(400, "bad_parameter", f"`{name}` is true or false.")
    return sent == "true"


async def _wire(events: AsyncIterator[RunEvent], *, over: bool) -> AsyncGenerator[bytes, None]:
    """The events as messages. Of a run that is over the stream ends with the last one there is, since no more come."""
    async with closed_after(events):
        with suppress(TimeoutError):
            while event := await asyncio.wait_for(anext(events, None), OVER_WAIT_S if over else None):
                yield message(msgspec.json.encode(to_json(event)), event=event.type, id=event.seq)
