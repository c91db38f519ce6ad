"""Which slips of the pen are none: what the reader takes for a name or for the text of a field is written as it is meant."""

from __future__ import annotations

from collections.abc import Sequence

from agent.planning.binding.persons import is_name
from agent.planning.language.respelled import Slip
from agent.planning.language.values import Spot
from agent.planning.linking.vocabulary import Vocabulary
from agent.records.reading import SlotSpan

_TEXTS = frozenset({"value", "tag"})
"""Kinds of mark that are written as they are said."""


def is_name_or_text(slip: Slip, text: str, marks: Sequence[SlotSpan], vocabulary: Vocabulary) -> bool:
    """Whether a slip stands in what the reader takes for a title, a tag or a name, or may as well be a word of the goods' names."""
    for mark in marks:
        if not slip.overlaps(Spot(start=mark.start, end=mark.end)):
            continue
        said = text[mark.start : slip.start] + slip.meant + text[slip.end : mark.end]
        if mark.kind in _TEXTS or (mark.kind == "customer" and is_name(said)):
            return True
        if mark.kind == "product" and vocabulary.near(slip.typed.lower()):
            return True
    return False
