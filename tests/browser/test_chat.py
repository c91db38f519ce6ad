"""A merchant's way through the chat page, in a real browser: no fault in the console, no dialog, nothing wider than the screen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from doors import PASSWORD  # found through conftest, as the world is

from agent.records import Role

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = pytest.mark.browser

ASK = "Put the mugs at 12.50, show me what they sold"
NARROW = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
PLACE = """(box) => {
  const [of, own] = [box.closest("article").getBoundingClientRect(), box.getBoundingClientRect()];
  return [own.left - of.left, own.top - of.top, own.width, own.height];
}"""
PLACES = [Path.cwd(), *Path(__file__).resolve().parents]
AXE = next((f for place in PLACES if (f := place / "node_modules" / "axe-core" / "axe.min.js").is_file()), None)
needs_axe = pytest.mark.skipif(AXE is None, reason="axe-core is not there; `npm install --no-save axe-core` brings it")


def ask(page: Any, text: str) -> None:
    page.get_by_label("Your request").fill(text)
    page.keyboard.press("Enter")


def test_the_whole_way_ask_watch_approve_and_undo(watched: Any, panel: Any) -> None:
    panel.world.service._hold = True
    page = watched.sign_in()
    ask(page, ASK)
    page.wait_for_selector('[data-step="s1"][data-state="running"]')
    assert page.locator('[data-step="s2"]').get_attribute("data-state") == "pending"
    assert page.get_by_role("button", name="Stop").is_visible()
    panel.release()
    card = page.locator(".change-set").first
    card.wait_for()
    page.wait_for_selector('[data-step="s2"][data-state="done"]')
    page.wait_for_selector('.foot[data-state="waiting"]')
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_text("€2,024.00")).to_be_visible()
    page.get_by_text("Where this comes from").click()
    expect(page.get_by_text("Gross sales minus discounts minus returns.")).to_be_visible()
    card.get_by_role("button", name="Approve all 3").click()
    page.wait_for_selector('.change-set[data-state="applied"]')
    assert page.locator('[data-step="s1"]').get_attribute("data-state") == "done"
    page.get_by_role("button", name="Undo").click()
    inverse = page.locator(".undo-place .change-set")
    inverse.get_by_role("button", name="Approve all 3").click()
    page.wait_for_selector('.change-set[data-state="undone"]')
    assert [s.state for s in panel.world.service._sets.values()] == ["undone", "applied"]


def test_a_text_is_seen_growing_where_its_draft_will_stand_can_do_nothing_and_is_gone_when_stopped(watched: Any, panel: Any) -> None:
    panel.world.service._hold = True
    page = watched.sign_in()
    writing, so_far = page.locator(".writing"), "A blue mug from Fern & Tide, <b>thrown</b> by⟨U+202E⟩ hand.\n\nHolds"
    ask(page, "Compose a text about the Blue Ceramic Mug")
    expect(writing).to_have_text(so_far)
    expect(page.locator("#announcer")).to_have_text("Writing …")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator('.foot[data-state="stopped"]')).to_be_visible()
    expect(writing).to_have_count(0)
    ask(page, "Compose a text about the Blue Ceramic Mug")
    expect(writing).to_have_text(so_far)
    page.reload()
    expect(writing).to_have_text(so_far)
    before = writing.evaluate(PLACE)
    panel.release()
    draft = page.locator(".draft-text textarea")
    expect(draft).to_have_value("A blue mug from Fern & Tide, thrown by hand.\n\nHolds 300 ml.")
    expect(writing).to_have_count(0)
    expect(page.locator(".took-line")).to_be_visible()
    assert all(abs(now - then) < 2 for now, then in zip(draft.evaluate(PLACE), before, strict=True))  # nothing jumps


def test_a_page_reloaded_in_the_middle_goes_on_where_it_was(watched: Any, panel: Any) -> None:
    panel.world.service._hold = True
    page = watched.sign_in()
    ask(page, ASK)
    page.wait_for_selector('[data-step="s1"][data-state="running"]')
    assert re.search(r"/t/t[0-9a-f]+$", page.url)
    page.reload()
    page.wait_for_selector('[data-step="s1"][data-state="running"]')
    panel.release()
    page.wait_for_selector(".change-set")
    page.wait_for_selector(".answer table")
    before = page.locator(".results").inner_text()
    page.reload()
    assert page.locator(".results").inner_text() == before


def test_ticks_say_what_the_button_does_and_only_they_are_approved(watched: Any, panel: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    card = page.locator(".change-set")
    card.get_by_label("Speckled Stoneware Mug").uncheck()
    card.get_by_role("button", name="Approve 2 selected").click()
    page.wait_for_selector(".item.applied")
    assert page.locator(".item.applied").count() == 2 and page.locator(".item.open").count() == 1
    card.get_by_role("button", name="Reject").click()
    page.wait_for_selector(".item.rejected")


def test_what_a_decision_left_open_waits_unticked_for_another(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    card = page.locator(".change-set")
    card.get_by_label("All", exact=True).uncheck()
    card.get_by_label("Speckled Stoneware Mug").check()
    card.get_by_role("button", name="Approve 1 selected").click()
    expect(card.locator(".item.applied")).to_have_count(1)
    expect(card.get_by_role("button", name="Approve 0 selected")).to_be_disabled()
    card.get_by_label("Tall Latte Mug").check()
    card.get_by_role("button", name="Reject 1 selected").click()
    expect(card.locator(".item.rejected")).to_have_count(1)
    expect(card.locator(".item.open")).to_have_count(1)


def test_half_a_thought_stays_until_it_is_sent(watched: Any) -> None:
    page = watched.sign_in()
    page.goto("/new")
    page.get_by_label("Your request").fill("and what about")
    page.goto("/runs")
    page.goto("/new")
    expect(page.get_by_label("Your request")).to_have_value("and what about")
    ask(page, ASK)
    expect(page.locator(".change-set")).to_be_visible()
    page.goto("/new")
    expect(page.get_by_label("Your request")).to_have_value("")


def test_nothing_ticked_cannot_be_approved(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    card = page.locator(".change-set")
    card.get_by_label("All", exact=True).uncheck()
    assert card.get_by_role("button", name="Approve 0 selected").is_disabled()


def test_a_question_is_answered_with_a_button_and_the_proposal_rejected(watched: Any, panel: Any) -> None:
    page = watched.sign_in()
    ask(page, "Change the price: which mug?")
    page.get_by_role("button", name="Tall Latte Mug").click()
    card = page.locator(".change-set")
    card.get_by_role("button", name="Reject").click()
    page.wait_for_selector('.change-set[data-state="rejected"]')
    assert page.get_by_text("Which mug do you mean?").count() == 0


def test_a_question_is_answered_in_words(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, "Change the price: which mug?")
    page.get_by_label("Your answer").fill("The green one")
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_text("The green one").first.wait_for()


def test_a_draft_is_edited_saved_as_a_proposal_and_approved(watched: Any, panel: Any) -> None:
    page = watched.sign_in()
    ask(page, "Describe the Blue Ceramic Mug")
    page.get_by_label("Blue Ceramic Mug", exact=True).fill("Holds 300 ml.")
    page.get_by_role("button", name="Save as a proposal").click()
    page.get_by_role("button", name="Approve", exact=True).click()
    page.wait_for_selector('.change-set[data-state="applied"]')
    assert [s.items[0].what.after for s in panel.world.service._sets.values() if s.state == "applied"] == ["Holds 300 ml."]


def test_a_draft_saved_in_other_words_is_there_after_a_reload(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, "Describe the Blue Ceramic Mug")
    page.get_by_label("Blue Ceramic Mug", exact=True).fill("Holds 300 ml.")
    page.get_by_role("button", name="Save as a proposal").click()
    expect(page.locator(".saved .change-set")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Blue Ceramic Mug", exact=True)).to_have_value("Holds 300 ml.")
    page.locator(".saved").get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator('.saved .change-set[data-state="applied"]')).to_be_visible()
    page.reload()
    expect(page.locator('.saved .change-set[data-state="applied"]')).to_be_visible()


@pytest.mark.parametrize("watched", [NARROW], indirect=True)
def test_a_figure_stands_on_one_line_and_a_long_requests_step_on_three_where_it_is_narrow(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK + " word" * 200)
    page.locator(".answer").first.wait_for()
    figures = "".join(f"<div><dt>{name}</dt><dd>€279,179.84</dd></div>" for name in ("Net sales", "Orders", "Units"))
    page.locator(".answer").first.evaluate("(it, figures) => { it.insertAdjacentHTML('beforeend', `<dl class=figures>${figures}</dl>`); }", figures)
    figure = page.locator(".figures dd").first
    lines = "(it) => it.getBoundingClientRect().height / parseFloat(getComputedStyle(it).lineHeight)"
    assert figure.evaluate(lines) < 1.5
    assert all(n < 3.5 for n in (each.evaluate(lines) for each in page.locator(".step-words").all()))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_whose_session_ends_in_the_middle_goes_on_at_the_same_page_with_the_same_words(watched: Any) -> None:
    page = watched.sign_in()
    page.context.clear_cookies()
    ask(page, "which products run low")
    page.wait_for_url("**/sign-in?next=/new")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/new")
    expect(page.get_by_label("Your request")).to_have_value("which products run low")
    watched.faults = [each for each in watched.faults if "401" not in each]  # the browser says so of the very answer that led to signing in


def test_a_starter_asks_what_it_says(watched: Any, panel: Any) -> None:
    page = watched.sign_in()
    page.get_by_role("button", name="Which products are running low?").click()
    page.wait_for_selector(".answer table")
    assert [a.text for a in panel.world.service.asked] == ["Which products are running low?"]
    assert not page.locator(".empty").is_visible()


def test_stopping_says_what_was_not_done(watched: Any, panel: Any) -> None:
    panel.world.service._hold = True
    page = watched.sign_in()
    ask(page, ASK)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped before this was done.").first.wait_for()


def test_the_table_downloads_as_csv(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "sales_report.csv"


def test_the_keyboard_is_enough(watched: Any, panel: Any) -> None:
    page = watched.sign_in()
    page.keyboard.type(ASK)
    page.keyboard.press("Enter")
    page.wait_for_selector(".change-set")
    page.wait_for_selector(".answer table")
    page.locator(".change-set .pick input").first.focus()
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Approve all 3"
    page.keyboard.press("Enter")
    page.wait_for_selector('.change-set[data-state="applied"]')
    assert page.evaluate("document.activeElement.tagName") == "H2"  # the focus stays with what was decided


def test_what_happens_is_announced(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    page.locator("#announcer", has_text="Waiting for you").wait_for(state="attached")


def test_text_from_outside_stays_text(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, 'Put the mugs <img src=x onerror="alert(1)"> {{7*7}} at 12.50, \u202eshow')
    page.wait_for_selector(".answer table")
    assert page.locator(".said img").count() == 0
    assert "{{7*7}}" in page.locator(".said").inner_text() and "⟨U+202E⟩" in page.locator(".said").inner_text()


def test_a_viewer_sees_why_there_is_no_button(panel: Any, watched: Any) -> None:
    panel.world.person("Vera", role=Role.VIEWER)
    watched.page.goto("/sign-in")
    watched.page.get_by_label("Name").fill("vera")
    watched.page.get_by_label("Password").fill("correct horse")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/")
    ask(watched.page, ASK)
    watched.page.get_by_text("Someone with the right to approve decides on this.").wait_for()
    assert watched.page.get_by_role("button", name=re.compile("Approve")).count() == 0


def test_a_one_time_link_signs_in_and_leaves_no_token_in_the_address(panel: Any, watched: Any) -> None:
    anna = panel.world.run(panel.world.accounts.people.named("anna"))
    token = panel.world.run(panel.world.accounts.people.link(anna.id))
    watched.page.goto(f"/sign-in/{token}")
    assert token not in watched.page.url and watched.page.get_by_label("Your request").is_visible()
