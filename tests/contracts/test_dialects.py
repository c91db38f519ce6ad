"""The laws of every dialect: what it writes it reads back, in both directions, whole and streamed, and nothing that comes in breaks it."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import msgspec
import pytest
from dialect_strategies import answers, proxy_calls, requests
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_samples import ANSWERS, STREAMS

from agent.dialects.base import BadCall, Call, Quirks, StreamReader
from agent.dialects.events import Assembly, Event, events_of
from agent.dialects.known import DIALECTS, dialect
from agent.dialects.messages import Message, Request, Response, Usage
from agent.dialects.sse import SseParser
from agent.errors import ContextTooLong, OverBudget, Overloaded, ProviderError, RateLimited, RunawaySpend, StorehandError

NAMES = sorted(DIALECTS)
EXAMPLES = settings(max_examples=60)
KEYS = [
    "choices", "message", "content", "error", "candidates", "parts", "output", "type", "usage", "delta", "input", "messages", "contents", "model",
    "role", "text", "index", "tool_calls", "function", "code", "details", "system", "tools",
]  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["user", "text", "message", "content_block_delta", "error"])
)
NESTED = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4), max_leaves=12)
RUBBISH = st.binary(max_size=200) | NESTED.map(msgspec.json.encode)
CALL = Call(model="m", request=Request(messages=[Message("user", "?")]), include_usage=True)


@pytest.mark.parametrize("name", NAMES)
@EXAMPLES
@given(data=st.data())
def test_a_callers_request_is_read_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    call = data.draw(proxy_calls(name))
    body = msgspec.json.encode(dialect(name).write_call(call))
    assert dialect(name).read_call(body, model=call.model, stream=call.stream) == call


@pytest.mark.parametrize("name", NAMES)
@EXAMPLES
@given(data=st.data(), stream=st.booleans())
def test_what_is_sent_to_a_provider_is_what_a_caller_could_have_sent(name: str, data: st.DataObject, stream: bool) -> None:
    request = data.draw(requests(name))
    body = dialect(name).write_request(request, model="m", stream=stream, quirks=Quirks())
    body.pop("include", None)
    found = dialect(name).read_call(msgspec.json.encode(body), model="m", stream=stream)
    assert (found.request, found.stream) == (request, stream)


@pytest.mark.parametrize("name", NAMES)
@EXAMPLES
@given(data=st.data())
def test_an_answer_is_read_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    response = data.draw(answers(name))
    body = msgspec.json.decode(msgspec.json.encode(dialect(name).write_answer(response, CALL, created=1)))
    found = dialect(name).read_answer(body)
    assert (found.response, found.usage, found.finished) == (response, response.usage, True)


@pytest.mark.parametrize("name", NAMES)
@EXAMPLES
@given(data=st.data())
def test_a_stream_is_read_back_as_it_was_written_however_it_is_cut_into_pieces(name: str, data: st.DataObject) -> None:
    response = data.draw(answers(name))
    sent = written(name, events_of(response))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=8)))
    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    said = assembled(dialect(name).reader(), pieces)
    found = said.response(usage=said.usage or Usage(), provider="", model=said.model)
    assert replace(found, finish=said.finish or "stop") == response
    assert said.finish == response.finish


@pytest.mark.parametrize("name", NAMES)
@EXAMPLES
@given(data=st.data())
def test_a_stream_cut_anywhere_never_looks_finished_before_its_end(name: str, data: st.DataObject) -> None:
    response = replace(data.draw(answers(name)), finish="stop", tool_calls=())
    sent = written(name, events_of(response))
    said = assembled(dialect(name).reader(), [sent[: data.draw(st.integers(0, len(sent)))]])
    if said.finish is not None:
        assert said.text == response.text


@pytest.mark.parametrize("name", NAMES)
@given(body=RUBBISH)
def test_nothing_that_comes_in_breaks_it_with_anything_but_its_own_errors(name: str, body: bytes) -> None:
    speaks = dialect(name)
    try:
        speaks.read_call(body, model="m")
    except BadCall as error:
        assert error.status == 400
    assert isinstance(speaks.read_error(500, {}, body), ProviderError)
    try:
        found = msgspec.json.decode(body)
        if isinstance(found, dict):
            speaks.read_answer(found)
    except (ProviderError, msgspec.DecodeError, UnicodeDecodeError):
        pass
    with contextlib.suppress(ProviderError):
        assembled(speaks.reader(), [b"data: " + body.replace(b"\n", b" ") + b"\n\n"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("error", "read"),
    [
        (RateLimited("wait"), "rate_limited"),
        (OverBudget("spent"), "quota_used_up"),
        (RunawaySpend("paused"), "rate_limited"),
        (Overloaded("busy"), "overloaded"),
        (ContextTooLong("the prompt is too long for the model"), "context_too_long"),
        (BadCall("no such parameter"), "rejected"),
    ],
)
def test_our_errors_mean_the_same_to_whoever_speaks_the_dialect(name: str, error: StorehandError, read: str) -> None:
    if name != "openai" and name != "openai_responses" and isinstance(error, OverBudget):
        read = {"anthropic": "quota_used_up", "gemini": "rate_limited"}[name]
    if name in ("anthropic",) and isinstance(error, ContextTooLong):
        error = ContextTooLong("prompt is too long")
    if name == "gemini" and isinstance(error, ContextTooLong):
        error = ContextTooLong("The input token count exceeds the window")
    status, body = dialect(name).write_error(error)
    assert dialect(name).read_error(status, {}, msgspec.json.encode(body)).code == read


@pytest.mark.parametrize("name", NAMES)
def test_an_error_in_a_stream_is_an_error_to_whoever_reads_it(name: str) -> None:
    writer = dialect(name).writer(CALL, id="x", created=1)
    first = events_of(Response(text="half", usage=Usage(input=1), provider="", model="m"))[:2]
    sent = b"".join(writer.write(event) for event in first) + writer.fail(Overloaded("cut"))
    with pytest.raises(ProviderError):
        assembled(dialect(name).reader(), [sent])


def written(name: str, events: list[Event]) -> bytes:
    writer = dialect(name).writer(CALL, id="x", created=1)
    return b"".join(writer.write(event) for event in events) + writer.end()


def assembled(reader: StreamReader, pieces: list[bytes]) -> Assembly:
    parser, said = SseParser(), Assembly()
    for piece in pieces:
        for sse in parser.feed(piece):
            for event in reader.read(sse):
                said.add(event)
    return said


@pytest.mark.parametrize("name", NAMES)
def test_a_documented_answer_is_read_with_all_its_parts(name: str) -> None:
    body, response = ANSWERS[name]
    found = dialect(name).read_answer(msgspec.json.decode(body))
    assert (found.response, found.finished) == (response, True)


@pytest.mark.parametrize("name", NAMES)
def test_a_documented_stream_is_read_to_its_end(name: str) -> None:
    sent, text, usage = STREAMS[name]
    said = assembled(dialect(name).reader(), [sent.encode()])
    assert (said.text, said.finish, said.usage) == (text, "stop", usage)
