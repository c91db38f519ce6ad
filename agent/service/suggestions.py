"""Requests to start from that are true for this shop: made of its own products, stock and sales, never of a fixed list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.records import Part
from agent.sdk import Between, Clock, Order, Percent, Product, Query, Selection, Store, Where
from agent.sdk.gather import last_days

_FEW = 3


async def suggestions(store: Store, clock: Clock) -> Sequence[str]:
    """Up to four requests, the first of them with two parts."""
    period = last_days(clock, 30)
    sold = await store.query(Query(metrics=["net_sales"], period=period, dimensions=["product"], limit=3))
    names = [row.keys["product"] for row in sold.rows if row.values["net_sales"]]
    found = ["What were my top 5 products by revenue last month?"] if names else []
    low = await store.products(Where(stock=Between(at_most=5), status="active"), limit=1)
    if low.items:
        found.append("Which products are running low?")
    if names:
        best = await store.products(Where(text=names[0]), limit=1)
        if best.items:
            price = best.items[0].variants[0].price
            found.insert(0, f"Put the {names[0]} at {Percent.of(5).applied_to(price).amount} and show me what it sold last month")
        found.append(f"Which customers bought the {names[-1]} this year?")
    return found[:4]


async def follow_ups(asked: Sequence[str], parts: Sequence[Part], store: Store, clock: Clock) -> Sequence[str]:
    """Up to three requests that go on from what was just answered: about the very records in it. Nothing while a decision waits, since that is next.

    Args:
        asked: What was asked in the thread before; it is not suggested again.
        parts: What came of the latest request.
    """
    if any(part.change_set is not None and part.change_set.state == "open" for part in parts):
        return ()
    found = [text for part in parts if part.kind == "answer" for text in await _from(part, store)]
    if not found and any(part.change_set is not None for part in parts):
        found = ["What did I change today?"]
    if len(found) < _FEW:
        found += await suggestions(store, clock)
    before = {text.strip().casefold() for text in asked}
    return [text for text in dict.fromkeys(found) if text.casefold() not in before][:_FEW]


async def _from(part: Part, store: Store) -> list[str]:
    """What the records of an answer lead to. Text that others wrote is never among it: only names of the shop's own records."""
    data = part.data if isinstance(part.data, Mapping) else {}
    products = await _products(data, store)
    if products:
        first = products[0]
        return [f"How many {first} are in stock?", f"Which customers bought the {first} this year?", f"What do reviews say about the {first}?"]
    orders = _ids(data, "orders")
    if orders:
        found = (await store.orders(Selection[Order](ids=(orders[0],)), limit=1)).items
        return [f"Has order {order.number} been sent?" for order in found] if part.task != "show_order" else []
    return []


async def _products(data: Mapping[str, Any], store: Store) -> list[str]:
    ids = _ids(data, "products")
    return [product.title for product in (await store.products(Selection[Product](ids=(ids[0],)), limit=1)).items] if ids else []


def _ids(data: Mapping[str, Any], field: str) -> Sequence[str]:
    held = data.get(field)
    return [str(id) for id in held["ids"]] if isinstance(held, Mapping) and isinstance(held.get("ids"), list | tuple) else ()
