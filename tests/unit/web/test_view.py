"""What of a run's card is shown again when an event comes."""

from __future__ import annotations

from typing import Any

from scripted import NOW

from agent.records import RunEvent
from agent.web.panel.view import RunView

QUESTION = {"id": "q1", "subtask": "s1", "field": "variants", "question": "Which mug?", "options": []}


def ended(*, questions: list[Any], not_done: list[Any]) -> RunEvent:
    reply = {"plan": {"id": ""}, "state": "waiting", "usage": None, "questions": questions, "not_done": not_done, "parts": []}
    return RunEvent(run="run_1", seq=3, at=NOW, type="run_waiting", subtask=None, data={"reply": reply})


def test_a_question_that_stands_is_left_alone_when_the_run_comes_to_wait() -> None:
    view = RunView.new("run_1", "change the price of the mug")
    assert view.fold(RunEvent(run="run_1", seq=2, at=NOW, type="question", subtask=None, data={"questions": [QUESTION]})) == ["plan", "asks"]
    assert view.fold(ended(questions=[QUESTION], not_done=[])) == ["plan", "foot"]
    assert view.state == "waiting"


def test_what_is_asked_or_left_undone_only_at_the_end_is_shown_then() -> None:
    for questions, not_done in (([QUESTION], []), ([], [{"span": [0, 3], "code": "unclear", "reason": "x"}])):
        assert RunView.new("run_1", "x").fold(ended(questions=questions, not_done=not_done)) == ["plan", "asks", "foot"]
