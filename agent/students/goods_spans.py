"""Tags what is said of a product in its title or description: colour, material, size and the like, each with its value of a closed list.

A linear head decides, on the token states that every tagger looks at and on what the lists and forms say of each word: "orange" is in the list
of colours and in that of flavours, and the words around it tell which is meant. The lists come with the head, and are all that the rules alone go by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent.errors import ManifestError
from agent.sdk.model import Tagged
from agent.students.calibration import softmax
from agent.students.decode import word_starts
from agent.students.encoder import Encoder, Floats, Ids, Tokens
from agent.students.manifest import Manifest
from agent.students.spans import SpanTagger, ends_of, features, trimmed

ATTRIBUTES = "attributes"
"""What the manifest of such a head names under `[answers] kind`."""
VALUES = "values.txt"
LISTED = ("color", "material", "pattern", "shape", "audience", "flavor")
"""Kinds with a closed list of values."""
KINDS = (*LISTED, "size", "measure", "count", "brand")
TAGS = ("O", *(f"{mark}-{kind}" for kind in KINDS for mark in "BI"))
LONGEST = 4
"""Words of a value in the lists."""
_NUMBER = r"\d+(?:[.,]\d+)?"
_UNIT = r"(?:ml|cl|l|litres?|liters?|oz|g|kg|grams?|lb|mm|cm|m|metres?|meters?|inch|inches|in|ft|w|watts?|\")"
_FORMS: Mapping[str, re.Pattern[str]] = {
    "measure": re.compile(
        rf"(?<![\w.]){_NUMBER} ?{_UNIT}?(?: ?(?:x|×|by) ?{_NUMBER} ?{_UNIT}?){{1,2}}(?!\w)|(?<![\w.]){_NUMBER} ?{_UNIT}(?!\w)", re.I
    ),
    "count": re.compile(
        r"\b(?:set|pack|box|multipack|bundle) of (?:\d+|two|three|four|five|six|eight|ten|twelve)\b|\b\d+[- ]?(?:pack|pairs?|pieces?|pcs|pc|sachets|"
        r"bags|tablets|capsules)\b|\btwin pack\b|\b(?:pair|dozen|trio)\b|\bx ?\d+\b", re.I,
    ),
    "size": re.compile(
        r"\b(?:size|uk|eu|us|age|ages) \d{1,3}(?:[-/]\d{1,3})?\b|\b\d{1,2}-\d{1,2} ?(?:months?|m|years?|yrs?|y)\b|(?<![\w&'])(?:XXS|XS|"
        r"S|M|L|XL|XXL|3XL|S/M|M/L|L/XL|A[3-6]|one size|king|queen|double|single|super king)(?![\w'])", re.I,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lists:
    """For each kind, what is written (in small letters) to its value."""

    values: Mapping[str, Mapping[str, str]]

    def value(self, kind: str, text: str) -> str:
        """The value of the list; where there is none, or it has no such, the words themselves."""
        known = self.values.get(kind, {})
        words = " ".join(text.casefold().replace("’", "'").split())
        for end in (words, *_tails(words)):
            if end in known:
                return known[end]
        return text.strip()

    def knows(self, kind: str, text: str) -> bool:
        return " ".join(text.casefold().replace("’", "'").split()) in self.values.get(kind, {})


def _tails(words: str) -> list[str]:
    """Without its first words, and without its last: "washed indigo" is an indigo."""
    parts = words.split()
    return [" ".join(parts[n:]) for n in range(1, len(parts))] + [" ".join(parts[:-n]) for n in range(1, len(parts))]


def lists_of(text: str) -> Lists:
    """
    Raises:
        ManifestError: A line is not a value with what is written for it, under a heading that is a kind.
    """
    values: dict[str, dict[str, str]] = {}
    kind = ""
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if line.startswith("["):
            kind = line.strip("[]")
        name, colon, said = line.partition(": ")
        if kind not in LISTED or not (colon or line.startswith("[")):
            raise ManifestError(f"{VALUES} has “{line[:60]}”, which is no value of a kind; restore it from the distribution.")
        if colon:
            values.setdefault(kind, {}).update({one.strip().casefold(): name for one in said.split(",")})
    return Lists(values)


class AttributeTagger(SpanTagger):
    """Deterministic, and safe to share between threads."""

    def __init__(self, manifest: Manifest, encoder: Encoder) -> None:
        """
        Raises:
            ManifestError: A file is damaged, or it was made for another encoder.
        """
        super().__init__(manifest, encoder)
        self._lists = lists_of(manifest.bytes_of(VALUES).decode())
        self._threshold = manifest.thresholds.get("alone", 1.0)

    @property
    def labels(self) -> tuple[str, ...]:
        return KINDS

    def tag(self, text: str) -> list[Tagged]:
        return self.learned(text)

    def learned(self, text: str) -> list[Tagged]:
        tokens = self._encoder.tokens(text)
        if not len(tokens):
            return []
        starts = word_starts(tokens)
        shares = softmax(self._linear.logits(looked_at(self._encoder, tokens, starts, self._lists)), temperature=self._linear.temperature)
        begins = [int(tokens.spans[s, 0]) for s in starts]
        return [self._valued(text, one) for one in spans_of(text, begins, ends_of(tokens, starts), shares)]

    def _valued(self, text: str, one: Tagged) -> Tagged:
        value = self._lists.value(one.kind, text[one.start : one.end])
        return Tagged(
            kind=one.kind, start=one.start, end=one.end, confidence=one.confidence, value=value, sure=one.confidence >= self._threshold
        )  # fmt: skip


def looked_at(encoder: Encoder, tokens: Tokens, starts: Ids, lists: Lists) -> Floats:
    """(words, width): what every tagger looks at, and what lists and forms say of each word and of those beside it."""
    flags = _flags(tokens, starts, lists)
    before, after = np.zeros_like(flags), np.zeros_like(flags)
    before[1:], after[:-1] = flags[:-1], flags[1:]
    return np.concatenate([features(encoder, tokens, starts), flags, before, after], axis=1).astype(np.float32)


def _flags(tokens: Tokens, starts: Ids, lists: Lists) -> Floats:
    """For each kind with a list or a form: whether a word begins what it knows, or goes on with it."""
    begins, ends = [int(tokens.spans[s, 0]) for s in starts], ends_of(tokens, starts)
    kinds = (*LISTED, *_FORMS)
    flags = np.zeros((len(begins), 2 * len(kinds)), dtype=np.float32)
    for kind, start, end in known(tokens.text, begins, ends, lists):
        place = 2 * kinds.index(kind)
        inside = [at for at, begin in enumerate(begins) if start <= begin < end]
        for at in inside:
            flags[at, place + (at != inside[0])] = 1
    return flags


def known(text: str, begins: Sequence[int], ends: Sequence[int], lists: Lists) -> list[tuple[str, int, int]]:
    """What the lists and forms know in the text: kind, start, end. A list's longest entry wins over those inside it."""
    found = [(kind, match.start(), match.end()) for kind, form in _FORMS.items() for match in form.finditer(text)]
    for kind in LISTED:
        at = 0
        while at < len(begins):
            many = next((n for n in range(LONGEST, 0, -1) if at + n <= len(begins) and lists.knows(kind, text[begins[at] : ends[at + n - 1]])), 0)
            found += [(kind, begins[at], ends[at + many - 1])] if many else []
            at += many or 1
    return found


def by_rules(encoder: Encoder, text: str, lists: Lists) -> list[Tagged]:
    """What lists and forms say alone, the longest first: what the head has to beat."""
    tokens = encoder.tokens(text)
    starts = word_starts(tokens)
    begins, ends = [int(tokens.spans[s, 0]) for s in starts], ends_of(tokens, starts)
    order = [*LISTED, *_FORMS]
    taken: list[Tagged] = []
    for kind, start, end in sorted(known(text, begins, ends, lists), key=lambda one: (one[1] - one[2], order.index(one[0]))):
        if all(end <= other.start or start >= other.end for other in taken):
            taken.append(Tagged(kind=kind, start=start, end=end, confidence=1.0, value=lists.value(kind, text[start:end])))
    return sorted(taken, key=lambda span: span.start)


def spans_of(text: str, begins: Sequence[int], ends: Sequence[int], shares: Floats) -> list[Tagged]:
    """The likeliest kind of each word, words that go on with one joined; a span is as sure as its least sure word."""
    of_kind = shares[:, 1::2] + shares[:, 2::2]
    best = [int(row.argmax()) if row.max() > share[0] else -1 for row, share in zip(of_kind, shares, strict=True)]
    found: list[Tagged] = []
    for at, kind in enumerate(best):
        if kind < 0:
            continue
        sure, goes_on = float(of_kind[at, kind]), shares[at, 2 + 2 * kind] > shares[at, 1 + 2 * kind]
        last = found[-1] if found else None
        if last and goes_on and at and best[at - 1] == kind and not text[last.end : begins[at]].strip(" -/'’.&%"):
            found[-1] = Tagged(kind=last.kind, start=last.start, end=ends[at], confidence=min(last.confidence, sure))
        else:
            found.append(Tagged(kind=KINDS[kind], start=begins[at], end=ends[at], confidence=min(1.0, sure)))
    return [one for span in found if (one := trimmed(text, span)) is not None]
