"""What is done to orders and cannot be taken back: sent, cancelled, refunded. Each once by its key, in one transaction with its figures.

An action carries what the merchant was shown: how many units of which lines, and what it comes to. It is worked out again from the order as
it is by then, with the order's row held, and where the two differ nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from agent.errors import NotFound, Stale, StoreRefused
from agent.records.changes import Written
from agent.sdk.orders import Order, OrderLine, Refunding, whole_refund
from agent.sdk.refs import Money
from agent.sdk.results import Action
from agent.stores.embedded.books import post_order
from agent.stores.embedded.desk import Desk
from agent.stores.embedded.ids import key_of
from agent.stores.embedded.orders import selected
from agent.stores.embedded.refunds import give_back
from agent.stores.embedded.restock import put_back
from agent.stores.embedded.schema import FULFILMENT_LINES, FULFILMENTS, ORDERS
from agent.stores.embedded.write import once

LONGEST_TEXT = 500


def act(desk: Desk, action: Action, key: str) -> Written:
    """
    Raises:
        Stale: The order is no longer as the action was made from it.
        NotFound: The order is gone.
        StoreRefused: The order does not take it, or the key came with something else before.
    """
    if action.kind not in ACTIONS or action.target.kind != "order":
        raise StoreRefused(f"This store cannot do “{action.kind}”: it holds records, and has no payments or mail of its own.")
    return once(desk, key, action, lambda: _acted(desk, action))


def _acted(desk: Desk, action: Action) -> Written:
    before = _held(desk, action)
    ACTIONS[action.kind](desk, before, action)
    key = _key(before)
    desk.session.execute(update(ORDERS).where(ORDERS.c.id == key).values(version=ORDERS.c.version + 1))
    post_order(desk.session, desk.key, key)
    after = selected(desk.session, desk.key, desk.shop.currency, key)
    return Written(before=_standing(before), after=_standing(after), target_id=before.id)


def _held(desk: Desk, action: Action) -> Order:
    """The order, its row held until the transaction ends."""
    wanted = (ORDERS.c.shop_id == desk.key, ORDERS.c.id == key_of("order", action.target.id))
    key = desk.session.execute(select(ORDERS.c.id).where(*wanted).with_for_update()).scalar_one_or_none()
    if key is None:
        raise NotFound("order")
    return selected(desk.session, desk.key, desk.shop.currency, key)


def _standing(order: Order) -> dict[str, Any]:
    cancelled = order.cancelled_at.isoformat() if order.cancelled_at else None
    return {"payment": order.payment, "fulfilment": order.fulfilment, "refunded": order.refunded, "cancelled_at": cancelled}


def _fulfil(desk: Desk, order: Order, action: Action) -> None:
    """params: units (line id to units), carrier, tracking, sent (when, where that was not just now)."""
    if order.cancelled_at is not None:
        raise StoreRefused(f"{order.number} was cancelled, so it cannot be sent.")
    lines = _lines_of(order, action.params.get("units"))
    if order.fulfilment == "fulfilled" or any(units > line.to_send for line, units in lines):
        raise Stale(f"What is left to send of {order.number}", expected=action.params.get("units"), found=order.fulfilment)
    key = _key(order)
    ordinal = select(func.coalesce(func.max(FULFILMENTS.c.ordinal), -1) + 1).where(FULFILMENTS.c.shop_id == desk.key, FULFILMENTS.c.order_id == key)
    parcel = {
        "shop_id": desk.key, "order_id": key, "ordinal": desk.session.execute(ordinal).scalar_one(), "at": _sent_at(desk, action),
        "carrier": _text(action.params, "carrier") or "", "tracking": _text(action.params, "tracking") or None,
    }  # fmt: skip
    fulfilment = desk.session.execute(insert(FULFILMENTS).values(**parcel).returning(FULFILMENTS.c.id)).scalar_one()
    rows = [{"shop_id": desk.key, "fulfilment_id": fulfilment, "order_line_id": key_of("line", line.id), "quantity": units} for line, units in lines]
    desk.session.execute(insert(FULFILMENT_LINES), rows)
    sent = {line.id: units for line, units in lines}
    rest = any(line.to_send > sent.get(line.id, 0) for line in order.lines if line.kind == "product")
    desk.session.execute(update(ORDERS).where(ORDERS.c.id == key).values(fulfilment="partial" if rest else "fulfilled"))


def _sent_at(desk: Desk, action: Action) -> datetime:
    said = action.params.get("sent")
    try:
        at = desk.now if said is None else datetime.fromisoformat(str(said))
    except ValueError:
        at = desk.now + timedelta(days=1)
    if at.tzinfo is None or at > desk.now:
        raise StoreRefused("`sent` is a moment with its time zone that is not to come.")
    return at


def _cancel(desk: Desk, order: Order, action: Action) -> None:
    """params: reason, restock, location, refund (whether what was paid is given back; then `money` says how much)."""
    if order.cancelled_at is not None:
        raise StoreRefused(f"{order.number} was cancelled already.")
    if order.fulfilment != "unfulfilled":
        raise StoreRefused(f"{order.number} has been sent, so it cannot be cancelled; it can be refunded.")
    units = {line.id: line.kept for line in order.lines if line.kind == "product" and line.kept}
    reason = _text(action.params, "reason")
    if action.params.get("refund"):
        _as_shown(order, action, whole_refund(order).total)
        give_back(desk, order, whole_refund(order), reason)
    key = _key(order)
    desk.session.execute(update(ORDERS).where(ORDERS.c.id == key).values(cancelled_at=desk.now, cancel_reason=reason))
    if order.payment == "pending":
        desk.session.execute(update(ORDERS).where(ORDERS.c.id == key).values(payment="voided"))
    if action.params.get("restock"):
        put_back(desk, order, units, action.params.get("location"))


def _refund(desk: Desk, order: Order, action: Action) -> None:
    """params: units (line id to units), postage, other (amounts), reason, restock, location. `money` says what it comes to."""
    nothing = Money.of(0, desk.shop.currency)
    postage, other = (_amount(desk, action.params.get(name)) for name in ("postage", "other"))
    given = action.params.get("units") or {}
    lines = _lines_of(order, given, of=("product", "fee", "adjustment")) if given else []
    if any(units > line.kept for line, units in lines) or order.postage_left < postage:
        raise Stale(f"What is left to give back of {order.number}", expected=given, found=None)
    total = sum((line.worth(units) for line, units in lines), postage + other)
    _as_shown(order, action, total)
    if total <= nothing or order.left < total:
        raise StoreRefused(f"{order.left.amount} {order.left.currency} is left to give back of {order.number}; {total.amount} is not possible.")
    refunding = Refunding(units={line.id: units for line, units in lines}, postage=postage, other=other, total=total)
    give_back(desk, order, refunding, _text(action.params, "reason"))
    if action.params.get("restock"):
        put_back(desk, order, refunding.units, action.params.get("location"))


def _as_shown(order: Order, action: Action, total: Money) -> None:
    if action.money != total:
        raise Stale(f"What is left to give back of {order.number}", expected=action.money, found=total)


def _lines_of(order: Order, units: Any, *, of: tuple[str, ...] = ("product",)) -> list[tuple[OrderLine, int]]:
    """Lines of the order with how many units of each."""
    if not isinstance(units, Mapping) or not units:
        raise StoreRefused("It does not say which lines of the order.")
    known = {line.id: line for line in order.lines if line.kind in of}
    if set(units) - set(known):
        raise StoreRefused(f"{order.number} has no such line.")
    if any(isinstance(n, bool) or not isinstance(n, int) or n <= 0 for n in units.values()):
        raise StoreRefused("Units of a line are a whole number above 0.")
    return [(line, units[id]) for id, line in known.items() if id in units]


def _amount(desk: Desk, value: Any) -> Money:
    if value is None:
        return Money.of(0, desk.shop.currency)
    if not isinstance(value, Money) or value.currency != desk.shop.currency:
        raise StoreRefused(f"This shop counts in {desk.shop.currency}.")
    return value


def _text(params: Mapping[str, Any], name: str) -> str:
    text = params.get(name) or ""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.isprintable():
        raise StoreRefused(f"`{name}` is one line of at most {LONGEST_TEXT} characters.")
    return text


def _key(order: Order) -> int:
    key = key_of("order", order.id)
    assert key is not None
    return key


ACTIONS: Mapping[str, Callable[[Desk, Order, Action], None]] = {"fulfil": _fulfil, "cancel": _cancel, "refund": _refund}
"""Kinds of action this store does to an order."""
