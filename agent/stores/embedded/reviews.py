"""Reviews, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from agent.sdk.people import Review
from agent.sdk.store import Page
from agent.sdk.untrusted import Untrusted
from agent.sdk.wheres import ReviewWhere
from agent.stores.embedded.cursors import Order, beyond, cursor_after, page_size, place_in, sorted_by
from agent.stores.embedded.ids import among, keys_of, public
from agent.stores.embedded.ranges import in_range
from agent.stores.embedded.schema import CUSTOMERS, PRODUCTS, REVIEWS
from agent.stores.embedded.spans import local
from agent.stores.embedded.words import has_words


def reviews(session: Session, shop: int, zone: ZoneInfo, where: ReviewWhere | None, *, limit: int, cursor: str | None) -> Page[Review]:
    order: Order = ((REVIEWS.c.written_at, "down"), (REVIEWS.c.id, "down"))
    size = page_size(limit)
    statement = select(REVIEWS, PRODUCTS.c.title.label("product_title")).join(PRODUCTS, PRODUCTS.c.id == REVIEWS.c.product_id)
    statement = statement.where(REVIEWS.c.shop_id == shop, *_conditions(zone, where or ReviewWhere()))
    if cursor:
        statement = statement.where(beyond(order, place_in(cursor, "reviews", 2)))
    rows = session.execute(statement.order_by(*sorted_by(order)).limit(size + 1)).mappings().all()
    more = cursor_after("reviews", (rows[size - 1]["written_at"], rows[size - 1]["id"])) if len(rows) > size else None
    return Page([_review(row) for row in rows[:size]], more)


def _conditions(zone: ZoneInfo, where: ReviewWhere) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.ids is not None:
        conditions.append(among(REVIEWS.c.id, keys_of("review", where.ids)))
    if where.customers is not None:
        conditions.append(written_by(where.customers))
    if where.products is not None:
        conditions.append(among(REVIEWS.c.product_id, keys_of("product", where.products)))
    if where.written is not None:
        conditions += [REVIEWS.c.written_at >= local(where.written.start, zone), REVIEWS.c.written_at < local(where.written.end, zone)]
    if where.rating is not None:
        conditions += in_range(REVIEWS.c.rating, where.rating)
    if where.status is not None:
        conditions.append(REVIEWS.c.status.in_(list(where.status)))
    if where.text:
        conditions.append(or_(has_words(REVIEWS.c.title, where.text), has_words(REVIEWS.c.body, where.text)))
    return conditions


def written_by(customers: Sequence[str]) -> ColumnElement[bool]:
    """Reviews of these customers: under their account or, where a review came without one, under their full name.

    Two people may have one name. It is taken for the customer's then, since this is asked when a person wants their words back or gone.
    """
    keys = keys_of("customer", customers)
    full = select(CUSTOMERS.c.shop_id, func.lower(CUSTOMERS.c.name)).where(among(CUSTOMERS.c.id, keys), CUSTOMERS.c.name.like("% %"))
    nameless = and_(REVIEWS.c.customer_id.is_(None), tuple_(REVIEWS.c.shop_id, func.lower(REVIEWS.c.author)).in_(full))
    return or_(among(REVIEWS.c.customer_id, keys), nameless)


def _review(row: RowMapping) -> Review:
    id = public("review", row["id"])
    words = {name: Untrusted(row[name], source="review", record=id) for name in ("title", "body", "author")}
    return Review(
        id=id,
        product_id=public("product", row["product_id"]),
        product_title=row["product_title"],
        rating=row["rating"],
        written_at=row["written_at"],
        status=row["status"],
        reply=row["reply"],
        **words,
    )
