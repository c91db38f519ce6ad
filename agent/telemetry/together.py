"""The metrics of several workers in one answer: each sample with the number of its worker, since a scrape reaches whichever accepts it.

They are not added up: the counters of a worker that died begin again at 0, which Prometheus understands of one series and not of a sum.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress

ANSWERS_WITHIN_S = 1.0
"""A worker that is being started, or hangs, is left out of this scrape."""

Text = Callable[[], bytes]


@asynccontextmanager
async def together(text: Text, *, number: int, asked: socket.socket, others: Iterable[str]) -> AsyncIterator[Callable[[], Awaitable[bytes]]]:
    """The metrics of all workers, for as long as the block lasts; meanwhile the others get this one's.

    Args:
        text: This worker's metrics, as Prometheus reads them.
        asked: A listening Unix socket on which the others ask.
        others: Paths of theirs.
    """

    async def all_of_them() -> bytes:
        return merged([labelled(text(), number), *await asyncio.gather(*(_asked(path) for path in others))])

    answering = asyncio.create_task(_answer(asked, lambda: labelled(text(), number)), name="metrics")
    try:
        yield all_of_them
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)


async def _answer(asked: socket.socket, text: Text) -> None:
    # Not a server of asyncio's: from Python 3.13 on it takes the socket's path away with it, and whoever follows this worker needs it.
    loop = asyncio.get_running_loop()
    asked.setblocking(False)
    while True:
        connection, _ = await loop.sock_accept(asked)
        with connection, suppress(OSError, TimeoutError):
            connection.setblocking(False)
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                await loop.sock_sendall(connection, text())


async def _asked(path: str) -> bytes:
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                return await reader.read(-1)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""


def labelled(text: bytes, number: int) -> bytes:
    """Every sample with the label `worker`."""
    label = f'worker="{number}"'.encode()
    return b"\n".join(_labelled(line, label) for line in text.split(b"\n"))


def _labelled(line: bytes, label: bytes) -> bytes:
    if not line or line.startswith(b"#"):
        return line
    name, brace, rest = line.partition(b"{")
    if brace:
        return name + b"{" + label + (rest if rest.startswith(b"}") else b"," + rest)
    name, _, value = line.partition(b" ")
    return name + b"{" + label + b"} " + value


def merged(texts: Iterable[bytes]) -> bytes:
    """Several texts as one, with all samples of a metric under its one heading, as the format wants it."""
    samples: dict[bytes, list[bytes]] = {}
    for text in texts:
        heading = help_ = b""
        for line in text.split(b"\n"):
            if line.startswith(b"# HELP "):
                help_ = line + b"\n"
            elif line.startswith(b"# TYPE "):
                heading = help_ + line
            elif line:
                samples.setdefault(heading, []).append(line)
    return b"".join(b"\n".join([heading, *lines]) + b"\n" for heading, lines in samples.items())
