"""Today, Runs, Tasks, People, Shops and Settings in a real browser: by mouse, by keyboard alone, at any width, light and dark."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_chat import ASK, ask

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(watched: Any, panel: Any) -> Any:
    """Signed in on Today, with two requests made."""
    page = watched.sign_in()
    ask(page, ASK)
    page.wait_for_selector('.foot[data-state="waiting"]')
    ask(page, "Change the price: which mug?")
    page.wait_for_selector(".question")
    page.goto("/")
    return page


def test_today_leads_to_what_waits_and_puts_back_what_was_done(page: Any) -> None:
    page.get_by_role("heading", name="Only a few left").wait_for()
    page.get_by_role("link", name="New price for 3 variants").click()
    page.get_by_role("button", name="Approve all 3").click()
    page.wait_for_selector('.change-set[data-state="applied"]')
    page.get_by_role("link", name="Today").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Approve all 3").click()
    page.wait_for_selector('.change-set[data-state="applied"]')


def test_a_request_on_today_goes_on_in_a_conversation(page: Any) -> None:
    page.keyboard.type("Describe the Blue Ceramic Mug")  # the box has the focus
    page.keyboard.press("Enter")
    page.wait_for_selector(".draft")
    assert re.search(r"/t/t[0-9a-f]+$", page.url)


def test_a_concern_fills_the_box_and_sends_nothing(page: Any, panel: Any) -> None:
    page.get_by_role("link", name="Ask about all of them").first.click()
    expect(page.get_by_label("Your request")).to_have_value("Which products are running low?")
    assert len(panel.world.service.asked) == 2


def test_runs_are_found_while_one_types(page: Any) -> None:
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page.locator(".rows li")).to_have_count(2)
    page.get_by_label("Words").press_sequentially("which")
    page.locator(".rows li:nth-child(2)").wait_for(state="detached")
    assert "q=which" in page.url
    page.get_by_role("link", name="Change the price: which mug?", exact=True).first.click()
    page.get_by_role("heading", name="Costs by step").wait_for()
    page.get_by_role("button", name="Tall Latte Mug").click()
    page.locator(".change-set").wait_for()


def test_a_click_that_is_held_while_the_list_is_found_anew_still_counts(page: Any) -> None:
    page.get_by_role("link", name="Runs", exact=True).click()
    with page.expect_response(re.compile(r"/runs\?q=which")):
        page.get_by_label("Words").fill("which")
        page.get_by_role("link", name="Change the price: which mug?", exact=True).first.hover()
        page.mouse.down()
    page.mouse.up()
    page.get_by_role("heading", name="Costs by step").wait_for()


def test_what_was_found_while_the_hand_was_down_is_shown_when_it_lifts(page: Any) -> None:
    page.get_by_role("link", name="Runs", exact=True).click()
    with page.expect_response(re.compile(r"/runs\?q=which")):
        page.get_by_label("Words").fill("which")
        page.locator(".rows li").last.hover()
        page.mouse.down()
    page.mouse.move(1, 1)
    page.mouse.up()
    expect(page.locator(".rows li")).to_have_count(1)


def test_what_is_typed_before_the_script_is_there_is_looked_for_when_it_comes(page: Any) -> None:
    held: list[Any] = []
    page.route("**/panel.js*", lambda route: held.append(route))
    with page.expect_request("**/panel.js*"):
        page.goto("/runs", wait_until="commit")
    page.get_by_label("Words").fill("which")
    expect(page.locator(".rows li")).to_have_count(2)
    for script in held:
        script.continue_()
    expect(page.locator(".rows li")).to_have_count(1)


def test_a_run_shows_its_events_with_the_keyboard(page: Any) -> None:
    page.goto("/runs/run_0001")
    page.locator("summary", has_text="Events").focus()
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="Plan ready").wait_for()


def test_an_example_of_the_catalogue_fills_the_box(page: Any) -> None:
    page.get_by_role("link", name="Tasks", exact=True).click()
    page.get_by_label("What would you like done?").fill("change price")
    page.locator("#found a[href='/tasks/sales_report']").wait_for(state="detached")
    page.get_by_role("link", name="set the blue mug to 12.50").click()
    expect(page.get_by_label("Your request")).to_have_value("set the blue mug to 12.50")


def test_someone_is_invited_promoted_and_removed_with_the_keyboard(page: Any, panel: Any) -> None:
    page.goto("/people")
    page.locator("summary", has_text="Add someone").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Ben")  # what is opened has the focus
    page.keyboard.press("Enter")
    link = page.get_by_label("Sign-in link")
    assert "/sign-in/" in link.input_value() and page.evaluate("document.activeElement.id") == "link"
    card = page.locator("article", has=page.get_by_role("heading", name="Ben"))
    card.get_by_text("Change role").click()
    card.get_by_label("Role").select_option("owner")
    card.get_by_role("button", name="Change", exact=True).click()
    card.locator(".badge", has_text="Owner").wait_for()
    card.get_by_text("Remove", exact=True).first.click()
    card.get_by_role("button", name="Remove").click()
    card.wait_for(state="detached")


def test_the_panel_is_dark_when_told_so_on_every_page(page: Any) -> None:
    page.goto("/settings")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Light or dark").select_option("dark")
    page.get_by_role("button", name="Save").click()
    page.goto("/runs")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_what_a_page_loads_stays_under_a_hundred_kilobytes(page: Any) -> None:
    thread = page.get_by_role("link", name=ASK).first.get_attribute("href")
    for path in ("/", "/new", thread, "/approvals", "/conversations", "/runs", "/runs/run_0001", "/runs/run_0002", "/tasks", "/usage", "/settings"):
        page.goto(path)  # until all of it is there
        sizes = page.evaluate("performance.getEntriesByType('resource').filter((r) => /\\.(css|js)/.test(r.name)).map((r) => r.decodedBodySize)")
        assert len(sizes) >= 3 and sum(sizes) < 100_000, path
