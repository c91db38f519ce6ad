"""Sentences for merchants, as a message id with params, so that one catalogue holds every word that people read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence not yet in anyone's language: the English msgid, its params, and for counts the plural and n."""

    msgid: str
    params: dict[str, Any] = field(default_factory=dict)
    plural: str | None = None
    n: int | None = None

    def __str__(self) -> str:
        """English, for logs and tests; merchants read what `agent.reply` renders in their locale."""
        form = self.plural if self.plural is not None and self.n != 1 else self.msgid
        return form.format(**{"n": self.n, **self.params})


def say(msgid: str, /, **params: Any) -> Sentence:
    """`say("{product} costs {price} now", product=…, price=Money(…))`. Money, dates and numbers are formatted by locale."""
    return Sentence(msgid, params)


def count(singular: str, plural: str, n: int, /, **params: Any) -> Sentence:
    """`count("{n} product", "{n} products", 3)`."""
    return Sentence(singular, params, plural, n)


Translate = Callable[[Sentence], str]
