"""Laws of what is read in one go: purchases and searches."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sdk import Period
from agent.testing.store_spec import CustomerSpec, SearchSpec, ShopSpec, shops
from agent.testing.store_suite.laws import FEWER, Laws, periods
from agent.testing.store_suite.lists import charged, given_back

DAY = date(2026, 1, 10)
searches = st.builds(
    SearchSpec, term=st.sampled_from(("mug", "blue mug", "käse")), day=st.integers(0, 6).map(lambda n: DAY + timedelta(days=n)),
    count=st.integers(1, 9), results=st.integers(0, 3),
)  # fmt: skip


class LogLaws(Laws):
    @FEWER
    @given(data=st.data())
    def test_purchases_are_the_orders_that_stand_with_what_they_brought(self, data: st.DataObject) -> None:
        spec = data.draw(shops())
        placed = data.draw(st.one_of(st.none(), periods(ZoneInfo(spec.time_zone))))
        stocked = self.stocked(spec)
        found = asyncio.run(stocked.store.purchases(placed))
        wanted = [
            (stocked.ids["order"][n], None if order.customer is None else stocked.ids["customer"][order.customer], order.at,
             charged(spec, order) - sum(given_back(order, refund) for refund in order.refunds))
            for n, order in enumerate(spec.orders)
            if not order.cancelled and (placed is None or placed.start <= order.at < placed.end)
        ]  # fmt: skip
        assert [p.placed_at for p in found] == sorted(p.placed_at for p in found)
        assert sorted((p.order_id, p.customer_id or "", p.placed_at, p.spent.minor) for p in found) == sorted(
            (id, customer or "", at, spent) for id, customer, at, spent in wanted
        )
        assert {p.spent.currency for p in found} <= {spec.currency}

    def test_another_shops_purchases_and_searches_are_not_there(self) -> None:
        self.stocked(ShopSpec(customers=[CustomerSpec(name="A")], searches=[SearchSpec(term="mug", day=DAY)]))
        store = self.stocked(ShopSpec()).store
        assert asyncio.run(store.purchases()) == []
        assert asyncio.run(store.search_terms(_days(DAY, 3, "Europe/Berlin"))) == []

    @FEWER
    @given(some=st.lists(searches, max_size=8, unique_by=lambda s: (s.term, s.day)), first=st.integers(0, 5), length=st.integers(1, 7))
    def test_searches_are_summed_over_the_days_with_the_last_days_results(self, some: Sequence[SearchSpec], first: int, length: int) -> None:
        store = self.stocked(ShopSpec(searches=some)).store
        if "search_terms" not in store.capabilities:
            pytest.skip("this store does not record searches")
        begins = DAY + timedelta(days=first)
        by_term: dict[str, list[SearchSpec]] = defaultdict(list)
        for one in some:
            if begins <= one.day < begins + timedelta(days=length):
                by_term[one.term].append(one)
        wanted = [(term, sum(s.count for s in of), max(of, key=lambda s: s.day).results, max(s.day for s in of)) for term, of in by_term.items()]
        found = asyncio.run(store.search_terms(_days(begins, length, "Europe/Berlin")))
        shown = [(one.term.value, one.searches, one.results, one.last_searched) for one in found]
        assert shown == sorted(wanted, key=lambda row: (-row[1], row[0]))
        assert {one.term.source for one in found} <= {"search"}


def _days(first: date, length: int, zone: str) -> Period:
    start = datetime.combine(first, time(), ZoneInfo(zone))
    return Period(start=start, end=start + timedelta(days=length))
