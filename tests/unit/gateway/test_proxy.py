from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from proxy_server import Proxy, proxy

from agent.ledger.breaker import Measures, SpendBreaker
from agent.ledger.usage import usage
from agent.providers.health import Health
from agent.records import Scope
from agent.testing.fake_provider import TEXT

T = Any
CHAT = {"model": "frontier", "messages": [{"role": "user", "content": "Say it."}]}


def run(folder: Path, test: Callable[[Proxy], Awaitable[T]], **parts: Any) -> T:
    async def inside() -> T:
        async with proxy(folder, **parts) as running:
            return await test(running)

    return asyncio.run(inside())


def test_an_answer_says_who_served_it_how_many_calls_it_took_and_what_it_cost(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> tuple[Any, Any]:
        reply = await p.chat()
        return reply.json(), reply.headers

    body, headers = run(tmp_path, ask, fault="503")
    assert body["choices"][0]["message"]["content"] == TEXT and body["usage"]["total_tokens"] == 65
    assert headers["x-storehand-served-by"] == "second/fault-"
    assert headers["x-storehand-attempts"] == "2"
    assert Decimal(headers["x-storehand-cost-usd"]) == Decimal("0.00045")  # 25 tokens in at $2, 40 out at $10 a million
    assert headers["x-storehand-request-id"]


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("/llm/v1/chat/completions", CHAT, lambda b: b["choices"][0]["message"]["content"]),
        ("/llm/v1/responses", {"model": "frontier", "input": "Say it."}, lambda b: b["output"][0]["content"][0]["text"]),
        ("/llm/v1/messages", {**CHAT, "max_tokens": 50}, lambda b: b["content"][0]["text"]),
        (
            "/llm/v1beta/models/frontier:generateContent",
            {"contents": [{"role": "user", "parts": [{"text": "Say it."}]}]},
            lambda b: b["candidates"][0]["content"]["parts"][0]["text"],
        ),
    ],
)
@pytest.mark.parametrize("dialect", ["openai", "anthropic", "gemini", "openai_responses"])
def test_every_dialect_is_answered_by_every_other(tmp_path: Path, path: str, body: Any, text: Callable[[Any], str], dialect: str) -> None:
    async def ask(p: Proxy) -> str:
        return text((await p.http.post(path, json=body)).json())

    assert run(tmp_path, ask, dialect=dialect) == TEXT


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "x-goog-api-key"])
def test_the_key_may_come_in_each_sdks_own_header(tmp_path: Path, header: str) -> None:
    async def ask(p: Proxy) -> int:
        value = f"Bearer {p.key}" if header == "authorization" else p.key
        del p.http.headers["authorization"]
        return (await p.http.post("/llm/v1/chat/completions", json=CHAT, headers={header: value})).status_code

    assert run(tmp_path, ask) == 200


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/llm/v1/chat/completions", lambda b: b["error"]["code"]),
        ("/llm/v1/messages", lambda b: b["error"]["type"]),
        ("/llm/v1beta/models/frontier:generateContent", lambda b: b["error"]["status"]),
    ],
)
def test_a_wrong_key_is_told_in_the_dialect(tmp_path: Path, path: str, where: Callable[[Any], str]) -> None:
    async def ask(p: Proxy) -> tuple[int, str]:
        reply = await p.http.post(path, json=CHAT, headers={"authorization": "Bearer sk_sh_wrong"})
        return reply.status_code, where(reply.json())

    status, code = run(tmp_path, ask)
    assert status == 401 and code in ("no_key", "authentication_error", "UNAUTHENTICATED")


def test_a_key_without_the_scope_is_not_let_in_and_a_revoked_one_not_for_long(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> int:
        return (await p.chat()).status_code

    assert run(tmp_path, ask, scopes=(Scope.READ, Scope.ASK)) == 403

    async def revoke(p: Proxy) -> list[int]:
        seen = [(await p.chat()).status_code]
        await p.keys.revoke(p.key_id, shop=p.shop)
        async with asyncio.timeout(2):
            while seen[-1] == 200:
                await asyncio.sleep(0.05)
                seen.append((await p.chat()).status_code)
        return seen

    (tmp_path / "b").mkdir()
    assert run(tmp_path / "b", revoke)[-1] == 401


@pytest.mark.parametrize(
    "extra",
    [
        {"base_url": "http://evil.example"},
        {"api_key": "sk-x"},
        {"extra_headers": {"x": "y"}},
        {"api_base": "http://evil.example"},
        {"n": 2},
        {"temperature": 9},
        {"max_tokens": 0},
        {"max_tokens": 10**30},
        {"messages": []},
        {"messages": [{"role": "wizard", "content": "x"}]},
        {"messages": "hello"},
        {"tools": [{"type": "web_search"}]},
    ],
)
def test_what_is_not_allowed_is_refused_and_nothing_is_called(tmp_path: Path, extra: dict[str, Any]) -> None:
    async def ask(p: Proxy) -> tuple[int, str, int]:
        reply = await p.chat(**extra)
        return reply.status_code, reply.json()["error"]["type"], len(p.fake.calls)

    assert run(tmp_path, ask) == (400, "invalid_request_error", 0)


def test_a_body_that_is_no_json_or_too_large_is_a_plain_error(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> list[int]:
        bodies = [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"model": "' + b"x" * 21_000_000 + b'"}']
        return [(await p.http.post("/llm/v1/chat/completions", content=body)).status_code for body in bodies]

    assert run(tmp_path, ask) == [400, 400, 400, 400, 400, 413]


def test_the_callers_own_mistake_comes_back_with_the_providers_words(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> tuple[int, str, int]:
        reply = await p.chat()
        return reply.status_code, reply.json()["error"]["message"], len(p.fake.calls)

    assert run(tmp_path, ask, fault="400bad") == (400, "This is wrong.", 1)


def test_a_model_that_is_none_is_not_found(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> tuple[int, str]:
        reply = await p.chat(model="gpt-99")
        return reply.status_code, reply.json()["error"]["code"]

    assert run(tmp_path, ask) == (404, "model_not_found")


def test_a_stream_comes_whole_with_usage_and_its_end(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> tuple[str, Any, bool, str]:
        reply = await p.chat(stream=True, stream_options={"include_usage": True})
        events = [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: {")]
        text = "".join(e["choices"][0]["delta"].get("content") or "" for e in events if e["choices"])
        return text.strip(), events[-1]["usage"]["total_tokens"], reply.text.endswith("data: [DONE]\n\n"), reply.headers["x-storehand-served-by"]

    assert run(tmp_path, ask, fault="sseerr0") == (TEXT.strip(), 65, True, "second/fault-")


@pytest.mark.parametrize("fault", ["sseerr", "truncate", "trunclean", "stall"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/llm/v1/chat/completions", {**CHAT, "stream": True}),
        ("/llm/v1/messages", {**CHAT, "max_tokens": 50, "stream": True}),
        ("/llm/v1/responses", {"model": "frontier", "input": "Say it.", "stream": True}),
        ("/llm/v1beta/models/frontier:streamGenerateContent?alt=sse", {"contents": [{"parts": [{"text": "Say it."}]}]}),
    ],
)
def test_a_stream_that_breaks_ends_in_an_error_of_the_dialect_and_never_in_its_end(tmp_path: Path, fault: str, path: str, body: Any) -> None:
    async def ask(p: Proxy) -> str:
        return (await p.http.post(path, json=body)).text

    text = run(tmp_path, ask, fault=fault)
    last = json.loads([line for line in text.splitlines() if line.startswith("data: ")][-1][6:])
    assert "error" in last or last.get("type") in ("error", "response.failed")
    assert "[DONE]" not in text and "message_stop" not in text and "response.completed" not in text and '"STOP"' not in text


def test_a_route_that_restarts_sends_a_restart_event_and_the_whole_other_answer(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> str:
        return (await p.chat(stream=True)).text

    text = run(tmp_path, ask, fault="truncate", alias={"on_cut": "restart"})
    _, _, after = text.partition("event: restart\n")
    events = [json.loads(line[6:]) for line in after.splitlines() if line.startswith('data: {"id"')]
    assert "".join(e["choices"][0]["delta"].get("content") or "" for e in events).strip() == TEXT.strip()
    assert after.endswith("data: [DONE]\n\n")


def test_a_caller_that_hangs_up_stops_the_model_within_a_second_and_is_billed_for_what_came(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> Any:
        async with p.http.stream("POST", "/llm/v1/chat/completions", json={**CHAT, "stream": True}) as reply:
            async for line in reply.aiter_lines():
                if '"content":"The' in line:
                    break
        async with asyncio.timeout(1):
            await p.fake.went_away.wait()
        lines: Any = []
        async with asyncio.timeout(5):
            while not lines:  # the row is made a few turns after the connection is closed
                await p.opened.books.flush()
                lines = await usage(p.db, p.shop, by="model")
        return lines

    lines = run(tmp_path, ask, pause_s=0.03)
    assert [(line.calls, line.estimated, line.output_tokens > 0, line.cost_usd > 0) for line in lines] == [(1, 1, True, True)]


@pytest.mark.parametrize("stream", [False, True])
def test_a_caller_that_hangs_up_before_anything_came_is_not_answered_by_another_model(tmp_path: Path, stream: bool) -> None:
    async def ask(p: Proxy) -> Any:
        with pytest.raises(httpx.ReadTimeout):
            await p.http.post("/llm/v1/chat/completions", json={**CHAT, "stream": stream}, timeout=httpx.Timeout(10, read=0.1))
        rows: Any = []
        async with asyncio.timeout(10):
            while not rows:  # the row is made when the call is over, whichever way
                await p.opened.books.flush()
                rows = await p.db.read(lambda session: session.connection().exec_driver_sql("SELECT error FROM llm_attempts").all())
        return [row[0] for row in rows], len(p.fake.calls)

    assert run(tmp_path, ask, fault="hang") == (["cancelled"], 1)


def test_64_parallel_calls_on_a_key_with_a_budget_for_10_spend_for_no_more_than_10(tmp_path: Path) -> None:
    # One call costs 25 tokens in and 40 out, $0.00045; at worst its prompt's bytes in, $0.00055.
    async def ask(p: Proxy) -> tuple[list[int], Decimal, set[str]]:
        replies = await asyncio.gather(*(p.chat(max_tokens=40) for _ in range(64)))
        refused = {reply.json()["error"]["code"] for reply in replies if reply.status_code != 200}
        await p.opened.books.flush()
        spent = sum((line.cost_usd for line in await usage(p.db, p.shop, by="key")), Decimal(0))
        return [reply.status_code for reply in replies], spent, refused

    statuses, spent, refused = run(tmp_path, ask, budget=Decimal("0.0055"))
    assert spent <= Decimal("0.0055") and refused == {"over_budget"}
    assert 8 <= statuses.count(200) <= 12 and statuses.count(200) + statuses.count(429) == 64


def test_a_call_that_a_budget_does_not_cover_says_what_would_fit_and_when_there_is_more(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> tuple[int, Any]:
        reply = await p.chat()  # without max_tokens its worst case is all that the model can write
        return reply.status_code, reply.json()["error"]

    status, error = run(tmp_path, ask, budget=Decimal("0.0055"))
    assert (status, error["code"]) == (429, "over_budget")
    assert error["message"].startswith("what is left of the key's budget for the month does not cover this call.")
    assert "max_tokens" in error["message"] and re.search(r"begins anew on 2\d{3}-\d{2}-01 \(UTC\)", error["message"])


def test_a_model_that_is_not_there_says_where_those_are_that_are(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> tuple[int, str]:
        reply = await p.chat(model="nope")
        return reply.status_code, reply.json()["error"]["message"]

    assert run(tmp_path, ask) == (404, "No model matches “nope”. `GET /llm/v1/models` names those that this key may call.")


def test_without_any_provider_it_is_said_who_adds_one_and_where(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> list[tuple[int, str]]:
        calls = [
            await p.chat(model="gpt-5"),
            await p.http.post("/llm/v1/messages", json={**CHAT, "max_tokens": 9}),
            await p.http.get("/llm/v1/models/gpt-5"),
        ]
        return [(reply.status_code, reply.json()["error"]["message"]) for reply in calls]

    for status, message in run(tmp_path, ask, bare=True):
        assert status == 404
        assert "None is configured" in message and "storehand.toml" in message and "GET /llm/v1/models" not in message


def test_googles_sdk_is_answered_as_google_does_at_either_version_of_its_address(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> None:
        theirs = {"x-goog-api-client": "google-genai-sdk/3.4.0"}
        for version in ("v1", "v1beta"):
            listed = await p.http.get(f"/llm/{version}/models", headers=theirs)
            assert [each["name"] for each in listed.json()["models"]][0] == "models/frontier"
            one = await p.http.get(f"/llm/{version}/models/frontier", headers=theirs)
            assert (one.status_code, one.json()["name"]) == (200, "models/frontier")
            none = await p.http.get(f"/llm/{version}/models/nothing", headers=theirs)
            assert (none.status_code, none.json()["error"]["status"]) == (404, "NOT_FOUND")
            other = await p.http.post(f"/llm/{version}/models/frontier:countTokens", headers=theirs, json={})
            assert other.status_code == 404 and "generateContent" in other.json()["error"]["message"]

    run(tmp_path, ask)


@pytest.mark.parametrize("path", ["/llm/v1/messages/count_tokens", "/llm/v1/messages/batches"])
def test_what_there_is_not_beside_messages_is_told_as_anthropic_tells_it(path: str, tmp_path: Path) -> None:
    async def ask(p: Proxy) -> Any:
        reply = await p.http.post(path, json={})
        return reply.status_code, reply.json()

    status, body = run(tmp_path, ask)
    assert status == 404 and body["type"] == "error" and "There is nothing at this address" in body["error"]["message"]


def test_a_paused_key_gets_a_429_that_says_so_until_its_owner_continues_it(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> tuple[list[int], str, str, int]:
        breaker = SpendBreaker(p.db, measures=Measures(repeats=3, repeats_usd=Decimal("0.0001")))
        p.opened.books.breaker = breaker
        replies = [await p.chat() for _ in range(5)]
        (pause,) = await breaker.pauses(p.shop)
        await breaker.decide(p.shop, pause.id, "continue", by="person")
        last, again = replies[-1], await p.chat()
        return [r.status_code for r in replies], last.json()["error"]["code"], last.headers["x-should-retry"], again.status_code

    assert run(tmp_path, ask) == ([200, 200, 200, 429, 429], "spend_paused", "false", 200)


def test_a_key_has_a_pace_and_is_told_of_it(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> tuple[list[int], set[str], list[str], list[int]]:
        replies = [await p.chat() for _ in range(4)]
        left = [r.headers["x-ratelimit-remaining-requests"] for r in replies]
        waits = [int(replies[-1].headers["retry-after"]), int(replies[-1].headers["ratelimit"].rpartition("=")[2])]
        return [r.status_code for r in replies], {r.headers["ratelimit-policy"] for r in replies}, left, waits

    assert run(tmp_path, ask, requests_per_minute=3, clock=lambda: 100.0) == (
        [200, 200, 200, 429],
        {'"key";q=3;w=60'},
        ["2", "1", "0", "0"],
        [20, 60],
    )


def test_a_key_with_a_list_of_models_is_kept_to_it_at_every_hop(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> None:
        for listed, alias, status, served in (
            (["second/fault-"], "frontier", 200, "second/fault-"),  # the first target is passed over
            (["first/fault-500"], "frontier", 503, ""),  # and nobody takes over for it
            (["first/fault-500"], "second/fault-", 403, ""),
            (["frontier"], "frontier", 200, "second/fault-"),
            (["frontier"], "second/fault-", 403, ""),
        ):
            made = await p.keys.create("listed", shop=p.shop, scopes=[Scope.LLM], models=listed)
            headers = {"authorization": f"Bearer {made.secret}"}
            p.opened.gateway.health = Health(time.monotonic, time.time)
            reply = await p.http.post("/llm/v1/chat/completions", json={**CHAT, "model": alias}, headers=headers)
            assert (reply.status_code, reply.headers.get("x-storehand-served-by", "")) == (status, served), (listed, alias, reply.text)
        listed = (await p.http.get("/llm/v1/models", headers=headers)).json()["data"]
        assert [model["id"] for model in listed] == ["frontier"]

    run(tmp_path, ask, fault="500")


def test_models_are_listed_for_every_sdk(tmp_path: Path) -> None:
    async def ask(p: Proxy) -> tuple[list[str], list[str], int, int]:
        listed = (await p.http.get("/llm/v1/models")).json()
        gemini = (await p.http.get("/llm/v1beta/models")).json()
        one, none = await p.http.get("/llm/v1/models/frontier"), await p.http.get("/llm/v1/models/nothing")
        return [m["id"] for m in listed["data"]], [m["name"] for m in gemini["models"]][:1], one.status_code, none.status_code

    assert run(tmp_path, ask) == (["frontier", "first/fault-", "second/fault-"], ["models/frontier"], 200, 404)


def test_no_key_of_a_provider_and_no_prompt_reaches_a_log_or_an_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    async def ask(p: Proxy) -> str:
        reply = await p.chat(messages=[{"role": "user", "content": "CANARY-prompt"}])
        rows = await p.db.read(lambda session: session.connection().exec_driver_sql("SELECT * FROM llm_attempts").all())
        return reply.text + str(reply.headers) + str(rows)

    seen = run(tmp_path, ask, fault="401") + caplog.text
    assert "CANARY-prompt" not in seen and "sk-first" not in seen and "sk-second" not in seen
