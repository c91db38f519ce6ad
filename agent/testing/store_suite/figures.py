"""Laws of figures: what a report says is what the lines say."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Invalid
from agent.sdk import METRICS, Filters, Money, Period, Query
from agent.sdk.figures import OVERLAPPING, WEEKDAYS, Dimension, Metric, Row
from agent.testing import store_figures
from agent.testing.store_spec import CustomerSpec, LineSpec, OrderSpec, ProductSpec, RefundSpec, ShopSpec, shops
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
        elif len(query.dimensions) == 1 and query.dimensions[0] in store_figures.ROUNDS:
            nothing = store_figures.figures(replace(spec, orders=()), query)[1]
            rows = {(text,): rows.get((text,), nothing) for text in store_figures.ROUNDS[query.dimensions[0]]}
        assert {tuple(row.keys[d] for d in query.dimensions): dict(row.values) for row in result.rows} == rows
        assert dict(result.total.values) == total

    @FEWER
    @given(spec=shops(), dimension=st.sampled_from([d for d in DIMENSIONS if d not in OVERLAPPING]))
    def test_the_parts_sum_to_the_whole_whatever_the_dimension(self, spec: ShopSpec, dimension: Dimension) -> None:
        metrics = sorted(store_figures.ADDED_UP)
        query = Query(metrics=metrics, dimensions=[dimension], period=EVER)  # type: ignore[arg-type]  # a sorted set of Literals is a list of str
        result = asyncio.run(self.stocked(spec).store.query(query))
        for metric, whole in result.total.values.items():
            parts: list[Any] = [row.values[metric] for row in result.rows]
            start: Any = Money.from_minor(0, spec.currency) if isinstance(whole, Money) else 0
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

        rated = sorted((figure for figure in amounts(whole.rows) if figure is not None), reverse=not query.ascending)
        assert amounts(head.rows) == [*rated, *[None] * (len(whole.rows) - len(rated))][:limit]
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

    def test_where_nothing_was_sold_there_is_no_return_rate_and_what_has_none_comes_last(self) -> None:
        kept, back, unsold = (ProductSpec(title=title) for title in ("Kept", "Back", "Unsold"))
        sold = [LineSpec(product=0, quantity=10, price=1000), LineSpec(product=1, quantity=4, price=1000)]
        later = AT + timedelta(days=40)
        refund = RefundSpec(at=later, lines=[(1, 1, 1000, 0)])
        orders = [
            OrderSpec(number="#1", at=AT, lines=sold, refunds=[refund]),
            OrderSpec(number="#2", at=later, lines=[LineSpec(product=0, quantity=3, price=1000)]),
        ]
        store = self.stocked(ShopSpec(products=[kept, back, unsold], orders=orders)).store
        month = Period(start=later - timedelta(days=1), end=later + timedelta(days=1))
        query = Query(metrics=["return_rate", "units_returned"], dimensions=["product"], period=EVER, compare=month)
        for ascending, first in (
            (False, [("Back", Decimal("25.0"), None), ("Kept", Decimal(0), Decimal(0))]),
            (True, [("Kept", 0, 0), ("Back", 25, None)]),
        ):
            result = asyncio.run(store.query(replace(query, ascending=ascending, unsold=True)))
            told = [(row.keys["product"], row.values["return_rate"], (row.compared or {})["return_rate"]) for row in result.rows]
            assert told == [*first, ("Unsold", None, None)]
        none = asyncio.run(store.query(replace(query, dimensions=(), period=month.model_copy(update={"end": later}), compare=EVER))).total
        assert (none.values["return_rate"], (none.compared or {})["return_rate"]) == (None, Decimal("5.9"))

    def test_of_no_orders_there_is_no_average(self) -> None:
        order = OrderSpec(number="#1", at=AT, lines=[LineSpec(product=0, price=1000)])
        store = self.stocked(ShopSpec(products=[ProductSpec(title="Mug")], orders=[order])).store
        before = Period(start=AT - timedelta(days=9), end=AT - timedelta(days=1))
        total = asyncio.run(store.query(Query(metrics=["average_order_value", "orders"], period=before, compare=EVER))).total
        assert dict(total.values) == {"average_order_value": None, "orders": 0}
        assert total.compared is not None and str(total.compared["average_order_value"]) != "0"

    def test_a_product_in_two_collections_counts_in_each_and_once_in_the_total(self) -> None:
        both = ProductSpec(title="Mug", collections=["Summer", "Sale"], tags=["eco", "new"])
        order = OrderSpec(number="#1", at=AT, lines=[LineSpec(product=0, price=1000, quantity=2), LineSpec(product=1, price=300)])
        store = self.stocked(ShopSpec(prices_include_tax=False, products=[both, ProductSpec(title="Bowl")], orders=[order])).store
        for dimension, keys in (("collection", ["Summer", "Sale", "(in no collection)"]), ("tag", ["eco", "new", "(no tag)"])):
            query = Query(metrics=["net_sales", "orders"], dimensions=[dimension], period=EVER)  # type: ignore[list-item]  # one of two Literals
            for limit in (None, 10):
                result = asyncio.run(store.query(replace(query, limit=limit)))
                found = {row.keys[dimension]: row.values["net_sales"] for row in result.rows}  # type: ignore[index]
                assert found == dict(zip(keys, [Money.of(20, "EUR"), Money.of(20, "EUR"), Money.of(3, "EUR")], strict=True))
                assert dict(result.total.values) == {"net_sales": Money.of(23, "EUR"), "orders": 1}
            assert f"two {dimension}s" in result.evidence.definition

    def test_a_later_order_is_of_a_customer_who_returns_and_a_cancelled_one_is_no_first(self) -> None:
        line = [LineSpec(product=0, price=1000)]
        orders = [
            OrderSpec(number="#1", at=AT, customer=0, cancelled=True, lines=line),
            OrderSpec(number="#2", at=AT + timedelta(days=1), customer=0, lines=line),
            OrderSpec(number="#3", at=AT + timedelta(days=2), customer=0, lines=line),
            OrderSpec(number="#4", at=AT + timedelta(days=3), lines=line),
        ]
        store = self.stocked(ShopSpec(products=[MUG], customers=[CustomerSpec(name="Ann")], orders=orders)).store
        result = asyncio.run(store.query(Query(metrics=["orders"], dimensions=["customer_kind"], period=EVER)))
        assert {row.keys["customer_kind"]: row.values["orders"] for row in result.rows} == {"new": 1, "returning": 1, "(no customer)": 1}

    def test_an_hour_is_the_shops_own_before_and_after_its_clocks_change(self) -> None:
        zone = ZoneInfo("Europe/Berlin")
        at = [datetime(2026, 3, 28, 9, 59, tzinfo=zone), datetime(2026, 3, 29, 1, 59, tzinfo=zone), datetime(2026, 3, 29, 3, 0, tzinfo=zone)]
        orders = [OrderSpec(number=f"#{n}", at=one, lines=[LineSpec(product=0, price=1000)]) for n, one in enumerate(at)]
        store = self.stocked(ShopSpec(products=[MUG], orders=orders)).store
        for dimensions in (["hour"], ["product", "hour"]):
            result = asyncio.run(store.query(Query(metrics=["orders"], dimensions=dimensions, period=EVER)))  # type: ignore[arg-type]
            assert [row.keys["hour"] for row in result.rows if row.values["orders"]] == ["01:00", "03:00", "09:00"]

    @pytest.mark.parametrize(("week_starts", "first"), [("monday", "Monday"), ("sunday", "Sunday")])
    def test_weekdays_come_in_the_order_of_the_shops_week(self, week_starts: str, first: str) -> None:
        store = self.stocked(ShopSpec(week_starts=week_starts)).store  # type: ignore[arg-type]  # one of two Literals
        result = asyncio.run(store.query(Query(metrics=["orders"], dimensions=["weekday"], period=EVER)))
        days = [row.keys["weekday"] for row in result.rows]
        assert days[0] == first and sorted(days) == sorted(day.capitalize() for day in WEEKDAYS)

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
