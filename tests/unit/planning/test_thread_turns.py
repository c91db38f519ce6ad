"""Follow-ups on turns made by hand, with a reader that knows nothing of them: words, values and records alone decide."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from desks import Desk

from agent.planning.planner import Planner
from agent.records import Ask, Plan, Proposed, Turn
from agent.records.changes import SetState
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore


def turn(
    plan: Plan, *, state: SetState | None = None, found: dict[str, dict[str, Any]] | None = None, run: str = "run_1", change_set: str = "cs_1"
) -> Turn:
    proposed = [Proposed(subtask="s1", change_set=change_set, state=state, summary="New price")] if state else []
    return Turn(run=run, plan=plan, found=found or {}, proposed=proposed)


def after(desk: Desk, text: str, *turns: Turn, **context: Any) -> Plan:
    return asyncio.run(desk.planner.plan(Ask(text, shop=desk.store.shop.id, context=context), desk.store, desk.clock, turns))


PUT = "[change_price: put {product|the blue mug} at {money|12.50}]"


def test_a_new_value_replaces_the_open_proposal_and_keeps_its_records(desk: Desk) -> None:
    first = desk.plan(PUT)
    plan = after(desk, "make it 20", turn(first, state="open"))
    assert plan.subtasks[0].args["price"]["amount"] == "20.00"
    assert plan.subtasks[0].args["variants"]["ids"] == list(first.subtasks[0].args["variants"]["ids"])
    assert [(r.run, r.subtask) for r in plan.replaces] == [("run_1", "s1")]


def test_what_was_applied_is_not_replaced_but_said_to_stay(desk: Desk) -> None:
    plan = after(desk, "make it 20", turn(desk.plan(PUT), state="applied"))
    assert plan.replaces == () and "stays as it is" in plan.notes[0]


def test_goods_that_the_shop_does_not_have_are_asked_about_and_never_taken_for_those_before(desk: Desk) -> None:
    plan = after(desk, "same for submarines", turn(desk.plan(PUT), state="open"))
    assert not any(s.effect == "write" and s.id not in plan.waiting() for s in plan.subtasks)


def test_a_percentage_keeps_the_way_it_went(desk: Desk) -> None:
    first = desk.plan("[change_price: take {percent|10%} off {product|the blue mug}]")
    assert after(desk, "make it 20", turn(first, state="open")).subtasks[0].args["price"] == "-20%"


def test_undo_names_the_last_set_that_was_applied(desk: Desk) -> None:
    first = desk.plan(PUT)
    plan = after(desk, "put it back", turn(first, state="applied"), turn(first, run="run_2"))
    assert [(s.task, s.args) for s in plan.subtasks] == [("undo", {"change_set": "cs_1"})]
    assert after(desk, "undo that", turn(first, state="undone")).subtasks == ()


def test_them_are_the_records_that_an_earlier_answer_found(desk: Desk) -> None:
    first = desk.plan("[find_customers: which customers are from {place|Germany}]")
    found = {"s1": {"customers": {"ids": ["c_1", "c_2"], "where": {}, "label": "the customers found"}}}
    taught = desk.pupils.reader.teach("[tag_customers: tag {customer|them} as {tag|vip}]")
    plan = after(desk, taught, turn(first, found=found))
    assert plan.subtasks[0].args["customers"]["ids"] == ["c_1", "c_2"] and plan.subtasks[0].after == ()


def test_them_is_asked_about_when_the_answer_before_found_nothing(desk: Desk) -> None:
    first = desk.plan("[find_customers: which customers are from {place|Germany}]")
    found = {"s1": {"customers": {"ids": [], "where": {}, "label": "the customers found"}}}
    taught = desk.pupils.reader.teach("[tag_customers: tag {customer|them} as {tag|vip}]")
    plan = after(desk, taught, turn(first, found=found))
    assert [q.field for q in plan.questions] == ["customers"] and "found nothing" in plan.questions[0].question


def test_the_page_is_meant_by_this_and_only_if_it_is_of_this_shop(desk: Desk) -> None:
    taught = desk.pupils.reader.teach("[change_price: put {product|this product} at {money|12.50}]")
    known = next(iter(asyncio.run(desk.store.products()).items)).id
    assert after(desk, taught, product_id=known).subtasks[0].args["variants"]["ids"] == [known]
    assert [q.field for q in after(desk, taught, product_id="p_of_another_shop").questions] == ["variants"]


def test_only_the_last_few_turns_are_looked_at(desk: Desk) -> None:
    first = desk.plan(PUT)
    other = replace(first, subtasks=(), questions=(), not_done=())
    many = [turn(first, state="open"), *(turn(other, run=f"run_{n}") for n in range(2, 40))]
    assert after(desk, "make it 20", *many).subtasks == ()


def test_an_answer_is_taken_by_its_place_among_the_options(desk: Desk) -> None:
    asked = desk.plan("[change_price: put {product|the mug} at {money|12.50}]")
    assert asked.questions and len(asked.questions[0].options) > 1
    plan = after(desk, "the first one", turn(asked))
    assert plan.questions == () and plan.subtasks[0].args["variants"]["ids"] == [asked.questions[0].options[0].value]


def test_a_pause_that_found_nothing_takes_no_later_request_for_itself(desk: Desk) -> None:
    first = desk.plan("[pause_automation: pause the automation for the others]")
    plan = after(desk, "put everything on sale 100%", turn(first))
    assert not any(subtask.task == "pause_automation" for subtask in plan.subtasks)


def test_the_other_one_is_no_undoing_and_the_first_one_is_the_first(desk: Desk) -> None:
    mug, candle = desk.plan(PUT), desk.plan("[change_price: put {product|the oak serving board} at {money|40}]")
    undo = after(desk, "put it back", turn(mug, state="applied"))
    both = (turn(candle, state="applied", change_set="cs_2"), turn(mug, state="undone", run="run_2"))
    undone = turn(undo, state="applied", run="run_3", change_set="cs_3")
    assert [s.args for s in after(desk, "undo the other one", *both, undone).subtasks] == [{"change_set": "cs_2"}]
    assert [s.args for s in after(desk, "undo that", *both, undone).subtasks] == [{"change_set": "cs_3"}]
    again = (turn(mug, state="applied"), turn(mug, state="applied", run="run_2", change_set="cs_2"))
    assert [s.args for s in after(desk, "undo the first one", *again).subtasks] == [{"change_set": "cs_1"}]


def test_those_who_bought_something_are_not_taken_for_all_who_did_after_customers_of_one_place(planner: Planner, demo: EmbeddedStore) -> None:
    def planned(text: str, *turns: Turn) -> Plan:
        return asyncio.run(planner.plan(Ask(text, shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone), turns))

    shown = turn(
        planned("show customers from Vienna"), found={"s1": {"customers": {"ids": ["c_1", "c_2"], "where": {}, "label": "the customers found"}}}
    )
    plan = planned("tag those who bought candles as light", shown)
    assert [one.field for one in plan.questions] == ["left"]
