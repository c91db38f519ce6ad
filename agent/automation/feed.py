"""What happened in the embedded shop since a cursor: read, never written. A store elsewhere brings its own, from its webhooks or a poll.

Rows that were added are told by their keys; what moves between states (payment, fulfilment, stock) by what was seen the last time, which is
in the cursor: the orders still unpaid and still to be sent, and the units of each variant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from agent.sdk.rules import On
from agent.stores.embedded.ids import IdKind, among, key_of, public
from agent.stores.embedded.schema import CUSTOMERS, INVENTORY, MESSAGES, ORDERS, REFUNDS, REVIEWS, VARIANTS

Cursor = Mapping[str, Any]
_ADDED: Mapping[str, Table] = {"order": ORDERS, "customer": CUSTOMERS, "review": REVIEWS, "message": MESSAGES, "refund": REFUNDS}
_PAID = ("paid", "partially_refunded", "refunded")
MOST = 2_000
"""Of one kind that one look takes; the rest is seen at the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    on: On
    id: str
    """Of the record it is about: an order, a customer, a review, a message, a product or a variant."""
    event: str
    before: int = 0
    after: int = 0
    """Units, for stock."""


def start(session: Session, shop: str) -> Cursor:
    """The cursor of now: whatever was there before is no news."""
    key = key_of("shop", shop)
    cursor: dict[str, Any] = {kind: _newest(session, key, table) for kind, table in _ADDED.items()}
    cursor["unpaid"] = _orders(session, key, ORDERS.c.payment == "pending")
    cursor["unsent"] = _orders(session, key, ORDERS.c.fulfilment != "fulfilled")
    return cursor | {"stock": _stock(session, key, {})}


def news(session: Session, shop: str, cursor: Cursor, revision: int) -> tuple[list[News], Cursor]:
    """What happened since, in the order of its kinds, and the cursor after it.

    Args:
        revision: Of the cursor: part of the name of what can happen again to the same record.
    """
    key = key_of("shop", shop)
    found: list[News] = []
    after: dict[str, Any] = dict(cursor)
    added = _added(session, key, ORDERS, cursor["order"])
    found += [News(on="order_placed", id=public("order", n), event=f"order_placed:o_{n}") for n in added]
    after["order"] = max([cursor["order"], *added])
    after["unpaid"], paid = _moved(session, key, [*cursor["unpaid"], *added], "payment", _PAID)
    after["unsent"], sent = _moved(session, key, [*cursor["unsent"], *added], "fulfilment", ("fulfilled",))
    found += [News(on="order_paid", id=public("order", n), event=f"order_paid:o_{n}") for n in paid]
    found += [News(on="order_fulfilled", id=public("order", n), event=f"order_fulfilled:o_{n}:{revision}") for n in sent]
    found += _refunds(session, key, cursor["refund"], after)
    for kind, on in _SIMPLE.items():
        rows = _added(session, key, _ADDED[kind], cursor[kind], inbound=kind == "message")
        found += [News(on=on, id=public(kind, n), event=f"{on}:{public(kind, n)}") for n in rows]
        after[kind] = max([cursor[kind], *rows])
    stock = _stock(session, key, cursor["stock"])
    found += _levels(session, key, cursor["stock"], stock, revision)
    return found, after | {"stock": stock}


_SIMPLE: Mapping[IdKind, On] = {"customer": "new_customer", "review": "review_received", "message": "message_received"}


def _newest(session: Session, shop: int | None, table: Table) -> int:
    return session.execute(select(func.max(table.c.id)).where(table.c.shop_id == shop)).scalar() or 0


def _added(session: Session, shop: int | None, table: Table, last: int, *, inbound: bool = False) -> list[int]:
    wanted = select(table.c.id).where(table.c.shop_id == shop, table.c.id > last).order_by(table.c.id).limit(MOST)
    return list(session.execute(wanted.where(table.c.direction == "in") if inbound else wanted).scalars())


def _orders(session: Session, shop: int | None, condition: Any) -> list[int]:
    wanted = select(ORDERS.c.id).where(ORDERS.c.shop_id == shop, ORDERS.c.cancelled_at.is_(None), condition).order_by(ORDERS.c.id.desc()).limit(MOST)
    return sorted(session.execute(wanted).scalars())


def _moved(session: Session, shop: int | None, watched: Iterable[int], column: str, done: Sequence[str]) -> tuple[list[int], list[int]]:
    """Of the orders watched, those to go on watching, and those that got there."""
    keys = list(dict.fromkeys(watched))
    if not keys:
        return [], []
    rows = session.execute(
        select(ORDERS.c.id, ORDERS.c[column], ORDERS.c.cancelled_at).where(ORDERS.c.shop_id == shop, among(ORDERS.c.id, keys)).order_by(ORDERS.c.id)
    ).all()
    there = [row[0] for row in rows if row[1] in done]
    return [row[0] for row in rows if row[1] not in done and row[2] is None], there


def _refunds(session: Session, shop: int | None, last: int, after: dict[str, Any]) -> list[News]:
    wanted = select(REFUNDS.c.id, REFUNDS.c.order_id).where(REFUNDS.c.shop_id == shop, REFUNDS.c.id > last).order_by(REFUNDS.c.id).limit(MOST)
    rows = session.execute(wanted).all()
    after["refund"] = max([last, *(row[0] for row in rows)])
    return [News(on="order_refunded", id=public("order", row[1]), event=f"order_refunded:{row[0]}") for row in rows if row[1] is not None]


def _stock(session: Session, shop: int | None, before: Mapping[str, int]) -> dict[str, int]:
    """Units of each variant that is counted, over all locations; keys as JSON has them.

    Args:
        before: As it was at the last look: a variant that was counted then, and is kept nowhere now, has 0.
    """
    wanted = select(INVENTORY.c.variant_id, func.sum(INVENTORY.c.on_hand)).where(INVENTORY.c.shop_id == shop).group_by(INVENTORY.c.variant_id)
    units = {str(variant): int(on_hand) for variant, on_hand in session.execute(wanted)}
    if nowhere := [int(variant) for variant in before if variant not in units]:
        there = select(VARIANTS.c.id).where(VARIANTS.c.shop_id == shop, among(VARIANTS.c.id, nowhere))
        units |= {str(variant): 0 for variant in session.execute(there).scalars()}
    return units


def _levels(session: Session, shop: int | None, before: Mapping[str, int], after: Mapping[str, int], revision: int) -> list[News]:
    moved = {variant: (before[variant], units) for variant, units in after.items() if variant in before and before[variant] != units}
    if not moved:
        return []
    found = [
        News(on="stock_below", id=f"v_{variant}", event=f"stock_below:v_{variant}:{revision}", before=was, after=now)
        for variant, (was, now) in moved.items()
        if now < was
    ]
    return found + _sold_out(session, shop, before, after, moved, revision)


def _sold_out(
    session: Session, shop: int | None, before: Mapping[str, int], after: Mapping[str, int], moved: Iterable[str], revision: int
) -> list[News]:
    """Products whose every variant is out now and was not, and the other way round."""
    theirs = select(VARIANTS.c.product_id).where(VARIANTS.c.shop_id == shop, among(VARIANTS.c.id, [int(v) for v in moved])).distinct()
    products: dict[int, list[str]] = {}
    for variant, product in session.execute(select(VARIANTS.c.id, VARIANTS.c.product_id).where(VARIANTS.c.product_id.in_(theirs))):
        products.setdefault(product, []).append(str(variant))
    found = []
    for product, variants in products.items():
        was, now = (sum(max(0, levels.get(v, 0)) for v in variants) for levels in (before, after))
        if (was > 0) != (now > 0):
            on: On = "sold_out" if now == 0 else "back_in_stock"
            found.append(News(on=on, id=public("product", product), event=f"{on}:p_{product}:{revision}", before=was, after=now))
    return found
