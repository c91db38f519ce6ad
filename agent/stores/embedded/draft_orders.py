"""Orders that the shop prepares for somebody: made and deleted whole. They count in no figure and hold no stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, RowMapping, cast, delete, func, insert, select
from sqlalchemy.orm import Session

from agent.errors import NotFound, StoreRefused
from agent.sdk.orders import DraftLine, DraftOrder
from agent.sdk.refs import Money, Percent
from agent.sdk.store import Page
from agent.stores.embedded.cursors import Order, beyond, cursor_after, page_size, place_in, sorted_by
from agent.stores.embedded.ids import key_of, public
from agent.stores.embedded.schema import CUSTOMERS, DRAFT_LINES, DRAFT_ORDERS, SHOPS, VARIANTS

FIELDS = frozenset({"customer", "lines", "discount", "note"})
LINE_FIELDS = frozenset({"variant", "title", "quantity", "price"})
LONGEST_NOTE = 5_000
MOST_LINES = 250
MOST_UNITS = 1_000_000
_NEWEST: Order = ((DRAFT_ORDERS.c.id, "down"),)


def draft_orders(session: Session, shop: int, currency: str, *, limit: int, cursor: str | None) -> Page[DraftOrder]:
    """Newest first."""
    size = page_size(limit)
    statement = _named().where(DRAFT_ORDERS.c.shop_id == shop)
    if cursor:
        statement = statement.where(beyond(_NEWEST, place_in(cursor, "draft orders", 1)))
    rows = session.execute(statement.order_by(*sorted_by(_NEWEST)).limit(size + 1)).mappings().all()
    more = cursor_after("draft orders", [rows[size - 1]["id"]]) if len(rows) > size else None
    lines = _lines(session, shop, [row["id"] for row in rows[:size]])
    return Page([_made(row, lines[row["id"]], currency) for row in rows[:size]], more)


def draft_order_fields(session: Session, shop: int, currency: str, id: str) -> dict[str, Any] | None:
    """A draft as a change holds it; None when it is gone."""
    row = session.execute(_named().where(*_one(shop, id))).mappings().one_or_none()
    if row is None:
        return None
    lines = _lines(session, shop, [row["id"]])[row["id"]]
    return {
        "customer": None if row["customer_id"] is None else public("customer", row["customer_id"]),
        "lines": [_line_fields(line, currency) for line in lines],
        "discount": _shown(_discount(row["discount"], currency)), "note": row["note"],
    }  # fmt: skip


def make_draft_order(session: Session, shop: int, currency: str, now: datetime, fields: Mapping[str, Any]) -> str:
    """The id of the new draft.

    Args:
        fields: `lines`, each with variant (an id), title, quantity and price; and `customer` (an id), `discount` ("10%" or an amount) and
            `note` where there is one.

    Raises:
        StoreRefused: A field is unknown or not possible, or names a record that is not there.
    """
    if unknown := set(fields) - FIELDS:
        raise StoreRefused(f"A draft order has no field `{min(unknown)}`.")
    lines = fields.get("lines")
    if not isinstance(lines, list | tuple) or not 0 < len(lines) <= MOST_LINES:
        raise StoreRefused(f"A draft order has 1 to {MOST_LINES} lines.")
    rows = [_checked_line(session, shop, currency, line) for line in lines]
    note = str(fields.get("note") or "")
    if len(note) > LONGEST_NOTE or "\0" in note:
        raise StoreRefused(f"A note has at most {LONGEST_NOTE:,} characters.")
    row = {
        "number": _next_number(session, shop), "created_at": now, "customer_id": _customer(session, shop, fields.get("customer")),
        "discount": _stored(fields.get("discount"), currency), "note": note,
    }  # fmt: skip
    key = session.execute(insert(DRAFT_ORDERS).values(shop_id=shop, **row).returning(DRAFT_ORDERS.c.id)).scalar_one()
    session.execute(insert(DRAFT_LINES), [{**line, "shop_id": shop, "draft_id": key, "ordinal": n} for n, line in enumerate(rows)])
    return public("draft_order", key)


def delete_draft_order(session: Session, shop: int, id: str) -> None:
    session.execute(delete(DRAFT_LINES).where(DRAFT_LINES.c.shop_id == shop, DRAFT_LINES.c.draft_id == key_of("draft_order", id)))
    if session.execute(delete(DRAFT_ORDERS).where(*_one(shop, id)).returning(DRAFT_ORDERS.c.id)).first() is None:
        raise NotFound("draft order")


def _one(shop: int, id: str) -> tuple[ColumnElement[bool], ...]:
    return DRAFT_ORDERS.c.shop_id == shop, DRAFT_ORDERS.c.id == key_of("draft_order", id)


def _named() -> Any:
    names = CUSTOMERS.c.name.label("customer_name")
    return select(DRAFT_ORDERS, names).outerjoin(CUSTOMERS, CUSTOMERS.c.id == DRAFT_ORDERS.c.customer_id)


def _lines(session: Session, shop: int, keys: Sequence[int]) -> dict[int, list[RowMapping]]:
    found: dict[int, list[RowMapping]] = defaultdict(list)
    wanted = (DRAFT_LINES.c.shop_id == shop, DRAFT_LINES.c.draft_id.in_(keys))
    for row in session.execute(select(DRAFT_LINES).where(*wanted).order_by(DRAFT_LINES.c.draft_id, DRAFT_LINES.c.ordinal)).mappings():
        found[row["draft_id"]].append(row)
    return found


def _line_fields(row: RowMapping, currency: str) -> dict[str, Any]:
    variant = None if row["variant_id"] is None else public("variant", row["variant_id"])
    return {"variant": variant, "title": row["title"], "quantity": row["quantity"], "price": Money.from_minor(row["price_minor"], currency)}


def _made(row: RowMapping, lines: Sequence[RowMapping], currency: str) -> DraftOrder:
    return DraftOrder(
        id=public("draft_order", row["id"]), number=row["number"], created_at=row["created_at"], customer_name=row["customer_name"],
        customer_id=None if row["customer_id"] is None else public("customer", row["customer_id"]),
        lines=[
            DraftLine(
                variant_id=None if line["variant_id"] is None else public("variant", line["variant_id"]), title=line["title"],
                quantity=line["quantity"], price=Money.from_minor(line["price_minor"], currency),
            )
            for line in lines
        ],
        discount=_discount(row["discount"], currency), note=row["note"],
    )  # fmt: skip


def _checked_line(session: Session, shop: int, currency: str, line: Any) -> dict[str, Any]:
    if not isinstance(line, Mapping) or set(line) != LINE_FIELDS:
        raise StoreRefused(f"A line of a draft order has {', '.join(sorted(LINE_FIELDS))}.")
    quantity, price, title = line["quantity"], line["price"], line["title"]
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 < quantity <= MOST_UNITS:
        raise StoreRefused("Units of a line are a whole number above 0.")
    if not isinstance(price, Money) or price.currency != currency or price.minor < 0:
        raise StoreRefused(f"The price of a line is an amount in {currency} that is not below 0.")
    if not isinstance(title, str) or not title.strip() or "\0" in title:
        raise StoreRefused("A line of a draft order has a title.")
    variant = None
    if line["variant"] is not None:
        there = select(VARIANTS.c.id).where(VARIANTS.c.shop_id == shop, VARIANTS.c.id == key_of("variant", str(line["variant"])))
        variant = session.execute(there).scalar_one_or_none()
        if variant is None:
            raise StoreRefused("The variant of a line is not there.")
    return {"variant_id": variant, "title": title, "quantity": quantity, "price_minor": price.minor}


def _customer(session: Session, shop: int, id: Any) -> int | None:
    if id is None:
        return None
    there = select(CUSTOMERS.c.id).where(CUSTOMERS.c.shop_id == shop, CUSTOMERS.c.id == key_of("customer", str(id)))
    key: int | None = session.execute(there).scalar_one_or_none()
    if key is None:
        raise StoreRefused("The customer of the draft order is not there.")
    return key


def _next_number(session: Session, shop: int) -> str:
    """One more than the highest. The shop's row is held, so that of two made at once the second counts the first."""
    session.execute(select(SHOPS.c.id).where(SHOPS.c.id == shop).with_for_update())
    highest = select(func.max(cast(func.substr(DRAFT_ORDERS.c.number, 3), Integer))).where(DRAFT_ORDERS.c.shop_id == shop)
    return f"#D{(session.execute(highest).scalar_one() or 0) + 1}"


def _stored(discount: Any, currency: str) -> str:
    if discount is None:
        return ""
    if isinstance(discount, str) and discount.endswith("%"):
        percent = Percent._validate(discount)
        if 0 < percent.value <= 100:
            return str(percent)
    if isinstance(discount, Money) and discount.currency == currency and discount.minor > 0:
        return str(discount.minor)
    raise StoreRefused(f"The discount of a draft order is a percent such as 10%, or an amount in {currency}, above 0.")


def _discount(stored: str, currency: str) -> Percent | Money | None:
    if not stored:
        return None
    return Percent(Decimal(stored[:-1])) if stored.endswith("%") else Money.from_minor(int(stored), currency)


def _shown(discount: Percent | Money | None) -> str | Money | None:
    return str(discount) if isinstance(discount, Percent) else discount
