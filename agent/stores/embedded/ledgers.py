"""What figures are summed from: whole orders and refunds, or single product lines where a product is asked about.

An order is one row of the first and, on average, twenty-five of the second in the UCI file, which is why there are two: by country
over all of it takes 25 ms from orders, and took 520 ms from lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, Integer, and_, case, cast, distinct, func, literal, null, or_, select, union_all

from agent.db.shop import day_and_month
from agent.sdk.figures import WEEKDAYS, Dimension, Filters, Metric
from agent.stores.embedded.ids import among, keys_of
from agent.stores.embedded.schema import MEMBERS, ORDERS, PRODUCTS, REFUNDS, SALE_MONTHS, SALES, TAGS, VARIANTS
from agent.stores.embedded.spans import Span, bucket_column, is_time
from agent.stores.embedded.traits import has_code, is_of_kind, trait_columns
from agent.stores.embedded.words import same_word

Measure = Literal[
    "gross", "discount", "returns", "shipping", "fees", "tax", "units", "units_back", "orders", "customers", "refunds", "refunded", "records",
]  # fmt: skip
DESCRIBED: frozenset[Dimension] = frozenset({"product_type", "vendor", "collection", "tag"})
"""What is known of a line through its product."""
PRODUCT_DIMENSIONS: frozenset[Dimension] = DESCRIBED | {"product", "variant"}

MEASURES: dict[Metric, tuple[Measure, ...]] = {
    "gross_sales": ("gross",),
    "discounts": ("discount",),
    "returns": ("returns",),
    "net_sales": ("gross", "discount", "returns"),
    "tax": ("tax",),
    "shipping": ("shipping",),
    "total_sales": ("gross", "discount", "returns", "shipping", "tax", "fees"),
    "orders": ("orders",),
    "units": ("units",),
    "average_order_value": ("gross", "discount", "orders"),
    "refunds": ("refunds",),
    "customers": ("customers",),
    "units_returned": ("units_back",),
    "return_rate": ("units_back", "units"),
    "refunded": ("refunded",),
}
"""What has to be summed or counted for each metric."""
DIFFERING: frozenset[Measure] = frozenset({"orders", "customers", "refunds"})
"""Measures that count different things, so that a total is not the sum of its parts."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Rows to group, with the columns that dimensions are made of and an aggregate for each measure."""

    rows: FromClause
    measures: dict[Measure, ColumnElement[Any]]
    by_month: bool = False
    """Whether a row is a whole month already, and knows no day."""


@dataclass(frozen=True, slots=True)
class By:
    """What a ledger is to be grouped by, and where the shop's clocks are."""

    dimensions: Sequence[Dimension]
    zone: ZoneInfo

    def traits(self, shop: int, table: Any, span: Span) -> list[ColumnElement[Any]]:
        return trait_columns(shop, table, self.dimensions, span, self.zone)


def needs_lines(dimensions: Sequence[Dimension], filters: Filters) -> bool:
    """Whether a product is asked about. Postage, fees and adjustments are then outside the question."""
    narrowed = (filters.products, filters.variants, filters.product_types, filters.vendors, filters.collections, filters.tags)
    return any(d in PRODUCT_DIMENSIONS for d in dimensions) or any(f is not None for f in narrowed)


def order_ledger(shop: int, span: Span, filters: Filters, by: By, *, with_products: bool = False) -> Ledger:
    """Orders and refunds. `with_products` leaves out orders that hold no product."""
    sold = [
        ORDERS.c.shop_id == shop, ORDERS.c.cancelled_at.is_(None), *_when(ORDERS.c.day, ORDERS.c.placed_at, span), *_whose(shop, ORDERS, filters),
    ]  # fmt: skip
    if with_products:
        sold.append(ORDERS.c.units > 0)
    back = [REFUNDS.c.shop_id == shop, REFUNDS.c.counts, *_when(REFUNDS.c.day, REFUNDS.c.at, span), *_whose(shop, REFUNDS, filters)]
    nothing = literal(0)
    orders = select(
        *_place(ORDERS), *by.traits(shop, ORDERS, span), ORDERS.c.customer_id, literal(1).label("is_order"), cast(null(), Integer).label("refund"),
        ORDERS.c.gross_minor.label("gross"),
        ORDERS.c.discount_minor.label("discount"), nothing.label("returns"), ORDERS.c.shipping_minor.label("shipping"),
        ORDERS.c.fees_minor.label("fees"), ORDERS.c.tax_minor.label("tax"), ORDERS.c.units, nothing.label("units_back"), nothing.label("refunded"),
    ).where(*sold)  # fmt: skip
    refunds = select(
        *_place(REFUNDS), *by.traits(shop, REFUNDS, span), cast(null(), Integer).label("customer_id"), nothing.label("is_order"),
        func.coalesce(REFUNDS.c.order_id, -REFUNDS.c.id).label("refund"), nothing.label("gross"), nothing.label("discount"),
        REFUNDS.c.returns_minor.label("returns"), (-REFUNDS.c.shipping_back_minor).label("shipping"), (-REFUNDS.c.fees_back_minor).label("fees"),
        (-REFUNDS.c.tax_back_minor).label("tax"), nothing.label("units"), REFUNDS.c.units.label("units_back"),
        REFUNDS.c.total_minor.label("refunded"),
    ).where(*back)  # fmt: skip
    rows = union_all(orders, refunds).subquery("ledger")
    summed: tuple[Measure, ...] = ("gross", "discount", "returns", "shipping", "fees", "tax", "units", "units_back", "refunded")
    measures = _sums(rows, {name: name for name in summed} | {"orders": "is_order"})
    measures["customers"] = func.count(distinct(rows.c.customer_id))
    measures["refunds"] = func.count(distinct(rows.c.refund))
    return Ledger(rows, measures)


def line_ledger(shop: int, span: Span, filters: Filters, by: By) -> Ledger:
    """Product lines sold and given back; a line of a product in two collections twice where collections are a dimension, and so for tags."""
    described = [d for d in by.dimensions if d in DESCRIBED]
    return _line_ledger(
        with_products(SALES, shop, SALES.c.product_id, described), [described_column(d).label(d) for d in described], shop, span, filters, by
    )


def bare_line_ledger(shop: int, span: Span, filters: Filters, by: By) -> Ledger:
    """The same without the products' own columns: one index holds all it reads."""
    return _line_ledger(SALES, [], shop, span, filters, by)


def month_ledger(shop: int, months: Span, filters: Filters) -> Ledger:
    """Product lines summed by whole months."""
    first, last = (day_and_month(day)[1] for day in months.days)
    where = [SALE_MONTHS.c.shop_id == shop, SALE_MONTHS.c.month.between(first, last)]
    where += [*_whose(shop, SALE_MONTHS, filters), *_which(shop, SALE_MONTHS, filters)]
    columns = SALE_MONTHS.c
    chosen = select(
        columns.month, columns.channel, columns.country, columns.product_id, columns.lines, columns.orders, columns.units, columns.units_back,
        columns.gross_minor.label("gross"), columns.discount_minor.label("discount"), columns.returns_minor.label("returns"),
        columns.tax_minor.label("tax"),
    ).where(*where).subquery("ledger")  # fmt: skip
    summed: tuple[Measure, ...] = ("gross", "discount", "returns", "tax", "units", "units_back", "orders")
    measures = _sums(chosen, {name: name for name in summed} | {"records": "lines"})
    measures["shipping"] = measures["fees"] = measures["refunded"] = literal(0)  # which `months_suffice` knows
    return Ledger(chosen, measures, by_month=True)


def catalogue_ledger(shop: int, filters: Filters) -> Ledger:
    """Nothing for each active product: beside what was sold, those that sold nothing have a row too."""
    of = PRODUCTS.c
    named = select(of.id.label("product_id"), of.vendor, of.product_type).where(of.shop_id == shop, of.status == "active").subquery("catalogue")
    where = _which(shop, named, replace(filters, variants=None))
    if filters.variants is not None:
        variants = among(VARIANTS.c.id, keys_of("variant", filters.variants))
        where.append(named.c.product_id.in_(select(VARIANTS.c.product_id).where(VARIANTS.c.shop_id == shop, variants)))
    return Ledger(select(named).where(*where).subquery("ledger"), dict.fromkeys(get_args(Measure), literal(0)))


def months_suffice(dimensions: Sequence[Dimension], filters: Filters, measures: Iterable[Measure]) -> bool:
    """Whether sums by month, product, channel and country can answer. Orders add up within one product alone; tax that was
    given back is not told apart from tax that was paid.
    """
    of_months = ("product", "channel", "country", "month", "quarter", "half_year", "year")
    kept = all(d in of_months or d in DESCRIBED for d in dimensions)
    asked = set(measures)
    counted = asked & {"customers", "refunds", "refunded"} or ("orders" in asked and "product" not in dimensions)
    narrowed = (filters.variants, filters.customers, filters.cities, filters.discount_codes, filters.customer_kinds, filters.weekdays)
    return kept and not counted and all(f is None for f in narrowed)


def described_column(dimension: Dimension) -> ColumnElement[Any]:
    """What it is of a product, in rows made `with_products`."""
    match dimension:
        case "collection":
            return MEMBERS.c.collection_id
        case "tag":
            return TAGS.c.folded
        case _:
            return PRODUCTS.c[dimension]


def with_products(rows: FromClause, shop: int, product: ColumnElement[int], dimensions: Iterable[Dimension]) -> FromClause:
    """The rows beside what these dimensions say of their products."""
    asked = set(dimensions)
    if asked & {"vendor", "product_type"}:
        rows = rows.outerjoin(PRODUCTS, PRODUCTS.c.id == product)
    if "collection" in asked:
        rows = rows.outerjoin(MEMBERS, MEMBERS.c.product_id == product)
    if "tag" in asked:
        rows = rows.outerjoin(TAGS, and_(TAGS.c.shop_id == shop, TAGS.c.kind == "product", TAGS.c.record_id == product))
    return rows


def _line_ledger(rows: FromClause, described: Sequence[ColumnElement[Any]], shop: int, span: Span, filters: Filters, by: By) -> Ledger:
    where = [SALES.c.shop_id == shop, SALES.c.day.between(span.first, span.last), *_line_edges(shop, span)]
    where += [*_whose(shop, SALES, filters), *_which(shop, SALES, filters)]
    chosen = select(
        *_place(SALES), *by.traits(shop, SALES, span), *described, SALES.c.product_id, SALES.c.variant_id,
        SALES.c.customer_id, SALES.c.order_id, SALES.c.refund_id,
        SALES.c.gross_minor.label("gross"), SALES.c.discount_minor.label("discount"), SALES.c.returns_minor.label("returns"),
        SALES.c.tax_minor.label("tax"), SALES.c.units, SALES.c.units_back,
    ).select_from(rows).where(*where).subquery("ledger")  # fmt: skip
    summed: tuple[Measure, ...] = ("gross", "discount", "returns", "tax", "units", "units_back")
    measures = _sums(chosen, {name: name for name in summed})
    sold = chosen.c.refund_id.is_(None)
    measures["refunded"] = func.coalesce(func.sum(_if(~sold, chosen.c.returns - chosen.c.tax)), 0)
    measures["shipping"] = measures["fees"] = literal(0)
    measures["orders"] = func.count(distinct(_if(sold, chosen.c.order_id)))
    measures["customers"] = func.count(distinct(_if(sold, chosen.c.customer_id)))
    measures["refunds"] = func.count(distinct(_if(~sold, func.coalesce(chosen.c.order_id, -chosen.c.refund_id))))
    return Ledger(chosen, measures)


def dimension_column(ledger: Ledger, dimension: Dimension, *, week_starts: str) -> ColumnElement[Any]:
    columns = ledger.rows.c
    if is_time(dimension):
        day = columns.day if dimension in ("day", "week") else columns.month  # sums by month know no day, and need none
        return bucket_column(dimension, day, columns.month, week_starts=week_starts)
    if dimension == "weekday":
        return (columns.day - 1) % 7
    if dimension in ("product", "variant"):
        return columns[f"{dimension}_id"]
    return columns[dimension]


def _sums(rows: FromClause, names: dict[Measure, str]) -> dict[Measure, ColumnElement[Any]]:
    measures: dict[Measure, ColumnElement[Any]] = {name: func.coalesce(func.sum(rows.c[column]), 0) for name, column in names.items()}
    measures.setdefault("records", func.count())
    return measures


def _place(table: FromClause) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in ("day", "month", "channel", "country", "region", "city")]


def _when(day: ColumnElement[int], at: ColumnElement[Any], span: Span) -> list[ColumnElement[bool]]:
    exact = [at >= span.since] if span.since else []
    return [day.between(span.first, span.last), *exact, *([at < span.before] if span.before else [])]


def _line_edges(shop: int, span: Span) -> list[ColumnElement[bool]]:
    """Lines carry the day alone; where a period begins or ends within one, that day's orders and refunds outside it are left out."""
    if not (span.since or span.before):
        return []

    def outside(table: Any, at: ColumnElement[Any]) -> Any:
        beyond = ([at < span.since] if span.since else []) + ([at >= span.before] if span.before else [])
        return select(table.c.id).where(table.c.shop_id == shop, table.c.day.in_((span.first, span.last)), or_(*beyond))

    sold = SALES.c.refund_id.is_(None)
    return [
        or_(
            and_(sold, SALES.c.order_id.not_in(outside(ORDERS, ORDERS.c.placed_at))),
            and_(~sold, SALES.c.refund_id.not_in(outside(REFUNDS, REFUNDS.c.at))),
        )
    ]


def _whose(shop: int, table: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """Conditions on whom, where and when, which orders, refunds and lines all carry or can look up."""
    where: list[ColumnElement[bool]] = []
    if filters.customers is not None:
        where.append(among(table.c.customer_id, keys_of("customer", filters.customers)))
    if filters.channels is not None:
        where.append(same_word(table.c.channel, filters.channels))
    if filters.countries is not None:
        where.append(table.c.country.in_([c.upper() for c in filters.countries]))
    if filters.cities is not None:
        where.append(same_word(table.c.city, filters.cities))
    if filters.discount_codes is not None:
        where.append(has_code(shop, table, filters.discount_codes))
    if filters.customer_kinds is not None:
        where.append(is_of_kind(shop, table, filters.customer_kinds))
    if filters.weekdays is not None:
        where.append(((table.c.day - 1) % 7).in_([WEEKDAYS.index(day) for day in filters.weekdays]))
    return where


def _which(shop: int, table: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """Conditions on the product."""
    where: list[ColumnElement[bool]] = []
    if filters.products is not None:
        where.append(among(table.c.product_id, keys_of("product", filters.products)))
    if filters.variants is not None:
        where.append(among(table.c.variant_id, keys_of("variant", filters.variants)))
    for column, wanted in ((PRODUCTS.c.vendor, filters.vendors), (PRODUCTS.c.product_type, filters.product_types)):
        if wanted is not None:
            where.append(table.c.product_id.in_(select(PRODUCTS.c.id).where(PRODUCTS.c.shop_id == shop, same_word(column, wanted))))
    if filters.collections is not None:
        within = among(MEMBERS.c.collection_id, keys_of("collection", filters.collections))
        where.append(table.c.product_id.in_(select(MEMBERS.c.product_id).where(MEMBERS.c.shop_id == shop, within)))
    if filters.tags is not None:
        tagged = (TAGS.c.shop_id == shop, TAGS.c.kind == "product", TAGS.c.folded.in_([tag.casefold() for tag in filters.tags]))
        where.append(table.c.product_id.in_(select(TAGS.c.record_id).where(*tagged)))
    return where


def _if(condition: ColumnElement[bool], value: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((condition, value))
