"""The fields that can be written: how each is shown, checked and stored. A field that is not here is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table

from agent.errors import StoreRefused
from agent.sdk.refs import Money
from agent.sdk.store import ShopInfo
from agent.stores.embedded.discounts import checked_count, checked_flag, checked_minimum, checked_moment
from agent.stores.embedded.ids import IdKind
from agent.stores.embedded.schema import COLLECTIONS, CUSTOMERS, DISCOUNTS, DRAFT_ORDERS, MESSAGES, ORDERS, PRODUCTS, REVIEWS, VARIANTS

TABLES: Mapping[str, Table] = {
    "product": PRODUCTS,
    "variant": VARIANTS,
    "collection": COLLECTIONS,
    "customer": CUSTOMERS,
    "order": ORDERS,
    "draft_order": DRAFT_ORDERS,
    "discount": DISCOUNTS,
    "review": REVIEWS,
    "message": MESSAGES,
}
"""Kinds of record this store holds under a target's kind."""
TAGGED = ("product", "customer", "order")
NAMING = frozenset({
    ("product", "title"), ("product", "vendor"), ("product", "product_type"), ("collection", "title"), *((kind, "tags") for kind in TAGGED),
})  # fmt: skip
"""Fields that merchants call records by: writing one moves the shop's vocabulary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field kept in one column of the record's own table."""

    name: str
    shown: Callable[[Any, ShopInfo], Any]
    """The stored value as a change holds it."""
    stored: Callable[[Any, ShopInfo], Any]
    """The value as stored; raises StoreRefused for what the field cannot be."""


def column_of(kind: str, field: str) -> Column | None:
    return COLUMNS.get((kind, field))


def id_kind(kind: str) -> IdKind:
    return cast(IdKind, kind)


def checked_units(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise StoreRefused("Units on hand are a whole number that is not below 0.")
    return value


def _plain(value: Any, _shop: ShopInfo) -> Any:
    return value


def _text(name: str, *, least: int, most: int, lines: bool = False) -> Column:
    def stored(value: Any, _shop: ShopInfo) -> str:
        if not isinstance(value, str) or "\0" in value or not (lines or value.isprintable()):
            raise StoreRefused(f"`{name}` is {'text' if lines else 'one line of text'}.")
        if not least <= len(value.strip()) <= most:
            raise StoreRefused(f"`{name}` is {least} to {most} characters long." if least else f"`{name}` is at most {most} characters long.")
        return value

    return Column(name=name, shown=_plain, stored=stored)


def _choice(name: str, *choices: str) -> Column:
    def stored(value: Any, _shop: ShopInfo) -> str:
        if value not in choices:
            raise StoreRefused(f"`{name}` is one of {', '.join(choices)}.")
        return str(value)

    return Column(name=name, shown=_plain, stored=stored)


def _amount(name: str, said: str, *, optional: bool) -> Column:
    def shown(value: Any, shop: ShopInfo) -> Money | None:
        return None if value is None else Money.from_minor(value, shop.currency)

    def stored(value: Any, shop: ShopInfo) -> int | None:
        if value is None and optional:
            return None
        if not isinstance(value, Money):
            raise StoreRefused(f"The {said} is an amount of money.")
        if value.currency != shop.currency:
            raise StoreRefused(f"This shop counts in {shop.currency}, not in {value.currency}.")
        if value.minor < 0:
            raise StoreRefused(f"The {said} cannot be below 0.")
        return value.minor

    return Column(name=name, shown=shown, stored=stored)


def _note() -> Column:
    text = _text("note", least=0, most=5_000, lines=True)
    return Column(name="note", shown=lambda value, _shop: value or "", stored=text.stored)


def _sku() -> Column:
    text = _text("sku", least=1, most=120)
    return Column(name="sku", shown=_plain, stored=lambda value, shop: None if value is None else text.stored(value, shop))


def _moment(name: Literal["starts_at", "ends_at"], *, optional: bool) -> Column:
    def shown(value: datetime | None, _shop: ShopInfo) -> str | None:
        return value.isoformat() if value else None

    def stored(value: Any, shop: ShopInfo) -> datetime | None:
        moment = checked_moment(name, value, ZoneInfo(shop.time_zone))
        if moment is None and not optional:
            raise StoreRefused(f"`{name}` is a time.")
        return moment

    return Column(name=name, shown=shown, stored=stored)


COLUMNS: Mapping[tuple[str, str], Column] = {
    ("product", "title"): _text("title", least=1, most=255),
    ("product", "description"): _text("description", least=0, most=100_000, lines=True),
    ("product", "status"): _choice("status", "active", "draft", "archived"),
    ("product", "vendor"): _text("vendor", least=0, most=255),
    ("product", "product_type"): _text("product_type", least=0, most=255),
    ("product", "seo_title"): _text("seo_title", least=0, most=255),
    ("product", "seo_description"): _text("seo_description", least=0, most=1000),
    ("product", "category"): _text("category", least=0, most=500),
    ("variant", "price"): _amount("price_minor", "price", optional=False),
    ("variant", "compare_at_price"): _amount("compare_at_minor", "compare-at price", optional=True),
    ("variant", "cost"): _amount("cost_minor", "cost", optional=True),
    ("variant", "sku"): _sku(),
    ("order", "note"): _note(),
    ("review", "status"): _choice("status", "published", "pending", "hidden", "spam"),
    ("review", "reply"): _text("reply", least=0, most=5_000, lines=True),
    ("discount", "starts_at"): _moment("starts_at", optional=False),
    ("discount", "ends_at"): _moment("ends_at", optional=True),
    ("discount", "usage_limit"): Column(name="usage_limit", shown=_plain, stored=lambda value, _shop: checked_count("usage_limit", value, least=1)),
    ("discount", "once_per_customer"): Column(
        name="once_per_customer", shown=_plain, stored=lambda value, _shop: checked_flag("once_per_customer", value)
    ),
    ("discount", "minimum"): Column(
        name="minimum_minor",
        shown=lambda value, shop: None if value is None else Money.from_minor(value, shop.currency),
        stored=lambda value, shop: checked_minimum(value, shop.currency),
    ),
}
