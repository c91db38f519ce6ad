"""Thresholds with a promise: above this confidence, at most so many are wrong.

Learn-then-test with fixed-sequence testing (Angelopoulos et al. 2021, arXiv 2110.01052): thresholds are tried from the strictest
down, each tested by the exact binomial bound of Clopper and Pearson, and the last one before the first failure is kept. The
promise holds for requests like those it was fitted on, with the chance of `delta` that it does not; it says nothing about
requests of another kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DELTA = 0.1
GRID = tuple(float(step) for step in np.round(np.arange(0.99, 0.29, -0.01), 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    threshold: float
    kept: int
    """How many reach the threshold, of `of`."""
    of: int
    wrong: int
    target: float

    def __str__(self) -> str:
        return f"at {self.threshold:.2f}: {self.kept} of {self.of} kept, {self.wrong} wrong (at most {self.target:.0%} promised)"


def certified(sure: Sequence[float], right: Sequence[bool], *, target: float, delta: float = DELTA) -> Certified | None:
    """The lowest threshold whose error is certainly at most `target`; None when no threshold can be certified.

    Args:
        sure: Confidences, one for each answer.
        right: Whether that answer was right.
    """
    confidences, wrong = np.asarray(sure), ~np.asarray(right, dtype=bool)
    found: Certified | None = None
    for threshold in GRID:
        kept = confidences >= threshold
        n, errors = int(kept.sum()), int(wrong[kept].sum())
        # A handful proves nothing yet, and is no failure: the next threshold keeps more.
        if n == 0 or (errors == 0 and upper_bound(0, n, delta) > target):
            continue
        if upper_bound(errors, n, delta) > target:
            break
        found = Certified(threshold=threshold, kept=n, of=len(confidences), wrong=errors, target=target)
    return found


def upper_bound(errors: int, n: int, delta: float) -> float:
    """The largest error rate at which so few errors still have a chance of `delta` (Clopper and Pearson, one-sided)."""
    if errors >= n:
        return 1.0
    low, high = errors / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(errors, n, middle) > delta else (low, middle)
    return high


def _at_most(errors: int, n: int, p: float) -> float:
    """Probability of at most so many errors in n, each with chance p."""
    if p >= 1:
        return 0.0
    k = np.arange(errors + 1)
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1)))))
    terms = logs[n] - logs[k] - logs[n - k] + k * np.log(max(p, 1e-300)) + (n - k) * np.log1p(-p)
    return float(np.exp(terms).sum())
