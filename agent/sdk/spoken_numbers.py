"""Numbers and amounts of money in plain words: "over 200 euros", "€1,000 or more", "between 50 and 100"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from agent.sdk.refs import Between, Money

_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100, "a hundred": 100, "thousand": 1000,
}  # fmt: skip
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_NAMES = {"euro": "EUR", "eur": "EUR", "dollar": "USD", "usd": "USD", "buck": "USD", "pound": "GBP", "gbp": "GBP", "quid": "GBP", "yen": "JPY"}
_DIGITS = r"\d{1,3}(?:[,.]\d{3})+(?:\.\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_AMOUNT = (
    rf"(?:(?P<sign>[€$£¥])\s*(?P<n1>{_DIGITS})(?P<k1>k)?|(?P<n2>{_DIGITS})(?P<k2>k)?\s*(?P<name>[€$£¥]"
    rf"|eur(?:os?)?\b|dollars?\b|usd\b|bucks?\b|pounds?\b|gbp\b|quid\b|yen\b)|(?P<n3>{_DIGITS})(?P<k3>k)?)"
)
_HOW = (
    r"(?:over|above|more\s+than|at\s+least|from|under|below|less\s+than|at\s+most|up\s+to"
    r"|exceed(?:s|ing)?|bigger\s+than|larger\s+than|greater\s+than|higher\s+than|worth"
    r"|>=?|<=?)"
)
_MONEY = re.compile(
    rf"(?:\b(?:(?:with\s+)?(?:an?\s+)?(?:order\s+)?(?:total|value|amount|worth)\s+(?:is\s+|of\s+)?|is\s+|spends?\s+|costs?\s+|worth\s+|of\s+)*)"
    rf"(?:(?P<how>{_HOW})\s*(?:(?:a\s+)?total\s+of\s+)?)?{_AMOUNT}(?:\s+(?:or|and)\s+(?P<tail>more|up|over|above|less|under|below|higher))?",
    re.I,
)
_NOT_MONEY = re.compile(
    r"\s*[-–]?\s*(?:stars?|units?|items?|pieces?|pcs|left|remaining|in\s+stock|on\s+hand"
    r"|orders?|purchases?|times?|days?|weeks?|months?|hours?|%|percent|am|pm|products?"
    r"|customers?|(?:st|nd|rd|th)\b|:\d)",
    re.I,
)
_OF_STOCK = re.compile(r"(?:stock|inventory|units?|quantity|level|left)\b[^,.;]{0,40}$|\b(?:falls?|drops?|dips?|goes|runs?|sinks?)\s*$", re.I)


@dataclass(frozen=True, slots=True)
class Spoken:
    value: Between[Money]
    currency: str
    start: int
    end: int


def number_of(word: str) -> int:
    """ "5", "five", "a hundred"."""
    word = " ".join(word.lower().split())
    return _WORDS[word] if word in _WORDS else int(word)


def amounts(text: str, currency: str) -> Iterator[Spoken]:
    """Conditions on an amount of money, in reading order. A bare number is one only beside a word that compares, where nothing says it is units."""
    for found in _MONEY.finditer(text):
        named = found["sign"] or found["name"]
        how = " ".join((found["how"] or found["tail"] or "").lower().split())
        if not named and (not how or _NOT_MONEY.match(text, found.end()) or _OF_STOCK.search(text[: found.start()])):
            continue
        digits, kilo = (found["n1"] or found["n2"] or found["n3"]), found["k1"] or found["k2"] or found["k3"]
        amount = Money(_decimal(digits) * (1000 if kilo else 1), _currency(named, currency))
        yield Spoken(_between(how, bool(found["tail"]) and not found["how"], amount), amount.currency, found.start(), found.end())


def _currency(named: str | None, currency: str) -> str:
    if not named:
        return currency
    return _SIGNS.get(named) or _NAMES.get(named.lower().rstrip("s"), currency)


def _decimal(digits: str) -> Decimal:
    if re.fullmatch(r"\d{1,3}(?:[,.]\d{3})+", digits):
        return Decimal(re.sub(r"[,.]", "", digits))
    if "," in digits and "." in digits:
        return Decimal(digits.replace(",", ""))
    return Decimal(digits.replace(",", "."))


def _between(how: str, tail: bool, amount: Money) -> Between[Money]:
    if tail:
        return Between[Money](at_least=amount) if how in ("more", "up", "over", "above", "higher") else Between[Money](at_most=amount)
    if how in ("under", "below", "less than", "<"):
        return Between[Money](below=amount)
    if how in ("at most", "up to", "<="):
        return Between[Money](at_most=amount)
    if how in ("at least", "from", ">=", "worth"):
        return Between[Money](at_least=amount)
    return Between[Money](above=amount) if how else Between[Money](at_least=amount)
