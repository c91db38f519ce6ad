"""An event of a stream that cannot be read: is anything of the answer gone with it?"""

from __future__ import annotations

import pytest

from agent.dialects.events import Lost
from agent.dialects.known import DIALECTS, dialect
from agent.dialects.sse import SseEvent
from agent.errors import BadOutput

SAID_SOMETHING = [
    '{"choices":[{"index":0,"delta":{"content":"half a wo',
    '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{',
    '{"type":"response.output_text.delta","delta":"half',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half',
    '{"candidates":[{"content":{"parts":[{"text":"half',
    '{"error":{"message":"over',
]
SAID_NOTHING = ['{"id":"x","choices":[{"del', '{"type":"pi', "<keep-alive>", "", "null", "[1, 2"]


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("data", SAID_SOMETHING)
def test_a_piece_that_came_broken_breaks_the_stream_rather_than_leaving_a_hole(name: str, data: str) -> None:
    with pytest.raises(BadOutput):
        dialect(name).reader().read(SseEvent(data))


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("data", SAID_NOTHING)
def test_noise_between_pieces_is_left_out_and_counted(name: str, data: str) -> None:
    assert dialect(name).reader().read(SseEvent(data)) == (Lost("an event is no JSON"),)
