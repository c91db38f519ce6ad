"""product_performance: ranks that agree with the orders, and definitions that say what was counted."""

import asyncio
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from said import days

from agent.sdk import Order, OrderWhere, Period, every, stretch_before, up_to_now

AUTUMN = days("2026-09-01", "2026-11-20", "autumn")
ZONE = ZoneInfo("Europe/Berlin")


def orders_of(bench: Any, period: dict[str, str]) -> list[Order]:
    return asyncio.run(every(bench.ground.store.orders, OrderWhere(placed=Period.model_validate(period), cancelled=False)))


def column(answer: Any, name: str) -> dict[str, Any]:
    at = answer.data.table.columns.index(name)
    return {row[0]: row[at] for row in answer.data.table.rows}


def test_the_best_have_the_units_that_the_orders_have(bench: Any) -> None:
    wanted: Counter[str] = Counter()
    for order in orders_of(bench, AUTUMN):
        for line in order.lines:
            wanted[line.title] += line.quantity if line.kind == "product" else 0
    answer = bench.ask("product_performance", show="best", period=AUTUMN)
    assert column(answer, "Units") == {title: units for title, units in wanted.items() if units}
    sales = [money.minor for money in column(answer, "Net sales").values()]
    assert sales == sorted(sales, reverse=True)


def test_what_rises_and_what_falls_share_no_product_and_change_is_now_less_before(bench: Any) -> None:
    up, down = (bench.ask("product_performance", show=show, period=AUTUMN) for show in ("rising", "falling"))
    assert up.data.count > 0
    assert not set(up.data.products.ids) & set(down.data.products.ids)
    for answer in (up, down):
        now, before, change = (column(answer, name) for name in ("Net sales", "Before", "Change"))
        assert change == {title: now[title] - before[title] for title in now}


def test_what_came_back_is_told_as_a_share_of_what_was_sold(bench: Any) -> None:
    year = days("2025-11-21", "2026-11-20", "a year")
    answer = bench.ask("product_performance", show="returned", period=year)
    [(title, rate)] = column(answer, "Return rate %").items()
    lines = [line for order in orders_of(bench, year) for line in order.lines if line.title == title]
    back, sold = sum(line.refunded_quantity for line in lines), sum(line.quantity for line in lines)
    assert back > 0
    assert rate == (Decimal(back) * 100 / sold).quantize(Decimal("0.1"))
    assert "at least 5 units" in answer.evidence.definition


def test_a_margin_is_what_is_left_without_tax_after_todays_cost(bench: Any) -> None:
    mug = bench.products("Blue Ceramic Mug")
    [product] = [p for p in asyncio.run(every(bench.ground.store.products)) if p.id == mug["ids"][0]]
    [[gross, discounts, units]] = bench.ask(
        "sales_report", metrics=["gross_sales", "discounts", "units"], products=mug, period=AUTUMN
    ).data.table.rows
    taken = (gross - discounts).amount
    wanted = (taken - product.variants[0].cost.amount * units) * 100 / taken
    answer = bench.ask("product_performance", show="margin", products=mug, period=AUTUMN)
    assert column(answer, "Margin %") == {"Blue Ceramic Mug": wanted.quantize(Decimal("0.1"))}
    assert taken < product.variants[0].price.amount * units


def test_profit_is_the_margin_in_money_and_ranks_by_it(bench: Any) -> None:
    answer = bench.ask("product_performance", show="profit", period=AUTUMN)
    profits = [row[-1].amount for row in answer.data.table.rows]
    assert profits == sorted(profits, reverse=True) and answer.text.params["earned"].amount == sum(profits)
    assert all((row[-1].amount > 0) == (row[8] > 0) for row in answer.data.table.rows if row[8])


def test_margins_leave_out_what_has_no_known_cost(bench: Any) -> None:
    costs = {p.title: p.variants[0].cost for p in asyncio.run(every(bench.ground.store.products))}
    answer = bench.ask("product_performance", show="margin", period=AUTUMN)
    assert answer.data.count > 0
    assert all(costs[title] is not None for title in bench.titles(answer))


def test_what_never_sold_is_active_and_without_a_sale_ever(bench: Any) -> None:
    answer = bench.ask("product_performance", show="never_sold")
    sold = {line.product_id for order in asyncio.run(every(bench.ground.store.orders, OrderWhere(cancelled=False))) for line in order.lines}
    active = {p.id for p in asyncio.run(every(bench.ground.store.products)) if p.status == "active"}
    assert set(answer.data.products.ids) == active - sold
    assert answer.evidence.period.label == "ever"


@pytest.mark.parametrize(
    ("first", "end", "before_first", "before_end"),
    [
        ("2026-10-01", "2026-11-01", "2026-09-01", "2026-10-01"),
        ("2026-03-01", "2026-04-01", "2026-02-01", "2026-03-01"),
        ("2026-11-01", "2026-11-21", "2026-10-01", "2026-10-21"),
        ("2026-03-01", "2026-03-31", "2026-02-01", "2026-03-01"),
        ("2026-07-01", "2026-10-01", "2026-04-01", "2026-07-01"),
        ("2026-01-01", "2026-11-21", "2025-01-01", "2025-11-21"),
        ("2026-11-09", "2026-11-16", "2026-11-02", "2026-11-09"),
        ("2024-01-01", "2024-02-29", "2023-01-01", "2023-02-28"),
    ],
)
def test_a_period_is_compared_with_as_much_time_before(first: str, end: str, before_first: str, before_end: str, bench: Any) -> None:
    def day(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)

    before = stretch_before(Period(start=day(first), end=day(end)), bench.ground.clock)
    assert (before.start, before.end) == (day(before_first), day(before_end))
    assert before.label


def test_days_still_to_come_are_not_compared(bench: Any) -> None:
    month = Period(start=datetime(2026, 11, 1, tzinfo=ZONE), end=datetime(2026, 12, 1, tzinfo=ZONE), label="this month")
    assert up_to_now(month, bench.ground.clock).end == datetime(2026, 11, 21, tzinfo=ZONE)
    past = Period(start=datetime(2026, 9, 1, tzinfo=ZONE), end=datetime(2026, 10, 1, tzinfo=ZONE))
    assert up_to_now(past, bench.ground.clock) == past
