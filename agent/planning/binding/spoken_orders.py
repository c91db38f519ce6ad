"""What is said of orders in a form of its own: a bare number that is an order's, a tracking number, a reason, a note.

Taken before values are given to fields, so that "refund 1042" gives nobody 1,042 euros, and a parcel's number is no quantity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from agent.planning.binding.scope import Bound, Piece, Scope
from agent.planning.language.sparing import LEAVING_OUT
from agent.planning.language.values import Named, Number, Range, Spot, Value, Values, Words
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import SlotSpan
from agent.sdk import Slot

_JOINT = re.compile(r"\s*(?:,\s*(?:and\s+)?|&|\band\b|\bor\b)\s*(?:orders?\s*)?#?\s*", re.I)
_AFTER_NUMBER = re.compile(
    r"\s*(?!(?:to|yester|sun|mon|tues|wednes|thurs|fri|satur)day)"
    r"(?:[-\w]*(?:euros?|dollars?|pounds?|eur|usd|gbp|units?|pieces?|pcs|days?|weeks?|off|percent)\b|[€$£%x×])",
    re.I,
)
_TRACKING = re.compile(
    r"\btracking\b(?:\s+(?:number|code|id|no\b\.?))?\s*(?:is|was|:|=|#)?\s*[\"“]?(?P<text>(?=[A-Z\d-]*\d)[A-Z\d][A-Z\d-]{5,39})\b", re.I
)
_PARCEL = re.compile(r"\b(?P<text>1Z[\dA-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2}|\d{10,34})\b")
"""A number that is a parcel's by its shape alone: of UPS, of the postal union, or of ten digits and more."""
_REASON = re.compile(
    r"(?:\bbecause(?:\s+of)?\b|\breason\b\s*(?:is|:)|\bsince\b(?!\s+\d))\s*(?P<text>[^\W_].*?)(?=\s*(?:,|\band\b)\s*(?:(?:and|then|please|also)\s+)*(?:refund|restock|do\s+not|don[’']t|tell|e-?mail|let|tag|put|give|cancel|notify|write|add|send)\b|$)",
    re.I | re.S,
)
_FOR_WHAT = re.compile(
    r"\bfor\s+(?P<text>(?:(?:the|a|an|her|his|their|its|being)\s+)?(?:late|delayed|damaged|broken|missing|wrong|lost|defective|cracked|faulty|slow)\b.*)$",
    re.I | re.S,
)
"""Why, as what it is for: "refund 30 euros for the late delivery"."""
_ADDRESS = re.compile(
    r"\b(?i:to|address\s+is|is|at)\s+(?P<text>(?=[^;\"“]*\d)(?=[^;\"“]*,)(?:[A-ZÀ-Þ][\w.’'-]+\s+[A-ZÀ-Þ][\w.’'-]+,\s+)?(?:\d+\w?\s+[A-ZÀ-Þ]|[A-ZÀ-Þ][\w.’'ß-]*(?:\s+[\w.’'-]+){0,3}\s+\d)[^;\"“]*?)\s*(?i:instead)?\W*$"
)
"""A street with its number, and more after a comma, where nothing in the words marks it."""
_TOLD_WHY = re.compile(
    r"(?:[,;:]|\s[-–—])\s*(?P<text>(?:(?:the|her|his|their|our|a|an|one)\s+[^\W\d]+|she|he|they|it|we|customer|client|parcel|package)\s+(?:has\s+|have\s+|had\s+|just\s+)?"
    r"(?:chang|want|order|arriv|was\b|is\b|are\b|were\b|came|come|broke|did\b|didn|never|no\s+longer|got|gets|does\b|doesn|don|ask|return|regret|paid|found|made|sent|need)"
    r"[^.]*)$",
    re.I | re.S,
)
"""Why, without a "because": "cancel 1042, the customer changed her mind"."""
_NOTE = re.compile(
    r"\b(?:note|comment)\b(?:(?![\"“:]).)*?(?::|\bsaying(?:\s+that)?\b|\bthat\s+says\b|\bto\s+say\b)\s*[\"“]?(?P<text>[^\W_][^\"”]*)", re.I | re.S
)


_DICTATED = re.compile(
    r"\b(?:note|comment|remark|memo)\b(?!\s+(?:that\s+)?(?:is|was|says)\b)[^,.;:\"“]{0,60}?"
    r"(?:\s+(?:that\s+says|which\s+says|that|saying(?:\s+that)?|reading|stating|to\s+say(?:\s+that)?)\s*:?|\s*:|\s+[-–—])\s+(?![\"“„«])(?P<text>\S.*?)"
    r"(?=\s*(?:,\s*(?:and\s+)?|\band\s+)(?:also\s+|then\s+|please\s+)*"
    r"(?:tag|label|mark|set|add|change|remove|refund|cancel|ship|fulfil|fulfill|send|e-?mail|tell|let|message)\s+(?:it|them|this|that|the|him|her|a|an|as|with)\b|\W*$)",
    re.I | re.S,
)
"""What a note is to say, to its last word or to where something else is to be done."""


_WITH_NOTE = re.compile(
    r"\b(?:with|add|put|leave|write)\s+(?:the|a)\s+(?:note|comment)\s+(?!(?:that|saying|reading|to|on|for|from|in|and|of)\b)(?P<text>[^\"“„«,;:]+?)(?=\s*(?:,|\band\s+(?:tag|mark|put|take|give|send)\b|\b(?:to|on|for)\s+(?:(?:the\s+)?(?:last\s+)?orders?\b|it\b|them\b|#?\d)|\W*$))",
    re.I,
)


def take_note(bound: Bound) -> None:
    """ "Add a note that the customer wants gift wrapping": all that is said after it, and not only the words that name something."""
    slot = next((s for s in bound.task.slots if s.types == ("text",) and "note" in s.cues), None)
    said = (_DICTATED.search(bound.piece.said) or _WITH_NOTE.search(bound.piece.said)) if slot is not None else None
    if slot is None or said is None:
        return
    spot = Spot(start=bound.piece.start + said.start("text"), end=bound.piece.start + said.end("text"))
    about = [Spot(start=mark.start, end=mark.end) for mark in bound.piece.marked("order")]
    if about and all(mark.overlaps(spot) for mark in about):
        # "note that order 20995 is a gift" says there which order is meant
        led = _TO_ORDER.search(bound.piece.text, spot.start, spot.end)
        if led is None:
            return
        spot = Spot(start=spot.start, end=led.start())
    bound.args[slot.name] = re.sub(r"[\s,]+(?:please|pls|thanks|thank you)$", "", bound.piece.of(spot).strip(" '’”\""), flags=re.I)
    bound.taken.append(spot)


_TO_ORDER = re.compile(r"\s+(?:to|on|for|in)\s+(?:the\s+|that\s+|this\s+)?(?:order|(?-i:#)\d)", re.I)


async def take_orders(bound: Bound, scope: Scope) -> None:
    """Fill what is said of orders, for a task about them that changes something; for one that tells of them or writes about them, their numbers."""
    if bound.task.effect not in ("write", "action"):
        only_numbered = any(bound.piece.of(mark).strip(" #").isdigit() for mark in bound.piece.marked("order"))
        if bound.task.effect == "draft" or bound.task.does == "show" or only_numbered:
            await _take_numbers(bound, scope)  # "what's the status of 1042"
        return
    _leave_out_numbers(bound)
    _take_state_of_goods(bound, scope)
    _take(bound, "tracking number", (_TRACKING, _PARCEL))
    _take(bound, "because", (_REASON, _TOLD_WHY, _FOR_WHAT))
    _take(bound, "shipping address", (_ADDRESS,))
    _take(bound, "note", (_NOTE,))
    if any(slot.record == "order" for slot in bound.task.slots):
        await _take_numbers(bound, scope)
        _without_those_left_out(bound)
    elif bound.task.effect == "write":
        await _keep_numbers(bound, scope)


_STATE = re.compile(
    r"(?P<led>\bfor\s+)?(?:\b(?:the|a|an|her|his|their|that|one)\s+)?\b(?P<state>(?:late|delayed|damaged|broken|missing|lost|defective|cracked|faulty|chipped|torn|smashed|leaking|scratched|dented|stained|ripped|bent|shattered))\s+"
    r"(?P<goods>(?:(?!(?:in|on|from|of|off|and|with|because|to|for|by|that|which|he|she|they)\b)[^\W\d][\w’'-]*\s*){1,4})",
    re.I,
)
"""Goods of an order with what is wrong with them: "the broken cup"."""


def _take_state_of_goods(bound: Bound, scope: Scope) -> None:
    """ "Her money back for the ‖ broken ‖ cup in her last order": which of its goods are meant, and why; all of the order are not."""
    why = next((s for s in bound.task.slots if "because" in s.cues and "text" in s.types), None)
    if (
        why is None
        or bound.task.selecting("product") is None
        or (said := _STATE.search(bound.piece.text, bound.piece.start, bound.piece.end)) is None
    ):
        return
    words, known = words_of(bound.piece.text, *said.span("goods")), scope.linker.vocabulary.knows
    if not words or not all(known(word.stem) for word in words):
        return  # "for the broken parcel": nothing that was sold
    goods = SlotSpan(kind="product", start=words[0].start, end=words[-1].end, confidence=1.0)
    others = [
        slot for slot in bound.piece.slots if slot.end <= goods.start or goods.end <= slot.start or slot.kind not in ("product", "value", "topic")
    ]
    own = [slot for slot in others if not (slot.kind == "product" and slot.start < said.end() and said.start() < slot.end)]
    bound.piece = replace(bound.piece, slots=tuple(sorted([*own, goods], key=lambda slot: slot.start)))
    if why.name not in bound.args:
        bound.args[why.name] = said["state"]
    bound.taken.append(Spot(start=said.start("led") if said["led"] else said.start("state"), end=said.end("state")))


_LEAST_DIGITS = 4


async def _keep_numbers(bound: Bound, scope: Scope) -> None:
    """The number of an order is no title and no price of a change that knows of none: "take the paper off 20987" is asked about."""
    for value in bound.piece.values.items:
        digits = bound.piece.of(value).strip(" #")
        marked = isinstance(value, Words) and value.kind == "order" and digits.isdigit() and len(digits) >= _LEAST_DIGITS
        if marked and not bound.takes(value) and await scope.holds("order", digits, partial(_is_number, scope, digits)):
            bound.numbers.append(Named(start=value.start, end=value.end, kind="order", text=f"#{digits}", said=digits))


_NUMBERS_LEFT_OUT = re.compile(
    rf"(?:,\s*|\b)(?:{LEAVING_OUT}|(?<=,\s)not|and\s+not|(?<=\d\s)not|without)\s+(?:(?:for|on|the|orders?|numbers?|no\.?)\s+)*"
    r"(?P<numbers>#?\d{3,8}\b(?:\s*(?:,|&|\b(?:and|or|nor)\b)\s*(?:orders?\s+)?#?\d{3,8}\b)*)(?!\s*(?:%|€|[.,]\d|euros?\b))",
    re.I,
)


def _leave_out_numbers(bound: Bound) -> None:
    """ "All of them but not 1042": that one is neither meant nor an amount."""
    if all(slot.record != "order" for slot in bound.task.slots):
        return
    piece = bound.piece
    for said in _NUMBERS_LEFT_OUT.finditer(piece.text, piece.start, piece.end):
        spot = Spot(start=said.start("numbers"), end=said.end("numbers"))
        values = Values(items=tuple(v for v in piece.values.items if not v.overlaps(spot)))
        piece = replace(piece, values=values, slots=tuple(cut for s in piece.slots for cut in _before(s, said, spot, piece)))
    bound.piece = piece


def _before(mark: SlotSpan, said: re.Match[str], numbers: Spot, piece: Piece) -> Iterator[SlotSpan]:
    """What the reader marked, without the numbers left out of it: "all open orders ‖ except 20997"."""
    if not numbers.overlaps(Spot(start=mark.start, end=mark.end)):
        yield mark
    elif mark.start < said.start():
        yield replace(mark, end=mark.start + len(piece.text[mark.start : said.start()].rstrip(" ,")))


def take_numbers_left_out(bound: Bound) -> None:
    """Fill which orders a search for orders is to leave out by their numbers."""
    slot = next((s for s in bound.task.slots if s.name == "but" and "texts" in s.types), None)
    if slot is None or not bound.task.finds("order"):
        return
    for said in _NUMBERS_LEFT_OUT.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        bound.args[slot.name] = [*bound.args.get(slot.name, []), *(f"#{number}" for number in re.findall(r"\d+", said["numbers"]))]
        bound.taken.append(Spot(start=said.start(), end=said.end()))


def _without_those_left_out(bound: Bound) -> None:
    """The numbers named without those; where no other is named, what is left out is asked about."""
    piece = bound.piece
    for said in _NUMBERS_LEFT_OUT.finditer(piece.text, piece.start, piece.end):
        gone = set(re.findall(r"\d+", said["numbers"]))
        bound.numbers = [number for number in bound.numbers if number.text.lstrip("#") not in gone]
        if bound.numbers or any(isinstance(v, Named) and v.kind == "order" for v in piece.values.items):
            bound.taken.append(Spot(start=said.start(), end=said.end()))


def _take(bound: Bound, cue: str, patterns: tuple[re.Pattern[str], ...]) -> None:
    slot = next((s for s in bound.task.slots if cue in s.cues and "text" in s.types and s.name not in bound.args), None)
    piece = bound.piece
    for pattern in patterns if slot is not None else ():
        if (match := pattern.search(piece.text, piece.start, piece.end)) is not None:
            _put(bound, slot, match.start("text"), match.end("text"))
            return


def _put(bound: Bound, slot: Slot | None, start: int, end: int) -> None:
    """The words up to what another field has taken already: "because it broke, and restock it"."""
    after = [spot.start for spot in bound.taken if start < spot.start < end]
    end = min([end, *after])
    text = re.sub(r"[\s,;.\"”]+(?:and|but|please)?\s*$", "", bound.piece.text[start:end])
    if slot is not None and text and not bound.takes(Spot(start=start, end=start + len(text))):
        bound.args[slot.name] = text
        bound.taken.append(Spot(start=start, end=start + len(text)))


_LED_TO_ORDER = re.compile(r"\b(?:for|on|of|order|from|in|off)\s+#?$", re.I)


async def _take_numbers(bound: Bound, scope: Scope) -> None:
    """Numbers of orders without "order" or "#" before them: one right after another's, or the only one there is."""
    if not any(slot.record == "order" for slot in bound.task.slots):
        return
    known = [v for v in bound.piece.values.items if isinstance(v, Named) and v.kind == "order"]
    await _take_runs(bound, scope, known)
    await _take_amounts_to(bound, scope)
    for number in _bare(bound):
        if any(number.overlaps(other) for other in (*known, *bound.numbers)):
            continue
        joined = any(_JOINT.fullmatch(bound.piece.text, other.end, number.start) for other in (*known, *bound.numbers))
        if (known or bound.numbers) and not joined:
            continue
        digits = bound.piece.of(number).strip(" #")
        led = len(digits) > _LEAST_DIGITS or _LED_TO_ORDER.search(bound.piece.text, bound.piece.start, number.start) is not None
        if not (joined or led) and (bound.piece.marked("customer", "product") and any("money" in slot.types for slot in bound.task.slots)):
            continue  # "give Anna 50 for the mug" is an amount, though there may be an order 50; "her money back for 20993" is not
        if bound.task.effect in ("read", "draft") and len(digits) < 3:
            continue
        if joined or await scope.holds("order", digits, partial(_is_number, scope, digits)):
            bound.numbers.append(Named(start=number.start, end=number.end, kind="order", text=f"#{digits}", said=digits))


_TO_ORDER_NUMBER = re.compile(r"(?P<amount>.*\d.*?)\s+(?:to|on|for)\s+(?:order\s+)?#?(?P<order>\d{3,8})", re.I)


async def _take_amounts_to(bound: Bound, scope: Scope) -> None:
    """ "Refund 20 to 1003": 20 for that order, and nothing from 20 to 1,003."""
    piece, items, orders = bound.piece, list[Value](), list[Named]()
    for value in piece.values.items:
        said = _TO_ORDER_NUMBER.fullmatch(piece.of(value)) if isinstance(value, Range) and value.from_to else None
        run = any(one.overlaps(value) and one.start == value.start for one in bound.numbers)
        if (
            said is None
            or run
            or not isinstance(value, Range)
            or not await scope.holds("order", said["order"], partial(_is_number, scope, said["order"]))
        ):
            items.append(value)
            continue
        amount = value.at_least if value.at_least is not None else Decimal()
        items.append(Number(start=value.start, end=value.start + said.end("amount"), amount=amount, currency=value.currency, unit=value.unit))
        spot = (value.start + said.start("order"), value.end)
        if not any(isinstance(v, Named) and v.overlaps(Spot(start=spot[0], end=spot[1])) for v in piece.values.items):
            orders.append(Named(start=spot[0], end=spot[1], kind="order", text=f"#{said['order']}", said=said["order"]))
    if len(items) == len(piece.values.items) and items != list(piece.values.items):
        bound.piece = replace(piece, values=Values(items=tuple(items)))
        bound.numbers += orders


_RUN = re.compile(
    r"(?<![\w.,€$£])#?(?P<low>\d{3,8})\s*(?:-|–|\bto\b|\bthrough\b|\bthru\b|\buntil\b|\bup\s+to\b)\s*#?(?P<high>\d{3,8})\b(?![.,]\d)", re.I
)
_MOST_OF_RUN = 100


async def _take_runs(bound: Bound, scope: Scope, known: Sequence[Named]) -> None:
    """ "Ship 1003 to 1006": all from the first to the last, and no 1,006 euros."""
    for run in _RUN.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        low, high = int(run["low"]), int(run["high"])
        if not 0 < high - low < _MOST_OF_RUN or _AFTER_NUMBER.match(bound.piece.text, run.end()):
            continue
        if not all([await scope.holds("order", end, partial(_is_number, scope, end)) for end in (run["low"], run["high"])]):
            continue
        for n in range(low, high + 1):
            if not any(v.text == f"#{n}" for v in known) and await scope.holds("order", str(n), partial(_is_number, scope, str(n))):
                bound.numbers.append(Named(start=run.start(), end=run.end(), kind="order", text=f"#{n}", said=str(n)))


async def _is_number(scope: Scope, digits: str) -> bool:
    return any(mention.label.lstrip("#") == digits for mention in await scope.store.named("order", digits))


def _bare(bound: Bound) -> Iterator[Spot]:
    text = bound.piece.text
    for value in bound.piece.values.items:
        plain = isinstance(value, Words) or (isinstance(value, Number) and not value.currency and not value.unit)
        if not plain or bound.takes(value):
            continue
        if text[value.start : value.end].strip(" #").isdigit() and not _AFTER_NUMBER.match(text, value.end):
            yield value
