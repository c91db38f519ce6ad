"""HTTP proxies on the way to a provider, with a real one on loopback: which provider has one, and that nothing but the tunnel gets past it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from agent.dialects.known import dialect
from agent.dialects.messages import Message, Request
from agent.errors import SettingsError, Unreachable
from agent.providers.connections import Transports
from agent.providers.http import HttpProvider
from agent.settings import Deadlines, ProviderSettings, proxy_for
from agent.testing.fake_wire import answer

ASK = Request(messages=[Message("user", "Say it.")], max_output=100)
CERTIFICATE = Path(__file__).with_name("loopback.pem")
"""For localhost, 127.0.0.1 and ::1, with its key; signed by itself and good for a hundred years."""
CORPORATE = {"HTTPS_PROXY": "http://proxy.example:3128", "http_proxy": "proxy.example:8080", "NO_PROXY": "intra.example, .lan, 10.0.0.0/8"}


@pytest.mark.parametrize(
    ("base_url", "proxy", "environ", "found"),
    [
        ("https://llm.example/v1", None, {}, None),
        ("https://llm.example/v1", None, CORPORATE, "http://proxy.example:3128"),
        ("http://llm.example/v1", None, CORPORATE, "http://proxy.example:8080"),
        ("https://llm.example/v1", "none", CORPORATE, None),
        ("https://llm.example/v1", "http://other.example:1", CORPORATE, "http://other.example:1"),
        ("https://llm.example/v1", "env:MINE", {"MINE": "http://name:word@other.example:1"}, "http://name:word@other.example:1"),
        ("https://llm.intra.example/v1", None, CORPORATE, None),
        ("https://notintra.example/v1", None, CORPORATE, "http://proxy.example:3128"),
        ("https://gpu.lan/v1", None, CORPORATE, None),
        ("https://10.1.2.3/v1", None, CORPORATE, None),
        ("https://11.1.2.3/v1", None, CORPORATE, "http://proxy.example:3128"),
        ("https://llm.example/v1", None, CORPORATE | {"NO_PROXY": "*"}, None),
        ("http://127.0.0.1:11434/v1", None, CORPORATE, None),  # what the environment says is never meant for this machine itself
        ("http://localhost:11434/v1", "http://proxy.example:1", {}, "http://proxy.example:1"),
        ("https://llm.example/v1", None, {"ALL_PROXY": "http://all.example:1"}, "http://all.example:1"),
    ],
)
def test_a_provider_has_the_proxy_that_its_table_or_else_the_environment_names(
    base_url: str, proxy: str | None, environ: dict[str, str], found: str | None
) -> None:
    assert proxy_for(ProviderSettings(base_url=base_url, proxy=proxy), environ=environ) == found


@pytest.mark.parametrize(("proxy", "environ"), [("env:MINE", {}), (None, {"HTTPS_PROXY": "socks5://proxy.example:1080"})])
def test_a_proxy_that_is_none_is_said_at_the_start_and_not_left_out(proxy: str | None, environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match='proxy = "none"'):
        proxy_for(ProviderSettings(base_url="https://llm.example/v1", proxy=proxy), environ=environ)


def test_the_environments_proxy_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match="`ALL_PROXY`"):
        proxy_for(ProviderSettings(base_url="https://llm.example/v1"), environ={"ALL_PROXY": "socks5://proxy.example:1080"})


def test_a_key_does_not_travel_to_a_proxy_in_clear_text() -> None:
    settings = ProviderSettings(base_url="http://llm.example/v1", proxy="http://proxy.example:1", key="env:KEY")
    with pytest.raises(SettingsError, match="clear text"):
        proxy_for(settings, environ={})
    assert proxy_for(ProviderSettings(base_url="https://llm.example/v1", proxy="http://proxy.none"), environ={}) == "http://proxy.none"


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _piped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.close()


class ConnectProxy:
    """Opens a tunnel to whatever is asked for, or says no."""

    def __init__(self, refuses: bytes = b"") -> None:
        self.refuses, self.heads = refuses, list[bytes]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        if self.refuses:
            writer.write(self.refuses)
            return
        host, _, port = head.split()[1].decode().rpartition(":")
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_piped(reader, there_writer), _piped(there_reader, writer))


async def _has_an_internal_error(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)
    writer.write(b"\x15\x03\x03\x00\x02\x02\x50")  # a fatal alert of TLS, number 80
    await writer.drain()


async def _hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)


async def _model(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    body = msgspec.json.encode(answer("openai", "m", "ready"))
    while head := await reader.readuntil(b"\r\n\r\n"):
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))


@asynccontextmanager
async def listening(serve: Serve, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[int]:
    serving = set[asyncio.Task[None]]()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())  # type: ignore[arg-type]  # it is in one
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                await serve(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    server = await asyncio.start_server(served, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*serving)


def own_tls() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(CERTIFICATE)
    return made


def asked(proxy: ConnectProxy | None, *, host: str = "127.0.0.1", trusted: bool = True, times: int = 1) -> list[str]:
    """What a provider behind TLS answered, through the proxy where there is one."""

    async def ask() -> list[str]:
        transports = Transports(tls=ssl.create_default_context(cafile=CERTIFICATE) if trusted else None)
        async with listening(_model, own_tls(), host) as port, listening(proxy.serve if proxy else _model) as proxy_port:
            way = transports.through(f"http://name:word@127.0.0.1:{proxy_port}" if proxy else None)
            limits = Deadlines(connect_s=10, first_token_s=20)
            url = f"https://{host}:{port}/v1"
            provider = HttpProvider(name="acme", dialect=dialect("openai"), base_url=url, transport=way, key="sk-secret", deadlines=limits)
            try:
                return [(await provider.complete(ASK, model="m", timeout_s=30)).text for _ in range(times)]
            finally:
                await transports.aclose()

    return asyncio.run(ask())


def test_a_call_goes_through_the_proxy_in_one_tunnel_and_the_proxy_never_sees_the_key() -> None:
    proxy = ConnectProxy()
    assert asked(proxy, times=3) == ["ready"] * 3
    [head] = proxy.heads
    assert head.startswith(b"CONNECT 127.0.0.1:") and b"proxy-authorization: basic" in head.lower() and b"sk-secret" not in head


def test_without_a_proxy_the_same_provider_is_reached_by_the_pool() -> None:
    assert asked(None, times=2) == ["ready"] * 2


@pytest.mark.parametrize(
    ("said", "lasting"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", True),  # no waiting mends it
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH_9.6\r\n", False),
    ],
)
def test_a_proxy_that_refuses_is_a_provider_that_cannot_be_reached(said: bytes, lasting: bool) -> None:
    with pytest.raises(Unreachable) as refused:
        asked(ConnectProxy(refuses=said))
    assert refused.value.lasting is lasting and "word" not in str(refused.value)


@pytest.mark.parametrize(("host", "trusted"), [("127.0.0.1", False), ("127.0.0.2", True)])
@pytest.mark.parametrize("proxy", [None, ConnectProxy()])
def test_a_certificate_that_is_not_trusted_or_for_another_name_lasts(proxy: ConnectProxy | None, host: str, trusted: bool) -> None:
    """127.0.0.2 is this machine too, and not in the certificate."""
    with pytest.raises(Unreachable) as refused:
        asked(proxy, host=host, trusted=trusted)
    assert refused.value.lasting


@pytest.mark.parametrize("serve", [_has_an_internal_error, _hangs_up])
def test_tls_that_a_busy_server_breaks_off_does_not_last(serve: Serve) -> None:
    async def ask() -> None:
        transports = Transports()
        async with listening(serve) as port:
            url, limits = f"https://127.0.0.1:{port}/v1", Deadlines(connect_s=10, first_token_s=20)
            provider = HttpProvider(name="acme", dialect=dialect("openai"), base_url=url, transport=transports.direct, deadlines=limits)
            try:
                await provider.complete(ASK, model="m", timeout_s=30)
            finally:
                await transports.aclose()

    with pytest.raises(Unreachable) as refused:
        asyncio.run(ask())
    assert not refused.value.lasting


def test_a_forward_proxy_is_asked_with_the_whole_address_where_there_is_no_tls() -> None:
    heads: list[bytes] = []

    async def forwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        body = msgspec.json.encode(answer("openai", "m", "ready"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))

    async def ask() -> str:
        transports = Transports()
        async with listening(forwards) as port:
            way = transports.through(f"http://127.0.0.1:{port}")
            provider = HttpProvider(name="acme", dialect=dialect("openai"), base_url="http://llm.example/v1", transport=way)
            try:
                return (await provider.complete(ASK, model="m", timeout_s=30)).text
            finally:
                await transports.aclose()

    assert asyncio.run(ask()) == "ready"
    assert heads[0].startswith(b"POST http://llm.example/v1/chat/completions HTTP/1.1\r\n")


def test_each_proxy_has_one_transport_and_what_needs_none_has_the_pool() -> None:
    transports = Transports()
    first = transports.through("http://proxy.example:1")
    assert first is transports.through("http://proxy.example:1") is not transports.through("http://proxy.example:2")
    assert isinstance(first, httpx.AsyncHTTPTransport)
    assert transports.through(None) is transports.direct
    assert "proxy.example" not in repr(transports), "an address may hold a password"
