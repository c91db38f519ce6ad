"""New names and amounts in what was written: a wording should be learnt with any product, not with the one its writer thought of."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from agent.distill.letters import Example, Letter, Part, example_of, marked_letters, roughened
from agent.distill.patterns import Expansion, Marked
from agent.distill.written import Written

REFILLED = ("product", "money", "percent", "quantity", "place", "tag", "discount", "order", "customer")
"""Kinds whose words can be changed without the sentence minding much; times cannot ("in", "on" and "since" go with their own)."""
_SHARE = 0.3
_DETERMINERS = ("the", "all", "every", "our", "my", "your", "any", "a", "an", "these", "those", "some", "each", "this", "that", "both")

Fillers = Mapping[str, Sequence[str]]


def refilled(marked: Marked, fillers: Fillers, chance: random.Random) -> Marked:
    """With about a third of its slots said differently."""
    out, at = Marked(""), 0
    for kind, start, end in sorted(marked.slots, key=lambda slot: slot[1]):
        out += Marked(marked.text[at:start])
        out += Marked(words := _other(kind, marked.text, start, end, fillers, chance), ((kind, 0, len(words)),))
        at = end
    return out + Marked(marked.text[at:])


def _other(kind: str, text: str, start: int, end: int, fillers: Fillers, chance: random.Random) -> str:
    own = text[start:end]
    name = _list_for(kind, own)
    if name not in fillers or chance.random() > _SHARE:
        return own
    words = Expansion(fillers, chance).expand(f"{{{name}}}").text
    before = text[:start].split()
    first, _, rest = words.partition(" ")
    if before and before[-1].lower() in _DETERMINERS and first.lower() in _DETERMINERS and rest:
        return rest
    return words


def _list_for(kind: str, own: str) -> str:
    """One thing stays one thing, several stay several."""
    if kind not in REFILLED:
        return ""
    if kind == "order":
        return "order_one" if any(c.isdigit() for c in own) else ""
    if kind == "customer":
        return "customer_one" if own[:1].isupper() and " " in own else ""
    return kind


def written_example(request: Written, fillers: Fillers, chance: random.Random) -> Example:
    """The request with some slots refilled, then roughened."""
    letters: list[Letter] = []
    kinds: list[str] = []
    at = 0
    for place, part in enumerate(request.parts):
        letters += [Letter(c) for c in request.text[at : part.start]]
        letters += marked_letters(refilled(request.clause(place), fillers, chance), place, kinds)
        at = part.end
    letters += [Letter(c) for c in request.text[at:]]
    return example_of(roughened(letters, chance), [part.label for part in request.parts], kinds)


def as_written(request: Written) -> Example:
    """The request as it stands, for measuring."""
    parts = [Part(label=part.label, start=part.start, end=part.end) for part in request.parts]
    return Example(text=request.text, parts=parts, slots=tuple(request.slots))
