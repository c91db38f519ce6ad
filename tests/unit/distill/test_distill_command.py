"""`storehand distill` as it is typed."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from distill_data import TAUGHT, gold, training
from label_server import labelling

from agent.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_a_spec_with_an_unknown_key_ends_with_two_and_one_sentence(capsys: pytest.CaptureFixture[str], made_from: Path) -> None:
    spec = made_from / "spec.toml"
    spec.write_text(spec.read_text(encoding="utf-8") + "lossed = 0.1\n", encoding="utf-8")
    code, out, err = run(capsys, "distill", spec)
    assert (code, out) == (2, "") and "line 18: there is no key `gate.lossed`; write `lost`." in err and "Traceback" not in err


def test_a_spec_that_is_not_there_ends_with_two(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, "distill", tmp_path / "none.toml")
    assert code == 2 and "cannot be read" in err


@pytest.mark.distill
def test_a_student_is_made_and_told_of_and_a_refused_one_ends_with_one(capsys: pytest.CaptureFixture[str], made_from: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra `distill` is not installed")
    arguments = ("distill", made_from / "spec.toml", "--out", tmp_path / "out", "--cache", tmp_path / "cache")
    code, out, err = run(capsys, *arguments)
    assert code == 0 and "gate: passed" in out and "against the baseline: +" in out and "fit student: done in" in err
    spec = made_from / "spec.toml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("accuracy = 0.70", "accuracy = 0.999"), encoding="utf-8")
    code, out, err = run(capsys, *arguments)
    assert code == 1 and "gate: refused" in out and "its interval has to lie above 99.9%" in out and "fit student: cached" in err
    assert (tmp_path / "out" / "mood" / "manifest.toml").exists()


CONFIG = """[providers.near]
base_url = "{address}"
key = "sk-test"
[providers.near.models."labeller"]
window = 8000
price = {{ input = "10.00", output = "10.00" }}
[aliases.big]
targets = ["near/labeller"]
"""


@pytest.mark.distill
def test_a_server_behind_the_gateway_teaches_and_is_on_the_books(capsys: pytest.CaptureFixture[str], made_from: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra `distill` is not installed")
    (made_from / "spec.toml").write_text(TAUGHT, encoding="utf-8")
    with labelling() as address:
        (tmp_path / "storehand.toml").write_text(CONFIG.format(address=address), encoding="utf-8")
        common = ("--config", tmp_path / "storehand.toml", "--data", tmp_path / "data")
        spec = (made_from / "spec.toml", "--out", tmp_path / "out", "--cache", tmp_path / "cache")
        code, out, err = run(capsys, *common, "distill", *spec)
        assert code == 0 and "gate: passed" in out and re.search("teacher +100.0%", out) and "teach: done" in err, out + err
        again, _, err = run(capsys, *common, "distill", *spec)
        assert again == 0 and "teach: cached" in err
    with sqlite3.connect(tmp_path / "data" / "storehand.db") as books:
        (calls,) = books.execute("SELECT count(*) FROM llm_attempts WHERE purpose = 'distill' AND task = 'distill:mood'").fetchone()
    books.close()
    assert calls == len(training()) + len(gold())
