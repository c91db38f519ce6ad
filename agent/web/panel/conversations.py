"""Conversations as people keep them: the list that is looked through, names, pins, files to take away, and deleting for good."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import NotFound
from agent.records import Thread
from agent.runs.conversations import MOST_PINS, Wanted
from agent.service.conversations import LONGEST_TITLE
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.panel.pages import slug
from agent.web.panel.transcript import markdown, transcript
from agent.web.wire import MOST_BYTES

HERE = "/conversations"
_PAGE = 30
_LONGEST = 200


def conversation_routes(desk: Desk) -> list[HTTPRouteHandler]:
    service = desk.service

    @get(HERE)
    async def conversations(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        values = await _values(desk, visit, request.query_params)
        if visit.by_htmx:
            return html(desk.part(visit, "parts/conversations.html", **values))
        return await desk.page(visit, "conversations.html", here="conversations", **values)

    @post("/t/{thread:str}/rename", status_code=200, request_max_body_size=MOST_BYTES)
    async def rename(request: Request[Any, Any, Any], thread: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        title = str((await request.form()).get("title") or "")
        return await _changed(desk, visit, await service.rename_thread(thread, title, visit.session.principal))

    @post("/t/{thread:str}/pin", status_code=200)
    async def pin(request: Request[Any, Any, Any], thread: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        return await _changed(desk, visit, await service.pin_thread(thread, True, visit.session.principal))

    @post("/t/{thread:str}/unpin", status_code=200)
    async def unpin(request: Request[Any, Any, Any], thread: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        return await _changed(desk, visit, await service.pin_thread(thread, False, visit.session.principal))

    @post("/t/{thread:str}/delete", status_code=200)
    async def delete(request: Request[Any, Any, Any], thread: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        await service.delete_thread(thread, visit.session.principal)
        if visit.by_htmx and not in_conversation(visit):
            return await _list(desk, visit)
        return html("", headers={"HX-Redirect": HERE}) if visit.by_htmx else elsewhere(HERE)

    @get("/t/{thread:str}/export/{kind:str}")
    async def export(request: Request[Any, Any, Any], thread: FromPath[str], kind: FromPath[str]) -> Response[Any]:
        visit = await desk.visit(request)
        principal, name = visit.session.principal, f"{slug(thread)}.{kind}"
        if kind == "json":
            content, media = json.dumps(await transcript(service, thread, principal), ensure_ascii=False, indent=1), "application/json"
        elif kind == "md":
            content = await markdown(service, thread, principal, visit.words, visit.names, at=request.query_params.get("at"))
            media = "text/markdown; charset=utf-8"
        else:
            raise NotFound("page")
        return Response(content.encode(), media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})

    return [conversations, rename, pin, unpin, delete, export]


async def head_of(desk: Desk, visit: Visit, thread: Thread, *, oob: bool = False) -> str:
    """The conversation's name with what can be done with it, as it stands at the top of its page."""
    return desk.part(visit, "parts/thread_head.html", talk=thread, me=visit.session.principal.id, most_title=LONGEST_TITLE, oob=oob)


async def _changed(desk: Desk, visit: Visit, thread: Thread) -> Response[str]:
    """What the page shows of it, as it is now."""
    if not visit.by_htmx:
        return elsewhere(HERE)
    if in_conversation(visit):
        return html(await head_of(desk, visit, thread) + await desk.recent(visit, thread.id))
    return await _list(desk, visit)


async def _list(desk: Desk, visit: Visit) -> Response[str]:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(visit.request.headers.get("hx-current-url", "")).query).items()}
    return html(desk.part(visit, "parts/conversations.html", **await _values(desk, visit, asked)) + await desk.recent(visit, "conversations"))


def in_conversation(visit: Visit) -> bool:
    """Whether that is the page by which something is asked for."""
    return urlsplit(visit.request.headers.get("hx-current-url", "")).path.startswith("/t/")


async def _values(desk: Desk, visit: Visit, asked: Mapping[str, str]) -> dict[str, Any]:
    """One's own conversations, those pinned first; a page that goes on has them no more."""
    words, cursor = asked.get("q", "").strip()[:_LONGEST], asked.get("cursor") or None
    principal = visit.session.principal
    rest = await desk.service.threads(principal, Wanted(words=words, person=principal.id, pinned=False), limit=_PAGE, cursor=cursor)
    pinned = await desk.service.threads(principal, Wanted(words=words, person=principal.id, pinned=True), limit=MOST_PINS) if not cursor else None
    kept = {"q": words} if words else {}
    more = f"{HERE}?{urlencode({**kept, 'cursor': rest.next})}" if rest.next else None
    return {
        "talks": [*(pinned.items if pinned else ()), *rest.items], "more": more,
        "asked": words, "begun": cursor is None, "me": principal.id, "most_title": LONGEST_TITLE,
    }  # fmt: skip
