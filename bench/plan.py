"""A request to its plan, on the demo shop, against one forward pass of the encoder over the same tokens in the same run.

    python -m bench.plan [--times 300]

One thread. The plan is everything from the words to linked, typed args: reading, vocabulary check, binding, the shop's own
queries. Asked for: p50 at most 4 passes, p99 at most 3 times the p50. Each pass is taken beside its plan, so a busy
machine slows both.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.planning.planner import Planner
from agent.records import Ask
from agent.registry import discover
from agent.resources import Resources
from agent.sdk import Task
from agent.stores.embedded.demo import make_demo
from agent.stores.embedded.store import EmbeddedStore
from agent.students import Students, load_students

REQUESTS = (
    "Put the blue mug at 12.50 and tell me what it sold yesterday",
    "Put the travel mug at 12.50 until Sunday, show me what it sold last month compared with the month before, tell me which customers bought it, "
    "and tag the customers who spent over 500 euros this year as big spenders",
)
"""13 and 40 words."""
WARM_UP = 30


@dataclass(frozen=True)
class SystemClock:
    zone: ZoneInfo

    def now(self) -> datetime:
        return datetime.now(self.zone)

    def today(self) -> date:
        return self.now().date()


def percentile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def one_pass(students: Students, text: str) -> float:
    """Seconds of one pass of the whole encoder, without tokenising."""
    ids = students.encoder.tokens(text).ids
    began = time.perf_counter()
    students.encoder.finish(students.encoder.fork(ids))
    return time.perf_counter() - began


async def measure(folder: Path, times: int, tasks: Mapping[str, Task]) -> None:
    db = Database(sqlite_url(folder / "storehand.db"))
    upgrade(db)
    shop = make_demo(db, today=datetime.now(UTC).date())
    store, clock = EmbeddedStore(db, shop.id), SystemClock(ZoneInfo(shop.time_zone))
    students = load_students(Resources().models())
    planner = Planner(tasks, students)
    print(f"{'words':>5} {'tokens':>6} {'subtasks':>8} {'pass p50':>9} {'plan p50':>9} {'plan p99':>9}   p50 in passes   p99 in p50s")
    for text in REQUESTS:
        ask = Ask(text, shop=shop.id)
        plans, passes = [], []
        for n in range(times + WARM_UP):
            passes.append(one_pass(students, text))
            began = time.perf_counter()
            plan = await planner.plan(ask, store, clock)
            plans.append(time.perf_counter() - began)
            if n == WARM_UP - 1:
                plans, passes = [], []
        floor, p50, p99 = percentile(passes, 0.5), percentile(plans, 0.5), percentile(plans, 0.99)
        tokens = len(students.encoder.tokens(text))
        print(
            f"{len(text.split()):>5} {tokens:>6} {len(plan.subtasks):>8} {floor:>6.2f} ms {p50:>6.2f} ms {p99:>6.2f} ms"
            f"{p50 / floor:>11.1f} of 4{p99 / p50:>9.1f} of 3"
        )
    db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=300)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), times, discover().tasks))


if __name__ == "__main__":
    main()
