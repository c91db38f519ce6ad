"""One POST over aiohttp: apart from `sending`, so that it is imported with the first message and not at the start."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from agent.webhooks.sending import Answered, Lookup, NotPublic, is_public


async def posted(url: str, body: bytes, headers: Mapping[str, str], *, lookup: Lookup, allow_private: bool, timeout_s: float) -> Answered:
    """What the address answered, or why nothing did."""
    connector = aiohttp.TCPConnector(resolver=_Guarded(lookup, allow_private), use_dns_cache=False, force_close=True)
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    given = {"content-type": "application/json", "user-agent": "Storehand-Webhooks", **headers}
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
            session.post(url, data=body, headers=given, allow_redirects=False) as response,
        ):
            return Answered(status=response.status, error=None if response.status < 300 else f"It answered {response.status}.")
    except TimeoutError:
        return Answered(error=f"It did not answer within {timeout_s:g} seconds.")
    except (aiohttp.ClientError, OSError, UnicodeError) as error:
        return Answered(error=_why(error))


class _Guarded(AbstractResolver):
    """Gives the connection only addresses that may be reached."""

    def __init__(self, found: Lookup, allow_private: bool) -> None:
        self._lookup, self._allow_private = found, allow_private

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        addresses = await self._lookup(host, port)
        # One private address among public ones is an attack or a mistake; either way nothing is sent.
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise NotPublic("The address leads into this machine's own network; nothing was sent.")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        return None


def _why(error: BaseException) -> str:
    """What went wrong, for the list of deliveries; never what was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NotPublic):
            return str(cause)
        cause = cause.__cause__ or (cause.os_error if isinstance(cause, aiohttp.ClientConnectorError) and cause.os_error is not cause else None)
    return f"It could not be reached ({type(error).__name__})."
