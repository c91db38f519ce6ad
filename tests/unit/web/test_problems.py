from __future__ import annotations

from typing import Any

import pytest
from doors import World

FIELDS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def assert_problem(reply: Any, status: int, code: str) -> dict[str, Any]:
    assert reply.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = reply.json()
    assert body.keys() >= FIELDS
    assert (reply.status_code, body["status"], body["code"]) == (status, status, code), body
    assert body["request_id"] == reply.headers["x-request-id"]
    return body


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"content": b"{", "headers": JSON}, 400, "not_json"),
        ({"content": b"", "headers": JSON}, 400, "not_json"),
        ({"content": b'{"text": "\xff"}', "headers": JSON}, 400, "not_json"),
        ({"content": b'{"text": "\\ud800"}', "headers": JSON}, 400, "not_json"),
        ({"content": b"[" * 100_000, "headers": JSON}, 400, "not_json"),
        ({"content": b'{"text": "mugs"}', "headers": {"content-type": "text/plain"}}, 415, "unsupported_media_type"),
        ({"content": b'{"text": "mugs"}'}, 415, "unsupported_media_type"),
        ({"data": {"text": "mugs"}}, 415, "unsupported_media_type"),
        ({"json": []}, 422, "invalid_body"),
        ({"content": b"null", "headers": JSON}, 422, "invalid_body"),
        ({"json": {}}, 422, "invalid_body"),
        ({"json": {"text": ""}}, 422, "invalid_body"),
        ({"json": {"text": 5}}, 422, "invalid_body"),
        ({"json": {"text": "x" * 8_001}}, 422, "invalid_body"),
        ({"json": {"text": "mugs", "colour": "blue"}}, 422, "invalid_body"),
        ({"json": {"text": "mugs", "wait_s": -1}}, 422, "invalid_body"),
        ({"json": {"text": "mugs", "wait_s": 1e300}}, 422, "invalid_body"),
        ({"json": {"text": "mugs", "context": {"page": {"html": "<p>"}}}}, 422, "invalid_body"),
        ({"content": b'{"text": "' + b"x" * 1_000_000 + b'"}', "headers": JSON}, 413, "body_too_large"),
    ],
)
def test_a_bad_body_is_a_problem_that_says_what_is_wrong(world: World, sent: dict[str, Any], status: int, code: str) -> None:
    headers = {"authorization": f"Bearer {world.key()}", **sent.pop("headers", {})}
    body = assert_problem(world.send("POST", "/v1/asks", headers=headers, **sent), status, code)
    assert "Traceback" not in str(body) and (status != 413 or body["detail"] == "The body is larger than 1 MB.")
    assert world.service.asked == []


@pytest.mark.parametrize("sent", [b"[]", b"null", b"5"])
def test_a_body_that_is_no_object_is_told_so_in_words_of_json(world: World, sent: bytes) -> None:
    headers = {"authorization": f"Bearer {world.key()}", **JSON}
    body = assert_problem(world.send("POST", "/v1/asks", headers=headers, content=sent), 422, "invalid_body")
    assert body["detail"] == "The body: Give a JSON object."


def test_every_fault_of_a_body_is_told_at_once_to_people_and_to_programs(world: World) -> None:
    body = assert_problem(world.api("POST", "/v1/asks", {"txt": "mugs", "wait_s": -1, "dry_run": 5}, key=world.key()), 422, "invalid_body")
    assert [each["pointer"] for each in body["errors"]] == ["/text", "/dry_run", "/wait_s", "/txt"]
    assert all(f"{each['pointer']}: {each['detail']}." in body["detail"] for each in body["errors"])


def test_of_many_faults_the_sentence_tells_some_and_how_many_more(world: World) -> None:
    body = assert_problem(world.api("POST", "/v1/asks", {"text": "mugs", **{f"f{n}": n for n in range(50)}}, key=world.key()), 422, "invalid_body")
    assert len(body["errors"]) == 50
    assert body["detail"].count("There is no such field") == 8 and body["detail"].endswith("And 42 more: see `errors`.")


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("/v1/usage?by=moon&from=yesterday&to=2026-11-22T10:00:00", ["by", "from", "to"]),
        ("/v1/usage/runs?limit=0&to=soon", ["limit", "to"]),
        ("/v1/usage/runs?order=colour", ["order"]),
    ],
)
def test_every_fault_of_a_query_is_told_at_once(world: World, query: str, wrong: list[str]) -> None:
    body = assert_problem(world.api("GET", query, key=world.key()), 422, "invalid_query")
    assert [each["parameter"] for each in body["errors"]] == wrong
    assert all(each["detail"] in body["detail"] for each in body["errors"])


def test_what_was_sent_is_not_repeated(world: World) -> None:
    reply = world.api("POST", "/v1/asks", {"text": {"card": "4111111111111111"}}, key=world.key())
    assert "4111" not in reply.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic eA=="},
        {"authorization": "Bearer "},
        {"authorization": "Bearer sk_sh_nonsense"},
        {"authorization": "Bearer ü".encode()},
    ],
)
def test_without_a_good_key_nothing_is_told(world: World, headers: dict[str, Any]) -> None:
    reply = world.send("GET", "/v1/runs/anything", headers=headers)
    assert_problem(reply, 401, "no_key")
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_wrong_method_says_which_are_right(world: World) -> None:
    reply = world.api("DELETE", "/v1/asks", key=world.key())
    assert_problem(reply, 405, "method_not_allowed")
    assert "POST" in reply.headers["allow"]


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/v1/runs/a/b/c", "/v2/asks"])
def test_an_address_that_is_not_there_is_a_problem(world: World, path: str) -> None:
    assert_problem(world.api("GET", path, key=world.key()), 404, "not_found")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=١", "limit=-1", "limit=99999999999999999999"])
def test_a_page_size_out_of_range_is_a_problem(world: World, query: str) -> None:
    assert_problem(world.api("GET", f"/v1/runs?{query}", key=world.key()), 400, "bad_parameter")


def test_an_unknown_last_event_id_is_a_problem(world: World) -> None:
    reply = world.api("GET", "/v1/runs/run_1/events", key=world.key(), headers={"last-event-id": "soon"})
    assert_problem(reply, 400, "bad_parameter")


def test_a_request_id_comes_back_and_a_strange_one_does_not(world: World) -> None:
    assert world.send("GET", "/livez", headers={"x-request-id": "abc-1.2"}).headers["x-request-id"] == "abc-1.2"
    made = world.send("GET", "/livez", headers={"x-request-id": "<script>"}).headers["x-request-id"]
    assert made.startswith("req_")


def test_a_fault_of_ours_tells_nothing_of_itself(world: World, caplog: pytest.LogCaptureFixture) -> None:
    secret = "-".join(["sk_sh_1234", "anna@example.test"])  # not to be read off a line of source in the traceback

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(secret)

    world.service.plan = broken  # type: ignore[method-assign, assignment]
    body = assert_problem(world.api("POST", "/v1/plans", {"text": "mugs"}, key=world.key()), 500, "internal")
    assert secret not in str(body) and "RuntimeError" not in str(body)
    assert secret not in caplog.text and "RuntimeError" in caplog.text


def test_every_reply_forbids_what_a_browser_need_not_do(world: World) -> None:
    for path in ("/livez", "/sign-in", "/v1/asks", "/static/panel.css"):
        headers = world.send("GET", path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_readiness_turns_red_when_something_is_missing(tmp_path: Any) -> None:
    async def ready() -> dict[str, bool]:
        return {"database": False}

    world = World(tmp_path, ready=ready)
    reply = world.send("GET", "/readyz")
    world.close()
    assert (reply.status_code, reply.json()) == (503, {"status": "not ready", "checks": {"database": False}})
