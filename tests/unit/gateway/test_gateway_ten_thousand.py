"""The law of the router: one of three providers down, another failing 30% of its calls, ten thousand requests."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

import pytest

from agent.dialects.messages import Message, Request, Response, Usage
from agent.errors import Overloaded, ProviderError, TimedOut
from agent.gateway import Gateway, Pool, Target
from agent.providers.health import Health

ASK = Request(messages=[Message("user", "Say it.")])


@dataclass(slots=True)
class Simulated:
    name: str
    failing: float
    draw: random.Random
    calls: int = 0

    async def complete(self, request: Request, *, model: str, timeout_s: float) -> Response:
        self.calls += 1
        if self.draw.random() < self.failing:
            raise Overloaded("simulated") if self.draw.random() < 0.7 else TimedOut("simulated")
        return Response(text="ready", usage=Usage(input=1, output=1), provider=self.name, model=model)


@pytest.mark.parametrize(
    ("order", "strategy"),
    [
        ("down flaky well", "order"),
        ("flaky down well", "order"),
        ("well flaky down", "order"),
        ("down flaky well", "weighted"),
        ("flaky well down", "fastest"),
    ],
)
def test_of_ten_thousand_requests_999_in_1000_succeed_with_at_most_11_calls_in_10(order: str, strategy: str) -> None:
    draw, at = random.Random(11), [0.0]
    failing = {"down": 1.0, "flaky": 0.3, "well": 0.0}
    providers = [Simulated(name, failing[name], draw) for name in order.split()]
    pool = Pool(targets=[Target(provider, "m") for provider in providers], strategy=strategy)  # type: ignore[arg-type]
    gateway = Gateway({"frontier": pool}, health=Health(lambda: at[0], lambda: at[0]), random=random.Random(5))

    async def ask() -> int:
        good = 0
        for _ in range(10_000):
            at[0] += 0.1
            try:
                await gateway.complete(ASK, alias="frontier", purpose="test")
                good += 1
            except ProviderError:
                pass
        return good

    good = asyncio.run(ask())
    calls = sum(provider.calls for provider in providers)
    assert good >= 9_990
    assert calls / 10_000 <= 1.1


def test_a_lone_provider_that_fails_three_in_ten_is_still_asked_every_time() -> None:
    draw, at = random.Random(2), [0.0]
    provider = Simulated("flaky", 0.3, draw)
    gateway = Gateway({"frontier": [Target(provider, "m")]}, health=Health(lambda: at[0], lambda: at[0]))

    async def ask() -> int:
        good = 0
        for _ in range(1_000):
            at[0] += 1.0
            try:
                await gateway.complete(ASK, alias="frontier", purpose="test")
                good += 1
            except ProviderError:
                pass
        return good

    assert asyncio.run(ask()) >= 600
