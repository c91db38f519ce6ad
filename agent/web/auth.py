"""The panel's door: the session cookie, and proof that a change comes from our own page."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from litestar.datastructures import Cookie

from agent.errors import NotAllowed, NotSignedIn
from agent.ledger.keys import Keys
from agent.ledger.people import People
from agent.ledger.sessions import LASTS, PanelSession, Sessions
from agent.web.wire import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Who may come in."""

    keys: Keys
    people: People
    sessions: Sessions

    async def names(self, shop: str) -> dict[str, str]:
        """Principal id to what people call them."""
        keys, people = await self.keys.list(shop), await self.people.list(shop)
        return {**{key.id: key.name for key in keys}, **{person.id: person.name for person in people}}


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Reads and writes the session cookie."""

    sessions: Sessions
    secure: bool
    """The panel is reached by https only: the cookie is never sent in the clear and cannot be set for it by a neighbour host."""
    framed: bool = False
    """Pages of other sites hold the panel in a frame. Browsers send the cookie there only when it says so, and that over https alone; that a
    change comes from our own page is proved by its token, never by the cookie."""

    @property
    def cookie_name(self) -> str:
        return "__Host-storehand" if self.secure else "storehand"

    def session_id(self, request: Call) -> str | None:
        return request.cookies.get(self.cookie_name)

    def cookie(self, session_id: str) -> Cookie:
        return self._made(session_id, int(LASTS.total_seconds()))

    def no_cookie(self) -> Cookie:
        return self._made("", 0)

    def _made(self, value: str, max_age: int) -> Cookie:
        same_site: Literal["lax", "none"] = "none" if self.framed and self.secure else "lax"
        return Cookie(key=self.cookie_name, value=value, max_age=max_age, httponly=True, secure=self.secure, samesite=same_site, path="/")

    async def whoever(self, request: Call) -> PanelSession | None:
        id = self.session_id(request)
        return await self.sessions.find(id) if id else None

    async def session(self, request: Call) -> PanelSession:
        """
        Raises:
            NotSignedIn: There is no session, or it has ended.
        """
        found = await self.whoever(request)
        if found is None:
            raise NotSignedIn("Sign in to go on.")
        return found

    async def changing(self, request: Call) -> PanelSession:
        """The session of a request that changes something.

        Raises:
            NotSignedIn: There is no session, or it has ended.
            NotAllowed: It does not come from a page of this session.
        """
        session = await self.session(request)
        from_own_page(request)
        sent = request.headers.get("x-csrf-token") or (await request.form()).get("csrf")
        if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), session.csrf.encode()):
            raise NotAllowed("This page is out of date. Reload it and try again.")
        return session


def from_own_page(request: Call) -> None:
    """
    Raises:
        NotAllowed: A browser says that another site's page sent this.
    """
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        raise NotAllowed("This was sent from another site's page.")
    origin = request.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise NotAllowed("This was sent from another site's page.")
