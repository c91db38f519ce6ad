"""Fields that are more than one column of the record's own table: each is read and written by functions of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from agent.errors import StoreRefused
from agent.stores.embedded.attributes import attribute_of, put_attribute
from agent.stores.embedded.collections import checked_title, membership, put_membership
from agent.stores.embedded.desk import Desk
from agent.stores.embedded.discounts import checked_code, checked_customers, checked_products, checked_worth, customers_shown, worth_shown
from agent.stores.embedded.ids import public
from agent.stores.embedded.order_addresses import address_of, put_address
from agent.stores.embedded.parcels import carrier_of, put_carrier, put_tracking, tracking_of
from agent.stores.embedded.schema import COLLECTIONS, DISCOUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    read: Callable[[Desk, int, str], Any]
    """The field's value as a change holds it, of the record with this primary key."""
    put: Callable[[Desk, int, str, Any], None]
    """Raises StoreRefused for what the field cannot be."""


def joint_of(kind: str, field: str) -> Joint | None:
    """The field "collection:col_3" of a product is looked up as "collection"."""
    return JOINTS.get((kind, field.partition(":")[0]))


def _row(desk: Desk, key: int) -> Any:
    return desk.session.execute(select(DISCOUNTS).where(DISCOUNTS.c.id == key)).one()


def _set(desk: Desk, key: int, **values: Any) -> None:
    desk.session.execute(update(DISCOUNTS).where(DISCOUNTS.c.id == key).values(**values))


def _put_worth(desk: Desk, key: int, value: Any) -> None:
    _set(desk, key, **checked_worth(value, desk.shop.currency))


def _put_code(desk: Desk, key: int, value: Any) -> None:
    code = checked_code(value)
    taken = select(DISCOUNTS.c.id).where(DISCOUNTS.c.shop_id == desk.key, DISCOUNTS.c.code == code, DISCOUNTS.c.id != key)
    if desk.session.execute(taken).first() is not None:
        raise StoreRefused(f"There is already a discount with the code {code}; choose another code.")
    _set(desk, key, code=code)


def _put_products(desk: Desk, key: int, value: Any) -> None:
    if not isinstance(value, list | tuple):
        raise StoreRefused("The products of a discount are a list of ids.")
    _set(desk, key, products=checked_products(desk.session, desk.key, value))


def _put_customers(desk: Desk, key: int, value: Any) -> None:
    _set(desk, key, customers=checked_customers(desk.session, desk.key, value))


def _put_collection_title(desk: Desk, key: int, value: Any) -> None:
    title = checked_title(desk.session, desk.key, value, but=key)
    desk.session.execute(update(COLLECTIONS).where(COLLECTIONS.c.id == key).values(title=title))


def _named(field: str) -> str:
    """What stands after the colon: a collection's id, an attribute's name, a parcel's tracking number."""
    return field.partition(":")[2]


JOINTS: Mapping[tuple[str, str], Joint] = {
    ("order", "shipping_address"): Joint(
        read=lambda desk, key, _field: address_of(desk.session, desk.key, key),
        put=lambda desk, key, _field, value: put_address(desk.session, desk.key, key, value),
    ),
    ("order", "tracking"): Joint(
        read=lambda desk, key, _field: tracking_of(desk, key), put=lambda desk, key, _field, value: put_tracking(desk, key, value)
    ),
    ("order", "carrier"): Joint(
        read=lambda desk, key, field: carrier_of(desk, key, _named(field)),
        put=lambda desk, key, field, value: put_carrier(desk, key, _named(field), value),
    ),
    ("product", "collection"): Joint(
        read=lambda desk, key, field: membership(desk.session, desk.key, key, _named(field)),
        put=lambda desk, key, field, value: put_membership(desk.session, desk.key, key, _named(field), value),
    ),
    ("product", "attribute"): Joint(
        read=lambda desk, key, field: attribute_of(desk.session, key, _named(field)),
        put=lambda desk, key, field, value: put_attribute(desk.session, key, _named(field), value),
    ),
    ("collection", "title"): Joint(
        read=lambda desk, key, _field: desk.session.execute(select(COLLECTIONS.c.title).where(COLLECTIONS.c.id == key)).scalar_one(),
        put=lambda desk, key, _field, value: _put_collection_title(desk, key, value),
    ),
    ("discount", "worth"): Joint(
        read=lambda desk, key, _field: worth_shown(_row(desk, key), desk.shop.currency),
        put=lambda desk, key, _field, value: _put_worth(desk, key, value),
    ),
    ("discount", "code"): Joint(
        read=lambda desk, key, _field: _row(desk, key).code, put=lambda desk, key, _field, value: _put_code(desk, key, value)
    ),
    ("discount", "products"): Joint(
        read=lambda desk, key, _field: [public("product", product) for product in _row(desk, key).products],
        put=lambda desk, key, _field, value: _put_products(desk, key, value),
    ),
    ("discount", "customers"): Joint(
        read=lambda desk, key, _field: customers_shown(_row(desk, key).customers),
        put=lambda desk, key, _field, value: _put_customers(desk, key, value),
    ),
}  # fmt: skip
