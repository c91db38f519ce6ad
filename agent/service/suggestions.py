"""Requests to start from that are true for this shop: made of its own products, stock and sales, never of a fixed list.

A suggestion is a sentence: what is sent is its English, since requests are read in English, and what is shown is the reader's language.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.sdk import Between, Clock, Percent, Query, Sentence, Store, Where, say
from agent.sdk.gather import last_days
from agent.service.today import LOW


async def suggestions(store: Store, clock: Clock) -> Sequence[Sentence]:
    """Up to four requests, the first of them with two parts."""
    period = last_days(clock, 30)
    sold = await store.query(Query(metrics=["net_sales"], period=period, dimensions=["product"], limit=3))
    names = [row.keys["product"] for row in sold.rows if row.values["net_sales"]]
    found = [top_products("last month")] if names else []
    if await runs_low(store):
        found.append(say("Which products are running low?"))
    if names:
        best = await store.products(Where(text=names[0]), limit=1)
        if best.items:
            price = str(Percent.of(5).applied_to(best.items[0].variants[0].price).amount)
            found.insert(0, say("Put the {product} at {price} and show me what it sold last month", product=names[0], price=price))
        found.append(say("Which customers bought the {product} this year?", product=names[-1]))
    return found[:4]


def top_products(period: str) -> Sentence:
    return say("What were my top 5 products by revenue {period}?", period=period)


async def runs_low(store: Store) -> bool:
    return bool((await store.products(Where(stock=Between(at_most=LOW), status="active"), limit=1)).items)
