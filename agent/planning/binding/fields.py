"""What a field says of itself by its name, its cues and its description: which unit it counts, whether it compares or ends."""

from __future__ import annotations

import re

from agent.planning.binding.scope import Piece
from agent.records.reading import SlotSpan
from agent.sdk import Slot

HINTS: dict[str, tuple[str, ...]] = {
    "tag": ("tag", "tags", "label"), "place": ("place", "places", "country", "countries", "city", "location"), "channel": ("channel", "channels"),
    "topic": ("topic", "about", "mention", "theme"), "customer": (), "discount": ("code", "coupon"),
    "value": ("value", "text", "title", "name", "message", "description"),
    "quoted": ("text", "title", "name", "message", "description", "note"),
}  # fmt: skip


def is_about(slot: Slot, kind: str) -> bool:
    hints = HINTS[kind]
    name = set(slot.name.split("_"))
    cues = {word for cue in slot.cues for word in cue.split()}
    described = set(re.findall(r"[a-z]+", slot.description.lower())) if kind in ("tag", "place", "channel") else set()
    return bool(set(hints) & (name | cues | described))


def counts_unit(unit: str, slot: Slot) -> bool:
    """Whether a field is about this unit, by its name, its cues or what it says of itself."""
    words = " ".join([slot.name.replace("_", " "), *slot.cues, slot.description]).lower()
    return re.search(rf"\b{unit}s?\b", words) is not None


DAYS_OF = {"day": 1, "week": 7, "month": 30, "year": 365, "hour": 1}


def counts_in_days(unit: str, slot: Slot) -> bool:
    """ "Two weeks" for a field that counts days."""
    return unit in ("week", "month", "year") and not counts_unit(unit, slot) and counts_unit("day", slot)


def is_compared(slot: Slot) -> bool:
    return "compare" in slot.name or any(cue in ("vs", "versus", "compared with", "compared to") for cue in slot.cues)


def is_an_end(slot: Slot) -> bool:
    return bool({"until", "till", "ends", "through", "expires"} & set(slot.cues)) or slot.name in ("until", "ends", "end", "expires", "before")


META = re.compile(r"\b(?:meta|seo)[\s-]+$", re.I)
_OF_THE_GOODS = frozenset({"the", "its", "their", "new", "product", "products", "item", "shop", "store", "order", "customer", "discount"})


def is_called(said: str, slot: Slot) -> bool:
    """Whether all that a field is called by is the slot's own: "product title" is the title, "meta title" is not."""
    own = {word for text in (slot.name.replace("_", " "), *slot.cues) for word in text.lower().split()}
    words = set(re.findall(r"[a-z]+", said)) - _OF_THE_GOODS
    return words <= own | {word + "s" for word in own}


def whole_field(mark: SlotSpan, piece: Piece) -> str:
    """The "meta title" of which the reader marked the second word."""
    led = META.search(piece.text, piece.start, mark.start)
    return f"{led[0] if led else ''}{piece.of(mark)}".lower()


def names_field(said: str, slot: Slot) -> bool:
    said = re.sub(r"^(?:the|its|their)\s+", "", said.strip())
    return said == slot.name.replace("_", " ") or said in slot.cues
