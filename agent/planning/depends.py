"""Subtasks that are done only where a condition holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.earlier_records import shown
from agent.planning.binding.scope import Earlier
from agent.planning.conditions import CONDITION, DO_IT, LEAVE_IT, Conditional, Measured
from agent.planning.draft import Draft, Step
from agent.records import Condition

ASKED = ""
"""What a condition is of while it is being asked about: no figure tells it."""


def read_first(draft: Draft, typed: Measured, found: Conditional) -> Step | None:
    """The read that a condition is weighed on, as a subtask; None where it cannot be weighed. Either way "it" may mean its records."""
    read, step = typed.read, None
    if typed.several or typed.ahead:
        draft.scope.earlier.append(Earlier(id="", bound=read))
    else:
        draft.add(read, span=found.condition, by="student", confidence=1.0)
        step = draft.steps[-1]
    # "it" is what the condition is about, not what the read finds
    known = replace(read, args={name: value for name, value in read.args.items() if name in read.links or name == "code"})
    draft.scope.earlier[-1] = replace(draft.scope.earlier[-1], bound=known)
    return step


_ASKING = re.compile(r"^(?:please\s+)?(?:check|see|look|find\s+out|tell\s+me|confirm|make\s+sure)\s+(?:that|if|whether)\s+", re.I)


def weigh(draft: Draft, steps: Sequence[Step], typed: tuple[Measured, Step | None] | None, found: Conditional) -> None:
    """Every step waits for the condition's figure; where there is none it is asked about, once, a read as well as a change."""
    start, end = found.condition
    if found.so and (asked := next((s for s in reversed(draft.steps) if s.span[1] <= start), None)) is not None:
        start, end = asked.span
    words = _ASKING.sub("", " ".join(draft.text[start:end].split())).rstrip(" ,.?")
    steps = [step for step in steps if not _stands_apart(step, found, draft.text)]
    if found.unclear is not None:
        words = " ".join(draft.text[slice(*found.unclear)].split()).rstrip(" ,.?")
        typed = None
    if typed is None or typed[1] is None or _waits_for(typed[1], steps):
        several = typed is not None and typed[1] is None
        ahead = typed is not None and typed[0].ahead
        question = said.lies_ahead(words) if ahead else said.each_or_all(words) if several else said.cannot_check(words)
        _ask_once(steps, question, words, found)
        return
    for step in steps:
        measured, read = typed[0], typed[1]
        step.given = measured.given(read.id, words, unless=not found.holds_for(step.span))
        step.bound.after = [*dict.fromkeys([*step.bound.after, read.id])]


def _waits_for(read: Step, steps: Sequence[Step]) -> bool:
    """A figure that is only there after a change cannot tell whether the change is to be made."""
    return any(step.id in read.bound.after for step in steps)


def _ask_once(steps: Sequence[Step], question: str, words: str, found: Conditional) -> None:
    """One question, of the first step; the others wait for what is answered to it."""
    for at, step in enumerate(steps):
        if at == 0:
            step.bound.ask(CONDITION, question, [(DO_IT, "Do it anyway"), (LEAVE_IT, "Leave it")])
            continue
        otherwise = found.otherwise is not None and found.otherwise[0] <= step.span[0]
        step.given = Condition(of=ASKED, said=words, measure="", unless=otherwise)
        step.bound.after = [*dict.fromkeys([*step.bound.after, steps[0].id])]


_POINTS = re.compile(r"\b(?:it|its|them|their|those|these|that|this|so|then|otherwise|both)\b", re.I)


def _stands_apart(step: Step, found: Conditional, text: str) -> bool:
    """A look in a sentence of its own after the condition's, which points at nothing in it."""
    between = text[found.condition[1] : step.span[0]]
    apart = re.search(r"[.?!\n]\s", between) is not None and step.span[0] >= found.condition[1]
    return apart and step.bound.task.effect == "read" and not _POINTS.search(step.bound.piece.said)


def freed(step: Step, settled: Mapping[str, bool]) -> Step | None:
    """A step that waited for the answer about its condition, as the answer leaves it: None where it is not to be done.

    Args:
        settled: By id of the step that asked, whether the condition is to be taken as met.
    """
    first = next((id for id in step.bound.after if id in settled), None)
    if first is None or step.given is None or step.given.of != ASKED:
        return step
    if not settled[first] or step.given.unless:
        return None
    step.given = None
    if not any(str(value.get("$ref", value.get("$same", ""))).partition(".")[0] == first for value in step.bound.args.values() if shown(value)):
        step.bound.after = [id for id in step.bound.after if id != first]
    return step
