"""What is foreseen of a making is what then happens, and however it ends is written down."""

from __future__ import annotations

from pathlib import Path

import pytest
from distill_data import MODELS
from making import make

from agent.distill.cache import StepEvent
from agent.distill.recording import planned, recorded
from agent.distill.spec import read_spec
from agent.errors import SettingsError
from agent.students.makings import Makings


@pytest.mark.distill
def test_the_steps_foreseen_are_the_steps_taken(made_from: Path, warm_cache: Path) -> None:
    pytest.importorskip("sklearn", reason="the extra `distill` is not installed")
    events: list[StepEvent] = []
    spec = read_spec(made_from / "spec.toml")
    with recorded(made_from / "kept", spec, made_from, MODELS) as recording:
        score = make(made_from, warm_cache, events=events)
        for event in events:
            recording.watch(event)
        recording.scored(score, made_from / "out")
    (made,) = Makings(made_from / "kept").all()
    assert [step.name for step in made.steps] == [name for name, _ in planned(spec)]
    assert all(step.state in ("done", "cached") for step in made.steps) and all(step.output for step in made.steps if step.key)
    assert made.state == "passed" and made.made is not None and made.figures["accuracy"] == score.student.accuracy.value
    assert {source.use for source in made.sources} == {"training", "gold", "encoder"} and all(source.digest for source in made.sources)
    assert sum(sum(row) for row in made.curves["confusion"]["counts"]) == sum(made.curves["reliability"]["n"]) == score.student.accuracy.n
    judged = made.step("judge student on gold")
    assert judged is not None and judged.figures["accuracy"] == score.student.accuracy.value


def ended(made_from: Path, error: BaseException) -> tuple[str, list[str]]:
    spec = read_spec(made_from / "spec.toml")
    with pytest.raises(type(error)), recorded(made_from / "kept", spec, made_from, MODELS):
        raise error
    (made,) = Makings(made_from / "kept").all()
    return made.state, list(made.why)


def test_a_fault_of_the_data_is_told_in_its_own_words(made_from: Path) -> None:
    assert ended(made_from, SettingsError("the data have no labels.")) == ("failed", ["the data have no labels."])


def test_a_fault_of_the_program_is_told_without_its_details(made_from: Path) -> None:
    state, (why,) = ended(made_from, ValueError("secret"))
    assert state == "failed" and why.startswith("ValueError") and "secret" not in why


def test_whoever_stops_it_has_stopped_it(made_from: Path) -> None:
    assert ended(made_from, KeyboardInterrupt()) == ("stopped", [])
