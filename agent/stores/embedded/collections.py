"""Collections: read, made and taken away whole, and which product is in which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from agent.errors import NotFound, StoreRefused
from agent.sdk.goods import Collection
from agent.stores.embedded.ids import among, key_of, keys_of, public
from agent.stores.embedded.schema import COLLECTIONS, MEMBERS, PRODUCTS

FIELDS = frozenset({"id", "title", "position", "products"})
"""Of a collection to be made; `id` and `position` are taken so that one that was deleted comes back as what it was, where it was."""
LONGEST_TITLE = 255


def collections(session: Session, shop: int) -> list[Collection]:
    """All of them, in the shop's order."""
    inside: dict[int, list[str]] = defaultdict(list)
    members = select(MEMBERS.c.collection_id, MEMBERS.c.product_id).where(MEMBERS.c.shop_id == shop).order_by(MEMBERS.c.product_id)
    for collection, product in session.execute(members):
        inside[collection].append(public("product", product))
    rows = session.execute(select(COLLECTIONS).where(COLLECTIONS.c.shop_id == shop).order_by(COLLECTIONS.c.position, COLLECTIONS.c.id))
    return [
        Collection(id=public("collection", row.id), title=row.title, position=row.position, products=tuple(inside.get(row.id, ()))) for row in rows
    ]


def collection_fields(session: Session, shop: int, id: str) -> dict[str, Any] | None:
    """As `Change.create` takes them and `Change.delete` shows them; None when it is gone."""
    row = session.execute(select(COLLECTIONS).where(*_this(shop, id))).one_or_none()
    if row is None:
        return None
    members = select(MEMBERS.c.product_id).where(MEMBERS.c.collection_id == row.id).order_by(MEMBERS.c.product_id)
    products = [public("product", key) for key in session.execute(members).scalars()]
    return {"id": public("collection", row.id), "title": row.title, "position": row.position, "products": products}


def make_collection(session: Session, shop: int, fields: Mapping[str, Any], *, coming: int | None = None) -> str:
    """The id of the new collection: its former one where it comes back and nobody has that meanwhile.

    Raises:
        StoreRefused: A field is unknown or impossible, the title is taken, or a product is not there.
    """
    if unknown := set(fields) - FIELDS:
        raise StoreRefused(f"A collection has no field `{min(unknown)}`.")
    title, products = checked_title(session, shop, fields.get("title")), _checked_products(session, shop, fields.get("products") or ())
    row = {"shop_id": shop, "title": title, "position": _checked_position(session, shop, fields.get("position"))}
    former = coming or key_of("collection", str(fields.get("id") or ""))
    if former is not None and session.execute(select(COLLECTIONS.c.id).where(COLLECTIONS.c.id == former)).first() is None:
        row["id"] = former
    key = session.execute(insert(COLLECTIONS).values(**row).returning(COLLECTIONS.c.id)).scalar_one()
    if products:
        session.execute(insert(MEMBERS), [{"shop_id": shop, "collection_id": key, "product_id": product} for product in products])
        _touch(session, products)
    return public("collection", key)


def delete_collection(session: Session, shop: int, id: str) -> None:
    """The collection goes; its products stay."""
    key = session.execute(select(COLLECTIONS.c.id).where(*_this(shop, id))).scalar_one_or_none()
    if key is None:
        raise NotFound("collection")
    _touch(session, list(session.execute(select(MEMBERS.c.product_id).where(MEMBERS.c.collection_id == key)).scalars()))
    session.execute(delete(MEMBERS).where(MEMBERS.c.collection_id == key))
    session.execute(delete(COLLECTIONS).where(COLLECTIONS.c.id == key))


def checked_title(session: Session, shop: int, title: Any, *, but: int | None = None) -> str:
    """The title, if no other collection has it in whatever case."""
    if not isinstance(title, str) or not title.isprintable() or not 0 < len(title.strip()) <= LONGEST_TITLE:
        raise StoreRefused(f"A collection's title is one line of 1 to {LONGEST_TITLE} characters.")
    taken = session.execute(select(COLLECTIONS.c.id, COLLECTIONS.c.title).where(COLLECTIONS.c.shop_id == shop))
    if any(row.title.casefold() == title.strip().casefold() and row.id != but for row in taken):
        raise StoreRefused(f"There is already a collection “{title.strip()}”; choose another title.")
    return title.strip()


def membership(session: Session, shop: int, product: int, id: str) -> str | None:
    """The collection's title where the product is in it, else None.

    Raises:
        StoreRefused: The shop has no such collection.
    """
    title = _title(session, shop, id)
    inside = select(MEMBERS.c.product_id).where(MEMBERS.c.collection_id == key_of("collection", id), MEMBERS.c.product_id == product)
    return title if session.execute(inside).first() is not None else None


def put_membership(session: Session, shop: int, product: int, id: str, value: Any) -> None:
    """The product goes into the collection where the value is its title, and out of it where it is None."""
    title, key = _title(session, shop, id), key_of("collection", id)
    if value is not None and value != title:
        raise StoreRefused(f"The collection is called “{title}” now; ask again.")
    session.execute(delete(MEMBERS).where(MEMBERS.c.collection_id == key, MEMBERS.c.product_id == product))
    if value is not None:
        session.execute(insert(MEMBERS).values(shop_id=shop, collection_id=key, product_id=product))


def _this(shop: int, id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return COLLECTIONS.c.shop_id == shop, COLLECTIONS.c.id == key_of("collection", id)


def _title(session: Session, shop: int, id: str) -> str:
    title = session.execute(select(COLLECTIONS.c.title).where(*_this(shop, id))).scalar_one_or_none()
    if title is None:
        raise StoreRefused("The shop has no such collection.")
    return str(title)


def _checked_products(session: Session, shop: int, ids: Any) -> list[int]:
    if not isinstance(ids, list | tuple):
        raise StoreRefused("The products of a collection are a list of ids.")
    keys = keys_of("product", [str(id) for id in ids])
    known = set(session.execute(select(PRODUCTS.c.id).where(PRODUCTS.c.shop_id == shop, among(PRODUCTS.c.id, keys))).scalars())
    if len(keys) < len(ids) or known != set(keys):
        raise StoreRefused("A product of the collection does not exist.")
    return keys


def _checked_position(session: Session, shop: int, position: Any) -> int:
    """Where it was, or after all others."""
    if position is None:
        last = select(func.coalesce(func.max(COLLECTIONS.c.position), -1)).where(COLLECTIONS.c.shop_id == shop)
        return int(session.execute(last).scalar_one()) + 1
    if isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < 2**31:
        raise StoreRefused("A collection's position is a whole number from 0 on.")
    return position


def _touch(session: Session, products: list[int]) -> None:
    """A product in other collections is another version of it."""
    session.execute(update(PRODUCTS).where(among(PRODUCTS.c.id, products)).values(version=PRODUCTS.c.version + 1))
