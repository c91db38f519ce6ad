"""Conversations under /v1/threads: found, called something, pinned, taken away as files, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response
from pydantic import Field, RootModel

from agent.languages import in_english
from agent.languages.catalogues import ENGLISH
from agent.records import Conversation, Scope, Thread
from agent.runs.conversations import Wanted
from agent.service.conversations import LONGEST_TITLE
from agent.web.lists import PAGE, Body, Listed, flag, integer, list_reply, page_of
from agent.web.operations import Answered, Asked, Operation, Parameter
from agent.web.panel.transcript import Transcript, markdown, transcript
from agent.web.panel.words import Words
from agent.web.port import ServicePort
from agent.web.wire import json_reply

MOST_RUNS = 200
_AT = Parameter(
    name="at", where="query", schema={"type": "string", "maxLength": 200},
    description="A run of it: where requests were edited and sent again, the versions that lead to this run are shown; else those last asked in.",
)  # fmt: skip
_NEXT = dict.fromkeys(("show_thread", "change_thread", "delete_thread", "export_thread"), {"id": "/id"})


class ThreadBody(Body):
    title: str | None = Field(
        default=None, max_length=LONGEST_TITLE, description="What it is called from now on; an empty one calls it by its first request again.",
    )  # fmt: skip
    pinned: bool | None = Field(default=None, description="Whether whoever asks wants it at the top; others are not concerned.")


class Markdown(RootModel[str]):
    """A text with headings, tables and lists as people write them. What anybody asked or wrote in a shop is plain text in it."""


class ThreadsApi:
    def __init__(self, service: ServicePort) -> None:
        self._service = service

    async def threads(self, asked: Asked) -> Response[Any]:
        limit, cursor = page_of(asked)
        pinned = flag(asked, "pinned") if asked.query("pinned") is not None else None
        wanted = Wanted(words=asked.query("text") or "", person=asked.query("person") or None, pinned=pinned)
        return list_reply(await self._service.threads(asked.principal, wanted, limit=limit, cursor=cursor))

    async def thread(self, asked: Asked) -> Response[Any]:
        limit = integer(asked.query("limit") or "50", "limit", 1, MOST_RUNS)
        return json_reply(await self._service.thread(asked.path("id"), asked.principal, at=asked.query("at") or None, limit=limit))

    async def change(self, asked: Asked) -> Response[Any]:
        body: ThreadBody = asked.body
        id, principal = asked.path("id"), asked.principal
        if body.title is not None:
            await self._service.rename_thread(id, body.title, principal)
        if body.pinned is not None:
            await self._service.pin_thread(id, body.pinned, principal)
        return json_reply((await self._service.thread(id, principal, limit=1)).thread)

    async def delete(self, asked: Asked) -> Response[Any]:
        return json_reply(await self._service.delete_thread(asked.path("id"), asked.principal))

    async def export(self, asked: Asked) -> Response[Any]:
        return json_reply(await transcript(self._service, asked.path("id"), asked.principal))

    async def markdown(self, asked: Asked) -> Response[Any]:
        shop = await self._service.shop(asked.principal)
        words = Words(shop.locale, shop.time_zone, in_english(ENGLISH), ENGLISH)
        text = await markdown(self._service, asked.path("id"), asked.principal, words, {}, at=asked.query("at") or None)
        return Response(text, media_type="text/markdown")


def thread_operations(service: ServicePort) -> Sequence[Operation]:
    api = ThreadsApi(service)
    most = Parameter(
        name="limit", where="query", schema={"type": "integer", "minimum": 1, "maximum": MOST_RUNS, "default": 50},
        description="Most requests, the newest; `earlier` says how many came before them.",
    )  # fmt: skip
    return (
        Operation(
            id="list_threads", method="GET", path="/v1/threads", summary="The shop's conversations, the last one asked in first", tag="threads",
            scope=Scope.READ, run=api.threads, problems=(422,),
            parameters=(
                *PAGE,
                _only("text", {"type": "string", "maxLength": 500}, "Only those with all these words, in their names or requests."),
                _only("person", {"type": "string", "maxLength": 200}, "Only those in which this principal asked something, by its id."),
                _only("pinned", {"type": "boolean"}, "Only those that whoever asks has pinned, or only the others."),
            ),
            replies={200: Answered(description="A page of conversations.", type=Listed[Thread], links={"show_thread": {"id": "/items/0/id"}})},
        ),
        Operation(
            id="show_thread", method="GET", path="/v1/threads/{id}", summary="One conversation with its requests", tag="threads", scope=Scope.READ,
            run=api.thread, problems=(404,), parameters=(most, _AT),
            replies={200: Answered(
                description="The conversation, along one version of each request.", type=Conversation, links={"show_run": {"id": "/runs/0/run/id"}},
            )},
        ),
        Operation(
            id="change_thread", method="POST", path="/v1/threads/{id}", summary="Call a conversation something, or pin it", tag="threads",
            scope=Scope.ASK, run=api.change, body=ThreadBody, problems=(404, 409), idempotent=True,
            replies={200: Answered(description="The conversation.", type=Thread, links=_NEXT)},
        ),
        Operation(
            id="delete_thread", method="POST", path="/v1/threads/{id}/delete", tag="threads", scope=Scope.ASK, run=api.delete,
            summary="Delete a conversation's words; what it changed stays, with its audit and its undo", problems=(404, 409), idempotent=True,
            replies={200: Answered(description="The conversation as it was.", type=Thread)},
        ),
        Operation(
            id="export_thread", method="GET", path="/v1/threads/{id}/export", summary="A conversation whole, with every reply", tag="threads",
            scope=Scope.READ, run=api.export, problems=(404,),
            replies={200: Answered(description="The conversation, every version of each request among the rest.", type=Transcript)},
        ),
        Operation(
            id="print_thread", method="GET", path="/v1/threads/{id}/markdown", summary="A conversation as people read it, in Markdown",
            tag="threads", scope=Scope.READ, run=api.markdown, problems=(404,), parameters=(_AT,),
            replies={200: Answered(description="The conversation as Markdown.", type=Markdown, media_type="text/markdown")},
        ),
    )  # fmt: skip


def _only(name: str, schema: Mapping[str, Any], description: str) -> Parameter:
    return Parameter(name=name, where="query", schema=schema, description=description)
