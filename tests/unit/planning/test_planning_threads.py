"""Additions, bare values and repetitions after a proposal: what takes its place, what comes beside it, and what is not done twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from desks import Desk

from agent.planning import said
from agent.planning.threads.markers import marked, whole
from agent.records import Ask, Plan, Proposed, Turn
from agent.records.changes import SetState

PUT = "[change_price: put {product|the blue mug} at {money|12.50}]"
CODE = "[create_discount: create the code {discount|TEA10} with {percent|10%} off]"
RENAME = "[edit_product: rename {product|the blue mug} to {value|Harbour Mug}]"


def turn(plan: Plan, *, state: SetState | None = None, run: str = "run_1", found: dict[str, dict[str, Any]] | None = None) -> Turn:
    proposed = [Proposed(subtask=plan.subtasks[0].id, change_set="cs_1", state=state, summary="What was proposed")] if state else []
    return Turn(run=run, plan=plan, proposed=proposed, found=found or {})


def after(desk: Desk, text: str, *turns: Turn) -> Plan:
    return asyncio.run(desk.planner.plan(Ask(text, shop=desk.store.shop.id), desk.store, desk.clock, turns))


def replaced(plan: Plan) -> list[tuple[str, str]]:
    return [(one.run, one.subtask) for one in plan.replaces]


@pytest.mark.parametrize("words", ["until 30 November", "only until 30 November", "and only until 30 November", "until 30 November please"])
def test_an_addition_takes_the_place_of_the_open_proposal_and_keeps_the_rest_of_it(desk: Desk, words: str) -> None:
    first = desk.plan(CODE)
    plan = after(desk, words, turn(first, state="open"))
    assert replaced(plan) == [("run_1", "s1")] and "takes the place" in plan.notes[0]
    assert plan.subtasks[0].args.items() >= first.subtasks[0].args.items() and "ends" in plan.subtasks[0].args


def test_another_record_comes_beside_the_open_proposal(desk: Desk) -> None:
    plan = after(desk, "and the oak board too", turn(desk.plan(PUT), state="open"))
    assert plan.replaces == () and plan.subtasks[0].args["price"]["amount"] == "12.50"
    assert desk.titles(plan.subtasks[0], "variants") != desk.titles(desk.plan(PUT).subtasks[0], "variants")


def test_another_value_said_in_full_takes_the_place_of_the_one_that_waits(desk: Desk) -> None:
    first = desk.plan(PUT)
    again = desk.pupils.reader.teach("[change_price: put {product|the blue mug} at {money|14}]")
    between = desk.plan("[sales_report: what did we sell {period|last month}]")
    plan = after(desk, again, turn(first, state="open"), turn(between, run="run_2"))
    assert replaced(plan) == [("run_1", "s1")]


def test_more_of_the_same_is_no_correction(desk: Desk) -> None:
    first = desk.plan("[adjust_inventory: add {quantity|5} to the stock of {product|the blue mug}]")
    assert after(desk, "another 7", turn(first, state="open")).replaces == ()
    assert replaced(after(desk, "make it 7", turn(first, state="open"))) == [("run_1", "s1")]


def test_a_move_that_was_made_is_not_made_again(desk: Desk) -> None:
    lowered = desk.plan("[change_price: take {percent|10%} off {product|the blue mug}]")
    plan = after(desk, "make it 20", turn(lowered, state="applied"))
    assert plan.subtasks == () and [one.reason for one in plan.not_done] == [said.DONE_ALREADY]


def test_a_request_of_its_own_is_no_other_wording_of_the_one_that_waits(desk: Desk) -> None:
    first = desk.plan("[schedule_report: send me sales by channel every Monday at 9]")
    hide = desk.pupils.reader.teach("[edit_product: hide {product|the blue mug}]")
    plan = after(desk, hide, turn(first, state="open"))
    assert [one.task for one in plan.subtasks] == ["edit_product"] and plan.replaces == ()


def test_words_that_correct_a_name_are_the_name_and_not_other_goods(desk: Desk) -> None:
    first = desk.plan(RENAME)
    plan = after(desk, "no, Lagoon Cup", turn(first, state="open"))
    assert plan.subtasks[0].args["title"] == "Lagoon Cup" and plan.questions == ()
    assert plan.subtasks[0].args["products"]["ids"] == list(first.subtasks[0].args["products"]["ids"])
    assert replaced(plan) == [("run_1", "s1")]


def test_a_bare_number_says_how_many_are_listed(desk: Desk) -> None:
    first = desk.plan("[find_customers: {quantity|top 5} customers {period|this year}]")
    plan = after(desk, "give me 20", turn(first))
    assert plan.subtasks[0].args == {**first.subtasks[0].args, "top": 20}


def test_a_bare_number_after_a_list_is_no_price(desk: Desk) -> None:
    first = desk.plan("[find_customers: {quantity|top 5} customers {period|this year}]")
    assert not any("price" in subtask.args for subtask in after(desk, "make it 8", turn(first)).subtasks)


def test_both_of_two_proposals_are_changed(desk: Desk) -> None:
    first, second = desk.plan(PUT), desk.plan("[change_price: put {product|the oak board} at {money|9}]")
    plan = after(desk, "both at 11", turn(first, state="open"), turn(second, state="open", run="run_2"))
    assert sorted(replaced(plan)) == [("run_1", "s1"), ("run_2", "s1")]
    assert [subtask.args["price"]["amount"] for subtask in plan.subtasks] == ["11.00", "11.00"]


def test_a_change_of_something_else_keeps_nothing_of_the_one_that_it_corrects(desk: Desk) -> None:
    first = desk.plan(RENAME)
    plan = after(desk, "no, add the tag harbour", turn(first, state="open"))
    assert all("title" not in subtask.args for subtask in plan.subtasks)


@pytest.mark.parametrize("words", ["sorry, undo that", "oops undo it", "no wait, undo that please", "hmm put it back"])
def test_an_undo_may_come_with_a_sigh(words: str) -> None:
    found = whole(words)
    assert found is not None and found[0] == "undo"


@pytest.mark.parametrize("words", ["nah cancel that", "no, leave it", "actually never mind", "nope, forget it"])
def test_so_may_a_refusal(words: str) -> None:
    found = whole(words)
    assert found is not None and found[0] == "reject"


@pytest.mark.parametrize(("text", "kept"), [("43, i mistyped", "43"), ("last month i mean", "last month"), ("over 75 actually", "over 75")])
def test_words_after_a_value_may_say_that_it_corrects(text: str, kept: str) -> None:
    mark = marked(text)
    assert (text[mark.start : mark.end], mark.instead) == (kept, True)


@pytest.mark.parametrize("words", ["scrap that", "forget it", "nah cancel that"])
def test_a_refusal_of_what_does_not_wait_deletes_nothing(desk: Desk, words: str) -> None:
    plan = after(desk, words, turn(desk.plan("[end_discount: end the code {discount|VIP15}]")))
    assert plan.subtasks == () and [one.reason for one in plan.not_done] == [said.NOTHING_WAITS]


def test_a_correction_by_its_own_verb_withdraws_what_it_corrects(desk: Desk) -> None:
    first = desk.plan("[edit_product: tag {product|the blue mug} as {tag|vip}]")
    again = desk.pupils.reader.teach("no, [edit_product: tag {product|the blue mug} as {tag|gold}]")
    plan = after(desk, again, turn(first, state="open"))
    assert replaced(plan) == [("run_1", "s1")] and plan.subtasks[0].args["add_tags"] == ["gold"]
    beside = desk.pupils.reader.teach("[edit_product: tag {product|the blue mug} as {tag|gold}]")
    assert after(desk, beside, turn(first, state="open")).replaces == ()
