"""Gives each value to the field it was said for: types first, then the words beside it.

Every pair of value and field that fits is scored, the best pairs win, each field once. Nothing here knows a task; a
field tells by its type, its cues and its description what it takes.
"""

from __future__ import annotations

import re

from agent.planning.binding.counted import counts_goods
from agent.planning.binding.fields import is_an_end
from agent.planning.binding.fit import fit
from agent.planning.binding.put_values import is_from_to, lasts_only, put_value
from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.values import Dates, Impossible, Number, Range, Share, Spot, Value
from agent.sdk import Slot

_SURE = 3.0
"""What fits a field by all that is said of it."""


def assign(bound: Bound, scope: Scope) -> None:
    pairs = []
    for at, value in enumerate(bound.piece.values.items):
        if bound.takes(value) or any(value.overlaps(number) for number in bound.numbers):
            continue
        for slot in bound.task.slots:
            score = 0.0 if _is_no_amount(value, slot, bound, scope) else fit(value, slot, bound)
            if isinstance(value, Dates) and lasts_only(value, slot, bound, scope):
                score = _SURE
            if score > 0 and not _begins_later(value, slot, bound, scope):
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
        filled |= {slot.name, *bound.args}
        if isinstance(value, Number | Share):
            numbered.add(slot.name)
        bound.taken.append(Spot(start=value.start, end=value.end))


def _begins_later(value: Value, slot: Slot, bound: Bound, scope: Scope) -> bool:
    """ "10 euros from 1 until 10 December", said in November, to a task that can only begin now: it is asked about, and neither end is taken."""
    if not isinstance(value, Dates) or "period" in slot.types or "moment" not in slot.types or not is_an_end(slot):
        return False
    return is_from_to(value, bound) and value.period.start > scope.terms.now


_BY = re.compile(r"\bby\s*[€$£]?$", re.I)


def _is_no_amount(value: Value, slot: Slot, bound: Bound, scope: Scope) -> bool:
    """ "At least 3 mugs" are not 3 euros, and "by 2 to 10" says two amounts."""
    if not isinstance(value, Range) or value.currency or not {"money", "range_money"} & set(slot.types):
        return False
    return counts_goods(value, bound, scope) or (value.from_to and _BY.search(bound.piece.text[bound.piece.start : value.start]) is not None)


def _rivals(slot: Slot, bound: Bound, numbered: set[str]) -> bool:
    """Whether another field of the same group has a number already: a price is either set or moved."""
    return any(slot.name in group and numbered & set(group) - {slot.name} for group in bound.task.args.one_of)
