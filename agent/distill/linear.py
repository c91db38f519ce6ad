"""Linear heads: logistic regression with a temperature from texts it was not fitted on."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.students.calibration import fit_temperature, softmax

Matrix = NDArray[np.float32]


def fit(x: Any, y: NDArray[np.int64], *, classes: int, strength: float = 1.0, balanced: bool = False) -> tuple[Matrix, Matrix]:
    """Weights (in, classes) and bias. Default tolerance: a looser one once gave a head at chance level without a warning."""
    from sklearn.linear_model import LogisticRegression

    model: Any = LogisticRegression(C=strength, max_iter=2000, class_weight="balanced" if balanced else None)
    model.fit(x, y)
    weight, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
    if classes == 2:  # the library gives one column for two classes: the second's log odds
        weight, bias = np.concatenate([-weight / 2, weight / 2], axis=1), np.concatenate([-bias / 2, bias / 2])
    return weight, bias


def fit_shares(x: Any, shares: Matrix, *, strength: float = 1.0) -> tuple[Matrix, Matrix]:
    """The same regression on probabilities instead of labels; with one label certain in each row it comes to the same weights.

    Args:
        x: (texts, in), dense or sparse.
        shares: (texts, classes), each row adding up to 1.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]  # it ships no types; scikit-learn brings it

    n, width, classes = len(shares), x.shape[1], shares.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weight, bias = flat[:-classes].reshape(width, classes).astype(np.float32), flat[-classes:].astype(np.float32)
        found = softmax(x @ weight + bias)
        gap = found - shares
        cost = -float((shares * np.log(np.maximum(found, 1e-12))).sum(dtype=np.float64)) * strength + 0.5 * float((flat[:-classes] ** 2).sum())
        slope = np.concatenate([(np.asarray(x.T @ gap) * strength + weight).ravel(), gap.sum(axis=0) * strength])
        return cost / (strength * n), slope.astype(np.float64) / (strength * n)

    found = minimize(loss, np.zeros((width + 1) * classes), jac=True, method="L-BFGS-B", options={"maxiter": 2000, "maxcor": 10, "gtol": 1e-6})
    flat = found.x.astype(np.float32)
    return flat[:-classes].reshape(width, classes), flat[-classes:]


def temperature(x: Matrix, y: NDArray[np.int64], weight: Matrix, bias: Matrix) -> float:
    return fit_temperature(x @ weight + bias, y)


def packed(heads: Mapping[str, tuple[Matrix, Matrix, float]]) -> bytes:
    """An npz of `<output>.weight`, `.bias`, `.temperature`; weights in half precision, which changes no decision."""
    out = io.BytesIO()
    arrays: dict[str, Any] = {}
    for output, (weight, bias, warmth) in heads.items():
        arrays |= {
            f"{output}.weight": weight.astype(np.float16), f"{output}.bias": bias.astype(np.float32), f"{output}.temperature": np.float32(warmth),
        }  # fmt: skip
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def split(n: int, *, share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two random disjoint sets of places, the second with the share."""
    order = np.random.default_rng(seed).permutation(n)
    cut = int(n * (1 - share))
    return order[:cut], order[cut:]


def distinct(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if text.strip()))
