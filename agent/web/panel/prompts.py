"""The page Saved prompts: requests kept under a name, one's own and the shop's, made, changed and removed."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import NotAllowed, NotFound
from agent.records import Scope
from agent.runs.saved_prompts import LONGEST_NAME, LONGEST_TEXT, SavedPrompts
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.wire import MOST_BYTES


def prompt_routes(desk: Desk, prompts: SavedPrompts) -> list[HTTPRouteHandler]:
    @get("/prompts")
    async def prompts_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        draft = await _asked_in(desk, visit, request.query_params.get("run", ""))
        return await desk.page(visit, "prompts.html", here="prompts", **await _values(prompts, visit, draft))

    @post("/prompts", status_code=200, request_max_body_size=MOST_BYTES)
    async def keep(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await _changing(desk, request)
        await prompts.keep(*await _sent(visit), visit.session.principal, shared=await _shared(visit))
        return await _shown(visit)

    @post("/prompts/{prompt:str}", status_code=200, request_max_body_size=MOST_BYTES)
    async def change(request: Request[Any, Any, Any], prompt: FromPath[str]) -> Response[str]:
        visit = await _changing(desk, request)
        await prompts.change(prompt, *await _sent(visit), visit.session.principal, shared=await _shared(visit))
        return await _shown(visit)

    @post("/prompts/{prompt:str}/remove", status_code=200)
    async def remove(request: Request[Any, Any, Any], prompt: FromPath[str]) -> Response[str]:
        visit = await _changing(desk, request)
        await prompts.remove(prompt, visit.session.principal)
        return await _shown(visit)

    async def _shown(visit: Visit) -> Response[str]:
        if not visit.by_htmx:
            return elsewhere("/prompts")
        return html(desk.part(visit, "parts/prompts.html", **await _values(prompts, visit, "")))

    return [prompts_page, keep, change, remove]


async def _changing(desk: Desk, request: Request[Any, Any, Any]) -> Visit:
    visit = await desk.changing(request)
    if not visit.session.principal.may(Scope.ASK):
        raise NotAllowed("Who may not ask keeps no requests.")
    return visit


async def _sent(visit: Visit) -> tuple[str, str]:
    """The name and the text of the form."""
    sent = await visit.request.form()
    return str(sent.get("name") or ""), str(sent.get("text") or "").replace("\r\n", "\n")


async def _shared(visit: Visit) -> bool:
    return bool((await visit.request.form()).get("shared"))


async def _asked_in(desk: Desk, visit: Visit, run: str) -> str:
    """What was asked in a run, to be kept; nothing where there is none of that id."""
    try:
        return (await desk.service.reply(run, visit.session.principal)).plan.text if run else ""
    except NotFound:
        return ""


async def _values(prompts: SavedPrompts, visit: Visit, draft: str) -> dict[str, Any]:
    return {
        "prompts": await prompts.of(visit.session.principal), "draft": draft[:LONGEST_TEXT], "most_name": LONGEST_NAME, "most_text": LONGEST_TEXT,
        "me": visit.session.principal,
    }  # fmt: skip
