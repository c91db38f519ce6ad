"""Conversations over HTTP: found, renamed, pinned, branched, taken away as files, deleted; another shop sees none of it."""

from __future__ import annotations

from typing import Any

from doors import World

from agent.records import Scope


def ask(world: World, key: str, text: str, **more: Any) -> Any:
    return world.api("POST", "/v1/asks", {"text": text, "thread_id": "t1", **more}, key=key).json()


def test_a_conversation_is_found_renamed_pinned_and_deleted(world: World) -> None:
    key = world.key()
    ask(world, key, "How did sales go?")
    world.api("POST", "/v1/asks", {"text": "What runs low?", "thread_id": "t2"}, key=key)
    listed = world.api("GET", "/v1/threads", key=key).json()
    assert [(each["id"], each["title"], each["pinned"]) for each in listed["items"]] == [
        ("t2", "What runs low?", False),
        ("t1", "How did sales go?", False),
    ]
    changed = world.api("POST", "/v1/threads/t1", {"title": "Month end", "pinned": True}, key=key)
    assert (changed.json()["title"], changed.json()["named"], changed.json()["pinned"]) == ("Month end", True, True)
    assert [each["id"] for each in world.api("GET", "/v1/threads?pinned=true", key=key).json()["items"]] == ["t1"]
    assert [each["id"] for each in world.api("GET", "/v1/threads?text=month+sales", key=key).json()["items"]] == ["t1"]
    headers = {"idempotency-key": "once"}
    first = world.api("POST", "/v1/threads/t1/delete", key=key, headers=headers)
    again = world.api("POST", "/v1/threads/t1/delete", key=key, headers=headers)
    assert first.status_code == again.status_code == 200 and first.content == again.content and again.headers["idempotent-replayed"] == "true"
    assert world.api("GET", "/v1/threads/t1", key=key).json()["code"] == "not_found"


def test_an_edited_request_is_a_version_and_both_are_reached(world: World) -> None:
    key = world.key()
    first = ask(world, key, "How did sales go?")
    second = ask(world, key, "How did sales go last year?", instead_of=first["run_id"])
    shown = world.api("GET", "/v1/threads/t1", key=key).json()
    assert [(each["run"]["id"], each["versions"]) for each in shown["runs"]] == [(second["run_id"], [first["run_id"], second["run_id"]])]
    earlier = world.api("GET", f"/v1/threads/t1?at={first['run_id']}", key=key).json()
    assert [each["run"]["id"] for each in earlier["runs"]] == [first["run_id"]]


def test_a_conversation_is_taken_away_as_json_and_as_markdown(world: World) -> None:
    key = world.key()
    first = ask(world, key, "How did [sales](http://evil.test) go?")
    ask(world, key, "How did sales go?", instead_of=first["run_id"])
    whole = world.api("GET", "/v1/threads/t1/export", key=key).json()
    assert [each["reply"]["run_id"] for each in whole["requests"]] == [first["run_id"], whole["requests"][1]["run"]["id"]]
    assert whole["thread"]["requests"] == 2
    told = world.api("GET", f"/v1/threads/t1/markdown?at={first['run_id']}", key=key)
    assert told.headers["content-type"].startswith("text/markdown")
    assert r"\[sales\](http://evil.test)" in told.text and "Version 1 of 2" in told.text and "| ---" in told.text


def test_another_shop_and_keys_without_the_right_change_nothing(world: World) -> None:
    key = world.key()
    ask(world, key, "How did sales go?")
    other = world.key(shop="shop_b")
    assert world.api("GET", "/v1/threads", key=other).json()["items"] == []
    for method, path in (("GET", ""), ("GET", "/export"), ("GET", "/markdown"), ("POST", "/delete")):
        assert world.api(method, f"/v1/threads/t1{path}", key=other).status_code == 404
    assert world.api("POST", "/v1/threads/t1", {"title": "x"}, key=other).status_code == 404
    assert world.api("POST", "/v1/threads/t1", {"title": "x"}, key=world.key(Scope.READ)).status_code == 403
    somebody = world.key(Scope.READ, Scope.ASK)
    assert world.api("POST", "/v1/threads/t1", {"title": "x"}, key=somebody).json()["code"] == "not_allowed"
    assert world.api("POST", "/v1/threads/t1/delete", key=somebody).json()["code"] == "not_allowed"
    assert world.api("POST", "/v1/threads/t1", {"title": "x" * 121}, key=key).status_code == 422
