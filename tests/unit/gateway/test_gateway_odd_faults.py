"""What a fault server of a thousand odd replies found out, each kept as a test: failover, never a crash, a hang or a lost piece."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from test_gateway_strange_wires import GOOD, SECOND, STOP, calls, said, served, streamed, whole

from agent.dialects.base import Call
from agent.dialects.events import Assembly, Event, Finished, TextDelta, ToolDelta, UsageSeen
from agent.dialects.known import dialect
from agent.dialects.messages import Message, Request, Response, Usage
from agent.dialects.sse import SseParser
from agent.errors import BadOutput, ContextTooLong, CredentialRefused, Overloaded, ProviderError, RateLimited, TimedOut
from agent.gateway import Gateway, Target, check
from agent.gateway.answers import mended
from agent.providers.health import Health
from agent.providers.http import HttpProvider
from agent.providers.scripted import ScriptedProvider
from agent.settings import Deadlines
from agent.testing.virtual_time import run_virtually

ASK = Request(messages=[Message("user", "Say it.")], max_output=100)
DONE = b"data: [DONE]\n\n"
BOMB = gzip.compress(b" " * 50_000_000)
BEYOND = "Sun, 22 Nov 99999999999999999999 10:00:00 GMT"
LIMITED: dict[str, Any] = {"error": {"message": "slow", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}


def message(finish: str = "stop", **said: Any) -> dict[str, Any]:
    return {**GOOD, "choices": [{"index": 0, "message": {"role": "assistant", "content": None, **said}, "finish_reason": finish}]}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(whole(LIMITED, f"retry-after: {BEYOND}", status="429 X"), id="a year beyond all"),
        pytest.param(whole(LIMITED, "retry-after: Mon, 23 Nov 2026 10:00:00 -9999999999999", status="429 X"), id="a time zone beyond all"),
        pytest.param(whole(LIMITED, f"date: {BEYOND}", "retry-after: Mon, 23 Nov 2026 10:00:00 GMT", status="429 X"), id="such a clock"),
        pytest.param(whole(BOMB, "content-encoding: gzip"), id="50 kB that unpack to 50 MB"),
        pytest.param(whole(gzip.compress(BOMB), "content-encoding: gzip, gzip"), id="packed twice"),
        pytest.param(whole(GOOD, "content-encoding: br"), id="packed in what nobody asked for"),
        pytest.param(whole(message("tool_calls", content="Let me look.")), id="calls a tool and calls none"),
        pytest.param(whole(message("function_call", content="Look:", function_call={"name": "price", "arguments": "{}"})), id="an old call"),
        pytest.param(whole(message("tool_calls", **calls("{}", name=""))), id="a tool without a name"),
        pytest.param(whole(message("tool_calls", **calls(["a"]))), id="arguments that are a list"),
        pytest.param(whole(b'{"a":' * 200_000), id="as deep as it is long"),
    ],
)  # fmt: skip
def test_another_target_answers(reply: list[bytes], stream: bool) -> None:
    assert served(reply, stream=stream).response.text == SECOND


@pytest.mark.parametrize("stream", [False, True])
def test_arguments_that_come_as_the_object_itself_are_not_lost(stream: bool) -> None:
    reply = streamed(said(calls({"a": 1})), said({}, "tool_calls"), DONE) if stream else whole(message("tool_calls", **calls({"a": 1})))
    assert [call.arguments for call in served(reply, stream=stream).response.tool_calls] == ['{"a":1}']


def test_calls_told_apart_by_their_ids_alone_may_come_in_turns() -> None:
    def piece(id: str, arguments: str, name: str = "") -> bytes:
        return said({"tool_calls": [{"id": id, "function": {"name": name, "arguments": arguments}}]})

    pieces = [piece("a", '{"x"', "f"), piece("b", '{"y"', "g"), piece("a", ":1}"), piece("b", ":2}"), said({}, "tool_calls"), DONE]
    found = served(streamed(*pieces), stream=True).response.tool_calls
    assert [(call.id, call.name, call.arguments) for call in found] == [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')]


def test_an_error_by_the_name_of_its_event_is_one_whatever_follows() -> None:
    broken = streamed(said({"content": "re"}), b"event: error\ndata: upstream failure\n\n", said({"content": "ady"}), STOP, DONE)
    with pytest.raises(Overloaded):
        served(broken, stream=True)


@pytest.mark.parametrize("counted", [{"prompt_tokens": 25, "completion_tokens": 900_000_000}, {"prompt_tokens": 500_000_000, "completion_tokens": 1}])
def test_a_count_that_cannot_be_is_an_estimate_and_empties_no_budget(counted: dict[str, int]) -> None:
    usage = served(whole({**GOOD, "usage": counted}), stream=False).response.usage
    assert usage.estimated and usage.total < 100


def test_a_text_of_blank_lines_that_should_have_been_json_is_read_at_once() -> None:
    """Trying a pattern at every length of it takes minutes."""
    assert mended("```json" + "\n" * 300_000) is None
    assert mended("Here:\n```json\n\n{}\n```\n") == "{}"


class Slow(httpx.AsyncByteStream):
    def __init__(self, *pieces: bytes, pause_s: float) -> None:
        self.pieces, self.pause_s = pieces, pause_s

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
            await asyncio.sleep(self.pause_s)


def over(status: int, kind: str, stream: httpx.AsyncByteStream) -> HttpProvider:
    limits = Deadlines(first_token_s=20, between_tokens_s=15, total_s=120)
    transport = httpx.MockTransport(lambda request: httpx.Response(status, headers={"content-type": kind}, stream=stream))
    return HttpProvider(name="acme", dialect=dialect("openai"), base_url="https://llm.example/v1", transport=transport, deadlines=limits)


async def timed(provider: HttpProvider, *, stream: bool) -> tuple[float, str, ProviderError | None]:
    """When it was over, what was shown until then, and what failed."""
    text = ""
    try:
        if stream:
            async for one in provider.stream(ASK, model="m", timeout_s=120):
                text += one.text if isinstance(one, TextDelta) else ""
        else:
            text = (await provider.complete(ASK, model="m", timeout_s=120)).text
    except ProviderError as error:
        return asyncio.get_running_loop().time(), text, error
    return asyncio.get_running_loop().time(), text, None


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("pieces", [(b"{",) * 1_000, (b"",)])
def test_the_words_of_an_error_are_not_waited_for_longer_than_they_are_worth(pieces: tuple[bytes, ...], stream: bool) -> None:
    at, _, error = run_virtually(timed(over(503, "application/json", Slow(*pieces, pause_s=50 if len(pieces) == 1 else 1)), stream=stream))
    assert isinstance(error, Overloaded) and error.upstream_status == 503
    assert at == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("after", [(b"",), (b": ping\n\n",) * 100])
def test_a_stream_that_said_all_and_stays_open_is_not_waited_for(after: tuple[bytes, ...]) -> None:
    kept_open = Slow(said({"content": "ready"}) + STOP, *after, pause_s=1 if len(after) > 1 else 50)
    at, text, error = run_virtually(timed(over(200, "text/event-stream", kept_open), stream=True))
    assert (text, error) == ("ready", None) and at <= 3.1


class Cut(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"id": "x"'
        raise httpx.ReadError("cut")


@pytest.mark.parametrize(("kind", "stream"), [("application/json", False), ("application/json", True), ("text/event-stream", True)])
def test_an_answer_that_was_cut_is_booked_for_what_it_read_at_least(kind: str, stream: bool) -> None:
    _, _, error = run_virtually(timed(over(200, kind, Cut()), stream=stream))
    assert isinstance(error, Overloaded) and error.usage.estimated and error.usage.input > 0


def test_an_answer_that_stalls_is_booked_for_what_it_read_at_least() -> None:
    _, _, error = run_virtually(timed(over(200, "application/json", Slow(b'{"id": "x"', b"", pause_s=600)), stream=False))
    assert isinstance(error, TimedOut) and error.usage.estimated and error.usage.input > 0


def test_what_our_own_reading_trips_over_is_that_targets_failure_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Trips:
        name = "openai"

        def __getattr__(self, name: str) -> Any:
            return getattr(dialect("openai"), name)

        def read_answer(self, body: Any) -> Any:
            raise ZeroDivisionError("what was asked")

    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=GOOD))
    provider = HttpProvider(name="acme", dialect=Trips(), base_url="https://llm.example/v1", transport=transport)
    _, _, error = asyncio.run(timed(provider, stream=False))
    assert isinstance(error, BadOutput)
    assert "ZeroDivisionError" in caplog.text and "what was asked" not in caplog.text


def test_a_500_that_says_the_prompt_is_too_long_opens_no_breaker() -> None:
    body = json.dumps({"error": {"message": "prompt is too long: 9000 tokens > 4096 maximum", "type": "server_error"}}).encode()
    assert isinstance(dialect("openai").read_error(500, {}, body), ContextTooLong)
    assert isinstance(dialect("openai").read_error(500, {}, b'{"error": {"message": "boom"}}'), Overloaded)


def test_what_a_provider_says_is_passed_on_in_part_when_it_says_a_book() -> None:
    found = dialect("openai").read_error(400, {}, json.dumps({"error": {"message": "no " * 20_000, "type": "invalid_request_error"}}).encode())
    assert 1_000 < len(found.said) < 5_000


# health


def world(*answers: Any) -> tuple[Gateway, list[float], Target]:
    now = [1_000.0]
    target = Target(ScriptedProvider(answers or ["ready"] * 9), "m")
    return Gateway({"frontier": [target]}, health=Health(lambda: now[0], lambda: 1_700_000_000 + now[0])), now, target


@pytest.mark.parametrize("error", [RateLimited("slow", retry_after_s=120.0), CredentialRefused("key")])
def test_an_answer_to_what_was_asked_before_does_not_lift_a_rest_that_came_after(error: ProviderError) -> None:
    """A limit is hit while longer calls are under way, and they end well."""
    gateway, now, target = world()
    gateway.health.begun(target.places)
    now[0] += 3
    gateway.health.failed(target.places, error)
    now[0] += 2
    gateway.health.succeeded(target.places, took_s=5.0)
    assert gateway.health.state(target.places) == "benched"
    now[0] += 4_000
    gateway.health.succeeded(target.places, took_s=1.0)
    assert gateway.health.state(target.places) == "well"


def test_a_probe_that_ends_well_after_another_worker_was_told_to_wait_leaves_the_target_to_be_probed_again() -> None:
    gateway, now, target = world()
    gateway.health.failed(target.places, TimedOut("late"))
    now[0] += 10
    gateway.health.begun(target.places)  # the probe
    told: list[Any] = []
    other = Health(lambda: now[0], lambda: 1_700_000_000 + now[0], changed=told.append)
    other.failed(target.places, RateLimited("slow", retry_after_s=120.0))
    now[0] += 1
    gateway.health.restore(told)
    now[0] += 1
    gateway.health.succeeded(target.places, took_s=2.0)
    assert gateway.health.state(target.places) == "benched"
    now[0] += 120
    assert gateway.health.state(target.places) == "probe"


def test_a_check_that_goes_well_lets_a_key_serve_again_here_and_in_every_other_worker() -> None:
    gateway, now, target = world()
    other = Health(lambda: now[0], lambda: 1_700_000_000 + now[0])
    told: list[Any] = []
    gateway.health.changed = told.append
    gateway.health.failed(target.places, CredentialRefused("key"))
    other.restore(told)
    assert gateway.health.state(target.places) == other.state(target.places) == "benched"
    now[0] += 60  # the operator lets the key in again
    [checked] = asyncio.run(check(gateway))
    now[0] += 1
    other.restore(told)
    assert checked.ok
    assert gateway.health.state(target.places) == other.state(target.places) == "well"


# calls in turns, for callers whose dialects know no turns

TURNS: list[Event] = [
    ToolDelta(index=0, id="a", name="f"), ToolDelta(index=1, id="b", name="g"), ToolDelta(index=0, arguments='{"x"'),
    ToolDelta(index=1, arguments='{"y"'), TextDelta("between"), ToolDelta(index=0, arguments=": {}}"), ToolDelta(index=1, arguments=": 2}"),
    UsageSeen(Usage(input=3, output=4)), Finished("tool_calls"),
]  # fmt: skip


@pytest.mark.parametrize("name", ["openai", "openai_responses", "anthropic", "gemini"])
def test_calls_that_come_in_turns_reach_a_caller_of_any_dialect_whole(name: str) -> None:
    """As our own reader of the dialect reads them, and the vendors' SDKs do it alike."""
    speaks = dialect(name)
    writer = speaks.writer(Call(model="m", request=ASK, stream=True), id="x", created=0)
    written = b"".join(writer.write(event) for event in TURNS) + writer.end()
    assembly, reader = Assembly(), speaks.reader()
    for sse in SseParser().feed(written):
        for found in reader.read(sse):
            assembly.add(found)
    response: Response = assembly.response(usage=Usage(), provider="", model="")
    assert [(call.name, json.loads(call.arguments)) for call in response.tool_calls] == [("f", {"x": {}}), ("g", {"y": 2})]
    assert response.text == "between"


def test_what_waits_for_its_turn_is_written_at_the_end_at_the_latest() -> None:
    writer = dialect("anthropic").writer(Call(model="m", request=ASK, stream=True), id="x", created=0)
    begun: list[Event] = [ToolDelta(index=0, id="a", name="f"), ToolDelta(index=1, id="b", name="g", arguments="{}"), TextDelta("after")]
    shown = b"".join(writer.write(each) for each in [*begun, Finished("tool_calls")])
    assert b'"g"' not in shown, "the first is not over as far as anybody knows"
    assert (end := writer.end()).index(b'"g"') < end.index(b"after") < end.index(b"message_stop")
