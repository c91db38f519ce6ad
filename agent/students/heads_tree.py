"""A sentence head whose labels are nodes of a tree: what is sure at "Home & Garden" may be in doubt at "Mugs".

The probability of a node is that of everything below it together, so that every depth has a confidence, and the deepest node that is sure
enough is what the head stands for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.errors import ManifestError
from agent.sdk.model import Label
from agent.students.encoder import Encoder, Floats
from agent.students.heads import Head
from agent.students.manifest import Manifest

TREE = "tree"
"""What the manifest of such a head names under `[answers] kind`; `alone`, under `[thresholds]`, is how sure a node must be."""
SEPARATOR = " > "
UNSURE = "unsure"
"""What `label` says of a text for which no node is sure."""
LEAST_LISTED = 0.02
LEAST_THRESHOLD = 0.51
"""From one half on, the nodes that are sure lie on one path."""


class TreeHead(Head):
    """Deterministic, and safe to share between threads."""

    def __init__(self, manifest: Manifest, encoder: Encoder) -> None:
        """
        Raises:
            ManifestError: A file is damaged, made for another encoder, or its threshold leaves two nodes of one depth sure.
        """
        super().__init__(manifest, encoder)
        self._threshold = manifest.thresholds.get("alone", 1.0)
        if self._threshold < LEAST_THRESHOLD:
            raise ManifestError(f"`{manifest.name}` would be sure from {self._threshold:.2f} on; at least {LEAST_THRESHOLD} is wanted.")
        self._nodes = nodes_of(self.trained)
        self._below = below(self.trained, self._nodes)
        self._depths = np.array([depth(node) for node in self._nodes])

    @property
    def labels(self) -> tuple[str, ...]:
        return (*self._nodes, UNSURE)

    def label(self, texts: Sequence[str]) -> list[Label]:
        """The deepest node that is sure of each text; `unsure` where none is."""
        return [self._label(row) for row in self._pooled(texts)] if texts else []

    def candidates(self, texts: Sequence[str]) -> list[list[Label]]:
        """The nodes of every depth that may hold of each text, the likeliest first, each with whether it is sure."""
        return [self._listed(row) for row in self._pooled(texts)] if texts else []

    def _pooled(self, texts: Sequence[str]) -> Floats:
        out: Floats = self.probabilities(texts) @ self._below
        return out

    def _label(self, row: Floats) -> Label:
        at = deepest(row, self._depths, self._threshold)
        if at is None:
            return Label(label=UNSURE, confidence=1 - float(row.max()), by="student", sure=False)
        return Label(label=self._nodes[at], confidence=_share(row[at]), by="student")

    def _listed(self, row: Floats) -> list[Label]:
        likely = [at for at in np.lexsort((self._depths, -row)) if row[at] >= LEAST_LISTED]
        return [Label(label=self._nodes[at], confidence=_share(row[at]), by="student", sure=bool(row[at] >= self._threshold)) for at in likely]


def nodes_of(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels and every node above them, in the order of their paths."""
    return tuple(sorted({ancestor for label in labels for ancestor in path(label)}))


def path(label: str) -> list[str]:
    """The node and those above it, from the top."""
    parts = label.split(SEPARATOR)
    return [SEPARATOR.join(parts[: n + 1]) for n in range(len(parts))]


def depth(node: str) -> int:
    return node.count(SEPARATOR) + 1


def below(labels: Sequence[str], nodes: Sequence[str]) -> Floats:
    """(labels, nodes): 1 where the label is the node or lies below it."""
    place = {node: at for at, node in enumerate(nodes)}
    out: Floats = np.zeros((len(labels), len(nodes)), dtype=np.float32)
    for row, label in enumerate(labels):
        out[row, [place[ancestor] for ancestor in path(label)]] = 1
    return out


def deepest(row: Floats, depths: Floats, threshold: float) -> int | None:
    """The place of the deepest node that reaches the threshold, the likeliest among equals; None where none does."""
    sure = np.flatnonzero(row >= threshold)
    return int(max(sure, key=lambda at: (depths[at], row[at]))) if len(sure) else None


def _share(value: float) -> float:
    return min(1.0, float(value))
