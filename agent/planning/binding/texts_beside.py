"""Two sorts of text asked for in one breath: "write a description and SEO text for the Hand Cream" are two drafts about one thing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.planning.binding.scope import Bound
from agent.sdk import Task

_BESIDE = r"(?:\s+texts?|\s+copy)?\s*(?:,|&|\+|\band\b|\bplus\b)\s*(?:also\s+)?(?:an?\s+|the\s+|some\s+|its\s+|their\s+)?(?:\w+\s+)?"


def texts_beside(said: str, task: Task, tasks: Mapping[str, Task]) -> tuple[Task, Task] | None:
    """The tasks of both texts, in the order in which they are said.

    Args:
        task: What the clause was read as; one of the two.
    """
    if task.does != "write":
        return None
    for other in tasks.values():
        if other is task or other.does != "write":
            continue
        for first, second in ((task, other), (other, task)):
            if re.search(rf"\b{_sort(first)}\b{_BESIDE}{_sort(second)}\b", said, re.I):
                return first, second
    return None


def without_the_other(bound: Bound, two: tuple[Task, Task]) -> None:
    """ "A description and SEO text" is no SEO description: the other text's name narrows nothing."""
    names = {task.about for task in two}
    bound.args = {name: value for name, value in bound.args.items() if not (isinstance(value, str) and value in names)}


def _sort(task: Task) -> str:
    return "e-?mails?" if task.about == "email" else rf"{re.escape(task.about)}s?"
