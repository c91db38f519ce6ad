"""What was spent on models, under /v1: sums by whatever is asked, the dearest runs, and what was bought beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

from litestar import Response
from pydantic import BaseModel, Field

from agent.ledger.commitments import Standing
from agent.ledger.reports import Order, Report, RunLine, Work, dearest_runs, report
from agent.ledger.usage import By, UsageLine
from agent.records import Scope
from agent.web.auth import Accounts
from agent.web.operations import Answered, Asked, Operation, Parameter
from agent.web.pauses_api import pause_operations
from agent.web.providers_api import provider_operations
from agent.web.spend import Spend
from agent.web.tables import csv_reply
from agent.web.wire import BadRequest, json_reply

GROUPS: tuple[By, ...] = get_args(By)
USAGE_COLUMNS = tuple(UsageLine.__dataclass_fields__)
RUN_COLUMNS = tuple(RunLine.__dataclass_fields__)
MOST_RUNS = 200


class WorkShown(BaseModel):
    """Pieces of work by who did them: understanding a clause, writing a text, labelling reviews."""

    student: int
    frontier: int
    code: int = Field(description="Plain code, which needs no model; not in the share.")
    student_share: float | None = Field(description="Of what a model had to do, the part the students did; null where no model had to.")


class UsageShown(BaseModel):
    """One group of the report."""

    name: str = Field(description="The key, owner, task, model, shop or day; empty where a call had none.")
    label: str | None = Field(default=None, description="What people call it, where it is a key or a person.")
    calls: int = Field(description="Calls to models, failed ones too.")
    failed: int
    absorbed: int = Field(description="Failures that no caller noticed, since another model answered: failovers survived.")
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_usd: str = Field(description="Exact, in US dollars.")
    unpriced: int = Field(description="Calls without a known price; they are not in `cost_usd`.")
    estimated: int = Field(description="Calls whose provider did not count; their tokens are an estimate.")
    latency_ms: int | None = Field(description="Mean over the calls that answered.")
    work: WorkShown | None = Field(default=None, description="Who did the work; by day, task and owner only.")


class UsageReport(BaseModel):
    by: str
    items: list[UsageShown]
    total: UsageShown
    work: WorkShown


class RunUsage(BaseModel):
    run: str
    text: str = Field(description="What was asked; empty for a run that is no longer kept.")
    principal: str
    at: datetime = Field(description="Of its first call.")
    calls: int
    failed: int
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost_usd: str
    latency_ms: int = Field(description="Of all its calls together.")


class RunUsages(BaseModel):
    items: list[RunUsage]
    next: str | None = None


class CommitmentShown(BaseModel):
    id: str
    provider: str
    unit: Literal["usd", "tokens"]
    bought: str
    used: str
    left: str
    per_day: str = Field(description="Used a day, over the last seven days.")
    days_left: float | None = Field(description="How long the rest lasts at this rate; null while nothing is used.")
    forfeited: str | None = Field(description="What will not be used by its end at this rate; null when it has no end.")
    starts_at: datetime
    ends_at: datetime | None
    state: Literal["coming", "running", "used_up", "over"]


class CommitmentsShown(BaseModel):
    items: list[CommitmentShown]
    next: str | None = None


def spend_operations(spend: Spend, accounts: Accounts) -> list[Operation]:
    return [_usage(spend, accounts), _runs(spend), _commitments(spend), *pause_operations(spend), *provider_operations(spend)]


_PERIOD = tuple(
    Parameter(name=name, where="query", schema={"type": "string"}, description=f"A date or an RFC 3339 time: {meaning}.")
    for name, meaning in (("from", "from then on"), ("to", "until before then"))
)


def _usage(spend: Spend, accounts: Accounts) -> Operation:
    async def run(asked: Asked) -> Response[Any]:
        by, start, end = _read(lambda: _one_of(asked, "by", GROUPS), lambda: _moment(asked, "from"), lambda: _moment(asked, "to"))
        names = await accounts.names(asked.principal.shop) if by in ("key", "owner") else {}
        await spend.books.flush()
        found = await report(spend.db, asked.principal.shop, by=by, start=start, end=end)
        shown = report_shown(found, names)
        return csv_reply(shown["items"], USAGE_COLUMNS, first=by) if _wants_csv(asked) else json_reply(shown)

    return Operation(
        id="usage", method="GET", path="/v1/usage", tag="usage", scope=Scope.READ, run=run, problems=[422],
        summary="Calls, tokens, cost and latency of models, by what is asked; as CSV with Accept: text/csv",
        replies={200: Answered(description="The groups, the dearest first; days in order.", type=UsageReport, columns=("day", *USAGE_COLUMNS[1:]))},
        parameters=[
            Parameter(name="by", where="query", schema={"type": "string", "enum": list(GROUPS), "default": "day"}, description="What to group by."),
            *_PERIOD,
        ],
    )  # fmt: skip


def _runs(spend: Spend) -> Operation:
    async def run(asked: Asked) -> Response[Any]:
        order, limit, start, end = _read(
            lambda: _one_of(asked, "order", get_args(Order)), lambda: _limit(asked), lambda: _moment(asked, "from"), lambda: _moment(asked, "to")
        )
        await spend.books.flush()
        lines = [run_shown(line) for line in await dearest_runs(spend.db, asked.principal.shop, order=order, start=start, end=end, limit=limit)]
        return csv_reply(lines, RUN_COLUMNS) if _wants_csv(asked) else json_reply({"items": lines, "next": None})

    orders = {"type": "string", "enum": list(get_args(Order)), "default": "cost"}
    return Operation(
        id="usage_of_runs", method="GET", path="/v1/usage/runs", tag="usage", scope=Scope.READ, run=run, problems=[422],
        summary="The runs that cost most, or that reasoned longest; as CSV with Accept: text/csv",
        replies={200: Answered(description="The runs, from the top.", type=RunUsages, columns=RUN_COLUMNS)},
        parameters=[
            Parameter(name="order", where="query", schema=orders, description="What to rank by."),
            Parameter(
                name="limit", where="query", schema={"type": "integer", "minimum": 1, "maximum": MOST_RUNS, "default": 20}, description="Most runs."
            ),
            *_PERIOD,
        ],
    )  # fmt: skip


def _commitments(spend: Spend) -> Operation:
    async def run(asked: Asked) -> Response[Any]:
        await spend.books.flush()
        return json_reply({"items": [commitment_shown(each) for each in await spend.commitments.standing(asked.principal.shop)], "next": None})

    return Operation(
        id="commitments", method="GET", path="/v1/commitments", tag="usage", scope=Scope.READ, run=run,
        summary="What was bought of providers beforehand: used, left, and how long that lasts",
        replies={200: Answered(description="The commitments, the latest first.", type=CommitmentsShown)},
    )  # fmt: skip


def report_shown(report: Report, names: Mapping[str, str]) -> dict[str, Any]:
    """The report as JSON has it."""
    items = [_line(line.usage, label=names.get(line.usage.name), done=line.work) for line in report.lines]
    return {"by": report.by, "items": items, "total": _line(report.total), "work": work_shown(report.work)}


def _line(line: UsageLine, *, label: str | None = None, done: Work | None = None) -> dict[str, Any]:
    values = {name: getattr(line, name) for name in UsageLine.__dataclass_fields__} | {"cost_usd": format(line.cost_usd, "f")}
    return {**values, "label": label, "work": work_shown(done) if done else None}


def work_shown(done: Work) -> dict[str, Any]:
    share = done.student_share
    return {"student": done.student, "frontier": done.frontier, "code": done.code, "student_share": None if share is None else round(share, 4)}


def run_shown(line: RunLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in RunLine.__dataclass_fields__} | {"cost_usd": format(line.cost_usd, "f")}


def commitment_shown(standing: Standing) -> dict[str, Any]:
    bought, days = standing.commitment, standing.days_left
    return {
        "id": bought.id, "provider": bought.provider, "unit": bought.unit, "bought": format(bought.amount, "f"), "used": format(standing.used, "f"),
        "left": format(standing.left, "f"), "per_day": format(round(standing.per_day, 6), "f"),
        "days_left": None if days is None else round(float(days), 1),
        "forfeited": None if standing.forfeited is None else format(round(standing.forfeited, 6), "f"),
        "starts_at": bought.starts_at, "ends_at": bought.ends_at, "state": standing.state,
    }  # fmt: skip


def _wants_csv(asked: Asked) -> bool:
    return "text/csv" in asked.request.headers.get("accept", "")


def _read(*readers: Callable[[], Any]) -> list[Any]:
    """What each reads of the query.

    Raises:
        BadRequest: 422, with all that is wrong: nobody mends one parameter to hear of the next.
    """
    read, refused = [], []
    for reader in readers:
        try:
            read.append(reader())
        except BadRequest as error:
            refused.append(error)
    if refused:
        errors = [each for error in refused for each in error.errors or ()]
        raise BadRequest(422, "invalid_query", " ".join(error.detail for error in refused), errors)
    return read


def _wrong(name: str, sentence: str) -> BadRequest:
    return BadRequest(422, "invalid_query", f"`{name}` {sentence}.", [{"parameter": name, "detail": f"`{name}` {sentence}"}])


def _one_of(asked: Asked, name: str, known: Sequence[Any]) -> Any:
    named = asked.query(name) or {"by": "day", "order": "cost"}[name]
    if named not in known:
        raise _wrong(name, f"is one of {', '.join(known)}")
    return named


def _limit(asked: Asked) -> int:
    limit = asked.query("limit") or "20"
    if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 0 < int(limit) <= MOST_RUNS):
        raise _wrong("limit", f"is a whole number from 1 to {MOST_RUNS}")
    return int(limit)


def _moment(asked: Asked, name: str) -> datetime | None:
    text = asked.query(name)
    if not text:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(name, "is a date such as 2026-11-22, or an RFC 3339 time") from None
    if found.tzinfo is None:
        raise _wrong(name, "needs an offset, such as Z or +01:00")
    return found
