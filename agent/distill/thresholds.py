"""What a head's confidences are good for, from texts that it was not fitted on: a temperature, and where to stop trusting it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.distill.linear import Matrix
from agent.students.calibration import fit_temperature, softmax

DELTA = 0.1
"""Chance that a certified share of errors is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    temperature: float
    in_scope: float
    """Largest logit below which a text is taken to be out of scope."""
    alone: float | None
    """Confidence from which the share of wrong answers is certified; None when no such confidence could be."""


def thresholds(logits: Matrix, truth: NDArray[np.int64], *, kept: float, accepted_error: float) -> Thresholds:
    """
    Args:
        kept: Share of these texts, all in scope, that should pass the out-of-scope threshold.
        accepted_error: Share of errors to certify among the answers that are kept.
    """
    warmth = fit_temperature(logits, truth)
    shares = softmax(logits, temperature=warmth)
    return Thresholds(
        temperature=warmth,
        in_scope=float(np.quantile(logits.max(axis=1), 1 - kept)),
        alone=certified(shares.max(axis=1), shares.argmax(axis=1) == truth, most=accepted_error),
    )


def certified(confidence: Matrix, correct: NDArray[np.bool_], *, most: float, delta: float = DELTA) -> float | None:
    """The lowest confidence at or above which at most that share of answers is wrong, with probability 1 − delta.

    Source: Learn then Test (Angelopoulos et al., 2021), tests in a fixed order from sure to unsure, Clopper-Pearson's bound for each.
    """
    enough = math.log(delta) / math.log(1 - most)
    found = None
    for least in np.arange(0.99, -0.005, -0.01):
        taken = confidence >= least
        n, wrong = int(taken.sum()), int((taken & ~correct).sum())
        if n < enough:  # too few to certify anything, even without a mistake: not a test that failed
            continue
        if upper_bound(wrong, n, delta=delta) > most:
            break
        found = max(0.0, round(float(least), 2))
    return found


def upper_bound(wrong: int, n: int, *, delta: float) -> float:
    """Clopper-Pearson: the share is below it with probability 1 − delta. Found by halving; the binomial's tail falls with the share."""
    if wrong >= n:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(wrong, n, middle) > delta else (low, middle)
    return high


def _at_most(wrong: int, n: int, share: float) -> float:
    """Probability of at most so many wrong of n."""
    choose = math.lgamma(n + 1)
    terms = (
        math.exp(choose - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(share) + (n - k) * math.log1p(-share)) for k in range(wrong + 1)
    )
    return sum(terms)
