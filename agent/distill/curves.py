"""What is drawn of a student: how true its confidences are, what is right from each confidence on, and who is taken for whom. As plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from agent.distill.confusion import confusion
from agent.distill.figures import Answers, Truth
from agent.distill.fitting import LossCurve
from agent.distill.linear import Matrix

BINS = 10
STEPS = tuple(round(0.05 * n, 2) for n in range(20)) + (0.99,)
MOST = 12
"""Classes in the picture of confusions; of more, those with the most mistakes."""

Curves = Mapping[str, Mapping[str, Any]]


def curves_of(answers: Answers, truth: Truth, labels: Sequence[str]) -> Curves:
    """
    Returns:
        "reliability" with `said`, `right` and `n` of each filled tenth of the confidences; "by_threshold" with `least`, `kept` and `right`;
        "confusion" with `labels`, `counts` (truth in rows) and `of`, how many classes there are. Empty for who gives no confidence.
    """
    if answers.confidence is None or not len(truth):
        return {}
    right = answers.right(truth)
    return {
        "reliability": reliability(answers.confidence, right),
        "by_threshold": by_threshold(answers.confidence, right),
        "confusion": _confused(answers, truth, labels),
    }


def reliability(confidence: Matrix, right: np.ndarray[Any, np.dtype[np.bool_]]) -> Mapping[str, Any]:
    places = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    filled = [place for place in range(BINS) if (places == place).any()]
    return {
        "said": [round(float(confidence[places == place].mean()), 4) for place in filled],
        "right": [round(float(right[places == place].mean()), 4) for place in filled],
        "n": [int((places == place).sum()) for place in filled],
    }  # fmt: skip


def by_threshold(confidence: Matrix, right: np.ndarray[Any, np.dtype[np.bool_]]) -> Mapping[str, Any]:
    steps = [least for least in STEPS if (confidence >= least).any()]
    return {
        "least": steps,
        "kept": [round(float((confidence >= least).mean()), 4) for least in steps],
        "right": [round(float(right[confidence >= least].mean()), 4) for least in steps],
    }  # fmt: skip


def _confused(answers: Answers, truth: Truth, labels: Sequence[str]) -> Mapping[str, Any]:
    counts = confusion(truth, answers.said, labels)
    wrong = counts - np.diag(np.diag(counts))
    shown = np.sort(np.argsort(-(wrong.sum(axis=0) + wrong.sum(axis=1)), kind="stable")[:MOST])
    return {"labels": [labels[place] for place in shown.tolist()], "counts": counts[np.ix_(shown, shown)].tolist(), "of": len(labels)}


def loss_curve(losses: LossCurve, of: Literal["epoch", "step"] = "epoch") -> Curves:
    """ "learned" with `epoch` (or `step`) and `loss`; nothing for what is not trained step by step."""
    return {"learned": {of: [at for at, _ in losses], "loss": [round(loss, 4) for _, loss in losses]}} if losses else {}


def curve_tables(curves: Curves) -> dict[str, Mapping[str, Any]]:
    """The same as tables of a manifest."""
    return {f"curves.{name}": curve for name, curve in curves.items()}
