"""Every page in a real browser, at every width, light and dark and right to left: nothing wider than the screen, nothing in the way of assistive
technology. What the pages look like is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Served, Watched
from spent import spend  # found through conftest, as the world is
from test_chat import ASK, AXE, ask, needs_axe

pytestmark = pytest.mark.browser

RULES = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})"
PAGES = (
    "/", "/today", "/new", "/approvals", "/changes", "/runs", "/runs/run_0001", "/tasks", "/tasks/change_price", "/automations",
    "/automations/auto_1?try=1", "/conversations", "/conversations?q=nothing-like-it", "/draft-orders",
    "/prompts", "/webhooks", "/usage", "/pauses", "/providers", "/keys", "/people", "/shops", "/settings",
)  # fmt: skip
ASKED = (ASK, "Change the price: which mug?", "Describe the Blue Ceramic Mug", "explain it", "show cards", "What is the weather " + "today" * 60)


@pytest.fixture(scope="module")
def conversation(chromium: Any, day: Served) -> str:
    """The address of a conversation with every kind of answer, in a shop where everything has happened."""
    anna = day.world.run(day.world.accounts.people.named("anna")).principal
    day.world.run(day.world.prompts.keep("weekly", "How did sales go? " * 8, anna, shared=True))
    made = Watched(chromium, day.address)
    page = made.sign_in()
    for n, text in enumerate(ASKED, 1):
        ask(page, text)
        page.locator(".run").nth(n - 1).locator('.foot:not([data-state="running"]):not([data-state="queued"])').wait_for()
    spend(day.world)
    path = str(page.evaluate("location.pathname"))
    made.context.close()
    return path


@pytest.fixture(params=[(360, "dark"), (768, "light"), (1440, "dark"), (1920, "light")], ids=lambda it: f"{it[0]}-{it[1]}")
def seen(chromium: Any, day: Served, conversation: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    width, scheme = request.param
    made = Watched(chromium, day.address, viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    yield made.sign_in("/")
    made.context.close()
    assert made.faults == []


@needs_axe
def test_every_page_fits_reads_and_turns_round(seen: Any, conversation: str, screenshots: Path, request: pytest.FixtureRequest) -> None:
    size = request.node.callspec.id
    for path in (*PAGES, conversation, "/sign-in"):
        seen.goto(path)
        seen.wait_for_load_state("networkidle")
        seen.evaluate("document.querySelectorAll('main details').forEach((each) => { each.name = ''; each.open = true; })")
        name = re.sub(r"\W+", "-", path).strip("-") or "today"
        seen.screenshot(path=screenshots / f"{size}-{'conversation' if path == conversation else name}.png", full_page=True)
        seen.evaluate(AXE.read_text(encoding="utf-8") if AXE else "")
        found = seen.evaluate(RULES)
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == [], path
        for way in ("ltr", "rtl"):
            seen.evaluate("(way) => { document.documentElement.dir = way; }", way)
            assert seen.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, way)


def test_every_page_of_the_menu_is_among_them(seen: Any) -> None:
    menu = seen.locator("nav.side").first.locator("ul a").evaluate_all("(all) => all.map((each) => each.getAttribute('href'))")
    assert len(menu) > 15 and {path for path in menu if not path.startswith("/t/")} <= set(PAGES)
