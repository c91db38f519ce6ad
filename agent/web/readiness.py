"""Whether the process lives and can do its work, and its metrics: what stands at the same addresses whatever is served beside them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.errors import NotAllowed
from agent.ledger.keys import Keys
from agent.records import Scope
from agent.web.bearer import bearer

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""What the service needs, by name, and whether it is there."""
LIVES: Mapping[str, Any] = {"status": "ok"}


async def nothing_needed() -> Mapping[str, bool]:
    return {}


async def readiness(ready: Ready) -> tuple[int, dict[str, Any]]:
    """The status of the reply, and what is in it."""
    checks = await ready()
    good = all(checks.values())
    return 200 if good else 503, {"status": "ok" if good else "not ready", "checks": dict(checks)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scraped:
    """What Prometheus scrapes. No one's name, key or words are in it, but what the service calls and what that costs is."""

    text: Callable[[], bytes | Awaitable[bytes]]
    content_type: str
    keys: Keys | None = None
    """Whose admin keys may read it; None for everyone who reaches it."""

    async def read(self, authorization: str) -> bytes:
        """
        Raises:
            NoKey: A key is asked for and none came along.
            NotAllowed: It is no admin's.
        """
        if self.keys is not None and not (await bearer(authorization, self.keys)).may(Scope.ADMIN):
            raise NotAllowed("The metrics need a key with the scope `admin`; this key has not got it.")
        found = self.text()
        return found if isinstance(found, bytes) else await found
