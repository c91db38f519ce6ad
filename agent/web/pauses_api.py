"""What the spend breaker holds, and the way out, under /v1/pauses."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

from litestar import Response
from pydantic import BaseModel, Field

from agent.errors import NotFound
from agent.ledger.breaker import Decision, Pause
from agent.records import Scope
from agent.web.operations import Answered, Asked, Operation
from agent.web.spend import Spend
from agent.web.wire import json_reply


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


_NEXT = {f"pause_{decision}": {"id": "/items/0/id"} for decision in get_args(Decision)}


def pause_operations(spend: Spend) -> list[Operation]:
    return [_pauses(spend), *(_decide(spend, decision) for decision in get_args(Decision))]


def _pauses(spend: Spend) -> Operation:
    async def run(asked: Asked) -> Response[Any]:
        return json_reply({"items": [_shown(pause) for pause in await spend.pauses(asked.principal.shop)], "next": None})

    return Operation(
        id="pauses", method="GET", path="/v1/pauses", summary="What the spend breaker holds, newest first", tag="usage", scope=Scope.READ, run=run,
        replies={200: Answered(description="The pauses that wait for a decision.", type=PausesShown, links=_NEXT)},
    )  # fmt: skip


_MEANINGS: dict[Decision, str] = {
    "continue": "Let it go on as before",
    "raise": "Let it go on, with twice the measure from now on",
    "stop": "Stop it for good",
}


def _decide(spend: Spend, decision: Decision) -> Operation:
    async def run(asked: Asked) -> Response[Any]:
        decided = await spend.decide(asked.principal, asked.path("id"), decision)
        if decided is None:
            raise NotFound("pause", asked.path("id"))
        return json_reply(_shown(decided))

    return Operation(
        id=f"pause_{decision}", method="POST", path=f"/v1/pauses/{{id}}/{decision}", summary=_MEANINGS[decision], tag="usage", scope=Scope.ADMIN,
        run=run, replies={200: Answered(description="The pause, decided.", type=PauseShown)}, problems=[404],
    )  # fmt: skip


def _shown(pause: Pause) -> dict[str, Any]:
    return {name: getattr(pause, name) for name in PauseShown.model_fields}
