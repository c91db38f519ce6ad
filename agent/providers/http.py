"""A model behind an HTTP API: one attempt, with a deadline for each thing that can hang and a cap on what is read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from email.utils import formatdate

import httpx
import msgspec

from agent.dialects.base import Dialect, Quirks, StreamReader, object_of
from agent.dialects.events import Assembly, Event, Finished, UsageSeen, events_of, is_content
from agent.dialects.messages import Request, Response, estimated_usage
from agent.dialects.sse import SseEvent, SseParser
from agent.errors import BadOutput, Overloaded, ProviderError, ResponseTooLarge, TimedOut
from agent.providers.checks import checked, fault_in
from agent.providers.connections import failure_of
from agent.providers.exchange import Came, Exchange, header_in
from agent.providers.patience import Flow, Patience, Timed, kind_of
from agent.settings import Deadlines

_ERROR_BYTES = 65_536
_ERROR_S, _GOODBYE_S = 2.0, 3.0
"""How long the words of an error are waited for, since its status says most of it; and, once all is said, the count and the end of a stream."""
_WHOLE_PACE = 32
"""An answer in one piece was written before it is sent, so it must come so many times as fast as one that is being written."""
_LONG_OUTPUT = 4_096
_SLOW_SHARE = 0.25
_log = logging.getLogger("storehand.gateway")


@dataclass(slots=True)
class HttpProvider:
    """One server with one credential.

    A whole answer from a model that is known to be quick is asked for as one JSON body. From a model that takes long over whole
    answers (over a quarter of `first_token_s`), that reasons, or that may write at length, the answer is streamed and put together
    here: only so can slow be told from dead.
    """

    name: str
    dialect: Dialect
    base_url: str
    transport: httpx.AsyncBaseTransport = field(repr=False)
    """Under the one pool of connections."""
    key: str | None = field(default=None, repr=False)
    deadlines: Deadlines = field(default_factory=Deadlines)
    quirks: Quirks = field(default_factory=Quirks)
    _whole_s: dict[str, float] = field(default_factory=dict, init=False, repr=False)
    _exchange: Exchange = field(init=False, repr=False)
    _patience: Patience = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._exchange = Exchange(self.transport, self.base_url, self._headers(), self.deadlines.connect_s)
        self._patience = Patience(self.deadlines)

    async def complete(self, request: Request, *, model: str, timeout_s: float) -> Response:
        if self._asks_for_a_stream(request, model):
            return await self._assembled(request, model, timeout_s)
        loop, kind = asyncio.get_running_loop(), kind_of(request, model, streamed=False)
        began = loop.time()
        try:
            response = await self._whole(request, model, self._first_s(kind), began + min(timeout_s, self.deadlines.total_s))
        except ProviderError as error:
            if isinstance(error, TimedOut):
                self._whole_s[model] = self.deadlines.first_token_s
                self._patience.ended(kind, loop.time() - began)
            raise self._named(error, model) from error.__cause__
        taken = loop.time() - began
        self._patience.came(kind, taken)
        self._whole_s[model] = 0.8 * self._whole_s.get(model, taken) + 0.2 * taken
        return response

    async def stream(self, request: Request, *, model: str, timeout_s: float) -> AsyncGenerator[Event, None]:
        """Its events; `UsageSeen` and then `Finished` are the last. Closing it early closes the connection, so that the model stops."""
        assembly, timed = Assembly(), Timed(self._patience, kind_of(request, model, streamed=True), asyncio.get_running_loop())
        try:
            async with aclosing(self._events(request, model, min(timeout_s, self.deadlines.total_s))) as events:
                async for event in events:
                    assembly.add(event)
                    timed.saw(event)
                    if not isinstance(event, UsageSeen | Finished):
                        yield event
            usage = assembly.used(request)
            if failure := fault_in(assembly.response(usage=usage, provider=self.name, model=model), finished=assembly.finish is not None):
                raise failure
        except ProviderError as error:
            timed.failed(error)
            if assembly.written or assembly.usage:
                error.usage = assembly.used(request)
            raise self._named(error, model) from error.__cause__
        yield UsageSeen(usage)
        yield Finished(assembly.finish or "stop")

    async def _assembled(self, request: Request, model: str, timeout_s: float) -> Response:
        assembly = Assembly()
        async with aclosing(self.stream(request, model=model, timeout_s=timeout_s)) as events:
            async for event in events:
                assembly.add(event)
        return assembly.response(usage=assembly.used(request), provider=self.name, model=model)

    def _asks_for_a_stream(self, request: Request, model: str) -> bool:
        if "streaming" in self.quirks.lacks:
            return False
        if request.max_output > _LONG_OUTPUT or request.effort not in (None, "none", "minimal"):
            return True
        return self._whole_s.get(model, 0.0) > _SLOW_SHARE * self.deadlines.first_token_s

    async def _whole(self, request: Request, model: str, first_s: float, until: float) -> Response:
        """One timer for all of it, moved as the answer comes: setting one for each step cost as much as reading the answer."""
        reply: Came | None = None
        try:
            async with asyncio.timeout_at(min(asyncio.get_running_loop().time() + first_s, until)) as limit:
                reply = await self._asked(request, model, stream=False)
                if reply.status >= 300:
                    raise await self._refusal(reply, limit, until)
                body = await self._read_whole(reply, request, limit, until)
        except TimeoutError as error:
            late = TimedOut("the answer stalled" if reply is not None else "no reply in time")
            # What was being written is billed, as where it is cut.
            late.usage = estimated_usage(request, "") if reply is not None and reply.status < 300 else None
            raise late from error
        finally:
            if reply is not None:
                await reply.aclose()
        if "html" in header_in(reply.headers, b"content-type"):
            raise BadOutput("the reply is a web page, not an answer")
        return self._answer(body, request, model)

    def _answer(self, body: bytes, request: Request, model: str) -> Response:
        """
        Raises:
            ProviderError: It is an error, or nothing that can be read.
        """
        try:
            return checked(self.dialect.read_answer(object_of(body)), request, provider=self.name, model=model)
        except ProviderError:
            raise
        except Exception as error:
            raise _unread(error) from error

    async def _read_whole(self, reply: Came, request: Request, limit: asyncio.Timeout, until: float) -> bytes:
        """Its body. One that was cut was written and will be billed all the same."""
        try:
            return await self._body(reply, limit, until, self.deadlines.max_bytes)
        except ProviderError as error:
            error.usage = error.usage or estimated_usage(request, "")
            raise

    def _first_s(self, kind: Hashable) -> float:
        """A server that cannot stream shows nothing before its answer is whole, so it gets the time for all of it."""
        return self.deadlines.total_s if "streaming" in self.quirks.lacks else self._patience.first_s(kind)

    async def _events(self, request: Request, model: str, timeout_s: float) -> AsyncGenerator[Event, None]:
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        first = min(loop.time() + self._patience.first_s(kind_of(request, model, streamed=True)), until)
        reply = await self._sent(request, model, stream=True, until=first)
        try:
            kind = header_in(reply.headers, b"content-type")
            if "json" in kind or "html" in kind:
                for event in await self._not_streamed(reply, request, model, first, until):
                    yield event
                return
            async with aclosing(self._read_stream(reply, request, model, first, until)) as events:
                async for event in events:
                    yield event
        finally:
            await reply.aclose()

    async def _not_streamed(self, reply: Came, request: Request, model: str, first: float, until: float) -> list[Event]:
        """A server that was asked to stream and sent a whole body: an error, a login page, or the whole answer."""
        try:
            body = await self._read(reply, first, until)
        except ProviderError as error:
            error.usage = error.usage or estimated_usage(request, "")
            raise
        if "html" in header_in(reply.headers, b"content-type"):
            raise BadOutput("the reply is a web page, not a stream")
        return self._at_once(body, request, model)

    def _at_once(self, body: bytes, request: Request, model: str) -> list[Event]:
        """
        Raises:
            ProviderError: It is an error, or nothing that can be read.
        """
        return events_of(self._answer(body, request, model))

    async def _read_stream(self, reply: Came, request: Request, model: str, first: float, until: float) -> AsyncGenerator[Event, None]:
        """
        Args:
            first: When content must have come, as the loop's time; later on each further content must follow within `between_tokens_s`.
        """
        loop, reader, parser, pieces = asyncio.get_running_loop(), self.dialect.reader(), SseParser(), aiter(reply)
        due, seen, finished, began, head = first, 0, False, False, bytearray()
        flow = Flow(self.deadlines)
        while not reader.ended:
            try:
                piece = await self._next(pieces, min(due, until))
            except (TimedOut, Overloaded) as error:
                if finished:  # everything was said; only the goodbye is missing
                    return
                error.usage = estimated_usage(request, "")  # it had begun, and read the prompt at least
                raise
            seen += len(piece or b"")
            self._fits(seen)
            if not began:
                head += piece or b""
            for sse in parser.end() if piece is None else parser.feed(piece):
                began = True
                for event in self._read_event(reader, sse):
                    if isinstance(event, Finished) and not finished:
                        finished, due = True, min(due, loop.time() + _GOODBYE_S)
                    # Comments, pings and empty deltas are signs of life of the server, not of the model: they move no deadline.
                    if is_content(event):
                        now = loop.time()
                        due = now + self.deadlines.between_tokens_s
                        flow.saw(event, now)
                    yield event
                if reader.ended:
                    return
            if piece is None:
                break
        if not began:
            for event in self._instead(bytes(head), request, model):
                yield event

    def _read_event(self, reader: StreamReader, sse: SseEvent) -> Sequence[Event]:
        """
        Raises:
            ProviderError: It says that the answer failed, by its contents or by its name.
        """
        try:
            events = reader.read(sse)
        except ProviderError:
            raise
        except Exception as error:
            raise _unread(error) from error
        if sse.event == "error":
            raise Overloaded("the stream says that it failed")
        return events

    def _instead(self, body: bytes, request: Request, model: str) -> list[Event]:
        """What came instead of a stream, whatever it calls itself: the whole answer.

        Raises:
            ProviderError: It is an error body, or nothing that can be read.
        """
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return self._at_once(body, request, model)
        raise BadOutput("the stream is empty" if not body.strip() else "the reply is no stream")

    async def _next(self, pieces: AsyncIterator[bytes], due: float) -> bytes | None:
        try:
            async with asyncio.timeout_at(due):
                return await anext(pieces, None)
        except TimeoutError as error:
            raise TimedOut("the answer stalled") from error
        except Exception as error:  # a transport has exceptions of its own besides httpx's; none of them is our caller's
            raise failure_of(error, begun=True) from error

    async def _read(self, reply: Came, first: float, until: float, most: int | None = None) -> bytes:
        """`_body` with a timer of its own, set to `first`."""
        try:
            async with asyncio.timeout_at(min(first, until)) as limit:
                return await self._body(reply, limit, until, most or self.deadlines.max_bytes)
        except TimeoutError as error:
            raise TimedOut("the answer stalled") from error

    async def _body(self, reply: Came, limit: asyncio.Timeout, until: float, most: int) -> bytes:
        """
        Args:
            limit: Is set to when some of it must have come; later on each further piece must follow within `between_tokens_s`, and at a pace.
        """
        loop, body, flow = asyncio.get_running_loop(), bytearray(), Flow(self.deadlines, _WHOLE_PACE)
        try:
            async for piece in reply:
                body += piece
                self._fits(len(body), most)
                if reply.done:  # then nothing is waited for any more
                    continue
                # Some servers send blank lines until the answer is there: signs of life of the server, not of the model.
                if not piece.isspace():
                    now = loop.time()
                    flow.came(len(piece), now)
                    limit.reschedule(min(now + self.deadlines.between_tokens_s, until))
        except ProviderError:
            raise
        except Exception as error:  # a transport has exceptions of its own besides httpx's; none of them is our caller's
            raise failure_of(error, begun=True) from error
        return bytes(body)

    def _fits(self, seen: int, most: int | None = None) -> None:
        if seen > (most or self.deadlines.max_bytes):
            raise ResponseTooLarge(f"the reply is larger than {most or self.deadlines.max_bytes} bytes")

    async def _sent(self, request: Request, model: str, *, stream: bool, until: float) -> Came:
        """The reply's headers have come and are good.

        Raises:
            ProviderError: No connection, no headers in time, or a status that says no.
        """
        try:
            async with asyncio.timeout_at(until) as limit:
                reply = await self._asked(request, model, stream=stream)
                if reply.status >= 300:
                    raise await self._refusal(reply, limit, until)
        except TimeoutError as error:
            raise TimedOut("no reply in time") from error
        return reply

    async def _asked(self, request: Request, model: str, *, stream: bool) -> Came:
        body = msgspec.json.encode(self.dialect.write_request(request, model=model, stream=stream, quirks=self.quirks))
        path = self.quirks.path.replace("{model}", model) or self.dialect.path(model, stream=stream)
        return await self._exchange.post(path + self.quirks.query, body)

    def _headers(self) -> dict[str, str]:
        credential = {self.quirks.key_header: self.key} if self.quirks.key_header and self.key else self.dialect.headers(self.key)
        return {"content-type": "application/json", "accept-encoding": "identity", "user-agent": "storehand", **credential}

    async def _refusal(self, reply: Came, limit: asyncio.Timeout, until: float) -> ProviderError:
        limit.reschedule(None)
        until = min(until, asyncio.get_running_loop().time() + min(_ERROR_S, self.deadlines.between_tokens_s))
        try:
            body = await self._read(reply, until, until, _ERROR_BYTES)
        except ProviderError:
            body = b""  # the status alone says enough
        finally:
            await reply.aclose()
        if reply.status < 400:
            return BadOutput("the provider sends the call elsewhere; check `base_url`")
        headers = {"date": formatdate(usegmt=True), **httpx.Headers(reply.headers)}
        try:
            return self.dialect.read_error(reply.status, headers, body)
        except Exception as error:
            return _unread(error)

    def _named(self, error: ProviderError, model: str) -> ProviderError:
        error.provider, error.model = self.name, model
        if self.key:  # the caller may be shown what the provider said, and some repeat what they were sent
            error.said = error.said.replace(self.key, "[key]")
        return error


def _unread(error: Exception) -> BadOutput:
    """What our own reading tripped over: the reply's fault as far as the caller is concerned, and told to the operator as ours."""
    _log.error("a reply could not be read: unexpected %s", type(error).__name__)
    return BadOutput("the reply cannot be read")
