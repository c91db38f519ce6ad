"""What waits for a decision, what was changed, and deciding: approve, reject, undo."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Conflict, Invalid, NotFound
from agent.records import ChangeSet, to_json
from agent.web.panel.cards import open_items
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.panel.runs import MOST_RUNS, view_of, waiting_update
from agent.web.problems import problem_of
from agent.web.wire import MOST_BYTES

_PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a proposal came of, where it stands without its conversation."""

    request: str = ""
    """What was asked; empty where it was deleted, or for an undo."""
    text: str = ""
    """What the task says of it."""


def decision_routes(desk: Desk) -> list[HTTPRouteHandler]:
    service = desk.service

    @get("/approvals")
    async def approvals(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        page = await service.approvals(visit.session.principal, limit=_PAGE, cursor=request.query_params.get("cursor"))
        return await desk.page(
            visit,
            "approvals.html",
            here="approvals",
            sets=to_json(list(page.items)),
            more=page.next,
            origin_of=await _origins(desk, visit, page.items),
        )

    @get("/changes")
    async def changes(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        page = await service.changes(visit.session.principal, limit=_PAGE, cursor=request.query_params.get("cursor"))
        return await desk.page(
            visit, "changes.html", here="changes", undoing=await desk.undoing(visit), sets=to_json(list(page.items)), more=page.next,
            origin_of=await _origins(desk, visit, page.items),
        )  # fmt: skip

    @post("/approvals/{digest:str}/approve", status_code=200, request_max_body_size=MOST_BYTES)
    async def approve(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        items, typed = await _chosen(desk, visit, digest), (await request.form()).get("typed")
        try:
            done = await service.approve(digest, visit.session.principal, items=items, typed=str(typed) if typed else None)
        except Conflict as refused:
            return await _too_late(desk, visit, digest, refused)
        return await _decided(desk, visit, done)

    @post("/approvals/{digest:str}/reject", status_code=200, request_max_body_size=MOST_BYTES)
    async def reject(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        items = await _chosen(desk, visit, digest)
        try:
            done = await service.reject(digest, visit.session.principal, items=items)
        except Conflict as refused:
            return await _too_late(desk, visit, digest, refused)
        return await _decided(desk, visit, done)

    @post("/changes/{change_set_id:str}/undo", status_code=200)
    async def undo(request: Request[Any, Any, Any], change_set_id: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        inverse = await service.undo(change_set_id, visit.session.principal)
        if not visit.by_htmx:
            return elsewhere("/approvals")
        return html(desk.part(visit, "parts/change_set.html", set=to_json(inverse)) + await waiting_update(desk, visit))

    return [approvals, changes, approve, reject, undo]


async def _chosen(desk: Desk, visit: Visit, digest: str) -> list[str] | None:
    """The items that are ticked; None when the card has nothing to tick or everything is."""
    sent = [str(item) for item in (await visit.request.form()).getall("items", [])]
    change_set = to_json(await desk.service.approval(digest, visit.session.principal))
    left = open_items(change_set)
    if left <= 1:
        return None
    if not sent:
        raise Invalid("Tick at least one change.", field="items")
    return None if len(set(sent)) == left else sent


async def _decided(desk: Desk, visit: Visit, change_set: ChangeSet) -> Response[str]:
    """The card as it is now, and with an undo that was approved the card of what it put back."""
    if not visit.by_htmx:
        return elsewhere("/changes")
    card = desk.part(visit, "parts/change_set.html", set=to_json(change_set), alone=True)
    around = [await _put_back(desk, visit, change_set), await _run_of(desk, visit, change_set), await waiting_update(desk, visit)]
    return html(card + "".join(around))


async def _too_late(desk: Desk, visit: Visit, digest: str, refused: Conflict) -> Response[str]:
    """Why it was refused, and the card as somebody else, or another tab, has left it."""
    if not visit.by_htmx:
        raise refused
    problem, _, headers = problem_of(refused, visit.request)
    told = visit.words.told
    notice = desk.part(visit, "parts/notice.html", title=told(problem.title), detail=told(problem.detail), request_id=problem.request_id)
    now = await desk.service.approval(digest, visit.session.principal)
    card = desk.part(visit, "parts/change_set.html", set=to_json(now), oob=True) + await _run_of(desk, visit, now)
    headers |= {"HX-Retarget": "#notices", "HX-Reswap": "beforeend", "HX-Push-Url": "false"}
    return html(notice + card + await waiting_update(desk, visit), status=problem.status, headers=headers)


async def _origins(desk: Desk, visit: Visit, sets: Iterable[ChangeSet]) -> Callable[[Mapping[str, Any]], Origin]:
    """What each of these came of."""
    of_runs = [each for each in sets if each.run is not None]
    found = dict(zip((each.id for each in of_runs), await gather(*(_origin(desk, visit, each) for each in of_runs)), strict=True))
    return lambda change_set: found.get(change_set["id"], Origin())


async def _origin(desk: Desk, visit: Visit, change_set: ChangeSet) -> Origin:
    try:
        reply = await desk.service.reply(str(change_set.run), visit.session.principal)
    except NotFound:
        return Origin()
    part = next((part for part in reply.parts if part.subtask == change_set.subtask and part.kind == "proposal"), None)
    return Origin(request=reply.plan.text, text=part.text if part else "")


async def _run_of(desk: Desk, visit: Visit, change_set: ChangeSet) -> str:
    """The steps and the last line of the run that proposed it, which say how it stands."""
    if change_set.run is None or change_set.run not in await _runs_on_page(desk, visit):
        return ""
    run = await view_of(desk, visit, await desk.service.reply(change_set.run, visit.session.principal))
    return "".join(desk.part(visit, template, run=run, oob=True) for template in ("parts/plan.html", "parts/foot.html"))


async def _put_back(desk: Desk, visit: Visit, change_set: ChangeSet) -> str:
    if change_set.undoes is None:
        return ""
    earlier = (await desk.service.changes(visit.session.principal, limit=100)).items
    found = next((each for each in earlier if each.id == change_set.undoes), None)
    if found is None or not (_page(visit) == "/changes" or found.run in await _runs_on_page(desk, visit)):
        return ""
    return desk.part(visit, "parts/change_set.html", set=to_json(found), oob=True)


def _page(visit: Visit) -> str:
    """The path of the page that the request comes from."""
    return urlsplit(visit.request.headers.get("hx-current-url", "")).path


async def _runs_on_page(desk: Desk, visit: Visit) -> frozenset[str]:
    """Runs whose cards stand on the page the request comes from: only they can be shown again there."""
    thread = unquote(_page(visit).removeprefix("/t/"))
    if not thread or thread.startswith("/"):
        return frozenset()
    at = parse_qs(urlsplit(visit.request.headers.get("hx-current-url", "")).query).get("at", [None])[0]
    try:
        found = await desk.service.thread(thread, visit.session.principal, at=at, limit=MOST_RUNS)
    except NotFound:
        return frozenset()
    return frozenset(turn.run.id for turn in found.runs)
