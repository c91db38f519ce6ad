"""Labelled texts to a student's files: the target's features, a linear head on them, and thresholds from texts it was not fitted on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.distill import linear
from agent.distill.cache import Arrays, Says, packed_files, unpacked_files
from agent.distill.linear import Matrix
from agent.distill.spec import FineTunedTarget, HashedTarget, LinearTarget, MixedTarget, StaticTarget, Target
from agent.distill.static import packed_layer, packed_table, quantised
from agent.distill.thresholds import Thresholds, thresholds
from agent.distill.vectors import Vectors, silent
from agent.students.encoder import MAX_TOKENS, Encoder
from agent.students.features import Hashed, Kind, Mixed, Static, hashed, unit

FOLDS = 3
MIXED_FOLDS = 6
"""Of few texts with many features a head on two thirds is so much worse than one on all that its temperature would be too warm."""
HELD_BACK = 0.1
"""Of the training texts, for the thresholds, where fitting several times would take too long."""
COMPARED = 500
"""Texts on which the exported file is compared with what was trained."""
SAMPLE = 256
"""Texts that an epoch's loss is told of."""

Rows = Any
"""(texts, width), dense or sparse, as scikit-learn takes it."""
Truth = NDArray[np.int64]
Weights = tuple[Matrix, Matrix]
Targets = NDArray[Any]
"""(texts,) places of labels, or (texts, classes) a teacher's probabilities."""
Fit = Callable[[Rows, Targets], Weights]
LossCurve = Sequence[tuple[int, float]]
"""Epochs, from 1, each with the loss after it on a sample of what is learned, with nothing forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a student is fitted on."""

    texts: Sequence[str]
    y: Truth
    classes: int
    tune_texts: Sequence[str] = ()
    """Texts for the thresholds alone; none for folds of the others."""
    tune_y: Truth | None = None
    shares: Matrix | None = None
    """(texts, classes): a teacher's probabilities, where the student is to learn them; `y` holds the likeliest."""

    sources: Sequence[int] = ()
    """For the last texts, which were altered by chance, the place of the text that each comes from. Nothing is measured on them."""

    @property
    def targets(self) -> Targets:
        """What is learned."""
        return self.y if self.shares is None else self.shares

    def spread(self, of_plain: NDArray[Any]) -> NDArray[Any]:
        """What holds of the texts that people wrote, for all of them: an altered text goes with the one it comes from."""
        return np.concatenate([of_plain, of_plain[np.array(self.sources, dtype=np.int64)]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A student as it will be written."""

    files: Mapping[str, bytes]
    features: Kind
    thresholds: Thresholds
    parity: tuple[float, int]
    """Share of texts to which the files say what the trained head said, and of how many."""
    losses: LossCurve = ()
    """Empty for what is not trained by epochs."""

    def arrays(self) -> Arrays:
        told = {"features": self.features, "thresholds": asdict(self.thresholds), "parity": self.parity, "losses": self.losses}
        return {**packed_files(self.files), "": np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)}

    @classmethod
    def of(cls, arrays: Arrays) -> Made:
        files = unpacked_files(arrays)
        told = json.loads(files.pop(""))
        same, n = told["parity"]
        return cls(
            files=files, features=told["features"], thresholds=Thresholds(**told["thresholds"]), parity=(same, n),
            losses=[(epoch, loss) for epoch, loss in told.get("losses", ())],
        )  # fmt: skip


Once = Callable[[str, Mapping[str, Any], Callable[[Says], Arrays], Sequence[str]], Arrays]
"""A step's name, inputs, making and code to its result; see `Cache.arrays`."""


def always(name: str, inputs: Mapping[str, Any], make: Callable[[Says], Arrays], code: Sequence[str]) -> Arrays:
    """Makes it every time."""
    return make(silent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What fitting needs besides the texts."""

    encoder: Encoder
    vectors: Vectors
    table: Callable[[int], Arrays]
    """The static vectors of a width, see `agent.distill.static`."""
    kept: Path
    """Folder where a fine-tuning keeps its epochs."""
    seed: int
    in_scope: float
    accepted_error: float
    once: Once = always
    """Where what was trained is looked up before it is trained."""

    def thresholds(self, logits: Matrix, truth: Truth) -> Thresholds:
        return thresholds(logits, truth, kept=self.in_scope, accepted_error=self.accepted_error)


def fitted(target: Target, texts: Texts, shop: Workshop, says: Says = silent) -> Made:
    """The student that the target describes."""
    match target:
        case LinearTarget():
            x, tune = shop.vectors.of(texts.texts, says), shop.vectors.of(texts.tune_texts)
            return _on_rows("frozen", x, tune, texts, shop, _regression(target.strength), {}, says)
        case MixedTarget():
            rows, tune = (_mixed(shop.encoder, some) for some in (texts.texts, texts.tune_texts))
            return _on_rows("mixed", rows, tune, texts, shop, _of_seen(_regression(target.strength, balanced=target.balanced)), {}, says)
        case StaticTarget():
            found = shop.table(target.width)
            if target.epochs:
                return _bagged(target, found, texts, shop, says)
            static = Static(shop.encoder, found["table"], found["scale"])
            rows, tune = (_dense([static.vector(text) for text in some], target.width) for some in (texts.texts, texts.tune_texts))
            files = {"static.npz": packed_table(found["table"], found["scale"])}
            return _on_rows("static", rows, tune, texts, shop, _regression(target.strength), files, says)
        case HashedTarget():
            rows, tune = (_sparse(some) for some in (texts.texts, texts.tune_texts))
            texts = replace(texts, shares=None)
            return _on_rows("hashed", rows, tune, texts, shop, _machine(target.strength, shop.seed), {}, says)
        case FineTunedTarget():
            from agent.distill.tuned import made_tuned

            return made_tuned(target, texts, shop, says)


def _regression(strength: float, *, balanced: bool = False) -> Fit:
    def fit(x: Rows, y: Targets) -> Weights:
        if y.ndim == 2:
            return linear.fit_shares(x, y, strength=strength)
        return linear.fit(x, y, classes=int(y.max()) + 1, strength=strength, balanced=balanced)

    return fit


def _of_seen(fit: Fit) -> Fit:
    """The same fit on the columns that hold anything: the others' weights are 0 in any case, and most buckets are empty."""

    def fitted_on_seen(x: Rows, y: Targets) -> Weights:
        seen = np.flatnonzero(np.diff(x.tocsc().indptr))
        weight, bias = fit(x[:, seen], y)
        whole = np.zeros((x.shape[1], weight.shape[1]), dtype=np.float32)
        whole[seen] = weight
        return whole, bias

    return fitted_on_seen


def _machine(strength: float, seed: int) -> Fit:
    """One against the rest with a margin: on wide sparse rows as good as a regression, in a tenth of its time."""

    def fit(x: Rows, y: Targets) -> Weights:
        from sklearn.svm import LinearSVC

        model: Any = LinearSVC(C=strength / 16, random_state=seed)
        model.fit(x, y)
        weight, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
        if weight.shape[1] == 1:
            weight, bias = np.concatenate([-weight, weight], axis=1), np.concatenate([-bias, bias])
        return weight, bias

    return fit


def _on_rows(
    features: Kind, x: Rows, tune: Rows, texts: Texts, shop: Workshop, fit: Fit, files: Mapping[str, bytes], says: Says
) -> Made:  # fmt: skip
    if texts.tune_y is not None:
        weight, bias = fit(x, texts.targets)
        measured = shop.thresholds(_times(tune, weight) + bias, texts.tune_y)
    else:
        logits, seen = _apart(x, texts, shop.seed, fit, {"hashed": round(1 / HELD_BACK), "mixed": MIXED_FOLDS}.get(features, FOLDS), says)
        measured = shop.thresholds(logits[seen], texts.y[seen])
        weight, bias = fit(x, texts.targets)
    packed = linear.packed({"label": (weight, bias, measured.temperature)})
    some = x[:COMPARED]
    same = (_times(some, weight) + bias).argmax(axis=1) == (_times(some, weight.astype(np.float16).astype(np.float32)) + bias).argmax(axis=1)
    return Made(files={"head.npz": packed, **files}, features=features, thresholds=measured, parity=(float(same.mean()), len(same)))


def _apart(x: Rows, texts: Texts, seed: int, fit: Fit, folds: int, says: Says) -> tuple[Matrix, NDArray[np.bool_]]:
    """Logits of texts by a head that was not fitted on them. Of many folds only one is done: it is a tenth, and fitting is dear there."""
    n = len(texts.y) - len(texts.sources)
    fold = texts.spread(_folds(texts.y[:n], folds, seed))
    plain = np.arange(len(texts.y)) < n
    logits, seen = np.zeros((len(texts.y), texts.classes), dtype=np.float32), np.zeros(len(texts.y), dtype=np.bool_)
    for which in range(folds if folds <= MIXED_FOLDS else 1):
        ours, away = fold != which, plain & (fold == which)
        if len(np.unique(texts.y[ours])) < texts.classes or not away.any():
            continue
        weight, bias = fit(x[ours], texts.targets[ours])
        logits[away], seen[away] = _times(x[away], weight) + bias, True
        says(which + 1, folds + 1)
    return logits, seen


def sample(texts: int) -> NDArray[np.int64]:
    """Places, evenly spread, of the texts that an epoch's loss is told of."""
    return np.unique(np.linspace(0, texts - 1, min(SAMPLE, texts)).astype(np.int64))


def held_back(texts: Texts, share: float, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which texts are fitted on, and which are kept from it, for the thresholds: none where there are texts of their own for them."""
    n = len(texts.texts) - len(texts.sources)
    away = np.zeros(n, dtype=np.bool_) if texts.tune_y is not None else _folds(texts.y[:n], round(1 / share), seed) == 0
    return ~texts.spread(away), np.concatenate([away, np.zeros(len(texts.sources), dtype=np.bool_)])


def _folds(y: Truth, folds: int, seed: int) -> Truth:
    """A fold for each text, every class spread over them evenly; the first text of a class is never alone in being kept back."""
    chance = np.random.default_rng(seed)
    out = np.zeros(len(y), dtype=np.int64)
    for label in np.unique(y):
        places = chance.permutation(np.flatnonzero(y == label))
        out[places] = (np.arange(len(places)) + chance.integers(folds)) % folds
    return out


def _times(x: Rows, weight: Matrix) -> Matrix:
    return np.asarray(x @ weight, dtype=np.float32)


def _dense(rows: Sequence[Matrix], width: int) -> Matrix:
    return np.stack(rows) if rows else np.zeros((0, width), dtype=np.float32)


def _sparse(texts: Sequence[str]) -> Rows:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # it ships no types; scikit-learn brings it

    width = len(Hashed().vector(""))
    found = [hashed(text) for text in texts]
    ends = np.cumsum([0, *(len(places) for places, _ in found)])
    if not found:
        return csr_matrix((0, width), dtype=np.float32)
    return csr_matrix((np.concatenate([c for _, c in found]), np.concatenate([p for p, _ in found]), ends), shape=(len(texts), width))


def _mixed(encoder: Encoder, texts: Sequence[str]) -> Rows:
    from scipy.sparse import csr_matrix, hstack

    mixed = Mixed(encoder)
    dense = _dense([mixed.dense(text) for text in texts], len(mixed.dense("")))
    return hstack([csr_matrix(dense), Mixed.SHARE * _sparse(texts)]).tocsr()


def _bagged(target: StaticTarget, found: Arrays, texts: Texts, shop: Workshop, says: Says) -> Made:
    from agent.distill.bags import bagged

    ours, back = held_back(texts, HELD_BACK, shop.seed)
    ids = [shop.encoder.tokens(text).ids[: MAX_TOKENS - 2] for text in texts.texts]
    rows = found["table"].astype(np.float32) * found["scale"][:, np.newaxis]
    kept = [some for some, is_ours in zip(ids, ours, strict=True) if is_ours]
    bag = bagged(rows, kept, texts.targets[ours], texts.classes, target, shop.seed, says)
    table, scale = quantised(bag.rows)
    weight, bias = bag.head
    half = bag.hidden[0].astype(np.float16).astype(np.float32), bag.hidden[1]
    aside = texts.tune_texts or [text for text, away in zip(texts.texts, back, strict=True) if away]
    x = _dense([Static(shop.encoder, table, scale, half).vector(text) for text in aside], target.hidden)
    exact = _dense([_exact(bag.rows[shop.encoder.tokens(text).ids], bag.hidden) for text in aside[:COMPARED]], target.hidden)
    truth = texts.tune_y if texts.tune_y is not None else texts.y[back]
    logits = x @ weight.astype(np.float16).astype(np.float32) + bias
    same = (exact @ weight + bias).argmax(axis=1) == logits[:COMPARED].argmax(axis=1)
    measured = shop.thresholds(logits, truth)
    head = linear.packed({"label": (weight, bias, measured.temperature)})
    files = {"head.npz": head, "static.npz": packed_table(table, scale), "hidden.npz": packed_layer(*bag.hidden)}
    return Made(files=files, features="static", thresholds=measured, parity=(float(same.mean()), len(same)), losses=bag.losses)


def _exact(rows: Matrix, hidden: tuple[Matrix, Matrix]) -> Matrix:
    """The hidden layer's units as they were trained, before anything was made smaller."""
    out: Matrix = np.maximum(unit(rows.sum(axis=0)) @ hidden[0] + hidden[1], 0.0)
    return out
