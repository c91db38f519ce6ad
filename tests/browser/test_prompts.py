"""Saved prompts in a real browser: kept from a request, offered at a slash, taken with the keyboard or the mouse."""

from __future__ import annotations

from typing import Any

import pytest
from test_chat import NARROW, ask

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(watched: Any, panel: Any) -> Any:
    anna = panel.world.run(panel.world.accounts.people.named("anna")).principal
    for name, text, shared in (("weekly", "How did sales go?", False), ("where", "Where is my money?", True), ("low", "What runs low?", True)):
        panel.world.run(panel.world.prompts.keep(name, text, anna, shared=shared))
    return watched.sign_in()


@pytest.mark.parametrize("watched", [{}, NARROW], indirect=True)
def test_a_slash_offers_names_and_the_keyboard_takes_one(page: Any, panel: Any) -> None:
    box = page.get_by_label("Your request")
    box.press_sequentially("/w")
    names = page.get_by_role("option")
    expect(names).to_have_count(2)
    expect(page.locator("#announcer")).to_have_text("3 saved prompts. Arrow keys choose, Enter takes one.")
    expect(names.nth(0)).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    expect(names.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", names.nth(1).get_attribute("id"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("How did sales go?")
    expect(names).to_have_count(0)
    box.press("Enter")
    page.locator('.foot[data-state="done"]').wait_for()
    assert [asked.text for asked in panel.world.service.asked] == ["How did sales go?"]


def test_escape_leaves_the_slash_as_it_stands_and_tab_takes_a_prompt(page: Any) -> None:
    box = page.get_by_label("Your request")
    box.press_sequentially("/lo")
    box.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(box).to_have_value("/lo")
    box.press_sequentially("w")
    box.press("Tab")
    expect(box).to_have_value("What runs low?")
    expect(box).to_be_focused()


def test_a_prompt_is_taken_with_the_mouse_and_on_the_start_page_too(page: Any, panel: Any) -> None:
    page.goto("/")
    page.get_by_label("Your request").press_sequentially("/")
    expect(page.get_by_role("option")).to_have_count(3)
    page.get_by_role("option", name="/where").click()
    expect(page.get_by_label("Your request")).to_have_value("Where is my money?")


def test_a_request_is_kept_from_the_conversation_edited_and_removed(page: Any, panel: Any) -> None:
    ask(page, "How did sales go?")
    page.get_by_role("link", name="Keep as a prompt").click()
    expect(page.get_by_label("What is asked").first).to_have_value("How did sales go?")
    page.get_by_label("Name").first.fill("Sales now")
    page.get_by_role("button", name="Keep it").click()
    kept = page.locator(".key", has_text="/sales-now")
    kept.get_by_text("Edit", exact=True).click()
    kept.get_by_label("Name").fill("sales")
    kept.get_by_role("button", name="Save").click()
    kept = page.locator(".key", has=page.get_by_text("/sales", exact=True))
    kept.get_by_text("Remove", exact=True).click()
    kept.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_text("/sales", exact=True)).to_have_count(0)
    expect(page.locator(".key")).to_have_count(3)


def test_an_unknown_name_is_said_and_what_was_written_stays(watched: Any, page: Any, panel: Any) -> None:
    box = page.get_by_label("Your request")
    box.fill("/monthly by day")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No saved prompt is called /monthly.")
    expect(box).to_have_value("/monthly by day")
    assert panel.world.service.asked == []
    watched.faults.clear()  # the browser writes down that the request was refused
