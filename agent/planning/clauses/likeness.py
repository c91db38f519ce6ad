"""Tasks that the reader was not trained on, known by their examples.

The reader was trained on the tasks that ship. A task it never saw is scored by its examples on the frozen encoder and
competes with the reader's own labels: a request that is clearly like an example of it beats a refusal, and beats a
trained task only where it is also clearly more like it than like any of that task's examples. One matrix product
serves them all, however many there are; the clause's own pass of the encoder is spared where the reader is sure of it and
no word of theirs is in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from agent.planning.clauses.pupils import Pupils
from agent.planning.linking.lexicon import COMMON, called, is_of_the_task
from agent.planning.linking.vocabulary import stems_of, words_of
from agent.records import Clause
from agent.records.reading import SlotSpan
from agent.sdk import Task

_STEEP, _MIDDLE = 16.0, 0.55
"""Cosine of the nearest example to probability. Both texts are made plain first (see `_plain`), or two requests about a
blue mug would be near whatever they ask. Set by hand on three tasks made up for it: requests for them lie at 0.61 to 0.98
from their examples, requests for the trained tasks at most at 0.41. Fifteen texts are few; a task with more examples is surer."""
_CLEARLY = 0.08
"""How much nearer than any trained task's examples an untrained one's must be."""
_PLAIN: dict[str, str] = {
    "product": "the product", "customer": "the customer", "order": "the order", "money": "an amount", "percent": "a percentage",
    "quantity": "a number", "period": "last week", "compare": "last year", "until": "sunday", "place": "a place", "discount": "a code",
    "tag": "a tag", "value": "a text", "review": "reviews", "channel": "a channel", "topic": "a topic",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examples:
    """Every task's examples in one matrix, those of a task together."""

    names: Sequence[str]
    starts: NDArray[np.int64]
    """The first row of each task."""
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Untrained:
    """Tasks that a reader was not trained on."""

    labels: tuple[str, ...]
    """What it was trained on."""
    names: frozenset[str]
    called: frozenset[str]
    """What they alone are called by."""
    words: frozenset[str]
    """Of all that is said for them."""

    @classmethod
    def of(cls, tasks: Mapping[str, Task], labels: Sequence[str]) -> _Untrained:
        untrained = [task for task in tasks.values() if task.name not in labels and task.examples]
        return cls(
            labels=tuple(labels),
            names=frozenset(task.name for task in untrained),
            called=frozenset(word for task in untrained for word in called(task)),
            words=frozenset(word for task in untrained for word in _said_of(task)),
        )


class Likeness:
    """How like a clause is to the examples of each task."""

    def __init__(self, tasks: Mapping[str, Task], students: Pupils) -> None:
        self._tasks, self._students = tasks, students
        self._examples: _Examples | None = None
        self._untrained = _Untrained.of(tasks, students.reader.labels)

    def weighed(self, said: str, clause: Clause, shares: dict[str, float], refusals: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
        """The shares with those of tasks the reader never saw, which take theirs from everything else."""
        if not self._those_untrained().names:
            return shares, refusals
        plain = self._plain(said, clause.slots, clause.start)
        if self._is_known(plain, shares):
            return shares, refusals
        likeness, untrained = self.likeness(plain), self._untrained.names
        rival = max((cosine for name, cosine in likeness.items() if name not in untrained), default=0.0)
        name, cosine = max(((n, c) for n, c in likeness.items() if n in untrained), key=lambda pair: pair[1])
        share = 1 / (1 + np.exp(-_STEEP * (cosine - _MIDDLE)))
        if cosine < rival + _CLEARLY and max(shares.values(), default=0.0) >= self._students.reader.thresholds.refuse:
            share = min(share, 0.05)
        elif cosine < rival:
            share = min(share, 0.45)
        rest = 1 - float(share)
        shares = {n: s * rest for n, s in shares.items()} | {name: float(share)}
        return shares, {n: s * rest for n, s in refusals.items()}

    def _those_untrained(self) -> _Untrained:
        """Another version of the reader may have come into use, that knows other tasks."""
        if self._untrained.labels != (labels := tuple(self._students.reader.labels)):
            self._untrained, self._examples = _Untrained.of(self._tasks, labels), None
        return self._untrained

    def _is_known(self, plain: str, shares: Mapping[str, float]) -> bool:
        """Whether the reader is sure of a task, and nothing said is said for a task it never saw alone."""
        name, share = max(shares.items(), key=lambda pair: pair[1], default=("", 0.0))
        if share < self._students.reader.thresholds.act:
            return False
        theirs = {word.stem for word in words_of(plain)} & self._untrained.words
        return not theirs or theirs <= _said_of(self._tasks[name])

    def nearest(self, said: str, clause: Clause) -> tuple[Task, float]:
        """The task with the example most like the clause, and their cosine."""
        name, cosine = max(self.likeness(self._plain(said, clause.slots, clause.start)).items(), key=lambda pair: pair[1])
        return self._tasks[name], cosine

    def likeness(self, plain: str) -> dict[str, float]:
        """Cosine of the nearest example of every task; one matrix product."""
        known = self._vectors()
        cosines = known.vectors @ self._students.encoder.embed([plain])[0]
        # one call for all tasks: a loop over 1,600 examples of 400 tasks took longer than the matrix product itself
        return dict(zip(known.names, np.maximum.reduceat(cosines, known.starts).tolist(), strict=True))

    def warm(self) -> None:
        self._vectors()

    def _vectors(self) -> _Examples:
        if self._examples is None:
            tasks = [task for task in self._tasks.values() if task.examples]
            texts = [[self._plain_example(example) for example in task.examples] for task in tasks]
            self._examples = _Examples(
                names=[task.name for task in tasks],
                starts=np.cumsum([0, *(len(own) for own in texts[:-1])]),
                vectors=self._students.encoder.embed([text for own in texts for text in own]),
            )
        return self._examples

    def _plain_example(self, example: str) -> str:
        return self._plain(example, [slot for clause in self._students.reader.read(example).clauses for slot in clause.slots], 0)

    def _plain(self, said: str, slots: Sequence[SlotSpan], offset: int) -> str:
        """The text with what it names replaced by the kind of thing, so that only what is asked for is left to compare.

        What a task the reader never saw is called by stays: it takes the "bundles" of "list bundles" for goods.
        """
        for slot in sorted(slots, key=lambda s: -s.start):
            start, end = slot.start - offset, slot.end - offset
            if slot.kind in _PLAIN and not is_of_the_task(said, start, end, self._untrained.called):
                said = said[:start] + _PLAIN[slot.kind] + said[end:]
        return said


def _said_of(task: Task) -> frozenset[str]:
    """Words of a task's name and examples that tell it from others, by stem."""
    return _stems((task.name.replace("_", " "), *task.examples))


@lru_cache(maxsize=2048)
def _stems(texts: tuple[str, ...]) -> frozenset[str]:
    return stems_of(texts) - COMMON - _OF_ALL


_OF_ALL = stems_of(_PLAIN.values())
"""What stands for names and amounts of any kind."""
