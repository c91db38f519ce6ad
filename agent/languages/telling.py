"""A finished English sentence in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from gettext import NullTranslations

from agent.languages.catalogues import Translated
from agent.languages.patterns import matching

_DEEPEST = 3
"""Sentences inside a sentence: "…was not understood. What would you like done with …?"."""
_LONGEST = 2_000
"""Characters: no sentence of ours is longer, and what is longer was written by a person."""
_MOST_PIECES = 12
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z“0-9])")
"""Between two sentences."""
_FIGURE = re.compile(r"([a-z]+(?:_[a-z]+)*): (?=[A-Z])")
"""Before what a figure is: "net_sales: Gross sales minus …"."""
_JOINED = re.compile(r"(, | and | or )")
_COUNTED = re.compile(r"(.+) (\d+)")


def told(catalogue: NullTranslations, text: str, *, depth: int = 0) -> str:
    """The sentence as this catalogue has it, its values as they were; the text itself where the catalogue has it not.

    Of several sentences that are no message together each is looked up by itself, and all of them stay as they are unless every one is known.
    """
    if not text or len(text) > _LONGEST:
        return text
    if not isinstance(catalogue, Translated):
        return catalogue.gettext(text)
    if (known := catalogue.gettext(text)) != text:
        return known
    whole = _told(catalogue, text, depth, several=True)
    apart = whole or _sentences(catalogue, text, depth) or _figures(catalogue, text, depth)
    return apart or _told(catalogue, text, depth) or text


def ours(catalogue: NullTranslations, text: str) -> str:
    """Words of ours that stand by themselves, in a cell or before a period: a value of the catalogue or a message; of several apart by "; " each."""
    if not isinstance(catalogue, Translated) or not text:
        return text
    for known in (catalogue.pgettext("value", text), _numbered(catalogue, text), catalogue.gettext(text)):
        if known != text:
            return known
    if text[:1].islower() and (known := catalogue.gettext(text[:1].upper() + text[1:])) != text[:1].upper() + text[1:]:
        return known
    pieces = text.split("; ")
    if len(pieces) > 1:
        return "; ".join(ours(catalogue, piece) for piece in pieces)
    return f"{ours(catalogue, counted[1])} {counted[2]}" if (counted := _COUNTED.fullmatch(text)) else text


def _numbered(catalogue: Translated, text: str) -> str:
    """ "the last 14 days": a value with one number in it, which the catalogue has as `{n}`."""
    form, n = re.subn(r"\d+", "{n}", text)
    known = catalogue.pgettext("value", form) if n == 1 else form
    return known.replace("{n}", re.sub(r"\D", "", text)) if known != form else text


def _told(catalogue: Translated, text: str, depth: int, *, several: bool = False) -> str | None:
    """One message, by itself or with what stands in its places; with `several` only one of several sentences."""
    known = catalogue.gettext(text)
    if known != text:
        return known
    if depth >= _DEEPEST or (found := matching(catalogue.patterns, text)) is None:
        return None
    pattern, values = found
    if several and not pattern.several:
        return None
    return pattern.translation.format(**{name: _place(catalogue, value, depth + 1) for name, value in values.items()})


def _place(catalogue: Translated, value: str, depth: int) -> str:
    """What stands in a place: a sentence, several joined by "and", or a list of words of ours; anything else is somebody's own."""
    tokens = _JOINED.split(value)
    if 1 < len(tokens) <= 2 * _MOST_PIECES and (joined := _pieced(tokens, 2, lambda text: _told(catalogue, text, depth), shortest=True)):
        return "".join(catalogue.pgettext("value", each) if n % 2 else each for n, each in enumerate(joined))
    said = told(catalogue, value, depth=depth)
    return ours(catalogue, value) if said == value and "; " in value else said


def _sentences(catalogue: Translated, text: str, depth: int) -> str | None:
    pieces = _ENDS.split(text)
    if not 1 < len(pieces) <= _MOST_PIECES:
        return None
    spaced = [each for piece in pieces for each in (piece, " ")][:-1]
    found = _pieced(spaced, 2, lambda text: _told(catalogue, text, depth) if len(_ENDS.split(text)) == 1 else _exactly(catalogue, text))
    return "".join(found) if found else None


def _exactly(catalogue: Translated, text: str) -> str | None:
    known = catalogue.gettext(text)
    return known if known != text else None


def _figures(catalogue: Translated, text: str, depth: int) -> str | None:
    """Several figures, each named and defined."""
    names = list(_FIGURE.finditer(text))
    if not names or names[0].start():
        return None
    said = []
    for name, end in zip(names, [*(each.start() for each in names[1:]), len(text)], strict=True):
        defined = text[name.end() : end].strip()
        known = told(catalogue, defined, depth=depth)
        if known == defined:
            return None
        said.append(f"{catalogue.gettext(name[1].replace('_', ' ').capitalize())}: {known}")
    return " ".join(said)


def _pieced(tokens: Sequence[str], step: int, known: Callable[[str], str | None], *, shortest: bool = False) -> list[str] | None:
    """Pieces and what joins them by turns, the pieces as they are known; None unless all of them are. Neighbours may be known only together."""
    if not tokens:
        return []
    ends = range(1, len(tokens) + 1, step)
    for end in ends if shortest else reversed(ends):
        if (said := known("".join(tokens[:end]))) is None:
            continue
        if end >= len(tokens):
            return [said]
        if (rest := _pieced(tokens[end + 1 :], step, known, shortest=shortest)) is not None:
            return [said, tokens[end], *rest]
    return None
