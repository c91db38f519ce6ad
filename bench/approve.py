"""From an approval to its last outcome, on the embedded store and durable runs: latency for 1 and 100 items, and what a start costs.

    python -m bench.approve [--runs 20]

Beside it the floor: the same writes straight into the store, with neither journal nor audit nor durability.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from agent.approvals import Approvals
from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.records import ROLE_SCOPES, Principal, Role
from agent.runs.durable import DurableRuns
from agent.sdk import Change, Proposal, Target, say
from agent.stores.embedded.store import EmbeddedStore
from agent.testing.small_shop import make_small_shop


def restock(target: Target, place: str, items: int) -> list[Change]:
    """So many moves of one shelf: they commute, so each run does real work."""
    return [Change.add(target, f"stock:{place}", before=0, delta=1) for _ in range(items)]


def line(what: str, seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"{what:<58}{statistics.median(ordered) * 1000:>9.1f} ms p50{p95 * 1000:>9.1f} ms p95"


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def measure(folder: Path, times: int) -> None:
    db = Database(sqlite_url(folder / "storehand.db"))
    upgrade(db)
    shop = make_small_shop(db)
    store = EmbeddedStore(db, shop.id)
    owner = Principal("p_owner", "person", "Olga", shop.id, ROLE_SCOPES[Role.OWNER], Role.OWNER)
    runs = DurableRuns(db, folder / "runs.db")
    approvals = Approvals(db, runs, lambda _shop: store)
    variant = (await store.products()).items[0].variants[0]
    target, place = Target("variant", variant.id, variant.label), next(iter(await store.locations()))

    before_mb, began = megabytes(), time.perf_counter()
    await runs.start()
    started = time.perf_counter() - began
    await runs.up()
    print(f"start(): {started * 1000:.1f} ms; DBOS up, with its import and first schema: {time.perf_counter() - began:.2f} s, ", end="")
    print(f"{megabytes() - before_mb} MB more than before")

    for items in (1, 100):
        straight, opening, approving = [], [], []
        for n in range(times):
            changes = restock(target, place, items)
            began = time.perf_counter()
            for i, change in enumerate(changes):
                await store.write(change, key=f"straight-{items}-{n}-{i}")
            straight.append(time.perf_counter() - began)
            began = time.perf_counter()
            opened = await approvals.open(Proposal(say("Restock"), changes=changes), shop=shop.id, principal=owner)
            opening.append(time.perf_counter() - began)
            began = time.perf_counter()
            done = await approvals.approve(opened.digest, owner)
            approving.append(time.perf_counter() - began)
            assert done.state == "applied"
        print(line(f"{items} items: open (checked, digested, stored)", opening))
        print(line(f"{items} items: approve to the last outcome", approving))
        print(line(f"{items} items: floor, straight into the store", straight))
    began = time.perf_counter()
    await runs.stop()
    print(f"stop(): {(time.perf_counter() - began) * 1000:.0f} ms")
    db.close()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--runs", type=int, default=20)
    logging.basicConfig(level=logging.ERROR)
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(measure(Path(scratch), options.parse_args().runs))
