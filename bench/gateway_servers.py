"""The servers that `bench/gateway.py` puts beside each other: a provider that is never the bottleneck, the floors, Storehand, and its peers.

Each runs in a process of its own: `python -m bench.gateway_servers` with `upstream` or the name of a floor, `storehand serve --parts llm`,
and the peers' own commands.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httptools
import httpx
import msgspec
from litestar import Litestar, Request, Response, post
from litestar.response import Stream

UPSTREAM, FLOOR, FLOOR_HTTPX, FLOOR_AIOHTTP, OURS, LITELLM, PORTKEY = 9180, 9181, 9183, 9186, 9182, 9184, 9185
SERVER_CORE, CLIENT_CORE = 0, 1
TEXT = "The quick brown fox jumps over the lazy dog. " * 4
ASK = {"model": "m", "messages": [{"role": "user", "content": "hello world, " * 20}]}
USAGE = {"prompt_tokens": 25, "completion_tokens": 40, "total_tokens": 65}
WHOLE = json.dumps(
    {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
    }
).encode()  # fmt: skip


def chunk(delta: dict[str, str], finish: str | None = None, **more: Any) -> bytes:
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    event = b"data: " + json.dumps(body | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} | more).encode() + b"\n\n"
    return b"%x\r\n" % len(event) + event + b"\r\n"


STREAM = b"".join([chunk({"role": "assistant", "content": ""}), *(chunk({"content": word + " "}) for word in TEXT.split()), chunk({}, "stop")])
STREAM += chunk({}, choices=[], usage=USAGE) + b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"


class Upstream(asyncio.Protocol):
    """A provider that is never the bottleneck."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.parser, self.body = transport, httptools.HttpRequestParser(self), b""

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        streamed, self.body = b'"stream":true' in self.body.replace(b" ", b""), b""
        head = b"HTTP/1.1 200 OK\r\ncontent-type: "
        if streamed:
            self.transport.write(head + b"text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n" + STREAM)  # type: ignore[attr-defined]
        else:
            self.transport.write(head + b"application/json\r\ncontent-length: %d\r\n\r\n" % len(WHOLE) + WHOLE)  # type: ignore[attr-defined]


def serve_upstream() -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", UPSTREAM, backlog=1024)
        await server.serve_forever()

    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


def floor_transport(name: str) -> httpx.AsyncBaseTransport:
    """Under httpx's client: the one that Storehand takes, httpx's own, or aiohttp's."""
    if name == "floor-httpx":
        return httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=1000))
    if name == "floor-aiohttp":
        import aiohttp
        from httpx_aiohttp import AiohttpTransport

        return AiohttpTransport(client=lambda: aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1000), cookie_jar=aiohttp.DummyCookieJar()))
    from agent.providers.connections import pooled_transport

    return pooled_transport()


def serve_floor(port: int, name: str) -> None:
    """Parse, forward, count, write: nothing that a gateway is for."""
    import uvicorn

    address, held = f"http://127.0.0.1:{UPSTREAM}/v1/chat/completions", dict[str, httpx.AsyncClient]()

    @post("/v1/chat/completions", status_code=200)
    async def forward(request: Request[Any, Any, Any]) -> Response[Any]:
        if "client" not in held:
            held["client"] = httpx.AsyncClient(transport=floor_transport(name), timeout=None)
        client = held["client"]
        body = msgspec.json.decode(await request.body())
        sent = client.build_request("POST", address, content=msgspec.json.encode(body), headers={"content-type": "application/json"})
        reply = await client.send(sent, stream=True)
        if body.get("stream"):
            return Stream(reply.aiter_bytes(), media_type="text/event-stream")
        found = msgspec.json.decode(await reply.aread())
        await reply.aclose()
        assert found["usage"]["total_tokens"]
        return Response(msgspec.json.encode(found), media_type="application/json")

    uvicorn.run(Litestar([forward], openapi_config=None, logging_config=None), port=port, log_level="error", access_log=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One to measure."""

    name: str
    port: int
    command: list[str]
    path: str = "/v1/chat/completions"
    key: str = "sk-x"
    headers: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    core: int = SERVER_CORE

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class Started:
    server: Server
    pid: int
    first_answer_s: float
    """From the start of the process to its first good answer."""


def here(what: str, port: int, *, core: int = SERVER_CORE) -> Server:
    return Server(name=what, port=port, command=[sys.executable, "-m", "bench.gateway_servers", what], core=core)


def storehand(folder: Path) -> Server:
    """Keys, a budget, usage rows, breakers, metrics: all that `serve --parts llm` has. The schema is there, as on any start but the first."""
    from agent.db.engine import Database, sqlite_url
    from agent.db.upgrade import upgrade
    from agent.ledger.keys import Keys
    from agent.records import Scope
    from bench.serving import compiled

    compiled()
    db = Database(sqlite_url(folder / "storehand.db"))
    upgrade(db)
    made = asyncio.run(Keys(db).create("bench", shop="shop_bench", scopes=[Scope.LLM], budget_usd=Decimal(2_000)))
    db.close()
    config = folder / "bench.toml"
    config.write_text(
        f'[providers.up]\nbase_url = "http://127.0.0.1:{UPSTREAM}/v1"\n[providers.up.models.m]\nprice = {{ input = "2.00", output = "10.00" }}\n'
        '[aliases.m]\ntargets = ["up/m"]\n',
        encoding="utf-8",
    )
    arguments = ["--config", str(config), "serve", "--parts", "llm", "--data", str(folder), "--port", str(OURS)]
    command = [sys.executable, "-c", "from agent.cli import main; main()", *arguments]
    return Server(name="storehand", port=OURS, command=command, path="/llm/v1/chat/completions", key=made.secret)


def litellm(binary: str, folder: Path) -> Server:
    """The proxy without a database: neither keys nor budgets nor rows, so this is its best case."""
    config = folder / "litellm.yaml"
    config.write_text(
        f'model_list:\n  - model_name: m\n    litellm_params: {{model: openai/gpt-5.6-luna, api_base: "http://127.0.0.1:{UPSTREAM}/v1", '
        "api_key: sk-up}\nlitellm_settings:\n  num_retries: 0\n  telemetry: false\n  request_timeout: 30\ngeneral_settings:\n  master_key: sk-x\n",
        encoding="utf-8",
    )
    environ = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR"}
    command = [binary, "--config", str(config), "--host", "127.0.0.1", "--port", str(LITELLM)]
    return Server(name="litellm", port=LITELLM, command=command, environ=environ)


def portkey(script: str, folder: Path) -> Server:
    """It would listen on every interface; a preloaded line keeps it on loopback."""
    preload = folder / "loopback.js"
    preload.write_text(
        "const net = require('net'), listen = net.Server.prototype.listen;\n"
        "net.Server.prototype.listen = function (port, ...rest) {\n"
        "  if (typeof port === 'object') return listen.call(this, {...port, host: '127.0.0.1'}, ...rest);\n"
        "  return listen.call(this, port, '127.0.0.1', ...rest.filter(each => typeof each !== 'string'));\n};\n",
        encoding="utf-8",
    )
    headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{UPSTREAM}/v1"}
    command = ["node", "--require", str(preload), script, "--headless", f"--port={PORTKEY}"]
    return Server(name="portkey", port=PORTKEY, command=command, headers=headers, environ={"NODE_ENV": "production"})


@contextmanager
def running(server: Server, *, within_s: float = 300.0) -> Iterator[Started]:
    """It, from its start until the block ends; ended by its own process id."""
    began = time.perf_counter()
    process = subprocess.Popen(
        server.command, env=os.environ | server.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: pinned(server.core),
    )  # fmt: skip
    try:
        while not _answers(server):
            if process.poll() is not None or time.perf_counter() - began > within_s:
                raise SystemExit(f"{server.name} did not start: {' '.join(server.command)}")
            time.sleep(0.01)
        yield Started(server, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _answers(server: Server) -> bool:
    headers = {"authorization": f"Bearer {server.key}", "content-type": "application/json", **server.headers}
    try:
        urllib.request.urlopen(urllib.request.Request(server.address, json.dumps(ASK).encode(), headers), timeout=5).read()
    except OSError:
        return False
    return True


def pinned(core: int) -> None:
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


def cpu_s(pid: int) -> float:
    """Processor time of a process so far: what an answer costs, however busy the machine is with other things."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


FAULTS = """
    refuse dns tls reset hang slowfirst 429 429ra2 429ra120 429quota 529 500 502html 503 401 403 404model 400ctx 400filter 400bad 200err badjson
    html200 emptybody nochoices empty nullcontent filterfinish wrongschema giant sseerr0 sseerr stall truncate trunclean midreset ssebad dup nodone
    ssecomment
"""


def serve_faults(port: int) -> None:
    """What the gateway harness's faults.py asks for: a primary with the fault, a healthy secondary, 4 s for each try."""
    import uvicorn

    from agent.db.engine import Database, sqlite_url
    from agent.db.upgrade import upgrade
    from agent.gateway import open_gateway
    from agent.records import Principal, Scope
    from agent.settings import Settings
    from agent.web.proxy import open_proxy

    class AnyKey:
        async def verify(self, secret: str) -> Principal:
            return Principal("key_bench", "key", "bench", "shop_bench", frozenset({Scope.LLM}))

    odd = {"refuse": "http://127.0.0.1:9299/v1", "dns": "http://no-such-host.invalid/v1", "tls": "https://127.0.0.1:9201/v1"}
    providers: dict[str, Any] = {"b": {"base_url": "http://127.0.0.1:9202/v1", "key": "sk-b"}}
    aliases: dict[str, Any] = {}
    for kind in "nsc":
        for fault in FAULTS.split():
            providers[f"{kind}{fault}"] = {"base_url": odd.get(fault, "http://127.0.0.1:9201/v1")} | ({"key": "sk-a"} if fault != "dns" else {})
            aliases[f"{kind}-{fault}"] = {"targets": [f"{kind}{fault}/fault-{fault}", "b/good"], "on_content_filter": "failover"}
    deadlines = {"connect_s": 2, "first_token_s": 4, "between_tokens_s": 4, "total_s": 20}
    settings = Settings.model_validate({"providers": providers, "aliases": aliases, "gateway": {"deadlines": deadlines}})

    async def serve(db: Database) -> None:
        async with open_gateway(settings, db) as opened:
            app = open_proxy(opened.gateway, AnyKey(), opened.books)  # type: ignore[arg-type]  # it takes any key
            await uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False, lifespan="off")).serve()

    with tempfile.TemporaryDirectory() as folder:
        db = Database(sqlite_url(Path(folder) / "faults.db"))
        upgrade(db)
        asyncio.run(serve(db))


if __name__ == "__main__":
    match sys.argv[1]:
        case "upstream":
            serve_upstream()
        case "floor" | "floor-httpx" | "floor-aiohttp" as name:
            serve_floor({"floor": FLOOR, "floor-httpx": FLOOR_HTTPX, "floor-aiohttp": FLOOR_AIOHTTP}[name], name)
        case _:
            sys.exit("upstream, floor, floor-httpx or floor-aiohttp")
