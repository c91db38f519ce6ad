"""Grading conversations: what counts as the plan that was expected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.errors import SettingsError
from agent.evals.threads import ThreadScore, evaluate_threads, read_threads
from agent.records import Plan, Read, Replaced, Reply, Subtask, Used

TURNS = [
    {"ask": "put the mug at 12.50", "plan": [{"task": "change_price", "args": {"variants": "blue mug", "price": "12.50"}}]},
    {"ask": "make it 20", "plan": [{"task": "change_price", "args": {"variants": "blue mug", "price": "20"}}], "replaces": True},
]


def reply(text: str, price: str, *, replaces: bool = False, **more: Any) -> Reply:
    args = {"variants": {"ids": ["v_1"], "label": "Blue Mug", "where": {}}, "price": {"amount": price, "currency": "EUR"}, **more}
    step = Subtask(id="s1", task="change_price", args=args, span=(0, len(text)), effect="write", read=Read("student", 1.0))
    replaced = (Replaced(run="run_1", subtask="s1"),) if replaces else ()
    plan = Plan(
        id="p", text=text, locale="en", subtasks=[step], questions=(), not_done=(), by="student", took_ms=0.0, replaces=replaced
    )  # fmt: skip
    return Reply(run_id="run", plan=plan, state="waiting", parts=[], questions=[], not_done=[], approvals=[], usage=Used())


def held(tmp_path: Path, replies: Mapping[str, Reply]) -> ThreadScore:
    path = tmp_path / "threads.jsonl"
    path.write_text(json.dumps({"id": "t", "turns": TURNS}) + "\n", encoding="utf-8")

    async def say(text: str, thread: str, context: Mapping[str, Any]) -> Reply:
        return replies[text]

    async def approve(reply: Reply) -> None:
        raise AssertionError("nothing is approved here")

    return asyncio.run(evaluate_threads(read_threads(path), say, approve))


def test_a_thread_is_right_when_every_turn_is(tmp_path: Path) -> None:
    score = held(tmp_path, {TURNS[0]["ask"]: reply("a", "12.50"), "make it 20": reply("b", "20.00", replaces=True)})  # type: ignore[dict-item]
    assert score.rates()["threads right"].right == 1 and score.rates()["later turns right"].of == 1


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        (reply("b", "12.50", replaces=True), "change_price.price is"),
        (reply("b", "20.00"), "it takes nothing back"),
        (reply("b", "20.00", replaces=True, until="2026-12-01T00:00:00+01:00"), "change_price.until was not said"),
    ],
)
def test_what_is_wrong_with_a_later_turn_is_told(tmp_path: Path, second: Reply, fault: str) -> None:
    score = held(tmp_path, {TURNS[0]["ask"]: reply("a", "12.50"), "make it 20": second})  # type: ignore[dict-item]
    assert score.rates()["turns right"].right == 1 and fault in str(score)


def test_a_line_that_is_no_thread_is_named(tmp_path: Path) -> None:
    path = tmp_path / "threads.jsonl"
    path.write_text('{"id": "t"}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="threads.jsonl:1"):
        read_threads(path)
