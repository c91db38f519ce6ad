from __future__ import annotations

import asyncio
import email.utils
import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from agent.dialects.base import Quirks
from agent.dialects.known import dialect
from agent.dialects.messages import Message, Request
from agent.errors import BadOutput, Forbidden, Overloaded, ProviderError, RateLimited, Rejected, ResponseTooLarge, Retired, TimedOut, Unreachable
from agent.providers.connections import pooled_transport
from agent.providers.http import HttpProvider
from agent.settings import Deadlines
from agent.testing.fake_provider import TEXT, FakeProvider
from agent.testing.fake_wire import answer, head, piece
from agent.testing.virtual_time import run_virtually

ASK = Request(messages=[Message("user", "Say it.")])


def over(transport: httpx.AsyncBaseTransport, url: str = "https://llm.example/v1", **parts: Any) -> HttpProvider:
    limits = Deadlines(connect_s=5, first_token_s=1, between_tokens_s=1, total_s=5)
    return HttpProvider(name="acme", dialect=dialect("openai"), base_url=url, transport=transport, key="sk-canary", deadlines=limits, **parts)


def failing(reply: httpx.Response) -> ProviderError:
    async def ask() -> ProviderError:
        with pytest.raises(ProviderError) as failed:
            await over(httpx.MockTransport(lambda request: reply)).complete(ASK, model="m", timeout_s=2)
        return failed.value

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "86400"}, 900.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
        # Of two limits the one that is used up counts, however long the other takes to be whole again.
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1m7.5s",
                "x-ratelimit-remaining-tokens": "9",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            67.5,
        ),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms"}, 0.12),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "6m0s"}, None),
        ({"x-ratelimit-reset-tokens": "6m0s"}, None),
        ({"retry-after": "2", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "60s"}, 2.0),
        (
            {
                "date": "Sun, 22 Nov 2026 10:00:00 GMT",
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": "2026-11-22T10:00:30Z",
            },
            30.0,
        ),
        ({"date": "Sun, 22 Nov 2026 10:00:00 GMT", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795341640000"}, 40.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"}, 12.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "tomorrow"}, None),
        # The server's clock is an hour slow; the two dates are both its own, so what counts is their difference.
        ({"date": "Sun, 22 Nov 2026 10:00:00 GMT", "retry-after": "Sun, 22 Nov 2026 10:00:42 GMT"}, 42.0),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    error = failing(
        httpx.Response(429, headers=headers, json={"error": {"message": "slow", "type": "rate_limit_error", "code": "rate_limit_exceeded"}})
    )
    assert isinstance(error, RateLimited) and error.retry_after_s == seconds


def test_a_retry_after_date_without_a_date_is_held_against_our_clock() -> None:
    until = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    error = failing(httpx.Response(429, headers={"retry-after": until}))
    assert isinstance(error, RateLimited) and error.retry_after_s is not None and 58 <= error.retry_after_s <= 61


def test_what_the_provider_says_is_kept_from_the_message_and_the_key_from_everything() -> None:
    error = failing(
        httpx.Response(400, json={"error": {"message": "Invalid value: 'sk-canary my prompt'", "type": "invalid_request_error", "code": "x"}})
    )
    assert "prompt" not in str(error) and "prompt" in error.said
    assert "sk-canary" not in repr(over(httpx.MockTransport(lambda request: httpx.Response(200))))
    assert (error.provider, error.model) == ("acme", "m")


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 421, 422, 424, 451, 499, 502, 520])
def test_a_page_with_any_status_is_an_outage_and_nobodys_fault(status: int) -> None:
    error = failing(httpx.Response(status, headers={"content-type": "text/html", "retry-after": "3"}, content=b"<html>404 page not found</html>"))
    assert type(error) is Overloaded and error.retry_after_s == 3.0


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Rejected), (422, Rejected), (404, Retired), (403, Forbidden), (424, Overloaded), (499, Overloaded)]
)
def test_a_refusal_in_the_servers_own_words_is_what_its_status_says(status: int, kind: type[ProviderError]) -> None:
    assert type(failing(httpx.Response(status, json={"detail": "no"}))) is kind


def test_a_redirect_is_not_followed_with_the_key() -> None:
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"location": "https://evil.example/steal"})

    with pytest.raises(BadOutput):
        asyncio.run(over(httpx.MockTransport(reply)).complete(ASK, model="m", timeout_s=2))
    assert asked == ["https://llm.example/v1/chat/completions"]


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.RemoteProtocolError("closed")])
def test_no_connection_is_unreachable(error: httpx.HTTPError) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(Unreachable):
        asyncio.run(over(httpx.MockTransport(reply)).complete(ASK, model="m", timeout_s=2))


def test_a_certificate_that_is_not_trusted_is_a_lasting_fault() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("handshake") from ssl.SSLCertVerificationError("self-signed")

    with pytest.raises(Unreachable) as failed:
        asyncio.run(over(httpx.MockTransport(reply)).complete(ASK, model="m", timeout_s=2))
    assert failed.value.lasting


def test_a_pooled_connection_that_the_server_had_closed_is_tried_once_more_on_a_fresh_one() -> None:
    """A server that closes idle connections is no broken server: the second call over the same pool must not fail."""
    served = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        for turn in range(2):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                writer.close()
                return
            if turn == 1:  # the connection is reused: cut it before any header
                writer.transport.abort()
                return
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            served += 1
            body = json.dumps(answer("openai", "m", "ready")).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()

    async def ask_twice() -> list[str]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        provider = over(pooled_transport(), f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
        try:
            return [(await provider.complete(ASK, model="m", timeout_s=2)).text for _ in range(2)]
        finally:
            await provider.transport.aclose()
            server.close()

    assert asyncio.run(ask_twice()) == ["ready", "ready"]
    assert served == 2


def test_a_fresh_connection_that_is_cut_is_not_tried_again() -> None:
    async def ask() -> int:
        async with FakeProvider() as fake:
            provider = over(pooled_transport(), fake.url + "/v1")
            with pytest.raises(Unreachable):
                await provider.complete(ASK, model="fault-reset", timeout_s=2)
            await provider.transport.aclose()
            return fake.count("reset")

    assert asyncio.run(ask()) == 1


def test_a_model_that_takes_long_over_whole_answers_is_streamed_from_then_on() -> None:
    """Slow and dead look alike until something comes; only a stream shows the difference."""

    async def ask() -> tuple[list[bool], str]:
        async with FakeProvider(text="one two three four five six seven eight", pause_s=0.2) as fake:
            provider = over(pooled_transport(), fake.url + "/v1")
            with pytest.raises(TimedOut):
                await provider.complete(ASK, model="fault-hang", timeout_s=5)
            fake.calls.clear()
            with pytest.raises(TimedOut):
                await provider.complete(ASK, model="fault-hang", timeout_s=5)
            # Long to write, and no word later than the deadline: whole within total_s, though no deadline but that would allow it unstreamed.
            whole = await provider.complete(ASK.but(max_output=8_000), model="good", timeout_s=5)
            await provider.transport.aclose()
            return [call.stream for call in fake.calls], whole.text

    streams, text = asyncio.run(ask())
    assert streams == [True, True] and text.split() == ["one", "two", "three", "four", "five", "six", "seven", "eight"]


def test_a_server_that_answers_a_stream_request_with_a_whole_body_is_understood() -> None:
    reply = httpx.Response(200, json=answer("openai", "m", TEXT))
    provider = over(httpx.MockTransport(lambda request: reply))
    assert asyncio.run(provider.complete(ASK.but(max_output=8_000), model="m", timeout_s=2)).text == TEXT


@pytest.mark.parametrize("reason", ["error", "abort", "insufficient_system_resource", "network_error"])
def test_a_server_that_owns_up_to_half_an_answer_is_taken_at_its_word_and_billed(reason: str) -> None:
    half = answer("openai", "m", "half an ans")
    half["choices"][0]["finish_reason"] = reason
    error = failing(httpx.Response(200, json=half))
    assert isinstance(error, BadOutput) and error.usage.output == half["usage"]["completion_tokens"]
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    events = [*head("openai", "m"), piece("openai", "m", "half an ans"), b"data: " + json.dumps(last).encode() + b"\n\ndata: [DONE]\n\n"]
    reply = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=b"".join(events))

    async def read() -> None:
        async for _ in over(httpx.MockTransport(lambda request: reply)).stream(ASK, model="m", timeout_s=2):
            pass

    with pytest.raises(BadOutput) as failed:
        asyncio.run(read())
    assert failed.value.usage.output > 0


def test_the_total_deadline_holds_however_lively_a_stream_is() -> None:
    async def ask() -> None:
        async with FakeProvider(text="word " * 200, pause_s=0.05) as fake:
            provider = over(pooled_transport(), fake.url + "/v1")
            try:
                with pytest.raises(TimedOut):
                    async for _ in provider.stream(ASK, model="good", timeout_s=0.4):
                        pass
            finally:
                await provider.transport.aclose()

    asyncio.run(ask())


def test_a_server_with_its_own_ways_is_met_by_data_alone() -> None:
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=answer("openai", "m", "ready"))

    quirks = Quirks(limit_field="max_completion_tokens", path="/deployments/{model}/chat/completions", key_header="api-key", query="?api-version=1")
    asyncio.run(over(httpx.MockTransport(reply), quirks=quirks).complete(ASK, model="big", timeout_s=2))
    assert str(seen[0].url) == "https://llm.example/v1/deployments/big/chat/completions?api-version=1"
    assert seen[0].headers["api-key"] == "sk-canary" and "authorization" not in seen[0].headers
    assert b'"max_completion_tokens":1024' in seen[0].content


def test_an_error_in_a_200_whose_code_only_looks_like_a_number_is_a_failure_like_any_other() -> None:
    for code in ("\u00b2", "9" * 5_000, "-1", ""):
        assert failing(httpx.Response(200, json={"error": {"message": "broken", "code": code}})).retriable


def test_a_count_of_tokens_that_no_call_can_have_is_replaced_by_an_estimate() -> None:
    for count in (10**30, 2**62, -1):
        body = answer("openai", "m", "ready") | {"usage": {"prompt_tokens": count, "completion_tokens": count}}
        response = asyncio.run(
            over(httpx.MockTransport(lambda request, body=body: httpx.Response(200, json=body))).complete(ASK, model="m", timeout_s=2)
        )
        assert response.usage.estimated and 0 < response.usage.total < 1_000


def test_an_overload_that_hides_in_a_200_is_an_overload() -> None:
    error = failing(httpx.Response(200, json={"error": {"message": "Upstream provider failed", "code": 502}}))
    assert isinstance(error, Overloaded)


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b'HTTP/1.1 200 OK\r\ncontent-length: 12000\r\n\r\n{"choices":' + b"[" * 11_989,
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull",
        b"HTTP/1.1 500 \xff\xfe\r\ncontent-length: 2\r\n\r\n\xff\xfe",
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_whatever_answers_there_is_a_failure_that_another_target_may_not_share(sent: bytes, stream: bool) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        await writer.drain()
        writer.close()

    async def ask() -> ProviderError:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        provider = over(pooled_transport(), f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
        try:
            with pytest.raises(ProviderError) as failed:
                await provider.complete(ASK.but(max_output=8_000) if stream else ASK, model="m", timeout_s=2)
        finally:
            await provider.transport.aclose()
            server.close()
        return failed.value

    assert asyncio.run(ask()).retriable


class Drip(httpx.AsyncByteStream):
    """A piece every so often, for ever."""

    def __init__(self, piece: bytes, every_s: float) -> None:
        self.piece, self.every_s, self.sent = piece, every_s, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.sent += len(self.piece)
            yield self.piece
            await asyncio.sleep(self.every_s)


@pytest.mark.parametrize(
    ("kind", "piece", "every_s", "fails", "after_s"),
    [
        ("application/json", b" ", 0.1, TimedOut, 1.0),  # blank lines are signs of life of the server alone: as long as nothing
        ("application/json", b"x" * 10, 0.1, TimedOut, 5.0),  # a body that never ends: the whole deadline
        ("application/json", b"x", 0.1, TimedOut, 2.0),  # nor does one that comes in drops, though it was written before it was sent
        ("application/json", b"x", 1.5, TimedOut, 1.0),  # a body of which nothing follows in time
        ("text/event-stream", b": keep-alive\n\n", 0.1, TimedOut, 1.0),  # nothing but signs of life: the first-token deadline
        ("text/event-stream", b"x" * 10, 0.1, TimedOut, 1.0),  # a line that never ends
        ("text/event-stream", b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n', 0.1, TimedOut, 5.0),  # chatter without an end
        ("application/json", b" " * 1_000_000, 0.0, ResponseTooLarge, 0.0),
        ("text/event-stream", b"x" * 1_000_000, 0.0, ResponseTooLarge, 0.0),
        ("text/event-stream", b": keep-alive\n\n" * 70_000, 0.0, ResponseTooLarge, 0.0),
    ],
)
def test_what_never_ends_is_ended(kind: str, piece: bytes, every_s: float, fails: type[ProviderError], after_s: float) -> None:
    drip = Drip(piece, every_s)
    provider = over(httpx.MockTransport(lambda request: httpx.Response(200, headers={"content-type": kind}, stream=drip)))

    async def ask() -> float:
        with pytest.raises(fails):
            if kind == "text/event-stream":
                async for _ in provider.stream(ASK, model="m", timeout_s=60):
                    pass
            else:
                await provider.complete(ASK, model="m", timeout_s=60)
        return asyncio.get_running_loop().time()

    assert run_virtually(ask()) == pytest.approx(after_s, abs=0.01)
    assert drip.sent <= provider.deadlines.max_bytes + 2_000_000, "more was read than can be of use"


@pytest.mark.parametrize(("words", "after_s"), [("a", 9), ("a good deal", 60)])
def test_an_answer_that_trickles_is_ended_and_one_that_flows_slowly_is_not(words: str, after_s: float) -> None:
    piece = b'data: {"choices":[{"delta":{"content":"' + words.encode() + b'"}}]}\n\n'
    transport = httpx.MockTransport(lambda request: httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Drip(piece, 3)))
    limits = Deadlines(first_token_s=5, between_tokens_s=4, total_s=60)
    provider = HttpProvider(name="acme", dialect=dialect("openai"), base_url="https://llm.example/v1", transport=transport, deadlines=limits)

    async def ask() -> float:
        with pytest.raises(TimedOut):
            async for _ in provider.stream(ASK, model="m", timeout_s=90):
                pass
        return asyncio.get_running_loop().time()

    assert run_virtually(ask()) == pytest.approx(after_s, abs=0.01)


@pytest.mark.parametrize(("words", "after_s"), [(b"{", 9), (b'{"choices":[', 9), (b'{"choices":[' * 10, 60)])
def test_a_whole_body_that_trickles_is_ended_and_one_that_flows_slowly_is_not(words: bytes, after_s: float) -> None:
    reply = httpx.Response(200, headers={"content-type": "application/json"}, stream=Drip(words, 3))
    limits = Deadlines(first_token_s=5, between_tokens_s=4, total_s=60)
    transport = httpx.MockTransport(lambda request: reply)
    provider = HttpProvider(name="acme", dialect=dialect("openai"), base_url="https://llm.example/v1", transport=transport, deadlines=limits)

    async def ask() -> float:
        with pytest.raises(TimedOut):
            await provider.complete(ASK, model="m", timeout_s=90)
        return asyncio.get_running_loop().time()

    assert run_virtually(ask()) == pytest.approx(after_s, abs=0.01)


def test_an_error_as_long_as_a_book_is_read_to_its_beginning_alone() -> None:
    drip = Drip(b"x" * 50_000, 0.0)
    provider = over(httpx.MockTransport(lambda request: httpx.Response(500, stream=drip)))
    with pytest.raises(Overloaded):
        run_virtually(provider.complete(ASK, model="m", timeout_s=60))
    assert drip.sent <= 200_000
