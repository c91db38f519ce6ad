"""Runs a plan's subtasks as a graph: each as soon as what it waits for is done, side by side otherwise; no barriers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from agent.records import Subtask

Step = Callable[[Subtask, bool], Awaitable[bool]]
"""Does one subtask; the second argument says whether all that it comes after succeeded. Returns whether it succeeded itself."""


async def run_graph(subtasks: Sequence[Subtask], step: Step, *, done: frozenset[str] = frozenset(), failed: frozenset[str] = frozenset()) -> None:
    """Call `step` for each subtask once, after the ones in its `after`.

    Args:
        subtasks: Those to run, in the order asked.
        done: Ids that succeeded before; what comes after them need not wait.
        failed: Ids that did not, or that still wait for an answer.
    """
    settled = {s.id: asyncio.get_running_loop().create_future() for s in subtasks}
    for id_ in done | failed:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        future.set_result(id_ in done)
        settled.setdefault(id_, future)

    async def one(subtask: Subtask) -> None:
        before = [await settled[id_] for id_ in subtask.after if id_ in settled]
        good = await step(subtask, all(before))
        settled[subtask.id].set_result(good)

    async with asyncio.TaskGroup() as group:
        for subtask in subtasks:
            group.create_task(one(subtask))
