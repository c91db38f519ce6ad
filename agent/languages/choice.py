"""Which language someone reads, and how their numbers and dates are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.languages.catalogues import ENGLISH, language_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    language: str
    """Of the words, such as "de"."""
    locale: str
    """Of numbers, money and dates, such as "de-AT"."""


def chosen(known: Sequence[str], *, person: str | None = None, shop: str | None = None, accepted: str = "") -> Choice:
    """The first of these that there are words in: what the person chose, the shop's language, what the browser asks for; else English.

    Numbers and dates are the shop's wherever the language is, and also where nothing was found in its language: a shop in France
    that is shown in English, for want of French, keeps its numbers.

    Args:
        known: The languages there are.
        person: The language they chose; None for none.
        shop: The locale of their shop; None where nobody has signed in yet.
        accepted: The header Accept-Language.
    """
    wanted = [*([person] if person else []), *([shop] if shop else []), *_accepted(accepted)]
    tag = next((tag for tag in wanted if language_of(tag) in known), ENGLISH)
    language = language_of(tag)
    if shop is not None and (language_of(shop) == language or not person):
        return Choice(language=language, locale=shop)
    return Choice(language=language, locale=tag)


def _accepted(header: str) -> list[str]:
    """The tags of an Accept-Language header, the most wanted first."""
    found: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        if weight > 0 and tag.replace("-", "").isalnum():
            found.append((weight, tag))
    return [tag for _, tag in sorted(found, key=lambda each: -each[0])]
