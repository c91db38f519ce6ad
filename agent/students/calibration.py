"""Confidences that mean what they say: one temperature per head, fitted on wordings the head was not trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def softmax(logits: Array, *, temperature: float = 1.0) -> Array:
    """Probabilities over the last axis."""
    scaled = logits / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    weights = np.exp(scaled)
    shares: Array = weights / weights.sum(axis=-1, keepdims=True)
    return shares


def nll(logits: Array, truth: NDArray[np.integer[Any]], *, temperature: float) -> float:
    """Mean negative log-likelihood of the true labels."""
    chosen = softmax(logits.astype(np.float64), temperature=temperature)[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def fit_temperature(logits: Array, truth: NDArray[np.integer[Any]]) -> float:
    """The temperature in [0.05, 20] that makes the true labels likeliest (golden section; the loss has one valley in it)."""
    ratio = (np.sqrt(5) - 1) / 2
    low, high = np.log(0.05), np.log(20.0)
    for _ in range(60):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if nll(logits, truth, temperature=float(np.exp(left))) < nll(logits, truth, temperature=float(np.exp(right))):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def expected_calibration_error(confidence: Array, correct: NDArray[np.bool_], *, bins: int = 10) -> float:
    """Mean gap between confidence and accuracy over equal-width bins, weighted by their counts."""
    edges = np.clip((confidence * bins).astype(int), 0, bins - 1)
    gaps = [
        abs(float(confidence[edges == b].mean() - correct[edges == b].mean())) * float((edges == b).mean()) for b in range(bins) if (edges == b).any()
    ]
    return float(sum(gaps))
