"""Questions about what was just found or changed, as a look at those records: "how many are there?", "which ones did you tag?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planning.binding.scope import Bound, Piece, Scope, put
from agent.planning.language.values import Values
from agent.planning.threads.markers import marked
from agent.planning.threads.recall import Past

_LEAD = r"\W*(?:(?:and|so|ok(?:ay)?|then|tell\s+me|show\s+me)[\s,]+)*"
_NOUN = r"(?:ones?|of\s+(?:them|those|these)|products?|items?|customers?|orders?|reviews?|messages?|variants?|things?)"
_HOW_MANY = re.compile(
    rf"{_LEAD}how\s+many(?:\s+{_NOUN})?\s+(?:are|is|were|was)\s+(?:there|they|those|these|that|it)(?:\s+(?:in\s+(?:all|total)|altogether|now))?\W*",
    re.I,
)
_WHICH = re.compile(
    rf"{_LEAD}(?:which|what|who)(?:\s+{_NOUN})?\s*"
    r"(?:(?:did|have|do|would|will)\s+(?:you|that|it|this)\s+\w+(?:\s+(?:it|that|to|so|now|just))*|(?:are|were|is|was|would\s+be)\s+(?:those|they|these|that|affected|changed|tagged|included|in\s+it))?\W*",
    re.I,
)
_ANY = re.compile(r"\b(?:which|what|who)\s+\w", re.I)


_POINTS = re.compile(
    r"\b(?:this|that|it|these|those|them|the\s+same)(?:\s+(?:list|report|numbers?|figures|overview|table|question|breakdown))?(?=\W*$|\s+(?:to|by|every|each|on|at|daily"
    r"|weekly|monthly|quarterly|once|automatically|regularly|in)\b)",
    re.I,
)


def told_of(said: str, past: Sequence[Past]) -> str | None:
    """ "Send me this every Monday" with what was asked before in the place of "this"; None where it points at nothing that was asked."""
    one = next((one for one in reversed(past) if one.subtask.effect == "read"), None)
    if one is None or _POINTS.search(said) is None:
        return None
    start, end = one.subtask.span
    turns = [*(line for line in one.subtask.said.split("\n") if line), one.turn.text[start:end]]
    words = []
    for at, line in enumerate(turns):
        mark = marked(line)
        words.append((line if at == 0 else line[mark.start : mark.end]).strip(" .?!,"))
    return _POINTS.sub(lambda m: ", ".join(words), said, count=1)


_WHEN_THEY = re.compile(
    r"\b(?P<when>when(?:ever)?|if|once|as\s+soon\s+as)\s+(?:they|these|those|it|any\s+of\s+(?:them|these|those)|one\s+of\s+(?:them|these|those))\b",
    re.I,
)


def watched(said: str, past: Sequence[Past]) -> str | None:
    """ "Email me when they drop below 5" after the stock of candles, with "candles" for "they"; "" where what they are has no name of its own."""
    if _WHEN_THEY.search(said) is None:
        return None
    last = past[-1].bound
    link = next((link for name, link in last.links.items() if last.task.slot(name).record in ("product", "variant")), None)
    if link is None:
        return ""
    named = bool(link.where.product_type or link.where.collection or link.where.vendor or len(link.products) == 1)
    return _WHEN_THEY.sub(lambda m: f"{m['when']} {link.label}", said, count=1) if named else ""


def counted_again(text: str, bases: Sequence[Past]) -> tuple[Past, Bound] | None:
    """ "How many are there?" after a search: the same search, whose answer says so."""
    one = next(iter(bases), None)
    if one is None or not _HOW_MANY.fullmatch(text) or one.bound.task.does != "find" or not one.found:
        return None
    return one, one.bound


def changed_ones(text: str, bases: Sequence[Past], scope: Scope) -> tuple[Past, Bound] | None:
    """ "Which ones did you tag?" after a change: its records, listed."""
    one = next(iter(bases), None)
    if one is None or not one.changes or not _WHICH.fullmatch(text) or not _ANY.search(text):
        return None
    for name, link in one.bound.links.items():
        record = (one.bound.task.slot(name).record or "").replace("variant", "product")
        finder = scope.tasks.get(f"find_{record}s")
        slot = next((s for s in finder.slots if s.record == record and "selection" in s.types), None) if finder is not None else None
        if finder is not None and slot is not None and link.products:
            bound = Bound(task=finder, piece=Piece(text=text, start=0, end=len(text), slots=(), values=Values()))
            put(bound, slot, link)
            return one, bound
    return None
