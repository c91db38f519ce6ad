"""Gives each value to the field it was said for: types first, then the words beside it.

Every pair of value and field that fits is scored, the best pairs win, each field once. Nothing here knows a task; a
field tells by its type, its cues and its description what it takes.
"""

from __future__ import annotations

import re
from collections.abc import Set
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale

from agent.planning.binding.counted import counts_goods
from agent.planning.binding.scope import Bound, Piece, Scope
from agent.planning.language.values import Dates, Ending, Impossible, Named, Number, Range, Share, Spot, Starting, Top, Until, Value, Words
from agent.records.reading import SlotSpan
from agent.sdk import Between, Money, Percent, Slot
from agent.sdk.task import SlotType


def assign(bound: Bound, scope: Scope) -> None:
    pairs = []
    for at, value in enumerate(bound.piece.values.items):
        if bound.takes(value) or any(value.overlaps(number) for number in bound.numbers):
            continue
        for slot in bound.task.slots:
            if (score := 0 if _is_no_amount(value, slot, bound, scope) else _fit(value, slot, bound)) > 0 and not _begins_later(
                value, slot, bound, scope
            ):
                pairs.append((score, -at, value, slot))
    filled, numbered = set(bound.args), set[str]()
    for _, _, value, slot in sorted(pairs, key=lambda pair: (-pair[0], -pair[1])):
        if bound.takes(value) or (slot.name in filled and "texts" not in slot.types):
            continue
        if isinstance(value, Number | Share) and _rivals(slot, bound, numbered):
            continue
        if isinstance(value, Impossible):
            bound.ask(slot.name, value.question, value.options)
        else:
            put_value(bound, slot, value, scope)
        filled.add(slot.name)
        if isinstance(value, Number | Share):
            numbered.add(slot.name)
        bound.taken.append(Spot(start=value.start, end=value.end))


_FROM_TO = re.compile(r"\w\s*(?:\b(?:to|until|till|til|through)\b|-|–|—)\s*\w", re.I)


def _is_from_to(value: Dates, bound: Bound) -> bool:
    """Whether a first and a last day are said."""
    return _FROM_TO.search(bound.piece.of(value)) is not None


def _begins_later(value: Value, slot: Slot, bound: Bound, scope: Scope) -> bool:
    """ "10 euros from 1 until 10 December", said in November, to a task that can only begin now: it is asked about, and neither end is taken."""
    if not isinstance(value, Dates) or "period" in slot.types or "moment" not in slot.types or not _ends(slot):
        return False
    return _is_from_to(value, bound) and value.period.start > scope.terms.now


_BY = re.compile(r"\bby\s*[€$£]?$", re.I)


def _is_no_amount(value: Value, slot: Slot, bound: Bound, scope: Scope) -> bool:
    """ "At least 3 mugs" are not 3 euros, and "by 2 to 10" says two amounts."""
    if not isinstance(value, Range) or value.currency or not {"money", "range_money"} & set(slot.types):
        return False
    return counts_goods(value, bound, scope) or (value.from_to and _BY.search(bound.piece.text[bound.piece.start : value.start]) is not None)


def _rivals(slot: Slot, bound: Bound, numbered: set[str]) -> bool:
    """Whether another field of the same group has a number already: a price is either set or moved."""
    return any(slot.name in group and numbered & set(group) - {slot.name} for group in bound.task.args.one_of)


def _fit(value: Value, slot: Slot, bound: Bound) -> float:
    """How well a value fits a field: 0 not at all, else its type's fitness and what the words beside say."""
    base = type_fit(value, slot) or _tag_fit(value, slot, bound.piece) or _word_fit(value, slot, bound)
    if base <= 0:
        return 0
    if isinstance(value, Number) and not value.currency and "money" in slot.types and _SHARE_OF.match(bound.piece.text, value.end):
        return 0  # "two of the three mugs" is no amount
    if isinstance(value, Words) and value.kind == "discount" and bound.task.name == "create_discount" and not _is_code(value, bound.piece):
        return 0
    if isinstance(value, Words) and bound.task.effect == "write" and _is_of_an_unknown_field(value, bound):
        return 0
    if isinstance(value, Words) and "texts" in slot.types and not _goes_that_way(value, slot, bound):
        return 0
    if isinstance(value, Dates | Range) and _tells_which_orders(value, bound):
        return 0
    denied = _denied(value, slot, bound)
    if (
        isinstance(value, Dates)
        and "moment" in slot.types
        and "period" not in slot.types
        and denied <= 0
        and not _SINCE.match(bound.piece.of(value))
        and _has_period(bound)
    ):
        return 0
    cue = _cue(value, slot, bound.piece)
    if base < 1 and cue + denied <= 0:
        return 0
    if isinstance(value, Number) and value.currency and _is_moved_by(value, slot, bound):
        return 0
    if cue <= 0 and isinstance(value, Number) and not slot.required and "money" in slot.types and _has_price(bound):
        return 0  # of two amounts, the one that must be said needs no word beside it
    if isinstance(value, Number | Share | Range | Dates) and (named := _named_to_change(value, bound)):
        if slot.name in named:
            cue += 4
        elif any(type_fit(value, bound.task.slot(name)) > 0 for name in named):
            return 0  # "set the minimum of TEATIME5 to 40 euros" says of what it becomes 40 euros
    loose = bound.task.effect == "read" or not any(slot.name in group for group in bound.task.args.one_of)
    if isinstance(value, Number) and not value.unit and "integer" in slot.types and not slot.required and cue <= 0 and loose:
        return 0  # a list is not made shorter, nor a report longer, by a number that is said of something else
    if isinstance(value, Number) and "money" in slot.types and not slot.required and cue <= 0 and _is_of_one_thing(value, bound):
        return 0
    if isinstance(value, Range) and not value.from_to and {"money", "integer"} & set(slot.types) and (cue < 1 or _is_strict(value, slot, bound)):
        return 0  # "under 20 euros" is a condition, not the 20 euros a field asks for
    return base + cue + denied + (0.1 if slot.required else 0)


_ORDERS = re.compile(r"\b(?:orders|ones)\b", re.I)


def _tells_which_orders(value: Dates | Range, bound: Bound) -> bool:
    """ "Ship all open orders from last week": when they were placed, and not when they were sent."""
    if bound.task.effect not in ("write", "action") or all(slot.record != "order" for slot in bound.task.slots):
        return False
    marks = [mark for mark in bound.piece.marked("order") if mark.start < value.start and value.end <= mark.end]
    return any(_ORDERS.search(bound.piece.text, mark.start, value.start) for mark in marks)


def _is_strict(value: Range, slot: Slot, bound: Bound) -> bool:
    """ "More than 40" says which are meant, and never how much a price is to be or to move by."""
    moved = bound.task.effect == "write" and any(slot.name in group for group in bound.task.args.one_of)
    return moved and "over" not in slot.cues and (value.above is not None or value.below is not None)


def type_fit(value: Value, slot: Slot) -> float:
    """Below 1: only with a cue."""
    types = set(slot.types)
    match value:
        case Number(currency=currency, unit=unit):
            if "money" in types and not unit:
                return 3 if currency else 2
            if "integer" in types and not currency:
                if not unit:
                    # a stray number is no length of a list: "the customer whose id is 88123" is one, not so many
                    return 0.5 if "top" in slot.cues else 2
                return 2 if _counts(unit, slot) else 1.9 if _in_days(unit, slot) else 0 if unit in _DAYS else 0.5
            if "number" in types:
                return 1.5
            if "range_int" in types and not currency:
                return 2.5 if unit and _counts(unit, slot) else 0.2
            if "range_number" in types and not currency and unit and _counts(unit, slot):
                return 2.5
            return 0.2 if "range_money" in types and not unit else 0
        case Range(currency=currency, unit=unit):
            single = sum(b is not None for b in (value.at_least, value.above, value.at_most, value.below)) == 1
            if "range_money" in types and not unit:
                return 3 if currency else 1.5
            if "range_int" in types and not currency:
                return (3 if _counts(unit, slot) else 0) if unit else 1.4
            if "range_number" in types and not currency:
                return (3 if _counts(unit, slot) else 0) if unit else 0.5
            if "money" in types and not unit and (single or value.from_to):
                return 2 if value.from_to else 0.6
            return 0.6 if "integer" in types and single and not currency and (not unit or _counts(unit, slot)) else 0
        case Share():
            return 3 if "percent" in types else 0
        case Dates(compared=compared):
            if "period" in types:
                return (3 if _compares(slot) else 0) if compared else (0 if _compares(slot) else 2)
            return 0.5 if "moment" in types and not compared else 0
        case Until() | Starting():
            if "moment" in types:
                return 2 if _ends(slot) == isinstance(value, Until) else 0.1
            return 0
        case Top():
            return 2 + ("top" in slot.name) if "integer" in types else 0.2 if "range_int" in types else 0
        case Impossible(kind=kind):
            return (0.5 if kind == "text" else 1.5 if kind == "until" and "moment" not in types else 2) if types & _ASKED_OF[kind] else 0
        case Named(kind=kind):
            return (
                3
                if kind == "code" and types & {"text", "texts"} and _is_about(slot, "discount")
                else 0.1
                if types & {"text"} and kind in ("code", "sku")
                else 0
            )
        case Words():
            return _words_fit(value, slot)
        case Ending():
            return 0


def _is_of_one_thing(value: Number, bound: Bound) -> bool:
    """A price beside goods is not what comes off the whole ("1 jug at 20 euros"), and "two came back" gives nobody 2 euros back."""
    if bound.task.effect == "read":
        return False
    led = bound.piece.text[bound.piece.start : value.start].rstrip(" €$£")
    spelled = not value.currency and bound.piece.of(value).isalpha()
    return spelled or _AT.search(led) is not None


_SETS = re.compile(
    r"\b(?:set|change|raise|lower|increase|decrease|reduce|make|update|put|move|edit|cap|fix|adjust|drop|bump|bring)\s+(?:up\s+|down\s+)?"
    r"(?:(?:the|its|their|our|a|new)\s+)+(?P<field>[a-z][a-z-]*(?:\s+[a-z][a-z-]*){0,3}?)"
    r"\s+(?:(?:of|for|on)\s+[^,;:]{1,80}?\s+)?(?:to|at|=|as)\s*(?:just\s+|only\s+)?[€$£]?$",
    re.I,
)
_NO_FIELD = frozenset({"discount", "code", "price", "stock", "coupon", "voucher", "value"})
"""Nouns that say which record or what a task is about, and no field of it beside others."""


def _named_to_change(value: Spot, bound: Bound) -> list[str]:
    """The fields that are named as what is to become this value: "set the minimum of TEATIME5 to 40 euros"."""
    if bound.task.effect not in ("write", "action"):
        return []
    said = _SETS.search(bound.piece.text[bound.piece.start : value.start])
    if said is None:
        return []
    noun = said["field"].lower()
    fields = [s.name for s in bound.task.slots if noun in s.cues or noun == s.name.replace("_", " ") or f"{noun} of" in s.cues]
    return [] if noun in _NO_FIELD else fields


_MOVES = re.compile(
    r"(?:drop|lower|reduce|decrease|cut|slash|trim|raise|increase|bump|hike|(?:put|mark|knock|bring)\s+(?:up|down)|take)\b"
    r"(?:(?!\b(?:to|at|for|from|is|be|as|until|till|than)\b)[^:=,;.]){1,80}$",
    re.I,
)


def _is_moved_by(value: Number, slot: Slot, bound: Bound) -> bool:
    """ "Drop the bag 2 euros" does not set its price to 2: without "to" an amount beside such a verb is how far it goes."""
    if "to" not in slot.cues or not any(slot.name in group and "by" in group for group in bound.task.args.one_of):
        return False
    return _MOVES.search(bound.piece.text[bound.piece.start : value.start]) is not None


_AT = re.compile(r"(?:\bat|\beach|@|\bà)$", re.I)
_SHARE_OF = re.compile(r"\s+of\s+(?:the|those|these|them|our|my)\b", re.I)
_ASKED_OF: dict[str, frozenset[SlotType]] = {
    "money": frozenset({"money", "range_money", "percent"}), "percent": frozenset({"percent"}), "until": frozenset({"moment", "period"}),
    "number": frozenset({"integer", "money", "number", "range_int", "range_money"}), "period": frozenset({"period", "moment"}),
    "text": frozenset({"text", "texts"}),
}  # fmt: skip
"""Types of field that a value of this kind was meant for."""
_HINTS: dict[str, tuple[str, ...]] = {
    "tag": ("tag", "tags", "label"), "place": ("place", "places", "country", "countries", "city", "location"), "channel": ("channel", "channels"),
    "topic": ("topic", "about", "mention", "theme"), "customer": (), "discount": ("code", "coupon"),
    "value": ("value", "text", "title", "name", "message", "description"),
    "quoted": ("text", "title", "name", "message", "description", "note"),
}  # fmt: skip


def _words_fit(value: Words, slot: Slot) -> float:
    if not {"text", "texts"} & set(slot.types) or ("language" in slot.name and value.text.strip().casefold() not in language_names()):
        return 0
    if value.kind == "discount" and is_code_noun(value.text):
        return 0
    if value.kind in ("value", "quoted"):
        return (1.2 if "text" in slot.types else 0.8) if slot.required or _is_about(slot, value.kind) else 0.5
    return 2.5 if value.kind in _HINTS and _is_about(slot, value.kind) else 0


@lru_cache(maxsize=1)
def language_names() -> frozenset[str]:
    return frozenset(name.casefold() for name in Locale("en").languages.values())


_AS_TAG = re.compile(r"\b(?:as|with|tagged|label(?:led)?\s+as)\s+[\"'“]?$", re.I)


def _tag_fit(value: Value, slot: Slot, piece: Piece) -> float:
    """ "As austria" is a tag, whatever else the word may name."""
    if not isinstance(value, Words) or value.kind == "order" or "texts" not in slot.types or not _is_about(slot, "tag"):
        return 0
    short = len(value.text.split()) <= 3 and not value.text.lower().startswith(("the ", "all "))
    return 1.5 if short and _AS_TAG.search(piece.text[piece.start : value.start]) else 0


def _word_fit(value: Value, slot: Slot, bound: Bound) -> float:
    """Goods named to a task that has no place for goods are the words to look for: "how often is vase searched for"."""
    named = isinstance(value, Words) and value.kind == "product" and bound.task.effect == "read"
    no_goods = all(s.record not in ("product", "variant") for s in bound.task.slots)
    return 1 if named and no_goods and "text" in slot.types and re.search(r"\bword\b", slot.description) else 0


def _is_about(slot: Slot, kind: str) -> bool:
    hints = _HINTS[kind]
    name = set(slot.name.split("_"))
    cues = {word for cue in slot.cues for word in cue.split()}
    described = set(re.findall(r"[a-z]+", slot.description.lower())) if kind in ("tag", "place", "channel") else set()
    return bool(set(hints) & (name | cues | described))


def _counts(unit: str, slot: Slot) -> bool:
    """Whether a field is about this unit, by its name, its cues or what it says of itself."""
    words = " ".join([slot.name.replace("_", " "), *slot.cues, slot.description]).lower()
    return re.search(rf"\b{unit}s?\b", words) is not None


_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365, "hour": 1}


def _in_days(unit: str, slot: Slot) -> bool:
    """ "Two weeks" for a field that counts days."""
    return unit in ("week", "month", "year") and not _counts(unit, slot) and _counts("day", slot)


def _compares(slot: Slot) -> bool:
    return "compare" in slot.name or any(cue in ("vs", "versus", "compared with", "compared to") for cue in slot.cues)


def _ends(slot: Slot) -> bool:
    return bool({"until", "till", "ends", "through", "expires"} & set(slot.cues)) or slot.name in ("until", "ends", "end", "expires", "before")


def _cue(value: Spot, slot: Slot, piece: Piece) -> float:
    """What the words directly before and after a value, and earlier in the clause, say for a field."""
    best = 0.0
    if slot.cues:
        before = re.sub(r"\s+", " ", piece.text[piece.start : value.start]).lower().rstrip(" :\"'“€$£")
        inside, after = piece.text[value.start : value.end].lower(), piece.text[value.end : piece.end].lower().lstrip(" \"'”").replace(", ", ",")
        for cue in slot.cues:
            best = max(best, _beside(cue, before, inside, after))
    if isinstance(value, Words) and any(_names_field(_whole_field(s, piece), slot) for s in piece.marked("field") if s.start <= value.start):
        best += 2
    elif isinstance(value, Words) and "texts" in slot.types and slot.name.startswith("add_") and _lists(slot, piece):
        best += 1.5
    return best


def _lists(slot: Slot, piece: Piece) -> bool:
    """ "Update the tags to sea, summer": what is listed after the field's own noun goes into it."""
    noun = slot.name.removeprefix("add_").rstrip("s")
    if re.search(rf"\b(?:update|change|set|edit)\s+(?:the\s+|its\s+|their\s+)?{noun}s?\b", piece.said, re.I):
        return True
    return any(re.fullmatch(rf"(?:the\s+|its\s+|their\s+)?{noun}s?", piece.of(s).strip(), re.I) for s in piece.marked("field"))


def _beside(cue: str, before: str, inside: str, after: str) -> float:
    """Nearer and longer cues weigh more. A preposition after a value belongs to the next one."""
    anywhere, ending = _cue_patterns(cue)
    weight = len(cue) / 10
    if ending.search(before) or anywhere.match(inside) or (cue not in _PREPOSITIONS and anywhere.match(after)):
        return 1.5 + weight
    if cue not in _PREPOSITIONS and anywhere.match(after.lstrip(",")):
        return 0.4  # "at 18.90, costs us 6": likelier of what comes after it
    # "haven't ordered since" with "since June" as the value
    crossing = anywhere.search(f"{before} {inside}", max(0, len(before) - len(cue)))
    if crossing and crossing.start() < len(before) < crossing.end():
        return 2 + weight
    if anywhere.search(inside):
        return 1.2 + weight
    return 0.6 + weight if anywhere.search(before) else 0.0


_COMPARATIVES = frozenset({"more", "less", "fewer", "higher", "lower", "cheaper", "dearer"})
_PREPOSITIONS = frozenset(
    {"by", "to", "at", "for", "from", "in", "on", "with", "of", "until", "till", "over", "under", "about", "as", "than", "through", "during"}
)


@lru_cache(maxsize=2048)
def _cue_patterns(cue: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The cue anywhere, and at the end of what stands before a value."""
    # "remove tag" is said for "remove the tag"
    said = re.escape(cue).replace("'", "[’']?").replace(r"\ the\ ", r"\ (?:the\ )?")
    # "less than 20" is a condition, not 20 less; "up to 10" is where it goes, not how far
    said += r"(?!\s+than\b)" if cue in _COMPARATIVES else r"(?!\s+to\b)" if cue in ("up", "down") else ""
    return re.compile(rf"(?<!\w){said}(?!\w)"), re.compile(rf"(?<!\w){said}(?:\s+(?:the|a|an|only|another|about))?$")


_WAY = re.compile(
    r"\b(?:(?P<off>untag|un-tag|strip|remove|delete|drop|lose|without|no\s+longer)|(?P<maybe>take|taking|pull|peel|get)"
    r"|(?P<on>add|put|give|apply|attach|set|slap|stick|mark|(?<!the\s)(?<!a\s)(?<!that\s)(?<!this\s)(?:tag|label)(?=\s+(?:it|them|the|all|every|our|my|[\"“#A-Z]))))\b",
    re.I,
)
_OFF = re.compile(r"[^,;]{0,60}?\b(?:off|out\s+of|away)\b", re.I)


def _goes_that_way(value: Words, slot: Slot, bound: Bound) -> bool:
    """Whether words may go into a list of what is put on or of what is taken off, by the last verb before them: "untag", "take the tag … off"."""
    ways = [way for way in ("add", "remove") if slot.name == way or slot.name.startswith(f"{way}_")]
    other = {"add": "remove", "remove": "add"}.get(ways[0], "") if ways else ""
    pair = other and any(s.name == slot.name.replace(ways[0], other, 1) for s in bound.task.slots)
    said = list(_WAY.finditer(bound.piece.text, bound.piece.start, value.start)) if pair else []
    if not said:
        return True
    off = said[-1]["off"] is not None or (said[-1]["maybe"] is not None and _OFF.match(bound.piece.text, said[-1].end()) is not None)
    return off == (ways[0] == "remove")


_SINCE = re.compile(r"(?:since|after|before|this|last)\b", re.I)


def _has_period(bound: Bound) -> bool:
    return any("period" in slot.types and not _compares(slot) for slot in bound.task.slots)


def _has_price(bound: Bound) -> bool:
    return any(slot.required and slot.types == ("money",) for slot in bound.task.slots)


_NOT_BUYING = re.compile(
    r"(?:n[’']t|\b(?:do|does|did|have|has|had)nt|\bnot|\bnever|\bno|\bwithout)\b(?:\s+\w+){0,2}?\s+(?:order\w*|buy|bought|purchase\w*|shop\w*|visit\w*|seen|heard\s+(?:from|of)|come\s+back|been\s+back)\b[^,.]{0,15}$",
    re.I,
)
_NEGATIVE = re.compile(r"\b(?:not|no|inactive|haven't|without|lapsed)\b")


def _denied(value: Spot, slot: Slot, bound: Bound) -> float:
    """ "Who haven't ordered this year" is not who ordered this year: such a time belongs to a field about that, or to none."""
    if not isinstance(value, Dates) or not _NOT_BUYING.search(bound.piece.text[bound.piece.start : value.start]):
        return 0
    negative = any(_NEGATIVE.search(cue) for cue in slot.cues)
    return 4 if negative else -10


_IS = re.compile(r"\s*(?:=|:|->|→|\b(?:to|is|as|of|should\s+(?:be|read))\b)\s*[\"“'‘]?", re.I)


def _is_of_an_unknown_field(value: Words, bound: Bound) -> bool:
    """ "Weight = 85 g" and "set the barcode of the mug to 4006381333931" where the task has neither: no title is meant either."""
    piece = bound.piece
    before = [s for s in piece.marked("field") if s.end <= value.start]
    said = [s for s in before if len(before) == 1 or _IS.fullmatch(piece.text, s.end, value.start)]
    if not said:
        return False
    for_searchers = _META.search(piece.text, piece.start, said[-1].start)
    called = f"{for_searchers[0] if for_searchers else ''}{piece.of(said[-1])}".lower()
    return not any(_is_called(called, slot) for slot in bound.task.slots)


_META = re.compile(r"\b(?:meta|seo)[\s-]+$", re.I)


_OF_THE_GOODS = frozenset({"the", "its", "their", "new", "product", "products", "item", "shop", "store", "order", "customer", "discount"})


def _is_called(said: str, slot: Slot) -> bool:
    """Whether all that a field is called by is the slot's own: "product title" is the title, "meta title" is not."""
    own = {word for text in (slot.name.replace("_", " "), *slot.cues) for word in text.lower().split()}
    words = set(re.findall(r"[a-z]+", said)) - _OF_THE_GOODS
    return words <= own | {word + "s" for word in own}


def _whole_field(mark: SlotSpan, piece: Piece) -> str:
    """The "meta title" of which the reader marked the second word."""
    led = _META.search(piece.text, piece.start, mark.start)
    return f"{led[0] if led else ''}{piece.of(mark)}".lower()


def _names_field(said: str, slot: Slot) -> bool:
    said = re.sub(r"^(?:the|its|their)\s+", "", said.strip())
    return said == slot.name.replace("_", " ") or said in slot.cues


def put_value(bound: Bound, slot: Slot, value: Value, scope: Scope) -> None:
    currency = scope.terms.currency
    types = set(slot.types)
    match value:
        case Number():
            days = _DAYS[value.unit] if _in_days(value.unit, slot) else 1
            bound.args[slot.name] = _number_for(value.amount * days, types, currency)
        case Range():
            bound.args[slot.name] = range_for(value, types, currency)
        case Share():
            # a field for what comes off has no sign of its own
            bound.args[slot.name] = Percent(abs(value.percent) if "comes off" in slot.description or "discount" in slot.name else value.signed)
        case Dates():
            ends = _ends(slot) and _is_from_to(value, bound)
            bound.args[slot.name] = value.period if "period" in types else value.period.end if ends else value.period.start
        case Until() | Starting():
            bound.args[slot.name] = value.moment
        case Top():
            bound.args[slot.name] = value.n if "integer" in types else Between[int](at_least=value.n, at_most=value.n)
        case Named() | Words():
            if "texts" in types:
                bound.args[slot.name] = [*bound.args.get(slot.name, []), *listed(value.text)]
            elif isinstance(value, Words) and value.kind == "discount":
                bound.args[slot.name] = _CODE_NOUN.sub("", value.text.strip())
            else:
                text = value.text.strip()
                bound.args[slot.name] = (
                    _LED_TOPIC.sub("", text) if isinstance(value, Words) and value.kind == "topic" and bound.task.effect != "draft" else text
                )
        case Impossible() | Ending():
            pass


_LED_TOPIC = re.compile(r"^(?:our|my|their)\s+(?=\w)", re.I)
_CODE_LED = re.compile(r"\b(?:code|coupon|voucher|promo|called|named|call\s+it|name\s+it|with|use)\s*:?\s+[\"“'‘]?$", re.I)


def _is_code(value: Words, piece: Piece) -> bool:
    """Whether words look like a new code or are led as one: the "black" of "black friday: 30% off" is none."""
    text = _CODE_NOUN.sub("", value.text.strip())
    return text != value.text.strip() or any(c.isupper() or c.isdigit() for c in text) or _CODE_LED.search(piece.text[: value.start]) is not None


_CODE_NOUN = re.compile(r"^(?:the\s+|our\s+)?(?:discount\s+|promo\s+)?(?:codes?|vouchers?|coupons?|discounts?)\s+", re.I)


def is_code_noun(text: str) -> bool:
    """Whether it is no code but the word for one: "vouchers" of "which vouchers run out"."""
    return _CODE_NOUN.sub("", f"{text.strip()} ") == ""


def listed(text: str) -> list[str]:
    """ "vip and wholesale" are two."""
    return [part.strip().strip("\"'“”") for part in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", text) if part.strip()]


def _number_for(amount: Decimal, types: Set[str], currency: str) -> Any:
    if "money" in types:
        return Money(amount, currency)
    if "integer" in types:
        return int(amount) if amount == int(amount) else amount
    if "number" in types:
        return amount
    return _between(types, currency, at_least=amount, at_most=amount)


def range_for(value: Range, types: Set[str], currency: str) -> Any:
    bounds = {name: bound for name in ("at_least", "above", "at_most", "below") if (bound := getattr(value, name)) is not None}
    if types & {"range_money", "range_int", "range_number"}:
        return _between(types, currency, **bounds)
    # "from 10 to 12" sets the new value; "orders over 50" is the least an order must come to
    return _number_for(bounds["at_most"] if value.from_to else next(iter(bounds.values())), types, currency)


def _between(types: Set[str], currency: str, **bounds: Decimal) -> Any:
    if "range_money" in types:
        return Between[Money](**{name: Money(bound, currency) for name, bound in bounds.items()})
    if "range_number" in types:
        return Between[Decimal](**bounds)
    # whole numbers only: "more than 2.5 orders" is 3 or more all the same
    return Between[int](**{name: int(bound) for name, bound in bounds.items()})
