"""What a making writes down is read back as it stands: while it runs, when it was stopped, and when it ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent.errors import NotFound
from agent.students.journal import Journal, journal
from agent.students.makings import KEPT, Made, Makings, Source

PLAN = [("embed", ("training",)), ("fit student", ("embed",)), ("gate", ("fit student",))]
SOURCES = [Source(use="training", name="train.jsonl", digest="a" * 64, licence="own")]


def begun(folder: Path, spec: str = "spec one") -> object:
    return journal(folder, head="mood", target="linear", teacher="labels", spec=spec, sources=SOURCES, plan=PLAN)


def told(writing: Journal) -> None:
    writing.step("embed", "done", key="k1", took_s=3.0, output="o1")
    writing.step("fit student", "running", key="k2", after=("embed",), done=1, total=4, took_s=2.0, figures={"loss": 0.5})


def test_a_making_is_seen_while_it_runs(tmp_path: Path) -> None:
    with begun(tmp_path) as writing:
        told(writing)
        (seen,) = Makings(tmp_path).all()
        assert (seen.state, seen.head, seen.sources[0].name) == ("running", "mood", "train.jsonl")
        assert [(step.name, step.state) for step in seen.steps] == [("embed", "done"), ("fit student", "running"), ("gate", "waiting")]
        assert seen.now is not None and (seen.now.left_s, seen.now.series) == (6.0, {"loss": [(1.0, 0.5)]})
        assert Makings(tmp_path).find(writing.id).size == seen.size


def test_one_that_ended_keeps_its_verdict_its_figures_and_what_it_made(tmp_path: Path) -> None:
    with begun(tmp_path) as writing:
        writing.step("embed", "cached", key="k1")
        writing.log("all is well")
        writing.ended("passed", figures={"accuracy": 0.9}, curves={"reliability": {"said": [0.5]}}, made=Made(folder="mood.report", version="v" * 64))
    made = Makings(tmp_path).find(writing.id)
    assert (made.state, made.figures, made.steps[0].state, made.log[0].text) == ("passed", {"accuracy": 0.9}, "cached", "all is well")
    assert made.ended is not None and made.curves["reliability"] == {"said": [0.5]}
    assert Makings(tmp_path).of_version("v" * 64) == made and Makings(tmp_path).of_version("w" * 64) is None


KILLED = """
import os, pathlib, sys
from agent.students.journal import journal
with journal(pathlib.Path(sys.argv[1]), head="mood", target="linear", teacher="labels", spec="spec one", sources=[], plan=[("embed", ())]) as writing:
    writing.step("embed", "running")
    writing._file.write(b'{"kind": "step", "st')
    writing._file.flush()
    os.kill(os.getpid(), 9)
"""


def test_one_whose_process_was_killed_is_stopped_and_the_next_of_its_spec_goes_on_from_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False)
    (stopped,) = Makings(tmp_path).all()
    assert (stopped.state, stopped.steps[0].state) == ("stopped", "stopped")
    with begun(tmp_path, "spec two") as other:
        other.ended("passed")
    assert Makings(tmp_path).find(other.id).goes_on is None
    (tmp_path / f"{other.id}.jsonl").unlink()
    with begun(tmp_path) as again:
        assert Makings(tmp_path).find(again.id).goes_on == stopped.id


def test_one_that_failed_says_why_and_what_did_not_run_waits_for_ever(tmp_path: Path) -> None:
    with begun(tmp_path) as writing:
        told(writing)
        writing.step("fit student", "failed")
        writing.ended("failed", why=["the disk is full"])
    made = Makings(tmp_path).find(writing.id)
    assert (made.state, made.why) == ("failed", ["the disk is full"])
    assert [step.state for step in made.steps] == ["done", "failed", "waiting"]


@pytest.mark.parametrize("id", ["../secrets", "20260101T000000-mood-abc", "x"])
def test_what_is_no_making_is_not_found(tmp_path: Path, id: str) -> None:
    (tmp_path / "x.jsonl").write_text("[]\n")
    (tmp_path / "20260101T000000-mood-abc.jsonl").write_text('[1]\nnonsense\n{"kind": "log"}\n')
    with pytest.raises(NotFound):
        Makings(tmp_path).find(id)
    assert Makings(tmp_path).all() == []


def test_a_folder_that_cannot_be_written_keeps_nobody_from_working(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with begun(tmp_path / "file") as writing:
        told(writing)
        writing.ended("passed")


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    for n in range(KEPT + 2):
        (tmp_path / f"20200101T0000{n:02}-old-abc.jsonl").write_text("")
    with begun(tmp_path):
        assert len(list(tmp_path.glob("*.jsonl"))) == KEPT
