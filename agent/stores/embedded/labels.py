"""What products, variants and collections are called where their ids alone are at hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from agent.stores.embedded.schema import COLLECTIONS, PRODUCTS, TAGS, VARIANTS

MANY = 500
"""From so many ids on, reading the whole shop's is quicker than naming each."""


def variant_title(options: Iterable[str | None]) -> str:
    """ "Blue / M"; empty without options."""
    return " / ".join(option for option in options if option)


def product_labels(session: Session, shop: int, keys: set[int]) -> dict[int, str]:
    statement = select(PRODUCTS.c.id, PRODUCTS.c.title).where(PRODUCTS.c.shop_id == shop)
    return {row.id: row.title for row in session.execute(_among(statement, PRODUCTS.c.id, keys))}


def variant_labels(session: Session, shop: int, keys: set[int]) -> dict[int, str]:
    columns = (VARIANTS.c.id, PRODUCTS.c.title, VARIANTS.c.option1, VARIANTS.c.option2, VARIANTS.c.option3)
    statement = select(*columns).join(PRODUCTS, PRODUCTS.c.id == VARIANTS.c.product_id).where(VARIANTS.c.shop_id == shop)
    labels = {}
    for id, title, *options in session.execute(_among(statement, VARIANTS.c.id, keys)):
        own = variant_title(options)
        labels[id] = f"{title} ({own})" if own else title
    return labels


def collection_labels(session: Session, shop: int, keys: set[int]) -> dict[int, str]:
    statement = select(COLLECTIONS.c.id, COLLECTIONS.c.title).where(COLLECTIONS.c.shop_id == shop)
    return {row.id: row.title for row in session.execute(_among(statement, COLLECTIONS.c.id, keys))}


def tag_labels(session: Session, shop: int, folded: set[str]) -> dict[str, str]:
    """Product tags as they are written, by how they are compared."""
    statement = select(TAGS.c.folded, func.min(TAGS.c.tag)).where(TAGS.c.shop_id == shop, TAGS.c.kind == "product").group_by(TAGS.c.folded)
    return {key: tag for key, tag in session.execute(statement) if key in folded}


def _among(statement: Select[Any], column: ColumnElement[int], keys: set[int]) -> Select[Any]:
    return statement.where(column.in_(keys)) if len(keys) < MANY else statement
