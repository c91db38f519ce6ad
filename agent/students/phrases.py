"""What the words of a clause say by themselves: a linear head on hashed words, pairs of words and runs of letters.

A pass through an encoder hears what a clause means and at times not which words it has. Beside the reader's own label head this one is wrong
about other clauses, and costs a tenth of a millisecond.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from agent.students.arrays import arrays
from agent.students.encoder import Floats
from agent.students.features import unit
from agent.students.manifest import Manifest

BUCKETS = 1 << 16
FILE = "phrases.npz"
_WORD = re.compile(r"\w+|[^\w\s]")
_LONGEST = 600
"""Letters of a clause that are looked at: more of them say no more of what is asked."""


def grams(text: str) -> tuple[Counter[int], Counter[int]]:
    """Buckets of the words and pairs of words of a text, and of the runs of two to five letters within its words."""
    words = _WORD.findall(text[:_LONGEST].lower())
    said = [*(f"w{word}" for word in words), *(f"w{a} {b}" for a, b in zip(words, words[1:], strict=False))]
    return Counter(_buckets(said)), Counter(chain.from_iterable(map(_runs, words)))


@lru_cache(maxsize=4096)
def _runs(word: str) -> tuple[int, ...]:
    """Of one word; kept, since requests have few words of which all the others are made."""
    marked = f"^{word}$"
    return tuple(_buckets(marked[i : i + n] for n in range(2, 6) for i in range(len(marked) - n + 1)))


def _buckets(said: Iterable[str]) -> Iterator[int]:
    return (zlib.crc32(gram.encode()) % BUCKETS for gram in said)


def weighed(text: str, rare: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Buckets and what each counts: damped counts times how rare they are, words and letters each of length 1.

    Args:
        rare: (`BUCKETS`,), the inverse document frequency.
    """
    found = [_weighed(counts, rare) for counts in grams(text) if counts]
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    return np.concatenate([places for places, _ in found]), np.concatenate([values for _, values in found])


def _weighed(counts: Counter[int], rare: Floats) -> tuple[NDArray[np.int64], Floats]:
    places = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    damped = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
    return places, unit(np.asarray(damped * rare[places], dtype=np.float32))


class Phrases:
    """The head, as it was fitted. Deterministic, and safe to share between threads."""

    def __init__(self, *, weight: NDArray[np.int8], scale: Floats, bias: Floats, rare: Floats, temperature: float) -> None:
        """
        Args:
            weight: (`BUCKETS`, labels), in 127ths of `scale`.
            scale: (labels,).
            bias: (labels,).
            temperature: Of the sum of these logits and the reader's own.
        """
        self._weight, self._scale, self._bias, self._rare = weight, scale / 127, bias, rare
        self.temperature = temperature

    @classmethod
    def read(cls, manifest: Manifest) -> Phrases | None:
        """None for a reader that was made without."""
        if FILE not in manifest.files:
            return None
        found = arrays(manifest, FILE, ["weight", "scale", "bias", "rare", "temperature"])
        return cls(
            weight=found["weight"].astype(np.int8), scale=found["scale"], bias=found["bias"], rare=found["rare"],
            temperature=float(found["temperature"]),
        )  # fmt: skip

    def logits(self, text: str) -> Floats:
        """(labels,), to be added to those that the reader's states give, both before `temperature`."""
        places, values = weighed(text, self._rare)
        near = values @ self._weight[places].astype(np.float32)
        return np.asarray(near * self._scale + self._bias, dtype=np.float32)
