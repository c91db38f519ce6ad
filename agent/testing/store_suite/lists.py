"""Laws of lists: pages, and who is among the customers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Invalid
from agent.sdk import Between, CustomerWhere, Money, Page, Period, Where
from agent.testing.store_spec import DAYS, START, CustomerSpec, OrderSpec, ProductSpec, RefundSpec, ShopSpec, shops
from agent.testing.store_suite.laws import FEWER, Laws, every, periods
from agent.testing.store_suite.stock import AT, SHOP


class ListLaws(Laws):
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
            first_order=data.draw(st.one_of(st.none(), st.none(), periods(zone))),
            no_order_since=data.draw(st.one_of(st.none(), st.builds(lambda n: START + timedelta(days=n), st.integers(0, DAYS)))),
            countries=data.draw(st.sampled_from((None, None, ["de"], ["FR", "NL"]))),
            tags=data.draw(st.sampled_from((None, None, ["VIP"], ["vip", "wholesale"]))),
            not_countries=data.draw(st.sampled_from((None, None, ["DE"], ["fr", "NL"]))),
            not_tags=data.draw(st.sampled_from((None, None, ["VIP"], ["vip", "wholesale"]))),
            discount_codes=data.draw(st.sampled_from((None, None, None, ["summer20"], ["WELCOME10", "none"]))),
            refunded=data.draw(st.sampled_from((None, None, None, True, False))),
            accepts_marketing=data.draw(st.sampled_from((None, None, True, False))),
            sort="name",
        )
        bought = data.draw(st.one_of(st.none(), st.integers(0, len(spec.products) - 1)))
        stocked = self.stocked(spec)
        never = data.draw(st.one_of(st.none(), st.none(), st.integers(0, len(spec.products) - 1)))
        where = where if bought is None else replace(where, bought=[stocked.ids["product"][bought]])
        since = data.draw(st.one_of(st.none(), st.builds(lambda n: START + timedelta(days=n), st.integers(0, DAYS))))
        where = where if never is None else replace(where, not_bought=[stocked.ids["product"][never]], not_bought_since=since)
        found = asyncio.run(stocked.store.customers(where))
        expected = [id for n, id in enumerate(stocked.ids["customer"]) if _meets(spec, n, where, bought, never)]
        assert sorted(c.id for c in found.items) == sorted(expected)
        assert asyncio.run(stocked.store.count_customers(where)) == len(expected)

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


async def _page(page_after: Callable[[str | None], Awaitable[Page[Any]]]) -> Page[Any]:
    return await page_after(None)


async def _rest(page_after: Callable[[str | None], Awaitable[Page[Any]]], first: Page[Any]) -> list[Any]:
    return await every(lambda cursor: page_after(cursor or first.next))


def _meets(spec: ShopSpec, customer: int, where: CustomerWhere, bought: int | None, never: int | None) -> bool:
    """Whether this customer of the described shop meets every condition."""
    one = spec.customers[customer]
    own = [order for order in spec.orders if order.customer == customer and not order.cancelled]

    def within(period: Period | None, at: datetime) -> bool:
        return period is None or period.start <= at < period.end

    ordered = [order for order in own if within(where.period, order.at)]
    spent = sum(charged(spec, order) for order in ordered) - sum(
        given_back(order, refund) for order in own for refund in order.refunds if within(where.period, refund.at)
    )
    latest = max((order.at for order in own), default=None)
    held = {line.product for order in ordered for line in order.lines if line.kind == "product"}
    tags = {tag.casefold() for tag in one.tags}
    return (
        (where.spent is None or (where.spent.above is not None and spent > where.spent.above.minor))
        and (where.orders is None or (where.orders.at_least is not None and len(ordered) >= where.orders.at_least))
        and (where.period is None or any(c is not None for c in (where.spent, where.orders, where.refunded)) or bool(ordered))
        and (where.discount_codes is None or any((o.discount_code or "").lower() in {c.lower() for c in where.discount_codes} for o in ordered))
        and (where.first_order is None or (bool(own) and within(where.first_order, min(order.at for order in own))))
        and (where.last_order is None or (latest is not None and within(where.last_order, latest)))
        and (where.no_order_since is None or latest is None or latest < where.no_order_since)
        and (where.countries is None or (one.country or "").upper() in [c.upper() for c in where.countries])
        and (where.tags is None or {tag.casefold() for tag in where.tags} <= tags)
        and (where.accepts_marketing is None or one.accepts_marketing == where.accepts_marketing)
        and (bought is None or bought in held)
        and (
            never is None
            or never not in {line.product for o in own if _after(where.not_bought_since, o.at) for line in o.lines if line.kind == "product"}
        )
        and (where.not_countries is None or (one.country or "").upper() not in [c.upper() for c in where.not_countries])
        and (where.not_tags is None or tags.isdisjoint(tag.casefold() for tag in where.not_tags))
        and (where.refunded is None or where.refunded == any(within(where.period, r.at) for order in own for r in order.refunds))
    )


def _after(since: datetime | None, at: datetime) -> bool:
    return since is None or at >= since


def charged(spec: ShopSpec, order: OrderSpec) -> int:
    extra = 0 if spec.prices_include_tax else 1
    return sum(line.price * line.quantity - line.discount + extra * line.tax for line in order.lines)


def given_back(order: OrderSpec, refund: RefundSpec) -> int:
    return refund.shipping + refund.adjustment + sum(amount + tax for _, _, amount, tax in refund.lines)
