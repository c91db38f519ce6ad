"""Keeps training apart from the gold set: an example that nearly says what a gold text says is left out, by script, unread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.students.encoder import Encoder, Floats

NEAR = 0.95
"""Cosine of sentence embeddings from which two texts count as the same."""
_ROWS = 2_000


class Overlap:
    """Counts and refuses near-duplicates of the given texts."""

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        self._encoder = encoder
        self._texts = encoder.embed(sorted(set(texts)))
        self.seen = 0
        self.removed = 0

    def near(self, fork: Floats) -> bool:
        """Whether the text whose states at the fork these are is a near-duplicate."""
        self.seen += 1
        if not len(self._texts):
            return False
        mean: NDArray[np.float32] = self._encoder.finish(fork).mean(axis=0)
        found = bool(((self._texts @ mean) / np.linalg.norm(mean)).max() > NEAR)
        self.removed += found
        return found


def near_any(rows: Floats, known: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each row is a near-duplicate of any of the known ones."""
    found = np.zeros(len(rows), dtype=np.bool_)
    for start in range(0, len(rows) if len(known) else 0, _ROWS):
        found[start : start + _ROWS] = (rows[start : start + _ROWS] @ known.T).max(axis=1) > NEAR
    return found
