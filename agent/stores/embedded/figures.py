"""From sums to metrics: the same arithmetic for whole numbers read from the database and for its columns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from agent.sdk.figures import METRICS, Metric
from agent.sdk.refs import Money
from agent.stores.embedded.ledgers import MEASURES, Measure

Sums = Mapping[Measure, int]
COUNTS: frozenset[Metric] = frozenset({"orders", "units", "refunds", "customers", "units_returned"})
SORTED_IN_SQL: frozenset[Metric] = frozenset(METRICS) - {"average_order_value", "return_rate"}
"""An average or a rate is a fraction here and would be a float there."""
NOTHING: Sums = dict.fromkeys([measure for needed in MEASURES.values() for measure in needed] + ["records"], 0)


def number(metric: Metric, sums: Mapping[Measure, Any]) -> Any:
    """The metric in minor units, exact (an int or a Fraction), or for columns the expression of it; None for an average or a rate of nothing."""
    match metric:
        case "gross_sales":
            return sums["gross"]
        case "discounts":
            return sums["discount"]
        case "net_sales":
            return sums["gross"] - sums["discount"] - sums["returns"]
        case "total_sales":
            return sums["gross"] - sums["discount"] - sums["returns"] + sums["shipping"] + sums["tax"] + sums["fees"]
        case "average_order_value":
            return Fraction(sums["gross"] - sums["discount"], sums["orders"]) if sums["orders"] else None
        case "units_returned":
            return sums["units_back"]
        case "return_rate":
            return Fraction(sums["units_back"] * 100, sums["units"]) if sums["units"] else None
        case _:
            return sums[metric]


def value(metric: Metric, sums: Sums, currency: str) -> Money | int | Decimal | None:
    exact = number(metric, sums)
    if exact is None:
        return None
    if metric in COUNTS:
        return int(exact)
    if metric == "return_rate":
        return (Decimal(int(exact.numerator)) / int(exact.denominator)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if isinstance(exact, int):
        return Money.from_minor(exact, currency)
    one = Money.from_minor(1, currency)
    return Money(one.amount * exact.numerator / exact.denominator, currency)
