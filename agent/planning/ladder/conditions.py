"""What depends on a condition: "if sales fell last week, take 10% off; otherwise leave it"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.planning.binding.bind import bind
from agent.planning.binding.merge import merged, says_something, takes_every_word
from agent.planning.clauses.local import Decision
from agent.planning.clauses.pieces import piece_of
from agent.planning.conditions import Conditional, Measured, lies_ahead, measured, measured_again, measured_before, only
from agent.planning.depends import read_first, weigh
from agent.planning.draft import Draft, Step
from agent.planning.ladder.clause import plan_clause
from agent.planning.ladder.cutting import decided_within
from agent.planning.ladder.readers import Readers, span_of
from agent.records.reading import Clause


async def plan_conditional(readers: Readers, draft: Draft, text: str, found: Conditional, whole: Sequence[Clause]) -> bool:
    """What depends on a condition, and the read that it is weighed on; False where there is nothing that could depend on it."""
    for span in found.free:
        for decision in decided_within(readers, text, span, whole):
            await plan_clause(readers, draft, text, decision)
    decisions = [decision for span in found.stretches for decision in decided_within(readers, text, span, whole)]
    apart, steps = {step.id for step in draft.steps}, list[Step]()
    typed, weighed = None, False
    draft.close()
    for decision in decisions:
        if not weighed and found.condition[0] < decision.clause.start:
            typed, weighed = await _measured(readers, draft, text, found, apart), True
        otherwise = found.otherwise is not None and found.otherwise[0] <= decision.clause.start
        if otherwise:
            draft.close()
        at = len(draft.steps)
        if not (otherwise and steps and await _otherwise(draft, text, decision, steps[-1])):
            await plan_clause(readers, draft, text, decision)
        steps += draft.steps[at:]
    if steps and not weighed:
        typed = await _measured(readers, draft, text, found, apart)
    weigh(draft, steps, typed, found)
    return bool(steps or draft.not_done)


async def _otherwise(draft: Draft, text: str, decision: Decision, before: Step) -> bool:
    """ "Otherwise at 13": the change before with another value."""
    clause = decision.clause
    task = before.bound.task
    own = await bind(task, piece_of(text, clause.start, clause.end, clause.slots, draft.scope, task), draft.scope, finders=False)
    if decision.verdict == "do" or own.left or own.finds or not says_something(own, before.bound) or not takes_every_word(own, draft.scope):
        return False
    draft.add(merged(own, before.bound, draft.scope), span=span_of(clause), by=before.by, confidence=before.confidence)
    return True


async def _measured(readers: Readers, draft: Draft, text: str, found: Conditional, apart: set[str]) -> tuple[Measured, Step | None] | None:
    start, end = found.condition
    bare = piece_of(text, start, end, (), draft.scope, None)
    if (before := measured_before(bare, draft.scope, so=found.so, among=apart)) is not None:
        id, typed = before
        return typed, next((step for step in draft.steps if step.id == id), None)
    if found.so:
        return None
    if (again := measured_again(bare, draft.scope, among=apart)) is not None:
        return again, read_first(draft, again, found)
    slots = [slot for clause in readers.students.reader.read(only(text, [found.condition])).clauses for slot in clause.slots]
    condition = await measured(lambda task: piece_of(text, start, end, slots, draft.scope, task), draft.scope)
    if condition is not None and lies_ahead(bare, draft.scope):
        condition = replace(condition, ahead=True)
    return None if condition is None else (condition, read_first(draft, condition, found))
