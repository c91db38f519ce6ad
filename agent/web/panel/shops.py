"""The page Shops: this shop, and for the owners of the shop that the installation is set up with, every shop and making one."""

from __future__ import annotations

from shlex import quote
from typing import Any
from zoneinfo import available_timezones

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from agent.errors import NotAllowed
from agent.records import Role, Scope
from agent.web.panel.desk import Desk, Visit
from agent.web.panel.installation import Installation
from agent.web.panel.people import LINK_MINUTES, address_of
from agent.web.wire import MOST_BYTES

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "DKK", "NOK", "PLN", "CZK", "CAD", "AUD", "NZD", "JPY", "INR", "BRL")
LOCALES = ("en-GB", "en-US", "de-DE", "fr-FR", "es-ES", "it-IT", "nl-NL", "sv-SE", "da-DK", "pl-PL", "pt-BR", "ja-JP")


def shop_routes(desk: Desk, installation: Installation) -> list[HTTPRouteHandler]:
    @get("/shops")
    async def shops_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.READ)
        return await _page(desk, visit, installation)

    @post("/shops", status_code=200, request_max_body_size=MOST_BYTES)
    async def create(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.changing(request)
        if not _runs_it(visit, installation):
            raise NotAllowed("Only an owner of the shop that this installation is set up with makes other shops.")
        sent = {name: str(value).strip() for name, value in (await request.form()).items()}
        owner = sent.get("owner", "")
        await desk.accounts.people.free(owner)
        made = installation.create_shop(
            name=sent.get("name", ""), currency=sent.get("currency", ""), time_zone=sent.get("time_zone", ""), locale=sent.get("locale", ""),
            prices_include_tax=sent.get("tax") == "included",
        )  # fmt: skip
        person = await desk.accounts.people.add(owner, shop=made.id, role=Role.OWNER)
        token = await desk.accounts.people.link(person.id)
        return await _page(
            desk, visit, installation, made=made, called=quote(made.name), owner=person.name, link=f"{address_of(desk, visit)}/sign-in/{token}"
        )

    return [shops_page, create]


async def _page(desk: Desk, visit: Visit, installation: Installation, **made: Any) -> Response[str]:
    runs_it = _runs_it(visit, installation)
    return await desk.page(
        visit, "shops.html", here="shops", shops=installation.shops() if runs_it else [visit.shop], runs_it=runs_it, currencies=CURRENCIES,
        locales=LOCALES, zones=sorted(available_timezones()), minutes=LINK_MINUTES, **{"made": None, "called": "", "owner": "", "link": "", **made},
    )  # fmt: skip


def _runs_it(visit: Visit, installation: Installation) -> bool:
    """Whoever owns the shop that the config names stands for the installation; other shops' owners know nothing of each other."""
    return visit.session.principal.may(Scope.ADMIN) and visit.shop.name == installation.settings.shop
