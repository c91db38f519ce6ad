"""The one pool of connections, and what its failures mean, whatever transport stands under httpx's interface."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx

from agent.errors import Overloaded, ProviderError, TimedOut, Unreachable
from agent.providers.link import Cut, NotHttp
from agent.providers.pool import Pool


_PASSING = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError, ssl.SSLWantReadError)
"""TLS that was cut off: a busy server or the way to it, and nothing that lasts."""


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
    if any(isinstance(cause, ssl.SSLError) and not isinstance(cause, _PASSING) for cause in causes):
        return Unreachable("no trusted connection: the provider's certificate or TLS is not accepted", lasting=True)
    if begun:
        return Overloaded("the connection was cut in the middle of the reply")
    if isinstance(error, httpx.PoolTimeout):
        return Overloaded("no connection was free in time")
    if isinstance(error, httpx.ReadTimeout):
        return TimedOut("no reply in time")
    if isinstance(error, NotHttp | httpx.LocalProtocolError):
        return Overloaded("what answers there does not speak HTTP")
    if any(isinstance(cause, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError | ConnectionResetError) for cause in causes):
        return Unreachable("the connection was closed before a reply came")
    return Unreachable("no connection: refused, or there is no such name")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
