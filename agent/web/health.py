"""Whether the process lives and whether it can do its work, as routes of the whole service."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from agent.web.readiness import LIVES, Ready, Scraped, readiness
from agent.web.wire import json_reply


def metrics_route(scraped: Scraped) -> HTTPRouteHandler:
    @get("/metrics")
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(await scraped.read(request.headers.get("authorization", "")), media_type=scraped.content_type)

    return metrics


def health_routes(ready: Ready) -> list[HTTPRouteHandler]:
    @get("/livez")
    async def livez() -> Response[Any]:
        return json_reply(LIVES)

    @get("/readyz")
    async def readyz() -> Response[Any]:
        status, body = await readiness(ready)
        return json_reply(body, status)

    return [livez, readyz]
