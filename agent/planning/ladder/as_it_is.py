"""A bare number that may be a price or a count, told by what the thing costs and how many there are: "set the travel mug to 26".

Who says so of a mug that costs 24 speaks of its price, and of one of which there are 25 of its stock; where it may be either, it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agent.planning.binding.scope import GOODS, Bound
from agent.planning.clauses.local import MENTION, Decision
from agent.planning.draft import Draft
from agent.planning.ladder.parts import add_parts, bound_to
from agent.planning.ladder.readers import Readers, makes_changes
from agent.sdk import Money, Product, Selection, every

_NEAR, _FAR = Decimal("1.4"), Decimal("1.6")
"""Times more or less that a new number may be of what there is to be likely meant, and from which it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    parts: Sequence[Bound]
    number: Decimal
    is_price: bool
    share: float


async def told_by_what_it_is(readers: Readers, draft: Draft, text: str, decision: Decision) -> bool:
    """Whether one of two changes is taken since the number is near to what the goods have now, and far from it as the other."""
    ways: list[_Way] = []
    for task, share in decision.near:
        if share >= MENTION and makes_changes(task) and task.selecting(*GOODS) is not None:
            parts = await bound_to(readers, draft, text, decision.clause, task)
            if len(parts) == 1 and (number := _new_number(parts[0])) is not None:
                ways.append(_Way(parts=parts, number=number[0], is_price=number[1], share=share))
    if len(ways) != 2 or ways[0].is_price == ways[1].is_price or ways[0].number != ways[1].number:
        return False
    link = next(link for link in ways[0].parts[0].links.values() if link.record in GOODS)
    records = await every(draft.scope.store.products, Selection[Product](ids=link.products))
    variants = [v for product in records for v in product.variants if link.variants is None or {v.id, product.id} & set(link.variants)]
    prices, counts = [v.price.amount for v in variants], [Decimal(v.on_hand) for v in variants if v.tracked]
    for way in ways:
        own, other = (prices, counts) if way.is_price else (counts, prices)
        if own and all(_within(way.number, have, _NEAR) for have in own) and not any(_within(way.number, have, _FAR) for have in other):
            add_parts(draft, way.parts, max(way.share, readers.least.act))
            return True
    return False


def _new_number(bound: Bound) -> tuple[Decimal, bool] | None:
    """The number that goods are set to, and whether it is a price; None where anything else is said or missing."""
    goods = any(link.record in GOODS for link in bound.links.values())
    if bound.asked or bound.left or bound.finds or bound.refers or not goods:
        return None
    values = {name: value for name, value in bound.args.items() if not bound.task.slot(name).record and "choice" not in bound.task.slot(name).types}
    if len(values) != 1:
        return None
    name, value = next(iter(values.items()))
    if "to" not in bound.task.slot(name).cues:
        return None
    if isinstance(value, Money):
        return value.amount, True
    return (Decimal(value), False) if isinstance(value, int) and not isinstance(value, bool) else None


def _within(number: Decimal, have: Decimal, times: Decimal) -> bool:
    return have > 0 and number > 0 and max(number / have, have / number) <= times
