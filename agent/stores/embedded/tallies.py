"""Sums for each group of a query, over its period and the one it is compared with, in as few statements as the question allows.

Where only so many rows are wanted, the database sorts and cuts, and both periods come in one statement: reading every group of two
half-years by product to keep ten of them took twice as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from agent.sdk.figures import OVERLAPPING, Dimension, Metric, Query
from agent.sdk.store import ShopInfo
from agent.stores.embedded.figures import SORTED_IN_SQL, Sums, number
from agent.stores.embedded.ledgers import (
    DESCRIBED,
    DIFFERING,
    MEASURES,
    By,
    Ledger,
    Measure,
    bare_line_ledger,
    catalogue_ledger,
    described_column,
    dimension_column,
    line_ledger,
    month_ledger,
    months_suffice,
    needs_lines,
    order_ledger,
    with_products,
)
from agent.stores.embedded.spans import Span, buckets, is_time, split

Key = tuple[Any, ...]
"""A group's value in each dimension: a primary key, a text or None, and for time the place of the bucket in its period."""
Groups = dict[Key, Sums]

ROUND: Mapping[Dimension, int] = {"weekday": 7, "hour": 24}
"""Dimensions that come round again, and how many values they have."""


@dataclass(frozen=True, slots=True)
class Tally:
    groups: Mapping[Key, Sums]
    total: Sums


class Tallies:
    """What one query needs summed, and how it is asked of the database."""

    def __init__(self, session: Session, shop: ShopInfo, shop_key: int, query: Query, *, of_lines: bool = False) -> None:
        self._session, self._shop, self._key, self._query = session, shop, shop_key, query
        self._metrics: Sequence[Metric] = tuple(dict.fromkeys(query.metrics))
        self._dimensions: Sequence[Dimension] = tuple(dict.fromkeys(query.dimensions))
        self._lines = of_lines or needs_lines(self._dimensions, query.filters)
        self._by = By(self._dimensions, ZoneInfo(shop.time_zone))
        self._measures: list[Measure] = list(dict.fromkeys([m for metric in self._metrics for m in MEASURES[metric]] + ["records"]))

    def over(self, span: Span, other: Span | None) -> tuple[Tally, Tally | None]:
        """The period's tally and that of the one it is compared with. Groups that no row of the answer needs may be missing."""
        spans = [span] if other is None else [span, other]
        tallies = self._largest(spans) if self._may_cut else [self._whole(one) for one in spans]
        now, then = tallies[0], tallies[1] if other else None
        return self._counted_once(now, then, span, other) if OVERLAPPING.intersection(self._dimensions) else (now, then)

    def _counted_once(self, now: Tally, then: Tally | None, span: Span, other: Span | None) -> tuple[Tally, Tally | None]:
        """The same with totals over the lines themselves: one of a product in two collections is in two groups."""
        undivided = replace(self._query, dimensions=(), limit=None, unsold=False)
        here, there = Tallies(self._session, self._shop, self._key, undivided, of_lines=True).over(span, other)
        return Tally(now.groups, here.total), Tally(then.groups, there.total) if then and there else None

    @property
    def _may_cut(self) -> bool:
        """Whether the database may leave out all but the largest rows: not where gaps are filled, nor where months match by their place."""
        times = [d for d in self._dimensions if is_time(d)]
        by_place = bool(times) and (self._query.compare is not None or len(self._dimensions) == 1)
        by_place |= len(self._dimensions) == 1 and self._dimensions[0] in ROUND  # "the quietest hour" may be one without a sale
        return bool(self._dimensions) and self._query.limit is not None and self._metrics[0] in SORTED_IN_SQL and not by_place

    def _whole(self, span: Span) -> Tally:
        groups = self._read(self._session.execute(self._statement([span])), [span])[0]
        if not self._dimensions:
            return Tally(groups, groups[()])
        return self._tally(span, groups, {measure: sum(sums[measure] for sums in groups.values()) for measure in self._measures})

    def _largest(self, spans: Sequence[Span]) -> list[Tally]:
        """The rows that stay, with the sums over all."""
        parts = self._parts(spans[0])
        if self._apart(parts):
            return [self._tally(spans[0], *self._largest_of_each(parts, spans[0]))]
        rows = self._statement(spans).subquery("groups")
        keys = [rows.c[f"k{i}"] for i in range(len(self._dimensions))]
        sums = [rows.c[_name(place, m)] for place in range(len(spans)) for m in self._measures]
        whole = [func.sum(column).over() for column in sums]
        order = self._order({m: rows.c[_name(0, m)] for m in self._measures}, keys)
        found = self._session.execute(select(*keys, *sums, *whole).order_by(*order).limit(self._query.limit)).all()
        totals = found[0][len(keys) + len(sums) :] if found else [0] * len(sums)
        read = self._read(found, spans)
        return [self._tally(span, groups, self._named(totals, place)) for place, (span, groups) in enumerate(zip(spans, read, strict=True))]

    def _largest_of_each(self, parts: Sequence[Ledger], span: Span) -> tuple[Groups, Sums]:
        """The same where no group is in two parts: the largest of all are among the largest of each.

        A group for each month of each product is nearly every row there is. Windows would keep them all to sum them up, and took
        three times as long as summing the rows once more.
        """
        groups: Groups = {}
        totals = []
        for part in parts:
            grouped = self._grouped(part, self._dimensions, 0, 1)
            keys = list(grouped.selected_columns)[: len(self._dimensions)]
            largest = grouped.order_by(*self._order(part.measures, keys)).limit(self._query.limit)
            groups |= self._read(self._session.execute(largest), [span])[0]
            totals.append(self._session.execute(select(*(part.measures[m] for m in self._measures)).select_from(part.rows)).one())
        return groups, self._named([sum(column) for column in zip(*totals, strict=True)], 0)

    def _order(self, measures: Mapping[Measure, ColumnElement[Any]], keys: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        wanted: ColumnElement[Any] = number(self._metrics[0], measures)
        return [wanted.asc() if self._query.ascending else wanted.desc(), *(key.asc().nulls_last() for key in keys)]

    def _tally(self, span: Span, groups: Groups, total: Sums) -> Tally:
        return Tally(groups, {**total, **self._counted(span)})

    def _read(self, rows: Iterable[Any], spans: Sequence[Span]) -> list[Groups]:
        """The groups of each span. Time is told by its place in the first: only that one is read where time is a dimension."""
        places = [self._places(d, spans[0]) if is_time(d) else None for d in self._dimensions]
        width = len(places)
        groups: list[Groups] = [{} for _ in spans]
        for row in rows:
            key = tuple(value if place is None else place[value] for value, place in zip(row[:width], places, strict=True))
            for place, of_span in enumerate(groups):
                of_span[key] = self._named(row[width:], place)
        return groups

    def _named(self, sums: Sequence[Any], place: int) -> Sums:
        start = place * len(self._measures)
        return {measure: int(n) for measure, n in zip(self._measures, sums[start : start + len(self._measures)], strict=True)}

    def _places(self, dimension: Any, span: Span) -> dict[int, int]:
        return {bucket: place for place, bucket in enumerate(buckets(dimension, span, week_starts=self._shop.week_starts))}

    def _parts(self, span: Span) -> list[Ledger]:
        """Ledgers that together hold the span, none of it twice: whole months summed already, the days around them by line."""
        filters = self._query.filters
        if not self._lines:
            return [order_ledger(self._key, span, filters, self._by)]
        parts = split(span)
        if parts.months is not None and months_suffice(self._dimensions, filters, self._measures):
            days = [bare_line_ledger(self._key, part, filters, self._by) for part in parts.around]
            return [month_ledger(self._key, parts.months, filters), *days]
        # Counting different orders by vendor needs the lines themselves; sums can be taken by product first.
        by_description = self._described and "product" not in self._dimensions
        make = line_ledger if by_description and DIFFERING.intersection(self._measures) else bare_line_ledger
        return [make(self._key, span, filters, self._by)]

    def _apart(self, parts: Sequence[Ledger]) -> bool:
        """Whether no two of a span's parts share a group: its months are whole in one and begun in others."""
        return parts[0].by_month and "month" in self._dimensions and not self._described

    @property
    def _described(self) -> bool:
        return bool(DESCRIBED.intersection(self._dimensions))

    def _statement(self, spans: Sequence[Span]) -> Select[Any]:
        """One row for each group: its key (k0, k1, …), then the measures of each span (m0_gross, …, m1_gross, …)."""
        parts = [(place, part) for place, span in enumerate(spans) for part in self._parts(span)]
        if self._query.unsold:
            parts.append((0, catalogue_ledger(self._key, self._query.filters)))
        described = DESCRIBED.intersection(self._dimensions)
        by_product = any(d not in part.rows.c for _, part in parts for d in described)
        inner = ["product", *(d for d in self._dimensions if d != "product" and d not in DESCRIBED)] if by_product else self._dimensions
        grouped = [self._grouped(part, inner, place, len(spans)) for place, part in parts]
        if len(grouped) == 1 and not by_product:
            return grouped[0]
        united = union_all(*grouped).subquery("parts")
        if len(spans) == 1 and self._apart([part for _, part in parts]):
            return select(united)
        return self._merged(united, inner, by_product, len(spans))

    def _grouped(self, ledger: Ledger, dimensions: Sequence[Any], place: int, spans: int) -> Select[Any]:
        labels = [f"k{i}" for i in range(len(dimensions))]
        keys = [dimension_column(ledger, d, week_starts=self._shop.week_starts).label(label) for d, label in zip(dimensions, labels, strict=True)]
        sums = [(ledger.measures[m] if n == place else literal(0)).label(_name(n, m)) for n in range(spans) for m in self._measures]
        return select(*keys, *sums).select_from(ledger.rows).group_by(*labels)

    def _merged(self, inner: FromClause, dimensions: Sequence[Any], by_product: bool, spans: int) -> Select[Any]:
        """Sums by product out of the indexes, then by what those products are: 120 ms where joining each line took 900."""
        described = DESCRIBED.intersection(self._dimensions) if by_product else frozenset()
        rows = with_products(inner, self._key, inner.c.k0, described) if by_product else inner
        keys: list[ColumnElement[Any]] = [described_column(d) if d in described else inner.c[f"k{dimensions.index(d)}"] for d in self._dimensions]
        names = [_name(place, m) for place in range(spans) for m in self._measures]
        sums = [func.coalesce(func.sum(inner.c[name]), 0).label(name) for name in names]
        return select(*(key.label(f"k{i}") for i, key in enumerate(keys)), *sums).select_from(rows).group_by(*keys)

    def _counted(self, span: Span) -> dict[Measure, int]:
        """Totals of what differs: orders with two products are one order in the total."""
        needed = [m for m in self._measures if m in DIFFERING]
        if not needed:
            return {}
        filters = self._query.filters
        # Where no product is picked out, these are the orders that hold any: twenty-five times fewer rows to count them from.
        whole = not self._lines or ("refunds" not in self._measures and not needs_lines((), filters))
        undivided = By((), self._by.zone)
        ledger = (
            order_ledger(self._key, span, filters, undivided, with_products=self._lines)
            if whole
            else bare_line_ledger(self._key, span, filters, undivided)
        )
        row = self._session.execute(select(*(ledger.measures[m] for m in needed)).select_from(ledger.rows)).one()
        return {measure: int(value) for measure, value in zip(needed, row, strict=True)}


def _name(place: int, measure: Measure) -> str:
    return f"m{place}_{measure}"
