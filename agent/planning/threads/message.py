"""One message of a thread with the turns before it, and what of them it may be about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.planning.binding.scope import Scope
from agent.planning.clauses.local import Decision
from agent.planning.draft import Draft
from agent.planning.elide import spoken_period
from agent.planning.threads.markers import Marked
from agent.planning.threads.places import says_place
from agent.planning.threads.recall import Past, as_earlier
from agent.records import Turn
from agent.records.reading import Clause, SlotSpan

Read = Callable[[str], Sequence[Clause]]
"""The clauses that the reader sees in a text."""


@dataclass(slots=True, kw_only=True)
class Message:
    """One message and the turns before it."""

    draft: Draft
    text: str
    decisions: list[Decision]
    turns: Sequence[Turn]
    past: Sequence[Past]
    read: Read
    decide: Callable[[Clause], Decision]
    decided: Callable[[str, Clause], Decision]
    """What a clause asks for that is all of a text."""
    back: bool = False
    """It says itself which of the turns it is about, and that one is the last here."""

    def bases(self) -> Sequence[Past]:
        """Subtasks that a message may be about, likeliest first: the last turn's, its last part first, then those of the turn before."""
        turns = list(dict.fromkeys(one.turn.run for one in reversed(self.past)))[:2]
        found: list[Past] = []
        for run in turns:
            steps = [one for one in reversed(self.past) if one.turn.run == run]
            found += sorted(steps, key=lambda one: bool(dependents(one)))
        return found

    def scope_of(self, one: Past) -> Scope:
        terms = replace(self.draft.scope.terms, period_before=spoken_period(one.bound))
        lists = [other for other in self.past if other.found and other is not one] if one.changes and says_place(self.text) else []
        return replace(self.draft.scope, earlier=as_earlier([*lists, one]), pieces={}, terms=terms)  # "and the third one to 19", of the list before

    def marks(self, one: Past, mark: Marked) -> list[SlotSpan]:
        """What the reader marks in the message when it reads it after the words that it adds to: "France" alone is no place to it."""
        before = words_of_past(one).partition("\n")[0][-CONTEXT:] + " "
        read = self.read(before + self.text[mark.start : mark.end])
        shift = mark.start - len(before)
        marks = [slot for clause in read for slot in clause.slots if slot.start >= len(before)]
        return [replace(slot, start=slot.start + shift, end=slot.end + shift) for slot in marks]


CONTEXT = 300
"""Characters of the words before that are read again with a message that adds to them."""
_MOST_SAID = 2000


def words_of_past(one: Past) -> str:
    """The words of the first turn, and what was added to them since."""
    start, end = one.subtask.span
    words = one.turn.text[start:end]
    return f"{one.subtask.said}\n{words}"[-_MOST_SAID:] if one.subtask.said else words


def dependents(one: Past) -> list[str]:
    """Subtasks of the same turn that work on what this one finds."""
    return [s.id for s in one.turn.plan.subtasks if any(refers(value, one.subtask.id) for value in s.args.values())]


def refers(value: Any, id: str) -> bool:
    return isinstance(value, Mapping) and str(value.get("$ref", "")).partition(".")[0] == id
