"""The one door to analytics: metrics by dimensions over a period, compared with another, in SQL, with the evidence for it.

By product, variant, product type or vendor, or filtered by one of them, only product lines are looked at: shipping is nothing then,
tax is theirs alone, and orders are those that hold such a line. Cancelled orders count nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from agent.errors import Invalid
from agent.sdk.figures import WEEKDAYS, Dimension, Metric, Query, QueryResult, Row
from agent.sdk.refs import Money
from agent.sdk.store import ShopInfo
from agent.stores.embedded.evidence import evidence_of
from agent.stores.embedded.figures import NOTHING, Sums, number, value
from agent.stores.embedded.ids import IdKind, public
from agent.stores.embedded.labels import collection_labels, product_labels, tag_labels, variant_labels
from agent.stores.embedded.spans import Span, bucket_text, buckets, is_time, span_of
from agent.stores.embedded.tallies import ROUND, Key, Tallies, Tally

UNKNOWN = "(unknown)"
NOT_IN_CATALOGUE = "(not in the catalogue)"
NONE: Mapping[Dimension, str] = {
    "vendor": NOT_IN_CATALOGUE, "product_type": NOT_IN_CATALOGUE, "collection": "(in no collection)", "tag": "(no tag)",
    "discount_code": "(no code)", "customer_kind": "(no customer)",
}  # fmt: skip
"""What a row is called that has nothing in the dimension."""
IDS: Mapping[Dimension, IdKind] = {"product": "product", "variant": "variant", "collection": "collection"}
LABELS: Mapping[Dimension, Callable[[Session, int, set[Any]], Mapping[Any, str]]] = {
    "product": product_labels, "variant": variant_labels, "collection": collection_labels, "tag": tag_labels,
}  # fmt: skip
OF_PRODUCTS: frozenset[Dimension] = frozenset({"product", "product_type", "vendor"})


def answer(session: Session, shop: ShopInfo, shop_key: int, query: Query) -> QueryResult:
    """Raises: Invalid: No metric is asked for, a period has no time in it, or what did not sell is asked for by something else than products."""
    _check(query)
    zone = ZoneInfo(shop.time_zone)
    span = span_of(query.period, zone)
    other = span_of(query.compare, zone) if query.compare else None
    now, then = Tallies(session, shop, shop_key, query).over(span, other)
    sheet = _Sheet(session, shop, shop_key, query, span)
    rows = sheet.rows(sheet.kept(now, then), now, then)
    total = Row(keys={}, values=sheet.values(now.total), compared=sheet.values(then.total) if then else None)
    evidence = evidence_of(shop, query, span, other, records=now.total["records"], shown=len(rows))
    return QueryResult(rows=rows, total=total, evidence=evidence)


def _check(query: Query) -> None:
    if not query.metrics:
        raise Invalid("Say what to measure.", field="metrics")
    if query.limit is not None and query.limit < 1:
        raise Invalid("The number of rows must be at least 1.", field="limit")
    if query.unsold and not (query.dimensions and OF_PRODUCTS.issuperset(query.dimensions)):
        raise Invalid("What did not sell is known by product, product type and vendor alone.", field="unsold")


class _Sheet:
    """Tallies put into rows: chosen, ordered, named."""

    def __init__(self, session: Session, shop: ShopInfo, shop_key: int, query: Query, span: Span) -> None:
        self._session, self._shop, self._key, self._query, self._span = session, shop, shop_key, query, span
        self._metrics: Sequence[Metric] = tuple(dict.fromkeys(query.metrics))
        self._dimensions: Sequence[Dimension] = tuple(dict.fromkeys(query.dimensions))

    def kept(self, now: Tally, then: Tally | None) -> list[Key]:
        """The rows' keys, in the order of the answer."""
        if not self._dimensions:
            return []
        keys = set(now.groups) | self._comparable(then)
        if len(self._dimensions) == 1 and is_time(self._dimensions[0]):
            keys |= {(place,) for place in range(len(self._buckets(self._dimensions[0])))}
        if len(self._dimensions) == 1:
            keys |= {(place,) for place in range(ROUND.get(self._dimensions[0], 0))}
        if self._query.limit is None and any(is_time(d) or d in ROUND for d in self._dimensions):
            return sorted(keys, key=self._by_time(now))
        return sorted(keys, key=lambda key: (self._rank(now, key), _tie(key)))[: self._query.limit]

    def rows(self, keys: Sequence[Key], now: Tally, then: Tally | None) -> list[Row]:
        names = [self._names(place, dimension, keys) for place, dimension in enumerate(self._dimensions)]
        kinds = [IDS.get(d) for d in self._dimensions]
        rows = []
        for key in keys:
            rows.append(
                Row(
                    keys={d: names[i][key[i]] for i, d in enumerate(self._dimensions)},
                    values=self.values(now.groups.get(key, NOTHING)),
                    compared=self.values(then.groups.get(key, NOTHING)) if then else None,
                    ids={d: public(kind, key[i]) for i, (d, kind) in enumerate(zip(self._dimensions, kinds, strict=True)) if kind and key[i]},
                )
            )
        return rows

    def values(self, sums: Sums) -> dict[Metric, Money | int | Decimal | None]:
        return {metric: value(metric, sums, self._shop.currency) for metric in self._metrics}

    def _comparable(self, then: Tally | None) -> set[Key]:
        """Keys of the other period that have a place in this one: it may be longer."""
        lengths = [len(self._buckets(d)) if is_time(d) else None for d in self._dimensions]
        fits = (key for key in (then.groups if then else ()) if all(n is None or part < n for part, n in zip(key, lengths, strict=True)))
        return set(fits)

    def _buckets(self, dimension: Any) -> Sequence[int]:
        return buckets(dimension, self._span, week_starts=self._shop.week_starts)

    def _rank(self, now: Tally, key: Key) -> tuple[bool, Any]:
        figure = number(self._metrics[0], now.groups.get(key, NOTHING))
        return (True, 0) if figure is None else (False, figure if self._query.ascending else -figure)

    def _by_time(self, now: Tally) -> Any:
        times = [i for i, d in enumerate(self._dimensions) if is_time(d)]
        rounds = [(i, self._first(d), ROUND[d]) for i, d in enumerate(self._dimensions) if d in ROUND]
        return lambda key: ([key[i] for i in times], [(key[i] - first) % size for i, first, size in rounds], self._rank(now, key), _tie(key))

    def _first(self, dimension: Dimension) -> int:
        """What a round of the dimension begins with."""
        return 6 if dimension == "weekday" and self._shop.week_starts == "sunday" else 0

    def _names(self, place: int, dimension: Dimension, keys: Sequence[Key]) -> Mapping[Any, str]:
        wanted = {key[place] for key in keys}
        if is_time(dimension):
            numbers = self._buckets(dimension)
            return {n: bucket_text(dimension, numbers[n], week_starts=self._shop.week_starts) for n in wanted}
        nothing = NONE.get(dimension, UNKNOWN)
        if dimension in LABELS:
            labels = LABELS[dimension](self._session, self._key, wanted - {None})
            nothing = NONE.get(dimension, NOT_IN_CATALOGUE)
            return {value: labels.get(value, nothing) for value in wanted}
        if dimension in ROUND:
            return {value: WEEKDAYS[value].capitalize() if dimension == "weekday" else f"{value:02d}:00" for value in wanted}
        return {value: nothing if value is None else value or UNKNOWN for value in wanted}


def _tie(key: Key) -> Any:
    return [(part is None, "" if part is None else part) for part in key]
