"""What no vendor documents and servers send all the same, over real connections: either it is understood or another target answers."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from agent.dialects.events import Assembly
from agent.dialects.messages import Message, Request, Response
from agent.errors import BadOutput
from agent.gateway import gateway_from
from agent.settings import Settings
from agent.testing.fake_wire import answer

ASK = Request(messages=[Message("user", "Say it.")], max_output=100)
SECOND = "the second one says so"


def whole(body: object, *headers: str, status: str = "200 OK", kind: str = "application/json", length: int | None = None) -> list[bytes]:
    """A reply with one body; `length` is a lie about it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status}",
        *headers,
        *([f"content-type: {kind}"] if kind else []),
        f"content-length: {len(content) if length is None else length}",
    ]
    return ["\r\n".join(lines).encode() + b"\r\n\r\n" + content]


def streamed(*pieces: bytes, kind: str = "text/event-stream") -> list[bytes]:
    """A reply in chunks, each sent by itself."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    return [head, *(b"%x\r\n" % len(piece) + piece + b"\r\n" for piece in pieces), b"0\r\n\r\n"]


def plain(*pieces: bytes) -> list[bytes]:
    """A reply of HTTP/1.0, over when the connection is."""
    return [b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n", *pieces]


def event(body: object) -> bytes:
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


def said(delta: dict[str, Any], finish: str | None = None, *, index: int = 0, **more: Any) -> bytes:
    return event({"id": "x", "model": "m", "choices": [{"index": index, "delta": delta, "finish_reason": finish}], **more})


def calls(arguments: object, *, id: str = "c1", name: str = "price") -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}}]}


def counted(input: object, output: object) -> dict[str, Any]:
    return {"usage": {"prompt_tokens": input, "completion_tokens": output}}


GOOD = answer("openai", "m", "ready")
DONE, STOP = b"data: [DONE]\n\n", said({}, "stop")
CRLF = (said({"content": "ré😀dy"}) + STOP + DONE).replace(b"\n", b"\r\n")
GZIPPED = gzip.compress(json.dumps(answer("openai", "m", "ready " * 200)).encode())
BROKEN_CALL = {**GOOD, "choices": [{"index": 0, "message": {"role": "assistant", "content": None, **calls('{"a": ')}, "finish_reason": "tool_calls"}]}
LONG = said({"content": "x" * 1_000_000})


@dataclass(frozen=True, slots=True)
class Served:
    response: Response
    connections: int
    calls: int
    """To the first target."""


@asynccontextmanager
async def serving(reply: Sequence[bytes], seen: list[str]) -> AsyncIterator[str]:
    """A server that answers every call with these bytes and keeps the connection as its reply says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append("connection")
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
                seen.append("call")
                for piece in reply:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)  # each piece leaves by itself
                if reply[0].startswith(b"HTTP/1.0"):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


def served(reply: Sequence[bytes], *, stream: bool, times: int = 1, dialect: str = "openai") -> Served:
    """The last answer of a gateway whose first target sends that and whose second is well."""

    async def ask() -> Served:
        seen: list[str] = []
        second = whole(answer("openai", "m", SECOND))
        async with serving(reply, seen) as first_url, serving(second, []) as second_url:
            deadlines = {"connect_s": 5, "first_token_s": 5, "between_tokens_s": 5, "total_s": 20}
            settings = Settings.model_validate(
                {
                    "providers": {"first": {"base_url": first_url, "key": "k", "dialect": dialect}, "second": {"base_url": second_url, "key": "k"}},
                    "aliases": {"frontier": {"targets": ["first/m", "second/m"]}}, "gateway": {"deadlines": deadlines},
                }
            )  # fmt: skip
            gateway = gateway_from(settings)
            try:
                for _ in range(times):
                    if stream:
                        assembly = Assembly()
                        async for one in gateway.stream(ASK, alias="frontier", purpose="test"):
                            assembly.add(one)
                        assert assembly.usage is not None and assembly.finish is not None
                        response = assembly.response(usage=assembly.usage, provider="", model="")
                    else:
                        response = await gateway.complete(ASK, alias="frontier", purpose="test")
            finally:
                await gateway.close()
        return Served(response, seen.count("connection"), seen.count("call"))

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        pytest.param("ré😀dy", streamed(*(CRLF[i : i + 1] for i in range(len(CRLF)))), id="CRLF, a byte at a time, within characters too"),
        pytest.param("ré😀dy", streamed(CRLF.replace(b"\r\n", b"\r")), id="CR alone ends the lines"),
        pytest.param("ready", streamed(b"\xef\xbb\xbf" + said({"content": "ready"}) + STOP), id="a mark before UTF-8 in a stream"),
        pytest.param("x" * 1_000_000, streamed(*(LONG[i : i + 9_000] for i in range(0, len(LONG), 9_000)), STOP), id="a line of a megabyte"),
        pytest.param("ready", plain(said({"content": "ready"}), STOP), id="HTTP/1.0 and the end of the connection"),
        pytest.param("ready", streamed(said({"content": "ready"}), STOP.strip()), id="no blank line after the last event"),
        pytest.param("ready", plain(said({"content": "ready"}), STOP.strip()), id="nor in HTTP/1.0"),
        pytest.param("ready", streamed(said({"content": "ready"}), STOP, said({}, "length"), DONE), id="two reasons for the end"),
        pytest.param("ready", streamed(said({"content": "re"}), STOP, said({"content": "ady"}), DONE), id="words after the end"),
        pytest.param("ready", streamed(said({"content": "re"}), said({"content": "no"}, index=1), said({"content": "ady"}), STOP), id="two choices"),
        pytest.param("ready", streamed(said({"content": "ready"}, "stop")), id="all in one event"),
        pytest.param("ready", streamed(event({"choices": [{"index": 0, "delta": None}]}), said({"content": "ready"}), STOP), id="no delta"),
        pytest.param("ready", whole(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()), id="a mark before UTF-8 in a whole body"),
        pytest.param("ready", whole(GOOD, "content-type: application/json; charset=utf-8"), id="the content type twice"),
        pytest.param("ready", whole(GOOD, kind=""), id="no content type"),
        pytest.param("ready", streamed(json.dumps(GOOD).encode()), id="a whole body that says it is a stream"),
        pytest.param("ready", whole({**GOOD, "model": "another\r\nx-evil: 1", "created": "now"}), id="another model's name"),
        pytest.param("ready", [b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", *whole(GOOD)], id="early hints"),
    ],
)
def test_what_can_be_understood_is(text: str, reply: list[bytes]) -> None:
    assert served(reply, stream=True).response.text == text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(whole(GZIPPED[:-20], "content-encoding: gzip"), id="half a gzip"),
        pytest.param(whole(GOOD, "content-encoding: gzip"), id="no gzip that says it is one"),
        pytest.param(whole(GOOD, length=100), id="a length that is too short"),
        pytest.param(whole(GOOD, "content-length: 7"), id="two lengths"),
        pytest.param(whole(GOOD, "transfer-encoding: chunked"), id="a length and chunks"),
        pytest.param(whole(GOOD, "x-big: " + "a" * 200_000), id="a header of 200 kB"),
        pytest.param(whole(b"", "location: http://elsewhere.example/v1", status="302 Found"), id="another host"),
        pytest.param([b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"], id="another protocol"),
        pytest.param(whole(GOOD, status="999 Denied"), id="a status of its own"),
        pytest.param(whole(json.dumps(GOOD).encode() * 2), id="two answers in one body"),
        pytest.param(whole(json.dumps(GOOD).encode("utf-16")), id="UTF-16"),
        pytest.param(whole(json.dumps(answer("openai", "m", "\ud83d")).encode()), id="half a character"),
        pytest.param(whole(BROKEN_CALL), id="arguments that never close"),
        pytest.param(streamed(DONE), id="nothing but the end"),
        pytest.param(streamed(b'event: error\ndata: {"message":"boom"}\n\n', STOP), id="an error by the name of the event alone"),
    ],
)
def test_what_cannot_be_is_another_targets_turn(reply: list[bytes], stream: bool) -> None:
    assert served(reply, stream=stream).response.text == SECOND


def test_a_body_that_is_longer_than_it_says_is_not_the_beginning_of_the_next_answer() -> None:
    """What is left on the connection must not be read as the reply to somebody else's call."""
    one, other = whole(GOOD), whole(answer("openai", "m", "smuggled"))
    assert served([one[0] + other[0]], stream=False, times=3).response.text in ("ready", SECOND)


@pytest.mark.parametrize("when", ["Sun, 22 Nov 2020 10:00:00 GMT", "0", "Sun, 99 Nov 99999 10:00:00 GMT", "nan", "inf", "9" * 400])
def test_a_retry_after_that_makes_no_sense_costs_two_calls_at_most(when: str) -> None:
    limited = whole({"error": {"message": "slow", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}, f"retry-after: {when}", status="429 X")
    result = served(limited, stream=False, times=5)
    assert result.response.text == SECOND and result.calls <= 2


@pytest.mark.parametrize(
    ("events", "output", "estimated"),
    [
        ([event({"choices": [], **counted(25, 0)}), said({"content": "ready, or so it seems"}), STOP], 6, True),  # counted before it wrote
        ([said({"content": "ready"}, **counted(25, 1)), said({"content": ", or so"}, **counted(25, 4)), STOP], 4, False),  # counted as it went
        ([said({"content": "ready"}), STOP, event({"choices": [], **counted(-5, -1)})], 1, True),
        ([said({"content": "ready"}), STOP, event({"choices": [], **counted("25", "many")})], 1, True),
        ([said({"content": "ready"}), STOP, event({"choices": [], **counted(25, 0)})], 1, True),
    ],
)
def test_a_stream_is_never_billed_as_if_nothing_had_been_written(events: list[bytes], output: int, estimated: bool) -> None:
    usage = served(streamed(*events, DONE), stream=True).response.usage
    assert (usage.output, usage.estimated) == (output, estimated) and usage.input > 0


def test_a_whole_answer_with_words_and_a_count_of_none_is_estimated() -> None:
    usage = served(whole({**GOOD, **counted(25, 0)}), stream=False).response.usage
    assert (usage.input, usage.output, usage.estimated) == (25, 1, True)


def test_calls_that_are_all_numbered_0_are_told_apart_by_their_ids() -> None:
    pieces = [said(calls('{"a": 1}')), said(calls('{"a":', id="c2")), said(calls(" 2}", id="c2", name="")), said({}, "tool_calls")]
    found = served(streamed(*pieces, DONE), stream=True).response.tool_calls
    assert [(call.id, call.arguments) for call in found] == [("c1", '{"a": 1}'), ("c2", '{"a": 2}')]


def test_a_streamed_call_whose_arguments_never_close_ends_in_an_error_and_not_as_an_answer() -> None:
    with pytest.raises(BadOutput):
        served(streamed(said(calls('{"a": ')), said({}, "tool_calls"), DONE), stream=True)


def typed(**body: Any) -> bytes:
    return f"event: {body['type']}\n".encode() + event(body)


def block(content: dict[str, Any], *deltas: dict[str, Any]) -> bytes:
    """A block of Anthropic's, with its deltas."""
    grown = b"".join(typed(type="content_block_delta", index=0, delta=delta) for delta in deltas)
    return typed(type="content_block_start", index=0, content_block=content) + grown + typed(type="content_block_stop", index=0)


def last(reason: str, **more: Any) -> bytes:
    return typed(type="message_delta", delta={"stop_reason": reason}, **more) + typed(type="message_stop")


START = typed(type="message_start", message={"id": "msg", "model": "m", "usage": {"input_tokens": 25, "output_tokens": 1}})
TEXT = {"type": "text", "text": ""}
TOOL = {"type": "tool_use", "id": "t", "name": "price"}


def test_anthropics_count_from_the_start_is_not_taken_for_the_whole() -> None:
    words = block(TEXT, {"type": "text_delta", "text": "ready " * 30})
    usage = served(streamed(START, words, last("end_turn")), stream=True, dialect="anthropic").response.usage
    assert (usage.input, usage.output, usage.estimated) == (25, 50, True)


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (block({**TOOL, "input": {"a": 1}}), '{"a":1}'),
        (block({**TOOL, "input": {"a": 1}}, {"type": "input_json_delta", "partial_json": '{"a": 2}'}), '{"a": 2}'),
        (typed(type="content_block_start", index=0, content_block={**TOOL, "input": {"a": 1}}), '{"a":1}'),
        (block({**TOOL, "input": {}}), "{}"),
    ],
)
def test_what_anthropics_call_begins_with_is_not_lost(call: bytes, arguments: str) -> None:
    found = served(streamed(START, call, last("tool_use", usage={"output_tokens": 4})), stream=True, dialect="anthropic").response.tool_calls
    assert [(call.name, call.arguments) for call in found] == [("price", arguments)]


def test_a_stream_that_begins_again_is_not_read_as_one_answer() -> None:
    twice = (START + block(TEXT, {"type": "text_delta", "text": "re"})) * 2
    with pytest.raises(BadOutput):
        served(streamed(twice, last("end_turn")), stream=True, dialect="anthropic")


def test_geminis_second_candidate_does_not_get_between_the_words_of_the_first() -> None:
    def candidate(text: str, **more: Any) -> dict[str, Any]:
        return {"content": {"parts": [{"text": text}], "role": "model"}, **more}

    pieces = [
        {"candidates": [candidate("re"), candidate("NO", index=1)]},
        {"candidates": [candidate("NO", index=1)]},
        {"candidates": [candidate("ady", finishReason="STOP")]},
    ]
    assert served(streamed(*map(event, pieces)), stream=True, dialect="gemini").response.text == "ready"


def test_geminis_call_with_arguments_that_are_no_object_is_not_made_without_them() -> None:
    parts = [{"functionCall": {"name": "price", "args": "x"}}]
    body = {"candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP"}]}
    assert served(whole(body), stream=False, dialect="gemini").response.text == SECOND


@pytest.mark.parametrize("streamed_part", ["", "rea", "ready"])
def test_what_openais_responses_did_not_stream_is_taken_from_their_end(streamed_part: str) -> None:
    deltas = [typed(type="response.output_text.delta", delta=piece, output_index=0, content_index=0, item_id="i") for piece in streamed_part]
    end = typed(type="response.completed", response=answer("openai_responses", "m", "ready"))
    assert served(streamed(*deltas, end), stream=True, dialect="openai_responses").response.text == "ready"
