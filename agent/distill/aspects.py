"""Makes a head whose labels do not exclude one another: a yes or no for each, on the frozen embedding, fitted in seconds.

What a confidence means, and from which one on a label holds, is found on folds of the training sentences. Joining training sentences to
pairs, with the labels of both, was tried: F1 on gold fell by three points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agent.distill import linear
from agent.distill.cache import Arrays, Says
from agent.distill.fitting import Once, always
from agent.distill.folder import digest, write_folder
from agent.distill.linear import Matrix
from agent.distill.records import Metric, Progress, Scorecard
from agent.distill.steps import embedded, near_gold
from agent.errors import SettingsError
from agent.students.calibration import expected_calibration_error
from agent.students.encoder import Encoder
from agent.students.features import Hashed
from agent.students.heads_many import MANY, chances
from agent.students.manifest import Manifest, read_manifest

HEAD = "review_aspects"
STRENGTH = 32.0
FOLDS = 5
LEAST_GOLD = 200
LEAST_F1 = 0.75
"""Of all labels together on gold; with less, counts by aspect would mislead."""
LEAST_OF_ONE = 0.55
MOST_ERROR = 0.05
_FITTING = ("agent.distill.aspects", "agent.distill.linear", "agent.students.features", "agent.students.encoder")

Rows = Callable[[Sequence[str]], Any]


@dataclass(frozen=True, slots=True)
class Remark:
    text: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    weight: Matrix
    bias: Matrix
    temperature: float
    holds: float

    def shares(self, x: Any) -> Matrix:
        return chances(x @ self.weight + self.bias, self.temperature)


def read_remarks(path: Path) -> list[Remark]:
    """
    Raises:
        SettingsError: The file is missing, or a line has no text.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    found = []
    for number, line in enumerate(lines, 2):
        labels, tab, text = line.partition("\t")
        if not tab or not text.strip():
            raise SettingsError(f"{path}:{number}: labels, a tab and a sentence are wanted.")
        found.append(Remark(text.strip(), frozenset(filter(None, labels.split(",")))))
    return found


def make_aspects(models: Path, out: Path, seed: int, progress: Progress, once: Once = always) -> Scorecard:
    """Fit, measure, and write what passes; what does not leaves the head in use as it is.

    Raises:
        SettingsError: The data are not there, gold names a label that nothing was trained on, or a gold sentence is trained on.
    """
    train, gold = read_remarks(models / HEAD / "data" / "train.tsv"), read_remarks(models / HEAD / "gold" / "gold.tsv")
    labels = sorted({label for one in train for label in one.labels})
    _require_apart(train, gold, labels)
    encoder = Encoder(read_manifest(models / "encoder"))
    vectors = embedded([one.text for one in (*train, *gold)], encoder, lambda text: encoder.embed([text])[0], once)

    def rows(texts: Sequence[str]) -> Matrix:
        return np.stack([vectors[text] for text in texts])

    close = near_gold([one.text for one in train], [one.text for one in gold], vectors, once)
    train = [one for one in train if one.text not in close]
    progress(f"{len(close)} sentences nearly say a gold sentence and are left out")
    student = _once(train, labels, rows, seed, once, "fit student", encoder.manifest.identity)
    progress(f"fitted {len(labels)} labels on {len(train)} sentences")
    baseline = _once(train, labels, _hashed, seed, once, "fit baseline", "hashed")
    figures = {
        "gold": figures_of(student.shares(rows([one.text for one in gold])), student.holds, gold, labels),
        "baseline": figures_of(baseline.shares(_hashed([one.text for one in gold])), baseline.holds, gold, labels),
    }
    score = _judged(figures, len(gold))
    if score.passed:
        _write(out / HEAD, student, labels, train, gold, seed, encoder.manifest, score, near=len(close))
    return score


def _require_apart(train: Sequence[Remark], gold: Sequence[Remark], labels: Sequence[str]) -> None:
    shared = {one.text.casefold() for one in train} & {one.text.casefold() for one in gold}
    if shared:
        raise SettingsError(f"{len(shared)} gold sentences are trained on, such as “{min(shared)}”; take them out of the training data.")
    strange = sorted({label for one in gold for label in one.labels} - set(labels))
    if strange:
        raise SettingsError(f"gold holds labels that nothing was trained on: {', '.join(strange)}.")


def _once(train: Sequence[Remark], labels: Sequence[str], rows: Rows, seed: int, once: Once, name: str, of: str) -> Fit:
    """The fit, done anew only for other sentences, for rows `of` something else, or with other code."""

    def fit(_: Says) -> Arrays:
        made = fitted(train, labels, rows, seed)
        return {"weight": made.weight, "bias": made.bias, "numbers": np.array([made.temperature, made.holds])}

    found = once(name, {"train": digest_of(train), "labels": labels, "seed": seed, "of": of}, fit, _FITTING)
    temperature, holds = found["numbers"].tolist()
    return Fit(weight=found["weight"], bias=found["bias"], temperature=temperature, holds=holds)


def fitted(train: Sequence[Remark], labels: Sequence[str], rows: Rows, seed: int) -> Fit:
    """Weights on all sentences; temperature and threshold from sentences that the folds' weights were not fitted on."""
    x, y = rows([one.text for one in train]), truth(train, labels)
    fold = np.random.default_rng(seed).integers(0, FOLDS, len(train))
    logits = np.zeros(y.shape, dtype=np.float32)
    for which in range(FOLDS):
        away = fold == which
        weight, bias = _weights(x[~away], y[~away])
        logits[away] = x[away] @ weight + bias
    warmth = min(np.geomspace(0.2, 5.0, 60), key=lambda t: _loss(logits, y, float(t)))
    shares = chances(logits, float(warmth))
    holds = max(np.arange(0.2, 0.61, 0.02), key=lambda least: _f1(shares >= least, y))
    weight, bias = _weights(x, y)
    return Fit(weight=weight, bias=bias, temperature=float(warmth), holds=round(float(holds), 2))


def _weights(x: Any, y: Any) -> tuple[Matrix, Matrix]:
    fits = [linear.fit(x, y[:, place].astype(np.int64), classes=2, strength=STRENGTH) for place in range(y.shape[1])]
    weight = np.stack([w[:, 1] - w[:, 0] for w, _ in fits], axis=1)
    return weight.astype(np.float32), np.array([b[1] - b[0] for _, b in fits], dtype=np.float32)


def truth(remarks: Sequence[Remark], labels: Sequence[str]) -> Any:
    return np.array([[label in one.labels for label in labels] for one in remarks], dtype=np.bool_)


def _hashed(texts: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # it ships no types; scikit-learn brings it

    return csr_matrix(np.stack([Hashed().vector(text) for text in texts]))


def _loss(logits: Matrix, y: Any, temperature: float) -> float:
    shares = np.clip(chances(logits, temperature), 1e-6, 1 - 1e-6)
    return float(-np.where(y, np.log(shares), np.log(1 - shares)).mean())


def _f1(said: Any, y: Any) -> float:
    total = said.sum() + y.sum()
    return float(2 * (said & y).sum() / total) if total else 1.0


def figures_of(shares: Matrix, holds: float, gold: Sequence[Remark], labels: Sequence[str]) -> dict[str, Metric]:
    """F1 over all labels and of each (n: how often it is true), precision, recall, sentences right as a whole, and the error of confidences."""
    y, said = truth(gold, labels), shares >= holds
    hit = int((said & y).sum())
    error = expected_calibration_error(np.maximum(shares, 1 - shares).ravel(), ((shares >= 0.5) == y).ravel())
    each = {f"f1_{label}": Metric(value=_f1(said[:, at], y[:, at]), n=int(y[:, at].sum())) for at, label in enumerate(labels)}
    return {
        "f1": Metric(value=_f1(said, y), n=int(y.sum())), "precision": Metric(value=hit / max(1, int(said.sum())), n=int(said.sum())),
        "recall": Metric(value=hit / max(1, int(y.sum())), n=int(y.sum())),
        "whole": Metric(value=float((said == y).all(axis=1).mean()), n=len(gold)), "calibration_error": Metric(value=error, n=y.size), **each,
    }  # fmt: skip


def _judged(figures: dict[str, dict[str, Metric]], n: int) -> Scorecard:
    gold = figures["gold"]
    why = [f"gold holds {n} sentences, {LEAST_GOLD} are wanted"] if n < LEAST_GOLD else []
    if gold["f1"].value < LEAST_F1:
        why.append(f"F1 {gold['f1']}, at least {LEAST_F1:.0%} is wanted")
    if gold["f1"].value <= figures["baseline"]["f1"].value:
        why.append("no better than letters and words without a model")
    if gold["calibration_error"].value > MOST_ERROR:
        why.append(f"confidences are off by {gold['calibration_error'].value:.1%}, at most {MOST_ERROR:.0%} is wanted")
    why += [
        f"{name.removeprefix('f1_')} reaches F1 {one}, {LEAST_OF_ONE:.0%} is wanted"
        for name, one in gold.items() if name.startswith("f1_") and one.value < LEAST_OF_ONE
    ]  # fmt: skip
    return Scorecard(head=HEAD, metrics=figures, passed=not why, failures=tuple(why))


def _write(
    folder: Path, fit: Fit, labels: Sequence[str], train: Sequence[Remark], gold: Sequence[Remark], seed: int, encoder: Manifest, score: Scorecard,
    *, near: int,
) -> None:  # fmt: skip
    about = {
        "digest": digest_of(train), "gold_digest": digest_of(gold), "seed": seed, "sentences": len(train), "gold": len(gold), "near": near,
    }  # fmt: skip
    write_folder(
        folder, name=HEAD, files={"head.npz": linear.packed({"label": (fit.weight, fit.bias, fit.temperature)})}, encoder=encoder.identity,
        labels={"label": labels}, data=about, score=score, features="frozen", more={"answers": {"kind": MANY, "holds": fit.holds}},
    )  # fmt: skip


def digest_of(remarks: Sequence[Remark]) -> str:
    return digest("\n".join(f"{','.join(sorted(one.labels))}\t{one.text}" for one in remarks).encode())
