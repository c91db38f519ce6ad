"""What a shop should look at today, each with where that is known from: stock that runs out, orders not sent, messages, bad reviews."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any, Literal, TypeVar

from agent.errors import StoreError
from agent.sdk import (
    Between,
    Clock,
    Evidence,
    Filters,
    MessageWhere,
    OrderWhere,
    Page,
    Period,
    Query,
    ReviewWhere,
    Store,
    Variant,
    Where,
)
from agent.sdk.gather import last_days

T = TypeVar("T")

LOW = 5
"""Units on hand from which on a product runs low; what the suggestions and the inventory report take too."""
BAD = 2
"""Stars, at most."""
DAYS = 14
"""For how long a review is new."""
SOLD_DAYS = 30
SHOWN = 5
_MOST = 250

Matter = Literal["stock", "orders", "messages", "reviews"]
Records = Literal["products", "orders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One record of a concern."""

    label: str
    text: str = ""
    """What somebody wrote; of no template's making, to be shown as text."""
    at: datetime | None = None
    left: int | None = None
    sold: int | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    matter: Matter
    count: int
    more: bool = False
    """There are more than were counted."""
    points: Sequence[Point]
    request: str
    """What to ask to see all of it."""
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """A matter that nobody in the shop is shown for now."""

    matter: Matter
    until: datetime
    by: str
    """Principal id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found, what could not be looked at, and what was not to be."""

    concerns: Sequence[Concern]
    unread: Sequence[Matter] = ()
    put_off: Sequence[PutOff] = ()
    without: Sequence[Records] = ()
    """What the shop has none of at all: where there is nothing, it is not as it should be."""


async def look(store: Store, clock: Clock, *, without: Collection[Matter] = ()) -> Looked:
    """The concerns that there are; what the store cannot tell is passed over, what it fails to tell is said.

    Args:
        without: What is not to be looked at.
    """
    every: list[tuple[Matter, bool, Callable[[], Awaitable[Concern]]]] = [
        ("orders", True, lambda: _orders(store)),
        ("stock", "inventory" in store.capabilities, lambda: _stock(store, clock)),
        ("messages", "messages" in store.capabilities, lambda: _messages(store)),
        ("reviews", "reviews" in store.capabilities, lambda: _reviews(store, clock)),
    ]
    wanted = [(matter, looked_at) for matter, known, looked_at in every if known and matter not in without]
    found = await asyncio.gather(*(_tried(looked_at()) for _, looked_at in wanted))
    unread = [matter for (matter, _), concern in zip(wanted, found, strict=True) if concern is None]
    concerns = [concern for concern in found if concern is not None and concern.count]
    return Looked(concerns=concerns, unread=unread, without=() if concerns else await _tried(_lacking(store)) or ())


async def _tried(found: Awaitable[T]) -> T | None:
    try:
        return await found
    except StoreError:
        return None


async def _lacking(store: Store) -> Sequence[Records]:
    products, orders = await asyncio.gather(store.products(Where(everything=True), limit=1), store.orders(OrderWhere(), limit=1))
    there: list[tuple[Records, Page[Any]]] = [("products", products), ("orders", orders)]
    return [records for records, page in there if not page.items]


async def _stock(store: Store, clock: Clock) -> Concern:
    page = await store.products(Where(stock=Between(at_most=LOW), status="active"), limit=_MOST)
    low = [v for product in page.items for v in product.variants if v.tracked and v.on_hand <= LOW]
    period = last_days(clock, SOLD_DAYS)
    sold = await _sold(store, low, period)
    ordered = sorted(low, key=lambda variant: (-sold.get(variant.id, 0), variant.on_hand, variant.label))
    return Concern(
        matter="stock", count=len(low), more=page.next is not None,
        points=[Point(label=v.label, left=v.on_hand, sold=sold.get(v.id, 0)) for v in ordered[:SHOWN]],
        request=f"Which products have at most {LOW} units left?",
        evidence=_evidence(
            store, "stock", f"Variants of active products with {LOW} or fewer units on hand, the best sellers of the last {SOLD_DAYS} days first.",
            f"variants where stock at most {LOW} and the product is active; units by variant", page, period, len(low),
        ),
    )  # fmt: skip


async def _sold(store: Store, variants: Sequence[Variant], period: Period) -> dict[str, int]:
    if not variants:
        return {}
    query = Query(metrics=["units"], period=period, dimensions=["variant"], filters=Filters(variants=[variant.id for variant in variants]))
    return {row.ids["variant"]: int(str(row.values["units"])) for row in (await store.query(query)).rows if "variant" in row.ids}


async def _orders(store: Store) -> Concern:
    where = OrderWhere(payment=["paid"], fulfilment=["unfulfilled"], cancelled=False, sort="oldest")
    count, page = await store.count_orders(where), await store.orders(where, limit=SHOWN)
    return Concern(
        matter="orders", count=count, points=[Point(label=order.number, text=order.customer_name or "", at=order.placed_at) for order in page.items],
        request="Which paid orders are unfulfilled?",
        evidence=_evidence(
            store, "orders", "Orders that are paid, not cancelled and not sent, the oldest first.",
            "orders where paid, not cancelled and not sent", page, None, count,
        ),
    )  # fmt: skip


async def _messages(store: Store) -> Concern:
    page = await store.messages(MessageWhere(direction="in", answered=False), limit=_MOST)
    points = [
        Point(label=each.customer_name or each.channel, text=each.subject.value or _short(each.body.value), at=each.at)
        for each in page.items[:SHOWN]
    ]  # fmt: skip
    return Concern(
        matter="messages", count=len(page.items), more=page.next is not None, points=points, request="Sort my inbox",
        evidence=_evidence(
            store, "messages", "Messages of customers that nobody has answered, the newest first.",
            "messages where received and not answered", page, None,
        ),
    )  # fmt: skip


async def _reviews(store: Store, clock: Clock) -> Concern:
    period = last_days(clock, DAYS)
    page = await store.reviews(ReviewWhere(rating=Between(at_most=BAD), written=period), limit=_MOST)
    open_ = [review for review in page.items if not review.reply and review.status != "hidden"]
    points = [
        Point(label=each.product_title, text=each.title.value or _short(each.body.value), at=each.written_at, rating=each.rating)
        for each in open_[:SHOWN]
    ]  # fmt: skip
    return Concern(
        matter="reviews", count=len(open_), more=page.next is not None, points=points,
        request=f"Show me the reviews with {BAD} stars or less of the last {DAYS} days",
        evidence=_evidence(
            store, "reviews", f"Reviews of the last {DAYS} days with {BAD} stars or fewer that have no answer yet, the newest first.",
            f"reviews where rating at most {BAD} and no reply", page, period, len(open_),
        ),
    )  # fmt: skip


def _short(text: str) -> str:
    return shorten(text, 100, placeholder="…")


def _evidence(
    store: Store, metric: str, definition: str, query: str, page: Page[Any], period: Period | None, rows: int | None = None
) -> Evidence:  # fmt: skip
    shop = store.shop
    return Evidence(
        metric=metric, definition=definition, query=query, period=period, time_zone=shop.time_zone, currency=shop.currency,
        rows=len(page.items) if rows is None else rows,
    )  # fmt: skip
