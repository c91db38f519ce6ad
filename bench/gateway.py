"""The gateway beside its floor: what keys, budgets, ledger and routing add to a bare pass-through with the same HTTP client.

python bench/gateway.py [--rounds 3] [--seconds 4] [--peer litellm=http://127.0.0.1:4001/v1/chat/completions,sk-x]
python bench/gateway.py serve-faults --port 4010     the fault matrix's server: models n-X, s-X, c-X as in the gateway harness
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httptools
import httpx
import msgspec
import uvicorn
from litestar import Litestar, Request, Response, post
from litestar.response import Stream

UPSTREAM, FLOOR, OURS = 9180, 9181, 9182
TEXT = "The quick brown fox jumps over the lazy dog. " * 4
ASK = {"model": "m", "messages": [{"role": "user", "content": "hello world, " * 20}]}
WHOLE = json.dumps(
    {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 25, "completion_tokens": 40, "total_tokens": 65},
    }
).encode()  # fmt: skip


def chunk(delta: dict[str, str], finish: str | None = None, **more: Any) -> bytes:
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    event = b"data: " + json.dumps(body | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} | more).encode() + b"\n\n"
    return b"%x\r\n" % len(event) + event + b"\r\n"


STREAM = b"".join([chunk({"role": "assistant", "content": ""}), *(chunk({"content": word + " "}) for word in TEXT.split()), chunk({}, "stop")])
STREAM += chunk({}, choices=[], usage={"prompt_tokens": 25, "completion_tokens": 40, "total_tokens": 65}) + b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"


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

    pinned(1)
    asyncio.run(serve())


def serve_floor() -> None:
    """Parse, forward, count, write: nothing a gateway is for."""
    from agent.providers.connections import pooled_transport

    address, held = f"http://127.0.0.1:{UPSTREAM}/v1/chat/completions", dict[str, httpx.AsyncClient]()

    @post("/llm/v1/chat/completions", status_code=200)
    async def forward(request: Request[Any, Any, Any]) -> Response[Any]:
        if "client" not in held:
            held["client"] = httpx.AsyncClient(transport=pooled_transport(), timeout=None)
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

    pinned(0)
    uvicorn.run(Litestar([forward], openapi_config=None, logging_config=None), port=FLOOR, log_level="error", access_log=False)


def serve_ours(folder: str) -> None:
    """Keys, a budget, usage rows, the breakers: all of it."""
    from agent.db.engine import Database, sqlite_url
    from agent.db.upgrade import upgrade
    from agent.ledger.keys import Keys
    from agent.records import Scope
    from agent.settings import Settings

    db = Database(sqlite_url(Path(folder) / "bench.db"))
    upgrade(db)
    keys = Keys(db)
    made = asyncio.run(keys.create("bench", shop="shop_bench", scopes=[Scope.LLM], budget_usd=Decimal(2_000)))
    provider = {"base_url": f"http://127.0.0.1:{UPSTREAM}/v1", "models": {"m": {"price": {"input": "2.00", "output": "10.00"}}}}
    settings = Settings.model_validate({"providers": {"up": provider}, "aliases": {"m": {"targets": ["up/m"]}}})
    Path(folder, "key").write_text(made.secret, encoding="utf-8")
    pinned(0)
    run_proxy(settings, db, keys, OURS)


def run_proxy(settings: Any, db: Any, keys: Any, port: int) -> None:
    from agent.gateway import open_gateway
    from agent.web.proxy import proxy_router

    async def serve() -> None:
        async with open_gateway(settings, db) as opened:
            app = Litestar([proxy_router(opened.gateway, keys, opened.books)], openapi_config=None, logging_config=None)
            await uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False)).serve()

    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(serve())


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def serve_faults(port: int) -> None:
    """What the gateway harness's faults.py asks for: a primary with the fault, a healthy secondary, 4 s for each try."""
    from agent.db.engine import Database, sqlite_url
    from agent.db.upgrade import upgrade
    from agent.records import Principal, Scope
    from agent.settings import Settings

    class AnyKey:
        async def verify(self, secret: str) -> Principal:
            return Principal("key_bench", "key", "bench", "shop_bench", frozenset({Scope.LLM}))

    names = ["refuse", "dns", "tls", "reset", "hang", "slowfirst", "429", "429ra2", "429ra120", "429quota", "529", "500", "502html", "503", "401", "403", "404model", "400ctx", "400filter", "400bad", "200err", "badjson", "html200", "emptybody", "nochoices", "empty", "nullcontent", "filterfinish", "wrongschema", "giant", "sseerr0", "sseerr", "stall", "truncate", "trunclean", "midreset", "ssebad", "dup", "nodone", "ssecomment"]  # fmt: skip  # noqa: E501
    odd = {"refuse": "http://127.0.0.1:9299/v1", "dns": "http://no-such-host.invalid/v1", "tls": "https://127.0.0.1:9201/v1"}
    providers: dict[str, Any] = {"b": {"base_url": "http://127.0.0.1:9202/v1", "key": "sk-b"}}
    aliases: dict[str, Any] = {}
    for kind in "nsc":
        for fault in names:
            providers[f"{kind}{fault}"] = {"base_url": odd.get(fault, "http://127.0.0.1:9201/v1")} | ({"key": "sk-a"} if fault != "dns" else {})
            aliases[f"{kind}-{fault}"] = {"targets": [f"{kind}{fault}/fault-{fault}", "b/good"], "on_content_filter": "failover"}
    deadlines = {"connect_s": 2, "first_token_s": 4, "between_tokens_s": 4, "total_s": 20}
    settings = Settings.model_validate({"providers": providers, "aliases": aliases, "gateway": {"deadlines": deadlines}})
    with tempfile.TemporaryDirectory() as folder:
        db = Database(sqlite_url(Path(folder) / "faults.db"))
        upgrade(db)
        run_proxy(settings, db, AnyKey(), port)


def pinned(core: int) -> None:
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


def request_bytes(address: str, key: str, *, stream: bool) -> tuple[str, int, bytes]:
    parts = httpx.URL(address)
    body = json.dumps(ASK | ({"stream": True, "stream_options": {"include_usage": True}} if stream else {})).encode()
    head = f"POST {parts.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer {key}\r\n"
    return parts.host, parts.port or 80, head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


async def one_call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> tuple[float, float]:
    """Milliseconds to the first content and to the end."""
    began, first = time.perf_counter(), 0.0
    writer.write(sent)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert b" 200 " in head.split(b"\r\n")[0], head
    if b"content-length: " in head:
        await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
        first = time.perf_counter()
    else:
        while (size := int(await reader.readline(), 16)) or not first:
            piece = await reader.readexactly(size + 2)
            first = first or (time.perf_counter() if b'"content":"The' in piece.replace(b'": "', b'":"') else 0.0)
        await reader.readline()
    return (first - began) * 1000, (time.perf_counter() - began) * 1000


async def load(address: str, key: str, *, clients: int, seconds: float, stream: bool = False) -> tuple[list[float], list[float], float]:
    """First content and whole answer in ms, and answers a second."""
    host, port, sent = request_bytes(address, key, stream=stream)
    firsts: list[float] = []
    wholes: list[float] = []
    end = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        while time.perf_counter() < end:
            first, whole = await one_call(reader, writer, sent)
            firsts.append(first)
            wholes.append(whole)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return firsts, wholes, len(wholes) / seconds


def wait_for(address: str, key: Callable[[], str], *, within_s: float = 30) -> float:
    """Seconds until the first good answer."""
    began = time.time()
    while time.time() - began < within_s:
        try:
            sent = urllib.request.Request(address, json.dumps(ASK).encode(), {"authorization": f"Bearer {key()}", "content-type": "application/json"})
            urllib.request.urlopen(sent, timeout=2).read()
            return time.time() - began
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"{address} did not answer within {within_s} s")


def cpu_s(pid: int) -> float:
    """Processor time of a process so far: what an answer costs, however busy the machine is with other things."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@asynccontextmanager
async def processes(folder: str) -> AsyncIterator[dict[str, tuple[int, float]]]:
    started: list[multiprocessing.Process] = []
    seen: dict[str, tuple[int, float]] = {}
    spawn = multiprocessing.get_context("spawn")
    ready = {"direct": UPSTREAM, "floor": FLOOR, "storehand": OURS}
    try:
        for name, target, args in (("direct", serve_upstream, ()), ("floor", serve_floor, ()), ("storehand", serve_ours, (folder,))):
            process = spawn.Process(target=target, args=args, daemon=True)
            process.start()
            started.append(process)  # type: ignore[arg-type]  # a spawned one
            took = await asyncio.to_thread(wait_for, f"http://127.0.0.1:{ready[name]}/llm/v1/chat/completions", lambda: key_in(folder))
            seen[name] = (process.pid or 0, took)
        yield seen
    finally:
        for process in started:
            process.terminate()
            process.join(5)


def key_in(folder: str) -> str:
    path = Path(folder, "key")
    return path.read_text(encoding="utf-8") if path.exists() else "none"


async def measure(rounds: int, seconds: float, peers: dict[str, tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with processes(folder) as seen:
            pinned(1)
            ports = {"direct": UPSTREAM, "floor": FLOOR, "storehand": OURS}
            targets = {name: (f"http://127.0.0.1:{port}/llm/v1/chat/completions", key_in(folder)) for name, port in ports.items()} | peers
            found: dict[str, dict[str, list[float]]] = {name: {"p50": [], "p99": [], "rate": [], "first": [], "cpu": []} for name in targets}
            for address, key in targets.values():  # warm
                await load(address, key, clients=4, seconds=1)
            for _ in range(rounds):
                for name, (address, key) in targets.items():
                    _, alone, _ = await load(address, key, clients=1, seconds=seconds)
                    pid = seen[name][0] if name in seen else 0
                    before = cpu_s(pid) if pid else 0.0
                    _, all_of_them, rate = await load(address, key, clients=32, seconds=seconds)
                    used = (cpu_s(pid) - before) / max(1, len(all_of_them)) * 1e6 if pid else 0.0
                    firsts, _, _ = await load(address, key, clients=1, seconds=seconds / 2, stream=True)
                    cut = statistics.quantiles(alone, n=100)
                    for kind, value in (("p50", cut[49]), ("p99", cut[98]), ("rate", rate), ("first", statistics.median(firsts)), ("cpu", used)):
                        found[name][kind].append(value)
            print_table(found, seen)


def print_table(found: dict[str, dict[str, list[float]]], seen: dict[str, tuple[int, float]]) -> None:
    middle = {name: {kind: statistics.median(values) for kind, values in kinds.items()} for name, kinds in found.items()}
    direct, floor = middle["direct"], middle["floor"]
    print("| | start s | memory MB | +p50 ms, 1 client | p99 ms, 1 client | answers/s, 32 | of the floor | cpu µs an answer | + to first token ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, row in middle.items():
        pid, started = seen.get(name, (0, 0.0))
        memory = f"{memory_mb(pid):.0f}" if pid else "-"
        print(
            f"| {name} | {started:.2f} | {memory} | {row['p50'] - direct['p50']:.2f} | {row['p99']:.2f} | {row['rate']:.0f} "
            f"| {row['rate'] / floor['rate']:.0%} | {row['cpu']:.0f} | {row['first'] - direct['first']:.2f} |"
        )
    allowed = 1.5 * (floor["p50"] - direct["p50"]) + 0.5
    print(
        f"\nadded p50 at one client: {middle['storehand']['p50'] - direct['p50']:.2f} ms, allowed {allowed:.2f} ms (1.5 times the floor and 0.5 ms)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="measure", choices=["measure", "serve-faults"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--port", type=int, default=4010)
    parser.add_argument("--peer", action="append", default=[], help="name=address,key of a gateway that is up and serves the model m")
    given = parser.parse_args()
    if given.what == "serve-faults":
        serve_faults(given.port)
        return
    peers = {peer.partition("=")[0]: (peer.partition("=")[2].rpartition(",")[0], peer.rpartition(",")[2]) for peer in given.peer}
    asyncio.run(measure(given.rounds, given.seconds, peers))


if __name__ == "__main__":
    sys.exit(main())
