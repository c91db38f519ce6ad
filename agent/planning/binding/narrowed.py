"""Goods narrowed by a price, a stock or whether there are any, where the task has no field of its own for it."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.planning.binding.counted import counts_goods, is_of_stock
from agent.planning.binding.doubt import limits_what_it_comes_to
from agent.planning.binding.earlier_records import shown
from agent.planning.binding.put_values import range_for
from agent.planning.binding.scope import GOODS, Bound, Scope, put
from agent.planning.language.values import Range, Spot
from agent.planning.linking.link import Linked
from agent.planning.linking.phrases import available
from agent.sdk import Where

_PUT_IN = re.compile(
    r"\W*(?:(?:please|and|then|also)\s+)*(?:put|bring|place|get)\b(?:(?!\b(?:that|which|are|is|all|every\w*)\b)[^,.;])*\bin\s+stock", re.I
)
""" "Put 10 more of the mug in stock" says where they go, and not which are meant."""


async def narrow_to_available(bound: Bound, scope: Scope) -> None:
    """ "That are sold out" beside goods, where no choice of the task took it."""
    said = available(bound.piece.text, bound.piece.start, bound.piece.end)
    slot = next((s for s in bound.task.slots if s.record in GOODS and "selection" in s.types and not shown(bound.args.get(s.name))), None)
    if said is None or slot is None or any(asked.field == slot.name for asked in bound.asked):
        return
    stock, start, end = said
    spot = Spot(start=start, end=end)
    counts = [value for value in bound.piece.values.items if isinstance(value, Range) and value.unit]
    if any(value.start < spot.end and spot.start <= value.end + 1 for value in counts):
        return  # "more than 20 ‖ in stock" says how many
    if bound.takes(spot) or _PUT_IN.fullmatch(bound.piece.text, bound.piece.start, end):
        return
    bound.taken.append(spot)
    link = bound.links.get(slot.name) or Linked(
        start=start, end=end, products=tuple(scope.linker.vocabulary.products), where=Where(everything=True), label="everything"
    )
    narrowed = await scope.linker.narrowed(link, stock=stock, whole=slot.record == "product" and not (link.where.options or link.where.sizes))
    if narrowed.products:
        put(bound, slot, replace(narrowed, label=f"{link.label}, {bound.piece.of(spot).lower()}"))
    else:
        bound.ask(slot.name, f"Nothing of “{link.label}” is {bound.piece.of(spot).lower()}. Which products do you mean?")


_NOT = re.compile(r"\b(?:but|and|though|,)\s+(?:never|not|don[’']?t)\s+(?:go(?:ing)?\s+|fall(?:ing)?\s+)?$", re.I)


async def narrow_by_amount(bound: Bound, scope: Scope) -> None:
    """A price or a stock said beside goods narrows them, where the task has no field of its own for it."""
    for value in bound.piece.values.items:
        if not isinstance(value, Range) or bound.takes(value) or (not value.unit and not value.currency and counts_goods(value, bound, scope)):
            continue  # "on 3 or more candles" is said of no price
        if bound.task.effect == "write" and _NOT.search(bound.piece.text, bound.piece.start, value.start):
            continue  # "3 euros off ‖ but not below 10" says how far it may go, and not which goods
        slot = next((s for s in bound.task.slots if s.record in GOODS and s.name in bound.links), None)
        of_stock = value.unit == "unit" or is_of_stock(value, bound)
        if slot is None or (value.unit and not of_stock) or value.from_to:
            continue
        if not of_stock and limits_what_it_comes_to(value, bound):
            continue
        types, key = ({"range_int"}, "stock") if of_stock else ({"range_money"}, "price")
        condition = range_for(value, types, scope.terms.currency)
        link = bound.links[slot.name]
        narrowed = await scope.linker.narrowed(link, **{key: condition}, whole=slot.record == "product")
        bound.taken.append(Spot(start=value.start, end=value.end))
        if not narrowed.products:
            bound.ask(slot.name, f"Nothing of “{link.label}” is {bound.piece.of(value)}. Which products do you mean?")
            continue
        put(bound, slot, narrowed)
