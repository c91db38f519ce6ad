"""Storing order lines: invoices become orders at once, in batches; what was given back waits for the end, when every purchase is in.

A return is linked to the same customer's latest earlier purchase of the product, in the same country, of which enough is left
(one at the same price before others). Without such a purchase it stands alone. Either way it counts on its own day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from agent.db.engine import Database
from agent.db.orders import Order, OrderLine
from agent.db.shop import day_and_month
from agent.sdk.store import ShopInfo
from agent.stores.embedded import books, bulk
from agent.stores.embedded.importers.catalogue import Catalogue
from agent.stores.embedded.importers.csvfile import Columns, Sheet
from agent.stores.embedded.importers.invoices import Invoice, Line, invoices
from agent.stores.embedded.importers.report import ImportReport, Progress, Tally
from agent.stores.embedded.importers.returns import store_returns
from agent.stores.embedded.schema import LINES, ORDERS, REFUND_LINES, REFUNDS, SALES
from agent.stores.embedded.shops import shop_key

COLUMNS: Columns = {
    "invoice": ("InvoiceNo", "Invoice", "Invoice number"),
    "code": ("StockCode", "SKU", "Product code"),
    "text": ("Description", "Product"),
    "quantity": ("Quantity",),
    "at": ("InvoiceDate", "Date"),
    "price": ("UnitPrice", "Price"),
    "customer": ("CustomerID", "Customer"),
    "country": ("Country",),
}
NEEDED = ("invoice", "code", "quantity", "at", "price")
EXPECTED = "InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country"
BATCH = 1500
"""Invoices stored in one transaction, about 30,000 lines."""


def store(db: Database, shop: ShopInfo, sheet: Sheet, progress: Progress | None) -> ImportReport:
    """Import the rows of an open file. When it breaks off, what was read before is stored, and the error goes on to the caller."""
    key, tally = shop_key(shop.id), Tally()
    catalogue = db.read_now(lambda session: Catalogue.load(session, key))
    read = invoices(sheet.rows, sheet.places(COLUMNS), shop.currency, ZoneInfo(shop.time_zone), tally)
    returns: list[Invoice] = []
    try:
        for batch in _batches(read):
            db.write_now(lambda session, batch=batch: _store(session, key, catalogue, batch, tally))  # type: ignore[misc]  # bound now
            returns += [invoice for invoice in batch if any(line.back for line in invoice.lines)]
            if progress is not None:
                progress(tally.read)
    finally:
        db.write_now(lambda session: _close(session, key, catalogue, returns, tally))
    return tally.report()


def _batches(read: Iterator[Invoice]) -> Iterator[list[Invoice]]:
    while batch := list(islice(read, BATCH)):
        yield batch


def _store(session: Session, shop: int, catalogue: Catalogue, batch: list[Invoice], tally: Tally) -> None:
    """The sold lines of a batch. Tallies only once all is written, so that a failed batch counts nothing."""
    known = _known(session, shop, sorted({invoice.key for invoice in batch if _sold(invoice)}))
    catalogue.learn(session, batch)
    orders: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    next_order, there = bulk.last_key(session, Order) + 1, 0
    for invoice in batch:
        sold = _sold(invoice)
        order, stored = known.get(invoice.key, (None, set()))
        fresh = [line for line in sold if line.ordinal not in stored]
        there += len(sold) - len(fresh)
        if fresh and order is None:
            order = next_order + len(orders)
            orders.append(_order(invoice, shop, order, catalogue))
            known[invoice.key] = (order, stored)
        stored.update(line.ordinal for line in fresh)  # an invoice may come twice in a file, and in a batch
        lines += [_order_line(line, shop, order, catalogue) for line in fresh]
    bulk.insert_rows(session, Order, orders)
    bulk.insert_rows(session, OrderLine, lines)
    tally.kinds.update(_kind(invoice, line) for invoice in batch for line in invoice.lines if not line.back or invoice.corrects_stock(line))
    tally.imported += len(lines)
    tally.unchanged += there
    tally.notes["orders"] += len(orders)


def _sold(invoice: Invoice) -> list[Line]:
    return [line for line in invoice.lines if not line.back and not invoice.corrects_stock(line)]


def _kind(invoice: Invoice, line: Line) -> str:
    if invoice.corrects_stock(line):
        return "stock_correction"
    if line.kind != "product":
        return line.kind
    return "sold" if line.price_minor else "free"


def _known(session: Session, shop: int, keys: list[str]) -> dict[str, tuple[int | None, set[int]]]:
    """Orders an earlier import made, with the places of their lines."""
    found: dict[str, tuple[int | None, set[int]]] = {}
    ordinals: dict[int, set[int]] = defaultdict(set)
    for chunk in bulk.chunked(keys):
        for id, key in session.execute(select(ORDERS.c.id, ORDERS.c.import_key).where(ORDERS.c.shop_id == shop, ORDERS.c.import_key.in_(chunk))):
            found[key] = (id, ordinals[id])
    for chunk in bulk.chunked(ordinals):
        here = select(LINES.c.order_id, LINES.c.ordinal).where(LINES.c.shop_id == shop, LINES.c.order_id.in_(chunk))
        for order, ordinal in session.execute(here):
            ordinals[order].add(ordinal)
    return found


def _order(invoice: Invoice, shop: int, id: int, catalogue: Catalogue) -> dict[str, object]:
    # The file's moments are the shop's local time, so the date is the one written there.
    day, month = day_and_month(invoice.at.date())
    return {
        "id": id, "shop_id": shop, "number": invoice.key, "import_key": invoice.key, "placed_at": invoice.at, "day": day, "month": month,
        "customer_id": catalogue.customer(invoice.customer), "country": invoice.country,
    }  # fmt: skip


def _order_line(line: Line, shop: int, order: int | None, catalogue: Catalogue) -> dict[str, object]:
    product, variant = catalogue.product(line)
    return {
        "shop_id": shop, "order_id": order, "ordinal": line.ordinal, "kind": line.kind, "product_id": product, "variant_id": variant,
        "title": line.text or catalogue.title(line), "quantity": line.quantity, "price_minor": line.price_minor,
    }  # fmt: skip


def _close(session: Session, shop: int, catalogue: Catalogue, returns: list[Invoice], tally: Tally) -> None:
    """Returns, titles and prices, and the derived sums; also makes good what an interrupted import left open."""
    made = store_returns(session, shop, catalogue, returns, tally)
    named = catalogue.settle(session)
    tally.notes["products"] += catalogue.made_products
    tally.notes["customers"] += catalogue.made_customers
    if tally.notes["orders"] or made or named or tally.imported or _behind(session, shop):
        books.post(session, shop)
        _mark_refunded(session, shop)


def _behind(session: Session, shop: int) -> bool:
    """Whether the ledger was not derived since the last line came in."""
    sold = select(func.count()).select_from(LINES.join(ORDERS, ORDERS.c.id == LINES.c.order_id))
    sold = sold.where(LINES.c.shop_id == shop, LINES.c.kind == "product", ORDERS.c.cancelled_at.is_(None))
    back = select(func.count()).select_from(REFUND_LINES.join(REFUNDS, REFUNDS.c.id == REFUND_LINES.c.refund_id))
    back = back.where(REFUND_LINES.c.shop_id == shop, REFUND_LINES.c.kind == "product", REFUNDS.c.counts)
    ledger = select(func.count()).select_from(SALES).where(SALES.c.shop_id == shop)
    return bool(session.scalar(sold) or 0) and (session.scalar(sold) or 0) + (session.scalar(back) or 0) != session.scalar(ledger)


def _mark_refunded(session: Session, shop: int) -> None:
    mine = (ORDERS.c.shop_id == shop, ORDERS.c.refunded_minor > 0, ORDERS.c.payment.in_(("paid", "partially_refunded")))
    session.execute(update(ORDERS).where(*mine, ORDERS.c.refunded_minor >= ORDERS.c.total_minor).values(payment="refunded"))
    session.execute(update(ORDERS).where(*mine, ORDERS.c.refunded_minor < ORDERS.c.total_minor).values(payment="partially_refunded"))
