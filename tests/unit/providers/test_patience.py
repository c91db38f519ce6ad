from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from agent.dialects.known import dialect
from agent.dialects.messages import Message, Request
from agent.errors import TimedOut
from agent.providers.http import HttpProvider
from agent.providers.latencies import LEAST, Latencies
from agent.providers.patience import Patience, kind_of
from agent.settings import Deadlines
from agent.testing.fake_wire import answer, head, piece, tail
from agent.testing.virtual_time import run_virtually

LIMITS = Deadlines(first_token_s=20, first_token_least_s=3, between_tokens_s=5, total_s=60)
ASK = Request(messages=[Message("user", "Say it.")], max_output=100)


class Server:
    """Takes as long as it is told to, and says a word."""

    def __init__(self, after_s: float) -> None:
        self.after_s = after_s
        self.provider = HttpProvider(
            name="acme", dialect=dialect("openai"), base_url="https://acme/v1", transport=httpx.MockTransport(self._reply), deadlines=LIMITS
        )

    async def _reply(self, request: httpx.Request) -> httpx.Response:
        if b'"stream":true' in request.content:
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=self._words())
        await asyncio.sleep(self.after_s)
        return httpx.Response(200, json=answer("openai", "m", "ready"))

    async def _words(self) -> AsyncIterator[bytes]:
        for event in head("openai", "m"):
            yield event
        for _ in range(round(self.after_s * 2)):  # a server that looks alive says nothing of when the model begins
            await asyncio.sleep(0.5)
            yield b": keep-alive\n\n"
        yield piece("openai", "m", "ready")
        for event in tail("openai", "m", "ready", usage=True, done=True):
            yield event

    async def ask(self, request: Request = ASK, *, stream: bool) -> float:
        """How long it took, to the answer or to the end of patience."""
        began = asyncio.get_running_loop().time()
        try:
            if stream:
                async for _ in self.provider.stream(request, model="m", timeout_s=60):
                    pass
            else:
                await self.provider.complete(request, model="m", timeout_s=60)
        except TimedOut:
            return -(asyncio.get_running_loop().time() - began)
        return asyncio.get_running_loop().time() - began


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_always_answered_soon_is_not_waited_for_twenty_seconds(stream: bool) -> None:
    async def run() -> tuple[float, float]:
        server = Server(1.5)
        for _ in range(LEAST):
            await server.ask(stream=stream)
        server.after_s = 50.0
        other = Server(50.0)
        return await server.ask(stream=stream), await other.ask(stream=stream)

    measured, unknown = run_virtually(run())
    assert (round(measured, 1), round(unknown, 1)) == (-4.5, -20.0)


def test_patience_has_a_floor_and_a_ceiling() -> None:
    quick, slow = Patience(LIMITS), Patience(LIMITS)
    for _ in range(LEAST):
        quick.came("kind", 0.1)
        slow.came("kind", 15.0)
    assert (quick.first_s("kind"), slow.first_s("kind"), quick.first_s("another kind")) == (3.0, 20.0, 20.0)


def test_a_model_that_became_slow_is_let_be_slow_after_a_few_calls() -> None:
    async def run() -> list[bool]:
        server = Server(1.5)
        for _ in range(LEAST * 2):
            await server.ask(stream=True)
        server.after_s = 8.0
        return [await server.ask(stream=True) > 0 for _ in range(30)]

    answered = run_virtually(run())
    assert not answered[0] and answered[-1] and answered.count(False) <= 2


def test_long_prompts_and_reasoning_are_measured_apart() -> None:
    long, thinking = ASK.but(messages=[Message("user", "word " * 10_000)]), ASK.but(effort="high")
    kinds = {kind_of(request, "m", streamed=True) for request in (ASK, long, thinking, ASK.but(max_output=8_000))}
    assert len(kinds) == 3, "how long a stream gets says nothing of when it begins"
    assert kind_of(ASK, "m", streamed=False) != kind_of(ASK.but(max_output=8_000), "m", streamed=False)


def test_a_quantile_needs_some_measurements_and_follows_the_last_ones() -> None:
    took = Latencies()
    for n in range(LEAST - 1):
        took.note("a", float(n))
    assert took.quantile("a", 0.95) is None
    took.note("a", 100.0)
    assert (took.quantile("a", 0.5), took.quantile("a", 1.0)) == (9.0, 100.0)
    for _ in range(200):
        took.note("a", 1.0)
    assert took.quantile("a", 0.99) == 1.0


def test_what_is_not_measured_any_more_is_forgotten() -> None:
    took = Latencies()
    for key in range(2_000):
        for _ in range(LEAST):
            took.note(key, 1.0)
    assert took.quantile(0, 0.5) is None and took.quantile(1_999, 0.5) == 1.0
