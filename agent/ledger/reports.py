"""What the ledger tells people: sums with who did the work beside them, which runs cost most, and which reasoned longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from typing import Any, Literal, get_args

import msgspec
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.spend import AttemptRow
from agent.db.tables import RunRow
from agent.ledger.budgets import usd_of
from agent.ledger.usage import By, UsageLine, usage

Order = Literal["cost", "reasoning"]
WorkBy = Literal["day", "task", "owner"]
_WORK_GROUPS: tuple[WorkBy, ...] = get_args(WorkBy)
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """What one run used of models."""

    run: str
    text: str
    """What was asked; empty for a run that is no longer kept."""
    principal: str
    at: datetime
    """Of its first call."""
    calls: int
    failed: int
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost_usd: Decimal
    latency_ms: int
    """Of all its calls together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Pieces of work by who did them: reading a clause, writing a text, labelling reviews."""

    student: int = 0
    frontier: int = 0
    code: int = 0
    """Plain code, which needs no model; not in the share."""

    @property
    def student_share(self) -> float | None:
        """Of what a model had to do, the part that the students did, in [0, 1]; None where no model had to do anything."""
        models = self.student + self.frontier
        return self.student / models if models else None

    def plus(self, other: Work) -> Work:
        return Work(student=self.student + other.student, frontier=self.frontier + other.frontier, code=self.code + other.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    usage: UsageLine
    work: Work | None
    """None where the work is not known by this grouping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    by: By
    lines: Sequence[ReportLine]
    """The dearest first; days in order."""
    total: UsageLine
    work: Work


async def report(db: Database, shop: str, *, by: By = "day", start: datetime | None = None, end: datetime | None = None) -> Report:
    """What a shop used of models. A day, task or person whose work needed no call of a model has a line too.

    Args:
        start: From then on; None for the beginning.
        end: Until before then; None for now.
    """
    grouped: WorkBy | None = next((group for group in _WORK_GROUPS if group == by), None)
    lines = {line.name: line for line in await usage(db, shop, by=by, start=start, end=end)}
    total = await usage(db, shop, by="shop", start=start, end=end) or [UsageLine.nothing(shop)]
    done = await work(db, shop, by=grouped, start=start, end=end)
    if grouped:
        lines |= {name: UsageLine.nothing(name) for name in done if name not in lines}
    names = sorted(lines) if by == "day" else list(lines)
    return Report(
        by=by, total=total[0], work=reduce(Work.plus, done.values(), Work()),
        lines=[ReportLine(usage=lines[name], work=done.get(name, Work()) if grouped else None) for name in names],
    )  # fmt: skip


async def dearest_runs(
    db: Database, shop: str, *, order: Order = "cost", start: datetime | None = None, end: datetime | None = None, limit: int = 20
) -> Sequence[RunLine]:
    """The runs that cost most, or that reasoned longest, from the top; one that did not reason is not among the latter."""
    cost, reasoning = func.coalesce(func.sum(AttemptRow.cost_pico), 0), func.sum(AttemptRow.reasoning_tokens)
    columns: list[Any] = [
        AttemptRow.run_id, func.max(RunRow.text), func.max(AttemptRow.principal_id), func.min(AttemptRow.at), func.count(),
        func.sum(case((col(AttemptRow.error).is_(None), 0), else_=1)), func.sum(AttemptRow.input_tokens), func.sum(AttemptRow.output_tokens),
        reasoning, cost, func.sum(AttemptRow.latency_ms),
    ]  # fmt: skip
    query = (
        select(*columns)
        .outerjoin(RunRow, (col(RunRow.shop_id) == col(AttemptRow.shop_id)) & (col(RunRow.id) == col(AttemptRow.run_id)))
        .where(col(AttemptRow.shop_id) == shop, col(AttemptRow.run_id).is_not(None), *_between(col(AttemptRow.at), start, end))
        .group_by(col(AttemptRow.run_id))
        .order_by((cost if order == "cost" else reasoning).desc(), col(AttemptRow.run_id))
        .limit(limit)
    )
    if order == "reasoning":
        query = query.having(reasoning > 0)
    rows = await db.read(lambda session: session.execute(query).all())
    return [_run_line(row) for row in rows]


class _Route(msgspec.Struct):
    by: Literal["student", "frontier", "code", "template"]


class _Part(msgspec.Struct):
    task: str
    run: list[_Route] = []


class _Kept(msgspec.Struct):
    """Of a run as it is kept, what this report reads; the rest is passed over, which makes it quick."""

    parts: list[_Part] = []


@dataclass(slots=True)
class _Tally:
    by: WorkBy | None
    found: dict[str, Work] = field(default_factory=dict)

    def add(self, at: datetime, principal: str, kept: _Kept) -> None:
        for part in kept.parts:
            name = {"day": f"{at.astimezone(UTC):%Y-%m-%d}", "task": part.task, "owner": principal, None: ""}[self.by]
            self.found[name] = self.found.get(name, Work()).plus(_work_of(part))


async def work(
    db: Database, shop: str, *, by: WorkBy | None = None, start: datetime | None = None, end: datetime | None = None
) -> Mapping[str, Work]:
    """Who did the work of the shop's runs, by day, task or person; under the empty name when all of it together is asked for."""
    query = select(col(RunRow.created_at), col(RunRow.principal_id), col(RunRow.reply)).where(
        col(RunRow.shop_id) == shop, col(RunRow.reply).is_not(None), *_between(col(RunRow.created_at), start, end)
    )

    def tally(session: Session) -> Mapping[str, Work]:
        made = _Tally(by)
        for at, principal, reply in session.execute(query.execution_options(yield_per=_AT_ONCE)):
            made.add(at, principal, msgspec.json.decode(reply or "{}", type=_Kept))
        return dict(sorted(made.found.items()))

    return await db.read(tally)


def _work_of(part: _Part) -> Work:
    counts = {"student": 0, "frontier": 0, "code": 0}
    for route in part.run:
        counts["code" if route.by == "template" else route.by] += 1  # a template's words are code's: no model wrote them
    return Work(**counts)


def _run_line(row: Sequence[Any]) -> RunLine:
    return RunLine(
        run=row[0], text=row[1] or "", principal=row[2] or "", at=row[3], calls=row[4], failed=row[5], input_tokens=row[6], output_tokens=row[7],
        reasoning_tokens=row[8], cost_usd=usd_of(int(row[9])), latency_ms=int(row[10] or 0),
    )  # fmt: skip


def _between(at: Any, start: datetime | None, end: datetime | None) -> list[Any]:
    return ([at >= start] if start else []) + ([at < end] if end else [])
