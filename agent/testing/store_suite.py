"""What every store must do. Subclass `StoreSuite` in a test module, say in `stocked` how a store is filled, and pytest runs it all.

    class TestMyStore(StoreSuite):
        def stocked(self, spec: ShopSpec) -> Stocked:
            return ...

The laws of figures hold the store against `agent.testing.store_figures`, which recomputes them one fact after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import Invalid, NotFound, Stale, StoreRefused
from agent.records.changes import Written
from agent.records.writes import WritableStore
from agent.sdk import (
    METRICS,
    Action,
    Between,
    Change,
    CustomerWhere,
    Filters,
    Money,
    OrderWhere,
    Page,
    Period,
    Query,
    ReviewWhere,
    Selection,
    Sizes,
    Target,
    Untrusted,
    Where,
)
from agent.sdk.store import Customer, Dimension, Metric, Order, Product, Row
from agent.testing import store_figures
from agent.testing.store_spec import (
    DAYS,
    START,
    CustomerSpec,
    LineSpec,
    OrderSpec,
    ProductSpec,
    RefundSpec,
    ReviewSpec,
    ShopSpec,
    Stocked,
    VariantSpec,
    shops,
)

ALL_METRICS: Sequence[Metric] = tuple(METRICS)
DIMENSIONS: Sequence[Dimension] = (
    "product", "variant", "product_type", "vendor", "channel", "country", "city", "day", "week", "month", "quarter", "year",
)  # fmt: skip
AT = datetime(2026, 2, 3, 12, tzinfo=UTC)
EVER = Period(start=START - timedelta(days=2), end=START + timedelta(days=DAYS + 60))
GENEROUS = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors])
FEWER = settings(GENEROUS, max_examples=15)

MUG = ProductSpec(
    title="Blue Mug", vendor="Acme", product_type="Mugs", description="Holds tea.", tags=["gift", "New"], collections=["Kitchen"],
    variants=[VariantSpec(price=1250, cost=400, sku="MUG-1", stock=7)],
)  # fmt: skip
DRESS = ProductSpec(
    title="Linen Dress", vendor="Dune", product_type="Dresses", status="draft", tags=["linen"], collections=["Summer", "Kitchen"],
    options=[("Colour", ["Blue", "Sand"]), ("Size", ["S", "M", "L"])],
    variants=[
        *(VariantSpec(options=["Blue", size], price=7900, stock=n) for n, size in enumerate(("S", "M", "L"))),
        VariantSpec(options=["Sand", "L"], price=6900, stock=5),
    ],
)  # fmt: skip
CARD = ProductSpec(title="Gift Card", product_type="Cards", variants=[VariantSpec(price=2500, stock=None)])
SHOP = ShopSpec(
    locations=["Main", "Annex"],
    products=[MUG, DRESS, CARD],
    customers=[
        CustomerSpec(name="Anna Schmidt", email="anna@example.org", country="DE", city="Berlin", tags=["vip"], accepts_marketing=True),
        CustomerSpec(name="Bernard Lacroix", country="FR", city="Lyon"),
        CustomerSpec(name="Clara Never"),
    ],
    orders=[
        OrderSpec(
            number="#1001", at=AT, customer=0, country="DE", city="Berlin", note="Ring twice", tags=["gift"], tracking="TR1",
            lines=[LineSpec(product=0, quantity=2, price=1250, tax=399), LineSpec(kind="shipping", price=490, tax=78)],
        ),
        OrderSpec(
            number="#1002", at=AT + timedelta(days=10), customer=1, country="FR", city="Lyon", channel="Instagram", payment="partially_refunded",
            fulfilment="unfulfilled",
            lines=[LineSpec(product=1, variant=1, price=7900, discount=900, tax=1118), LineSpec(product=0, price=1250, tax=200)],
            refunds=[RefundSpec(at=AT + timedelta(days=12), lines=[(0, 1, 5882, 1118)])],
        ),
        OrderSpec(number="#1003", at=AT + timedelta(days=11), customer=0, cancelled=True, lines=[LineSpec(product=2, price=2500)]),
    ],
    reviews=[
        ReviewSpec(product=0, rating=5, body="Lovely glaze, quick shipping", at=AT + timedelta(days=20), author="Anna"),
        ReviewSpec(product=0, rating=2, body="Arrived chipped", at=AT + timedelta(days=21), status="pending"),
        ReviewSpec(product=1, rating=4, body="Airy", title="Summer!", at=AT + timedelta(days=22)),
    ],
)  # fmt: skip


def inverse(change: Change, written: Written) -> Change:
    """The change that puts back what was written."""
    target = replace(change.target, id=written.target_id)
    match change.op:
        case "create":
            return Change.delete(target, written.after)
        case "delete":
            return Change.create(target.kind, target.label, written.before)
        case "add":
            return Change.add(target, change.field or "", before=written.after, delta=written.before - written.after)
        case "set":
            return Change.set(target, change.field or "", before=written.after, after=written.before)


async def every(page_after: Callable[[str | None], Awaitable[Page[Any]]]) -> list[Any]:
    """All items of a list, page after page."""
    page = await page_after(None)
    found = list(page.items)
    while page.next:
        page = await page_after(page.next)
        found += page.items
    return found


def periods(zone: ZoneInfo) -> st.SearchStrategy[Period]:
    """Whole days of the shop mostly, now and then with an hour in the middle of a day."""
    start = st.integers(-3, DAYS)
    return st.builds(
        lambda first, days, hour, end_hour: Period(
            start=(START.replace(tzinfo=None) + timedelta(days=first, hours=hour)).replace(tzinfo=zone),
            end=(START.replace(tzinfo=None) + timedelta(days=first + days, hours=end_hour)).replace(tzinfo=zone),
        ),
        start, st.integers(1, 60), st.sampled_from((0, 0, 0, 9)), st.sampled_from((0, 0, 0, 16)),
    )  # fmt: skip


filters = st.builds(
    Filters,
    channels=st.sampled_from((None, None, ["online store"], ["Instagram", "Point of Sale"])),
    countries=st.sampled_from((None, None, ["DE"], ["FR", "NL"])),
    cities=st.sampled_from((None, None, ["århus"], ["Berlin"])),
    vendors=st.sampled_from((None, None, None, ["Acme"])),
    product_types=st.sampled_from((None, None, None, ["Mugs"])),
)


class StoreSuite:
    """The laws. Each test fills shops of its own."""

    def stocked(self, spec: ShopSpec) -> Stocked:
        """A new shop that holds what the spec says, beside whatever other shops there are."""
        raise NotImplementedError

    # Figures

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

    # Lists

    @FEWER
    @given(before=st.integers(0, 7), size=st.integers(1, 4), after=st.lists(st.text("abz", min_size=1, max_size=3), max_size=4))
    def test_pages_neither_repeat_nor_hide_what_was_there_when_rows_come_meanwhile(self, before: int, size: int, after: list[str]) -> None:
        spec = ShopSpec(
            products=[ProductSpec(title="pqr"[n % 3]) for n in range(before)],
            customers=[CustomerSpec(name="pqr"[n % 3]) for n in range(before)],
            orders=[OrderSpec(number=f"#{n}", at=AT + timedelta(days=n % 3)) for n in range(before)],
        )
        newer = ShopSpec(
            products=[ProductSpec(title=title) for title in after],
            customers=[CustomerSpec(name=title) for title in after],
            orders=[OrderSpec(number=f"#new {n}", at=AT + timedelta(days=n)) for n in range(len(after))],
        )
        stocked = self.stocked(spec)
        store, old = stocked.store, {kind: list(stocked.ids[kind]) for kind in ("product", "customer", "order")}
        lists: Mapping[str, Callable[[str | None], Awaitable[Page[Any]]]] = {
            "product": lambda cursor: store.products(limit=size, cursor=cursor),
            "customer": lambda cursor: store.customers(CustomerWhere(sort="name"), limit=size, cursor=cursor),
            "order": lambda cursor: store.orders(limit=size, cursor=cursor),
        }
        firsts = {kind: asyncio.run(_page(page_after)) for kind, page_after in lists.items()}
        stocked.more(newer)
        for kind, page_after in lists.items():
            first = firsts[kind]
            rest = asyncio.run(_rest(page_after, first)) if first.next else []
            seen = [record.id for record in [*first.items, *rest]]
            assert len(seen) == len(set(seen))
            assert set(old[kind]) <= set(seen)

    @FEWER
    @given(spec=shops(most_orders=5), sort=st.sampled_from(("spent", "orders", "recent", "name")), size=st.integers(1, 3))
    def test_every_order_of_customers_pages_as_it_lists(self, spec: ShopSpec, sort: Any, size: int) -> None:
        store, where = self.stocked(spec).store, CustomerWhere(sort=sort)
        whole = asyncio.run(store.customers(where))
        paged = asyncio.run(every(lambda cursor: store.customers(where, limit=size, cursor=cursor)))
        assert [c.id for c in paged] == [c.id for c in whole.items]
        assert len(paged) == asyncio.run(store.count_customers(where)) == len(spec.customers)

    @FEWER
    @given(data=st.data())
    def test_customers_are_those_whose_orders_meet_every_condition(self, data: st.DataObject) -> None:
        spec = data.draw(shops())
        zone = ZoneInfo(spec.time_zone)
        where = CustomerWhere(
            spent=data.draw(st.one_of(st.none(), st.builds(lambda n: Between(above=Money.from_minor(n, spec.currency)), st.integers(-100, 4000)))),
            orders=data.draw(st.one_of(st.none(), st.builds(lambda n: Between(at_least=n), st.integers(0, 2)))),
            period=data.draw(st.one_of(st.none(), periods(zone))),
            last_order=data.draw(st.one_of(st.none(), periods(zone))),
            no_order_since=data.draw(st.one_of(st.none(), st.builds(lambda n: START + timedelta(days=n), st.integers(0, DAYS)))),
            countries=data.draw(st.sampled_from((None, None, ["de"], ["FR", "NL"]))),
            tags=data.draw(st.sampled_from((None, None, ["VIP"], ["vip", "wholesale"]))),
            accepts_marketing=data.draw(st.sampled_from((None, None, True, False))),
            sort="name",
        )
        bought = data.draw(st.one_of(st.none(), st.integers(0, len(spec.products) - 1)))
        stocked = self.stocked(spec)
        where = where if bought is None else replace(where, bought=[stocked.ids["product"][bought]])
        found = asyncio.run(stocked.store.customers(where))
        expected = [id for n, id in enumerate(stocked.ids["customer"]) if _meets(spec, n, where, bought)]
        assert sorted(c.id for c in found.items) == sorted(expected)
        assert asyncio.run(stocked.store.count_customers(where)) == len(expected)

    @pytest.mark.parametrize(
        ("where", "titles"),
        [
            (Where(), ["Blue Mug", "Gift Card", "Linen Dress"]),
            (Where(everything=True), ["Blue Mug", "Gift Card", "Linen Dress"]),
            (Where(text="linen"), ["Linen Dress"]),
            (Where(text="mug blue"), ["Blue Mug"]),
            (Where(options={"colour": ["blue"]}), ["Linen Dress"]),
            (Where(options={"Colour": ["Sand"], "Size": ["S"]}), []),
            (Where(sizes=Sizes(option="Size", at_least="M")), ["Linen Dress"]),
            (Where(sizes=Sizes(option="Size", at_least="XL")), []),
            (Where(tags=["NEW"]), ["Blue Mug"]),
            (Where(tags=["gift", "linen"]), []),
            (Where(vendor="acme"), ["Blue Mug"]),
            (Where(product_type="dresses"), ["Linen Dress"]),
            (Where(collection="kitchen"), ["Blue Mug", "Linen Dress"]),
            (Where(status="draft"), ["Linen Dress"]),
            (Where(price=Between(above=Money.of(25, "EUR"))), ["Linen Dress"]),
            (Where(price=Between(at_least=Money.of(25, "EUR"), at_most=Money.of(70, "EUR"))), ["Gift Card", "Linen Dress"]),
            (Where(stock=Between(at_most=0)), ["Linen Dress"]),
            (Where(stock=Between(at_least=7)), ["Blue Mug"]),
            (Where(vendor="Acme", status="draft"), []),
        ],
    )
    def test_products_are_those_that_meet_the_predicate(self, where: Where, titles: list[str]) -> None:
        page = asyncio.run(self.stocked(SHOP).store.products(where))
        assert [product.title for product in page.items] == titles

    def test_a_product_is_read_whole(self) -> None:
        stocked = self.stocked(SHOP)
        dress = asyncio.run(stocked.store.product(stocked.ids["product"][1]))
        assert dress.options == {"Colour": ("Blue", "Sand"), "Size": ("S", "M", "L")}
        assert [v.title for v in dress.variants] == ["Blue / S", "Blue / M", "Blue / L", "Sand / L"]
        assert [v.on_hand for v in dress.variants] == [0, 1, 2, 5]
        assert (dress.tags, set(dress.collections), dress.status) == (("linen",), {"Summer", "Kitchen"}, "draft")
        mug = asyncio.run(stocked.store.product(stocked.ids["product"][0]))
        assert mug.description == Untrusted("Holds tea.", source="product text", record=mug.id)
        assert (mug.variants[0].price, mug.variants[0].cost, mug.variants[0].sku) == (Money.of("12.50", "EUR"), Money.of(4, "EUR"), "MUG-1")
        card = asyncio.run(stocked.store.product(stocked.ids["product"][2]))
        assert (card.variants[0].tracked, card.variants[0].stock) == (False, {})
        with pytest.raises(NotFound):
            asyncio.run(stocked.store.product("nothing"))

    def test_a_selection_is_answered_in_its_own_order_without_what_is_unknown(self) -> None:
        stocked = self.stocked(SHOP)
        store, (mug, dress, card), variants = stocked.store, stocked.ids["product"], stocked.ids["variant"]
        chosen: Selection[Product] = Selection(ids=(card, "nothing", mug, dress))
        assert [p.id for p in asyncio.run(every(lambda cursor: store.products(chosen, limit=2, cursor=cursor)))] == [card, mug, dress]
        mixed = asyncio.run(store.variants(Selection(ids=(variants[3], mug, dress, "nothing"))))
        assert [v.id for v in mixed] == [variants[3], variants[0], variants[1], variants[2], variants[4]]
        people: Selection[Customer] = Selection(ids=(stocked.ids["customer"][1], stocked.ids["customer"][0]))
        assert [c.name for c in asyncio.run(store.customers(people)).items] == ["Bernard Lacroix", "Anna Schmidt"]
        placed: Selection[Order] = Selection(ids=(stocked.ids["order"][0], "nothing", stocked.ids["order"][2]))
        assert [o.number for o in asyncio.run(store.orders(placed)).items] == ["#1001", "#1003"]

    def test_any_number_of_ids_may_be_asked_for(self) -> None:
        stocked = self.stocked(SHOP)
        store, ids = stocked.store, stocked.ids
        unknown = [f"{id.rpartition('_')[0]}_{n}" for id in (ids["customer"][0], ids["variant"][0]) for n in range(10**9, 10**9 + 40_000)]
        people = [*unknown, *ids["customer"]]
        assert asyncio.run(store.count_customers(CustomerWhere(ids=people))) == 3
        assert asyncio.run(store.query(Query(metrics=["orders"], period=EVER, filters=Filters(customers=people)))).total.values == {"orders": 2}
        found = asyncio.run(store.variants(Selection(ids=(*unknown, *ids["variant"]))))
        assert [v.id for v in found] == list(ids["variant"])

    def test_an_order_is_read_whole(self) -> None:
        first, second = (asyncio.run(self.stocked(SHOP).store.orders(OrderWhere(numbers=[n]))).items[0] for n in ("1001", "#1002"))
        assert (first.subtotal, first.shipping, first.total) == tuple(Money.of(m, "EUR") for m in ("25.00", "4.90", "29.90"))
        assert (first.tax, first.tracking, first.tags, first.customer_name) == (Money.of("4.77", "EUR"), ("TR1",), ("gift",), "Anna Schmidt")
        assert first.note is not None and first.note.value == "Ring twice"
        assert [line.kind for line in first.lines] == ["product", "shipping"]
        assert (second.discount, second.refunded) == (Money.of(9, "EUR"), Money.of(70, "EUR"))
        assert [line.refunded_quantity for line in second.lines] == [1, 0]

    @pytest.mark.parametrize(
        ("where", "numbers"),
        [
            (OrderWhere(), ["#1003", "#1002", "#1001"]),
            (OrderWhere(sort="oldest"), ["#1001", "#1002", "#1003"]),
            (OrderWhere(sort="total"), ["#1002", "#1001", "#1003"]),
            (OrderWhere(countries=["fr"]), ["#1002"]),
            (OrderWhere(cities=["berlin"]), ["#1001"]),
            (OrderWhere(channels=["instagram"]), ["#1002"]),
            (OrderWhere(fulfilment=["unfulfilled"]), ["#1002"]),
            (OrderWhere(payment=["paid"]), ["#1003", "#1001"]),
            (OrderWhere(tags=["Gift"]), ["#1001"]),
            (OrderWhere(total=Between(above=Money.of(50, "EUR"))), ["#1002"]),
            (OrderWhere(placed=Period(start=AT + timedelta(days=10), end=AT + timedelta(days=10, seconds=1))), ["#1002"]),
            (OrderWhere(numbers=["1001", "#1003"]), ["#1003", "#1001"]),
            (OrderWhere(cancelled=True), ["#1003"]),
            (OrderWhere(cancelled=False), ["#1002", "#1001"]),
        ],
    )
    def test_orders_are_those_that_meet_the_conditions(self, where: OrderWhere, numbers: list[str]) -> None:
        store = self.stocked(SHOP).store
        assert [order.number for order in asyncio.run(store.orders(where)).items] == numbers
        assert asyncio.run(store.count_orders(where)) == len(numbers)

    def test_orders_are_found_by_customer_and_product(self) -> None:
        stocked = self.stocked(SHOP)
        store, (mug, _, card) = stocked.store, stocked.ids["product"]
        assert [o.number for o in asyncio.run(store.orders(OrderWhere(customers=[stocked.ids["customer"][0]]))).items] == ["#1003", "#1001"]
        assert [o.number for o in asyncio.run(store.orders(OrderWhere(products=[mug]))).items] == ["#1002", "#1001"]
        assert [o.number for o in asyncio.run(store.orders(OrderWhere(products=[card]))).items] == ["#1003"], "also a cancelled one"

    def test_reviews_come_newest_first_as_untrusted_text(self) -> None:
        stocked = self.stocked(SHOP)
        store, mug = stocked.store, stocked.ids["product"][0]

        def bodies(where: ReviewWhere) -> list[str]:
            return [r.body.value for r in asyncio.run(every(lambda cursor: store.reviews(where, limit=1, cursor=cursor)))]

        assert bodies(ReviewWhere()) == ["Airy", "Arrived chipped", "Lovely glaze, quick shipping"]
        assert bodies(ReviewWhere(products=[mug], status=["published"])) == ["Lovely glaze, quick shipping"]
        assert bodies(ReviewWhere(rating=Between(at_most=3))) == ["Arrived chipped"]
        assert bodies(ReviewWhere(text="SUMMER")) == ["Airy"]
        assert bodies(ReviewWhere(text="100%")) == []
        assert bodies(ReviewWhere(written=Period(start=AT + timedelta(days=21), end=AT + timedelta(days=22)))) == ["Arrived chipped"]
        with pytest.raises(TypeError):
            f"{asyncio.run(store.reviews()).items[0].body}"

    def test_a_cursor_of_another_list_is_refused(self) -> None:
        store = self.stocked(SHOP).store
        cursor = asyncio.run(store.products(limit=1)).next
        for wrong in (cursor, "", "x", "bm8", "W10", "é"):
            if wrong:
                with pytest.raises(Invalid):
                    asyncio.run(store.orders(cursor=wrong))

    def test_amounts_in_another_currency_are_refused(self) -> None:
        store = self.stocked(SHOP).store
        dollars: Between[Money] = Between(above=Money.of(5, "USD"))
        with pytest.raises(Invalid):
            asyncio.run(store.customers(CustomerWhere(spent=dollars)))
        with pytest.raises(Invalid):
            asyncio.run(store.products(Where(price=dollars)))

    # Names

    def test_the_vocabulary_holds_everything_called_by_name_and_its_version_moves_with_it(self) -> None:
        stocked = self.stocked(SHOP)
        store, mug = stocked.store, stocked.ids["product"][0]
        said = {(m.kind, m.label, m.option) for m in asyncio.run(store.vocabulary())}
        assert {
            ("product", "Blue Mug", None), ("collection", "Summer", None), ("tag", "gift", None), ("tag", "vip", None), ("vendor", "Dune", None),
            ("product_type", "Mugs", None), ("option", "Blue", "Colour"), ("option", "M", "Size"),
        } <= said  # fmt: skip
        version = store.vocabulary_version
        asyncio.run(store.write(Change.set(Target("product", mug, "Blue Mug"), "description", before="Holds tea.", after="Holds soup."), key="a"))
        assert store.vocabulary_version == version
        asyncio.run(store.write(Change.set(Target("product", mug, "Blue Mug"), "title", before="Blue Mug", after="Ocean Mug"), key="b"))
        assert store.vocabulary_version != version
        assert ("product", mug) in {(m.kind, m.id) for m in asyncio.run(store.vocabulary()) if m.label == "Ocean Mug"}

    def test_customers_and_orders_are_found_by_what_they_are_called(self) -> None:
        stocked = self.stocked(SHOP)
        store, (anna, bernard, _) = stocked.store, stocked.ids["customer"]
        for text in ("Anna Schmidt", "anna", "schmidt", "ANNA@example.org", "Ana Schmit"):
            assert asyncio.run(store.named("customer", text))[0].id == anna, text
        assert asyncio.run(store.named("customer", "lacroix"))[0].id == bernard
        for text in ("1001", "#1001"):
            assert [m.id for m in asyncio.run(store.named("order", text))] == [stocked.ids["order"][0]]
        assert [m.id for m in asyncio.run(store.named("variant", "mug-1"))] == [stocked.ids["variant"][0]]
        for kind in ("customer", "order", "variant"):
            assert asyncio.run(store.named(kind, "Zxqv 99")) == []
            assert asyncio.run(store.named(kind, "  ")) == []

    def test_locations_begin_with_the_default(self) -> None:
        assert list(asyncio.run(self.stocked(SHOP).store.locations()).values()) == ["Main", "Annex"]

    # Writing

    def test_a_write_is_done_once_however_often_its_key_comes(self) -> None:
        for name, change in _changes(self.stocked(SHOP)).items():
            stocked = self.stocked(SHOP)
            change = _changes(stocked)[name]
            first = asyncio.run(stocked.store.write(change, key="k"))
            state = _state(stocked.store, change, first)
            again = asyncio.run(stocked.store.write(change, key="k"))
            assert again == replace(first, replayed=True), name
            assert _state(stocked.store, change, first) == state, name
            assert not first.replayed

    def test_the_same_key_with_another_change_is_refused(self) -> None:
        stocked = self.stocked(SHOP)
        changes = _changes(stocked)
        asyncio.run(stocked.store.write(changes["price"], key="k"))
        with pytest.raises(StoreRefused):
            asyncio.run(stocked.store.write(changes["title"], key="k"))

    def test_the_inverse_of_a_write_restores_what_was(self) -> None:
        for name in _changes(self.stocked(SHOP)):
            stocked = self.stocked(SHOP)
            store, change = stocked.store, _changes(stocked)[name]
            before = asyncio.run(store.current(change.target, change.field)) if change.op != "create" else None
            written = asyncio.run(store.write(change, key="there"))
            back = asyncio.run(store.write(inverse(change, written), key="and back"))
            target = replace(change.target, id=back.target_id)
            assert asyncio.run(store.current(target, change.field)) == before, name

    def test_what_changed_since_it_was_read_is_left_alone(self) -> None:
        stocked = self.stocked(SHOP)
        store = stocked.store
        for name, change in _changes(stocked).items():
            if change.op != "set":
                continue
            asyncio.run(store.write(change, key=name))
            with pytest.raises(Stale):
                asyncio.run(store.write(change, key=f"{name} again"))
            assert asyncio.run(store.current(change.target, change.field)) == change.after, name

    def test_a_failed_write_leaves_nothing_behind_and_its_key_free(self) -> None:
        stocked = self.stocked(SHOP)
        store, price = stocked.store, _changes(stocked)["price"]
        with pytest.raises(StoreRefused):
            asyncio.run(store.write(replace(price, after=Money.of(-1, "EUR")), key="k"))
        assert asyncio.run(store.current(price.target, "price")) == price.before
        assert not asyncio.run(store.write(price, key="k")).replayed

    def test_what_a_field_cannot_be_is_refused_with_a_sentence(self) -> None:
        stocked = self.stocked(SHOP)
        mug, product = Target("variant", stocked.ids["variant"][0], "Blue Mug"), Target("product", stocked.ids["product"][0], "Blue Mug")
        main = list(asyncio.run(stocked.store.locations()))[0]
        card = Target("variant", stocked.ids["variant"][-1], "Gift Card")
        price = Money.of("12.50", "EUR")
        refused = [
            Change.set(mug, "price", before=price, after=Money.of("-0.01", "EUR")),
            Change.set(mug, "price", before=price, after=Money.of(5, "USD")),
            Change.set(mug, "price", before=price, after=None),
            Change.set(mug, "price", before=price, after="5"),
            Change.set(mug, "colour", before=None, after="red"),
            Change.set(mug, f"stock:{main}", before=7, after=-1),
            Change.set(mug, "stock:nowhere", before=0, after=1),
            Change.add(mug, f"stock:{main}", before=7, delta=-8),
            Change.add(mug, "price", before=7, delta=1),
            Change.set(card, f"stock:{main}", before=0, after=1),
            Change.set(product, "title", before="Blue Mug", after="  "),
            Change.set(product, "title", before="Blue Mug", after="two\nlines"),
            Change.set(product, "status", before="active", after="gone"),
            Change.set(product, "tags", before=["gift", "New"], after=["a", "A"]),
            Change.set(product, "tags", before=["gift", "New"], after=["a,b"]),
            Change.set(product, "tags", before=["gift", "New"], after="gift"),
            Change.create("product", "New", {"title": "New"}),
            Change.delete(product, {}),
            *(Change.create("discount", "X", fields) for fields in _wrong_discounts(stocked)),
        ]
        for number, change in enumerate(refused):
            with pytest.raises(StoreRefused) as caught:
                asyncio.run(stocked.store.write(change, key=str(number)))
            assert str(caught.value).endswith("."), change
        with pytest.raises(StoreRefused):
            asyncio.run(stocked.store.act(Action(kind="teleport", target=mug, params={}), key="a"))

    def test_what_is_not_there_cannot_be_written(self) -> None:
        store = self.stocked(ShopSpec()).store
        for change in (
            Change.set(Target("product", "nothing", "?"), "title", before="a", after="b"),
            Change.add(Target("variant", "v_999999999", "?"), "stock:loc_1", before=0, delta=1),
            Change.delete(Target("discount", "nothing", "?"), {}),
        ):
            with pytest.raises(NotFound):
                asyncio.run(store.write(change, key="k"))
            assert asyncio.run(store.current(change.target, change.field)) is None

    def test_a_version_moves_with_every_write(self) -> None:
        stocked = self.stocked(SHOP)
        changes = _changes(stocked)

        def versions() -> tuple[str, str]:
            product = asyncio.run(stocked.store.product(stocked.ids["product"][0]))
            return product.version, product.variants[0].version

        seen = [versions()]
        for name in ("title", "price"):
            asyncio.run(stocked.store.write(changes[name], key=name))
            seen.append(versions())
        assert seen[1][0] != seen[0][0]
        assert seen[2][1] != seen[1][1]

    def test_a_discount_code_is_made_once_whatever_its_case(self) -> None:
        store = self.stocked(SHOP).store
        fields = {"code": "summer20", "kind": "percent", "value": "20", "starts_at": AT.isoformat()}
        made = asyncio.run(store.write(Change.create("discount", "summer20", fields), key="a"))
        found = asyncio.run(store.discounts(code="Summer20")).items
        assert [(d.id, d.code, d.value, d.used) for d in found] == [(made.target_id, "SUMMER20", Decimal(20), 0)]
        with pytest.raises(StoreRefused):
            asyncio.run(store.write(Change.create("discount", "SUMMER20", {**fields, "code": "SUMMER20"}), key="b"))

    def test_units_are_added_to_whatever_there_is_by_then(self) -> None:
        stocked = self.stocked(SHOP)
        store, main = stocked.store, list(asyncio.run(stocked.store.locations()))[0]
        mug = asyncio.run(store.variants(Selection(ids=(stocked.ids["variant"][0],))))[0]
        for n in range(2):
            asyncio.run(store.write(mug.add_stock(5, location=main), key=str(n)))
        assert asyncio.run(store.variants(Selection(ids=(mug.id,))))[0].on_hand == 17

    def test_writes_at_the_same_time_are_each_done_once(self) -> None:
        stocked = self.stocked(SHOP)
        store, changes = stocked.store, _changes(stocked)

        async def at_once() -> list[Written]:
            added = [store.write(changes["more stock"], key=f"add {n % 4}") for n in range(12)]
            made = [store.write(changes["discount"], key="made") for _ in range(4)]
            return list(await asyncio.gather(*added, *made))

        written = asyncio.run(at_once())
        assert sum(not w.replayed for w in written) == 5
        mug = asyncio.run(store.variants(Selection(ids=(stocked.ids["variant"][0],))))[0]
        assert mug.on_hand == 7 + 4 * 5
        assert len(asyncio.run(store.discounts()).items) == 1

    # Another shop

    def test_nothing_of_another_shop_can_be_reached(self) -> None:
        mine, theirs = self.stocked(ShopSpec()), self.stocked(SHOP)
        store, ids = mine.store, theirs.ids
        any_ids = [id for of_kind in ids.values() for id in of_kind]
        chosen: Selection[Any] = Selection(ids=tuple(any_ids))

        async def reached() -> list[Any]:
            pages: list[Page[Any]] = [
                await store.products(), await store.products(chosen), await store.customers(), await store.customers(chosen),
                await store.customers(CustomerWhere(ids=ids["customer"])), await store.customers(CustomerWhere(bought=ids["product"])),
                await store.orders(), await store.orders(chosen), await store.orders(OrderWhere(ids=ids["order"])),
                await store.orders(OrderWhere(numbers=["1001"])), await store.orders(OrderWhere(customers=ids["customer"], products=ids["product"])),
                await store.reviews(), await store.reviews(ReviewWhere(ids=ids["review"], products=ids["product"])), await store.discounts(),
            ]  # fmt: skip
            names = [await store.named("customer", "Anna"), await store.named("order", "1001"), await store.named("variant", "MUG-1")]
            lists: list[Sequence[Any]] = [*(page.items for page in pages), await store.variants(chosen), await store.vocabulary(), *names]
            return [record for found in lists for record in found]

        assert asyncio.run(reached()) == []
        narrowed = Filters(products=ids["product"], variants=ids["variant"], customers=ids["customer"])
        for query in (Query(metrics=ALL_METRICS, period=EVER), Query(metrics=ALL_METRICS, period=EVER, filters=narrowed)):
            assert asyncio.run(store.query(query)).evidence.rows == 0
        with pytest.raises(NotFound):
            asyncio.run(store.product(ids["product"][0]))

    def test_nothing_of_another_shop_can_be_written(self) -> None:
        mine, theirs = self.stocked(ShopSpec()), self.stocked(SHOP)
        changes = _changes(theirs)
        made = asyncio.run(theirs.store.write(changes["discount"], key="made"))
        changes["no discount"] = inverse(changes["discount"], made)
        for name, change in changes.items():
            if change.op == "create":
                continue
            before = asyncio.run(theirs.store.current(change.target, change.field))
            assert asyncio.run(mine.store.current(change.target, change.field)) is None, name
            with pytest.raises(NotFound):
                asyncio.run(mine.store.write(change, key=name))
            assert asyncio.run(theirs.store.current(change.target, change.field)) == before, name
        borrowed = {**changes["discount"].after, "code": "OTHER", "products": [theirs.ids["product"][0]]}  # type: ignore[dict-item]  # a mapping
        with pytest.raises(StoreRefused):
            asyncio.run(mine.store.write(Change.create("discount", "OTHER", borrowed), key="borrowed"))

    def test_two_shops_may_use_the_same_key(self) -> None:
        one, other = self.stocked(SHOP), self.stocked(SHOP)
        assert not asyncio.run(one.store.write(_changes(one)["price"], key="k")).replayed
        assert not asyncio.run(other.store.write(_changes(other)["price"], key="k")).replayed


async def _page(page_after: Callable[[str | None], Awaitable[Page[Any]]]) -> Page[Any]:
    return await page_after(None)


async def _rest(page_after: Callable[[str | None], Awaitable[Page[Any]]], first: Page[Any]) -> list[Any]:
    return await every(lambda cursor: page_after(cursor or first.next))


def _changes(stocked: Stocked) -> dict[str, Change]:
    """One change of each sort a store takes, on `SHOP`."""
    mug, product = Target("variant", stocked.ids["variant"][0], "Blue Mug"), Target("product", stocked.ids["product"][0], "Blue Mug")
    anna = Target("customer", stocked.ids["customer"][0], "Anna Schmidt")
    main, annex = asyncio.run(stocked.store.locations())
    discount = {
        "code": "SAVE10", "kind": "amount", "value": "10.00", "minimum": Money.of(50, "EUR"), "starts_at": "2026-02-01T00:00:00+01:00",
        "ends_at": "2026-03-01T00:00:00+01:00", "usage_limit": 100, "products": [stocked.ids["product"][0]],
    }  # fmt: skip
    return {
        "price": Change.set(mug, "price", before=Money.of("12.50", "EUR"), after=Money.of("9.99", "EUR")),
        "free": Change.set(Target("variant", stocked.ids["variant"][1], "Dress"), "price", before=Money.of(79, "EUR"), after=Money.of(0, "EUR")),
        "compare at": Change.set(mug, "compare_at_price", before=None, after=Money.of(15, "EUR")),
        "no cost": Change.set(mug, "cost", before=Money.of(4, "EUR"), after=None),
        "sku": Change.set(mug, "sku", before="MUG-1", after="MUG-2"),
        "stock": Change.set(mug, f"stock:{main}", before=7, after=20),
        "stock elsewhere": Change.set(mug, f"stock:{annex}", before=0, after=3),
        "more stock": Change.add(mug, f"stock:{main}", before=7, delta=5),
        "title": Change.set(product, "title", before="Blue Mug", after="Ocean Mug"),
        "description": Change.set(product, "description", before="Holds tea.", after="Holds\nsoup – 300 ml."),
        "status": Change.set(product, "status", before="active", after="archived"),
        "vendor": Change.set(product, "vendor", before="Acme", after=""),
        "product type": Change.set(product, "product_type", before="Mugs", after="Cups"),
        "product tags": Change.set(product, "tags", before=["gift", "New"], after=["zeta", "gift"]),
        "customer tags": Change.set(anna, "tags", before=["vip"], after=["vip", "Big Spender"]),
        "discount": Change.create("discount", "SAVE10", discount),
    }


def _wrong_discounts(stocked: Stocked) -> list[dict[str, Any]]:
    good: dict[str, Any] = {"code": "X", "kind": "percent", "value": "10", "starts_at": "2026-02-01T00:00:00+01:00"}
    wrong: list[dict[str, Any]] = [
        {"value": "120"}, {"value": "0"}, {"value": "-5"}, {"value": "ten"}, {"value": None}, {"kind": "bogus"}, {"code": ""}, {"code": "a b"},
        {"kind": "amount", "value": "0.001"}, {"minimum": Money.of(5, "USD")}, {"usage_limit": 0}, {"usage_limit": True},
        {"starts_at": "soon"}, {"ends_at": "2026-01-01T00:00:00+01:00"}, {"products": ["nothing"]}, {"surprise": 1},
    ]  # fmt: skip
    return [good | changed for changed in wrong]


def _state(store: WritableStore, change: Change, written: Written) -> Any:
    return asyncio.run(store.current(replace(change.target, id=written.target_id), change.field))


def _meets(spec: ShopSpec, customer: int, where: CustomerWhere, bought: int | None) -> bool:
    """Whether this customer of the described shop meets every condition."""
    one = spec.customers[customer]
    own = [order for order in spec.orders if order.customer == customer and not order.cancelled]

    def within(period: Period | None, at: datetime) -> bool:
        return period is None or period.start <= at < period.end

    ordered = [order for order in own if within(where.period, order.at)]
    spent = sum(_charged(spec, order) for order in ordered) - sum(
        _given_back(order, refund) for order in own for refund in order.refunds if within(where.period, refund.at)
    )
    latest = max((order.at for order in own), default=None)
    held = {line.product for order in ordered for line in order.lines if line.kind == "product"}
    tags = {tag.casefold() for tag in one.tags}
    return (
        (where.spent is None or (where.spent.above is not None and spent > where.spent.above.minor))
        and (where.orders is None or (where.orders.at_least is not None and len(ordered) >= where.orders.at_least))
        and (where.period is None or where.spent is not None or where.orders is not None or bool(ordered))
        and (where.last_order is None or (latest is not None and within(where.last_order, latest)))
        and (where.no_order_since is None or latest is None or latest < where.no_order_since)
        and (where.countries is None or (one.country or "").upper() in [c.upper() for c in where.countries])
        and (where.tags is None or {tag.casefold() for tag in where.tags} <= tags)
        and (where.accepts_marketing is None or one.accepts_marketing == where.accepts_marketing)
        and (bought is None or bought in held)
    )


def _charged(spec: ShopSpec, order: OrderSpec) -> int:
    extra = 0 if spec.prices_include_tax else 1
    return sum(line.price * line.quantity - line.discount + extra * line.tax for line in order.lines)


def _given_back(order: OrderSpec, refund: RefundSpec) -> int:
    return refund.shipping + refund.adjustment + sum(amount + tax for _, _, amount, tax in refund.lines)
