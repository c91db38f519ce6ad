"""The gateway beside its floor and its peers: what keys, budgets, ledger and routing add to a bare pass-through with the same HTTP client.

`floor` is Litestar and httpx's client over the transport that Storehand takes, `floor-httpx` and `floor-aiohttp` the same over others.

python -m bench.gateway [--rounds 3] [--seconds 4] [--litellm PATH/bin/litellm] [--portkey PATH/@portkey-ai/gateway/build/start-server.js]
python -m bench.gateway serve-faults --port 4010     the fault matrix's server: models n-X, s-X, c-X as in the gateway harness

Servers are pinned to one core, the client and the provider to another; every round measures each of them once, one after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench.gateway_servers import (
    ASK,
    CLIENT_CORE,
    FLOOR,
    FLOOR_AIOHTTP,
    FLOOR_HTTPX,
    UPSTREAM,
    Server,
    Started,
    cpu_s,
    here,
    litellm,
    memory_mb,
    pinned,
    portkey,
    running,
    serve_faults,
    storehand,
)

STARTS = 3


@dataclass(slots=True)
class Figures:
    """One server's, a value for each round."""

    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    start_s: list[float] = field(default_factory=list)
    idle_mb: float = 0.0
    after_mb: float = 0.0


def request_bytes(server: Server, *, stream: bool) -> bytes:
    body = json.dumps(ASK | ({"stream": True, "stream_options": {"include_usage": True}} if stream else {})).encode()
    sent = {"host": "x", "content-type": "application/json", "authorization": f"Bearer {server.key}", **server.headers}
    head = f"POST {server.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


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
        while size := int(await reader.readline(), 16):
            piece = await reader.readexactly(size + 2)
            first = first or (time.perf_counter() if b'"content":"The' in piece.replace(b'": "', b'":"') else 0.0)
        await reader.readline()
    return (first - began) * 1000, (time.perf_counter() - began) * 1000


async def load(server: Server, *, clients: int, seconds: float, stream: bool = False) -> tuple[list[float], list[float], float]:
    """First content and whole answer in ms, and answers a second."""
    sent = request_bytes(server, stream=stream)
    firsts: list[float] = []
    wholes: list[float] = []
    end = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while time.perf_counter() < end:
            first, whole = await one_call(reader, writer, sent)
            firsts.append(first)
            wholes.append(whole)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return firsts, wholes, len(wholes) / seconds


async def one_round(started: Started, figures: Figures, seconds: float) -> None:
    server = started.server
    _, alone, _ = await load(server, clients=1, seconds=seconds)
    before = cpu_s(started.pid)
    _, together, rate = await load(server, clients=32, seconds=seconds)
    used = (cpu_s(started.pid) - before) / max(1, len(together))
    firsts, _, _ = await load(server, clients=1, seconds=seconds / 2, stream=True)
    cut = statistics.quantiles(alone, n=100)
    figures.p50_ms.append(cut[49])
    figures.p99_ms.append(cut[98])
    figures.rate.append(rate)
    figures.cpu_us.append(used * 1e6)
    figures.first_ms.append(statistics.median(firsts))


def measure(rounds: int, seconds: float, peers: dict[str, str]) -> dict[str, Figures]:
    pinned(CLIENT_CORE)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        direct = stack.enter_context(running(here("upstream", UPSTREAM, core=CLIENT_CORE)))
        ours = [here("floor-httpx", FLOOR_HTTPX), here("floor-aiohttp", FLOOR_AIOHTTP), here("floor", FLOOR), storehand(folder)]
        servers = ours + [{"litellm": litellm, "portkey": portkey}[name](path, folder) for name, path in peers.items() if path]
        found = {"direct": Figures()} | {server.name: Figures() for server in servers}
        for server in ours:  # each alone, before any other is there; a peer is started once, since one of them takes long
            for _ in range(STARTS - 1):
                with running(server) as started:
                    found[server.name].start_s.append(started.first_answer_s)
        up = [direct, *(stack.enter_context(running(server)) for server in servers)]
        for started in up[1:]:
            found[started.server.name].start_s.append(started.first_answer_s)
        for started in up:
            name = "direct" if started is direct else started.server.name
            found[name].idle_mb = memory_mb(started.pid)
            asyncio.run(load(started.server, clients=4, seconds=1))  # warm
        for _ in range(rounds):
            for started in up:
                asyncio.run(one_round(started, found["direct" if started is direct else started.server.name], seconds))
        for started in up:
            found["direct" if started is direct else started.server.name].after_mb = memory_mb(started.pid)
    return found


def print_table(found: dict[str, Figures]) -> None:
    direct, floor = found["direct"], found["floor"]
    base, rate = statistics.median(direct.p50_ms), statistics.median(floor.rate)
    columns = ("", "start s", "memory MB idle/after", "+p50 ms, 1 client", "p99 ms, 1 client", "answers/s, 32", "of the floor", "cpu µs an answer")
    print("| " + " | ".join([*columns, "+ first token ms"]) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, row in found.items():
        start = f"{statistics.median(row.start_s):.2f}" if row.start_s else "-"
        memory = f"{row.idle_mb:.0f}/{row.after_mb:.0f}" if name != "direct" else "-"
        print(
            f"| {name} | {start} | {memory} | {statistics.median(row.p50_ms) - base:.2f} | {statistics.median(row.p99_ms):.2f} "
            f"| {statistics.median(row.rate):.0f} | {statistics.median(row.rate) / rate:.0%} | {statistics.median(row.cpu_us):.0f} "
            f"| {statistics.median(row.first_ms) - statistics.median(direct.first_ms):.2f} |"
        )


def print_targets(found: dict[str, Figures]) -> None:
    """Each target with what came, in one line."""
    ours, floor, direct = found["storehand"], found["floor"], found["direct"]
    middle = statistics.median
    added, allowed = middle(ours.p50_ms) - middle(direct.p50_ms), 1.5 * (middle(floor.p50_ms) - middle(direct.p50_ms)) + 0.5
    lines = [
        ("added p50 at one client, ms", added, "at most", allowed),
        ("answers a second at 32 clients, share of the floor's", middle(ours.rate) / middle(floor.rate), "at least", 0.6),
        ("first token after the floor's, ms", middle(ours.first_ms) - middle(floor.first_ms), "at most", 2.0),
        ("cold start, s", middle(ours.start_s), "at most", 1.5),
        ("memory after its first answer, MB", ours.idle_mb, "at most", 120.0),
    ]
    if "litellm" in found:
        lines.append(("answers a second at 32 clients, times LiteLLM's", middle(ours.rate) / middle(found["litellm"].rate), "at least", 25.0))
    print()
    for what, value, side, bound in lines:
        good = value <= bound if side == "at most" else value >= bound
        print(f"- {what}: {value:.2f}, {side} {bound:.2f}: {'met' if good else 'MISSED'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="measure", choices=["measure", "serve-faults"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--port", type=int, default=4010)
    parser.add_argument("--litellm", default="", help="the command `litellm` of an environment with litellm[proxy]")
    parser.add_argument("--portkey", default="", help="build/start-server.js of @portkey-ai/gateway")
    given = parser.parse_args()
    if given.what == "serve-faults":
        serve_faults(given.port)
        return
    load_before = os.getloadavg()[0]
    found = measure(given.rounds, given.seconds, {"litellm": given.litellm, "portkey": given.portkey})
    machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, httpx {httpx.__version__}"
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine}, load before it began {load_before:.1f}")
    print(f"{given.rounds} rounds of {given.seconds:g} s, medians\n")
    print_table(found)
    print_targets(found)


if __name__ == "__main__":
    sys.exit(main())
