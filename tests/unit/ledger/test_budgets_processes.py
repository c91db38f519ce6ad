"""The budget's law over several processes, and after one was killed in the middle of its calls."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from metered import COSTS
from test_budgets import make_tables

from agent.db.engine import Database, sqlite_url
from agent.ledger.budgets import Budgets, Limit, usd_of

TOTAL = Limit("shop", "key", "key_1", "total", 0)
ROOT = Path(__file__).parents[3]


class Worker:
    def __init__(self, path: Path, calls: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("metered.py")), str(path), str(calls)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self.answered = self.refused = 0
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def listen(self, until: int | None = None) -> None:
        """Count what it says, until so many calls were answered or it is at its end."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.answered += line == "answered\n"
            self.refused += line == "refused\n"
            if until is not None and self.answered >= until:
                return

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.listen()  # what it said until then is still read

    @contextmanager
    def running(self) -> Iterator[Worker]:
        with self.process:
            try:
                yield self
            finally:
                self.process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spend.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(path))
    make_tables(made)
    yield made
    made.close()


def started(stack: ExitStack, path: Path, workers: int, calls: int) -> list[Worker]:
    made = [stack.enter_context(Worker(path, calls).running()) for _ in range(workers)]
    for worker in made:
        worker.go()
    return made


def rows(db: Database) -> dict[str, Decimal]:
    """Every row that is written, and what it says the call cost."""
    found = db.read_now(lambda session: session.connection().exec_driver_sql("SELECT id, cost_pico FROM llm_attempts").all())
    return {id: usd_of(pico) for id, pico in found}


def open_leases(db: Database) -> int:
    query = "SELECT count(*) FROM budget_leases WHERE booked_at IS NULL"
    return int(db.read_now(lambda session: session.connection().exec_driver_sql(query).scalar_one()))


async def booked(db: Database) -> Decimal:
    """Spent and set aside by all, once the leases of dead workers are booked."""
    budget = Budgets(db)
    await budget.recover()
    return await budget.spent(TOTAL)


def test_64_calls_of_four_processes_on_a_budget_for_10_spend_for_no_more_than_10(path: Path, db: Database) -> None:
    limit = Decimal("0.21")  # ten calls, and what an eleventh could cost at worst does not fit
    asyncio.run(Budgets(db).set("shop", "key", "key_1", "total", limit))
    with ExitStack() as stack:
        workers = started(stack, path, 4, 16)
        for worker in workers:
            worker.listen()
    answered, refused = sum(w.answered for w in workers), sum(w.refused for w in workers)
    assert answered + refused == 64 and 8 <= answered <= 10
    assert asyncio.run(booked(db)) == sum(rows(db).values()) == answered * COSTS <= limit
    assert open_leases(db) == 0


@pytest.mark.parametrize("after", [3, 60, 150])
def test_killed_in_the_middle_of_200_metered_calls_no_row_is_lost_and_every_reservation_is_accounted_for(
    path: Path, db: Database, after: int
) -> None:
    limit = Decimal(5)
    asyncio.run(Budgets(db).set("shop", "key", "key_1", "total", limit))
    with ExitStack() as stack:
        (worker,) = started(stack, path, 1, 200)
        worker.listen(after)
        before = rows(db)
        worker.kill()
    spent, written = asyncio.run(booked(db)), rows(db)
    assert before.items() <= written.items() and len(written) <= worker.answered < 200
    assert sum(written.values()) <= worker.answered * COSTS <= spent <= limit
    assert open_leases(db) == 0


def test_a_worker_killed_beside_others_takes_no_more_than_its_lease_and_the_law_holds(path: Path, db: Database) -> None:
    limit = Decimal(2)
    asyncio.run(Budgets(db).set("shop", "key", "key_1", "total", limit))
    with ExitStack() as stack:
        workers = started(stack, path, 3, 80)
        workers[0].listen(12)
        before = rows(db)
        workers[0].kill()
        for worker in workers[1:]:
            worker.listen()
    spent, written = asyncio.run(booked(db)), rows(db)
    real = sum(worker.answered for worker in workers) * COSTS
    assert before.items() <= written.items()
    assert sum(written.values()) <= real <= spent <= limit
    assert sum(worker.refused for worker in workers[1:]) > 0  # the budget was really used up
    assert limit - real < Decimal("0.5")  # and by calls, not by what a dead worker had set aside
    assert open_leases(db) == 0
