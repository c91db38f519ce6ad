"""What a student said, in one shape for all heads: so that answers can be counted, and those of two versions put side by side."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from agent.records.reading import REFUSALS, Reading
from agent.sdk.model import Label, Tagged
from agent.students.heads import Head
from agent.students.manifest import Manifest
from agent.students.reader import Reader
from agent.students.shelf import Version, threshold_of
from agent.students.spans import SpanTagger

FOREIGN = "other_language"
_READABLE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    label: str
    confidence: float
    refused: bool
    """It is a refusal, left undecided, or too unsure to stand by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was said of one text."""

    parts: Sequence[Said]
    """One for a labelling head, one a clause for the reader."""
    key: Hashable
    """Equal where two answers come to the same; confidences are not in it."""
    shown: str

    @property
    def confidence(self) -> float:
        """Of the least sure part."""
        return min((part.confidence for part in self.parts), default=0.0)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version that is ready to answer."""

    version: Version
    student: Head | Reader | SpanTagger

    @property
    def head(self) -> str:
        return self.version.head

    @property
    def threshold(self) -> float | None:
        return threshold_of(self.version.manifest)

    def answer(self, text: str) -> Answer:
        if isinstance(self.student, Reader):
            return of_reading(self.student.read(text))
        if isinstance(self.student, SpanTagger):
            return of_spans(self.student.tag(text))
        return of_label(self.student.label([text])[0], self.version.manifest)


def of_label(label: Label, manifest: Manifest) -> Answer:
    undecided = manifest.undecided is not None and label.label == str(manifest.undecided["label"])
    refused = undecided or label.confidence < (threshold_of(manifest) or 0.0)
    return Answer(parts=(Said(label=label.label, confidence=label.confidence, refused=refused),), key=label.label, shown=label.label)


def of_spans(spans: Sequence[Tagged]) -> Answer:
    """What is shown names kinds, never words of the text; a text with nothing in it is an answer as well."""
    parts = tuple(Said(label=span.kind, confidence=span.confidence, refused=False) for span in spans)
    key = tuple((span.kind, span.start, span.end) for span in spans)
    return Answer(
        parts=parts or (Said(label="nothing", confidence=1.0, refused=False),), key=key, shown=", ".join(p.label for p in parts) or "nothing"
    )


def of_reading(reading: Reading) -> Answer:
    """Clauses with the likeliest label and the slots of each. What is shown names kinds of slots, never words of the request."""
    if reading.readable < _READABLE:
        said = Said(label=FOREIGN, confidence=1 - reading.readable, refused=True)
        return Answer(parts=(said,), key=FOREIGN, shown=FOREIGN)
    parts, key, shown = [], [], []
    for clause in reading.clauses:
        label, confidence = clause.labels[0]
        parts.append(Said(label=label, confidence=confidence, refused=label in REFUSALS))
        key.append((clause.start, clause.end, label, tuple((slot.kind, slot.start, slot.end) for slot in clause.slots)))
        shown.append(f"{label}({', '.join(slot.kind for slot in clause.slots)})")
    return Answer(parts=tuple(parts), key=tuple(key), shown=" + ".join(shown) or "nothing")
