"""What programs with a key are served: every operation of the task API, what may be sent to each address, and the document of it all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from time import monotonic
from typing import Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from agent.languages import Catalogue, in_english
from agent.ledger.tallies import OwnTallies, Tallies
from agent.runs.idempotency import Idempotency
from agent.runs.saved_prompts import SavedPrompts
from agent.web.a2a.http import a2a_routes
from agent.web.ag_ui.api import ag_ui_operations
from agent.web.auth import Accounts
from agent.web.files_api import file_operations
from agent.web.keys_api import Sandboxes, key_operations
from agent.web.links_api import link_operations
from agent.web.mcp.http import mcp_route
from agent.web.once import once_per_key
from agent.web.openapi import document
from agent.web.operations import Operation, options_route, route
from agent.web.pace import Pace
from agent.web.port import ServicePort
from agent.web.prompts_api import prompt_operations
from agent.web.spend import Spend
from agent.web.spend_api import spend_operations
from agent.web.tasks_api import operations
from agent.web.webhooks_api import webhook_operations
from agent.webhooks.hooks import Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What there is to be offered; None of a thing and its operations are left out."""

    service: ServicePort
    accounts: Accounts
    now: Callable[[], datetime]
    spend: Spend | None
    webhooks: Webhooks | None
    sandboxes: Sandboxes | None
    prompts: SavedPrompts | None = None
    catalogue: Catalogue = in_english
    """Translations by locale, of what people read who ask through another program."""
    address: str | None = None
    """Where the service is reached from outside; None where each request alone says so."""

    def operations(self) -> list[Operation]:
        return [
            *operations(self.service),
            *file_operations(self.service),
            *ag_ui_operations(self.service, self.accounts.keys, self.catalogue),
            *key_operations(self.accounts.keys, now=self.now, sandboxes=self.sandboxes),
            *(spend_operations(self.spend, self.accounts) if self.spend else ()),
            *link_operations(self.accounts.people),
            *(prompt_operations(self.prompts) if self.prompts else ()),
            *(webhook_operations(self.webhooks) if self.webhooks else ()),
        ]


def program_routes(
    offer: Offer, *, idempotency: Idempotency | None, requests_per_minute: int | None, tallies: Tallies | None
) -> list[HTTPRouteHandler]:
    """The routes, those for OPTIONS first, or Litestar makes its own."""
    offered = offer.operations()
    once = once_per_key(idempotency) if idempotency else None
    pace = Pace(requests_per_minute, monotonic, tallies or OwnTallies(), "api")
    return [
        *_options(offered),
        *(route(operation, offer.accounts.keys, once, pace) for operation in offered),
        mcp_route(offer.service, offer.accounts.keys, kept=idempotency, pace=pace),
        *a2a_routes(offer.service, offer.accounts.keys, kept=idempotency, pace=pace, address=offer.address, version=_version()),
        _schema(lambda: document(offered, offer.service.tasks(), version=_version())),
    ]


def _options(offered: Sequence[Operation]) -> list[HTTPRouteHandler]:
    paths = dict.fromkeys(operation.path for operation in offered)
    return [options_route(path, [each.method for each in offered if each.path == path]) for path in paths]


def _schema(make: Callable[[], dict[str, Any]]) -> HTTPRouteHandler:
    made: list[bytes] = []

    @get("/schema/openapi.json")
    async def schema() -> Response[bytes]:
        if not made:  # making it takes a second, in which everybody else is answered
            made.append(await asyncio.to_thread(lambda: msgspec.json.encode(make())))
        return Response(made[0], media_type="application/json")

    return schema


def _version() -> str:
    try:
        return version("storehand")
    except PackageNotFoundError:
        return "0"
