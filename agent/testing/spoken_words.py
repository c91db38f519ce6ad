"""Words that a page looks up by a variable."""

from __future__ import annotations


def spoken_words() -> list[str]:
    return []
