"""Circumstances said with a change: when and how often, on what condition, where and for whom alone it is to be made.

A change is made once, at once, in the whole shop and for everybody; which of these a merchant means otherwise is told by a function word and by
what follows it, never by the nouns. What has happened already is no condition ("after she called"), nor is what is said to whoever does the
change ("once you're done", "when possible"), nor what comes before it has to be done ("before I forget").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agent.planning.language.fragments import IF, WHEN
from agent.planning.language.values import Narrowing, Spot

Kind = Literal["again", "later", "condition", "channel", "audience"]
"""Again and again; at another time than now; on a condition; in one of several places of sale; for some people alone."""

_UNIT = (
    r"(?:(?:second|minute|hour|day|night|week|weekend|weekday|month|quarter|year|season|morning|noon|afternoon|evening|spring|summer|autumn|fall"
    r"|winter|(?:mon|tues|wednes|thurs|fri|satur|sun)day)s?)"
)
_ON = r"[^,.;:!?()\n]*"
"""To the end of the stretch."""
_AGAIN = (
    rf"(?:every|each)\s+(?:(?:single|other|second|third|first|last|working|business|few|\d+|two|three)\s+)*{_UNIT}\b{_ON}"
    rf"|(?:once|twice|(?:\w+\s+)?times)\s+(?:a|an|per|each|every)\s+{_UNIT}\b{_ON}"
    r"|(?:every|each|any)\s*time\s+\w+" + _ON + r"|whenever\s+(?!you\b|possible\b|convenient\b|suits?\b)\w+" + _ON +
    r"|on\s+(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days|weekends|weekdays|workdays)\b" + _ON +
    r"|(?:in|during)\s+the\s+(?:mornings|afternoons|evenings|nights)\b" + _ON +
    r"|(?:hourly|daily|nightly|weekly|fortnightly|monthly|quarterly|yearly|annually|regularly)(?=\W*$)"
)  # fmt: skip
_ENDLESS = r"(?:further\s+notice|i|we|he|she|they|it|you|the|my|our|this|that|these|those|all|every\w*|some\w*|any\w*|no\w*)"
_LATER = (
    rf"(?:during|throughout)\s+(?!the\s+(?:mornings|afternoons|evenings|nights)\b)\w+{_ON}"
    rf"|(?:over|in|at)\s+(?:the\s+)?(?:night|nights|weekend|holidays)\b{_ON}|overnight(?=\W*$)"
    rf"|(?:until|till|til|’til|'til)\s+{_ENDLESS}\b{_ON}"
    r"|(?:for|over)\s+(?:the\s+)?(?:duration|rest|remainder)\s+of\s+\w+" + _ON +
    r"|(?:later(?:\s+(?:today|on))?|tonight|at\s+a\s+later\s+(?:time|date|point))(?=\W*$)"
)  # fmt: skip
_TO_YOU = (
    r"(?:you|u)(?:['’](?:re|ve|ll|d))?(?!\s*(?:['’]ve\s+|have\s+|had\s+)?(?:hear|heard|see|seen|got|get|received?|have|sold|checked|asked)\s+"
    r"(?!(?:a|an|some|any|time|done|finished|it|that|this|the\s+(?:time|chance))\b))\b"
)
_FREE = (
    r"(?:possible|convenient|needed|necessary|required|applicable|appropriate|ready|done|free|able|allowed|suitable|in\s+doubt|due"
    r"|(?:that|this|it)(?:['’]s|\s+is)\s+(?:done|finished|ok(?:ay)?|fine|possible|convenient|all\s+right|alright|in\s+place|sorted))\b"
)
_ANY_TIME = rf"(?:{_FREE}|(?:at\s+it|\w+ing|of|a|an|more|again|upon|only|per|that|this|then|all)\b)"
"""What is no condition of the shop or of anybody else."""
AT_LEISURE = rf"\s+(?:{_TO_YOU}|{_FREE})"
"""After "as soon as" it is only said that there is no hurry, or that there is."""
_GO_AHEAD = rf"(?!\s*(?:{_TO_YOU}|{_ANY_TIME}|we\s+speak\b|(?:we|i)(?:['’](?:re|m)|\s+(?:are|am))\s+at\s+it\b))"
_CLAUSE = (
    rf"(?P<if>(?:only\s+|but\s+)?(?:{IF}|unless|on\s+(?:the\s+)?condition(?:\s+that)?))\b{_GO_AHEAD}\s+(?:\w+['’]\w+\s+\w+|[\w'’#-]+\s+[\w'’-]+){_ON}"
    rf"|(?P<when>(?:only\s+|but\s+)?(?:{WHEN}|where(?=\s+(?:there|it)\b)|by\s+the\s+time))\b{_GO_AHEAD}\s+[\w'’#-]+\s+{_ON}"
    r"|(?:subject\s+to|depending\s+on|dependent\s+on|contingent\s+on|conditional\s+(?:up)?on|upon|pending(?=\s+(?:his|her|their|my|our|the|an?|approval|confirmation)\b))\s+\w+"
    + _ON
)
_NOUNS = r"(?:(?:our|the|my|all|any|these|those|existing|new)\s+)*(?:(?!\d)[\w'’-]+\s+){0,3}?"
_WHERE = (
    rf"(?:on|in|at|via|through|over)\s+{_NOUNS}(?!\d)[\w'’-]+\s+(?:only|alone|exclusively)\b(?!\s+\w)"
    r"|(?:only|just|exclusively|solely)\s+(?:on|in|at|via|through)\s+(?!\w*(?:stock|sizes?|all)\b)(?:(?!\d)[\w'’-]+\s*){1,5}(?=\W*$)"
    r"|(?:online|offline|in[\s-]stores?)\s+(?:only|alone)\b(?!\s+\w)|(?:only|just)\s+(?:online|offline|in[\s-]store)\b(?=\W*$)"
    r"|(?:in|at|for|on)\s+(?:our|the|my)\s+(?!(?:online|web|own|whole|entire|e|current)\b)(?:[\w'’-]+\s+){1,2}(?:shop|store|outlet|branch|website|site)s?\b(?=\W*$)"
)
_WHOM = (
    rf"(?:for|to)\s+{_NOUNS}(?!\d)[\w'’-]+\s+(?:only|alone|exclusively)\b(?!\s+\w)"
    rf"|(?:only|just|exclusively|solely)\s+(?:for|to)\s+{_NOUNS}(?!\d)[\w'’-]+(?=\W*$)"
)
_SAID: Mapping[Kind, str] = {"again": _AGAIN, "later": _LATER, "condition": _CLAUSE, "channel": _WHERE, "audience": _WHOM}
_KINDS = tuple((kind, re.compile(rf"\b(?:{pattern})", re.I)) for kind, pattern in _SAID.items())
_SIGN = re.compile(
    r"\b(?:every|each|once|twice|times|whenever|any\s*time|on\s+\w+days|weekends|weekdays|workdays|\w+ly\W*$|during|throughout|over|overnight|night"
    r"|until|till|til|duration|rest|later|tonight|mornings|afternoons|evenings|if|unless|case|long|provid|assuming|condition|soon|when|after|while|where|time"
    r"|subject|depend|contingent|pending|upon|only|alone|exclusively|just|solely|weekend|holidays|shop|store|outlet|branch|website|site)",
    re.I,
)
"""Without one of these words there is no circumstance."""
_NOW = re.compile(
    r"\b(?:is|are|isn['’]t|aren['’]t|has|have|hasn['’]t|haven['’]t|will|won['’]t|can|can['’]t|does|do|doesn['’]t|don['’]t|\w+['’](?:s|re|ve|ll))\b",
    re.I,
)
_THEN = re.compile(
    r"\b(?:was|were|wasn['’]t|weren['’]t|had|hadn['’]t|did|didn['’]t|\w{3,}ed|came|went|got|said|told|took|made|broke|bought|sold|sent|left|lost|found|gave|saw"
    r"|fell|began|wrote|paid|kept|brought|thought|knew|spoke|rang|grew|chose|ran|met|felt|held|heard)\b",
    re.I,
)
_REASON = re.compile(
    r"\b(?:because|since|as\s+(?:we|they|it|i|you|he|she|the)|so\s+(?:that|we|they|it|i|he|she|nobody|no\s+one)|in\s+order\s+to|due\s+to|now\s+that"
    r"|given\s+that|for\s+the\s+reason)\b[^.;!?\n]*$",
    re.I,
)
"""Words after these tell why, up to the end of the sentence."""
_HIS = re.compile(r"after\s+(?:his|her|their|your|\w+ing)\b|after\s+all\b|after\s+\S+\s*$", re.I)


_BEFORE = re.compile(r"\bbefore\s+(?:i|we|you|he|she|it|they|the|a|an|my|our|his|her|their|any\w*|some\w*|every\w*|\w+ing)\b[^,.;:!?()\n]*", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstance(Narrowing):
    """Words that say when, on what condition, where or for whom a change is to be made."""

    kind: Kind


@lru_cache(maxsize=1024)
def circumstances(text: str, start: int, end: int) -> tuple[Circumstance, ...]:
    """The circumstances of a stretch, from its beginning on."""
    if _SIGN.search(text, start, end) is None:
        return ()
    return tuple(sorted(_found(text, start, end), key=lambda one: one.start))


def idle(text: str, start: int, end: int) -> list[Spot]:
    """What is told of when, and changes nothing of a change made now: "before it ships", "after the customer complained"."""
    if _SIGN.search(text, start, end) is None and "efore" not in text[start:end]:
        return []
    past = (said for kind, pattern in _KINDS if kind == "condition" for said in pattern.finditer(text[:end], start) if _has_happened(said))
    return [Spot(start=said.start(), end=said.end()) for said in (*past, *_BEFORE.finditer(text[:end], start))]


def _found(text: str, start: int, end: int) -> Iterator[Circumstance]:
    for kind, pattern in _KINDS:
        for said in pattern.finditer(text[:end], start):
            led = _REASON.search(text[start : said.start()]) is not None
            if not (led or (kind == "condition" and _has_happened(said))):
                yield Circumstance(start=said.start(), end=said.start() + len(said[0].rstrip()), kind=kind)


def _has_happened(said: re.Match[str]) -> bool:
    """ "After the customer complained", "when I counted them": what is told of is past, unless something of it is still to come."""
    if said["when"] is None or "soon" in said["when"].lower() or said["when"].lower().endswith("once"):
        return False
    if _HIS.match(said[0]) and _NOW.search(said[0]) is None:
        return True
    return _THEN.search(said[0]) is not None and _NOW.search(said[0]) is None


_CONJUNCTION = re.compile(rf"\A(?:(?:but|only)\s+)*(?:{IF}|{WHEN}|where)\s+", re.I)


def condition_in(words: str) -> str:
    """The condition alone, without what leads it: "she agrees" of "but only once she agrees"."""
    return _CONJUNCTION.sub("", words)


_LEADS = re.compile(r"[\s,;:–—(-]*(?:(?:but|and|though|please|ok|so|only|just)\s+)*", re.I)


def only_circumstance(said: str) -> bool:
    """Whether a stretch between stops says nothing but a circumstance: "… ‖ once Anna has agreed", "…, ‖ but only when it is paid"."""
    words = said.rstrip(" ,.;:!?–—-)")
    led = _LEADS.match(words)
    begins = {one.start for one in circumstances(words, 0, len(words)) if one.end >= len(words)}
    return led is not None and bool(words[led.end() :]) and any(at <= led.end() for at in begins)
