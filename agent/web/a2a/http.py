"""POST /a2a: one message of the protocol in, its reply out. GET /.well-known/agent-card.json: who answers there, for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from agent.errors import RateLimited
from agent.ledger.keys import Keys
from agent.records import Principal
from agent.runs.idempotency import Idempotency
from agent.web.auth import from_own_page
from agent.web.bearer import bearer
from agent.web.headers import say_with
from agent.web.pace import Pace
from agent.web.port import ServicePort
from agent.web.wire import MOST_BYTES, BadRequest, Call, json_of

if TYPE_CHECKING:
    from agent.web.a2a.door import Door

PATH, CARD = "/a2a", "/.well-known/agent-card.json"


def a2a_routes(
    service: ServicePort, keys: Keys, *, kept: Idempotency | None, pace: Pace, address: str | None, version: str
) -> list[HTTPRouteHandler]:  # fmt: skip
    """The handlers. What they need beyond this module is imported with the first message, so that no start waits for it.

    Args:
        address: Where the service is reached; None where that is known from each request alone.
        version: Storehand's own.
    """

    async def handle(request: Request[Any, Any, Any]) -> Response[Any]:
        from_own_page(request)
        principal = await bearer(request.headers.get("authorization", ""), keys)
        _pace(pace, principal, request)
        from agent.web.a2a.door import Door

        return await _replied(Door(service=service, principal=principal, address=_reached(request, address), kept=kept), request)

    async def card(request: Request[Any, Any, Any]) -> Response[Any]:
        from agent.web.a2a.card import card

        return _json(card(service.tasks(), address=_reached(request, address), version=version))

    return [
        HTTPRouteHandler(PATH, http_method="POST", status_code=200, request_max_body_size=MOST_BYTES, name="a2a")(handle),
        HTTPRouteHandler(CARD, http_method="GET", status_code=200, name="a2a_card")(card),
    ]


def _reached(request: Call, address: str | None) -> str:
    return (address or str(request.base_url)).rstrip("/")


def _pace(pace: Pace, principal: Principal, request: Call) -> None:
    try:
        say_with(request.scope, pace.take(principal.id))
    except RateLimited:
        say_with(request.scope, pace.headers(principal.id))
        raise


async def _replied(door: Door, request: Call) -> Response[Any]:
    """Whatever the protocol has an error for is a reply like any other: its clients take another status for a broken connection."""
    from agent.web.a2a import wire

    try:
        call = wire.call_of(await _body(request), request.headers.get(wire.VERSION_HEADER))
        return _json(await door.answer(call))
    except wire.Wrong as wrong:
        return _json(wrong.message())


async def _body(request: Call) -> Any:
    from agent.web.a2a import wire

    try:
        return await json_of(request)
    except BadRequest as error:
        if error.status != 400:
            raise
        raise wire.Wrong(wire.NOT_JSON, f"{error.detail} Send one JSON-RPC 2.0 request as an object.") from None


def _json(told: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(told), status_code=200, media_type="application/json")
