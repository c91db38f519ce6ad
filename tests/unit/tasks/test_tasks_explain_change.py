"""explain_change: whatever it is broken down by, the parts add up to the change exactly."""

import asyncio
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from said import days

from agent.sdk import Money
from tasks.explain_change.parts import Sold, number_and_size, price_and_volume, rounded

NOW, THEN = days("2026-10-01", "2026-11-20", "autumn"), days("2026-06-01", "2026-09-30", "summer")
KINDS = ["orders", "price", "product", "product_type", "vendor", "channel", "country", "customers"]

sold = st.builds(lambda units, price: Sold(units * price, units), st.integers(0, 20), st.integers(0, 5000))
catalogue = st.dictionaries(st.sampled_from("abcd"), sold, max_size=4)


@given(before=catalogue, now=catalogue)
def test_prices_and_volume_add_up_to_the_change_of_gross_sales(before: dict[str, Sold], now: dict[str, Sold]) -> None:
    change = sum(one.gross for one in now.values()) - sum(one.gross for one in before.values())
    parts = price_and_volume(before, now)
    assert sum(parts.values()) == change
    assert sum(rounded(parts, change).values()) == change


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 40), st.integers(0, 40))
def test_number_and_size_add_up_to_the_change(before: int, now: int, count_before: int, count_now: int) -> None:
    parts = number_and_size(before, now, count_before, count_now, ("number", "size"))
    assert sum(parts.values()) == now - before


def test_a_dearer_price_and_fewer_units_are_told_apart() -> None:
    parts = price_and_volume({"mug": Sold(1000, 10)}, {"mug": Sold(960, 8), "new": Sold(50, 1)})
    assert parts == {"units sold": -200, "prices": 160, "goods not sold before": 50, "goods no longer sold": 0}


def test_rounding_refuses_parts_of_another_total() -> None:
    assert rounded({"a": Fraction(1, 3), "b": Fraction(2, 3)}, 1) == {"a": 0, "b": 1}
    with pytest.raises(ValueError, match="do not add up"):
        rounded({"a": Fraction(1, 2)}, 7)


@pytest.mark.parametrize("metric", ["net_sales", "gross_sales", "total_sales", "units", "returns"])
def test_each_kind_adds_up_to_the_change_of_the_report(metric: str, bench: Any) -> None:
    answer = bench.ask("explain_change", metric=metric, by=KINDS, period=NOW, compare=THEN)
    [row] = bench.ask("sales_report", metrics=[metric], period=NOW, compare=THEN).data.table.rows
    assert (answer.data.now, answer.data.before) == (row[0], row[1])
    assert minor(answer.data.change) == minor(row[0]) - minor(row[1]) != 0
    sums: dict[str, int] = defaultdict(int)
    for part in answer.data.contributions:
        sums[part.by] += minor(part.change)
    assert set(sums.values()) == {minor(answer.data.change)}
    assert set(sums) == set(KINDS) - ({"orders", "price"} if metric == "returns" else set())  # what came back is no number or size of orders placed


@pytest.mark.parametrize("metric", ["orders", "refunds"])
def test_orders_are_only_broken_down_by_what_an_order_has_one_of(metric: str, bench: Any) -> None:
    answer = bench.ask("explain_change", metric=metric, period=NOW, compare=THEN)
    assert {part.by for part in answer.data.contributions} == {"channel", "country", "customers"}
    for by in ("channel", "country", "customers"):
        assert sum(part.change for part in answer.data.contributions if part.by == by) == answer.data.change


def test_new_customers_are_those_whose_first_order_lies_in_the_time(bench: Any) -> None:
    answer = bench.ask("explain_change", metric="orders", by=["customers"], period=NOW, compare=THEN)
    levels = {part.what: part.now for part in answer.data.contributions}
    purchases = asyncio.run(bench.ground.store.purchases())
    first: dict[Any, Any] = {}
    for purchase in purchases:
        first.setdefault(purchase.customer_id, purchase.placed_at)
    start, end = answer.evidence.period.start, answer.evidence.period.end
    within = [p for p in purchases if start <= p.placed_at < end]
    assert levels.get("new customers", 0) == sum(first[p.customer_id] >= start for p in within)
    assert levels["returning customers"] == sum(first[p.customer_id] < start for p in within)


def test_the_sentence_names_what_moved_most_and_no_cause(bench: Any) -> None:
    answer = bench.ask("explain_change", by=["product"], period=NOW, compare=THEN)
    moved = [part for part in answer.data.contributions if minor(part.change) * minor(answer.data.change) > 0 and part.what != "everything else"]
    biggest = max(moved, key=lambda part: abs(minor(part.change)))
    [leader] = answer.text.params["leaders"]
    assert leader.params["what"] == biggest.what
    assert "not why" in answer.evidence.definition


def test_a_time_without_a_change_is_told_so(bench: Any) -> None:
    future = days("2027-01-01", "2027-01-31", "January"), days("2027-03-01", "2027-03-31", "March")
    answer = bench.ask("explain_change", period=future[0], compare=future[1])
    assert answer.text.msgid.startswith("{metric} did not change")
    assert minor(answer.data.change) == 0


def minor(value: Money | int) -> int:
    return value.minor if isinstance(value, Money) else value
