"""Sentence embeddings, computed once per encoder and text: heads, folds and the check of overlap share them; a stopped run keeps what it made."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from agent.distill.cache import Says, open_table, text_key
from agent.distill.folder import writing
from agent.students.encoder import Encoder, Floats

WIDTH = 384
_AT_ONCE = 256
_TABLE = "vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"


def silent(done: int, total: int, /, **figures: float) -> None:
    """For a step that is short."""


class Vectors:
    """Texts to their embeddings. Texts go through the encoder one at a time, as they do when the head serves."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._path, self._encoder = folder / "vectors.db", encoder

    def of(self, texts: Sequence[str], says: Says = silent) -> Floats:
        """(texts, 384), each row of length 1."""
        keys = [text_key(self._encoder.manifest.identity, text) for text in texts]
        by_key = dict(zip(keys, texts, strict=True))
        with closing(open_table(self._path, _TABLE)) as table, writing(self._path):
            found: dict[str, Floats] = {}
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                rows = table.execute(f"SELECT key, vector FROM vectors WHERE key IN ({','.join('?' * len(some))})", some)
                found |= {key: row for key, blob in rows if (row := _row(blob)) is not None}
            missing = [key for key in by_key if key not in found]
            for start in range(0, len(missing), _AT_ONCE):
                some = missing[start : start + _AT_ONCE]
                found |= zip(some, self._encoder.embed([by_key[key] for key in some]), strict=True)
                table.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", [(key, found[key].tobytes()) for key in some])
                table.commit()
                says(len(by_key) - len(missing) + start + len(some), len(by_key))
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, WIDTH), dtype=np.float32)


def _row(blob: bytes) -> Floats | None:
    """None for what is no embedding, and is made again: the database does not notice bytes that changed inside a row."""
    if len(blob) != WIDTH * 4:
        return None
    row: Floats = np.frombuffer(blob, dtype=np.float32)
    return row if abs(float(row @ row) - 1.0) < 1e-3 else None
