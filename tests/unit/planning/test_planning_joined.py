"""Several requests in one text: none is swallowed by the one beside it, and what leans on another stays with it."""

from __future__ import annotations

import asyncio

import pytest

from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("email me a stock list every Sunday and cancel order 20999", ["schedule_report", "cancel_order"]),
        ("I want the number of orders in my inbox every Monday, refund order 20950", ["schedule_report", "refund_order"]),
        ("first tell me your capabilities, after that how much did we sell on mondays in October", ["what_can_you_do", "sales_report"]),
        ("set a low stock alert for the oak serving board at 10, then write a privacy policy", ["create_automation", "write_page"]),
        ("notify me whenever stock of a product drops below 5 and refund order 20950", ["create_automation", "refund_order"]),
        (
            "pull up order 20950, archive the bud vase; set a low stock alert for the milk jug at 10",
            ["show_order", "edit_product", "create_automation"],
        ),
        (
            "refund order 20950, reviews waiting for approval\nwhich automations are switched off",
            ["refund_order", "find_reviews", "list_automations"],
        ),
        ("make a segment of customers tagged wholesale, tell me your capabilities", ["create_segment", "what_can_you_do"]),
        ("write a privacy policy, how many products are on sale", ["write_page", "find_products"]),
        ("see all my workflows\nwhich messages can wait\ncancel order 20999", ["list_automations", "triage_messages", "cancel_order"]),
    ],
)
def test_each_request_of_a_row_is_planned(said: str, expected: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    assert [part.task for part in plan.subtasks] == expected
    assert not plan.not_done


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("when an order over 100 comes in, tag it vip and email me", ["create_automation"]),
        ("every Monday send me revenue and the low stock", ["schedule_report"]),
        ("whenever a product sells out, hide it and tell me", ["create_automation"]),
        ("cut the mugs by 10% and tag them sale", ["change_price", "edit_product"]),
        ("restock the oak serving board, the bud vase and the milk jug to 20", ["adjust_inventory"]),
        ("create a product called Sea Salt Soap for 7.50, type soap, tags sea and gift", ["create_product"]),
        ("cancel orders 20999, 20998 and 20997", ["cancel_order"]),
    ],
)
def test_what_belongs_together_stays_together(said: str, expected: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    assert [part.task for part in _plan(planner, demo, said).subtasks] == expected


def _plan(planner: Planner, demo: EmbeddedStore, said: str) -> Plan:
    return asyncio.run(planner.plan(Ask(said, shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone)))


@pytest.mark.parametrize(
    "said", ["tag 20980 gift", "refund shipping on 20991, tag 20980 gift", "tag 20981 urgent and 20980 gift", "label 20980 gift"]
)
def test_a_number_before_a_tag_is_that_of_an_order(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    tagged = _plan(planner, demo, said).subtasks[-1]
    assert (tagged.args["orders"]["label"], tagged.args["add_tags"]) == ("#20980", ["gift"])


@pytest.mark.parametrize("words", ["it ships today", "it arrives tomorrow", "it left the house yesterday"])
def test_a_day_in_what_the_customer_is_told_finds_no_other_customers(words: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, f"label 20980 urgent and tell the customer {words}")
    assert [part.task for part in plan.subtasks] == ["edit_order", "message_customer"] and plan.subtasks[1].args["message"] == words


@pytest.mark.parametrize("asked", ["how many are in it", "how many people is that", "and tell me how many are in there"])
def test_how_many_a_group_has_is_told_where_it_is_approved(asked: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, f"make a segment of customers who spent over 500 euros, {asked}")
    assert [part.task for part in plan.subtasks] == ["create_segment"] and not plan.questions and not plan.not_done


@pytest.mark.parametrize("moved", ["drop", "jump", "increase", "slump"])
def test_what_befell_sales_is_no_product(moved: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, f"compare october with september, explain the {moved}, forecast december")
    assert [part.task for part in plan.subtasks] == ["sales_report", "explain_change", "forecast_sales"] and not plan.questions


@pytest.mark.parametrize("asked", ["any left", "how many left", "how many are left"])
def test_what_is_left_is_asked_of_the_one_thing_spoken_of(asked: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, f"what did the porridge mug make this year, {asked}")
    assert plan.subtasks[1].task == "inventory_report" and plan.subtasks[1].args["products"]["label"] == "Porridge Mug"
