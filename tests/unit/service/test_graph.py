"""A plan's subtasks run as a graph."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from agent.records import Read, Subtask
from agent.service.graph import run_graph


def subtask(id_: str, after: Sequence[str] = ()) -> Subtask:
    return Subtask(id=id_, task="t", args={}, span=(0, 1), after=after, effect="read", read=Read("student", 1.0))


def order_of(subtasks: Sequence[Subtask], *, failing: frozenset[str] = frozenset()) -> list[tuple[str, bool]]:
    seen: list[tuple[str, bool]] = []

    async def step(one: Subtask, ready: bool) -> bool:
        seen.append((one.id, ready))
        return ready and one.id not in failing

    asyncio.run(run_graph(subtasks, step))
    return seen


def test_independent_subtasks_are_under_way_together() -> None:
    both = asyncio.Barrier(2)

    async def step(one: Subtask, ready: bool) -> bool:
        async with asyncio.timeout(5):
            await both.wait()
        return True

    asyncio.run(run_graph([subtask("s1"), subtask("s2")], step))


def test_what_comes_after_a_failure_is_told_that_it_is_not_ready() -> None:
    seen = order_of([subtask("s1"), subtask("s2", ["s1"]), subtask("s3")], failing=frozenset({"s1"}))
    assert dict(seen) == {"s1": True, "s2": False, "s3": True}


@given(st.lists(st.integers(0, 6), min_size=1, max_size=7))
def test_each_subtask_runs_once_and_after_all_it_waits_for(backs: list[int]) -> None:
    subtasks = [subtask(f"s{i}", [f"s{i - back}"] if 0 < back <= i else []) for i, back in enumerate(backs)]
    seen = [id_ for id_, _ in order_of(subtasks)]
    assert sorted(seen) == sorted(s.id for s in subtasks)
    assert all(seen.index(before) < seen.index(s.id) for s in subtasks for before in s.after)
