"""The first rung: what the students say of each clause, weighed against thresholds.

The reader was trained on the tasks that ship. A task it never saw is scored by its examples on the frozen encoder and
competes with the reader's own labels: a request that is clearly like an example of it beats a refusal, and beats a
trained task only where it is also clearly more like it than like any of that task's examples. One matrix product
serves them all, however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from agent.planning.linking.lexicon import changes, decided, weighed
from agent.records import Clause, Reading
from agent.records.reading import SlotSpan, Thresholds
from agent.sdk import Task

READABLE = 0.5
"""Least probability that the text is in the reader's language."""
MENTION = 0.1
"""Least probability for a task to be named as one that may have been meant."""

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


_FORBIDS = re.compile(r"\W*(?:(?:and|but|please|also)\s+)*(?:do\s*n[o’']?t|do\s+not|never)\s+(?!forget\b|hesitate\b)", re.I)
"""A change that is not wanted, "don't touch the prices", reads to the students like the change."""


_FORBIDS_WITHIN = re.compile(
    r"\b(?:never|not\s+to|do\s*n[o’']?t|do\s+not|(?:must|should)(?:\s*n[o’']?t|\s+not|\s+never))\s+(?:ever\s+)?(?P<verb>[a-z]+)\b", re.I
)
_ONLY_ASKS = re.compile(
    r"\W*(?:and\s+|but\s+|also\s+)*(?:(?:did|have|has|had|were|was)\s+(?:we|i|you|they|it|he|she|some(?:one|body)|any(?:one|body))\b|(?:how|what)\s+(?:would|if)\b|suppose\b|imagine\b)",
    re.I,
)
"""A change asked about, or thought of, is not one to be made: "did we put it at 11.50?", "what if we hid it"."""
_DESTROYS = re.compile(r"\W*(?:please\s+)?(?:delete|erase|wipe|destroy|purge)\b", re.I)
"""What is meant by "delete everything" is clear enough; no task does it."""


_DESTROYS_ALL = re.compile(
    _DESTROYS.pattern + r"\s+(?:absolutely\s+)?(?:everything(?!\s+(?:from|in|of|by|about|on|we\s+(?:know|have|hold|store|keep|saved?))\b)"
    r"|all\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?(?:products?|items?|goods|customers?|orders?|data|reviews?)(?=\s+and\b|\W*$))",
    re.I,
)


def _is_own_denial(said: str, task: Task) -> bool:
    """Whether what is not to be done is a choice of the task itself: "cancel it and don't restock"."""
    low = " ".join(said.lower().replace("’", "'").split())
    return any(phrase.startswith(low) for slot in task.slots for phrase in slot.phrases.get("false", ()))


class Read(Protocol):
    @property
    def labels(self) -> Sequence[str]: ...
    @property
    def thresholds(self) -> Thresholds: ...
    def read(self, text: str) -> Reading: ...


class Embeds(Protocol):
    def has(self, word: str) -> bool: ...
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class Pupils(Protocol):
    """The students as planning needs them."""

    @property
    def reader(self) -> Read: ...
    @property
    def encoder(self) -> Embeds: ...


Verdict = Literal["do", "refuse", "doubt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a clause asks for, as far as the students can tell."""

    clause: Clause
    verdict: Verdict
    task: Task | None
    """The likeliest task, also where it is in doubt."""
    confidence: float
    """Calibrated probability of the verdict: of the task, or of the refusal."""
    code: Literal["out_of_scope", "not_supported", "unclear"] | None = None
    """Why it is refused."""
    near: tuple[tuple[Task, float], ...] = ()
    """The tasks that come nearest, likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examples:
    """Every task's examples in one matrix, those of a task together."""

    names: Sequence[str]
    starts: NDArray[np.int64]
    """The first row of each task."""
    vectors: NDArray[np.float32]


class Local:
    """Decides for each clause of a reading."""

    def __init__(self, tasks: Mapping[str, Task], students: Pupils) -> None:
        self._tasks, self._students = tasks, students
        self._examples: _Examples | None = None

    def decide(self, said: str, clause: Clause, *, before: str = "") -> Decision:
        """
        Args:
            before: The words of the same sentence before the clause, which may forbid it: "never ‖ set the mug to 5".
        """
        shares = {name: share for name, share in clause.labels if name in self._tasks}
        refusals = {name: share for name, share in clause.labels if name not in self._tasks}
        shares, refusals = decided(said, weighed(said, shares, self._tasks), refusals, self._tasks)
        shares, refusals = self._with_untrained(said, clause, shares, refusals)
        near = tuple((self._tasks[name], share) for name, share in sorted(shares.items(), key=lambda pair: -pair[1])[:4])
        task, confidence = near[0] if near else (None, 0.0)
        refused, least = sum(refusals.values()), self._students.reader.thresholds
        if _DESTROYS_ALL.match(said):
            return Decision(clause=clause, verdict="refuse", task=task, confidence=1.0, code="not_supported", near=())
        if task is not None and task.effect not in ("read", "draft"):
            near_before = f"{before[-30:]} {said}"
            forbidden = _FORBIDS.match(said) or any(
                changes(found["verb"]) and not _is_own_denial(found[0], task) for found in _FORBIDS_WITHIN.finditer(near_before)
            )
            if forbidden or _ONLY_ASKS.match(said):
                return Decision(clause=clause, verdict="refuse", task=task, confidence=confidence, code="unclear", near=near)
        if task is not None and confidence >= (least.look if task.effect in ("read", "draft") else least.act) and confidence > refused:
            return Decision(clause=clause, verdict="do", task=task, confidence=confidence, near=near)
        if refused >= least.refuse:
            unknown = sum(share for name, share in refusals.items() if name not in ("out_of_scope", "unclear"))
            code = max((("not_supported", unknown), *((n, refusals.get(n, 0.0)) for n in ("out_of_scope", "unclear"))), key=lambda pair: pair[1])[0]
            code = "not_supported" if code == "unclear" and _DESTROYS.match(said) else code
            return Decision(clause=clause, verdict="refuse", task=task, confidence=refused, code=code, near=near)  # type: ignore[arg-type]  # one of the three above
        return Decision(clause=clause, verdict="doubt", task=task, confidence=confidence, near=near)

    def _with_untrained(
        self, said: str, clause: Clause, shares: dict[str, float], refusals: dict[str, float]
    ) -> tuple[dict[str, float], dict[str, float]]:
        """The shares with those of tasks the reader never saw, which take theirs from everything else."""
        trained = set(self._students.reader.labels)
        if all(name in trained for name in self._tasks):
            return shares, refusals
        likeness = self.likeness(_plain(said, clause.slots, clause.start))
        rival = max((cosine for name, cosine in likeness.items() if name in trained), default=0.0)
        name, cosine = max(((n, c) for n, c in likeness.items() if n not in trained), key=lambda pair: pair[1])
        share = 1 / (1 + np.exp(-_STEEP * (cosine - _MIDDLE)))
        if cosine < rival + _CLEARLY and max(shares.values(), default=0.0) >= self._students.reader.thresholds.refuse:
            share = min(share, 0.05)
        elif cosine < rival:
            share = min(share, 0.45)
        rest = 1 - float(share)
        shares = {n: s * rest for n, s in shares.items()} | {name: float(share)}
        return shares, {n: s * rest for n, s in refusals.items()}

    def nearest(self, said: str, clause: Clause) -> tuple[Task, float]:
        """The task with the example most like the clause, and their cosine."""
        name, cosine = max(self.likeness(_plain(said, clause.slots, clause.start)).items(), key=lambda pair: pair[1])
        return self._tasks[name], cosine

    def likeness(self, plain: str) -> dict[str, float]:
        """Cosine of the nearest example of every task; one matrix product."""
        known = self._vectors()
        cosines = known.vectors @ self._students.encoder.embed([plain])[0]
        # one call for all tasks: a loop over 1,600 examples of 400 tasks took longer than the matrix product itself
        return dict(zip(known.names, np.maximum.reduceat(cosines, known.starts).tolist(), strict=True))

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
        return _plain(example, [slot for clause in self._students.reader.read(example).clauses for slot in clause.slots], 0)


def _plain(said: str, slots: Sequence[SlotSpan], offset: int) -> str:
    """The text with what it names replaced by the kind of thing, so that only what is asked for is left to compare."""
    for slot in sorted(slots, key=lambda s: -s.start):
        if slot.kind in _PLAIN:
            said = said[: slot.start - offset] + _PLAIN[slot.kind] + said[slot.end - offset :]
    return said
