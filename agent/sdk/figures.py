"""The one door to numbers: metrics by name, what they are grouped by and narrowed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from agent.sdk.refs import Money, Period
from agent.sdk.results import Evidence

Metric = Literal[
    "gross_sales", "discounts", "returns", "net_sales", "tax", "shipping", "total_sales",
    "orders", "units", "average_order_value", "refunds", "customers", "units_returned", "return_rate", "refunded",
]  # fmt: skip


Dimension = Literal[
    "product", "variant", "product_type", "vendor", "collection", "tag", "channel", "country", "region", "city", "discount_code", "customer_kind",
    "hour", "weekday", "day", "week", "month", "quarter", "half_year", "year",
]  # fmt: skip
"""tag is a product's. weekday and hour are of the shop's own days, over all the weeks of the period."""
OVERLAPPING: frozenset[Dimension] = frozenset({"collection", "tag"})
"""A line of a product in two of them counts in each, and once in the total."""
CustomerKind = Literal["new", "returning"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


METRICS: Mapping[Metric, str] = {
    "gross_sales": "Price times quantity of product lines sold, before discounts and returns, without tax, by date of the order.",
    "discounts": "Discounts given on product lines, by date of the order.",
    "returns": "Value of product lines returned (after their discount), by date of the return.",
    "net_sales": "Gross sales minus discounts minus returns. What “revenue” means unless the shop says otherwise.",
    "tax": "Tax charged on orders, less tax returned.",
    "shipping": "Postage charged, less postage refunded.",
    "total_sales": "Net sales plus shipping plus tax plus fees and adjustments.",
    "orders": "Orders placed that were not cancelled.",
    "units": "Units of products sold, before returns.",
    "average_order_value": "Gross sales minus discounts, divided by orders; none where there were none.",
    "refunds": "Number of orders that had something refunded, by date of the refund.",
    "customers": "Different customers who ordered; orders without a customer are not counted.",
    "units_returned": "Units of products returned, by date of the return.",
    "refunded": "Money given back for orders that were not cancelled: goods, postage and fees with their tax, by date of the refund.",
    "return_rate": "Units returned in the period, in percent of the units sold in it, to a tenth; none where nothing was sold.",
}
"""The one definition of each metric, shown in every answer's evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a query is narrowed to; all that is set must hold. Ids are product, variant or customer ids of the shop."""

    products: Sequence[str] | None = None
    variants: Sequence[str] | None = None
    customers: Sequence[str] | None = None
    product_types: Sequence[str] | None = None
    vendors: Sequence[str] | None = None
    channels: Sequence[str] | None = None
    countries: Sequence[str] | None = None
    """ISO 3166 alpha-2."""
    cities: Sequence[str] | None = None
    collections: Sequence[str] | None = None
    """Ids: products in any of them."""
    tags: Sequence[str] | None = None
    """Products with any of these tags, whatever the case."""
    discount_codes: Sequence[str] | None = None
    """Orders placed with one of these codes, whatever the case, and what came back of them."""
    customer_kinds: Sequence[CustomerKind] | None = None
    """new: a customer's first order; returning: every later one, and credit notes that name no order. Without a customer an order is neither."""
    weekdays: Sequence[Weekday] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question to the numbers: `Store.query` is the only door to analytics."""

    metrics: Sequence[Metric]
    period: Period
    dimensions: Sequence[Dimension] = ()
    filters: Filters = field(default_factory=Filters)
    compare: Period | None = None
    limit: int | None = None
    """Keep this many rows, the largest of the first metric first (or smallest, see `ascending`). Time dimensions sort by time when None."""
    ascending: bool = False
    unsold: bool = False
    """Active products (or their types, their vendors) without a sale have a row of zeros too: the worst sellers are among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    keys: Mapping[Dimension, str]
    """The value of each dimension, as people read it; empty in a total. Ids are in `ids`."""
    values: Mapping[Metric, Money | int | Decimal | None]
    """None for a rate of nothing: there is no return rate where nothing was sold. Such rows are ranked last."""
    compared: Mapping[Metric, Money | int | Decimal | None] | None = None
    ids: Mapping[Dimension, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    rows: Sequence[Row]
    total: Row
    """Over everything the query covers, also what `limit` cut off."""
    evidence: Evidence
