"""Products made and taken away whole: with their options, variants, stock, tags and collections."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import RowMapping, Table, delete, func, insert, select
from sqlalchemy.orm import Session

from agent.errors import NotFound, StoreRefused
from agent.sdk.refs import Money
from agent.sdk.store import ShopInfo
from agent.stores.embedded.attributes import checked_attributes
from agent.stores.embedded.fields import Column, checked_units, column_of
from agent.stores.embedded.ids import key_of, public
from agent.stores.embedded.schema import (
    COLLECTIONS,
    DISCOUNTS,
    DRAFT_LINES,
    INVENTORY,
    LINES,
    LOCATIONS,
    MEMBERS,
    PRODUCTS,
    REFUND_LINES,
    REVIEWS,
    TAGS,
    VARIANTS,
)
from agent.stores.embedded.tags import checked_tags, put_tags, tags_of

MOST_VARIANTS, MOST_OPTIONS, LONGEST_VALUE = 100, 3, 255
_TEXTS = ("title", "description", "status", "vendor", "product_type", "seo_title", "seo_description", "category")
FIELDS = frozenset({*_TEXTS, "handle", "image_url", "created_at", "tags", "attributes", "options", "collections", "variants"})
"""Of a product to be made: `title` and `variants` at least."""
VARIANT_FIELDS = frozenset({"options", "sku", "price", "compare_at_price", "cost", "tracked", "stock"})


def product_fields(session: Session, shop: int, currency: str, id: str) -> dict[str, Any] | None:
    """As `Change.create` takes them and `Change.delete` shows them; None when it is gone."""
    row = session.execute(select(PRODUCTS).where(PRODUCTS.c.shop_id == shop, PRODUCTS.c.id == key_of("product", id))).mappings().one_or_none()
    if row is None:
        return None
    inside = select(MEMBERS.c.collection_id).where(MEMBERS.c.product_id == row["id"]).order_by(MEMBERS.c.collection_id)
    variants = session.execute(select(VARIANTS).where(VARIANTS.c.product_id == row["id"]).order_by(VARIANTS.c.position, VARIANTS.c.id)).mappings()
    return {
        **{name: row[name] for name in (*_TEXTS, "handle", "image_url")}, "created_at": row["created_at"].isoformat(),
        "tags": list(tags_of(session, shop, "product", [row["id"]]).get(row["id"], ())),
        "attributes": {name: list(values) for name, values in row["attributes"].items()},
        "options": [[name, list(values)] for name, values in row["options"]],
        "collections": [public("collection", key) for key in session.execute(inside).scalars()],
        "variants": [_variant_fields(session, currency, variant) for variant in variants.all()],
    }  # fmt: skip


def make_product(session: Session, shop: int, info: ShopInfo, now: datetime, fields: Mapping[str, Any], *, coming: int | None = None) -> str:
    """The id of the new product.

    Args:
        coming: Its key, and from there on those of its variants, where it is only shown as made.

    Raises:
        StoreRefused: A field is unknown, missing or impossible; a SKU is taken; a location or collection is not there.
    """
    if unknown := set(fields) - FIELDS:
        raise StoreRefused(f"A product has no field `{min(unknown)}`.")
    texts = {name: _text(name, fields[name], info) for name in _TEXTS if name in fields}
    if "title" not in texts:
        raise StoreRefused("A product has a title.")
    options = _checked_options(fields.get("options") or ())
    variants = _checked_variants(session, shop, info, options, fields.get("variants"))
    inside = _checked_collections(session, shop, fields.get("collections") or ())
    row = {
        **texts, "handle": _handle(session, shop, str(fields.get("handle") or texts["title"])), "options": options,
        "image_url": _image(fields.get("image_url")), "created_at": _created(fields.get("created_at"), now), "version": 1,
        "attributes": checked_attributes(fields.get("attributes") or {}),
    }  # fmt: skip
    empty = dict.fromkeys(_TEXTS, "") | {"status": "draft"}
    if coming is not None:
        row["id"] = coming
        variants = [({**variant, "id": coming + position}, stock) for position, (variant, stock) in enumerate(variants)]
    key = session.execute(insert(PRODUCTS).values(shop_id=shop, **{**empty, **row}).returning(PRODUCTS.c.id)).scalar_one()
    put_tags(session, shop, "product", key, checked_tags(_listed("Tags", fields.get("tags") or ())))
    for collection in inside:
        session.execute(insert(MEMBERS).values(shop_id=shop, collection_id=collection, product_id=key))
    for position, (variant, stock) in enumerate(variants):
        made = insert(VARIANTS).values(shop_id=shop, product_id=key, position=position, version=1, **variant).returning(VARIANTS.c.id)
        own = session.execute(made).scalar_one()
        for location, units in stock.items():
            session.execute(insert(INVENTORY).values(shop_id=shop, variant_id=own, location_id=location, on_hand=units))
    return public("product", key)


def delete_product(session: Session, shop: int, id: str) -> None:
    """
    Raises:
        StoreRefused: It was ordered or reviewed, or a discount is for it: what happened keeps its product.
    """
    found = session.execute(select(PRODUCTS.c.id, PRODUCTS.c.title).where(PRODUCTS.c.shop_id == shop, PRODUCTS.c.id == key_of("product", id)))
    row = found.one_or_none()
    if row is None:
        raise NotFound("product")
    if (why := _kept_for(session, shop, row.id)) is not None:
        raise StoreRefused(f"“{row.title}” {why}, so it stays; archive it instead.")
    own = select(VARIANTS.c.id).where(VARIANTS.c.product_id == row.id)
    session.execute(delete(INVENTORY).where(INVENTORY.c.variant_id.in_(own)))
    session.execute(delete(TAGS).where(TAGS.c.shop_id == shop, TAGS.c.kind == "product", TAGS.c.record_id == row.id))
    for table in (VARIANTS, MEMBERS):
        session.execute(delete(table).where(table.c.product_id == row.id))
    session.execute(delete(PRODUCTS).where(PRODUCTS.c.id == row.id))


def _kept_for(session: Session, shop: int, key: int) -> str | None:
    """Why the product may not go."""

    def named_in(table: Table) -> bool:
        return session.execute(select(table.c.id).where(table.c.shop_id == shop, table.c.product_id == key).limit(1)).first() is not None

    drafted = select(DRAFT_LINES.c.id).join(VARIANTS, VARIANTS.c.id == DRAFT_LINES.c.variant_id)
    if any(named_in(table) for table in (LINES, REFUND_LINES)):
        return "was ordered"
    if session.execute(drafted.where(VARIANTS.c.product_id == key).limit(1)).first() is not None:
        return "is in a draft order"
    if named_in(REVIEWS):
        return "was reviewed"
    discounts = session.execute(select(DISCOUNTS.c.code, DISCOUNTS.c.products).where(DISCOUNTS.c.shop_id == shop))
    code = next((row.code for row in discounts if key in row.products), None)
    return f"is what the discount {code} is for" if code is not None else None


def _variant_fields(session: Session, currency: str, row: RowMapping) -> dict[str, Any]:
    levels = select(INVENTORY.c.location_id, INVENTORY.c.on_hand).where(INVENTORY.c.variant_id == row["id"]).order_by(INVENTORY.c.location_id)

    def money(name: str) -> Money | None:
        return None if row[name] is None else Money.from_minor(row[name], currency)

    return {
        "options": [row[name] for name in ("option1", "option2", "option3") if row[name] is not None], "sku": row["sku"],
        "price": money("price_minor"), "compare_at_price": money("compare_at_minor"), "cost": money("cost_minor"), "tracked": row["tracked"],
        "stock": {public("location", key): units for key, units in session.execute(levels) if units},
    }  # fmt: skip


def _column(kind: str, field: str) -> Column:
    column = column_of(kind, field)
    assert column is not None, f"{kind}.{field} is no field"
    return column


def _text(name: str, value: Any, info: ShopInfo) -> str:
    return str(_column("product", name).stored(value, info))


def _listed(what: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise StoreRefused(f"{what} are a list.")
    return value


def _checked_options(options: Any) -> list[list[Any]]:
    pairs = _listed("Options", options)
    if len(pairs) > MOST_OPTIONS:
        raise StoreRefused(f"A product has at most {MOST_OPTIONS} options.")
    checked: list[list[Any]] = []
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not isinstance(pair[1], list | tuple) or not pair[1]:
            raise StoreRefused('An option is its name and its values, such as ["Size", ["S", "M"]].')
        words = [pair[0], *pair[1]]
        if any(not isinstance(word, str) or not word.isprintable() or not 0 < len(word.strip()) <= LONGEST_VALUE for word in words):
            raise StoreRefused(f"The name of an option, and each value, is 1 to {LONGEST_VALUE} characters of text.")
        if len({value.casefold() for value in pair[1]}) < len(pair[1]):
            raise StoreRefused(f"A value of the option {pair[0]} comes twice.")
        checked.append([pair[0], list(pair[1])])
    if len({name.casefold() for name, _ in checked}) < len(checked):
        raise StoreRefused("Two options have the same name.")
    return checked


def _checked_variants(
    session: Session, shop: int, info: ShopInfo, options: Sequence[Sequence[Any]], variants: Any
) -> list[tuple[dict[str, Any], dict[int, int]]]:
    """Rows, each with its stock by location."""
    given = _listed("Variants", variants or ())
    if not 1 <= len(given) <= MOST_VARIANTS:
        raise StoreRefused(f"A product has 1 to {MOST_VARIANTS} variants; this one would have {len(given)}.")
    locations = set(session.execute(select(LOCATIONS.c.id).where(LOCATIONS.c.shop_id == shop)).scalars())
    made = [_checked_variant(info, options, locations, one) for one in given]
    chosen = [tuple(row[f"option{n}"] for n in (1, 2, 3)) for row, _ in made]
    if len(set(chosen)) < len(chosen):
        raise StoreRefused("Two variants have the same options.")
    _check_skus(session, shop, [str(row["sku"]) for row, _ in made if row["sku"]])
    return made


def _checked_variant(info: ShopInfo, options: Sequence[Sequence[Any]], locations: set[int], fields: Any) -> tuple[dict[str, Any], dict[int, int]]:
    if not isinstance(fields, Mapping) or set(fields) - VARIANT_FIELDS:
        raise StoreRefused(f"A variant has the fields {', '.join(sorted(VARIANT_FIELDS))}.")
    values = list(_listed("A variant's options", fields.get("options") or ()))
    if len(values) != len(options) or any(value not in known for value, (_, known) in zip(values, options, strict=False)):
        raise StoreRefused("A variant has one value of each option of its product.")
    tracked, stock = fields.get("tracked", True), fields.get("stock") or {}
    if not isinstance(tracked, bool) or not isinstance(stock, Mapping) or (stock and not tracked):
        raise StoreRefused("Stock is the units at each location, of a variant whose units are counted.")
    levels = {key_of("location", str(id)): checked_units(units) for id, units in stock.items()}
    if not set(levels) <= locations:
        raise StoreRefused("The shop has no such location.")
    columns = {name: _column("variant", name) for name in ("price", "compare_at_price", "cost", "sku")}
    row = {column.name: column.stored(fields.get(name), info) for name, column in columns.items()}
    row |= {f"option{n + 1}": values[n] if n < len(values) else None for n in range(MOST_OPTIONS)}
    return {**row, "tracked": tracked}, {key: units for key, units in levels.items() if key is not None}


def _check_skus(session: Session, shop: int, skus: Sequence[str]) -> None:
    folded = [sku.lower() for sku in skus]
    if len(set(folded)) < len(folded):
        raise StoreRefused("Two variants have the same SKU.")
    taken = session.execute(select(VARIANTS.c.sku).where(VARIANTS.c.shop_id == shop, func.lower(VARIANTS.c.sku).in_(folded))).scalars().first()
    if taken is not None:
        raise StoreRefused(f"The SKU {taken} is another product's already.")


def _checked_collections(session: Session, shop: int, ids: Any) -> list[int]:
    keys = [key_of("collection", str(id)) for id in _listed("Collections", ids)]
    known = set(session.execute(select(COLLECTIONS.c.id).where(COLLECTIONS.c.shop_id == shop)).scalars())
    if len(set(keys)) < len(keys) or not set(keys) <= known:
        raise StoreRefused("A collection that the product is to be in does not exist.")
    return [key for key in keys if key is not None]


def _handle(session: Session, shop: int, text: str) -> str:
    """The words of the title for an address, with a number where another product has them."""
    ascii_only = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    wanted = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:200] or "product"
    taken = set(session.execute(select(PRODUCTS.c.handle).where(PRODUCTS.c.shop_id == shop, PRODUCTS.c.handle.startswith(wanted))).scalars())
    return wanted if wanted not in taken else next(name for n in count(2) if (name := f"{wanted}-{n}") not in taken)


def _image(url: Any) -> str | None:
    if url is not None and (not isinstance(url, str) or not url.startswith(("https://", "http://")) or not url.isprintable()):
        raise StoreRefused("An image is an address that begins with https://.")
    return url


def _created(moment: Any, now: datetime) -> datetime:
    try:
        return datetime.fromisoformat(moment) if moment is not None else now
    except (TypeError, ValueError) as error:
        raise StoreRefused("`created_at` is not a time such as 2026-11-22T09:00:00+01:00.") from error
