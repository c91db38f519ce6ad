"""What of a run's card is shown again when an event comes."""

from __future__ import annotations

from datetime import timedelta
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


def happened(type_: Any, data: dict[str, Any], *, seq: int = 1) -> RunEvent:
    return RunEvent(run="run_1", seq=seq, at=NOW + timedelta(seconds=seq), type=type_, subtask="s1", data=data)


def delta(text: int, words: str, *, anew: bool = False) -> RunEvent:
    return happened("text_delta", {"text": text, "delta": words, "anew": anew})


def test_of_a_text_that_grows_only_what_was_added_is_shown() -> None:
    view = RunView.new("run_1", "describe the mug")
    assert view.fold(delta(1, "A mug", anew=True)) == ["part:s1"]
    assert view.fold(delta(1, " of clay.")) == ["text:s1:1"]
    assert [(text.text, text.added) for text in view.writing["s1"]] == [("A mug of clay.", " of clay.")]


def test_a_text_that_begins_anew_takes_the_place_of_what_was_there() -> None:
    view = RunView.new("run_1", "describe the mugs")
    for event in (delta(2, "Second", anew=True), delta(1, "First", anew=True), delta(2, "Another", anew=True)):
        assert view.fold(event) == ["part:s1"]
    assert [(text.number, text.text) for text in view.writing["s1"]] == [(1, "First"), (2, "Another")]


def test_nothing_stands_there_as_being_written_once_its_part_came_or_its_run_ended_or_its_step_began_again() -> None:
    part = {"subtask": "s1", "kind": "draft", "text": "Done"}
    for event, shown in (
        (happened("part", {"part": part}), ["plan", "part:s1"]),
        (happened("step_started", {}), ["plan", "part:s1"]),
        (ended(questions=[], not_done=[]), ["plan", "foot", "part:s1"]),
    ):
        view = RunView.new("run_1", "describe the mug")
        view.fold(delta(1, "A mug", anew=True))
        assert view.fold(event) == shown and view.writing == {}


def test_a_growing_text_is_read_aloud_some_whole_sentences_at_a_time() -> None:
    view = RunView.new("run_1", "describe the mug")
    view.fold(delta(1, "A mug of clay that", anew=True))
    (growing,) = view.writing["s1"]
    said = []
    for _ in range(40):
        view.fold(delta(1, " holds 0.3 litres. It is blue and keeps"))
        said.append(growing.sentences())
    told = [words for words in said if words]
    assert all(words.endswith("litres.") and len(words) >= 150 for words in told) and 5 < len(told) < 12
    assert growing.text.startswith(" ".join(told))
