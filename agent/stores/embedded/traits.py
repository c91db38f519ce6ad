"""What an order says that its lines and refunds do not carry: its code, whether its customer was new, the hour it was placed at.

Lines look it up by the order, so that nothing has to be written twice or brought up to date when an order is cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, Select, case, func, literal, null, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from agent.sdk.figures import CustomerKind, Dimension
from agent.stores.embedded.schema import ORDERS, REFUNDS
from agent.stores.embedded.spans import Span


class UtcMinute(FunctionElement[int]):
    """The minute of the day, in UTC, of a column of moments."""

    type = Integer()
    inherit_cache = True


@compiles(UtcMinute, "sqlite")
def _in_sqlite(element: UtcMinute, compiler: Any, **keywords: Any) -> str:
    at = compiler.process(element.clauses, **keywords)  # kept as "2026-11-22 17:04:00.000000"
    return f"(CAST(substr({at}, 12, 2) AS INTEGER) * 60 + CAST(substr({at}, 15, 2) AS INTEGER))"


@compiles(UtcMinute)
def _elsewhere(element: UtcMinute, compiler: Any, **keywords: Any) -> str:
    at = f"({compiler.process(element.clauses, **keywords)}) AT TIME ZONE 'UTC'"
    return f"CAST(EXTRACT(HOUR FROM {at}) * 60 + EXTRACT(MINUTE FROM {at}) AS INTEGER)"


def order_of(table: Any) -> ColumnElement[Any]:
    """The order that a row of orders, refunds or lines is of."""
    column: ColumnElement[Any] = table.c.id if table is ORDERS else table.c.order_id
    return column


def trait_columns(shop: int, table: Any, dimensions: Sequence[Dimension], span: Span, zone: ZoneInfo) -> list[ColumnElement[Any]]:
    """Columns of a ledger for those of the dimensions that are traits, labelled with their names."""
    made: dict[Dimension, Callable[[], ColumnElement[Any]]] = {
        "discount_code": lambda: _code(table),
        "customer_kind": lambda: customer_kind(shop, table),
        "hour": lambda: _local_hour(_moment(table), span, zone),
    }
    return [make().label(name) for name, make in made.items() if name in dimensions]


def customer_kind(shop: int, table: Any) -> ColumnElement[str]:
    """new or returning; nothing for an order of nobody the shop knows."""
    is_first = order_of(table).in_(first_orders(shop))
    return case((table.c.customer_id.is_(None), null()), (is_first, "new"), else_="returning")


def is_of_kind(shop: int, table: Any, kinds: Sequence[CustomerKind]) -> ColumnElement[bool]:
    return customer_kind(shop, table).in_(list(kinds))


def first_orders(shop: int) -> Select[Any]:
    """The first order of each customer that was not cancelled."""
    placed = func.row_number().over(partition_by=ORDERS.c.customer_id, order_by=(ORDERS.c.placed_at, ORDERS.c.id)).label("place")
    counted = (ORDERS.c.shop_id == shop, ORDERS.c.cancelled_at.is_(None), ORDERS.c.customer_id.is_not(None))
    ranked = select(ORDERS.c.id, placed).where(*counted).subquery("ranked")
    return select(ranked.c.id).where(ranked.c.place == 1)


def has_code(shop: int, table: Any, codes: Sequence[str]) -> ColumnElement[bool]:
    wanted = select(ORDERS.c.id).where(ORDERS.c.shop_id == shop, ORDERS.c.discount_code.in_([code.upper() for code in codes]))
    return order_of(table).in_(wanted)


def _code(table: Any) -> ColumnElement[Any]:
    own: ColumnElement[Any] = ORDERS.c.discount_code
    others = ORDERS.alias("code_of")
    return own if table is ORDERS else select(others.c.discount_code).where(others.c.id == table.c.order_id).scalar_subquery()


def _moment(table: Any) -> ColumnElement[Any]:
    if table is ORDERS or table is REFUNDS:
        own: ColumnElement[Any] = table.c.placed_at if table is ORDERS else table.c.at
        return own
    placed, back = ORDERS.alias("placed"), REFUNDS.alias("back")
    sold = select(placed.c.placed_at).where(placed.c.id == table.c.order_id).scalar_subquery()
    returned = select(back.c.at).where(back.c.id == table.c.refund_id).scalar_subquery()
    return case((table.c.refund_id.is_(None), sold), else_=returned)


def _local_hour(at: ColumnElement[Any], span: Span, zone: ZoneInfo) -> ColumnElement[int]:
    *changes, (_, last) = offsets(span, zone)
    minutes: ColumnElement[int] = case(*((at < until, minutes) for until, minutes in changes), else_=last) if changes else literal(last)
    hour: ColumnElement[int] = (UtcMinute(at) + minutes + 2 * 1440) % 1440 // 60
    return hour


def offsets(span: Span, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """How many minutes the shop's clocks are ahead of UTC over a span, and until when; the last until its end."""
    start = datetime.combine(date.fromordinal(span.first), time(), zone).astimezone(UTC)
    end = datetime.combine(date.fromordinal(span.last), time(), zone).astimezone(UTC) + timedelta(days=2)
    found: list[tuple[datetime, int]] = []
    while start < end:
        after = min(start + timedelta(days=7), end)
        if (ahead := _ahead(start, zone)) != _ahead(after, zone):
            after = _change(start, after, zone)
        if found and found[-1][1] == ahead:
            found.pop()
        found.append((after, ahead))
        start = after
    return found


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The minute from which the clocks are no more what they were."""
    was = _ahead(before, zone)
    minutes = int((after - before) / timedelta(minutes=1))
    low, high = 0, minutes
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _ahead(before + timedelta(minutes=middle), zone) == was else (low, middle)
    return before + timedelta(minutes=high)


def _ahead(moment: datetime, zone: ZoneInfo) -> int:
    return int((moment.astimezone(zone).utcoffset() or timedelta()) / timedelta(minutes=1))
