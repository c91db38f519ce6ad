"""The products and customers that order lines name, made as they are met."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agent.db.goods import Product, Variant
from agent.db.people import Customer
from agent.stores.embedded import bulk
from agent.stores.embedded.importers.invoices import Invoice, Line
from agent.stores.embedded.schema import CUSTOMERS, PRODUCTS, VARIANTS


class Catalogue:
    """What is known of the shop, kept in memory during one import: codes to products, customer numbers to customers.

    A product's title is its commonest description and its price the one most often paid. Both are set for products this import
    made, never for those that were there before, which the merchant may have changed.
    """

    def __init__(self, shop: int, products: dict[str, tuple[int, int]], customers: dict[str, int], handles: set[str]) -> None:
        self._shop, self._products, self._customers, self._handles = shop, products, customers, handles
        self._made: dict[str, tuple[str, int]] = {}
        """Title and price as stored, of the products made by this import."""
        self._titles: dict[str, Counter[str]] = defaultdict(Counter)
        self._prices: dict[str, Counter[int]] = defaultdict(Counter)
        self.made_customers = 0

    @classmethod
    def load(cls, session: Session, shop: int) -> Catalogue:
        mine = select(VARIANTS.c.sku, VARIANTS.c.product_id, VARIANTS.c.id).where(VARIANTS.c.shop_id == shop, VARIANTS.c.sku.is_not(None))
        products = {sku.upper(): (product, variant) for sku, product, variant in session.execute(mine.order_by(VARIANTS.c.id.desc()))}
        theirs = select(CUSTOMERS.c.import_key, CUSTOMERS.c.id).where(CUSTOMERS.c.shop_id == shop, CUSTOMERS.c.import_key.is_not(None))
        handles = set(session.execute(select(PRODUCTS.c.handle).where(PRODUCTS.c.shop_id == shop)).scalars())
        return cls(shop, products, dict(session.execute(theirs).all()), handles)

    @property
    def made_products(self) -> int:
        return len(self._made)

    def product(self, line: Line) -> tuple[int, int] | tuple[None, None]:
        """Primary keys of the line's product and variant; none for what is no product."""
        return self._products[line.code] if line.kind == "product" else (None, None)

    def title(self, line: Line) -> str:
        """For a line that says nothing itself."""
        return self._made[line.code][0] if line.code in self._made else line.code

    def customer(self, number: str | None) -> int | None:
        return self._customers[number] if number is not None else None

    def learn(self, session: Session, batch: Iterable[Invoice]) -> None:
        """Make the customers and products of a batch that are not known yet."""
        self._learn_customers(session, [invoice for invoice in batch if invoice.customer and invoice.customer not in self._customers])
        first_met: dict[str, Invoice] = {}
        for invoice in batch:
            for line in invoice.lines:
                if line.kind == "product" and not invoice.corrects_stock(line):
                    if line.code not in self._products:
                        first_met.setdefault(line.code, invoice)
                    self._count(line)
        self._make_products(session, first_met)

    def settle(self, session: Session) -> bool:
        """Give the products made by this import their commonest title and price, as far as they have not got them."""
        changed = False
        for code, stored in self._made.items():
            title, price = self._best(code)
            if (title, price) != stored:
                product, variant = self._products[code]
                session.execute(update(PRODUCTS).where(PRODUCTS.c.id == product).values(title=title))
                session.execute(update(VARIANTS).where(VARIANTS.c.id == variant).values(price_minor=price))
                self._made[code], changed = (title, price), True
        return changed

    def _count(self, line: Line) -> None:
        if line.text:
            self._titles[line.code][line.text] += 1
        if line.price_minor and not line.back:
            self._prices[line.code][line.price_minor] += 1

    def _best(self, code: str) -> tuple[str, int]:
        """Of equally common ones, the first that was met."""
        titles, prices = self._titles[code].most_common(1), self._prices[code].most_common(1)
        return titles[0][0] if titles else code, prices[0][0] if prices else 0

    def _learn_customers(self, session: Session, strangers: list[Invoice]) -> None:
        rows: list[dict[str, Any]] = []
        next_key = bulk.last_key(session, Customer) + 1 if strangers else 0
        for invoice in strangers:
            number = str(invoice.customer)
            if number not in self._customers:
                self._customers[number] = next_key + len(rows)
                rows.append({
                    "id": self._customers[number], "shop_id": self._shop, "import_key": number, "name": f"Customer {number}",
                    "country": invoice.country,
                    "created_at": invoice.at,
                })  # fmt: skip
        self.made_customers += bulk.insert_rows(session, Customer, rows)

    def _make_products(self, session: Session, first_met: dict[str, Invoice]) -> None:
        if not first_met:
            return
        product, variant = bulk.last_key(session, Product) + 1, bulk.last_key(session, Variant) + 1
        products, variants = [], []
        for number, (code, invoice) in enumerate(first_met.items()):
            title, price = self._best(code)
            self._products[code], self._made[code] = (product + number, variant + number), (title, price)
            row = {"id": product + number, "shop_id": self._shop, "title": title, "handle": self._handle(code), "created_at": invoice.at}
            products.append(row)
            # A file of sales says nothing about stock, so none is counted.
            ids = {"id": variant + number, "shop_id": self._shop, "product_id": product + number}
            variants.append({**ids, "sku": code, "price_minor": price, "tracked": False})
        bulk.insert_rows(session, Product, products)
        bulk.insert_rows(session, Variant, variants)

    def _handle(self, code: str) -> str:
        handle = plain = re.sub(r"[^a-z0-9]+", "-", code.casefold()).strip("-") or "product"
        number = 1
        while handle in self._handles:
            number += 1
            handle = f"{plain}-{number}"
        self._handles.add(handle)
        return handle
