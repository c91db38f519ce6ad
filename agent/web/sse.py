"""Server-sent events: one event a message with its id, and a comment every 15 s so that nothing on the way closes a quiet stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from litestar import Response
from litestar.response import Stream

T = TypeVar("T")

PING = b": ping\n\n"
PING_EVERY_S = 15.0
_HEADERS = {"cache-control": "no-store, no-transform", "x-accel-buffering": "no"}


def message(data: str | bytes, *, event: str | None = None, id: int | None = None) -> bytes:
    """The bytes of one event. Every line of `data` is a line of its own on the wire, so text cannot end an event early."""
    text = data.decode() if isinstance(data, bytes) else data
    head = (f"id: {id}\n" if id is not None else "") + (f"event: {event}\n" if event else "")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return (head + "".join(f"data: {line}\n" for line in lines) + "\n").encode()


def stream_reply(chunks: AsyncGenerator[bytes, None], *, ping_every_s: float = PING_EVERY_S) -> Response[bytes]:
    """The stream as a reply that no proxy buffers and nothing compresses."""
    return Stream(with_pings(chunks, every_s=ping_every_s), media_type="text/event-stream", headers=_HEADERS)  # type: ignore[return-value]


async def with_pings(chunks: AsyncGenerator[bytes, None], *, every_s: float) -> AsyncIterator[bytes]:
    """`chunks`, with a ping whenever nothing came for `every_s` seconds. Closes `chunks` when it is closed itself."""
    pending: asyncio.Task[bytes | None] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(_next(chunks))
            done, _ = await asyncio.wait({pending}, timeout=every_s)
            if not done:
                yield PING
                continue
            chunk, pending = pending.result(), None
            if chunk is None:
                return
            yield chunk
    finally:
        if pending is not None:
            pending.cancel()
            with suppress(asyncio.CancelledError):
                await pending
        await chunks.aclose()


@asynccontextmanager
async def closed_after(events: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """The stream, closed by whoever opened it, also when it was not read to its end."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def _next(chunks: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(chunks, None)
