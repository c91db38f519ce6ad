"""Laws of figures: what a report says is what the lines say."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Invalid
from agent.sdk import METRICS, Filters, Money, Period, Query
from agent.sdk.figures import Dimension, Metric, Row
from agent.testing import store_figures
from agent.testing.store_spec import LineSpec, OrderSpec, ProductSpec, RefundSpec, ShopSpec, shops
from agent.testing.store_suite.laws import ALL_METRICS, DIMENSIONS, EVER, FEWER, GENEROUS, Laws, filters, periods
from agent.testing.store_suite.stock import AT, MUG, SHOP


class FigureLaws(Laws):
    @GENEROUS
    @given(data=st.data())
    def test_every_figure_equals_its_recomputation_from_the_lines(self, data: st.DataObject) -> None:
        spec = data.draw(shops())
        query = Query(
            metrics=data.draw(st.lists(st.sampled_from(ALL_METRICS), min_size=1, unique=True)),
            dimensions=data.draw(st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True)),
            period=data.draw(periods(ZoneInfo(spec.time_zone))),
            filters=data.draw(filters),
        )
        result = asyncio.run(self.stocked(spec).store.query(query))
        rows, total = store_figures.figures(spec, query)
        if len(query.dimensions) == 1 and query.dimensions[0] in store_figures.TIME_DIMENSIONS:
            nothing = store_figures.figures(replace(spec, orders=()), query)[1]
            rows = {(text,): rows.get((text,), nothing) for text in store_figures.buckets(query.dimensions[0], query.period, spec)}
        assert {tuple(row.keys[d] for d in query.dimensions): dict(row.values) for row in result.rows} == rows
        assert dict(result.total.values) == total

    @FEWER
    @given(spec=shops(), dimension=st.sampled_from(DIMENSIONS))
    def test_the_parts_sum_to_the_whole_whatever_the_dimension(self, spec: ShopSpec, dimension: Dimension) -> None:
        metrics = sorted(store_figures.ADDED_UP)
        query = Query(metrics=metrics, dimensions=[dimension], period=EVER)  # type: ignore[arg-type]  # a sorted set of Literals is a list of str
        result = asyncio.run(self.stocked(spec).store.query(query))
        for metric, whole in result.total.values.items():
            parts = [row.values[metric] for row in result.rows]
            start = Money.from_minor(0, spec.currency) if isinstance(whole, Money) else 0
            assert sum(parts, start) == whole, metric

    @FEWER
    @given(data=st.data())
    def test_the_other_period_is_matched_by_keys_and_by_place_in_time(self, data: st.DataObject) -> None:
        spec = data.draw(shops())
        zone, metric = ZoneInfo(spec.time_zone), data.draw(st.sampled_from(ALL_METRICS))
        dimension = data.draw(st.sampled_from(DIMENSIONS))
        query = Query(metrics=[metric], dimensions=[dimension], period=data.draw(periods(zone)), compare=data.draw(periods(zone)))
        assert query.compare is not None
        result = asyncio.run(self.stocked(spec).store.query(query))
        other = replace(query, period=query.compare, compare=None)
        rows, total = store_figures.figures(spec, other)
        nothing = store_figures.figures(replace(spec, orders=()), other)[1]
        if dimension in store_figures.TIME_DIMENSIONS:
            here, there = (store_figures.buckets(dimension, p, spec) for p in (query.period, query.compare))
            rows = {(here[n],): rows[(text,)] for n, text in enumerate(there[: len(here)]) if (text,) in rows}
        found = {(row.keys[dimension],): row.compared for row in result.rows}
        assert all(compared == rows.get(keys, nothing) for keys, compared in found.items())
        assert set(rows) <= set(found)
        assert result.total.compared == total

    def test_a_limit_keeps_the_largest_and_leaves_the_total_whole(self) -> None:
        orders = [OrderSpec(number=f"#{n}", at=AT, lines=[LineSpec(product=n, price=100 * (n + 1))]) for n in range(4)]
        store = self.stocked(ShopSpec(products=[ProductSpec(title=f"P{n}") for n in range(4)], orders=orders)).store
        query = Query(metrics=["gross_sales", "orders"], dimensions=["product"], period=EVER, limit=2)
        largest, smallest = (asyncio.run(store.query(replace(query, ascending=up))) for up in (False, True))
        assert [row.keys["product"] for row in largest.rows] == ["P3", "P2"]
        assert [row.keys["product"] for row in smallest.rows] == ["P0", "P1"]
        assert largest.total.values == {"gross_sales": Money.of("10.00", "EUR"), "orders": 4} == smallest.total.values

    @FEWER
    @given(data=st.data())
    def test_what_a_limit_keeps_is_the_head_of_the_whole_list(self, data: st.DataObject) -> None:
        spec = data.draw(shops())
        query = Query(
            metrics=data.draw(st.lists(st.sampled_from(ALL_METRICS), min_size=1, unique=True)),
            dimensions=data.draw(st.lists(st.sampled_from(DIMENSIONS), min_size=1, max_size=3, unique=True)),
            period=data.draw(periods(ZoneInfo(spec.time_zone))),
            compare=data.draw(st.one_of(st.none(), periods(ZoneInfo(spec.time_zone)))),
            ascending=data.draw(st.booleans()),
        )
        limit, store = data.draw(st.integers(1, 4)), self.stocked(spec).store
        whole, head = (asyncio.run(store.query(replace(query, limit=n))) for n in (None, limit))

        def amounts(rows: Sequence[Row]) -> list[Any]:
            return [m.amount if isinstance(m := row.values[query.metrics[0]], Money) else m for row in rows]

        assert amounts(head.rows) == sorted(amounts(whole.rows), reverse=not query.ascending)[:limit]
        assert all(row in whole.rows for row in head.rows)
        assert head.total == whole.total

    @FEWER
    @given(data=st.data())
    def test_what_sold_nothing_has_a_row_of_zeros_when_it_is_asked_for(self, data: st.DataObject) -> None:
        spec = data.draw(shops())
        spec = replace(spec, products=[replace(p, status=data.draw(st.sampled_from(("active", "draft")))) for p in spec.products])
        metrics: list[Metric] = data.draw(st.lists(st.sampled_from(ALL_METRICS), min_size=1, unique=True))
        dimension: Dimension = data.draw(st.sampled_from(("product", "vendor", "product_type")))
        query = Query(metrics=metrics, dimensions=[dimension], period=data.draw(periods(ZoneInfo(spec.time_zone))), ascending=True)
        query = replace(query, filters=data.draw(filters), compare=data.draw(st.one_of(st.none(), st.just(EVER))))
        limit, store = data.draw(st.integers(1, 3)), self.stocked(spec).store
        sold, whole, head = (
            asyncio.run(store.query(replace(query, unsold=unsold, limit=n))) for unsold, n in ((False, None), (True, None), (True, limit))
        )
        rows = {row.keys[dimension]: row for row in sold.rows}
        nothing = store_figures.figures(replace(spec, orders=()), replace(query, dimensions=()))[1]
        for name in {store_figures.name_of(product, dimension) for product in spec.products if store_figures.is_on_sale(product, query)}:
            zeros = Row(keys={dimension: name}, values=nothing, compared=None if query.compare is None else nothing)
            rows.setdefault(name, zeros)
        assert {row.keys[dimension]: (row.values, row.compared) for row in whole.rows} == {n: (r.values, r.compared) for n, r in rows.items()}
        assert all(row in whole.rows for row in head.rows)
        assert [row.values[metrics[0]] for row in head.rows] == [row.values[metrics[0]] for row in whole.rows[:limit]]
        assert sold.total == whole.total == head.total

    def test_what_did_not_sell_is_not_known_by_country(self) -> None:
        with pytest.raises(Invalid):
            asyncio.run(self.stocked(SHOP).store.query(Query(metrics=["units"], dimensions=["country"], period=EVER, unsold=True)))

    def test_postage_and_fees_are_never_products(self) -> None:
        lines = [LineSpec(product=0, price=1000), LineSpec(kind="shipping", price=90000), LineSpec(kind="fee", price=50000)]
        stocked = self.stocked(ShopSpec(prices_include_tax=False, products=[MUG], orders=[OrderSpec(number="#1", at=AT, lines=lines)]))
        query = Query(metrics=["total_sales", "shipping"], dimensions=["product"], period=EVER)
        by_product = asyncio.run(stocked.store.query(query))
        assert [dict(row.ids) for row in by_product.rows] == [{"product": stocked.ids["product"][0]}]
        assert by_product.total.values["total_sales"] == Money.of("10.00", "EUR")
        assert asyncio.run(stocked.store.query(replace(query, dimensions=()))).total.values["total_sales"] == Money.of("1410.00", "EUR")

    def test_returns_count_on_the_day_they_came_back(self) -> None:
        order = OrderSpec(
            number="#1", at=AT, lines=[LineSpec(product=0, price=1000)], refunds=[RefundSpec(at=AT + timedelta(days=30), lines=[(0, 1, 1000, 0)])]
        )
        store = self.stocked(ShopSpec(prices_include_tax=False, products=[MUG], orders=[order])).store
        result = asyncio.run(store.query(Query(metrics=["net_sales"], dimensions=["month"], period=EVER)))
        sold = {row.keys["month"]: row.values["net_sales"] for row in result.rows}
        assert (sold["2026-02"], sold["2026-03"]) == (Money.of(10, "EUR"), Money.of(-10, "EUR"))

    def test_an_answer_says_where_it_comes_from(self) -> None:
        store = self.stocked(SHOP).store
        period = Period(start=datetime(2026, 2, 1), end=datetime(2026, 3, 1), label="February")
        evidence = asyncio.run(store.query(Query(metrics=["net_sales"], period=period, filters=Filters(countries=["FR"])))).evidence
        assert (evidence.metric, evidence.definition) == ("net_sales", METRICS["net_sales"])
        assert (evidence.currency, evidence.time_zone, evidence.period) == ("EUR", "Europe/Berlin", period)
        assert evidence.filters == {"countries": ["FR"]}
        assert evidence.rows == 2, "one order and one refund"
        assert "2026-02-01" in evidence.query and "2026-02-28" in evidence.query and "FR" in evidence.query

    def test_a_period_without_time_in_it_is_refused(self) -> None:
        store = self.stocked(ShopSpec()).store
        with pytest.raises(Invalid):
            asyncio.run(store.query(Query(metrics=["orders"], period=Period(start=AT, end=AT))))
        with pytest.raises(Invalid):
            asyncio.run(store.query(Query(metrics=[], period=EVER)))
