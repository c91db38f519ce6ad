"""How the providers are, and trying each of them, under /v1/providers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from litestar import Response
from pydantic import BaseModel, Field

from agent.gateway.standing import TargetStanding
from agent.records import Scope
from agent.web.operations import Answered, Asked, Operation
from agent.web.spend import Spend, TargetShown
from agent.web.wire import json_reply


class CheckShown(BaseModel):
    at: datetime
    ok: bool
    took_ms: int
    detail: str


class ProviderTarget(BaseModel):
    name: str = Field(description="Provider and model.")
    provider: str
    aliases: list[str] = Field(description="That it stands behind.")
    state: Literal["well", "unsteady", "probe", "open", "benched"] = Field(
        description="open: it failed several times running. benched: it said when to come back, or an operator has to act. probe: one call may try. "
        "unsteady: too many of its calls fail."
    )
    reason: str = Field(description="Code of what it rests for.")
    place: str = Field(description="What rests: target, credential or provider.")
    until: datetime | None
    latency_ms: int | None = Field(description="Smoothed, of its good calls; null before the first.")
    priced: bool = Field(description="Whether its price is known; a key with a budget may call it only then.")
    check: CheckShown | None = Field(description="How it last took a tiny call that somebody asked for.")


class ProviderTargets(BaseModel):
    items: list[ProviderTarget]
    next: str | None = None


def provider_operations(spend: Spend) -> list[Operation]:
    async def list_(asked: Asked) -> Response[Any]:
        return _reply(await spend.targets())

    async def check(asked: Asked) -> Response[Any]:
        return _reply(await spend.check_targets(asked.principal))

    replies = {200: Answered(description="Every target behind any alias.", type=ProviderTargets)}
    return [
        Operation(
            id="providers", method="GET", path="/v1/providers", summary="How every configured model stands now", tag="providers",
            scope=Scope.READ, run=list_, replies=replies,
        ),
        Operation(
            id="check_providers", method="POST", path="/v1/providers/check", tag="providers", scope=Scope.ADMIN, run=check, replies=replies,
            summary="Try every configured model with a tiny call: a fallback that is never tried fails when it is needed",
        ),
    ]  # fmt: skip


def _reply(targets: Sequence[TargetShown]) -> Response[Any]:
    return json_reply({"items": [target_shown(target) for target in targets], "next": None})


def target_shown(target: TargetShown) -> dict[str, Any]:
    values = {name: getattr(target.standing, name) for name in TargetStanding.__dataclass_fields__}
    check = target.check
    return {**values, "check": None if check is None else {name: getattr(check, name) for name in CheckShown.model_fields}}
