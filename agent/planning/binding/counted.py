"""How many of each: the numbers that stand before goods, for tasks with a field for it ("2 blue mugs and 1 candle")."""

from __future__ import annotations

import re
from decimal import Decimal

from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.values import Number, Range, Spot
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of

ANY = ""
"""The key of a number whose goods are still to be asked for: it is of whatever they turn out to be."""
_BETWEEN = re.compile(
    r"\s*(?:x\b|×|\*)?\s*(?:(?:units?|pieces?|pcs|pairs?|boxes|packs?|sets?)\b\s*)?(?:of\b\s*)?(?:(?:the|those|these|our|my|her|his|their)\b\s*)?",
    re.I,
)
_DAYS = frozenset({"day", "week", "month", "year", "hour"})


def reserve(bound: Bound, scope: Scope) -> None:
    """Keep the numbers that count goods from the fields for amounts: "refund 2 mugs" gives nobody 2 euros."""
    if not any("counts" in slot.types for slot in bound.task.slots):
        return
    for value in (*bound.piece.values.items, *_times(bound)):
        if (
            isinstance(value, Number)
            and not value.currency
            and value.unit not in _DAYS
            and not bound.takes(value)
            and counts_goods(value, bound, scope)
        ):
            bound.counted.append(value)
            bound.taken.append(Spot(start=value.start, end=value.end))
    _of_so_many(bound)
    if bound.counted:
        bound.counted += [one for one in _one_more(bound) if not bound.takes(one)]


_OF_SO_MANY = re.compile(
    r"\b(?P<n>\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:out\s+)?of\s+(?:the|these|those|her|his|their|our)\s+$", re.I
)
_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _of_so_many(bound: Bound) -> None:
    """ "Two of the four soaps" are two: the four only say how many there are."""
    for whole in list(bound.counted):
        said = _OF_SO_MANY.search(bound.piece.text, bound.piece.start, whole.start)
        if said is None:
            continue
        n = Decimal(_SMALL.index(said["n"].lower()) + 1 if said["n"].isalpha() else said["n"])
        part = Number(start=said.start("n"), end=whole.end, amount=n)
        bound.counted = [part, *(number for number in bound.counted if not number.overlaps(part))]
        bound.taken.append(Spot(start=part.start, end=part.end))


_ONE_MORE = re.compile(r"(?:,|&|\band\b|\bplus\b|\bwith\b)\s*(?:and\s+)?(?P<n>an?)\s+(?=\w)", re.I)


def _one_more(bound: Bound) -> list[Number]:
    """ "2 napkin sets and a tablecloth": the article counts too, beside a number."""
    piece = bound.piece
    found = [m.span("n") for slot in piece.marked("product") for m in _ONE_MORE.finditer(piece.text, slot.start, slot.end)]
    led = [m.span("n") for slot in piece.marked("product") for m in _ONE_MORE.finditer(piece.text, piece.start, slot.end) if m.end() == slot.start]
    return [Number(start=a, end=b, amount=Decimal(1)) for a, b in dict.fromkeys([*found, *led])]


def counts_goods(value: Number | Range, bound: Bound, scope: Scope) -> bool:
    """Whether goods follow the number: "3 or more ‖ candles"."""
    piece = bound.piece
    between = _BETWEEN.match(piece.text, value.end, piece.end)
    at = between.end() if between else value.end
    if any(s.start <= at < s.end for s in piece.marked("product")):
        return True
    words = words_of(piece.text, at, piece.end)
    named = bool(words) and words[0].text.lower() not in COMMON and not words[0].text.isdigit()  # "refund 20 on 1042" counts no "on"
    return named and words[0].start == at and scope.linker.vocabulary.knows(words[0].stem)


def _times(bound: Bound) -> list[Number]:
    """ "2x blue mug": its number is no word of its own."""
    said = re.finditer(r"(?<![\w.,])(?P<n>\d{1,5})\s?[x×](?=\s)", bound.piece.said, re.I)
    found = [Number(start=bound.piece.start + m.start(), end=bound.piece.start + m.end(), amount=Decimal(m["n"])) for m in said]
    return [n for n in found if not any(n.overlaps(v) for v in bound.piece.values.items if isinstance(v, Number))]


def split(bound: Bound, start: int, end: int) -> list[tuple[int, int]]:
    """A mention cut at the numbers in it: "2 blue mugs and 1 candle" names two things."""
    inside = sorted((n for n in bound.counted if start <= n.start and n.end <= end), key=lambda n: n.start)
    edges = [start, *(edge for number in inside for edge in (number.start, number.end)), end]
    return [
        (a, b)
        for a, b in zip(edges[::2], edges[1::2], strict=True)
        if re.search(r"\w", re.sub(r"\b(?:and|plus|with)\b|&|,", "", bound.piece.text[a:b]))
    ]


_EACH = re.compile(r"\beach\b|\bof\s+every\b|\bapiece\b", re.I)


def _options(part: Linked, scope: Scope) -> list[tuple[str, str]]:
    return [(id, scope.linker.vocabulary.products[id]) for id in part.products[:6]]


def settle(bound: Bound, scope: Scope) -> None:
    """Give each number to the goods after it."""
    slot = next((slot for slot in bound.task.slots if "counts" in slot.types), None)
    if slot is None or not bound.counted:
        return
    counts: dict[str, int] = {}
    for number in bound.counted:
        amount = int(number.amount) if number.amount == int(number.amount) else 0  # half a mug is none: the task says so
        following = [part for part in bound.parts if part.end > number.end]
        meant = min(following, key=lambda part: part.start) if following else None
        if meant is not None and len(meant.products) > 1 and bound.task.effect == "write" and not _EACH.search(bound.piece.said):
            # what is to be bought is one of them; what an order holds already tells by itself
            of = next(slot for slot in bound.task.slots if slot.record == "product" or slot.record == "variant")
            bound.ask(of.name, f"{len(meant.products)} products match “{meant.label}”. Which one do you mean?", _options(meant, scope))
            bound.args.pop(of.name, None)
            return
        for ids in _counted_together(meant, bound) if meant is not None else (ANY,):
            counts[ids] = amount
    bound.args[slot.name] = counts


def _counted_together(part: Linked, bound: Bound) -> tuple[str, ...]:
    """The ids that a number is of: of each where that is said, else of what an order has of all of them together."""
    ids = tuple(part.variants) if part.variants is not None else tuple(part.products)
    return ids if bound.task.effect != "action" or _EACH.search(bound.piece.said) else (" ".join(ids),)


_HAD = re.compile(
    r"\b(?:we|i|you|they)(?:[’']ve)?\s+(?:(?:still|only|currently|now)\s+)*(?:have|hold|stock|keep|got|own)(?:\s+got)?\s+(?:(?:still|only|just)\s+)*$"
    r"|\bthere(?:[’']s|\s+(?:are|is))\s+(?:(?:still|only|just)\s+)*$",
    re.I,
)
_LEFT_OF_IT = re.compile(r"\s*(?:left|in\s+stock|on\s+hand|on\s+the\s+shel(?:f|ves))\b|\s*(?:pieces\s+|units\s+)?of\b(?!\s+(?:the|our|all)\b)", re.I)


_OF_WHICH = re.compile(r"\bof\s+which\s+(?:there\s+(?:are|is)|we(?:[’']ve)?\s+(?:have|got))\s+(?:(?:still|only|just)\s+)*$", re.I)


def is_of_stock(value: Range, bound: Bound) -> bool:
    """Whether so many are in stock: "less than 5 left", "everything we have more than 100 of"."""
    text, after = bound.piece.text, bound.piece.text[value.end :]
    if re.match(r"\s*(?:left|in\s+stock|on\s+hand)", after, re.I) or _OF_WHICH.search(text, bound.piece.start, value.start):
        return True
    return not value.currency and _HAD.search(text, bound.piece.start, value.start) is not None and _LEFT_OF_IT.match(after) is not None
