"""Is the local answer going to be right? The calibrated probability as it is, beside heads trained to say so, on the same requests in one run.

    python -m bench.route [--models FOLDER]

The requests of the development set, which the reader was not trained on, are read; each clause is right or wrong in what it is taken to ask for.
Folds keep like wordings together. Differences are in pairs, over requests drawn again with replacement; see `agent.distill.route`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.distill.route import (
    FOLDS,
    NAMES,
    STRENGTH,
    Clauses,
    Fold,
    Rows,
    covered,
    gain,
    out_of_fold,
    promised,
    ranked,
    read_all,
    risk_area,
    weights,
)
from agent.distill.trust import TARGETS
from agent.resources import Resources

SEED = 7
COVERAGES = (0.5, 0.7, 0.8, 0.9)
SHIPPABLE = f"linear: all {len(NAMES)}, C {STRENGTH:g}"


def linear(columns: Sequence[int], strength: float) -> Fold:
    def fit(x: Rows, right: NDArray[np.bool_]) -> Callable[[Rows], Rows]:
        weight, bias = weights(x[:, list(columns)], right, strength)
        return lambda others: 1 / (1 + np.exp(-(others[:, list(columns)] @ weight + bias)))

    return fit


def trees(x: Rows, right: NDArray[np.bool_]) -> Callable[[Rows], Rows]:
    """No head that would be shipped: whether a form that can say more than a line finds more in the same numbers."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model: Any = HistGradientBoostingClassifier(max_iter=80, max_leaf_nodes=8, learning_rate=0.05, random_state=SEED)
    model.fit(x, right)
    return lambda others: np.asarray(model.predict_proba(others)[:, 1], dtype=np.float64)


def contenders(clauses: Clauses) -> dict[str, Rows]:
    found = {"calibrated probability": clauses.plain, "linear: odds, margin, entropy": out_of_fold(clauses, linear(range(3), STRENGTH))}
    for strength in (0.01, STRENGTH, 1.0):
        found[f"linear: all {len(NAMES)}, C {strength:g}"] = out_of_fold(clauses, linear(range(len(NAMES)), strength))
    return {**found, "boosted trees: all": out_of_fold(clauses, trees)}


def risks(said: Rows, right: NDArray[np.bool_]) -> str:
    """Share of wrong ones among the surest."""
    wrong = ~right[np.argsort(-said, kind="stable")]
    return "".join(f"{wrong[: round(len(wrong) * share)].mean():>10.1%}" for share in COVERAGES)


def promises(clauses: Clauses, said: Rows) -> None:
    """At the points where planning decides: what may be wrong, the share that is then kept, and the threshold that can be certified."""
    for kind, most in TARGETS.items():

        def kept(ours: Rows, right: NDArray[np.bool_], most: float = most) -> float:
            return covered(ours, right, most)

        some = clauses.kind == kind
        print(f"\n{kind}: {some.sum()} clauses, at most {most:.0%} wrong")
        print(
            f"  AUROC more than plain: {gain(clauses, said, ranked, SEED, kind)}; share kept more than plain: {gain(clauses, said, kept, SEED, kind)}"
        )
        for name, by in (("plain", clauses.plain), ("linear", said)):
            print(f"  {name}: kept {kept(by[some], clauses.right[some]):.1%}; certified {promised(clauses, by, kind) or 'not at all'}")


def main() -> None:
    parsed = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parsed.add_argument("--models", type=Path, default=Resources().models())
    clauses = read_all(parsed.parse_args().models, SEED)
    n, requests, right = len(clauses.right), len(np.unique(clauses.request)), float(clauses.right.mean())
    print(f"{n} clauses of {requests} requests, {right:.1%} right; {FOLDS} folds, like wordings together\n")
    shares = "".join(f"{f'risk@{share:.0%}':>10}" for share in COVERAGES)
    print(f"{'':31}{'AUROC':>7}  {'more than plain (95%)':25}{'risk area':>10}  {'less than plain (95%)':26}{shares}")
    found = contenders(clauses)
    for name, said in found.items():
        more, less = gain(clauses, said, ranked, SEED), gain(clauses, said, risk_area, SEED)
        area = f"{risk_area(said, clauses.right):.1%}"
        print(f"{name:31}{ranked(said, clauses.right):>7.3f}  {more!s:25}{area:>10}  {less!s:26}{risks(said, clauses.right)}")
    promises(clauses, found[SHIPPABLE])


if __name__ == "__main__":
    main()
