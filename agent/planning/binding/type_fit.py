"""How well a value fits a field by the types of both alone."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

from agent.planning.binding.fields import DAYS_OF, HINTS, counts_in_days, counts_unit, is_about, is_an_end, is_compared
from agent.planning.binding.put_values import is_code_noun
from agent.planning.language.values import Dates, Ending, Impossible, Named, Number, Range, Share, Starting, Top, Until, Value, Words
from agent.sdk import Slot
from agent.sdk.task import SlotType


def type_fit(value: Value, slot: Slot) -> float:
    """Below 1: only with a cue."""
    types = set(slot.types)
    match value:
        case Number():
            return _number_fit(value, slot)
        case Range():
            return _range_fit(value, slot)
        case Share():
            return 3 if "percent" in types else 0
        case Dates(compared=compared):
            if "period" in types:
                return (3 if is_compared(slot) else 0) if compared else (0 if is_compared(slot) else 2)
            return 0.5 if "moment" in types and not compared else 0
        case Until() | Starting():
            if "moment" in types:
                return 2 if is_an_end(slot) == isinstance(value, Until) else 0.1
            return 0
        case Top():
            return 2 + ("top" in slot.name) if "integer" in types else 0.2 if "range_int" in types else 0
        case Impossible(kind=kind):
            return (0.5 if kind == "text" else 1.5 if kind == "until" and "moment" not in types else 2) if types & _ASKED_OF[kind] else 0
        case Named(kind=kind):
            if kind == "code" and types & {"text", "texts"} and is_about(slot, "discount"):
                return 3
            return 0.1 if "text" in types and kind in ("code", "sku") else 0
        case Words():
            return _words_fit(value, slot)
        case Ending():
            return 0


def _number_fit(value: Number, slot: Slot) -> float:
    types, unit = set(slot.types), value.unit
    if "money" in types and not unit:
        return 3 if value.currency else 2
    if "integer" in types and not value.currency:
        if not unit:
            # a stray number is no length of a list: "the customer whose id is 88123" is one, not so many
            return 0.5 if "top" in slot.cues else 2
        return 2 if counts_unit(unit, slot) else 1.9 if counts_in_days(unit, slot) else 0 if unit in DAYS_OF else 0.5
    if "number" in types:
        return 1.5
    if "range_int" in types and not value.currency:
        return 2.5 if unit and counts_unit(unit, slot) else 0.2
    if "range_number" in types and not value.currency and unit and counts_unit(unit, slot):
        return 2.5
    return 0.2 if "range_money" in types and not unit else 0


def _range_fit(value: Range, slot: Slot) -> float:
    types, unit = set(slot.types), value.unit
    single = sum(b is not None for b in (value.at_least, value.above, value.at_most, value.below)) == 1
    if "range_money" in types and not unit:
        return 3 if value.currency else 1.5
    if "range_int" in types and not value.currency:
        return (3 if counts_unit(unit, slot) else 0) if unit else 1.4
    if "range_number" in types and not value.currency:
        return (3 if counts_unit(unit, slot) else 0) if unit else 0.5
    if "money" in types and not unit and (single or value.from_to):
        return 2 if value.from_to else 0.6
    return 0.6 if "integer" in types and single and not value.currency and (not unit or counts_unit(unit, slot)) else 0


_ASKED_OF: dict[str, frozenset[SlotType]] = {
    "money": frozenset({"money", "range_money", "percent"}), "percent": frozenset({"percent"}), "until": frozenset({"moment", "period"}),
    "number": frozenset({"integer", "money", "number", "range_int", "range_money"}), "period": frozenset({"period", "moment"}),
    "text": frozenset({"text", "texts"}),
}  # fmt: skip
"""Types of field that a value of this kind was meant for."""


def _words_fit(value: Words, slot: Slot) -> float:
    if not {"text", "texts"} & set(slot.types) or ("language" in slot.name and value.text.strip().casefold() not in language_names()):
        return 0
    if value.kind == "discount" and is_code_noun(value.text):
        return 0
    if value.kind in ("value", "quoted"):
        return (1.2 if "text" in slot.types else 0.8) if slot.required or is_about(slot, value.kind) else 0.5
    return 2.5 if value.kind in HINTS and is_about(slot, value.kind) else 0


@lru_cache(maxsize=1)
def language_names() -> frozenset[str]:
    return frozenset(name.casefold() for name in Locale("en").languages.values())
