"""Messages that were written and not sent: made and deleted whole. What a customer wrote, or what was sent, is never touched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from agent.errors import NotFound, StoreRefused
from agent.stores.embedded.ids import IdKind, key_of, public
from agent.stores.embedded.schema import CUSTOMERS, MESSAGES, ORDERS

FIELDS = frozenset({"customer", "order", "thread", "channel", "subject", "body"})
LONGEST = 50_000


def draft_fields(session: Session, shop: int, id: str) -> dict[str, Any] | None:
    """A draft as a change holds it; None for any other message."""
    statement = select(MESSAGES).where(MESSAGES.c.shop_id == shop, MESSAGES.c.id == key_of("message", id), MESSAGES.c.direction == "draft")
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    whose = {"customer": _id("customer", row["customer_id"]), "order": _id("order", row["order_id"])}
    return {**whose, **{name: row[name] for name in ("thread", "channel", "subject", "body")}}


def make_draft(session: Session, shop: int, now: datetime, fields: Mapping[str, Any]) -> str:
    """The id of the new draft.

    Args:
        fields: `body`; and `customer`, `order` (ids), `thread`, `channel`, `subject` where there is one.

    Raises:
        StoreRefused: A field is unknown, too long, or names a record that is not there.
    """
    if unknown := set(fields) - FIELDS:
        raise StoreRefused(f"A message has no field `{min(unknown)}`.")
    words = {name: str(fields.get(name) or "") for name in ("thread", "channel", "subject", "body")}
    if not words["body"].strip() or any(len(word) > LONGEST or "\0" in word for word in words.values()):
        raise StoreRefused(f"A message is 1 to {LONGEST:,} characters of text.")
    row = {
        **words, "thread": words["thread"] or f"draft-{uuid4().hex[:12]}", "channel": words["channel"] or "email",
        "customer_id": _there(session, shop, CUSTOMERS, "customer", fields.get("customer")),
        "order_id": _there(session, shop, ORDERS, "order", fields.get("order")), "direction": "draft", "at": now, "answered": False,
    }  # fmt: skip
    return public("message", session.execute(insert(MESSAGES).values(shop_id=shop, **row).returning(MESSAGES.c.id)).scalar_one())


def delete_draft(session: Session, shop: int, id: str) -> None:
    whose = (MESSAGES.c.shop_id == shop, MESSAGES.c.id == key_of("message", id), MESSAGES.c.direction == "draft")
    if session.execute(delete(MESSAGES).where(*whose).returning(MESSAGES.c.id)).first() is None:
        raise NotFound("message")


def _id(kind: IdKind, key: int | None) -> str | None:
    return None if key is None else public(kind, key)


def _there(session: Session, shop: int, table: Table, kind: IdKind, id: Any) -> int | None:
    if id is None:
        return None
    key = session.execute(select(table.c.id).where(table.c.shop_id == shop, table.c.id == key_of(kind, str(id)))).scalar_one_or_none()
    if key is None:
        raise StoreRefused(f"The {kind} of the message is not there.")
    return int(key)
