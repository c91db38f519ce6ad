"""Requests of one part: what is plain is done without a question, and nothing else than was said is written, changed or told."""

from __future__ import annotations

import asyncio

import pytest

from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("ship the orders from yesterday", ["find_orders", "fulfil_order"]),
        ("move all orders from yesterday to shipped with DHL", ["find_orders", "fulfil_order"]),
        ("hide all products that have no image", ["find_products", "edit_product"]),
        ("hide the 3 worst sellers", ["sales_report", "edit_product"]),
        ("make free shipping from 60 euros in december", ["create_discount"]),
        ("take the wholesale tag off anyone with no order this year", ["find_customers", "tag_customers"]),
    ],
)
def test_what_one_task_takes_whole_is_not_asked_about(said: str, parts: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    assert ([part.task for part in plan.subtasks], plan.questions, plan.not_done) == (parts, (), ())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("email to all vips: the winter sale starts friday, 20% off wool", "the winter sale starts friday, 20% off wool"),
        ("write to everyone tagged wholesale: the price list changes in january", "the price list changes in january"),
        ("tell all customers in Berlin: we are closed from 24 december to 2 january", "we are closed from 24 december to 2 january"),
    ],
)
def test_what_they_are_told_says_nothing_of_who_they_are(said: str, told: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    found, letter = plan.subtasks
    assert found.task == "find_customers" and not found.args.get("period") and not found.args.get("spent")
    assert ", ".join(letter.args["mention"]) == told and not plan.not_done and not plan.questions


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("give Anna Becker her money back for the broken bowl in her last order", "broken"),
        ("refund Anna Becker for the damaged bowl in her last order", "damaged"),
        ("refund Anna Becker the missing bowl of her last order", "missing"),
        ("refund Anna Becker for the scratched bowl of her last order", "scratched"),
    ],
)
def test_broken_goods_are_what_is_paid_back(said: str, why: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    named = part.args.get("products") or any(asked.field == "products" for asked in plan.questions)
    assert part.task == "refund_order" and part.args["reason"] == why and named


def test_a_code_ends_before_the_day_from_which_it_is_off(planner: Planner, demo: EmbeddedStore) -> None:
    for said in ("turn off the code WELCOME10 from friday", "stop WELCOME10 from friday on"):
        plan = _plan(planner, demo, said)
        (part,) = plan.subtasks
        assert part.task == "end_discount" and "T00:00" in str(part.args["ends"]) and not plan.questions


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("which page do people leave the shop from", "no visits, clicks"),
        ("how many new customers did the newsletter bring", "no visits, clicks"),
        ("how many people clicked our instagram ad", "no visits, clicks"),
        ("why hasn't Stripe paid out yet", "own admin"),
        ("packing slip for #1045", "no invoices, packing slips"),
        ("print the invoice for #1045", "no invoices, packing slips"),
        ("what did shipping cost us", "carriers charge"),
        ("what did DHL charge us last month", "carriers charge"),
        ("sort the summer collection by best sellers", "shows its products"),
    ],
)
def test_what_the_shop_does_not_know_is_told(said: str, why: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    assert not plan.subtasks and not plan.questions and why in plan.not_done[0].reason


def test_a_question_of_what_is_meant_is_a_choice(planner: Planner, demo: EmbeddedStore) -> None:
    for said in ("buy 3 soaps pay for 2", "cut all mugs by 10% for members only", "just gimme the low ones"):
        for asked in _plan(planner, demo, said).questions:
            assert asked.field != "task" or len(asked.options) > 2, said


def _plan(planner: Planner, demo: EmbeddedStore, said: str) -> Plan:
    clock = ShopClock(demo.shop.time_zone)
    return asyncio.run(planner.plan(Ask(said, shop=demo.shop.id, locale=demo.shop.locale), demo, clock))
