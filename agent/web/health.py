"""Whether the process lives and whether it can do its work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from agent.web.wire import json_reply

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""What the service needs, by name, and whether it is there."""


async def nothing_needed() -> Mapping[str, bool]:
    return {}


def metrics_route(text: Callable[[], bytes], *, content_type: str) -> HTTPRouteHandler:
    """What Prometheus scrapes; open as the others here are, since no one's name, key or words are in it."""

    @get("/metrics")
    async def metrics() -> Response[bytes]:
        return Response(text(), media_type=content_type)

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
