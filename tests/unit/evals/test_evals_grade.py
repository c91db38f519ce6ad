"""Grading a plan against a case, and the scorecard over many."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from agent.evals.cases import Case
from agent.evals.grade import grade, same
from agent.evals.scorecard import Rate, evaluate, scorecard
from agent.evals.surface import surface_reader
from agent.records import NotDone, Plan, Question, Read, Subtask

MUG = {"ids": ["v_1"], "where": {"text": "blue mug"}, "label": "Blue Ceramic Mug"}
EUROS = {"amount": "12.50", "currency": "EUR"}


def planned(*subtasks: tuple[str, Mapping[str, Any]], asked: str = "", not_done: str = "") -> Plan:
    made = [
        Subtask(id=f"s{n}", task=task, args=args, span=(0, 5), effect="write", read=Read(by="student", confidence=0.9))
        for n, (task, args) in enumerate(subtasks, 1)
    ]
    return Plan(
        id="p", text="as said", locale="en", subtasks=made, by="student", took_ms=3.0,
        questions=[Question(id="q1", subtask="s1", field=asked, question="?")] if asked else [],
        not_done=[NotDone(span=(0, 5), code=not_done, reason="because")] if not_done else [],  # type: ignore[arg-type]  # a code of the test
    )  # fmt: skip


def graded(plan: Plan, **case: Any) -> Any:
    return asyncio.run(grade(plan, Case(ask="as said", task="change_price", **case)))


def test_a_plan_with_the_task_and_all_args_is_right() -> None:
    done = graded(planned(("change_price", {"variants": MUG, "price": EUROS})), args={"variants": "the blue mug", "price": "12.50"})
    assert done.right
    assert dict(done.args) == {"variants": "right", "price": "right"}


@pytest.mark.parametrize(
    ("args", "verdicts"),
    [
        ({"variants": MUG}, {"variants": "right", "price": "missing"}),
        ({"variants": MUG, "price": {"amount": "12.00", "currency": "EUR"}}, {"variants": "right", "price": "wrong"}),
        ({"variants": MUG, "price": EUROS, "round_to": ".99"}, {"variants": "right", "price": "right", "round_to": "extra"}),
        ({"variants": MUG, "price": EUROS, "show_old_price": False}, {"variants": "right", "price": "right"}),
    ],
)
def test_each_argument_has_its_verdict(
    args: Mapping[str, Any],
    verdicts: Mapping[str, str],
) -> None:
    done = graded(planned(("change_price", args)), args={"variants": "the blue mug", "price": "12.50"})
    assert dict(done.args) == verdicts
    assert done.right == (set(verdicts.values()) == {"right"})


def test_a_default_that_is_planned_or_left_out_is_right_either_way() -> None:
    said = {"args": {"tone": "warm"}, "defaults": {"tone": "warm", "length": "medium"}}
    assert graded(planned(("change_price", {})), **said).right
    assert graded(planned(("change_price", {"tone": "warm", "length": "medium"})), **said).right


def test_another_task_is_wrong_and_says_which_was_planned() -> None:
    done = graded(planned(("edit_product", {})), args={"price": "12.50"})
    assert (done.task, done.right, str(done)) == (False, False, "“as said”: planned edit_product, not change_price")


def test_a_second_task_that_nobody_asked_for_is_not_right() -> None:
    assert not graded(planned(("change_price", {"price": EUROS}), ("edit_product", {})), args={"price": "12.50"}).right
    found = {"variants": {"$ref": "s1.variants"}}
    assert graded(planned(("find_products", {}), ("change_price", found)), args={"variants": {"$ref": ""}}).right


def test_questions_and_refusals_are_right_where_they_are_expected() -> None:
    asking = planned(("change_price", {"variants": MUG}), asked="price")
    assert graded(asking, args={"variants": "the blue mug"}, outcome="question", about="price").right
    assert not graded(asking, args={"variants": "the blue mug"}).right
    assert not graded(asking, args={"variants": "the blue mug"}, outcome="question", about="variants").right
    assert graded(planned(not_done="out_of_scope"), outcome="not_done", about="out_of_scope").right
    assert not graded(planned(not_done="unclear"), outcome="not_done", about="out_of_scope").right


@pytest.mark.parametrize(
    ("wanted", "got", "right"),
    [
        ("€1,299.00", {"amount": "1299.00", "currency": "EUR"}, True),
        ("5 euros", {"amount": "5.50", "currency": "EUR"}, False),
        ("15%", "-15%", True),
        ("-15%", "15%", False),
        ("last week", {"start": "2026-11-09T00:00:00+01:00", "end": "2026-11-16T00:00:00+01:00", "label": "last week"}, True),
        ("last month", {"start": "2026-11-09T00:00:00+01:00", "end": "2026-11-16T00:00:00+01:00", "label": "last week"}, False),
        ({"below": "20"}, {"below": {"amount": "20.00", "currency": "EUR"}, "above": None}, True),
        ({"below": "20"}, {"at_most": {"amount": "20.00", "currency": "EUR"}}, False),
        ({"below": 5}, {"below": 5}, True),
        (["VIP"], ["vip"], True),
        (["vip", "new"], ["vip"], False),
        ("all mugs", {"ids": ["p_1"], "where": {"product_type": "Mugs"}, "label": "mugs"}, True),
        ("all mugs", {"ids": ["p_1"], "where": {"product_type": "Bowls"}, "label": "bowls"}, False),
        ("everything", {"ids": ["p_1"], "where": {"everything": True}, "label": "everything"}, True),
        ({"ids": ["p_2", "p_1"]}, {"ids": ["p_1", "p_2"], "where": {}, "label": ""}, True),
        ({"ids": ["p_2"]}, {"ids": ["p_1", "p_2"], "where": {}, "label": ""}, False),
        ({"$ref": ""}, {"$ref": "s1.customers"}, True),
        ("them", {"$ref": "s1.customers"}, False),
        ("2026-11-23T00:00:00+01:00", "2026-11-22T23:00:00+00:00", True),
        ("2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00", False),
        (True, True, True),
        (True, 1.5, False),
        ("“Ocean Mug”", "ocean mug", True),
        (40, 40, True),
        ("40 units", 40, True),
    ],
)  # fmt: skip
def test_values_are_the_same_when_they_mean_the_same(wanted: Any, got: Any, right: bool) -> None:
    assert same(wanted, got) is right


def test_words_are_read_through_the_planners_own_door() -> None:
    async def answered(plan: Plan, answers: Mapping[str, str]) -> Plan:
        [question] = plan.questions
        heard.append((plan.subtasks[0].task, question.field, answers[question.id]))
        return planned(("change_price", {"price": EUROS}))

    heard: list[tuple[str, str, str]] = []
    read = surface_reader(answered)
    assert asyncio.run(read("change_price", "price", "twelve fifty")) == EUROS
    assert heard == [("change_price", "price", "twelve fifty")]
    case = Case(ask="as said", task="change_price", args={"price": "twelve fifty"})
    assert asyncio.run(grade(planned(("change_price", {"price": EUROS})), case, read)).right


def test_what_the_planner_does_not_understand_stays_words() -> None:
    async def answered(plan: Plan, answers: Mapping[str, str]) -> Plan:
        return plan

    assert asyncio.run(surface_reader(answered)("change_price", "price", "plenty")) == "plenty"


def test_a_scorecard_counts_tasks_arguments_and_whole_cases() -> None:
    cases = [
        Case(ask="a", task="change_price", args={"price": "12.50"}), Case(ask="b", task="change_price", args={"price": "13.00"}),
        Case(ask="c", task="edit_product", args={"title": "x"}),
    ]  # fmt: skip

    async def plan(text: str) -> Plan:
        return planned(("change_price", {"price": EUROS}))

    card = asyncio.run(evaluate(plan, cases))

    assert [(s.name, s.cases, s.task.right, s.args.right, s.args.of, s.whole.right) for s in (*card.tasks, card.total)] == [
        ("change_price", 2, 2, 1, 2, 1), ("edit_product", 1, 0, 0, 1, 0), ("all", 3, 2, 1, 3, 1),
    ]  # fmt: skip
    assert len(card.failures) == 2
    assert (card.p50_ms, card.p99_ms) == (3.0, 3.0)
    table = str(card).splitlines()
    assert table[1].startswith("change_price      2  100.0%")
    assert table[-1] == "plan p50 3.0 ms, p99 3.0 ms; shares with 95 % intervals"


def test_the_interval_of_a_rate_holds_it_and_narrows_with_more_cases() -> None:
    few, many = Rate(right=9, of=10), Rate(right=900, of=1000)
    assert few.interval == pytest.approx((0.596, 0.982), abs=0.001)  # Wilson's score interval for 9 of 10 at 95 %
    assert few.interval[0] < many.interval[0] < 0.9 < many.interval[1] < few.interval[1]
    assert Rate(right=0, of=0).interval == (0.0, 1.0)


def test_a_scorecard_of_nothing_is_a_table_all_the_same() -> None:
    assert "all" in str(scorecard([]))
