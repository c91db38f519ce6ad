"""What kind of record a message's "it" and "them" are, said to the reader, which has only the message: "hide them" is "hide these products"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from agent.planning.binding.scope import Scope
from agent.planning.clauses.local import Decision
from agent.planning.draft import Step
from agent.planning.threads.recall import Past
from agent.records.reading import Clause

_PLURAL = re.compile(r"\b(?:them|they|those|these)\b(?!\s+(?:\w+\s+)?(?:customers?|products?|orders?|reviews?|items?|codes?|ones?))", re.I)
_SINGULAR = re.compile(r"\bit\b", re.I)
_ONES = re.compile(r"\bones\b", re.I)
_NOUNS = {"product": "product", "variant": "product", "customer": "customer", "order": "order", "review": "review", "discount": "discount code"}


def kind_spoken_of(one: Past, outputs: Mapping[str, str], *, many: bool) -> str | None:
    """The kind of record the earlier subtask found, or was about."""
    found = next((outputs[name] for name, link in one.found.items() if link.products and name in outputs), None)
    about = next((one.bound.task.slot(name).record for name in one.bound.links), None)
    return (found or about) if many else (about or found)


def said_with_its_kind(text: str, one: Past, scope: Scope) -> str | None:
    """The message with the kind's noun in the place of its one pronoun; None where it has none."""
    for pattern, many in ((_PLURAL, True), (_SINGULAR, False)):
        if (found := pattern.search(text)) is not None:
            noun = _NOUNS.get(kind_spoken_of(one, scope.outputs.get(one.subtask.task, {}), many=many) or "")
            return None if noun is None else f"{text[: found.start()]}{f'these {noun}s' if many else f'this {noun}'}{text[found.end() :]}"
    return None


def with_its_kind(decision: Decision, told: str, read: Callable[[str], Sequence[Clause]], decide: Callable[[str, Clause], Decision]) -> Decision:
    """The clause decided as if the noun had been said, where that leaves no doubt; its words stay where they are."""
    clauses = read(told)
    if len(clauses) != 1:
        return decision
    again = decide(told, replace(decision.clause, labels=clauses[0].labels))
    if again.verdict != "do" or again.task is None or (decision.verdict == "do" and again.confidence < decision.confidence - 0.1):
        return decision
    return again


def of_the_same(steps: Sequence[Step], one: Past) -> None:
    """ "Show me the bad ones" after what reviews of the travel mug say: its reviews still, of that time."""
    for step in steps:
        bound = step.bound
        if step.said or bound.task.effect != "read" or bound.task is one.bound.task or not _ONES.search(bound.piece.said):
            continue
        if any(bound.task.slot(name).record for name in bound.args) or one.bound.task.effect != "read":
            continue
        for slot in bound.task.slots:
            known = next((s for s in one.bound.task.slots if s.name == slot.name and s.types == slot.types and s.record == slot.record), None)
            if known is None or slot.name in bound.args or slot.name not in one.bound.args or not (slot.record or "period" in slot.types):
                continue
            bound.args[slot.name] = one.bound.args[slot.name]
            if slot.name in one.bound.links:
                bound.links[slot.name] = one.bound.links[slot.name]
