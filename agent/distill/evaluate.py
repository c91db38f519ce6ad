"""How well requests are read, measured on the exported files through the same `Reader` that serves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from agent.distill.letters import Example, Part
from agent.distill.records import Metric
from agent.errors import SettingsError
from agent.evals.gold import MERGED
from agent.records.reading import REFUSALS, Clause, Reading
from agent.students.calibration import expected_calibration_error
from agent.students.reader import KINDS

SAME = 0.5
"""Intersection over union from which a clause that was read is the one that was written."""


@dataclass(slots=True)
class Tally:
    """Counts over a set, and the pairs behind them."""

    requests: int = 0
    split: int = 0
    whole: int = 0
    parts: int = 0
    exact: int = 0
    labelled: int = 0
    confidence: list[float] = field(default_factory=list)
    correct: list[bool] = field(default_factory=list)
    slots_true: int = 0
    slots_found: int = 0
    slots_hit: int = 0
    slots_touched: int = 0
    confused: Counter[str] = field(default_factory=Counter)
    per_label: Counter[str] = field(default_factory=Counter)
    per_label_right: Counter[str] = field(default_factory=Counter)
    wholes: list[bool] = field(default_factory=list)
    """Of each request, whether it was read right as a whole."""

    def metrics(self) -> dict[str, Metric]:
        """Shares by name. "split" and "whole" are of requests, "boundaries" and "label" of parts, the slot figures F1 with n the true slots."""
        tasks = [label for label in self.per_label if label not in REFUSALS]
        return {
            "split": _share(self.split, self.requests),
            "whole": _share(self.whole, self.requests),
            "boundaries": _share(self.exact, self.parts),
            "label": _share(self.labelled, self.parts),
            "label_of_tasks": _share(sum(self.per_label_right[k] for k in tasks), sum(self.per_label[k] for k in tasks)),
            "slots": _f1(self.slots_hit, self.slots_found, self.slots_true),
            "slots_overlapping": _f1(self.slots_touched, self.slots_found, self.slots_true),
            "calibration_error": Metric(
                value=expected_calibration_error(np.array(self.confidence), np.array(self.correct)) if self.correct else 1.0, n=len(self.correct)
            ),
        }

    def selective(self) -> dict[str, Metric]:
        """How much is left, and how much of it is right, when labels below a confidence are not trusted."""
        found: dict[str, Metric] = {}
        for least in (0.5, 0.7, 0.9):
            kept = [right for sure, right in zip(self.confidence, self.correct, strict=True) if sure >= least]
            found[f"kept_at_{int(least * 100)}"] = _share(len(kept), len(self.correct))
            found[f"right_at_{int(least * 100)}"] = _share(sum(kept), len(kept))
        return found

    def recalls(self) -> dict[str, Metric]:
        return {label: _share(self.per_label_right[label], n) for label, n in sorted(self.per_label.items())}


def _share(part: int, whole: int) -> Metric:
    return Metric(value=part / whole if whole else 0.0, n=whole)


def _f1(hit: int, found: int, true: int) -> Metric:
    return Metric(value=2 * hit / (found + true) if found + true else 0.0, n=true)


class Reads(Protocol):
    def read(self, text: str) -> Reading: ...


def evaluate(reader: Reads, examples: Iterable[Example]) -> Tally:
    tally = Tally()
    for example in examples:
        _count(tally, example, reader.read(example.text))
    return tally


def _count(tally: Tally, example: Example, reading: Reading) -> None:
    matched = [match(part, reading.clauses) for part in example.parts]
    split = len(reading.clauses) == len(example.parts) and None not in matched and len({id(c) for c in matched}) == len(matched)
    right = 0
    for part, clause in zip(example.parts, matched, strict=True):
        tally.per_label[part.label] += 1
        said = clause.labels[0][0] if clause else "nothing"
        answer = part.label if said in part.also else said
        if clause:
            tally.exact += _edges(example.text, clause.start, clause.end) == _edges(example.text, part.start, part.end)
            tally.confidence.append(clause.labels[0][1])
            tally.correct.append(answer == part.label)
        if answer == part.label:
            right += 1
            tally.per_label_right[part.label] += 1
        else:
            tally.confused[f"{part.label} > {answer}"] += 1
    tally.requests += 1
    tally.parts += len(example.parts)
    tally.labelled += right
    tally.split += split
    tally.wholes.append(split and right == len(example.parts))
    tally.whole += tally.wholes[-1]
    _count_slots(tally, example, reading)


def _edges(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without stops and spaces at its ends: those are nobody's mistake."""
    inner = text[start:end]
    lead = len(inner) - len(inner.lstrip(" \t\n.,;:!?-"))
    return start + lead, start + len(inner.rstrip(" \t\n.,;:!?"))


def match(part: Part, clauses: Sequence[Clause]) -> Clause | None:
    """The clause that was read where a part stands."""
    best = max(clauses, key=lambda c: _overlap(part, c), default=None)
    return best if best is not None and _overlap(part, best) >= SAME else None


def matching(clause: Clause, parts: Sequence[Part]) -> Part | None:
    """The part that a clause which was read stands for."""
    best = max(parts, key=lambda p: _overlap(p, clause), default=None)
    return best if best is not None and _overlap(best, clause) >= SAME else None


def _overlap(part: Part, clause: Clause) -> float:
    both = min(part.end, clause.end) - max(part.start, clause.start)
    return max(0, both) / (max(part.end, clause.end) - min(part.start, clause.start))


def _count_slots(tally: Tally, example: Example, reading: Reading) -> None:
    found = {(slot.kind, slot.start, slot.end) for clause in reading.clauses for slot in clause.slots}
    true = {(kind, start, end) for kind, start, end in example.slots}
    tally.slots_true += len(true)
    tally.slots_found += len(found)
    tally.slots_hit += len(found & true)
    tally.slots_touched += sum(any(kind == k and a < end and start < b for k, a, b in found) for kind, start, end in true)


def gold_examples(path: Path, labels: Sequence[str]) -> list[Example]:
    """The gold set as examples, without empty texts and other languages.

    Tasks the reader was not trained on count as not_supported: that is what it should say of them today. A request that is nothing but
    out of scope, not supported or unclear is one part.

    Raises:
        SettingsError: A line is not as the gold set's README says.
    """
    rows = gold_rows(path)
    return [_gold_example(row, labels) for row in rows if row["style"] not in _NO_ENGLISH]


_NO_ENGLISH = ("empty", "other_language", "emoji")


def gold_rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            _gold_example(row, ())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"{path}:{number} is not a gold request ({type(error).__name__})") from error
        rows.append(row)
    return rows


def gold_texts(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every text and part of the set, for keeping training apart from it."""
    return [text for row in rows for text in (row["text"], *(part["span"] for part in row["parts"])) if text.strip()]


def other_languages(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return [row["text"] for row in rows if row["style"] == "other_language"]


def _gold_example(row: Mapping[str, Any], labels: Sequence[str]) -> Example:
    text = row["text"]
    parts: list[Part] = []
    slots: list[tuple[str, int, int]] = []
    at = 0
    for said in [*row["parts"], *row.get("not_done", ())]:
        span = said["span"]
        start = text.find(span, at) if said in row["parts"] else text.find(span)
        start = text.find(span) if start < 0 else start
        if start < 0:
            raise ValueError("a span is not in its text")
        end = start + len(span)
        parts.append(Part(label=_label(said.get("task") or said["code"], labels), start=start, end=end, also=_also(said, labels)))
        slots += _gold_slots(said.get("slots", {}), text, start, end)
        at = end if said in row["parts"] else at
    if not parts and text.strip():
        lead = len(text) - len(text.lstrip())
        parts = [Part(label=_label(row["outcome"], labels), start=lead, end=len(text.rstrip()))]
    return Example(text=text, parts=sorted(parts, key=lambda p: p.start), slots=slots)


def _label(said: str, labels: Sequence[str]) -> str:
    said = MERGED.get(said, said)
    return said if said in labels or said in REFUSALS else "not_supported"


def _also(said: Mapping[str, Any], labels: Sequence[str]) -> tuple[str, ...]:
    alt = said.get("alt", ())
    return tuple(_label(name, labels) for name in ([alt] if isinstance(alt, str) else alt))


def _gold_slots(said: Mapping[str, Any], text: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """Spans of the slots' words inside the part; words that stand outside it are looked for in the whole text, others are left out."""
    found = []
    for kind, values in said.items():
        for value in values if isinstance(values, list) else [values]:
            at = text.find(str(value), start, end)
            at = text.find(str(value)) if at < 0 else at
            if kind in KINDS and at >= 0:
                found.append((str(kind), at, at + len(str(value))))
    return found
