"""Keys over HTTP: shown once, given out within bounds, rotated with an overlap, revoked at once, and of one shop."""

from __future__ import annotations

from typing import Any

import pytest
from doors import World

from agent.records import Scope


def made(world: World, admin: str, **wanted: Any) -> dict[str, Any]:
    reply = world.api("POST", "/v1/keys", {"name": "ERP", **wanted}, key=admin)
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


def test_a_key_is_made_with_bounds_and_its_secret_is_in_that_one_reply(world: World) -> None:
    admin = world.key()
    new = made(world, admin, scopes=["read", "llm"], models=["frontier", " fast "], budget_usd="25.50", expires_in_days=30)
    secret = new.pop("secret")
    listed = world.api("GET", "/v1/keys", key=admin)
    assert secret not in listed.text and listed.json()["items"][0] == new
    assert (new["models"], new["budget_usd"], new["scopes"], new["state"], new["last_used_at"]) == (
        ["fast", "frontier"],
        "25.5",
        ["llm", "read"],
        "good",
        None,
    )
    assert world.api("GET", "/v1/runs", key=secret).status_code == 200
    assert world.api("GET", "/v1/keys", key=admin).json()["items"][0]["last_used_at"] is not None


def test_a_rotated_key_has_two_secrets_for_a_while_and_a_revoked_one_has_none_at_once(world: World) -> None:
    admin = world.key()
    first = made(world, admin)
    second = world.api("POST", f"/v1/keys/{first['id']}/rotate", {"overlap_hours": 2}, key=admin).json()
    assert second["id"] == first["id"] and second["old_until"] > second["rotated_at"]
    assert [world.api("GET", "/v1/runs", key=key["secret"]).status_code for key in (first, second)] == [200, 200]
    third = world.api("POST", f"/v1/keys/{first['id']}/rotate", {"overlap_hours": 0}, key=admin).json()
    assert [world.api("GET", "/v1/runs", key=key["secret"]).status_code for key in (first, second, third)] == [401, 401, 200]
    revoked = world.api("POST", f"/v1/keys/{first['id']}/revoke", key=admin).json()
    assert revoked["state"] == "revoked" and world.api("GET", "/v1/runs", key=third["secret"]).status_code == 401
    again = world.api("POST", f"/v1/keys/{first['id']}/rotate", key=admin)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_nobody_gives_out_more_than_they_have(world: World) -> None:
    strong, weak = world.key(), world.key(Scope.ADMIN, Scope.READ)
    refused = world.api("POST", "/v1/keys", {"name": "x", "scopes": ["llm"]}, key=weak)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    theirs = made(world, strong, scopes=["llm", "read"])
    assert world.api("POST", f"/v1/keys/{theirs['id']}/rotate", key=weak).status_code == 403  # it would see a secret that can do more
    bound = made(world, strong, scopes=["admin", "llm"], models=["fast"])["secret"]
    wider = [{"models": ["fast", "frontier"]}, {}]
    assert [world.api("POST", "/v1/keys", {"name": "x", "scopes": ["llm"], **w}, key=bound).status_code for w in wider] == [403, 403]
    assert made(world, bound, scopes=["llm"], models=["fast"])["models"] == ["fast"]


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["all"]}, {"models": []}, {"budget_usd": -1}, {"expires_in_days": 0}, {"name": ""}, {"nmae": "x"}]
)
def test_a_key_that_makes_no_sense_is_told_where(world: World, wrong: dict[str, Any]) -> None:
    admin = world.key()
    reply = world.api("POST", "/v1/keys", {"name": "ERP", **wrong}, key=admin)
    assert reply.status_code == 422 and f"/{next(iter(wrong))}" in reply.json()["errors"][0]["pointer"]
    assert len(world.api("GET", "/v1/keys", key=admin).json()["items"]) == 1


def test_another_shops_keys_are_neither_listed_nor_touched(world: World) -> None:
    ours, theirs = world.key(), world.key(shop="shop_b")
    key = made(world, theirs)
    assert key["id"] not in world.api("GET", "/v1/keys", key=ours).text
    assert [world.api("POST", f"/v1/keys/{key['id']}/{what}", key=ours).status_code for what in ("rotate", "revoke")] == [404, 404]
    assert world.api("GET", "/v1/runs", key=key["secret"]).status_code == 200
