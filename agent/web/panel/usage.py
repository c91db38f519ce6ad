"""The page Usage: what was spent, on what, and how much of the work the students did."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from agent.errors import Invalid
from agent.ledger.reports import Report, RunLine, dearest_runs, report
from agent.ledger.usage import By
from agent.records import Scope
from agent.web.panel.charts import Chart, Series, bar_chart
from agent.web.panel.desk import Desk, Visit
from agent.web.panel.words import Words
from agent.web.spend import Spend
from agent.web.spend_api import USAGE_COLUMNS, report_shown
from agent.web.tables import csv_reply

DAYS = (7, 30, 90)
GROUPS: tuple[By, ...] = ("task", "model", "key", "owner", "provider")
_RUNS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page is to show."""

    days: int
    by: By
    start: datetime
    end: datetime
    """The end of the day that runs now, in UTC."""


def usage_routes(desk: Desk, spend: Spend) -> list[HTTPRouteHandler]:
    @get("/usage")
    async def usage_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.READ)
        asked, shop = _asked(visit, desk.now()), visit.shop.id
        await spend.books.flush()
        start, end = asked.start, asked.end
        by_day, grouped, dearest, reasoned = await asyncio.gather(
            report(spend.db, shop, by="day", start=start, end=end),
            report(spend.db, shop, by=asked.by, start=start, end=end),
            dearest_runs(spend.db, shop, start=start, end=end, limit=_RUNS),
            dearest_runs(spend.db, shop, order="reasoning", start=start, end=end, limit=_RUNS),
        )
        return await desk.page(
            visit, "usage.html", here="usage", asked=asked, choices=DAYS, groups=GROUPS, day=by_day, grouped=grouped,
            cost=_cost(visit.words, asked, by_day), work=_work(visit.words, asked, by_day),
            dearest=_runs(visit, dearest), reasoned=_runs(visit, reasoned),
            commitments=await spend.commitments.standing(shop), limits=await _limits(spend, visit),
        )  # fmt: skip

    @get("/usage.csv")
    async def usage_csv(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.READ)
        asked = _asked(visit, desk.now())
        await spend.books.flush()
        shown = report_shown(await report(spend.db, visit.shop.id, by=asked.by, start=asked.start, end=asked.end), visit.names)
        return csv_reply(shown["items"], USAGE_COLUMNS, first=asked.by, file=f"usage-by-{asked.by}.csv")

    return [usage_page, usage_csv]


async def _limits(spend: Spend, visit: Visit) -> list[Mapping[str, Any]]:
    """Every limit with what is spent and set aside of it, the fullest first."""
    found = [(limit, await spend.books.budgets.spent(limit)) for limit in await spend.books.budgets.all(visit.shop.id)]
    shown = [
        {
            "limit": limit,
            "spent": spent,
            "share": float(spent / limit.usd) if limit.usd else 1.0,
            "name": visit.names.get(limit.subject, limit.subject),
        }
        for limit, spent in found
    ]
    return sorted(shown, key=lambda each: -each["share"])


def _asked(visit: Visit, now: datetime) -> Asked:
    """
    Raises:
        Invalid: The address asks for what the page has not.
    """
    sent = visit.request.query_params
    days, by = sent.get("days", "30"), sent.get("by", "task")
    found: By | None = next((group for group in ("day", *GROUPS) if group == by), None)
    if days not in {str(choice) for choice in DAYS} or found is None:
        raise Invalid("This page shows 7, 30 or 90 days, by task, model, key, owner or provider.", field="by" if found is None else "days")
    end = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
    return Asked(days=int(days), by=found, start=end - timedelta(days=int(days)), end=end)


def _days(asked: Asked) -> list[datetime]:
    """Every day of the time, also those on which nothing happened."""
    return [asked.start + timedelta(days=n) for n in range(asked.days)]


def _cost(words: Words, asked: Asked, found: Report) -> dict[str, Any]:
    spent = {line.usage.name: line.usage.cost_usd for line in found.lines}
    days = _days(asked)
    values = [spent.get(f"{day:%Y-%m-%d}", 0) for day in days]
    series = [Series(kind="cost", label=words.gettext("Cost"), values=[float(value) for value in values])]
    rows = [(words.day(day), words.dollars(value)) for day, value in zip(days, values, strict=True) if value]
    return _drawn(words, days, series, rows, words.dollars)


def _work(words: Words, asked: Asked, found: Report) -> dict[str, Any]:
    done = {line.usage.name: line.work for line in found.lines if line.work is not None}
    days = _days(asked)
    kinds = (("student", words.gettext("Students")), ("frontier", words.gettext("Frontier models")))
    values = {kind: [getattr(done.get(f"{day:%Y-%m-%d}"), kind, 0) for day in days] for kind, _ in kinds}
    series = [Series(kind=kind, label=label, values=values[kind]) for kind, label in kinds]
    pairs = zip(days, values["student"], values["frontier"], strict=True)
    rows = [(words.day(day), words.value(one), words.value(other)) for day, one, other in pairs if one or other]
    return _drawn(words, days, series, rows, lambda value: words.value(round(value, 2)))


def _drawn(words: Words, days: Sequence[datetime], series: Sequence[Series], rows: Sequence[tuple[str, ...]], say: Any) -> dict[str, Any]:
    chart: Chart = bar_chart([words.day(day) for day in days], series, say)
    return {"chart": chart, "rows": rows}


def _runs(visit: Visit, lines: Sequence[RunLine]) -> list[Mapping[str, Any]]:
    return [{"line": line, "who": visit.names.get(line.principal, line.principal)} for line in lines]
