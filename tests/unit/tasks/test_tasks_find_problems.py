"""find_problems: each kind of trouble is found where it was put, and nowhere else."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.db.engine import Database
from agent.registry import discover
from agent.sdk import ShopInfo
from agent.testing.embedded_shop import StockedShop
from agent.testing.playground import playground
from agent.testing.store_spec import ProductSpec, ShopSpec, VariantSpec

GOOD = VariantSpec(price=1000, cost=400, sku="A-1", stock=5)
SHOP = ShopSpec(
    products=[
        ProductSpec(title="Fine Mug", description="Holds tea.", collections=["Kitchen"], variants=[GOOD]),
        ProductSpec(title="Loss Leader", description="Cheap.", variants=[VariantSpec(price=300, cost=400, sku="B-1", stock=5)]),
        ProductSpec(title="Free Thing", description="Nothing to pay.", variants=[VariantSpec(price=0, cost=None, sku="B-2", stock=5)]),
        ProductSpec(title="fine  mug", description="Another.", variants=[VariantSpec(price=1000, sku="A-1", stock=5)]),
        ProductSpec(title="Bare Board", description=" ", variants=[VariantSpec(price=1000, sku=None, stock=5)]),
        ProductSpec(title="Gone Bowl", description="HOLDS TEA.", variants=[VariantSpec(price=1000, sku="B-3", stock=0)]),
        ProductSpec(title="Draft Bowl", description="", status="draft", variants=[VariantSpec(price=1000, sku="B-4", stock=0)]),
        ProductSpec(title="Made to Order", description="Patience.", variants=[VariantSpec(price=1000, sku="B-5", stock=None)]),
    ]
)


def stock(db: Database) -> ShopInfo:
    return StockedShop(db, SHOP, now=datetime(2026, 11, 20, tzinfo=UTC)).store.shop


@pytest.fixture
def ask() -> Iterator[Callable[..., Any]]:

    with playground(shop=stock) as ground:
        task = discover(plugins=False).task("find_problems")

        def told(**args: Any) -> Any:
            return asyncio.run(ground.run(task, args))

        yield told


@pytest.mark.parametrize(
    ("problem", "products"),
    [
        ("below_cost", ["Loss Leader"]),
        ("no_price", ["Free Thing"]),
        ("no_description", ["Bare Board"]),
        ("sold_out", ["Gone Bowl"]),
        ("no_sku", ["Bare Board"]),
        ("duplicates", ["Fine Mug", "fine  mug", "Fine Mug", "fine  mug", "Fine Mug", "Gone Bowl"]),
        ("duplicate_sku", ["Fine Mug", "fine  mug"]),
        ("old_price_not_higher", []),
    ],
)
def test_each_problem_is_found_where_it_is(problem: str, products: list[str], ask: Callable[..., Any]) -> None:
    answer = ask(problems=[problem])
    assert sorted(row[0] for row in answer.data.table.rows) == sorted(products)
    assert answer.data.count == len(products)


def test_a_duplicate_says_what_it_shares_with(ask: Callable[..., Any]) -> None:
    rows = {row[0]: row[2] for row in ask(problems=["duplicate_sku"]).data.table.rows}
    assert rows == {"Fine Mug": "also fine  mug", "fine  mug": "also Fine Mug"}


def test_without_a_kind_all_that_customers_notice_is_looked_for_in_what_is_published(ask: Callable[..., Any]) -> None:
    answer = ask()
    assert "Draft Bowl" not in {row[0] for row in answer.data.table.rows}
    assert set(answer.data.by_problem) == {
        "below_cost",
        "no_price",
        "duplicate_sku",
        "duplicate_title",
        "duplicate_text",
        "sold_out",
        "no_image",
        "no_description",
    }
    assert answer.evidence.rows == 7


def test_a_clean_product_is_told_to_be_clean(ask: Callable[..., Any]) -> None:
    answer = ask(problems=["below_cost", "no_price"], products={"ids": [], "label": "none"})
    assert str(answer.text) == "There are no products here that could be checked."
    assert len(answer.data.products) == 0
