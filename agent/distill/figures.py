"""What is said of a student in numbers: on the same gold items as its teacher and the baseline, from the files as they are written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agent.distill.cache import Arrays, Says
from agent.distill.linear import Matrix
from agent.distill.records import Metric
from agent.students.calibration import expected_calibration_error, softmax
from agent.students.heads import Head

Truth = NDArray[np.int64]
RESAMPLED = 10_000
_WARM_UP = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What somebody says of the gold items, in order."""

    said: Truth
    """Places of labels; −1 for no answer, which is wrong."""
    confidence: Matrix | None = None
    farthest: Matrix | None = None
    """Largest logit of each item; None for a teacher that gives none."""
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    bytes: int | None = None
    usd_per_1000: float | None = None

    def right(self, truth: Truth) -> NDArray[np.bool_]:
        out: NDArray[np.bool_] = self.said == truth
        return out


def asked(head: Head, texts: Sequence[str], says: Says) -> Arrays:
    """Logits of the exported head, one text at a time, and what each took in milliseconds of this thread, so that neighbours count less."""
    for text in texts[:_WARM_UP]:
        head.logits([text])
    logits, took = [], []
    for n, text in enumerate(texts):
        begun = time.thread_time()
        logits.append(head.logits([text])[0])
        took.append((time.thread_time() - begun) * 1000)
        if n % 100 == 99:
            says(n + 1, len(texts))
    return {
        "logits": np.stack(logits) if logits else np.zeros((0, len(head.trained)), np.float32), "took_ms": np.array(took, dtype=np.float64),
    }  # fmt: skip


def answers_of(found: Arrays, temperature: float, places: Sequence[int], *, size: int, cpu_usd_per_hour: float) -> Answers:
    """
    Args:
        places: For each label of the head its place among the scorecard's labels.
    """
    logits, took = found["logits"], found["took_ms"]
    shares = softmax(logits, temperature=temperature)
    return Answers(
        said=np.array(places, dtype=np.int64)[shares.argmax(axis=1)], confidence=shares.max(axis=1), farthest=logits.max(axis=1),
        p50_ms=float(np.median(took)), p95_ms=float(np.quantile(took, 0.95)), bytes=size,
        usd_per_1000=float(took.mean()) / 3_600 * cpu_usd_per_hour,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Of two accuracies on the same items, in shares."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value * 100:+.1f} points (95% {self.low * 100:+.1f} to {self.high * 100:+.1f})"


def difference(ours: NDArray[np.bool_], theirs: NDArray[np.bool_], *, seed: int = 7) -> Difference:
    """Ours less theirs, with the 95% interval of the paired bootstrap.

    An item adds −1, 0 or 1, so drawing items with replacement is drawing three counts.
    """
    n = len(ours)
    better, worse = int((ours & ~theirs).sum()), int((~ours & theirs).sum())
    drawn = np.random.default_rng(seed).multinomial(n, [better / n, worse / n, 1 - (better + worse) / n], size=RESAMPLED)
    spread = (drawn[:, 0] - drawn[:, 1]) / n
    low, high = np.quantile(spread, [0.025, 0.975])
    return Difference(value=(better - worse) / n, low=float(low), high=float(high))


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Gold's classes as recall is told of: those with enough items, and the rest in one pool."""

    names: Mapping[str, tuple[int, ...]]
    """Name to the places of its labels; the pool is called "rare"."""
    pooled: tuple[str, ...]
    counts: Mapping[str, int]


def classes_of(truth: Truth, labels: Sequence[str], least: int) -> Classes:
    counts = Counter(truth.tolist())
    rare = [place for place in range(len(labels)) if counts[place] < least]
    names: dict[str, tuple[int, ...]] = {labels[place]: (place,) for place in range(len(labels)) if place not in rare}
    if rare:
        names["rare"] = tuple(rare)
    return Classes(
        names=names, pooled=tuple(labels[place] for place in rare), counts={name: sum(counts[p] for p in some) for name, some in names.items()}
    )  # fmt: skip


def recalls(answers: Answers, truth: Truth, classes: Classes) -> dict[str, Metric]:
    right = answers.right(truth)
    found = {}
    for name, some in classes.names.items():
        there = np.isin(truth, some)
        found[name] = Metric(value=float(right[there].mean()) if there.any() else 0.0, n=int(there.sum()))
    return found


def auroc(inside: Matrix, outside: Matrix) -> float:
    """Chance that a text in scope scores above one out of it; a tie counts half."""
    order = np.concatenate([inside, outside])
    values, places, counts = np.unique(order, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[: len(inside)].sum() - len(inside) * (len(inside) + 1) / 2) / (len(inside) * len(outside)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One contender's figures."""

    accuracy: Metric
    recalls: Mapping[str, Metric]
    calibration_error: float | None
    p50_ms: float
    p95_ms: float
    bytes: int | None
    usd_per_1000: float | None


def scores(answers: Answers, truth: Truth, classes: Classes) -> Scores:
    right = answers.right(truth)
    return Scores(
        accuracy=Metric(value=float(right.mean()) if len(right) else 0.0, n=len(right)),
        recalls=recalls(answers, truth, classes),
        calibration_error=expected_calibration_error(answers.confidence, right) if answers.confidence is not None and len(right) else None,
        p50_ms=answers.p50_ms, p95_ms=answers.p95_ms, bytes=answers.bytes, usd_per_1000=answers.usd_per_1000,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfScope:
    """How well texts that no label fits are told apart by the largest logit."""

    n: int
    auroc: float
    accepted: Metric
    """Share of them at or above the threshold."""
    kept: Metric
    """Share of gold at or above it."""


def out_of_scope(inside: Matrix, outside: Matrix, threshold: float) -> OutOfScope:
    return OutOfScope(
        n=len(outside), auroc=auroc(inside, outside),
        accepted=Metric(value=float((outside >= threshold).mean()), n=len(outside)),
        kept=Metric(value=float((inside >= threshold).mean()), n=len(inside)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What follows from answering alone only at or above a confidence, and asking the teacher otherwise."""

    least: float
    share: Metric
    right: Metric


def alone(answers: Answers, truth: Truth, least: float | None) -> Alone | None:
    if least is None or answers.confidence is None:
        return None
    taken = answers.confidence >= least
    right = answers.right(truth)[taken]
    return Alone(
        least=least, share=Metric(value=float(taken.mean()), n=len(taken)),
        right=Metric(value=float(right.mean()) if len(right) else 0.0, n=len(right)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    text: str = field(repr=False)
    truth: str
    said: str
    confidence: float


def mistakes(answers: Answers, truth: Truth, texts: Sequence[str], labels: Sequence[str]) -> list[Mistake]:
    """Every wrong answer, the surest first."""
    sure = answers.confidence if answers.confidence is not None else np.zeros(len(truth), np.float32)
    wrong = np.flatnonzero(~answers.right(truth))
    return [
        Mistake(text=texts[i], truth=labels[int(truth[i])], said=labels[int(answers.said[i])], confidence=float(sure[i]))
        for i in sorted(wrong.tolist(), key=lambda i: (-float(sure[i]), i))
    ]
