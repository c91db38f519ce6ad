"""A value written into a field, as the field's type has it."""

from __future__ import annotations

import re
from collections.abc import Set
from decimal import Decimal
from typing import Any

from agent.planning.binding.fields import DAYS_OF, counts_in_days, is_an_end
from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.values import Dates, Ending, Impossible, Named, Number, Range, Share, Starting, Top, Until, Value, Words
from agent.sdk import Between, Money, Percent, Slot


def put_value(bound: Bound, slot: Slot, value: Value, scope: Scope) -> None:
    currency = scope.terms.currency
    types = set(slot.types)
    match value:
        case Number():
            days = DAYS_OF[value.unit] if counts_in_days(value.unit, slot) else 1
            bound.args[slot.name] = _number_for(value.amount * days, types, currency)
        case Range():
            bound.args[slot.name] = range_for(value, types, currency)
        case Share():
            # a field for what comes off has no sign of its own
            bound.args[slot.name] = Percent(abs(value.percent) if "comes off" in slot.description or "discount" in slot.name else value.signed)
        case Dates() if is_from_to(value, bound) and (both := _first_and_last(slot, bound)) is not None:
            bound.args[both[0].name], bound.args[both[1].name] = value.period.start, value.period.end
        case Dates():
            ends = is_an_end(slot) and (is_from_to(value, bound) or lasts_only(value, slot, bound, scope))
            bound.args[slot.name] = value.period if "period" in types else value.period.end if ends else value.period.start
        case Until() | Starting():
            bound.args[slot.name] = value.moment
        case Top():
            bound.args[slot.name] = value.n if "integer" in types else Between[int](at_least=value.n, at_most=value.n)
        case Named() | Words():
            if "texts" in types:
                bound.args[slot.name] = [*bound.args.get(slot.name, []), *listed(value.text)]
            elif isinstance(value, Words) and value.kind == "discount":
                bound.args[slot.name] = CODE_NOUN.sub("", value.text.strip())
            else:
                text = re.sub(rf"^(?:the\s+)?{re.escape(slot.name)}(?:\s*:\s*|\s+)(?=\S)", "", value.text.strip(), flags=re.I)  # "‖sku‖ FT-220"
                bound.args[slot.name] = (
                    _LED_TOPIC.sub("", text) if isinstance(value, Words) and value.kind == "topic" and bound.task.effect != "draft" else text
                )
        case Impossible() | Ending():
            pass


def _first_and_last(slot: Slot, bound: Bound) -> tuple[Slot, Slot] | None:
    """The fields for when something starts and when it ends, where this is one of them and the other is free: "let it run from 1 to 24 December"."""
    fields = {s.name: s for s in bound.task.slots if s.name in ("starts", "ends") and "moment" in s.types}
    if len(fields) < 2 or slot.name not in fields or any(name in bound.args for name in fields) or "period" in bound.args:
        return None
    return fields["starts"], fields["ends"]


_FROM_TO = re.compile(r"\w\s*(?:\b(?:to|until|till|til|through)\b|-|–|—)\s*\w", re.I)


def is_from_to(value: Dates, bound: Bound) -> bool:
    """Whether a first and a last day are said."""
    return _FROM_TO.search(bound.piece.of(value)) is not None


_ONLY_THEN = re.compile(r"\b(?:only|just)\s+(?:for\s+|on\s+|during\s+)?(?:the\s+(?:whole\s+)?)?$", re.I)
_THEN_ONLY = re.compile(r"\s*(?:only|alone)\b", re.I)


def is_only_then(value: Dates, bound: Bound) -> bool:
    """ "Today only", "just this week": what is done holds for that time and no longer."""
    text = bound.piece.text
    return _THEN_ONLY.match(text, value.end) is not None or _ONLY_THEN.search(text, bound.piece.start, value.start) is not None


def lasts_only(value: Dates, slot: Slot, bound: Bound, scope: Scope) -> bool:
    """Whether a time under way says when a change ends, for a task that begins at once."""
    now = scope.terms.now
    under_way = not value.compared and value.period.start <= now < value.period.end
    no_period = all("period" not in s.types for s in bound.task.slots)
    return under_way and no_period and "moment" in slot.types and is_an_end(slot) and is_only_then(value, bound)


_LED_TOPIC = re.compile(r"^(?:our|my|their)\s+(?=\w)", re.I)
CODE_NOUN = re.compile(r"^(?:the\s+|our\s+)?(?:discount\s+|promo\s+)?(?:codes?|vouchers?|coupons?|discounts?)\s+", re.I)


def is_code_noun(text: str) -> bool:
    """Whether it is no code but the word for one: "vouchers" of "which vouchers run out"."""
    return CODE_NOUN.sub("", f"{text.strip()} ") == ""


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
