"""Timers in the database: moved, claimed once, retried later and later, and hastened by a start."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from agent.db.engine import Database, sqlite_url
from agent.db.tables import TimerRow
from agent.runs.timers import Timers

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Told:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(tmp_path / "storehand.db"))
    SQLModel.metadata.create_all(database.engine)
    yield database
    database.close()


async def set_for(timers: Timers, when: datetime, shop: str = "shop_a") -> None:
    await timers.write(when, "restore", shop=shop, id="t1", payload={"n": 1})


def test_a_timer_is_due_in_its_time_and_the_same_again_moves_it(db: Database) -> None:
    async def story() -> None:
        clock = Told()
        timers = Timers(db, clock=clock)
        await set_for(timers, START + timedelta(hours=1))
        await set_for(timers, START + timedelta(hours=2))
        await set_for(timers, START + timedelta(hours=3), shop="shop_b")
        clock.now += timedelta(hours=1, minutes=30)
        assert await timers.due() == [] and await timers.next_due() == START + timedelta(hours=2)
        clock.now += timedelta(hours=1)
        assert [(t.shop, t.id, t.name, t.payload) for t in await timers.due()] == [("shop_a", "t1", "restore", {"n": 1})]

    asyncio.run(story())


def test_of_several_processes_one_claims_it(db: Database) -> None:
    async def story() -> None:
        timers = [Timers(db, clock=Told()) for _ in range(5)]
        await set_for(timers[0], START)
        due = [(await t.due())[0] for t in timers]
        claimed = await asyncio.gather(*(t.claim(d) for t, d in zip(timers, due, strict=True)))
        won = [c for c in claimed if c is not None]
        assert [c.work_id for c in won] == ["shop_a/t1#1"] and await timers[0].due() == []

    asyncio.run(story())


def test_it_falls_due_again_later_each_time_until_its_work_ended_well(db: Database) -> None:
    async def story() -> None:
        clock = Told()
        timers = Timers(db, clock=clock)
        await set_for(timers, START)
        waits = []
        for _ in range(6):
            (timer,) = await timers.due()
            claimed = await timers.claim(timer)
            assert claimed is not None
            waits.append((claimed.due_at - clock.now).total_seconds())
            clock.now = claimed.due_at
        assert waits == [5, 15, 60, 300, 900, 900]
        await timers.done("shop_a", "t1")
        assert await timers.due() == [] and await timers.waiting("shop_a", "t1") is None
        await set_for(timers, clock.now)  # what has ended does not begin again
        assert await timers.due() == []

    asyncio.run(story())


def test_a_start_hastens_what_was_begun_and_leaves_alone_what_was_not(db: Database) -> None:
    async def story() -> None:
        clock = Told()
        timers = Timers(db, clock=clock)
        await set_for(timers, START)
        await timers.claim((await timers.due())[0])
        await set_for(timers, START + timedelta(days=1), shop="shop_b")
        assert await timers.due() == []
        await timers.hasten()
        assert [t.shop for t in await timers.due()] == ["shop_a"]

    asyncio.run(story())


def test_old_timers_are_swept_and_waiting_ones_are_not(db: Database) -> None:
    async def story() -> None:
        clock = Told()
        timers = Timers(db, clock=clock)
        await set_for(timers, START)
        await timers.done("shop_a", "t1")
        await set_for(timers, START, shop="shop_b")
        clock.now += timedelta(days=31)
        await timers.sweep()
        assert await db.read(lambda s: [s.get(TimerRow, (shop, "t1")) is not None for shop in ("shop_a", "shop_b")]) == [False, True]

    asyncio.run(story())
