"""The chat page: a thread of requests, each with its plan, what comes of it as it comes, and what it asks back."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Invalid, NotFound
from agent.records import Ask, Run
from agent.service.page_labels import KINDS
from agent.service.service import LONGEST_ASK
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.panel.pages import slug
from agent.web.panel.runs import MOST_RUNS, view_of
from agent.web.panel.view import RunView
from agent.web.wire import MOST_BYTES

NO_PAGE: Mapping[str, Any] = {}
_ABOUT = frozenset(f"{kind}_{ids}" for kind in KINDS for ids in ("id", "ids"))
_LONGEST_CONTEXT = 4000


def chat_routes(desk: Desk) -> list[HTTPRouteHandler]:
    service = desk.service

    @get("/new")
    async def begin(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        return await _chat(desk, visit, f"t{secrets.token_hex(8)}", (), fresh=True, page=_page_of(request.query_params.get("context", "")))

    @get("/t/{thread:str}")
    async def thread(request: Request[Any, Any, Any], thread: FromPath[str]) -> Response[str]:
        visit = await desk.visit(request)
        runs = (await service.runs(visit.session.principal, limit=MOST_RUNS, thread=thread)).items
        if not runs:
            raise NotFound("conversation")
        return await _chat(desk, visit, thread, runs[::-1])

    @post("/asks", status_code=200, request_max_body_size=MOST_BYTES)
    async def ask(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.changing(request)
        sent = await request.form()
        said, thread = str(sent.get("text") or "").replace("\r\n", "\n"), str(sent.get("thread") or "")
        if not thread or slug(thread) != thread or len(thread) > 64:
            raise Invalid("This page is out of date. Reload it and try again.", field="thread")
        principal = visit.session.principal
        text = await desk.kept.meant(said, principal) if desk.kept else said
        context = _page_of(str(sent.get("context") or ""))
        run_id = await service.start(Ask(text, locale=visit.words.locale, shop=principal.shop, thread=thread, context=context), principal)
        if not visit.by_htmx:
            return elsewhere(f"/t/{thread}")
        card = desk.part(visit, "parts/run.html", run=RunView.new(run_id, text))
        return html(card + await desk.recent(visit, thread), headers={"HX-Push-Url": f"/t/{thread}"})

    return [begin, thread, ask]


async def _chat(
    desk: Desk, visit: Visit, thread: str, runs: Sequence[Run], *, fresh: bool = False, page: Mapping[str, Any] = NO_PAGE
) -> Response[str]:
    asked = visit.request.query_params
    suggestions = await desk.service.suggestions(visit.session.principal) if fresh else ()
    views = [await view_of(desk, visit, await desk.service.reply(run.id, visit.session.principal)) for run in runs]
    return await desk.page(
        visit, "chat.html", here="" if fresh else thread, undoing=await desk.undoing(visit) if runs else None, runs=views, thread=thread,
        suggestions=suggestions, title=runs[0].text[:60] if runs else "", most_text=LONGEST_ASK, text=asked.get("text", "")[:LONGEST_ASK],
        prompts=await desk.prompts(visit),
        page=json.dumps(page) if page else "", about=await desk.service.page_labels(page, visit.session.principal) if page else (),
    )  # fmt: skip


def _page_of(sent: str) -> Mapping[str, Any]:
    """The page context that a form or an address carries: ids of records, nothing else. What is no such thing is passed over."""
    try:
        found = json.loads(sent[:_LONGEST_CONTEXT]) if sent else {}
    except ValueError:
        return NO_PAGE
    return {name: value for name, value in found.items() if name in _ABOUT} if isinstance(found, dict) else NO_PAGE
