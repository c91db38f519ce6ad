"""Grading whole plans on a set of requests."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.errors import SettingsError
from agent.evals.gold import GoldRequest, evaluate_gold, grade_gold, read_gold
from agent.records import NotDone, Plan, Question, Read, Subtask

TEXT = "put the blue mug at 12.50, tell me what it sold in May and tag Anna vip"
KNOWN = frozenset({"change_price", "sales_report", "tag_customers"})
ROW = {
    "id": "g1",
    "text": TEXT,
    "style": "plain",
    "outcome": "plan",
    "parts": [
        {"task": "change_price", "span": "put the blue mug at 12.50", "slots": {"product": "the blue mug", "money": "12.50"}},
        {"task": "compare_periods", "span": "tell me what it sold in May", "slots": {"period": "May"}, "refs": {"product": 1}},
        {"task": "tag_customers", "span": "tag Anna vip", "slots": {"customer": "Anna", "tag": "vip"}},
    ],
}
MUG = {"ids": ["v_1"], "label": "Blue Mug", "where": {"text": "blue mug"}}
PRICE = {"variants": MUG, "price": {"amount": "12.50", "currency": "EUR"}}
SOLD = {"products": {"$ref": "s1.variants"}, "period": {"start": "2026-05-01T00:00:00+02:00", "end": "2026-06-01T00:00:00+02:00", "label": "May"}}
TAGGED = {"customers": {"ids": ["c_1"], "label": "Anna"}, "add": ["vip"]}


def request(tmp_path: Path, row: Mapping[str, Any] = ROW, known: frozenset[str] = KNOWN) -> GoldRequest:
    path = tmp_path / "requests.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return read_gold(path, known)[0]


def plan_of(*subtasks: tuple[str, str, Mapping[str, Any]], text: str = TEXT, asked: str = "", refused: str = "") -> Plan:
    made = [
        Subtask(
            id=f"s{n}", task=task, args=args, span=(text.index(words), text.index(words) + len(words)), read=Read(by="student", confidence=0.9),
            effect="read" if task == "sales_report" else "write",
        )
        for n, (task, words, args) in enumerate(subtasks, 1)
    ]  # fmt: skip
    return Plan(
        id="p", text=text, locale="en", subtasks=made, by="student", took_ms=1.0,
        questions=[Question(id="q1", subtask=asked, field="x", question="Which one is Anna?")] if asked else [],
        not_done=[NotDone(span=(text.index(refused), text.index(refused) + len(refused)), code="unclear", reason="?")] if refused else [],
    )  # fmt: skip


PUT, TELL, TAG = (
    ("change_price", "put the blue mug at 12.50", PRICE),
    ("sales_report", "tell me what it sold in May", SOLD),
    ("tag_customers", "tag Anna vip", TAGGED),
)


def test_a_plan_with_every_task_slot_and_reference_is_right(tmp_path: Path) -> None:
    assert grade_gold(plan_of(PUT, TELL, TAG), request(tmp_path)).faults == []


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        (plan_of(PUT, TELL), "missed"),
        (plan_of(PUT, TELL, refused="tag Anna vip"), "refused"),
        (plan_of(("tag_customers", "put the blue mug at 12.50", PRICE), TELL, TAG), "task"),
        (plan_of(("change_price", "put the blue mug at 12.50", {"variants": MUG}), TELL, TAG), "slot:money"),
        (plan_of(PUT, ("sales_report", "tell me what it sold in May", {"period": SOLD["period"]}), TAG), "reference"),
        (plan_of(PUT, TELL, TAG, ("change_price", "blue mug", PRICE)), "extra"),
    ],
)
def test_each_fault_is_named(tmp_path: Path, plan: Plan, fault: str) -> None:
    assert fault in grade_gold(plan, request(tmp_path)).faults


def test_a_question_about_a_slot_stands_for_its_value(tmp_path: Path) -> None:
    asking = plan_of(PUT, TELL, ("tag_customers", "tag Anna vip", {"add": ["vip"]}), asked="s3")
    assert grade_gold(asking, request(tmp_path)).right


def test_a_write_that_no_part_asks_for_is_counted_unless_it_waits_for_an_answer(tmp_path: Path) -> None:
    chat = request(tmp_path, {"id": "g2", "text": TEXT, "style": "chitchat", "outcome": "out_of_scope", "parts": []})
    assert grade_gold(plan_of(PUT), chat).unasked_writes == 1
    assert grade_gold(plan_of(PUT), chat).faults == ["not refused"]
    assert grade_gold(plan_of(PUT, asked="s1"), chat).unasked_writes == 0


def test_a_part_for_a_task_that_is_not_there_should_be_refused(tmp_path: Path) -> None:
    assert "not refused" in grade_gold(plan_of(PUT, TELL, TAG), request(tmp_path, known=KNOWN - {"tag_customers"})).faults


def test_the_score_counts_each_kind_of_request_apart(tmp_path: Path) -> None:
    chat = request(tmp_path, {"id": "g2", "text": "how are you", "style": "chitchat", "outcome": "out_of_scope", "parts": []})

    async def plan(text: str) -> Plan:
        return plan_of(PUT, TELL, TAG) if text == TEXT else plan_of(text=text)

    rates = asyncio.run(evaluate_gold(plan, [request(tmp_path), chat])).rates()
    assert (rates["multi-part plans right"].right, rates["multi-part plans right"].of) == (1, 1)
    assert (rates["refusals right"].right, rates["refusals right"].of) == (1, 1)
    assert rates["silent wrong writes"].right == 0


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_text('{"id": "g1"}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"requests\.jsonl:1"):
        read_gold(path, KNOWN)


@pytest.mark.parametrize(
    ("kind", "words", "args", "understood"),
    [
        ("metric", "average order value", {"metrics": ["average_order_value", "orders"]}, True),
        ("metric", "average order value", {"metrics": ["orders"]}, False),
        ("metric", "margin", {"metrics": ["revenue"]}, False),
        ("dimension", "hour of the day", {"by": ["hour"]}, True),
        ("dimension", "weekday", {"by": ["hour"]}, False),
        ("dimension", "countries", {"products": {"label": "country mugs", "ids": ["p_1"]}}, False),
        ("field", "shipping address", {"address": "12 Mill Lane"}, True),
        ("field", "shipping address", {"address": None, "note": "12 Mill Lane"}, False),
        ("field", "SEO title", {"part": "title"}, True),
        ("field", "SEO title", {"part": "description"}, False),
        ("field", "product type", {"product": {"label": "Blue Mug", "ids": ["p_1"]}}, False),
        ("product", "the address book", {"address": "12 Mill Lane"}, False),
        ("top", "last", {"which": "latest"}, True),
        ("top", "last", {"which": "first"}, False),
        ("top", "the lowest", {"sort": "stock", "top": 1}, True),
        ("top", "best", {"order": "worst"}, False),
        ("top", "most", {"top": 1}, False),
        ("top", "last 3", {"which": "latest"}, False),
    ],
)
def test_a_choice_is_said_by_the_words_of_its_name(tmp_path: Path, kind: str, words: str, args: Mapping[str, Any], understood: bool) -> None:
    text = f"tell me {words} please"
    row = {"id": "g2", "text": text, "style": "plain", "outcome": "plan", "parts": [{"task": "sales_report", "span": text, "slots": {kind: words}}]}
    grade = grade_gold(plan_of(("sales_report", text, args), text=text), request(tmp_path, row))
    assert grade.faults == ([] if understood else [f"slot:{kind}"])
