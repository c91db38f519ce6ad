"""What to ask next: requests about the very records of what was just answered, each true for this shop, and asked in no request before.

Only names of the shop's own making stand in them (products, discount codes, numbers of orders), never what customers wrote.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, Literal

from agent.records import Part
from agent.sdk import Between, Change, Clock, Order, OrderWhere, Product, ReviewWhere, Selection, Sentence, Store, Variant, say
from agent.service.suggestions import runs_low, suggestions, top_products

MOST = 3
Subject = Literal["product", "order", "customer", "sales", "review", "message", "discount", "search"]
_SUBJECTS: Mapping[str, Subject] = {
    "sales_report": "sales", "forecast_sales": "sales", "explain_change": "sales", "find_orders": "order", "show_order": "order",
    "flag_risky_orders": "order", "find_customers": "customer", "show_customer": "customer", "customer_insights": "customer",
    "find_reviews": "review", "review_insights": "review", "reply_to_review": "review", "triage_messages": "message",
    "find_discounts": "discount", "search_terms": "search",
}  # fmt: skip
"""What a task's answer is about, where its records alone do not say it."""
_PERIODS = frozenset({"last month", "this month", "last week", "this week", "last year", "this year", "yesterday"})
"""Periods that can be said again as they were."""
_WORD = re.compile(r"[\w#-]+")
_FILLERS = frozenset({"show", "me", "the", "a", "what", "which", "were", "are", "is", "my", "our", "of", "please", "did", "do", "open"})
_CHANGED: Mapping[str, Subject] = {"product": "product", "variant": "product", "discount": "discount", "order": "order", "review": "review"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One part of what was answered, with what its follow-ups are made from."""

    task: str
    data: Mapping[str, Any]
    period: str
    store: Store

    def ids(self, field: str) -> Sequence[str]:
        held = self.data.get(field)
        return [str(id) for id in held["ids"]] if isinstance(held, Mapping) and isinstance(held.get("ids"), list | tuple) else ()


async def follow_ups(asked: Sequence[str], parts: Sequence[Part], store: Store, clock: Clock) -> Sequence[Sentence]:
    """Up to three requests. None while a decision or an answer is waited for, since that is next.

    Args:
        asked: What was asked in the thread before; it is not suggested again.
        parts: What came of the latest request.
    """
    if any(part.kind == "missing" or (part.change_set is not None and part.change_set.state == "open") for part in parts):
        return ()
    of_each = [await _after(part, store) for part in parts]
    turns = chain.from_iterable(zip_longest(*(near for near, _ in of_each)))  # of several parts, one of each first
    found = [one for one in turns if one is not None] + [one for _, beside in of_each for one in beside]
    if not found:
        found = list(await suggestions(store, clock))
    before = [_words(text) for text in asked]
    return [one for text, one in {str(one): one for one in found}.items() if not any(_words(text) <= words for words in before)][:MOST]


def _words(text: str) -> frozenset[str]:
    """What tells a request from another: "Show sales by channel last month" is "sales by channel last month"."""
    return frozenset(_WORD.findall(text.casefold())) - _FILLERS


async def _after(part: Part, store: Store) -> tuple[Sequence[Sentence], Sequence[Sentence]]:
    """What a part leads to: about its very records, then about what it was about."""
    data = part.data if isinstance(part.data, Mapping) else {}
    label = part.evidence.period.label if part.evidence is not None and part.evidence.period is not None else ""
    seen = _Seen(task=part.task, data=data, period=label if label in _PERIODS else "last month", store=store)
    if part.change_set is not None:
        return await _changed(part, seen)
    if part.kind != "answer":
        return (), ()
    subject = _SUBJECTS.get(part.task) or next((kind for kind in ("product", "order", "customer") if seen.ids(f"{kind}s")), None)
    return (await _ABOUT[subject](seen), await _beside(subject, seen)) if subject else ((), ())


async def _changed(part: Part, seen: _Seen) -> tuple[Sequence[Sentence], Sequence[Sentence]]:
    """After changes that were made: what the first of them is about."""
    items = part.change_set.items if part.change_set is not None else ()
    made = [item.what for item in items if item.state == "applied"]
    if not made:
        return (), ()
    target = made[0].target
    if target.kind in ("automation", "schedule"):
        return [say("Which automations do I have?")], ()
    if target.kind == "discount":
        return [say("Which discounts are active?")], await _beside("discount", seen)
    product = await _product_of(target.kind, target.id, made[0], seen.store)
    found = await _of_product(product, seen) if product is not None else []
    subject = _CHANGED.get(target.kind)
    return found, await _beside(subject, seen) if subject else ()


async def _product_of(kind: str, id: str, what: Any, store: Store) -> Product | None:
    if isinstance(what, Change) and what.op == "delete":
        return None
    if kind == "variant":
        variants = await store.variants(Selection[Variant](ids=(id,)))
        return await _first_product([variants[0].product_id] if variants else [], store)
    return await _first_product([id], store) if kind == "product" and id else None


# About the records of an answer


async def _of_products(seen: _Seen) -> list[Sentence]:
    product = await _first_product(seen.ids("products"), seen.store)
    return await _of_product(product, seen) if product is not None else []


async def _of_product(product: Product, seen: _Seen) -> list[Sentence]:
    """What is true of it: how it sells, how long it lasts, who bought it, what is said of it."""
    title, found = product.title, list[tuple[str, Sentence]]()
    if not product.description.value.strip():
        found.append(("write_description", say("Write a description for the {product}", product=title)))
    if product.status == "active":
        found.append(("sales_report", say("How much did the {product} sell {period}?", product=title, period=seen.period)))
        if any(variant.tracked and variant.on_hand > 0 for variant in product.variants):
            found.append(("forecast_stockout", say("When will the {product} run out?", product=title)))
    if await seen.store.count_orders(OrderWhere(products=[product.id], cancelled=False)):
        found.append(("find_customers", say("Which customers bought the {product} this year?", product=title)))
    found += await _reviewed(product, seen)
    return [one for task, one in found if task != seen.task]


async def _reviewed(product: Product, seen: _Seen) -> list[tuple[str, Sentence]]:
    if "reviews" not in seen.store.capabilities or not (await seen.store.reviews(ReviewWhere(products=[product.id]), limit=1)).items:
        return []
    return [("review_insights", say("What do customers say about the {product}?", product=product.title))]


async def _first_product(ids: Sequence[str], store: Store) -> Product | None:
    found = (await store.products(Selection[Product](ids=(ids[0],)), limit=1)).items if ids else ()
    return found[0] if found else None


async def _of_orders(seen: _Seen) -> list[Sentence]:
    ids = seen.ids("orders")
    orders = (await seen.store.orders(Selection[Order](ids=(ids[0],)), limit=1)).items if ids else ()
    if not orders:
        return []
    order, found = orders[0], list[Sentence]()
    if seen.task != "show_order":
        found.append(say("Open order {number}", number=order.number))
    if seen.task != "show_customer" and order.customer_id is not None:
        found.append(say("Who placed order {number}?", number=order.number))
    if seen.task == "show_order" and order.cancelled_at is None and order.fulfilment == "unfulfilled":
        found.append(say("Mark order {number} as shipped", number=order.number))
    return found


async def _of_customers(seen: _Seen) -> list[Sentence]:
    if seen.task == "show_customer":
        return await _of_orders(seen)
    return [say("Write a newsletter to our best customers")] if seen.data.get("count") else []


async def _of_sales(seen: _Seen) -> list[Sentence]:
    if seen.ids("products"):
        found = await _of_products(seen)
    else:
        found = [top_products(seen.period), say("Show sales by channel {period}", period=seen.period)]
    why = [say("Why did sales change {period}?", period=seen.period)] if seen.task == "sales_report" else []
    return [*found[:1], *why, *found[1:]]


async def _of_reviews(seen: _Seen) -> list[Sentence]:
    product = await _first_product(seen.ids("products"), seen.store)
    if product is None:
        return []
    bad = (await seen.store.reviews(ReviewWhere(products=[product.id], rating=Between(at_least=1, at_most=1)), limit=10)).items
    found = [say("Show the 1-star reviews of the {product}", product=product.title)] if bad and seen.task != "find_reviews" else []
    if any(not review.reply for review in bad):
        found.append(say("Reply to the 1-star reviews of the {product}", product=product.title))
    return [*found, *(await _of_product(product, seen))]


async def _of_messages(seen: _Seen) -> list[Sentence]:
    return [say("Reply to the last message"), *(await _of_orders(seen))] if seen.data.get("count") else []


async def _of_discounts(seen: _Seen) -> list[Sentence]:
    ids = set(seen.ids("discounts"))
    used = [discount for discount in (await seen.store.discounts()).items if discount.id in ids and discount.used]
    return [say("How much did we sell with the code {code} this year?", code=discount.code) for discount in used[:1]]


async def _of_searches(seen: _Seen) -> list[Sentence]:
    return [say("Which searches found nothing this month?")] if seen.data.get("without_results") else []


_ABOUT: Mapping[Subject, Callable[[_Seen], Awaitable[list[Sentence]]]] = {
    "product": _of_products, "order": _of_orders, "customer": _of_customers, "sales": _of_sales, "review": _of_reviews, "message": _of_messages,
    "discount": _of_discounts, "search": _of_searches,
}  # fmt: skip


# About the same matter, in the whole shop


async def _beside(subject: Subject, seen: _Seen) -> Sequence[Sentence]:
    match subject:
        case "product":
            return [*([say("Which products are running low?")] if await runs_low(seen.store) else []), say("Which products are rising?")]
        case "order" | "message":
            waiting = await seen.store.count_orders(OrderWhere(payment=["paid"], fulfilment=["unfulfilled"], cancelled=False))
            return [*([say("Which paid orders are unfulfilled?")] if waiting else []), say("Are there any suspicious orders this week?")]
        case "customer":
            return [say("Which customers are at risk of churning?"), say("Which customers are new this month?"), say("Who are my best customers?")]
        case "sales":
            return [say("Show sales by channel {period}", period=seen.period), say("Which products are rising?"), top_products(seen.period)]
        case "review":
            return [say("What are people complaining about?"), say("Show the latest reviews")]
        case "discount":
            return [say("Which discounts end this month?"), say("Show sales by channel {period}", period=seen.period)]
        case "search":
            return [say("Show the top 10 search terms this month"), say("Which products are out of stock?"), top_products("last month")]
