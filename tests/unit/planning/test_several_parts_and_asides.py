"""Requests of several parts with something between them that asks for nothing, or that leads to the next: each part is of what it is said of."""

from __future__ import annotations

import asyncio

import pytest

from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore


def _plan(said: str, planner: Planner, demo: EmbeddedStore) -> Plan:
    return asyncio.run(planner.plan(Ask(said, shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone)))


def _done(plan: Plan) -> list[str]:
    return [subtask.task for subtask in plan.subtasks if subtask.id not in plan.waiting()]


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("don't show me the drafts, and cut the mugs by 10%", ["change_price"]),
        ("please don't list the bowls, and archive the linen scarf", ["edit_product"]),
        ("don't find lapsed customers and take the tag active off them", []),
        ("never show the drafts and publish them", []),
        ("do not count the mugs and archive them", []),
    ],
)
def test_a_look_that_is_not_wanted_is_not_made_nor_what_is_done_to_its_finds(
    said: str, done: list[str], planner: Planner, demo: EmbeddedStore
) -> None:
    plan = _plan(said, planner, demo)
    assert _done(plan) == done
    assert [part.code for part in plan.not_done][:1] == ["unclear"]


@pytest.mark.parametrize("words", ["should I {0}?", "did anybody {0}?", "my colleague will {0} himself"])
def test_a_look_only_spoken_of_leads_to_no_change(words: str, planner: Planner, demo: EmbeddedStore) -> None:
    look = "find lapsed customers and take the tag active off them"
    assert "tag_customers" in _done(_plan(look, planner, demo))
    assert "tag_customers" not in _done(_plan(words.format(look), planner, demo))


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("do you know which customers bought a teapot this month, and tag them as tea", ["find_customers", "tag_customers"]),
        ("I was wondering who bought a teapot this month and can you tag them vip", ["find_customers", "tag_customers"]),
        ("my boss wants to see the lapsed customers and tag them vip", ["find_customers", "tag_customers"]),
        ("could somebody check the drafts and publish them", ["find_products", "edit_product"]),
        (
            "how many candles have we left, what did they make last month, and put them up 5 percent",
            ["inventory_report", "sales_report", "change_price"],
        ),
        ("I don't see the drafts, show them to me", ["find_products"]),
    ],
)
def test_a_question_that_is_answered_leaves_the_change_after_it_asked_for(said: str, done: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    assert _done(_plan(said, planner, demo)) == done


@pytest.mark.parametrize("words", ["publish nothing yet", "send nothing until I have read it", "but tell nobody"])
def test_what_is_done_to_nothing_is_not_done(words: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(f"translate the teapot description into French and {words}", planner, demo)
    assert _done(plan) == ["translate_content"]
    assert len(plan.subtasks) == 1


@pytest.mark.parametrize(
    "said",
    [
        "tag the mugs sale, and as for the bowls, knock 3 euros off",
        "tag the mugs sale and for the bowls, take 3 euros off",
        "archive the linen scarf, and regarding the bowls, raise them by 2 euros",
    ],
)
def test_what_is_named_first_is_what_the_verb_after_it_is_of(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(said, planner, demo)
    assert _done(plan) == ["edit_product", "change_price"]
    assert plan.subtasks[1].args["variants"]["label"] == "bowls"
    assert not plan.not_done


@pytest.mark.parametrize(
    "said",
    ["I had Julia Schneider on the phone, tag the last order as urgent", "Julia Schneider called, so tag the latest order as urgent"],
)
def test_the_last_order_is_of_the_person_named_before(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(said, planner, demo)
    asked = {question.field for question in plan.questions}
    assert "customers" in plan.subtasks[0].args or "customers" in asked
    assert [subtask.task for subtask in plan.subtasks] == ["edit_order"]


@pytest.mark.parametrize("words", ["tomorrow", "next week"])
@pytest.mark.parametrize("what", ["schedule a weekly report of best sellers", "set up a workflow that notifies me when a 1-star review comes in"])
def test_to_be_reminded_of_setting_up_is_no_setting_up(what: str, words: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert _done(_plan(f"remind me to {what} {words}", planner, demo)) == []


@pytest.mark.parametrize(
    "said",
    [
        "send me a sales report every Monday at 8, and show me yesterday's sales now",
        "mail me the sales every Monday at 8 and show me yesterday's right now",
    ],
)
def test_what_is_asked_for_at_once_is_no_part_of_what_recurs(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert _done(_plan(said, planner, demo)) == ["schedule_report", "sales_report"]
