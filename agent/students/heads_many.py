"""A sentence head whose labels do not exclude one another: a sentence may speak of the price and of the parcel, or of nothing it knows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.sdk.model import Label
from agent.students.encoder import Encoder, Floats
from agent.students.heads import Head
from agent.students.heads_tree import TREE, TreeHead
from agent.students.manifest import Manifest

MANY = "many"
"""What the manifest of such a head names under `[answers] kind`."""
NOTHING = "nothing"
"""What `label` says of a sentence for which no label holds."""


class ManyHead(Head):
    """One yes or no for each label. Deterministic, and safe to share between threads."""

    def __init__(self, manifest: Manifest, encoder: Encoder) -> None:
        super().__init__(manifest, encoder)
        self._holds = float(manifest.answers.get("holds", 0.5))

    @property
    def labels(self) -> tuple[str, ...]:
        return (*self.trained, NOTHING)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(texts, trained labels), each for itself: a row does not add up to 1."""
        return chances(self.logits(texts), self.temperature)

    def candidates(self, texts: Sequence[str]) -> list[list[Label]]:
        """The labels that hold of each text, the likeliest first; none where it speaks of nothing that is known here."""
        return [self._holding(row) for row in self.probabilities(texts)] if texts else []

    def label(self, texts: Sequence[str]) -> list[Label]:
        """The likeliest label of each text; `nothing` where none holds."""
        rows = self.probabilities(texts) if texts else ()
        nothing = [Label(label=NOTHING, confidence=1 - float(row.max()), by="student") for row in rows]
        return [next(iter(self._holding(row)), none) for row, none in zip(rows, nothing, strict=True)]

    def _holding(self, row: Floats) -> list[Label]:
        order = [int(place) for place in np.argsort(-row, kind="stable") if row[place] >= self._holds]
        return [Label(label=self.trained[place], confidence=float(row[place]), by="student") for place in order]


def chances(logits: Floats, temperature: float) -> Floats:
    """The probability of each label, whatever the others are."""
    out: Floats = (1 / (1 + np.exp(-np.clip(logits / temperature, -30, 30)))).astype(np.float32)
    return out


def head_of(manifest: Manifest, encoder: Encoder) -> Head:
    """The sentence head that a manifest describes.

    Raises:
        ManifestError: A file is damaged, or it was made for another encoder.
    """
    kind = manifest.answers.get("kind")
    if kind == TREE:
        return TreeHead(manifest, encoder)
    return ManyHead(manifest, encoder) if kind == MANY else Head(manifest, encoder)
