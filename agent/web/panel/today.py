"""The start page: a box to ask in, what waits for a decision or an answer, what was done lately, and what the shop should look at."""

from __future__ import annotations

import secrets
from shlex import quote
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import NotFound
from agent.records import to_json
from agent.runs.history import Sought
from agent.service.put_off import MATTERS
from agent.service.service import LONGEST_ASK
from agent.service.today import Concern
from agent.web.panel.desk import Desk, Visit, elsewhere, html

_FEW = 4
_WAITING = 40
"""Runs that wait, looked through for open questions."""


def today_routes(desk: Desk) -> list[HTTPRouteHandler]:
    service = desk.service

    @get("/")
    async def today_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        principal = visit.session.principal
        waiting = await service.approvals(principal, limit=_FEW)
        asked = await service.history(principal, Sought(states=["waiting"]), limit=_WAITING)
        done = await service.changes(principal, limit=_FEW)
        return await desk.page(
            visit, "today.html", here="today", undoing=await desk.undoing(visit), waits=to_json(list(waiting.items)),
            questions=[each for each in asked.items if each.questions][:_FEW], done=to_json(list(done.items)), thread=f"t{secrets.token_hex(8)}",
            text=request.query_params.get("text", "")[:LONGEST_ASK], suggestions=await service.suggestions(principal),
            prompts=await desk.prompts(visit),
        )  # fmt: skip

    @get("/today")
    async def concerns(request: Request[Any, Any, Any]) -> Response[str]:
        """What the shop should look at: asked for by the page once it stands, since it takes the store longest."""
        return await _concerns(desk, await desk.visit(request))

    @post("/today/{matter:str}/{step:str}", status_code=200)
    async def later(request: Request[Any, Any, Any], matter: FromPath[str], step: FromPath[str]) -> Response[str]:
        """Put a concern off, for the whole shop, or take that back."""
        visit = await desk.changing(request)
        known = next((each for each in MATTERS if each == matter), None)
        if known is None or step not in ("put-off", "back"):
            raise NotFound("page")
        await (service.put_off if step == "put-off" else service.look_again)(known, visit.session.principal)
        return await _concerns(desk, visit) if visit.by_htmx else elsewhere("/today")

    return [today_page, concerns, later]


async def _concerns(desk: Desk, visit: Visit) -> Response[str]:
    looked = await desk.service.today(visit.session.principal)
    values: dict[str, Any] = {"looked": looked, "evidence_of": _evidence_of, "called": quote(visit.shop.name)}
    if visit.by_htmx:
        return html(desk.part(visit, "parts/concerns.html", **values))
    return await desk.page(visit, "concerns.html", here="today", **values)


def _evidence_of(concern: Concern) -> Any:
    return to_json(concern.evidence)
