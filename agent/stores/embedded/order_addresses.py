"""Where an order goes: written whole, since half of an old address and half of a new one is nobody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from babel import Locale
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agent.errors import StoreRefused
from agent.sdk.people import Address
from agent.stores.embedded.books import post_order
from agent.stores.embedded.schema import ORDERS

PARTS = tuple(part.name for part in fields(Address))
LONGEST = 255
_COUNTRIES = frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha())


def address_of(session: Session, shop: int, order: int) -> dict[str, Any] | None:
    """The address as a change holds it; None where the order has no country."""
    row = session.execute(select(*(ORDERS.c[part] for part in PARTS)).where(ORDERS.c.shop_id == shop, ORDERS.c.id == order)).mappings().one()
    return asdict(Address(**row)) if row["country"] is not None else None


def put_address(session: Session, shop: int, order: int, value: Any) -> None:
    """
    Raises:
        StoreRefused: It is no address, or has no country there is.
    """
    parts = dict.fromkeys(PARTS) if value is None else _checked(value)
    session.execute(update(ORDERS).where(ORDERS.c.shop_id == shop, ORDERS.c.id == order).values(**parts))
    post_order(session, shop, order)  # figures go by country and city


def _checked(value: Any) -> dict[str, str | None]:
    if not isinstance(value, Mapping) or set(value) - set(PARTS):
        raise StoreRefused(f"An address has {', '.join(PARTS)}.")
    parts = {part: value.get(part) for part in PARTS}
    if parts["country"] not in _COUNTRIES:
        raise StoreRefused("An address needs its country, as a code of two letters such as DE.")
    for part, text in parts.items():
        if text is not None and not (isinstance(text, str) and text.strip() and text.isprintable() and len(text) <= LONGEST):
            raise StoreRefused(f"`{part}` of an address is one line of 1 to {LONGEST} characters.")
    return parts
