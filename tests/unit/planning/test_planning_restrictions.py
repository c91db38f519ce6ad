"""What narrows a change reaches exactly what was said: a count in stock is no price, and what is not wanted is not done."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent.planning.clauses.asides import without_asides
from agent.planning.language.kept import kept_as_it_is
from agent.planning.planner import Planner
from agent.records import Ask
from agent.sdk import Selection, Variant
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore


def _args(said: str, planner: Planner, demo: EmbeddedStore) -> dict[str, Any]:
    plan = asyncio.run(planner.plan(Ask(said, shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone)))
    assert not plan.questions, plan.questions
    return dict(plan.subtasks[-1].args)


@pytest.mark.parametrize(
    "said",
    [
        "increase price of everything we have more than 100 of by 5%",
        "raise everything of which there are more than 100 by 5%",
        "everything we've got more than 100 of goes up 5%",
    ],
)
def test_so_many_in_stock_is_no_price(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    where = _args(said, planner, demo)["variants"]["where"]
    assert where["stock"] == {"above": 100}
    assert "price" not in where


@pytest.mark.parametrize(
    ("said", "sizes"),
    [
        ("10 euros off the linen shirts in XS and S", {"XS", "S"}),
        ("linen shirts size S, M and L minus 10 euros", {"S", "M", "L"}),
        ("10 euros off the linen shirts in size S or M", {"S", "M"}),
    ],
)
def test_each_size_that_is_said_is_meant(said: str, sizes: set[str], planner: Planner, demo: EmbeddedStore) -> None:
    ids = _args(said, planner, demo)["variants"]["ids"]
    shirts = asyncio.run(demo.variants(Selection[Variant](ids=ids)))
    assert {variant.options["Size"] for variant in shirts} == sizes
    assert {variant.label.split(" (")[0] for variant in shirts} == {"Linen Shirt"}


@pytest.mark.parametrize("said", ["cancel 20974 but don't put the mug back in stock", "cancel 20974, do not restock"])
def test_goods_that_are_not_to_go_back_stay_out(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert _args(said, planner, demo)["restock"] is False


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("change VIP15 to 20% but leave the limit", " but leave the limit"),
        ("set the brass pen to 40, keep the others", ", keep the others"),
        ("the jumper in xl costs 5 more, other sizes stay as they are", ", other sizes stay as they are"),
        ("put 20% off the mugs but keep the old price visible", ""),
        ("keep the prices as they are", ""),
        ("refund it but keep the shipping", ""),
        ("set the stock to 5 and keep the stock at 5", ""),
    ],
)
def test_only_what_a_change_leaves_alone_anyway_is_kept(said: str, kept: str) -> None:
    assert "".join(said[spot.start : spot.end] for spot in kept_as_it_is(said, 0, len(said))).strip() == kept.strip()


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("ship 20990 and 20988 but not 20982", "ship 20990 and 20988"),
        ("make the market basket out of stock in leipzig only", "make the market basket out of stock"),
        ("buy two soaps get one free, automatically, this week only", "buy two soaps get one free"),
        ("not the mugs", "not the mugs"),
        ("set the mug to 12", "set the mug to 12"),
    ],
)
def test_what_is_asked_is_read_without_its_asides(said: str, plain: str) -> None:
    assert without_asides(said) == plain
