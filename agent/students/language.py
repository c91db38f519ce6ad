"""Whether a text is in a language the reader knows, from the letters of its words: cheap, and honest about what it has never seen.

Hashed character n-grams of each word with a linear head. Letters outside the Latin script count by themselves.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

import numpy as np

from agent.students.encoder import Floats
from agent.students.heads import Linear

BUCKETS = 1 << 13
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LAST_LATIN = "ɏ"
_OTHER = zlib.crc32(b"\0other") % BUCKETS
"""The bucket of letters and marks that no English text has."""


def features(text: str) -> Floats:
    """Counts of n-grams of each word over hash buckets, scaled to length 1; all zero for a text without letters."""
    marks = [_OTHER] * sum(text.count(mark) for mark in "¿¡")
    places = [*marks, *(place for word in _WORD.findall(text.lower()) for place in _places(word))]
    counts = np.bincount(np.array(places, dtype=np.int64), minlength=BUCKETS).astype(np.float32)
    length = float(np.linalg.norm(counts))
    return counts / length if length else counts


@lru_cache(maxsize=4096)
def _places(word: str) -> tuple[int, ...]:
    """Buckets of one word. Letters of another script say enough: hashing rare n-grams would only throw dice."""
    foreign = sum(letter > _LAST_LATIN for letter in word)
    return (_OTHER,) * foreign or tuple(zlib.crc32(gram.encode()) % BUCKETS for gram in _grams(word))


def _grams(word: str) -> list[str]:
    marked = f"^{word}$"
    return [marked, *(marked[i : i + n] for n in (2, 3) for i in range(len(marked) - n + 1))]


class Language:
    """The linear head over those counts."""

    def __init__(self, linear: Linear) -> None:
        self._linear = linear
        self._known = linear.labels.index("known")

    def readable(self, text: str) -> float:
        """Probability that the text is in a known language.

        A text without letters is in no language: 1 if it holds a digit (an amount, an order number), else 0 (emoji, signs).
        """
        found = features(text)
        if not found.any():
            return float(any(character.isdigit() for character in text))
        return float(self._linear.probabilities(found)[self._known])
