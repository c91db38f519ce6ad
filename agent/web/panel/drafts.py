"""A draft's text, edited on the page and saved as a proposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Conflict, NotFound
from agent.records import Reply, Scope, to_json
from agent.web.panel.cards import draft_texts, rewordings_of
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.panel.runs import waiting_update
from agent.web.wire import MOST_BYTES

_TURNED_DOWN = ("rejected", "expired", "failed")
"""States of a proposal that will come to nothing: saving its text again proposes it again."""


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
    """The change set that saves this text: the draft's own where it was left as written and not turned down since, else a new one."""
    part: Mapping[str, Any] | None = next((to_json(p) for p in reply.parts if p.subtask == subtask and p.kind == "draft"), None)
    written = next((t for t in draft_texts(part) if t.item and t.item == item), None) if part else None
    if part is None or written is None:
        raise NotFound("draft")
    change_set = part["change_set"]
    if written.text.replace("\r\n", "\n") == text and len(change_set["items"]) == 1 and change_set["state"] not in _TURNED_DOWN:
        return change_set
    earlier = to_json(list(await desk.service.rewordings(reply.run_id, visit.session.principal)))
    proposed = await desk.service.reword(change_set["digest"], item, text, visit.session.principal)
    before = [(change_set["digest"], item), *((each["digest"], each["items"][0]["id"]) for each in rewordings_of(part, item, earlier))]
    await _superseded(desk, visit, [each for each in before if each[0] != proposed.digest])
    return to_json(proposed)


async def _superseded(desk: Desk, visit: Visit, before: Sequence[tuple[str, str]]) -> None:
    """The text as it was written or edited before does not wait any longer once another is proposed in its place."""
    for digest, item in before if visit.session.principal.may(Scope.APPROVE) else ():
        with suppress(Conflict):  # it was decided before
            await desk.service.reject(digest, visit.session.principal, items=[item])
