"""Names and texts that the reader marked a part of: "a product ‖Felted‖ Trivet", "the description should read: Hand-thrown. ‖Rub, add oil‖"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.records.reading import SlotKind, SlotSpan

_WORD = r"(?!(?:SKU|EUR|USD|GBP|CHF)\b)[A-ZÀ-Þ][\w’'&-]*"
_TOLD_NAME = re.compile(
    r"\b(?i:new|products?|item|article|listing|vendor|brand|supplier|maker|made\s+by)\s*:?\s+(?:(?i:an?|the)\s+)?"
    rf"(?P<name>{_WORD}(?:\s+{_WORD})+)"
)
_NAMES = frozenset({"value", "product"})
_TEXT_FOLLOWS = re.compile(
    r"\b(?:descriptions?|text)\b[^:.!?\n\"“]{0,80}?(?::|\b(?:should|must|to|shall)\s+(?:now\s+)?(?:read|say)s?\b\s*:?)\s+(?=[^\s\"“„«'‘])", re.I
)
"""From here on it is the text, to its last word, whatever stops stand in it."""

_NEW_COLLECTION = re.compile(
    r"\b(?:make|create|start|build|open|set\s+up|new|add)\s+(?:(?:me|us|an?|the|new|another)\s+)*collection\s+"
    r"(?P<name>(?!(?:called|named|titled|of|with|for|from|containing|including|holding|that|which|where|in|to|out|at|on|page|pages|description|descriptions"
    r"|text|texts|titles?)\b)[^\W\d_][\w’'&-]*(?:\s+(?!(?:with|of|for|from|containing|including|and|that|in|out|at|on|to|called)\b)[\w’'&-]+){0,3})\W*$",
    re.I,
)
"""All that follows is what it is to be called, though goods may be called so: "make me a collection ‖ winter warmers"."""


def whole_texts(text: str, start: int, end: int, slots: Sequence[SlotSpan]) -> Sequence[SlotSpan]:
    """The marks with what belongs to them by how it is written and by what leads to it."""
    if (new := _NEW_COLLECTION.search(text, start, end)) is not None:
        named = SlotSpan(kind="value", start=new.start("name"), end=new.end("name"), confidence=1.0)
        return [*(slot for slot in slots if slot.end <= named.start), named]
    slots = _with_whole_message(text, start, end, slots)
    if not any(slot.kind in _NAMES for slot in slots):
        return slots
    for said in _TOLD_NAME.finditer(text, start, end) if not text.isupper() else ():
        slots = _with_whole_name(slots, *said.span("name"))
    follows = _TEXT_FOLLOWS.search(text, start, end)
    if follows is not None and any(slot.kind == "value" and slot.start == follows.end() for slot in slots):
        before = [slot for slot in slots if slot.start < follows.end()]
        return [*before, SlotSpan(kind="value", start=follows.end(), end=end, confidence=1.0)]
    return slots


TOLD = re.compile(r"\s*:\s+(?=[^\W\d]|[€$£]?\d)")
"""After whom a message is for, what it is to say: to its last word, with the days and amounts in it."""
_WRITES = re.compile(
    r"\W*(?:(?:please|pls|and|then|also|can\s+you|could\s+you)\s+)*(?:(?:an?|the)\s+)?(?:(?:send|write|draft)\s+(?:an?\s+)?)?"
    r"(?:e-?mail|mail|write|message|tell|inform|notify|newsletter|text|let|remind)\b",
    re.I,
)


def _with_whole_message(text: str, start: int, end: int, slots: Sequence[SlotSpan]) -> Sequence[SlotSpan]:
    """ "Email to all vips: the sale starts ‖ friday, 20% off wool": Friday is said to them, and is no day on which they ordered."""
    told = next((said for slot in slots if slot.kind == "customer" and (said := TOLD.match(text, slot.end, end))), None)
    if told is None or _WRITES.match(text, start, end) is None:
        return slots
    before = [slot for slot in slots if slot.start < told.end()]
    return [*before, SlotSpan(kind="topic", start=told.end(), end=end, confidence=1.0)]


def _with_whole_name(slots: Sequence[SlotSpan], start: int, end: int) -> Sequence[SlotSpan]:
    """All the words of a name in capitals as one mark, where the reader marked some of them or each apart."""
    inside = [slot for slot in slots if start <= slot.start and slot.end <= end]
    beside = any(slot.start < end and start < slot.end for slot in slots if slot not in inside)
    if beside or not inside or not all(slot.kind in _NAMES for slot in inside) or (inside[0].start, inside[0].end) == (start, end):
        return slots
    kind: SlotKind = "value" if any(slot.kind == "value" for slot in inside) else "product"
    others = [slot for slot in slots if slot not in inside]
    return sorted([*others, SlotSpan(kind=kind, start=start, end=end, confidence=inside[0].confidence)], key=lambda slot: slot.start)
