"""The runs port on DBOS: accepted work is done once, its result kept, its timers kept, and nothing heavy comes up for nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from agent.db.engine import Database, sqlite_url
from agent.errors import Cancelled, Invalid, NotFound, NotResumable, RunError
from agent.runs.core import THREADS
from agent.runs.durable import DurableRuns
from agent.runs.timers import utc_now


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(tmp_path / "storehand.db"))
    SQLModel.metadata.create_all(database.engine)
    yield database
    database.close()


@asynccontextmanager
async def running(db: Database, folder: Path, **work: Any) -> AsyncIterator[DurableRuns]:
    runs = DurableRuns(db, folder / "runs.db", look_every_s=0.02, grace_s=0.1)
    for name, does in work.items():
        runs.register(name, does)
    await runs.start()
    try:
        yield runs
    finally:
        await runs.stop()


async def double(payload: dict[str, Any]) -> dict[str, Any]:
    return {"n": payload["n"] * 2}


def test_work_is_done_once_under_an_id_and_its_result_outlives_the_process(db: Database, tmp_path: Path) -> None:
    calls: list[int] = []

    async def counted(payload: dict[str, Any]) -> dict[str, Any]:
        calls.append(payload["n"])
        return await double(payload)

    async def story() -> None:
        async with running(db, tmp_path, double=counted) as runs:
            for n in (21, 4, 5):
                await runs.submit("double", id="w1", payload={"n": n})
            assert await runs.result("w1", timeout_s=5) == {"n": 42}
        async with running(db, tmp_path, double=counted) as runs:
            await runs.submit("double", id="w1", payload={"n": 9})
            assert await runs.result("w1", timeout_s=5) == {"n": 42}
        assert calls == [21]

    asyncio.run(story())


def test_an_error_of_the_work_is_its_result(db: Database, tmp_path: Path) -> None:
    async def fails(_payload: dict[str, Any]) -> dict[str, Any]:
        raise Invalid("Discounts go up to 100%.", field="percent")

    async def story() -> None:
        async with running(db, tmp_path, fails=fails) as runs:
            await runs.submit("fails", id="w1", payload={})
            with pytest.raises(Invalid) as caught:
                await runs.result("w1", timeout_s=5)
            assert caught.value.field == "percent"
        async with running(db, tmp_path, fails=fails) as runs:
            with pytest.raises(RunError, match="Discounts go up to 100%"):
                await runs.result("w1", timeout_s=5)

    asyncio.run(story())


def test_unknown_work_and_unknown_ids_are_said_so(db: Database, tmp_path: Path) -> None:
    async def story() -> None:
        async with running(db, tmp_path, double=double) as runs:
            with pytest.raises(NotResumable, match="nothing|Nothing"):
                await runs.submit("triple", id="w1", payload={})
            with pytest.raises(NotFound):
                await runs.result("w9", timeout_s=5)
            assert await runs.fire("shop_a", "nothing") is None
        with pytest.raises(NotResumable, match="not running"):
            await runs.submit("double", id="w1", payload={"n": 1})

    asyncio.run(story())


def test_cancelled_work_stops_at_its_next_await(db: Database, tmp_path: Path) -> None:
    async def story() -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def waits(_payload: dict[str, Any]) -> dict[str, Any]:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            return {}

        async with running(db, tmp_path, waits=waits) as runs:
            await runs.submit("waits", id="w1", payload={})
            await begun.wait()
            await runs.cancel("w1")
            await ended.wait()
            with pytest.raises(Cancelled):
                await runs.result("w1", timeout_s=5)

    asyncio.run(story())


def test_work_that_is_not_over_when_the_process_stops_is_done_by_the_next(db: Database, tmp_path: Path) -> None:
    async def story() -> None:
        begun, calls = asyncio.Event(), []

        async def first_waits(payload: dict[str, Any]) -> dict[str, Any]:
            calls.append(payload["n"])
            begun.set()
            if len(calls) == 1:
                await asyncio.Event().wait()
            return await double(payload)

        async with running(db, tmp_path, double=first_waits) as runs:
            await runs.submit("double", id="w1", payload={"n": 21})
            await begun.wait()
        async with running(db, tmp_path, double=first_waits) as runs:
            assert await runs.result("w1", timeout_s=10) == {"n": 42}
        assert calls == [21, 21]

    asyncio.run(story())


def test_work_that_waits_for_a_thread_is_not_taken_for_lost(db: Database, tmp_path: Path) -> None:
    """Else two would do it and each would wait for the other, until no thread is left."""

    async def story() -> None:
        calls: list[int] = []
        looked, looks = asyncio.Event(), 0

        def clock() -> datetime:
            nonlocal looks
            looks += 1
            if looks > 50:
                looked.set()
            return utc_now()

        async def holds(payload: dict[str, Any]) -> dict[str, Any]:
            calls.append(payload["n"])
            await looked.wait()
            return {}

        runs = DurableRuns(db, tmp_path / "runs.db", clock=clock, look_every_s=0.01, grace_s=0.1, lost_after_s=0.0)
        runs.register("holds", holds)
        await runs.start()
        looks = 0
        for n in range(THREADS + 8):
            await runs.submit("holds", id=f"w{n}", payload={"n": n})
        for n in range(THREADS + 8):
            await runs.result(f"w{n}", timeout_s=30)
        await runs.stop()
        assert sorted(calls) == list(range(THREADS + 8))

    asyncio.run(story())


def test_told_to_stop_it_leaves_no_thread_behind_however_much_waits(db: Database, tmp_path: Path) -> None:
    async def story() -> None:
        calls: list[int] = []

        async def hangs(payload: dict[str, Any]) -> dict[str, Any]:
            calls.append(payload["n"])
            await asyncio.Event().wait()
            return {}

        async with running(db, tmp_path, hangs=hangs) as runs:
            for n in range(THREADS + 8):
                await runs.submit("hangs", id=f"w{n}", payload={"n": n})
        for thread in threading.enumerate():
            if thread.name.startswith("dbos"):
                thread.join(10)
                assert not thread.is_alive(), thread.name
        assert len(calls) <= THREADS  # what had not begun was not begun in order to be broken off

        done: list[int] = []

        async def now_does(payload: dict[str, Any]) -> dict[str, Any]:
            done.append(payload["n"])
            return {}

        async with running(db, tmp_path, hangs=now_does) as runs:
            for n in range(THREADS + 8):
                await runs.result(f"w{n}", timeout_s=30)
        assert sorted(done) == list(range(THREADS + 8))

    asyncio.run(story())


def test_a_timer_fires_after_a_restart_and_again_until_its_work_ends_well(db: Database, tmp_path: Path) -> None:
    now, tries = [utc_now()], []

    async def third_time_lucky(payload: dict[str, Any]) -> dict[str, Any]:
        tries.append(payload)
        if len(tries) < 3:
            raise OSError("the network is down")
        return {}

    @asynccontextmanager
    async def told_the_time() -> AsyncIterator[DurableRuns]:
        runs = DurableRuns(db, tmp_path / "runs.db", clock=lambda: now[0], look_every_s=0.01)
        runs.register("restore", third_time_lucky)
        await runs.start()
        try:
            yield runs
        finally:
            await runs.stop()

    async def until_tried(runs: DurableRuns, times: int) -> None:
        async with asyncio.timeout(10):
            while len(tries) < times or (times == 3 and await runs.timers.waiting("shop_a", "t1")):
                now[0] += timedelta(seconds=30)
                await asyncio.sleep(0.01)

    async def story() -> None:
        async with told_the_time() as runs:
            await runs.at(now[0] + timedelta(days=2), "restore", shop="shop_a", id="t1", payload={"id": "x"})
            assert await runs.timers.due() == [] and tries == []
        now[0] += timedelta(days=3)
        async with told_the_time() as runs:
            await until_tried(runs, 3)
        assert tries == [{"id": "x"}] * 3

    asyncio.run(story())


def test_what_is_written_down_is_json_and_no_pickle(db: Database, tmp_path: Path) -> None:
    async def story() -> None:
        async with running(db, tmp_path, double=double) as runs:
            await runs.submit("double", id="w1", payload={"n": 21})
            await runs.result("w1", timeout_s=5)

    asyncio.run(story())
    with closing(sqlite3.connect(tmp_path / "runs.db")) as file:
        everything = "\n".join(file.iterdump())
        kinds = file.execute("SELECT serialization, application_version FROM workflow_status").fetchall()
        (mode,) = file.execute("PRAGMA journal_mode").fetchone()
    assert '{"ok":{"n":42}}' in everything and '"positionalArgs":["w1","double",{"n":21}]' in everything
    assert (kinds, mode) == ([("portable_json", "work-1")], "wal")
    assert "gASV" not in everything and "py_pickle" not in everything  # how a pickle begins in base64, and what DBOS calls one


READS_ONLY = """
import asyncio, sys
from pathlib import Path
from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.runs.core import THREADS
from agent.runs.durable import DurableRuns
async def main():
    db = Database(sqlite_url(Path(sys.argv[1]) / "a.db"))
    upgrade(db)
    runs = DurableRuns(db, Path(sys.argv[1]) / "runs.db")
    await runs.start()
    await runs.stop()
    db.close()
asyncio.run(main())
print("dbos" in sys.modules, (Path(sys.argv[1]) / "runs.db").exists())
"""


def test_a_command_that_only_reads_does_not_even_import_dbos(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", READS_ONLY, str(tmp_path)], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False False\n", "")


def test_two_in_one_process_are_refused(db: Database, tmp_path: Path) -> None:
    async def story() -> None:
        async with running(db, tmp_path):
            with pytest.raises(RuntimeError, match="only one"):
                await DurableRuns(db, tmp_path / "other.db").start()

    asyncio.run(story())
