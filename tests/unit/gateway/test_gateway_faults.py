"""Every fault of real providers at a primary, with a healthy secondary behind it, over real connections to this machine."""

from __future__ import annotations

import pytest
from gateway_matrix import STREAMED, WHOLE
from gateway_setup import DIALECTS, gateway_over, settings_for, with_fake

from agent.dialects.events import TextDelta
from agent.dialects.messages import Message, Request
from agent.errors import ProviderError
from agent.testing.fake_provider import TEXT, FakeProvider

ASK = Request(messages=[Message("user", "Say it.")])


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("fault", "seen", "first", "second"), WHOLE, ids=[row[0] for row in WHOLE])
def test_a_whole_answer_survives_what_the_matrix_says_it_survives(fault: str, seen: str, first: int, second: int, dialect: str) -> None:
    async def ask(fake: FakeProvider) -> tuple[str, int, int]:
        async with gateway_over(settings_for(fake, fault, dialect=dialect)) as (gateway, _):
            try:
                outcome = (await gateway.complete(ASK, alias="frontier", purpose="test")).text
            except ProviderError as error:
                outcome = type(error).__name__
        outcome = "answer" if outcome.strip() == TEXT.strip() else outcome
        return outcome, sum(call.fault == fault for call in fake.calls), sum(call.model == "fault-" for call in fake.calls)

    assert with_fake(ask) == (seen, first, second)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("fault", "seen", "first", "second"), STREAMED, ids=[row[0] for row in STREAMED])
def test_a_stream_is_whole_or_ends_in_an_error_and_is_never_half_an_answer(fault: str, seen: str, first: int, second: int, dialect: str) -> None:
    async def ask(fake: FakeProvider) -> tuple[str, int, int]:
        async with gateway_over(settings_for(fake, fault, dialect=dialect)) as (gateway, _):
            text = ""
            try:
                async for event in gateway.stream(ASK, alias="frontier", purpose="test"):
                    text += event.text if isinstance(event, TextDelta) else ""
                outcome = "answer" if text.strip() == TEXT.strip() else text
            except ProviderError as error:
                outcome = type(error).__name__
        return outcome, sum(call.fault == fault for call in fake.calls), sum(call.model == "fault-" for call in fake.calls)

    assert with_fake(ask) == (seen, first, second)
