"""The earlier turns of a thread as planning sees them: subtasks with their records, newest last, and what they found.

Records are kept by id. A reference from one subtask to another of its turn is replaced by what that one found, so that
nothing of an earlier turn has to run again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from agent.planning.answers import restored
from agent.planning.binding.earlier_records import MADE, makes, shown
from agent.planning.binding.scope import GOODS, Bound, Earlier, Scope
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import Word, words_of
from agent.records import Question, Subtask, Turn
from agent.sdk import Selection, Where

LOOK_BACK = 6
"""Turns that "them" and "the red one" can reach; so many are read, however long the thread is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A subtask of an earlier turn."""

    turn: Turn
    subtask: Subtask
    bound: Bound
    found: Mapping[str, Linked]
    questions: Sequence[Question] = ()
    """Asked of it and not answered yet."""

    @property
    def changes(self) -> bool:
        return self.subtask.effect in ("write", "action")

    @property
    def done(self) -> bool:
        """Whether what it proposed was applied."""
        return any(p.subtask == self.subtask.id and p.state in ("applied", "partly_applied") for p in self.turn.proposed)

    @property
    def open(self) -> bool:
        """Whether something of it still waits: a proposal for approval, or a question for an answer."""
        return bool(self.questions) or any(p.subtask == self.subtask.id and p.state == "open" for p in self.turn.proposed)

    @property
    def unfinished(self) -> bool:
        """Whether it was to make something and came to no proposal, since something is missing yet."""
        return self.bound.task.does == "make" and self.changes and not any(p.subtask == self.subtask.id for p in self.turn.proposed)


async def recalled(turns: Sequence[Turn], scope: Scope) -> list[Past]:
    """The subtasks of the last turns, oldest first. Those of tasks that are gone are left out."""
    past: list[Past] = []
    for turn in turns[-LOOK_BACK:]:
        for subtask in turn.plan.subtasks:
            if subtask.task in scope.tasks:
                past.append(await _past(turn, subtask, scope))
    return past


def as_earlier(past: Sequence[Past]) -> list[Earlier]:
    """As "it" and "those customers" see them."""
    return [Earlier(id=f"{one.turn.run}.{one.subtask.id}", bound=one.bound, found=one.found, said=one.subtask.said or "") for one in past]


async def _past(turn: Turn, subtask: Subtask, scope: Scope) -> Past:
    asked = [question for question in turn.plan.questions if question.subtask == subtask.id]
    resolved = replace(subtask, args=resolved_args(turn, subtask))
    bound = restored(turn.plan, resolved, asked, scope, ()).bound
    bound.after = []
    for name in list(bound.links):
        bound.links[name] = await _whole(bound.links[name], scope)
        bound.heads[name] = bound.links[name].head
    outputs = scope.outputs.get(subtask.task, {})
    kinds = {**outputs, MADE: makes(bound) or ""}
    records = {field: link for field, value in turn.found.get(subtask.id, {}).items() if (link := _link_of(value, kinds.get(field, ""))) is not None}
    return Past(turn=turn, subtask=subtask, bound=bound, found=records, questions=asked)


def resolved_args(turn: Turn, subtask: Subtask) -> dict[str, Any]:
    """The args with what an earlier subtask of the turn found in the place of references to it; what was not found is left out."""
    args = {}
    for name, value in subtask.args.items():
        if not shown(value):
            args[name] = value
        elif "$ref" in value:
            id, _, field = str(value["$ref"]).partition(".")
            if (found := turn.found.get(id, {}).get(field)) is not None:
                args[name] = found
    return args


async def _whole(link: Linked, scope: Scope) -> Linked:
    """A restored link with the products its ids belong to: those of variants are ids of variants."""
    head = _head(re.split(r": | except ", link.label)[0])  # "the small one", after "Blue Ceramic Mug: the large one"
    if link.record not in GOODS:
        return replace(link, head=head)
    known = scope.linker.vocabulary.products
    if all(id in known for id in link.products):
        return replace(link, head=head)
    variants = await scope.store.variants(Selection[Any](ids=link.products))
    return replace(link, products=tuple(dict.fromkeys(variant.product_id for variant in variants)), variants=link.products, head=head)


_OF_AN_ANSWER = re.compile(r"what\b|(?:the|all|your)\s+(?:\w+\s+)*(?:found|in|of|first|last|best|worst|others?|rest)\b|number\s|\d+\s+of\b", re.I)


_SO_MANY = re.compile(r"\s*\(\d+ variants\)$")


def _head(label: str) -> tuple[Word, ...]:
    """The words that "the red one" leans on; none of how an answer calls what it found: "what is out of stock"."""
    return () if _OF_AN_ANSWER.match(label) else tuple(words_of(_SO_MANY.sub("", label)))


def _link_of(value: Any, record: str) -> Linked | None:
    try:
        selection = Selection[Any].model_validate(value)
    except ValidationError:
        return None
    variants = selection.ids if record == "variant" else None
    where = selection.where if selection.where != Where() else Where(text=selection.label or None)
    return Linked(
        start=0,
        end=0,
        products=selection.ids,
        variants=variants,
        where=where,
        label=selection.label,
        head=_head(selection.label),
        record=record,
    )
