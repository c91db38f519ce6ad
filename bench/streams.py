"""What open event streams cost: bench/ask.py's request at one client, without and with 200 streams of runs that are under way.

python bench/streams.py [--streams 200] [--asks 200] [--rounds 3]

Beside the time of an answer it prints the server's processor time for each, which a busy machine does not blur.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from ask import TEXT, one_client
from serving import CLIENT_CORE, Served, demo_folder, quantile, served

from agent.testing.fake_provider import FakeProvider

RUNS = 20
"""Under way at once; the streams are shared out among them."""
CONFIG = """
[providers.acme]
dialect = "openai"
base_url = "{url}/v1"
key = "sk-acme"
[providers.acme.models."fault-hang"]
window = 200_000
price = {{ input = "0", output = "0" }}
[aliases.writer]
targets = ["acme/fault-hang"]
[gateway.deadlines]
first_token_s = 600
first_token_least_s = 600
total_s = 600
"""
WRITE = "Write a product description for the Blue Ceramic Mug"


async def round_of(server: Served, asks: int) -> tuple[float, float]:
    """Median milliseconds of an answer, and the server's milliseconds of processor time for each."""
    before = server.cpu_s()
    took = await one_client(server.url, "/v1/asks", {"text": TEXT}, server.key, asks)
    return quantile(took, 0.5), (server.cpu_s() - before) / asks * 1000


async def measured(server: Served, *, asks: int, rounds: int) -> tuple[float, float]:
    """The medians over the rounds."""
    found = [await round_of(server, asks) for _ in range(rounds)]
    return statistics.median(took for took, _ in found), statistics.median(cpu for _, cpu in found)


async def opened(stack: AsyncExitStack, server: Served, streams: int) -> list[asyncio.Task[None]]:
    """Streams that are open, each past its run's plan."""
    limits = httpx.Limits(max_connections=None)
    headers = {"authorization": f"Bearer {server.key}"}
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, headers=headers, timeout=600, limits=limits))
    accepted = [await client.post("/v1/asks", json={"text": WRITE, "wait_s": 0}) for _ in range(RUNS)]
    where = [f"{reply.headers['location']}/events" for reply in accepted]

    async def follow(path: str, seen: asyncio.Event) -> None:
        async with client.stream("GET", path) as reply:
            async for line in reply.aiter_lines():
                if line == "event: step_started":
                    seen.set()

    begun = [asyncio.Event() for _ in range(streams)]
    following = [asyncio.create_task(follow(where[number % RUNS], seen)) for number, seen in enumerate(begun)]
    await asyncio.gather(*(seen.wait() for seen in begun))
    return following


async def compared(folder: Path, *, streams: int, asks: int, rounds: int) -> None:
    async with FakeProvider() as fake, AsyncExitStack() as stack:
        with served(folder, config=CONFIG.format(url=fake.url)) as server:
            await one_client(server.url, "/v1/asks", {"text": TEXT}, server.key, 20)
            alone, cpu_alone = await measured(server, asks=asks, rounds=rounds)
            following = await opened(stack, server, streams)
            began, before = time.perf_counter(), server.cpu_s()
            await asyncio.sleep(5)
            idle = (server.cpu_s() - before) / (time.perf_counter() - began)
            beside, cpu_beside = await measured(server, asks=asks, rounds=rounds)
            still = sum(not task.done() for task in following)
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
    print(f"POST /v1/asks, one client, {rounds} rounds of {asks}; {still} of {streams} streams open to the end")
    print(f"without streams  p50 {alone:6.1f} ms   processor {cpu_alone:6.1f} ms a request")
    print(f"with {streams} streams  p50 {beside:6.1f} ms   processor {cpu_beside:6.1f} ms a request")
    print(f"ratio            p50 {beside / alone:6.2f}      processor {cpu_beside / cpu_alone:6.2f}      the streams alone use {idle:.1%} of a core")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--streams", type=int, default=200)
    options.add_argument("--asks", type=int, default=200)
    options.add_argument("--rounds", type=int, default=3)
    args = options.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compared(demo_folder(Path(folder)), streams=args.streams, asks=args.asks, rounds=args.rounds))


if __name__ == "__main__":
    main()
