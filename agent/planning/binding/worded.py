"""Values of a change that are words rather than amounts: lists after their cue, lengths of time, deals, old values and what replaces them.

Taken before values are given to fields, so that the sizes 36 and 37 are no prices, and "another 3 days" is not the day after tomorrow.
"""

from __future__ import annotations

import re

from agent.planning.binding.old_values import holds_old, old_values
from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.calendar_words import counted
from agent.planning.language.fragments import TWO_TO_EIGHT
from agent.planning.language.values import Number, Share, Spot, Words
from agent.planning.linking.vocabulary import key_of
from agent.sdk import Slot


def take_words(bound: Bound, scope: Scope) -> None:
    """Fill what is said in words of its own; for changes only."""
    if bound.task.effect not in ("write", "action"):
        return
    _take_deal(bound)
    _take_lengths(bound)
    _take_old_values(bound)
    _take_replaced(bound)
    for slot in bound.task.slots:
        if "texts" in slot.types and slot.name in slot.cues and slot.name not in ("remove", *bound.args):
            _take_list(bound, slot, scope)


_WORDS_OF_LENGTH = rf"an?|\d+|one|{TWO_TO_EIGHT}|nine|ten|twelve|fourteen"
_LENGTH = re.compile(
    rf"\b(?:(?:by|for)\s+another|by|another|(?=(?:{_WORDS_OF_LENGTH})\s+(?:more|extra|additional)\b)"
    rf"|(?=(?:{_WORDS_OF_LENGTH})\s+(?:day|week|month)s?\s+(?:longer|more)\b))\s*(?P<n>{_WORDS_OF_LENGTH})?\s*"
    r"(?:(?:more|extra|additional)\s+)?(?P<unit>day|week|month)s?\b(?:\s+(?:longer|more))?",
    re.I,
)
_DAYS = {"day": 1, "week": 7, "month": 30}


def _take_lengths(bound: Bound) -> None:
    """ "By a week" for a field that counts how many days longer."""
    slot = next((s for s in bound.task.slots if "integer" in s.types and "another" in s.cues and "day" in s.description), None)
    said = _LENGTH.search(bound.piece.said)
    if slot is None or said is None:
        return
    n = said["n"] or "one"
    bound.args[slot.name] = _DAYS[said["unit"].lower()] * (1 if n.lower() in ("a", "an", "one") else counted(n.lower()))
    bound.taken.append(Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end()))


_SO_MANY = r"an?|one|two|three|four|five|\d{1,3}"
_DEAL = re.compile(
    rf"\b(?:buy|buys|purchase|take|for\s+every)\s+(?P<buys>{_SO_MANY})\b[^.;]{{0,80}}?\bgets?\s+(?P<gets>the\s+(?:second|third|fourth)|another|{_SO_MANY})\b"
    r"(?!\s+(?:free\s+)?(?:shipping|delivery|postage))",
    re.I,
)


def _take_deal(bound: Bound) -> None:
    """ "Buy one candle, get one half price": so many, and not half off whatever is bought."""
    names = {slot.name for slot in bound.task.slots}
    said = _DEAL.search(bound.piece.said) if {"buys", "gets"} <= names else None
    if said is None or re.match(r"\s*\d*\s*%|\s+(?:euros?|percent)\b", bound.piece.said[said.end() :]):
        return
    for name in ("buys", "gets"):
        n = said[name].lower()
        number = 1 if n in ("a", "an", "one", "another") or n.startswith("the ") else counted(n)
        bound.args[name] = number
        bound.taken.append(Spot(start=bound.piece.start + said.start(name), end=bound.piece.start + said.end(name)))


_LED_BY = 60
"""Characters before a value in which the words that lead to it are looked for."""


def _take_old_values(bound: Bound) -> None:
    """ "From 10% to 5 euros": what it was is not what it is to be."""
    piece = bound.piece
    values = [value for value in piece.values.items if isinstance(value, Number | Share)]
    for value, after in zip(values, values[1:], strict=False):
        led = re.search(r"\bfrom\s+$", piece.text[max(piece.start, value.start - _LED_BY) : value.start], re.I)
        if led and re.fullmatch(r"\s*(?:off\s+)?(?:to|into)\s*", piece.text[value.end : after.start], re.I):
            bound.taken.append(Spot(start=value.start, end=value.end))
    said = [value for value in piece.values.items if isinstance(value, Words) and value.kind in ("value", "quoted", "topic", "tag")]
    for was, now in zip(said, said[1:], strict=False):
        led = re.search(r"\bfrom\s+[\"“'‘]?$", piece.text[max(piece.start, was.start - _LED_BY) : was.start], re.I)
        if led and re.fullmatch(r"[\"”'’]?\s*(?:to|into)\s*[\"“'‘]?", piece.text[was.end : now.start], re.I):
            bound.taken.append(Spot(start=was.start, end=was.end))
    if not any(map(holds_old, bound.task.slots)):
        bound.taken += [Spot(start=value.start, end=value.end) for value in old_values(piece)]


_REPLACED = re.compile(
    r"\b(?:replace|swap|exchange|change)\s+(?:the\s+)?(?:tag|label)\s+(?:[\"“](?P<old>[^\"”]+)[\"”]|(?P<old2>[\w-]+))\s+(?:with|by|for|to|into)\s+"
    r"(?:the\s+)?(?:(?:tag|label)\s+)?(?:[\"“](?P<new>[^\"”]+)[\"”]|(?P<new2>[\w-]+))",
    re.I,
)


def _take_replaced(bound: Bound) -> None:
    """ "Replace the tag X with Y": one comes off and the other goes on."""
    fields = [next((s.name for s in bound.task.slots if "texts" in s.types and s.name.startswith(way)), None) for way in ("remove", "add")]
    if (said := _REPLACED.search(bound.piece.said)) is None or None in fields:
        return
    for name, group in zip(fields, ("old", "new"), strict=True):
        bound.args[str(name)] = [said[group] or said[f"{group}2"]]
    bound.taken.append(Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end()))


_LEAD = re.compile(r"\s*(?::|=|are\b|is\b|of\b|in\b)?\s*", re.I)
_JOINT = re.compile(r"\s*(?:,\s*(?:and\s+|or\s+)?|/|\+|&|\band\b|\bor\b)\s*", re.I)
_ITEM = re.compile(r"[^\W_][\w.'’½-]*(?:\s+[^\W\d_][\w'’-]*){0,2}")
_OVER = re.compile(
    r"\s+(?:in|at|for|with|from|on|to|by|per|each|and|or|costing|priced|of|as|is|are)\b.*$|\s+(?:sizes?|colou?rs?|sku|vendor|stock|price|tags?)\b.*$",
    re.I | re.S,
)


def _take_list(bound: Bound, slot: Slot, scope: Scope) -> None:
    """What follows one of the field's cues, item after item; or follows "in" where it is a known value of such an option."""
    piece = bound.piece
    for cue in sorted(slot.cues, key=len, reverse=True):
        for said in re.finditer(rf"(?<!\w){re.escape(cue)}(?!\w)", piece.said, re.I):
            lead = _LEAD.match(piece.said, said.end())
            start = lead.end() if lead else said.end()
            if _put_items(bound, slot, piece.start + said.start(), piece.start + start, scope=scope):
                return
    if "size" in slot.cues and (row := _ROW_WITHIN.search(piece.said)) is not None:
        at = piece.start + row.start()
        if _put_items(bound, slot, at, at, scope=scope, known=True):
            return
    for said in re.finditer(r"\b(?:in|and)\s+|,\s*(?=\w)", piece.said, re.I):
        item, at = _item(piece.said, said.end(), len(piece.said)), piece.start + said.end()
        if item and _values_in(item, slot, scope) and _put_items(bound, slot, piece.start + said.start(), at, scope=scope, known=True):
            return


def _put_items(bound: Bound, slot: Slot, begun: int, start: int, *, scope: Scope, known: bool = False) -> bool:
    """
    Args:
        known: The list goes on only with values that are known: "in S and L, black or navy".
    """
    piece, at, ended, items = bound.piece, start, start, list[str]()
    while item := _item(piece.text, at, piece.end):
        if items and (item.isdigit() and not items[0].isdigit()):
            break  # "S and L, 29 €"
        if bound.takes(Spot(start=at, end=at + len(item))) or _is_cue(item, bound, slot):
            break
        values = _values_in(item, slot, scope)
        if known and not values:
            break
        items += values or [item]
        at = ended = at + len(item)
        joint = _JOINT.match(piece.text, at, piece.end)
        if joint is None:
            break
        at = joint.end()
    if not items:
        return False
    bound.args[slot.name] = items
    bound.taken.append(Spot(start=begun, end=ended))
    return True


def _item(text: str, at: int, end: int) -> str:
    if (row := _ROW.match(text, at, end)) is not None:
        return row[0]
    match = _ITEM.match(text, at, end)
    return "" if match is None else _OVER.sub("", match[0]).rstrip(".")


_LETTERS = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")
_LETTER = r"(?-i:X{0,3}S|M|X{0,4}L|[2-6]XL)"
_WORD = r"(?:extra[\s-]?|x-?)?(?:small|large)|medium"
_ROW = re.compile(
    rf"(?:(?P<pairs>{_LETTER}/{_LETTER}(?:\s*(?:,|&|\band\b)\s*{_LETTER}/{_LETTER})+)|(?P<first>{_LETTER})\s*(?:-|–|\bto\b|\bthrough\b)\s*(?P<last>{_LETTER})|(?:{_LETTER})(?:\s+{_LETTER})+|(?:{_WORD})(?:\s+(?:{_WORD}))+)(?![\w'’-])",
    re.I,
)
"""Sizes in a row without a comma, two in one, or from one to another: "S M L", "small medium large", "S/M and L/XL", "XS to XL"."""
_ROW_WITHIN = re.compile(rf"(?<![\w'’/-])(?:{_ROW.pattern})", re.I)
_SIZE = re.compile(rf"{_LETTER}|{_WORD}", re.I)
_NUMBERS = re.compile(r"(?P<first>\d{2,3})\s?[-–]\s?(?P<last>\d{2,3})")
_MOST_SIZES = 20
_COLOURS = frozenset({
    "black", "white", "red", "green", "blue", "yellow", "orange", "purple", "pink", "brown", "grey", "gray", "beige", "navy", "cream", "gold",
    "silver", "turquoise", "violet",
})  # fmt: skip
"""The basic terms, which are colours in any shop; others are those of the shop's own goods."""


def _values_in(item: str, slot: Slot, scope: Scope) -> list[str]:
    """The known values that some words are: one, those of a row, or all from one to another; none where they are something else."""
    if "size" in slot.cues:
        if (row := _ROW.fullmatch(item)) is not None and row["first"]:
            at = [_LETTERS.index(end) if end in _LETTERS else -1 for end in (row["first"].upper(), row["last"].upper())]
            return list(_LETTERS[at[0] : at[1] + 1]) if -1 < at[0] < at[1] else []
        if row is not None and row["pairs"]:
            return [one.strip() for one in re.split(r",|&|\band\b", item)]
        if row is not None:
            return [one[0] for one in _SIZE.finditer(item)]
        if (numbers := _NUMBERS.fullmatch(item)) is not None and 0 < int(numbers["last"]) - int(numbers["first"]) < _MOST_SIZES:
            return [str(size) for size in range(int(numbers["first"]), int(numbers["last"]) + 1)]
        if _SIZE.fullmatch(item):
            return [item]
    if "colour" in slot.cues and item.casefold() in _COLOURS:
        return [item]
    return [item] if _is_value(item, slot, scope) else []


def _is_cue(item: str, bound: Bound, slot: Slot) -> bool:
    """Whether the words begin another field: "…, sku LA-01"; or are an amount: "…, 29.90"."""
    low = item.casefold()
    others = (cue for other in bound.task.slots if other is not slot for cue in (*other.cues, *(p for ps in other.phrases.values() for p in ps)))
    if any(low == cue or low.startswith(f"{cue} ") for cue in others if len(cue) > 2):
        return True
    return re.fullmatch(r"\d+[.,]\d\d|\d+\s+(?:in\s+stock|units|pieces|euros?|each|of).*", item, re.I) is not None


def _is_value(item: str, slot: Slot, scope: Scope) -> bool:
    """A value of one of the shop's options that goes by this field's name."""
    names = {cue.casefold() for cue in slot.cues}
    known = scope.linker.vocabulary.phrases.get(key_of(item), ())
    return any(name.kind == "option" and (name.option or "").casefold() in names for name in known)
