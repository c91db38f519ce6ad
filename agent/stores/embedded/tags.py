"""Tags of products, customers and orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from sqlalchemy import ColumnElement, and_, delete, insert, select
from sqlalchemy.orm import Session

from agent.errors import StoreRefused
from agent.stores.embedded.ids import among
from agent.stores.embedded.schema import TAGS

Tagged = Literal["product", "customer", "order"]
LONGEST = 255


def tags_of(session: Session, shop: int, kind: Tagged, keys: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Tags of each record, in the order they were given."""
    statement = select(TAGS.c.record_id, TAGS.c.tag).where(TAGS.c.shop_id == shop, TAGS.c.kind == kind, among(TAGS.c.record_id, keys))
    found: dict[int, list[str]] = defaultdict(list)
    for key, tag in session.execute(statement.order_by(TAGS.c.record_id, TAGS.c.position, TAGS.c.folded)):
        found[key].append(tag)
    return {key: tuple(tags) for key, tags in found.items()}


def has_tags(shop: int, kind: Tagged, key: ColumnElement[int], tags: Iterable[str]) -> ColumnElement[bool]:
    """The record has every one of the tags, whatever their case."""
    having = (select(TAGS.c.record_id).where(TAGS.c.shop_id == shop, TAGS.c.kind == kind, TAGS.c.folded == tag.strip().casefold()) for tag in tags)
    return and_(True, *(key.in_(statement) for statement in having))


def checked_tags(tags: Sequence[str]) -> list[str]:
    """Raises: StoreRefused: A tag is empty, too long, holds a comma, or comes twice."""
    for tag in tags:
        if not tag.strip() or tag != tag.strip() or len(tag) > LONGEST or "," in tag or not tag.isprintable():
            raise StoreRefused(f"“{tag[:40]}” cannot be a tag: a tag is 1 to {LONGEST} printable characters without a comma.")
    if len({tag.casefold() for tag in tags}) < len(tags):
        raise StoreRefused("The same tag is given twice.")
    return list(tags)


def put_tags(session: Session, shop: int, kind: Tagged, key: int, tags: Sequence[str]) -> None:
    """Give the record exactly these tags."""
    session.execute(delete(TAGS).where(TAGS.c.shop_id == shop, TAGS.c.kind == kind, TAGS.c.record_id == key))
    rows = [
        {"shop_id": shop, "kind": kind, "record_id": key, "folded": tag.casefold(), "tag": tag, "position": position}
        for position, tag in enumerate(tags)
    ]
    if rows:
        session.execute(insert(TAGS), rows)
