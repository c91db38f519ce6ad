"""From news, or from a firing that was written down, to the records a rule is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.automation.feed import News
from agent.errors import NotFound
from agent.sdk import Customer, MessageWhere, Order, Product, ReviewWhere, Selection, Store, every
from agent.sdk.happenings import Happening, of_customers, of_messages, of_orders, of_product, of_reviews
from agent.sdk.rules import On


async def happenings(news: Sequence[News], store: Store) -> list[tuple[News, Happening]]:
    """Each piece of news with its records; one whose record is gone is left out."""
    found: list[tuple[News, Happening]] = []
    for on in dict.fromkeys(piece.on for piece in news):
        some = [piece for piece in news if piece.on == on]
        by_id = {h.subjects.get(_SUBJECT[on], ""): h for h in await _of(on, [piece.id for piece in some], store)}
        for piece in some:
            happening = await _level(piece, store) if on in _LEVELS else by_id.get(piece.id)
            if happening is not None:
                found.append((piece, replace(happening, event=piece.event)))
    return found


async def again(on: On, event: str, subjects: Mapping[str, str], store: Store) -> Happening | None:
    """What a firing was written down for, with its records as they are now; None when they are gone."""
    if on in _LEVELS:
        return await _level(News(on=on, id=subjects.get("product", ""), event=event), store)
    found = await _of(on, [subjects.get(_SUBJECT[on], "")], store)
    return replace(found[0], event=event) if found else None


_LEVELS: frozenset[On] = frozenset({"stock_below", "sold_out", "back_in_stock"})
_SUBJECT: Mapping[On, str] = {
    "order_placed": "order", "order_paid": "order", "order_fulfilled": "order", "order_refunded": "order", "stock_below": "product",
    "sold_out": "product", "back_in_stock": "product", "new_customer": "customer", "review_received": "review", "message_received": "message",
    "time": "",
}  # fmt: skip


async def _of(on: On, ids: Sequence[str], store: Store) -> list[Happening]:
    wanted = tuple(dict.fromkeys(ids))
    if _SUBJECT[on] == "order":
        return await of_orders(on, await every(store.orders, Selection[Order](ids=wanted)), store)
    if on == "new_customer":
        return of_customers(await every(store.customers, Selection[Customer](ids=wanted)))
    if on == "review_received":
        return await of_reviews(await every(store.reviews, ReviewWhere(ids=wanted)), store)
    if on == "message_received":
        return await of_messages(await every(store.messages, MessageWhere(ids=wanted)), store)
    return []


async def _level(piece: News, store: Store) -> Happening | None:
    try:
        if not piece.id.startswith("v_"):
            return of_product(piece.on, await store.product(piece.id), event=piece.event)
        variants = await store.variants(Selection[Product](ids=(piece.id,)))
        if not variants:
            return None
        product = await store.product(variants[0].product_id)
    except NotFound:
        return None
    return of_product(piece.on, product, event=piece.event, about=f"{variants[0].label}, {piece.after} left")
