"""Storing Shopify's order export; `shopify_rows` reads it.

What the export does not say, and what is done instead: when a refund was made (the day of the cancellation, else of the order), and
which lines it was for (all of them where everything was refunded, else it is an adjustment). Lines are matched with the
catalogue by SKU, else by title; import products first. Rows of an order with a bad one count as "left_out".
"""

from __future__ import annotations

from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.db.engine import Database
from agent.db.goods import Tag
from agent.db.orders import Fulfilment, Order, OrderLine, Refund, RefundLine
from agent.db.people import Customer
from agent.db.shop import local_day
from agent.sdk.store import ShopInfo
from agent.stores.embedded import books, bulk
from agent.stores.embedded.importers.csvfile import Sheet
from agent.stores.embedded.importers.report import ImportReport, Progress, Tally
from agent.stores.embedded.importers.shopify_rows import FULFILMENTS, PAYMENTS, Line, Placed, Setting, placed_orders
from agent.stores.embedded.schema import CUSTOMERS, ORDERS, PRODUCTS, VARIANTS
from agent.stores.embedded.shops import shop_key

CHANNELS = {"web": "Online Store", "pos": "POS", "shopify_draft_order": "Draft Order", "instagram": "Instagram", "facebook": "Facebook"}
BATCH = 500
"""Orders stored in one transaction."""


def store(db: Database, shop: ShopInfo, sheet: Sheet, progress: Progress | None) -> ImportReport:
    """Import the rows of an open file."""
    key, tally, zone = shop_key(shop.id), Tally(), ZoneInfo(shop.time_zone)
    read = placed_orders(sheet, Setting(currency=shop.currency, zone=zone, includes_tax=shop.prices_include_tax), tally)
    try:
        while batch := list(islice(read, BATCH)):
            db.write_now(lambda session, batch=batch: _store(session, key, zone, batch, tally))  # type: ignore[misc]  # bound now
            if progress is not None:
                progress(tally.read)
    finally:
        if tally.imported:
            db.write_now(lambda session: books.post(session, key))
    return tally.report()


class _Goods:
    """The catalogue by SKU and by the names that lines go by: "Title - Blue / M"."""

    def __init__(self, session: Session, shop: int) -> None:
        found = select(
            VARIANTS.c.id, VARIANTS.c.product_id, VARIANTS.c.sku, PRODUCTS.c.title, VARIANTS.c.option1, VARIANTS.c.option2, VARIANTS.c.option3
        )
        found = found.join(PRODUCTS, PRODUCTS.c.id == VARIANTS.c.product_id).where(VARIANTS.c.shop_id == shop).order_by(VARIANTS.c.id.desc())
        self._by_sku: dict[str, tuple[int, int]] = {}
        self._by_name: dict[str, tuple[int, int]] = {}
        for variant, product, sku, title, *options in session.execute(found):
            named = " / ".join(value for value in options if value)
            self._by_name[f"{title} - {named}" if named else title] = (product, variant)
            if sku:
                self._by_sku[sku] = (product, variant)

    def of(self, line: Line) -> tuple[int | None, int | None]:
        if line.kind != "product":
            return None, None
        return self._by_sku.get(line.sku) or self._by_name.get(line.title) or (None, None)


def _store(session: Session, shop: int, zone: ZoneInfo, batch: list[Placed], tally: Tally) -> None:
    """Store the orders that are not there yet. Tallies only once all is written."""
    numbers = [order.head["number"] for order in batch]
    known = set(session.execute(select(ORDERS.c.number).where(ORDERS.c.shop_id == shop, ORDERS.c.number.in_(numbers))).scalars())
    fresh = [order for order in batch if order.head["number"] not in known and not known.add(order.head["number"])]  # type: ignore[func-returns-value]  # adds
    goods, people = _Goods(session, shop), _people(session, shop, fresh)
    without = sum(_insert(session, shop, zone, order, goods, people) for order in fresh)
    tally.imported += sum(order.rows for order in fresh)
    tally.unchanged += sum(order.rows for order in batch) - sum(order.rows for order in fresh)
    tally.kinds["line"] += sum(order.rows for order in batch)
    tally.notes.update({"orders": len(fresh), "lines_without_product": without})


def _people(session: Session, shop: int, orders: list[Placed]) -> dict[str, int]:
    """Customers by e-mail address, made where the shop does not have them."""
    heads: dict[str, Placed] = {}
    for order in orders:
        if order.head.get("email"):
            heads.setdefault(order.head["email"].casefold(), order)
    here = select(CUSTOMERS.c.email, CUSTOMERS.c.id).where(CUSTOMERS.c.shop_id == shop, CUSTOMERS.c.email.in_(list(heads)))
    found = dict(session.execute(here).all())
    rows: list[dict[str, Any]] = []
    next_key = bulk.last_key(session, Customer) + 1
    for email, order in heads.items():
        if email not in found:
            found[email], head = next_key + len(rows), order.head
            asked = head.get("marketing", "").casefold()
            rows.append({
                "id": found[email], "shop_id": shop, "name": head.get("shipping_name") or head.get("billing_name") or email, "email": email,
                "country": order.country, "region": head.get("region") or None, "city": head.get("city") or None, "created_at": order.at,
                "accepts_marketing": asked == "yes", "consent_at": order.at if asked else None,
            })  # fmt: skip
    bulk.insert_rows(session, Customer, rows)
    return found


def _insert(session: Session, shop: int, zone: ZoneInfo, order: Placed, goods: _Goods, people: dict[str, int]) -> int:
    """Store one order; how many of its product lines are in no catalogue."""
    key, head = bulk.last_key(session, Order) + 1, order.head
    day, month = local_day(order.at, zone)
    source = head.get("source", "")
    placed = {
        "id": key, "shop_id": shop, "number": head["number"], "import_key": head["number"], "placed_at": order.at, "day": day, "month": month,
        "customer_id": people.get(head.get("email", "").casefold()), "country": order.country, "region": head.get("region") or None,
        "city": head.get("city") or None, "channel": CHANNELS.get(source, "App" if source.isdigit() else source or "Online Store"),
        "payment": PAYMENTS[head.get("payment", "").casefold()], "fulfilment": FULFILMENTS[head.get("fulfilment", "").casefold()],
        "cancelled_at": order.cancelled_at, "note": head.get("note") or None,
        "discount_code": head.get("discount_code", "").upper() or None,
    }  # fmt: skip
    bulk.insert_rows(session, Order, [placed])
    first = bulk.last_key(session, OrderLine) + 1
    lines = [_line_row(shop, key, first, n, line, goods) for n, line in enumerate(order.lines)]
    bulk.insert_rows(session, OrderLine, lines)
    if order.fulfilled_at is not None:
        bulk.insert_rows(session, Fulfilment, [{"shop_id": shop, "order_id": key, "at": order.fulfilled_at}])
    tags = {tag.strip().casefold(): tag.strip() for tag in head.get("tags", "").split(",") if tag.strip()}
    tagged = {"shop_id": shop, "kind": "order", "record_id": key}
    bulk.insert_rows(session, Tag, [{**tagged, "folded": folded, "tag": tag, "position": n} for n, (folded, tag) in enumerate(tags.items())])
    if order.refunded:
        _refund(session, shop, zone, order, lines)
    return sum(1 for row in lines if row["kind"] == "product" and row["product_id"] is None)


def _line_row(shop: int, order: int, first: int, ordinal: int, line: Line, goods: _Goods) -> dict[str, Any]:
    product, variant = goods.of(line)
    return {
        "id": first + ordinal, "shop_id": shop, "order_id": order, "ordinal": ordinal, "kind": line.kind, "product_id": product,
        "variant_id": variant, "title": line.title, "quantity": line.quantity, "price_minor": line.price, "discount_minor": line.discount,
        "tax_minor": line.tax,
    }  # fmt: skip


def _refund(session: Session, shop: int, zone: ZoneInfo, order: Placed, lines: list[dict[str, Any]]) -> None:
    key, at = bulk.last_key(session, Refund) + 1, order.cancelled_at or order.at
    day, month = local_day(at, zone)
    charged = sum(line.paid if order.includes_tax else line.paid + line.tax for line in order.lines)
    whole = order.refunded >= charged
    row = {"id": key, "shop_id": shop, "order_id": lines[0]["order_id"], "import_key": order.head["number"], "at": at, "day": day, "month": month}
    bulk.insert_rows(session, Refund, [{**row, "adjustment_minor": 0 if whole else order.refunded}])
    if whole:
        bulk.insert_rows(session, RefundLine, [_back(key, row, line, order.includes_tax) for row, line in zip(lines, order.lines, strict=True)])


def _back(refund: int, row: dict[str, Any], line: Line, tax_is_in: bool) -> dict[str, Any]:
    return {
        "shop_id": row["shop_id"], "refund_id": refund, "ordinal": row["ordinal"], "kind": line.kind, "order_line_id": row["id"],
        "product_id": row["product_id"], "variant_id": row["variant_id"], "title": line.title, "quantity": line.quantity,
        "amount_minor": line.paid - line.tax if tax_is_in else line.paid, "tax_minor": line.tax,
    }  # fmt: skip
