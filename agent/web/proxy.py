"""The proxy under /llm: the vendors' own APIs, answered by whatever stands behind an alias, under our keys, budgets and usage rows.

A caller can set neither an address nor a header nor a key of a provider; parameters that are not known are refused. Errors come in
the dialect of the route, since that is what the vendors' SDKs read.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from agent.dialects.base import BadCall, Call, Dialect, StreamWriter
from agent.dialects.events import Event
from agent.dialects.known import dialect
from agent.errors import BadOutput, NoKey, NotAllowed, NotFound, OverBudget, RunawaySpend, StorehandError
from agent.gateway import Gateway, Pool, Spender, Trace, facts_of
from agent.ledger.keys import Keys
from agent.ledger.tallies import OwnTallies, Tallies
from agent.ledger.usage import Books
from agent.records import Principal, Scope
from agent.web.headers import ON_EVERY_REPLY
from agent.web.pace import Pace
from agent.web.raw import Asked, Header, HungUp, Pieces, Reply, Whole
from agent.web.waiting import Caller

_HUNG_UP = 499
"""For the log: nobody reads it. The number is nginx's."""
_log = logging.getLogger("storehand.proxy")

App = Callable[[Any, Any, Any], Awaitable[None]]


def open_proxy(
    gateway: Gateway,
    keys: Keys,
    books: Books | None = None,
    *,
    requests_per_minute: int | None = None,
    tallies: Tallies | None = None,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> Proxy:
    """
    Args:
        books: Asked whether a key has a budget; None when nothing is kept.
        requests_per_minute: Of one key; None for no limit.
        tallies: Where they are counted: those that workers share, or None for this process alone.
    """
    return Proxy(gateway, keys, books, Pace(requests_per_minute, clock, tallies or OwnTallies(), "proxy"), wall)


_UNDER = "/llm"
_CALLS: Mapping[str, str] = {"/v1/chat/completions": "openai", "/v1/responses": "openai_responses", "/v1/messages": "anthropic"}
"""Where nearly all calls come, with the dialect spoken there."""
_MESSAGES = re.compile(r"/messages(?:/|$)")
_GENERATES = ("generateContent", "streamGenerateContent")
_MODELS = re.compile(r"/v1(?P<beta>beta)?/models(?:/(?P<name>.+))?")
"""Lists of models, one model, and with `:generateContent` behind a model's name Google's calls. Google's SDK asks for v1 unless it is told
otherwise (google-genai 3.4.0)."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """All that is under /llm, on ASGI: Litestar's part of a call cost as much as all that is decided about the call."""

    gateway: Gateway
    keys: Keys
    books: Books | None
    pace: Pace
    wall: Callable[[], float]

    def before(self, app: App) -> App:
        """The application, with what is under /llm answered before it is asked."""

        async def front(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["path"].startswith(f"{_UNDER}/"):
                await self(scope, receive, send)
            else:
                await app(scope, receive, send)

        return front

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asked, path = Asked.of(scope, receive), scope["path"].removeprefix(_UNDER).rstrip("/")
        try:
            reply = await self._replied(asked, scope["method"], path)
        except Exception as error:
            reply = _failed(_spoken_at(path), error)
        reply.headers += [*ON_EVERY_REPLY, (b"x-request-id", asked.id.encode())]
        await reply(scope, receive, send)

    async def _replied(self, asked: Asked, method: str, path: str) -> Reply:
        """
        Args:
            path: What follows /llm.
        """
        if (name := _CALLS.get(path)) is not None:
            return await self.answer(asked, dialect(name)) if method == "POST" else _not_taken(path, "POST")
        found = _MODELS.fullmatch(path)
        if found is None:
            return _nothing_at(path)
        if method == "POST" and found["name"]:
            return await self._generated(asked, found["name"])
        if method == "GET":
            # Google's SDK asks for its list at /v1 too since its version 3: its headers tell it from the others.
            gemini = bool(found["beta"]) or b"x-goog-api-client" in asked.headers or b"x-goog-api-key" in asked.headers
            return await self.models(asked, only=found["name"], gemini=gemini)
        return _not_taken(path, "GET, POST" if found["name"] else "GET")

    async def _generated(self, asked: Asked, wanted: str) -> Reply:
        gemini, (model, _, action) = dialect("gemini"), wanted.rpartition(":")
        if action not in _GENERATES:
            error = NotFound("method", action)
            error.args = (f"{error} A model takes {' and '.join(_GENERATES)} here.",)
            return _refused(gemini, error)
        return await self.answer(asked, gemini, model=model, stream=action == "streamGenerateContent")

    async def answer(self, asked: Asked, speaks: Dialect, *, model: str = "", stream: bool = False) -> Reply:
        """
        Args:
            model: Where the address names it.
            stream: Where the address says so.
        """
        paced: dict[str, str] = {}
        caller = Caller(asked.receive)
        try:
            principal = await _principal(asked, self.keys)
            paced = self.pace.headers(principal.id)
            paced = self.pace.take(principal.id)
            call = speaks.read_call(await asked.body(), model=model, stream=stream)
            with caller:
                return await self._answered(asked, speaks, call, principal, paced)
        except HungUp:
            return Whole(b"", [], _HUNG_UP)
        except OverBudget as error:
            return _refused(speaks, _with_remedy(error), paced)
        except StorehandError as error:
            return _refused(speaks, error, paced)
        except asyncio.CancelledError:
            if not caller.gone:
                raise
            return Whole(b"", [], _HUNG_UP)

    async def _answered(self, asked: Asked, speaks: Dialect, call: Call, principal: Principal, paced: dict[str, str]) -> Reply:
        pool = self.gateway.pool(call.model)
        if pool is None:
            raise self._no_model(call.model)
        if not _may_call(principal, call.model, pool):
            raise NotAllowed(f"This key may not call `{call.model}`; it may call {', '.join(sorted(principal.models or ()))}.")
        wanted = call.request
        if call.unlimited and wanted.max_output != pool.max_output:
            wanted = wanted.but(max_output=pool.max_output)
        trace, spender = Trace(), await self._spender(principal, asked.id)
        if call.stream:
            events = self.gateway.stream(wanted, alias=call.model, purpose="proxy", spender=spender, trace=trace)
            return await self._streamed(events, speaks, call, trace, asked.id, paced)
        response = await self.gateway.complete(wanted, alias=call.model, purpose="proxy", spender=spender, trace=trace)
        body = speaks.write_answer(response, call, created=int(self.wall()))
        headers = _headers(trace, asked.id, paced)
        if response.cost_usd is not None:
            headers.append((b"x-storehand-cost-usd", response.cost_usd.encode()))
        return Whole(msgspec.json.encode(body), headers)

    async def _streamed(
        self, events: AsyncGenerator[Event, None], speaks: Dialect, call: Call, trace: Trace, id: str, paced: dict[str, str]
    ) -> Reply:
        """The status and the headers are sent when the first content is there, so that whatever fails before is a plain error."""
        first = await anext(events, None)
        if first is None:
            raise BadOutput("the stream is empty")
        writer = speaks.writer(call, id=f"gen_{id}", created=int(self.wall()))
        return Pieces(_written(first, events, writer), _headers(trace, id, paced))

    async def _spender(self, principal: Principal, id: str) -> Spender:
        spender = Spender(**facts_of(principal), request_id=id)
        if self.books is None or not await self.books.budgets.limits(spender):
            return spender
        return Spender(**facts_of(principal), request_id=id, budgeted=True)

    def _no_model(self, name: str) -> NotFound:
        error = NotFound("model", name)
        remedy = "`GET /llm/v1/models` names those that this key may call."
        if not self.gateway.targets():  # a list that is empty helps nobody
            remedy = "None is configured: whoever runs Storehand adds a provider and an alias to its storehand.toml (docs/guide/models.md)."
        error.args = (f"{error} {remedy}",)
        return error

    async def models(self, asked: Asked, *, only: str | None = None, gemini: bool = False) -> Reply:
        speaks = dialect("gemini" if gemini else "anthropic" if b"anthropic-version" in asked.headers else "openai")
        try:
            principal = await _principal(asked, self.keys)
            known = [*self.gateway.aliases, *(target.name for target in self.gateway.targets())]
            names = [name for name in known if _may_call(principal, name, self.gateway.pool(name))]
            if only is not None and only not in names:
                raise self._no_model(only)
        except StorehandError as error:
            return _refused(speaks, error)
        if gemini:
            return _json(_gemini_model(only) if only is not None else {"models": [_gemini_model(name) for name in names]})
        return _json(_model(only) if only is not None else _models(names))


async def _written(first: Event, events: AsyncGenerator[Event, None], writer: StreamWriter) -> AsyncGenerator[bytes, None]:
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


async def _principal(asked: Asked, keys: Keys) -> Principal:
    """Whose key a request comes with, in whichever header the caller's SDK puts it.

    Raises:
        NoKey: None came, or it is not good.
        NotAllowed: It has not the scope `llm`.
    """
    principal = await keys.verify(_secret(asked))
    if not principal.may(Scope.LLM):
        raise NotAllowed("This needs a key with the scope `llm`; this key has not got it.")
    return principal


def _may_call(principal: Principal, model: str, pool: Pool | None) -> bool:
    """Whether the key's list has the alias, or anything that stands behind it; each hop is checked again."""
    if principal.models is None:
        return True
    return bool(principal.models & {model, *(target.name for target in (pool.targets if pool else ()))})


def _secret(asked: Asked) -> str:
    scheme, _, bearer = asked.header(b"authorization").partition(" ")
    secret = bearer.strip() if scheme.lower() == "bearer" else asked.header(b"x-api-key") or asked.header(b"x-goog-api-key")
    if not secret:
        raise NoKey("Send a key as a bearer token, in x-api-key or in x-goog-api-key; `storehand keys create --scopes llm` makes one.")
    return secret


def _headers(trace: Trace, id: str, paced: Mapping[str, str]) -> list[Header]:
    served = (trace.served_by or trace.serving).encode("latin-1", "replace")
    headers = [(b"x-storehand-served-by", served), (b"x-storehand-attempts", b"%d" % trace.calls), (b"x-storehand-request-id", id.encode())]
    return headers + _raw(paced) if paced else headers


def _raw(headers: Mapping[str, str]) -> list[Header]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _refused(speaks: Dialect, error: StorehandError, headers: Mapping[str, str] | None = None) -> Reply:
    status, body = speaks.write_error(error)
    sent = dict(headers or {})
    wait = getattr(error, "retry_after_s", None)
    if wait is not None:
        sent["retry-after"] = str(max(1, math.ceil(wait)))
    if isinstance(error, NoKey):
        sent["www-authenticate"] = 'Bearer realm="storehand"'
    if status in (401, 402, 403) or error.status == 402 or isinstance(error, RunawaySpend):
        sent["x-should-retry"] = "false"  # OpenAI's SDK would try twice more
    return Whole(msgspec.json.encode(body), _raw(sent), status)


def _with_remedy(error: OverBudget) -> OverBudget:
    """Of a budget that begins anew some day: when, and what fits until then. Whoever reads it sees one call, and may have spent nothing yet."""
    if error.resets_at is None:
        return error
    return OverBudget(
        f"{error} The most it may cost is set aside first: a smaller limit of output (max_tokens) costs less. "
        f"The budget begins anew on {error.resets_at:%Y-%m-%d} (UTC).",
        resets_at=error.resets_at,
    )


def _spoken_at(path: str) -> Dialect:
    """What whoever asks at this address, known here or not, most likely reads."""
    if (name := _CALLS.get(path)) is not None:
        return dialect(name)
    return dialect("gemini" if "/v1beta/" in path or "enerateContent" in path else "anthropic" if _MESSAGES.search(path) else "openai")


def _nothing_at(path: str) -> Reply:
    _, body = _spoken_at(path).write_error(
        BadCall(
            "There is nothing at this address. The base URL ends in /llm/v1 for OpenAI's SDK and in /llm for Anthropic's and Google's; "
            "docs/guide/proxy.md says what there is."
        )
    )
    return Whole(msgspec.json.encode(body), [], 404)


def _not_taken(path: str, allowed: str) -> Reply:
    _, body = _spoken_at(path).write_error(BadCall("This address does not take that method."))
    return Whole(msgspec.json.encode(body), [(b"allow", allowed.encode())], 405)


def _failed(speaks: Dialect, error: Exception) -> Reply:
    if isinstance(error, StorehandError):
        return _refused(speaks, error)
    _log.error("unexpected %s", type(error).__name__)
    return _refused(speaks, StorehandError("Something went wrong in Storehand; it is logged."))


def _json(body: Any) -> Reply:
    return Whole(msgspec.json.encode(body), [])


def _gemini_model(name: str) -> dict[str, Any]:
    return {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": list(_GENERATES)}


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
