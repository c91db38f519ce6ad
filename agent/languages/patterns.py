"""Finished English sentences turned back into the message they were made from, with what stood in its places.

Planning and the errors hand out sentences, and replies keep them: their msgid is gone by then. A message with places makes a
pattern; a message whose fixed words are few would match what it is not, and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.messages.catalog import Catalog

_PLACE = re.compile(r"\{(\w+)\}")
_FEWEST, _FEWEST_FIRST = 8, 6
"""Letters outside the places; fewer will do where the message begins with them."""
ANYWHERE = ""
"""Where patterns stand that begin with a place."""
_KEY = 5
"""Letters that sentences are looked up by."""
_GOES_ON = re.compile(r"[.!?]\s+[A-Z“0-9{]")


@dataclass(frozen=True, slots=True)
class Pattern:
    expression: re.Pattern[str]
    translation: str
    fixed: int
    """Letters outside the places: of two that match, the one with more is meant."""
    several: bool
    """It is more than one sentence."""


def patterns_of(catalog: Catalog) -> Mapping[str, Sequence[Pattern]]:
    """All patterns by the first letters of what they match."""
    found: dict[str, list[Pattern]] = {}
    for message in catalog:
        for text, translation in _pairs(message.id, message.string):
            if (pattern := _pattern(text, translation)) is not None:
                found.setdefault(_key(text), []).append(pattern)
    return {key: sorted(each, key=lambda pattern: -pattern.fixed) for key, each in found.items()}


def matching(patterns: Mapping[str, Sequence[Pattern]], text: str) -> tuple[Pattern, Mapping[str, str]] | None:
    """The pattern that a sentence is made by, and what stands in its places."""
    for key in (text[:_KEY], ANYWHERE):
        for pattern in patterns.get(key, ()):
            if (found := pattern.expression.fullmatch(text)) is not None:
                return pattern, found.groupdict()
    return None


def _pairs(id: object, string: object) -> list[tuple[str, str]]:
    if isinstance(id, str) and isinstance(string, str):
        return [(id, string)] if id and string else []
    if isinstance(id, tuple | list) and isinstance(string, tuple | list) and all(string):
        # Where a language has one form for all counts, "A message" is said with its number, which English leaves out.
        one = str(string[0]) if "{n}" in str(id[0]) else str(string[0]).replace("{n}", "1")
        pairs = [(str(id[0]), one), (str(id[1]), str(string[-1]))]
        return [(said, meant) for said, meant in pairs if set(_PLACE.findall(meant)) <= set(_PLACE.findall(said))]
    return []


def _key(text: str) -> str:
    start = text.replace("{{", "{").partition("{")[0]
    return start[:_KEY] if len(start) >= _KEY else ANYWHERE


def _pattern(text: str, translation: str) -> Pattern | None:
    pieces = _PLACE.split(text)
    fixed = sum(c.isalpha() for piece in pieces[::2] for c in piece)
    if len(pieces) == 1 or fixed < (_FEWEST_FIRST if pieces[0].strip() else _FEWEST):
        return None
    seen: set[str] = set()
    made = re.escape(pieces[0])
    for name, after in zip(pieces[1::2], pieces[2::2], strict=True):
        made += (f"(?P={name})" if name in seen else f"(?P<{name}>.*?)") + re.escape(after)
        seen.add(name)
    return Pattern(re.compile(made, re.DOTALL), translation, fixed, several=_GOES_ON.search(text) is not None)
