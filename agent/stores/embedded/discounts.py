"""Discount codes: read, checked, made and taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.orm import Session

from agent.errors import NotFound, StoreRefused
from agent.sdk.goods import FREE_SHIPPING, Discount, worth_of
from agent.sdk.refs import Money
from agent.sdk.store import Page
from agent.stores.embedded.cursors import Order, beyond, cursor_after, page_size, place_in, sorted_by
from agent.stores.embedded.ids import among, key_of, keys_of, public
from agent.stores.embedded.schema import CUSTOMERS, DISCOUNTS, PRODUCTS
from agent.stores.embedded.spans import local

FIELDS = frozenset({
    "code", "kind", "value", "minimum", "starts_at", "ends_at", "usage_limit", "products", "buys", "gets", "automatic", "customers",
    "once_per_customer",
})  # fmt: skip
"""Of a discount to be made; `used` is taken as well, so that one that was deleted comes back as it was."""
KINDS = ("percent", "amount", "free_shipping", "buy_get")
LONGEST_CODE = 64


def discounts(session: Session, shop: int, currency: str, now: datetime, *, code: str | None, limit: int, cursor: str | None) -> Page[Discount]:
    """Newest first, or the one with this code."""
    order: Order = ((DISCOUNTS.c.id, "down"),)
    size = page_size(limit)
    statement = select(DISCOUNTS).where(DISCOUNTS.c.shop_id == shop)
    if code is not None:
        statement = statement.where(DISCOUNTS.c.code == code.strip().upper())
    if cursor:
        statement = statement.where(beyond(order, place_in(cursor, "discounts", 1)))
    rows = session.execute(statement.order_by(*sorted_by(order)).limit(size + 1)).mappings().all()
    more = cursor_after("discounts", (rows[size - 1]["id"],)) if len(rows) > size else None
    return Page([_discount(row, currency, now) for row in rows[:size]], more)


def discount_fields(session: Session, shop: int, currency: str, id: str) -> dict[str, Any] | None:
    """As `Change.create` takes them and `Change.delete` shows them; None when it is gone."""
    row = session.execute(select(DISCOUNTS).where(DISCOUNTS.c.shop_id == shop, DISCOUNTS.c.id == key_of("discount", id))).mappings().one_or_none()
    if row is None:
        return None
    return {
        "code": row["code"],
        "kind": row["kind"],
        "value": row["value"],
        "minimum": None if row["minimum_minor"] is None else Money.from_minor(row["minimum_minor"], currency),
        "starts_at": row["starts_at"].isoformat(),
        "ends_at": row["ends_at"].isoformat() if row["ends_at"] else None,
        "usage_limit": row["usage_limit"],
        "used": row["used"],
        "products": [public("product", key) for key in row["products"]],
        "customers": customers_shown(row["customers"]),
        **{name: row[name] for name in ("buys", "gets", "automatic", "once_per_customer")},
    }


def make_discount(
    session: Session, shop: int, currency: str, zone: ZoneInfo, now: datetime, fields: Mapping[str, Any], *, coming: int | None = None
) -> str:
    """The id of the new discount.

    Raises:
        StoreRefused: A field is unknown, missing or impossible, or the code is taken.
    """
    row = _checked(session, shop, currency, zone, now, fields) | ({} if coming is None else {"id": coming})
    taken = select(func.count()).select_from(DISCOUNTS).where(DISCOUNTS.c.shop_id == shop, DISCOUNTS.c.code == row["code"])
    if session.execute(taken).scalar_one():
        raise StoreRefused(f"There is already a discount with the code {row['code']}; choose another code.")
    return public("discount", session.execute(insert(DISCOUNTS).values(shop_id=shop, **row).returning(DISCOUNTS.c.id)).scalar_one())


def delete_discount(session: Session, shop: int, id: str) -> None:
    gone = session.execute(delete(DISCOUNTS).where(DISCOUNTS.c.shop_id == shop, DISCOUNTS.c.id == key_of("discount", id)).returning(DISCOUNTS.c.id))
    if gone.first() is None:
        raise NotFound("discount")


def checked_value(kind: str, value: Any, currency: str) -> str:
    """The value as it is stored: an exact decimal."""
    if kind == "free_shipping":
        return "0"
    if isinstance(value, Money) and kind == "amount":
        if value.currency != currency:
            raise StoreRefused(f"This shop counts in {currency}, not in {value.currency}.")
        value = value.amount
    try:
        number = Decimal(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number <= 0 or (kind != "amount" and number > 100):
        raise StoreRefused("A discount is above 0 and at most 100 percent." if kind != "amount" else "A discount is an amount above 0.")
    if kind == "amount" and Money(number, currency).amount != number:
        raise StoreRefused(f"{number} has more decimals than {currency} has.")
    return f"{number:f}"


def worth_shown(row: Any, currency: str) -> str | Money:
    """What a discount gives, in one value: "20%", an amount, "free shipping", "buy 2 get 1 free"."""
    return worth_of(row.kind, Decimal(row.value), currency, buys=row.buys, gets=row.gets)


_DEAL = re.compile(r"buy (?P<buys>\d+) get (?P<gets>\d+) (?:free|at (?P<percent>[\d.]+)% off)")


def checked_worth(worth: Any, currency: str) -> dict[str, Any]:
    """Kind, value, and how many are bought and got, as they are stored."""
    plain = {"buys": None, "gets": None}
    if worth == FREE_SHIPPING:
        return {"kind": "free_shipping", "value": "0", **plain}
    if isinstance(worth, Money):
        return {"kind": "amount", "value": checked_value("amount", worth, currency), **plain}
    if isinstance(worth, str) and worth.endswith("%"):
        return {"kind": "percent", "value": checked_value("percent", worth[:-1], currency), **plain}
    if isinstance(worth, str) and (deal := _DEAL.fullmatch(worth)):
        counts = {name: checked_count(name, int(deal[name]), least=1) for name in ("buys", "gets")}
        return {"kind": "buy_get", "value": checked_value("buy_get", deal["percent"] or "100", currency), **counts}
    raise StoreRefused(f'What a discount gives is a percentage such as "20%", an amount in {currency}, "buy 2 get 1 free", or "{FREE_SHIPPING}".')


def checked_deal(kind: str, fields: Mapping[str, Any]) -> dict[str, int | None]:
    """How many are to be bought and are got with them; nothing for other kinds."""
    deal = {name: checked_count(name, fields.get(name), least=1) for name in ("buys", "gets")}
    if (kind == "buy_get") != all(deal.values()) or (kind != "buy_get" and any(deal.values())):
        raise StoreRefused("A discount of the kind buy_get says how many are to be bought and how many are got with them; no other kind does.")
    return deal


def checked_code(code: Any) -> str:
    said = str(code or "").strip().upper()
    if not said or len(said) > LONGEST_CODE or not said.isprintable() or any(c.isspace() for c in said):
        raise StoreRefused(f"A discount code is 1 to {LONGEST_CODE} characters without spaces.")
    return said


def checked_moment(name: str, value: Any, zone: ZoneInfo) -> datetime | None:
    if value is None:
        return None
    try:
        return local(datetime.fromisoformat(value), zone)
    except (TypeError, ValueError) as error:
        raise StoreRefused(f"`{name}` is not a time such as 2026-11-22T09:00:00+01:00.") from error


def checked_minimum(value: Any, currency: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, Money) or value.currency != currency or value.minor < 0:
        raise StoreRefused(f"The least order value is an amount in {currency} that is not below 0.")
    return value.minor


def checked_count(name: str, value: Any, *, least: int) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**31):
        raise StoreRefused(f"`{name}` is a whole number of at least {least}.")
    return value


def checked_products(session: Session, shop: int, ids: Any) -> list[int]:
    keys = keys_of("product", [str(id) for id in ids or ()])
    known = set(session.execute(select(PRODUCTS.c.id).where(PRODUCTS.c.shop_id == shop, among(PRODUCTS.c.id, keys))).scalars())
    if len(keys) < len(ids or ()) or known != set(keys):
        raise StoreRefused("A product that the discount is for does not exist.")
    return keys


def customers_shown(keys: Sequence[int] | None) -> list[str] | None:
    return None if keys is None else [public("customer", key) for key in keys]


def checked_customers(session: Session, shop: int, ids: Any) -> list[int] | None:
    """Whom it is for; None for everybody."""
    if ids is None:
        return None
    if not isinstance(ids, list | tuple):
        raise StoreRefused("The customers of a discount are a list of ids, or nothing for everybody.")
    keys = keys_of("customer", [str(id) for id in ids])
    known = set(session.execute(select(CUSTOMERS.c.id).where(CUSTOMERS.c.shop_id == shop, among(CUSTOMERS.c.id, keys))).scalars())
    if len(keys) < len(ids) or known != set(keys):
        raise StoreRefused("A customer that the discount is for does not exist.")
    return keys


def checked_flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise StoreRefused(f"`{name}` is yes or no.")
    return value


def without_customer(session: Session, shop: int, key: int) -> None:
    """Take an erased customer out of the discounts that are for some customers only. One that is left for nobody stays for nobody."""
    kept = select(DISCOUNTS.c.id, DISCOUNTS.c.customers).where(DISCOUNTS.c.shop_id == shop, DISCOUNTS.c.customers.is_not(None))
    for row in session.execute(kept).all():
        if key in row.customers:
            rest = [other for other in row.customers if other != key]
            session.execute(update(DISCOUNTS).where(DISCOUNTS.c.id == row.id).values(customers=rest, version=DISCOUNTS.c.version + 1))


def _checked(session: Session, shop: int, currency: str, zone: ZoneInfo, now: datetime, fields: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(fields) - FIELDS - {"used"}:
        raise StoreRefused(f"A discount has no field `{min(unknown)}`.")
    kind, code = fields.get("kind"), checked_code(fields.get("code"))
    if kind not in KINDS:
        raise StoreRefused(f"A discount is one of {', '.join(KINDS)}.")
    starts, ends = checked_moment("starts_at", fields.get("starts_at"), zone) or now, checked_moment("ends_at", fields.get("ends_at"), zone)
    if ends is not None and ends <= starts:
        raise StoreRefused("The discount would end before it starts.")
    return {
        "code": code, "kind": kind, "value": checked_value(kind, fields.get("value"), currency),
        "minimum_minor": checked_minimum(fields.get("minimum"), currency), "starts_at": starts, "ends_at": ends,
        "usage_limit": checked_count("usage_limit", fields.get("usage_limit"), least=1),
        "used": checked_count("used", fields.get("used"), least=0) or 0, "products": checked_products(session, shop, fields.get("products")),
        "automatic": bool(fields.get("automatic")), **checked_deal(kind, fields), "version": 1,
        "customers": checked_customers(session, shop, fields.get("customers")),
        "once_per_customer": checked_flag("once_per_customer", fields.get("once_per_customer", False)),
    }  # fmt: skip


def _discount(row: RowMapping, currency: str, now: datetime) -> Discount:
    ends = row["ends_at"]
    used_up = (row["usage_limit"] is not None and row["used"] >= row["usage_limit"]) or row["customers"] == []
    return Discount(
        id=public("discount", row["id"]),
        value=Decimal(row["value"]),
        minimum=None if row["minimum_minor"] is None else Money.from_minor(row["minimum_minor"], currency),
        products=tuple(public("product", key) for key in row["products"]),
        customers=customers_shown(row["customers"]),
        status="scheduled" if row["starts_at"] > now else "expired" if used_up or (ends is not None and ends <= now) else "active",
        version=str(row["version"]),
        **{
            name: row[name]
            for name in ("code", "kind", "starts_at", "ends_at", "usage_limit", "used", "buys", "gets", "automatic", "once_per_customer")
        },
    )
