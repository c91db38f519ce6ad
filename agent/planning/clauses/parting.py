"""Where one clause is two: a look and a change, a change and a message, several amounts with several goods."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planning.binding.scope import Piece, Scope
from agent.planning.clauses.closing import is_dictated
from agent.planning.language.sparing import LEAVES, LEAVING_OUT
from agent.planning.language.values import Number, Share, Spot
from agent.planning.linking.lexicon import does
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import SlotSpan

_LOOKS = re.compile(
    r"\W*(?:(?:please|now|also|then|and|can you|could you)[\s,]+){0,4}(?:find|show|list|check|search|look|see|give|get|display|count|flag|tell)\b",
    re.I,
)
_THEN_DOES = re.compile(
    r"(?:\s*[,;]\s*|\s)(?:(?:and|then|&|plus|also|please)\s+){0,4}(?P<verb>[a-z]+)\s+"
    r"(?:(?P<one>(?:the\s+)?order\s+#?\d|#\d|it\b|them\b)|(?:those|these|that|the|all|every|each|both|our|my|its|their|orders?|products?|customers?)\b)",
    re.I,
)
_SUBORDINATE = re.compile(
    r"\b(?:that|which|who|whom|whose|where|when|if|how|why|did|we|they|you|i|saying|says?|about|mentioning|asking|named|called)\b|[\"“„«]", re.I
)


def change_after_look(said: str) -> tuple[int, int] | None:
    """Where a look ends and something to be done begins in words read as one look: "find suspicious orders‖ and ‖refund order 1042"."""
    if _LOOKS.match(said) is None:
        return None
    for found in _THEN_DOES.finditer(said):
        joined = found.start("verb") - found.start() > 1
        head = said[: found.start()]
        unsaid = _SUBORDINATE.search(head) is None or (found["one"] is not None and not re.search(r"[\"“„«]", head))
        if joined and does(found["verb"]) and unsaid and not re.search(r"\bto\s*$", head):
            return found.start(), found.start("verb")
    return None


_THEN_TELLS = re.compile(
    r"(?:\s*[,;.]\s*(?:(?:and|then|please|also)\s+)*|\s+(?:(?:and|then|please|also)\s+)+)"
    r"(?P<tells>(?:let|inform|notify|tell|message|e-?mail|text|write(?:\s+to)?)\s+(?:(?:the|our|that)\s+)?(?:customers?|buyers?|clients?|her|him|them)\b)",
    re.I,
)
LETS_KNOW = re.compile(r"(?:(?:let)\b[^,.;]{1,30}\bknow|inform|notify)\b", re.I)


def message_after_change(said: str) -> tuple[int, int] | None:
    """Where a change ends and somebody is to be told of it, in words read as one change: "I sent 1042 with DHL‖, please ‖let the customer know"."""
    found = _THEN_TELLS.search(said)
    if found is None or found.start() == 0 or is_dictated(said, found.start()):
        return None
    return found.start(), found.start("tells")


_ASKS_OF_THEM = re.compile(
    r"(?:\s*[,;]\s*|\s)(?:and|plus|&)\s+(?:also\s+)?(?:(?:tell|show)\s+me\s+)?"
    r"(?P<asks>(?:what|how\s+much|how\s+many|when|where|which)(?:\s+(?:else|products?|items?|orders?))?\s+(?:(?:did|do|have|has|had)\s+)?(?:they|those|these)\b)",
    re.I,
)


def question_after_look(said: str) -> tuple[int, int] | None:
    """Where a look ends and a question about what it finds begins: "new customers this month‖ and ‖what they bought"."""
    found = _ASKS_OF_THEM.search(said)
    return (found.start(), found.start("asks")) if found is not None and found.start() > 0 else None


MOST_HALVES = 4
"""Places where a clause with a value too many is tried as two; each costs two bindings."""
_LEAVES_OUT = re.compile(rf"\s*(?:{LEAVING_OUT}|{LEAVES}|(?:just\s+|but\s+)?not)\b", re.I)
"""What begins so is no second change: "archive the candles, ‖ not the mugs"."""


def halves(piece: Piece) -> list[tuple[int, int]]:
    """Where the clause may be two: (end of the first, start of the second), at its commas and its "and"s."""
    joints = [m for m in _JOINT.finditer(piece.text, piece.start, piece.end) if piece.start < m.start() and m.end() < piece.end]
    return [(m.start(), m.end()) for m in joints[:MOST_HALVES] if not _LEAVES_OUT.match(piece.text, m.end())]


_JOINT = re.compile(r"\s*(?:,\s*(?:and\s+)?|\band\b|&)\s*", re.I)
_BETWEEN = frozenset({"the", "to", "at", "is", "now", "for", "=", "-", "eur", "euro", "euros", "and", "each"})
_TIMES = frozenset({"day", "week", "month", "year", "hour", "star"})
_SIZES = re.compile(r"\bsizes?\b[:\s]+\d+(?:(?:\s*,\s*(?:and\s+)?|\s+(?:and|or|to)\s+)\d+)*", re.I)


def pairs(piece: Piece, scope: Scope) -> list[tuple[int, int]]:
    """The clause's places where it pairs several amounts with several goods: "add 12 mugs and 6 jugs to stock", "planner 22 calendar 19"."""
    numbers = [v for v in piece.values.items if isinstance(v, Number | Share) and not (isinstance(v, Number) and v.unit in _TIMES)]
    sizes = [Spot(start=m.start(), end=m.end()) for m in _SIZES.finditer(piece.text, piece.start, piece.end)]
    numbers = [v for v in numbers if not any(v.overlaps(spot) for spot in sizes)]
    if listed := _run_on(piece, scope, numbers) or _each_its_tag(piece):
        return listed
    spans, start = [], piece.start
    for before, after in zip(numbers, numbers[1:], strict=False):
        joints = list(_JOINT.finditer(piece.text, before.end, after.start))
        if len(joints) != 1 or not piece.text[before.end : after.start][: joints[0].end() - before.end].strip():
            continue
        rest = [w for w in words_of(piece.text, joints[0].end(), piece.end) if w.stem in scope.linker.vocabulary.words]
        own = [w for w in words_of(piece.text, start, joints[0].start()) if w.stem in scope.linker.vocabulary.words]
        if rest and own and piece.text[before.end : after.start].strip(" ,&").lower() != "and":
            spans.append((start, joints[0].start()))
            start = joints[0].end()
    return [*spans, (start, piece.end)]


_PUTS_TAGS = re.compile(r"\W*(?:(?:and|then|also|please|now|can\s+you|could\s+you)\W+)*(?:tag|label|mark)\b", re.I)
_BEARERS = ("customer", "product", "order")


def _each_its_tag(piece: Piece) -> list[tuple[int, int]]:
    """The places of a list that names somebody and then the tag of each: "tag Anna vip, ‖ Ben wholesale"; empty where it is none."""
    bearers = sorted(piece.marked(*_BEARERS), key=lambda mark: mark.start) if piece.marked("tag") else []
    if len(bearers) < 2 or not _PUTS_TAGS.match(piece.said):
        return []
    spans, starts = [], [piece.start, *(bearer.start for bearer in bearers[1:])]
    for at, bearer in enumerate(bearers):
        said = _ITS_TAG.match(piece.text, bearer.end, piece.end)
        last = at + 1 == len(bearers)
        if said is None or (piece.text[said.end() : piece.end].strip(" .!") if last else said.end("joint") != bearers[at + 1].start):
            return []
        if not last and said["joint"] == "":
            return []
        spans.append((starts[at], said.end("tag")))
    return spans


_ITS_TAG = re.compile(r"\s+(?:as\s+)?(?P<tag>[\"“'‘]?[^\W\d_][\w-]*[\"”'’]?)(?P<joint>(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)?)", re.I)


def with_its_tag(piece: Piece, slots: tuple[SlotSpan, ...], span: tuple[int, int]) -> tuple[SlotSpan, ...]:
    """The marks of one place of such a list, with that of its tag where the reader left it out."""
    bearer = next((slot for slot in slots if slot.kind in _BEARERS), None)
    if bearer is None or any(slot.kind == "tag" for slot in slots) or not _PUTS_TAGS.match(piece.said) or not piece.marked("tag"):
        return slots
    said = _ITS_TAG.fullmatch(piece.text, bearer.end, span[1])
    return slots if said is None else (*slots, SlotSpan(kind="tag", start=said.start("tag"), end=said.end("tag"), confidence=1.0))


def _run_on(piece: Piece, scope: Scope, numbers: Sequence[Number | Share]) -> list[tuple[int, int]]:
    """The places of a list without joints, each of goods and then their amount; empty where it is none.

    Nothing but names of the shop's goods may stand between two amounts, and the last one must end the clause: else "2 for 1" is two.
    """
    if len(numbers) < 2 or words_of(piece.text, numbers[-1].end, piece.end):
        return []
    spans, start = [], piece.start
    for at, number in enumerate(numbers):
        between = words_of(piece.text, start, number.start)
        names = [w for w in between if w.stem in scope.linker.vocabulary.words]
        plain = all(w in names or w.text.lower() in _BETWEEN for w in between)
        if not names or (at > 0 and not plain) or _JOINT.search(piece.text, start, number.start):
            return []
        spans.append((between[0].start, number.end))
        start = number.end
    return spans
