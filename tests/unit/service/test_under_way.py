"""A run under way is in the database a moment later, and hears who stops it from another process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from agent.db.engine import Database, sqlite_url
from agent.records import ROLE_SCOPES, Ask, Principal, Role, Run
from agent.runs.events import EventLog
from agent.runs.executors import process_name
from agent.runs.journal import Journal
from agent.service.execution import Execution, reply_of
from agent.service.underway import UnderWay

HOST = process_name().partition("/")[0]
OWNER = Principal("p_owner", "person", "Olga", "shop_a", ROLE_SCOPES[Role.OWNER], Role.OWNER)
RUN = Run(id="run_1", shop="shop_a", principal=OWNER.id, text="sort the messages", state="running", created_at=datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(tmp_path / "storehand.db"))
    SQLModel.metadata.create_all(database.engine)
    yield database
    database.close()


def test_a_stop_from_another_process_ends_the_run_within_a_second(db: Database) -> None:
    async def story() -> None:
        here = Journal(db, process=f"{HOST}/{os.getppid()}/other")  # a process that lives and is not this one
        there, events = Journal(db), EventLog(db)
        x = Execution(run=RUN, ask=Ask(RUN.text, locale="en", shop="shop_a"), principal=OWNER)
        events.begin("shop_a", "run_1", along=lambda: here.saving(x.saved({})))

        async def work() -> None:
            async with UnderWay(x, events, here):
                events.append("shop_a", "run_1", "run_started", {})
                await asyncio.Event().wait()  # a model that says nothing

        x.work = asyncio.create_task(work())
        follower = EventLog(db, poll_s=0.01).follow("shop_a", "run_1")  # of the other process
        assert (await anext(follower)).type == "run_started"
        await follower.aclose()
        assert (await there.load("shop_a", "run_1")).run.state == "running"
        assert await there.ask_to_stop("shop_a", "run_1") is True
        async with asyncio.timeout(1):
            await asyncio.wait({x.work})
        assert x.stopping and x.work.cancelled()

    asyncio.run(story())


def test_a_run_whose_process_died_is_found_and_one_that_lives_is_not(db: Database) -> None:
    async def story() -> None:
        x = Execution(run=RUN, ask=Ask(RUN.text, locale="en", shop="shop_a"), principal=OWNER)
        await Journal(db, process=f"{HOST}/{2**22 + 1}/dead").save(x.saved({}))  # no process has that number
        assert [saved.run.id for saved in await Journal(db).interrupted()] == ["run_1"]
        assert await Journal(db).ask_to_stop("shop_a", "run_1") is False
        alive = Journal(db)
        await alive.save(x.saved({}))
        assert await alive.interrupted() == []

    asyncio.run(story())


def test_a_run_stopped_before_it_was_planned_says_that_nothing_was_done() -> None:
    x = Execution(run=RUN, ask=Ask(RUN.text, locale="en", shop="shop_a"), principal=OWNER)
    reply = reply_of(replace(RUN, state="stopped"), x.ask, None, [], 0.0)
    assert [(part.span, part.reason) for part in reply.not_done] == [((0, len(RUN.text)), "Stopped before anything was done.")]
