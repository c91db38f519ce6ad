"""What a planner makes of a few words meant for one field: how grading reads what a case says.

It goes through the planner's own door for answers to questions, so a case is normalised and linked exactly as a request is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from agent.evals.grade import ReadSurface
from agent.records import Plan, Question, Read, Subtask

Answered = Callable[[Plan, Mapping[str, str]], Awaitable[Plan]]
"""A plan and answers to its questions (id to words) to the plan that comes of them."""


def surface_reader(answered: Answered) -> ReadSurface:
    """Reads words as if the planner had asked for the field and been told them. What it does not understand stays words."""

    async def read(task: str, field: str, words: str) -> Any:
        plan = await answered(_asking(task, field, words), {"q1": words})
        return next((subtask.args[field] for subtask in plan.subtasks if field in subtask.args), words)

    return read


def _asking(task: str, field: str, words: str) -> Plan:
    subtask = Subtask(id="s1", task=task, args={}, span=(0, len(words)), effect="read", read=Read(by="student", confidence=1.0))
    question = Question(id="q1", subtask="s1", field=field, question="What?")
    return Plan(id="surface", text=words, locale="en", subtasks=[subtask], questions=[question], not_done=[], by="student", took_ms=0.0)
