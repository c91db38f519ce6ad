"""The event log: numbered, seen at once, kept, and the same for whoever joins late, from elsewhere or again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from agent.db.engine import Database, sqlite_url
from agent.records import RunEvent
from agent.runs.events import EventLog


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(tmp_path / "storehand.db"))
    SQLModel.metadata.create_all(database.engine)
    yield database
    database.close()


async def told(log: EventLog, run: str = "r1", *, shop: str = "shop_a", after: int = 0) -> list[RunEvent]:
    async with asyncio.timeout(10):
        return [event async for event in log.follow(shop, run, after=after)]


def numbered(events: list[RunEvent]) -> list[tuple[int, str]]:
    return [(e.seq, e.type) for e in events]


def test_a_follower_sees_events_as_they_come_and_the_end(db: Database) -> None:
    async def story() -> None:
        log = EventLog(db, poll_s=5)  # so that only news wakes it
        log.append("shop_a", "r1", "run_started", {"text": "hello"})
        follower = asyncio.create_task(told(log))
        await asyncio.sleep(0)
        log.append("shop_a", "r1", "part", {"part": {"n": 1}}, subtask="s1")
        log.append("shop_a", "r1", "run_finished", {"reply": {}})
        seen = await follower
        assert numbered(seen) == [(1, "run_started"), (2, "part"), (3, "run_finished")]
        assert (seen[1].subtask, seen[1].data, seen[1].run) == ("s1", {"part": {"n": 1}}, "r1")

    asyncio.run(story())


def test_what_was_persisted_is_replayed_the_same_from_any_place(db: Database) -> None:
    async def story() -> None:
        log = EventLog(db)
        written = [log.append("shop_a", "r1", "text_delta", {"text": str(n)}) for n in range(5)] + [log.append("shop_a", "r1", "run_finished", {})]
        await log.persist("shop_a", "r1")
        await log.persist("shop_a", "r1")
        for again in (log, EventLog(db)):
            assert await told(again) == written
            assert await told(again, after=4) == written[4:]
            assert await told(again, after=6) == []

    asyncio.run(story())


def test_another_process_sees_what_is_recorded_at_once(db: Database) -> None:
    async def story() -> None:
        here, there = EventLog(db), EventLog(db, poll_s=0.01)
        follower = asyncio.create_task(told(there))
        await here.record("shop_a", "r1", "run_started", {})
        await here.record("shop_a", "r1", "run_finished", {})
        assert numbered(await follower) == [(1, "run_started"), (2, "run_finished")]

    asyncio.run(story())


def test_two_processes_that_write_to_one_run_lose_nothing(db: Database) -> None:
    async def story() -> None:
        here, there = EventLog(db), EventLog(db)
        here.append("shop_a", "r1", "run_started", {})
        here.append("shop_a", "r1", "approval_waiting", {})
        await there.record("shop_a", "r1", "approval_decided", {})
        await here.persist("shop_a", "r1")
        here.append("shop_a", "r1", "run_finished", {})
        await here.persist("shop_a", "r1")
        assert numbered(await told(EventLog(db))) == [(1, "approval_decided"), (2, "run_started"), (3, "approval_waiting"), (4, "run_finished")]

    asyncio.run(story())


def test_a_run_that_waited_and_went_on_is_followed_to_its_last_end(db: Database) -> None:
    async def story() -> None:
        log = EventLog(db)
        for type_ in ("run_started", "run_waiting", "run_started", "run_finished"):
            await log.record("shop_a", "r1", type_, {})  # type: ignore[arg-type]  # all of them are event types
        assert [t for _, t in numbered(await told(log))] == ["run_started", "run_waiting", "run_started", "run_finished"]
        assert await told(log, after=2) == (await told(log))[2:]

    asyncio.run(story())


def test_followers_of_another_shop_see_nothing(db: Database) -> None:
    async def story() -> None:
        log = EventLog(db, poll_s=0.01)
        await log.record("shop_a", "r1", "run_finished", {"reply": "secret"})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await told(log, shop="shop_b")

    asyncio.run(story())


def test_a_slow_follower_and_one_that_leaves_cost_nothing(db: Database) -> None:
    async def story() -> None:
        log = EventLog(db, poll_s=0.01)
        slow = log.follow("shop_a", "r1")
        log.append("shop_a", "r1", "run_started", {})
        first = await anext(slow)
        for n in range(2000):
            log.append("shop_a", "r1", "text_delta", {"n": n})
        await log.persist("shop_a", "r1")
        log.append("shop_a", "r1", "run_finished", {})
        await log.persist("shop_a", "r1")
        assert log._live["shop_a", "r1"].fresh == []  # all in the database, none held for the slow one
        rest = [event async for event in slow]
        assert [e.seq for e in [first, *rest]] == list(range(1, 2003))
        leaves = log.follow("shop_a", "r1")
        await anext(leaves)
        await leaves.aclose()
        assert log._live == {}

    asyncio.run(story())


def test_what_a_follower_saw_is_in_the_database_with_how_the_run_stands(db: Database) -> None:
    """So a process killed the next moment has lost nothing that anybody knows of, and nothing gets another number."""

    async def story() -> None:
        here, stands = EventLog(db), list[int]()
        here.begin("shop_a", "r1", along=lambda: lambda session: stands.append(1))
        here.append("shop_a", "r1", "run_started", {})
        assert stands == []  # nobody follows: nothing is written yet
        follower = here.follow("shop_a", "r1")
        first = await anext(follower)
        assert stands == [1] and numbered([e async for e in EventLog(db).follow("shop_a", "r1", ends=frozenset({"run_started"}))]) == [
            (1, "run_started")
        ]
        await EventLog(db).record("shop_a", "r1", "approval_decided", {})  # another process, meanwhile
        here.append("shop_a", "r1", "run_finished", {})
        rest = [event async for event in follower]
        assert numbered([first, *rest]) == [(1, "run_started"), (2, "approval_decided"), (3, "run_finished")] == numbered(await told(EventLog(db)))
        here.over("shop_a", "r1")
        assert here._live == {}

    asyncio.run(story())


def test_many_who_write_down_at_once_write_each_event_once(db: Database) -> None:
    async def story() -> None:
        log = EventLog(db)
        for n in range(50):
            log.append("shop_a", "r1", "text_delta", {"n": n})
            writing = asyncio.create_task(log.persist("shop_a", "r1"))
            if n % 7 == 0:  # whoever gives up waiting takes nothing with them
                await asyncio.sleep(0)
                writing.cancel()
        await asyncio.gather(*(log.persist("shop_a", "r1") for _ in range(8)))
        await log.record("shop_a", "r1", "run_finished", {})
        assert numbered(await told(EventLog(db))) == [(n + 1, "text_delta") for n in range(50)] + [(51, "run_finished")]

    asyncio.run(story())


def test_a_run_of_which_nothing_is_kept_is_followed_all_the_same(db: Database) -> None:
    async def story() -> None:
        log = EventLog(db)
        log.begin("shop_a", "r1", kept=False)
        for type_ in ("run_started", "run_finished"):
            log.append("shop_a", "r1", type_, {})  # type: ignore[arg-type]  # both are event types
        assert numbered(await told(log)) == [(1, "run_started"), (2, "run_finished")]
        log.forget("shop_a", "r1")
        log.over("shop_a", "r1")
        assert await EventLog(db).so_far("shop_a", "r1") == [] and log._live == {}

    asyncio.run(story())
