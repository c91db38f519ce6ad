"""flag_risky_orders: each sign where it is, a known customer left alone, and no more said than is known."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.db.engine import Database
from agent.registry import discover
from agent.sdk import ShopInfo
from agent.testing.embedded_shop import StockedShop
from agent.testing.playground import Playground, playground
from agent.testing.small_shop import TODAY
from agent.testing.store_spec import CustomerSpec, LineSpec, OrderSpec, ProductSpec, ShopSpec
from tasks.flag_risky_orders.handler import MEANING

NOON = datetime.combine(TODAY, datetime.min.time(), tzinfo=UTC) + timedelta(hours=11)
KNOWN, NEW, QUICK, ABROAD = range(4)


def order(number: str, days: float, customer: int | None, price: int = 2000, *, quantity: int = 1, country: str = "DE", **more: Any) -> OrderSpec:
    line = LineSpec(product=0, quantity=quantity, price=price)
    return OrderSpec(number=number, at=NOON - timedelta(days=days), customer=customer, country=country, lines=[line], **more)


USUAL = [order(f"#u{n}", 40 + n, KNOWN) for n in range(300)]
ODD = [
    order("#big", 1, NEW, 90000),
    order("#known", 2, KNOWN, 90000, quantity=12),
    order("#quick1", 3, QUICK), order("#quick2", 3.1, QUICK), order("#quick3", 3.2, QUICK),
    order("#abroad", 4, ABROAD, country="FR", payment="pending", fulfilment="unfulfilled"),
    order("#nobody", 5, None),
    order("#gone", 1, NEW, 95000, cancelled=True),
]  # fmt: skip
CUSTOMERS = [CustomerSpec(name=name, country="DE") for name in ("Known", "New", "Quick", "Abroad")]
SHOP = ShopSpec(products=[ProductSpec(title="Mug")], customers=CUSTOMERS, orders=[*USUAL, *ODD])


def odd(db: Database) -> ShopInfo:
    return StockedShop(db, SHOP).store.shop


def few(db: Database) -> ShopInfo:
    return StockedShop(db, ShopSpec(products=SHOP.products, customers=CUSTOMERS, orders=ODD)).store.shop


@pytest.fixture(scope="module")
def ground() -> Iterator[Playground]:
    with playground(shop=odd) as made:
        yield made


def ask(ground: Playground, **args: Any) -> Any:
    return asyncio.run(ground.run(discover(plugins=False).task("flag_risky_orders"), args))


def signs(answer: Any) -> dict[str, set[str]]:
    return {row[0]: set(row[-1].split("; ")) for row in answer.data.table.rows}


def numbered(ground: Playground, number: str) -> dict[str, Any]:
    return {"ids": [m.id for m in asyncio.run(ground.store.named("order", number))], "label": number}


def test_the_riskiest_comes_first_with_its_signs(ground: Playground) -> None:
    answer = ask(ground)
    assert signs(answer) == {
        "#abroad": {MEANING["first_order"], MEANING["other_country"], MEANING["rare_country"], MEANING["unpaid"]},
        "#big": {MEANING["very_large"], MEANING["first_order"]},
        "#quick3": {MEANING["first_order"], MEANING["quick"]},
    }
    assert [row[7] for row in answer.data.table.rows] == ["high", "medium", "medium"]
    assert (answer.data.count, answer.data.high, answer.data.checked) == (3, 1, 7)


def test_a_known_customer_may_order_much(ground: Playground) -> None:
    answer = ask(ground, orders=numbered(ground, "#known"))
    assert (answer.data.count, answer.data.checked) == (0, 1)
    assert str(answer.text) == "Order #known shows no sign of risk."


def test_one_order_is_told_with_its_risk_even_when_it_is_low(ground: Playground) -> None:
    answer = ask(ground, orders=numbered(ground, "#nobody"))
    assert str(answer.text).startswith("Order #nobody is of low risk")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"level": "high"}, ["#abroad"]),
        ({"waiting": True}, ["#abroad"]),
        ({"top": 2}, ["#abroad", "#big"]),
        ({"total": {"above": {"amount": "100", "currency": "EUR"}}}, ["#big"]),
        ({"period": {"start": "2026-11-16T00:00:00+01:00", "end": "2026-11-17T00:00:00+01:00"}}, ["#abroad"]),
    ],
)
def test_only_the_orders_asked_for_are_flagged(asked: dict[str, Any], found: list[str], ground: Playground) -> None:
    assert list(signs(ask(ground, **asked))) == found


def test_with_few_orders_nothing_is_called_large_or_rare() -> None:
    with playground(shop=few) as ground:
        answer = ask(ground)
    said = set().union(*signs(answer).values())
    assert not said & {MEANING["large"], MEANING["very_large"], MEANING["rare_country"]}
    assert "cannot be said" in answer.evidence.definition
