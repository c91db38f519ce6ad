"""Clauses made ready for binding: with the reader's marks as whole words of the right kind, and with their values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planning.binding.scope import Piece, Scope
from agent.planning.clauses.marks import goods_of_orders, kept_at, quoted_names, tagged, titles_held, whole_slots
from agent.planning.clauses.whole_texts import whole_texts
from agent.planning.language.normalise import normalise
from agent.planning.language.values import Number, Spot, Values, Words
from agent.planning.linking.lexicon import called, is_of_the_task
from agent.records.reading import SlotSpan
from agent.sdk import Task

_DONE = re.compile(r"\b(?:used|redeemed)\b", re.I)
"""Told of what was, by a task that else tells of what is to come."""
_THE_SHOP = re.compile(r"\s*(?:(?:in|of|at|on|from)\s+)?(?:our|my)\s+(?:store|shop)\s*", re.I)
"""The shop itself, which is no product, place or tag of it."""

_NO_TAG = re.compile(r"\s*(?:them\s+)?(?:both|all|all\s+of\s+them|as\s+well|too|please)\s*", re.I)
""" "Tag them both" says what is tagged, and not as what."""

_NUMBER = re.compile(r"#?\d{3,8}(?:\s+(?=[^\W\d])|$)")
_NUMBERS_BEFORE = re.compile(r"\borders?\s+#?\d{3,8}(?:\s*(?:,|&|\band\b)\s*#?\d{3,8})*\s*(?:,|&|\band\b)\s*$", re.I)


def _without_number(text: str, slot: SlotSpan) -> SlotSpan | None:
    """ "Tag order 20995 and ‖20994‖ fragile": the number is an order's, and no part of the tag."""
    led = _NUMBER.match(text, slot.start, slot.end) if slot.kind == "tag" and _NUMBERS_BEFORE.search(text[: slot.start]) else None
    return slot if led is None else replace(slot, start=led.end()) if led.end() < slot.end else None


def piece_of(text: str, start: int, end: int, slots: Sequence[SlotSpan], scope: Scope, task: Task | None) -> Piece:
    """The clause with its values; a change or a forecast looks ahead for its dates ("from Friday"), a report back."""
    ahead = task is not None and task.looks_ahead and any({"moment", "period"} & set(slot.types) for slot in task.slots)
    ahead = ahead and not (task is not None and task.effect == "read" and _DONE.search(text, start, end))
    slots = [slot for slot in slots if not _THE_SHOP.fullmatch(text, slot.start, slot.end)]
    slots = [slot for slot in slots if slot.kind != "tag" or not _NO_TAG.fullmatch(text, slot.start, slot.end)]
    slots = whole_texts(text, start, end, slots)
    slots = list(tagged(text, start, end, [part for slot in slots if (part := _without_number(text, slot)) is not None]))
    if task is not None and (own := called(task)):
        slots = [slot for slot in slots if not is_of_the_task(text, slot.start, slot.end, own)]
    if task is not None and any(slot.name == "location" for slot in task.slots):
        slots = [part for slot in slots for part in kept_at(text, slot, scope)]
    key = (start, end, ahead, tuple(slots))
    if key not in scope.pieces:
        scope.pieces[key] = _made(
            text,
            start,
            end,
            goods_of_orders(text, quoted_names(text, start, end, titles_held(text, whole_slots(text, slots, end), scope), scope), scope),
            scope,
            ahead=ahead,
        )
    return scope.pieces[key]


def _made(text: str, start: int, end: int, slots: tuple[SlotSpan, ...], scope: Scope, *, ahead: bool) -> Piece:
    values = normalise(text, start, end, slots, scope.terms, ahead=ahead)
    if names := [Spot(start=m.start(), end=m.end()) for m in scope.linker.vocabulary.tricky.finditer(text, start, end)]:
        values = Values(items=tuple(v for v in values.items if isinstance(v, Words) or not any(v.overlaps(name) for name in names)))
    # "size 33" is no amount where the shop has such a size
    sizes = [Spot(start=m.start(1), end=m.end(1)) for m in _SIZED.finditer(text, start, end) if scope.linker.vocabulary.knows(m[1])]
    if sizes:
        values = Values(items=tuple(v for v in values.items if not isinstance(v, Number) or not any(v.overlaps(size) for size in sizes)))
    return Piece(text=text, start=start, end=end, slots=slots, values=values)


_SIZED = re.compile(r"\bsizes?\s+(?:of\s+)?(\d{1,3})\b(?!\s*[%€$£])", re.I)
