"""A merchant's day from sign-in to sign-out, by mouse and by keyboard alone, on three widths; what it looks like is kept, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from conftest import Served, Watched
from doors import PASSWORD
from test_chat import ASK

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

pytestmark = pytest.mark.browser

WIDTHS = {"narrow": (360, 740), "middle": (1024, 768), "wide": (1920, 1080)}
_MOST_TABS = 250


class Hand(Protocol):
    """How somebody reaches what is on a page."""

    def press(self, it: Any) -> None: ...
    def write(self, it: Any, text: str) -> None: ...


class Mouse:
    def __init__(self, page: Any) -> None:
        self._page = page

    def press(self, it: Any) -> None:
        it.click()

    def write(self, it: Any, text: str) -> None:
        it.click()
        self._page.keyboard.press("Control+A")
        self._page.keyboard.type(text)


class Keyboard:
    """Never touches a mouse: goes to everything with Tab, and must be seen to have got there."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def press(self, it: Any) -> None:
        self._reach(it)
        self._page.keyboard.press("Space" if it.evaluate("(e) => e.type === 'checkbox'") else "Enter")

    def write(self, it: Any, text: str) -> None:
        self._reach(it)
        self._page.keyboard.press("Control+A")
        self._page.keyboard.type(text)

    def _reach(self, it: Any) -> None:
        it.wait_for()
        for _ in range(_MOST_TABS):
            if it.evaluate("(e) => e === document.activeElement"):
                assert it.evaluate("(e) => e.matches(':focus-visible')")
                return
            self._page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {it}")


class Day:
    """One person at one screen."""

    def __init__(self, watched: Watched, hand: Hand, folder: Path, name: str) -> None:
        self.page, self.hand, self._folder, self._name, self._shots = watched.page, hand, folder, name, 0

    def look(self, what: str) -> None:
        """Keep what the page looks like in light and in dark; nothing on it is wider than the screen."""
        self._shots += 1
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            self.page.screenshot(path=self._folder / f"{self._name}-{self._shots:02}-{what}-{scheme}.png", full_page=True)
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), what

    def button(self, name: str, within: Any = None, *, exact: bool = True) -> None:
        self.hand.press((within or self.page).get_by_role("button", name=name, exact=exact))

    def go(self, name: str) -> None:
        menu = self.page.locator("#menu > summary")
        if menu.is_visible():
            self.hand.press(menu)
        self.hand.press(self.page.get_by_role("navigation").get_by_role("link", name=name).locator("visible=true"))
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def ask(self, text: str) -> Any:
        runs = self.page.locator(".run")
        before = runs.count()
        self.hand.write(self.page.get_by_label("Your request"), text)
        self.page.keyboard.press("Enter")
        expect(runs).to_have_count(before + 1)
        run = runs.nth(before)
        run.locator('.foot:not([data-state="running"]):not([data-state="queued"])').wait_for()
        return run


@pytest.fixture(params=[(hand, width) for width in WIDTHS for hand in ("mouse", "keyboard")], ids=lambda it: f"{it[0]}-{it[1]}")
def merchant(chromium: Any, day: Served, screenshots: Path, request: pytest.FixtureRequest) -> Iterator[Day]:
    hand, width = request.param
    size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    watched = Watched(chromium, day.address, viewport=size, reduced_motion="reduce")
    hands: dict[str, type[Mouse] | type[Keyboard]] = {"mouse": Mouse, "keyboard": Keyboard}
    yield Day(watched, hands[hand](watched.page), screenshots, f"{width}-{hand}")
    watched.context.close()
    assert watched.faults == []


def test_a_merchants_day(merchant: Day, day: Served) -> None:
    page, hand = merchant.page, merchant.hand
    page.goto("/sign-in")
    hand.write(page.get_by_label("Name"), "anna")
    hand.write(page.get_by_label("Password"), PASSWORD)
    merchant.button("Sign in")
    expect(page.get_by_text("Only a few left")).to_be_visible()
    merchant.look("today")
    merchant.go("New request")
    run = merchant.ask(ASK)
    merchant.look("proposal")
    _decide(merchant, run)
    _answer_and_draft(merchant)
    _refund(merchant)
    merchant.look("conversation")
    _keep_and_call(merchant, day)
    _look_back(merchant)
    if (menu := page.locator("#menu > summary")).is_visible():
        hand.press(menu)
    hand.press(page.get_by_role("button", name="Sign out").locator("visible=true"))
    expect(page.get_by_label("Password")).to_be_visible()


def _decide(merchant: Day, run: Any) -> None:
    """Two of three prices are approved, then put back."""
    card = run.locator(".change-set").first
    merchant.hand.press(card.get_by_label("Tall Latte Mug"))
    merchant.button("Approve 2 selected", card)
    expect(card.locator(".item.applied")).to_have_count(2)
    merchant.button("Undo", card)
    merchant.button("Approve all 2", run.locator(".undo-place .change-set"))
    expect(run.locator(".item.undone").nth(1)).to_be_visible()


def _answer_and_draft(merchant: Day) -> None:
    run = merchant.ask("Change the price: which mug?")
    merchant.button("Tall Latte Mug", run, exact=False)
    merchant.button("Reject", run)
    expect(run.locator('.change-set[data-state="rejected"]')).to_be_visible()
    run = merchant.ask("Describe the Blue Ceramic Mug")
    merchant.hand.write(run.get_by_label("Blue Ceramic Mug", exact=True), "Holds 300 ml.")
    merchant.button("Save as a proposal", run)
    merchant.button("Approve", run.locator(".saved"))
    expect(run.locator('.saved .change-set[data-state="applied"]')).to_be_visible()


def _refund(merchant: Day) -> None:
    run = merchant.ask("Refund #1042")
    approve = run.get_by_role("button", name="Approve", exact=True)
    expect(approve).to_be_disabled()
    expect(run.get_by_text("Cannot be undone")).to_be_visible()
    expect(run.get_by_text("€95.00").first).to_be_visible()
    merchant.hand.write(run.get_by_label("Type REFUND to confirm"), "refund")
    expect(approve).to_be_disabled()
    merchant.hand.write(run.get_by_label("Type REFUND to confirm"), "REFUND")
    merchant.look("refund")
    merchant.hand.press(approve)
    expect(run.locator('.change-set[data-state="applied"]')).to_be_visible()
    expect(run.get_by_role("button", name="Undo")).to_have_count(0)


def _keep_and_call(merchant: Day, day: Served) -> None:
    """A request is kept under a name, called with a slash, and thrown away."""
    page, hand = merchant.page, merchant.hand
    merchant.go("Saved prompts")
    if not page.get_by_label("What is asked").first.is_visible():
        hand.press(page.locator(".new-key summary"))
    hand.write(page.get_by_label("Name").first, "weekly")
    hand.write(page.get_by_label("What is asked").first, "How did sales go?")
    merchant.button("Keep it")
    expect(page.get_by_text("/weekly", exact=True)).to_be_visible()
    merchant.look("prompts")
    merchant.go("New request")
    hand.write(page.get_by_label("Your request"), "/we")
    expect(page.get_by_role("option", name="/weekly")).to_be_visible()
    merchant.look("slash")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your request")).to_have_value("How did sales go?")
    page.keyboard.press("Enter")
    page.locator('.foot[data-state="done"]').wait_for()
    assert day.world.service.asked[-1].text == "How did sales go?"
    merchant.go("Saved prompts")
    hand.press(page.locator(".key .act > summary", has_text="Remove"))
    merchant.button("Remove for good")
    expect(page.get_by_text("Nothing is kept yet.")).to_be_visible()


def _look_back(merchant: Day) -> None:
    page = merchant.page
    merchant.go("Changes")
    expect(page.get_by_text("Holds 300 ml.").first).to_be_visible()
    merchant.look("changes")
    merchant.go("Runs")
    merchant.hand.write(page.get_by_label("Words"), "Refund")
    expect(page.locator("#found .row-title").first).to_have_text("Refund #1042")
    merchant.hand.press(page.locator("#found .row-title").first)
    expect(page.get_by_role("heading", name="Costs by step")).to_be_visible()
    merchant.look("run")
