"""POST /mcp: one message of the protocol in, its reply out; with its progress as a stream of events where the caller wants to hear of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
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
from agent.web.sse import message, stream_reply
from agent.web.wire import MOST_BYTES, BadRequest, Call, json_of

if TYPE_CHECKING:
    from agent.web.mcp import wire
    from agent.web.mcp.door import Door

PATH = "/mcp"


def mcp_route(service: ServicePort, keys: Keys, *, kept: Idempotency | None, pace: Pace) -> HTTPRouteHandler:
    """The handler. What it needs beyond this module is imported with the first message, so that no start waits for it."""

    async def handle(request: Request[Any, Any, Any]) -> Response[Any]:
        from_own_page(request)
        principal = await bearer(request.headers.get("authorization", ""), keys)
        _pace(pace, principal, request)
        from agent.web.mcp.door import Door

        listed = request.query_params.get("tasks") or "some"
        return await _replied(Door(service=service, kept=kept, listed=listed), request, principal)

    return HTTPRouteHandler(PATH, http_method="POST", status_code=200, request_max_body_size=MOST_BYTES, name="mcp")(handle)


def _pace(pace: Pace, principal: Principal, request: Call) -> None:
    try:
        say_with(request.scope, pace.take(principal.id))
    except RateLimited:
        say_with(request.scope, pace.headers(principal.id))
        raise


async def _replied(door: Door, request: Call, principal: Principal) -> Response[Any]:
    from agent.web.mcp import wire

    try:
        call = await _call_of(request)
    except wire.Wrong as wrong:
        return _json(wrong.message(), wrong.status)
    if call.id is None:  # there is none that this server acts on: a caller that has enough hangs up
        return Response(b"", status_code=202)
    key = request.headers.get("idempotency-key")
    if call.progress_token is not None and "text/event-stream" in request.headers.get("accept", ""):
        return stream_reply(_told(door, call, principal, key))
    try:
        return _json(await door.answer(call, principal, key=key))
    except wire.Wrong as wrong:  # before 2026-07-28 a status other than 200 speaks of the connection, and clients give it up
        return _json(wrong.message(), wrong.status if call.modern else 200)


async def _call_of(request: Call) -> wire.Call:
    from agent.web.mcp import wire

    try:
        body = await json_of(request)
    except BadRequest as error:
        if error.status != 400:
            raise
        raise wire.Wrong(wire.NOT_JSON, error.detail) from None
    return wire.call_of(body, [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.scope["headers"]])


async def _told(door: Door, call: wire.Call, principal: Principal, key: str | None) -> AsyncGenerator[bytes, None]:
    """What happens meanwhile, then the reply. Who hangs up before it is told no more; the run goes on and can be followed."""
    from agent.web.mcp import wire

    news: asyncio.Queue[wire.Message | None] = asyncio.Queue()

    async def work() -> wire.Message:
        try:
            return await door.answer(call, principal, send=news.put, key=key)
        except wire.Wrong as wrong:
            return wrong.message(call.id)
        finally:
            news.put_nowait(None)

    working = asyncio.create_task(work())
    try:
        while (told := await news.get()) is not None:
            yield _event(told)
        yield _event(await working)
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


def _event(told: wire.Message) -> bytes:
    return message(msgspec.json.encode(told), event="message")


def _json(told: wire.Message, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(told), status_code=status, media_type="application/json")
