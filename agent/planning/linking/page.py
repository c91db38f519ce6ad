"""What the page that a request came from shows: records of this shop by id, for "this product", "this order" and "here"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.planning.linking.link import Linked, Linker
from agent.sdk import Customer, Order, Selection, Where

MOST = 250
"""Records of one kind that a page may name; more is no page."""


async def page_of(context: Mapping[str, Any], linker: Linker) -> Mapping[str, Linked]:
    """The records by kind. An id that is not of this shop is left out, so that nobody else's record can be meant.

    Args:
        context: {"product_id": "…"} or {"customer_ids": ["…", "…"]}; anything else in it is no record that a task takes.
    """
    found: dict[str, Linked] = {}
    for kind in ("product", "customer", "order"):
        if ids := _ids(context, kind):
            link = await _linked(kind, ids, linker)
            if link is not None:
                found[kind] = link
    return found


def _ids(context: Mapping[str, Any], kind: str) -> Sequence[str]:
    one, several = context.get(f"{kind}_id"), context.get(f"{kind}_ids")
    named = [one] if isinstance(one, str) else [id for id in several if isinstance(id, str)] if isinstance(several, list | tuple) else []
    return named[:MOST]


async def _linked(kind: str, ids: Sequence[str], linker: Linker) -> Linked | None:
    if kind == "product":
        links = [link for id in ids if (link := linker.labelled(id)) is not None]
        return linker.together(links) if len(links) > 1 else links[0] if links else None
    labels = await _labels(kind, ids, linker)
    if not labels:
        return None
    label = ", ".join(labels.values())
    return Linked(start=0, end=0, products=tuple(labels), where=Where(text=label), label=label, record=kind)


async def _labels(kind: str, ids: Sequence[str], linker: Linker) -> dict[str, str]:
    if kind == "customer":
        people = (await linker.store.customers(Selection[Customer](ids=tuple(ids)), limit=MOST)).items
        return {person.id: person.label for person in people}
    return {order.id: order.number for order in (await linker.store.orders(Selection[Order](ids=tuple(ids)), limit=MOST)).items}
