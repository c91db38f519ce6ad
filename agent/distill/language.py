"""Trains the head that says whether a text is in a language the reader knows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.distill.compose import Composer
from agent.distill.linear import Matrix, distinct, fit, temperature
from agent.distill.patterns import Expansion, held_out
from agent.distill.records import Metric
from agent.distill.wordings import Wordings
from agent.students.language import features

LABELS = ("known", "foreign")


def fit_language(folder: Path, wordings: Wordings, *, seed: int, drawn: int = 4_000) -> tuple[tuple[Matrix, Matrix, float], Metric]:
    """The head with its temperature, and its accuracy on pieces of sentences it was not fitted on.

    Args:
        folder: Holds `known.txt` and `foreign.txt`.
        drawn: How many composed requests stand for English beside them.
    """
    composer = Composer(wordings, seed=seed)
    ours = [composer.example().text for _ in range(drawn)]
    items = [Expansion(wordings.fillers, random.Random(seed)).expand(line).text for lines in wordings.fillers.values() for line in lines]
    known = _lines(folder / "known.txt") * 8 + ours + distinct(items) * 3
    foreign = _lines(folder / "foreign.txt")
    chance = random.Random(seed)
    fitted: list[tuple[str, int]] = []
    kept: list[tuple[str, int]] = []
    for label, sentences, times in ((0, known, 3), (1, foreign, 40)):
        for sentence in sentences:
            bucket = kept if held_out(sentence, one_in=5) else fitted
            bucket += [(_piece(sentence, chance), label) for _ in range(times)]
    x, y = _matrix(fitted)
    weight, bias = fit(x, y, classes=2, strength=20.0)
    kept_x, kept_y = _matrix(kept)
    warmth = temperature(kept_x, kept_y, weight, bias)
    right = ((kept_x @ weight + bias).argmax(axis=1) == kept_y).mean()
    return (weight, bias, warmth), Metric(value=float(right), n=len(kept))


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]


def _piece(sentence: str, chance: random.Random) -> str:
    """The sentence, or a run of its words: requests may be short."""
    words = sentence.split()
    if len(words) < 3 or chance.random() < 0.3:
        return sentence
    length = chance.randint(1 if chance.random() < 0.3 else 3, len(words))
    start = chance.randint(0, len(words) - length)
    return " ".join(words[start : start + length])


def _matrix(rows: Sequence[tuple[str, int]]) -> tuple[Matrix, NDArray[np.int64]]:
    return np.stack([features(text) for text, _ in rows]), np.array([label for _, label in rows], dtype=np.int64)
