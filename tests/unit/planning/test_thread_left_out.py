"""What later messages leave out, take back or set against another: of the change that waits, and never of records that it was not about."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from desks import Desk

from agent.planning.planner import Planner
from agent.planning.threads.markers import marked
from agent.records import Ask, Plan, Proposed, Turn
from agent.records.changes import SetState
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore

KITCHEN = "[edit_product: tag {product|everything in the kitchen collection} {tag|gift}]"
BLUE = "[change_price: put {product|the blue mug} at {money|12.50}]"
BOARD = "[change_price: put {product|the oak serving board} at {money|40}]"


def turn(plan: Plan, *, state: SetState | None = None, run: str = "run_1", change_set: str = "cs_1", found: dict[str, Any] | None = None) -> Turn:
    proposed = [Proposed(subtask=plan.subtasks[0].id, change_set=change_set, state=state, summary="What was proposed")] if state else []
    return Turn(run=run, plan=plan, proposed=proposed, found={"s1": found} if found else {})


def after(desk: Desk, text: str, *turns: Turn) -> Plan:
    said = desk.pupils.reader.teach(text) if text.startswith("[") else text
    return asyncio.run(desk.planner.plan(Ask(said, shop=desk.store.shop.id), desk.store, desk.clock, turns))


@pytest.mark.parametrize(
    ("text", "kind"),
    [("and not the robe", "without"), ("and also without the socks", "without"), ("and only the blue ones", "only"), ("and the robe", "add")],
)
def test_and_before_a_word_that_narrows_adds_nothing(text: str, kind: str) -> None:
    assert marked(text).kind == kind


def test_and_after_except_leaves_out_more_of_the_same(desk: Desk) -> None:
    kitchen = desk.plan(KITCHEN)
    all_ = set(kitchen.subtasks[0].args["products"]["ids"])
    titles = desk.titles(kitchen.subtasks[0], "products")
    first, second = sorted(titles)[:2]
    without = after(desk, f"except the {first}", turn(kitchen, state="open"))
    for words in (f"and the {second}", f"and not the {second}"):
        more = after(desk, words, turn(kitchen, state="rejected"), turn(without, state="open", run="run_2"))
        assert desk.titles(more.subtasks[0], "products") == titles - {first, second}
        assert [(one.run, one.subtask) for one in more.replaces] == [("run_2", "s1")]
    assert len(all_) == len(titles) > 2


@pytest.mark.parametrize("said", ["except the candles", "but not the candle", "without the candles"])
def test_what_none_of_them_is_cannot_be_left_out_and_the_change_is_not_proposed_again(desk: Desk, said: str) -> None:
    plan = after(
        desk, said, turn(desk.plan("[change_price: put {product|the blue mug} and {product|the oak serving board} at {money|12.50}]"), state="open")
    )
    assert not any(one.effect == "write" and one.id not in plan.waiting() for one in plan.subtasks) and plan.replaces == ()


@pytest.mark.parametrize("said", ["only the oak board", "just the oak serving board"])
def test_only_others_than_those_before_is_asked_about(desk: Desk, said: str) -> None:
    plan = after(desk, said, turn(desk.plan(BLUE), state="open"))
    assert [one.field for one in plan.questions] == ["variants"] and not any("ids" in dict(one.args.get("variants") or {}) for one in plan.subtasks)


@pytest.mark.parametrize("said", ["leave the oak board", "never mind the oak serving board", "ok leave the oak one"])
def test_the_one_of_two_that_is_named_is_taken_back(desk: Desk, said: str) -> None:
    plan = after(desk, said, turn(desk.plan(BLUE), state="open"), turn(desk.plan(BOARD), state="open", run="run_2", change_set="cs_2"))
    assert plan.subtasks == () and [(one.run, one.subtask) for one in plan.replaces] == [("run_2", "s1")]


def test_a_tag_that_is_to_be_left_is_not_put_on_again(desk: Desk) -> None:
    add = desk.plan("[tag_customers: tag {customer|Anna Schmidt} as {tag|paris}]")
    remove = desk.plan("[tag_customers: take the tag {tag|vip} off {customer|Anna Schmidt}]")
    plan = after(desk, "ok leave the vip tag", turn(add, state="open"), turn(remove, state="open", run="run_2", change_set="cs_2"))
    assert plan.subtasks == () and [(one.run, one.subtask) for one in plan.replaces] == [("run_2", "s1")]


@pytest.mark.parametrize("said", ["undo both", "undo the last two", "put both back"])
def test_both_are_put_back_and_what_waits_of_them_is_taken_back(desk: Desk, said: str) -> None:
    blue, board = turn(desk.plan(BLUE), state="applied"), turn(desk.plan(BOARD), state="applied", run="run_2", change_set="cs_2")
    assert [one.args["change_set"] for one in after(desk, said, blue, board).subtasks] == ["cs_2", "cs_1"]
    waits = turn(desk.plan(BOARD), state="open", run="run_2", change_set="cs_2")
    plan = after(desk, said, blue, waits)
    assert [one.args["change_set"] for one in plan.subtasks] == ["cs_1"] and [one.run for one in plan.replaces] == ["run_2"]


def test_another_time_is_compared_with_the_same_time_a_year_before(desk: Desk) -> None:
    june = desk.plan("[sales_report: sales {period|in June 2026} compared with {compare|June 2025}]")
    assert june.subtasks[0].args["compare"]["start"].startswith("2025-06")
    may = after(desk, "[sales_report: and {period|in May 2026}?]", turn(june))
    assert may.subtasks[0].args["period"]["start"].startswith("2026-05") and may.subtasks[0].args["compare"]["start"].startswith("2025-05")


def test_the_cheapest_of_what_was_found_is_changed_and_not_all_of_it(desk: Desk) -> None:
    kitchen = desk.plan("[find_products: show {product|everything in the kitchen collection}]")
    ids = list(kitchen.subtasks[0].args["products"]["ids"])
    shown = turn(
        kitchen, found={"products": {"ids": ids, "where": {}, "label": "kitchen"}, "variants": {"ids": ids, "where": {}, "label": "kitchen"}}
    )
    plan = after(desk, "[edit_product: hide {product|the cheapest}]", shown)
    assert [one.task for one in plan.subtasks] == ["find_products", "edit_product"]
    assert (plan.subtasks[0].args["top"], plan.subtasks[0].args["sort"], plan.subtasks[0].args["products"]["ids"]) == (1, "price_low", ids)
    dearest = {"ids": ids[:1], "where": {}, "label": "kitchen"}
    looked = turn(after(desk, "the most expensive one", shown), run="run_2", found={"products": dearest, "variants": dearest})
    put = turn(after(desk, "[change_price: put {product|it} at {money|20 euros}]", shown, looked), run="run_3", state="open")
    assert put.plan.subtasks[0].args["variants"]["ids"] == ids[:1]
    other = after(desk, "no, the cheapest", shown, looked, put)
    assert [one.task for one in other.subtasks] == ["find_products", "change_price"] and [one.run for one in other.replaces] == ["run_3"]
    assert other.subtasks[1].args["variants"] == {"$ref": "s1.variants"} and other.subtasks[0].args["products"]["ids"] == ids


@pytest.mark.parametrize(("said", "amount"), [("customers who spent {amount|over 2000}", True), ("customers who ordered {period|in 2025}", False)])
def test_over_two_thousand_is_an_amount_and_no_year(desk: Desk, said: str, amount: bool) -> None:
    args = desk.plan(f"[find_customers: {said.replace('amount|', 'money|')}]").subtasks[0].args
    assert ("spent" in args) is amount and ("period" in args) is not amount


def test_a_noun_that_several_have_is_the_one_that_was_spoken_of(desk: Desk) -> None:
    waits = turn(desk.plan("[change_price: put {product|the speckled stoneware mug} at {money|18}]"), state="open")
    board = turn(desk.plan(BOARD), state="open", run="run_2", change_set="cs_2")
    plan = after(desk, "[change_price: make {product|the mug} {money|19}]", waits, board)
    assert desk.titles(plan.subtasks[0], "variants") == {"Speckled Stoneware Mug"} and plan.questions == ()
    assert [one.run for one in plan.replaces] == ["run_1"]
    assert after(desk, "[change_price: make {product|the mug} {money|19}]", board).questions


def test_the_customers_of_orders_just_shown_are_theirs(desk: Desk) -> None:
    found = {name: {"ids": ids, "where": {}, "label": f"the {name}"} for name, ids in (("orders", ["o_1", "o_2"]), ("customers", ["c_1", "c_2"]))}
    shown = turn(desk.plan("[find_orders: orders {period|last week}]"), found=found)
    for words in ("tag {customer|their customers} {tag|berliner}", "tag {customer|the customers} {tag|berliner}"):
        assert list(after(desk, f"[tag_customers: {words}]", shown).subtasks[0].args["customers"]["ids"]) == ["c_1", "c_2"]


@pytest.mark.parametrize("said", ["who have ordered twice or more", "who has ordered at least twice", "who ordered twice or more"])
def test_who_has_done_something_narrows_the_customers_shown(planner: Planner, demo: EmbeddedStore, said: str) -> None:
    def planned(text: str, *turns: Turn) -> Plan:
        return asyncio.run(planner.plan(Ask(text, shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone), turns))

    shown = turn(planned("show me customers from London"), found={"customers": {"ids": ["c_1", "c_2"], "where": {}, "label": "the customers found"}})
    args = planned(said, shown).subtasks[0].args
    assert [place.lower() for place in args["places"]] == ["london"] and args["orders"] == {"at_least": 2}


def test_what_was_narrowed_to_nothing_has_no_first(desk: Desk) -> None:
    bad = desk.plan("[find_reviews: reviews with {quantity|1 star}]")
    shown = turn(bad, found={"reviews": {"ids": ["r_1", "r_2"], "where": {}, "label": "the reviews found"}})
    none = turn(bad, run="run_2", found={"reviews": {"ids": [], "where": {}, "label": "the reviews found"}})
    hide = "[moderate_reviews: hide {review|the first one}]"
    assert list(after(desk, hide, shown).subtasks[0].args["reviews"]["ids"]) == ["r_1"]
    assert [one.field for one in after(desk, hide, shown, none).questions] == ["reviews"]


@pytest.mark.parametrize(("said", "id"), [("also the third", "c_3"), ("and the last one too", "c_5"), ("and number 4", "c_4")])
def test_one_more_of_the_list_is_changed_alike(desk: Desk, said: str, id: str) -> None:
    ids = [f"c_{n}" for n in range(1, 6)]
    found = {"customers": {"ids": ids, "where": {}, "label": "the customers found"}}
    shown = turn(desk.plan("[find_customers: customers from {place|London}]"), found=found)
    first = after(desk, "[tag_customers: tag {customer|the first two} as {tag|gold}]", shown)
    assert list(first.subtasks[0].args["customers"]["ids"]) == ids[:2]
    plan = after(desk, said, shown, turn(first, state="open", run="run_2"))
    assert [(one.args["add"], list(one.args["customers"]["ids"])) for one in plan.subtasks] == [(["gold"], [id])] and plan.replaces == ()


def test_except_the_newest_leaves_out_one_alone(desk: Desk) -> None:
    shown = turn(
        desk.plan("[find_reviews: reviews with {quantity|1 star}]"), found={"reviews": {"ids": ["r_1", "r_2"], "where": {}, "label": "found"}}
    )
    hidden = turn(after(desk, "[moderate_reviews: hide {review|them}]", shown), state="open", run="run_2")
    plan = after(desk, "except the newest", shown, hidden)
    assert plan.subtasks[0].args["top"] == 1 and plan.subtasks[-1].args["reviews"] == {"$ref": "s2.reviews without s1.reviews"}


@pytest.mark.parametrize(("said", "order"), [("which month was the best", "best"), ("what month was the weakest?", "worst")])
def test_the_best_row_of_a_report_is_asked_of_that_report(desk: Desk, said: str, order: str) -> None:
    report = desk.plan("[sales_report: sales by {dimension|month} {period|in 2025}]")
    args = after(desk, said, turn(report)).subtasks[0].args
    assert (args["by"], args["order"], args["period"]) == (["month"], order, report.subtasks[0].args["period"])


def test_add_to_it_after_all_there_is_in_stock_is_asked_about(desk: Desk) -> None:
    stock = turn(desk.plan("[inventory_report: {product|everything in stock}]"))
    plan = after(desk, "[adjust_inventory: add {quantity|20} to {product|it}]", stock)
    assert [one.field for one in plan.questions] == ["variants"]


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [("make it {percent|20%} instead", "value", "20%"), ("no, {percent|25%}", "value", "25%"), ("until {until|31 December}", "ends", None)],
)
def test_a_code_that_was_made_is_changed_and_not_made_again(desk: Desk, said: str, field: str, value: str | None) -> None:
    first = desk.plan("[create_discount: create the code {discount|TEA10} with {percent|10%} off]")
    made = turn(first, state="applied", found={"made": {"ids": ["d_1"], "where": {}, "label": "TEA10"}})
    plan = after(desk, f"[create_discount=0.3: {said}]", made)
    assert [one.task for one in plan.subtasks] == ["edit_discount"] and list(plan.subtasks[0].args["discounts"]["ids"]) == ["d_1"]
    assert plan.subtasks[0].args[field] == (value or plan.subtasks[0].args[field]) and {"discounts", field} == set(plan.subtasks[0].args)
    again = after(desk, "[create_discount: another code {discount|TEA20} with {percent|20%} off]", made)
    assert [one.task for one in again.subtasks] == ["create_discount"]


def test_how_many_that_is_is_no_count_of_all_there_are_while_something_is_asked(desk: Desk) -> None:
    asked = desk.plan("[find_orders: orders of {customer|Nobody Known}]")
    assert asked.questions
    plan = after(desk, "how many is that?", turn(asked))
    assert [one.task for one in plan.subtasks] == ["find_orders"] and plan.questions
