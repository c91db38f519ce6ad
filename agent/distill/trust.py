"""How sure the reader must be before planning acts on what it says, certified on the development set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from agent.distill.certify import Certified, certified
from agent.distill.evaluate import matching
from agent.distill.letters import Example
from agent.records.reading import REFUSALS
from agent.registry import discover
from agent.students.reader import Reader

Kind = Literal["act", "look"]
TARGETS: Mapping[Kind, float] = {"act": 0.15, "look": 0.25}
"""Errors allowed among the clauses that are planned at once, boundaries that were missed among them. A wrong change is still seen before
it is approved, a wrong look at once; stricter targets cannot be certified with so weak a reader, or would ask about half of all."""


def trusted(reader: Reader, examples: Sequence[Example]) -> dict[Kind, Certified]:
    """The thresholds that can be certified; a kind that cannot is left out, and planning keeps its own."""
    answers: dict[Kind, list[tuple[float, bool]]] = {"act": [], "look": []}
    looks = {task.name for task in discover() if task.effect in ("read", "draft")}
    for label, sure, right in _answers(reader, examples):
        if label not in REFUSALS:
            answers["look" if label in looks else "act"].append((sure, right))
    found = {kind: certified([s for s, _ in pairs], [r for _, r in pairs], target=TARGETS[kind]) for kind, pairs in answers.items()}
    return {kind: one for kind, one in found.items() if one is not None}


def _answers(reader: Reader, examples: Sequence[Example]) -> Iterator[tuple[str, float, bool]]:
    """(label, confidence, whether a part that asks for it was said there) of every clause that is read."""
    for example in examples:
        for clause in reader.read(example.text).clauses:
            part = matching(clause, example.parts)
            label, sure = clause.labels[0]
            yield label, sure, part is not None and label in (part.label, *part.also)
