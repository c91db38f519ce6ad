"""The one pool of connections, and what its failures mean, whatever transport stands under httpx's interface."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from agent.errors import Overloaded, ProviderError, TimedOut, Unreachable
from agent.providers.link import Cut, NotHttp
from agent.providers.pool import KEPT_S, Pool

_PASSING = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError, ssl.SSLWantReadError)
"""TLS that was cut off: a busy server or the way to it, and nothing that lasts. So is a server's own "internal error"."""


@dataclass(slots=True)
class Transports:
    """Our own pool for what is reached directly, and httpx's transport where an HTTP proxy is on the way. They belong to one event loop."""

    most: int = 1_000
    tls: ssl.SSLContext | None = None
    """Whom to trust; None for whom the machine does."""
    direct: Pool = field(init=False)
    _proxied: dict[str, httpx.AsyncHTTPTransport] = field(default_factory=dict, init=False, repr=False)
    """By the proxy's address, which may hold a password."""

    def __post_init__(self) -> None:
        self.direct = Pool(most=self.most, tls=self.tls)

    def through(self, proxy: str | None) -> httpx.AsyncBaseTransport:
        if proxy is None:
            return self.direct
        if proxy not in self._proxied:
            trusted = self.tls or ssl.create_default_context()  # the machine's, as for the pool, and not the list that httpx brings
            limits = httpx.Limits(max_connections=self.most, max_keepalive_connections=self.most, keepalive_expiry=KEPT_S)
            way = httpx.Proxy(proxy, ssl_context=trusted if proxy.startswith("https:") else None)
            self._proxied[proxy] = httpx.AsyncHTTPTransport(verify=trusted, trust_env=False, limits=limits, proxy=way)
        return self._proxied[proxy]

    async def aclose(self) -> None:
        await self.direct.aclose()
        for transport in self._proxied.values():
            await transport.aclose()


def pooled_transport(*, most: int = 1_000) -> httpx.AsyncBaseTransport:
    """A transport with one pool. It belongs to the event loop of its first call."""
    return Pool(most=most)


def may_be_repeated(error: Exception) -> bool:
    """Whether the server closed a kept connection before it answered: that says nothing about the server, and a fresh one may do."""
    return isinstance(error, Cut) and error.reused


def failure_of(error: Exception, *, begun: bool) -> ProviderError:
    """What a failed connection means.

    Args:
        begun: Whether the reply's headers had come.
    """
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) and not _passes(cause) for cause in causes):
        return Unreachable("no trusted connection: the provider's certificate or TLS is not accepted", lasting=True)
    if begun:
        return Overloaded("the connection was cut in the middle of the reply")
    if isinstance(error, httpx.PoolTimeout):
        return Overloaded("no connection was free in time")
    if isinstance(error, httpx.ProxyError):
        return Unreachable("the proxy on the way refuses the connection; check `proxy` of this provider", lasting=str(error).startswith("407"))
    if isinstance(error, httpx.ReadTimeout):
        return TimedOut("no reply in time")
    if isinstance(error, NotHttp | httpx.LocalProtocolError):
        return Overloaded("what answers there does not speak HTTP")
    if any(isinstance(cause, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError | ConnectionResetError) for cause in causes):
        return Unreachable("the connection was closed before a reply came")
    return Unreachable("no connection: refused, or there is no such name")


def _passes(error: ssl.SSLError) -> bool:
    return isinstance(error, _PASSING) or "INTERNAL_ERROR" in str(error)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
