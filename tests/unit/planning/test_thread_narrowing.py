"""Follow-ups that narrow, grow, answer or look again: each keeps to what was spoken of, and a request of its own is none of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from desks import Desk

from agent.planning.threads.markers import marked, whole
from agent.planning.threads.replies import is_order
from agent.records import Ask, Plan, Proposed, Turn
from agent.records.changes import SetState

CODE = "[create_discount: create the code {discount|TEA10} with {percent|10%} off]"
SCHEDULE = "[schedule_report: send me sales by channel every Monday at 9]"
RULE = "[create_automation: when an order over 200 euros comes in, tag it big]"
SEGMENT = "[create_segment: a segment of customers who spent more than 500]"
KITCHEN = "[find_products: show {product|everything in the kitchen collection}]"


def turn(plan: Plan, *, state: SetState | None = None, run: str = "run_1", found: dict[str, dict[str, Any]] | None = None) -> Turn:
    proposed = [Proposed(subtask=plan.subtasks[0].id, change_set="cs_1", state=state, summary="What was proposed")] if state else []
    return Turn(run=run, plan=plan, proposed=proposed, found=found or {})


def after(desk: Desk, text: str, *turns: Turn) -> Plan:
    said = desk.pupils.reader.teach(text) if text.startswith("[") else text
    return asyncio.run(desk.planner.plan(Ask(said, shop=desk.store.shop.id), desk.store, desk.clock, turns))


def shown(desk: Desk, plan: Plan, field: str = "products", run: str = "run_1") -> Turn:
    """A search whose answer were the records of its own field."""
    return turn(plan, found={"s1": {"products": dict(plan.subtasks[0].args[field])}}, run=run)


@pytest.mark.parametrize(
    ("first", "said", "words"),
    [
        (SCHEDULE, "make it every Tuesday at 10", "sales by channel every Tuesday at 10:00"),
        (SCHEDULE, "no, Friday", "sales by channel every Friday at 09:00"),
        (SCHEDULE, "only the top 5", "sales by channel top 5 every Monday at 09:00"),
        (RULE, "make it 300", "when an order over 300 euros comes in, tag it big"),
        (RULE, "also email me", "when an order over 200 euros comes in, tag it big, email me"),
        (SEGMENT, "only from France", "a segment of customers who spent more than 500 from France"),
        (SEGMENT, "call it Big spenders", "a segment of customers who spent more than 500, called “Big spenders”"),
    ],
)
def test_what_takes_any_words_is_changed_by_a_later_message_and_not_overwritten(desk: Desk, first: str, said: str, words: str) -> None:
    plan = after(desk, said, turn(desk.plan(first), state="open"))
    assert [value for one in plan.subtasks for value in one.args.values()] == [words]
    assert [(one.run, one.subtask) for one in plan.replaces] == [("run_1", "s1")]


def test_this_every_monday_is_what_was_asked_before(desk: Desk) -> None:
    report = turn(desk.plan("[sales_report: what were sales by {field|country} {period|last month}]"))
    plan = after(desk, "[schedule_report: send me this every Monday]", report)
    assert plan.subtasks[0].args == {"request": "send me what were sales by country last month every Monday"}


def test_they_in_a_rule_are_the_goods_before_and_not_all_there_are(desk: Desk) -> None:
    rule = "[create_automation: email me when they drop below 5]"
    mugs = after(desk, rule, turn(desk.plan("[inventory_report: how many {product|mugs} do we have]")))
    assert mugs.subtasks[0].args == {"rule": "email me when mugs drop below 5"} and mugs.questions == ()
    unnamed = after(desk, rule, turn(desk.plan("[inventory_report: what is low on stock]")))
    assert [question.field for question in unnamed.questions] == ["rule"]


def test_which_sells_best_is_asked_of_what_was_found(desk: Desk) -> None:
    kitchen = desk.plan(KITCHEN)
    plan = after(desk, "[product_performance: which one sells best?]", shown(desk, kitchen))
    assert plan.subtasks[0].args["products"]["ids"] == kitchen.subtasks[0].args["products"]["ids"]


def test_some_of_what_was_found_is_never_more_than_that(desk: Desk) -> None:
    kitchen = desk.plan(KITCHEN)
    before = set(kitchen.subtasks[0].args["products"]["ids"])
    for said in ("which of them are in stock?", "only the ones that are in stock", "which ones are in stock"):
        plan = after(desk, said, shown(desk, kitchen))
        assert set(plan.subtasks[0].args["products"]["ids"]) <= before
    none = after(desk, "how many of them are candles?", shown(desk, kitchen))
    assert [q.field for q in none.questions] == ["products"] and "Candle" in none.questions[0].question


def test_a_range_keeps_its_end_when_its_number_changes(desk: Desk) -> None:
    first = desk.plan("[find_customers: customers with {quantity|more than 5} orders]")
    assert first.subtasks[0].args["orders"] == {"above": 5}
    assert after(desk, "make it 10 orders", turn(first)).subtasks[0].args["orders"] == {"above": 10}


def test_an_answer_that_describes_some_of_what_was_offered_stays_among_it(desk: Desk) -> None:
    asked = desk.plan("[change_price: put {product|the mug} at {money|15}]")
    plan = after(desk, "the stoneware one", turn(asked))
    assert desk.titles(plan.subtasks[0], "variants") == {"Speckled Stoneware Mug"}


def test_by_so_much_answers_the_question_for_a_price_as_a_move(desk: Desk) -> None:
    asked = desk.plan("[change_price: lower the price of {product|the merino beanie}]")
    assert [question.field for question in asked.questions] == ["price"]
    args = after(desk, "by 2 euros", turn(asked)).subtasks[0].args
    assert args["by"]["amount"] == "2.00" and "price" not in args


@pytest.mark.parametrize(
    ("said", "orders"),
    [("refund the shipping", True), ("write her an email", True), ("refund requested by phone", False), ("call after six", False), ("rush", False)],
)
def test_an_order_of_its_own_is_no_text_to_be_written_down(said: str, orders: bool) -> None:
    assert is_order(said) is orders


def test_goods_said_of_a_code_that_waits_make_no_second_code(desk: Desk) -> None:
    first = desk.plan(CODE)
    plan = after(desk, "[create_discount=0.3: for {product|the merino beanie}]", turn(first, state="open"))
    assert plan.subtasks[0].args["code"] == "TEA10" and desk.titles(plan.subtasks[0], "products") == {"Merino Beanie"}
    assert [(one.run, one.subtask) for one in plan.replaces] == [("run_1", "s1")]


def test_no_end_date_ends_no_discount(desk: Desk) -> None:
    first = desk.plan("[create_discount: create the code {discount|TEA10} with {percent|10%} off {until|until 30 November}]")
    plan = after(desk, "[end_discount: no {value|end} date]", turn(first, state="open"))
    assert [one.task for one in plan.subtasks] == ["create_discount"] and "ends" not in plan.subtasks[0].args


def test_a_look_at_what_was_changed_is_no_search_of_the_shop_and_leaving_out_is_about_the_change(desk: Desk) -> None:
    change = desk.plan("[edit_product: tag {product|everything in the kitchen collection} as {tag|cosy}]")
    looked = after(desk, "which ones did you tag?", turn(change, state="open"))
    assert [one.task for one in looked.subtasks] == ["find_products"]
    assert looked.subtasks[0].args["products"]["ids"] == change.subtasks[0].args["products"]["ids"]
    left = after(desk, "leave out the oak board", turn(change, state="open"), shown(desk, looked, run="run_2"))
    assert [one.task for one in left.subtasks] == ["edit_product"] and "Oak Serving Board" not in desk.titles(left.subtasks[0], "products")


def test_how_many_are_there_is_asked_of_the_same_search(desk: Desk) -> None:
    kitchen = desk.plan(KITCHEN)
    plan = after(desk, "[inventory_report: how many are there?]", shown(desk, kitchen))
    assert [one.task for one in plan.subtasks] == ["find_products"] and plan.subtasks[0].args == kitchen.subtasks[0].args


@pytest.mark.parametrize(
    ("said", "kind", "rest"),
    [
        ("and do that for the plates too", "add", "the plates"),
        ("do it for the oak board as well", "add", "the oak board"),
        ("now the same for instagram", "add", "instagram"),
        ("new customers only", "only", "new customers"),
        ("and only those in stock", "only", "in stock"),
        ("the ones under 20 euros", "only", "under 20 euros"),
        ("no end date", "plain", "no end date"),
        ("call the tag superfan", "replace", "superfan"),
    ],
)
def test_words_that_tie_a_message_to_the_one_before_are_told_from_what_it_says(said: str, kind: str, rest: str) -> None:
    mark = marked(said)
    assert (mark.kind, said[mark.start : mark.end]) == (kind, rest)


@pytest.mark.parametrize(("said", "meaning"), [("never mind, leave it", "reject"), ("none of them", "reject"), ("remove it again", "undo")])
def test_whole_messages_are_known_in_more_wordings(said: str, meaning: str) -> None:
    found = whole(said)
    assert found is not None and found[0] == meaning


def test_only_those_that_there_are_none_of_are_asked_about_and_the_change_reaches_no_others(desk: Desk) -> None:
    first = desk.plan("[change_price: lower {product|all mugs} by {money|2 euros}]")
    plan = after(desk, "only those under 1 euro", turn(first, state="open"))
    assert [question.field for question in plan.questions] == ["variants"] and "variants" not in plan.subtasks[-1].args
