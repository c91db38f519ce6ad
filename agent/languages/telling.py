"""A finished English sentence in the reader's language."""

from __future__ import annotations

from gettext import NullTranslations

from agent.languages.catalogues import Translated
from agent.languages.patterns import matching

_DEEPEST = 3
"""Sentences inside a sentence: "…was not understood. What would you like done with …?"."""
_LONGEST = 2_000
"""Characters: no sentence of ours is longer, and what is longer was written by a person."""


def told(catalogue: NullTranslations, text: str, *, depth: int = 0) -> str:
    """The sentence as this catalogue has it, its values as they were; the text itself where the catalogue has it not."""
    if not text or len(text) > _LONGEST:
        return text
    known = catalogue.gettext(text)
    if known != text or not isinstance(catalogue, Translated) or depth >= _DEEPEST:
        return known
    if (found := matching(catalogue.patterns, text)) is None:
        return text
    pattern, values = found
    return pattern.translation.format(**{name: told(catalogue, value, depth=depth + 1) for name, value in values.items()})
