"""What a report says of its figures: the first of them, what it is compared with, and who leads."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from agent.sdk import Dimension, Metric, Money, Percent, Period, Query, QueryResult, Sentence, count, say

TIMES = ("day", "week", "month", "quarter", "half_year", "year")
ROUNDS = ("weekday", "hour")
"""Times that come round again; the store gives them in order."""
TITLES = {
    "gross_sales": "Gross sales", "discounts": "Discounts", "returns": "Returns", "net_sales": "Net sales", "tax": "Tax", "shipping": "Shipping",
    "total_sales": "Total sales", "orders": "Orders", "units": "Units", "average_order_value": "Average order value", "refunds": "Refunds",
    "customers": "Customers", "units_returned": "Units returned", "return_rate": "Return rate %", "refunded": "Refunded",
    "product": "Product", "variant": "Variant",
    "product_type": "Product type",
    "vendor": "Vendor", "collection": "Collection", "tag": "Tag", "discount_code": "Discount code", "customer_kind": "Customer kind",
    "hour": "Hour", "weekday": "Weekday", "channel": "Channel", "country": "Country", "region": "Region", "city": "City", "day": "Day",
    "week": "Week", "month": "Month", "quarter": "Quarter", "half_year": "Half-year", "year": "Year",
}  # fmt: skip

Figure = Money | int | Decimal


def key_of(value: str | None, dimension: Dimension) -> str:
    return value or f"no {TITLES[dimension].lower()}"


def moved_by(now: Figure | None, before: Figure | None) -> Decimal | None:
    """By how many percent it moved, to a tenth; None where there was nothing before."""
    if now is None or before is None:
        return None
    after, base = (Decimal(value.amount if isinstance(value, Money) else value) for value in (now, before))
    return ((after - base) * 100 / abs(base)).quantize(Decimal("0.1")) if base else None


def sentence_of(query: Query, result: QueryResult, unsold: int, share: Decimal | None = None) -> Sentence:
    """The figure first; then the period, the comparison, and who leads.

    Args:
        share: Of the one who leads, where that was asked for.
    """
    metric = query.metrics[0]
    figure, before = result.total.values[metric], (result.total.compared or {}).get(metric)
    facts: dict[str, Any] = {"figure": _told(figure, metric), "metric": _named(metric, figure), "period": query.period}
    if figure is None:
        return _of_nothing(metric, before, facts, query.compare)
    if query.compare is not None:
        return _compared(metric, figure, before, facts, query.compare)
    if metric == "refunds" and not query.dimensions and (worth := result.total.values.get("refunded")) is not None and figure:
        return say("{figure} {metric}, {worth} in all, {period}.", **facts, worth=worth)
    if not query.dimensions or not result.rows:
        return say("{figure} {metric}, {period}.", **facts)
    if set(query.dimensions) & {*TIMES, *ROUNDS} and query.limit is None:
        facts |= {"by": " and ".join(TITLES[d].lower() for d in query.dimensions)}
        mean = _mean(query, result, figure)
        told = "{figure} {metric}, {period}, by {by}." if mean is None else "{figure} {metric}, {period}, by {by}; {mean} on average."
        return say(told, **facts, mean=mean)
    first = result.rows[0]
    leader = ", ".join(key_of(first.keys.get(d), d) for d in query.dimensions)
    facts |= {"leader": leader, "most": _told(first.values.get(metric, 0), metric)}
    if share is not None and not query.ascending:
        return say("{figure} {metric}, {period}. Most: {leader}, {most}, that is {share}.", **facts, share=Percent(share))
    if unsold:
        return count(
            "{figure} {metric}, {period}. Least: {leader}, {most}; {n} product sold nothing at all.",
            "{figure} {metric}, {period}. Least: {leader}, {most}; {n} products sold nothing at all.",
            unsold, **facts,
        )  # fmt: skip
    lead = "{figure} {metric}, {period}. Least: {leader}, {most}." if query.ascending else "{figure} {metric}, {period}. Most: {leader}, {most}."
    return say(lead, **facts)


def _mean(query: Query, result: QueryResult, figure: Figure) -> Figure | None:
    """What a day, week, month, … of the period had on average, of figures that add up; None of months or longer that are not whole."""
    by, metric, first, last = query.dimensions, query.metrics[0], query.period.start.date(), (query.period.end - timedelta(microseconds=1)).date()
    if len(by) != 1 or by[0] not in TIMES or metric in ("average_order_value", "return_rate", "customers") or len(result.rows) < 2:
        return None
    if by[0] == "week":
        parts = Decimal((last - first).days + 1) / 7
    elif by[0] == "day" or (first.day == 1 and (last + timedelta(days=1)).day == 1):
        parts = Decimal(len(result.rows))
    else:
        return None
    if isinstance(figure, Money):
        return Money(figure.amount / parts, figure.currency)
    return (Decimal(figure) / parts).quantize(Decimal("0.1"))


def _told(figure: Figure | None, metric: Metric) -> Figure | Percent | None:
    return Percent(figure) if metric == "return_rate" and isinstance(figure, Decimal) else figure


def _named(metric: Metric, figure: Figure | None) -> str:
    name = TITLES[metric].lower().removesuffix(" %")
    return name.removesuffix("s") if figure == 1 and metric in ("orders", "units", "refunds", "customers") else name


def _of_nothing(metric: Metric, before: Figure | None, facts: dict[str, Any], compared: Period | None) -> Sentence:
    """Of nothing sold there is no return rate: neither 0 % nor less than before."""
    if before is None:
        return say("Nothing was sold, {period}, so there is no {metric}.", **facts)
    return say(
        "Nothing was sold, {period}, so there is no {metric}; it was {before}, {compared}.", **facts, before=_told(before, metric), compared=compared
    )


def _compared(metric: Metric, figure: Figure, before: Figure | None, facts: dict[str, Any], period: Period) -> Sentence:
    moved = moved_by(figure, before)
    if metric == "return_rate" and before is not None and moved is None:  # nothing came back then, of what was sold
        return say("{figure} {metric}, {period}; it was {before}, {compared}.", **facts, before=_told(before, metric), compared=period)
    if before is None or moved is None:
        return say("{figure} {metric}, {period}; there was nothing to compare with, {compared}.", **facts, compared=period)
    sentence = "{figure} {metric}, {period}: {change} more than {before}, {compared}."
    if moved < 0:
        sentence = "{figure} {metric}, {period}: {change} less than {before}, {compared}."
    return say(sentence, **facts, change=Percent(abs(moved)), before=_told(before, metric), compared=period)
