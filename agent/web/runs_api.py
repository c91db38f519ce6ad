"""Runs under /v1/runs: how they stand, their events as they happen, stopping them, answering what they ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from litestar import Response
from pydantic import Field

from agent.records import Reply, Run, RunEvent, Scope, TextDelta, to_json
from agent.web.expanding import MOST_EXPANDED, WithReplies, expand, expands, listed
from agent.web.lists import PAGE, Body, Id, integer, page_of
from agent.web.operations import Answered, Asked, Operation, Parameter
from agent.web.port import ServicePort
from agent.web.sse import closed_after, message, stream_reply
from agent.web.wire import json_reply

_EVENT_ID = "^[0-9]{0,15}$"  # on the wire it is text, as `id` is; a browser sends an empty one before the first event
_EVENTS = (
    "Server-sent events; `data` is the JSON of a RunEvent, `id` its seq, `event` its type. A comment line every 15 s. While a text is written, "
    "`text_delta` brings it in pieces: with `anew` it begins, and what came of it before is void. The `part` that follows stands in its place."
)
OVER_WAIT_S = 1.0  # what is on record comes at once; a second without any means there is no more

_NEXT: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("show_run", "follow_run", "stop_run", "answer_questions"), {"id": "/run_id"}),
    **dict.fromkeys(("show_approval", "approve", "reject"), {"digest": "/approvals/0"}),
}  # fmt: skip
RUN = Answered(description="The run with its parts.", type=Reply, links=_NEXT)
STARTED = Answered(description="The run with its parts.", type=Reply, links=_NEXT, headers=("Location",))
SHOWN = Answered(
    description="The run with its parts. It is in `Location`, unless this was a dry run, of which nothing is kept.", type=Reply, links=_NEXT
)
LATER = Answered(description="Still running: look at the address in `Location`.", type=Reply, links=_NEXT, headers=("Location",))


class GivenAnswer(Body):
    question: Id = Field(description="The question's id, such as q1.")
    value: str = Field(max_length=2_000, description="An option's value, or free text.")


class AnswersBody(Body):
    answers: list[GivenAnswer] = Field(min_length=1, max_length=50)


class RunsApi:
    def __init__(self, service: ServicePort) -> None:
        self._service = service

    async def runs(self, asked: Asked) -> Response[Any]:
        limit, cursor = page_of(asked)
        whole = expands(asked, "reply")
        limit = min(limit, MOST_EXPANDED) if whole else limit
        page = await self._service.runs(asked.principal, limit=limit, cursor=cursor, text=asked.query("text"))
        return await listed(self._service, asked, page, (lambda run: run.id) if whole else None)

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
        return run_reply(await self._service.answer(asked.path("id"), given, asked.principal))


def run_operations(service: ServicePort) -> Sequence[Operation]:
    api = RunsApi(service)
    return (
        Operation(
            id="list_runs", method="GET", path="/v1/runs", summary="The shop's runs, newest first", tag="runs", scope=Scope.READ, run=api.runs,
            parameters=(
                *PAGE, Parameter(name="text", where="query", schema={"type": "string"}, description="Only runs whose words have this."),
                expand("reply"),
            ),
            replies={200: Answered(description="A page of runs.", type=WithReplies[Run], links={"show_run": {"id": "/items/0/id"}})},
        ),
        Operation(
            id="show_run", method="GET", path="/v1/runs/{id}", summary="One run", tag="runs", scope=Scope.READ, run=api.run,
            replies={200: RUN}, problems=(404,),
        ),
        Operation(
            id="follow_run", method="GET", path="/v1/runs/{id}/events", summary="A run's events as they happen, resumable", tag="runs",
            scope=Scope.READ, run=api.events, problems=(400, 404),
            parameters=(
                Parameter(
                    name="Last-Event-ID", where="header", schema={"type": "string", "pattern": _EVENT_ID}, description="Go on after this event.",
                ),
                Parameter(
                    name="after", where="query", schema={"type": "string", "pattern": _EVENT_ID},
                    description="The same where no header can be sent. The header wins.",
                ),
            ),
            replies={200: Answered(
                description=_EVENTS, type=RunEvent, media_type="text/event-stream", data={"text_delta": TextDelta},
            )},
        ),
        Operation(
            id="stop_run", method="POST", path="/v1/runs/{id}/stop", summary="Stop a run; says what was and was not done", tag="runs",
            scope=Scope.ASK, run=api.stop, replies={200: RUN}, problems=(404, 409), idempotent=True,
        ),
        Operation(
            id="answer_questions", method="POST", path="/v1/runs/{id}/answers", summary="Answer a run's questions; what waited goes on",
            tag="runs", scope=Scope.ASK, run=api.answers, body=AnswersBody, problems=(404, 409), idempotent=True,
            replies={200: STARTED, 202: LATER},
        ),
    )  # fmt: skip


def run_reply(reply: Reply, *, kept: bool = True) -> Response[Any]:
    """200 when there is nothing left to do without the caller, else 202 with where to look; of what is not kept there is no address."""
    location = {"location": f"/v1/runs/{reply.run_id}"} if kept else None
    return json_reply(reply, 202 if reply.state in ("queued", "running") else 200, location)


def _last_event(asked: Asked) -> int:
    sent = asked.request.headers.get("last-event-id") or asked.query("after") or "0"
    return integer(sent, "Last-Event-ID", 0, 10**15 - 1)


async def _wire(events: AsyncIterator[RunEvent], *, over: bool) -> AsyncGenerator[bytes, None]:
    """The events as messages. Of a run that is over the stream ends with the last one there is, since no more come."""
    async with closed_after(events):
        with suppress(TimeoutError):
            while event := await asyncio.wait_for(anext(events, None), OVER_WAIT_S if over else None):
                yield message(msgspec.json.encode(to_json(event)), event=event.type, id=event.seq)
