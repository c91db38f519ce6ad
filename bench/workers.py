"""The gateway with one worker and with several: answers a second at 32 clients, what one costs of a core, and whether the work is shared.

python -m bench.workers [--rounds 3] [--seconds 3] [--workers 1,2]

Nothing is pinned: on two cores the client and the provider take from the same two, so compare the processor time per answer first.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.opening import HEADER
from bench.gateway import load
from bench.gateway_servers import OURS, UPSTREAM, Started, cpu_s, here, memory_mb, running, storehand

CLIENTS = 32


@dataclass(slots=True)
class Figures:
    """A value for each round."""

    rate: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    least_share: list[float] = field(default_factory=list)
    """Of the processor time, by the worker that had least of it."""
    memory_mb: float = 0.0


def serving(started: Started) -> list[int]:
    """The processes that answer: the workers, or the only one."""
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text(encoding="ascii").split()
    return [int(pid) for pid in children] or [started.pid]


async def one_round(started: Started, figures: Figures, seconds: float) -> None:
    pids = serving(started)
    before = [cpu_s(pid) for pid in pids]
    _, wholes, rate = await load(started.server, clients=CLIENTS, seconds=seconds)
    used = [cpu_s(pid) - then for pid, then in zip(pids, before, strict=True)]
    figures.rate.append(rate)
    figures.p50_ms.append(statistics.median(wholes))
    figures.cpu_us.append(sum(used) / len(wholes) * 1e6)
    figures.least_share.append(min(used) / sum(used))
    figures.memory_mb = sum(memory_mb(pid) for pid in pids)


def measure(counts: list[int], rounds: int, seconds: float) -> Mapping[int, Figures]:
    found = {count: Figures() for count in counts}
    everywhere = sorted(os.sched_getaffinity(0))
    with ExitStack() as stack:
        upstream = stack.enter_context(running(here("upstream", UPSTREAM)))
        os.sched_setaffinity(upstream.pid, everywhere)
        for count in counts * rounds:
            with tempfile.TemporaryDirectory() as folder:
                server = storehand(Path(folder))
                more = [] if count == 1 else ["--workers", str(count)]
                with running(replace(server, port=OURS, command=[*server.command, *more])) as started:
                    asyncio.run(_all_there(started, count))
                    for pid in [started.pid, *serving(started)]:
                        os.sched_setaffinity(pid, everywhere)
                    asyncio.run(one_round(started, found[count], seconds))
    return found


async def _all_there(started: Started, count: int) -> None:
    seen: set[bytes] = set()
    while len(seen) < count:
        reader, writer = await asyncio.open_connection("127.0.0.1", started.server.port)
        writer.write(b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        lines = (await reader.read(-1)).splitlines()
        seen.add(next((line for line in lines if line.startswith(HEADER.encode())), b"the only one"))
        writer.close()
    await load(started.server, clients=CLIENTS, seconds=2)  # each imports with its first call what calls need


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--workers", default="1,2")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} from this and other work")
    print(f"{CLIENTS} clients, {given.rounds} rounds of {given.seconds:g} s")
    print(f"{'workers':>8} {'answers/s':>10} {'p50 ms':>8} {'cpu us each':>12} {'least share':>12} {'MB in all':>10}")
    for count, figures in measure([int(count) for count in given.workers.split(",")], given.rounds, given.seconds).items():
        middle = [statistics.median(values) for values in (figures.rate, figures.p50_ms, figures.cpu_us, figures.least_share)]
        print(f"{count:>8} {middle[0]:>10.0f} {middle[1]:>8.1f} {middle[2]:>12.0f} {middle[3]:>12.0%} {figures.memory_mb:>10.0f}")


if __name__ == "__main__":
    main()
