"""Fitting the reader's second opinion: what is asked for, from the words of a clause alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra `distill` is not installed")

from agent.distill.folder import write_folder
from agent.distill.phrases import fit_phrases, joined, warmed
from agent.students import read_manifest
from agent.students.phrases import BUCKETS, FILE, Phrases, weighed

pytestmark = pytest.mark.distill

LABELS = ["change_price", "sales_report", "write_post"]
CLAUSES = [
    *((f"{verb} the price of {what}", "change_price") for verb in ("raise", "lower", "cut") for what in ("mugs", "bowls", "plates")),
    *((f"how much did we {verb} {when}", "sales_report") for verb in ("sell", "earn", "take") for when in ("today", "last week")),
]


def _read(folder: Path, content: bytes) -> Phrases:
    write_folder(folder, name="reader", files={FILE: content}, labels={"label": LABELS})
    found = Phrases.read(read_manifest(folder))
    assert found is not None
    return found


def _made(heard: float) -> bytes:
    """Where the label head hears each true label by `heard` more than the others, and the third clause is heard wrong."""
    texts = [text for text, _ in CLAUSES]
    truth = np.array([LABELS.index(label) for _, label in CLAUSES])
    own = np.eye(len(LABELS), dtype=np.float32)[truth] * heard
    own[2] = own[-1]
    return joined(fit_phrases(CLAUSES, LABELS, 7), texts, own, truth)


def test_the_words_of_a_clause_say_what_it_asks_for(tmp_path: Path) -> None:
    phrases = _read(tmp_path, _made(1.0))
    told = [LABELS[int(phrases.logits(text).argmax())] for text in ("lower the price of forks", "how much did we earn in May", "cut prices")]
    assert told == ["change_price", "sales_report", "change_price"]


def test_what_no_clause_was_is_never_the_likeliest(tmp_path: Path) -> None:
    phrases = _read(tmp_path, _made(1.0))
    assert all(phrases.logits(text).argmax() != 2 for text in ("write a post", "", "🙂", "xyzzy " * 500))


def test_the_same_clauses_make_the_same_file() -> None:
    assert _made(1.0) == _made(1.0)


def test_a_file_warmed_differs_in_its_temperature_alone(tmp_path: Path) -> None:
    content = _made(1.0)
    before, after = _read(tmp_path / "before", content), _read(tmp_path / "after", warmed(content, 2.0))
    assert after.temperature == pytest.approx(2 * before.temperature)
    assert np.array_equal(before.logits("cut the price"), after.logits("cut the price"))


def test_words_and_runs_of_letters_count_alike_however_many_there_are() -> None:
    rare = np.ones(BUCKETS, dtype=np.float32)
    for text in ("mug", "the quick brown fox jumps over the lazy dog"):
        _, values = weighed(text, rare)
        assert float(np.square(values).sum()) == pytest.approx(2.0, rel=1e-5)


def test_a_single_label_is_nothing_to_tell_apart() -> None:
    assert not fit_phrases([("cut prices", "change_price")], LABELS, 7).weight.any()
