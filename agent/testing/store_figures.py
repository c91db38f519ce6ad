"""The figures of a described shop, recomputed in plain Python, one fact after the other: what a store's answers are held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product as each_of
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

from agent.sdk import Money, Period, Query
from agent.sdk.figures import OVERLAPPING, WEEKDAYS, Dimension, Metric
from agent.testing.store_spec import LineSpec, OrderSpec, ProductSpec, ShopSpec

PRODUCT_DIMENSIONS = frozenset({"product", "variant", "product_type", "vendor", "collection", "tag"})
TIME_DIMENSIONS = frozenset({"day", "week", "month", "quarter", "half_year", "year"})
ROUNDS: dict[str, tuple[str, ...]] = {"weekday": tuple(d.capitalize() for d in WEEKDAYS), "hour": tuple(f"{n:02d}:00" for n in range(24))}
"""Dimensions that come round again, with all their keys."""
ADDED_UP = frozenset({"gross_sales", "discounts", "returns", "net_sales", "tax", "shipping", "total_sales", "units", "units_returned", "refunded"})
"""Metrics of which the parts always sum to the whole."""

Keys = tuple[str, ...]
Figures = dict[Metric, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line sold, or something given back, or an order as such (`what` "order")."""

    what: str
    at: datetime
    order: int
    spec: OrderSpec
    line: LineSpec | None = None
    units: int = 0
    gross: int = 0
    discount: int = 0
    returns: int = 0
    shipping: int = 0
    fees: int = 0
    tax: int = 0


def facts(shop: ShopSpec) -> Iterable[Fact]:
    """Everything that counts. A cancelled order does not, nor what was given back for it."""
    for number, order in enumerate(shop.orders):
        if order.cancelled:
            continue
        yield Fact("order", order.at, number, order)
        for line in order.lines:
            yield _sold(shop, number, order, line)
        for refund in order.refunds:
            yield Fact("refund", refund.at, number, order, shipping=-refund.shipping, fees=-refund.adjustment)
            for place, units, amount, tax in refund.lines:
                line = order.lines[place]
                name = {"product": "returns", "shipping": "shipping"}.get(line.kind, "fees")
                value: dict[str, int] = {name: amount if name == "returns" else -amount}
                yield Fact("back", refund.at, number, order, line, units=units if line.kind == "product" else 0, tax=-tax, **value)


def _sold(shop: ShopSpec, number: int, order: OrderSpec, line: LineSpec) -> Fact:
    quoted = line.price * line.quantity
    paid = quoted - line.discount
    net = paid - line.tax if shop.prices_include_tax else paid
    if line.kind != "product":
        kind = "shipping" if line.kind == "shipping" else "fees"
        value: dict[str, int] = {kind: net}
        return Fact("sold", order.at, number, order, line, tax=line.tax, **value)
    gross = quoted
    if shop.prices_include_tax and paid > 0:
        gross = floor(Fraction(quoted * net, paid) + Fraction(1, 2))
    return Fact("sold", order.at, number, order, line, units=line.quantity, gross=gross, discount=gross - net, tax=line.tax)


def figures(shop: ShopSpec, query: Query) -> tuple[dict[Keys, Figures], Figures]:
    """Rows by their keys, and the total, of the query's period alone."""
    zone = ZoneInfo(shop.time_zone)
    by_product = asks_for_products(query)
    counted = [f for f in facts(shop) if query.period.start <= f.at < query.period.end and _holds(shop, query, f)]
    counted = [f for f in counted if (f.line is not None and f.line.kind == "product") or not by_product]
    groups: dict[Keys, list[Fact]] = defaultdict(list)
    for fact in counted:
        for keys in each_of(*(_keys(shop, d, fact, zone) for d in query.dimensions)):
            groups[keys].append(fact)
    rows = {keys: _figures(shop, query.metrics, of, by_product) for keys, of in groups.items()}
    return rows if query.dimensions else {}, _figures(shop, query.metrics, counted, by_product)


def asks_for_products(query: Query) -> bool:
    f = query.filters
    narrowed = (f.products, f.variants, f.vendors, f.product_types, f.collections, f.tags)
    return any(d in PRODUCT_DIMENSIONS for d in query.dimensions) or any(n is not None for n in narrowed)


def buckets(dimension: Dimension, period: Period, shop: ShopSpec) -> list[str]:
    """Every day, week, month, quarter or year the period touches, as keys are written, in order."""
    zone = ZoneInfo(shop.time_zone)
    first, last = period.start.astimezone(zone).date(), (period.end.astimezone(zone) - timedelta(microseconds=1)).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return list(dict.fromkeys(_bucket(shop, dimension, day) for day in days))


def is_on_sale(product: ProductSpec, query: Query) -> bool:
    """Whether the product has a row although nobody bought it, under the filters of the laws."""
    f = query.filters
    return (
        product.status == "active"
        and (f.tags is None or _is_tagged(product, f.tags))
        and all(
            wanted is None or name_of(product, dimension) in wanted
            for dimension, wanted in (("vendor", f.vendors), ("product_type", f.product_types))
        )
    )


def name_of(product: ProductSpec, dimension: str) -> str:
    return {"product": product.title, "vendor": product.vendor, "product_type": product.product_type}[dimension] or "(unknown)"


def _holds(shop: ShopSpec, query: Query, fact: Fact) -> bool:
    """The filters of the laws: countries, channels, cities, and vendors and product types by the product."""
    f = query.filters
    product = None if fact.line is None or fact.line.product is None else shop.products[fact.line.product]
    return (
        (f.countries is None or fact.spec.country in f.countries)
        and (f.channels is None or fact.spec.channel.lower() in [c.lower() for c in f.channels])
        and (f.cities is None or (fact.spec.city or "").lower() in [c.lower() for c in f.cities])
        and (f.vendors is None or (product is not None and product.vendor in f.vendors))
        and (f.product_types is None or (product is not None and product.product_type in f.product_types))
        and (f.tags is None or (product is not None and _is_tagged(product, f.tags)))
        and (f.discount_codes is None or (fact.spec.discount_code or "").lower() in [code.lower() for code in f.discount_codes])
        and (f.customer_kinds is None or customer_kind(shop, fact) in f.customer_kinds)
        and (f.weekdays is None or WEEKDAYS[fact.at.astimezone(ZoneInfo(shop.time_zone)).weekday()] in f.weekdays)
    )


def _is_tagged(product: ProductSpec, tags: Sequence[str]) -> bool:
    return bool({tag.lower() for tag in product.tags} & {tag.lower() for tag in tags})


def customer_kind(shop: ShopSpec, fact: Fact) -> str | None:
    """new where the order is its customer's first that was not cancelled; of two at one moment the one noted first."""
    if fact.spec.customer is None:
        return None
    theirs = [(order.at, n) for n, order in enumerate(shop.orders) if order.customer == fact.spec.customer and not order.cancelled]
    return "new" if min(theirs)[1] == fact.order else "returning"


def _keys(shop: ShopSpec, dimension: Dimension, fact: Fact, zone: ZoneInfo) -> Sequence[str]:
    """Where a fact counts: in each collection and with each tag of its product, and else in one place."""
    if dimension not in OVERLAPPING:
        return [_key(shop, dimension, fact, zone)]
    assert fact.line is not None
    product = None if fact.line.product is None else shop.products[fact.line.product]
    if dimension == "tag":
        return (product.tags if product else ()) or ["(no tag)"]
    return (product.collections if product else ()) or ["(in no collection)"]


def _key(shop: ShopSpec, dimension: Dimension, fact: Fact, zone: ZoneInfo) -> str:
    if dimension in TIME_DIMENSIONS:
        return _bucket(shop, dimension, fact.at.astimezone(zone).date())
    if dimension in PRODUCT_DIMENSIONS:
        assert fact.line is not None
        if fact.line.product is None:
            return "(not in the catalogue)"
        product = shop.products[fact.line.product]
        variant = product.variants[fact.line.variant]
        titles = {"product": product.title, "variant": f"{product.title} ({' / '.join(variant.options)})"}
        return titles.get(dimension) or {"vendor": product.vendor, "product_type": product.product_type}[dimension] or "(unknown)"
    if dimension in ROUNDS:
        local = fact.at.astimezone(zone)
        return ROUNDS[dimension][local.weekday() if dimension == "weekday" else local.hour]
    if dimension == "discount_code":
        return fact.spec.discount_code or "(no code)"
    if dimension == "customer_kind":
        return customer_kind(shop, fact) or "(no customer)"
    return {"channel": fact.spec.channel, "country": fact.spec.country, "city": fact.spec.city, "region": None}[dimension] or "(unknown)"


def _bucket(shop: ShopSpec, dimension: Dimension, day: date) -> str:
    match dimension:
        case "day":
            return day.isoformat()
        case "week":
            back = day.weekday() if shop.week_starts == "monday" else (day.weekday() + 1) % 7
            return (day - timedelta(days=back)).isoformat()
        case "month":
            return f"{day:%Y-%m}"
        case "quarter":
            return f"{day:%Y}-Q{(day.month - 1) // 3 + 1}"
        case "half_year":
            return f"{day:%Y}-H{(day.month - 1) // 6 + 1}"
        case _:
            return f"{day:%Y}"


def _figures(shop: ShopSpec, metrics: Sequence[Metric], of: Sequence[Fact], by_product: bool) -> Figures:
    total = {name: sum(getattr(f, name) for f in of) for name in ("gross", "discount", "returns", "shipping", "fees", "tax")}
    sold = [f for f in of if f.what == ("sold" if by_product else "order")]
    orders = len({f.order for f in sold})
    net = total["gross"] - total["discount"] - total["returns"]
    money = {
        "gross_sales": total["gross"], "discounts": total["discount"], "returns": total["returns"], "net_sales": net, "tax": total["tax"],
        "shipping": total["shipping"], "total_sales": net + total["shipping"] + total["tax"] + total["fees"],
        "average_order_value": Fraction(total["gross"] - total["discount"], orders) if orders else None,
        "refunded": sum(f.returns - f.shipping - f.fees - f.tax for f in of if f.what in ("refund", "back")),
    }  # fmt: skip
    counts = {
        "orders": orders, "units": sum(f.units for f in of if f.what == "sold"), "units_returned": sum(f.units for f in of if f.what == "back"),
        "customers": len({f.spec.customer for f in sold if f.spec.customer is not None}),
        "refunds": len({f.order for f in of if f.what in ("refund", "back")}),
    }  # fmt: skip
    of_hundred = Decimal(counts["units_returned"] * 100) / counts["units"] if counts["units"] else None
    rates = {"return_rate": None if of_hundred is None else of_hundred.quantize(Decimal("0.1"), ROUND_HALF_UP)}
    return {m: counts[m] if m in counts else rates[m] if m in rates else _money(money[m], shop.currency) for m in metrics}


def _money(minor: int | Fraction | None, currency: str) -> Money | None:
    if minor is None:
        return None
    exact = Decimal(minor) if isinstance(minor, int) else Decimal(minor.numerator) / Decimal(minor.denominator)
    return Money.from_minor(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), currency)
