"""Subtasks that are done only where a condition holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.scope import Earlier
from agent.planning.conditions import CONDITION, DO_IT, LEAVE_IT, Conditional, Measured
from agent.planning.draft import Draft, Step


def read_first(draft: Draft, typed: Measured, found: Conditional) -> Step | None:
    """The read that a condition is weighed on, as a subtask; None where it cannot be weighed. Either way "it" may mean its records."""
    read, step = typed.read, None
    if typed.several:
        draft.scope.earlier.append(Earlier(id="", bound=read))
    else:
        draft.add(read, span=found.condition, by="student", confidence=1.0)
        step = draft.steps[-1]
    # "it" is what the condition is about, not what the read finds
    known = replace(read, args={name: value for name, value in read.args.items() if name in read.links})
    draft.scope.earlier[-1] = replace(draft.scope.earlier[-1], bound=known)
    return step


def weigh(draft: Draft, steps: Sequence[Step], typed: tuple[Measured, Step | None] | None, found: Conditional) -> None:
    """Every step waits for the condition's figure; where there is none it is asked about, a read as well as a change."""
    words = " ".join(draft.text[found.condition[0] : found.condition[1]].split()).rstrip(" ,.")
    for step in steps:
        if typed is None or typed[1] is None:
            question = said.cannot_check(words) if typed is None else said.each_or_all(words)
            step.bound.ask(CONDITION, question, [(DO_IT, "Do it anyway"), (LEAVE_IT, "Leave it")])
            continue
        measured, read = typed[0], typed[1]
        step.given = measured.given(read.id, words, unless=not found.holds_for(step.span))
        step.bound.after = [*dict.fromkeys([*step.bound.after, read.id])]
