"""Questions about what was just found or changed, as a look at those records: "how many are there?", "which ones did you tag?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent.planning.binding.scope import GOODS, Bound, Piece, Scope, put
from agent.planning.elide import spoken_period
from agent.planning.language.fragments import OUR, THEM
from agent.planning.language.values import Values
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.markers import marked
from agent.planning.threads.recall import Past

_LEAD = r"\W*(?:(?:and|so|ok(?:ay)?|then|tell\s+me|show\s+me)[\s,]+)*"
_NOUN = rf"(?:ones?|of\s+(?:{THEM})|products?|items?|customers?|orders?|reviews?|messages?|variants?|things?)"
_HOW_MANY = re.compile(
    rf"{_LEAD}how\s+many(?:\s+{_NOUN})?\s+(?:(?:are|is|were|was)\s+(?:there|they|those|these|that|it)|would\s+(?:that|it|they|those)\s+be)(?:\s+(?:in\s+(?:all|total)|altogether|now))?\W*",
    re.I,
)
_HOW_MUCH = re.compile(
    rf"{_LEAD}(?:(?:how\s+much|what)(?:['’]?s|\s+(?:is|are|was|were|do|did|does|would))?(?:\s+(?:they|those|these|that|it|{_NOUN}))*(?:\s+all)?"
    r"(?:\s+(?:be|worth|come\s+to|came\s+to|add\s+up\s+to|amount\s+to|make|total|cost))?(?:\s+(?:all\s+)?(?:together|altogether|in\s+(?:all|total)|combined|overall))"
    rf"|(?:how\s+much|what)\s+(?:are|were|is|was|do|did)\s+(?:they|those|these|that|it)\s+(?:all\s+)?(?:worth|come\s+to|add\s+up\s+to|amount\s+to)"
    r"|(?:what(?:['’]?s|\s+is|\s+was)\s+)?(?:the|their)\s+(?:total|sum)(?:\s+(?:value|worth|amount))?(?:\s+of\s+(?:them|those|these|that|it))?)\W*",
    re.I,
)
_SUMMED = frozenset({"order", "customer"})
"""Records whose searches tell what they come to."""
_OF_FIGURES = re.compile(
    rf"{_LEAD}how\s+many\s+(?P<noun>orders|units|items|pieces|customers)\s+(?:was|is|were|are)\s+(?:that|it|this|those)\W*", re.I
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
    words = _asked_before(one)
    return _POINTS.sub(lambda m: words, said, count=1)


_ONLY_WHEN = re.compile(
    r"\W*(?:(?:and|please|then|now|do|run|send|show|mail|email|repeat|schedule|make|set|up|it|this|that|the\s+same|me|to|for)\s+)*"
    r"(?:every|each|daily|weekly|monthly|hourly|once\s+an?|on\s+(?:\w+days))\b[\w\s:.,]*",
    re.I,
)
_THEM = re.compile(rf"\b(?:{THEM})(?:\s+(?:customers|people|ones))?\b", re.I)
_AS_SEGMENT = re.compile(r"\W*(?:(?:and|please|now|ok|can\s+you)[\s,]+)*(?:save|make|create|build|keep|turn|put|store|add)\b", re.I)


def recurring(said: str, past: Sequence[Past]) -> str | None:
    """ "Every Monday at 8", right after a report: that report then; None for words that say what is to be reported themselves."""
    if not past or past[-1].subtask.effect != "read" or _ONLY_WHEN.fullmatch(said) is None or len(words_of(said)) > _FEW:
        return None
    return f"{_asked_before(past[-1])} {said.strip()}"


def gathered(said: str, past: Sequence[Past], now: datetime) -> str | None:
    """ "Save them as a segment called Sleepers", with the words by which those customers were found."""
    one = next((one for one in reversed(past) if one.bound.task.finds("customer")), None)
    if one is None or _AS_SEGMENT.match(said) is None or _THEM.search(said) is None:
        return None
    called = _CALLED.search(said)
    who = _ASKS_FOR.sub("", _asked_before(one))
    who = who if not _DOES.match(who) else f"customers who {who}"
    who = _THEY_DO.sub(r"\g<who> who ", who)
    if isinstance(since := one.bound.args.get("inactive_since"), str):  # a segment is counted anew each day
        who = _SINCE.sub(f"for {(now - datetime.fromisoformat(since)).days} days ", who, count=1).rstrip()
    return f"create a segment of {who} {called[0] if called else ''}".rstrip()


_ASKS_FOR = re.compile(
    rf"^(?:(?:please|can\s+you|could\s+you|find|show|list|get|give|tell|look\s+up|which|who|what|me|us|all|of|{OUR}|are|is)\s+)+", re.I
)
_DOES_SAYS = r"(?:have|has|had|bought|spent|ordered|live|lives|never|did|placed|used|returned|reviewed|(?:have|has|had|did|do)n['’]t)\b"
_DOES = re.compile(_DOES_SAYS, re.I)
_THEY_DO = re.compile(rf"^(?P<who>customers|people|buyers)\s+(?={_DOES_SAYS})", re.I)
_SINCE = re.compile(r"\bsince\s+(?:(?!\b(?:in|and|who|that|but|with|from)\b)[\w ])+", re.I)
_CALLED = re.compile(r"\b(?:called|named)\s+.+$", re.I)
_FEW = 12


def _asked_before(one: Past) -> str:
    """What was asked, with what later messages added to it."""
    start, end = one.subtask.span
    lines = [*(line for line in one.subtask.said.split("\n") if line), one.turn.text[start:end]]
    kept = [line for at, line in enumerate(lines) if at == 0 or not _HOW_MANY.fullmatch(line)]
    marks = [marked(line) for line in kept]
    return ", ".join(
        (line if at == 0 else line[mark.start : mark.end]).strip(" .?!,") for at, (line, mark) in enumerate(zip(kept, marks, strict=True))
    )


_WHEN_THEY = re.compile(
    r"\b(?P<when>when(?:ever)?|if|once|as\s+soon\s+as)\s+(?:they|these|those|it|any\s+of\s+(?:them|these|those)|one\s+of\s+(?:them|these|those))\b",
    re.I,
)


def watched(said: str, past: Sequence[Past]) -> str | None:
    """ "Email me when they drop below 5" after the stock of candles, with "candles" for "they"; "" where what they are has no name of its own."""
    if _WHEN_THEY.search(said) is None:
        return None
    last = past[-1].bound
    link = next((link for name, link in last.links.items() if last.task.slot(name).record in GOODS), None)
    if link is None:
        return ""
    named = bool(link.where.product_type or link.where.collection or link.where.vendor or len(link.products) == 1)
    return _WHEN_THEY.sub(lambda m: f"{m['when']} {link.label}", said, count=1) if named else ""


_BARE_COUNT = re.compile(rf"{_LEAD}how\s+many(?:\s+{_NOUN})?\W*", re.I)


def counted_again(text: str, bases: Sequence[Past]) -> tuple[Past, Bound] | None:
    """ "How many are there?", "what do they come to?" after a search: the same search, whose answer says so."""
    one = next(iter(bases), None)
    if one is not None and (of := _OF_FIGURES.fullmatch(text)) is not None and any(s.name == "metrics" for s in one.bound.task.slots):
        metric = "units" if of["noun"].lower() in ("items", "pieces") else of["noun"].lower()
        return one, replace(one.bound, args={**one.bound.args, "metrics": [metric]})
    asked = _HOW_MANY.fullmatch(text) or _BARE_COUNT.fullmatch(text)
    asked = asked or (_HOW_MUCH.fullmatch(text) if one is not None and one.bound.task.about in _SUMMED else None)
    if one is None or not asked or one.bound.task.does != "find" or not (one.found or one.questions):
        return None
    return one, one.bound


def changed_ones(text: str, bases: Sequence[Past], scope: Scope) -> tuple[Past, Bound] | None:
    """ "Which ones did you tag?" after a change: its records, listed."""
    one = next(iter(bases), None)
    counted = _HOW_MANY.fullmatch(text) is not None
    if one is None or not one.changes or not (counted or (_WHICH.fullmatch(text) and _ANY.search(text))):
        return None
    for name, link in one.bound.links.items():
        record = (one.bound.task.slot(name).record or "").replace("variant", "product")
        finder = scope.tasks.get(f"find_{record}s")
        slot = finder.selecting(record) if finder is not None else None
        if finder is not None and slot is not None and link.products:
            bound = Bound(task=finder, piece=Piece(text=text, start=0, end=len(text), slots=(), values=Values()))
            put(bound, slot, link)
            return one, bound
    return None


_DRAWN = re.compile(
    r"\W*(?:(?:and|now|then|please|can\s+you|could\s+you|show|give|draw|plot|put|see|make|display|me|us|it|that|this|them|those)[\s,]+)*"
    r"(?:as|in|on|into)?\s*an?\s+(?:\w+\s+)?(?:chart|graph|plot|diagram|table)(?:[\s,]+(?:please|instead|rather|then|too))*\W*",
    re.I,
)
_STEPS = ((2, "hour"), (45, "day"), (120, "week"))
"""Days up to which a time is divided so."""


def drawn(text: str, bases: Sequence[Past]) -> tuple[Past, Bound] | None:
    """ "As a chart", after a report: the report with a row for each bar; by time, where it was one figure."""
    one = next(iter(bases), None)
    if one is None or _DRAWN.fullmatch(text) is None or one.subtask.effect != "read":
        return None
    by = next((slot for slot in one.bound.task.slots if "choices" in slot.types and {"day", "month"} <= set(slot.choices)), None)
    period = spoken_period(one.bound)
    if by is None or one.bound.args.get(by.name) or period is None or one.bound.args.get("order"):
        return one, one.bound
    days = (period.end - period.start).days
    step = next((name for most, name in _STEPS if days < most), "month")
    return one, replace(one.bound, args={**one.bound.args, by.name: [step]})
