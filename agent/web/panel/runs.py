"""A run's card: streamed as its events come, stopped, answered, and shown as it stands."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Invalid, NotFound
from agent.records import Reply, RunEvent, to_json
from agent.web.framing import may_show
from agent.web.panel.cards import card_ids
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.panel.view import ENDINGS, OVER, RunView
from agent.web.sse import closed_after, message, stream_reply
from agent.web.wire import MOST_BYTES

MOST_RUNS = 30  # of one thread on a page
_TEMPLATES = {"plan": "parts/plan.html", "parts": "parts/results.html", "asks": "parts/asks.html", "foot": "parts/foot.html"}


def run_routes(desk: Desk) -> list[HTTPRouteHandler]:
    service = desk.service

    @get("/runs/{run_id:str}/stream")
    async def stream(request: Request[Any, Any, Any], run_id: FromPath[str]) -> Response[Any]:
        visit = await desk.visit(request)
        reply = await service.reply(run_id, visit.session.principal)
        last = request.headers.get("last-event-id", "")
        view = RunView.new(run_id, reply.plan.text)
        return stream_reply(_updates(desk, visit, view, after=int(last) if last.isascii() and last.isdigit() and len(last) < 16 else 0))

    @post("/runs/{run_id:str}/stop", status_code=200)
    async def stop(request: Request[Any, Any, Any], run_id: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        return await _shown(desk, visit, await service.stop(run_id, visit.session.principal))

    @post("/runs/{run_id:str}/answers", status_code=200, request_max_body_size=MOST_BYTES)
    async def answer(request: Request[Any, Any, Any], run_id: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        sent = await request.form()
        question, value = str(sent.get("question") or ""), str(sent.get("option") or sent.get("value") or "").strip()
        if not value:
            raise Invalid("Choose one of the answers or write your own.", field="value")
        return await _shown(desk, visit, await service.answer(run_id, {question: value}, visit.session.principal))

    @get("/runs/{run_id:str}/next")
    async def follow_ups(request: Request[Any, Any, Any], run_id: FromPath[str]) -> Response[str]:
        visit = await desk.visit(request)
        return html(desk.part(visit, "parts/next.html", texts=await service.follow_ups(run_id, visit.session.principal)))

    @get("/runs/{run_id:str}/cards/{subtask:str}")
    async def cards(request: Request[Any, Any, Any], run_id: FromPath[str], subtask: FromPath[str]) -> Response[str]:
        """Asked for by the page once the answer stands, since a store may be far away."""
        visit = await desk.visit(request)
        reply = await service.reply(run_id, visit.session.principal)
        part = next((part for part in reply.parts if part.subtask == subtask), None)
        if part is None:
            raise NotFound("part")
        found = await service.record_cards(card_ids(to_json(part.data)), visit.session.principal)
        return html(desk.part(visit, "parts/record_cards.html", cards=to_json(list(found)), may_show=partial(may_show, images=desk.image_hosts)))

    return [stream, stop, answer, follow_ups, cards]


async def view_of(desk: Desk, visit: Visit, reply: Reply) -> RunView:
    """The run as its reply says it stands now; what only its events know (times, why it failed) is taken from them."""
    view = RunView.of(reply)
    if view.live:
        return RunView.new(reply.run_id, reply.plan.text, reply.plan.file)  # the page's stream begins at the first event
    told = RunView.new(reply.run_id, reply.plan.text)
    async with closed_after(desk.service.events(reply.run_id, visit.session.principal, after=0)) as events:
        async for event in events:
            told.fold(event)
            # What follows the last ending is decisions, which the reply knows; waiting for more of them would take for ever.
            if event.type in ENDINGS and told.has_times_of(view.parts):
                break
    if any(part.kind == "draft" and part.change_set for part in reply.parts):
        view.reworded = to_json(list(await desk.service.rewordings(reply.run_id, visit.session.principal)))
    view.timings, view.error = told.timings, told.error if view.state in OVER else None
    return view


async def _shown(desk: Desk, visit: Visit, reply: Reply) -> Response[str]:
    """The run's card in place of the one on the page, or, for a browser without scripts, its page."""
    if not visit.by_htmx:
        run = next((r for r in (await desk.service.runs(visit.session.principal, limit=100)).items if r.id == reply.run_id), None)
        return elsewhere(f"/t/{run.thread}" if run and run.thread else "/")
    card = desk.part(visit, "parts/run.html", undoing=await desk.undoing(visit), run=await view_of(desk, visit, reply))
    return html(card + await waiting_update(desk, visit))


async def waiting_update(desk: Desk, visit: Visit) -> str:
    """How many proposals wait, wherever the page says it."""
    return desk.part(visit, "parts/waiting.html", waiting=await desk.waiting(visit), everywhere=True)


async def _updates(desk: Desk, visit: Visit, view: RunView, *, after: int) -> AsyncGenerator[bytes, None]:
    """Pieces of the run's card as its events come. A page that comes back is told only what it has not seen."""
    async with closed_after(desk.service.events(view.id, visit.session.principal, after=0)) as events:
        async for event in events:
            regions = view.fold(event)
            if event.seq > after and regions:
                pieces = [_piece(desk, visit, view, region) for region in regions]
                yield message("".join(pieces) + _announced(desk, visit, view, event), event="update", id=event.seq)
            if event.type in ENDINGS and not await _goes_on(desk, visit, view.id):
                break
    yield message(await waiting_update(desk, visit), event="update")
    yield message("end", event="end")


async def _goes_on(desk: Desk, visit: Visit, run_id: str) -> bool:
    """Whether an ending was of an earlier stretch: the run has been answered and runs again."""
    return (await desk.service.reply(run_id, visit.session.principal)).state in ("queued", "running")


def _announced(desk: Desk, visit: Visit, view: RunView, event: RunEvent) -> str:
    """What is read aloud of an event. Of a text that grows, its beginning and then some sentences at a time; of several, only the beginning."""
    said = ""
    if event.type == "text_delta":
        texts = view.writing.get(event.subtask or "", ())
        said = texts[0].sentences() if len(texts) == 1 else ""
        if not said and not event.data["anew"]:
            return ""  # what is read at the moment goes on
    return desk.part(visit, "parts/announcement.html", run=view, event=event.type, part=to_json(event.data.get("part")), said=said)


def _piece(desk: Desk, visit: Visit, view: RunView, region: str) -> str:
    kind, _, subtask = region.partition(":")
    if kind == "part":
        step = next((step for step in view.steps if step["id"] == subtask), None)
        return desk.part(visit, "parts/part.html", run=view, step=step, part=view.parts.get(subtask), oob=True) if step else ""
    if kind == "text":
        subtask, _, number = subtask.rpartition(":")
        growing = next(text for text in view.writing[subtask] if text.number == int(number))
        return desk.part(visit, "parts/more.html", run=view, subtask=subtask, growing=growing)
    return desk.part(visit, _TEMPLATES[kind], run=view, oob=True)
