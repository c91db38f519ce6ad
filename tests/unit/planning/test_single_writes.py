"""One change in one sentence: what it comes to, and what is told where it is not possible, instead of a change of something else."""

from __future__ import annotations

import asyncio

import pytest

from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    "said",
    [
        "add a size XL to the linen trousers at 49", "we need the linen shirt in XXL as well", "the grandad shirt should also come in olive",
        'add a variant "Large" to the olive dish', "the breton top now comes in XXL too", "can you add XS to the merino jumper",
        "delete the moss variant of the cereal bowl", "new size for the linen socks: 47-50", "remove the size small from the salad bowl",
    ],
)  # fmt: skip
def test_what_a_product_comes_in_is_never_its_title(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    _is_told(_plan(planner, demo, said), "sizes, colours and other variants")


@pytest.mark.parametrize(
    ("said", "task"),
    [
        ("add olive to the grandad shirt's tags", "edit_product"), ("add size and colour to the description of the linen shirt", "fill_attributes"),
        ("put the travel mug in sage at 30", "change_price"), ("create a linen vest in sizes S and M for 49 euros", "create_product"),
        ("add 20 to the stock of the blue ceramic mug small", "adjust_inventory"), ("rename the grandad shirt to Olive Shirt", "edit_product"),
    ],
)  # fmt: skip
def test_sizes_and_colours_are_said_of_other_changes(said: str, task: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    assert [part.task for part in plan.subtasks] == [task] and not plan.not_done


@pytest.mark.parametrize(
    "said",
    [
        "make a 10% code for new customers only", "a welcome code, 10% off, for first-time buyers",
        "a code NEWHERE for 10% that only new customers can use", "set up a 5 euro voucher for all new customers",
    ],
)  # fmt: skip
def test_a_code_for_whoever_is_new_is_none_for_who_is_new_today(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    _is_told(_plan(planner, demo, said), "for the first time")


def test_the_new_customers_of_a_time_are_there_to_be_found(planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, "make a 10% code for the new customers of this month")
    assert [part.task for part in plan.subtasks] == ["find_customers", "create_discount"] and not plan.not_done


@pytest.mark.parametrize(
    "said",
    ["change the email of Anna Weber to anna@weber.de", "update Tom Hughes' phone number to 0170 1234567", "set Anna Schmidt's e-mail to a@b.de"],
)
def test_what_is_kept_of_a_customer_is_not_changed_here(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    _is_told(_plan(planner, demo, said), "cannot be changed here")


def test_stock_is_not_moved_in_one_step(planner: Planner, demo: EmbeddedStore) -> None:
    _is_told(_plan(planner, demo, "move 5 wool blankets from leipzig to berlin"), "Stock is not moved")


@pytest.mark.parametrize(
    "said",
    [
        "5 off when they spend 40 or more, code FIVER", "minus 5 euro when they spend 40, code FIVER",
        "code FIVER: 5 euros off if they spend at least 40",
        "5 euro off once you spend 40, code FIVER", "code FIVER, 5 euros off if the basket is over 40",
    ],
)  # fmt: skip
def test_what_they_are_to_spend_is_the_minimum_and_no_condition(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert not plan.questions and (part.task, part.args["code"]) == ("create_discount", "FIVER")
    assert (part.args["value"]["amount"], part.args["minimum"]["amount"]) == ("5.00", "40.00")


def test_what_else_it_depends_on_is_still_asked_about(planner: Planner, demo: EmbeddedStore) -> None:
    assert _plan(planner, demo, "5 euro off if it rains on Sunday, code FIVER").questions


@pytest.mark.parametrize(
    "said",
    [
        "set the compare at price of the wool blanket to 139", "strike price 139 on the wool blanket", "the was-price of the wool blanket is 139",
        "set the strike-through price of the wool blanket to 139",
    ],
)  # fmt: skip
def test_an_old_price_is_no_title_and_no_price(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert not plan.questions and part.task == "edit_product" and part.args["compare_at_price"]["amount"] == "139.00" and "title" not in part.args


def test_a_title_of_digits_is_no_old_price(planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, "set the title of the wool blanket to 139").subtasks
    assert "compare_at_price" not in part.args


@pytest.mark.parametrize("said", ["storno 20989 please", "storno order 20989"])
def test_storno_cancels(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, said).subtasks
    assert part.task == "cancel_order" and part.args["orders"]["label"] == "#20989"


@pytest.mark.parametrize("said", ["if a product falls under 6 units, mail me", "mail me if a product falls under 6 units"])
def test_what_is_to_be_mailed_when_stock_falls_is_a_rule(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert not plan.questions and part.task == "create_automation" and part.args["rule"] == said


def _is_told(plan: Plan, words: str) -> None:
    assert not plan.subtasks and not plan.questions
    (told,) = plan.not_done
    assert told.code == "not_supported" and words in told.reason


def _plan(planner: Planner, demo: EmbeddedStore, said: str) -> Plan:
    clock = ShopClock(demo.shop.time_zone)
    return asyncio.run(planner.plan(Ask(said, shop=demo.shop.id, locale=demo.shop.locale), demo, clock))
