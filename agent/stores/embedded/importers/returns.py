"""What was given back: refunds of their own day, linked to the purchase they undo where there is one."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent.db.orders import Refund, RefundLine
from agent.db.shop import day_and_month
from agent.stores.embedded import bulk
from agent.stores.embedded.importers.catalogue import Catalogue
from agent.stores.embedded.importers.invoices import Invoice, Line
from agent.stores.embedded.importers.report import Tally
from agent.stores.embedded.schema import LINES, ORDERS, REFUND_LINES, REFUNDS


@dataclass(slots=True, kw_only=True)
class _Purchase:
    line: int
    order: int
    number: str
    day: int
    country: str | None
    price_minor: int
    left: int


def store_returns(session: Session, shop: int, catalogue: Catalogue, invoices: list[Invoice], tally: Tally) -> int:
    """Store the lines given back that are not stored yet; how many those were."""
    purchases = _purchases(session, shop, catalogue, invoices)
    refunds, known = _stored(session, shop)
    rows = _Rows(session, shop, catalogue, refunds)
    kinds = []
    for invoice in invoices:
        for line in invoice.lines:
            if not line.back or invoice.corrects_stock(line):
                continue
            linked = known.get((invoice.key, line.ordinal))
            if linked is None:
                bought = _match(purchases, catalogue, invoice, line)
                rows.add(invoice, line, bought)
                linked = bought is not None
            else:
                tally.unchanged += 1
            kinds.append(("returned" if linked else "returned_alone") if line.kind == "product" else line.kind)
    rows.insert()
    tally.kinds.update(kinds)
    tally.imported += len(rows.lines)
    tally.notes["refunds"] += len(rows.refunds)
    return len(rows.lines)


class _Rows:
    """Refunds in the making: one for each invoice and the order that it gives back from."""

    def __init__(self, session: Session, shop: int, catalogue: Catalogue, known: dict[str, int]) -> None:
        self._session, self._shop, self._catalogue, self._known = session, shop, catalogue, known
        self._next = bulk.last_key(session, Refund) + 1
        self.refunds: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []

    def add(self, invoice: Invoice, line: Line, bought: _Purchase | None) -> None:
        product, variant = self._catalogue.product(line)
        self.lines.append({
            "shop_id": self._shop, "refund_id": self._refund(invoice, bought), "ordinal": line.ordinal, "kind": line.kind,
            "order_line_id": bought.line if bought else None, "product_id": product, "variant_id": variant,
            "title": line.text or self._catalogue.title(line), "quantity": abs(line.quantity), "amount_minor": -line.quantity * line.price_minor,
        })  # fmt: skip
        if bought is not None:
            bought.left += line.quantity

    def insert(self) -> None:
        bulk.insert_rows(self._session, Refund, self.refunds)
        bulk.insert_rows(self._session, RefundLine, self.lines)

    def _refund(self, invoice: Invoice, bought: _Purchase | None) -> int:
        key = f"{invoice.key}>{bought.number}" if bought else invoice.key
        if key not in self._known:
            day, month = day_and_month(invoice.at.date())
            self._known[key] = self._next + len(self.refunds)
            self.refunds.append({
                "id": self._known[key], "shop_id": self._shop, "import_key": key, "order_id": bought.order if bought else None, "at": invoice.at,
                "day": day, "month": month, "customer_id": self._catalogue.customer(invoice.customer), "country": invoice.country,
            })  # fmt: skip
        return self._known[key]


def _match(purchases: dict[tuple[int, int], list[_Purchase]], catalogue: Catalogue, invoice: Invoice, line: Line) -> _Purchase | None:
    customer, product = catalogue.customer(invoice.customer), catalogue.product(line)[0]
    if customer is None or product is None:
        return None
    day = invoice.at.toordinal()
    open_ = [
        bought
        for bought in purchases.get((customer, product), ())
        if bought.day <= day and bought.left >= -line.quantity and bought.country == invoice.country
    ]
    return max(open_, key=lambda bought: (bought.price_minor == line.price_minor, bought.day, bought.line), default=None)


def _purchases(session: Session, shop: int, catalogue: Catalogue, invoices: list[Invoice]) -> dict[tuple[int, int], list[_Purchase]]:
    """What the customers who returned a product have bought of it and still have."""
    wanted = {
        (customer, product)
        for invoice in invoices
        if (customer := catalogue.customer(invoice.customer)) is not None
        for line in invoice.lines
        if line.back and (product := catalogue.product(line)[0]) is not None
    }
    found: dict[tuple[int, int], list[_Purchase]] = defaultdict(list)
    by_line: dict[int, _Purchase] = {}
    bought = select(
        ORDERS.c.customer_id, LINES.c.product_id, LINES.c.id, ORDERS.c.id, ORDERS.c.number, ORDERS.c.day, ORDERS.c.country, LINES.c.price_minor,
        LINES.c.quantity,
    ).join(LINES, LINES.c.order_id == ORDERS.c.id)  # fmt: skip
    for chunk in bulk.chunked(sorted({customer for customer, _ in wanted})):
        theirs = bought.where(ORDERS.c.shop_id == shop, ORDERS.c.customer_id.in_(chunk), LINES.c.shop_id == shop, LINES.c.kind == "product")
        for customer, product, line, order, number, day, country, price, quantity in session.execute(theirs):
            if (customer, product) in wanted:
                one = _Purchase(line=line, order=order, number=number, day=day, country=country, price_minor=price, left=quantity)
                found[customer, product].append(one)
                by_line[line] = one
    given = select(REFUND_LINES.c.order_line_id, func.sum(REFUND_LINES.c.quantity)).where(REFUND_LINES.c.shop_id == shop)
    for line, quantity in session.execute(given.where(REFUND_LINES.c.order_line_id.is_not(None)).group_by(REFUND_LINES.c.order_line_id)):
        if line in by_line:
            by_line[line].left -= quantity
    return found


def _stored(session: Session, shop: int) -> tuple[dict[str, int], dict[tuple[str, int], bool]]:
    """Refunds by key, and whether each stored line (invoice and place) is linked to a purchase."""
    keys = {id: key for id, key in session.execute(select(REFUNDS.c.id, REFUNDS.c.import_key).where(REFUNDS.c.shop_id == shop)) if key}
    lines = select(REFUND_LINES.c.refund_id, REFUND_LINES.c.ordinal, REFUND_LINES.c.order_line_id).where(REFUND_LINES.c.shop_id == shop)
    known = {(re.split(">", keys[refund])[0], ordinal): line is not None for refund, ordinal, line in session.execute(lines) if refund in keys}
    return {key: id for id, key in keys.items()}, known
