"""A simulated afternoon of traffic over providers that fail: the whole gateway over a scripted transport, on virtual time.

One provider is down in every way there is, one fails a share of its calls, one is well. Nothing is left out but the sockets: the
requests are written and the answers read in the vendor's dialect, deadlines run, breakers open and probe.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx
import msgspec

from agent.dialects.events import Assembly, Finished
from agent.dialects.messages import Message, Request
from agent.errors import ProviderError
from agent.gateway import Attempt, Gateway, gateway_from
from agent.providers.health import Health
from agent.settings import Settings
from agent.testing.fake_wire import answer, head, piece, tail
from agent.testing.virtual_time import run_virtually

Strategy = Literal["order", "weighted", "cheapest", "fastest"]
_BEGAN = datetime(2026, 11, 22, 9, tzinfo=UTC)
_TEXT = "A blue mug that holds a third of a litre."


@dataclass(slots=True)
class ScriptedTransport(httpx.AsyncBaseTransport):
    """Servers by host name, each with the share of calls that it fails."""

    failing: Mapping[str, float]
    draw: random.Random
    calls: Counter[str] = field(default_factory=Counter)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        self.calls[host] += 1
        if self.draw.random() < self.failing[host]:
            return await self._fault(request)
        await asyncio.sleep(self.draw.lognormvariate(-0.7, 0.4))  # half a second in the middle, now and then two
        if msgspec.json.decode(request.content).get("stream"):
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=_Words())
        return httpx.Response(200, json=answer("openai", "m", _TEXT))

    async def _fault(self, request: httpx.Request) -> httpx.Response:
        """One of the ways in which a call fails before its first word."""
        match self.draw.choice(["refused", "hangs", "overloaded", "broken", "limited", "page", "empty"]):
            case "refused":
                raise httpx.ConnectError("refused", request=request)
            case "hangs":
                await asyncio.sleep(3_600)
                raise httpx.ReadTimeout("never", request=request)
            case "overloaded":
                return httpx.Response(529, json={"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
            case "broken":
                return httpx.Response(500, json={"error": {"message": "broken", "type": "server_error", "code": None}})
            case "limited":
                return httpx.Response(429, headers={"retry-after": "2"}, json={"error": {"message": "slow", "code": "rate_limit_exceeded"}})
            case "page":
                return httpx.Response(200, headers={"content-type": "text/html"}, content=b"<html>Sign in</html>")
            case _:
                return httpx.Response(200, json=answer("openai", "m", ""))


class _Words(httpx.AsyncByteStream):
    """A stream, word by word."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in head("openai", "m"):
            yield event
        for word in _TEXT.split():
            yield piece("openai", "m", word + " ")
            await asyncio.sleep(0.02)
        for event in tail("openai", "m", _TEXT, usage=True, done=True):
            yield event


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the requests."""

    requests: int
    answered: int
    calls: Counter[str]
    """By provider."""
    slowest_s: float
    rows: list[Attempt] = field(repr=False)

    @property
    def share(self) -> float:
        return self.answered / self.requests

    @property
    def calls_each(self) -> float:
        return self.calls.total() / self.requests


def simulate(
    failing: Mapping[str, float],
    *,
    strategy: Strategy = "order",
    requests: int = 10_000,
    every_s: float = 0.1,
    streamed: bool = False,
    seed: int = 1,
    alias: Mapping[str, Any] | None = None,
) -> Outcome:
    """Send that many requests, one after `every_s` on the average, however many are under way.

    Args:
        failing: Provider to the share of its calls that fail, in the order of the alias.
        alias: More settings of the alias.
    """
    transport = ScriptedTransport(failing, random.Random(seed))
    settings = Settings.model_validate(
        {
            "providers": {name: {"base_url": f"https://{name}/v1"} for name in failing},
            "aliases": {"frontier": {"targets": [f"{name}/m" for name in failing], "strategy": strategy, **(alias or {})}},
            "gateway": {"deadlines": {"first_token_s": 10, "total_s": 60}},
        }
    )
    return run_virtually(_traffic(settings, transport, requests, every_s, streamed, random.Random(seed + 1)))


async def _traffic(
    settings: Settings, transport: ScriptedTransport, requests: int, every_s: float, streamed: bool, draw: random.Random
) -> Outcome:  # fmt: skip
    loop, rows, took = asyncio.get_running_loop(), list[Attempt](), list[float]()

    def now() -> datetime:
        return _BEGAN + timedelta(seconds=loop.time())

    health = Health(loop.time, lambda: now().timestamp())
    gateway = gateway_from(settings, record=rows.append, transport=transport, now=now, health=health, environ={})
    gateway.random = draw

    async def one() -> bool:
        began = loop.time()
        good = await (_stream(gateway) if streamed else _whole(gateway))
        took.append(loop.time() - began)
        return good

    async with asyncio.TaskGroup() as group:
        tasks = []
        for _ in range(requests):
            tasks.append(group.create_task(one()))
            await asyncio.sleep(draw.expovariate(1 / every_s))
    answered = sum(task.result() for task in tasks)
    return Outcome(requests=requests, answered=answered, calls=transport.calls, slowest_s=max(took), rows=rows)


def _ask() -> Request:
    return Request(messages=[Message("user", "Describe the blue mug.")], max_output=64)


async def _whole(gateway: Gateway) -> bool:
    try:
        return (await gateway.complete(_ask(), alias="frontier", purpose="simulation")).text.strip() == _TEXT
    except ProviderError:
        return False


async def _stream(gateway: Gateway) -> bool:
    said, last = Assembly(), None
    try:
        async for event in gateway.stream(_ask(), alias="frontier", purpose="simulation"):
            said.add(event)
            last = event
    except ProviderError:
        return False
    return isinstance(last, Finished) and said.text.strip() == _TEXT
