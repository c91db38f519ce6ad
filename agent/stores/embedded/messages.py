"""What customers wrote and what the shop answered, newest first."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, or_, select
from sqlalchemy.orm import Session

from agent.sdk.people import Message
from agent.sdk.store import Page
from agent.sdk.untrusted import Untrusted
from agent.sdk.wheres import MessageWhere
from agent.stores.embedded.cursors import Order, beyond, cursor_after, page_size, place_in, sorted_by
from agent.stores.embedded.ids import among, keys_of, public
from agent.stores.embedded.schema import CUSTOMERS, MESSAGES
from agent.stores.embedded.spans import local
from agent.stores.embedded.words import has_words


def messages(session: Session, shop: int, zone: ZoneInfo, where: MessageWhere | None, *, limit: int, cursor: str | None) -> Page[Message]:
    order: Order = ((MESSAGES.c.at, "down"), (MESSAGES.c.id, "down"))
    size = page_size(limit)
    statement = select(MESSAGES, CUSTOMERS.c.name.label("customer_name")).outerjoin(CUSTOMERS, CUSTOMERS.c.id == MESSAGES.c.customer_id)
    statement = statement.where(MESSAGES.c.shop_id == shop, *_conditions(zone, where or MessageWhere()))
    if cursor:
        statement = statement.where(beyond(order, place_in(cursor, "messages", 2)))
    rows = session.execute(statement.order_by(*sorted_by(order)).limit(size + 1)).mappings().all()
    more = cursor_after("messages", (rows[size - 1]["at"], rows[size - 1]["id"])) if len(rows) > size else None
    return Page([_message(row) for row in rows[:size]], more)


def _conditions(zone: ZoneInfo, where: MessageWhere) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.ids is not None:
        conditions.append(among(MESSAGES.c.id, keys_of("message", where.ids)))
    if where.customers is not None:
        conditions.append(among(MESSAGES.c.customer_id, keys_of("customer", where.customers)))
    if where.orders is not None:
        conditions.append(among(MESSAGES.c.order_id, keys_of("order", where.orders)))
    if where.threads is not None:
        conditions.append(MESSAGES.c.thread.in_(list(where.threads)))
    if where.direction is not None:
        conditions.append(MESSAGES.c.direction == where.direction)
    if where.answered is not None:
        conditions.append(MESSAGES.c.answered.is_(where.answered))
    if where.received is not None:
        conditions += [MESSAGES.c.at >= local(where.received.start, zone), MESSAGES.c.at < local(where.received.end, zone)]
    if where.text:
        conditions.append(or_(has_words(MESSAGES.c.subject, where.text), has_words(MESSAGES.c.body, where.text)))
    return conditions


def _message(row: RowMapping) -> Message:
    id = public("message", row["id"])
    return Message(
        id=id,
        customer_id=None if row["customer_id"] is None else public("customer", row["customer_id"]),
        order_id=None if row["order_id"] is None else public("order", row["order_id"]),
        subject=Untrusted(row["subject"], source="message", record=id),
        body=Untrusted(row["body"], source="message", record=id),
        **{name: row[name] for name in ("thread", "customer_name", "direction", "channel", "at", "answered")},
    )
