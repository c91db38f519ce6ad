"""Heads from specs, good ones and ones made bad on purpose. Needs scikit-learn of the extra `[distill]`; skipped without it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from distill_data import SPEC, gold, training, write

from agent.distill.cache import StepEvent
from agent.distill.folder import write_folder
from agent.distill.linear import packed
from agent.errors import ManifestError, SettingsError
from agent.students import Encoder, Head, read_manifest
from agent.students.features import BUCKETS, hashed

pytest.importorskip("sklearn", reason="the extra `distill` is not installed")

from making import MODELS, make

pytestmark = pytest.mark.distill


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "spec.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def told(folder: Path, cache: Path) -> str:
    """What the gate says of a student that it does not let pass."""
    score = make(folder, cache)
    assert not score.passed and not (folder / "out" / "mood").exists()
    return str(score.verdict)


def test_a_good_student_passes_and_serves_as_it_was_measured(made_from: Path, warm_cache: Path) -> None:
    score = make(made_from, warm_cache)
    assert score.passed, score
    assert score.student.accuracy.value > 0.8 > score.contenders["baseline"].accuracy.value
    head = Head(read_manifest(made_from / "out" / "mood"), Encoder(read_manifest(MODELS / "encoder")))
    said = [label.label for label in head.label([text for text, _ in gold()])]
    right = sum(label == truth for label, (_, truth) in zip(said, gold(), strict=True))
    assert right / len(said) == pytest.approx(score.student.accuracy.value)
    card = (made_from / "out" / "mood" / "CARD.md").read_text(encoding="utf-8")
    assert f"{score.student.accuracy.value * 100:.1f}%" in card and "Where it fails" in card and "own" in card


def test_the_report_lists_the_worst_mistakes_first_and_draws_who_is_taken_for_whom(made_from: Path, warm_cache: Path) -> None:
    score = make(made_from, warm_cache)
    report = made_from / "out" / "mood.report"
    mistakes = [json.loads(line) for line in (report / "mistakes.jsonl").read_text(encoding="utf-8").splitlines()]
    sure = [one["confidence"] for one in mistakes]
    assert len(mistakes) == round((1 - score.student.accuracy.value) * score.student.accuracy.n) > 0
    assert sure == sorted(sure, reverse=True)
    assert "animal → food" in (report / "confusion.svg").read_text(encoding="utf-8")
    kept = json.loads((report / "scorecard.json").read_text(encoding="utf-8"))
    assert kept["verdict"]["state"] == "passed" and "mistakes" not in kept


def test_the_same_spec_data_and_seed_make_the_same_file(made_from: Path, tmp_path: Path) -> None:
    def files() -> tuple[dict[str, str], str]:
        manifest = read_manifest(made_from / "out" / "mood")
        return dict(manifest.files), str(manifest.data_digest)

    make(made_from, tmp_path / "one")
    first = files()
    make(made_from, tmp_path / "another")
    assert files() == first
    change(made_from, 'name = "mood"', 'name = "mood"\nseed = 8')
    make(made_from, tmp_path / "another")
    assert files()[1] == first[1]


def test_what_has_not_changed_is_not_computed_again_also_for_another_head(made_from: Path, tmp_path: Path) -> None:
    make(made_from, tmp_path / "cache")
    again: list[StepEvent] = []
    make(made_from, tmp_path / "cache", events=again)
    assert {event.state for event in again} == {"cached"}
    change(made_from, 'name = "mood"', 'name = "temper"')
    change(made_from, "[gate]", '[target]\nkind = "linear"\nstrength = 4.0\n\n[gate]')
    other: list[StepEvent] = []
    make(made_from, tmp_path / "cache", events=other)
    assert {event.step for event in other if event.state == "done"} == {"fit student", "judge student on gold"}
    assert {event.step for event in other if event.state == "cached"} == {"embed", "apart", "fit baseline", "judge baseline on gold"}


def test_the_steps_form_a_graph_that_is_kept_with_the_report(made_from: Path, warm_cache: Path) -> None:
    make(made_from, warm_cache)
    steps = {step["step"]: step for step in json.loads((made_from / "out" / "mood.report" / "pipeline.json").read_text(encoding="utf-8"))}
    assert steps["apart"]["after"] == ["embed"] and steps["judge student on gold"]["after"] == ["fit student"]


# made bad on purpose


def test_a_student_of_shuffled_labels_is_refused(made_from: Path, warm_cache: Path) -> None:
    rows = training()
    labels = [label for _, label in rows]
    random.Random(3).shuffle(labels)
    write(made_from / "train.jsonl", [(text, label) for (text, _), label in zip(rows, labels, strict=True)])
    said = told(made_from, warm_cache)
    assert "gate: refused" in said and "does not beat the baseline" in said and "its interval has to lie above 70.0%" in said


def test_a_dead_head_is_refused(made_from: Path, warm_cache: Path) -> None:
    change(made_from, "[gate]", '[target]\nkind = "linear"\nstrength = 1e-9\n\n[gate]')
    change(made_from, "accuracy = 0.70", "accuracy = 0.01")
    write(made_from / "train.jsonl", [*training(), ("we watched the hippopotamus bathe", "animal")])
    assert "the head is dead" in told(made_from, warm_cache)


def test_a_student_trained_on_gold_is_refused_and_passes_without_it(made_from: Path, warm_cache: Path) -> None:
    write(made_from / "train.jsonl", [*training(), *gold()[:40]])
    said = told(made_from, warm_cache)
    assert "40 training texts nearly say what a gold text says" in said and "leave_out" in said
    change(made_from, 'near = "refuse"', 'near = "leave_out"')
    score = make(made_from, warm_cache)
    assert score.passed and score.about["near"] == 40 and score.about["train"] == len(training())


def test_a_near_duplicate_of_gold_is_found_though_its_letters_differ(made_from: Path, warm_cache: Path) -> None:
    write(made_from / "train.jsonl", [*training(), ("Look , it is a GIRAFFE !!", "animal")])
    assert "1 training texts nearly say" in told(made_from, warm_cache)


def test_the_baseline_does_not_pass_as_a_student(made_from: Path, warm_cache: Path) -> None:
    change(made_from, "[gate]", '[target]\nkind = "hashed"\n\n[gate]')
    assert "it is the baseline itself" in told(made_from, warm_cache)


def test_too_little_gold_is_no_verdict(made_from: Path, warm_cache: Path) -> None:
    change(made_from, "gold = 60", "gold = 300")
    said = told(made_from, warm_cache)
    assert said.startswith("gate: insufficient evidence") and "gold holds 120 items, 300 are wanted" in said


def test_rare_classes_are_pooled_and_named(made_from: Path, warm_cache: Path) -> None:
    few = (
        [row for row in gold() if row[1] == "animal"]
        + [row for row in gold() if row[1] == "food"][:30]
        + [row for row in gold() if row[1] == "tool"][:5]
    )
    write(made_from / "gold.jsonl", few)
    said = told(made_from, warm_cache)
    assert said.startswith("gate: insufficient evidence") and "5 items of the rare classes together (tool), 20 are wanted" in said
    change(made_from, "gold = 60", "gold = 60\nper_class = 35")
    assert list(make(made_from, warm_cache).pooled) == ["food", "tool"]


def test_a_refused_student_leaves_the_one_in_use_as_it_was(made_from: Path, warm_cache: Path) -> None:
    assert make(made_from, warm_cache).passed
    before = {path.name: path.read_bytes() for path in (made_from / "out" / "mood").iterdir()}
    change(made_from, "accuracy = 0.70", "accuracy = 0.999")
    assert not make(made_from, warm_cache).passed
    assert {path.name: path.read_bytes() for path in (made_from / "out" / "mood").iterdir()} == before


# other teachers and targets


def test_a_student_of_another_student_is_measured_against_it(made_from: Path, warm_cache: Path) -> None:
    make(made_from, warm_cache)
    change(made_from, 'name = "mood"', 'name = "pupil"')
    change(made_from, "[evals]", '[teacher]\nkind = "model"\nfolder = "out/mood"\n\n[evals]')
    change(made_from, "accuracy = 0.70\n", "")
    score = make(made_from, warm_cache)
    assert score.passed, score
    assert score.to_teacher is not None and score.agreement is not None and score.agreement.value > 0.95
    assert "the student `mood`" in score.about["teacher"]


def test_a_teacher_whose_file_is_damaged_or_of_another_encoder_is_not_asked(made_from: Path, warm_cache: Path) -> None:
    make(made_from, warm_cache)
    change(made_from, "[evals]", '[teacher]\nkind = "model"\nfolder = "out/mood"\n\n[evals]')
    weights = made_from / "out" / "mood" / "head.npz"
    kept = weights.read_bytes()
    weights.write_bytes(kept[:-9])
    with pytest.raises(ManifestError, match=r"head\.npz is damaged"):
        make(made_from, warm_cache)
    weights.write_bytes(kept)
    manifest = made_from / "out" / "mood" / "manifest.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(read_manifest(MODELS / "encoder").identity, "e" * 64), encoding="utf-8")
    with pytest.raises(ManifestError, match="made for another encoder"):
        make(made_from, warm_cache)


def test_a_damaged_encoder_stops_everything_before_it_begins(made_from: Path, warm_cache: Path) -> None:
    models = made_from / "models"
    (models / "encoder").mkdir(parents=True)
    for path in (MODELS / "encoder").iterdir():
        (models / "encoder" / path.name).write_bytes(path.read_bytes())
    upper = models / "encoder" / "upper.onnx"
    upper.write_bytes(upper.read_bytes()[:-1])
    with pytest.raises(ManifestError, match=r"upper\.onnx is damaged"):
        make(made_from, warm_cache, models=models)


def test_a_head_of_hashed_features_needs_no_encoder_of_its_own(tmp_path: Path) -> None:
    weight = np.zeros((BUCKETS, 2), dtype=np.float32)
    weight[hashed("refund")[0], 1] = 4.0
    files = {"head.npz": packed({"label": (weight, np.zeros(2, np.float32), 1.0)})}
    write_folder(tmp_path / "mood", name="mood", files=files, labels={"label": ["other", "refund"]}, features="hashed")
    head = Head(read_manifest(tmp_path / "mood"), Encoder(read_manifest(MODELS / "encoder")))
    assert [label.label for label in head.label(["a refund, please", "refund"])] == ["refund", "refund"]
    assert head.probabilities(["pink monk"])[0, 1] == pytest.approx(0.5)


# bad input on the way out


def test_a_folder_that_cannot_be_written_is_a_sentence_and_what_was_made_is_kept(made_from: Path, tmp_path: Path) -> None:
    (made_from / "out").write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match="out cannot be written: .*Make room, or name another folder"):
        make(made_from, tmp_path / "cache")
    (made_from / "out").unlink()
    again: list[StepEvent] = []
    assert make(made_from, tmp_path / "cache", events=again).passed
    assert {event.state for event in again} == {"cached"}


def test_gold_with_a_label_that_nothing_was_trained_on_is_told(made_from: Path, warm_cache: Path) -> None:
    change(made_from, 'labels = ["animal", "food", "tool"]\n', "")
    write(made_from / "gold.jsonl", [*gold(), ("the moon is out tonight", "planet")])
    with pytest.raises(SettingsError, match="gold holds labels that nothing was trained on: planet"):
        make(made_from, warm_cache)


def test_data_that_are_all_gold_leave_nothing_to_train_on(made_from: Path, warm_cache: Path) -> None:
    write(made_from / "gold.jsonl", training())
    (made_from / "spec.toml").write_text(SPEC.replace('near = "refuse"', 'near = "leave_out"'), encoding="utf-8")
    with pytest.raises(SettingsError, match="every one of the 120 training texts nearly says what a gold text says"):
        make(made_from, warm_cache)


def test_a_label_with_quotes_and_backslashes_is_in_a_manifest_that_can_be_read(made_from: Path, warm_cache: Path) -> None:
    odd = 'to"o\\l]'
    for name, rows in (("train.jsonl", training()), ("gold.jsonl", gold())):
        write(made_from / name, [(text, odd if label == "tool" else label) for text, label in rows])
    (made_from / "spec.toml").write_text(SPEC.replace(', "tool"', f", {json.dumps(odd)}"), encoding="utf-8")
    assert make(made_from, warm_cache).passed
    manifest = read_manifest(made_from / "out" / "mood")
    assert odd in manifest.labels["label"] and set(manifest.metrics["recall"]) == {"animal", "food", odd}
