"""One POST to one server with one credential, over whatever transport: to the reply's head, and once more where a kept connection had died."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from agent.errors import BadOutput, ProviderError
from agent.providers.connections import failure_of, may_be_repeated
from agent.providers.link import Header
from agent.providers.pool import Pool, Way

_UNPACKS = ("gzip", "deflate")
_SIP = 4_096


class Came(Protocol):
    """A reply whose head is there. It is iterated over once, and closed by whoever asked for it."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> list[Header]: ...
    @property
    def done(self) -> bool:
        """Whether all of it is here already, so that nothing has to be waited for."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def aclose(self) -> None: ...


class Foreign:
    """A reply of httpx's: what any other transport brings, and what has to be unpacked."""

    def __init__(self, status: int, headers: list[Header], stream: httpx.AsyncByteStream) -> None:
        self.status, self.headers, self.done = status, headers, False
        self._reply = httpx.Response(status, headers=headers, stream=_Sips(stream))

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._reply.aiter_bytes()

    async def aclose(self) -> None:
        await self._reply.aclose()


class _Sips(httpx.AsyncByteStream):
    """The same in small pieces, so that what unpacks to a thousand times its size is noticed before it fills the memory."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            for start in range(0, len(piece), _SIP):
                yield piece[start : start + _SIP]

    async def aclose(self) -> None:
        await self._stream.aclose()


@dataclass(slots=True)
class Exchange:
    transport: httpx.AsyncBaseTransport = field(repr=False)
    """Called as it is: httpx's client adds cookies, redirects, authentication and merging of addresses, none of which a provider needs."""
    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    connect_s: float
    _ways: dict[str, tuple[httpx.URL, httpx.Headers, Way | None]] = field(default_factory=dict, init=False, repr=False)
    """By path: where to, and the headers that every call there has, made once."""

    async def post(self, path: str, body: bytes) -> Came:
        """
        Raises:
            ProviderError: No connection, or no reply's head.
            TimeoutError: The caller's own deadline.
        """
        try:
            return await self._once(path, body)
        except (TimeoutError, ProviderError):
            raise
        except Exception as error:  # a transport has exceptions of its own besides httpx's; none of them is our caller's
            # A pooled connection that the server had closed in the meantime says nothing about the server: once more, on a fresh one.
            if not may_be_repeated(error):
                raise failure_of(error, begun=False) from error
        try:
            return await self._once(path, body, fresh=True)
        except (TimeoutError, ProviderError):
            raise
        except Exception as error:
            raise failure_of(error, begun=False) from error

    async def _once(self, path: str, body: bytes, *, fresh: bool = False) -> Came:
        url, headers, way = self._ways.get(path) or self._way(path)
        if way is not None and isinstance(self.transport, Pool):
            # As `handle_async_request` would, without making what httpx has for a request and a reply: that is a twelfth of a call.
            reply = await self.transport.post(way, body, connect_s=self.connect_s, fresh=fresh)
            if not (packed := _packed(reply.headers)):
                return reply
            return await _unpacked(packed, Foreign(reply.status, reply.headers, reply))
        limits = {"timeout": {"connect": self.connect_s, "pool": self.connect_s}}
        headers = httpx.Headers([*headers.raw, (b"content-length", b"%d" % len(body))])
        # With `content` httpx would look for each header that it might have to add; they are all there.
        request = httpx.Request("POST", url, headers=headers, stream=httpx.ByteStream(body), extensions=limits)
        request.read()
        answer = await self.transport.handle_async_request(request)
        if not isinstance(answer.stream, httpx.AsyncByteStream):
            raise TypeError("a transport for asyncio is needed")
        return await _unpacked(_packed(answer.headers.raw), Foreign(answer.status_code, answer.headers.raw, answer.stream))

    def _way(self, path: str) -> tuple[httpx.URL, httpx.Headers, Way | None]:
        url = httpx.URL(self.base_url + path)
        headers = httpx.Headers({**self.headers, "host": url.netloc.decode()})
        way = Way.to("POST", url, headers.raw) if isinstance(self.transport, Pool) else None
        self._ways[path] = url, headers, way
        return self._ways[path]


def _packed(headers: list[Header]) -> list[str]:
    """How a body is packed, one way in the other. Nothing is asked for but the plain one."""
    said = ",".join(value.decode("latin-1").lower() for name, value in headers if name.lower() == b"content-encoding")
    return [way for each in said.split(",") if (way := each.strip()) not in ("", "identity")] if said else []


async def _unpacked(packed: list[str], reply: Foreign) -> Foreign:
    """
    Raises:
        BadOutput: It cannot be unpacked here, or is packed in what is packed: only a bomb is.
    """
    if packed and (len(packed) > 1 or packed[0] not in _UNPACKS):
        await reply.aclose()
        raise BadOutput("the reply is packed in a way that nobody asked for")
    return reply


def header_in(headers: list[Header], name: bytes) -> str:
    """Its first value, in small letters; empty where there is none."""
    return next((value.decode("latin-1").lower() for each, value in headers if each.lower() == name), "")
