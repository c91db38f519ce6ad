"""What the records of a page context are called, for the chip that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.sdk import Customer, Order, Product, Selection, Store

KINDS = ("product", "customer", "order")
"""Of the records that a page may be about."""
_MOST = 50


async def page_labels(context: Mapping[str, Any], store: Store) -> Sequence[str]:
    """In the order products, customers, orders; ids that the store does not know are left out."""
    found = [product.title for product in (await store.products(Selection[Product](ids=ids))).items] if (ids := _ids(context, "product")) else []
    if ids := _ids(context, "customer"):
        found += [customer.name for customer in (await store.customers(Selection[Customer](ids=ids))).items]
    if ids := _ids(context, "order"):
        found += [order.number for order in (await store.orders(Selection[Order](ids=ids))).items]
    return found


def _ids(context: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    one, several = context.get(f"{kind}_id"), context.get(f"{kind}_ids")
    given = [one] if isinstance(one, str) else several if isinstance(several, list) else []
    return tuple(id for id in given if isinstance(id, str))[:_MOST]
