"""Fixed vectors for every token of the vocabulary, distilled from the encoder: each token alone is put through it once."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.distill.cache import Says
from agent.distill.linear import Matrix
from agent.students.encoder import Encoder

SIF = 1e-3
"""Smooth inverse frequency: a token of probability p counts for SIF / (SIF + p). The published default."""


def token_states(encoder: Encoder, size: int, says: Says) -> Matrix:
    """(tokens, 384): the mean state of each token between the end marks."""
    found = np.empty((size, 384), dtype=np.float32)
    for token in range(size):
        found[token] = encoder.finish(encoder.fork(np.array([token], dtype=np.int64))).mean(axis=0)
        if token % 256 == 0:
            says(token, size)
    return found


def table_of(states: Matrix, width: int) -> tuple[NDArray[np.int8], Matrix]:
    """The states turned to their main directions, weighted by rarity, a byte a number; and each row's scale.

    The vocabulary is in order of frequency, so a token's probability is taken from its place (Zipf).
    """
    centred = states - states.mean(axis=0)
    _, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    main = directions[:, ::-1][:, :width]
    main *= np.sign(main[np.abs(main).argmax(axis=0), np.arange(width)])  # a direction has no sign of its own; the file's bytes should
    share = 1.0 / (np.arange(len(states)) + 2.7)
    rows = centred @ main.astype(np.float32) * (SIF / (SIF + share / share.sum()))[:, np.newaxis].astype(np.float32)
    return quantised(rows)


def quantised(rows: Matrix) -> tuple[NDArray[np.int8], Matrix]:
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-9).astype(np.float32) / 127
    return np.round(rows / scale[:, np.newaxis]).astype(np.int8), scale


def packed_layer(weight: Matrix, bias: Matrix) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, weight=weight.astype(np.float16), bias=bias)
    return out.getvalue()


def packed_table(table: NDArray[np.int8], scale: Matrix) -> bytes:
    out = io.BytesIO()
    arrays: dict[str, Any] = {"table": table, "scale": scale}
    np.savez_compressed(out, **arrays)
    return out.getvalue()
