from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from moody import Purse

from agent.dialects.messages import Message, Request, Response
from agent.errors import Overloaded, ProviderError, Rejected
from agent.gateway import Attempt, Gateway, Pool, Target
from agent.providers.catalog import Price
from agent.providers.health import Health
from agent.providers.router import Hedge
from agent.providers.scripted import Scripted, ScriptedProvider
from agent.settings import Settings
from agent.testing.virtual_time import run_virtually

T = TypeVar("T")
ASK = Request(messages=[Message("user", "Say it.")], max_output=10)
DOLLAR = Price(input=Decimal(1), output=Decimal(1), cached=Decimal(1), cache_write=Decimal(1), cache_write_1h=Decimal(1), source="test")


class Desk:
    """A slow and a quick provider behind one alias, on virtual time."""

    def __init__(self, slow: list[Scripted], quick: list[Scripted], *, slow_s: float = 4.0, quick_s: float = 0.5, **hedge: Any) -> None:
        loop = asyncio.get_running_loop()
        self.slow, self.quick = ScriptedProvider(slow, name="slow", latency_s=slow_s), ScriptedProvider(quick, name="quick", latency_s=quick_s)
        self.rows: list[Attempt] = []
        self.purse = Purse(Decimal(100))
        pool = Pool(targets=[Target(self.slow, "m"), Target(self.quick, "m")], hedge=Hedge(**{"after_s": 1.0, "share": 1.0, **hedge}))
        self.gateway = Gateway(
            {"frontier": pool}, record=self.rows.append, health=Health(loop.time, loop.time), meter=self.purse,
            prices={"slow/m": DOLLAR, "quick/m": DOLLAR},
        )  # fmt: skip

    async def ask(self, request: Request = ASK) -> tuple[Response, float]:
        """The answer, and how long it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        return await self.gateway.complete(request, alias="frontier", purpose="test"), loop.time() - began


def at_desk(test: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        return await test()

    return run_virtually(run())


def test_a_slow_call_gets_a_second_one_beside_it_and_the_loser_is_cancelled_and_booked() -> None:
    async def ask() -> tuple[Desk, Response, float]:
        desk = Desk(["late"], ["one two three"])
        return desk, *await desk.ask()

    desk, response, took = at_desk(ask)
    assert (response.text, response.provider, took) == ("one two three", "quick", 1.5)
    assert [(row.provider, row.error, row.absorbed, row.usage.output, row.usage.estimated) for row in desk.rows] == [
        ("quick", None, False, 3, True),
        ("slow", "cancelled", True, 3, True),
    ]
    assert all(row.cost_usd for row in desk.rows) and desk.purse.held == {}
    assert desk.purse.spent == sum(row.cost_usd or 0 for row in desk.rows)


def test_a_quick_call_gets_none() -> None:
    async def ask() -> int:
        desk = Desk(["in time"], ["never asked"], slow_s=0.9)
        await desk.ask()
        return len(desk.quick.history)

    assert at_desk(ask) == 0


def test_no_call_gets_a_second_one_unless_the_route_says_so() -> None:
    assert Pool(targets=[]).hedge is None
    assert (
        Settings.model_validate({"aliases": {"a": {"targets": ["p/m"]}}, "providers": {"p": {"base_url": "https://p/v1"}}}).aliases["a"].hedge is None
    )


@pytest.mark.parametrize("request_", [ASK.but(max_output=5_000), ASK.but(extra={"store": True})])
def test_long_calls_and_those_that_may_leave_something_behind_get_none(request_: Request) -> None:
    async def ask() -> int:
        desk = Desk(["late"], ["never asked"])
        await desk.ask(request_)
        return len(desk.quick.history)

    assert at_desk(ask) == 0


def test_second_calls_are_a_share_of_first_ones_however_slow_all_are() -> None:
    async def ask() -> int:
        desk = Desk(["late"] * 100, ["early"] * 100, share=0.05)
        for _ in range(100):
            await desk.ask()
        return len(desk.quick.history)

    assert 5 <= at_desk(ask) <= 6  # one in twenty, and one that every route has to begin with


def test_without_a_time_given_slow_is_what_95_of_100_calls_are_not() -> None:
    async def ask() -> tuple[list[int], int]:
        desk, seconds = Desk(["on time"] * 100, ["early"] * 20, after_s=None), []
        for turn in range(80):
            desk.slow.latency_s = 0.5 + 0.01 * (turn * 37 % 80)
            await desk.ask()
            seconds.append(len(desk.quick.history))
        desk.slow.latency_s = 9.0
        await desk.ask()
        return seconds, len(desk.quick.history)

    before, after = at_desk(ask)
    assert before[19] == 0, "nothing is known of so few"
    assert before[-1] <= 8 and after == before[-1] + 1


def test_when_the_second_fails_the_first_still_answers() -> None:
    async def ask() -> tuple[str, float, list[str | None]]:
        desk = Desk(["late"], [Overloaded("down")])
        response, took = await desk.ask()
        return response.text, took, [row.error for row in desk.rows]

    assert at_desk(ask) == ("late", 4.0, ["overloaded", None])


def test_when_the_second_says_that_the_request_is_wrong_the_first_is_ended() -> None:
    async def ask() -> list[tuple[str, str | None]]:
        desk = Desk(["late"], [Rejected("wrong")])
        with pytest.raises(ProviderError):
            await desk.ask()
        return [(row.provider, row.error) for row in desk.rows]

    assert at_desk(ask) == [("quick", "rejected"), ("slow", "cancelled")]


def test_a_second_call_that_may_not_be_paid_for_is_not_made() -> None:
    async def ask() -> tuple[str, int]:
        desk = Desk(["late"], ["never asked"])
        desk.purse.limit = DOLLAR.worst(input=ASK.bytes + 64, output=10)
        return (await desk.ask())[0].text, len(desk.quick.history)

    assert at_desk(ask) == ("late", 0)


def test_a_caller_that_goes_away_ends_and_pays_both() -> None:
    async def ask() -> tuple[list[str | None], dict[str, Decimal]]:
        desk = Desk(["late"], ["late too"], quick_s=9.0)
        asking = asyncio.create_task(desk.ask())
        await asyncio.sleep(2.0)
        asking.cancel()
        await asyncio.wait([asking])
        return [row.error for row in desk.rows], desk.purse.held

    assert at_desk(ask) == (["cancelled", "cancelled"], {})
