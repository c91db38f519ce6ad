"""The proxy under /llm: the vendors' own APIs, answered by whatever stands behind an alias, under our keys, budgets and usage rows.

A caller can set neither an address nor a header nor a key of a provider; parameters that are not known are refused. Errors come in
the dialect of the route, since that is what the vendors' SDKs read.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.response import Stream

from agent.dialects.base import BadCall, Call, Dialect, StreamWriter
from agent.dialects.events import Event
from agent.dialects.known import dialect
from agent.errors import BadOutput, NoKey, NotAllowed, NotFound, StorehandError
from agent.gateway import Gateway, Pool, Spender, Trace, facts_of
from agent.ledger.keys import Keys
from agent.ledger.tallies import OwnTallies, Tallies
from agent.ledger.usage import Books
from agent.records import Principal, Scope
from agent.web.pace import Pace
from agent.web.waiting import Caller
from agent.web.wire import request_id

MOST_BYTES = 20_000_000
"""Of a request: pictures come within it."""
_HUNG_UP = 499
"""For the log: nobody reads it. The number is nginx's."""
_log = logging.getLogger("storehand.proxy")

Web = Request[Any, Any, Any]


def proxy_router(
    gateway: Gateway,
    keys: Keys,
    books: Books | None = None,
    *,
    requests_per_minute: int | None = None,
    tallies: Tallies | None = None,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> Router:
    """The routes under /llm.

    Args:
        books: Asked whether a key has a budget; None when nothing is kept.
        requests_per_minute: Of one key; None for no limit.
        tallies: Where they are counted: those that workers share, or None for this process alone.
    """
    proxy = _Proxy(gateway, keys, books, Pace(requests_per_minute, clock, tallies or OwnTallies(), "proxy"), wall)
    return Router(
        path="/llm",
        route_handlers=[*_routes(proxy), *_lists(proxy)],
        request_max_body_size=MOST_BYTES,
        exception_handlers={Exception: _in_dialect},
    )


def _routes(proxy: _Proxy) -> list[Any]:
    chat, responses, messages, gemini = (dialect(name) for name in ("openai", "openai_responses", "anthropic", "gemini"))

    @post("/v1/chat/completions", status_code=200)
    async def chat_completions(request: Web) -> Response[Any]:
        return await proxy.serve(request, chat)

    @post("/v1/responses", status_code=200)
    async def create_response(request: Web) -> Response[Any]:
        return await proxy.serve(request, responses)

    @post("/v1/messages", status_code=200)
    async def create_message(request: Web) -> Response[Any]:
        return await proxy.serve(request, messages)

    # Google's SDK asks for v1 unless it is told otherwise (google-genai 3.4.0).
    @post(["/v1beta/models/{wanted:path}", "/v1/models/{wanted:path}"], status_code=200)
    async def generate_content(request: Web) -> Response[Any]:
        model, _, action = str(request.path_params["wanted"]).lstrip("/").rpartition(":")
        if action not in ("generateContent", "streamGenerateContent"):
            return _refused(gemini, NotFound("method", action))
        return await proxy.serve(request, gemini, model=model, stream=action == "streamGenerateContent")

    return [chat_completions, create_response, create_message, generate_content]


def _lists(proxy: _Proxy) -> list[Any]:
    @get("/v1/models")
    async def models(request: Web) -> Response[Any]:
        return await proxy.models(request)

    @get("/v1/models/{name:path}")
    async def model(request: Web) -> Response[Any]:
        return await proxy.models(request, only=str(request.path_params["name"]).lstrip("/"))

    @get("/v1beta/models")
    async def gemini_models(request: Web) -> Response[Any]:
        return await proxy.models(request, gemini=True)

    return [models, model, gemini_models]


@dataclass(frozen=True, slots=True)
class _Proxy:
    gateway: Gateway
    keys: Keys
    books: Books | None
    pace: Pace
    wall: Callable[[], float]

    async def serve(self, request: Web, speaks: Dialect, *, model: str = "", stream: bool = False) -> Response[Any]:
        paced: dict[str, str] = {}
        caller = Caller(request)
        try:
            principal = await _principal(request, self.keys)
            paced = self.pace.headers(principal.id)
            paced = self.pace.take(principal.id)
            call = speaks.read_call(await request.body(), model=model, stream=stream)
            with caller:
                return await self._answer(request, speaks, call, principal, paced)
        except StorehandError as error:
            return _refused(speaks, error, paced)
        except asyncio.CancelledError:
            if not caller.gone:
                raise
            return Response(b"", status_code=_HUNG_UP)

    async def _answer(self, request: Web, speaks: Dialect, call: Call, principal: Principal, paced: dict[str, str]) -> Response[Any]:
        pool = self.gateway.pool(call.model)
        if pool is None:
            raise NotFound("model", call.model)
        if not _may_call(principal, call.model, pool):
            raise NotAllowed(f"This key may not call `{call.model}`; it may call {', '.join(sorted(principal.models or ()))}.")
        wanted = call.request.but(max_output=pool.max_output) if call.unlimited else call.request
        id, trace = request_id(request.scope), Trace()
        spender = await self._spender(principal, id)
        if call.stream:
            events = self.gateway.stream(wanted, alias=call.model, purpose="proxy", spender=spender, trace=trace)
            return await self._streamed(events, speaks, call, trace, id, paced)
        response = await self.gateway.complete(wanted, alias=call.model, purpose="proxy", spender=spender, trace=trace)
        body = speaks.write_answer(response, call, created=int(self.wall()))
        headers = _headers(trace, id) | paced
        if response.cost_usd is not None:
            headers["x-storehand-cost-usd"] = response.cost_usd
        return _Whole(msgspec.json.encode(body), headers=headers)

    async def _streamed(
        self, events: AsyncGenerator[Event, None], speaks: Dialect, call: Call, trace: Trace, id: str, paced: dict[str, str]
    ) -> Response[Any]:
        """The status and the headers are sent when the first content is there, so that whatever fails before is a plain error."""
        first = await anext(events, None)
        if first is None:
            raise BadOutput("the stream is empty")
        writer = speaks.writer(call, id=f"gen_{id}", created=int(self.wall()))
        return Stream(_written(first, events, writer), media_type="text/event-stream", headers=_headers(trace, id) | paced)

    async def _spender(self, principal: Principal, id: str) -> Spender:
        spender = Spender(**facts_of(principal), request_id=id)
        if self.books is None or not await self.books.budgets.limits(spender):
            return spender
        return replace(spender, budgeted=True)

    async def models(self, request: Web, *, only: str | None = None, gemini: bool = False) -> Response[Any]:
        speaks = dialect("gemini" if gemini else "anthropic" if "anthropic-version" in request.headers else "openai")
        try:
            principal = await _principal(request, self.keys)
            known = [*self.gateway.aliases, *(target.name for target in self.gateway.targets())]
            names = [name for name in known if _may_call(principal, name, self.gateway.pool(name))]
            if only is not None and only not in names:
                raise NotFound("model", only)
        except StorehandError as error:
            return _refused(speaks, error)
        if gemini:
            methods = ["generateContent", "streamGenerateContent"]
            listed = [{"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": methods} for name in names]
            return _json({"models": listed})
        return _json(_model(only) if only is not None else _models(names))


class _Whole(Response[bytes]):
    """JSON that is written already. Litestar would look it over once more: cookies, encoders, each header by its name, for 4% of a call."""

    def to_asgi_response(self, app: Any, request: Any, **ignored: Any) -> Any:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(self.content))]

        async def sent(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": self.content, "more_body": False})

        return sent


async def _written(first: Event, events: AsyncGenerator[Event, None], writer: StreamWriter) -> AsyncIterator[bytes]:
    """The stream as the caller reads it. It ends with the dialect's end, or with an error in it, and never with neither."""
    try:
        yield writer.write(first)
        async for event in events:
            if piece := writer.write(event):
                yield piece
        yield writer.end()
    except StorehandError as error:
        yield writer.fail(error)
    finally:
        await events.aclose()  # the caller may be gone: then the model stops, and what it made is billed


async def _principal(request: Web, keys: Keys) -> Principal:
    """Whose key a request comes with, in whichever header the caller's SDK puts it.

    Raises:
        NoKey: None came, or it is not good.
        NotAllowed: It has not the scope `llm`.
    """
    principal = await keys.verify(_secret(request))
    if not principal.may(Scope.LLM):
        raise NotAllowed("This needs a key with the scope `llm`; this key has not got it.")
    return principal


def _may_call(principal: Principal, model: str, pool: Pool | None) -> bool:
    """Whether the key's list has the alias, or anything that stands behind it; each hop is checked again."""
    if principal.models is None:
        return True
    return bool(principal.models & {model, *(target.name for target in (pool.targets if pool else ()))})


def _secret(request: Web) -> str:
    headers = request.headers
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    secret = bearer.strip() if scheme.lower() == "bearer" else headers.get("x-api-key") or headers.get("x-goog-api-key") or ""
    if not secret:
        raise NoKey("Send a key as a bearer token, in x-api-key or in x-goog-api-key; `storehand keys create --scopes llm` makes one.")
    return secret


def _headers(trace: Trace, id: str) -> dict[str, str]:
    return {"x-storehand-served-by": trace.served_by or trace.serving, "x-storehand-attempts": str(trace.calls), "x-storehand-request-id": id}


def _refused(speaks: Dialect, error: StorehandError, headers: dict[str, str] | None = None) -> Response[bytes]:
    status, body = speaks.write_error(error)
    sent = dict(headers or {})
    wait = getattr(error, "retry_after_s", None)
    if wait is not None:
        sent["retry-after"] = str(max(1, math.ceil(wait)))
    if isinstance(error, NoKey):
        sent["www-authenticate"] = 'Bearer realm="storehand"'
    if status in (401, 402, 403) or error.status == 402:
        sent["x-should-retry"] = "false"  # OpenAI's SDK would try twice more
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json", headers=sent)


def _in_dialect(request: Web, error: Exception) -> Response[bytes]:
    """What no handler caught: a body too large, an address that is none, a fault of ours."""
    path = request.url.path
    speaks = dialect("gemini" if "/v1beta/" in path or "enerateContent" in path else "anthropic" if path.endswith("/messages") else "openai")
    if isinstance(error, StorehandError):
        return _refused(speaks, error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        status, body = speaks.write_error(BadCall(f"The request cannot be read: {error.status_code}."))
        return Response(msgspec.json.encode(body), status_code=error.status_code, media_type="application/json")
    _log.error("unexpected %s", type(error).__name__)
    return _refused(speaks, StorehandError("Something went wrong in Storehand; it is logged."))


def _json(body: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(body), media_type="application/json")


def _model(name: str) -> dict[str, Any]:
    """As OpenAI and Anthropic both read it."""
    made = {"id": name, "object": "model", "created": 0, "owned_by": "storehand"}
    return made | {"type": "model", "display_name": name, "created_at": "1970-01-01T00:00:00Z"}


def _models(names: list[str]) -> dict[str, Any]:
    return {
        "object": "list",
        "data": [_model(name) for name in names],
        "has_more": False,
        "first_id": names[0] if names else None,
        "last_id": names[-1] if names else None,
    }
