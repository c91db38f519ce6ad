import sqlite3
from pathlib import Path

import numpy as np
import pytest
from distill_data import MODELS

from agent.distill.cache import Arrays, Cache, Says, StepEvent, open_table, packed_files, unpacked_files
from agent.distill.folder import writing
from agent.distill.vectors import Vectors
from agent.errors import SettingsError
from agent.students import Encoder, read_manifest
from agent.students.encoder import Floats


class Counting:
    """A step that remembers how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, says: Says) -> Arrays:
        self.runs += 1
        says(1, 2)
        return {"n": np.array([self.runs])}


def test_a_step_runs_once_for_the_same_inputs(tmp_path: Path) -> None:
    step = Counting()
    for seed in (1, 1, 2, 1):
        Cache(tmp_path).arrays("fit", {"seed": seed}, step)
    assert step.runs == 2


def test_for_whom_a_step_is_done_makes_no_difference(tmp_path: Path) -> None:
    step = Counting()
    Cache(tmp_path).arrays("fit student", {"seed": 1}, step)
    Cache(tmp_path).arrays("fit baseline", {"seed": 1}, step)
    assert step.runs == 1


def test_changed_code_counts_as_a_changed_input(tmp_path: Path) -> None:
    step = Counting()
    for code in ((), ("agent.distill.linear",), ("agent.distill.items",), ("agent.distill.linear",)):
        Cache(tmp_path).arrays("fit", {}, step, code=code)
    assert step.runs == 3


def test_a_damaged_entry_is_computed_again(tmp_path: Path) -> None:
    step = Counting()
    Cache(tmp_path).arrays("fit", {}, step)
    (entry,) = (tmp_path / "steps").rglob("*.npz")
    for spoilt in (entry.read_bytes()[:-5], b"", b"\xff" * 90):
        entry.write_bytes(spoilt)
        Cache(tmp_path).arrays("fit", {}, step)
    assert step.runs == 4


def test_a_step_that_fails_is_not_kept_and_is_told(tmp_path: Path) -> None:
    events: list[StepEvent] = []

    def broken(says: Says) -> Arrays:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Cache(tmp_path, events.append).arrays("fit", {}, broken)
    assert [event.state for event in events] == ["running", "failed"] and not list(tmp_path.rglob("*.npz"))


def test_the_time_left_follows_what_is_done() -> None:
    assert StepEvent(step="fit", state="running", key="", done=25, total=100, took_s=5.0).left_s == pytest.approx(15.0)
    assert StepEvent(step="fit", state="running", key="").left_s is None


def test_files_come_back_as_they_went_in(tmp_path: Path) -> None:
    files = {"head.npz": b"\0\1\2", "empty": b""}
    cache = Cache(tmp_path)
    cache.arrays("fit", {}, lambda says: packed_files(files))
    assert unpacked_files(cache.arrays("fit", {}, lambda says: {})) == files


def test_no_room_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match=r"cannot be written: .*Make room, or name another folder with --cache"):
        Cache(tmp_path / "full").arrays("fit", {}, Counting())


def test_a_full_disk_is_told_by_the_database_too(tmp_path: Path) -> None:
    table = open_table(tmp_path / "answers.db", "answers (key TEXT PRIMARY KEY)")
    pages = table.execute("PRAGMA page_count").fetchone()[0]
    table.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(SettingsError, match="database or disk is full"), writing(tmp_path / "answers.db"):
        table.executemany("INSERT INTO answers VALUES (?)", [(str(i) * 900,) for i in range(50)])
    table.close()


def test_a_damaged_table_says_to_delete_it(tmp_path: Path) -> None:
    (tmp_path / "vectors.db").write_bytes(b"this is no database at all, though it is long enough to be taken for one" * 9)
    with pytest.raises(SettingsError, match=r"vectors\.db is damaged .*delete it"):
        open_table(tmp_path / "vectors.db", "vectors (key TEXT PRIMARY KEY)")


class Stumbling(Encoder):
    """Dies after some texts, and counts those it embedded."""

    left = 0
    done = 0

    def embed(self, texts: list[str]) -> Floats:  # type: ignore[override]  # a list is all it is given here
        if self.left < len(texts):
            raise RuntimeError("pulled the plug")
        self.left -= len(texts)
        self.done += len(texts)
        return np.full((len(texts), 384), 384**-0.5, dtype=np.float32)


def test_embedding_goes_on_where_it_stopped(tmp_path: Path) -> None:
    encoder = Stumbling(read_manifest(MODELS / "encoder"))
    texts = [f"text {i}" for i in range(600)]
    encoder.left = 300
    with pytest.raises(RuntimeError, match="plug"):
        Vectors(tmp_path, encoder).of(texts)
    encoder.left = 10_000
    assert Vectors(tmp_path, encoder).of([*texts, "text 3"]).shape == (601, 384)
    assert encoder.done == 600
    with sqlite3.connect(tmp_path / "vectors.db") as table:
        assert table.execute("SELECT count(*) FROM vectors").fetchone() == (600,)
    table.close()


def test_an_embedding_that_changed_on_the_disk_is_made_again(tmp_path: Path) -> None:
    encoder = Encoder(read_manifest(MODELS / "encoder"))
    wanted = Vectors(tmp_path, encoder).of(["a mug", "a plate"])
    for spoilt in (b"short", np.zeros(384, np.float32).tobytes(), np.full(384, np.nan, np.float32).tobytes()):
        with sqlite3.connect(tmp_path / "vectors.db") as table:
            table.execute("UPDATE vectors SET vector = ?", (spoilt,))
        table.close()
        assert np.array_equal(Vectors(tmp_path, encoder).of(["a mug", "a plate"]), wanted)
