"""What every page of the panel is made with: the service, the doorkeeper, the templates and the words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from agent.errors import NotAllowed
from agent.languages import Catalogue, chosen, in_english
from agent.languages.catalogues import ENGLISH
from agent.ledger.sessions import PanelSession
from agent.records import Scope, Thread, to_json
from agent.runs.conversations import Wanted
from agent.runs.saved_prompts import SavedPrompt, SavedPrompts
from agent.sdk import ShopInfo
from agent.web.auth import Accounts, Doorkeeper
from agent.web.panel.cards import helpers
from agent.web.panel.pages import Pages
from agent.web.panel.words import Words
from agent.web.port import ServicePort
from agent.web.wire import Call

LANGUAGE = "storehand_language"
"""What was chosen in this browser: who has not signed in yet is no person with a setting."""
THEME = "storehand_theme"
THEMES = ("auto", "light", "dark")
_SHOWN = 12
_WORDS = "storehand_words"
_A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of someone who is signed in."""

    request: Call
    session: PanelSession
    shop: ShopInfo
    words: Words
    names: Mapping[str, str]
    """Principal id to name, for who decided what."""

    @property
    def by_htmx(self) -> bool:
        """The page wants a piece of itself, not a whole page."""
        return self.request.headers.get("hx-request") == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    service: ServicePort
    accounts: Accounts
    doorkeeper: Doorkeeper
    pages: Pages
    now: Callable[[], datetime]
    catalogue: Catalogue = in_english
    languages: Sequence[str] = (ENGLISH,)
    """What the panel can be read in."""
    places: Mapping[str, Scope] = field(default_factory=dict)
    """Further pages that are there, each with what one must be allowed to see it: others are not in the menu."""
    kept: SavedPrompts | None = None
    """Requests kept under a name; None where none are."""

    image_hosts: Sequence[str] = ()
    """Origins that photos may come from."""

    async def visit(self, request: Call, *, needs: Scope | None = None) -> Visit:
        """
        Raises:
            NotSignedIn: There is no session.
            NotAllowed: They may not do what the page needs.
        """
        visit = await self._visit(request, await self.doorkeeper.session(request))
        if needs is not None and not visit.session.principal.may(needs):
            raise NotAllowed("This page is for owners of the shop.")
        return visit

    async def changing(self, request: Call) -> Visit:
        """A visit that changes something.

        Raises:
            NotSignedIn: There is no session.
            NotAllowed: It does not come from a page of this session.
        """
        return await self._visit(request, await self.doorkeeper.changing(request))

    async def _visit(self, request: Call, session: PanelSession) -> Visit:
        shop = await self.service.shop(session.principal)
        names = await self.accounts.names(shop.id)
        words = self.words(request, shop=shop, language=session.language)
        return Visit(request=request, session=session, shop=shop, words=words, names=names)

    def words(self, request: Call, *, shop: ShopInfo | None = None, language: str | None = None) -> Words:
        """The words and the way of writing numbers for whoever sent this: what they chose, else the shop's, else what the browser asks for.

        Where the request has come as far as a person and a shop, an error that is answered to it is said in their language.
        """
        noted = request.scope["state"].get(_WORDS)
        if shop is None and isinstance(noted, Words):
            return noted
        browser = request.cookies.get(LANGUAGE) if shop is None else None
        choice = chosen(
            self.languages, person=language or browser, shop=shop.locale if shop else None, accepted=request.headers.get("accept-language", "")
        )
        words = Words(choice.locale, shop.time_zone if shop else "UTC", self.catalogue(choice.language), choice.language)
        if shop is not None:
            request.scope["state"][_WORDS] = words
        return words

    def part(self, visit: Visit, template: str, /, undoing: Mapping[str, Sequence[Any]] | None = None, **values: Any) -> str:
        """A piece of a page."""
        given = helpers(visit.session.principal, visit.session.csrf, self.now(), undoing)
        return self.pages.text(
            template,
            visit.words,
            **{"oob": None, "alone": None, "names": visit.names, "theme": _theme(visit), "keeps": self.kept is not None, **given, **values},
        )

    async def page(
        self, visit: Visit, template: str, /, *, here: str, undoing: Mapping[str, Sequence[Any]] | None = None, **values: Any
    ) -> Response[str]:
        """A whole page with its frame."""
        frame = {
            "here": here,
            "shop": visit.shop,
            "principal": visit.session.principal,
            "threads": await self._threads(visit),
            "waiting": await self.waiting(visit),
            "places": {place for place, scope in self.places.items() if visit.session.principal.may(scope)},
        }
        return html(self.part(visit, template, undoing, **frame, **values))

    def language_cookie(self, language: str | None) -> Cookie:
        """What the pages before signing in are read in; None forgets it."""
        lasts = _A_YEAR if language else 0
        return Cookie(key=LANGUAGE, value=language or "", max_age=lasts, httponly=True, secure=self.doorkeeper.secure, samesite="lax", path="/")

    async def waiting(self, visit: Visit) -> int:
        """How many proposals wait, up to a hundred."""
        return len((await self.service.approvals(visit.session.principal, limit=100)).items)

    async def undoing(self, visit: Visit) -> dict[str, list[Any]]:
        """Change set id to the open change sets that put it back."""
        found: dict[str, list[Any]] = {}
        for change_set in (await self.service.approvals(visit.session.principal, limit=100)).items:
            if change_set.undoes:
                found.setdefault(change_set.undoes, []).append(to_json(change_set))
        return found

    async def prompts(self, visit: Visit) -> Sequence[SavedPrompt]:
        """What can be called with a slash where one asks."""
        return await self.kept.of(visit.session.principal) if self.kept else ()

    async def recent(self, visit: Visit, here: str) -> str:
        """The list of conversations, wherever the page has it."""
        return self.part(visit, "parts/threads.html", threads=await self._threads(visit), here=here, everywhere=True)

    async def _threads(self, visit: Visit) -> dict[str, Sequence[Thread]]:
        """The conversations of whoever is signed in, the latest first: those they pinned, and the others."""
        principal = visit.session.principal
        found = {
            name: await self.service.threads(principal, Wanted(person=principal.id, pinned=pinned), limit=_SHOWN)
            for name, pinned in (("pinned", True), ("recent", False))
        }
        return {name: list(page.items) for name, page in found.items()}


def _theme(visit: Visit) -> str:
    """What whoever uses this browser chose; it is the browser's and no fact about anyone."""
    chosen = visit.request.cookies.get(THEME, "")
    return chosen if chosen in THEMES else THEMES[0]


def html(text: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[str]:
    return Response(text, status_code=status, media_type="text/html", headers=dict(headers or {}))


def elsewhere(path: str) -> Response[str]:
    """Go on at another page of ours."""
    return html("", status=303, headers={"location": path})
