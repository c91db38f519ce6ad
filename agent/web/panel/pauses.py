"""The page Pauses: what the spend breaker holds, why, and the three ways out."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import NotAllowed, NotFound
from agent.ledger.breaker import Decision, Pause
from agent.records import Scope
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.spend import Spend

_DECISIONS: tuple[Decision, ...] = ("continue", "raise", "stop")


def pause_routes(desk: Desk, spend: Spend) -> list[HTTPRouteHandler]:
    @get("/pauses")
    async def pauses_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.READ)
        found = await spend.pauses(visit.shop.id)
        pauses = [{"pause": pause, "subject": await _subject(desk, visit, pause)} for pause in found]
        return await desk.page(visit, "pauses.html", here="pauses", pauses=pauses)

    @post("/pauses/{pause_id:str}/{decision:str}", status_code=200)
    async def decide(request: Request[Any, Any, Any], pause_id: FromPath[str], decision: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        if not visit.session.principal.may(Scope.ADMIN):
            raise NotAllowed("Only an owner of the shop decides on paused spending.")
        wanted: Decision | None = next((each for each in _DECISIONS if each == decision), None)
        decided = await spend.decide(visit.session.principal, pause_id, wanted) if wanted else None
        if decided is None:
            raise NotFound("pause", pause_id)
        if not visit.by_htmx:
            return elsewhere("/pauses")
        return html(desk.part(visit, "parts/pause.html", pause=decided, subject=await _subject(desk, visit, decided)))

    return [pauses_page, decide]


async def _subject(desk: Desk, visit: Visit, pause: Pause) -> str:
    """What people call whatever is paused: a key or a person by name, a run by what was asked."""
    if pause.kind != "run":
        return visit.names.get(pause.subject, pause.subject)
    try:
        return (await desk.service.reply(pause.subject, visit.session.principal)).plan.text[:160]
    except NotFound:
        return pause.subject
