"""The page Keys: made and shown once, rotated with an overlap, revoked at once. Only an owner of the shop sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Invalid, NotAllowed
from agent.ledger.keys import NewKey
from agent.records import Scope
from agent.web.keys_api import Sandboxes
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.wire import MOST_BYTES

OVERLAPS = (0, 1, 24, 168)
"""Hours to choose from."""
EXPIRIES = (30, 90, 365)
"""Days to choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offered:
    """What a key can be held to."""

    models: Sequence[str]
    sandboxes: Sandboxes | None

    async def sandbox(self, visit: Visit) -> str:
        """
        Raises:
            Invalid: There are none here.
        """
        if self.sandboxes is None:
            raise Invalid("This server has no sandboxes.", field="sandbox")
        return await self.sandboxes(visit.shop.id)


def key_routes(desk: Desk, models: Sequence[str] = (), sandboxes: Sandboxes | None = None) -> list[HTTPRouteHandler]:
    """
    Args:
        models: Aliases and targets that a key can be held to; empty where there is no proxy.
        sandboxes: Makes the copy of the demo shop that a sandbox key sees; None where there are none, and then none is offered.
    """
    keys, offered = desk.accounts.keys, _Offered(models=models, sandboxes=sandboxes)

    @get("/keys")
    async def keys_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.ADMIN)
        return await desk.page(visit, "keys.html", here="keys", **await _values(desk, visit, offered))

    @post("/keys", status_code=200, request_max_body_size=MOST_BYTES)
    async def create(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await _changing(desk, request)
        sent = await request.form()
        name, listed = str(sent.get("name") or ""), [str(model) for model in sent.getall("models", [])]
        scopes = [_scope(str(scope)) for scope in sent.getall("scopes", [])]
        budget, days = _amount(str(sent.get("budget") or "")), _choice(str(sent.get("days") or "0"), (0, *EXPIRIES))
        made = await keys.create(
            name, shop=visit.shop.id, scopes=scopes, budget_usd=budget, expires_in=timedelta(days=days) if days else None, models=listed or None,
            by=visit.session.principal, sandbox_shop=await offered.sandbox(visit) if sent.get("sandbox") else None,
        )  # fmt: skip
        return await _shown(desk, visit, offered, made)

    @post("/keys/{key_id:str}/rotate", status_code=200)
    async def rotate(request: Request[Any, Any, Any], key_id: FromPath[str]) -> Response[str]:
        visit = await _changing(desk, request)
        hours = _choice(str((await request.form()).get("overlap") or "24"), OVERLAPS)
        made = await keys.rotate(key_id, shop=visit.shop.id, overlap=timedelta(hours=hours), by=visit.session.principal)
        return await _shown(desk, visit, offered, made)

    @post("/keys/{key_id:str}/revoke", status_code=200)
    async def revoke(request: Request[Any, Any, Any], key_id: FromPath[str]) -> Response[str]:
        visit = await _changing(desk, request)
        await keys.revoke(key_id, shop=visit.shop.id)
        if not visit.by_htmx:
            return elsewhere("/keys")
        return html(desk.part(visit, "parts/keys.html", **await _values(desk, visit, offered)))

    return [keys_page, create, rotate, revoke]


async def _changing(desk: Desk, request: Request[Any, Any, Any]) -> Visit:
    visit = await desk.changing(request)
    if not visit.session.principal.may(Scope.ADMIN):
        raise NotAllowed("Only an owner of the shop makes and revokes keys.")
    return visit


async def _shown(desk: Desk, visit: Visit, offered: _Offered, made: NewKey) -> Response[str]:
    """The secret, this once: in the page that answers, and nowhere to come back to."""
    values = await _values(desk, visit, offered, made)
    if visit.by_htmx:
        return html(desk.part(visit, "parts/keys.html", **values))
    return await desk.page(visit, "keys.html", here="keys", **values)


async def _values(desk: Desk, visit: Visit, offered: _Offered, made: NewKey | None = None) -> dict[str, Any]:
    await desk.accounts.keys.note_uses()  # so that "last used" is of this moment
    listed = await desk.accounts.keys.list(visit.shop.id)
    order = {"good": 0, "expired": 1, "revoked": 2}
    return {
        "keys": sorted(listed, key=lambda key: order[key.state(desk.now())]),
        "made": made,
        "models": offered.models,
        "sandboxes": offered.sandboxes is not None,
        "scopes": [scope.value for scope in Scope],
        "overlaps": OVERLAPS,
        "expiries": EXPIRIES,
    }


def _scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise Invalid("This page is out of date. Reload it and try again.", field="scopes") from None


def _choice(text: str, known: Sequence[int]) -> int:
    if not (text.isascii() and text.isdigit() and int(text) in known):
        raise Invalid("This page is out of date. Reload it and try again.", field="days")
    return int(text)


def _amount(text: str) -> Decimal | None:
    """
    Raises:
        Invalid: It is no amount of dollars.
    """
    if not text.strip():
        return None
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount > 10**9:
        raise Invalid("Write the budget as an amount of US dollars, such as 25.00.", field="budget")
    return amount
