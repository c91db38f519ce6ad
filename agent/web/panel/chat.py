"""The chat page: a thread of requests, each with its plan, what comes of it as it comes, and what it asks back."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Conflict, Invalid, NotFound
from agent.records import Ask, Reply, Run, Scope, to_json
from agent.service.service import LONGEST_ASK
from agent.web.panel.cards import draft_texts
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.panel.pages import slug
from agent.web.panel.view import ENDINGS, OVER, RunView, tables_of
from agent.web.sse import closed_after, message, stream_reply
from agent.web.wire import MOST_BYTES

MOST_RUNS = 30  # of one thread on a page
_TEMPLATES = {"plan": "parts/plan.html", "parts": "parts/results.html", "asks": "parts/asks.html", "foot": "parts/foot.html"}


def chat_routes(desk: Desk) -> list[HTTPRouteHandler]:
    service = desk.service

    @get("/")
    async def begin(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        return await _chat(desk, visit, f"t{secrets.token_hex(8)}", (), fresh=True)

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
        text, thread = str(sent.get("text") or "").replace("\r\n", "\n"), str(sent.get("thread") or "")
        if not thread or slug(thread) != thread or len(thread) > 64:
            raise Invalid("This page is out of date. Reload it and try again.", field="thread")
        principal = visit.session.principal
        run_id = await service.start(Ask(text, locale=visit.shop.locale, shop=principal.shop, thread=thread), principal)
        if not visit.by_htmx:
            return elsewhere(f"/t/{thread}")
        card = desk.part(visit, "parts/run.html", run=RunView.new(run_id, text))
        return html(card + await desk.recent(visit, thread), headers={"HX-Push-Url": f"/t/{thread}"})

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

    @post("/runs/{run_id:str}/drafts/{subtask:str}", status_code=200, request_max_body_size=MOST_BYTES)
    async def save_draft(request: Request[Any, Any, Any], run_id: FromPath[str], subtask: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        sent = await request.form()
        item, text = str(sent.get("item") or ""), str(sent.get("text") or "").replace("\r\n", "\n")
        change_set = await _saved(desk, visit, await service.reply(run_id, visit.session.principal), subtask, item, text)
        if not visit.by_htmx:
            return elsewhere("/approvals")
        return html(desk.part(visit, "parts/change_set.html", set=change_set) + await waiting_update(desk, visit))

    @get("/runs/{run_id:str}/parts/{subtask:str}/{name:str}")
    async def table(request: Request[Any, Any, Any], run_id: FromPath[str], subtask: FromPath[str], name: FromPath[str]) -> Response[str]:
        visit = await desk.visit(request)
        reply = await service.reply(run_id, visit.session.principal)
        number = name.removesuffix(".csv")
        found = [t for part in reply.parts if part.subtask == subtask for t in tables_of(to_json(part.data))]
        if not (number.isascii() and number.isdigit() and len(number) < 4 and int(number) < len(found)):
            raise NotFound("table")
        task = next(part.task for part in reply.parts if part.subtask == subtask)
        headers = {"content-disposition": f'attachment; filename="{slug(task)}.csv"'}
        return Response(csv_of(found[int(number)]), media_type="text/csv", headers=headers)

    return [begin, thread, ask, stream, stop, answer, save_draft, table]


async def _chat(desk: Desk, visit: Visit, thread: str, runs: Sequence[Run], *, fresh: bool = False) -> Response[str]:
    suggestions = await desk.service.suggestions(visit.session.principal) if fresh else ()
    views = [await view_of(desk, visit, await desk.service.reply(run.id, visit.session.principal)) for run in runs]
    return await desk.page(
        visit, "chat.html", here="" if fresh else thread, undoing=await desk.undoing(visit) if runs else None, runs=views, thread=thread,
        suggestions=suggestions, title=runs[0].text[:60] if runs else "", most_text=LONGEST_ASK,
    )  # fmt: skip


async def view_of(desk: Desk, visit: Visit, reply: Reply) -> RunView:
    """The run as its reply says it stands now; what only its events know (times, why it failed) is taken from them."""
    view = RunView.of(reply)
    if view.live:
        return RunView.new(reply.run_id, reply.plan.text)  # the page's stream begins at the first event
    told = RunView.new(reply.run_id, reply.plan.text)
    async with closed_after(desk.service.events(reply.run_id, visit.session.principal, after=0)) as events:
        async for event in events:
            told.fold(event)
            # What follows the last ending is decisions, which the reply knows; waiting for more of them would take for ever.
            if event.type in ENDINGS and told.has_times_of(view.parts):
                break
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
                pieces.append(desk.part(visit, "parts/announcement.html", run=view, event=event.type, part=to_json(event.data.get("part"))))
                yield message("".join(pieces), event="update", id=event.seq)
            if event.type in ENDINGS and not await _goes_on(desk, visit, view.id):
                break
    yield message(await waiting_update(desk, visit), event="update")
    yield message("end", event="end")


async def _goes_on(desk: Desk, visit: Visit, run_id: str) -> bool:
    """Whether an ending was of an earlier stretch: the run has been answered and runs again."""
    return (await desk.service.reply(run_id, visit.session.principal)).state in ("queued", "running")


def _piece(desk: Desk, visit: Visit, view: RunView, region: str) -> str:
    kind, _, subtask = region.partition(":")
    if kind == "part":
        step = next((step for step in view.steps if step["id"] == subtask), None)
        return desk.part(visit, "parts/part.html", run=view, step=step, part=view.parts[subtask], oob=True) if step else ""
    return desk.part(visit, _TEMPLATES[kind], run=view, oob=True)


async def _saved(desk: Desk, visit: Visit, reply: Reply, subtask: str, item: str, text: str) -> Any:
    """The change set that saves this text: the draft's own where it was left as written, else a new one."""
    part: Mapping[str, Any] | None = next((to_json(p) for p in reply.parts if p.subtask == subtask and p.kind == "draft"), None)
    written = next((t for t in draft_texts(part) if t.item and t.item == item), None) if part else None
    if part is None or written is None:
        raise NotFound("draft")
    change_set = part["change_set"]
    if written.text.replace("\r\n", "\n") == text and len(change_set["items"]) == 1:
        return change_set
    what = next(i["what"] for i in change_set["items"] if i["id"] == item)
    args = {f"{what['target']['kind']}s": {"ids": [what["target"]["id"]], "label": what["target"]["label"]}, what["field"]: text}
    made = await desk.service.run_task(f"edit_{what['target']['kind']}", args, visit.session.principal)
    proposed = next((p.change_set for p in made.parts if p.change_set), None)
    if proposed is None:
        raise Invalid(made.parts[0].text if made.parts else "Nothing needs changing: it is so already.")
    await _superseded(desk, visit, change_set["digest"], item)
    return to_json(proposed)


async def _superseded(desk: Desk, visit: Visit, digest: str, item: str) -> None:
    """The text as it was written does not wait any longer once another is proposed in its place."""
    if visit.session.principal.may(Scope.APPROVE):
        with suppress(Conflict):  # it was decided before
            await desk.service.reject(digest, visit.session.principal, items=[item])


def csv_of(table: Mapping[str, Any]) -> str:
    """The table for a spreadsheet: money as a bare amount with the currency in its heading, text that a spreadsheet would run made harmless."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_harmless(_heading(table, i)) for i in range(len(table["columns"]))])
    writer.writerows([[_cell(cell) for cell in row] for row in table["rows"]])
    return "\ufeff" + out.getvalue()  # the mark tells spreadsheets that it is UTF-8


def _heading(table: Mapping[str, Any], column: int) -> str:
    cells = [row[column] for row in table["rows"] if column < len(row)]
    currencies = {cell["currency"] for cell in cells if isinstance(cell, Mapping) and "currency" in cell}
    name = str(table["columns"][column])
    return f"{name} ({currencies.pop()})" if len(currencies) == 1 else name


def _cell(cell: Any) -> Any:
    if isinstance(cell, Mapping):
        if set(cell) == {"amount", "currency"}:
            return cell["amount"]
        return _cell(cell.get("untrusted", ""))
    return _harmless(cell) if isinstance(cell, str) else cell


def _harmless(text: str) -> str:
    """A cell that begins like a formula would be run by a spreadsheet; a negative number would not."""
    if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not text[1:].replace(".", "", 1).isdigit():
        return "'" + text
    return text
