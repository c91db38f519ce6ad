"""The chat page: a thread of requests, each with its plan, what comes of it as it comes, and what it asks back."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Invalid
from agent.records import Ask, Conversation, ThreadRun
from agent.service.conversations import LONGEST_TITLE
from agent.service.page_labels import KINDS
from agent.service.service import LONGEST_ASK
from agent.web.panel.beside import looks_elsewhere
from agent.web.panel.conversations import in_conversation
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.panel.files import MOST_SENT, file_sent, in_context
from agent.web.panel.pages import slug
from agent.web.panel.runs import MOST_RUNS, view_of
from agent.web.panel.view import RunView

NO_PAGE: Mapping[str, Any] = {}
_ABOUT = frozenset(f"{kind}_{ids}" for kind in KINDS for ids in ("id", "ids"))
_LONGEST_CONTEXT = 4000


def chat_routes(desk: Desk) -> list[HTTPRouteHandler]:
    service = desk.service

    @get("/new")
    async def begin(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        return await _chat(desk, visit, f"t{secrets.token_hex(8)}", None, page=_page_of(request.query_params.get("context", "")))

    @get("/t/{thread:str}")
    async def thread(request: Request[Any, Any, Any], thread: FromPath[str]) -> Response[str]:
        visit = await desk.visit(request)
        found = await service.thread(thread, visit.session.principal, at=request.query_params.get("at"), limit=MOST_RUNS)
        return await _chat(desk, visit, thread, found)

    @post("/asks", status_code=200, request_max_body_size=MOST_SENT)
    async def ask(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.changing(request)
        sent = await request.form()
        said, thread = str(sent.get("text") or "").replace("\r\n", "\n"), str(sent.get("thread") or "")
        if not thread or slug(thread) != thread or len(thread) > 64:
            raise Invalid("This page is out of date. Reload it and try again.", field="thread")
        principal = visit.session.principal
        text = await desk.kept.meant(said, principal) if desk.kept else said
        file = await file_sent(desk, visit)
        if file is not None and not text.strip():
            text = visit.words.gettext("Take over this file")
        context = {**_page_of(str(sent.get("context") or "")), **in_context(file)}
        place = {name: str(sent.get(name) or "") or None for name in ("follows", "instead_of")}
        run_id = await service.start(Ask(text, locale=visit.words.locale, shop=principal.shop, thread=thread, context=context, **place), principal)
        if not visit.by_htmx:
            return elsewhere(f"/t/{thread}")
        if any(place.values()):  # other requests are seen beside this one than stand on the page now
            return html("", headers={"HX-Redirect": f"/t/{thread}?at={run_id}"})
        # The card goes out without the list of conversations, which it fetches: the first step waited for that as long as for itself.
        around = f"/t/{thread}/around" + ("" if in_conversation(visit) else "?begun")
        card = desk.part(visit, "parts/run.html", run=RunView.new(run_id, text, file), around=around)
        return html(card + looks_elsewhere(desk, visit, thread, run_id), headers={"HX-Push-Url": f"/t/{thread}"})

    return [begin, thread, ask]


async def _chat(desk: Desk, visit: Visit, thread: str, found: Conversation | None, *, page: Mapping[str, Any] = NO_PAGE) -> Response[str]:
    """
    Args:
        found: None for one that begins.
    """
    asked, principal = visit.request.query_params, visit.session.principal
    turns = found.runs if found else ()
    suggestions = () if found else await desk.service.suggestions(principal)
    views = [await view_of(desk, visit, await desk.service.reply(turn.run.id, principal)) for turn in turns]
    return await desk.page(
        visit, "chat.html", here=thread if found else "", undoing=await desk.undoing(visit) if turns else None, runs=views, thread=thread,
        suggestions=suggestions, title=found.thread.title[:60] if found else "", text=asked.get("text", "")[:LONGEST_ASK],
        prompts=await desk.prompts(visit), turns=turns, earlier=found.earlier if found else 0, follows=await _follows(desk, visit, turns),
        at=asked.get("at", ""), talk=found.thread if found else None, me=principal.id, most_title=LONGEST_TITLE,
        page=json.dumps(page) if page else "", about=await desk.service.page_labels(page, visit.session.principal) if page else (),
    )  # fmt: skip


async def _follows(desk: Desk, visit: Visit, turns: Sequence[ThreadRun]) -> str:
    """What the next request comes after, where that is not the conversation's latest: another version is looked at than was asked in last."""
    if not turns or all(len(turn.versions) == 1 for turn in turns):
        return ""
    last = turns[-1].run
    latest = (await desk.service.runs(visit.session.principal, limit=1, thread=last.thread)).items
    return "" if latest and latest[0].id == last.id else last.id


def _page_of(sent: str) -> Mapping[str, Any]:
    """The page context that a form or an address carries: ids of records, nothing else. What is no such thing is passed over."""
    try:
        found = json.loads(sent[:_LONGEST_CONTEXT]) if sent else {}
    except ValueError:
        return NO_PAGE
    return {name: value for name, value in found.items() if name in _ABOUT} if isinstance(found, dict) else NO_PAGE
