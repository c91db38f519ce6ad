"""Requests to start from that are true for this shop: made of its own products, stock and sales, never of a fixed list."""

from __future__ import annotations

from collections.abc import Sequence

from agent.sdk import Between, Clock, Percent, Query, Store, Where
from agent.sdk.gather import last_days


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
