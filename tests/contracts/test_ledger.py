"""The ledger keeps its word on either database: keys, limits, pauses, reports and commitments."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agent.db.engine import Database, sqlite_url
from agent.db.tables import RunRow
from agent.db.upgrade import upgrade
from agent.dialects.messages import Usage
from agent.errors import NoKey, OverBudget, RunawaySpend
from agent.gateway import Attempt, Spender
from agent.ledger.breaker import Measures, SpendBreaker
from agent.ledger.budgets import Budgets, Limit
from agent.ledger.checks import LastCheck, keep, last_checks
from agent.ledger.commitments import Commitments
from agent.ledger.keys import Keys
from agent.ledger.reports import Work, dearest_runs, report
from agent.ledger.usage import Books
from agent.records import Scope, encode
from agent.testing.postgres import missing_programs, throw_away_cluster

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WHO = Spender(shop="shop", key="key_1", principal="key_1", run="run_1", task="write_product_text")
needs_postgres = pytest.mark.skipif(bool(missing_programs()), reason=f"PostgreSQL's {', '.join(missing_programs())} not found")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, needs_postgres])])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(sqlite_url(tmp_path / "storehand.db"))
        upgrade(made)
        yield made
        made.close()
        return
    with throw_away_cluster() as url:
        made = Database(url)
        upgrade(made)
        yield made
        made.close()


def attempt(days: int, cost: str | None, *, reasoning: int = 0, run: str = "run_1", error: str | None = None) -> Attempt:
    used, at = Usage(input=1_000, output=100, reasoning=reasoning), NOW - timedelta(days=days)
    return Attempt(
        alias="frontier", provider="acme", model="big", purpose="t", at=at, usage=used, error=error, absorbed=error is not None,
        cost_usd=None if cost is None else Decimal(cost), spender=Spender(shop="shop", run=run, task="write_product_text", principal="per_1"),
    )  # fmt: skip


async def spent(db: Database) -> None:
    books = Books(db, Budgets(db))
    for made in (
        attempt(0, "0.25"), attempt(0, "0", error="overloaded"), attempt(1, "0.5", run="run_2", reasoning=700), attempt(20, None, run="run_3")
    ):  # fmt: skip
        books.record(made)
    await books.flush()
    kept = encode({"parts": [{"task": "sales_report", "run": [{"by": "student"}, {"by": "frontier"}, {"by": "code"}]}]}).decode()
    run = RunRow(shop_id="shop", id="run_1", principal_id="per_1", text="How were sales?", state="done", reply=kept, created_at=NOW)
    await db.write(lambda session: session.add(run))


def test_reports_are_the_same_on_either(db: Database) -> None:
    async def story() -> None:
        await spent(db)
        by_day = await report(db, "shop", by="day", start=NOW - timedelta(days=7))
        assert [(line.usage.name, line.usage.calls, line.usage.cost_usd) for line in by_day.lines] == [
            ("2026-11-21", 1, Decimal("0.5")),
            ("2026-11-22", 2, Decimal("0.25")),
        ]
        assert (by_day.total.absorbed, by_day.total.cost_usd, by_day.work) == (1, Decimal("0.75"), Work(student=1, frontier=1, code=1))
        by_task = await report(db, "shop", by="task")
        assert [(line.usage.name, line.usage.unpriced, line.work) for line in by_task.lines] == [
            ("write_product_text", 1, Work()),
            ("sales_report", 0, Work(student=1, frontier=1, code=1)),
        ]
        dearest = await dearest_runs(db, "shop")
        assert [(line.run, line.text, line.calls, line.failed) for line in dearest] == [
            ("run_2", "", 1, 0), ("run_1", "How were sales?", 2, 1), ("run_3", "", 1, 0),
        ]  # fmt: skip
        assert [(line.run, line.reasoning_tokens) for line in await dearest_runs(db, "shop", order="reasoning")] == [("run_2", 700)]

    asyncio.run(story())


def test_a_commitment_counts_from_its_beginning_and_lasts_at_the_rate_of_late(db: Database) -> None:
    async def story() -> None:
        await spent(db)
        bought = Commitments(db, now=lambda: NOW)
        dollars = await bought.add("shop", "acme", "usd", Decimal(2), starts_at=NOW - timedelta(days=5), ends_at=NOW + timedelta(days=5))
        await bought.add("shop", "acme", "tokens", Decimal(4_000), starts_at=NOW - timedelta(days=30))
        await bought.add("shop", "acme", "usd", Decimal(1), starts_at=NOW + timedelta(days=1))
        await bought.add("other", "acme", "usd", Decimal(1), starts_at=NOW - timedelta(days=30))
        coming, running, tokens = await bought.standing("shop")
        assert (coming.state, coming.used, coming.days_left) == ("coming", 0, None)
        assert (running.used, running.left, running.per_day) == (Decimal("0.75"), Decimal("1.25"), Decimal("0.15"))
        assert running.forfeited == Decimal("0.5") and round(running.days_left or 0, 2) == Decimal("8.33")
        assert (tokens.state, tokens.used, tokens.left) == ("used_up", 4_400, 0)
        await bought.remove("shop", dollars.id)
        assert len(await bought.standing("shop")) == 2

    asyncio.run(story())


def test_a_rotation_and_a_list_of_models_are_kept(db: Database) -> None:
    async def story() -> None:
        keys = Keys(db)
        old = await keys.create("ERP", shop="shop", scopes=[Scope.LLM], models=["fast"])
        new = await keys.rotate(old.key.id, shop="shop", overlap=timedelta(hours=1))
        fresh = Keys(db)
        assert (await fresh.verify(old.secret)).models == (await fresh.verify(new.secret)).models == {"fast"}
        await keys.revoke(old.key.id, shop="shop")
        for secret in (old.secret, new.secret):
            with pytest.raises(NoKey):
                await Keys(db).verify(secret)

    asyncio.run(story())


def test_64_parallel_calls_of_four_workers_on_a_budget_for_10_spend_for_10(db: Database) -> None:
    async def one(budget: Budgets) -> bool:
        try:
            held = await budget.reserve(WHO, Decimal("0.1"))
        except OverBudget:
            return False
        budget.settle(held, Decimal("0.1"))
        return True

    async def story() -> None:
        workers = [Budgets(db, now=lambda: NOW, worker=f"elsewhere/{n}/x") for n in range(4)]
        await workers[0].set("shop", "key", "key_1", "month", Decimal(1))
        let = await asyncio.gather(*(one(workers[n % 4]) for n in range(64)))
        for worker in workers:
            await worker.close()
        assert sum(let) == 10 and await workers[0].spent(Limit("shop", "key", "key_1", "month", 0)) == Decimal(1)

    asyncio.run(story())


def test_a_pause_and_a_check_are_seen_by_whoever_looks(db: Database) -> None:
    async def story() -> None:
        here, there = (SpendBreaker(db, measures=Measures(repeats=2), now=lambda: NOW) for _ in range(2))
        for _ in range(2):
            here.saw(attempt(0, "0.1"))
        await here.flush()
        await there.load()
        with pytest.raises(RunawaySpend):
            there.check(Spender(shop="shop", run="run_1"))
        for ok in (False, True):
            await keep(db, [LastCheck(target="acme/big", at=NOW, ok=ok, took_ms=5, detail="x")])
        assert (await last_checks(db))["acme/big"].ok

    asyncio.run(story())
