import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from agent.distill import aspects, category, spec_of
from agent.distill.card import reader_card
from agent.distill.folder import write_folder
from agent.distill.gate import GOLD, Bars, failures, too_few
from agent.distill.items import digest_of
from agent.distill.records import Metric, Scorecard
from agent.distill.sets import read_sets
from agent.distill.spec import read_spec
from agent.distill.titles import digest_of as digest_of_titles
from agent.distill.titles import read_titles
from agent.distill.wordings import read_wordings
from agent.errors import SettingsError
from agent.students import read_manifest

MODELS = Path(__file__).parents[3] / "models"


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = Metric(value=0.9, n=100).interval
    assert (round(low, 3), round(high, 3)) == (0.826, 0.945)
    assert Metric(value=0.0, n=0).interval == (0.0, 1.0)


def _held_out(**changed: float) -> dict[str, Metric]:
    values = {"split": 0.95, "label": 0.95, "slots_overlapping": 0.95, "calibration_error": 0.01} | changed
    return {name: Metric(value=value, n=500) for name, value in values.items()}


def test_the_gate_opens_where_every_bar_is_reached_and_names_those_that_are_not() -> None:
    bars = Bars(least={"split": 0.8, "label": 0.75}, most={"calibration_error": 0.05})
    assert failures("written", _held_out(), bars) == []
    shut = failures("written", _held_out(label=0.4, calibration_error=0.2), bars)
    assert [line.split(" is ")[0] for line in shut] == ["written: label", "written: calibration_error"]


def test_too_little_gold_never_passes() -> None:
    assert too_few(299) and not too_few(300)
    assert GOLD.least


def test_what_is_written_to_a_folder_is_read_back(tmp_path: Path) -> None:
    score = Scorecard(head="mood", metrics={"held_out": {"accuracy": Metric(value=0.5, n=10)}}, passed=False, failures=('it says "no"',))
    identity = write_folder(
        tmp_path / "mood", name="mood", files={"head.npz": b"weights"}, encoder="e" * 64, labels={"label": ["a", "b"]},
        data={"digest": "d", "seed": 3}, undecided={"label": "mixed", "below": 0.6}, score=score,
    )  # fmt: skip
    manifest = read_manifest(tmp_path / "mood")
    assert (manifest.identity, manifest.made_for, manifest.data_digest, manifest.seed) == (identity, "e" * 64, "d", 3)
    assert (manifest.labels, manifest.undecided) == ({"label": ("a", "b")}, {"label": "mixed", "below": 0.6})
    assert manifest.metrics["held_out"]["accuracy"]["n"] == 10
    assert manifest.gate == {"passed": False, "failures": ['it says "no"']}
    assert manifest.bytes_of("head.npz") == b"weights"


def test_a_card_holds_the_figures_it_was_given() -> None:
    score = Scorecard(head="reader", metrics={"gold": {"label": Metric(value=0.8125, n=320)}}, passed=True, confused={"a > b": 7})
    card = reader_card(
        score,
        {"wordings": 10, "written": 5, "examples": 20, "again": 12, "seed": 7, "near_gold_left_out": 3, "clauses_near_gold_left_out": 11},
        ["x", "y", "z", "w"],
    )
    assert "| gold | label | 0.812 | 320 |" in card
    assert "a > b 7" in card


def test_what_ships_passed_its_gate_has_a_card_and_was_made_of_the_wordings_beside_it() -> None:
    for folder in (path.parent for path in MODELS.glob("*/manifest.toml")):
        manifest = read_manifest(folder)
        assert "Where it fails" in (folder / "CARD.md").read_text(encoding="utf-8"), folder
        assert all(manifest.bytes_of(name) for name in manifest.files)
        assert folder.name == "encoder" or manifest.gate["passed"], folder
    assert read_manifest(MODELS / "reader").data_digest == read_wordings(MODELS / "reader" / "data").digest


def test_what_ships_was_measured_on_the_gold_and_fitted_on_the_texts_beside_it() -> None:
    triage, goods, remarks = (MODELS / name for name in ("message_triage", category.HEAD, aspects.HEAD))
    sets = read_sets(read_spec(triage / "spec.toml"), triage)
    titles = [title for name in ("train.tsv", "written.tsv") for title in read_titles(goods / "data" / name)]
    assert _digests(triage) == (digest_of(sets.train), digest_of(sets.gold))
    assert _digests(goods) == (digest_of_titles(titles), digest_of_titles(read_titles(goods / "gold" / "gold.tsv")))
    read = [aspects.read_remarks(remarks / name) for name in ("data/train.tsv", "gold/gold.tsv")]
    assert _digests(remarks) == (aspects.digest_of(read[0]), aspects.digest_of(read[1]))


def _digests(folder: Path) -> tuple[str, str]:
    data = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))["data"]
    return data["digest"], data["gold_digest"]


def test_all_models_together_stay_small() -> None:
    assert (
        sum(path.stat().st_size for path in MODELS.rglob("*") if path.suffix in (".onnx", ".npz")) < 34_000_000
    )  # eight students; 50 MB is the most there may be


def test_an_unknown_head_says_which_there_are() -> None:
    with pytest.raises(SettingsError, match="no head `readr`.*encoder, reader, .*review_sentiment"):
        spec_of("readr", MODELS)


def test_importing_brings_in_no_torch_and_without_it_the_extra_is_named() -> None:
    script = (
        "import sys\n"
        "for name in ('torch', 'onnx'): sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "from agent.distill import distill\n"
        "from agent.errors import SettingsError\n"
        "try: distill('reader', models=Path())\n"
        "except SettingsError as error: print(error)\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "training needs torch, onnx" in found.stdout
    assert "storehand[distill]" in found.stdout
