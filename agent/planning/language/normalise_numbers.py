"""Numbers as people write and say them: "1,299.00", "1.299,00", "12.5k", "thirty nine", "a dozen".

Whether a comma is a decimal mark depends on where the shop is; what can be read in two ways is not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol

_SPACED = r"\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|\d{1,3}(?: \d{3})+[.,]\d\d(?!\d)"
"""Thousands set apart by spaces; by a plain space only where cents follow: "5 300 ml mugs" are five."""
DIGITS = rf"{_SPACED}|\d+(?:[.,'’]\d+)*|[.,]\d+"
"""A number in digits, with whatever marks stand between them; `read_digits` decides what they mean."""

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
    "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL = {word: n for n, word in enumerate(_ONES)} | {word: 20 + 10 * n for n, word in enumerate(_TENS)}
_BIG = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "dozen": 12, "grand": 1000}
_A = r"(?:an?|half\s+an?)\s+(?=hundred|thousand|million|dozen)"
_WORD = "|".join(sorted([*_SMALL, *_BIG, "dozens", "hundreds"], key=len, reverse=True)).replace("grand", r"grand(?!\s+totals?\b)")
SPELLED = rf"(?:{_A})?\b(?:{_WORD})\b(?:(?:\s+and\s+|[\s-]+)(?:{_WORD})\b)*|\ba\s+couple(?:\s+of)?\b|\bhalf\s+a\s+dozen\b"
"""A number in words; "five and six" is told apart by `read_spelled`."""

_SUFFIX = {"k": 1000, "m": 1_000_000, "": 1}
NUMBER = re.compile(rf"(?<![\w.,])(?P<sign>[-−–+]\s?)?(?P<digits>{DIGITS})(?P<suffix>[km](?!\w))?(?![\w]|[.,]\d)|(?P<spelled>{SPELLED})", re.I)
"""One number anywhere in a text. A digit glued to letters ("SUMMER20", "Q3") is none."""


@dataclass(frozen=True, slots=True)
class TwoWays:
    """Digits that mean one thing with a decimal mark and another with a thousands mark."""

    readings: tuple[Decimal, Decimal]


def read_digits(text: str, locale: str) -> Decimal | TwoWays | None:
    """The number that digits with marks stand for in a locale; None where the marks make no number ("1,23,4.5.6").

    Two different marks: the last one is the decimal mark. One mark said twice or more groups thousands. One mark alone
    is a decimal mark unless exactly three digits follow, where the locale decides, or nobody can: in English "1.299".
    """
    plain = re.sub(r"[\s'’]", "", text)
    marks = re.sub(r"\d", "", plain)
    if not marks:
        return _decimal(plain)
    last = plain.rfind(marks[-1])
    whole, fraction = plain[:last], plain[last + 1 :]
    if len(set(marks)) > 1:
        grouped = marks[:-1]
        return _decimal(_ungrouped(whole, grouped[0]), fraction) if len(set(grouped)) == 1 and _is_grouped(whole, grouped[0]) else None
    if len(marks) > 1:
        return _decimal(_ungrouped(plain, marks[0])) if _is_grouped(plain, marks[0]) else None
    if len(fraction) != 3 or len(whole) > 3 or whole in ("", "0"):
        return _decimal(whole or "0", fraction)
    decimal_mark, group_mark = _marks(locale)
    if marks == group_mark and marks != decimal_mark:
        return _decimal(whole + fraction)
    return TwoWays((Decimal(f"{whole}.{fraction}"), Decimal(whole + fraction)))


def read_price(text: str) -> Decimal | TwoWays | None:
    """What "two fifty" and "twelve ninety-nine" may be: units and cents, or hundreds. None for words that are no such pair."""
    for parts in re.finditer(r"[\s-]+", text.strip()):
        whole, cents = read_spelled(text.strip()[: parts.start()]), read_spelled(text.strip()[parts.end() :])
        if whole is not None and cents is not None and 0 < whole < 100 and 10 <= cents < 100:
            return TwoWays((whole + cents / 100, whole * 100 + cents))
    return None


def read_spelled(text: str) -> Decimal | None:
    """The number that words stand for: "thirty nine" 39, "a hundred and twenty" 120, "half a dozen" 6. None for no number ("one two")."""
    words = re.split(r"[\s-]+", text.lower().strip())
    if words[:2] == ["a", "couple"]:
        return Decimal(2)
    if words == ["half", "a", "dozen"]:
        return Decimal(6)
    total, current, last = 0, 0, 10**9
    for word in words:
        if word in ("a", "an"):
            current = 1
        elif word in _SMALL:
            n = _SMALL[word]
            # "twenty five" and "hundred five" add up, "five six" and "twelve thirty" are two numbers
            if current % 100 and not (current % 100 >= 20 and current % 10 == 0 and 0 < n < 10):
                return None
            current += n
        elif (big := _BIG.get(word.rstrip("s"))) is not None:
            if big >= 1000:
                if big >= last:
                    return None
                total, current, last = total + (current or 1) * big, 0, big
            else:
                current = (current or 1) * big
        elif word != "and":
            return None
    return Decimal(total + current)


def read_number(match: re.Match[str], locale: str) -> Decimal | TwoWays | None:
    """The value of a match of NUMBER."""
    if match["spelled"]:
        one = read_spelled(match["spelled"])
        return read_price(match["spelled"]) if one is None else one
    found = read_digits(match["digits"], locale)
    factor = _SUFFIX[(match["suffix"] or "").lower()]
    if isinstance(found, TwoWays) and factor == 1:
        return found
    if isinstance(found, TwoWays):
        found = found.readings[0]  # nobody groups thousands before a k
    if found is None:
        return None
    return -found * factor if (match["sign"] or "+")[0] in "-−–" else found * factor


def _decimal(whole: str, fraction: str = "") -> Decimal | None:
    try:
        return Decimal(f"{whole}.{fraction}" if fraction else whole)
    except InvalidOperation:
        return None


def _is_grouped(text: str, mark: str) -> bool:
    first, *rest = text.split(mark)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in rest)


def _ungrouped(text: str, mark: str) -> str:
    return text.replace(mark, "")


@lru_cache(maxsize=64)
def _marks(locale: str) -> tuple[str, str]:
    known = babel_locale(locale)
    return get_decimal_symbol(known), get_group_symbol(known)


@lru_cache(maxsize=64)
def babel_locale(locale: str) -> Locale:
    """Babel's locale of a BCP 47 name, or of English where babel knows none."""
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def plain(number: Decimal) -> str:
    """Without exponent or trailing zeros: "12.5", "1299"."""
    return f"{number.normalize():f}" if number else "0"
