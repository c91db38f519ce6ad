"""Customers by what they bought, spent and are, all of it told in SQL.

Spent is what was charged less what was given back, tax and postage included, cancelled orders left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, RowMapping, Select, and_, cast, func, literal, not_, null, or_, select, union_all
from sqlalchemy.orm import Session

from agent.db.moments import Moment
from agent.sdk.people import Address, Customer
from agent.sdk.refs import Money, Period, Selection
from agent.sdk.store import Page
from agent.sdk.wheres import CustomerWhere
from agent.stores.embedded.cursors import Order, beyond, cursor_after, page_size, place_in, sorted_by
from agent.stores.embedded.ids import among, keys_of, public
from agent.stores.embedded.ranges import in_range, minor_range
from agent.stores.embedded.schema import CUSTOMERS, ORDERS, REFUNDS, SALES
from agent.stores.embedded.spans import Span, local, span_of
from agent.stores.embedded.tags import has_tags, tags_of
from agent.stores.embedded.words import same_word

Sort = Literal["spent", "orders", "recent", "name"]
_FOR_EVER = timedelta(days=36_500)
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""Sorts those who never ordered last: a cursor needs a value where there is none."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A statement's parts: where customers come from, what must hold, and what they are sorted by."""

    rows: FromClause
    where: list[ColumnElement[bool]]
    sorts: dict[Sort, ColumnElement[Any]]


def customers(
    session: Session, shop: int, currency: str, zone: ZoneInfo, where: CustomerWhere | Selection[Customer] | None, *, limit: int, cursor: str | None
) -> Page[Customer]:
    """By what `where` sorts by, the largest and latest first; of a selection, in its order."""
    size = page_size(limit)
    if isinstance(where, Selection):
        return _selected(session, shop, currency, where.ids, limit=size, cursor=cursor)
    where = where or CustomerWhere()
    found = _found(shop, currency, zone, where, sort=where.sort)
    order: Order = ((found.sorts[where.sort], "up" if where.sort == "name" else "down"), (CUSTOMERS.c.id, "up"))
    listing = f"customers by {where.sort}"
    statement = select(CUSTOMERS, order[0][0].label("sorted_by")).select_from(found.rows).where(*found.where)
    if cursor:
        statement = statement.where(beyond(order, place_in(cursor, listing, 2)))
    rows = session.execute(statement.order_by(*sorted_by(order)).limit(size + 1)).mappings().all()
    more = cursor_after(listing, (rows[size - 1]["sorted_by"], rows[size - 1]["id"])) if len(rows) > size else None
    return Page(_made(session, shop, currency, rows[:size], span_of(where.period, zone) if where.period else None), more)


def count_customers(session: Session, shop: int, currency: str, zone: ZoneInfo, where: CustomerWhere | None) -> int:
    found = _found(shop, currency, zone, where or CustomerWhere(), sort="name")
    return session.execute(select(func.count()).select_from(found.rows).where(*found.where)).scalar_one()


def _selected(session: Session, shop: int, currency: str, ids: Sequence[str], *, limit: int, cursor: str | None) -> Page[Customer]:
    keys = keys_of("customer", ids)
    start = int(place_in(cursor, "selected customers", 1)[0]) if cursor else 0
    some = keys[start : start + limit]
    rows = session.execute(select(CUSTOMERS).where(CUSTOMERS.c.shop_id == shop, among(CUSTOMERS.c.id, some))).mappings().all()
    by_key = {row["id"]: row for row in rows}
    more = cursor_after("selected customers", (start + limit,)) if start + limit < len(keys) else None
    return Page(_made(session, shop, currency, [by_key[key] for key in some if key in by_key]), more)


def _found(shop: int, currency: str, zone: ZoneInfo, where: CustomerWhere, *, sort: Sort) -> _Found:
    """Joins what customers bought only where a condition or the order asks for it."""
    period = span_of(where.period, zone) if where.period else None
    conditions = [CUSTOMERS.c.shop_id == shop, *_own_conditions(shop, zone, where)]
    sorts: dict[Sort, ColumnElement[Any]] = {"name": CUSTOMERS.c.name}
    rows: FromClause = CUSTOMERS
    if where.spent or where.orders or sort in ("spent", "orders"):
        bought = _bought(shop, period).subquery("bought")
        rows = rows.outerjoin(bought, bought.c.customer_id == CUSTOMERS.c.id)
        sorts["spent"], sorts["orders"] = (func.coalesce(bought.c[name], 0) for name in ("spent", "orders"))
        conditions += minor_range(sorts["spent"], where.spent, currency) if where.spent else []
        conditions += in_range(sorts["orders"], where.orders) if where.orders else []
    if where.first_order:
        first = _edge(shop, func.min).subquery("first")
        rows = rows.outerjoin(first, first.c.customer_id == CUSTOMERS.c.id)
        conditions += _placed_in(first.c.day, first.c.at, span_of(where.first_order, zone))
    if where.last_order or sort == "recent":
        latest = _edge(shop, func.max).subquery("latest")
        rows = rows.outerjoin(latest, latest.c.customer_id == CUSTOMERS.c.id)
        sorts["recent"] = func.coalesce(latest.c.at, literal(_NEVER, Moment))
        conditions += _placed_in(latest.c.day, latest.c.at, span_of(where.last_order, zone)) if where.last_order else []
    done = _what_they_did(shop, where, period)
    if period and not (done or where.spent or where.orders):
        done.append(CUSTOMERS.c.id.in_(_who_ordered(shop, period)))
    return _Found(rows, [*conditions, *done], sorts)


def _what_they_did(shop: int, where: CustomerWhere, period: Span | None) -> list[ColumnElement[bool]]:
    """What they bought, with which code, and what was given back to them, within the period if there is one."""
    conditions: list[ColumnElement[bool]] = []
    if where.bought is not None:
        conditions.append(CUSTOMERS.c.id.in_(_who_bought(shop, where.bought, period)))
    if where.discount_codes is not None:
        conditions.append(CUSTOMERS.c.id.in_(_who_used(shop, where.discount_codes, period)))
    if where.refunded is not None:
        refunded = CUSTOMERS.c.id.in_(_who_was_refunded(shop, period))
        conditions.append(refunded if where.refunded else not_(refunded))
    return conditions


def _own_conditions(shop: int, zone: ZoneInfo, where: CustomerWhere) -> list[ColumnElement[bool]]:
    """What the customer's own row and tags say, and whether they ordered since."""
    conditions: list[ColumnElement[bool]] = []
    if where.ids is not None:
        conditions.append(among(CUSTOMERS.c.id, keys_of("customer", where.ids)))
    if where.countries is not None:
        conditions.append(CUSTOMERS.c.country.in_([c.upper() for c in where.countries]))
    if where.cities is not None:
        conditions.append(same_word(CUSTOMERS.c.city, where.cities))
    if where.not_countries:
        conditions.append(or_(CUSTOMERS.c.country.is_(None), CUSTOMERS.c.country.not_in([c.upper() for c in where.not_countries])))
    if where.not_cities:
        conditions.append(or_(CUSTOMERS.c.city.is_(None), not_(same_word(CUSTOMERS.c.city, where.not_cities))))
    if where.tags:
        conditions.append(has_tags(shop, "customer", CUSTOMERS.c.id, where.tags))
    conditions += [not_(has_tags(shop, "customer", CUSTOMERS.c.id, [tag])) for tag in where.not_tags or ()]
    if where.not_bought is not None:
        at = where.not_bought_since
        period = span_of(Period(start=at, end=at + _FOR_EVER), zone) if at else None
        conditions.append(CUSTOMERS.c.id.not_in(_who_bought(shop, where.not_bought, period)))
    if where.accepts_marketing is not None:
        conditions.append(CUSTOMERS.c.accepts_marketing if where.accepts_marketing else not_(CUSTOMERS.c.accepts_marketing))
    if where.no_order_since is not None:
        since = _counted(shop).where(ORDERS.c.placed_at >= local(where.no_order_since, zone))
        conditions.append(CUSTOMERS.c.id.not_in(since.with_only_columns(ORDERS.c.customer_id).where(ORDERS.c.customer_id.is_not(None))))
    return conditions


def _counted(shop: int) -> Select[Any]:
    return select(ORDERS).where(ORDERS.c.shop_id == shop, ORDERS.c.cancelled_at.is_(None))


def _bought(shop: int, period: Span | None) -> Select[Any]:
    """Orders and spend of each customer; what was given back counts on the day it was."""
    paid = _counted(shop).with_only_columns(ORDERS.c.customer_id, literal(1).label("orders"), ORDERS.c.total_minor.label("spent"))
    back = select(REFUNDS.c.customer_id, literal(0).label("orders"), (-REFUNDS.c.total_minor).label("spent"))
    back = back.where(REFUNDS.c.shop_id == shop, REFUNDS.c.counts)
    if period:
        paid = paid.where(*_placed_in(ORDERS.c.day, ORDERS.c.placed_at, period))
        back = back.where(*_placed_in(REFUNDS.c.day, REFUNDS.c.at, period))
    each = union_all(paid, back).subquery("each")
    sums = (func.sum(each.c.orders).label("orders"), func.sum(each.c.spent).label("spent"))
    return select(each.c.customer_id, *sums).where(each.c.customer_id.is_not(None)).group_by(each.c.customer_id)


def _edge(shop: int, edge: Callable[[ColumnElement[Any]], ColumnElement[Any]]) -> Select[Any]:
    """When each customer ordered first, or last."""
    columns = (ORDERS.c.customer_id, edge(ORDERS.c.day).label("day"), edge(ORDERS.c.placed_at).label("at"))
    return _counted(shop).with_only_columns(*columns).where(ORDERS.c.customer_id.is_not(None)).group_by(ORDERS.c.customer_id)


def _who_bought(shop: int, products: Sequence[str], period: Span | None) -> Select[Any]:
    bought = select(SALES.c.customer_id).where(
        SALES.c.shop_id == shop,
        among(SALES.c.product_id, keys_of("product", products)),
        SALES.c.refund_id.is_(None),
        SALES.c.customer_id.is_not(None),
    )
    if period is None:
        return bought
    bought = bought.where(SALES.c.day.between(period.first, period.last))
    if period.since or period.before:  # lines carry the day alone; their orders know the hour
        bought = bought.where(SALES.c.order_id.in_(_ordered_in(shop, period).with_only_columns(ORDERS.c.id)))
    return bought


def _who_used(shop: int, codes: Sequence[str], period: Span | None) -> Select[Any]:
    orders = _ordered_in(shop, period) if period else _counted(shop)
    used = orders.where(ORDERS.c.discount_code.in_([code.strip().upper() for code in codes]), ORDERS.c.customer_id.is_not(None))
    return used.with_only_columns(ORDERS.c.customer_id)


def _who_was_refunded(shop: int, period: Span | None) -> Select[Any]:
    back = select(REFUNDS.c.customer_id).where(REFUNDS.c.shop_id == shop, REFUNDS.c.counts, REFUNDS.c.customer_id.is_not(None))
    return back.where(*_placed_in(REFUNDS.c.day, REFUNDS.c.at, period)) if period else back


def _who_ordered(shop: int, period: Span) -> Select[Any]:
    return _ordered_in(shop, period).with_only_columns(ORDERS.c.customer_id).where(ORDERS.c.customer_id.is_not(None))


def _ordered_in(shop: int, period: Span) -> Select[Any]:
    return _counted(shop).where(*_placed_in(ORDERS.c.day, ORDERS.c.placed_at, period))


def _placed_in(day: ColumnElement[int], at: ColumnElement[Any], span: Span) -> list[ColumnElement[bool]]:
    since = [at >= span.since] if span.since else []
    return [day.between(span.first, span.last), *since, *([at < span.before] if span.before else [])]


def _made(session: Session, shop: int, currency: str, rows: Sequence[RowMapping], period: Span | None = None) -> list[Customer]:
    keys = [row["id"] for row in rows]
    tags = tags_of(session, shop, "customer", keys)
    totals = _totals(session, shop, keys)
    made = [_customer(row, currency, tags.get(row["id"], ()), totals.get(row["id"])) for row in rows]
    return made if period is None else _with_period(session, shop, currency, made, period)


def _with_period(session: Session, shop: int, currency: str, made: Sequence[Customer], period: Span) -> list[Customer]:
    """The customers with what they ordered and spent in a period."""
    bought = _bought(shop, period).subquery("bought")
    mine = select(bought).where(among(bought.c.customer_id, keys_of("customer", [customer.id for customer in made])))
    then = {public("customer", row["customer_id"]): row for row in session.execute(mine).mappings()}
    return [
        replace(
            customer,
            then_orders=int(then[customer.id]["orders"]) if customer.id in then else 0,
            then_spent=Money.from_minor(int(then[customer.id]["spent"]) if customer.id in then else 0, currency),
        )
        for customer in made
    ]


def _totals(session: Session, shop: int, keys: Sequence[int]) -> dict[int, RowMapping]:
    """Of all time, for these customers."""
    paid = _counted(shop).with_only_columns(ORDERS.c.customer_id, literal(1).label("orders"), ORDERS.c.total_minor.label("spent"), ORDERS.c.placed_at)
    back = select(REFUNDS.c.customer_id, literal(0).label("orders"), (-REFUNDS.c.total_minor).label("spent"), cast(null(), Moment).label("placed_at"))
    mine = and_(REFUNDS.c.shop_id == shop, REFUNDS.c.counts, among(REFUNDS.c.customer_id, keys))
    each = union_all(paid.where(among(ORDERS.c.customer_id, keys)), back.where(mine)).subquery("each")
    statement = select(
        each.c.customer_id, func.sum(each.c.orders).label("orders"), func.sum(each.c.spent).label("spent"),
        func.min(each.c.placed_at).label("first_at"), func.max(each.c.placed_at).label("last_at"),
    ).group_by(each.c.customer_id)  # fmt: skip
    return {row["customer_id"]: row for row in session.execute(statement).mappings()}


def _customer(row: RowMapping, currency: str, tags: Sequence[str], totals: RowMapping | None) -> Customer:
    return Customer(
        id=public("customer", row["id"]),
        name=row["name"],
        email=row["email"],
        tags=tags,
        address=None if row["country"] is None else Address(country=row["country"], region=row["region"], city=row["city"]),
        accepts_marketing=row["accepts_marketing"],
        orders=int(totals["orders"]) if totals else 0,
        spent=Money.from_minor(int(totals["spent"]) if totals else 0, currency),
        first_order_at=totals["first_at"] if totals else None,
        last_order_at=totals["last_at"] if totals else None,
        version=str(row["version"]),
    )
