"""The figure that a question of money, of a rate or of what is left to do asks for, held against the orders themselves."""

import asyncio
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from said import days

from agent.sdk import Missing, Money, Order, OrderWhere, Period, every

NOVEMBER = days("2026-11-01", "2026-11-20", "November")
EVER = days("2000-01-01", "2026-11-20", "ever")


def all_orders(bench: Any) -> list[Order]:
    return asyncio.run(every(bench.ground.store.orders, OrderWhere()))


def orders_of(bench: Any, period: dict[str, str]) -> list[Order]:
    found = asyncio.run(every(bench.ground.store.orders, OrderWhere(placed=Period.model_validate(period))))
    return [order for order in found if order.cancelled_at is None]


def given_back(bench: Any) -> Decimal:
    return sum((order.refunded.amount for order in all_orders(bench) if order.cancelled_at is None), Decimal(0))


def test_refunds_are_told_with_the_money_they_came_to(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["refunds"], period=EVER)
    worth = given_back(bench)
    assert worth > 0
    assert answer.data.table.columns == ["Refunds", "Refunded"]
    assert answer.data.table.rows[0][1] == Money(worth, "EUR") == answer.text.params["worth"]


def test_money_given_back_has_its_tax_and_is_the_same_by_country(bench: Any) -> None:
    whole = bench.ask("sales_report", metrics=["refunded"], period=EVER)
    assert whole.data.total == Money(given_back(bench), "EUR")
    parts = bench.ask("sales_report", metrics=["refunded"], by=["country"], period=EVER).data.table.rows
    assert sum((row[1].amount for row in parts[:-1]), Decimal(0)) == whole.data.total.amount


def test_of_products_it_is_the_goods_with_their_tax(bench: Any) -> None:
    rows = bench.ask("sales_report", metrics=["refunded", "returns"], by=["product"], period=EVER).data.table.rows
    assert any(row[1].amount for row in rows)
    assert all(row[1].amount > row[2].amount for row in rows if row[2].amount > 0)


@pytest.mark.parametrize(("by", "first", "end", "parts"), [
    ("day", "2026-11-01", "2026-11-20", 20), ("week", "2026-11-02", "2026-11-15", 2), ("month", "2026-09-01", "2026-10-31", 2),
])  # fmt: skip
def test_a_report_by_time_tells_what_came_on_average(by: str, first: str, end: str, parts: int, bench: Any) -> None:
    period = days(first, end, "then")
    answer = bench.ask("sales_report", metrics=["orders"], by=[by], period=period)
    assert answer.text.params["mean"] == (Decimal(len(orders_of(bench, period))) / parts).quantize(Decimal("0.1"))


def test_a_month_that_is_not_over_is_in_no_average(bench: Any) -> None:
    assert bench.ask("sales_report", metrics=["orders"], by=["month"], period=days("2026-09-01", "2026-11-20")).text.params["mean"] is None


def test_no_month_before_the_first_order_is_the_worst(bench: Any) -> None:
    first = min(order.placed_at for order in all_orders(bench))
    rows = bench.ask("sales_report", metrics=["revenue"], by=["month"], order="worst", period=EVER).data.table.rows
    assert min(row[0] for row in rows[:-1]) == f"{first:%Y-%m}"


@pytest.mark.parametrize("task", ["sales_report", "explain_change", "product_performance"])
def test_a_time_is_not_compared_with_itself(task: str, bench: Any) -> None:
    asked = bench.ask(task, period=NOVEMBER, compare={**NOVEMBER, "label": "november"})
    assert isinstance(asked, Missing) and asked.field == "compare"
    assert not isinstance(bench.ask(task, period=NOVEMBER, compare=days("2026-10-01", "2026-10-20")), Missing)


@pytest.mark.parametrize("state", ["unfulfilled", "partial", "open"])
def test_what_is_still_to_be_sent_holds_no_cancelled_order(state: str, bench: Any) -> None:
    states = ["unfulfilled", "partial"] if state == "open" else [state]
    waiting = {order.number for order in all_orders(bench) if order.fulfilment in states and order.cancelled_at is None}
    assert set(bench.titles(bench.ask("find_orders", fulfilment=state))) == waiting
    gone = {order.number for order in all_orders(bench) if order.fulfilment in states and order.cancelled_at is not None}
    assert set(bench.titles(bench.ask("find_orders", fulfilment=state, cancelled=True))) == gone


def test_the_largest_order_is_named_where_it_alone_is_asked_for(bench: Any) -> None:
    largest = max(orders_of(bench, NOVEMBER), key=lambda order: order.total.minor)
    answer = bench.ask("find_orders", sort="total", top=1, cancelled=False, period=NOVEMBER)
    assert largest.number in str(answer.text)


def test_stock_by_its_worth_begins_with_what_ties_up_most(bench: Any) -> None:
    worths = [row[-1].amount for row in bench.ask("inventory_report", show="value").data.table.rows if row[-1] is not None]
    assert worths == sorted(worths, reverse=True) and worths[0] > worths[-1]


def test_the_rate_and_the_margin_of_all_goods_are_told_beside_the_leader(bench: Any) -> None:
    rate = bench.ask("sales_report", metrics=["return_rate"], period=EVER).data.total
    assert f"{rate}%" in str(bench.ask("product_performance", show="returned", period=EVER).text)
    lines = bench.ask("product_performance", show="margin", period=EVER)
    assert "all of them together" in str(lines.text)


@pytest.mark.parametrize("by", ["product_type", "vendor"])
def test_margins_by_type_and_vendor_are_those_of_all_their_goods(by: str, bench: Any) -> None:
    single = bench.ask("product_performance", show="profit", period=EVER).data.table
    of = {p.title: getattr(p, by) for p in asyncio.run(every(bench.ground.store.products, None))}
    profit: dict[str, Decimal] = defaultdict(Decimal)
    for row in single.rows:
        profit[of[row[0]] or f"no {by.replace('_', ' ')}"] += row[-1].amount
    together = bench.ask("product_performance", show="profit", by=by, period=EVER)
    assert {row[0]: row[-1].amount for row in together.data.table.rows} == dict(profit)
    amounts = [row[-1].amount for row in together.data.table.rows]
    assert amounts == sorted(amounts, reverse=True)
    margins = bench.ask("product_performance", show="margin", by=by, period=EVER)
    first = margins.data.table.rows[0]
    assert f"{first[0]} first, {first[8].quantize(Decimal('0.1'), ROUND_HALF_UP)}%" in str(margins.text)


@pytest.mark.parametrize(("metric", "title"), [("returns", "Returns"), ("refunds", "Refunds")])
def test_a_change_of_what_came_back_is_explained_by_that(metric: str, title: str, bench: Any) -> None:
    period, before = days("2026-06-01", "2026-11-20"), days("2026-01-01", "2026-06-01")
    answer = bench.ask("explain_change", metric=metric, period=period, compare=before)
    then = bench.ask("sales_report", metrics=[metric], period=before).data.total
    now = bench.ask("sales_report", metrics=[metric], period=period).data.total
    assert (answer.data.before, answer.data.now) == (then, now)
    assert str(answer.text).startswith(title)
    kinds = {part.by for part in answer.data.contributions}
    assert kinds and not kinds & {"orders", "price"}
