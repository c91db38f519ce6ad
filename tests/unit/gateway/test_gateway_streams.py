from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from gateway_setup import gateway_over, settings_for, with_fake

from agent.dialects.events import Event, Finished, Restarted, TextDelta, UsageSeen
from agent.dialects.messages import Message, Request
from agent.errors import AllProvidersFailed, Overloaded, ProviderError
from agent.gateway import Attempt, Gateway, Pool, Target, Trace
from agent.providers.scripted import Broken, Scripted, ScriptedProvider
from agent.testing.fake_provider import FakeProvider

ASK = Request(messages=[Message("user", "Say it.")])


def streamed(*scripts: list[Scripted], **pool: object) -> tuple[list[Event], ProviderError | None, list[Attempt], Trace]:
    rows, trace, events = list[Attempt](), Trace(), list[Event]()
    targets = [Target(ScriptedProvider(script, name=name), "m") for name, script in zip("abc", scripts, strict=False)]
    gateway = Gateway({"frontier": Pool(targets=targets, **pool)}, record=rows.append)  # type: ignore[arg-type]

    async def read() -> ProviderError | None:
        try:
            async for event in gateway.stream(ASK, alias="frontier", purpose="test", trace=trace):
                events.append(event)
        except ProviderError as error:
            return error
        return None

    return events, asyncio.run(read()), rows, trace


def words(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_what_fails_before_the_first_word_is_never_seen() -> None:
    events, error, rows, trace = streamed([Overloaded("down")], [Broken("")], ["one two three"])
    assert (words(events), error, trace.served_by, trace.calls) == ("one two three", None, "c/m", 3)
    assert isinstance(events[-1], Finished) and isinstance(events[-2], UsageSeen)
    assert [(row.error, row.absorbed) for row in rows] == [("overloaded", True), ("overloaded", True), (None, False)]


def test_what_breaks_after_the_first_word_ends_in_an_error_and_is_billed() -> None:
    events, error, rows, _ = streamed([Broken("one two ")], ["never asked"])
    assert words(events) == "one two " and isinstance(error, Overloaded)
    assert not any(isinstance(event, Finished) for event in events)
    assert [(row.error, row.usage.estimated, row.usage.output > 0) for row in rows] == [("overloaded", True, True)]


def test_a_route_that_restarts_says_so_and_gives_the_whole_other_answer() -> None:
    events, error, _, trace = streamed([Broken("one two ")], ["one two three"], on_cut="restart")
    at = next(place for place, event in enumerate(events) if isinstance(event, Restarted))
    assert (words(events[:at]), words(events[at:]), error) == ("one two ", "one two three", None)
    assert events[at] == Restarted(provider="b", model="m") and trace.served_by == "b/m"


def test_a_restart_with_nobody_left_is_an_error() -> None:
    _, error, rows, _ = streamed([Broken("one ")], [Overloaded("down")], on_cut="restart")
    assert isinstance(error, AllProvidersFailed) and len(rows) == 2


def test_a_target_that_cannot_stream_gives_its_whole_answer_as_a_stream() -> None:
    gateway = Gateway({"frontier": [Target(ScriptedProvider(["one two"]), "m", lacks=frozenset({"streaming"}))]})

    async def read() -> list[Event]:
        return [event async for event in gateway.stream(ASK, alias="frontier", purpose="test")]

    assert words(asyncio.run(read())) == "one two"


def test_a_caller_that_goes_away_stops_the_model_and_pays_for_what_came() -> None:
    async def leave(fake: FakeProvider) -> tuple[list[Attempt], int]:
        async with gateway_over(settings_for(fake)) as (gateway, rows):
            async with aclosing(gateway.stream(ASK, alias="frontier", purpose="test")) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        break
            async with asyncio.timeout(1):
                await fake.went_away.wait()
        return rows, fake.closed_early

    rows, closed = with_fake(leave, pause_s=0.02)
    assert closed == 1
    assert [(row.error, row.usage.estimated, row.usage.output > 0, row.absorbed) for row in rows] == [("cancelled", True, True, False)]


@pytest.mark.parametrize("fault", ["stall", "keepalive"])
def test_a_stream_that_stalls_while_it_looks_alive_is_cut(fault: str) -> None:
    async def read(fake: FakeProvider) -> str:
        async with gateway_over(settings_for(fake, fault, on_cut="restart")) as (gateway, _):
            events = [event async for event in gateway.stream(ASK, alias="frontier", purpose="test")]
            return words(events[next(i for i, event in enumerate(events) if isinstance(event, Restarted)) :])

    assert with_fake(read, text="one two three four") == "one two three four "
