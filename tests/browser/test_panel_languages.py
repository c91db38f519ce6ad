"""The panel in German, whose words are long, and in a language that runs from right to left: chosen by hand, walked page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from gettext import NullTranslations
from typing import Any

import pytest
from conftest import Served, Watched  # the browser tests' own
from doors import PASSWORD
from spent import spend
from test_chat import ASK, AXE, NARROW, needs_axe

from agent.languages import Languages

pytestmark = pytest.mark.browser
PAGES = (
    "/", "/new", "/approvals", "/changes", "/runs", "/runs/run_0001", "/tasks", "/tasks/change_price", "/prompts", "/automations", "/draft-orders",
    "/automations/auto_1?try=1", "/conversations", "/webhooks", "/usage", "/pauses", "/providers", "/keys", "/people", "/shops", "/settings",
)  # fmt: skip
SCROLLS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Mirrored(NullTranslations):
    """Every message in Arabic letters, a third longer: nothing to read, but it runs as Arabic does."""

    def gettext(self, message: str) -> str:
        return " ".join([message, *["سلامة"] * (len(message) // 15)])

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def mirrored(locale: str) -> NullTranslations:
    return Mirrored() if locale == "ar" else NullTranslations()


def served(folder: Any, **languages: Any) -> Iterator[Served]:
    with Served(folder, **languages).running() as panel:
        person = panel.world.person("Anna")
        spend(panel.world, who=person.id)
        yield panel


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    languages = Languages()
    yield from served(tmp_path_factory.mktemp("german"), catalogue=languages.catalogue, languages=languages.known)


@pytest.fixture(scope="module")
def arabic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from served(tmp_path_factory.mktemp("arabic"), catalogue=mirrored, languages=("en", "ar"))


def choose(page: Any, language: str) -> None:
    page.goto("/settings")
    page.locator('form[action="/settings/language"] select').select_option(language)
    page.locator('form[action="/settings/language"] button').click()
    page.locator(f'html[lang^="{language}"]').wait_for()


def walk(page: Any, pages: Sequence[str] = PAGES) -> None:
    """No page scrolls sideways, and axe has nothing serious to say of any."""
    wide, serious = [], []
    for path in pages:
        page.goto(path)
        if page.evaluate(SCROLLS) > 0:
            wide.append(path)
        page.evaluate(AXE.read_text(encoding="utf-8") if AXE else "")
        found = page.evaluate("axe.run()")["violations"]
        serious += [(path, v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in ("serious", "critical")]
    assert (wide, serious) == ([], [])


@needs_axe
def test_german_is_chosen_in_settings_and_fits_a_telephone(chromium: Any, german: Served) -> None:
    watched = Watched(chromium, german.address, **NARROW)
    page = watched.sign_in()
    page.get_by_label("Your request").fill(ASK)
    page.keyboard.press("Enter")
    page.wait_for_selector('.foot[data-state="waiting"]')
    choose(page, "de")
    page.get_by_role("heading", name="Einstellungen").wait_for()
    walk(page)
    page.goto("/approvals")
    page.get_by_role("button", name="Alle 3 freigeben").first.wait_for()
    watched.context.close()
    assert watched.faults == []


@pytest.mark.parametrize("language", [tag for tag in Languages().known if tag not in ("en", "de")])
def test_every_language_fits_a_telephone(chromium: Any, german: Served, language: str) -> None:
    watched = Watched(chromium, german.address, **NARROW)
    page = watched.sign_in()
    choose(page, language)
    wide = []
    for path in PAGES[::3]:
        page.goto(path)
        if page.evaluate(SCROLLS) > 0:
            wide.append(path)
    choose(page, "en")  # it is kept for the person, and the other tests read English
    watched.context.close()
    assert wide == [] and watched.faults == []


def test_the_door_speaks_what_the_browser_asks_for_and_can_be_switched(chromium: Any, german: Served) -> None:
    watched = Watched(chromium, german.address, locale="de-AT", viewport={"width": 1280, "height": 900})
    page = watched.page
    page.goto("/sign-in?next=/runs")
    page.locator('html[lang="de-AT"]').wait_for()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Passwort").fill("wrong horse")
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_text("Der Name oder das Passwort stimmt nicht.").wait_for()
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/runs")
    watched.context.close()
    assert [fault for fault in watched.faults if "401" not in fault] == []  # the browser reports the refused password itself


@needs_axe
def test_a_language_from_right_to_left_is_mirrored_and_fits_a_telephone(chromium: Any, arabic: Served) -> None:
    watched = Watched(chromium, arabic.address, **NARROW)
    page = watched.sign_in()
    page.get_by_label("Your request").fill(ASK)
    page.keyboard.press("Enter")
    page.wait_for_selector('.foot[data-state="waiting"]')
    choose(page, "ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    walk(page, PAGES[::2])
    page.set_viewport_size({"width": 1280, "height": 900})
    side, main = page.locator("nav.side.wide").bounding_box(), page.locator("main").bounding_box()
    assert side["x"] >= main["x"] + main["width"] - 1
    watched.context.close()
    assert watched.faults == []
