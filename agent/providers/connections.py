"""The one pool of connections, the transport under it, and what its failures mean.

httpx's own transport is slower by several times than aiohttp's under the same interface (bench/gateway.py), so aiohttp's is taken.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import httpx

from agent.errors import Overloaded, ProviderError, TimedOut, Unreachable

_REUSED: ContextVar[bool] = ContextVar("storehand_connection_reused", default=False)


def pooled_transport(*, most: int = 1_000) -> httpx.AsyncBaseTransport:
    """A transport with one pool. It belongs to the event loop of its first call."""
    import aiohttp
    from httpx_aiohttp import AiohttpTransport

    async def reused(session: Any, context: SimpleNamespace, params: Any) -> None:
        _REUSED.set(True)

    def session() -> aiohttp.ClientSession:
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(reused)
        # No cookies: what one answer sets must not travel with another merchant's request.
        connector = aiohttp.TCPConnector(limit=most, ttl_dns_cache=30)
        return aiohttp.ClientSession(connector=connector, trace_configs=[trace], cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(client=session)


def expect_fresh() -> None:
    """Call before a request; afterwards `was_reused` says whether it went over a connection that had been used."""
    _REUSED.set(False)


def was_reused() -> bool:
    return _REUSED.get()


def failure_of(error: Exception, *, begun: bool) -> ProviderError:
    """What a failed connection means.

    Args:
        begun: Whether the reply's headers had come.
    """
    causes = [type(cause).__name__ for cause in _causes(error)]
    if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)) or any("Certificate" in name or "SSL" in name for name in causes):
        return Unreachable("no trusted connection: the provider's certificate or TLS is not accepted", lasting=True)
    if begun:
        return Overloaded("the connection was cut in the middle of the reply")
    if isinstance(error, httpx.PoolTimeout):
        return Overloaded("no connection was free in time")
    if isinstance(error, httpx.ReadTimeout):
        return TimedOut("no reply in time")
    if any(name in ("ClientResponseError", "BadHttpMessage", "BadStatusLine", "LocalProtocolError") for name in causes):
        return Overloaded("what answers there does not speak HTTP")
    if was_cut(error):
        return Unreachable("the connection was closed before a reply came")
    return Unreachable("no connection: refused, or there is no such name")


def was_cut(error: BaseException) -> bool:
    """Whether an open connection was lost, rather than none made."""
    names = {type(cause).__name__ for cause in _causes(error)}
    return bool(
        names & {"ServerDisconnectedError", "ClientOSError", "RemoteProtocolError", "ReadError", "WriteError", "ConnectionResetError"}
    ) and not (names & {"ClientConnectorError", "ClientConnectorDNSError", "ConnectionTimeoutError", "ConnectError"})


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
