"""Closing the books: derives an order's sums, a refund's sums, the sales ledger and its months from lines, in SQL, for one shop at a time.

Run `post` after orders or refunds were added or changed in bulk: it does the whole shop (3 s for the 540,000 lines of the UCI file).
`post_order` does what one order touches, with the same statements narrowed, so there is one way to come to a figure, and running either
twice changes nothing.

Without tax means: where prices include it, a line's tax is taken out of what was paid for it, and out of its price and discount in
the same proportion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, distinct, func, insert, literal, null, or_, select, update
from sqlalchemy.orm import Session

from agent.stores.embedded.schema import LINES, ORDERS, REFUND_LINES, REFUNDS, SALE_MONTHS, SALES, SHOPS


def post(session: Session, shop: int) -> None:
    """Derive everything that is derived, for the shop with this primary key. Its catalogue version moves too."""
    includes_tax = _includes_tax(session, shop)
    _sum_orders(session, shop, includes_tax)
    _sum_refunds(session, shop)
    _write_ledger(session, shop, includes_tax)
    _write_months(session, shop)
    touch_catalogue(session, shop)


def post_order(session: Session, shop: int, order: int) -> None:
    """Derive anew what one order and its refunds come to, after it was cancelled, given back or sent elsewhere."""
    includes_tax, reach = _includes_tax(session, shop), _reach(session, shop, order)
    _sum_orders(session, shop, includes_tax, order)
    _sum_refunds(session, shop, order)
    _write_ledger(session, shop, includes_tax, reach)
    _write_months(session, shop, reach)


def _includes_tax(session: Session, shop: int) -> bool:
    return bool(session.execute(select(SHOPS.c.prices_include_tax).where(SHOPS.c.id == shop)).scalar_one())


def touch_catalogue(session: Session, shop: int) -> None:
    """Say that what a merchant may call by name has changed."""
    session.execute(update(SHOPS).where(SHOPS.c.id == shop).values(catalogue_version=SHOPS.c.catalogue_version + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """Where in the ledger one order is found. The days are there for the index: it begins with them."""

    order: int
    days: frozenset[int]
    months: frozenset[int]
    products: frozenset[int | None]

    @property
    def sales(self) -> list[ColumnElement[bool]]:
        return [SALES.c.day.in_(self.days), SALES.c.order_id == self.order]

    def months_of(self, table: Any) -> list[ColumnElement[bool]]:
        known = [key for key in self.products if key is not None]
        product = or_(table.c.product_id.in_(known), table.c.product_id.is_(None)) if None in self.products else table.c.product_id.in_(known)
        return [table.c.month.in_(self.months), product]


def _reach(session: Session, shop: int, order: int) -> _Reach:
    placed = select(ORDERS.c.day, ORDERS.c.month).where(ORDERS.c.shop_id == shop, ORDERS.c.id == order)
    back = select(REFUNDS.c.day, REFUNDS.c.month).where(REFUNDS.c.shop_id == shop, REFUNDS.c.order_id == order)
    when = [*session.execute(placed), *session.execute(back)]
    sold = select(LINES.c.product_id).where(LINES.c.shop_id == shop, LINES.c.order_id == order, LINES.c.kind == "product")
    returned = select(REFUND_LINES.c.product_id).where(
        REFUND_LINES.c.shop_id == shop, REFUND_LINES.c.refund_id.in_(select(REFUNDS.c.id).where(REFUNDS.c.order_id == order))
    )
    products = [*session.execute(sold).scalars(), *session.execute(returned).scalars()]
    return _Reach(order=order, days=frozenset(d for d, _ in when), months=frozenset(m for _, m in when), products=frozenset(products))


def paid_for(includes_tax: bool) -> ColumnElement[int]:
    """What was paid for a line after its discount, without tax."""
    paid = LINES.c.quantity * LINES.c.price_minor - LINES.c.discount_minor
    return paid - LINES.c.tax_minor if includes_tax else paid


def gross_of(includes_tax: bool) -> ColumnElement[int]:
    """Price times quantity of a product line without tax, half a minor unit rounded up."""
    quoted = LINES.c.quantity * LINES.c.price_minor
    if not includes_tax:
        return quoted
    paid = quoted - LINES.c.discount_minor
    # Given away whole: there is no tax to tell the rate by, so the quoted price stands and its discount takes it all back.
    return case((paid <= 0, quoted), else_=(2 * quoted * (paid - LINES.c.tax_minor) + paid) // (2 * paid))


def _sum_orders(session: Session, shop: int, includes_tax: bool, order: int | None = None) -> None:
    net, gross = paid_for(includes_tax), gross_of(includes_tax)
    sums = (
        select(
            LINES.c.order_id,
            _of("product", gross).label("gross_minor"),
            _of("product", gross - net).label("discount_minor"),
            _of("shipping", net).label("shipping_minor"),
            func.sum(case((LINES.c.kind.in_(("fee", "adjustment")), net), else_=0)).label("fees_minor"),
            func.sum(LINES.c.tax_minor).label("tax_minor"),
            func.sum(net + LINES.c.tax_minor).label("total_minor"),
            _of("product", LINES.c.quantity).label("units"),
        )
        .where(LINES.c.shop_id == shop, *_only(LINES.c.order_id, order))
        .group_by(LINES.c.order_id)
        .subquery()
    )
    session.execute(
        update(ORDERS).where(ORDERS.c.shop_id == shop, ORDERS.c.id == sums.c.order_id).values(**_same(sums, skip="order_id")),
        execution_options={"synchronize_session": False},
    )


def _sum_refunds(session: Session, shop: int, order: int | None = None) -> None:
    lines, kind, only = REFUND_LINES.c, REFUND_LINES.c.kind, _only(REFUNDS.c.order_id, order)
    sums = (
        select(
            REFUNDS.c.id.label("refund_id"),
            func.coalesce(func.sum(case((kind == "product", lines.quantity), else_=0)), 0).label("units"),
            func.coalesce(func.sum(case((kind == "product", lines.amount_minor), else_=0)), 0).label("returns_minor"),
            (REFUNDS.c.shipping_minor + func.coalesce(func.sum(case((kind == "shipping", lines.amount_minor), else_=0)), 0)).label(
                "shipping_back_minor"
            ),
            (REFUNDS.c.adjustment_minor + func.coalesce(func.sum(case((kind.in_(("fee", "adjustment")), lines.amount_minor), else_=0)), 0)).label(
                "fees_back_minor"
            ),
            (REFUNDS.c.shipping_tax_minor + func.coalesce(func.sum(lines.tax_minor), 0)).label("tax_back_minor"),
        )
        .select_from(REFUNDS.outerjoin(REFUND_LINES, and_(lines.shop_id == shop, lines.refund_id == REFUNDS.c.id)))
        .where(REFUNDS.c.shop_id == shop, *only)
        .group_by(REFUNDS.c.id)
        .subquery()
    )
    total = sums.c.returns_minor + sums.c.shipping_back_minor + sums.c.fees_back_minor + sums.c.tax_back_minor
    session.execute(
        update(REFUNDS)
        .where(REFUNDS.c.shop_id == shop, REFUNDS.c.id == sums.c.refund_id)
        .values(**_same(sums, skip="refund_id"), total_minor=total, counts=True)
    )
    theirs = ("customer_id", "channel", "country", "region", "city")
    session.execute(
        update(REFUNDS)
        .where(REFUNDS.c.shop_id == shop, REFUNDS.c.order_id == ORDERS.c.id, *only)
        .values(**{name: ORDERS.c[name] for name in theirs}, counts=ORDERS.c.cancelled_at.is_(None))
    )
    back = (
        select(REFUNDS.c.order_id, func.sum(REFUNDS.c.total_minor).label("refunded_minor"))
        .where(REFUNDS.c.shop_id == shop, REFUNDS.c.order_id.is_not(None), *only)
        .group_by(REFUNDS.c.order_id)
        .subquery()
    )
    mine = (ORDERS.c.shop_id == shop, *_only(ORDERS.c.id, order))
    session.execute(update(ORDERS).where(*mine, ORDERS.c.refunded_minor != 0).values(refunded_minor=0))
    session.execute(update(ORDERS).where(ORDERS.c.id == back.c.order_id).values(refunded_minor=back.c.refunded_minor))


def _write_ledger(session: Session, shop: int, includes_tax: bool, reach: _Reach | None = None) -> None:
    session.execute(delete(SALES).where(SALES.c.shop_id == shop, *(reach.sales if reach else ())))
    order = reach.order if reach else None
    for rows in (_sold(shop, includes_tax).where(*_only(ORDERS.c.id, order)), _given_back(shop).where(*_only(REFUNDS.c.order_id, order))):
        session.execute(insert(SALES).from_select([str(column.key) for column in rows.selected_columns], rows))


def _write_months(session: Session, shop: int, reach: _Reach | None = None) -> None:
    session.execute(delete(SALE_MONTHS).where(SALE_MONTHS.c.shop_id == shop, *(reach.months_of(SALE_MONTHS) if reach else ())))
    grain = [SALES.c[name] for name in ("shop_id", "month", "product_id", "channel", "country")]
    sums = [func.sum(SALES.c[name]).label(name) for name in ("units", "units_back", "gross_minor", "discount_minor", "returns_minor", "tax_minor")]
    orders = func.count(distinct(case((SALES.c.refund_id.is_(None), SALES.c.order_id)))).label("orders")
    rows = select(*grain, func.count().label("lines"), orders, *sums)
    rows = rows.where(SALES.c.shop_id == shop, *(reach.months_of(SALES) if reach else ())).group_by(*grain)
    session.execute(insert(SALE_MONTHS).from_select([str(column.key) for column in rows.selected_columns], rows))


def _sold(shop: int, includes_tax: bool) -> Select[Any]:
    gross = gross_of(includes_tax)
    return (
        select(
            LINES.c.shop_id, ORDERS.c.day, ORDERS.c.month, LINES.c.order_id, null().label("refund_id"), LINES.c.product_id, LINES.c.variant_id,
            ORDERS.c.customer_id, ORDERS.c.channel, ORDERS.c.country, ORDERS.c.region, ORDERS.c.city, LINES.c.quantity.label("units"),
            literal(0).label("units_back"), gross.label("gross_minor"), (gross - paid_for(includes_tax)).label("discount_minor"),
            literal(0).label("returns_minor"), LINES.c.tax_minor,
        )
        .join(ORDERS, ORDERS.c.id == LINES.c.order_id)
        .where(LINES.c.shop_id == shop, LINES.c.kind == "product", ORDERS.c.cancelled_at.is_(None))
    )  # fmt: skip


def _given_back(shop: int) -> Select[Any]:
    lines = REFUND_LINES.c
    return (
        select(
            lines.shop_id, REFUNDS.c.day, REFUNDS.c.month, REFUNDS.c.order_id, lines.refund_id, lines.product_id, lines.variant_id,
            REFUNDS.c.customer_id, REFUNDS.c.channel, REFUNDS.c.country, REFUNDS.c.region, REFUNDS.c.city, literal(0).label("units"),
            lines.quantity.label("units_back"), literal(0).label("gross_minor"), literal(0).label("discount_minor"),
            lines.amount_minor.label("returns_minor"), (-lines.tax_minor).label("tax_minor"),
        )
        .join(REFUNDS, REFUNDS.c.id == lines.refund_id)
        .where(lines.shop_id == shop, lines.kind == "product", REFUNDS.c.counts)
    )  # fmt: skip


def _only(column: ColumnElement[Any], order: int | None) -> list[ColumnElement[bool]]:
    return [] if order is None else [column == order]


def _of(kind: str, value: ColumnElement[int]) -> ColumnElement[int]:
    return func.sum(case((LINES.c.kind == kind, value), else_=0))


def _same(sums: Any, *, skip: str) -> dict[str, Any]:
    return {column.key: column for column in sums.c if column.key != skip}
