"""Which of a field's fixed values the words of a clause mean: choices, lists of choices and yes-or-no fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from agent.planning.language.fragments import OUR
from agent.planning.language.values import Ending, Spot, Value
from agent.sdk import Dimension, Metric, Slot

_METRICS = frozenset(get_args(Metric))
_DIMENSIONS = frozenset(get_args(Dimension))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen(Spot):
    """A phrase that means one value of a field."""

    choice: str
    said: str


def chosen(slot: Slot, clause: str, marked: Sequence[Spot], values: Sequence[Value], *, hidden: Sequence[Spot]) -> list[Chosen]:
    """What the clause says for a field, the surest first; for a list, in the order said.

    Args:
        clause: The clause's text; places are offsets into it.
        marked: Places that the reader marked as this field's kind (metric, dimension); others do not count where there are any.
        hidden: Places that are names, dates or amounts and say nothing else, unless a phrase covers one whole ("only one order").
    """
    found = [c for c in _said(slot, clause) if not any(c.overlaps(spot) and not spot.within(c.start, c.end) for spot in hidden)]
    if slot.types == ("choice",) and not found:
        found = list(_made_so(slot, clause))
    if slot.types[0] in ("choice", "choices"):
        found += [
            Chosen(start=v.start, end=v.end, choice=c, said=clause[v.start : v.end])
            for v in values if isinstance(v, Ending) for c in slot.choices if c == f".{int(v.cents * 100):02d}"
        ]  # fmt: skip
    if _DIMENSIONS.issuperset(slot.choices) and slot.choices:
        found = [c for c in found if _is_dimension(c, clause, marked)]
    elif set(slot.choices) & _METRICS and marked:
        found = _asked_for(found, clause, marked) or found
    if slot.types[0] == "choices":
        return _longest(found)
    return sorted(found, key=lambda c: (not _is_difference(c, found, clause), says_all(c), c.start - c.end, c.start))


def says_all(one: Chosen) -> bool:
    """ "All discount codes that nobody used" are those that nobody used, however long the words for all of them are."""
    return one.said[:3].lower() in ("all", "any", "eve")


_LAST = re.compile(r"(?<=\s)(?P<word>[a-z]{5,})(?:\s+(?:again|now|please|too|as\s+well|any\s*more|any\s+longer))*\W*$", re.I)
_IRREGULAR = {"hide": "hidden", "unhide": "unhidden", "take": "taken", "put": "put"}


def _made_so(slot: Slot, clause: str) -> Iterator[Chosen]:
    """ "I want … the advent candle hidden": what something is to be made, as the participle of the verb that makes it so."""
    last = _last_word(clause)
    if last is None:
        return
    word = last["word"].lower()
    if _DENIED_STATE.search(clause[: last.start("word")]) is not None:
        if (other := _other_when_denied(slot, clause, last["word"], last.start("word"))) is not None:
            yield other
        return
    for choice, phrases in slot.phrases.items():
        if any(word == (_IRREGULAR.get(phrase) or f"{phrase.removesuffix('e')}ed") for phrase in phrases if phrase.isalpha()):
            yield Chosen(start=last.start("word"), end=last.end("word"), choice=choice, said=last["word"])


@lru_cache(maxsize=64)
def _last_word(clause: str) -> re.Match[str] | None:
    """The last word that may be a participle: every field of choices asks for it."""
    last = _LAST.search(clause)
    return last if last is not None and last["word"].lower().endswith(_PARTICIPLES) else None


_PARTICIPLES = ("ed", *_IRREGULAR.values())


_SO_MANY = re.compile(r"\d\s+$")
_DIFFERENCES = frozenset({"more", "fewer", "less", "extra", "additional"})


def _is_difference(one: Chosen, found: Sequence[Chosen], clause: str) -> bool:
    """ "Put 10 more in stock": what stands at the number says what it does, however long another phrase is."""
    if one.said.lower() not in _DIFFERENCES or _SO_MANY.search(clause[: one.start]) is None:
        return False
    return not any(other.start == one.start and other.end > one.end for other in found)


_LEADS = re.compile(
    rf"\W*(?:(?:show|give|tell|list|get|what|how|high|many|much|number|amount|of|{OUR}|me|us|is|are|was|were|total|please)\W+)*", re.I
)
_JOINS = re.compile(r"\s*(?:,|&|\band\b)\s*(?:and\s+)?(?:the\s+|our\s+)?", re.I)


def _asked_for(found: Sequence[Chosen], clause: str, marked: Sequence[Spot]) -> list[Chosen]:
    """What the reader marked, what the clause begins with, and what "and" ties to either: marks may be too few."""
    kept = [c for c in found if any(c.overlaps(spot) for spot in marked)]
    if kept:
        kept += [c for c in found if c not in kept and _LEADS.fullmatch(clause[: c.start])]
        kept += [c for c in found if c not in kept and any(_tied(c, other, clause) for other in kept)]
    return kept


def both_said(found: Sequence[Chosen], clause: str, choices: Sequence[str] = ()) -> bool:
    """Whether two of a field's values are asked for beside each other: "an SEO title and description" is no choice between them.

    Args:
        choices: All of the field's values, of which the other one may be said by its bare name.
    """
    if any(a.choice != b.choice and _BESIDE.fullmatch(clause[a.end : b.start]) for a in found for b in found if a.end <= b.start):
        return True
    others = [re.compile(rf"{_BESIDE.pattern}{re.escape(choice)}s?\b", re.I) for choice in choices if all(choice != a.choice for a in found)]
    return any(other.match(clause, a.end) for a in found for other in others)


_BESIDE = re.compile(r"\s*(?:&|\+|\band\b|\bplus\b)\s*(?:the\s+|an?\s+)?", re.I)


def _tied(one: Spot, other: Spot, clause: str) -> bool:
    first, second = sorted((one, other), key=lambda spot: spot.start)
    return _JOINS.fullmatch(clause[first.end : second.start]) is not None


def _said(slot: Slot, clause: str) -> Iterator[Chosen]:
    patterns = _patterns(slot.name, slot.choices or ("true", "false"), tuple((k, tuple(v)) for k, v in slot.phrases.items()))
    words = _words(clause)
    for choice, firsts, pattern in patterns:
        # Searching for phrases of which no word is there was a tenth of planning: a request holds few of a catalogue's words.
        for match in pattern.finditer(clause) if firsts is None or not firsts.isdisjoint(words) else ():
            if not _is_denied(clause, match.start()):
                yield Chosen(start=match.start(), end=match.end(), choice=choice, said=match[0])
            elif (other := _other_when_denied(slot, clause, match[0], match.start())) is not None:
                yield other


def _other_when_denied(slot: Slot, clause: str, said: str, at: int) -> Chosen | None:
    """ "Should no longer be visible", "mustn't be visible": any denial of what a value's "not visible" denies says that value."""
    denied, words = _DENIED_STATE.search(clause[:at]), " ".join(said.lower().split())
    choice = next((choice for choice, phrases in slot.phrases.items() if f"not {words}" in phrases), None)
    if denied is None or choice is None:
        return None
    end = at + len(said)
    return Chosen(start=denied.start(), end=end, choice=choice, said=clause[denied.start() : end])


@lru_cache(maxsize=64)
def _words(clause: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", clause.lower()))


def _firsts(phrases: Sequence[str]) -> frozenset[str] | None:
    """A word of each phrase without which it is not said; None where one begins with a sign or "what's", or says in any way what is lacking."""
    words = [None if _LACKING.fullmatch(phrase) else re.match(r"\w+(?!['\w])", phrase.lower()) for phrase in phrases]
    return frozenset(word[0] for word in words if word) if all(words) else None


@lru_cache(maxsize=512)
def _patterns(
    name: str, choices: tuple[str, ...], phrases: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[tuple[str, frozenset[str] | None, re.Pattern[str]], ...]:
    said = dict(phrases)
    made = []
    for choice in choices:
        words = list(said.get(choice, ()))
        if choice not in ("true", "false") and not words:
            words.append(choice.replace("_", " "))
        elif choice == "true" and not words:
            words.append(name.replace("_", " "))
        if words:
            made.append((choice, _firsts(words), re.compile("|".join(_loose(w) for w in sorted(words, key=len, reverse=True)), re.I)))
    return tuple(made)


_LACK = r"(?:without|no|missing|lack(?:s|ing)?|(?:do(?:es)?\s+not|do(?:es)?n[’']?t)\s+have)"
_LACKING = re.compile(r"(?:without|no|missing)\s+(?:an?\s+)?(?P<noun>.+?)s?")


_CODE = (
    r"(?:(?:the|our|my|discount|code|voucher|coupon)\s+)*"
    r"(?:(?-i:[A-Z][A-Z0-9-]{4,})|(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{4,}|[^,;?]{1,40}?\b(?:code|coupon|voucher|discount|promo)s?)"
    r"(?:\s+(?:code|coupon|voucher|discount))?"
)
"""A discount code as it is written, or what is called one."""


def _loose(phrase: str) -> str:
    """The phrase with any space between its words, as whole words; what is lacking may be said to be so in any way."""
    if (lacking := _LACKING.fullmatch(phrase)) is not None:
        noun = r"[\s-]+".join(re.escape(word) for word in lacking["noun"].split())
        return rf"(?<!\w){_LACK}\s+(?:(?:an?|any|the|their|its)\s+)?{noun}s?(?!\w)"
    said, _, later = phrase.partition(" … ")
    code, _, after = phrase.partition(" @ ")
    said, counted, _ = said.partition(" #")
    if after:  # a code between: "how much did @ cost us"
        return rf"{_loose(code)}(?=\s+{_CODE}\s+{_loose(after)})"
    body = r"[\s-]+".join(re.escape(word) for word in said.replace("-", " ").split()).replace("'", "[’']?")
    if counted:  # with a number after it: "to 40"
        body += r"(?=\s+(?:exactly\s+|about\s+)?\d)"
    if later:  # other words between: "how many … did we sell"
        return rf"(?<!\w){body}(?=\s[^,;?]{{1,80}}?\s{_loose(later)})"
    before = r"(?<!\w)" if phrase[0].isalnum() else r"(?<![\d\w])"
    return rf"{before}{body}(?!\w)"


def says_choice(slot: Slot, clause: str, choice: str) -> bool:
    """Whether a value of the field is said by one of its phrases."""
    return bool(slot.phrases.get(choice)) and any(chosen.choice == choice for chosen in _said(slot, clause))


def covering(slot: Slot, clause: str) -> bool:
    """Whether the clause is one phrase of the field and nothing else."""
    return bool(slot.phrases) and any((c.start, c.end) == (0, len(clause)) for c in _said(slot, clause))


_DENIED_VERB = re.compile(
    r"(?:\bnot|\bnever|n[’']t|\bwithout)\s+(?:put|take|add|bring|book|place|return|putting|taking|adding|bringing)\s+(?:[\w’'-]+\s+){0,5}$", re.I
)

_DENIED_STATE = re.compile(
    r"\b(?:not|never|no\s+longer|(?:do|does|did|is|are|was|were|have|has|had|should|must|need|ca|wo)n[’']?t)\s+"
    r"(?:yet\s+|been\s+|all\s+|(?:(?:meant|supposed|intended|allowed)\s+)?(?:to\s+)?(?:be|stay|remain|go)\s+(?:shown\s+as\s+)?)?$",
    re.I,
)
""" "Should no longer be ‖ visible", "shouldn't be ‖ live"."""


def _is_denied(clause: str, at: int) -> bool:
    return _DENIED_VERB.search(clause[:at]) is not None or _DENIED_STATE.search(clause[:at]) is not None


_DIVIDES = re.compile(
    r"(?:\bby|\bper|\beach|\bevery|\bwhich|\bacross|\bfor\s+each|\bby\s+the|\bwhat|\band|,|\bthe)\s+(?:sales\s+|best\s+|worst\s+|top\s+|most\s+|selling\s+)*$",
    re.I,
)
_RANKED = re.compile(r"(?:\b(?:top|best|worst|bottom|first|strongest|slowest|weakest|biggest|largest|most)\b[\s\w-]{0,24}|\d+\s+)$", re.I)
_ALONE = re.compile(
    r"daily|hourly|weekly|monthly|quarterly|half.yearly|yearly|annually|best.?sell\w*|per\s|where\s|what\s|(?:use|used|using|with)\sa\s|(?:week|month|year)\s(?:over|on)\s|[mwy]o[mwy]\b"
    r"|(?:time|hour|day)s?\s+of\s|(?:new|returning|repeat|first.time)\s.*\b(?:new|returning|repeat)",
    re.I,
)


_OF_ONE = re.compile(r"\b(?:of|in|from)\s+(?:the|our|my|this|that)\s+(?:[^\W\d][\w'’&-]*\s+){1,4}$", re.I)

_EACH = re.compile(r"\b(?:each|every|by|per)\s+$", re.I)


def _is_dimension(found: Chosen, clause: str, marked: Sequence[Spot]) -> bool:
    """ "By product", "top 5 products", "monthly"; not the products of "how much did these products make"."""
    if any(found.overlaps(spot) for spot in marked):
        return True
    before = clause[: found.start]
    if _ALONE.match(found.said):
        return True
    if _OF_ONE.search(before) and not _EACH.search(before):
        return False  # "of the Summer collection" names one, and asks for no list of them
    divides = _DIVIDES.search(before)
    if divides is not None and not divides[0].lower().lstrip(", ").startswith(("and", "the")) and divides[0].strip() != ",":
        return True
    if divides is not None and re.search(r"\b(?:by|per)\b", before, re.I) and divides[0].lower().lstrip(", ").startswith("and"):
        return True
    return _RANKED.search(before) is not None


def _longest(found: Sequence[Chosen]) -> list[Chosen]:
    """The longer saying first, none over a part of another's words; then in reading order, each choice once."""
    kept: list[Chosen] = []
    for one in sorted(found, key=lambda c: (c.start - c.end, c.start)):
        # "weekends" are said for both of their days
        if not any(one.overlaps(other) and (one.start, one.end) != (other.start, other.end) for other in kept) and one.choice not in {
            other.choice for other in kept
        }:
            kept.append(one)
    return sorted(kept, key=lambda c: c.start)
