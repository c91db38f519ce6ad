"""A read-only request over HTTP: latency at one client, throughput on one core at 16, beside an empty Litestar route; cold start; memory.

python bench/ask.py [--rounds 3] [--seconds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import socket
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from serving import CLIENT_CORE, SERVER_CORE, Served, demo_folder, quantile, served

TEXT = "what were my top 5 products by revenue last month"


async def one_client(url: str, path: str, body: dict[str, object] | None, key: str, n: int) -> list[float]:
    """Milliseconds of each of n calls, one after another."""
    async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=30) as client:
        took = []
        for _ in range(n):
            began = time.perf_counter()
            response = await (client.post(path, json=body) if body else client.get(path))
            took.append((time.perf_counter() - began) * 1000)
            response.raise_for_status()
    return took


async def many_clients(url: str, path: str, body: dict[str, object] | None, key: str, *, clients: int, seconds: float) -> float:
    """Requests a second."""
    done, end = 0, time.perf_counter() + seconds

    async def client() -> None:
        nonlocal done
        async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=30) as http:
            while time.perf_counter() < end:
                (await (http.post(path, json=body) if body else http.get(path))).raise_for_status()
                done += 1

    await asyncio.gather(*(client() for _ in range(clients)))
    return done / seconds


def floor(listener: socket.socket) -> None:
    """An empty Litestar route, served as ours is."""
    import uvicorn
    from litestar import Litestar, get

    os.sched_setaffinity(0, {SERVER_CORE})

    @get("/")
    async def empty() -> dict[str, str]:
        return {}

    uvicorn.Server(uvicorn.Config(Litestar([empty]), log_level="error", access_log=False)).run(sockets=[listener])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=5)
    args = options.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        data = demo_folder(Path(folder))
        empty = multiprocessing.get_context("fork").Process(target=floor, args=(listener,), daemon=True)
        empty.start()
        starts = []
        for _ in range(args.rounds):
            with served(data) as ours:
                starts.append(ours.first_answer_s)
        print(f"cold start to first answer on an existing data folder: {statistics.median(starts):.2f} s (median of {args.rounds})")
        with served(data) as ours:
            report(ours, f"http://127.0.0.1:{listener.getsockname()[1]}", args.rounds, args.seconds)
            print(f"resident memory after that: {ours.resident_mb():.0f} MB")
        empty.terminate()


def report(ours: Served, floor_url: str, rounds: int, seconds: float) -> None:
    body: dict[str, object] = {"text": TEXT}
    asyncio.run(one_client(ours.url, "/v1/asks", body, ours.key, 20))
    rows = {"POST /v1/asks": (ours.url, "/v1/asks", body), "empty Litestar route": (floor_url, "/", None)}
    for name, (url, path, sent) in rows.items():
        took = [asyncio.run(one_client(url, path, sent, ours.key, 100)) for _ in range(rounds)]
        p50, p99 = (statistics.median(quantile(t, share) for t in took) for share in (0.5, 0.99))
        rates = [asyncio.run(many_clients(url, path, sent, ours.key, clients=16, seconds=seconds)) for _ in range(rounds)]
        print(f"{name:22} 1 client p50 {p50:6.1f} ms  p99 {p99:6.1f} ms   16 clients {statistics.median(rates):7.0f} requests/s on one core")


if __name__ == "__main__":
    main()
