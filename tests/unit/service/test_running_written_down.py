"""Whoever deletes a conversation waits until its own runs are kept, and for nobody else's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from agent.records import ROLE_SCOPES, Ask, Principal, Role, Run
from agent.records.runs import RunState
from agent.runs.engine import RunEngine
from agent.service.execution import Execution, Executor
from agent.service.running import Running

ANNA = Principal("person:anna", "person", "Anna", "shop_a", ROLE_SCOPES[Role.STAFF], Role.STAFF)
RUN = Run(id="run_1", shop="shop_a", principal=ANNA.id, text="mugs", state="done", created_at=datetime(2026, 11, 22, tzinfo=UTC), thread="t1")


class NoEngine:
    def register(self, name: str, workflow: Any) -> None:
        pass


class Events:
    def begin(self, *of: str, **how: Any) -> None:
        pass


class Executes:
    events = Events()


def running() -> Running:
    nothing: Any = None
    return Running(executor=cast(Executor, Executes()), journal=nothing, engine=cast(RunEngine, NoEngine()), standing=nothing, models={})


@pytest.mark.parametrize(
    ("shop", "thread", "state", "waits"),
    [
        ("shop_a", "t1", "done", True),
        ("shop_a", "t1", "failed", True),
        ("shop_a", "t1", "running", False),  # it is refused: what is under way is not deleted
        ("shop_a", "t2", "done", False),
        ("shop_a", None, "done", False),
        ("shop_b", "t1", "done", False),  # names of conversations are each shop's own
    ],
)
def test_only_the_conversations_own_runs_that_are_over_are_waited_for(shop: str, thread: str | None, state: RunState, waits: bool) -> None:
    async def story() -> None:
        kept, runs = asyncio.Event(), running()
        run = replace(RUN, shop=shop, thread=thread, state=state)
        x = Execution(run=run, ask=Ask(run.text, locale="en", shop=shop), principal=ANNA)
        runs.take_up(x, new=True)
        x.work = asyncio.create_task(cast(Any, kept.wait()))
        deleting = asyncio.create_task(runs.written_down("shop_a", "t1"))
        for _ in range(5):
            await asyncio.sleep(0)
        assert deleting.done() is not waits
        kept.set()
        await deleting
        await x.work

    asyncio.run(story())
