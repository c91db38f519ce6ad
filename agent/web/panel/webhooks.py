"""The page Webhooks: where other programs are told of what happens here, what became of each message, and sending one again."""

from __future__ import annotations

from typing import Any, cast

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Invalid, NotAllowed, NotFound
from agent.records import Scope
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.wire import MOST_BYTES
from agent.webhooks.hooks import EVENTS, EventName, Webhooks
from agent.webhooks.sending import LONGEST_URL

CHOICES = tuple(event for event in EVENTS if event != "webhook.test")
"""What there is to choose from: a test is sent by hand, wherever it is wanted."""
_SHOWN = 30


def webhook_routes(desk: Desk, webhooks: Webhooks) -> list[HTTPRouteHandler]:
    @get("/webhooks")
    async def webhooks_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.ADMIN)
        values = await _values(webhooks, visit, request.query_params.get("cursor"))
        return await desk.page(visit, "webhooks.html", here="webhooks", **values)

    @post("/webhooks", status_code=200, request_max_body_size=MOST_BYTES)
    async def create(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await _changing(desk, request)
        sent = await request.form()
        events = [_event(str(event)) for event in sent.getall("events", [])]
        _, secret = await webhooks.create(str(sent.get("url") or "").strip(), visit.session.principal, events=events)
        values = {**await _values(webhooks, visit), "secret": secret}
        if visit.by_htmx:
            return html(desk.part(visit, "parts/webhooks.html", **values))
        return await desk.page(visit, "webhooks.html", here="webhooks", **values)

    @post("/webhooks/{hook:str}/{step:str}", status_code=200)
    async def change(request: Request[Any, Any, Any], hook: FromPath[str], step: FromPath[str]) -> Response[str]:
        visit = await _changing(desk, request)
        who = visit.session.principal
        match step:
            case "test":
                await webhooks.test(hook, who)
            case "enable":
                await webhooks.enable(hook, who)
            case "delete":
                await webhooks.delete(hook, who)
            case "replay":
                await webhooks.replay(hook, who)
            case _:
                raise NotFound("step", step)
        if not visit.by_htmx:
            return elsewhere("/webhooks")
        return html(desk.part(visit, "parts/webhooks.html", **await _values(webhooks, visit)))

    return [webhooks_page, create, change]


async def _changing(desk: Desk, request: Request[Any, Any, Any]) -> Visit:
    visit = await desk.changing(request)
    if not visit.session.principal.may(Scope.ADMIN):
        raise NotAllowed("Webhooks are set up with the right to admin, which owners have.")
    return visit


def _event(text: str) -> EventName:
    if text not in CHOICES:
        raise Invalid("This page is out of date. Reload it and try again.", field="events")
    return cast(EventName, text)


async def _values(webhooks: Webhooks, visit: Visit, cursor: str | None = None) -> dict[str, Any]:
    hooks = await webhooks.endpoints(visit.session.principal)
    page = await webhooks.deliveries(visit.session.principal, limit=_SHOWN, cursor=cursor)
    return {
        "hooks": hooks, "urls": {hook.id: hook.url for hook in hooks}, "deliveries": page.items, "more": page.next, "choices": CHOICES,
        "most_url": LONGEST_URL, "secret": None,
    }  # fmt: skip
