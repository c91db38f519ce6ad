"""The task there is for something: a search for customers, what makes a discount, the report on sales."""

from __future__ import annotations

from collections.abc import Mapping

from agent.sdk import Task
from agent.sdk.role import Doing


def task_for(tasks: Mapping[str, Task], does: Doing, about: str) -> Task | None:
    """The first task that does this with such records or texts; None where there is none."""
    return next((task for task in tasks.values() if task.does == does and task.about == about), None)
