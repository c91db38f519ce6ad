"""How reviews are asked for: good or bad ones, by a word in them, and by who wrote them. What every task that picks reviews shares."""

from __future__ import annotations

import re
from typing import Literal

from agent.sdk.people import Review
from agent.sdk.refs import Between

_STARS = {"bad": Between[int](at_most=2), "good": Between[int](at_least=4)}
_WORD = re.compile(r"[^\W_]+")


def stars_of(group: Literal["bad", "good"] | None) -> Between[int] | None:
    """The stars of bad or of good reviews; of others any."""
    return None if group is None else _STARS[group]


def phrase_of(topic: str | None) -> str | None:
    """The word or phrase to look for, without quotes around it."""
    return (topic or "").strip(" \t'\"“”‘’.") or None


def written_by(review: Review, author: str | None) -> bool:
    """Whether this name is its author's: "Tom" and "Tom B." are Tom Becker, and not Tomas. Anybody's where none is said.

    It is told here, since a shop's reviews cannot be searched by who wrote them.
    """
    called, own = re.sub(r"[’']s$", "", (author or "").strip()).casefold(), review.author.value.casefold()
    said, names = _WORD.findall(called), _WORD.findall(own)
    if not said:
        return called in own
    return all(any(name == word or (len(word) == 1 and name.startswith(word)) for name in names) for word in said)
