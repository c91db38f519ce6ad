"""The web application: task API, panel, health and the OpenAPI document, over one service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

from litestar import Litestar, Router
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol

from agent.automation.desk import AutomationDesk
from agent.languages import Catalogue, in_english
from agent.languages.catalogues import ENGLISH
from agent.ledger.tallies import Tallies
from agent.runs.idempotency import Idempotency
from agent.runs.saved_prompts import SavedPrompts
from agent.service.versions import StudentVersions
from agent.web.amounts import with_amounts
from agent.web.auth import Accounts, Doorkeeper
from agent.web.failing import whoever_asked
from agent.web.framing import embed_script, related_to
from agent.web.headers import add_headers
from agent.web.health import health_routes
from agent.web.keys_api import Sandboxes
from agent.web.panel.desk import Desk
from agent.web.panel.installation import Installation
from agent.web.panel.pages import Pages
from agent.web.panel.places import panel_routes, places
from agent.web.port import ServicePort
from agent.web.programs import Offer, program_routes
from agent.web.readiness import Ready, nothing_needed
from agent.web.spend import Spend
from agent.web.static_files import static_files
from agent.web.uses import noting_uses
from agent.web.wire import MOST_BYTES
from agent.webhooks.hooks import Webhooks

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
    catalogue: Catalogue = in_english,
    languages: Sequence[str] = (ENGLISH,),
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
    image_hosts: Sequence[str] = (),
    sandboxes: Sandboxes | None = None,
    prompts: SavedPrompts | None = None,
    address: str | None = None,
) -> Litestar:
    """The application. All it knows comes in here.

    Args:
        service: The use cases.
        accounts: Keys, people and sessions.
        secure: The panel is reached by https: its cookie is marked so.
        ready: What `/readyz` asks.
        idempotency: Keeps replies under the caller's Idempotency-Key; None when they are not kept and the header is passed over.
        catalogue: Translations of the panel by locale.
        languages: What people can choose to read the panel in.
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
        image_hosts: Origins that photos of products may come from.
        sandboxes: Makes the copy of the demo shop that a sandbox key sees; None where there are none.
        prompts: Requests that people keep under a name; None where none are kept.
        address: Where the service is reached from outside, for other agents to be told; None where each request alone says so.
    """
    doorkeeper = Doorkeeper(accounts.sessions, secure, framed=bool(frame_ancestors))
    desk = Desk(
        service=service, accounts=accounts, doorkeeper=doorkeeper, pages=Pages(), now=now, catalogue=catalogue, languages=languages,
        places=places(spend, students, installation, automations, prompts, webhooks), kept=prompts, image_hosts=image_hosts,
    )  # fmt: skip
    offer = Offer(
        service=with_amounts(service), accounts=accounts, now=now, spend=spend, webhooks=webhooks, sandboxes=sandboxes, prompts=prompts,
        catalogue=catalogue, address=address,
    )  # fmt: skip
    handlers: list[Router | HTTPRouteHandler] = [*health_routes(ready), *routers]
    if api:
        handlers += program_routes(offer, idempotency=idempotency, requests_per_minute=requests_per_minute, tallies=tallies)
    if panel:
        handlers += [
            *panel_routes(desk, spend, students, installation, automations, sandboxes, webhooks),
            static_files(),
            embed_script(frame_ancestors),
        ]
    return _Plain(
        route_handlers=handlers,
        openapi_config=None,
        before_send=[related_to(frame_ancestors, image_hosts), add_headers],
        exception_handlers={Exception: whoever_asked(desk)},
        request_max_body_size=MOST_BYTES,
        lifespan=[*lifespan, noting_uses(accounts.keys)],
        logging_config=None,
    )


class _Plain(Litestar):
    """Litestar without the plugins it adds to every application.

    They read and write bodies of pydantic's, attrs' and msgspec's classes, which no handler here takes or gives: `agent.web.wire` does that
    by itself. They should be a choice, but Litestar 2.25 has none, and its plugin for pydantic imports all of pydantic's first version:
    thirty modules and 30 ms. To be deleted once there is a setting; where the method is called otherwise, this does nothing.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return plugins
