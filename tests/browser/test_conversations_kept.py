"""Conversations in a real browser: versions of a request, names, pins, deleting and concerns put off, with the keyboard and the mouse."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_chat import NARROW, ask

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

pytestmark = pytest.mark.browser


def answered(page: Any, n: int) -> None:
    expect(page.locator('.foot[data-state="done"]')).to_have_count(n)


def press(page: Any, button: Any, key: str = "Enter") -> None:
    """As somebody without a mouse."""
    button.focus()
    page.keyboard.press(key)


@pytest.mark.parametrize("watched", [{}, NARROW], indirect=True)
def test_versions_of_a_request_are_walked_through_with_the_keyboard(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, "How did sales go?")
    answered(page, 1)
    ask(page, "How did sales go by month?")
    answered(page, 2)
    press(page, page.get_by_role("button", name="Edit").first)
    expect(page.locator("#announcer")).to_contain_text("Another version of an earlier request")
    expect(page.get_by_label("Your request")).to_be_focused()
    ask(page, "How did sales go last year?")
    versions = page.get_by_role("navigation", name="Versions of this request")
    expect(versions).to_contain_text("2 of 2")
    expect(page.locator(".run")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    press(page, versions.get_by_role("link", name="The version before"))
    expect(versions).to_contain_text("1 of 2")
    expect(page.locator(".run .said")).to_have_text(["How did sales go?", "How did sales go by month?"])
    expect(versions.get_by_role("link", name="The version after")).to_be_focused()
    page.reload()
    expect(versions).to_contain_text("1 of 2")
    # What is asked here goes on from here, and stands at its end from then on.
    ask(page, "How did sales go by week?")
    expect(page.locator(".run .said")).to_have_text(["How did sales go?", "How did sales go by month?", "How did sales go by week?"])
    expect(versions).to_contain_text("1 of 2")
    answered(page, 3)


@pytest.mark.parametrize("watched", [{}, NARROW], indirect=True)
def test_a_conversation_is_named_pinned_and_deleted(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, "How did sales go?")
    answered(page, 1)
    head = page.locator("#thread-head")
    expect(head).to_contain_text("How did sales go?")  # it has begun without the page being loaded again
    head.get_by_text("Rename").click()
    head.get_by_label("Name").fill("Month end")
    page.keyboard.press("Enter")
    expect(head.get_by_role("heading")).to_have_text("Month end")
    press(page, head.get_by_role("button", name="Pin"))
    expect(head.get_by_role("button", name="Unpin")).to_be_visible()
    page.goto("/new")
    ask(page, "Which orders are late, how did sales go?")
    answered(page, 1)
    page.goto("/conversations")
    rows = page.locator(".talks > li")
    expect(rows.locator(".row-title")).to_have_text(["Month end", "Which orders are late, how did sales go?"])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label("Words").fill("late")
    expect(rows).to_have_count(1)
    page.get_by_label("Words").fill("")
    expect(rows).to_have_count(2)
    press(page, rows.first.locator("summary", has_text="Delete"))
    expect(rows.first).to_contain_text("stays, with its entry under Changes")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    press(page, rows.first.get_by_role("button", name="Delete for good"))
    expect(rows.locator(".row-title")).to_have_text(["Which orders are late, how did sales go?"])
    rows.first.get_by_role("link").first.click()
    page.wait_for_url(re.compile("/t/"))
    head.get_by_text("Delete", exact=True).click()
    head.get_by_role("button", name="Delete for good").click()
    page.wait_for_url("**/conversations")
    expect(page.get_by_text("Nothing has been asked yet.")).to_be_visible()


def test_a_concern_is_put_off_and_brought_back(watched: Any) -> None:
    page = watched.sign_in(to="/")
    stock = page.get_by_role("heading", name="Only a few left")
    expect(stock).to_be_visible()
    press(page, page.get_by_role("button", name="Not now: Only a few left"))
    expect(page.get_by_text("Only a few left: put off by Anna")).to_be_visible()
    expect(stock).to_have_count(0)
    page.get_by_role("button", name="Show again: Only a few left").click()
    expect(stock).to_be_visible()
