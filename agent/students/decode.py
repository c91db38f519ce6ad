"""Logits per word to clauses and slots: the best sequence that is a sequence at all.

Clause tags are continue, begin, connector: a connector is never continued. Where clauses begin and end is decided together
with what they ask for (a semi-Markov model; Sarawagi and Cohen, 2004): a cut whose halves mean nothing definite is worse than
none. Slot tags are "O" and, for each kind, "B-kind" and "I-kind": an "I" goes on what its own kind began. All are read at the
first token of each word, so no span begins or ends inside a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.students.encoder import Floats, Tokens

CLAUSE_TAGS = ("continue", "begin", "connector")
CONTINUE, BEGIN, CONNECTOR = range(3)

LABEL_WEIGHT = 4.0
"""What a clause's label counts for beside the tags of its words. Read whole on the 678 requests kept for such choices: 45.7% at 0,
47.6% at 2, 48.8% at 4, 49.3% at 6."""
LONGEST_CLAUSE = 70
"""Words. Keeps the work linear in the length of the text."""

IMPOSSIBLE = -4.6
"""Log probability (one in a hundred) below which a clause is not thought to begin, or to end, at a word: on those requests what is read
stays the same down from one in ten thousand, in half the time."""

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


def clauses(tags: Floats, labels: Floats, firsts: Tags, *, temperature: float) -> list[Stretch]:
    """The likeliest stretches of words that are clauses; words between them are connectors.

    Args:
        tags: Logits of the clause tags of each word.
        labels: Logits of the labels of each token; a clause's are their mean over its tokens.
        firsts: Place of each word's first token.
        temperature: What label logits are divided by.
    """
    if not len(tags):
        return []
    said = _log_shares(tags.astype(np.float64))
    begins, ends = _edges(said)
    continued = np.concatenate(([0.0], np.cumsum(said[:, CONTINUE])))
    summed = np.concatenate((np.zeros((1, labels.shape[1])), np.cumsum(labels, axis=0, dtype=np.float64)))[np.append(firsts, len(labels))]
    sizes = np.append(firsts, len(labels))
    best, back = [0.0] * (len(tags) + 1), [0] * (len(tags) + 1)  # up to each word; a clause's first word, or its own place for a connector
    for end in range(1, len(tags) + 1):
        best[end], back[end] = best[end - 1] + float(said[end - 1, CONNECTOR]), end
        if not ends[end]:
            continue
        firsts_of = begins[(begins < end) & (begins >= end - LONGEST_CLAUSE)]
        surest = _log_shares((summed[end] - summed[firsts_of]) / (sizes[end] - sizes[firsts_of])[:, np.newaxis] / temperature).max(axis=1)
        scores = said[firsts_of, BEGIN] + continued[end] - continued[firsts_of + 1] + LABEL_WEIGHT * surest
        for first, score in zip(firsts_of.tolist(), scores.tolist(), strict=True):
            if best[first] + score > best[end]:
                best[end], back[end] = best[first] + score, first
    return _traced(back)


def _edges(said: NDArray[np.float64]) -> tuple[Tags, NDArray[np.bool_]]:
    """Words at which a clause may begin, and for each place whether one may end before it. What is all but impossible is not looked at."""
    after_connector = np.concatenate(([True], said[:-1, CONNECTOR] > IMPOSSIBLE))
    ends = np.append(said[:, CONTINUE] < np.log1p(-np.exp(IMPOSSIBLE)), True)
    return np.flatnonzero((said[:, BEGIN] > IMPOSSIBLE) | after_connector), ends


def _traced(back: Sequence[int]) -> list[Stretch]:
    found, end = [], len(back) - 1
    while end > 0:
        if back[end] < end:
            found.append(Stretch(back[end], end - 1))
        end = min(back[end], end - 1)
    return found[::-1]


def _log_shares(logits: Floats | NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    shares: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shares


def slot_tags(logits: Floats) -> Tags:
    """The likeliest tags in BIO order: O, B-0, I-0, B-1, I-1, …"""
    tags: Tags = logits.argmax(axis=1)
    before = np.concatenate(([0], tags[:-1]))
    inside = (tags > 0) & (tags % 2 == 0)
    if not (inside & (before != tags) & (before != tags - 1)).any():
        return tags
    return _viterbi(logits)


def _viterbi(logits: Floats) -> Tags:
    """The path of the largest summed log probability. All may follow all, but for an "I": only its own "B" and itself come before it."""
    top = logits.max(axis=1, keepdims=True)
    emitted = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    score = emitted[0].astype(np.float64)
    score[2::2] = -np.inf
    begun = np.arange(1, logits.shape[1], 2)
    back = np.zeros(logits.shape, dtype=np.int64)
    for i in range(1, len(logits)):
        back[i] = score.argmax()
        goes_on = score[2::2] > score[1::2]
        back[i, 2::2] = begun + goes_on
        score = score[back[i]] + emitted[i]
    tags = [int(score.argmax())]
    for i in range(len(logits) - 1, 0, -1):
        tags.append(int(back[i, tags[-1]]))
    return np.array(tags[::-1], dtype=np.int64)


def slots(tags: Sequence[int]) -> list[Stretch]:
    """Stretches of words of one kind, in reading order."""
    found: list[Stretch] = []
    for i, tag in enumerate(tags):
        if tag % 2 == 1:
            found.append(Stretch(i, i, (tag - 1) // 2))
        elif tag > 0 and found and found[-1].last == i - 1 and found[-1].kind == (tag - 1) // 2:
            found[-1] = Stretch(found[-1].first, i, found[-1].kind)
    return found
