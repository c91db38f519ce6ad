from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from agent.db.engine import Database, sqlite_url
from agent.sdk import Money
from agent.service.record_cards import MOST, CustomerCard, OrderCard, ProductCard, record_cards, shown_as_cards
from agent.stores.embedded.shops import shop_named
from agent.stores.embedded.store import EmbeddedStore


@pytest.fixture
def store(demo_data: Path) -> Iterator[EmbeddedStore]:
    """The demo shop, read and not written."""
    db = Database(sqlite_url(demo_data / "storehand.db"))
    yield EmbeddedStore(db, shop_named(db, "demo").id)
    db.close()


def test_cards_come_in_the_order_given_and_without_what_is_gone(store: EmbeddedStore) -> None:
    products = asyncio.run(store.products(None, limit=3)).items
    orders = asyncio.run(store.orders(None, limit=1)).items
    customers = asyncio.run(store.customers(None, limit=1)).items
    wanted = {"products": (products[2].id, "p_gone", products[0].id), "orders": (orders[0].id,), "customers": (customers[0].id,)}
    cards = asyncio.run(record_cards(wanted, store))
    assert [card.id for card in cards] == [products[2].id, products[0].id, orders[0].id, customers[0].id]
    first, order, customer = cards[1], cards[2], cards[3]
    assert isinstance(first, ProductCard) and isinstance(order, OrderCard) and isinstance(customer, CustomerCard)
    prices = [variant.price.amount for variant in products[0].variants]
    assert (first.title, first.least, first.most) == (products[0].title, Money.of(min(prices), "EUR"), Money.of(max(prices), "EUR"))
    assert (order.number, order.total, customer.name) == (orders[0].number, orders[0].total, customers[0].name)
    assert customer.spent.amount >= Decimal(0)


def test_only_few_records_are_shown_as_cards() -> None:
    few, many = {"ids": [f"p_{n}" for n in range(MOST)]}, {"ids": [f"o_{n}" for n in range(MOST + 1)]}
    assert shown_as_cards({"products": few, "orders": many}) == {"products": tuple(few["ids"])}
    assert shown_as_cards({"products": few, "orders": {"ids": ["o_1"]}}) == {}
    assert shown_as_cards({"products": {"ids": ["p_1", "p_1"]}}) == {"products": ("p_1",)}
    for nothing in (None, [], {"products": None}, {"products": {"ids": []}}, {"products": "p_1"}, {"table": {"ids": ["x"]}}):
        assert shown_as_cards(nothing) == {}
