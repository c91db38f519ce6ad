"""Coming in and going out: a password, or a one-time link that is exchanged at once for a session."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Invalid, NotSignedIn, TooManyAttempts
from agent.languages.catalogues import name_of
from agent.ledger.people import People, Person
from agent.web.auth import from_own_page
from agent.web.panel.desk import Desk, elsewhere, html
from agent.web.wire import Call


def sign_in_routes(desk: Desk, people: People) -> list[HTTPRouteHandler]:
    @get("/sign-in")
    async def form(request: Request[Any, Any, Any]) -> Response[str]:
        if await desk.doorkeeper.whoever(request) is not None:
            return elsewhere("/")
        return _form(desk, request, next=_own_path(request.query_params.get("next")))

    @post("/sign-in", status_code=200)
    async def sign_in(request: Request[Any, Any, Any]) -> Response[str]:
        from_own_page(request)
        sent = await request.form()
        name, password, next = (str(sent.get(field) or "") for field in ("name", "password", "next"))
        try:
            person = await people.verify(name, password, client=_client(request))
        except (NotSignedIn, TooManyAttempts) as error:
            return _form(desk, request, next=_own_path(next), name=name[:120], trouble=str(error), status=error.status)
        return await _come_in(desk, request, person, _own_path(next))

    @get("/sign-in/{token:str}")
    async def follow(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
        try:
            person = await people.follow(token, client=_client(request))
        except (NotSignedIn, TooManyAttempts) as error:
            return _form(desk, request, next="/", trouble=str(error), status=error.status)
        return await _come_in(desk, request, person, _own_path(request.query_params.get("next")))

    @post("/language", status_code=200)
    async def language(request: Request[Any, Any, Any]) -> Response[str]:
        """For this browser, before anybody has signed in."""
        from_own_page(request)
        sent = await request.form()
        wanted = str(sent.get("language") or "")
        if wanted not in desk.languages:
            raise Invalid("This page is out of date. Reload it and try again.", field="language")
        next = _own_path(str(sent.get("next") or ""))
        back = elsewhere("/sign-in" if next == "/" else f"/sign-in?next={quote(next, safe='/')}")
        back.set_cookie(desk.language_cookie(wanted))
        return back

    @post("/sign-out", status_code=200)
    async def sign_out(request: Request[Any, Any, Any]) -> Response[str]:
        await desk.doorkeeper.changing(request)
        id = desk.doorkeeper.session_id(request)
        if id:
            await desk.doorkeeper.sessions.end(id)
        left = elsewhere("/sign-in")
        left.set_cookie(desk.doorkeeper.no_cookie())
        return left

    return [form, sign_in, follow, language, sign_out]


async def _come_in(desk: Desk, request: Call, person: Person, next: str) -> Response[str]:
    """A new session in place of whatever id the browser came with, so that nobody can plant one."""
    id = await desk.doorkeeper.sessions.begin(person.principal, instead_of=desk.doorkeeper.session_id(request))
    inside = elsewhere(next)
    inside.headers["referrer-policy"] = "no-referrer"
    inside.set_cookie(desk.doorkeeper.cookie(id))
    return inside


def _form(desk: Desk, request: Call, *, next: str, name: str = "", trouble: str = "", status: int = 200) -> Response[str]:
    words = desk.words(request)
    offered = {tag: name_of(tag) for tag in desk.languages}
    page = desk.pages.text("sign_in.html", words, next=next, name=name, trouble=words.told(trouble), languages=offered)
    return html(page, status=status)


def _own_path(path: str | None) -> str:
    """A path of ours to go on at; anything that could lead elsewhere becomes the first page."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(c) < 33 for c in path):
        return "/"
    return quote(path, safe="/?=&%-._~")


def _client(request: Call) -> str:
    return request.client.host if request.client else "unknown"
