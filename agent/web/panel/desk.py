"""What every page of the panel is made with: the service, the doorkeeper, the templates and the words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from gettext import NullTranslations
from typing import Any

from litestar import Response

from agent.errors import NotAllowed
from agent.ledger.sessions import PanelSession
from agent.records import Run, Scope, to_json
from agent.runs.saved_prompts import SavedPrompt, SavedPrompts
from agent.sdk import ShopInfo
from agent.web.auth import Accounts, Doorkeeper
from agent.web.panel.cards import helpers
from agent.web.panel.pages import Pages
from agent.web.panel.words import Catalogue, Words
from agent.web.port import ServicePort
from agent.web.wire import Call

THEME = "storehand_theme"
THEMES = ("auto", "light", "dark")
_RECENT = 80  # runs looked through for the list of recent conversations
_SHOWN = 12


def no_translations(locale: str) -> NullTranslations:
    return NullTranslations()


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
    catalogue: Catalogue = no_translations
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
        return Visit(request=request, session=session, shop=shop, words=self.words(shop.locale, shop.time_zone), names=names)

    def words(self, locale: str = "en", time_zone: str = "UTC") -> Words:
        return Words(locale, time_zone, self.catalogue(locale))

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

    async def _threads(self, visit: Visit) -> list[dict[str, str]]:
        """The conversations of whoever is signed in, the latest first, each called by its first request."""
        runs = await self.service.runs(visit.session.principal, limit=_RECENT)
        first: dict[str, Run] = {}
        for run in runs.items:
            if run.principal == visit.session.principal.id and run.thread:
                first[run.thread] = run
        latest = list(dict.fromkeys(run.thread for run in runs.items if run.thread in first))
        return [{"id": str(thread), "text": first[str(thread)].text[:80]} for thread in latest[:_SHOWN]]


def _theme(visit: Visit) -> str:
    """What whoever uses this browser chose; it is the browser's and no fact about anyone."""
    chosen = visit.request.cookies.get(THEME, "")
    return chosen if chosen in THEMES else THEMES[0]


def html(text: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[str]:
    return Response(text, status_code=status, media_type="text/html", headers=dict(headers or {}))


def elsewhere(path: str) -> Response[str]:
    """Go on at another page of ours."""
    return html("", status=303, headers={"location": path})
