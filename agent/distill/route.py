"""Is the local answer going to be right? The reader's calibrated probability of a label, beside heads trained to say so from more of the reading.

The probability says how a label compares with the others. Whether it is right may hang on more: on where the clause was cut, on how long the
request is, on its slots, on how sure of the other clauses the reader is. Each clause is scored by a head that saw no like wording, and the
difference is told in pairs, over requests drawn again. `bench/route.py` prints it; docs/decisions/0012 says what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.distill.certify import Certified, certified
from agent.distill.evaluate import matching
from agent.distill.figures import auroc
from agent.distill.refill import as_written
from agent.distill.trust import TARGETS, Kind
from agent.distill.written import read_written
from agent.errors import SettingsError
from agent.records.reading import REFUSALS, Reading
from agent.registry import discover
from agent.students.encoder import Encoder
from agent.students.manifest import read_manifest
from agent.students.reader import Reader

FOLDS, RESAMPLED, STRENGTH = 5, 1_000, 0.1
LIKE = 0.75
"""From this cosine on, two requests are of one family of wordings, and in one fold."""
LEAST = 20
"""Answers fewer than which say nothing of a share of errors."""

NAMES = (
    "log odds of the top label", "margin to the second", "entropy", "share of the refusals", "top label is a refusal", "words in the clause",
    "words in the request", "clauses in the request", "place among the clauses", "words in no clause", "least idle of the words between",
    "slots in the clause", "least sure slot", "share of letters in slots", "readable", "least sure of the other clauses",
)  # fmt: skip
"""Features, in order."""

Rows = NDArray[np.float64]
Fold = Callable[[Rows, NDArray[np.bool_]], Callable[[Rows], Rows]]
"""Rows and who of them was right, to what says so of other rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clauses:
    """Every clause that was read, in order."""

    features: Rows
    plain: Rows
    """The calibrated probability of its likeliest label."""
    kind: NDArray[np.str_]
    """"act" for what would change something, "look" for what would not, "refuse"."""
    right: NDArray[np.bool_]
    request: NDArray[np.int64]
    fold: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """A figure less that of the plain probability, with the 95% interval over requests drawn again."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def read_all(models: Path, seed: int) -> Clauses:
    encoder = Encoder(read_manifest(models / "encoder"))
    reader = Reader(read_manifest(models / "reader"), encoder)
    examples = [as_written(request) for request in read_written(models / "reader" / "development")]
    if not examples:
        raise SettingsError(f"{models / 'reader' / 'development'} holds no requests that the reader was not trained on; the route head needs them.")
    looks = {task.name for task in discover() if task.effect in ("read", "draft")}
    families = _families(encoder.embed([example.text for example in examples]))
    order = np.random.default_rng(seed).permutation(np.unique(families)).tolist()
    fold_of = {family: i % FOLDS for i, family in enumerate(order)}
    readings = [reader.read(example.text) for example in examples]
    kind, plain, right, request = [], [], [], []
    for number, (example, reading) in enumerate(zip(examples, readings, strict=True)):
        for clause in reading.clauses:
            part, (said, sure) = matching(clause, example.parts), clause.labels[0]
            kind.append("refuse" if said in REFUSALS else "look" if said in looks else "act")
            plain.append(sure)
            right.append(part is not None and said in (part.label, *part.also))
            request.append(number)
    return Clauses(
        features=rows(readings), plain=np.array(plain), kind=np.array(kind), right=np.array(right), request=np.array(request),
        fold=np.array([fold_of[int(families[number])] for number in request]),
    )  # fmt: skip


def _families(vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """A number for each text, the same for texts that are joined by a chain of likenesses."""
    found = np.arange(len(vectors))
    for i, j in np.argwhere(np.triu(vectors @ vectors.T > LIKE, 1)).tolist():
        found[found == found[j]] = found[i]
    return found


def weights(x: Rows, right: NDArray[np.bool_], strength: float = STRENGTH) -> tuple[Rows, float]:
    """Weights and bias on features as they come: they are put on one scale for the fit, and back."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    model: Any = LogisticRegression(C=strength, max_iter=2000)
    model.fit((x - middle) / spread, right)
    weight: Rows = model.coef_[0] / spread
    return weight, float(model.intercept_[0] - (weight * middle).sum())


def out_of_fold(clauses: Clauses, fit: Fold) -> Rows:
    """Of each clause the probability of being right, by what saw nothing of its fold."""
    said = np.zeros(len(clauses.right))
    for fold in range(FOLDS):
        ours, away = clauses.fold != fold, clauses.fold == fold
        said[away] = fit(clauses.features[ours], clauses.right[ours])(clauses.features[away])
    return said


def ranked(said: Rows, right: NDArray[np.bool_]) -> float:
    """AUROC: the chance that a right clause is thought likelier to be right than a wrong one."""
    return auroc(said[right].astype(np.float32), said[~right].astype(np.float32))


def risk_area(said: Rows, right: NDArray[np.bool_]) -> float:
    """Mean share of wrong answers among the surest, over every number of them: the area under the risk-coverage curve."""
    wrong = ~right[np.argsort(-said, kind="stable")]
    return float((np.cumsum(wrong) / np.arange(1, len(wrong) + 1)).mean())


def covered(said: Rows, right: NDArray[np.bool_], most: float) -> float:
    """Largest share of the surest among which at most so many are wrong."""
    wrong = ~right[np.argsort(-said, kind="stable")]
    kept = np.flatnonzero((np.cumsum(wrong) / np.arange(1, len(wrong) + 1))[LEAST:] <= most)
    return float((kept[-1] + LEAST + 1) / len(wrong)) if len(kept) else 0.0


Figure = Callable[[Rows, NDArray[np.bool_]], float]


def gain(clauses: Clauses, said: Rows, figure: Figure, seed: int, kind: Kind | None = None) -> Gain:
    """A figure of what is said less that of the plain probability, in pairs; of one kind of clauses or of all."""
    chosen = np.flatnonzero(clauses.kind == kind) if kind else np.arange(len(said))
    chance, numbers = np.random.default_rng(seed), np.unique(clauses.request[chosen])
    places = {number: chosen[clauses.request[chosen] == number] for number in numbers.tolist()}

    def against(some: NDArray[Any]) -> float:
        return figure(said[some], clauses.right[some]) - figure(clauses.plain[some], clauses.right[some])

    drawn = [against(np.concatenate([places[number] for number in chance.choice(numbers, len(numbers)).tolist()])) for _ in range(RESAMPLED)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Gain(value=against(chosen), low=float(low), high=float(high))


def promised(clauses: Clauses, said: Rows, kind: Kind) -> Certified | None:
    """The threshold that planning could use with the promise it makes today; see `agent.distill.trust`."""
    some = clauses.kind == kind
    return certified(said[some].tolist(), clauses.right[some].tolist(), target=TARGETS[kind])


def features(reading: Reading, place: int) -> list[float]:
    """What the reading says of one clause, as numbers; see NAMES."""
    clause = reading.clauses[place]
    shares = np.array([share for _, share in clause.labels])
    said = reading.text[clause.start : clause.end]
    inside = sum(slot.end - slot.start for slot in clause.slots)
    others = [one.labels[0][1] for i, one in enumerate(reading.clauses) if i != place]
    refused = sum(share for label, share in clause.labels if label in REFUSALS)
    top, second = _odds(shares[0]), _odds(shares[1] if len(shares) > 1 else 0.0)
    return [
        top, top - second, float(-(shares * np.log(shares + 1e-9)).sum()), refused,
        float(clause.labels[0][0] in REFUSALS), _log(_words(said)), _log(_words(reading.text)), float(np.log(len(reading.clauses))),
        _log(place), _log(sum(_words(reading.text[b.start : b.end]) for b in reading.between)),
        min((b.idle for b in reading.between), default=1.0), float(len(clause.slots)), min((slot.confidence for slot in clause.slots), default=1.0),
        inside / max(1, len(said)), reading.readable, min(others, default=1.0),
    ]  # fmt: skip


def rows(readings: Sequence[Reading]) -> Rows:
    """Features of every clause of every reading, in order."""
    found = [features(reading, place) for reading in readings for place in range(len(reading.clauses))]
    return np.array(found, dtype=np.float64).reshape(-1, len(NAMES))


def _odds(share: float) -> float:
    return float(np.log(share + 1e-4) - np.log(1 - share + 1e-4))


def _words(text: str) -> int:
    return len(text.split())


def _log(n: int) -> float:
    return float(np.log1p(n))
