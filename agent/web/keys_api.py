"""The shop's API keys under /v1/keys: listed, made, rotated, revoked. A secret is in one reply only, the one that made it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from litestar import Response
from pydantic import BaseModel, Field, StringConstraints

from agent.errors import Invalid
from agent.ledger.keys import LONGEST_OVERLAP, ApiKey, Keys, NewKey
from agent.records import Scope
from agent.web.lists import Body
from agent.web.operations import Answered, Asked, Operation
from agent.web.wire import json_reply

_LONGEST_OVERLAP_H = LONGEST_OVERLAP.days * 24
_LONGEST_DAYS = 3_650

ModelName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class KeyBody(Body):
    name: str = Field(min_length=1, max_length=120, description="What the key is for.")
    scopes: list[Scope] = Field(default=[Scope.READ, Scope.ASK], min_length=1, description="What it may do; never more than whoever makes it may.")
    models: list[ModelName] | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Aliases and targets it may call, through the proxy and for its asks; all when left out.",
    )
    budget_usd: Decimal | None = Field(default=None, ge=0, le=10**9, description="Most it may spend in a month; no limit of its own when left out.")
    expires_in_days: int | None = Field(default=None, ge=1, le=_LONGEST_DAYS, description="Good for so long; until revoked when left out.")
    sandbox: bool = Field(default=False, description="See a copy of the demo shop in place of this shop: for programs that are being written.")


class RotateBody(Body):
    overlap_hours: float = Field(default=24, ge=0, le=_LONGEST_OVERLAP_H, description="How long the old secret stays good beside the new one.")


class KeyShown(BaseModel):
    id: str
    name: str
    prefix: str = Field(description="The first characters of the secret.")
    scopes: list[Scope]
    models: list[str] | None = Field(description="Aliases and targets it may call, through the proxy and for its asks; null for all.")
    budget_usd: str | None = Field(description="Most it may spend in a month; null for no limit of its own.")
    state: Literal["good", "expired", "revoked"]
    created_at: datetime
    created_by: str | None = Field(description="Principal id; null when it was made at the command line.")
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_at: datetime | None
    old_until: datetime | None = Field(description="Until when the secret before the last rotation is good too.")
    last_used_at: datetime | None
    sandbox: bool = Field(description="Whether it sees a copy of the demo shop in place of this shop.")


class KeyMade(KeyShown):
    secret: str = Field(description="The whole key. It is shown here and never again.")


class KeysShown(BaseModel):
    items: list[KeyShown]
    next: str | None = None


Sandboxes = Callable[[str], Awaitable[str]]
"""The id of the sandbox of the shop of that id, made when it is first asked for."""


def key_operations(keys: Keys, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), sandboxes: Sandboxes | None = None) -> Sequence[Operation]:
    """
    Args:
        sandboxes: None where there are none, and then a key for one is refused.
    """
    api = _KeysApi(keys, now, sandboxes)
    then = dict.fromkeys(("rotate_key", "revoke_key"), {"id": "/id"})
    made = Answered(description="The key with its secret, which is shown once.", type=KeyMade, links=then)
    return (
        Operation(
            id="list_keys", method="GET", path="/v1/keys", summary="The shop's keys, newest first, without their secrets", tag="keys",
            scope=Scope.ADMIN, run=api.list, replies={200: Answered(description="The keys.", type=KeysShown)},
        ),
        Operation(
            id="create_key", method="POST", path="/v1/keys", summary="Make a key", tag="keys", scope=Scope.ADMIN, run=api.create, body=KeyBody,
            replies={200: made},
        ),
        Operation(
            id="rotate_key", method="POST", path="/v1/keys/{id}/rotate", summary="Give a key a new secret; the old one stays good for a while",
            tag="keys", scope=Scope.ADMIN, run=api.rotate, body=RotateBody, body_optional=True, problems=(404, 409), replies={200: made},
        ),
        Operation(
            id="revoke_key", method="POST", path="/v1/keys/{id}/revoke", summary="Make a key good for nothing, at once", tag="keys",
            scope=Scope.ADMIN, run=api.revoke, problems=(404,), replies={200: Answered(description="The key as it is now.", type=KeyShown)},
        ),
    )  # fmt: skip


class _KeysApi:
    def __init__(self, keys: Keys, now: Callable[[], datetime], sandboxes: Sandboxes | None) -> None:
        self._keys, self._now, self._sandboxes = keys, now, sandboxes

    async def list(self, asked: Asked) -> Response[Any]:
        await self._keys.note_uses()  # so that "last used" is of this moment
        return json_reply({"items": [self._shown(key) for key in await self._keys.list(asked.principal.shop)], "next": None})

    async def create(self, asked: Asked) -> Response[Any]:
        body: KeyBody = asked.body
        lasts = timedelta(days=body.expires_in_days) if body.expires_in_days else None
        made = await self._keys.create(
            body.name, shop=asked.principal.shop, scopes=body.scopes, budget_usd=body.budget_usd, expires_in=lasts, models=body.models,
            by=asked.principal, sandbox_shop=await self._sandbox(asked.principal.shop) if body.sandbox else None,
        )  # fmt: skip
        return self._made(made)

    async def _sandbox(self, shop: str) -> str:
        if self._sandboxes is None:
            raise Invalid("This server has no sandboxes.", field="sandbox")
        return await self._sandboxes(shop)

    async def rotate(self, asked: Asked) -> Response[Any]:
        overlap = timedelta(hours=asked.body.overlap_hours)
        return self._made(await self._keys.rotate(asked.path("id"), shop=asked.principal.shop, overlap=overlap, by=asked.principal))

    async def revoke(self, asked: Asked) -> Response[Any]:
        return json_reply(self._shown(await self._keys.revoke(asked.path("id"), shop=asked.principal.shop)))

    def _made(self, made: NewKey) -> Response[Any]:
        return json_reply({**self._shown(made.key), "secret": made.secret})

    def _shown(self, key: ApiKey) -> dict[str, Any]:
        values = {name: getattr(key, name) for name in KeyShown.model_fields if name not in ("state", "sandbox")}
        budget = None if key.budget_usd is None else format(key.budget_usd, "f")
        return {**values, "budget_usd": budget, "state": key.state(self._now()), "sandbox": key.sandbox_shop is not None}
