"""What one part of a request says for others as well: when and where, of questions that hang together.

"How much did we make yesterday and who bought the most?" asks both of yesterday. Only looks share so, and only what is asked in one breath: a
sentence of its own begins anew, but for a "why".
"""

from __future__ import annotations

import re

from agent.planning.binding.scope import GOODS, Bound, put
from agent.planning.binding.taken_over import kind_of
from agent.planning.binding.whereabouts import place_slot
from agent.planning.draft import Draft
from agent.planning.language.values import Dates, Starting, Until
from agent.planning.linking.lexicon import leaning
from agent.sdk import Period, Slot

_STOP = re.compile(r"[.?!;\n](?:\s|$)")
_JOINED = re.compile(r"[\s,]*(?:(?:and|&|plus|as\s+well\s+as)\s+)?(?:also\s+|then\s+)?", re.I)
_BACK_THEN = re.compile(
    r"\b(?:did|was|were|had|bought|sold|spent|ordered|came|went|made|paid|placed|returned|used|got|grew|fell|rose|changed|happened|sent|shipped)\b",
    re.I,
)
_NOW = re.compile(r"\b(?:still|now|currently|yet|is|are|have|has)\b", re.I)
_STILL = re.compile(r"\b(?:still|currently|right\s+now|(?:not|n['’]t)\s+(?:\w+\s+)?yet|yet\s+to)\b", re.I)
"""What is still so is asked of now, whenever it began: "which orders are still not shipped"."""
_WHY = re.compile(r"\b(?:why|how\s+come|what\s+(?:caused|drove|explains?|is\s+behind|was\s+behind|changed))\b|\bexplain\b", re.I)
_THERE = re.compile(r"(?<!\bare )(?<!\bis )(?<!\bwere )(?<!\bwas )\bthere\b(?!\s+(?:are|is|was|were|will|has|have|had|any)\b|['’])", re.I)
_BEFORE_THEN = re.compile(r"\b(?:before|by|until|till)\s+(?:then|that\s+(?:time|date|point))\b", re.I)
_AT_THAT_TIME = re.compile(
    r"\b(?:(?:in|during|over|for|at)\s+(?:that|the\s+same)\s+(?:time|period|month|week|day|quarter|year|weekend)|that\s+(?:month|week|quarter|year|weekend|day)|back\s+then)\b",
    re.I,
)
_HOW_MANY = re.compile(r"\W*(?:and\s+)?how\s+(?:many|much)(?:\s+\w+){1,2}\W*", re.I)
_WROTE = frozenset({"review", "message"})


def share_what_is_said_once(bound: Bound, draft: Draft, span: tuple[int, int]) -> None:
    """The time and the place of the question before, where this one leaves them out; and the other way round where only this one says when."""
    before = draft.steps[-1].bound if draft.steps else None
    if before is not None and _OF_A_THING.match(bound.piece.said) and _JOINED.fullmatch(draft.text[draft.steps[-1].span[1] : span[0]]):
        _share_thing(bound, before)
    if before is not None and _THERE.search(bound.piece.said):
        _share_location(bound, before)
    if before is None or before.task.effect != "read" or bound.task.effect != "read":
        return
    if _BEFORE_THEN.search(bound.piece.said):
        _share_end(bound, before)
    elif _AT_THAT_TIME.search(bound.piece.said):
        _share_times(bound, before, most=1)
    between = draft.text[draft.steps[-1].span[1] : span[0]]
    same_sentence = _STOP.search(between) is None
    if _asks_why(bound) and (same_sentence or not bound.links):
        _share_times(bound, before)
        if same_sentence and _ONLY_WHY.fullmatch(bound.piece.said):
            _share_goods(bound, before)
    elif same_sentence and _is_of_then(bound):
        _share_times(bound, before, most=1)
    if same_sentence and (_THERE.search(bound.piece.said) or _is_figure(bound)):
        _share_places(bound, before)
    if _JOINED.fullmatch(between) and leaning(bound.piece.said) == "" and not _says_when(before) and before.task is not bound.task:
        _share_times(before, bound, most=1)


_OF_A_THING = re.compile(
    r"\W*(?:(?:and|plus|the|its|current|average)\W+)*(?:(?:sold|bought|ordered|returned|units\s+sold)\b|(?:reviews?|ratings?|stars|stock|price|cost|margin|sales"
    r"|(?:any|how\s+many)(?:\s+(?:are|do\s+we\s+have))?\s+left)\W*$)",
    re.I,
)
"""What is asked of one thing in a list of questions, and would be a strange question of all: "the tablecloth's price, stock, sold this year"."""


def _share_thing(bound: Bound, before: Bound) -> None:
    """The one product that the question before is about."""
    own = next((s for s in bound.task.slots if s.record in GOODS and "selection" in s.types and s.name not in bound.args), None)
    theirs = next((s for s in before.task.slots if s.record in GOODS and "selection" in s.types and s.name in before.links), None)
    looks = before.task.effect == "read" and bound.task.effect == "read"
    if own is None or theirs is None or not looks or bound.asked or bound.piece.marked("product", "customer", "order"):
        return
    if len(before.links[theirs.name].products) == 1 and not any(s.record in GOODS and s.name in bound.args for s in bound.task.slots):
        put(bound, own, before.links[theirs.name])
        bound.refers.append(own.name)


_ONLY_WHY = re.compile(r"\W*(?:(?:and|but|tell\s+me|explain|so)\W+)*(?:why|how\s+come)\W*", re.I)


def _share_goods(bound: Bound, before: Bound) -> None:
    """ "How did the dresses do compared to last year, and why": of the dresses."""
    for slot in bound.task.slots:
        theirs = next((s for s in before.task.slots if s.record == slot.record == "product" and s.name == slot.name and s.name in before.links), None)
        if theirs is not None and slot.name not in bound.args:
            put(bound, slot, before.links[theirs.name])


def _asks_why(bound: Bound) -> bool:
    return len(_times(bound)) > 1 and _WHY.search(bound.piece.said) is not None


def _is_of_then(bound: Bound) -> bool:
    """Whether it asks of what was, or only for a figure and leaves the verb out."""
    if kind_of(bound.task) in _WROTE:
        return False
    return (_BACK_THEN.search(bound.piece.said) is not None and _STILL.search(bound.piece.said) is None) or _is_figure(bound)


def _is_figure(bound: Bound) -> bool:
    """Whether it only names a report, "the total revenue there": its verb stands with the question before."""
    plain = leaning(bound.piece.said) == "" or _HOW_MANY.fullmatch(bound.piece.said) is not None
    return kind_of(bound.task) == "" and plain and _NOW.search(bound.piece.said) is None


def _says_when(bound: Bound) -> bool:
    marks = [mark for mark in bound.piece.marked("period") if not _AT_THAT_TIME.search(bound.piece.text, mark.start - 4, mark.end)]
    said = marks or any(isinstance(value, Dates | Starting | Until) for value in bound.piece.values.items)
    return bool(said) or any(slot.name in bound.args for slot in bound.task.slots if {"period", "moment"} & set(slot.types))


def _times(bound: Bound) -> list[Slot]:
    return [slot for slot in bound.task.slots if slot.types == ("period",) and slot.name in ("period", "compare")]


def _share_times(bound: Bound, before: Bound, *, most: int = 2) -> None:
    if _says_when(bound) or bound.task.looks_ahead or before.task.looks_ahead:
        return
    names = {slot.name for slot in _times(before)}
    for slot in _times(bound)[:most]:
        if slot.name in names and slot.name in before.args:
            bound.args[slot.name] = before.args[slot.name]


def _share_location(bound: Bound, before: Bound) -> None:
    """ "Add 10 shampoo bars to the Berlin shop, and set the bath salts there to 40": of the stock that is kept there."""
    if any(slot.name == "location" for slot in bound.task.slots) and "location" not in bound.args and "location" in before.args:
        bound.args["location"] = before.args["location"]


def _share_end(bound: Bound, before: Bound) -> None:
    """ "Forecast next month's sales, and what will run out before then": up to the end of the time that was spoken of."""
    slot = next((s for s in bound.task.slots if s.types == ("moment",) and {"before", "until"} & set(s.cues) and s.name not in bound.args), None)
    time = before.args.get("period")
    if slot is not None and isinstance(time, Period) and not _says_when(bound):
        bound.args[slot.name] = time.end


def _share_places(bound: Bound, before: Bound) -> None:
    own, theirs = place_slot(bound.task), place_slot(before.task)
    if own is not None and theirs is not None and own.name not in bound.args and theirs.name in before.args:
        bound.args[own.name] = before.args[theirs.name]
