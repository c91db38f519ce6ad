"""What another agent is answered at /a2a, and what everybody may read of Storehand in its agent card."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import World
from scripted import ScriptedService
from test_tasks_api import MUGS

from agent.records import Scope
from agent.registry import discover
from agent.web.a2a.card import GROUPS, skills
from agent.web.a2a.door import Door
from agent.web.a2a.wire import call_of
from agent.web.app import create_app

ASKS = (Scope.READ, Scope.ASK)


def rpc(world: World, method: str, params: Any, *, key: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    reply = world.api("POST", "/a2a", {"jsonrpc": "2.0", "id": "r1", "method": method, "params": params}, key=key, headers=headers)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    assert (told["jsonrpc"], told["id"]) == ("2.0", "r1")
    return told


def message(text: str | None, id: str = "m1", **more: Any) -> dict[str, Any]:
    """As the client of `a2a-sdk` 1.3.0 sends it."""
    return {"message": {"messageId": id, "role": "ROLE_USER", "parts": [{"text": text}] if text is not None else [], **more}, "configuration": {}}


def send(world: World, text: str, id: str = "m1", *, key: str, **more: Any) -> dict[str, Any]:
    task: dict[str, Any] = rpc(world, "SendMessage", message(text, id, **more), key=key)["result"]["task"]
    return task


def refused(world: World, method: str, params: Any, *, key: str, **more: Any) -> tuple[int, str]:
    error = rpc(world, method, params, key=key, **more)["error"]
    assert error["message"].endswith((".", "}")) and error["data"][0]["domain"] == "a2a-protocol.org"
    return error["code"], error["message"]


def said(task: dict[str, Any]) -> str:
    text: str = task["status"]["message"]["parts"][0]["text"]
    return text


# the card


def test_the_card_is_everybodys_and_says_where_and_how_to_send(world: World) -> None:
    card = world.send("GET", "/.well-known/agent-card.json")
    told = card.json()
    assert card.status_code == 200 and told["name"] == "Storehand" and told["provider"]["organization"] == "Storehand"
    assert told["supportedInterfaces"][0] == {"url": "http://shop.test/a2a", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}
    assert told["capabilities"] == {"streaming": False, "pushNotifications": False, "extendedAgentCard": False}
    assert told["securitySchemes"]["bearer"]["httpAuthSecurityScheme"]["scheme"] == "bearer"
    assert told["securityRequirements"] == [{"schemes": {"bearer": {"list": []}}}]
    assert 8 <= len(told["skills"]) <= 12 and all(skill["examples"] and skill["tags"] and skill["description"] for skill in told["skills"])
    assert (told["url"], told["protocolVersion"], told["preferredTransport"]) == ("http://shop.test/a2a", "0.3.0", "JSONRPC"), "clients of 0.3"
    assert "Fern & Tide" not in card.text and "shop_a" not in card.text


def test_the_address_that_was_set_is_the_one_that_is_told(tmp_path: Path) -> None:
    world = World(tmp_path, address="https://shop.example/")
    told = world.send("GET", "/.well-known/agent-card.json").json()
    asked = send(world, MUGS, key=world.key())
    world.close()
    assert told["supportedInterfaces"][0]["url"] == "https://shop.example/a2a"
    assert "https://shop.example/approvals" in said(asked)


def test_every_task_of_ours_is_in_one_skill_and_what_others_bring_is_in_one_more() -> None:
    grouped = [name for group in GROUPS for name in group.tasks]
    ours = list(discover(plugins=False))
    assert sorted(grouped) == sorted(task.name for task in ours)
    few = [task for task in ours if task.name == "sales_report"]
    assert [skill["id"] for skill in skills(few)] == ["reports"]


# asking


def test_a_message_is_a_run_whose_parts_are_artifacts(world: World) -> None:
    key = world.key(*ASKS)
    task = send(world, "What sold best?", key=key, contextId="c1")
    run = world.api("GET", f"/v1/runs/{task['id']}", key=key).json()
    assert (task["status"]["state"], task["contextId"], run["state"]) == ("TASK_STATE_COMPLETED", "c1", "done")
    (artifact,) = task["artifacts"]
    text, data = artifact["parts"]
    assert text["text"].startswith("Four products sold") and data["data"] == run["parts"][0]
    assert world.service.asked[0].thread == "c1" and task["status"]["timestamp"].endswith("Z")


def test_a_message_without_a_context_begins_one_and_the_next_goes_on_in_it(world: World) -> None:
    key = world.key(*ASKS)
    first = send(world, "What sold best?", key=key)
    then = send(world, "And the week before?", "m2", key=key, contextId=first["contextId"])
    other = send(world, "What sold best?", "m3", key=key)
    assert then["contextId"] == first["contextId"] != other["contextId"]
    assert [ask.thread for ask in world.service.asked] == [first["contextId"], first["contextId"], other["contextId"]]
    assert rpc(world, "GetTask", {"id": first["id"]}, key=key)["result"] == first


def test_the_same_message_again_makes_no_second_run(world: World) -> None:
    key = world.key(*ASKS)
    first = send(world, "What sold best?", key=key)
    assert send(world, "What sold best?", key=key) == first and len(world.service.asked) == 1
    assert refused(world, "SendMessage", message("Another thing"), key=key) == (
        -32602, "This messageId came before with another message; give each message an id of its own.",
    )  # fmt: skip
    assert send(world, "What sold best?", key=world.key(*ASKS))["id"] != first["id"], "another key's messages have names of their own"


def test_a_message_that_came_to_nothing_can_be_sent_again(world: World) -> None:
    key = world.key(*ASKS)
    assert refused(world, "SendMessage", message("   "), key=key)[0] == -32602
    assert send(world, "What sold best?", key=key)["status"]["state"] == "TASK_STATE_COMPLETED"


def test_a_proposal_waits_for_a_person_and_says_where(world: World) -> None:
    key = world.key(*ASKS, Scope.APPROVE)
    task = send(world, MUGS, key=key)
    assert task["status"]["state"] == "TASK_STATE_INPUT_REQUIRED"
    assert "a person approves or rejects" in said(task) and "http://shop.test/approvals" in said(task)
    (digest,) = task["status"]["message"]["parts"][1]["data"]["approvals"]
    code, sentence = refused(world, "SendMessage", message("approve", "m2", taskId=task["id"]), key=key)
    assert code == -32004 and "a person's decision" in sentence
    assert refused(world, "CancelTask", {"id": task["id"]}, key=key)[0] == -32002
    world.api("POST", f"/v1/approvals/{digest}/approve", {}, key=world.key())
    after = rpc(world, "GetTask", {"id": task["id"]}, key=key)["result"]
    assert "applied" in after["artifacts"][0]["parts"][0]["text"]


def test_a_question_is_answered_with_text_or_with_data(world: World) -> None:
    key = world.key(*ASKS)
    task = send(world, "which mug", key=key)
    assert task["status"]["state"] == "TASK_STATE_INPUT_REQUIRED" and "Which mug do you mean?" in said(task)
    assert refused(world, "SendMessage", message("x", "m2", taskId=task["id"], contextId="other"), key=key)[0] == -32602
    then = send(world, "tall latte mug, €13.90", "m3", key=key, taskId=task["id"], contextId=task["contextId"])
    assert (then["id"], then["contextId"]) == (task["id"], task["contextId"])
    assert "Tall Latte Mug" in then["artifacts"][0]["parts"][0]["text"] and "a person approves" in said(then)
    other = send(world, "which mug", "m4", key=key)
    given = message(None, "m5", taskId=other["id"])
    given["message"]["parts"] = [{"data": {"q1": "Blue Ceramic Mug"}}]
    done = rpc(world, "SendMessage", given, key=key)["result"]["task"]
    assert "Blue Ceramic Mug" in done["artifacts"][0]["parts"][0]["text"]
    assert rpc(world, "SendMessage", given, key=key)["result"]["task"] == done, "an answer that is sent again answers nothing twice"


def test_what_cannot_be_done_is_rejected_and_what_breaks_has_failed(world: World) -> None:
    key = world.key(*ASKS)
    task = send(world, "weather?", key=key)
    assert task["status"]["state"] == "TASK_STATE_REJECTED" and "The weather is not a shop matter." in said(task)
    broken = send(world, "boom", "m2", key=key)
    assert (broken["status"]["state"], said(broken)) == ("TASK_STATE_FAILED", "The report broke; nothing was changed.")
    assert refused(world, "CancelTask", {"id": broken["id"]}, key=key)[0] == -32002
    assert refused(world, "SendMessage", message("and now?", "m3", taskId=broken["id"]), key=key)[0] == -32004


@pytest.fixture
def held(tmp_path: Path) -> Iterator[World]:
    """Runs stay at their first step."""
    made = World(tmp_path)
    made.service = ScriptedService(list(discover()), hold=True)
    made.run(made.client.aclose())
    made.client = httpx.AsyncClient(transport=httpx.ASGITransport(create_app(made.service, made.accounts)), base_url="http://shop.test")
    yield made
    made.close()


def test_a_task_that_takes_longer_is_working_and_can_be_canceled(held: World) -> None:
    key = held.key(*ASKS)
    now = {**message(MUGS), "configuration": {"returnImmediately": True}}
    task = rpc(held, "SendMessage", now, key=key)["result"]["task"]
    assert task["status"]["state"] == "TASK_STATE_WORKING"
    assert refused(held, "SendMessage", message("the blue one", "m2", taskId=task["id"]), key=key)[0] == -32004
    gone = rpc(held, "CancelTask", {"id": task["id"]}, key=key)["result"]
    assert gone["status"]["state"] == "TASK_STATE_CANCELED" and "Stopped before this was done." in said(gone)


def test_who_waits_longer_than_anybody_is_let_gets_the_task_as_it_stands(held: World) -> None:
    principal = held.run(held.accounts.keys.verify(held.key(*ASKS)))
    door = Door(service=held.service, principal=principal, address="http://shop.test", wait_s=0.05)
    call = call_of({"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": message(MUGS)}, "1.0")
    told = held.run(door.answer(call))
    assert told["result"]["task"]["status"]["state"] == "TASK_STATE_WORKING"
    held.service.release()
    held.run(held.service.settled())


# the words of 0.3


def test_a_client_of_the_version_before_is_answered_in_its_own_form(world: World) -> None:
    key = world.key(*ASKS)
    sent = {"kind": "message", "messageId": "m1", "role": "user", "parts": [{"kind": "text", "text": MUGS}]}
    task = rpc(world, "message/send", {"message": sent, "configuration": {"blocking": True, "acceptedOutputModes": []}}, key=key)["result"]
    assert (task["kind"], task["status"]["state"], task["status"]["message"]["role"]) == ("task", "input-required", "agent")
    assert [part["kind"] for part in task["artifacts"][0]["parts"]] == ["text", "data"]
    assert rpc(world, "tasks/get", {"id": task["id"]}, key=key)["result"] == task
    assert refused(world, "tasks/cancel", {"id": task["id"]}, key=key)[0] == -32002


# what is wrong


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("Sing", {}, -32601), ("SendStreamingMessage", message("x"), -32004), ("tasks/resubscribe", {"id": "r"}, -32004), ("ListTasks", {}, -32004),
        ("CreateTaskPushNotificationConfig", {}, -32003), ("tasks/pushNotificationConfig/set", {}, -32003), ("GetTask", {"id": "run_no"}, -32001),
        ("CancelTask", {"id": "run_no"}, -32001), ("GetTask", {}, -32602), ("GetTask", {"id": 7}, -32602), ("GetTask", [], -32602),
        ("SendMessage", {}, -32602), ("SendMessage", {"message": "hello"}, -32602), ("SendMessage", message(None), -32602),
        ("SendMessage", message("x", taskId="run_no"), -32001), ("SendMessage", message("x", ""), -32602),
        ("SendMessage", message("x", contextId=1), -32602), ("SendMessage", message("x", contextId="c" * 201), -32602),
        ("SendMessage", message("x", role="ROLE_AGENT"), -32602), ("SendMessage", message("x", parts=[{"text": 5}]), -32602),
        ("SendMessage", message("x", parts=[7]), -32602), ("SendMessage", message("x", parts=[{"url": "https://x"}]), -32005),
        ("SendMessage", message("x", parts=[{"kind": "file", "file": {}}]), -32005),
        ("SendMessage", {**message("x"), "configuration": {"acceptedOutputModes": ["image/png"]}}, -32005),
        ("SendMessage", {**message("x"), "configuration": {"returnImmediately": 1}}, -32602),
        ("SendMessage", {**message("x"), "configuration": {"taskPushNotificationConfig": {"url": "https://x"}}}, -32003),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_protocols_number_and_a_sentence(world: World, method: str, params: Any, code: int) -> None:
    assert refused(world, method, params, key=world.key(*ASKS))[0] == code
    assert world.service.asked == []


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b"{", -32700), (b"[]", -32600), (b'{"jsonrpc":"2.0","id":1}', -32600), (b'{"jsonrpc":"2.0","method":"GetTask","params":{"id":"r"}}', -32600)],
)
def test_what_is_no_request_is_told_so(world: World, raw: bytes, code: int) -> None:
    headers = {"authorization": f"Bearer {world.key()}", "content-type": "application/json"}
    told = world.send("POST", "/a2a", content=raw, headers=headers)
    assert (told.status_code, told.json()["error"]["code"], told.json()["id"]) == (200, code, None)


def test_a_version_that_is_not_spoken_is_refused_and_a_patch_of_one_that_is_is_not(world: World) -> None:
    key = world.key(*ASKS)
    assert refused(world, "GetTask", {"id": "r"}, key=key, headers={"a2a-version": "2.0"})[0] == -32009
    assert refused(world, "GetTask", {"id": "r"}, key=key, headers={"a2a-version": "1.0.1"})[0] == -32001


def test_keys_scopes_shops_and_rates_are_those_of_the_api(tmp_path: Path) -> None:
    world = World(tmp_path, requests_per_minute=3)
    body = {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": message("What sold best?")}
    nobody = world.send("POST", "/a2a", json=body)
    assert (nobody.status_code, nobody.headers["content-type"]) == (401, "application/problem+json")
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    for scope in (Scope.READ, Scope.ASK):
        assert world.api("POST", "/a2a", body, key=world.key(scope)).status_code == 403
    key = world.key(*ASKS)
    task = world.api("POST", "/a2a", body, key=key).json()["result"]["task"]
    theirs = {"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": {"id": task["id"]}}
    other = world.api("POST", "/a2a", theirs, key=world.key(shop="shop_b")).json()
    assert other["error"]["code"] == -32001, "another shop's task is none"
    statuses = [world.api("POST", "/a2a", theirs, key=key).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    cross = {"origin": "https://evil.example"}
    assert world.api("POST", "/a2a", body, key=world.key(), headers=cross).status_code == 403
    world.close()


def test_a_browser_or_a_table_is_no_message(world: World) -> None:
    assert world.send("GET", "/a2a", headers={"accept": "text/html"}).headers["content-type"] == "application/problem+json"
    headers = {"authorization": f"Bearer {world.key()}", "content-type": "text/csv"}
    assert world.send("POST", "/a2a", content=json.dumps({}).encode(), headers=headers).status_code == 415
