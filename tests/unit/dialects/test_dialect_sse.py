from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from agent.dialects.sse import SseEvent, SseParser, write_event


def parsed(*pieces: bytes) -> list[SseEvent]:
    parser = SseParser()
    return [event for piece in pieces for event in parser.feed(piece)]


def test_the_standards_own_examples() -> None:
    assert parsed(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [SseEvent("YHOO\n+2\n10")]
    assert parsed(b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n") == [
        SseEvent("first event", id="1"),
        SseEvent("second event"),
        SseEvent(" third event"),
    ]
    assert parsed(b"data\n\ndata\ndata\n\ndata:") == [SseEvent(""), SseEvent("\n")]


def test_a_byte_order_mark_and_every_kind_of_line_end() -> None:
    assert parsed(b"\xef", b"\xbb\xbfdata: a\r", b"\n\r", b"\ndata: b\r\rdata: c\n\n") == [SseEvent("a"), SseEvent("b"), SseEvent("c")]


def test_comments_are_counted_and_say_nothing() -> None:
    parser = SseParser()
    assert list(parser.feed(b": keep-alive\n\n: keep-alive\n\n")) == [] and parser.comments == 2


def test_an_event_that_the_end_cuts_off_is_none() -> None:
    assert parsed(b"data: whole\n\ndata: half") == [SseEvent("whole")]
    assert parsed(b"data: whole\n\ndata: half\n") == [SseEvent("whole")]


@given(st.lists(st.tuples(st.text(max_size=20), st.from_regex(r"[a-z.]{0,8}", fullmatch=True)), max_size=5), st.data())
def test_what_is_written_is_read_in_whatever_pieces(events: list[tuple[str, str]], data: st.DataObject) -> None:
    sent = b"".join(write_event(text, event=name) for text, name in events)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    found = parsed(*(sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)))
    assert found == [SseEvent(text.replace("\r\n", "\n").replace("\r", "\n"), name) for text, name in events]


def test_a_line_without_an_end_costs_no_more_than_its_length() -> None:
    parser, began = SseParser(), time.process_time()
    list(parser.feed(b"data: "))
    for _ in range(2_000):
        list(parser.feed(b"x" * 4_096))
    assert parser.waiting == 6 + 2_000 * 4_096
    assert time.process_time() - began < 1.0  # put together anew with each piece it takes many seconds
