"""The pool of connections under every provider, behind httpx's interface.

It does what a call to a model needs and nothing else: one POST, a deadline for connecting, a body as it comes. No redirects, cookies,
proxies, authentication or HTTP/2; the deadlines of the answer are the caller's. What that saves is in docs/decisions.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import aiohappyeyeballs
import httpx
from aiohappyeyeballs import AddrInfoType

from agent.providers.link import Header, Link, Reply

KEPT_S = 15.0
"""How long a connection is kept that nobody uses."""
_GOODBYE_S = 1.0
"""How long the other side may take over a close."""
_NEXT_ADDRESS_AFTER_S = 0.25
"""RFC 8305: the next address of a name is tried beside one that has not answered by then."""
_ASKED_ANEW_AFTER_S = 5.0
"""A name server that has not answered by then is asked once more, since it may be back."""


class Origin(NamedTuple):
    host: str
    port: int
    secure: bool

    @classmethod
    def of(cls, url: httpx.URL) -> Origin:
        """
        Raises:
            httpx.UnsupportedProtocol: It is none of http or https.
        """
        if url.raw_scheme not in (b"http", b"https") or not url.raw_host:
            raise httpx.UnsupportedProtocol("an address begins with http:// or https://")
        secure = url.raw_scheme == b"https"
        return cls(url.raw_host.decode("ascii"), url.port or (443 if secure else 80), secure)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a request goes, and how it begins: all but the length of its body."""

    origin: Origin
    head: bytes = field(repr=False)

    @classmethod
    def to(cls, method: str, url: httpx.URL, headers: list[Header]) -> Way:
        """
        Raises:
            httpx.UnsupportedProtocol: The address is none of http or https.
            httpx.LocalProtocolError: A header holds an end of line, and so another header.
        """
        kept = [header for header in headers if header[0].lower() not in (b"content-length", b"transfer-encoding")]
        lines = [b"%s %s HTTP/1.1" % (method.encode("ascii"), url.raw_path), *(b"%s: %s" % header for header in kept)]
        if any(b"\n" in line or b"\r" in line for line in lines):
            raise httpx.LocalProtocolError("a header holds an end of line")
        return cls(Origin.of(url), b"\r\n".join([*lines, b"content-length: "]))


def _heard(found: asyncio.Future[Sequence[AddrInfoType]]) -> None:
    """Whoever waited has it; where nobody waits any more, nobody wants it."""
    if not found.cancelled():
        found.exception()


async def _looked_up(loop: asyncio.AbstractEventLoop, origin: Origin) -> Sequence[AddrInfoType]:
    return await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)


@dataclass(slots=True, eq=False)
class Pool(httpx.AsyncBaseTransport):
    """Connections by where they lead, the last used first. It belongs to the event loop of its first call."""

    most: int = 1_000
    """Connections open at once."""
    kept_s: float = KEPT_S
    tls: ssl.SSLContext | None = None
    """Whom to trust; None for whom the machine does."""
    addresses: Callable[[asyncio.AbstractEventLoop, Origin], Awaitable[Sequence[AddrInfoType]]] = _looked_up
    """Who is asked where a name is."""
    _idle: dict[Origin, list[Link]] = field(default_factory=dict, init=False)
    _links: set[Link] = field(default_factory=set, init=False)
    _opening: int = field(default=0, init=False)
    _waiting: deque[asyncio.Future[None]] = field(default_factory=deque, init=False)
    _asked: dict[Origin, tuple[asyncio.Future[Sequence[AddrInfoType]], float]] = field(default_factory=dict, init=False)
    """The last question for each name, and when it was put."""
    _sweep: asyncio.TimerHandle | None = field(default=None, init=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        way, limits = Way.to(request.method, request.url, request.headers.raw), request.extensions.get("timeout", {})
        reply = await self.post(way, await request.aread(), connect_s=limits.get("connect"), pool_s=limits.get("pool"))
        return httpx.Response(reply.status, headers=reply.headers, stream=reply, request=request)

    async def post(self, way: Way, body: bytes, *, connect_s: float | None, pool_s: float | None = None, fresh: bool = False) -> Reply:
        """The reply to one request, once its head has come.

        Args:
            connect_s: How long a new connection may take, and how long to wait until one may be made unless `pool_s` says.
            fresh: Whether no kept connection will do: one of them was found dead, and where one is the others may be.

        Raises:
            httpx.TransportError: No connection, or no head.
        """
        link = (None if fresh else self._kept(way.origin)) or await self._another(way.origin, connect_s, connect_s if pool_s is None else pool_s)
        return await link.exchange(b"%b%d\r\n\r\n%b" % (way.head, len(body), body))

    async def aclose(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        for asked, _ in self._asked.values():
            asked.cancel()
        idle = {link for links in self._idle.values() for link in links}
        for link in list(self._links):
            link.close() if link in idle else link.abandon()
        self._idle.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                while self._links:
                    await self._one_ends()

    def _kept(self, origin: Origin) -> Link | None:
        idle = self._idle.get(origin)
        while idle:
            link = idle.pop()
            if link.is_open and asyncio.get_running_loop().time() - link.idle_since < self.kept_s:
                return link
            link.abandon()
        return None

    async def _another(self, origin: Origin, connect_s: float | None, pool_s: float | None) -> Link:
        """A new connection, or one that others free meanwhile where as many are open as may be."""
        try:
            async with asyncio.timeout(pool_s):
                while len(self._links) + self._opening >= self.most and not self._gave_up_an_idle_one():
                    await self._one_ends()
                    if (link := self._kept(origin)) is not None:
                        return link
        except TimeoutError as error:
            raise httpx.PoolTimeout("no connection was free in time") from error
        self._opening += 1
        try:
            async with asyncio.timeout(connect_s):
                return await self._connected(origin)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except (OSError, ssl.SSLError) as error:
            raise httpx.ConnectError("no connection") from error
        finally:
            self._opening -= 1
            self._tell_one()

    async def _connected(self, origin: Origin) -> Link:
        loop = asyncio.get_running_loop()
        found = await self._addresses(origin)
        # The name's addresses race as RFC 8305 has it: one that leads nowhere must not cost a call its patience. uvloop has no such race.
        made = await aiohappyeyeballs.start_connection(found, happy_eyeballs_delay=_NEXT_ADDRESS_AFTER_S, interleave=1, loop=loop)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        try:
            _, link = await loop.create_connection(
                lambda: Link(loop, freed=lambda link: self._free(origin, link), lost=self._lost),
                sock=made, ssl=self._context() if origin.secure else None, server_hostname=origin.host if origin.secure else None,
            )  # fmt: skip
        except BaseException:
            made.close()
            raise
        if link.is_open:  # else it was lost already, and nobody would take it out again
            self._links.add(link)
        return link

    async def _addresses(self, origin: Origin) -> Sequence[AddrInfoType]:
        """Of a name, asked for once by all who wait for it: each question holds one of a few threads, and a name server that is silent would hold
        them all, for the names of other providers too."""
        loop = asyncio.get_running_loop()
        asked, at = self._asked.get(origin, (None, 0.0))
        if asked is None or asked.done() or loop.time() - at > _ASKED_ANEW_AFTER_S:
            asked = asyncio.ensure_future(self.addresses(loop, origin))
            asked.add_done_callback(_heard)
            self._asked[origin] = asked, loop.time()
        return await asyncio.shield(asked)

    def _context(self) -> ssl.SSLContext:
        if self.tls is None:
            self.tls = ssl.create_default_context()
            self.tls.set_alpn_protocols(["http/1.1"])
        return self.tls

    def _free(self, origin: Origin, link: Link) -> None:
        loop = asyncio.get_running_loop()
        link.idle_since = loop.time()
        self._idle.setdefault(origin, []).append(link)
        if self._sweep is None:
            self._sweep = loop.call_later(self.kept_s, self._close_idle)
        self._tell_one()

    def _lost(self, link: Link) -> None:
        self._links.discard(link)
        self._tell_one()

    def _gave_up_an_idle_one(self) -> bool:
        for idle in self._idle.values():
            if idle:
                link = idle.pop(0)
                self._links.discard(link)
                link.abandon()
                return True
        return False

    async def _one_ends(self) -> None:
        ended = asyncio.get_running_loop().create_future()
        self._waiting.append(ended)
        try:
            await ended
        except BaseException:
            if ended.done() and not ended.cancelled():
                self._tell_one()  # the next in line gets what this one cannot use any more
            raise

    def _tell_one(self) -> None:
        while self._waiting:
            ended = self._waiting.popleft()
            if not ended.done():
                ended.set_result(None)
                return

    def _close_idle(self) -> None:
        """Those that were not used for long enough; the oldest stand first."""
        loop, self._sweep = asyncio.get_running_loop(), None
        for idle in self._idle.values():
            while idle and (not idle[0].is_open or loop.time() - idle[0].idle_since >= self.kept_s):
                idle.pop(0).abandon()
        if any(self._idle.values()):
            self._sweep = loop.call_later(self.kept_s, self._close_idle)
