"""One connection to a provider: HTTP/1.1 as llhttp reads it, one exchange at a time, and nothing of one answer left for the next."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import cast

import httptools
import httpx

MOST_HEAD_BYTES = 65_536
"""Of a reply's head: what goes on longer is no head."""
_MOST_WAITING = 262_144
"""Bytes of a body that wait to be read; beyond it the other side has to wait."""


Header = tuple[bytes, bytes]


class Cut(httpx.RemoteProtocolError):
    """The connection was closed before a reply came."""

    def __init__(self, *, reused: bool) -> None:
        super().__init__("the connection was closed before a reply came")
        self.reused = reused
        """Whether another exchange had gone over it before: then the server may have closed it while nothing was asked."""


class NotHttp(httpx.RemoteProtocolError):
    """What came is no HTTP/1.1."""


class Reply(httpx.AsyncByteStream):
    """What comes back in one exchange: status, headers and, piece by piece, the body.

    It is filled by the connection as bytes arrive, so that an answer which came whole is read without waiting or waking anybody.
    """

    __slots__ = ("_held", "_link", "_loop", "_pieces", "_waiter", "done", "error", "headers", "status")

    def __init__(self, link: Link, loop: asyncio.AbstractEventLoop) -> None:
        self.status = 0
        """0 until the head has come."""
        self.headers: list[Header] = []
        self.done = False
        self.error: Exception | None = None
        self._link, self._loop = link, loop
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._waiter: asyncio.Future[None] | None = None

    async def head(self) -> None:
        """Wait until the status and the headers are there.

        Raises:
            httpx.TransportError: They never come.
        """
        while not self.status:
            if self.error is not None:
                raise self.error
            await self._more()

    def __aiter__(self) -> Reply:
        return self

    async def __anext__(self) -> bytes:
        while not self._pieces:
            if self.error is not None:
                raise self.error
            if self.done:
                raise StopAsyncIteration
            await self._more()
        piece = self._pieces.popleft() if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        self._link.resume()
        return piece

    async def aclose(self) -> None:
        """Whoever stops in the middle of it closes the connection, so that the other side stops too."""
        if not self.done:
            self._link.abandon()

    def came(self, piece: bytes) -> bool:
        """Whether there is room for more."""
        self._pieces.append(piece)
        self._held += len(piece)
        return self._held < _MOST_WAITING

    def wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _more(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


class Link(asyncio.Protocol):
    """A connection. `freed` and `lost` are told when it can carry another exchange, and when it is gone."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, freed: Callable[[Link], None], lost: Callable[[Link], None]) -> None:
        self.idle_since = 0.0
        self._loop, self._freed, self._lost = loop, freed, lost
        self._transport: asyncio.Transport | None = None
        self._reply: Reply | None = None
        self._used = self._keeps = self._paused = False
        self._head_bytes = 0
        self._parser = httptools.HttpResponseParser(self)
        # As lenient as browsers and aiohttp are, and no more: none of these can make one answer look like two.
        self._parser.set_dangerous_leniencies(lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True)

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, sent: bytes) -> Reply:
        """The reply to a request, once its head has come. Cancelled before that, the connection is given up.

        Raises:
            httpx.TransportError: None came.
        """
        reply = self._reply = Reply(self, self._loop)
        self._head_bytes = 0
        try:
            if self._transport is None or self._transport.is_closing():
                raise Cut(reused=self._used)
            self._transport.write(sent)
            await reply.head()
        except BaseException:
            self.abandon()
            raise
        self._used = True
        return reply

    def abandon(self) -> None:
        """Close at once, whatever is under way."""
        self._reply = None
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def resume(self) -> None:
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        reply = self._reply
        if reply is None:  # nobody asked: the next answer must not begin with it
            self.abandon()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._broke(reply, error)
            return
        if not reply.status:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._broke(reply, None)
                return
        elif reply.done:
            self._over()
        reply.wake()

    def connection_lost(self, error: Exception | None) -> None:
        reply, self._reply, self._transport = self._reply, None, None
        del self._parser  # each holds the other
        self._lost(self)
        if reply is None or reply.done:
            return
        if not reply.status:
            reply.error = Cut(reused=self._used)
            reply.error.__cause__ = error if isinstance(error, ssl.SSLError) else None
        elif error is None and not _is_framed(reply.headers):  # as HTTP/1.0 has it: over when the connection is
            reply.done = True
        else:
            reply.error = httpx.ReadError("the connection was closed in the middle of the reply")
        reply.wake()

    # What llhttp calls while it is fed.

    def on_message_begin(self) -> None:
        if self._reply is None or self._reply.done:
            raise ValueError("nobody asked for a second answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reply is not None and not self._reply.status:  # what comes after a chunked body is of no use to anybody
            if len(name) + len(value) > MOST_HEAD_BYTES:
                raise ValueError("a header as long as a book")
            self._reply.headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._reply is None:
            return
        if status < 200:  # 100 and 103 come before the reply
            self._reply.headers.clear()
        else:
            self._reply.status = status

    def on_body(self, piece: bytes) -> None:
        if self._reply is not None and not self._reply.came(piece) and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._reply is not None and self._reply.status:
            self._reply.done, self._keeps = True, self._parser.should_keep_alive()

    def _over(self) -> None:
        """The reply is whole. A server that answered before it had read all of the request is not asked again over the same connection."""
        self._reply = None
        self.resume()
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._keeps and not transport.get_write_buffer_size():
            self._freed(self)
        else:
            transport.close()

    def _broke(self, reply: Reply, cause: Exception | None) -> None:
        """What followed a whole reply is nobody's; anything else is the end of it."""
        if not reply.done:
            said = "what came is no HTTP/1.1"
            reply.error = httpx.ReadError(said) if reply.status else NotHttp(said)
            reply.error.__cause__ = cause
        self.abandon()
        reply.wake()


def _is_framed(headers: list[Header]) -> bool:
    """Whether the head says where the body ends."""
    return any(name.lower() == b"content-length" or (name.lower() == b"transfer-encoding" and b"chunked" in value.lower()) for name, value in headers)
