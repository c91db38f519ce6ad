"""Tags words of a text with a linear head on the encoder's token states, beside patterns for what has a form of its own.

The head looks at each word's state after the last layer and at the fork, at the two words beside it, and at how it is written. Its tags
are "O" and, for each kind, "B-kind" and "I-kind".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.sdk.model import Tagged
from agent.students import patterns
from agent.students.calibration import softmax
from agent.students.decode import word_starts
from agent.students.encoder import MAX_TOKENS, Encoder, Floats, Ids, Tokens
from agent.students.heads import Linear
from agent.students.manifest import Manifest

SPANS = "spans"
"""What the manifest of such a head names as its features."""
WINDOW = MAX_TOKENS - 2
OVERLAP = 40
"""Tokens that two windows of a long text share."""
SHAPES = 10
LEAST = 0.5
"""Probability of being personal, of whatever kind, from which a word is taken to be: a name left in costs more than one too many."""


class SpanTagger:
    """Deterministic, and safe to share between threads."""

    def __init__(self, manifest: Manifest, encoder: Encoder) -> None:
        """
        Raises:
            ManifestError: A file is damaged, or it was made for another encoder.
        """
        manifest.require_encoder(encoder.manifest)
        self.manifest, self.name = manifest, manifest.name
        self._encoder = encoder
        self._linear = Linear.read(manifest, "head.npz", "tag")

    @property
    def labels(self) -> tuple[str, ...]:
        """Every kind of span it may name."""
        learned = tuple(tag[2:] for tag in self._linear.labels if tag.startswith("B-"))
        return tuple(dict.fromkeys((*learned, *patterns.PATTERN_KINDS)))

    def tag(self, text: str) -> list[Tagged]:
        """Spans in reading order, none inside another; what a pattern found stays as it is."""
        sure = list(patterns.found(text))
        learned = [one for one in self.learned(text) if all(one.end <= other.start or one.start >= other.end for other in sure)]
        return sorted([*sure, *learned], key=lambda span: span.start)

    def learned(self, text: str) -> list[Tagged]:
        """What the head alone finds."""
        tokens = self._encoder.tokens(text)
        if not len(tokens):
            return []
        starts = word_starts(tokens)
        shares = softmax(self._linear.logits(features(self._encoder, tokens, starts)), temperature=self._linear.temperature)
        return _spans(text, [int(tokens.spans[s, 0]) for s in starts], ends_of(tokens, starts), shares, self._linear.labels)


def features(encoder: Encoder, tokens: Tokens, starts: Ids) -> Floats:
    """(words, width): what the head looks at for each word."""
    last, fork = states(encoder, tokens.ids)
    own = np.concatenate([_unit(last[starts]), _unit(fork[starts])], axis=1)
    beside = _unit(fork[starts])
    before, after = np.zeros_like(beside), np.zeros_like(beside)
    before[1:], after[:-1] = beside[:-1], beside[1:]
    ends = ends_of(tokens, starts)
    words = [tokens.text[int(tokens.spans[s, 0]) : end] for s, end in zip(starts, ends, strict=True)]
    shape = np.stack([_shape(word, at, len(words)) for at, word in enumerate(words)])
    near = np.zeros((len(words), 2 * SHAPES), dtype=np.float32)
    near[1:, :SHAPES], near[:-1, SHAPES:] = shape[:-1], shape[1:]
    return np.concatenate([own, before, after, shape, near], axis=1).astype(np.float32)


def states(encoder: Encoder, ids: Ids) -> tuple[Floats, Floats]:
    """Of each token: its state after the last layer, and at the fork. Long texts are read in windows; the earlier one speaks for what two share."""
    ends, forks, at = [], [], 0
    while True:
        some = ids[max(0, at - OVERLAP) : at + WINDOW - OVERLAP] if at else ids[:WINDOW]
        skip = min(at, OVERLAP) if at else 0
        fork = encoder.fork(some)
        ends.append(encoder.finish(fork)[1 + skip : 1 + len(some)])
        forks.append(fork[1 + skip : 1 + len(some)])
        at += len(some) - skip
        if at >= len(ids):
            return np.concatenate(ends), np.concatenate(forks)


def _unit(rows: Floats) -> Floats:
    out: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return out


def ends_of(tokens: Tokens, starts: Ids) -> list[int]:
    last = [*(int(s) - 1 for s in starts[1:]), len(tokens) - 1]
    return [int(tokens.spans[at, 1]) for at in last]


def _shape(word: str, at: int, words: int) -> Floats:
    return 0.5 * np.array(
        [
            word[:1].isupper(), word.isupper() and len(word) > 1, word.isdigit(), any(c.isdigit() for c in word) and not word.isdigit(),
            not word[:1].isalnum(), at == 0, at == words - 1, len(word) <= 2, any(ord(c) > 127 for c in word), word in ".,;:!?",
        ],
        dtype=np.float32,
    )  # fmt: skip


def _spans(text: str, starts: Sequence[int], ends: Sequence[int], shares: Floats, labels: Sequence[str]) -> list[Tagged]:
    found: list[Tagged] = []
    outside, kind = labels.index("O"), ""
    for start, end, share in zip(starts, ends, shares, strict=True):
        inner = [place for place in range(len(labels)) if place != outside]
        best = max(inner, key=lambda place: share[place]) if 1 - share[outside] >= LEAST else outside
        tag = labels[best]
        if best == outside:
            kind = ""
            continue
        sure, now = float(1 - share[outside]), tag[2:]
        if tag.startswith("I-") and kind == now and found and not text[found[-1].end : start].strip(" .'’-,"):
            found[-1] = Tagged(kind=now, start=found[-1].start, end=end, confidence=min(found[-1].confidence, sure))
        else:
            found.append(Tagged(kind=now, start=start, end=end, confidence=sure))
        kind = now
    return [kept for one in found if (kept := trimmed(text, one)) is not None]


def trimmed(text: str, span: Tagged) -> Tagged | None:
    """Without signs at its ends; None where nothing else is left."""
    inner = text[span.start : span.end]
    start = span.start + len(inner) - len(inner.lstrip(" .,;:!?()\"'“”-<&"))
    end = start + len(text[start : span.end].rstrip(" ,;:!?()\"'“”-<&"))
    return Tagged(kind=span.kind, start=start, end=end, confidence=span.confidence) if end > start else None
