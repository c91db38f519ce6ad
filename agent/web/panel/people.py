"""The page People: who may come in and as what; added, given another role, let in by a link, removed. Only an owner of the shop sees it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Conflict, Invalid, NotAllowed, NotFound
from agent.ledger.people import LEAST_PASSWORD, Person
from agent.records import Role, Scope
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.wire import MOST_BYTES

LINK_MINUTES = 15


def people_routes(desk: Desk) -> list[HTTPRouteHandler]:
    people = desk.accounts.people

    @get("/people")
    async def people_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.ADMIN)
        return await desk.page(visit, "people.html", here="people", **await _values(desk, visit))

    @post("/people", status_code=200, request_max_body_size=MOST_BYTES)
    async def add(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await _changing(desk, request)
        sent = await request.form()
        password = str(sent.get("password") or "")
        made = await people.add(str(sent.get("name") or ""), shop=visit.shop.id, role=_role(str(sent.get("role"))), password=password or None)
        return await _shown(desk, visit, link_for=None if password else made)

    @post("/people/{person_id:str}/{step:str}", status_code=200, request_max_body_size=MOST_BYTES)
    async def change(request: Request[Any, Any, Any], person_id: FromPath[str], step: FromPath[str]) -> Response[str]:
        visit = await _changing(desk, request)
        sent = await request.form()
        person = await _person(desk, visit, person_id)
        if person_id == visit.session.principal.id and step in ("role", "remove"):
            raise Conflict("Nobody takes their own rights away; another owner can.")
        match step:
            case "role":
                await people.set_role(person_id, _role(str(sent.get("role"))), shop=visit.shop.id)
            case "password":
                await people.set_password(person_id, str(sent.get("password") or ""), shop=visit.shop.id)
            case "remove":
                await people.remove(person_id, shop=visit.shop.id)
            case "link":
                return await _shown(desk, visit, link_for=person)
            case _:
                raise NotFound("step", step)
        return await _shown(desk, visit)

    return [people_page, add, change]


async def _changing(desk: Desk, request: Request[Any, Any, Any]) -> Visit:
    visit = await desk.changing(request)
    if not visit.session.principal.may(Scope.ADMIN):
        raise NotAllowed("Only an owner of the shop decides who may come in.")
    return visit


async def _person(desk: Desk, visit: Visit, id: str) -> Person:
    """
    Raises:
        NotFound: This shop has no such person.
    """
    found = next((person for person in await desk.accounts.people.list(visit.shop.id) if person.id == id), None)
    if found is None:
        raise NotFound("person")
    return found


async def _shown(desk: Desk, visit: Visit, *, link_for: Person | None = None) -> Response[str]:
    """The page as it is now; a sign-in link is shown this once and nowhere to come back to."""
    token = await desk.accounts.people.link(link_for.id) if link_for else None
    values = {**await _values(desk, visit), "link_for": link_for, "link": f"{address_of(desk, visit)}/sign-in/{token}" if token else None}
    if visit.by_htmx:
        return html(desk.part(visit, "parts/people.html", **values))
    return await desk.page(visit, "people.html", here="people", **values) if link_for else elsewhere("/people")


async def _values(desk: Desk, visit: Visit) -> dict[str, Any]:
    people = await desk.accounts.people.list(visit.shop.id)
    return {
        "people": people, "roles": tuple(Role), "me": visit.session.principal.id, "link_for": None, "link": None, "least_password": LEAST_PASSWORD,
        "minutes": LINK_MINUTES,
    }  # fmt: skip


def address_of(desk: Desk, visit: Visit) -> str:
    """Where the owner reaches the panel, and so where whoever is invited does."""
    scheme = "https" if desk.doorkeeper.secure else visit.request.url.scheme
    return f"{scheme}://{visit.request.url.netloc}"


def _role(text: str) -> Role:
    """
    Raises:
        Invalid: There is no such role.
    """
    try:
        return Role(text)
    except ValueError:
        raise Invalid("This page is out of date. Reload it and try again.", field="role") from None
