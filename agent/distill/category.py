"""Makes the product category head: a softmax over nodes of the product taxonomy, on the frozen encoder, fitted in half a minute.

Two sittings wrote titles. What confidences mean, and from which one on a node is proposed, is found on the titles of the first sitting with
weights fitted on those of the second; the weights that ship are fitted on both. Nodes without a title are learned from their own names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from agent.distill import linear, steps
from agent.distill.certify import Certified, certified
from agent.distill.fitting import Once, always
from agent.distill.folder import write_folder
from agent.distill.linear import Matrix
from agent.distill.records import Metric, Progress, Scorecard
from agent.distill.steps import embedded
from agent.distill.titles import Lessons, Title, digest_of, read_dressing, read_titles
from agent.distill.vectors import WIDTH
from agent.errors import SettingsError
from agent.students.calibration import expected_calibration_error, softmax
from agent.students.encoder import Encoder
from agent.students.features import Deep, Hashed
from agent.students.heads_tree import LEAST_THRESHOLD, SEPARATOR, TREE, below, deepest, depth, nodes_of, path
from agent.students.manifest import read_manifest

HEAD = "product_category"
STRENGTH = 50.0
TARGET = 0.05
"""Largest share of proposals that may be wrong."""
LEAST_GOLD, LEAST_NODES = 400, 150
BARS = {"level_1": 0.80, "level_2": 0.75, "node": 0.50}
"""Least accuracy on gold."""
MOST_ERROR = 0.10
"""Of confidences at the first two depths. Too modest ones cost proposals and make none wrong; this is for what is broken."""
LEVELS = (1, 2, 3, 4)

Vectors = Mapping[str, Matrix]
"""By text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    labels: Sequence[str]
    weight: Matrix
    bias: Matrix
    temperature: float = 1.0

    def shares(self, x: Matrix) -> Matrix:
        return softmax(x @ self.weight + self.bias, temperature=self.temperature).astype(np.float32)


def make_category(models: Path, out: Path, seed: int, progress: Progress, once: Once = always) -> Scorecard:
    """Fit, measure, and write what passes; what does not leaves the head in use as it is.

    Raises:
        SettingsError: The data are not there, or a gold title is trained on.
    """
    data, gold = models / HEAD / "data", read_titles(models / HEAD / "gold" / "gold.tsv")
    first, second = read_titles(data / "train.tsv"), read_titles(data / "written.tsv")
    if shared := {one.text.casefold() for one in gold} & {one.text.casefold() for one in (*first, *second)}:
        raise SettingsError(f"{len(shared)} gold titles are trained on, such as “{min(shared)}”; take them out of the training data.")
    encoder = Encoder(read_manifest(models / "encoder"))
    read = Lessons.of(first, second, read_dressing(data / "dressing.txt"), seed)
    labels = labels_of(read.titles)
    progress(f"{len(read.titles)} titles under {len(labels)} nodes")
    texts = [*read.texts, *(one.text for one in gold), *(name for label in labels for name in _names(label))]
    vectors = embedded(texts, encoder, Deep(encoder).vector, once)
    meant = {text: row[:WIDTH] for text, row in vectors.items()}
    kept = read.without(steps.near_gold(read.texts, [one.text for one in gold], meant, once))
    near, copies = len(read.titles) - len(kept.titles), len(read.every) - len(kept.every)
    progress(f"{near} titles nearly say a gold title; with dressed copies {copies} of {len(read.every)} texts are left out")
    warmth, promise = _calibrated(fitted(kept.apart, labels, vectors, once, "fit apart"), kept.first, vectors)
    progress(f"confidences from {len(kept.first)} titles kept apart: {promise}")
    student = replace(fitted(kept.every, labels, vectors, once, "fit"), temperature=warmth)
    progress("fitted on all titles")
    threshold = max(promise.threshold, LEAST_THRESHOLD) if promise else 1.0
    figures = {
        "gold": figures_of(student.shares(_rows([one.text for one in gold], vectors)), labels, gold, threshold),
        "baseline": figures_of(nearest(kept.titles, labels, gold), labels, gold, threshold),
    }
    score = _judged(figures, gold, promise)
    if score.passed:
        about = {
            "digest": digest_of(kept.titles),
            "gold_digest": digest_of(gold),
            "seed": seed,
            "titles": len(kept.titles),
            "gold": len(gold),
            "near": near,
            "near_with_copies": copies,
        }
        write_folder(
            out / HEAD, name=HEAD, files={"head.npz": linear.packed({"label": (student.weight, student.bias, student.temperature)})},
            encoder=encoder.manifest.identity, labels={"label": labels}, data=about, score=score, features="deep",
            more={"answers": {"kind": TREE}, "thresholds": {"alone": threshold}},
        )  # fmt: skip
    return score


def labels_of(titles: Sequence[Title]) -> list[str]:
    """Every node with a title, and those of the second depth above them, for what belongs beside."""
    return sorted({node for one in titles for node in (one.node, *path(one.node)[1:2])})


def fitted(titles: Sequence[Title], labels: Sequence[str], vectors: Vectors, once: Once, name: str) -> Fit:
    """Weights from the titles, and from each node's name alone and with the name above it."""
    place = {label: at for at, label in enumerate(labels)}
    lessons = [*((one.text, place[one.node]) for one in titles), *((name, place[label]) for label in labels for name in _names(label))]
    x, y = _rows([text for text, _ in lessons], vectors), np.array([at for _, at in lessons], dtype=np.int64)
    weight, bias = steps.fitted(x, y, classes=len(labels), strength=STRENGTH, once=once, name=name)
    return Fit(labels=labels, weight=weight, bias=bias)


def _names(label: str) -> list[str]:
    parts = label.split(SEPARATOR)
    return list(dict.fromkeys((parts[-1], " ".join(parts[-2:]))))


def _rows(texts: Sequence[str], vectors: Vectors) -> Matrix:
    return np.stack([vectors[text] for text in texts])


def _calibrated(fit: Fit, titles: Sequence[Title], vectors: Vectors) -> tuple[float, Certified | None]:
    """The temperature that makes the titles' nodes, with all below them, likeliest; and the least confidence at which a node is proposed.

    At most the target share of what is proposed from there on is wrong.
    """
    logits = _rows([one.text for one in titles], vectors) @ fit.weight + fit.bias
    within = below(fit.labels, nodes_of(fit.labels))[:, [nodes_of(fit.labels).index(one.node) for one in titles]].T
    warmth = min(np.geomspace(0.2, 3.0, 80), key=lambda t: -float(np.log((softmax(logits, temperature=float(t)) * within).sum(axis=1) + 1e-9).mean()))
    sure, right = proposals(softmax(logits, temperature=float(warmth)).astype(np.float32), fit.labels, titles)
    return float(warmth), certified(sure, right, target=TARGET)


def proposals(shares: Matrix, labels: Sequence[str], titles: Sequence[Title]) -> tuple[list[float], list[bool]]:
    """For each title the confidence of the wrong node that would be proposed for it, or of the right one where none would.

    Where the threshold is at most the confidence of a wrong node, that is counted as a wrong proposal, and above it the title is not counted.
    """
    nodes = nodes_of(labels)
    pooled = shares @ below(labels, nodes)
    sure, right = [], []
    for row, title in zip(pooled, titles, strict=True):
        good = np.array([agrees(node, title.node) for node in nodes])
        wrong = float(np.where(good, 0, row).max())
        sure.append(wrong if wrong >= LEAST_THRESHOLD else float(np.where(good, row, 0).max()))
        right.append(wrong < LEAST_THRESHOLD)
    return sure, right


def agrees(node: str, truth: str) -> bool:
    """Whether a node lies above the one a title was filed under, is it, or lies below: a trampoline that was filed as outdoor play equipment is
    no less one of the trampolines."""
    return f"{truth}{SEPARATOR}".startswith(f"{node}{SEPARATOR}") or node.startswith(f"{truth}{SEPARATOR}")


def nearest(titles: Sequence[Title], labels: Sequence[str], asked: Sequence[Title]) -> Matrix:
    """The node of the title most alike in letters and words: what a student has to beat."""
    hashed, place = Hashed(), {label: at for at, label in enumerate(labels)}
    known = np.stack([hashed.vector(one.text) for one in titles])
    out = np.zeros((len(asked), len(labels)), dtype=np.float32)
    for row, one in enumerate(asked):
        out[row, place[titles[int((known @ hashed.vector(one.text)).argmax())].node]] = 1
    return out


def figures_of(shares: Matrix, labels: Sequence[str], gold: Sequence[Title], threshold: float) -> dict[str, Metric]:
    """Accuracy at each depth, for the likeliest node and the likeliest three; of the very node; of what would be proposed; error of confidences."""
    nodes = nodes_of(labels)
    pooled, depths = shares @ below(labels, nodes), np.array([depth(node) for node in nodes])
    found: dict[str, Metric] = {}
    for level in LEVELS:
        rows = [at for at, one in enumerate(gold) if depth(one.node) >= level]
        here = np.flatnonzero(depths == level)
        ranked = [[nodes[here[place]] for place in np.argsort(-pooled[at, here], kind="stable")[:3]] for at in rows]
        truth = [path(gold[at].node)[level - 1] for at in rows]
        found[f"level_{level}"] = _share([best[0] == node for best, node in zip(ranked, truth, strict=True)])
        found[f"level_{level}_top_3"] = _share([node in best for best, node in zip(ranked, truth, strict=True)])
        sure = np.array([pooled[at, here].max() for at in rows])
        hit = np.array([best[0] == node for best, node in zip(ranked, truth, strict=True)])
        found[f"level_{level}_calibration_error"] = Metric(value=expected_calibration_error(sure, hit), n=len(rows))
    found["node"] = _share([labels[int(row.argmax())] == one.node for row, one in zip(shares, gold, strict=True)])
    return found | _proposed(pooled, nodes, depths, gold, threshold)


def _proposed(pooled: Matrix, nodes: Sequence[str], depths: Any, gold: Sequence[Title], threshold: float) -> dict[str, Metric]:
    said = [(deepest(row, depths, threshold), one) for row, one in zip(pooled, gold, strict=True)]
    made = [(nodes[at], one.node) for at, one in said if at is not None]
    return {
        "proposed": _share([at is not None for at, _ in said]), "proposed_right": _share([agrees(node, truth) for node, truth in made]),
        "proposed_no_deeper_than_gold": _share([node in path(truth) for node, truth in made]),
        "proposed_very_node": _share([node == truth for node, truth in made]),
    }  # fmt: skip


def _share(right: Sequence[bool]) -> Metric:
    return Metric(value=sum(right) / len(right) if right else 0.0, n=len(right))


def _judged(figures: dict[str, dict[str, Metric]], gold: Sequence[Title], promise: Certified | None) -> Scorecard:
    mine, nodes = figures["gold"], len({one.node for one in gold})
    why = [] if promise else [f"no confidence promises that at most {TARGET:.0%} of proposals are wrong"]
    if len(gold) < LEAST_GOLD or nodes < LEAST_NODES:
        why.append(f"gold holds {len(gold)} products of {nodes} nodes, {LEAST_GOLD} of {LEAST_NODES} are wanted")
    why += [f"{name} {mine[name]}, at least {least:.0%} is wanted" for name, least in BARS.items() if mine[name].value < least]
    why += [f"{name} is no better than the title most alike in letters" for name in BARS if mine[name].value <= figures["baseline"][name].value]
    why += [
        f"confidences at depth {level} are off by {error.value:.1%}, at most {MOST_ERROR:.0%} is wanted"
        for level in (1, 2) if (error := mine[f"level_{level}_calibration_error"]).value > MOST_ERROR
    ]  # fmt: skip
    notes = (f"threshold {promise}",) if promise else ()
    return Scorecard(head=HEAD, metrics=figures, passed=not why, failures=tuple(why), notes=notes)
