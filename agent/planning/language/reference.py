"""The day a request says it is: "Today is 3/15/2023, how did we do last month"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time

from agent.planning.language.calendar import Today
from agent.planning.language.stretches import stretch_at
from agent.planning.language.values import Terms

_SAYS = re.compile(
    r"(?:^|(?<=[.!?;,:\n]))\s*(?:(?:if|assum(?:e|ing)|suppos(?:e|ing)|imagine|say|given|as|pretend|note)\s+(?:that\s+)?)?"
    r"(?:today(?:[’']s\s+date)?|the\s+(?:current\s+)?date(?:\s+today)?)\s*(?:is|=|:|being)\s*(?:now\s+)?(?:[a-z]+day,?\s+)?(?:the\s+)?",
    re.I,
)
_AFTER = re.compile(r"\s*(?:[.,;:!–—-]+|\bso\b|\band\b|\bnow\b|$)\s*", re.I)


def reference(text: str, terms: Terms) -> tuple[date, tuple[int, int]] | None:
    """The day said to be today, and where that is said; a day that follows by a name alone ("today is Monday") is none."""
    for said in _SAYS.finditer(text):
        found = stretch_at(text, said.end(), Today.of(terms), "past")
        if found is None or found.stretch.unit != "day" or not re.search(r"\d", text[said.end() : found.end]):
            continue
        after = _AFTER.match(text, found.end)
        if after is not None and re.search(r"\w", text[: said.start()] + text[after.end() :]):
            return found.stretch.start, (said.start(), after.end())
    return None


def as_of(terms: Terms, day: date) -> Terms:
    """The terms as they would be at noon of that day."""
    return replace(terms, now=datetime.combine(day, time(12), terms.now.tzinfo))
