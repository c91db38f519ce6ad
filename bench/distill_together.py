"""Every student of a set asked the same texts in one run: block by block in turn, so that whatever else the machine does falls on all of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.distill.figures import Difference, auroc, difference
from agent.distill.items import Item
from agent.distill.records import Metric
from agent.students.calibration import expected_calibration_error, softmax
from agent.students.encoder import Encoder
from agent.students.heads import Head
from agent.students.manifest import read_manifest

BLOCK, WARM_UP = 100, 20
USD_PER_HOUR = 0.05
"""Of one core: an assumption, and the same for everybody, so a ratio of costs is one of times."""
RESAMPLED = 2_000
_SHARED = {
    "frozen": ("lower.onnx", "upper.onnx", "tokenizer.json"), "tuned": ("lower.onnx", "tokenizer.json"), "whole": ("tokenizer.json",),
    "static": ("tokenizer.json",), "hashed": (),
}  # fmt: skip
"""Files of the encoder that a head of these features cannot do without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one student said, and what that took."""

    right: NDArray[np.bool_]
    sure: NDArray[np.float32]
    took_ms: NDArray[np.float64]
    farthest: NDArray[np.float32]
    strange: NDArray[np.float32]
    """Largest logits of the texts out of scope."""
    bytes: int
    shared: int

    @property
    def accuracy(self) -> Metric:
        return Metric(value=float(self.right.mean()), n=len(self.right))

    @property
    def auroc(self) -> float | None:
        return auroc(self.farthest, self.strange) if len(self.strange) else None

    @property
    def calibration_error(self) -> float:
        return expected_calibration_error(self.sure, self.right)

    @property
    def p50_ms(self) -> float:
        return float(np.median(self.took_ms))

    @property
    def p95_ms(self) -> float:
        return float(np.quantile(self.took_ms, 0.95))

    @property
    def usd_per_1000(self) -> float:
        return float(self.took_ms.mean()) / 3_600 * USD_PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """One student against another on the same items."""

    lost: Difference
    p50_times: float
    """How often its p50 fits into the other's."""
    cost_times: float
    """The same of the means, which the cost follows; with its 95% interval over texts drawn anew."""
    low: float
    high: float


def together(folders: Mapping[str, Path], encoder: Encoder, gold: Sequence[Item], outside: Sequence[Item]) -> dict[str, Told]:
    heads = {name: Head(read_manifest(folder), encoder) for name, folder in folders.items()}
    texts = [item.text for item in (*gold, *outside)]
    logits: dict[str, list[NDArray[np.float32]]] = {name: [] for name in heads}
    took: dict[str, list[float]] = {name: [] for name in heads}
    for name in heads:
        heads[name].logits(texts[:WARM_UP])
    for start in range(0, len(texts), BLOCK):
        for name, head in heads.items():
            for text in texts[start : start + BLOCK]:
                begun = time.thread_time()
                logits[name].append(head.logits([text])[0])
                took[name].append((time.thread_time() - begun) * 1000)
    return {name: _told(head, np.stack(logits[name]), np.array(took[name]), gold, encoder) for name, head in heads.items()}


def _told(head: Head, logits: NDArray[np.float32], took: NDArray[np.float64], gold: Sequence[Item], encoder: Encoder) -> Told:
    inside, strange = logits[: len(gold)], logits[len(gold) :].max(axis=1, initial=-np.inf)
    files = encoder.manifest.folder
    return Told(
        right=np.array([head.trained[place] == item.label for place, item in zip(inside.argmax(axis=1).tolist(), gold, strict=True)]),
        sure=softmax(inside, temperature=head.temperature).max(axis=1).astype(np.float32), took_ms=took[: len(gold)], farthest=inside.max(axis=1),
        strange=strange, bytes=sum((head.manifest.folder / name).stat().st_size for name in head.manifest.files),
        shared=sum((files / name).stat().st_size for name in _SHARED[head.manifest.features]),
    )  # fmt: skip


def against(ours: Told, theirs: Told) -> Against:
    chance = np.random.default_rng(7)
    n = len(ours.took_ms)
    drawn = [chance.integers(n, size=n) for _ in range(RESAMPLED)]
    low, high = np.quantile([theirs.took_ms[some].mean() / ours.took_ms[some].mean() for some in drawn], [0.025, 0.975])
    return Against(
        lost=difference(ours.right, theirs.right), p50_times=theirs.p50_ms / ours.p50_ms,
        cost_times=float(theirs.took_ms.mean() / ours.took_ms.mean()), low=float(low), high=float(high),
    )  # fmt: skip
