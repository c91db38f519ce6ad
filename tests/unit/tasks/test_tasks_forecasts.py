"""forecast_sales and forecast_stockout: an estimate with an interval, or a plain sentence why there is none."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from agent.db.engine import Database
from agent.registry import discover
from agent.sdk import Refusal, ShopInfo
from agent.testing.embedded_shop import StockedShop
from agent.testing.playground import Playground, playground
from agent.testing.small_shop import TODAY
from agent.testing.store_spec import LineSpec, OrderSpec, ProductSpec, ShopSpec, VariantSpec

DAYS = 150
PRODUCTS = [
    ProductSpec(title="Steady Mug", variants=[VariantSpec(price=1000, stock=60)]),
    ProductSpec(title="Quick Candle", variants=[VariantSpec(price=500, stock=9)]),
    ProductSpec(title="Gone Bowl", variants=[VariantSpec(price=500, stock=0)]),
    ProductSpec(title="Rare Vase", variants=[VariantSpec(price=500, stock=4)]),
    ProductSpec(title="Uncounted Card", variants=[VariantSpec(price=500, stock=None)]),
]


def orders() -> Iterator[OrderSpec]:
    """Every day two mugs, three candles, a bowl and a card; a vase once."""
    noon = datetime.combine(TODAY, datetime.min.time(), tzinfo=UTC) + timedelta(hours=12)
    for n in range(1, DAYS + 1):
        sold = [(0, 2, 1000), (1, 3, 500), (2, 1, 500), (4, 1, 500), *([(3, 1, 500)] if n == 20 else [])]
        lines = [LineSpec(product=product, variant=0, quantity=quantity, price=price) for product, quantity, price in sold]
        yield OrderSpec(number=f"#{n}", at=noon - timedelta(days=n), lines=lines)


def steady(db: Database) -> ShopInfo:
    return StockedShop(db, ShopSpec(products=PRODUCTS, orders=list(orders()))).store.shop


@pytest.fixture(scope="module")
def ground() -> Iterator[Playground]:
    with playground(shop=steady) as made:
        yield made


def ask(ground: Playground, name: str, **args: Any) -> Any:
    return asyncio.run(ground.run(discover(plugins=False).task(name), args))


def product(ground: Playground, title: str) -> dict[str, Any]:
    return {"ids": [p.id for p in asyncio.run(ground.store.products()).items if p.title == title], "label": title}


def period(first: str, end: str) -> dict[str, str]:
    return {"start": f"{first}T00:00:00+01:00", "end": f"{end}T00:00:00+01:00", "label": "then"}


def test_steady_sales_are_foretold_as_they_are(ground: Playground) -> None:
    answer = ask(ground, "forecast_sales", metric="units", products=product(ground, "Steady Mug"), days=10)
    assert (answer.data.expected, answer.data.low, answer.data.high) == (20, 20, 20)
    assert [row[1] for row in answer.data.table.rows] == [2] * 10
    assert answer.evidence.period.start.date() == TODAY


def test_a_time_that_begins_later_counts_only_its_own_days(ground: Playground) -> None:
    answer = ask(ground, "forecast_sales", metric="orders", period=period("2026-12-01", "2026-12-08"))
    assert answer.data.expected == 7
    assert (answer.evidence.period.start.date(), answer.evidence.period.end.date()) == (date(2026, 12, 1), date(2026, 12, 8))


def test_until_a_day_counts_that_day_in(ground: Playground) -> None:
    assert ask(ground, "forecast_sales", metric="orders", until="2026-11-25T00:00:00+01:00").data.expected == 5


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"period": period("2026-10-01", "2026-11-01")}, "is over"),
        ({"period": period("2027-01-01", "2028-01-01")}, "More than a year ahead"),
        ({"period": period("2027-02-01", "2027-05-01")}, "The shop has 150 days"),
    ],
)
def test_what_cannot_be_foretold_is_refused_in_a_sentence(asked: dict[str, Any], says: str, ground: Playground) -> None:
    refusal = ask(ground, "forecast_sales", **asked)
    assert isinstance(refusal, Refusal)
    assert says in str(refusal.text)


def rows(answer: Any) -> dict[str, list[Any]]:
    return {row[0]: row[1:] for row in answer.data.table.rows}


def test_a_steady_pace_runs_out_on_the_day_it_reaches_the_stock(ground: Playground) -> None:
    answer = ask(ground, "forecast_stockout", products=product(ground, "Steady Mug"))
    _, stock, a_week, days, day, soonest, latest = rows(answer)["Steady Mug"]
    assert (stock, a_week, days, day) == (60, 14, 30, TODAY + timedelta(days=30))
    assert soonest < day < latest
    assert answer.text.msgid.startswith("{name} runs out about {day}")


def test_what_runs_out_first_comes_first_and_what_is_out_last(ground: Playground) -> None:
    answer = ask(ground, "forecast_stockout")
    assert list(rows(answer)) == ["Quick Candle", "Steady Mug", "Gone Bowl"]
    assert (answer.data.count, answer.data.unknown) == (3, 1)
    assert answer.text.params["name"] == "Quick Candle"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"days": 7}, ["Quick Candle", "Gone Bowl"]),
        ({"until": "2026-11-23T00:00:00+01:00"}, ["Gone Bowl"]),
        ({"period": period("2026-12-01", "2027-01-01")}, ["Quick Candle", "Steady Mug", "Gone Bowl"]),
        ({"top": 1}, ["Quick Candle"]),
        ({"show": "lasts"}, ["Steady Mug", "Quick Candle"]),
    ],
)
def test_only_what_runs_out_in_time_is_listed(asked: dict[str, Any], found: list[str], ground: Playground) -> None:
    assert list(rows(ask(ground, "forecast_stockout", **asked))) == found


def test_what_sold_too_little_has_no_date_made_up_for_it(ground: Playground) -> None:
    answer = ask(ground, "forecast_stockout", products=product(ground, "Rare Vase"))
    assert (answer.data.count, answer.data.unknown, answer.data.table.rows) == (0, 1, [])
    assert "too little" in str(answer.text)


def test_a_question_with_a_day_is_answered_with_whether_it_lasts(ground: Playground) -> None:
    mug = product(ground, "Steady Mug")
    assert "should last until" in str(ask(ground, "forecast_stockout", products=mug, until="2026-12-01T00:00:00+01:00").text)
    assert "should not last until" in str(ask(ground, "forecast_stockout", products=mug, until="2027-03-01T00:00:00+01:00").text)
