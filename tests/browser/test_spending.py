"""The pages about models in a real browser: every way out works."""

from __future__ import annotations

import re
from typing import Any

import pytest
from spent import spend  # found through conftest, as the world is

pytestmark = pytest.mark.browser


@pytest.fixture
def page(watched: Any, panel: Any) -> Any:
    spend(panel.world, who=panel.world.run(panel.world.accounts.people.named("anna")).id)
    return watched.sign_in()


def test_a_key_is_made_copied_once_rotated_and_revoked(page: Any, panel: Any) -> None:
    page.get_by_role("link", name="Keys").click()
    page.get_by_text("New key").click()
    page.get_by_label("What it is for").fill("Shop window")
    page.get_by_label("llm: call models").check()
    page.get_by_label("acme/big-1").check()
    page.get_by_role("button", name="Make the key").click()
    secret = page.get_by_label("Key Shop window")
    assert re.fullmatch(r"sk_sh_[\w-]{49}", secret.input_value())
    assert page.evaluate("document.activeElement.id") == "secret"
    first = secret.input_value()
    page.get_by_text("Rotate", exact=True).click()
    page.get_by_label("The old secret stays good").select_option("1")
    page.get_by_role("button", name="Make the new secret").click()
    page.get_by_text("The old one is good until").wait_for()
    assert page.get_by_label("Key Shop window").input_value() != first
    page.reload()
    assert page.locator("#secret").count() == 0
    page.get_by_text("Revoke", exact=True).click()
    page.get_by_role("button", name="Revoke for good").click()
    page.locator(".key.revoked").wait_for()
    (key,) = panel.world.run(panel.world.accounts.keys.list("shop_a"))
    assert key.revoked_at is not None and key.models == {"acme/big-1"}


def test_what_is_paused_goes_on_with_a_click_and_the_focus_stays_with_it(page: Any, panel: Any) -> None:
    page.get_by_role("link", name="Pauses").click()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.locator('.pause[data-state="continued"]').wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert panel.world.run(panel.world.spend.pauses("shop_a")) == []


def test_every_model_is_tried_with_a_click(page: Any, panel: Any) -> None:
    panel.world.models.enqueue("ready", "ready")
    page.get_by_role("link", name="Providers").click()
    page.get_by_role("button", name="Try every model now").click()
    page.get_by_text("Every model was tried just now.").wait_for()
    assert len(panel.world.models.history) == 2


def test_the_table_under_a_chart_opens_with_the_keyboard(page: Any) -> None:
    page.goto("/usage")
    page.locator(".twin summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".twin table").first.is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert download.value.suggested_filename == "usage-by-task.csv"
