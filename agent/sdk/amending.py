"""Words that a task takes as they are, with what a later message says of them: "make it 300", "call it Big spenders", "only from France".

For the fields that take whatever is said (`Whole(amended=…)`): each function gives the words that then stand for both, or None where the message
says nothing that they could take.
"""

from __future__ import annotations

import re

from agent.sdk.rule_words import NAMED

_NUMBER = re.compile(r"(?<![\w#])\d+(?:[.,]\d+)*(?!\w)")
_ONLY_NUMBER = re.compile(
    r"\W*(?:(?:to|at|over|under|above|below|more\s+than|less\s+than|than|the|only|just|say|rather)\s+)*"
    r"(?:[€$£]\s*)?(?P<n>\d+(?:[.,]\d+)*)\s*(?P<unit>[€$£%]|[A-Za-z]+)?\W*",
    re.I,
)
_SAME_UNIT = re.compile(r"\s*(?:[€$£%]|[A-Za-z]+)")
_PLACE = re.compile(r"\b(?P<how>from|in)\s+(?:the\s+)?[A-ZÀ-Þ][\w’'-]+(?:\s+[A-ZÀ-Þ][\w’'-]+)*")
_NAME = re.compile(r"\W*(?:(?:from|in)\s+)?(?:the\s+)?(?P<name>[A-ZÀ-Þ][\w’'-]+(?:\s+[A-ZÀ-Þ][\w’'-]+)*)\W*")


def renamed(before: str, said: str) -> str | None:
    """ "Call it Big spenders": the words with that name and no other."""
    found = NAMED.fullmatch(said.strip(" \t\n.!"))
    name = (found["quoted"] or found["plain"]).strip() if found is not None else ""
    return f"{NAMED.sub('', before).rstrip(' .,')}, called “{name}”" if name else None


def renumbered(before: str, said: str) -> str | None:
    """ "Make it 300": the words with that number where one was said before; where several were, the one with the same unit."""
    found = _ONLY_NUMBER.fullmatch(said)
    if found is None:
        return None
    there = list(_NUMBER.finditer(before))
    if len(there) > 1 and found["unit"]:
        there = [one for one in there if _unit_after(before, one.end()) == _kind(found["unit"])]
    if len(there) != 1 or (found["unit"] and _unit_after(before, there[0].end()) not in ("", _kind(found["unit"]))):
        return None
    return f"{before[: there[0].start()]}{found['n']}{before[there[0].end() :]}"


def _unit_after(text: str, at: int) -> str:
    found = _SAME_UNIT.match(text, at)
    return _kind(found[0].strip()) if found is not None else ""


def _kind(unit: str) -> str:
    return unit.lower().removesuffix("s") if unit.isalpha() else unit


def moved(before: str, said: str) -> str | None:
    """ "No, Germany": the words with that place for the one that was said."""
    place, name = _PLACE.search(before), _NAME.fullmatch(said)
    return f"{before[: place.start()]}{place['how']} {name['name']}{before[place.end() :]}" if place is not None and name is not None else None
