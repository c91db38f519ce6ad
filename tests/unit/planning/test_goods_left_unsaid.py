"""A question right after goods were spoken of, which leaves them unsaid; and one of a kind that those goods do not come in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agent.planning.planner import Planner
from agent.records import Ask, Plan, Proposed, Turn
from agent.sdk import Selection
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore


def after(first: str, then: str, planner: Planner, demo: EmbeddedStore, found: dict[str, Any] | None = None) -> Plan:
    """What the second message is planned as, the changes of the first waiting for approval."""
    plan = _plan(first, planner, demo, [])
    waits = [Proposed(subtask=s.id, change_set="cs_1", state="open", summary="it") for s in plan.subtasks if s.effect == "write"]
    return _plan(then, planner, demo, [Turn(run="run_1", plan=plan, found={"s1": found} if found else {}, proposed=waits)])


def _plan(text: str, planner: Planner, demo: EmbeddedStore, turns: list[Turn]) -> Plan:
    shop = demo.shop
    return asyncio.run(planner.plan(Ask(text, shop=shop.id, locale=shop.locale), demo, ShopClock(shop.time_zone), turns))


def _only(plan: Plan) -> tuple[str, dict[str, Any]]:
    assert not plan.questions and not plan.not_done, [q.question for q in plan.questions]
    (one,) = plan.subtasks
    return one.task, dict(one.args)


FIRST = ("put the Bread Knife at 52", "stock of the Bread Knife", "write a description for the Bread Knife")


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("then", ["how many did we sell last month", "and how many have we sold this year?", "how many were sold in october"])
def test_what_is_counted_and_not_named_is_what_was_spoken_of(first: str, then: str, planner: Planner, demo: EmbeddedStore) -> None:
    task, args = _only(after(first, then, planner, demo))
    assert (task, args["products"]["label"]) == ("sales_report", "Bread Knife")


@pytest.mark.parametrize(
    "then", ["how many products did we sell last month", "how many did we sell in total last month", "how much did we sell yesterday"]
)
def test_what_is_named_or_of_the_whole_shop_is_no_count_of_those_goods(then: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = after("put the Bread Knife at 52", then, planner, demo)
    assert plan.subtasks and all("products" not in subtask.args for subtask in plan.subtasks)


@pytest.mark.parametrize("then", ["how many did we sell last month", "do we have any left"])
def test_after_no_goods_such_a_count_is_of_the_shop(then: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = after("which codes ran out", then, planner, demo)
    assert all("products" not in subtask.args for subtask in plan.subtasks)


@pytest.mark.parametrize("then", ["do we have any left", "are there any left?", "any left"])
def test_whether_any_are_left_is_asked_of_those_goods(then: str, planner: Planner, demo: EmbeddedStore) -> None:
    task, args = _only(after("put the Bread Knife at 52", then, planner, demo))
    assert (task, args["products"]["label"]) == ("inventory_report", "Bread Knife")


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("then", ["how much is it", "and how much is it now?", "what's it at"])
def test_how_much_it_is_asks_for_its_price(first: str, then: str, planner: Planner, demo: EmbeddedStore) -> None:
    task, args = _only(after(first, then, planner, demo))
    assert (task, args["products"]["label"]) == ("find_products", "Bread Knife")


def test_after_a_figure_of_a_time_how_much_it_is_asks_for_no_price(planner: Planner, demo: EmbeddedStore) -> None:
    plan = after("how much did the Bread Knife sell last month", "how much is it", planner, demo)
    assert all(subtask.task != "find_products" for subtask in plan.subtasks)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("stock of the Wool Blanket", "put the charcoal one at 79"),
        ("what does the Wool Blanket cost", "add 5 to the purple one"),
        ("stock of the Cereal Bowl", "raise the navy one by 2 euros"),
    ],
)
def test_one_that_the_goods_do_not_come_in_is_asked_about_and_never_all_of_them(first: str, then: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = after(first, then, planner, demo)
    assert plan.questions or plan.not_done
    assert all("variants" not in subtask.args for subtask in plan.subtasks)


def test_one_that_they_do_come_in_is_that_one(planner: Planner, demo: EmbeddedStore) -> None:
    _, args = _only(after("stock of the Wool Blanket", "put the moss one at 79", planner, demo))
    assert args["variants"]["label"].endswith("Wool Blanket (Moss)") and len(args["variants"]["ids"]) == 1


@pytest.mark.parametrize(
    "then", ["who ordered the first one?", "and who placed the first one", "whose order is the first?", "who is behind the first one"]
)
def test_who_stands_behind_one_of_the_orders_is_told_with_that_order(then: str, planner: Planner, demo: EmbeddedStore) -> None:
    orders = asyncio.run(demo.orders(limit=3)).items
    found = {"orders": {"ids": [one.id for one in orders], "label": "the orders found"}}
    task, args = _only(after("which orders are unfulfilled", then, planner, demo, found))
    assert (task, args["orders"]["ids"]) == ("show_order", [orders[0].id])


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("why are returns up", "returns"), ("why did returns go up last week in Germany", "returns"),
        ("what explains the drop in returned goods", "returns"),
        ("why are refunds higher than last month", "refunds"), ("why are sales down this month", "revenue"),
    ],
)  # fmt: skip
def test_what_is_said_to_have_moved_is_what_is_explained(text: str, metric: str, planner: Planner, demo: EmbeddedStore) -> None:
    task, args = _only(_plan(text, planner, demo, []))
    assert (task, args.get("metric")) == ("explain_change", metric)


@pytest.mark.parametrize("then", ["why are they up", "why so many", "why?"])
def test_why_after_a_figure_is_why_of_that_figure(then: str, planner: Planner, demo: EmbeddedStore) -> None:
    task, args = _only(after("how many returns did we have in October", then, planner, demo))
    assert (task, args["metric"], args["period"]["label"]) == ("explain_change", "returns", "October")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("show me blankets and throws", {"Wool Blanket", "Baby Blanket", "Recycled Wool Throw"}),
        ("teapots and jugs", {"Stoneware Teapot", "Milk Jug"}),
    ],
)
def test_kinds_beside_one_another_are_all_meant(text: str, kinds: set[str], planner: Planner, demo: EmbeddedStore) -> None:
    _, args = _only(_plan(text, planner, demo, []))
    titles = {row.title for row in asyncio.run(demo.products()).items if row.id in args["products"]["ids"]}
    assert kinds <= titles


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("put the candles at 12", "make it 13 for those that cost more than 15"),
        ("put the mugs at 18", "make it 20 that we have more than 50 of"),
        ("put the mugs at 18", "make it 20 for those that we have more than 50 of"),
        ("tag the mugs sale", "only those we have more than 50 of"),
    ],
)
def test_a_condition_on_what_was_to_be_changed_keeps_it_to_those(first: str, then: str, planner: Planner, demo: EmbeddedStore) -> None:
    before, now = _plan(first, planner, demo, []), after(first, then, planner, demo)
    field = next(name for name in ("variants", "products") if name in before.subtasks[0].args)
    variants = [{one.id for one in asyncio.run(demo.variants(Selection[Any].model_validate(p.subtasks[0].args[field])))} for p in (before, now)]
    assert variants[1] < variants[0] and not now.questions


@pytest.mark.parametrize("then", ["what was it before", "how much was it until now", "what did it cost before"])
def test_what_it_was_before_a_change_that_waits_is_its_price(then: str, planner: Planner, demo: EmbeddedStore) -> None:
    task, args = _only(after("put the Bread Knife at 52", then, planner, demo))
    assert (task, args["products"]["label"]) == ("find_products", "Bread Knife")


def test_both_are_the_two_that_were_changed_one_after_the_other(planner: Planner, demo: EmbeddedStore) -> None:
    turns: list[Turn] = []
    for n, text in enumerate(["put the Ramen Bowl at 30 euros", "and 28 for the cereal bowl"]):
        plan = _plan(text, planner, demo, turns)
        turns.append(Turn(run=f"run_{n}", plan=plan, found={}, proposed=[Proposed(subtask="s1", change_set=f"cs_{n}", state="open", summary="it")]))
    _, args = _only(_plan("put both in the sale collection", planner, demo, turns))
    assert len(args["products"]["ids"]) == 2


def test_a_count_of_those_is_of_the_goods_since_and_no_other_figure_asked_before(planner: Planner, demo: EmbeddedStore) -> None:
    turns = [
        Turn(run="run_1", plan=(plan := _plan("how much did we sell yesterday", planner, demo, [])), found={}, proposed=[]),
        Turn(run="run_2", plan=_plan("add 25 to the Travel Mug", planner, demo, []), found={}, proposed=[]),
    ]
    assert plan.subtasks[0].task == "sales_report"
    task, args = _only(_plan("and how many of those did we sell in october", planner, demo, turns))
    assert task == "sales_report" and len(args["products"]["ids"]) == 1


@pytest.mark.parametrize(("then", "asks"), [("add a note to it: call first", True), ("tag it urgent", True), ("tag them urgent", False)])
def test_it_is_none_of_all_the_orders_that_were_listed(then: str, asks: bool, planner: Planner, demo: EmbeddedStore) -> None:
    orders = asyncio.run(demo.orders(limit=3)).items
    plan = after("unfulfilled orders over 1000", then, planner, demo, {"orders": {"ids": [one.id for one in orders], "label": "the orders found"}})
    assert [subtask.task for subtask in plan.subtasks] == ["edit_order"]
    assert bool(plan.questions) is asks and ("orders" in plan.subtasks[0].args) is not asks


def test_back_to_what_was_changed_since_is_to_it_as_it_was_changed_last(planner: Planner, demo: EmbeddedStore) -> None:
    turns: list[Turn] = []
    for n, text in enumerate(["make a code TEA10 for 10% off", "only for mugs and bowls", "minimum 40", "how often was MUGLOVE used"]):
        plan = _plan(text, planner, demo, turns)
        states = {one.run for one in plan.replaces}
        turns = [replace(t, proposed=[replace(p, state="rejected") for p in t.proposed]) if t.run in states else t for t in turns]
        waits = [
            Proposed(subtask=s.id, change_set=f"cs_{n}", state="open", summary="New discount: TEA10") for s in plan.subtasks if s.effect == "write"
        ]
        turns.append(Turn(run=f"run_{n}", plan=plan, found={}, proposed=waits))
    _, args = _only(plan := _plan("back to the code: make it 12%", planner, demo, turns))
    assert {"products", "minimum"} <= set(args) and str(args["value"]).startswith("12")
    assert [one.run for one in plan.replaces] == ["run_2"]
