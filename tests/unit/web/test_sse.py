from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from agent.web.sse import PING, message, with_pings


@pytest.mark.parametrize("text", ["one", "two\nlines", "a\r\nb\rc", "data: not a field\n\nevent: nor this", ""])
def test_text_cannot_end_an_event_early(text: str) -> None:
    wire = message(text, event="update", id=7).decode()
    head, _, rest = wire.partition("data: ")
    assert head == "id: 7\nevent: update\n" and wire.endswith("\n\n") and wire.count("\n\n") == 1
    read = "\n".join(line.removeprefix("data: ") for line in ("data: " + rest).rstrip("\n").split("\n"))
    assert read == text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def test_a_quiet_stream_is_kept_alive_with_pure_comments_and_loses_nothing() -> None:
    async def story() -> None:
        go_on = asyncio.Event()

        async def source() -> AsyncGenerator[bytes, None]:
            yield b"first"
            await go_on.wait()
            yield b"second"

        seen = []
        async for chunk in with_pings(source(), every_s=0.001):
            seen.append(chunk)
            if seen.count(PING) == 2:
                go_on.set()
        assert seen[0] == b"first" and seen[-1] == b"second" and set(seen[1:-1]) == {PING}
        assert PING == b": ping\n\n"

    asyncio.run(story())


def test_what_is_followed_is_closed_when_the_reader_goes_away() -> None:
    async def story() -> None:
        closed = asyncio.Event()

        async def source() -> AsyncGenerator[bytes, None]:
            try:
                yield b"first"
                await asyncio.Event().wait()
            finally:
                closed.set()

        stream = with_pings(source(), every_s=60)
        assert isinstance(stream, AsyncGenerator)
        assert await anext(stream) == b"first"
        await stream.aclose()
        assert closed.is_set()

    asyncio.run(story())
