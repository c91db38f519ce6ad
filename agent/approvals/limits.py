"""What no approval can exceed. It is checked when a proposal is stored and again before each write, and lives here and in the settings only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from agent.errors import Invalid, NotAllowed
from agent.records import Writing
from agent.sdk import Action, Change, Money, Selection, Variant

REFUNDING = frozenset({"refund", "cancel"})
"""Kinds of action whose money goes back to a customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    price_move_percent: Decimal = Decimal(80)
    """Largest move of one price, up or down, in percent of what it was."""
    discount_percent: Decimal = Decimal(70)
    """Highest discount a code may give."""
    margin_floor_percent: Decimal = Decimal(0)
    """A price may not go below cost plus this percent; -100 switches the floor off."""
    items_per_change: int = 500
    expires_after: timedelta = timedelta(hours=72)
    largest_refund: Decimal | None = None
    """The most that one proposal may give back, in the shop's currency; None sets no limit."""
    confirm_items: int | None = None
    """From this many items on, the number has to be typed to approve; None never asks."""
    confirm_price_percent: Decimal | None = None
    """From a price move of this many percent on, a word has to be typed to approve; None never asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the limits need to know of the shop beyond the changes themselves."""

    costs: Mapping[str, Money] = field(default_factory=dict)
    """Variant id to what it costs the merchant."""
    discount_kinds: Mapping[str, str] = field(default_factory=dict)


async def known(store: Writing, effects: Sequence[Change | Action], limits: Limits) -> Known:
    """Read costs and kinds of discount for the changes that need them; nothing is read for the others."""
    priced = [e.target.id for e in effects if isinstance(e, Change) and price_change(e)]
    rated = [e.target for e in effects if isinstance(e, Change) and e.op == "set" and e.target.kind == "discount" and e.field == "value"]
    costs = {}
    if priced and limits.margin_floor_percent > -100 and "cost" in store.capabilities:
        chosen = Selection[Variant](ids=tuple(dict.fromkeys(priced)))
        costs = {v.id: v.cost for v in await store.variants(chosen) if v.cost is not None}
    return Known(costs=costs, discount_kinds={t.id: str(await store.current(t, "kind")) for t in rated})


def check_count(count: int, limits: Limits) -> None:
    if count > limits.items_per_change:
        raise NotAllowed(
            f"This would change {count} things at once; the most is {limits.items_per_change} (setting limits.items_per_change). Narrow it down."
        )


def check_refunds(effects: Sequence[Change | Action], limits: Limits) -> None:
    """
    Raises:
        NotAllowed: All refunds of a proposal together give back more than is allowed.
    """
    given = [e.money for e in effects if isinstance(e, Action) and e.kind in REFUNDING and e.money is not None]
    total = sum((money.amount for money in given), Decimal(0))
    if limits.largest_refund is not None and total > limits.largest_refund:
        raise NotAllowed(f"This would give back {given[0].currency} {total}; the most is {limits.largest_refund:f} (setting limits.largest_refund).")


def check(effect: Change | Action, limits: Limits, facts: Known) -> None:
    """
    Raises:
        NotAllowed: A limit would be exceeded; the sentence names it and its setting.
        Invalid: A price below zero.
    """
    if not isinstance(effect, Change):
        check_refunds([effect], limits)
        return
    if price_change(effect):
        _check_price(effect, limits, facts.costs.get(effect.target.id))
    if effect.target.kind == "discount":
        _check_discount(effect, limits, facts)
    if effect.op == "create" and isinstance(effect.after, Mapping):
        _check_new(effect, limits)


def fault_of(effect: Change | Action, limits: Limits, facts: Known) -> str | None:
    """Why a change cannot be, where a limit or its own value forbids it."""
    try:
        check(effect, limits, facts)
    except (NotAllowed, Invalid) as error:
        return str(error)
    return None


def price_change(change: Change) -> bool:
    return change.op == "set" and change.field == "price" and isinstance(change.after, Money)


def price_move(change: Change) -> Decimal:
    """Percent that a price moves by, signed; 0 for anything else and where there was no price."""
    before, after = change.before, change.after
    if not (price_change(change) and isinstance(before, Money) and isinstance(after, Money)) or before.amount == 0:
        return Decimal(0)
    return (after - before).amount * 100 / before.amount


def _check_price(change: Change, limits: Limits, cost: Money | None) -> None:
    after, move = change.after, price_move(change)
    assert isinstance(after, Money)
    if after.amount < 0:
        raise Invalid(f"{change.target.label} cannot cost less than nothing.", field="price")
    if abs(move) > limits.price_move_percent:
        raise NotAllowed(
            f"The price of {change.target.label} would move by {abs(move):.0f}%; the most is {limits.price_move_percent:f}% "
            "(setting limits.price_move_percent)."
        )
    _check_margin(change.target.label, after, cost, limits)


def _check_margin(label: str, price: Money, cost: Money | None, limits: Limits) -> None:
    if cost is None or cost.currency != price.currency or limits.margin_floor_percent <= -100:
        return
    floor = Money(cost.amount * (100 + limits.margin_floor_percent) / 100, cost.currency)
    if price < floor:
        raise NotAllowed(f"{label} would cost less than {floor.currency} {floor.amount}, its floor (setting limits.margin_floor_percent).")


def _check_discount(change: Change, limits: Limits, facts: Known) -> None:
    if change.op == "create" and isinstance(change.after, Mapping):
        kind, value = _as_percent(change.after)
    elif change.op == "set" and change.field == "worth":
        kind, value = "percent", str(change.after).removesuffix("%") if str(change.after).endswith("%") else None
    elif change.op == "set" and change.field == "value":
        kind, value = facts.discount_kinds.get(change.target.id), change.after
    else:
        return
    if kind == "percent" and (percent := _decimal(value)) is not None and percent > limits.discount_percent:
        raise NotAllowed(
            f"{change.target.label} would take {percent:f}% off; the most is {limits.discount_percent:f}% (setting limits.discount_percent)."
        )


def _as_percent(fields: Mapping[str, Any]) -> tuple[Any, Any]:
    """Kind and value; of "buy 2 get 1 free" what comes off everything taken together, a third."""
    kind, value, buys, gets = (fields.get(name) for name in ("kind", "value", "buys", "gets"))
    if kind == "buy_get" and (percent := _decimal(value)) is not None and isinstance(buys, int) and isinstance(gets, int) and buys + gets > 0:
        return "percent", str(round(percent * gets / (buys + gets), 2))
    return kind, value


def _check_new(change: Change, limits: Limits) -> None:
    assert isinstance(change.after, Mapping)
    for part in (change.after, *(v for v in change.after.get("variants") or () if isinstance(v, Mapping))):
        price, cost = part.get("price"), part.get("cost")
        if isinstance(price, Money):
            _check_margin(change.target.label, price, cost if isinstance(cost, Money) else None, limits)


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
