"""One attempt at one address: a POST that goes nowhere but to a public address, follows no redirect and waits a few seconds.

The name is looked up when the connection is made and the connection goes to that very address, so a name that changes between a check and
its use (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from agent.errors import Invalid

TIMEOUT_S = 15.0
LONGEST_URL = 2_000
Lookup = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to the addresses it has now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    status: int | None = None
    """None where nothing answered."""
    error: str | None = None

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver says that it wants no more of these, ever."""
        return self.status == 410


class Sender(Protocol):
    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered: ...


class NotPublic(OSError):
    """The address is one of this machine or network."""


async def lookup(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def is_public(address: str) -> bool:
    """Whether the whole Internet can reach this address; an IPv4 one inside an IPv6 one is looked at as itself."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None or ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(inner or ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def checked_url(url: str, *, allow_private: bool) -> str:
    """The address as it is kept.

    Raises:
        Invalid: It is none that messages are sent to.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in (("https", "http") if allow_private else ("https",)) or not parts.hostname or len(url) > LONGEST_URL:
        raise Invalid("A webhook's address begins with https:// and names a server.", field="url")
    if parts.username or parts.password or parts.fragment:
        raise Invalid("A webhook's address has no password and no #part; the signature shows who sends.", field="url")
    try:
        ipaddress.ip_address(parts.hostname)
    except ValueError:
        private = parts.hostname == "localhost" or parts.hostname.endswith((".localhost", ".local", ".internal"))
    else:
        private = not is_public(parts.hostname)
    if private and not allow_private:
        raise Invalid("Messages are not sent into this machine's own network (setting webhooks.allow_private).", field="url")
    return url.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSender:
    """Sends over real sockets. A connection of its own for each message: they are few, and nothing is shared between receivers."""

    allow_private: bool = False
    lookup: Lookup = lookup
    timeout_s: float = TIMEOUT_S

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        try:
            checked_url(url, allow_private=self.allow_private)
        except Invalid as error:
            return Answered(error=str(error))
        # aiohttp is a twentieth of a cold start (0.1 s), and a shop without webhooks never sends anything.
        from agent.webhooks.posting import posted

        return await posted(url, body, headers, lookup=self.lookup, allow_private=self.allow_private, timeout_s=self.timeout_s)
