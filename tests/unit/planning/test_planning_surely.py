"""What words of a task's own declaration may make sure, what they may refuse, and what they may not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from desks import Desk

from agent.planning.clauses.parting import change_after_look
from agent.planning.linking.lexicon import DECIDED, decided
from agent.planning.said import impossible
from agent.sdk import Task

EDIT, FIND = "edit_product", "find_products"


def _share(tasks: Mapping[str, Task], name: str, said: str, shares: Mapping[str, float], refusals: Mapping[str, float] | None = None) -> float:
    return decided(said, shares, refusals or {}, tasks)[0].get(name, 0.0)


def test_a_change_the_reader_thinks_of_is_made_sure_by_its_words(tasks: Mapping[str, Task]) -> None:
    assert _share(tasks, EDIT, "The maker wants us to discontinue the blue mug", {EDIT: 0.6, FIND: 0.2}) >= DECIDED


@pytest.mark.parametrize(
    ("said", "shares", "refusals"),
    [
        ("Write to the maker, we do not discontinue the blue mug", {EDIT: 0.54, "reply_to_message": 0.25}, {}),
        ("send what we are to discontinue", {EDIT: 0.5, FIND: 0.3}, {}),
        ("retire the rude words in our reviews", {"moderate_reviews": 0.6, EDIT: 0.1}, {}),
        ("discontinue our suppliers", {EDIT: 0.1}, {"not_supported": 0.7}),
        ("I retire, tell our newsletter", {"write_email": 0.7}, {}),
    ],
)
def test_a_change_is_not_made_sure_against_what_else_is_said_or_read(
    tasks: Mapping[str, Task], said: str, shares: Mapping[str, float], refusals: Mapping[str, float]
) -> None:
    assert decided(said, shares, refusals, tasks) == (shares, refusals)


def test_an_action_has_no_words_that_make_it_sure(tasks: Mapping[str, Task]) -> None:
    assert not [task.name for task in tasks.values() if task.effect == "action" and task.args.decisive]


def test_what_begins_with_a_verb_of_doing_is_no_look(tasks: Mapping[str, Task]) -> None:
    shares = {"refund_order": 0.5, "flag_risky_orders": 0.4}
    assert _share(tasks, "flag_risky_orders", "refund the suspicious orders", shares) == 0.4
    assert _share(tasks, "flag_risky_orders", "any suspicious orders", {"find_orders": 0.8}) >= DECIDED


@pytest.mark.parametrize(
    "said",
    ["put the complaint about the mug from order 1042 on hold", "add a customer to the segment vip from order 1042", "add a tag to order 1042"],
)
def test_what_is_no_goods_of_an_order_is_not_refused_as_such(tasks: Mapping[str, Task], said: str) -> None:
    assert impossible(said, [tasks["edit_order"]]) is None


@pytest.mark.parametrize("said", ["add 3 mugs to order 1042", "swap the mug in order 1042 for a bowl", "change the quantity in order 1042 to 3"])
def test_goods_of_an_order_cannot_be_changed(tasks: Mapping[str, Task], said: str) -> None:
    assert impossible(said, [tasks["edit_order"]]) is not None


def test_no_pattern_of_what_cannot_be_done_looks_without_bounds(tasks: Mapping[str, Task]) -> None:
    """They are searched in all that merchants write, at every place."""
    patterns = [pattern for task in tasks.values() for pattern, _ in task.args.cannot]
    assert patterns
    assert not [pattern for pattern in patterns if ".*" in pattern or ".+" in pattern]


def test_what_one_task_cannot_refuses_no_text_that_another_is_to_write(desk: Desk) -> None:
    plan = desk.plan("[write_page: write a page about our conversion rates]")
    assert [subtask.task for subtask in plan.subtasks] == ["write_page"]
    assert desk.plan("[sales_report: our conversion rate last week]").not_done[0].code == "not_supported"


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("find suspicious orders and refund order 1042", "refund order 1042"),
        ("show me which orders are risky, then cancel them", "cancel them"),
        ("show the sales, and hide all mugs", "hide all mugs"),
        ("list orders that we refund and cancel each month", None),
        ("which customers return goods and refund orders", None),
        ("find reviews saying refund my order", None),
        ("show the price and discount of the mugs", None),
        ('find reviews with the words "and refund my order"', None),
        ("show orders to refund", None),
    ],
)
def test_a_look_ends_where_something_is_to_be_done(said: str, rest: str | None) -> None:
    found = change_after_look(said)
    assert (None if found is None else said[found[1] :]) == rest
