"""Whether the process lives and whether it can do its work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from agent.errors import NotAllowed
from agent.ledger.keys import Keys
from agent.records import Scope
from agent.web.operations import principal_of
from agent.web.wire import json_reply

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""What the service needs, by name, and whether it is there."""


async def nothing_needed() -> Mapping[str, bool]:
    return {}


def metrics_route(text: Callable[[], bytes | Awaitable[bytes]], *, content_type: str, keys: Keys | None = None) -> HTTPRouteHandler:
    """What Prometheus scrapes. No one's name, key or words are in it, but what the service calls and what that costs is.

    Args:
        keys: Whose admin keys may read it; None for everyone who reaches it.
    """

    @get("/metrics")
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        if keys is not None and not (await principal_of(request, keys)).may(Scope.ADMIN):
            raise NotAllowed("The metrics need a key with the scope `admin`; this key has not got it.")
        found = text()
        return Response(found if isinstance(found, bytes) else await found, media_type=content_type)

    return metrics


def health_routes(ready: Ready) -> list[HTTPRouteHandler]:
    @get("/livez")
    async def livez() -> Response[Any]:
        return json_reply({"status": "ok"})

    @get("/readyz")
    async def readyz() -> Response[Any]:
        checks = await ready()
        good = all(checks.values())
        return json_reply({"status": "ok" if good else "not ready", "checks": dict(checks)}, 200 if good else 503)

    return [livez, readyz]
