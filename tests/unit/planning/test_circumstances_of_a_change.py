"""When, how often, on what condition, where or for whom alone a change is to be made: asked about where no field takes it, and never left out."""

from __future__ import annotations

import asyncio

import pytest

from agent.planning.language.circumstances import circumstances, only_circumstance
from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore

Shop = tuple[Planner, EmbeddedStore]


@pytest.fixture
def shop(planner: Planner, demo: EmbeddedStore) -> Shop:
    return planner, demo


def _plan(shop: Shop, text: str) -> Plan:
    planner, store = shop
    return asyncio.run(planner.plan(Ask(text, shop=store.shop.id, locale=store.shop.locale), store, ShopClock(store.shop.time_zone)))


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("put the mug at 12 each morning", ["again"]),
        ("put the mug at 12 twice a week", ["again"]),
        ("put the mug at 12 on weekends", ["again"]),
        ("put the mug at 12 during the fair", ["later"]),
        ("put the mug at 12 until further notice", ["later"]),
        ("put the mug at 12 as long as it rains", ["condition"]),
        ("put the mug at 12 subject to approval by Tom", ["condition"]),
        ("put the mug at 12 after the sale is over", ["condition"]),
        ("put the mug at 12 only in the app", ["channel"]),
        ("put the mug at 12 on the website only", ["channel"]),
        ("put the mug at 12 in our second shop", ["channel"]),
        ("put the mug at 12 for members only", ["audience"]),
        ("put the mug at 12", []),
        ("put the mug at 12 in our online shop", []),
        ("put the mug at 12 as soon as you can", []),
        ("put the mug at 12 when possible", []),
        ("put the mug at 12 while you're at it", []),
        ("put the mug at 12 after the supplier called", []),
        ("put the mug at 12 because it is sold when it rains", []),
        ("put the mug at 12 before I forget", []),
        ("add 3 mugs after counting them", []),
    ],
)
def test_a_function_word_and_what_follows_tell_the_kind(said: str, kinds: list[str]) -> None:
    assert [one.kind for one in circumstances(said, 0, len(said))] == kinds


@pytest.mark.parametrize(
    ("said", "alone"),
    [("once Anna has agreed", True), (", but only when it is paid", True), ("refund it when it is paid", False), ("and hide the mug", False)],
)
def test_a_stretch_that_says_nothing_else(said: str, alone: bool) -> None:
    assert only_circumstance(said) is alone


@pytest.mark.parametrize(
    "said",
    [
        "put the merino beanie at 29 once Anna has agreed",
        "knock 3 euros off the bowls once Anna has agreed",
        "refund order 20999 when my boss says yes",
        "refund 5 euros on order 20640 subject to approval by Tom",
        "publish the wool throw after the trade fair is finished",
        "hide the enamel camping mug until they are back",
        "add the tag sale to all mugs until further notice",
        "tag Anna Weber as vip if she orders again",
        "increase the price of the mugs by 1 euro every weekend",
        "knock 3 euros off the bowls only in the app",
        "archive the candles in our second shop",
        "put the stoneware teapot at 39 for our newsletter readers",
        "cut all mugs by 10% for members only",
        "delete the code WELCOME10 when nobody uses it any more",
    ],
)
def test_no_change_is_made_as_if_it_had_not_been_said(shop: Shop, said: str) -> None:
    plan = _plan(shop, said)
    changes = {subtask.id for subtask in plan.subtasks if subtask.effect in ("write", "action")}
    assert changes <= plan.waiting()
    assert plan.questions


@pytest.mark.parametrize(
    "said",
    [
        "I'm off this afternoon, please refund order 20999",
        "put the merino beanie at 29 when you have a minute",
        "archive the soap dish as soon as you can",
        "refund order 20640 after the customer complained",
        "cancel order 20998 before it ships",
        "tag order 20998 as urgent before I forget",
        "mark the wool throw as draft so nobody can buy it",
        "make the teapot cheaper by 10% in our shop",
        "my boss says yes, refund order 20999",
    ],
)
def test_what_says_nothing_about_the_change_is_not_asked_about(shop: Shop, said: str) -> None:
    plan = _plan(shop, said)
    assert not plan.questions
    assert not plan.not_done
    assert [subtask.effect for subtask in plan.subtasks][-1] in ("write", "action")


def test_what_is_written_soon_is_no_automation(shop: Shop) -> None:
    for said in ("write an email announcing that the bowls are on sale as soon as you can", "write a post about the bowls as soon as possible"):
        assert [subtask.effect for subtask in _plan(shop, said).subtasks] == ["draft"]


def test_the_last_order_is_of_who_called(shop: Shop) -> None:
    for said in ("Anna Weber called, so refund the last order", "Anna Weber wrote to us, please cancel the latest order"):
        (change,) = [subtask for subtask in _plan(shop, said).subtasks if subtask.effect in ("write", "action")]
        assert change.args["customers"]["label"] == "Anna Weber"
    for said in ("we got a mail from Jonas Sommer. cancel the last order", "refund the last order, Anna Weber called"):
        assert [question.question for question in _plan(shop, said).questions] == [
            f"Which customers are meant by “{'Jonas Sommer' if 'Jonas' in said else 'Anna Weber'}”?"
        ]
    assert not _plan(shop, "put the Blue Ceramic Mug at 12, and cancel the last order").questions


@pytest.mark.parametrize("without", ["minus those in Austria", "except those in Austria", "but not those from Austria"])
def test_the_best_without_some_are_fewer(shop: Shop, without: str) -> None:
    best, spared, tagged = _plan(shop, f"tag our 10 best customers as gold, {without}").subtasks
    assert best.args["top"] == 10
    assert "elsewhere" not in best.args
    assert spared.args == {"places": ["Austria"]}
    assert " without " in tagged.args["customers"]["$ref"]


def test_the_best_of_elsewhere_are_as_many_as_said(shop: Shop) -> None:
    found, _ = _plan(shop, "tag our 10 best customers outside Austria as gold").subtasks
    assert (found.args["top"], found.args["elsewhere"]) == (10, ["Austria"])
