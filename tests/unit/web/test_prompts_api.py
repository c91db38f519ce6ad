"""Saved prompts over HTTP: what a program keeps is the shop's, people call it by its name, and a key alone may not share."""

from __future__ import annotations

import re

from doors import PAGE, World

from agent.records import Scope


def test_what_a_program_keeps_people_call_and_it_is_changed_and_deleted(world: World) -> None:
    key = world.key()
    made = world.api("POST", "/v1/prompts", {"name": "Weekly", "text": "How did sales go?"}, key=key)
    assert made.status_code == 201 and made.json()["name"] == "weekly"
    world.person("Anna")
    world.sign_in()
    assert world.click("/asks", text="/weekly by day", thread="t1").status_code == 200
    assert world.service.asked[-1].text == "How did sales go? by day"
    changed = world.api("POST", f"/v1/prompts/{made.json()['id']}", {"name": "daily", "text": "How did today go?"}, key=key)
    assert changed.json() == {**made.json(), "name": "daily", "text": "How did today go?"}
    assert world.api("GET", "/v1/prompts", key=key).json() == {"items": [changed.json()], "next": None}
    assert world.api("POST", f"/v1/prompts/{made.json()['id']}/delete", key=key).json() == changed.json()
    assert world.api("POST", f"/v1/prompts/{made.json()['id']}/delete", key=key).status_code == 404
    assert world.api("GET", "/v1/prompts", key=key).json()["items"] == []


def test_a_name_is_given_once_and_sharing_needs_the_right_to_approve(world: World) -> None:
    key = world.key()
    wanted = {"name": "weekly", "text": "How did sales go?"}
    assert world.api("POST", "/v1/prompts", wanted, key=key).status_code == 201
    assert world.api("POST", "/v1/prompts", wanted, key=key).json()["code"] == "conflict"
    assert world.api("POST", "/v1/prompts", {"name": "!", "text": "x"}, key=key).status_code == 422
    assert world.api("POST", "/v1/prompts", {"name": "x", "text": "y"}, key=world.key(Scope.READ, Scope.ASK)).status_code == 403


def test_another_shop_sees_and_changes_none_of_it(world: World) -> None:
    made = world.api("POST", "/v1/prompts", {"name": "weekly", "text": "How did sales go?"}, key=world.key()).json()
    other = world.key(shop="shop_b")
    assert world.api("GET", "/v1/prompts", key=other).json()["items"] == []
    for path in (f"/v1/prompts/{made['id']}", f"/v1/prompts/{made['id']}/delete"):
        assert world.api("POST", path, {"name": "a", "text": "b"}, key=other).status_code == 404


def test_what_a_person_keeps_for_themselves_no_program_is_shown(world: World) -> None:
    world.person("Anna")
    world.sign_in()
    page = world.click("/prompts", on="/prompts", name="own", text="Mine alone")
    (kept,) = re.findall(r'id="prompt-(prm_\w+)"', page.text)
    key = world.key()
    assert world.api("GET", "/v1/prompts", key=key).json()["items"] == []
    assert world.api("POST", f"/v1/prompts/{kept}/delete", key=key).status_code == 404
    assert "Mine alone" in world.send("GET", "/prompts", headers=PAGE).text
