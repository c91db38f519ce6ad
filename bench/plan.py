"""A request to its plan, on the demo shop, against one forward pass of the encoder over the same tokens in the same run.

    OPENBLAS_NUM_THREADS=1 python -m bench.plan [--times 300] [--registered 10 40 400]

One thread, as `storehand` sets it for itself. The plan is everything from the words to linked, typed args: reading,
vocabulary check, binding, the shop's own queries. Asked for: p50 at most 4 passes, p99 at most 3 times the p50. Each pass
is taken beside its plan, so a busy machine slows both.

With `--registered` the same is printed for registries of so many tasks: the first of those that ship, those of the two requests among them,
and beyond them tasks made up here, which the reader has never seen. They are planned in turns, one request of each registry after the other,
so that the figures of one table belong together. What is asked of them is that the cost does not grow with the number of tasks.
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
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import create_model

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.planning.planner import Planner
from agent.records import Ask
from agent.registry import discover
from agent.resources import Resources
from agent.sdk import Annotated, Args, Cues, Field, Money, Period, Product, Proposal, Says, Selection, Store, Task, task
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
PLANNED = ("change_price", "sales_report", "find_customers", "tag_customers")
"""What the two requests ask for: part of every registry, however small."""
VERBS = ("book", "check", "sort", "print", "weigh", "label", "count", "clean", "move", "rent")
THINGS = (
    "pallets", "vans", "desks", "printers", "badges", "lockers", "keys", "windows", "plants", "lamps", "chairs", "shelves", "doors", "cables",
    "screens", "bicycles", "trolleys", "ladders", "signs", "banners", "racks", "crates", "gloves", "helmets", "batteries", "pumps", "filters",
    "ovens", "fridges", "mirrors", "carpets", "curtains", "clocks", "radios", "cameras", "drills",
)  # fmt: skip
"""What made-up tasks do with what: none of it is a shop's."""


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


def made_up(number: int) -> Task:
    """A task that no student was trained on: a verb and a thing, with fields of several types."""
    verb, thing = VERBS[number % len(VERBS)], THINGS[number // len(VERBS)]
    fields: dict[str, Any] = {
        "products": (Selection[Product] | None, Field(None, description=f"Which {thing}.")),
        "period": (Period | None, Field(None, description="When.")),
        "amount": (Annotated[Money | None, Cues("for", "at", "worth")], Field(None, description="What it may cost.")),
        "urgent": (Annotated[bool, Says(true=["urgent", "at once"])], Field(False, description="Whether it is urgent.")),
    }
    args: type[Args] = create_model(f"{verb.title()}{thing.title()}", __base__=Args, **fields)

    async def handler(args: Args, store: Store) -> Proposal:
        raise NotImplementedError("made up to be planned for, never to be run")

    handler.__name__ = handler.__qualname__ = f"{verb}_{thing}"
    handler.__doc__ = f"{verb.title()} {thing} of the warehouse."
    handler.__annotations__ = {"args": args, "store": Store, "return": Proposal}
    return task(
        examples=[f"{verb} the {thing}", f"please {verb} all {thing} next week", f"{verb} two {thing} for 20 euros", f"urgent: {verb} {thing}"]
    )(handler)


def registry_of(count: int, shipped: Mapping[str, Task]) -> dict[str, Task]:
    """So many tasks: those of the requests, then others that ship, then made-up ones."""
    names = [*PLANNED, *(name for name in shipped if name not in PLANNED)][:count]
    extra = (made_up(number) for number in range(count - len(names)))
    return {name: shipped[name] for name in names} | {one.name: one for one in extra}


async def in_turns(planners: Sequence[Planner], ask: Ask, store: Store, clock: SystemClock, times: int) -> tuple[list[list[float]], list[int]]:
    """Seconds of each plan by each planner, one after the other in each turn, and how many subtasks each makes of it."""
    seconds: list[list[float]] = [[] for _ in planners]
    subtasks = [0 for _ in planners]
    for turn in range(times + WARM_UP):
        for at, planner in enumerate(planners):
            began = time.perf_counter()
            plan = await planner.plan(ask, store, clock)
            took, subtasks[at] = time.perf_counter() - began, len(plan.subtasks)
            if turn >= WARM_UP:
                seconds[at].append(took)
    return seconds, subtasks


async def measure_registered(folder: Path, times: int, shipped: Mapping[str, Task], counts: Sequence[int]) -> None:
    db = Database(sqlite_url(folder / "storehand.db"))
    upgrade(db)
    shop = make_demo(db, today=datetime.now(UTC).date())
    store, clock = EmbeddedStore(db, shop.id), SystemClock(ZoneInfo(shop.time_zone))
    students = load_students(Resources().models())
    planners = [Planner(registry_of(count, shipped), students) for count in counts]
    print(f"{'words':>5} {'registered':>10} {'made up':>8} {'subtasks':>8} {'plan p50':>9} {'plan p99':>9}   p50 against {counts[0]}")
    for text in REQUESTS:
        seconds, subtasks = await in_turns(planners, Ask(text, shop=shop.id), store, clock, times)
        least = percentile(seconds[0], 0.5)
        for count, took, made in zip(counts, seconds, subtasks, strict=True):
            p50, p99 = percentile(took, 0.5), percentile(took, 0.99)
            print(f"{len(text.split()):>5} {count:>10} {max(0, count - len(shipped)):>8} {made:>8} {p50:>6.2f} ms {p99:>6.2f} ms{p50 / least:>12.2f}")
    db.close()


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
    parser.add_argument("--registered", type=int, nargs="+", help="numbers of registered tasks to compare, such as 10 40 400")
    asked = parser.parse_args()
    shipped = discover().tasks
    for count in asked.registered or ():
        if not len(PLANNED) <= count <= len(shipped) + len(VERBS) * len(THINGS):
            parser.error(f"between {len(PLANNED)} and {len(shipped) + len(VERBS) * len(THINGS)} tasks can be registered")
    with tempfile.TemporaryDirectory() as folder:
        if asked.registered:
            asyncio.run(measure_registered(Path(folder), asked.times, shipped, asked.registered))
        else:
            asyncio.run(measure(Path(folder), asked.times, shipped))


if __name__ == "__main__":
    main()
