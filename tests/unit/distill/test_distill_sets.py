from pathlib import Path

import numpy as np
import pytest
from distill_data import SPEC, gold, training, write

from agent.distill.overlap import near_any
from agent.distill.sets import Sets, read_sets
from agent.distill.spec import read_spec
from agent.errors import SettingsError


def sets(folder: Path, spec: str) -> Sets:
    (folder / "spec.toml").write_text(spec, encoding="utf-8")
    return read_sets(read_spec(folder / "spec.toml"), folder)


def test_gold_of_a_file_is_all_of_it_and_training_is_all_of_the_data(made_from: Path) -> None:
    found = sets(made_from, SPEC)
    assert [(item.text, item.label) for item in found.gold] == gold() and [(item.text, item.label) for item in found.train] == training()


def test_without_a_gold_file_a_share_of_the_data_is_kept_back(made_from: Path) -> None:
    found = sets(made_from, SPEC.replace('[[evals.gold]]\nfile = "gold.jsonl"\nlicence = "own"\n', "gold_share = 0.3\n"))
    assert not set(found.train) & set(found.gold) and len(found.train) + len(found.gold) == len(training())
    assert 0.15 < len(found.gold) / len(training()) < 0.45


LABELS = '[teacher]\nkind = "labels"\n[teacher.file]\nfile = "labels.jsonl"\nlicence = "own"\n\n[evals]'


def test_labels_of_a_file_of_their_own_win_and_texts_without_one_are_left_out(made_from: Path) -> None:
    write(made_from / "labels.jsonl", [(text, "tool" if label == "animal" else "food") for text, label in training()[:30]])
    found = sets(made_from, SPEC.replace("[evals]", LABELS))
    assert len(found.train) == 30 and {item.label for item in found.train} == {"tool"}


def test_data_without_labels_need_a_teacher(made_from: Path) -> None:
    with pytest.raises(SettingsError, match="the data have no labels; .*another kind of teacher"):
        sets(made_from, SPEC.replace('file = "train.jsonl"', 'file = "train.jsonl"\nlabelled = false'))


def test_gold_without_labels_measures_nothing(made_from: Path) -> None:
    with pytest.raises(SettingsError, match="gold has no labels"):
        sets(made_from, SPEC.replace('file = "gold.jsonl"', 'file = "gold.jsonl"\nlabelled = false'))


def test_texts_count_as_near_from_the_cosine_on() -> None:
    known = np.array([[1.0, 0.0]], dtype=np.float32)
    angles = np.array([0.0, 0.31, 0.33, 1.5], dtype=np.float32)
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert near_any(rows, known).tolist() == [True, True, False, False]
    assert near_any(rows, known[:0]).tolist() == [False] * 4


@pytest.mark.parametrize("spec", [SPEC, SPEC.replace('[[evals.gold]]\nfile = "gold.jsonl"\nlicence = "own"\n', "gold_share = 0.0001\n")])
def test_no_gold_at_all_is_told_before_anything_is_made(made_from: Path, spec: str) -> None:
    write(made_from / "gold.jsonl", [])
    with pytest.raises(SettingsError, match="gold holds no text"):
        sets(made_from, spec)
