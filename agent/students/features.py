"""What a sentence head looks at: seven ways from a text to numbers, from the dearest to the cheapest.

A head is a matrix on one of these, and its manifest says which. All are deterministic and safe to share between threads.
"""

from __future__ import annotations

import re
import zlib
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from agent.errors import ManifestError
from agent.students.arrays import arrays
from agent.students.encoder import MAX_TOKENS, Encoder, Floats, Session
from agent.students.manifest import Manifest

Kind = Literal["frozen", "deep", "mixed", "tuned", "whole", "static", "hashed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BUCKETS = 1 << 15
_WORD = re.compile(r"\w+|[^\w\s]")


class Features(Protocol):
    def vector(self, text: str) -> Floats:
        """What a head's weights are multiplied with; mostly of length 1."""
        ...

    def times(self, text: str, weight: Floats) -> Floats:
        """The text's vector times a matrix (width, labels)."""
        ...


class Frozen:
    """The sentence embedding of the encoder that every head shares."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def vector(self, text: str) -> Floats:
        found: Floats = self._encoder.embed([text])[0]
        return found

    def times(self, text: str, weight: Floats) -> Floats:
        out: Floats = self.vector(text) @ weight
        return out


class Mixed:
    """The sentence embedding, the mean state at the fork, and counts of n-grams: what a text means, what it is about, and how it says it.

    The fork is passed on the way to the embedding, so all of it costs one pass and a tenth of a millisecond more.
    """

    SHARE = 1.0
    """Of the n-grams, against two vectors of length 1; chosen by folds of training texts."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def dense(self, text: str) -> Floats:
        """The two vectors, beside each other."""
        fork = self._encoder.fork(self._encoder.tokens(text).ids[: MAX_TOKENS - 2])
        return np.concatenate([unit(self._encoder.finish(fork).mean(axis=0)), unit(fork.mean(axis=0))])

    def vector(self, text: str) -> Floats:
        return np.concatenate([self.dense(text), self.SHARE * Hashed().vector(text)])

    def times(self, text: str, weight: Floats) -> Floats:
        dense = self.dense(text)
        places, counts = hashed(text)
        out: Floats = dense @ weight[: len(dense)] + self.SHARE * (counts @ weight[len(dense) + places])
        return out


class Deep:
    """The sentence embedding and the mean state at the fork: nearer to the words themselves than the embedding alone."""

    def __init__(self, encoder: Encoder) -> None:
        self._both = Mixed(encoder)

    def vector(self, text: str) -> Floats:
        return self._both.dense(text)

    def times(self, text: str, weight: Floats) -> Floats:
        out: Floats = self.vector(text) @ weight
        return out


class Tuned:
    """The mean state of upper layers of the head's own, on the shared lower ones."""

    def __init__(self, manifest: Manifest, encoder: Encoder) -> None:
        self._encoder = encoder
        self._upper = Session(manifest.bytes_of("upper.onnx"), f"{manifest.folder}/upper.onnx")

    def vector(self, text: str) -> Floats:
        return unit(self._upper.run(self._encoder.fork(self._encoder.tokens(text).ids[: MAX_TOKENS - 2])).mean(axis=0))

    def times(self, text: str, weight: Floats) -> Floats:
        out: Floats = self.vector(text) @ weight
        return out


class Whole:
    """The mean state of an encoder of the head's own; only the tokens are shared."""

    def __init__(self, manifest: Manifest, encoder: Encoder) -> None:
        self._encoder = encoder
        self._whole = Session(manifest.bytes_of("whole.onnx"), f"{manifest.folder}/whole.onnx")

    def vector(self, text: str) -> Floats:
        return unit(self._whole.run(self._encoder.marked(self._encoder.tokens(text).ids[: MAX_TOKENS - 2])).mean(axis=0))

    def times(self, text: str, weight: Floats) -> Floats:
        out: Floats = self.vector(text) @ weight
        return out


class Static:
    """The mean of fixed vectors of the text's tokens, through one small layer where the head has one of its own: no pass through the encoder."""

    def __init__(self, encoder: Encoder, table: NDArray[np.int8], scale: Floats, hidden: tuple[Floats, Floats] | None = None) -> None:
        """
        Args:
            table: (tokens of the vocabulary, width).
            scale: What each row of it is multiplied by; a token's importance is in it.
            hidden: Weights (width, units) and bias of the layer.
        """
        self._encoder, self._table, self._scale, self._hidden = encoder, table, scale, hidden

    @classmethod
    def read(cls, manifest: Manifest, encoder: Encoder) -> Static:
        found = arrays(manifest, "static.npz", ["table", "scale"])
        hidden = None
        if "hidden.npz" in manifest.files:
            layer = arrays(manifest, "hidden.npz", ["weight", "bias"])
            hidden = layer["weight"], layer["bias"]
        return cls(encoder, found["table"].astype(np.int8), found["scale"], hidden)

    def vector(self, text: str) -> Floats:
        ids = self._encoder.tokens(text).ids[: MAX_TOKENS - 2]
        mean = unit(self._scale[ids] @ self._table[ids].astype(np.float32))
        if self._hidden is None:
            return mean
        out: Floats = np.maximum(mean @ self._hidden[0] + self._hidden[1], 0.0)
        return out

    def times(self, text: str, weight: Floats) -> Floats:
        out: Floats = self.vector(text) @ weight
        return out


class Hashed:
    """Counts of letter and word n-grams over hash buckets: no model at all, and what every student has to beat."""

    def vector(self, text: str) -> Floats:
        found = np.zeros(BUCKETS, dtype=np.float32)
        places, counts = hashed(text)
        found[places] = counts
        return found

    def times(self, text: str, weight: Floats) -> Floats:
        places, counts = hashed(text)
        out: Floats = counts @ weight[places]
        return out


def hashed(text: str) -> tuple[NDArray[np.int64], Floats]:
    """Buckets, and their damped counts, of a text's runs of 2 to 5 letters within words, of its words, and of its pairs of words."""
    words = _WORD.findall(text.lower())
    grams = [f"_{word}" for word in words] + [f"_{a} {b}" for a, b in zip(words, words[1:], strict=False)]
    for word in words:
        marked = f"^{word}$"
        grams += [marked[i : i + n] for n in range(2, 6) for i in range(len(marked) - n + 1)]
    places, counts = np.unique(np.array([zlib.crc32(gram.encode()) % BUCKETS for gram in grams], dtype=np.int64), return_counts=True)
    return places, unit(1 + np.log(counts.astype(np.float32)))


def unit(vector: NDArray[np.float32]) -> Floats:
    length = float(np.linalg.norm(vector))
    out: Floats = (vector / length if length else vector).astype(np.float32)
    return out


def features_of(manifest: Manifest, encoder: Encoder) -> Features:
    """What the head's manifest says it looks at.

    Raises:
        ManifestError: It names nothing that is known here, or was made for another encoder.
    """
    if manifest.features not in KINDS:
        raise ManifestError(f"{manifest.folder}/manifest.toml names the features `{manifest.features}`; there are {', '.join(KINDS)}.")
    if manifest.features == "hashed":
        return Hashed()
    manifest.require_encoder(encoder.manifest)
    if manifest.features == "tuned":
        return Tuned(manifest, encoder)
    if manifest.features == "whole":
        return Whole(manifest, encoder)
    if manifest.features == "deep":
        return Deep(encoder)
    if manifest.features == "mixed":
        return Mixed(encoder)
    return Static.read(manifest, encoder) if manifest.features == "static" else Frozen(encoder)
