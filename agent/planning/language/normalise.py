"""The words of a clause as typed values in the shop's terms: money, percents, counts, ranges, dates, numbers of orders.

The grammar reads the whole clause; the reader's slots tell it which text is a name or a title, whose digits are no
amounts. Nothing is rounded, guessed or made zero: what cannot be, or can be read in two ways, becomes a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from agent.planning.language.amounts import UNITS, numbers
from agent.planning.language.fragments import OUR
from agent.planning.language.normalise_numbers import NUMBER, read_number
from agent.planning.language.periods import find_periods
from agent.planning.language.shares import shares
from agent.planning.language.values import Dates, Ending, Impossible, Named, Number, Spot, Terms, Top, Value, Values, Words
from agent.records import SlotSpan

S = TypeVar("S", bound=Spot)
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
    marked = [_marked(text, s, start) for s in slots]
    marked = [w for w in marked if not any(w.overlaps(e) for e in empty) and not (w.kind in _OPAQUE and _ARTICLE.fullmatch(w.text))]
    # "set the compare at price to ‖ 139": what stands after a word for prices is an amount, however it was marked
    marked = [w for w in marked if not (w.kind == "value" and _AMOUNT.fullmatch(w.text) and _PRICED.search(clause, 0, w.start))]
    # neither a feast nor what is counted is a code: "200 redemptions"
    marked = [w for w in marked if not (w.kind == "discount" and (_FEAST_DAY.fullmatch(w.text) or w.text.lower().removesuffix("s") in UNITS))]
    opaque = [*quoted, *empty, *(Spot(start=m.start(), end=m.end()) for m in _LAW.finditer(clause)), *(w for w in marked if w.kind in _OPAQUE)]
    bare = _blanked(clause, opaque)
    found: list[Value] = [*empty, *_forms(bare)]
    bare = _blanked(bare, found)
    found += _dates(bare, marked, terms, ahead=ahead)
    bare = _blanked(bare, [*found, *(v.apart for v in found if isinstance(v, Dates) and v.apart)])
    found += _endings(bare)
    bare = _blanked(bare, found)
    found += shares(bare, terms)
    bare = _blanked(bare, found)
    found += _tops(bare, terms)
    bare = _blanked(bare, found)
    found += _free(bare)
    found += _notes(bare, terms)
    bare = _blanked(bare, [v for v in found if isinstance(v, Number)])
    found += numbers(bare, terms)
    named = [w for w in marked if w.kind == "product"]
    texts = [*(q for q in quoted if not any(q.within(n.start, n.end) for n in named)), *(w for w in marked if not any(w.overlaps(q) for q in quoted))]
    return Values(items=tuple(_moved(value, start) for value in sorted([*found, *texts], key=lambda v: (v.start, -v.end))))


_NAMED = re.compile(r"(?:called|named|titled|entitled)\s+(?=\S)", re.I)


def _marked(text: str, slot: SlotSpan, offset: int) -> Words:
    """Words that the reader marked; of "called Last Chance" the name."""
    led = _NAMED.match(text, slot.start, slot.end) if slot.kind == "value" else None
    begin = led.end() if led else slot.start
    return Words(start=begin - offset, end=slot.end - offset, kind=slot.kind, text=text[begin : slot.end])


_ARTICLE = re.compile(r"\W*(?:the|an?|our|my|all|this|that|it)\W*", re.I)
"""A mark on no more than that is a slip of the reader's."""
_FEAST_DAY = re.compile(r"black(?:\s+friday)?|cyber(?:\s+monday)?|christmas|xmas|easter|halloween", re.I)
_LAW = re.compile(r"\b(?:article|art\.?|section|§)\s*\d{1,3}\b(?:\s*\(\d\))?", re.I)


def _moved(value: S, by: int) -> S:
    if isinstance(value, Dates) and value.apart is not None:
        value = replace(value, apart=_moved(value.apart, by))
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
_STEP = re.compile(r"\b(?:nearest|next|closest)\s+(?:[€$£]?0?[.,])?(?:05|5|10|50)(?:\s+cents?)?$", re.I)
_ENDING_LONE = re.compile(r"(?<![\d\w])(?P<tail>[.,](?P<cents>\d\d)\b(?![.,\d%]))")


def _endings(text: str) -> list[Value]:
    patterns = (_ENDING, _ENDING_LONE) if re.search(r"\bend|\bround|\bto\s+the\s+nearest|\bfinish", text, re.I) else (_ENDING,)
    for pattern in patterns:
        if match := pattern.search(text):
            if _STEP.search(match[0]):
                return []  # "to the nearest 50 cents" rounds in steps, and gives no ending
            # the goods of "round all soap prices to .95" stand between
            start = match.start("tail") if match.groupdict().get("between") else match.start()
            return [Ending(start=start, end=match.end(), cents=Decimal(match["cents"]) / 100)]
    return []


_TOP = re.compile(
    r"\b(?<!at\s)(?:(?P<word>top|best|first|bottom|worst|last|latest|newest|oldest|largest|biggest|highest|lowest|least|most\s+recent|cheapest)(?:[\s-]+(?:selling|sold|rated))?)\s+(?P<n>\d{1,4}|"
    r"two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|fifty|a\s+hundred)\b(?![\s-]*(?:%|percent|days?|weeks?|months?|years?|quarters?|hours?|euros?|dollars?|pounds?|€|\$|£|stars?|[.,]\d))"
    r"|\b(?:the\s+)?(?P<n2>\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)\s+(?P<word2>best|worst|top|bottom|most|least|largest|biggest|highest|lowest|latest|newest|oldest|slowest|cheapest|dearest|priciest)(?:[\s-]?(?:selling|sellers?|sold))?\b"
    r"|\b(?:which|what)\s+(?P<n3>\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)\s+"
    r"(?=(?:\w+\s+)?[a-z]+s\b[^,.;?]{0,60}?\b(?P<word3>most|best|highest|largest|biggest|strongest|least|worst|fewest|lowest|weakest)\b)",
    re.I,
)
_ONE_OF_ALL = re.compile(
    rf"\b(?:{OUR})\s+(?:(?:single|one)\s+)?(?P<noun>customer|buyer|client|product|item|article|order|variant|collection|discount|code|reviewer|shopper|person)\s+"
    r"(?:(?:who|that|which|has|have|had|with|of|is|was|brought|made|sold|placed|spent|got|gets|did|does|we|in|us)\s+){1,4}?(?:the\s+)?"
    r"(?P<word>most|highest|largest|biggest|best|lowest|fewest|least|worst|smallest|oldest|newest|longest)\b",
    re.I,
)
"""One thing asked for that is first of all: "the customer with the most orders"."""
_LAST_REVIEW = re.compile(r"\b(?:the|our|my)\s+(?:very\s+)?(?:last|latest|newest|most\s+recent)\s+(?:[\w-]+\s+){0,3}?(?P<noun>review)\b", re.I)
_ONE_THING = re.compile(
    r"(?:\b(?:the|our|my)\s+(?:very\s+)?|^\W*)(?:latest|newest|most\s+recent|oldest|earliest|largest|biggest|highest|smallest|cheapest|most\s+expensive)\s+"
    r"(?:(?!of\b|in\b|on\b|and\b)[\w-]+\s+){0,2}?(?P<noun>order|invoice)\b(?![\s-]+(?:dates?|values?|numbers?|totals?)\b)",
    re.I,
)
""" "The oldest open order" is one of them, and what is done with it is done to no other."""
_WHICH_ONE = re.compile(
    r"\b(?:which|what)\s+(?P<noun>order|invoice)\s+(?:is|was|were|has\s+been)\s+(?:(?:the|our|my)\s+)?(?:very\s+)?"
    r"(?:latest|newest|last|first|most\s+recent|oldest|earliest|largest|biggest|highest|smallest|cheapest|lowest|most\s+expensive)\b",
    re.I,
)
""" "Which order was the largest": one."""
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
    if not found and (last := _LAST_REVIEW.search(text) or _ONE_THING.search(text) or _WHICH_ONE.search(text)) is not None:
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


_A_EURO = re.compile(r"(?<!half\s)\b(?P<a>an?)\s+(?:euro|dollar|pound|quid|buck|franc)\b(?!\s+(?:shop|store|sign|symbol|price|amount)\b|s\b)", re.I)
""" "A euro cheaper"."""


def _notes(text: str, terms: Terms) -> Iterator[Number]:
    """ "A fiver", "two tenners": in the shop's own money."""
    for match in _NOTE.finditer(text):
        n = (match["n"] or "one").lower()
        said = None if n in ("a", "an", "one") else NUMBER.fullmatch(n)
        times = read_number(said, terms.locale) if said else Decimal(1)
        if isinstance(times, Decimal):
            yield Number(start=match.start(), end=match.end(), amount=times * _NOTES[match["note"].lower()], currency=terms.currency)
    for match in _A_EURO.finditer(text):
        counted = f"{' ' * (match.end('a') - 1)}1{text[match.end('a') : match.end()]}"
        yield from (replace(one, start=match.start()) for one in numbers(counted, terms) if isinstance(one, Number))
