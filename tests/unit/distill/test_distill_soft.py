"""A teacher's probabilities as what is learned. Needs scikit-learn of the extra `[distill]`; skipped without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.distill import linear

pytest.importorskip("sklearn", reason="the extra `distill` is not installed")

from making import make

pytestmark = pytest.mark.distill


def points(classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Overlapping clouds, so that no weights are perfect."""
    chance = np.random.default_rng(3)
    y = np.arange(300) % classes
    return (np.eye(classes, 6)[y] + chance.normal(scale=0.7, size=(300, 6))).astype(np.float32), y


def test_with_one_label_certain_in_each_row_the_weights_are_those_of_labels() -> None:
    x, y = points(4)
    weight, bias = linear.fit(x, y, classes=4, strength=2.0)
    soft_weight, soft_bias = linear.fit_shares(x, np.eye(4, dtype=np.float32)[y], strength=2.0)
    assert np.allclose(soft_weight, weight, atol=0.01)
    assert np.allclose(soft_bias - soft_bias.mean(), bias - bias.mean(), atol=0.01)


def test_what_a_teacher_was_unsure_of_is_learned_as_unsure() -> None:
    x, y = points(3)
    shares = np.full((300, 3), 0.2, dtype=np.float32)
    shares[np.arange(300), y] = 0.6
    weight, bias = linear.fit_shares(x, shares, strength=16.0)
    logits = x @ weight + bias
    said = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert said.max(axis=1).mean() < 0.7
    assert (said.argmax(axis=1) == y).mean() > 0.6


def taught(folder: Path, more: str) -> None:
    path = folder / "spec.toml"
    text = path.read_text(encoding="utf-8").replace('name = "mood"', 'name = "pupil"').replace("accuracy = 0.70\n", "")
    path.write_text(text.replace("[evals]", f'[teacher]\nkind = "model"\nfolder = "out/mood"\n{more}\n[evals]', 1), encoding="utf-8")


def test_a_student_learns_its_teachers_probabilities_also_of_altered_texts(made_from: Path, warm_cache: Path) -> None:
    make(made_from, warm_cache)
    taught(made_from, "soft = true\nwarmth = 2\naltered = 2")
    score = make(made_from, warm_cache, drafts=made_from / "drafts")
    assert score.student.accuracy.value > 0.8
    assert score.about["train"] == 120 and 60 < score.about["altered"] <= 240
    assert "whose probabilities are learned at 2 times its temperature" in score.about["teacher"] and "altered texts" in score.about["teacher"]
    again = make(made_from, warm_cache, drafts=made_from / "again")
    assert score.to_teacher == again.to_teacher
    assert (made_from / "drafts/pupil/head.npz").read_bytes() == (made_from / "again/pupil/head.npz").read_bytes()


def test_a_draft_is_put_aside_whatever_its_gate_says(made_from: Path, warm_cache: Path) -> None:
    path = made_from / "spec.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("accuracy = 0.70", "accuracy = 0.999"), encoding="utf-8")
    assert make(made_from, warm_cache, drafts=made_from / "drafts").verdict.state == "refused"
    assert (made_from / "drafts/mood/manifest.toml").exists() and not (made_from / "out/mood").exists()
