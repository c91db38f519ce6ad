"""A draft's text, edited on the page and saved as a proposal."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Conflict, NotFound
from agent.records import Reply, Scope, to_json
from agent.web.panel.cards import draft_texts
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.panel.runs import waiting_update
from agent.web.wire import MOST_BYTES


def draft_routes(desk: Desk) -> list[HTTPRouteHandler]:
    @post("/runs/{run_id:str}/drafts/{subtask:str}", status_code=200, request_max_body_size=MOST_BYTES)
    async def save_draft(request: Request[Any, Any, Any], run_id: FromPath[str], subtask: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        sent = await request.form()
        item, text = str(sent.get("item") or ""), str(sent.get("text") or "").replace("\r\n", "\n")
        change_set = await _saved(desk, visit, await desk.service.reply(run_id, visit.session.principal), subtask, item, text)
        if not visit.by_htmx:
            return elsewhere("/approvals")
        return html(desk.part(visit, "parts/change_set.html", set=change_set) + await waiting_update(desk, visit))

    return [save_draft]


async def _saved(desk: Desk, visit: Visit, reply: Reply, subtask: str, item: str, text: str) -> Any:
    """The change set that saves this text: the draft's own where it was left as written, else a new one."""
    part: Mapping[str, Any] | None = next((to_json(p) for p in reply.parts if p.subtask == subtask and p.kind == "draft"), None)
    written = next((t for t in draft_texts(part) if t.item and t.item == item), None) if part else None
    if part is None or written is None:
        raise NotFound("draft")
    change_set = part["change_set"]
    if written.text.replace("\r\n", "\n") == text and len(change_set["items"]) == 1:
        return change_set
    proposed = await desk.service.reword(change_set["digest"], item, text, visit.session.principal)
    await _superseded(desk, visit, change_set["digest"], item)
    return to_json(proposed)


async def _superseded(desk: Desk, visit: Visit, digest: str, item: str) -> None:
    """The text as it was written does not wait any longer once another is proposed in its place."""
    if visit.session.principal.may(Scope.APPROVE):
        with suppress(Conflict):  # it was decided before
            await desk.service.reject(digest, visit.session.principal, items=[item])
