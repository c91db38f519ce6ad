"""Fits the reader's second opinion on what a clause asks for, from the words it has.

A support vector machine for each label on hashed words, pairs and runs of letters. It is right less often than the reader's own label head, and
about other clauses; the reader's card says what both come to.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.distill.cache import Arrays
from agent.distill.evaluate import match
from agent.distill.letters import Example
from agent.distill.linear import Matrix
from agent.distill.overlap import Overlap
from agent.distill.patterns import Expansion
from agent.distill.wordings import Wordings
from agent.students.calibration import fit_temperature, nll
from agent.students.encoder import MAX_TOKENS, Encoder
from agent.students.phrases import BUCKETS, Phrases, grams, weighed
from agent.students.reader import Reader

FILLED = 2
"""Times that each short wording is filled from its lists."""
STRENGTH = 0.3
SHARES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
"""What the machine's distances may count for beside the log probabilities of the reader's own head."""
HEEDED = 0.5
"""Of the share that makes the labels of clauses cut where they should be likeliest. Plans for the development requests come out better with half of
it than with the whole: 61.2 against 60.8 of 100 single ones right, 25.4 against 24.4 of several parts, 4 against 6 unasked writes of 678."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    weight: Matrix
    """(`BUCKETS`, labels)"""
    bias: Matrix
    rare: Matrix
    """(`BUCKETS`,)"""

    def arrays(self) -> Arrays:
        return {"weight": self.weight, "bias": self.bias, "rare": self.rare}


def clauses_of(wordings: Wordings, encoder: Encoder, overlap: Overlap, seed: int) -> list[tuple[str, str]]:
    """Clauses to learn from, each with its label: those of whole requests and of short wordings, but none that nearly says what gold says."""
    filled = Expansion(wordings.fillers, random.Random(seed))
    found = [(request.text[part.start : part.end], part.label) for request in wordings.written_of(held_out=False) for part in request.parts]
    found += [(filled.expand(one.body).text, one.label) for one in wordings.of(held_out=False) if not one.after for _ in range(FILLED)]
    kept = dict.fromkeys((text, label) for text, label in found if text.strip())
    return [(text, label) for text, label in kept if not overlap.near(encoder.fork(encoder.tokens(text).ids[: MAX_TOKENS - 2]))]


def fit_phrases(clauses: Sequence[tuple[str, str]], labels: Sequence[str], seed: int) -> Fitted:
    from sklearn.svm import LinearSVC

    rare = _rare([text for text, _ in clauses])
    if len({label for _, label in clauses}) < 2:  # nothing to tell apart
        return Fitted(weight=np.zeros((BUCKETS, len(labels)), dtype=np.float32), bias=np.zeros(len(labels), dtype=np.float32), rare=rare)
    model: Any = LinearSVC(C=STRENGTH, random_state=seed)
    model.fit(_rows([text for text, _ in clauses], rare), [labels.index(label) for _, label in clauses])
    # A label that no clause has is as far as a distance goes.
    weight, bias = np.zeros((BUCKETS, len(labels)), dtype=np.float32), np.full(len(labels), -3.0, dtype=np.float32)
    if len(model.classes_) == 2:  # the library gives one column for two classes: how far the second is
        weight[:, model.classes_], bias[model.classes_] = np.concatenate([-model.coef_, model.coef_]).T, (-model.intercept_[0], model.intercept_[0])
    else:
        weight[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return Fitted(weight=weight, bias=bias, rare=rare)


def _rare(texts: Sequence[str]) -> Matrix:
    """The inverse document frequency of each bucket, smoothed."""
    seen = np.zeros(BUCKETS, dtype=np.float32)
    for text in texts:
        said, runs = grams(text)
        seen[list(said.keys() | runs.keys())] += 1
    rare = np.log((1 + len(texts)) / (1 + seen)) + 1
    return np.asarray(rare, dtype=np.float32)


def _rows(texts: Sequence[str], rare: Matrix) -> Any:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # it ships no types; scikit-learn brings it

    found = [weighed(text, rare) for text in texts]
    ends = np.cumsum([0, *(len(places) for places, _ in found)])
    return csr_matrix(
        (np.concatenate([values for _, values in found]), np.concatenate([places for places, _ in found]), ends), shape=(len(texts), BUCKETS)
    )  # fmt: skip


def joined(fitted: Fitted, texts: Sequence[str], heard: Matrix, truth: NDArray[np.int64]) -> bytes:
    """The head's file, with the share and the temperature at which both heads together make the true labels likeliest.

    Args:
        heard: (texts, labels), the reader's own logits divided by their temperature.
    """
    said = np.stack([_phrases(fitted, 1.0, 1.0).logits(text) for text in texts])
    share = HEEDED * min(SHARES, key=lambda one: nll(heard + one * said, truth, temperature=fit_temperature(heard + one * said, truth)))
    warmth = fit_temperature(heard + share * said, truth)
    weight, scale = _rounded(fitted)
    out = io.BytesIO()
    np.savez_compressed(
        out, weight=weight, scale=(scale * share).astype(np.float32), bias=(fitted.bias * share).astype(np.float32),
        rare=fitted.rare.astype(np.float16), temperature=np.float32(warmth),
    )  # fmt: skip
    return out.getvalue()


def warmed(content: bytes, factor: float) -> bytes:
    """The file at another temperature.

    Args:
        factor: What its own is multiplied by.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        kept = {name: stored[name] for name in stored.files}
    out = io.BytesIO()
    np.savez_compressed(out, **{**kept, "temperature": np.float32(kept["temperature"] * factor)})
    return out.getvalue()


def too_sure(reader: Reader, examples: Iterable[Example]) -> float:
    """What the logarithms of the probabilities should be divided by for clauses as they are read, some of them cut in the wrong place."""
    place = {label: at for at, label in enumerate(reader.labels)}
    said: list[Matrix] = []
    truth: list[int] = []
    for example in examples:
        clauses = reader.read(example.text).clauses
        for part in example.parts:
            clause = match(part, clauses)
            if clause is not None and part.label in place:
                said.append(np.log([share + 1e-12 for _, share in sorted(clause.labels, key=lambda one: place[one[0]])]))
                truth.append(place[part.label])
    return fit_temperature(np.stack(said), np.array(truth)) if said else 1.0


def _phrases(fitted: Fitted, share: float, warmth: float) -> Phrases:
    weight, scale = _rounded(fitted)
    return Phrases(
        weight=weight, scale=scale * share, bias=fitted.bias * share, rare=fitted.rare.astype(np.float16).astype(np.float32), temperature=warmth
    )


def _rounded(fitted: Fitted) -> tuple[NDArray[np.int8], Matrix]:
    scale = np.maximum(np.abs(fitted.weight).max(axis=0), 1e-6).astype(np.float32)
    return np.round(fitted.weight / scale * 127).astype(np.int8), scale
