"""A student from its folder to production and back at the command line, as a shell sees it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import shutil
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.approvals.audit import verify_audit
from agent.cli import main
from agent.db.engine import Database, sqlite_url
from agent.db.students import StudentWindowRow
from agent.db.tables import AuditRow
from agent.resources import bundled

HEAD = "review_sentiment"
Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def storehand(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    def run(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--data", str(tmp_path / "data"), "--shop", "mine", *arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return int(ended.value.code or 0), out, err

    assert run("shops", "create", "mine")[0] == 0
    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished head: the bundled one with another seed in its manifest."""
    made = shutil.copytree(bundled() / "models" / HEAD, tmp_path / "made" / HEAD)
    path = made / "manifest.toml"
    path.write_text(re.sub(r"(?m)^seed = \d+", "seed = 4711", path.read_text()))
    return made


def added(storehand: Shell, folder: Path) -> str:
    code, out, err = storehand("students", "add", str(folder))
    assert code == 0, err
    return out.split()[1]


def line(storehand: Shell) -> dict[str, str]:
    _, out, _ = storehand("students", "list", "--csv")
    return next(row for row in csv.DictReader(io.StringIO(out)) if row["head"] == HEAD)


def test_a_student_goes_to_production_and_back_each_step_one_command(storehand: Shell, folder: Path, tmp_path: Path) -> None:
    version = added(storehand, folder)
    assert storehand("students", "shadow", HEAD, version)[1] == f"{HEAD}: bundled answers; {version} runs in the shadow\n"
    assert storehand("students", "canary", HEAD, version, "--share", "0.25")[1].startswith(f"{HEAD}: bundled answers; canary {version} takes 25%")
    assert (line(storehand)["canary"], line(storehand)["shadow"]) == (f"{version} (25%)", version)
    assert storehand("students", "promote", HEAD, version)[1] == f"{HEAD}: {version} answers\n"
    assert (line(storehand)["in use"], line(storehand)["canary"], line(storehand)["drift"]) == (version, "–", "too little seen")
    assert storehand("students", "rollback", HEAD)[1] == f"{HEAD}: bundled answers\n"
    code, _, err = storehand("students", "rollback", HEAD)
    assert (code, "nothing to go back to" in err) == (1, True)

    db = Database(sqlite_url(tmp_path / "data" / "storehand.db"))
    kinds = db.read_now(lambda session: [row.kind for row in session.query(AuditRow).order_by(AuditRow.seq)])  # type: ignore[arg-type]  # a column here
    shop = db.read_now(lambda session: session.query(AuditRow).first().shop_id)  # type: ignore[union-attr]  # there are rows
    assert kinds == ["student_added", "student_shadow", "student_canary", "student_promoted", "student_rolled_back"]
    assert asyncio.run(verify_audit(db, shop)).broken == ()
    db.close()


def test_a_student_that_failed_its_gate_is_refused_and_nothing_changes(storehand: Shell, folder: Path) -> None:
    path = folder / "manifest.toml"
    assert tomllib.loads(path.read_text())["gate"]["passed"] is True
    path.write_text(
        path.read_text().replace("passed = true", "passed = false").replace("failures = []", 'failures = ["recall of `negative` is 0.31"]')
    )
    code, out, err = storehand("students", "add", str(folder))
    assert (code, out) == (1, "")
    assert "did not pass its gate (recall of `negative` is 0.31)" in err
    assert (line(storehand)["in use"], line(storehand)["versions"]) == ("bundled", "1")


def test_a_damaged_version_is_not_promoted(storehand: Shell, folder: Path, tmp_path: Path) -> None:
    version = added(storehand, folder)
    [weights] = (tmp_path / "data" / "students" / HEAD).glob("*/head.npz")
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0x")
    code, _, err = storehand("students", "promote", HEAD, version)
    assert (code, "head.npz is damaged" in err) == (1, True)
    assert line(storehand)["in use"] == "bundled"


def test_show_has_the_figures_and_the_card(storehand: Shell) -> None:
    _, out, _ = storehand("students", "show", HEAD, "bundled")
    assert "gold.accuracy " in out and "Says whether a review is" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "nobody"), "No student matches “nobody”"),
        (("promote", HEAD, "0123456789ab"), "No version of"),
        (("promote", HEAD, "bundled"), "is in use already"),
        (("shadow", HEAD), "Name a version, or write --stop"),
        (("shadow", HEAD, "--stop"), "runs in the shadow"),
        (("add", "/nowhere"), "manifest.toml is missing"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(arguments: tuple[str, ...], sentence: str, storehand: Shell) -> None:
    code, out, err = storehand("students", *arguments)
    assert (code, out) == (1, "")
    assert sentence in err


def test_a_list_sounds_the_alarm_when_a_student_no_longer_says_what_it_said(storehand: Shell, tmp_path: Path) -> None:
    storehand("students", "list")
    db = Database(sqlite_url(tmp_path / "data" / "storehand.db"))
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for ago, labels, confidence in (
        (20, {"positive": 400, "negative": 200}, {"95": 500, "80": 100}),
        (1, {"positive": 90, "negative": 510}, {"60": 600}),
    ):
        row = StudentWindowRow(
            head=HEAD, version="bundled", role="in_use", hour=hour - timedelta(hours=ago), seen=600, refused=10,
            labels=json.dumps(labels), confidence=json.dumps(confidence),
        )  # fmt: skip
        db.write_now(lambda session, row=row: session.add(row))  # type: ignore[misc]  # a default binds it
    db.close()
    _, out, err = storehand("students", "list")
    assert "ALARM: confidence, labels" in out
    assert f"ALARM {HEAD}: it no longer holds that it is as sure as it was when it came into use." in err


def test_what_was_asked_with_consent_is_written_down_to_learn_from_without_personal_data(storehand: Shell, tmp_path: Path) -> None:
    out = tmp_path / "sample.jsonl"
    config = tmp_path / "consenting.toml"
    config.write_text("[students]\nconsent = true\n")
    storehand("ask", "tag Anna Smith, anna.smith@example.com, as vip")
    code, _, said = storehand("students", "sample", "reader", "--out", str(out))
    assert code == 1 and "consent = true" in said and not out.exists()

    storehand("--config", str(config), "ask", "tag Anna Smith, anna.smith@example.com, as vip")
    assert storehand("students", "sample", "reader", "--out", str(out))[0] == 0
    [taken] = [json.loads(one) for one in out.read_text().splitlines()]
    assert "Anna" not in taken["text"] and "@" not in taken["text"] and taken["text"].endswith("as vip")
    assert set(taken) == {"text", "why", "said", "confidence"}
