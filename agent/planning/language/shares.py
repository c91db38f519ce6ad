"""Percents and fractions, and which way they go: "15% off", "up by a third", "half price"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from agent.planning.language.amounts import COMPARE, LED_BY, bounded, two_ways, unreadable
from agent.planning.language.normalise_numbers import NUMBER, TwoWays, plain, read_number
from agent.planning.language.values import Number, Range, Share, Terms, Value

Way = Literal[-1, 0, 1]
_PERCENT = re.compile(r"\s*(?:%|percent\b|per\s+cent\b|pct\b)", re.I)
_FRACTIONS = {
    "half": "50", "a third": "33.33", "one third": "33.33", "a quarter": "25", "one quarter": "25", "a fifth": "20", "one fifth": "20",
    "a tenth": "10", "one tenth": "10", "two thirds": "66.67", "three quarters": "75",
}  # fmt: skip
_ANY_FRACTION = "|".join(_FRACTIONS)
_FRACTION = re.compile(
    rf"\b(?P<share>{_ANY_FRACTION})\b(?=\s+(?:off|price|of\s+(?:the|its|their)\s+price|cheaper|less|more)\b|\s*$)"
    rf"|\b(?P<verb>halve|double|triple)\b(?=.*\bprices?\b)|\bby\s+(?P<by>{_ANY_FRACTION})\b",
    re.I,
)
_DOWN = re.compile(
    r"\b(?:cut|cuts|lower(?!\s+than)|reduce|drop|decrease|discount|mark\s+down|markdown|slash|knock|take|down|minus|cheaper(?!\s+than)|off|shave|trim|less(?!\s+than)|reduction|rebate)\b",
    re.I,
)
_UP = re.compile(r"\b(?:raise|increase|bump|hike|up|mark\s+up|add|plus|dearer(?!\s+than)|put\s+up|higher(?!\s+than)|more(?!\s+than))\b", re.I)
_IS_DOWN, _IS_UP = re.compile(r"\b(?:lowered|reduced|discounted|marked\s+down|sale)\b", re.I), re.compile(r"\bincreased\b", re.I)
"""What goods are already: "raise everything in the sale collection by 5%" goes up, and says so; "the mugs are to be reduced by 5%"."""
_AFTER_DOWN = re.compile(r"\s*(?:off|less|cheaper|discount|down|reduction|lower|rebate|sale|code|coupon|voucher)\b", re.I)
_AFTER_UP = re.compile(r"\s*(?:more|up|dearer|higher|increase|extra|on\s+top)\b", re.I)


def shares(text: str, terms: Terms) -> list[Value]:
    found: list[Value] = []
    for match in NUMBER.finditer(text):
        sign = _PERCENT.match(text, match.end())
        if sign is None:
            continue
        start, end = match.start(), sign.end()
        number = read_number(match, terms.locale)
        if number is None:
            found.append(unreadable(text[start:end], start, end, "percent"))
        elif isinstance(number, TwoWays):
            found.append(two_ways(number, start, end, "percent", lambda n: f"{plain(n)}%"))
        elif (condition := _share_meant(text, start, end, number)) is not None:
            found.append(condition)
        else:
            found.append(Share(start=start, end=end, percent=number, direction=_way(text, start, end)))
    for match in _FRACTION.finditer(text):
        verb = (match["verb"] or "").lower()
        said = re.sub(r"\s+", " ", (match["share"] or match["by"] or "")).lower()
        percent = Decimal({"halve": "50", "double": "100", "triple": "200"}[verb] if verb else _FRACTIONS[said])
        after = text[match.end() :].lstrip().lower()
        way: Way = -1 if verb == "halve" or after.startswith(("price", "of ")) else 1 if verb else _way(text, match.start(), match.end())
        if match["share"] and after.startswith(("price", "of ")):
            percent = 100 - percent  # "half price", "a third of its price"
        start, end = match.span(match.lastgroup or 0)
        found.append(Share(start=start, end=end, percent=percent, direction=way))
    return found


_OF_SHARES = re.compile(r"\b(?:margins?|mark-?ups?)\s+(?:(?:that|which)\s+)?(?:(?:is|are|was|were|of)\s+)?(?:(?:just|only|still)\s+)?$", re.I)
_SHARES_AFTER = re.compile(r"\s*(?:gross\s+|profit\s+)?(?:margins?|mark-?ups?)\b", re.I)


def _share_meant(text: str, start: int, end: int, number: Decimal) -> Range | None:
    """ "A margin below 30%", "less than 20% margin": a condition on a figure that is a share itself, and nothing to move a price by."""
    led = text[max(0, start - LED_BY) : start]
    for pattern, bound in COMPARE:
        if (compared := pattern.search(led)) is None:
            continue
        begin = start - len(led) + compared.start()
        if _OF_SHARES.search(text[:begin]) is None and _SHARES_AFTER.match(text, end) is None:
            return None
        return bounded(Number(start=start, end=end, amount=number), bound, begin, end, "percent")
    return None


def _way(text: str, start: int, end: int) -> Way:
    """Which way the words around a change point: what follows directly, else the last verb before."""
    if _AFTER_DOWN.match(text, end):
        return -1
    if _AFTER_UP.match(text, end):
        return 1
    for downward, upward in ((_DOWN, _UP), (_IS_DOWN, _IS_UP)):
        down, up = (max((m.start() for m in pattern.finditer(text, 0, start)), default=-1) for pattern in (downward, upward))
        if down != up:
            return -1 if down > up else 1
    return (
        -1 if _DOWN.search(text, end) else 1 if _UP.search(text, end) else -1 if _IS_DOWN.search(text, end) else 1 if _IS_UP.search(text, end) else 0
    )
