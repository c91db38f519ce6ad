from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from agent.db import accounts, spend
from agent.db.engine import Database, sqlite_url
from agent.errors import OverBudget
from agent.ledger.budgets import Budgets, Limit, pico_of, usd_of
from agent.ledger.records import Held, Spender

TABLES = (accounts.ApiKeyRow, spend.AttemptRow, spend.BudgetRow, spend.CounterRow, spend.LeaseRow, spend.PauseRow, spend.BenchRow)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KEY = Spender(shop="shop", key="key_1", principal="key_1", budgeted=True)
MONTH = Limit("shop", "key", "key_1", "month", pico_of(Decimal(1)))


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Database]:
    db = Database(sqlite_url(tmp_path / "spend.db"))
    make_tables(db)
    yield db
    db.close()


def make_tables(db: Database) -> None:
    SQLModel.metadata.create_all(db.engine, tables=[table.__table__ for table in TABLES])  # type: ignore[attr-defined]


def budgets(db: Database, worker: str = "a", at: datetime = NOW) -> Budgets:
    return Budgets(db, now=lambda: at, worker=worker)


async def call(budget: Budgets, worst: str, cost: str | None, *, spender: Spender = KEY) -> bool:
    """One call that costs that much; whether it was let through. Other calls run between reserving and settling."""
    try:
        held = await budget.reserve(spender, Decimal(worst))
    except OverBudget:
        return False
    await asyncio.sleep(0)
    budget.settle(held, None if cost is None else Decimal(cost))
    return True


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_of_64_parallel_calls_on_a_budget_for_10_no_more_than_10_go_through(books: Database, workers: int) -> None:
    async def run() -> tuple[int, Decimal]:
        all_of_them = [budgets(books, f"w{n}") for n in range(workers)]
        await all_of_them[0].set("shop", "key", "key_1", "month", Decimal(1))
        let = await asyncio.gather(*(call(all_of_them[n % workers], "0.1", "0.1") for n in range(64)))
        for worker in all_of_them:
            await worker.close()
        return sum(let), await all_of_them[0].spent(MONTH)

    let, spent = asyncio.run(run())
    assert let == 10 and spent == Decimal(1)


def test_what_a_call_did_not_cost_is_free_for_the_next(books: Database) -> None:
    async def run() -> tuple[int, Decimal]:
        budget = budgets(books)
        await budget.set("shop", "key", "key_1", "month", Decimal(1))
        let = sum([await call(budget, "0.5", "0.01") for _ in range(60)])
        await budget.close()
        return let, await budget.spent(MONTH)

    let, spent = asyncio.run(run())
    assert let == 51 and spent == Decimal("0.51")  # 50 calls leave 0.50, which one more still fits into


def test_every_limit_must_have_room_and_a_refusal_takes_from_none(books: Database) -> None:
    async def run() -> list[Decimal]:
        budget = budgets(books)
        await budget.set("shop", "key", "key_1", "month", Decimal(1))
        await budget.set("shop", "task", "sales_report", "day", Decimal("0.2"))
        await budget.set("shop", "shop", "shop", "total", Decimal(10))
        spender = Spender(shop="shop", key="key_1", task="sales_report")
        assert await call(budget, "0.15", "0.15", spender=spender)
        assert not await call(budget, "0.15", "0.15", spender=spender)
        assert await call(budget, "0.15", "0.15")  # another task of the same key
        await budget.close()
        day = Limit("shop", "task", "sales_report", "day", 0)
        return [await budget.spent(limit) for limit in (MONTH, day, Limit("shop", "shop", "shop", "total", 0))]

    assert asyncio.run(run()) == [Decimal("0.30"), Decimal("0.15"), Decimal("0.30")]


def test_a_new_period_begins_with_nothing_spent_and_the_refusal_says_when(books: Database) -> None:
    async def run() -> None:
        at = NOW
        budget = Budgets(books, now=lambda: at, worker="a")
        await budget.set("shop", "key", "key_1", "day", Decimal("0.1"))
        assert await call(budget, "0.1", "0.1")
        with pytest.raises(OverBudget) as over:
            await budget.reserve(KEY, Decimal("0.1"))
        assert over.value.resets_at == datetime(2026, 11, 23, tzinfo=UTC)
        at += timedelta(days=1)
        assert await call(budget, "0.1", "0.1")

    asyncio.run(run())


def test_a_model_without_a_price_is_refused_on_a_budget_and_free_without_one(books: Database) -> None:
    async def run() -> Held:
        budget = budgets(books)
        await budget.set("shop", "key", "key_1", "month", Decimal(1))
        with pytest.raises(OverBudget):
            await budget.reserve(KEY, None)
        return await budget.reserve(Spender(shop="shop", key="key_2"), None)

    assert asyncio.run(run()).amount == 0


def test_a_keys_own_monthly_limit_holds_without_another_word(books: Database) -> None:
    row = accounts.ApiKeyRow(
        id="key_1", shop_id="shop", name="n", prefix="p", checksum="c", secret_sha256="s", scopes=["llm"], budget_micro_usd=250_000, created_at=NOW
    )
    books.write_now(lambda session: session.add(row))

    async def run() -> list[bool]:
        return [await call(budgets(books), "0.1", "0.1") for _ in range(3)]

    assert asyncio.run(run()) == [True, True, False]


def test_the_leases_of_a_dead_worker_are_booked_as_spent_until_they_are_reconciled(books: Database) -> None:
    async def run() -> list[Decimal]:
        dead = budgets(books, "elsewhere/1/x")
        await dead.set("shop", "key", "key_1", "month", Decimal(1))
        await dead.reserve(KEY, Decimal("0.3"))  # and never settles
        seen = [await budgets(books).spent(MONTH)]
        next_one = budgets(books, "b", NOW + timedelta(minutes=5))
        leases = await next_one.recover()
        assert len(leases) == 1 and await next_one.recover() == []
        seen.append(await next_one.spent(MONTH))
        await next_one.reconcile("shop", leases[0], Decimal("0.05"))
        return [*seen, await next_one.spent(MONTH)]

    assert asyncio.run(run()) == [Decimal("0.3"), Decimal("0.3"), Decimal("0.05")]


def test_a_worker_that_was_taken_for_dead_and_is_not_spends_nothing_twice(books: Database) -> None:
    async def run() -> Decimal:
        slow = budgets(books, "elsewhere/1/x")
        await slow.set("shop", "key", "key_1", "month", Decimal(1))
        held = await slow.reserve(KEY, Decimal("0.3"))
        await budgets(books, "b", NOW + timedelta(minutes=5)).recover()
        slow.settle(held, Decimal("0.2"))
        await slow.flush()
        return await slow.spent(MONTH)

    assert asyncio.run(run()) == Decimal("0.3")


def test_a_limit_that_another_worker_sets_holds_though_the_clock_was_set_back(books: Database) -> None:
    now = [NOW]

    async def run() -> None:
        mine, other = Budgets(books, now=lambda: now[0], worker="a"), budgets(books, "b")
        mine.settle(await mine.reserve(KEY, Decimal(5)), Decimal(0))
        now[0] -= timedelta(hours=1)
        await other.set("shop", "key", "key_1", "month", Decimal(1))
        with pytest.raises(OverBudget):
            await mine.reserve(KEY, Decimal(5))

    asyncio.run(run())


def test_every_cent_is_exact() -> None:
    assert usd_of(pico_of(Decimal("0.000000123456"))) == Decimal("0.000000123456")
    assert pico_of(Decimal("0.0000000000001")) == 1  # rather a trillionth too much


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 100), st.integers(0, 2), st.booleans()), min_size=1, max_size=40),
    st.integers(10, 200),
)
def test_spent_never_exceeds_the_budget_however_calls_interleave(tmp_path_factory: Any, calls: list[tuple[int, int, int, bool]], limit: int) -> None:
    """Each call costs at most what was set aside for it; some never settle, and their worker dies."""
    db = Database(sqlite_url(tmp_path_factory.mktemp("law") / "spend.db"))
    make_tables(db)

    async def run() -> tuple[Decimal, Decimal]:
        workers, real = [budgets(db, f"elsewhere/{n}/x") for n in range(3)], Decimal(0)
        await workers[0].set("shop", "key", "key_1", "total", Decimal(limit))

        async def one(worst: int, share: int, worker: int, dies: bool) -> Decimal:
            try:
                held = await workers[worker].reserve(KEY, Decimal(worst))
            except OverBudget:
                return Decimal(0)
            await asyncio.sleep(0)
            cost = Decimal(worst * share) / 100
            if not dies:
                workers[worker].settle(held, cost)
            return cost

        real = sum(await asyncio.gather(*(one(*call) for call in calls)), Decimal(0))
        for worker in workers:
            await worker.flush()
        later = budgets(db, "later", NOW + timedelta(minutes=5))
        await later.recover()
        return real, await later.spent(Limit("shop", "key", "key_1", "total", 0))

    real, booked = asyncio.run(run())
    db.close()
    assert real <= booked <= limit
