"""A new reader against the one in use, on the same gold requests in one run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.distill.evaluate import evaluate, gold_examples
from agent.distill.figures import Difference, difference
from agent.distill.letters import Example
from agent.records.reading import REFUSALS, Clause, Reading
from agent.students.reader import Reader


class Folded:
    """A reader with some labels only: the shares of all others count as `not_supported`."""

    def __init__(self, reader: Reader, labels: Sequence[str]) -> None:
        self._reader, self.labels = reader, tuple(labels)

    def read(self, text: str) -> Reading:
        reading = self._reader.read(text)
        return replace(reading, clauses=tuple(replace(clause, labels=self._folded(clause)) for clause in reading.clauses))

    def _folded(self, clause: Clause) -> tuple[tuple[str, float], ...]:
        shares = dict.fromkeys(self.labels, 0.0)
        for label, share in clause.labels:
            shares[label if label in shares else "not_supported"] += share
        return tuple(sorted(shares.items(), key=lambda pair: -pair[1]))


def challenge(new: Reader, in_use: Reader, gold: Path) -> Difference:
    """By how much the new one reads more requests right as a whole, told in the labels that both know."""
    shared = sorted((set(new.labels) & set(in_use.labels)) | set(REFUSALS))
    examples = gold_examples(gold, shared)
    ours, theirs = (_wholes(Folded(reader, shared), examples) for reader in (new, in_use))
    return difference(ours, theirs)


def _wholes(reader: Folded, examples: Iterable[Example]) -> NDArray[np.bool_]:
    return np.array(evaluate(reader, examples).wholes, dtype=bool)
