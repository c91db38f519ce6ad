"""The page Automations: what happens by itself, what it did and would have done, and its switch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from automated_panel import ScriptedAutomations
from doors import PAGE, World

from agent.languages import Languages
from agent.records import Role
from agent.web.panel.automations import does
from agent.web.panel.words import Words


@pytest.fixture
def automated(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, automations=ScriptedAutomations())
    world.person()
    world.sign_in()
    yield world
    world.close()


def page(world: World, path: str) -> str:
    reply = world.send("GET", path, headers=PAGE)
    assert reply.status_code == 200, reply.text
    return reply.text


def test_what_happens_by_itself_is_listed_with_what_it_has_to_tell(automated: World) -> None:
    shown = page(automated, "/automations")
    for each in ("Tag &lt;b&gt;VIPs", "When an order is placed", "Monday figures", "It failed three times running.", "Nina is a VIP"):
        assert each in shown, each
    assert automated.click("/automations/fir_1/put-away", on="/automations").headers["location"] == "/automations"
    assert "Nina is a VIP" not in page(automated, "/automations")


def test_one_shows_what_it_did_and_would_have_done(automated: World) -> None:
    shown = page(automated, "/automations/auto_1")
    assert "order #1042" in shown and "/runs/run_0001" in shown and "order #7" not in shown
    assert "order #7" in page(automated, "/automations/auto_1?try=1")
    assert automated.send("GET", "/automations/auto_9", headers=PAGE).status_code == 404


def test_it_is_paused_and_goes_on_with_a_click(automated: World) -> None:
    automated.click("/automations/auto_1/pause", on="/automations/auto_1")
    assert "Let it go on" in page(automated, "/automations/auto_1")
    automated.click("/automations/auto_1/resume", on="/automations/auto_1")
    assert "Let it go on" not in page(automated, "/automations/auto_1")
    assert automated.click("/automations/auto_1/explode", on="/automations").status_code == 404


def test_what_happens_is_said_in_the_readers_language() -> None:
    german = Words("de-DE", "Europe/Berlin", Languages().catalogue("de"), "de")
    desk = ScriptedAutomations()
    assert does(german, desk.schedule) == "Jeden Montag um 09:00: What did we sell last week?"


def test_who_may_not_approve_sees_no_switch_and_cannot_turn_it(automated: World) -> None:
    automated.person("Vera", role=Role.VIEWER)
    automated.sign_in("Vera")
    assert "Pause</button>" not in page(automated, "/automations/auto_1")
    assert automated.click("/automations/auto_1/pause", on="/automations/auto_1").status_code == 403


def test_another_shop_sees_none_of_it(automated: World) -> None:
    automated.person("Bert", shop="shop_b")
    automated.sign_in("Bert")
    assert "Nothing happens by itself yet." in page(automated, "/automations")
    assert automated.click("/automations/auto_1/pause", on="/automations").status_code == 404
