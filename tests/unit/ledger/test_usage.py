from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from agent.db import accounts, spend
from agent.db.engine import Database, sqlite_url
from agent.dialects.messages import Usage
from agent.errors import NotFound, RunawaySpend
from agent.ledger.breaker import Measures, SpendBreaker
from agent.ledger.budgets import Budgets
from agent.ledger.records import Attempt, Spender, current_spender, spending
from agent.ledger.usage import Books, attempts_of, usage

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WHO = Spender(shop="shop", key="key_1", principal="key_1", run="run_1", task="sales_report")
ROW = Attempt(
    alias="frontier", provider="acme", model="big", purpose="plan", at=NOW, usage=Usage(input=100, output=50, cached=20, reasoning=10),
    cost_usd=Decimal("0.000123456789"), price={"input": "2.00", "source": "config"}, latency_s=0.25, spender=WHO, prompt_digest="d1",
)  # fmt: skip


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "spend.db"))
    tables = (accounts.ApiKeyRow, spend.AttemptRow, spend.BudgetRow, spend.CounterRow, spend.LeaseRow, spend.PauseRow)
    SQLModel.metadata.create_all(made.engine, tables=[table.__table__ for table in tables])  # type: ignore[attr-defined]
    yield made
    made.close()


def written(db: Database, *rows: Attempt) -> None:
    async def write() -> None:
        books = Books(db, Budgets(db))
        for row in rows:
            books.record(row)
        await books.flush()

    asyncio.run(write())


def test_a_row_keeps_the_exact_cost_the_price_it_was_made_with_and_whom_it_was_for(db: Database) -> None:
    written(db, ROW)
    (row,) = asyncio.run(attempts_of(db, "shop", "run_1"))
    assert row.cost_pico == 123_456_789 and json.loads(row.price or "") == {"input": "2.00", "source": "config"}
    assert (row.key_id, row.run_id, row.task, row.prompt_digest, row.latency_ms) == ("key_1", "run_1", "sales_report", "d1", 250)


def test_sums_are_exact_and_failures_and_unknown_prices_are_counted_apart(db: Database) -> None:
    failed = replace(ROW, error="overloaded", absorbed=True, usage=Usage(), cost_usd=Decimal(0))
    unpriced = replace(ROW, model="small", cost_usd=None, usage=Usage(input=5, output=5, estimated=True))
    written(db, *[ROW] * 3, failed, unpriced)
    big, small = asyncio.run(usage(db, "shop", by="model"))
    assert (big.name, big.calls, big.failed, big.absorbed, big.cost_usd) == ("acme/big", 4, 1, 1, Decimal("0.000370370367"))
    assert (small.name, small.unpriced, small.estimated, small.cost_usd) == ("acme/small", 1, 1, Decimal(0))
    assert (big.input_tokens, big.output_tokens, big.cached_tokens, big.reasoning_tokens, big.latency_ms) == (300, 150, 60, 30, 250)


def test_days_come_in_order_within_what_is_asked_and_no_other_shop_is_seen(db: Database) -> None:
    days = [replace(ROW, at=NOW + timedelta(days=n)) for n in (2, 0, 1)]
    written(db, *days, replace(ROW, spender=Spender(shop="other")))
    lines = asyncio.run(usage(db, "shop", by="day", start=NOW, end=NOW + timedelta(days=2)))
    assert [(line.name, line.calls) for line in lines] == [("2026-11-22", 1), ("2026-11-23", 1)]


def test_rows_that_cannot_be_written_wait_and_are_written_once_when_they_can(db: Database) -> None:
    class Failing(Database):
        down = True

        async def write(self, work):  # type: ignore[no-untyped-def]  # as the base has it
            if self.down:
                raise OperationalError("INSERT", {}, Exception("disk is full"))
            return await super().write(work)

    async def run() -> None:
        failing = Failing(db.url)
        books = Books(failing, Budgets(failing))
        books.record(ROW)
        with pytest.raises(OperationalError):
            await books.flush()
        failing.down = False
        await asyncio.gather(books.flush(), books.flush())
        failing.close()

    asyncio.run(run())
    assert len(asyncio.run(attempts_of(db, "shop", "run_1"))) == 1


def test_a_fault_that_nobody_thought_of_does_not_end_the_writing(db: Database) -> None:
    class Odd(Database):
        failed = False

        async def write(self, work):  # type: ignore[no-untyped-def]  # as the base has it
            if not self.failed:
                self.failed = True
                raise OverflowError
            found = await super().write(work)
            written.set()
            return found

    async def run() -> None:
        odd = Odd(db.url)
        books = Books(odd, Budgets(db))
        await books.start()
        books.record(ROW)
        async with asyncio.timeout(30):
            await written.wait()  # by the writer itself, before the orderly stop writes the rest
        await books.close()
        odd.close()

    written = asyncio.Event()
    asyncio.run(run())
    assert len(asyncio.run(attempts_of(db, "shop", "run_1"))) == 1


def test_nothing_is_lost_on_an_orderly_stop(db: Database) -> None:
    async def run() -> None:
        books = Books(db, Budgets(db))
        await books.start()
        for _ in range(1_234):
            books.record(ROW)
        await books.close()

    asyncio.run(run())
    assert len(asyncio.run(attempts_of(db, "shop", "run_1"))) == 1_234


def test_who_spends_is_added_up_from_outside_in() -> None:
    with spending(shop="shop", run="run_1"), spending(task="sales_report"):
        assert current_spender() == Spender(shop="shop", run="run_1", task="sales_report")
    assert current_spender() == Spender()


class Watch:
    def __init__(self, db: Database, **measures: object) -> None:
        self.now = NOW
        self.breaker = SpendBreaker(db, measures=Measures(**measures), now=lambda: self.now)  # type: ignore[arg-type]

    def spends(self, usd: str, *, times: int = 1, digest: str = "", reasoning: int = 0, who: Spender = WHO) -> None:
        for n in range(times):
            used = Usage(output=reasoning, reasoning=reasoning)
            self.breaker.saw(replace(ROW, cost_usd=Decimal(usd), prompt_digest=digest or f"d{self.now}{n}", usage=used, spender=who))


def test_a_run_that_repeats_one_call_is_paused_and_says_why(db: Database) -> None:
    watch = Watch(db)
    watch.spends("0.001", times=24, digest="same")
    watch.breaker.check(WHO)
    watch.spends("0.001", digest="same")
    with pytest.raises(RunawaySpend, match="the same prompt was sent 25 times"):
        watch.breaker.check(WHO)
    watch.breaker.check(replace(WHO, run="run_2"))  # the key itself may repeat what costs next to nothing


def test_a_key_that_burns_far_beyond_its_usual_rate_is_paused(db: Database) -> None:
    watch, key = Watch(db), replace(WHO, run=None)
    for _ in range(6):
        watch.spends("0.20", who=key)
        watch.now += timedelta(minutes=10)
    watch.spends("0.20", times=9, who=key)
    watch.breaker.check(key)
    watch.spends("0.20", times=3, who=key)
    with pytest.raises(RunawaySpend, match="usual"):
        watch.breaker.check(key)


def test_a_clock_that_was_set_back_makes_no_hours_into_one_window(db: Database) -> None:
    watch, key = Watch(db), replace(WHO, run=None)
    for _ in range(6):
        watch.spends("0.20", who=key)
        watch.now += timedelta(minutes=10)
    watch.now -= timedelta(hours=3)
    for _ in range(15):
        watch.spends("0.20", who=key)
        watch.now += timedelta(minutes=10)
    watch.breaker.check(key)


def test_a_run_that_reasons_on_and_on_is_paused(db: Database) -> None:
    watch = Watch(db, reasoning_tokens=10_000)
    watch.spends("0.01", times=4, reasoning=3_000)
    with pytest.raises(RunawaySpend, match="reasoning"):
        watch.breaker.check(WHO)


def test_a_pause_lasts_over_a_restart_until_its_owner_decides_and_no_other_shop_can(db: Database) -> None:
    watch = Watch(db, repeats=2)
    watch.spends("0.001", times=2, digest="same")

    async def run() -> None:
        (pause,) = await watch.breaker.pauses("shop")
        assert (pause.kind, pause.subject, pause.reason) == ("run", "run_1", "loop")
        after = SpendBreaker(db, now=lambda: NOW)
        await after.load()
        with pytest.raises(RunawaySpend):
            after.check(WHO)
        with pytest.raises(NotFound):
            await after.decide("other", pause.id, "continue", by="person")
        decided = await after.decide("shop", pause.id, "continue", by="person")
        assert decided.state == "continued"
        after.check(WHO)
        with pytest.raises(NotFound):
            await after.decide("shop", pause.id, "stop", by="person")

    asyncio.run(run())


def test_stopped_stays_stopped(db: Database) -> None:
    watch = Watch(db, repeats=2)
    watch.spends("0.001", times=2, digest="same")

    async def run() -> None:
        (pause,) = await watch.breaker.pauses("shop")
        await watch.breaker.decide("shop", pause.id, "stop", by="person")
        with pytest.raises(RunawaySpend, match="was stopped"):
            watch.breaker.check(WHO)

    asyncio.run(run())


@pytest.mark.parametrize(("decision", "more"), [("continue", 2), ("raise", 4)])
def test_another_worker_heeds_a_pause_and_what_was_decided_on_it(db: Database, decision: Any, more: int) -> None:
    here, there = Watch(db, repeats=2), Watch(db, repeats=2)

    async def run() -> None:
        here.spends("0.001", times=2, digest="same")
        await here.breaker.flush()
        await there.breaker.load()
        with pytest.raises(RunawaySpend):
            there.breaker.check(WHO)
        (pause,) = await there.breaker.pauses("shop")
        await there.breaker.decide("shop", pause.id, decision, by="person")
        await here.breaker.load()
        here.breaker.check(WHO)
        here.spends("0.001", times=more - 1, digest="same")  # its measure begins anew, doubled where it was raised
        here.breaker.check(WHO)
        here.spends("0.001", digest="same")
        with pytest.raises(RunawaySpend):
            here.breaker.check(WHO)

    asyncio.run(run())


def test_a_pause_that_is_not_written_yet_is_not_let_go_by_looking(db: Database) -> None:
    watch = Watch(db, repeats=2)
    watch.spends("0.001", times=2, digest="same")

    async def run() -> None:
        await asyncio.gather(watch.breaker.load(), watch.breaker.flush(), watch.breaker.load(), watch.breaker.flush())
        with pytest.raises(RunawaySpend):
            watch.breaker.check(WHO)
        assert len(await watch.breaker.pauses("shop")) == 1

    asyncio.run(run())
