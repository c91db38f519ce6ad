"""Shopify's product CSV: a product's first row has its title and text, each further row of the same handle one more variant or image.

Headings after https://help.shopify.com/en/manual/products/import-export/using-csv (read 2026-11-22), in their present form
("URL handle", "SKU", "Inventory quantity") and the one of older exports ("Handle", "Variant SKU", "Variant Inventory Qty").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.db.engine import Database
from agent.db.goods import InventoryLevel, Product, Tag, Variant
from agent.sdk.store import ShopInfo
from agent.stores.embedded import books, bulk
from agent.stores.embedded.importers import cells
from agent.stores.embedded.importers.csvfile import Columns, Sheet
from agent.stores.embedded.importers.html_text import plain_text
from agent.stores.embedded.importers.report import ImportReport, Progress, Tally
from agent.stores.embedded.schema import LOCATIONS, PRODUCTS, VARIANTS
from agent.stores.embedded.shops import shop_key

COLUMNS: Columns = {
    "handle": ("URL handle", "Handle"),
    "title": ("Title",),
    "body": ("Body (HTML)", "Description"),
    "vendor": ("Vendor",),
    "type": ("Type",),
    "category": ("Product category", "Product Category"),
    "tags": ("Tags",),
    "published": ("Published on online store", "Published"),
    "status": ("Status",),
    "option1": ("Option1 Name",),
    "option2": ("Option2 Name",),
    "option3": ("Option3 Name",),
    "value1": ("Option1 Value",),
    "value2": ("Option2 Value",),
    "value3": ("Option3 Value",),
    "sku": ("Variant SKU", "SKU"),
    "tracker": ("Variant Inventory Tracker", "Inventory tracker"),
    "stock": ("Variant Inventory Qty", "Inventory quantity"),
    "price": ("Variant Price", "Price"),
    "compare_at": ("Variant Compare At Price", "Compare-at price"),
    "cost": ("Cost per item",),
    "image": ("Image Src", "Product image URL"),
}
NEEDED = ("handle", "title", "price")
EXPECTED = "Handle (or URL handle), Title, Variant Price (or Price), and further columns of Shopify's template"
STATUSES = ("active", "draft", "archived")
BATCH = 500
"""Products stored in one transaction."""


@dataclass(slots=True, kw_only=True)
class _Variant:
    line: int
    values: tuple[str | None, str | None, str | None]
    sku: str | None
    price: int
    compare_at: int | None
    cost: int | None
    stock: int | None
    """None where it is not counted."""


@dataclass(slots=True, kw_only=True)
class _Product:
    handle: str
    title: str
    description: str
    vendor: str
    type: str
    category: str
    tags: list[str]
    status: str
    options: list[str]
    image: str | None
    variants: list[_Variant] = field(default_factory=list)


def store(db: Database, shop: ShopInfo, sheet: Sheet, progress: Progress | None) -> ImportReport:
    """Import the rows of an open file."""
    key, tally = shop_key(shop.id), Tally()
    read = _products(sheet, shop.currency, tally)
    while batch := list(islice(read, BATCH)):
        db.write_now(lambda session, batch=batch: _store(session, key, batch, tally))  # type: ignore[misc]  # bound now
        if progress is not None:
            progress(tally.read)
    return tally.report()


def _products(sheet: Sheet, currency: str, tally: Tally) -> Iterator[_Product]:
    """Products, each as soon as another handle begins. Rows of a product whose first row is bad go with it."""
    places = sheet.places(COLUMNS)
    current: _Product | None = None
    lost = ""
    for number, row in sheet.rows:
        tally.read += 1
        cell = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        handle = cell["handle"] or (current.handle if current else lost)
        try:
            if current is None or handle != current.handle:
                if current is not None and current.variants:
                    yield current
                current = None
                current = _head(cell, handle, lost)
            _extend(current, number, cell, currency, tally)
        except ValueError as error:
            lost = handle if current is None else lost
            tally.bad(number, str(error))
    if current is not None and current.variants:
        yield current


def _head(cell: Mapping[str, str], handle: str, lost: str) -> _Product:
    if not handle:
        raise ValueError("there is no handle")
    if not cell["title"]:
        raise ValueError("the product's first row is bad" if handle == lost else "the product's first row has no title")
    status = cell.get("status", "").casefold() or ("draft" if cell.get("published", "").casefold() == "false" else "active")
    if status not in STATUSES:
        raise ValueError(f"“{cell['status']}” is no status; write active, draft or archived")
    names = [cell.get(f"option{n}", "") for n in (1, 2, 3)]
    return _Product(
        handle=handle,
        title=cell["title"],
        description=plain_text(cell.get("body", "")),
        vendor=cell.get("vendor", ""),
        type=cell.get("type", ""),
        category=cell.get("category", "")[:500],
        tags=list(dict.fromkeys(tag.strip() for tag in cell.get("tags", "").split(",") if tag.strip())),
        status=status,
        # A product without options has the option "Title" with the value "Default Title".
        options=[] if names[0] in ("", "Title") else [name for name in names if name],
        image=cell.get("image") or None,
    )


def _extend(product: _Product, number: int, cell: Mapping[str, str], currency: str, tally: Tally) -> None:
    """Add the row's variant; a row that has none shows one more picture."""
    if not cell["price"] and product.variants:
        tally.kinds["image"] += 1
        product.image = product.image or cell.get("image") or None
        tally.notes["images_beyond_the_first"] += bool(cell.get("image"))
        return
    if not cell["price"]:
        raise ValueError("the variant has no price")
    variant = _variant(product, number, cell, currency)
    if any(variant.values == other.values for other in product.variants):
        raise ValueError("the product has this variant already")
    product.variants.append(variant)


def _variant(product: _Product, number: int, cell: Mapping[str, str], currency: str) -> _Variant:
    values = [cell.get(f"value{n}", "") for n in (1, 2, 3)][: len(product.options)]
    if any(not value for value in values):
        raise ValueError(f"the variant has no value for {product.options[values.index('')]}")
    amounts = {name: cells.minor(cell[name], currency) if cell.get(name) else None for name in ("price", "compare_at", "cost")}
    if any(amount is not None and amount < 0 for amount in amounts.values()):
        raise ValueError("a price is below zero")
    counted = bool(cell.get("tracker")) if "tracker" in cell else bool(cell.get("stock"))
    padded = [*values, None, None, None]
    return _Variant(
        line=number,
        values=(padded[0], padded[1], padded[2]),
        sku=cell.get("sku", "").lstrip("'") or None,
        price=amounts["price"] or 0,
        compare_at=amounts["compare_at"],
        cost=amounts["cost"],
        stock=cells.whole(cell.get("stock") or "0") if counted else None,
    )


def _store(session: Session, shop: int, batch: list[_Product], tally: Tally) -> None:
    location = session.execute(select(LOCATIONS.c.id).where(LOCATIONS.c.shop_id == shop).order_by(LOCATIONS.c.position)).scalars().first()
    known = _known(session, shop, [product.handle for product in batch])
    made, added = 0, 0
    for product in batch:
        if product.handle not in known:
            known[product.handle] = (_insert(session, shop, product), {})
            made += 1
        key, there = known[product.handle]
        fresh = [variant for variant in product.variants if variant.values not in there]
        _insert_variants(session, shop, key, location, fresh, at=len(there))
        there.update({variant.values: 0 for variant in fresh})
        added += len(fresh)
        tally.unchanged += len(product.variants) - len(fresh)
        tally.kinds["variant"] += len(product.variants)
    tally.imported += added
    tally.notes["products"] += made
    if added:
        books.touch_catalogue(session, shop)


def _known(session: Session, shop: int, handles: list[str]) -> dict[str, tuple[int, dict[Any, int]]]:
    found: dict[str, tuple[int, dict[Any, int]]] = {}
    here = select(PRODUCTS.c.handle, PRODUCTS.c.id).where(PRODUCTS.c.shop_id == shop, PRODUCTS.c.handle.in_(handles))
    for handle, key in session.execute(here):
        variants = select(VARIANTS.c.option1, VARIANTS.c.option2, VARIANTS.c.option3, VARIANTS.c.id).where(VARIANTS.c.product_id == key)
        found[handle] = (key, {(one, two, three): id for one, two, three, id in session.execute(variants)})
    return found


def _insert(session: Session, shop: int, product: _Product) -> int:
    key = bulk.last_key(session, Product) + 1
    values = [list(dict.fromkeys(variant.values[n] for variant in product.variants)) for n in range(len(product.options))]
    row = {
        "id": key, "shop_id": shop, "title": product.title, "handle": product.handle, "description": product.description, "status": product.status,
        "vendor": product.vendor, "product_type": product.type, "options": [list(pair) for pair in zip(product.options, values, strict=True)],
        "image_url": product.image, "category": product.category, "created_at": datetime.now(UTC),
    }  # fmt: skip
    bulk.insert_rows(session, Product, [row])
    tags: dict[str, str] = {}
    for tag in product.tags:
        tags.setdefault(tag.casefold(), tag)
    shared = {"shop_id": shop, "kind": "product", "record_id": key}
    bulk.insert_rows(session, Tag, [{**shared, "folded": folded, "tag": tag, "position": n} for n, (folded, tag) in enumerate(tags.items())])
    return key


def _insert_variants(session: Session, shop: int, product: int, location: int | None, variants: list[_Variant], *, at: int) -> None:
    first = bulk.last_key(session, Variant) + 1
    rows, levels = [], []
    for number, variant in enumerate(variants):
        one, two, three = variant.values
        rows.append({
            "id": first + number, "shop_id": shop, "product_id": product, "position": at + number, "option1": one, "option2": two, "option3": three,
            "sku": variant.sku, "price_minor": variant.price, "compare_at_minor": variant.compare_at, "cost_minor": variant.cost,
            "tracked": variant.stock is not None,
        })  # fmt: skip
        if variant.stock is not None and location is not None:
            levels.append({"shop_id": shop, "variant_id": first + number, "location_id": location, "on_hand": variant.stock})
    bulk.insert_rows(session, Variant, rows)
    bulk.insert_rows(session, InventoryLevel, levels)
