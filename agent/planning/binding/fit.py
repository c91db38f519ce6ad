"""How well a value fits a field of a task: its type, the words beside it, and what speaks against it."""

from __future__ import annotations

import re

from agent.planning.binding.counted import is_of_stock
from agent.planning.binding.cues import said_beside
from agent.planning.binding.fields import META, is_about, is_called, is_compared
from agent.planning.binding.old_values import holds_old, old_values
from agent.planning.binding.put_values import CODE_NOUN
from agent.planning.binding.scope import GOODS, Bound, Piece
from agent.planning.binding.type_fit import type_fit
from agent.planning.language.circumstances import circumstances
from agent.planning.language.sparing import LEAVING_OUT
from agent.planning.language.values import Dates, Number, Range, Share, Spot, Value, Words
from agent.sdk import Slot


def fit(value: Value, slot: Slot, bound: Bound) -> float:
    """How well a value fits a field: 0 not at all, else its type's fitness and what the words beside say."""
    base = type_fit(value, slot) or _tag_fit(value, slot, bound.piece) or _word_fit(value, slot, bound)
    if base <= 0 or _is_of_something_else(value, slot, bound):
        return 0
    denied = _denied(value, slot, bound)
    if denied <= 0 and isinstance(value, Dates) and _is_of_the_period(value, slot, bound):
        return 0
    cue = said_beside(value, slot, bound.piece, _without_goods_told(bound))
    if isinstance(value, Number) and holds_old(slot) and value in old_values(bound.piece):
        cue += 2
    if base < 1 and cue + denied <= 0:
        return 0
    if cue <= 0 and isinstance(value, Number) and not slot.required and "money" in slot.types and _has_price(bound):
        return 0  # of two amounts, the one that must be said needs no word beside it
    if isinstance(value, Number | Share | Range | Dates) and (named := _named_to_change(value, bound)):
        if slot.name in named:
            cue += 4
        elif any(type_fit(value, bound.task.slot(name)) > 0 or "text" in bound.task.slot(name).types for name in named):
            return 0  # "set the minimum of TEATIME5 to 40 euros" says of what it becomes 40 euros, and "the title to 139" is no price
    if _needs_a_word(value, slot, bound, cue):
        return 0
    return base + cue + denied + (0.1 if slot.required else 0)


def _is_of_something_else(value: Value, slot: Slot, bound: Bound) -> bool:
    """Whether what a value is said of is no such field, whatever stands beside it."""
    match value:
        case Number():
            if (olds := old_values(bound.piece)) and any(map(holds_old, bound.task.slots)) and holds_old(slot) != (value in olds):
                return True  # "now 34 ‖ instead of 39, with the old price crossed out"
            of_so_many = not value.currency and "money" in slot.types and _SHARE_OF.match(bound.piece.text, value.end) is not None
            return of_so_many or (bool(value.currency) and _is_moved_by(value, slot, bound))  # "two of the three mugs" is no amount
        case Words():
            if _bears_its_field(value, slot, bound):
                return True  # "‖ sku FT-220" is no title
            no_code = value.kind == "discount" and bound.task.does == "make" and bound.task.about == "discount" and not _is_code(value, bound.piece)
            unknown = bound.task.effect == "write" and _is_of_an_unknown_field(value, bound)
            led = (max(bound.piece.start, value.start - _LED), value.start)
            if bound.task.effect in ("write", "action") and _LEFT_OUT.search(bound.piece.text, *led):
                return True  # "all but those from Berlin" puts Berlin nowhere
            if bound.task.effect == "write" and "texts" in slot.types and _is_whom(value, bound):
                return True  # "as potter ‖ for members only" puts no tag "members"
            return no_code or unknown or ("texts" in slot.types and not _goes_that_way(value, slot, bound))
        case Dates() | Range():
            of_goods = isinstance(value, Range) and "money" in slot.types and (_tells_which_goods(value, bound) or _only_limits(value, bound))
            if isinstance(value, Range) and "range_money" in slot.types and is_of_stock(value, bound):
                return True  # "of which there are more than 90"
            return of_goods or _is_of_somebody(value, slot, bound) or _tells_which_orders(value, bound)
        case _:
            return False


def _is_of_the_period(value: Dates, slot: Slot, bound: Bound) -> bool:
    """Whether days are those of a report's period, and no moment of its own."""
    moment = "moment" in slot.types and "period" not in slot.types
    return moment and not _SINCE.match(bound.piece.of(value)) and _has_period(bound)


def _needs_a_word(value: Value, slot: Slot, bound: Bound, cue: float) -> bool:
    """Whether a number or a range is none of this field for want of a word that says so."""
    if isinstance(value, Range):  # "under 20 euros" is a condition, not the 20 euros a field asks for
        return not value.from_to and bool({"money", "integer"} & set(slot.types)) and (cue < 1 or _is_strict(value, slot, bound))
    if not isinstance(value, Number) or slot.required or cue > 0:
        return False
    loose = bound.task.effect == "read" or not any(slot.name in group for group in bound.task.args.one_of)
    if not value.unit and "integer" in slot.types and loose:
        return True  # a list is not made shorter, nor a report longer, by a number that is said of something else
    return "money" in slot.types and _is_of_one_thing(value, bound)


def _without_goods_told(bound: Bound) -> str:
    """The request with the goods emptied that were told by what they are: in "tag all products without a tag" that is no tag to be put on."""
    text = bound.piece.text
    told = [(found.piece.start, found.piece.end) for _, found in bound.finds]
    for start, end in [*told, *((link.start, link.end) for link in bound.links.values() if link.record == "product")]:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


_LEFT_OUT = re.compile(
    rf"\b(?:{LEAVING_OUT}|(?:not|n[’']t)(?=\s+(?:from|in|on|to|for|those|of)\b))\s+(?:(?:the|those|these|ones|orders|customers|people|tagged|that|are|from|in|on|for|to|all|any|our)\s+)*[\"“'‘]?$",
    re.I,
)
_LED = 240
"""Characters looked back from a value for the words that lead to it, which are never so long."""
_SHARE_OF = re.compile(r"\s+of\s+(?:the|those|these|them|our|my)\b", re.I)
_ORDERS = re.compile(r"\b(?:orders|ones)\b", re.I)


def _tells_which_orders(value: Dates | Range, bound: Bound) -> bool:
    """ "Ship all open orders from last week": when they were placed, and not when they were sent."""
    if bound.task.effect not in ("write", "action") or all(slot.record != "order" for slot in bound.task.slots):
        return False
    marks = [mark for mark in bound.piece.marked("order") if mark.start < value.start and value.end <= mark.end]
    return any(_ORDERS.search(bound.piece.text, mark.start, value.start) for mark in marks)


def _bears_its_field(value: Words, slot: Slot, bound: Bound) -> bool:
    """Whether a value begins with the name of another field of the task."""
    first, _, rest = value.text.strip().lower().partition(" ")
    named = value.kind == "value" and bool(rest) and first.rstrip(":") != slot.name
    return named and any(s.name == first.rstrip(":") and "text" in s.types for s in bound.task.slots)


def _is_whom(value: Words, bound: Bound) -> bool:
    said = circumstances(bound.piece.text, bound.piece.start, bound.piece.end)
    return value.kind != "quoted" and any(one.kind == "audience" and one.overlaps(value) for one in said)


_NO_MORE = re.compile(r"(?:no|not|never)\b", re.I)


def _only_limits(value: Range, bound: Bound) -> bool:
    """ "Up by 5% ‖ but no more than 2 euros": beside how far it moves, it says how far it may, and sets nothing."""
    others = any(isinstance(v, Number | Share) and not v.overlaps(value) for v in bound.piece.values.items)
    return bound.task.effect == "write" and others and _NO_MORE.match(bound.piece.of(value)) is not None


_PRICED = re.compile(
    r"\s*(?:(?:that|which)\s+)?(?:(?:currently|now)\s+)?(?:(?:are|is)\s+)?(?:costing|costs?|priced|worth|selling|sold)?(?:\s+(?:at|for))?\s*", re.I
)


def _tells_which_goods(value: Range, bound: Bound) -> bool:
    """ "10% off mugs ‖ over 20": what they cost themselves, and not what an order must come to."""
    if bound.task.effect != "write" or value.from_to or all(slot.name != "minimum" for slot in bound.task.slots):
        return False
    return any(_PRICED.fullmatch(bound.piece.text, mark.end, value.start) for mark in bound.piece.marked("product") if mark.end <= value.start)


_OLDEST = 120
_SOMEBODY = re.compile(r"\b(?:anyone|anybody|everyone|everybody|people|those|somebody|someone)\s+(?:(?:who\s+(?:is|are)|aged)\s+)?$", re.I)


def _is_of_somebody(value: Dates | Range, slot: Slot, bound: Bound) -> bool:
    """ "Anyone over 60" is told by an age, which no shop knows, and not by what they spent; orders have none, and nobody is 200."""
    if not isinstance(value, Range) or value.currency or value.unit or not {"range_money", "range_int"} & set(slot.types):
        return False
    ends = [end for end in (value.at_least, value.above, value.at_most, value.below) if end is not None]
    if bound.task.does == "find" and not bound.task.finds("customer") or min(ends, default=_OLDEST) >= _OLDEST:
        return False
    return _SOMEBODY.search(bound.piece.text, bound.piece.start, value.start) is not None


_AND_UP = re.compile(r"\b(?:and|or)\s+(?:up(?:wards)?|above|over|more|higher|beyond|dearer|under|below|less|lower|down(?:wards)?|cheaper)$", re.I)


def _is_strict(value: Range, slot: Slot, bound: Bound) -> bool:
    """ "More than 40", "15 and up" says which are meant, and never how much a price is to be or to move by."""
    moved = bound.task.effect == "write" and any(slot.name in group for group in bound.task.args.one_of)
    strict = value.above is not None or value.below is not None or _AND_UP.search(bound.piece.of(value)) is not None
    return moved and "over" not in slot.cues and strict


_AT = re.compile(r"(?:\bat|\beach|@|\bà)[ €$£]*$", re.I)


def _is_of_one_thing(value: Number, bound: Bound) -> bool:
    """A price beside goods is not what comes off the whole ("1 jug at 20 euros"), and "two came back" gives nobody 2 euros back."""
    if bound.task.effect == "read":
        return False
    spelled = not value.currency and bound.piece.of(value).isalpha()
    return spelled or _AT.search(bound.piece.text, max(bound.piece.start, value.start - 16), value.start) is not None


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
    said = _SETS.search(bound.piece.text, max(bound.piece.start, value.start - _LED), value.start)
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


_AS_TAG = re.compile(r"\b(?:as|with|tagged|label(?:led)?\s+as)\s+[\"'“]?$", re.I)


def _tag_fit(value: Value, slot: Slot, piece: Piece) -> float:
    """ "As austria" is a tag, whatever else the word may name."""
    if not isinstance(value, Words) or value.kind == "order" or "texts" not in slot.types or not is_about(slot, "tag"):
        return 0
    short = len(value.text.split()) <= 3 and not value.text.lower().startswith(("the ", "all "))
    return 1.5 if short and _AS_TAG.search(piece.text[piece.start : value.start]) else 0


def _word_fit(value: Value, slot: Slot, bound: Bound) -> float:
    """Goods named to a task that has no place for goods are the words to look for: "how often is vase searched for"."""
    if not isinstance(value, Words) or value.kind != "product" or "text" not in slot.types or bound.task.effect != "read":
        return 0
    return 1 if _ONE_WORD.search(slot.description) and all(s.record not in GOODS for s in bound.task.slots) else 0


_ONE_WORD = re.compile(r"\bword\b")


_WAY = re.compile(
    r"\b(?:(?P<off>untag|un-tag|strip|remove|delete|drop|lose|get\s+rid\s+of|without|no\s+longer)|(?P<maybe>take|taking|pull|peel|get)"
    r"|(?P<on>add|put|give|apply|attach|set|slap|stick|mark|(?<!the\s)(?<!a\s)(?<!that\s)(?<!this\s)(?:tag|label)(?=\s+(?:it|them|the|all|every|our|my|[\"“#A-Z]))))\b",
    re.I,
)
_JUST_OFF = re.compile(r"[\"”'’]?\s+off\b(?!\s+(?:sale|season)\b)", re.I)
"""Right after a tag, whatever became of the verb: "tae the tag gift ‖ off order 1042"."""
_OFF = re.compile(r"[^,;]{0,60}?\b(?:off|out\s+of|away)\b", re.I)


def _without_records(bound: Bound) -> str:
    """The request with the customers and orders emptied as well: "those without an order" are not what something is taken off."""
    text = _without_goods_told(bound)
    for start, end in [(s.start, s.end) for s in bound.piece.marked("customer", "order")] + [(s.start, s.end) for s in bound.people]:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


def _goes_that_way(value: Words, slot: Slot, bound: Bound) -> bool:
    """Whether words may go into a list of what is put on or of what is taken off, by the last verb before them: "untag", "take the tag … off"."""
    ways = [way for way in ("add", "remove") if slot.name == way or slot.name.startswith(f"{way}_")]
    other = {"add": "remove", "remove": "add"}.get(ways[0], "") if ways else ""
    pair = other and any(s.name == slot.name.replace(ways[0], other, 1) for s in bound.task.slots)
    said = list(_WAY.finditer(_without_records(bound), bound.piece.start, value.start)) if pair else []
    if not said:
        return not pair or ways[0] == "remove" or _JUST_OFF.match(bound.piece.text, value.end) is None
    off = said[-1]["off"] is not None or (said[-1]["maybe"] is not None and _OFF.match(bound.piece.text, said[-1].end()) is not None)
    return off == (ways[0] == "remove")


_SINCE = re.compile(r"(?:since|after|before|this|last)\b", re.I)


def _has_period(bound: Bound) -> bool:
    return any("period" in slot.types and not is_compared(slot) for slot in bound.task.slots)


def _has_price(bound: Bound) -> bool:
    return any(slot.required and slot.types == ("money",) for slot in bound.task.slots)


_NOT_BUYING = re.compile(
    r"(?:n[’']t|\b(?:do|does|did|have|has|had)nt|\bnot|\bnever|\bno|\bwithout)\b(?:\s+\w+){0,2}?\s+(?:order\w*|buy|bought|purchase\w*|shop\w*|visit\w*|seen|heard\s+(?:from|of)|come\s+back|been\s+back)\b[^,.]{0,15}$"
    r"|\b(?:bought|ordered|purchased|buy|order)\s+nothing\b(?!\s+(?:but|except|else))[^,.]{0,15}$"
    r"|\b(?:customers?|buyers?|people|those|who\s+(?:are|have\s+been|went)|been)\s+(?:gone|away|inactive|dormant|lapsed|silent|quiet)\b[^,.\w]*(?:since|for)?[^,.\w]*$",
    re.I,
)
_OF_RECORDS = re.compile(r"[’']?s?\s+(?:[\w-]+\s+){0,2}?(?:orders?|customers?|buyers?|reviews?|messages?)\b", re.I)
_NEGATIVE = re.compile(r"\b(?:not|no|inactive|haven't|without|lapsed)\b")


def _denied(value: Spot, slot: Slot, bound: Bound) -> float:
    """ "Who haven't ordered this year" is not who ordered this year: such a time belongs to a field about that, or to none."""
    if isinstance(value, Dates) and bound.task.effect in ("write", "action") and _OF_RECORDS.match(bound.piece.text, value.end):
        return -10  # "ship yesterday's orders": which they are, and not when it is done
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
    for_searchers = META.search(piece.text, piece.start, said[-1].start)
    called = f"{for_searchers[0] if for_searchers else ''}{piece.of(said[-1])}".lower()
    return not any(is_called(called, slot) for slot in bound.task.slots)


_CODE_LED = re.compile(r"\b(?:code|coupon|voucher|promo|called|named|call\s+it|name\s+it|with|use)\s*:?\s+[\"“'‘]?$", re.I)


def _is_code(value: Words, piece: Piece) -> bool:
    """Whether words look like a new code or are led as one: the "black" of "black friday: 30% off" is none."""
    text = CODE_NOUN.sub("", value.text.strip())
    return text != value.text.strip() or any(c.isupper() or c.isdigit() for c in text) or _CODE_LED.search(piece.text[: value.start]) is not None
