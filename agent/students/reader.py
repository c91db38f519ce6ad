"""The reader of requests: one pass over the text gives its clauses, what each asks for, and the slots in it.

Tokens go through the encoder's lower layers, then through the reader's own upper layers; three small linear heads read the states.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from agent.errors import ManifestError
from agent.records.reading import Between, Clause, Reading, SlotKind, SlotSpan, Thresholds
from agent.students import decode
from agent.students.calibration import softmax
from agent.students.encoder import MAX_TOKENS, Encoder, Floats, Session, Tokens
from agent.students.heads import Linear
from agent.students.language import Language
from agent.students.manifest import Manifest
from agent.students.phrases import Phrases

KINDS: tuple[SlotKind, ...] = get_args(SlotKind)


def tags_of(kinds: Sequence[str]) -> tuple[str, ...]:
    """The slot head's labels, in the order of its weights."""
    return ("O", *(f"{mark}-{kind}" for kind in kinds for mark in "BI"))


SLOT_TAGS = tags_of(KINDS)

WINDOW = MAX_TOKENS - 2
STRIDE = 190
"""How far windows are apart: each token is read where it has at least 32 tokens on either side, the text's ends aside."""
MOST_WINDOWS = 8
_BULLET = re.compile(r"\s*[-*•·–—]+\s+")


class Reader:
    """Text to `Reading`. Deterministic, and safe to share between threads."""

    def __init__(self, manifest: Manifest, encoder: Encoder, kinds: Sequence[str] = KINDS) -> None:
        """
        Args:
            kinds: Of slots; others than a shop's only where a reader is measured on somebody else's requests.
        """
        manifest.require_encoder(encoder.manifest)
        self.manifest = manifest
        self._kinds = kinds
        self._encoder = encoder
        self._upper = Session(manifest.bytes_of("reader.onnx"), f"{manifest.folder}/reader.onnx")
        self._clause = Linear.read(manifest, "heads.npz", "clause")
        self._slot = Linear.read(manifest, "heads.npz", "slot")
        self._label = Linear.read(manifest, "heads.npz", "label")
        self._phrases = Phrases.read(manifest)
        self._language = Language(Linear.read(manifest, "language.npz", "language"))
        if self._clause.labels != decode.CLAUSE_TAGS or self._slot.labels != tags_of(kinds):
            raise ManifestError(f"{manifest.folder} was trained for other clause or slot tags; run `storehand distill reader`.")

        try:
            self.thresholds = Thresholds(**manifest.thresholds)
        except TypeError as error:
            raise ManifestError(f"{manifest.folder}/manifest.toml has thresholds that nobody knows ({error}).") from error

    @property
    def labels(self) -> tuple[str, ...]:
        """Task names and refusals the reader was trained to tell apart."""
        return self._label.labels

    def read(self, text: str) -> Reading:
        """Clauses in reading order with their labels and slots, offsets in code points of `text`.

        A text of more than about 1,580 tokens is read only that far, and says so in `truncated`.
        """
        tokens, truncated = self._cut(self._encoder.tokens(text))
        if not len(tokens):
            return Reading(text=text, clauses=(), readable=self._language.readable(text), truncated=False)
        states = self._states(tokens)
        starts = decode.word_starts(tokens)
        words = _Words(tokens, starts)
        firsts = states[starts]
        labelled = self._label.logits(states)
        tags = self._clause.logits(firsts)
        stretches = decode.clauses(tags, labelled, starts, temperature=self._label.temperature)
        stretches = stretches or [decode.Stretch(0, len(starts) - 1)]
        marked = self._slots(words, firsts)
        found = [self._read_clause(words, labelled, stretch, marked) for stretch in stretches]
        return Reading(
            text=text, clauses=tuple(clause for clause in found if clause), between=tuple(self._between(words, tags, stretches)),
            readable=self._language.readable(text), truncated=truncated,
        )  # fmt: skip

    def _between(self, words: _Words, tags: Floats, stretches: Sequence[decode.Stretch]) -> Iterator[Between]:
        idle = softmax(tags, temperature=self._clause.temperature)[:, decode.CONNECTOR]
        ends = [-1, *(s.last for s in stretches)]
        begins = [*(s.first for s in stretches), len(tags)]
        for first, last in zip((end + 1 for end in ends), (begin - 1 for begin in begins), strict=True):
            if first <= last:
                start, end = words.span(decode.Stretch(first, last))
                yield Between(start=start, end=end, idle=float(idle[first : last + 1].min()))

    def _cut(self, tokens: Tokens) -> tuple[Tokens, bool]:
        most = WINDOW + (MOST_WINDOWS - 1) * STRIDE
        if len(tokens) <= most:
            return tokens, False
        return Tokens(text=tokens.text, ids=tokens.ids[:most], spans=tokens.spans[:most]), True

    def _states(self, tokens: Tokens) -> Floats:
        """The reader's state of every token, each taken from the window in which it stands farthest from an edge."""
        if len(tokens) <= WINDOW:
            return self._pass(tokens.ids)
        states = np.empty((len(tokens), 384), dtype=np.float32)
        overlap = (WINDOW - STRIDE) // 2
        for start in range(0, len(tokens) - WINDOW + STRIDE, STRIDE):
            skip = overlap if start else 0
            window = self._pass(tokens.ids[start : start + WINDOW])
            states[start + skip : start + len(window)] = window[skip:]
        return states

    def _pass(self, ids: NDArray[np.int64]) -> Floats:
        out: Floats = self._upper.run(self._encoder.fork(ids))[1:-1]
        return out

    def _slots(self, words: _Words, firsts: Floats) -> list[tuple[decode.Stretch, float]]:
        logits = self._slot.logits(firsts)
        tags = decode.slot_tags(logits)
        sure = np.log(softmax(logits, temperature=self._slot.temperature)[np.arange(len(tags)), tags] + 1e-9)
        return [(s, float(np.exp(sure[s.first : s.last + 1].mean()))) for s in decode.slots(tags.tolist())]

    def _read_clause(
        self, words: _Words, labelled: Floats, stretch: decode.Stretch, marked: Sequence[tuple[decode.Stretch, float]]
    ) -> Clause | None:  # fmt: skip
        start, end = words.trimmed(stretch)
        if start >= end:
            return None
        shares = self._asked(labelled[words.tokens_of(stretch)].mean(axis=0), words.text(start, end))
        order = np.argsort(-shares, kind="stable")
        return Clause(
            start=start, end=end, labels=tuple((self._label.labels[i], float(shares[i])) for i in order),
            slots=tuple(self._spans(words, stretch, marked, start, end)),
        )  # fmt: skip

    def _asked(self, heard: Floats, text: str) -> Floats:
        """Probabilities of the labels, from a clause's states and from its words."""
        said = heard / self._label.temperature
        if self._phrases is None:
            return softmax(said).astype(np.float32)
        return softmax(said + self._phrases.logits(text), temperature=self._phrases.temperature).astype(np.float32)

    def _spans(
        self, words: _Words, stretch: decode.Stretch, marked: Sequence[tuple[decode.Stretch, float]], start: int, end: int
    ) -> Iterator[SlotSpan]:  # fmt: skip
        for slot, confidence in marked:
            first, last = max(slot.first, stretch.first), min(slot.last, stretch.last)
            if first > last:
                continue
            a, b = words.span(decode.Stretch(first, last))
            a, b = max(a, start), min(b, end)
            if a < b:
                yield SlotSpan(kind=cast(SlotKind, self._kinds[slot.kind]), start=a, end=b, confidence=confidence)


class _Words:
    """Where words begin and end, in tokens and in code points."""

    def __init__(self, tokens: Tokens, starts: NDArray[np.int64]) -> None:
        self._text = tokens.text
        self._first_tokens = starts
        self._next_tokens = np.concatenate((starts[1:], [len(tokens)]))
        self._starts = tokens.spans[starts, 0]
        self._ends = tokens.spans[self._next_tokens - 1, 1]

    def tokens_of(self, stretch: decode.Stretch) -> slice:
        return slice(int(self._first_tokens[stretch.first]), int(self._next_tokens[stretch.last]))

    def text(self, start: int, end: int) -> str:
        return self._text[start:end]

    def span(self, stretch: decode.Stretch) -> tuple[int, int]:
        return int(self._starts[stretch.first]), int(self._ends[stretch.last])

    def trimmed(self, stretch: decode.Stretch) -> tuple[int, int]:
        """The span without bullets before it and stops after it, unless there is nothing else."""
        start, end = self.span(stretch)
        words = self._text[start:end].rstrip(" \t\r\n.,;:!?…")
        bullet = _BULLET.match(words)
        lead = bullet.end() if bullet else 0
        return (start + lead, start + len(words)) if len(words) > lead else (start, end)
