"""Linear heads on sentence embeddings: a matrix, a bias and a temperature in an npz file, never a pickle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.errors import ManifestError
from agent.sdk.model import Label
from agent.students.arrays import arrays
from agent.students.calibration import softmax
from agent.students.encoder import Encoder, Floats
from agent.students.features import features_of
from agent.students.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """`logits = x W + b`, with the temperature its confidences were calibrated at."""

    weight: Floats
    """(in, labels)"""
    bias: Floats
    temperature: float
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.weight.ndim != 2 or self.weight.shape[1] != len(self.labels) or self.bias.shape != (len(self.labels),) or not self.temperature > 0:
            raise ManifestError(
                f"a head for {len(self.labels)} labels has weights {self.weight.shape} and bias {self.bias.shape}; they do not belong together."
            )

    @classmethod
    def read(cls, manifest: Manifest, file: str, output: str) -> Linear:
        found = arrays(manifest, file, [f"{output}.weight", f"{output}.bias", f"{output}.temperature"])
        return cls(
            weight=found[f"{output}.weight"], bias=found[f"{output}.bias"], temperature=float(found[f"{output}.temperature"]),
            labels=manifest.labels_of(output),
        )  # fmt: skip

    def logits(self, x: Floats) -> Floats:
        out: Floats = x @ self.weight + self.bias
        return out

    def probabilities(self, x: Floats) -> Floats:
        return softmax(self.logits(x), temperature=self.temperature).astype(np.float32)


class Head:
    """A sentence-level classifier. Deterministic, and safe to share between threads."""

    def __init__(self, manifest: Manifest, encoder: Encoder) -> None:
        self.manifest = manifest
        self.name = manifest.name
        self._features = features_of(manifest, encoder)
        self._linear = Linear.read(manifest, "head.npz", "label")
        self._undecided: tuple[str, float] | None = None
        if manifest.undecided is not None:
            self._undecided = (str(manifest.undecided["label"]), float(manifest.undecided["below"]))

    @property
    def labels(self) -> tuple[str, ...]:
        """What `label` may say: the trained labels, and the one for undecided texts where the head has it."""
        return (*self.trained, *((self._undecided[0],) if self._undecided else ()))

    @property
    def trained(self) -> tuple[str, ...]:
        """The labels it was trained on, in the order of `logits`."""
        return self._linear.labels

    @property
    def temperature(self) -> float:
        return self._linear.temperature

    def logits(self, texts: Sequence[str]) -> Floats:
        """(texts, trained labels), before the temperature; the largest of a row says how far the text is from what was trained on."""
        rows = [self._features.times(text, self._linear.weight) + self._linear.bias for text in texts]
        return np.stack(rows) if rows else np.zeros((0, len(self.trained)), dtype=np.float32)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(texts, trained labels), calibrated."""
        return softmax(self.logits(texts), temperature=self.temperature).astype(np.float32)

    def label(self, texts: Sequence[str]) -> list[Label]:
        """The likeliest label of each text; the undecided one where even that is less likely than the manifest's margin."""
        return [self._label(row) for row in self.probabilities(texts)] if texts else []

    def candidates(self, texts: Sequence[str]) -> list[list[Label]]:
        """Every label that may hold of each text, the likeliest first."""
        return [
            [Label(label=self.trained[place], confidence=float(row[place]), by="student") for place in np.argsort(-row, kind="stable")]
            for row in (self.probabilities(texts) if texts else ())
        ]

    def _label(self, row: Floats) -> Label:
        best = int(row.argmax())
        confidence = float(row[best])
        if self._undecided and confidence < self._undecided[1]:
            return Label(label=self._undecided[0], confidence=1.0 - confidence, by="student")
        return Label(label=self._linear.labels[best], confidence=confidence, by="student")
