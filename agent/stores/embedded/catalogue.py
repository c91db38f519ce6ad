"""Products and variants: found by predicate or by id, read with all that belongs to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, or_, select
from sqlalchemy.orm import Session

from agent.errors import Invalid, NotFound
from agent.sdk.goods import Product, Variant
from agent.sdk.refs import Money, Selection, Where
from agent.sdk.store import Page
from agent.sdk.untrusted import Untrusted
from agent.stores.embedded.cursors import Order, beyond, cursor_after, page_size, place_in, sorted_by
from agent.stores.embedded.ids import among, key_of, keys_of, public
from agent.stores.embedded.labels import variant_title
from agent.stores.embedded.options import accepts
from agent.stores.embedded.ranges import in_range, minor_range
from agent.stores.embedded.schema import COLLECTIONS, INVENTORY, MEMBERS, PRODUCTS, VARIANTS
from agent.stores.embedded.tags import has_tags, tags_of
from agent.stores.embedded.words import has_words, same_word

_OPTIONS = ("option1", "option2", "option3")
_PLAIN = ("title", "handle", "status", "vendor", "product_type", "image_url", "seo_title", "seo_description", "category", "created_at")


def products(session: Session, shop: int, currency: str, where: Selection[Any] | Where | None, *, limit: int, cursor: str | None) -> Page[Product]:
    """By title; of a selection, in the selection's order."""
    if isinstance(where, Selection):
        return _selected(session, shop, currency, where, limit=page_size(limit), cursor=cursor)
    order: Order = ((PRODUCTS.c.title, "up"), (PRODUCTS.c.id, "up"))
    statement = select(PRODUCTS).where(PRODUCTS.c.shop_id == shop, *_conditions(session, shop, currency, where or Where()))
    if cursor:
        statement = statement.where(beyond(order, place_in(cursor, "products", 2)))
    size = page_size(limit)
    rows = session.execute(statement.order_by(*sorted_by(order)).limit(size + 1)).mappings().all()
    more = cursor_after("products", (rows[size - 1]["title"], rows[size - 1]["id"])) if len(rows) > size else None
    return Page(_made(session, shop, currency, rows[:size]), more)


def product(session: Session, shop: int, currency: str, id: str) -> Product:
    rows = session.execute(select(PRODUCTS).where(PRODUCTS.c.shop_id == shop, PRODUCTS.c.id == key_of("product", id))).mappings().all()
    if not rows:
        raise NotFound("product")
    return _made(session, shop, currency, rows)[0]


def variants(session: Session, shop: int, currency: str, ids: Sequence[str]) -> list[Variant]:
    """Every variant whose id, or whose product's id, is among them, in their order, each once."""
    wanted, of_products = keys_of("variant", ids), keys_of("product", ids)
    rows = _variant_rows(session, shop, or_(among(VARIANTS.c.id, wanted), among(VARIANTS.c.product_id, of_products)))
    made = {row["id"]: variant for row, variant in zip(rows, _variants_made(session, currency, rows), strict=True)}
    own: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        own[row["product_id"]].append(row["id"])
    keys: list[int] = []
    for id in ids:
        one, whole = key_of("variant", id), key_of("product", id)
        keys += own.get(whole or 0, []) if one is None else [one]
    return [made[key] for key in dict.fromkeys(keys) if key in made]


def _selected(session: Session, shop: int, currency: str, chosen: Selection[Any], *, limit: int, cursor: str | None) -> Page[Product]:
    whose = select(VARIANTS.c.id, VARIANTS.c.product_id).where(VARIANTS.c.shop_id == shop, among(VARIANTS.c.id, keys_of("variant", chosen.ids)))
    of_variants = {row.id: row.product_id for row in session.execute(whose)}
    found = (key_of("product", id) or of_variants.get(key_of("variant", id) or 0) for id in chosen.ids)
    keys = list(dict.fromkeys(key for key in found if key is not None))
    start = int(place_in(cursor, "selected products", 1)[0]) if cursor else 0
    some = keys[start : start + limit]
    rows = session.execute(select(PRODUCTS).where(PRODUCTS.c.shop_id == shop, among(PRODUCTS.c.id, some))).mappings().all()
    by_key = {row["id"]: row for row in rows}
    more = cursor_after("selected products", (start + limit,)) if start + limit < len(keys) else None
    return Page(_made(session, shop, currency, [by_key[key] for key in some if key in by_key]), more)


def _conditions(session: Session, shop: int, currency: str, where: Where) -> list[ColumnElement[bool]]:
    if where.places:
        raise Invalid("Products are in no place; ask for orders or customers by country or city.", field="places")
    conditions: list[ColumnElement[bool]] = [has_words(PRODUCTS.c.title, word) for word in (where.text or "").split()]
    if where.status is not None:
        conditions.append(PRODUCTS.c.status == where.status)
    if where.vendor is not None:
        conditions.append(same_word(PRODUCTS.c.vendor, [where.vendor]))
    if where.product_type is not None:
        conditions.append(same_word(PRODUCTS.c.product_type, [where.product_type]))
    if where.tags:
        conditions.append(has_tags(shop, "product", PRODUCTS.c.id, where.tags))
    if where.collection is not None:
        inside = select(MEMBERS.c.product_id).join(COLLECTIONS, COLLECTIONS.c.id == MEMBERS.c.collection_id)
        conditions.append(PRODUCTS.c.id.in_(inside.where(COLLECTIONS.c.shop_id == shop, same_word(COLLECTIONS.c.title, [where.collection]))))
    if where.options or where.sizes or where.price or where.stock:
        fitting = _with_variants(session, shop, currency, where)
        conditions.append(among(PRODUCTS.c.id, fitting) if isinstance(fitting, list) else PRODUCTS.c.id.in_(fitting))
    return conditions


def _with_variants(session: Session, shop: int, currency: str, where: Where) -> list[int] | Select[Any]:
    """Products with a variant that meets all of the conditions on variants."""
    statement = select(VARIANTS.c.product_id).where(VARIANTS.c.shop_id == shop)
    if where.price:
        statement = statement.where(*minor_range(VARIANTS.c.price_minor, where.price, currency))
    if where.stock:
        statement = statement.where(VARIANTS.c.tracked, *in_range(_on_hand(), where.stock))
    if not (where.options or where.sizes):
        return statement
    # Option values are ordered within each product's own JSON; what fits is told in Python, over the few columns that takes.
    columns = (VARIANTS.c.product_id, PRODUCTS.c.options, *(VARIANTS.c[name] for name in _OPTIONS))
    rows = session.execute(statement.with_only_columns(*columns).join(PRODUCTS, PRODUCTS.c.id == VARIANTS.c.product_id))
    return sorted({row[0] for row in rows if accepts(where, row[1], row[2:])})


def _on_hand() -> ColumnElement[int]:
    counted = select(func.coalesce(func.sum(INVENTORY.c.on_hand), 0)).where(INVENTORY.c.variant_id == VARIANTS.c.id)
    return counted.correlate(VARIANTS).scalar_subquery()


def _made(session: Session, shop: int, currency: str, rows: Sequence[RowMapping]) -> list[Product]:
    keys = [row["id"] for row in rows]
    tags = tags_of(session, shop, "product", keys)
    inside = _collections_of(session, keys)
    own: dict[int, list[Variant]] = defaultdict(list)
    of_these = _variant_rows(session, shop, among(VARIANTS.c.product_id, keys))
    for row, variant in zip(of_these, _variants_made(session, currency, of_these), strict=True):
        own[row["product_id"]].append(variant)
    return [
        Product(
            id=public("product", row["id"]),
            description=Untrusted(row["description"], source="product text", record=public("product", row["id"])),
            tags=tags.get(row["id"], ()),
            collections=tuple(inside.get(row["id"], ())),
            options={name: tuple(values) for name, values in row["options"]},
            variants=tuple(own[row["id"]]),
            version=str(row["version"]),
            attributes={name: tuple(values) for name, values in row["attributes"].items()},
            **{name: row[name] for name in _PLAIN},
        )
        for row in rows
    ]


def _collections_of(session: Session, keys: Iterable[int]) -> Mapping[int, list[str]]:
    statement = select(MEMBERS.c.product_id, COLLECTIONS.c.title).join(COLLECTIONS, COLLECTIONS.c.id == MEMBERS.c.collection_id)
    found: dict[int, list[str]] = defaultdict(list)
    for key, title in session.execute(statement.where(MEMBERS.c.product_id.in_(list(keys))).order_by(COLLECTIONS.c.position, COLLECTIONS.c.id)):
        found[key].append(title)
    return found


def _variant_rows(session: Session, shop: int, which: ColumnElement[bool]) -> Sequence[RowMapping]:
    statement = select(VARIANTS, PRODUCTS.c.title.label("product_title"), PRODUCTS.c.options).join(PRODUCTS, PRODUCTS.c.id == VARIANTS.c.product_id)
    ordered = statement.where(VARIANTS.c.shop_id == shop, which).order_by(VARIANTS.c.product_id, VARIANTS.c.position, VARIANTS.c.id)
    return session.execute(ordered).mappings().all()


def _variants_made(session: Session, currency: str, rows: Sequence[RowMapping]) -> list[Variant]:
    stock: dict[int, dict[str, int]] = defaultdict(dict)
    levels = select(INVENTORY.c.variant_id, INVENTORY.c.location_id, INVENTORY.c.on_hand)
    for key, location, units in session.execute(levels.where(among(INVENTORY.c.variant_id, [row["id"] for row in rows if row["tracked"]]))):
        stock[key][public("location", location)] = units
    return [_variant(row, stock.get(row["id"], {}), currency) for row in rows]


def _variant(row: RowMapping, stock: Mapping[str, int], currency: str) -> Variant:
    values = [row[name] for name in _OPTIONS]
    return Variant(
        id=public("variant", row["id"]),
        product_id=public("product", row["product_id"]),
        product_title=row["product_title"],
        title=variant_title(values),
        options={name: value for (name, _), value in zip(row["options"], values, strict=False) if value is not None},
        sku=row["sku"],
        price=Money.from_minor(row["price_minor"], currency),
        compare_at_price=_money(row["compare_at_minor"], currency),
        cost=_money(row["cost_minor"], currency),
        stock=stock,
        tracked=row["tracked"],
        version=str(row["version"]),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money.from_minor(minor, currency)
