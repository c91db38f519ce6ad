"""The web application: task API, panel, health and the OpenAPI document, over one service."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePosixPath
from time import monotonic
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.automation.desk import AutomationDesk
from agent.errors import NotSignedIn
from agent.ledger.tallies import OwnTallies, Tallies
from agent.runs.idempotency import Idempotency
from agent.runs.saved_prompts import SavedPrompts
from agent.service.versions import StudentVersions
from agent.web.auth import Accounts, Doorkeeper
from agent.web.framing import embed_script, framed_by
from agent.web.health import Ready, health_routes, nothing_needed
from agent.web.keys_api import Sandboxes, key_operations
from agent.web.links_api import link_operations
from agent.web.once import once_per_key
from agent.web.openapi import document
from agent.web.operations import options_route, route
from agent.web.pace import Pace
from agent.web.panel.desk import Desk, elsewhere, html, no_translations
from agent.web.panel.installation import Installation
from agent.web.panel.pages import STATIC, Pages, sent_as
from agent.web.panel.places import panel_routes, places
from agent.web.panel.words import Catalogue
from agent.web.port import ServicePort
from agent.web.problems import answer, problem_of
from agent.web.spend import Spend
from agent.web.spend_api import spend_operations
from agent.web.tasks_api import operations
from agent.web.uses import noting_uses
from agent.web.webhooks_api import webhook_operations
from agent.web.wire import MOST_BYTES, add_headers
from agent.webhooks.hooks import Webhooks

_FOR_PROGRAMS = ("/v1", "/schema", "/livez", "/readyz", "/metrics", "/llm")
_MEDIA_TYPES = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain",
}  # fmt: skip

REQUESTS_PER_MINUTE = 6_000
"""More than one core answers: what it holds back is a loop that has gone wild."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(
    service: ServicePort,
    accounts: Accounts,
    *,
    secure: bool = False,
    ready: Ready = nothing_needed,
    idempotency: Idempotency | None = None,
    catalogue: Catalogue = no_translations,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    api: bool = True,
    panel: bool = True,
    lifespan: Sequence[Lifespan] = (),
    spend: Spend | None = None,
    students: StudentVersions | None = None,
    installation: Installation | None = None,
    automations: AutomationDesk | None = None,
    webhooks: Webhooks | None = None,
    routers: Sequence[Router | HTTPRouteHandler] = (),
    requests_per_minute: int | None = REQUESTS_PER_MINUTE,
    tallies: Tallies | None = None,
    frame_ancestors: Sequence[str] = (),
    sandboxes: Sandboxes | None = None,
    prompts: SavedPrompts | None = None,
) -> Litestar:
    """The application. All it knows comes in here.

    Args:
        service: The use cases.
        accounts: Keys, people and sessions.
        secure: The panel is reached by https: its cookie is marked so.
        ready: What `/readyz` asks.
        idempotency: Keeps replies under the caller's Idempotency-Key; None when they are not kept and the header is passed over.
        catalogue: Translations of the panel by locale.
        now: The time.
        api: Whether /v1 is served.
        panel: Whether the panel is served.
        lifespan: What to enter before the first request and leave after the last.
        spend: The ledger and the gateway, for usage, pauses and providers; None when nothing is kept, and then nothing of it is offered.
        students: Which versions of the students answer; None when there is nothing to choose.
        installation: Its settings and its shops, for their pages; None when they are not to be seen.
        automations: What happens by itself; None when nothing can.
        webhooks: Where other programs are told of what happened; None when nobody is.
        routers: What else is served beside these, such as the proxy under /llm.
        requests_per_minute: Of one key to the task API; None for no limit.
        tallies: Where they are counted: those that workers share, or None for this process alone.
        frame_ancestors: Origins whose pages may hold the panel in a frame.
        sandboxes: Makes the copy of the demo shop that a sandbox key sees; None where there are none.
        prompts: Requests that people keep under a name; None where none are kept.
    """
    doorkeeper = Doorkeeper(accounts.sessions, secure, framed=bool(frame_ancestors))
    desk = Desk(
        service=service, accounts=accounts, doorkeeper=doorkeeper, pages=Pages(), now=now, catalogue=catalogue,
        places=places(spend, students, installation, automations, prompts), kept=prompts,
    )  # fmt: skip
    handlers: list[Any] = health_routes(ready)
    if api:
        offered = [
            *operations(service),
            *key_operations(accounts.keys, now=now, sandboxes=sandboxes),
            *(spend_operations(spend, accounts) if spend else ()),
            *link_operations(accounts.people),
        ]
        offered += webhook_operations(webhooks) if webhooks else ()
        once = once_per_key(idempotency) if idempotency else None
        pace = Pace(requests_per_minute, monotonic, tallies or OwnTallies(), "api")
        # These first, or Litestar makes its own.
        handlers += [options_route(path, [each.method for each in offered if each.path == path]) for path in {each.path for each in offered}]
        handlers += [route(operation, accounts.keys, once, pace) for operation in offered]
        handlers.append(_schema(lambda: document(offered, service.tasks(), version=_version())))
    if panel:
        handlers += [*panel_routes(desk, spend, students, installation, automations), _static(), embed_script()]
    return Litestar(
        route_handlers=[*handlers, *routers],
        openapi_config=None,
        before_send=[framed_by(frame_ancestors), add_headers],
        exception_handlers={Exception: _exception_handler(desk)},
        request_max_body_size=MOST_BYTES,
        lifespan=[*lifespan, noting_uses(accounts.keys)],
        logging_config=None,
    )


def _schema(make: Callable[[], dict[str, Any]]) -> HTTPRouteHandler:
    made: list[bytes] = []

    @get("/schema/openapi.json")
    async def schema() -> Response[bytes]:
        if not made:
            made.append(msgspec.json.encode(make()))
        return Response(made[0], media_type="application/json")

    return schema


def _static() -> HTTPRouteHandler:
    """The panel's few files, read once. The address carries a digest of them, so a browser may keep each for ever."""
    files = {path.relative_to(STATIC).as_posix(): sent_as(path) for path in STATIC.rglob("*") if path.suffix in _MEDIA_TYPES}
    packed = {name: gzip.compress(content, mtime=0) for name, content in files.items()}

    @get("/static/{name:path}")
    async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        content = files.get(name.lstrip("/"))
        if content is None:
            raise NotFoundException
        media_type = _MEDIA_TYPES[PurePosixPath(name).suffix]
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            content, headers = packed[name.lstrip("/")], {**headers, "content-encoding": "gzip"}
        return Response(content, media_type=media_type, headers=headers)

    return static


def _exception_handler(desk: Desk) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """Programs get problem+json, a page's script a notice, a browser a page or the way to sign in."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        path = request.url.path
        if path.startswith(_FOR_PROGRAMS):
            return answer(request, error)
        if isinstance(error, NotSignedIn):
            return _to_sign_in(request, error)
        by_htmx = request.headers.get("hx-request") == "true"
        if not by_htmx and "text/html" not in request.headers.get("accept", ""):
            return answer(request, error)
        problem, _, headers = problem_of(error, request)
        shown = {"title": problem.title, "detail": problem.detail, "request_id": problem.request_id}
        if by_htmx:
            headers |= {"HX-Retarget": "#notices", "HX-Reswap": "beforeend", "HX-Push-Url": "false"}
        page = desk.pages.text("parts/notice.html" if by_htmx else "error.html", desk.words(), **shown)
        return html(page, status=problem.status, headers=headers)

    return handle


def _to_sign_in(request: Request[Any, Any, Any], error: NotSignedIn) -> Response[Any]:
    if request.headers.get("hx-request") == "true":
        return html("", status=401, headers={"HX-Redirect": "/sign-in"})
    if "text/html" not in request.headers.get("accept", ""):
        return answer(request, error)
    here = request.url.path if request.method == "GET" else "/"
    return elsewhere("/sign-in" if here == "/" else f"/sign-in?next={quote(here, safe='/')}")


def _version() -> str:
    try:
        return version("storehand")
    except PackageNotFoundError:
        return "0"
