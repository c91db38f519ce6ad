from __future__ import annotations

import hashlib
import json
import socket
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from doors import World

from agent.records import Scope
from agent.runs.idempotency import Idempotency, Slot
from agent.sdk import Args
from agent.web.tasks_api import task_shown

MUGS = "Put the mugs at 12.50, show me what they sold"


def test_an_ask_answers_with_the_whole_reply(world: World) -> None:
    reply = world.api("POST", "/v1/asks", {"text": MUGS}, key=world.key())
    assert reply.status_code == 200
    assert reply.headers["location"] == f"/v1/runs/{reply.json()['run_id']}"
    body = reply.json()
    assert [part["kind"] for part in body["parts"]] == ["proposal", "answer"]
    assert body["parts"][0]["change_set"]["items"][0]["what"]["after"] == {"amount": "12.50", "currency": "EUR"}
    assert body["parts"][1]["evidence"]["time_zone"] == "Europe/Berlin"
    assert body["approvals"] == [body["parts"][0]["change_set"]["digest"]]


def test_an_ask_that_takes_longer_than_the_caller_waits_is_accepted_for_later(world: World) -> None:
    world.service._hold = True
    reply = world.api("POST", "/v1/asks", {"text": MUGS, "wait_s": 0}, key=world.key())
    assert reply.status_code == 202
    assert reply.json()["state"] == "running"
    world.service.release()
    found = world.api("GET", reply.headers["location"], key=world.key())
    assert found.status_code == 200


def test_the_ask_carries_shop_thread_context_and_locale(world: World) -> None:
    body = {"text": MUGS, "thread_id": "t1", "context": {"product_id": "p7"}}
    world.api("POST", "/v1/asks", body, key=world.key())
    (ask,) = world.service.asked
    assert (ask.shop, ask.thread, ask.context, ask.locale) == ("shop_a", "t1", {"product_id": "p7"}, "en-GB")


def test_a_plan_runs_nothing(world: World) -> None:
    reply = world.api("POST", "/v1/plans", {"text": MUGS}, key=world.key())
    assert [s["task"] for s in reply.json()["subtasks"]] == ["change_price", "sales_report"]
    assert world.api("GET", "/v1/runs", key=world.key()).json() == {"items": [], "next": None}


def test_runs_are_listed_in_pages_newest_first(world: World) -> None:
    key = world.key()
    ids = [world.api("POST", "/v1/asks", {"text": MUGS}, key=key).json()["run_id"] for _ in range(3)]
    first = world.api("GET", "/v1/runs?limit=2", key=key).json()
    second = world.api("GET", f"/v1/runs?limit=2&cursor={first['next']}", key=key).json()
    assert [r["id"] for r in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None


def test_what_a_list_names_comes_along_when_it_is_expanded(world: World) -> None:
    key = world.key()
    asked = [world.api("POST", "/v1/asks", {"text": text}, key=key).json() for text in (MUGS, "What sold best?", "which mug")]
    plain = world.api("GET", "/v1/runs?limit=2", key=key).json()
    whole = world.api("GET", "/v1/runs?limit=2&expand=reply", key=key).json()
    assert set(plain) == {"items", "next"} and {name: whole[name] for name in plain} == plain
    assert whole["expanded"] == {reply["run_id"]: reply for reply in asked[1:]}
    waiting = world.api("GET", "/v1/approvals?expand=run", key=key).json()
    assert waiting["expanded"] == {waiting["items"][0]["run"]: asked[0]}
    assert world.api("GET", "/v1/changes?expand=run", key=key).json() == {"items": [], "next": None, "expanded": {}}
    for wrong in ("runs?expand=run", "changes?expand=reply", "approvals?expand=", "runs?expand=reply&expand=reply"):
        assert world.api("GET", f"/v1/{wrong}", key=key).json()["code"] == "bad_parameter"


def events_of(text: str) -> list[dict[str, str]]:
    """The messages of a stream as a client reads them."""
    blocks = [block for block in text.split("\n\n") if block and not block.startswith(":")]
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


def test_events_have_ids_and_resume_after_the_last_one_seen(world: World) -> None:
    key = world.key()
    run = world.api("POST", "/v1/asks", {"text": MUGS}, key=key).json()["run_id"]
    whole = world.api("GET", f"/v1/runs/{run}/events", key=key)
    assert whole.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in whole.headers
    events = events_of(whole.text)
    assert [int(e["id"]) for e in events] == list(range(1, len(events) + 1))
    assert events[0]["event"] == "run_started" and events[-1]["event"] == "run_waiting"
    for cut in range(len(events)):
        rest = world.api("GET", f"/v1/runs/{run}/events", key=key, headers={"last-event-id": str(cut)})
        assert events_of(rest.text) == events[cut:]


def test_answers_go_to_the_questions_and_the_run_goes_on(world: World) -> None:
    key = world.key()
    run = world.api("POST", "/v1/asks", {"text": "Change the price: which mug?"}, key=key).json()
    assert run["questions"][0]["options"][0]["value"] == "Blue Ceramic Mug"
    body = {"answers": [{"question": "q1", "value": "Blue Ceramic Mug"}]}
    done = world.api("POST", f"/v1/runs/{run['run_id']}/answers", body, key=key).json()
    assert done["questions"] == [] and done["parts"][0]["change_set"]["items"][0]["what"]["target"]["label"] == "Blue Ceramic Mug"
    again = world.api("POST", f"/v1/runs/{run['run_id']}/answers", body, key=key)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_a_run_can_be_stopped(world: World) -> None:
    world.service._hold = True
    key = world.key()
    run = world.api("POST", "/v1/asks", {"text": MUGS, "wait_s": 0}, key=key).json()["run_id"]
    stopped = world.api("POST", f"/v1/runs/{run}/stop", key=key).json()
    assert stopped["state"] == "stopped" and len(stopped["not_done"]) == 2


def test_approving_some_items_leaves_the_others_open(world: World) -> None:
    key = world.key()
    digest = world.api("POST", "/v1/asks", {"text": MUGS}, key=key).json()["approvals"][0]
    done = world.api("POST", f"/v1/approvals/{digest}/approve", {"items": ["2"]}, key=key).json()
    assert [item["state"] for item in done["items"]] == ["open", "applied", "open"]
    assert [s["digest"] for s in world.api("GET", "/v1/approvals", key=key).json()["items"]] == [digest]


def test_a_change_is_approved_listed_and_undone(world: World) -> None:
    key = world.key()
    digest = world.api("POST", "/v1/asks", {"text": MUGS}, key=key).json()["approvals"][0]
    assert world.api("POST", f"/v1/approvals/{digest}/approve", key=key).json()["state"] == "applied"
    (change,) = world.api("GET", "/v1/changes", key=key).json()["items"]
    inverse = world.api("POST", f"/v1/changes/{change['id']}/undo", key=key).json()
    assert inverse["undoes"] == change["id"] and inverse["state"] == "open"
    assert inverse["items"][0]["what"]["after"] == {"amount": "11.00", "currency": "EUR"}


def test_a_rejected_proposal_is_decided(world: World) -> None:
    key = world.key()
    digest = world.api("POST", "/v1/asks", {"text": MUGS}, key=key).json()["approvals"][0]
    assert world.api("POST", f"/v1/approvals/{digest}/reject", {}, key=key).json()["state"] == "rejected"
    assert world.api("POST", f"/v1/approvals/{digest}/approve", key=key).status_code == 409


def test_the_catalogue_shows_each_task_with_its_schema(world: World) -> None:
    key = world.key()
    names = [task["name"] for task in world.api("GET", "/v1/tasks", key=key).json()["items"]]
    assert "change_price" in names
    shown = world.api("GET", "/v1/tasks/change_price", key=key).json()
    assert shown["effect"] == "write" and "variants" in shown["args"]["properties"]


def test_a_tasks_schema_is_made_once_however_often_it_is_shown(world: World) -> None:
    class Counted(Args):
        made: ClassVar[int] = 0

        @classmethod
        def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
            cls.made += 1
            return super().model_json_schema(*args, **options)

    task = replace(world.service.task("change_price"), args=Counted)
    assert task_shown(task) == task_shown(task) and Counted.made == 1


def test_a_task_runs_with_typed_arguments_only(world: World) -> None:
    key = world.key()
    good = {"products": {"ids": ["p1"], "label": "the mug"}, "description": "Holds 300 ml."}
    assert world.api("POST", "/v1/tasks/edit_product", good, key=key).json()["plan"]["by"] == "caller"
    wrong = world.api("POST", "/v1/tasks/edit_product", {"products": "the mug", "colour": "blue"}, key=key)
    assert wrong.status_code == 422
    assert {error["pointer"] for error in wrong.json()["errors"]} == {"/products", "/colour"}


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        (Scope.READ, "POST", "/v1/asks", {"text": MUGS}),
        (Scope.ASK, "GET", "/v1/runs", None),
        (Scope.ASK, "POST", "/v1/approvals/x/approve", {}),
        (Scope.LLM, "GET", "/v1/changes", None),
        (Scope.READ, "POST", "/v1/changes/x/undo", None),
    ],
)
def test_a_key_does_only_what_its_scopes_say(world: World, scope: Scope, method: str, path: str, body: Any) -> None:
    reply = world.api(method, path, body, key=world.key(scope))
    assert (reply.status_code, reply.json()["code"]) == (403, "not_allowed")


def test_one_key_repeated_does_the_work_once_and_answers_with_the_same_bytes(world: World) -> None:
    key, headers = world.key(), {"idempotency-key": "once-1"}
    first = world.api("POST", "/v1/asks", {"text": MUGS}, key=key, headers=headers)
    second = world.api("POST", "/v1/asks", {"text": MUGS}, key=key, headers=headers)
    assert second.content == first.content and second.headers["location"] == first.headers["location"]
    assert second.headers["idempotent-replayed"] == "true" and "idempotent-replayed" not in first.headers
    assert len(world.service.asked) == 1
    other = world.api("POST", "/v1/asks", {"text": "another"}, key=key, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_an_idempotency_key_is_the_callers_own(world: World) -> None:
    headers = {"idempotency-key": "once-1"}
    for key in (world.key(), world.key(), world.key(shop="shop_b")):
        world.api("POST", "/v1/asks", {"text": MUGS}, key=key, headers=headers)
    assert len(world.service.asked) == 3


@pytest.mark.parametrize(("way", "other"), [("approve", "reject"), ("reject", "approve")])
def test_a_decision_whose_process_died_before_it_answered_is_answered_when_it_is_sent_again(world: World, way: str, other: str) -> None:
    key = world.key()
    (digest,) = world.api("POST", "/v1/asks", {"text": MUGS}, key=key).json()["approvals"]
    done = world.api("POST", f"/v1/approvals/{digest}/{way}", key=key).json()
    me = done["decided_by"]
    dead = Idempotency(world.db, process=f"{socket.gethostname()}/4194305/abcd")  # above the kernel's largest process number
    for sent in (way, other):
        slot = Slot("shop_a", me, f"POST /v1/approvals/{digest}/{sent}", "again")
        world.run(dead.begin(slot, hashlib.sha256(b"").hexdigest()))
    again = world.api("POST", f"/v1/approvals/{digest}/{way}", key=key, headers={"idempotency-key": "again"})
    assert (again.status_code, again.json()) == (200, done)
    assert world.api("POST", f"/v1/approvals/{digest}/{other}", key=key, headers={"idempotency-key": "again"}).status_code == 409
    assert world.api("POST", f"/v1/approvals/{digest}/{way}", key=key, headers={"idempotency-key": "new"}).status_code == 409


def test_all_that_was_open_is_approved_again_where_some_was_rejected_before(world: World) -> None:
    key = world.key()
    (digest,) = world.api("POST", "/v1/asks", {"text": MUGS}, key=key).json()["approvals"]
    items = world.api("POST", f"/v1/approvals/{digest}/reject", {"items": ["1"]}, key=key).json()["items"]
    assert [item["state"] for item in items] == ["rejected", *["open"] * (len(items) - 1)] and len(items) > 1
    done = world.api("POST", f"/v1/approvals/{digest}/approve", key=key).json()
    dead = Idempotency(world.db, process=f"{socket.gethostname()}/4194305/abcd")  # above the kernel's largest process number
    for way, body in (("approve", {}), ("approve", {"items": ["1"]}), ("reject", {})):
        slot = Slot("shop_a", done["decided_by"], f"POST /v1/approvals/{digest}/{way}", f"{way} {len(body)}".replace(" ", "-"))
        world.run(dead.begin(slot, hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()))
    sent = [("approve", {}, 200), ("approve", {"items": ["1"]}, 409), ("reject", {}, 409)]
    for way, body, status in sent:
        headers = {"idempotency-key": f"{way}-{len(body)}"}
        again = world.api("POST", f"/v1/approvals/{digest}/{way}", body, key=key, headers=headers)
        assert again.status_code == status
        assert status == 409 or again.json() == done


def test_a_refusal_is_kept_under_its_idempotency_key(world: World) -> None:
    key, headers = world.key(), {"idempotency-key": "no"}
    first = world.api("POST", "/v1/approvals/nothing/approve", {}, key=key, headers=headers)
    second = world.api("POST", "/v1/approvals/nothing/approve", {}, key=key, headers=headers)
    assert first.status_code == second.status_code == 404 and first.content == second.content
    assert json.loads(second.content)["code"] == "not_found"


def test_a_dry_run_has_no_address_since_nothing_of_it_is_kept(world: World) -> None:
    reply = world.api("POST", "/v1/asks", {"text": MUGS, "dry_run": True}, key=world.key())
    assert reply.status_code == 200 and "location" not in reply.headers


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/v1/runs?limt=1", "There is no parameter `limt` in the address; there are limit, cursor, text, expand."),
        ("/v1/keys?limit=1", "There is no parameter `limit` in the address; this operation takes none."),
    ],
)
def test_a_parameter_that_is_not_known_is_refused_and_those_that_are_are_named(world: World, path: str, detail: str) -> None:
    reply = world.api("GET", path, key=world.key())
    assert (reply.status_code, reply.json()["code"], reply.json()["detail"]) == (400, "bad_parameter", detail)


def test_a_field_that_is_not_known_is_refused_and_those_that_are_are_named(world: World) -> None:
    reply = world.api("POST", "/v1/plans", {"text": MUGS, "thread": "t1"}, key=world.key())
    assert reply.status_code == 422
    assert reply.json()["detail"] == "/thread: There is no such field; there are text, context, file_id, thread_id."


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is empty"), (b'{"text": "x"', "it ends too early"), (b'{"text": "x",}', "trailing comma in object (byte 13)"),
        (b'{"text": "\xff"}', "a text in it is not UTF-8"), (b"[" * 100_000, "it is nested too deeply"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_is_told_where_it_is_none(world: World, body: bytes, why: str) -> None:
    headers = {"authorization": f"Bearer {world.key()}", "content-type": "application/json"}
    reply = world.send("POST", "/v1/plans", headers=headers, content=body)
    assert (reply.status_code, reply.json()["code"], reply.json()["detail"]) == (400, "not_json", f"The body is not JSON: {why}.")


def test_an_address_with_nothing_at_it_says_where_it_is_told_what_there_is(world: World) -> None:
    reply = world.api("GET", "/v1/nowhere", key=world.key())
    assert reply.status_code == 404 and "/schema/openapi.json says what there is" in reply.json()["detail"]


def test_an_address_says_which_method_it_takes(world: World) -> None:
    reply = world.api("GET", "/v1/asks", key=world.key())
    assert reply.status_code == 405 and "it takes" in reply.json()["detail"] and "POST" in reply.json()["detail"]


def test_events_go_on_after_a_number_in_the_address_too(world: World) -> None:
    key = world.key()
    run = world.api("POST", "/v1/asks", {"text": MUGS}, key=key).json()["run_id"]
    whole, rest = (world.api("GET", f"/v1/runs/{run}/events{query}", key=key).text for query in ("", "?after=2"))
    assert "id: 3\n" in rest and "id: 2\n" not in rest and whole.endswith(rest)
