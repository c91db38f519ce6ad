"""What "why?" and "show me more" mean after an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from agent.planning import said
from agent.planning.binding.scope import Bound, Piece
from agent.planning.draft import Draft, Step
from agent.planning.language.values import Values
from agent.planning.threads.recall import Past
from agent.records import Turn
from agent.sdk import Slot, Task

EXPLAINS = "explain_change"
"""The task that says what moved a figure."""


def why(draft: Draft, turns: Sequence[Turn], bases: Sequence[Past], span: tuple[int, int]) -> None:
    """After a figure: what moved it. After a refusal or a proposal: what it was made of."""
    last = turns[-1] if turns else None
    base = next((one for one in bases if last is not None and one.turn is last), None)
    task = draft.scope.tasks.get(EXPLAINS)
    if base is not None and task is not None and base.bound.task.effect == "read" and (bound := _explained(base.bound, task, draft.text)) is not None:
        draft.add(bound, span=span, by="student", confidence=base.subtask.read.confidence)
        draft.steps[-1].said = base.turn.text
    elif last is not None and last.plan.not_done:
        draft.refuse(span, "unclear", said.as_before(last.plan.not_done[0].reason))
    elif last is not None:
        draft.refuse(span, "unclear", said.because(last.text))
    else:
        draft.refuse(span, "unclear", said.NOTHING_BEFORE)


_NO_FIGURE = frozenset({"returned", "margin", "thin_margin", "rated", "low", "out", "reorder", "value"})
"""What reports show that no change of sales explains."""


def _explained(base: Bound, task: Task, text: str) -> Bound | None:
    """The explanation of what the answer before was about: the same time, records and places."""
    fields = {slot.name: slot for slot in base.task.slots}
    figures = next((slot for slot in task.slots if "choice" in slot.types and slot.choices), None)
    if base.task is task or figures is None or base.args.get("show") in _NO_FIGURE or not any("period" in slot.types for slot in base.task.slots):
        return None
    shared = {s.name: base.args[s.name] for s in task.slots if s.name in base.args and s.name in fields and _fits(base, s)}
    metrics = [m for value in base.args.values() if isinstance(value, list) for m in value if m in figures.choices]
    if metrics:
        shared[figures.name] = metrics[0]
    piece = Piece(text=text, start=0, end=len(text), slots=(), values=Values())
    return Bound(task=task, piece=piece, args=shared, links={name: link for name, link in base.links.items() if name in shared})


def time_of_the_change(bound: Bound, before: Bound) -> None:
    """ "Why is Instagram down?" after a report: down in its time, against what it was held against; "why so many?", in its figure."""
    if bound.task.name != EXPLAINS or before.task.effect != "read" or {"period", "compare"} & set(bound.args):
        return
    for slot in bound.task.slots:
        if slot.types == ("period",) and any(s.name == slot.name and s.types == slot.types for s in before.task.slots) and slot.name in before.args:
            bound.args[slot.name] = before.args[slot.name]
        elif "choice" in slot.types and slot.choices and slot.name not in bound.args and _NO_NOUN.search(bound.piece.said):
            shown = [one for value in before.args.values() if isinstance(value, list) for one in value if one in slot.choices]
            bound.args.update({slot.name: shown[0]} if len(shown) == 1 else {})


_NO_NOUN = re.compile(r"\b(?:so|that|too)\s+(?:many|few|much|little|high|low)(?=\W*$)", re.I)


def _fits(base: Bound, slot: Slot) -> bool:
    theirs, value = base.task.slot(slot.name), base.args[slot.name]
    chosen = value if isinstance(value, list) else [value]
    return theirs.types == slot.types and (not slot.choices or all(one in slot.choices for one in chosen))


def with_more(draft: Draft, bases: Sequence[Past], match: re.Match[str], step: Callable[[Bound, Past, tuple[int, int]], Step]) -> bool:
    """The list before with more of it; whether there was one."""
    base = next((one for one in bases if one.bound.task.effect == "read"), None)
    if base is None:
        return False
    span = (0, len(draft.text))
    limit = next((slot for slot in base.bound.task.slots if "integer" in slot.types and ("top" in slot.cues or slot.name in ("top", "limit"))), None)
    shown = base.turn.shown.get(base.subtask.id, 0)
    there = max((len(link.products) for link in base.found.values()), default=shown)
    before = base.bound.args.get(limit.name) if limit else None
    if limit is None or (before is None and there <= shown):
        draft.refuse(span, "unclear", said.THAT_IS_ALL)
        return True
    first = before if isinstance(before, int) else shown
    more = int(match["n"] or (match["m"] if (match["m"] or "").isdigit() else 0) or first)
    args = {**base.bound.args, limit.name: max(first + more, 1)}
    step(Bound(task=base.bound.task, piece=base.bound.piece, args=args, links=base.bound.links), base, span)
    return True
