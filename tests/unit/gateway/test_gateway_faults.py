"""Every fault of real providers at a primary, with a healthy secondary behind it, over real connections to this machine."""

from __future__ import annotations

import pytest
from gateway_matrix import STREAMED, WHOLE
from gateway_setup import DIALECTS, gateway_over, settings_for, with_fake

from agent.dialects.events import Assembly, TextDelta
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
                twice = " ".join(f"{word} {word}" for word in TEXT.split())
                outcome = {TEXT.strip(): "answer", twice: "twice"}.get(text.strip(), text)
            except ProviderError as error:
                outcome = type(error).__name__
        return outcome, sum(call.fault == fault for call in fake.calls), sum(call.model == "fault-" for call in fake.calls)

    assert with_fake(ask) == (seen, first, second)


SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
WANTED = ASK.but(schema=SCHEMA)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_broken_schema_is_mended_once_where_it_broke_and_then_asked_for_elsewhere(dialect: str) -> None:
    async def ask(fake: FakeProvider) -> tuple[str, int, int]:
        async with gateway_over(settings_for(fake, "wrongschema", dialect=dialect)) as (gateway, _):
            text = (await gateway.complete(WANTED, alias="frontier", purpose="test")).text
        return text, fake.count("wrongschema"), fake.count("")

    assert with_fake(ask, text='{"ok": true}') == ('{"ok": true}', 2, 1)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("restart", "seen", "second"), [(False, "BadOutput", 0), (True, '{"ok": true}', 1)])
def test_a_stream_that_breaks_the_schema_is_an_error_for_a_caller_and_starts_anew_for_us(
    restart: bool, seen: str, second: int, dialect: str
) -> None:  # fmt: skip
    async def ask(fake: FakeProvider) -> tuple[str, int, int]:
        said = Assembly()
        async with gateway_over(settings_for(fake, "wrongschema", dialect=dialect)) as (gateway, _):
            try:
                async for event in gateway.stream(WANTED, alias="frontier", purpose="test", restart=restart):
                    said.add(event)
                outcome = said.text.strip()
            except ProviderError as error:
                outcome = type(error).__name__
        return outcome, fake.count("wrongschema"), fake.count("")

    assert with_fake(ask, text='{"ok": true}') == (seen, 1, second)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_chokes_on_schemas_is_asked_in_words(dialect: str) -> None:
    async def ask(fake: FakeProvider) -> tuple[list[str], int, int]:
        async with gateway_over(settings_for(fake, "noschema", dialect=dialect)) as (gateway, _):
            texts = [(await gateway.complete(WANTED, alias="frontier", purpose="test")).text for _ in range(3)]
        return texts, fake.count("noschema"), fake.count("")

    assert with_fake(ask, text='```json\n{"ok": true}\n```') == (['{"ok": true}'] * 3, 4, 0)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("fault", "requests", "calls"), [("503", 12, 2), ("hang", 5, 1), ("429ra120", 12, 1), ("401", 12, 1), ("429quota", 12, 1), ("404model", 12, 1)]
)
def test_a_dead_primary_costs_at_most_two_calls_and_then_nothing(fault: str, requests: int, calls: int, dialect: str) -> None:
    async def ask(fake: FakeProvider) -> tuple[int, int]:
        async with gateway_over(settings_for(fake, fault, dialect=dialect)) as (gateway, _):
            answers = [await gateway.complete(ASK, alias="frontier", purpose="test") for _ in range(requests)]
        return sum(answer.text.strip() == TEXT.strip() for answer in answers), fake.count(fault)

    assert with_fake(ask) == (requests, calls)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_when_to_come_back_is_read_wherever_the_vendor_says_it(dialect: str) -> None:
    """Gemini says it in the body (google.rpc.RetryInfo), the others in a header."""

    async def ask(fake: FakeProvider) -> float:
        async with gateway_over(settings_for(fake, "429ra120", dialect=dialect)) as (gateway, _):
            await gateway.complete(ASK, alias="frontier", purpose="test")
            return gateway.health.recovers_at(gateway.targets()[0].places) - gateway.health.clock()

    assert 118 < with_fake(ask) <= 120
