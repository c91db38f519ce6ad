"""What was spent, and what the spend breaker holds, under /v1: operations for `create_app`, with their schemas like all others."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, get_args

import msgspec
from litestar import Response
from pydantic import BaseModel, Field

from agent.db.engine import Database
from agent.ledger.breaker import Decision, Pause
from agent.ledger.usage import Books, By, UsageLine, usage
from agent.records import Scope
from agent.web.operations import Answered, Asked, Operation, Parameter
from agent.web.wire import BadRequest

_GROUPS = get_args(By)


class UsageShown(BaseModel):
    """One group of the report."""

    name: str = Field(description="The key, owner, task, model, shop or day; empty where a call had none.")
    calls: int = Field(description="Calls to models, failed ones too.")
    failed: int
    absorbed: int = Field(description="Failures that no caller noticed, since another model answered.")
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_usd: str = Field(description="Exact, in US dollars.")
    unpriced: int = Field(description="Calls without a known price; they are not in `cost_usd`.")
    estimated: int = Field(description="Calls whose provider did not count; their tokens are an estimate.")
    latency_ms: int | None = Field(description="Mean over the calls that answered.")


class UsageReport(BaseModel):
    by: str
    items: list[UsageShown]


class PauseShown(BaseModel):
    id: str
    kind: str = Field(description="What is paused: key, run or principal.")
    subject: str
    reason: str = Field(description="rate, loop or reasoning.")
    detail: str
    at: datetime
    state: str


class PausesShown(BaseModel):
    items: list[PauseShown]
    next: str | None = None


def spend_operations(db: Database, books: Books) -> list[Operation]:
    return [_usage(db, books), _pauses(books), *(_decide(books, decision) for decision in get_args(Decision))]


def _usage(db: Database, books: Books) -> Operation:
    async def run(asked: Asked) -> Response[Any]:
        named = asked.query("by") or "day"
        by: By | None = next((group for group in _GROUPS if group == named), None)
        if by is None:
            raise BadRequest(422, "invalid_query", f"`by` is one of {', '.join(_GROUPS)}.")
        await books.flush()
        lines = await usage(db, asked.principal.shop, by=by, start=_moment(asked, "from"), end=_moment(asked, "to"))
        if "text/csv" in asked.request.headers.get("accept", ""):
            return Response(_csv(by, lines), media_type="text/csv; charset=utf-8")
        return _json({"by": by, "items": [_shown(line) for line in lines]})

    return Operation(
        id="usage",
        method="GET",
        path="/v1/usage",
        summary="Calls, tokens, cost and latency of models, by what is asked; as CSV with Accept: text/csv.",
        tag="usage",
        scope=Scope.READ,
        run=run,
        replies={200: Answered(description="The groups, the dearest first; days in order.", type=UsageReport)},
        parameters=[
            Parameter(name="by", where="query", schema={"type": "string", "enum": list(_GROUPS), "default": "day"}, description="What to group by."),
            *(
                Parameter(name=name, where="query", schema={"type": "string"}, description=f"A date or an RFC 3339 time: {meaning}.")
                for name, meaning in (("from", "from then on"), ("to", "until before then"))
            ),
        ],
        problems=[422],
    )


def _pauses(books: Books) -> Operation:
    async def run(asked: Asked) -> Response[Any]:
        found = await books.breaker.pauses(asked.principal.shop) if books.breaker else []
        return _json({"items": [_pause(pause) for pause in found], "next": None})

    return Operation(
        id="pauses",
        method="GET",
        path="/v1/pauses",
        summary="What the spend breaker holds, newest first.",
        tag="usage",
        scope=Scope.READ,
        run=run,
        replies={200: Answered(description="The pauses that wait for a decision.", type=PausesShown)},
    )


_MEANINGS: dict[Decision, str] = {
    "continue": "Let it go on as before.",
    "raise": "Let it go on, with twice the measure from now on.",
    "stop": "Stop it for good.",
}


def _decide(books: Books, decision: Decision) -> Operation:
    async def run(asked: Asked) -> Response[Any]:
        if books.breaker is None:
            raise BadRequest(404, "not_found", "There is no such pause.")
        principal = asked.principal
        return _json(_pause(await books.breaker.decide(principal.shop, asked.path("id"), decision, by=principal.id)))

    return Operation(
        id=f"pause_{decision}",
        method="POST",
        path=f"/v1/pauses/{{id}}/{decision}",
        summary=_MEANINGS[decision],
        tag="usage",
        scope=Scope.ADMIN,
        run=run,
        replies={200: Answered(description="The pause, decided.", type=PauseShown)},
        problems=[404],
    )


def _moment(asked: Asked, name: str) -> datetime | None:
    text = asked.query(name)
    if not text:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(422, "invalid_query", f"`{name}` is a date such as 2026-11-22, or an RFC 3339 time.") from None
    if found.tzinfo is None:
        raise BadRequest(422, "invalid_query", f"`{name}` needs an offset, such as Z or +01:00.")
    return found


def _shown(line: UsageLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in UsageLine.__dataclass_fields__} | {"cost_usd": format(line.cost_usd, "f")}


def _pause(pause: Pause) -> dict[str, Any]:
    return {name: getattr(pause, name) for name in PauseShown.model_fields} | {"at": pause.at.isoformat()}


def _csv(by: str, lines: Sequence[UsageLine]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    rows = [_shown(line) for line in lines]
    columns = list(UsageLine.__dataclass_fields__)
    writer.writerow([by, *columns[1:]])
    writer.writerows([[_cell(row[name]) for name in columns] for row in rows])
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A name that begins like a formula is made text, so that a spreadsheet does not run it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _json(value: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(value), media_type="application/json")
