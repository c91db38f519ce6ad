"""Goods chosen by an option, "the blue dresses": every figure that is told "only for" them is of the blue variants."""

from typing import Any

import pytest

from agent.sdk import Period

YEAR = Period.model_validate({"start": "2025-11-20T00:00:00+01:00", "end": "2026-11-20T00:00:00+01:00"}).model_dump(mode="json")
BEFORE = Period.model_validate({"start": "2024-11-20T00:00:00+01:00", "end": "2025-11-20T00:00:00+01:00"}).model_dump(mode="json")


@pytest.fixture
def chosen(bench: Any) -> dict[str, Any]:
    whole = bench.products("Linen")
    return {**whole, "label": "blue linen dresses", "where": {"options": {"Colour": ["Blue"]}}}


@pytest.fixture
def sold(bench: Any, chosen: dict[str, Any]) -> int:
    blue, whole = (
        bench.ask("sales_report", metrics=["units"], products=goods, period=YEAR).data.total for goods in (chosen, bench.products("Linen"))
    )
    assert 0 < blue < whole, "both colours sold, or nothing would be seen here"
    return int(blue)


def test_performance_counts_what_they_sold_and_have_in_stock(bench: Any, chosen: dict[str, Any], sold: int) -> None:
    table = bench.ask("product_performance", products=chosen, period=YEAR).data.table
    told = dict(zip(table.columns, table.rows[0], strict=True))
    assert (told["Units"], told["In stock"]) == (sold, 32)


def test_a_change_is_explained_by_what_they_sold(bench: Any, chosen: dict[str, Any], sold: int) -> None:
    assert bench.ask("explain_change", metric="units", products=chosen, period=YEAR, compare=BEFORE).data.now == sold


def test_only_they_are_looked_at_for_what_runs_out(bench: Any, chosen: dict[str, Any]) -> None:
    whole, blue = (bench.ask("forecast_stockout", products=goods).data for goods in (bench.products("Linen"), chosen))
    assert (whole.count + whole.unknown, blue.count + blue.unknown) == (8, 4)


def test_only_their_sales_are_foretold(bench: Any, chosen: dict[str, Any]) -> None:
    whole, blue = (bench.ask("forecast_sales", metric="units", products=goods).data for goods in (bench.products("Linen"), chosen))
    assert 0 < blue.expected < whole.expected
