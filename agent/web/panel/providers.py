"""The page Providers: how every configured model stands now, what rests and until when, and how it took the last check."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from agent.errors import NotAllowed
from agent.ledger.usage import usage
from agent.records import Scope
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.spend import Spend

_LATELY = timedelta(hours=24)


def provider_routes(desk: Desk, spend: Spend) -> list[HTTPRouteHandler]:
    @get("/providers")
    async def providers_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.READ)
        values = await _values(desk, spend, visit)
        if visit.by_htmx:
            return html(desk.part(visit, "parts/targets.html", **values))
        return await desk.page(visit, "providers.html", here="providers", **values)

    @post("/providers/check", status_code=200)
    async def check(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.changing(request)
        if not visit.session.principal.may(Scope.ADMIN):
            raise NotAllowed("Only an owner of the shop can have the models tried.")
        await spend.check_targets(visit.session.principal)
        if not visit.by_htmx:
            return elsewhere("/providers")
        return html(desk.part(visit, "parts/targets.html", checked=True, **await _values(desk, spend, visit)))

    return [providers_page, check]


async def _values(desk: Desk, spend: Spend, visit: Visit) -> dict[str, Any]:
    await spend.books.flush()
    lately = await usage(spend.db, visit.shop.id, by="model", start=desk.now() - _LATELY)
    return {"targets": await spend.targets(), "lately": {line.name: line for line in lately}}
