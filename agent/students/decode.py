"""Logits per word to clauses and slots: the best sequence that is a sequence at all.

Clause tags are continue, begin, connector: a connector is never continued. Slot tags are "O" and, for each kind, "B-kind" and "I-kind":
an "I" goes on what its own kind began. Both are read at the first token of each word, so no span begins or ends inside a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.students.encoder import Floats, Tokens

CLAUSE_TAGS = ("continue", "begin", "connector")
CONTINUE, BEGIN, CONNECTOR = range(3)

Tags = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words `first` to `last`, both in it."""

    first: int
    last: int
    kind: int = 0
    """For slots, the place of its kind among the kinds."""


def word_starts(tokens: Tokens) -> NDArray[np.int64]:
    """Places of the tokens that begin a word: all but those glued to the token before with letters or digits on both sides."""
    text, spans = tokens.text, tokens.spans
    if not len(spans):
        return np.zeros(0, dtype=np.int64)
    starts = [0]
    for i, (start, before) in enumerate(zip(spans[1:, 0].tolist(), spans[:-1, 1].tolist(), strict=True), start=1):
        if not (start <= before and start > 0 and text[start].isalnum() and text[start - 1].isalnum()):
            starts.append(i)
    return np.array(starts, dtype=np.int64)


def clause_tags(logits: Floats) -> Tags:
    """The likeliest tags in which the first is no "continue" and none follows a connector."""
    tags: Tags = logits.argmax(axis=1)
    after_connector = np.concatenate(([True], tags[:-1] == CONNECTOR))
    if not (after_connector & (tags == CONTINUE)).any():
        return tags
    allowed = np.zeros((3, 3))
    allowed[CONNECTOR, CONTINUE] = -np.inf
    return _viterbi(logits, allowed, first=np.array([-np.inf, 0.0, 0.0]))


def slot_tags(logits: Floats) -> Tags:
    """The likeliest tags in BIO order: O, B-0, I-0, B-1, I-1, …"""
    tags: Tags = logits.argmax(axis=1)
    before = np.concatenate(([0], tags[:-1]))
    inside = (tags > 0) & (tags % 2 == 0)
    if not (inside & (before != tags) & (before != tags - 1)).any():
        return tags
    n = logits.shape[1]
    allowed = np.zeros((n, n))
    for tag in range(2, n, 2):
        allowed[:, tag] = -np.inf
        allowed[[tag, tag - 1], tag] = 0.0
    return _viterbi(logits, allowed, first=allowed[0])


def _viterbi(logits: Floats, allowed: NDArray[np.float64], *, first: NDArray[np.float64]) -> Tags:
    """The path of the largest summed log probability; `allowed[a, b]` is 0 where b may follow a and −inf where not."""
    top = logits.max(axis=1, keepdims=True)
    emitted = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    score = first + emitted[0]
    back = np.zeros(logits.shape, dtype=np.int64)
    for i in range(1, len(logits)):
        paths = score[:, np.newaxis] + allowed
        back[i] = paths.argmax(axis=0)
        score = paths.max(axis=0) + emitted[i]
    tags = [int(score.argmax())]
    for i in range(len(logits) - 1, 0, -1):
        tags.append(int(back[i, tags[-1]]))
    return np.array(tags[::-1], dtype=np.int64)


def clauses(tags: Sequence[int]) -> list[Stretch]:
    """Stretches of words from each "begin" to the word before the next begin or connector."""
    found: list[Stretch] = []
    first: int | None = None
    for i, tag in enumerate(tags):
        if tag == CONTINUE and first is not None:
            continue
        if first is not None:
            found.append(Stretch(first, i - 1))
        first = None if tag == CONNECTOR else i
    return [*found, Stretch(first, len(tags) - 1)] if first is not None else found


def slots(tags: Sequence[int]) -> list[Stretch]:
    """Stretches of words of one kind, in reading order."""
    found: list[Stretch] = []
    for i, tag in enumerate(tags):
        if tag % 2 == 1:
            found.append(Stretch(i, i, (tag - 1) // 2))
        elif tag > 0 and found and found[-1].last == i - 1 and found[-1].kind == (tag - 1) // 2:
            found[-1] = Stretch(found[-1].first, i, found[-1].kind)
    return found
