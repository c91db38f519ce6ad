"""The pool of connections over real sockets: what is kept, what is not, and that nothing of one answer gets into another."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from agent.providers.link import MOST_HEAD_BYTES, Cut, NotHttp
from agent.providers.pool import Origin, Pool, Way

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Answers = Callable[[int, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]]
"""Answers one request of a connection, with its number; whether it goes on."""


class Server:
    def __init__(self, answers: Answers) -> None:
        self.answers, self.connections, self.heads = answers, 0, list[bytes]()
        self.asked, self.ended = asyncio.Event(), asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            number = 0
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
                self.heads.append(head)
                self.asked.set()
                if not await self.answers(number, reader, writer):
                    return
                number += 1
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self.ended.set()


def always(*pieces: bytes, go_on: bool = True) -> Answers:
    async def answers(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # each piece leaves by itself
        return go_on

    return answers


@asynccontextmanager
async def served(answers: Answers) -> AsyncIterator[Server]:
    made = Server(answers)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/chat"
    try:
        yield made
    finally:
        server.close()


async def asked(pool: Pool, url: str, **more: Any) -> tuple[int, bytes]:
    reply = await pool.handle_async_request(httpx.Request("POST", url, content=b"{}", **more))
    try:
        return reply.status_code, await reply.aread()
    finally:
        await reply.aclose()


def asking(answers: Answers, times: int = 1, *, most: int = 1_000, kept_s: float = 15.0) -> tuple[list[bytes | str], int]:
    """What each of some calls, one after the other, got: the body, or the name of the failure. And how many connections it took."""

    async def run() -> tuple[list[bytes | str], int]:
        pool = Pool(most=most, kept_s=kept_s)
        got: list[bytes | str] = []
        async with served(answers) as server:
            for _ in range(times):
                try:
                    got.append((await asked(pool, server.url))[1])
                except httpx.TransportError as error:
                    got.append(type(error).__name__)
            await pool.aclose()
            return got, server.connections

    return asyncio.run(run())


def test_a_connection_is_used_again_and_again() -> None:
    assert asking(always(OK), 5) == ([b"ok"] * 5, 1)


def test_a_connection_whose_server_says_close_is_not_used_again() -> None:
    closing = OK.replace(b"\r\ncontent", b"\r\nconnection: close\r\ncontent")
    assert asking(always(closing), 3) == ([b"ok"] * 3, 3)


def test_a_connection_that_nobody_used_for_long_enough_is_not_used_again() -> None:
    assert asking(always(OK), 3, kept_s=0.0) == ([b"ok"] * 3, 3)


@pytest.mark.parametrize(
    "pieces",
    [
        (OK + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",),  # an answer that nobody asked for must answer nobody
        (OK + b"\x00garbage",),
    ],
)
def test_what_follows_an_answer_is_not_the_next_one(pieces: Sequence[bytes]) -> None:
    got, connections = asking(always(*pieces), 4)
    assert set(got) <= {b"ok", "Cut"} and got[0] == b"ok"
    assert connections >= 2


def test_what_comes_when_nobody_asked_ends_the_connection() -> None:
    async def run() -> tuple[bytes, int]:
        pool, unasked = Pool(), asyncio.Event()

        async def goes_on_talking(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            writer.write(OK)
            if unasked.is_set():
                return True
            await unasked.wait()
            writer.write(OK.replace(b"ok", b"no"))
            return bool(await reader.read(1))

        async with served(goes_on_talking) as server:
            await asked(pool, server.url)
            unasked.set()
            async with asyncio.timeout(5):
                await server.ended.wait()
            _, body = await asked(pool, server.url)
            await pool.aclose()
            return body, server.connections

    assert asyncio.run(run()) == (b"ok", 2)


@pytest.mark.parametrize(
    ("pieces", "got"),
    [
        ((b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n", b"1;x=y\r\nk\r\n0\r\nx-trailer: y\r\n\r\n"), b"ok"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", OK), b"ok"),
        (tuple(bytes([byte]) for byte in OK), b"ok"),
        ((b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok",), "ReadError"),
        ((b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nok",), "ReadError"),
        ((b"HTTP/1.1 200 OK\r\n\r\nok",), b"ok"),  # over when the connection is
        ((b"HTTP/1.1 200",), "Cut"),
        ((b"SSH-2.0-OpenSSH_9.6\r\n",), "NotHttp"),
        ((b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",), "NotHttp"),
        ((b"HTTP/1.1 200 OK\r\nx: " + b"a" * MOST_HEAD_BYTES + b"\r\ncontent-length: 2\r\n\r\nok",), "NotHttp"),
        ((b"HTTP/1.1 200 OK\r\n", *[b"x: y\r\n" * 2_000] * 7), "NotHttp"),
    ],
)
def test_a_reply_is_read_as_http_has_it_or_fails(pieces: Sequence[bytes], got: bytes | str) -> None:
    assert asking(always(*pieces, go_on=False)) == ([got], 1)


def test_whether_a_connection_died_fresh_or_kept_is_told_apart() -> None:
    async def second_is_cut(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if number:
            writer.transport.abort()
            return False
        writer.write(OK)
        return True

    async def run() -> list[bool]:
        told: list[bool] = []
        for answers in (second_is_cut, always(go_on=False)):
            pool = Pool()
            async with served(answers) as server:
                for _ in range(2):
                    with contextlib.suppress(Cut):
                        try:
                            await asked(pool, server.url)
                        except Cut as error:
                            told.append(error.reused)
                await pool.aclose()
        return told

    assert asyncio.run(run()) == [True, False, False]


def test_a_stream_that_is_closed_early_closes_its_connection() -> None:
    async def endless(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n")
        return bool(await reader.read(1))

    async def run() -> bytes:
        pool = Pool()
        async with served(endless) as server:
            reply = await pool.handle_async_request(httpx.Request("POST", server.url, content=b"{}"))
            first = await anext(aiter(reply.stream))  # type: ignore[arg-type]  # the pool's are asynchronous
            await reply.aclose()
            async with asyncio.timeout(5):
                await server.ended.wait()
            await pool.aclose()
            return first

    assert asyncio.run(run()) == b"ok"


def test_a_body_that_nobody_reads_is_held_back_and_then_comes_whole() -> None:
    size = 5_000_000

    async def run() -> tuple[int, int]:
        pool, sent = Pool(), 0

        async def large(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            nonlocal sent
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
            for _ in range(size // 50_000):
                writer.write(b"x" * 50_000)
                await writer.drain()
                sent += 50_000
            return False

        async with served(large) as server:
            reply = await pool.handle_async_request(httpx.Request("POST", server.url, content=b"{}"))
            before = -1
            while before != sent:  # until it stands still
                before = sent
                for _ in range(200):
                    await asyncio.sleep(0)
            body = await reply.aread()
            await reply.aclose()
            await pool.aclose()
            return before, len(body)

    held_at, came = asyncio.run(run())
    assert came == size
    assert held_at < size


def test_no_more_connections_are_open_than_may_be_and_whoever_waits_gets_one_or_is_told() -> None:
    async def run() -> tuple[list[tuple[int, bytes]], int]:
        pool = Pool(most=2)
        async with served(always(OK)) as server, served(always(OK)) as other:
            got = await asyncio.gather(*(asked(pool, server.url) for _ in range(20)))
            assert await asked(pool, other.url) == (200, b"ok"), "an idle connection makes room for one to elsewhere"
            await pool.aclose()
            return list(got), server.connections

    got, connections = asyncio.run(run())
    assert got == [(200, b"ok")] * 20
    assert connections == 2


def test_whoever_waits_in_vain_for_a_connection_is_told_in_time() -> None:
    async def silent(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        return bool(await reader.read(1))

    async def run() -> None:
        pool = Pool(most=1)
        async with served(silent) as server:
            first = asyncio.create_task(asked(pool, server.url))
            await server.asked.wait()
            with pytest.raises(httpx.PoolTimeout):
                await asked(pool, server.url, extensions={"timeout": {"connect": 5, "pool": 0.05}})
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            await pool.aclose()

    asyncio.run(run())


def test_whoever_waits_is_not_left_waiting_by_a_connection_that_could_not_be_made() -> None:
    async def run() -> list[str]:
        pool = Pool(most=1)
        nowhere = "http://127.0.0.1:1/v1"
        found = await asyncio.gather(*(asked(pool, nowhere) for _ in range(5)), return_exceptions=True)
        return [type(each).__name__ for each in found]

    assert asyncio.run(run()) == ["ConnectError"] * 5


def test_a_call_that_is_cancelled_leaves_no_connection_behind_that_another_could_get_its_answer_from() -> None:
    late = asyncio.Event()

    async def first_is_late(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if not late.is_set():
            await late.wait()
            writer.write(OK.replace(b"ok", b"no"))
        else:
            writer.write(OK)
        return True

    async def run() -> tuple[bytes, int]:
        pool = Pool()
        async with served(first_is_late) as server:
            first = asyncio.create_task(asked(pool, server.url))
            await server.asked.wait()
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            late.set()
            _, body = await asked(pool, server.url)
            await pool.aclose()
            return body, server.connections

    assert asyncio.run(run()) == (b"ok", 2)


def test_the_request_arrives_as_it_was_written() -> None:
    async def run() -> bytes:
        pool = Pool()
        async with served(always(OK)) as server:
            await asked(pool, server.url + "?a=b%20c", headers={"authorization": "Bearer x", "host": "llm.example"})
            await pool.aclose()
            return server.heads[0]

    head = asyncio.run(run())
    assert head.startswith(b"POST /v1/chat?a=b%20c HTTP/1.1\r\n")
    lines = head.lower().split(b"\r\n")
    assert b"authorization: bearer x" in lines and b"host: llm.example" in lines
    assert lines.count(b"content-length: 2") == 1


@pytest.mark.parametrize("value", [b"a\r\nx-evil: 1", b"a\nb", b"a\rb"])
def test_no_header_can_hold_another(value: bytes) -> None:
    with pytest.raises(httpx.LocalProtocolError):
        Way.to("POST", httpx.URL("http://llm.example/v1"), [(b"authorization", value)])


@pytest.mark.parametrize(
    ("url", "error"),
    [("http://127.0.0.1:1/v1", httpx.ConnectError), ("ftp://llm.example/v1", httpx.UnsupportedProtocol)],
)
def test_what_cannot_be_reached_is_told(url: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        asyncio.run(asked(Pool(), url))


def test_a_server_that_speaks_no_tls_is_told_as_such() -> None:
    async def run() -> BaseException | None:
        pool = Pool()
        server = await asyncio.start_server(_greets, "127.0.0.1", 0)
        try:
            with pytest.raises(httpx.ConnectError) as failed:
                await asked(pool, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        finally:
            server.close()
            await pool.aclose()
        return failed.value.__cause__

    assert isinstance(asyncio.run(run()), ssl.SSLError)


async def _greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"220 this is no TLS\r\n" * 20)
    writer.close()


def test_not_http_and_a_cut_are_failures_that_httpx_knows() -> None:
    assert issubclass(NotHttp, httpx.RemoteProtocolError) and issubclass(Cut, httpx.RemoteProtocolError)


def test_where_one_kept_connection_was_dead_another_kept_one_is_not_tried() -> None:
    async def run() -> tuple[list[bytes | str], int]:
        pool, dead = Pool(), asyncio.Event()

        async def all_die(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            if number and dead.is_set():
                writer.transport.abort()
                return False
            writer.write(OK)
            return True

        async with served(all_die) as server:
            await asyncio.gather(*(asked(pool, server.url) for _ in range(3)))
            dead.set()
            way = Way.to("POST", httpx.URL(server.url), [(b"host", b"x")])
            got: list[bytes | str] = []
            for fresh in (False, True):
                try:
                    reply = await pool.post(way, b"{}", connect_s=5, fresh=fresh)
                    got.append(b"".join([piece async for piece in reply]))
                except Cut as error:
                    got.append(f"reused {error.reused}")
            await pool.aclose()
            return got, server.connections

    assert asyncio.run(run()) == (["reused True", b"ok"], 4)


Found = Sequence[tuple[int, int, int, str, Any]]


def named(port: int) -> Found:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def test_a_name_that_many_wait_for_is_asked_for_once() -> None:
    """Each question holds one of a few threads; a silent name server must not keep other providers' names from being found."""

    async def run() -> tuple[list[tuple[int, bytes]], int]:
        questions, asked_for, told = 0, asyncio.Event(), asyncio.Event()
        async with served(always(OK)) as server:
            port = httpx.URL(server.url).port or 0

            async def addresses(loop: asyncio.AbstractEventLoop, origin: Origin) -> Found:
                nonlocal questions
                questions += 1
                asked_for.set()
                await told.wait()
                return named(port)

            pool = Pool(addresses=addresses)
            calls = [asyncio.create_task(asked(pool, "http://llm.example/v1")) for _ in range(8)]
            await asked_for.wait()
            calls[0].cancel()  # one that gives up takes nothing from the others
            told.set()
            got = await asyncio.gather(*calls[1:])
            await pool.aclose()
            return got, questions

    assert asyncio.run(run()) == ([(200, b"ok")] * 7, 1)


def test_a_name_that_was_not_found_is_asked_for_again_by_the_next_call() -> None:
    async def run() -> tuple[int, bytes]:
        async with served(always(OK)) as server:
            port, answers = httpx.URL(server.url).port or 0, [socket.gaierror(-3, "not now"), None]

            async def addresses(loop: asyncio.AbstractEventLoop, origin: Origin) -> Found:
                if (error := answers.pop(0)) is not None:
                    raise error
                return named(port)

            pool = Pool(addresses=addresses)
            with pytest.raises(httpx.ConnectError):
                await asked(pool, "http://llm.example/v1")
            got = await asked(pool, "http://llm.example/v1")
            await pool.aclose()
            return got

    assert asyncio.run(run()) == (200, b"ok")


def test_a_name_server_that_never_answers_costs_no_more_than_the_patience_and_leaves_nothing_behind() -> None:
    async def run() -> int:
        async def addresses(loop: asyncio.AbstractEventLoop, origin: Origin) -> Found:
            await asyncio.Event().wait()
            return []

        pool = Pool(addresses=addresses)
        for _ in range(3):
            with pytest.raises(httpx.ConnectTimeout):
                await asked(pool, "http://llm.example/v1", extensions={"timeout": {"connect": 0.01, "pool": 1}})
        await pool.aclose()
        await asyncio.sleep(0)
        return len(asyncio.all_tasks()) - 1

    assert asyncio.run(run()) == 0
