"""The words of a clause as typed values in the shop's terms: money, percents, counts, ranges, dates, numbers of orders.

The grammar reads the whole clause; the reader's slots tell it which text is a name or a title, whose digits are no
amounts. Nothing is rounded, guessed or made zero: what cannot be, or can be read in two ways, becomes a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeVar

from babel.numbers import format_currency, format_decimal, get_currency_symbol

from agent.planning.language.normalise_numbers import NUMBER, TwoWays, babel_locale, plain, read_number
from agent.planning.language.periods import find_periods
from agent.planning.language.values import Dates, Ending, Impossible, Named, Number, Range, Share, Spot, Terms, Top, Value, Values, Words
from agent.records import SlotSpan
from agent.sdk import Money

S = TypeVar("S", bound=Spot)
Way = Literal[-1, 0, 1]

_OPAQUE = frozenset({"value", "discount", "tag", "topic"})
"""Kinds of slot whose text is a name: its digits are not amounts."""


def normalise(text: str, start: int, end: int, slots: Sequence[SlotSpan], terms: Terms, *, ahead: bool = False) -> Values:
    """The values of the clause `text[start:end]`, in reading order.

    Args:
        slots: The reader's, with places in the whole text.
        ahead: Days are days to come, as for something to be set up; else days gone by, as for a report.
    """
    clause = _amounts_bared(text[start:end], slots, start)
    empty = [Impossible(start=m.start(), end=m.end(), kind="text", question=_EMPTY) for m in _QUOTED_NOTHING.finditer(clause)]
    quoted = [Words(start=m.start(), end=m.end(), kind="quoted", text=m["text"]) for m in _QUOTED.finditer(clause)]
    marked = [Words(start=s.start - start, end=s.end - start, kind=s.kind, text=text[s.start : s.end]) for s in slots]
    marked = [w for w in marked if not any(w.overlaps(e) for e in empty) and not (w.kind in _OPAQUE and _ARTICLE.fullmatch(w.text))]
    # neither a feast nor what is counted is a code: "200 redemptions"
    marked = [w for w in marked if not (w.kind == "discount" and (_FEAST_DAY.fullmatch(w.text) or w.text.lower().removesuffix("s") in _UNITS))]
    opaque = [*quoted, *empty, *(Spot(start=m.start(), end=m.end()) for m in _LAW.finditer(clause)), *(w for w in marked if w.kind in _OPAQUE)]
    bare = _blanked(clause, opaque)
    found: list[Value] = [*empty, *_forms(bare)]
    bare = _blanked(bare, found)
    found += _dates(bare, marked, terms, ahead=ahead)
    bare = _blanked(bare, found)
    found += _endings(bare)
    bare = _blanked(bare, found)
    found += _shares(bare, terms)
    bare = _blanked(bare, found)
    found += _tops(bare, terms)
    bare = _blanked(bare, found)
    found += _free(bare)
    found += _notes(bare, terms)
    bare = _blanked(bare, [v for v in found if isinstance(v, Number)])
    found += _numbers(bare, terms)
    named = [w for w in marked if w.kind == "product"]
    texts = [*(q for q in quoted if not any(q.within(n.start, n.end) for n in named)), *(w for w in marked if not any(w.overlaps(q) for q in quoted))]
    return Values(items=tuple(_moved(value, start) for value in sorted([*found, *texts], key=lambda v: (v.start, -v.end))))


_ARTICLE = re.compile(r"\W*(?:the|an?|our|my|all|this|that|it)\W*", re.I)
"""A mark on no more than that is a slip of the reader's."""
_FEAST_DAY = re.compile(r"black(?:\s+friday)?|cyber(?:\s+monday)?|christmas|xmas|easter|halloween", re.I)
_LAW = re.compile(r"\b(?:article|art\.?|section|§)\s*\d{1,3}\b(?:\s*\(\d\))?", re.I)


def _moved(value: S, by: int) -> S:
    return replace(value, start=value.start + by, end=value.end + by)


def _blanked(text: str, spots: Sequence[Spot]) -> str:
    """The text with these places made empty, so that nothing is read twice; offsets stay."""
    for spot in spots:
        text = text[: spot.start] + "\0" * (spot.end - spot.start) + text[spot.end :]
    return text


_QUOTED = re.compile(r"(?:[\"“„«](?=[^\"”“»]+[\"”“»])|(?<!\w)['‘](?=[^'’]+['’](?!\w)))(?P<text>[^\"”“»]+?)(?:[\"”“»]|['’](?!\w))")
_QUOTED_NOTHING = re.compile(r"[\"“„«]\s*[\"”“»]|(?<!\w)['‘]\s*['’](?!\w)")
_EMPTY = "There is nothing between the quotes. What should it say?"
_AMOUNT = re.compile(r"\s*[€$£]?\s*-?\d[\d.,'’\s]*(?:\s*(?:[€$£%]|eur(?:os?)?|usd|dollars?|gbp|pounds?|percent))?\s*", re.I)
_PRICED = re.compile(r"\b(?:prices?|priced|costs?)\b", re.I)


def _amounts_bared(clause: str, slots: Sequence[SlotSpan], offset: int) -> str:
    """The clause without the quotes around amounts: the price "1,299.00" is one, the title "1984" is none."""
    for match in _QUOTED.finditer(clause):
        spot = Spot(start=match.start() + offset, end=match.end() + offset)
        kinds = {s.kind for s in slots if s.start < spot.end and spot.start < s.end}
        is_amount = kinds & {"money", "percent", "quantity"} if kinds else _PRICED.search(clause)
        if is_amount and not kinds & _OPAQUE and _AMOUNT.fullmatch(match["text"]):
            clause = f"{clause[: match.start()]} {match['text']} {clause[match.end() :]}"
    return clause


_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ORDERS = re.compile(
    r"#\s?(?P<hash>\d{1,12})\b|\b(?:order(?:s)?|invoice)\s+(?:number|no\.?|nr\.?)?\s*(?P<number>\d{3,12})\b(?!\s*(?:%|€|\$|£|(?:euros?|eur|dollars?|usd|pounds?|gbp|bucks)\b))",
    re.I,
)
_CALLED_CODE = r"\b(?:code|coupon|voucher)s?\s+(?:called\s+|named\s+)?"
_CODE = re.compile(
    rf"{_CALLED_CODE}(?P<code>(?=[A-Z0-9_-]*[A-Z])[A-Z0-9][A-Z0-9_-]{{2,39}})\b"
    rf"|{_CALLED_CODE}(?P<short>(?!I\b)[A-Z][A-Z0-9]?)(?=\s+(?:with|for|worth|giving|that|which|at|and|of|until|on|to|\d)|\s*(?:[,.;:]|$))"
    r"|\b(?P<lone>(?=[A-Z]*\d)[A-Z][A-Z0-9_]{3,39}\d)\b"
)
_SKU = re.compile(r"\b(?P<sku>[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)+)\b")


def _forms(text: str) -> Iterator[Named]:
    """What is known by its form alone."""
    taken: list[Named] = []
    for pattern, kind in ((_EMAIL, "email"), (_ORDERS, "order"), (_CODE, "code"), (_SKU, "sku")):
        for match in pattern.finditer(text):
            group = match.lastgroup
            start, end = match.span(group) if group and kind != "order" else match.span()
            said = match[group] if group else match[0]
            named = Named(start=start, end=end, kind=kind, text=f"#{said}" if kind == "order" else said, said=match[0])  # type: ignore[arg-type]  # a literal of the loop above
            if not any(named.overlaps(other) for other in taken):
                taken.append(named)
                yield named


def _dates(text: str, marked: Sequence[Words], terms: Terms, *, ahead: bool) -> list[Value]:
    """Periods of the text; one the reader marked as compared with is so, also where no "vs" stands before it."""
    compared = [w for w in marked if w.kind == "compare"]
    found: list[Value] = []
    for value in find_periods(text, terms, ahead=ahead):
        if isinstance(value, Dates) and any(value.overlaps(word) for word in compared) and found:
            value = replace(value, compared=True)
        found.append(value)
    return found


_ENDING = re.compile(
    r"\b(?:end(?:ing|s)?|round(?:ed|ing)?|finish(?:ing)?)\s+(?P<between>(?:\w+\s+){0,3}?)(?P<tail>(?:in|at|to|on|with)\s+(?:the\s+nearest\s+)?(?:[€$£]?0?[.,]|[xX][.,])?(?P<cents>\d\d)\b(?![.,\d%])(?:\s+cents?)?)",
    re.I,
)
_ENDING_LONE = re.compile(r"(?<![\d\w])(?P<tail>[.,](?P<cents>\d\d)\b(?![.,\d%]))")


def _endings(text: str) -> list[Value]:
    patterns = (_ENDING, _ENDING_LONE) if re.search(r"\bend|\bround|\bto\s+the\s+nearest|\bfinish", text, re.I) else (_ENDING,)
    for pattern in patterns:
        if match := pattern.search(text):
            # the goods of "round all soap prices to .95" stand between
            start = match.start("tail") if match.groupdict().get("between") else match.start()
            return [Ending(start=start, end=match.end(), cents=Decimal(match["cents"]) / 100)]
    return []


_PERCENT = re.compile(r"\s*(?:%|percent\b|per\s+cent\b|pct\b)", re.I)
_FRACTIONS = {
    "half": "50", "a third": "33.33", "one third": "33.33", "a quarter": "25", "one quarter": "25", "a fifth": "20", "one fifth": "20",
    "a tenth": "10", "one tenth": "10", "two thirds": "66.67", "three quarters": "75",
}  # fmt: skip
_ANY_FRACTION = "|".join(_FRACTIONS)
_FRACTION = re.compile(
    rf"\b(?P<share>{_ANY_FRACTION})\b(?=\s+(?:off|price|of\s+(?:the|its|their)\s+price|cheaper|less|more)\b|\s*$)"
    rf"|\b(?P<verb>halve|double|triple)\b(?=.*\bprices?\b)|\bby\s+(?P<by>{_ANY_FRACTION})\b",
    re.I,
)
_DOWN = re.compile(
    r"\b(?:cut|cuts|lower(?!\s+than)|lowered|reduce|reduced|drop|decrease|discount|discounted|mark(?:ed)?\s+down|markdown|slash|knock|take|down|minus|cheaper(?!\s+than)|sale|off|shave|trim|less(?!\s+than)|reduction|rebate)\b",
    re.I,
)
_UP = re.compile(
    r"\b(?:raise|increase|increased|bump|hike|up|mark\s+up|add|plus|dearer(?!\s+than)|put\s+up|higher(?!\s+than)|more(?!\s+than))\b", re.I
)
_AFTER_DOWN = re.compile(r"\s*(?:off|less|cheaper|discount|down|reduction|lower|rebate|sale|code|coupon|voucher)\b", re.I)
_AFTER_UP = re.compile(r"\s*(?:more|up|dearer|higher|increase|extra|on\s+top)\b", re.I)


def _shares(text: str, terms: Terms) -> list[Value]:
    found: list[Value] = []
    for match in NUMBER.finditer(text):
        sign = _PERCENT.match(text, match.end())
        if sign is None:
            continue
        start, end = match.start(), sign.end()
        number = read_number(match, terms.locale)
        if number is None:
            found.append(_unreadable(text[start:end], start, end, "percent"))
        elif isinstance(number, TwoWays):
            found.append(_two_ways(number, start, end, "percent", lambda n: f"{plain(n)}%"))
        elif (condition := _share_meant(text, start, end, number)) is not None:
            found.append(condition)
        else:
            found.append(Share(start=start, end=end, percent=number, direction=_way(text, start, end)))
    for match in _FRACTION.finditer(text):
        verb = (match["verb"] or "").lower()
        said = re.sub(r"\s+", " ", (match["share"] or match["by"] or "")).lower()
        percent = Decimal({"halve": "50", "double": "100", "triple": "200"}[verb] if verb else _FRACTIONS[said])
        after = text[match.end() :].lstrip().lower()
        way: Way = -1 if verb == "halve" or after.startswith(("price", "of ")) else 1 if verb else _way(text, match.start(), match.end())
        if match["share"] and after.startswith(("price", "of ")):
            percent = 100 - percent  # "half price", "a third of its price"
        start, end = match.span(match.lastgroup or 0)
        found.append(Share(start=start, end=end, percent=percent, direction=way))
    return found


_OF_SHARES = re.compile(r"\b(?:margins?|mark-?ups?)\s+(?:(?:that|which)\s+)?(?:(?:is|are|was|were|of)\s+)?(?:(?:just|only|still)\s+)?$", re.I)
_SHARES_AFTER = re.compile(r"\s*(?:gross\s+|profit\s+)?(?:margins?|mark-?ups?)\b", re.I)


def _share_meant(text: str, start: int, end: int, number: Decimal) -> Range | None:
    """ "A margin below 30%", "less than 20% margin": a condition on a figure that is a share itself, and nothing to move a price by."""
    led = text[max(0, start - _LED_BY) : start]
    for pattern, bound in _COMPARE:
        if (compared := pattern.search(led)) is None:
            continue
        begin = start - len(led) + compared.start()
        if _OF_SHARES.search(text[:begin]) is None and _SHARES_AFTER.match(text, end) is None:
            return None
        return _bounded(Number(start=start, end=end, amount=number), bound, begin, end, "percent")
    return None


def _way(text: str, start: int, end: int) -> Way:
    """Which way the words around a change point: what follows directly, else the last verb before."""
    if _AFTER_DOWN.match(text, end):
        return -1
    if _AFTER_UP.match(text, end):
        return 1
    down, up = (max((m.start() for m in pattern.finditer(text, 0, start)), default=-1) for pattern in (_DOWN, _UP))
    if down != up:
        return -1 if down > up else 1
    return -1 if _DOWN.search(text, end) else 1 if _UP.search(text, end) else 0


_TOP = re.compile(
    r"\b(?<!at\s)(?:(?P<word>top|best|first|bottom|worst|last|latest|newest|oldest|largest|biggest|highest|lowest|least|most\s+recent|cheapest)(?:[\s-]+(?:selling|sold|rated))?)\s+(?P<n>\d{1,4}|"
    r"two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|fifty|a\s+hundred)\b(?![\s-]*(?:%|percent|days?|weeks?|months?|years?|quarters?|hours?|euros?|dollars?|pounds?|€|\$|£|stars?|[.,]\d))"
    r"|\b(?:the\s+)?(?P<n2>\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)\s+(?P<word2>best|worst|top|bottom|most|least|largest|biggest|highest|lowest|latest|newest|oldest|slowest|cheapest|dearest|priciest)(?:[\s-]?(?:selling|sellers?|sold))?\b"
    r"|\b(?:which|what)\s+(?P<n3>\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)\s+"
    r"(?=(?:\w+\s+)?[a-z]+s\b[^,.;?]{0,60}?\b(?P<word3>most|best|highest|largest|biggest|strongest|least|worst|fewest|lowest|weakest)\b)",
    re.I,
)
_ONE_OF_ALL = re.compile(
    r"\b(?:the|our|my)\s+(?:(?:single|one)\s+)?(?P<noun>customer|buyer|client|product|item|article|order|variant|collection|discount|code|reviewer|shopper|person)\s+"
    r"(?:(?:who|that|which|has|have|had|with|of|is|was|brought|made|sold|placed|spent|got|gets|did|does|we|in|us)\s+){1,4}?(?:the\s+)?"
    r"(?P<word>most|highest|largest|biggest|best|lowest|fewest|least|worst|smallest|oldest|newest|longest)\b",
    re.I,
)
"""One thing asked for that is first of all: "the customer with the most orders"."""
_LAST_REVIEW = re.compile(r"\b(?:the|our|my)\s+(?:very\s+)?(?:last|latest|newest|most\s+recent)\s+(?:\w+\s+)?(?P<noun>review)\b", re.I)
_LOW = {"bottom", "worst", "lowest", "least", "slowest", "fewest", "weakest"}


def _tops(text: str, terms: Terms) -> list[Value]:
    found: list[Value] = []
    for match in _TOP.finditer(text):
        name = next(group for group in ("n", "n2", "n3") if match[group])
        n, word = match[name], (match["word"] or match["word2"] or match["word3"]).lower()
        number = NUMBER.fullmatch(n)
        count = read_number(number, terms.locale) if number else None
        if isinstance(count, Decimal):
            # the ranking word stays readable, since "worst" and "latest" also say how to sort
            start, end = match.span(name)
            found.append(Top(start=start, end=end, n=int(count), lowest=word in _LOW))
    if not found and (last := _LAST_REVIEW.search(text)) is not None:
        found.append(Top(start=last.start("noun"), end=last.start("noun"), n=1))
    if not found and (one := _ONE_OF_ALL.search(text)) is not None:
        start = one.start("noun")
        found.append(Top(start=start, end=start, n=1, lowest=one["word"].lower() in _LOW))
    return found


_FREE = re.compile(
    r"(?:\b(?:to|for|at|cost|costs|price[ds]?|sell|make|give)\b[^\0]{0,40}?)\b(?P<free>free|nothing|gratis|zero)\b(?!\s+(?:shipping|delivery|postage|gift|sample|returns|ship|of\b)|-)",
    re.I,
)


def _free(text: str) -> Iterator[Impossible]:
    if match := _FREE.search(text):
        start, end = match.span("free")
        question = "Storehand does not give goods away: a price must be more than nothing. What should it cost?"
        yield Impossible(start=start, end=end, kind="money", question=question)


_NOTES = {"fiver": 5, "tenner": 10}
_NOTE = re.compile(rf"\b(?:(?P<n>an?|one|two|three|four|five|\d{{1,2}})\s+)?(?P<note>{'|'.join(_NOTES)})s?\b", re.I)


def _notes(text: str, terms: Terms) -> Iterator[Number]:
    """ "A fiver", "two tenners": in the shop's own money."""
    for match in _NOTE.finditer(text):
        n = (match["n"] or "one").lower()
        said = None if n in ("a", "an", "one") else NUMBER.fullmatch(n)
        times = read_number(said, terms.locale) if said else Decimal(1)
        if isinstance(times, Decimal):
            yield Number(start=match.start(), end=match.end(), amount=times * _NOTES[match["note"].lower()], currency=terms.currency)


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
_UNITS = {
    "order": "order", "purchase": "order", "unit": "unit", "piece": "unit", "pc": "unit", "item": "unit", "copy": "unit",
    "copie": "unit", "star": "star", "day": "day",
    "week": "week", "month": "month", "year": "year", "hour": "hour", "customer": "customer", "people": "customer",
    "use": "use", "redemption": "use", "time": "time", "review": "review", "product": "product",
    "variant": "variant", "percent": "percent", "rating": "star", "sale": "unit", "word": "word", "sentence": "sentence",
}  # fmt: skip
_UNIT = re.compile(r"(?:\s+(?:more|fewer|extra|other|different|separate|further|full|left\s+in)\b)?[\s-]*(?:of\s+)?(?P<noun>[a-z]+)", re.I)

_ON_HAND = re.compile(r"\s+(?:(?:(?:are|is)\s+)?(?:left|in\s+stock|on\s+hand)\b|of(?:\s+(?:them|it|those|each))?\s*(?:$|[,.;?!]))", re.I)
"""Said of units without naming them: "more than 50 in stock"."""

_COMPARE = [
    (re.compile(rf"\b(?:{said.replace(' ', chr(92) + 's+')})\s*$" if said[0].isalpha() else rf"(?:{said})\s*$", re.I), bound)
    for said, bound in [
        ("no less than|not less than|at least|a minimum of|minimum(?: of)?|min|starting at", "at_least"),
        ("no more than|not more than|at most|up to|a maximum of|maximum(?: of)?|max|at the most", "at_most"),
        ("more than|greater than|larger than|higher than|over|above|exceeding|exceeds?|upwards of|dearer than|better than|in excess of", "above"),
        ("less than|fewer than|lower than|smaller than|under|below|cheaper than|beneath|worse than", "below"),
        (">=|≥|=>", "at_least"), ("<=|≤|=<", "at_most"), (">", "above"), ("<", "below"),
    ]
]  # fmt: skip
_MOVED_UP_TO = re.compile(r"\b(?:bring|raise|put|push|move|take|bump|hike|mark|increase|get)\b[^,;.]*\bup\s+to\s*$", re.I)
"""Then it is the new amount, not the most of a range."""
_LED_BY = 200
"""Characters before a number in which the words that lead to it are looked for: in all of a long text it would take too long."""
_OR_MORE = re.compile(r"\s*(?:\+|or\s+(?:more|higher|above|over|better|up|greater|larger|dearer)\b|and\s+(?:up|above|over|more)\b|plus\b)", re.I)
_OR_LESS = re.compile(r"\s*(?:or\s+(?:less|fewer|lower|below|under|worse|cheaper|smaller|down)\b|and\s+(?:under|below|less|fewer)\b)", re.I)
_JOINT = re.compile(r"\s*(?P<joint>and|to|-|–|—|or)\s*(?:[€£$]\s*)?", re.I)


def _numbers(text: str, terms: Terms) -> list[Number | Range | Impossible]:
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
                value = _bounded(value, bounds[0], value.start, value.end, value.unit)
        before = value
        yield value


def _one_number(match: re.Match[str], text: str, terms: Terms) -> Number | Impossible | None:
    start, end = match.span()
    before, after = _BEFORE_NUMBER.search(text, max(0, start - _LED_BY), start), _AFTER_NUMBER.match(text, end)
    cents = None if before or after else _CENTS.match(text, end)
    mark = before or after
    number = read_number(match, terms.locale)
    start, end = before.start() if before else start, after.end() if after and not before else cents.end() if cents else end
    unit, unit_end = ("", end) if mark or cents else _unit(text, end)
    if match["spelled"] and match["spelled"].lower() == "one" and not (mark or unit):
        return None  # "the red one"
    if number is None:
        return _unreadable(text[start:end], start, end, "money" if mark else "number")
    if isinstance(number, TwoWays):
        show = (lambda n: _shown(n, terms)) if mark else lambda n: str(format_decimal(n, locale=babel_locale(terms.locale)))
        return _two_ways(number, start, end, "money" if mark else "number", show)
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
    unit = _UNITS.get(noun) or _UNITS.get(noun.removesuffix("s"), "")
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
    said_from_to = joint["joint"].lower() == "to" and not (opened and opened["word"].lower() == "between")
    return Range(
        start=opened.start() if opened else first.start, end=second.end, at_least=first.amount if said_from_to else low,
        at_most=second.amount if said_from_to else high, currency=second.currency or first.currency,
        unit=second.unit or first.unit, from_to=said_from_to,
    )  # fmt: skip


def _compared(value: Number | Range | Impossible, text: str) -> Number | Range | Impossible:
    if not isinstance(value, Number) or _MOVED_UP_TO.search(text, near := max(0, value.start - _LED_BY), value.start):
        return value
    for pattern, bound in _COMPARE:
        if said := pattern.search(text, near, value.start):
            return _bounded(value, bound, said.start(), value.end, value.unit)
    for pattern, bound in ((_OR_MORE, "at_least"), (_OR_LESS, "at_most")):
        if said := pattern.match(text, value.end):
            unit, end = (value.unit, said.end()) if value.unit else _unit(text, said.end())
            return _bounded(value, bound, value.start, end, unit)
    return value


def _bounded(value: Number, bound: str, start: int, end: int, unit: str) -> Range:
    bounds = {name: value.amount if name == bound else None for name in ("at_least", "above", "at_most", "below")}
    return Range(
        start=start, end=end, currency=value.currency, unit=unit, at_least=bounds["at_least"], above=bounds["above"],
        at_most=bounds["at_most"], below=bounds["below"],
    )  # fmt: skip


def _unreadable(said: str, start: int, end: int, kind: str) -> Impossible:
    return Impossible(start=start, end=end, kind=kind, question=f"“{said.strip()}” could not be read as a number. Which number did you mean?")  # type: ignore[arg-type]  # one of the kinds by the callers above


def _two_ways(number: TwoWays, start: int, end: int, kind: str, show) -> Impossible:  # type: ignore[no-untyped-def]
    options = tuple((plain(n), show(n)) for n in number.readings)
    return Impossible(start=start, end=end, kind=kind, question=f"Did you mean {options[0][1]} or {options[1][1]}?", options=options)  # type: ignore[arg-type]
