"""The page Runs: every request of the shop, looked through by its words and by what came of it; and one run with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.db.spend import AttemptRow
from agent.errors import Invalid
from agent.ledger.budgets import usd_of
from agent.ledger.usage import attempts_of
from agent.records import RunState
from agent.runs.history import Sought
from agent.web.panel.desk import Desk, Visit, html
from agent.web.panel.runs import view_of
from agent.web.panel.view import RunView
from agent.web.spend import Spend

_PAGE = 30
_LONGEST = 200
STATES: tuple[RunState, ...] = get_args(RunState)
FIELDS = ("q", "state", "person", "task", "from", "to")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCost:
    """What the models of providers did for one step."""

    name: str
    """The task; empty for reading the request."""
    calls: int
    failed: int
    tokens: int
    cost_usd: Decimal
    took_ms: int


def history_routes(desk: Desk, spend: Spend | None) -> list[HTTPRouteHandler]:
    service = desk.service

    @get("/runs")
    async def runs_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        asked = {name: request.query_params.get(name, "").strip()[:_LONGEST] for name in FIELDS}
        page = await service.history(
            visit.session.principal, _sought(asked, visit.shop.time_zone), limit=_PAGE, cursor=request.query_params.get("cursor")
        )  # fmt: skip
        kept = {name: value for name, value in asked.items() if value}
        more = f"/runs?{urlencode({**kept, 'cursor': page.next})}" if page.next else None
        values: dict[str, Any] = {
            "found": page.items,
            "asked": asked,
            "narrowed": bool(kept),
            "more": more,
            "begun": "cursor" not in request.query_params,
        }
        if visit.by_htmx:
            return html(desk.part(visit, "parts/found_runs.html", **values))
        tasks = sorted(task.name for task in service.tasks())
        return await desk.page(visit, "runs.html", here="runs", states=STATES, tasks=tasks, **values)

    @get("/runs/{run_id:str}")
    async def run_page(request: Request[Any, Any, Any], run_id: FromPath[str]) -> Response[str]:
        visit = await desk.visit(request)
        principal = visit.session.principal
        reply = await service.reply(run_id, principal)
        view = await view_of(desk, visit, reply)
        (known,) = (await service.history(principal, Sought(words=run_id), limit=1)).items or (None,)
        calls = await _calls(spend, visit, run_id)
        # The pieces of a text that grew are in the text; a hundred rows of them would bury what happened.
        events = [event for event in await service.story(run_id, principal) if event.type != "text_delta"]
        return await desk.page(
            visit, "run.html", here="runs", undoing=await desk.undoing(visit), run=view, known=known, events=events,
            calls=calls, steps=_by_step(view, calls), usd=_usd, counted=spend is not None,
        )  # fmt: skip

    return [runs_page, run_page]


def _sought(asked: Mapping[str, str], time_zone: str) -> Sought:
    """
    Raises:
        Invalid: A state or a day is none.
    """
    if asked["state"] and asked["state"] not in STATES:
        raise Invalid("There is no such state; choose one from the list.", field="state")
    states = [state for state in STATES if state == asked["state"]]
    zone = ZoneInfo(time_zone)
    since, until = _day(asked["from"], zone), _day(asked["to"], zone)
    return Sought(
        words=asked["q"], states=states, person=asked["person"] or None,
        task=asked["task"] or None, since=since, until=until + timedelta(days=1) if until else None,
    )  # fmt: skip


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("Write the day as year, month and day, such as 2026-11-22.", field="from") from None


async def _calls(spend: Spend | None, visit: Visit, run_id: str) -> Sequence[AttemptRow]:
    if spend is None:
        return ()
    await spend.books.flush()
    return await attempts_of(spend.db, visit.shop.id, run_id)


def _by_step(view: RunView, calls: Sequence[AttemptRow]) -> list[StepCost]:
    """The calls of each step, in the order of the plan; what belongs to none was spent on reading the request."""
    names = {step["id"]: step["task"] for step in view.steps}
    groups: dict[str, list[AttemptRow]] = {}
    for call in calls:
        groups.setdefault(call.subtask if call.subtask and call.subtask in names else "", []).append(call)
    return [_cost(names.get(id, ""), groups[id]) for id in ("", *names) if id in groups]


def _cost(name: str, calls: Sequence[AttemptRow]) -> StepCost:
    return StepCost(
        name=name, calls=len(calls), failed=sum(call.error is not None for call in calls),
        tokens=sum(call.input_tokens + call.output_tokens for call in calls), cost_usd=sum((_usd(call) for call in calls), Decimal(0)),
        took_ms=sum(call.latency_ms for call in calls),
    )  # fmt: skip


def _usd(call: AttemptRow) -> Decimal:
    return usd_of(call.cost_pico or 0)
