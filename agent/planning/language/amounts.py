"""Amounts of money, counts with their units, and ranges of both: "12.50", "3 boxes", "between 20 and 40 euros"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency, format_decimal, get_currency_symbol

from agent.planning.language.normalise_numbers import NUMBER, TwoWays, babel_locale, plain, read_number
from agent.planning.language.values import Impossible, Number, Range, Terms
from agent.sdk import Money

_SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₹": "INR", "zł": "PLN", "kr": "SEK", "US$": "USD", "C$": "CAD", "A$": "AUD"}
_CODES = [
    "EUR", "USD", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "NZD", "INR", "CNY", "HUF", "RON", "BGN", "TRY", "BRL",
    "MXN", "ZAR",
]  # fmt: skip
_NOUNS = {
    "euro": "EUR", "dollar": "USD", "buck": "USD", "pound": "GBP", "quid": "GBP", "franc": "CHF", "yen": "JPY", "krona": "SEK", "krone": "NOK",
    "kronor": "SEK", "kroner": "NOK", "zloty": "PLN", "rupee": "INR",
}  # fmt: skip
_DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD")
_SHARED: dict[str, tuple[str, ...]] = {
    "$": (*_DOLLARS, "MXN"), "¥": ("JPY", "CNY"), "kr": ("SEK", "NOK", "DKK", "ISK"), "dollar": _DOLLARS, "buck": _DOLLARS, "pound": ("GBP",),
    "krone": ("NOK", "DKK"),
}  # fmt: skip
"""Marks that several currencies bear: the shop's own is meant where it is one of them."""
_BEFORE_NUMBER = re.compile(rf"(?P<mark>US\$|C\$|A\$|[€£$¥₹]|\b(?:{'|'.join(_CODES)}))\s*(?P<sign>[-−–])?\s*$")
_AFTER_NUMBER = re.compile(rf"\s*(?P<mark>[€£$¥₹]|(?:{'|'.join(_CODES)})\b|zł|kr\b|(?P<noun>{'|'.join(_NOUNS)})s?\b)(?!\w)", re.I)
_CENTS = re.compile(r"\s*(?:cents?|pence|p)\b(?!\s+(?:off\s+)?per\b)", re.I)
UNITS = {
    "order": "order", "purchase": "order", "unit": "unit", "piece": "unit", "pc": "unit", "item": "unit", "copy": "unit",
    "copie": "unit", "star": "star", "day": "day",
    "week": "week", "month": "month", "year": "year", "hour": "hour", "customer": "customer", "people": "customer",
    "use": "use", "redemption": "use", "time": "time", "review": "review", "product": "product",
    "variant": "variant", "percent": "percent", "rating": "star", "sale": "unit", "word": "word", "sentence": "sentence", "character": "character",
    "char": "character",
}  # fmt: skip
_UNIT = re.compile(r"(?:\s+(?:more|fewer|extra|other|different|separate|further|full|left\s+in)\b)?[\s-]*(?:of\s+)?(?P<noun>[a-z]+)", re.I)
_ON_HAND = re.compile(r"\s+(?:(?:(?:are|is)\s+)?(?:left|in\s+stock|on\s+hand)\b|of(?:\s+(?:them|it|those|each))?\s*(?:$|[,.;?!]))", re.I)
"""Said of units without naming them: "more than 50 in stock"."""
_NOT_SO = "(?:no|not|never)"
COMPARE = [
    (re.compile(rf"\b(?:{said.replace(' ', chr(92) + 's+')})\s*$" if said[0].isalpha() else rf"(?:{said})\s*$", re.I), bound)
    for said, bound in [
        (rf"{_NOT_SO} (?:less|lower|fewer|cheaper|smaller) than|(?:not|never) (?:below|under)", "at_least"),
        (rf"{_NOT_SO} (?:more|higher|greater|dearer|larger) than|(?:not|never) (?:above|over)", "at_most"),
        ("at least|a minimum of|minimum(?: of)?|min|starting at", "at_least"),
        ("at most|up to|a maximum of|maximum(?: of)?|max|at the most", "at_most"),
        ("more than|greater than|larger than|bigger than|higher than|over|above|exceeding|exceeds?", "above"),
        ("upwards of|dearer than|better than|in excess of", "above"),
        ("less than|fewer than|lower than|smaller than|under|below|cheaper than|beneath|worse than", "below"),
        (">=|≥|=>", "at_least"), ("<=|≤|=<", "at_most"), (">", "above"), ("<", "below"),
    ]
]  # fmt: skip
_MOVED_UP_TO = re.compile(r"\b(?:bring|raise|put|push|move|take|bump|hike|mark|increase|get)\b[^,;.]*\bup\s+to\s*$", re.I)
"""Then it is the new amount, not the most of a range."""
LED_BY = 200
"""Characters before a number in which the words that lead to it are looked for: in all of a long text it would take too long."""
_NOT_OF_GOODS = r"(?!\s+(?:the|all|our|my|every|each|any|it|them|these|those)\b)"
""" "Set it to 5 ‖ and up the candles by 1"."""
_OR_MORE = re.compile(
    r"\s*(?:\+|or\s+(?:more|higher|above|over|better|up|greater|larger|dearer)\b"
    rf"|and\s+(?:up(?:wards)?|above|over|more|higher|beyond)\b{_NOT_OF_GOODS}|plus\b)",
    re.I,
)
_OR_LESS = re.compile(
    r"\s*(?:or\s+(?:less|fewer|lower|below|under|worse|cheaper|smaller|down)\b"
    rf"|and\s+(?:under|below|less|fewer|lower|down(?:wards)?|beneath)\b{_NOT_OF_GOODS})",
    re.I,
)
_JOINT = re.compile(r"\s*(?P<joint>and|to|-|–|—|or)\s*(?:[€£$]\s*)?", re.I)


_TWICE = re.compile(r"\b(?<=ordered\s)twice\b|\b(?<=bought\s)twice\b|\b(?<=least\s)twice\b|\b(?<=than\s)twice\b", re.I)


def numbers(text: str, terms: Terms) -> list[Number | Range | Impossible]:
    """Amounts, counts and conditions on them. What stands next to a number decides which it is."""
    found: list[Number | Range | Impossible] = []
    for match in NUMBER.finditer(text):
        if found and match.start() < found[-1].end:
            continue
        one = _one_number(match, text, terms)
        if one is None:
            continue
        if found and isinstance(one, Number) and isinstance(found[-1], Number):
            pair = _between(found[-1], one, text)
            if pair is not None:
                found[-1] = pair
                continue
        found.append(one)
    found += [Number(start=m.start(), end=m.end(), amount=Decimal(2), unit="time") for m in _TWICE.finditer(text)]
    found.sort(key=lambda value: value.start)
    return list(_shared(_with_both_ends([_compared(value, text) for value in found], text), text))


_BOTH = re.compile(r"\s*,?\s*(?:and|but|yet)\s+(?:(?:also|still|not|no)\s+)?", re.I)


def _with_both_ends(values: Sequence[Number | Range | Impossible], text: str) -> list[Number | Range | Impossible]:
    """ "Over 200 but under 500" is one condition, and no second one on something else."""
    found: list[Number | Range | Impossible] = []
    for value in values:
        before = found[-1] if found else None
        one = _of_one_thing(before, value) if isinstance(before, Range) and isinstance(value, Range) else None
        if one is not None and before is not None and _BOTH.fullmatch(text, before.end, value.start):
            found[-1] = one
        else:
            found.append(value)
    return found


def _of_one_thing(low: Range, high: Range) -> Range | None:
    """Two conditions on one amount as one; None where they are of different things or do not leave anything between."""
    low, high = (low, high) if low.at_most is None and low.below is None else (high, low)
    least = low.at_least if low.at_least is not None else low.above
    most = high.at_most if high.at_most is not None else high.below
    apart = low.unit != high.unit or (low.currency and high.currency and low.currency != high.currency)
    if apart or least is None or most is None or least >= most or any(v is not None for v in (low.at_most, low.below, high.at_least, high.above)):
        return None
    return Range(
        start=min(low.start, high.start), end=max(low.end, high.end), at_least=low.at_least, above=low.above, at_most=high.at_most, below=high.below,
        currency=low.currency or high.currency, unit=low.unit or high.unit,
    )  # fmt: skip


_AND_SO_MANY = re.compile(r"\s*(?:\w+\s+){0,2}?(?:,\s*|\band\s+)", re.I)


def _shared(values: Sequence[Number | Range | Impossible], text: str) -> Iterator[Number | Range | Impossible]:
    """ "At least 3 orders and 200 euros": what is said of the first holds for the second, where it counts another thing."""
    before: Number | Range | Impossible | None = None
    for value in values:
        if isinstance(before, Range) and isinstance(value, Number) and (value.currency or value.unit):
            bounds = [name for name in ("at_least", "above", "at_most", "below") if getattr(before, name) is not None]
            other = (value.currency, value.unit) != (before.currency, before.unit)
            if len(bounds) == 1 and other and _AND_SO_MANY.fullmatch(text, before.end, value.start):
                value = bounded(value, bounds[0], value.start, value.end, value.unit)
        before = value
        yield value


def _one_number(match: re.Match[str], text: str, terms: Terms) -> Number | Impossible | None:
    start, end = match.span()
    before, after = _BEFORE_NUMBER.search(text, max(0, start - LED_BY), start), _AFTER_NUMBER.match(text, end)
    cents = None if before or after else _CENTS.match(text, end)
    mark = before or after
    number = read_number(match, terms.locale)
    start, end = before.start() if before else start, after.end() if after and not before else cents.end() if cents else end
    unit, unit_end = ("", end) if mark or cents else _unit(text, end)
    if match["spelled"] and match["spelled"].lower() == "one" and not (mark or unit):
        return None  # "the red one"
    if number is None:
        return unreadable(text[start:end], start, end, "money" if mark else "number")
    if isinstance(number, TwoWays):
        show = (lambda n: _shown(n, terms)) if mark else lambda n: str(format_decimal(n, locale=babel_locale(terms.locale)))
        return two_ways(number, start, end, "money" if mark else "number", show)
    if before and before["sign"]:
        number = -number
    if cents:
        return Number(start=start, end=end, amount=number / 100, currency=terms.currency)
    if mark is None:
        return Number(start=start, end=unit_end, amount=number, unit=unit)
    currency = _currency(after if after and not before else before, terms)
    if currency == terms.currency:
        return Number(start=start, end=end, amount=number, currency=currency)
    said = f"{plain(number)} {currency}"
    shown = _shown(number, terms)
    question = f"This shop sells in {terms.currency}, but you said {said}. Did you mean {shown}? Storehand does not convert currencies."
    return Impossible(start=start, end=end, kind="money", question=question, options=((f"{plain(number)} {terms.currency}", shown),))


def _currency(mark: re.Match[str] | None, terms: Terms) -> str:
    assert mark is not None
    noun = (mark.groupdict().get("noun") or "").lower()
    said = noun or mark["mark"]
    if terms.currency in _SHARED.get(said.lower(), ()):
        return terms.currency
    if said == _symbol(terms.currency, terms.locale):
        return terms.currency
    return _NOUNS.get(noun) or _SYMBOLS.get(said) or said.upper()


@lru_cache(maxsize=64)
def _symbol(currency: str, locale: str) -> str:
    return str(get_currency_symbol(currency, locale=babel_locale(locale)))


def _shown(number: Decimal, terms: Terms) -> str:
    return str(format_currency(Money(number, terms.currency).amount, terms.currency, locale=babel_locale(terms.locale)))


def _unit(text: str, end: int) -> tuple[str, int]:
    if _ON_HAND.match(text, end):
        return "unit", end
    match = _UNIT.match(text, end)
    if match is None:
        return "", end
    noun = match["noun"].lower()
    unit = UNITS.get(noun) or UNITS.get(noun.removesuffix("s"), "")
    return (unit, match.end()) if unit else ("", end)


def _between(first: Number, second: Number, text: str) -> Range | None:
    """Two numbers with "to" between, or "and" after "between"."""
    joint = _JOINT.fullmatch(text, first.end, second.start)
    if joint is None:
        return None
    opened = re.search(r"\b(?P<word>between|from)\s+(?:[€£$]\s*)?$", text[: first.start], re.I)
    neighbours = second.unit == "star" and not first.unit and second.amount - first.amount == 1  # "the 4 and 5 star reviews"
    if joint["joint"].lower() in ("and", "or") and not neighbours and not (opened and opened["word"].lower() == "between"):
        return None
    if first.currency and second.currency and first.currency != second.currency:
        return None
    low, high = sorted((first.amount, second.amount))
    if joint["joint"].lower() == "to" and not opened and _bound_before(first, text) is not None:
        return None  # "what costs less than 10 euros ‖ to 9.95"
    said_from_to = joint["joint"].lower() == "to" and not (opened and opened["word"].lower() == "between")
    return Range(
        start=opened.start() if opened else first.start, end=second.end, at_least=first.amount if said_from_to else low,
        at_most=second.amount if said_from_to else high, currency=second.currency or first.currency,
        unit=second.unit or first.unit, from_to=said_from_to,
    )  # fmt: skip


def _bound_before(value: Number, text: str) -> tuple[str, int] | None:
    """Which bound the words right before a number make of it, and where they begin: "less than ‖ 10"."""
    for pattern, bound in COMPARE:
        if said := pattern.search(text, max(0, value.start - LED_BY), value.start):
            return bound, said.start()
    return None


def _compared(value: Number | Range | Impossible, text: str) -> Number | Range | Impossible:
    if not isinstance(value, Number) or _MOVED_UP_TO.search(text, max(0, value.start - LED_BY), value.start):
        return value
    if (led := _bound_before(value, text)) is not None:
        return bounded(value, led[0], led[1], value.end, value.unit)
    for pattern, bound in ((_OR_MORE, "at_least"), (_OR_LESS, "at_most")):
        if said := pattern.match(text, value.end):
            unit, end = (value.unit, said.end()) if value.unit else _unit(text, said.end())
            return bounded(value, bound, value.start, end, unit)
    return value


def bounded(value: Number, bound: str, start: int, end: int, unit: str) -> Range:
    bounds = {name: value.amount if name == bound else None for name in ("at_least", "above", "at_most", "below")}
    return Range(
        start=start, end=end, currency=value.currency, unit=unit, at_least=bounds["at_least"], above=bounds["above"],
        at_most=bounds["at_most"], below=bounds["below"],
    )  # fmt: skip


def unreadable(said: str, start: int, end: int, kind: str) -> Impossible:
    return Impossible(start=start, end=end, kind=kind, question=f"“{said.strip()}” could not be read as a number. Which number did you mean?")  # type: ignore[arg-type]  # one of the kinds by the callers above


def two_ways(number: TwoWays, start: int, end: int, kind: str, show) -> Impossible:  # type: ignore[no-untyped-def]
    options = tuple((plain(n), show(n)) for n in number.readings)
    return Impossible(start=start, end=end, kind=kind, question=f"Did you mean {options[0][1]} or {options[1][1]}?", options=options)  # type: ignore[arg-type]
