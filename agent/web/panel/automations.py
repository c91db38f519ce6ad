"""The page Automations: what happens by itself in this shop, when and how often it did, and the ways to pause, try and end it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.automation.desk import AutomationDesk
from agent.errors import NotFound
from agent.sdk.own import Automation, Schedule, Segment
from agent.web.panel.desk import Desk, elsewhere
from agent.web.panel.words import Words

_FIRINGS = 50
_NOTICES = 10
TRIED_DAYS = 30


def automation_routes(desk: Desk, automations: AutomationDesk) -> list[HTTPRouteHandler]:
    @get("/automations")
    async def automations_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        principal = visit.session.principal
        listing = await automations.listing(principal)
        return await desk.page(
            visit, "automations.html", here="automations", ones=[*listing.automations, *listing.schedules], segments=listing.segments,
            notices=await automations.notices(principal, limit=_NOTICES), does=does,
        )  # fmt: skip

    @get("/automations/{id:str}")
    async def automation_page(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[str]:
        visit = await desk.visit(request)
        principal = visit.session.principal
        shown = await automations.show(id, principal, limit=_FIRINGS)
        wanted = "try" in request.query_params and isinstance(shown.one, Automation)
        tried = await automations.dry_run(id, principal, days=TRIED_DAYS) if wanted else None
        return await desk.page(
            visit, "automation.html", here="automations", one=shown.one, firings=shown.firings, tried=tried, days=TRIED_DAYS, does=does,
            tries=isinstance(shown.one, Automation),
        )  # fmt: skip

    @post("/automations/{id:str}/{step:str}", status_code=200)
    async def take(request: Request[Any, Any, Any], id: FromPath[str], step: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        principal = visit.session.principal
        match step:
            case "pause":
                await automations.pause(id, principal)
            case "resume":
                await automations.resume(id, principal)
            case "remove":
                await automations.remove(id, principal)
            case "put-away":
                await automations.put_away(id, principal)
            case _:
                raise NotFound("step", step)
        return elsewhere(f"/automations/{id}" if step in ("pause", "resume") else "/automations")

    return [automations_page, automation_page, take]


def does(words: Words, one: Automation | Schedule | Segment) -> str:
    """What it is, as a sentence in the reader's language; a schedule's request stays as its owner wrote it."""
    match one:
        case Automation():
            return words.told(str(one.rule))
        case Schedule():
            return f"{words.capital(words.told(str(one.rhythm)))}: {one.request}"
    return words.told(str(one.query))
