"""Products, orders and customers as a page shows them beside an answer: what each is called, how it looks, and its few facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.sdk import Customer, Money, Order, Product, Selection, Store

MOST = 6
"""Of one answer; more are a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCard:
    id: str
    title: str
    image: str | None
    """Address of its photo."""
    status: str
    least: Money | None
    most: Money | None
    stock: int | None
    """Units on hand; None where stock is not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCard:
    id: str
    number: str
    placed_at: datetime
    customer: str | None
    total: Money
    payment: str
    fulfilment: str
    cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCard:
    id: str
    name: str
    orders: int
    spent: Money
    last_order_at: datetime | None


Card = ProductCard | OrderCard | CustomerCard


async def record_cards(ids: Mapping[str, Sequence[str]], store: Store) -> Sequence[Card]:
    """Cards of these records, products first, in the order given; what the store no longer has is left out.

    Args:
        ids: By kind: products, orders, customers.
    """
    cards: list[Card] = []
    if wanted := tuple(ids.get("products", ())):
        products = (await store.products(Selection[Product](ids=wanted), limit=MOST)).items
        cards += _in_order(wanted, [_product(each) for each in products])
    if wanted := tuple(ids.get("orders", ())):
        cards += _in_order(wanted, [_order(each) for each in (await store.orders(Selection[Order](ids=wanted), limit=MOST)).items])
    if wanted := tuple(ids.get("customers", ())):
        cards += _in_order(wanted, [_customer(each) for each in (await store.customers(Selection[Customer](ids=wanted), limit=MOST)).items])
    return cards


def shown_as_cards(data: Any) -> dict[str, tuple[str, ...]]:
    """The records of an answer's data that are few enough for cards, by kind: ids that its tasks selected."""
    if not isinstance(data, Mapping):
        return {}
    found = {kind: _ids(data.get(kind)) for kind in ("products", "orders", "customers")}
    few = {kind: ids for kind, ids in found.items() if 0 < len(ids) <= MOST}
    return few if sum(map(len, few.values())) <= MOST else {}


def _ids(selection: Any) -> tuple[str, ...]:
    ids = selection.get("ids") if isinstance(selection, Mapping) else None
    return tuple(dict.fromkeys(str(id) for id in ids)) if isinstance(ids, list | tuple) else ()


def _in_order(ids: Sequence[str], cards: Sequence[Card]) -> list[Card]:
    by_id = {card.id: card for card in cards}
    return [by_id[id] for id in ids if id in by_id]


def _product(product: Product) -> ProductCard:
    prices = sorted((variant.price for variant in product.variants), key=lambda price: price.amount)
    counted = [variant.on_hand for variant in product.variants if variant.tracked]
    return ProductCard(
        id=product.id, title=product.title, image=product.image_url, status=product.status, least=prices[0] if prices else None,
        most=prices[-1] if prices else None, stock=sum(counted) if counted else None,
    )  # fmt: skip


def _order(order: Order) -> OrderCard:
    return OrderCard(
        id=order.id, number=order.number, placed_at=order.placed_at, customer=order.customer_name, total=order.total, payment=order.payment,
        fulfilment=order.fulfilment, cancelled=order.cancelled_at is not None,
    )  # fmt: skip


def _customer(customer: Customer) -> CustomerCard:
    return CustomerCard(id=customer.id, name=customer.name, orders=customer.orders, spent=customer.spent, last_order_at=customer.last_order_at)
