"""The first rung: what the students say of each clause, weighed against thresholds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from agent.planning.clauses.asides import without_asides, without_kept
from agent.planning.clauses.likeness import Likeness
from agent.planning.clauses.pupils import Pupils
from agent.planning.linking.lexicon import changes, decided, leaning, weighed
from agent.records import Clause
from agent.sdk import Task

READABLE = 0.5
"""Least probability that the text is in the reader's language."""
MENTION = 0.1
"""Least probability for a task to be named as one that may have been meant."""


FORBIDS = re.compile(r"\W*(?:(?:and|but|please|also)\s+)*(?:do\s*n[o’']?t|do\s+not|never)\s+(?!forget\b|hesitate\b)", re.I)
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


_SURE_LOOK, _CHANGE_TOO = 0.6, 0.2
"""Below the one a look is in doubt where the clause begins with the verb of a change, which has at least the other."""
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


class Local:
    """Decides for each clause of a reading."""

    def __init__(self, tasks: Mapping[str, Task], students: Pupils) -> None:
        self._tasks, self._students, self._likeness = tasks, students, Likeness(tasks, students)

    def decide(self, said: str, clause: Clause, *, before: str = "") -> Decision:
        """
        Args:
            before: The words of the same sentence before the clause, which may forbid it: "never ‖ set the mug to 5".
        """
        decision = self._decided(said, clause, before=before)
        if decision.verdict != "doubt" or decision.task is None or decision.task.effect == "read" or (plain := without_asides(said)) == said:
            return decision
        again = self._students.reader.read(plain).clauses
        if len(again) != 1:
            return decision
        # what is asked is surer without what is said besides; another task it does not make it
        other = self._decided(plain, replace(again[0], start=clause.start, end=clause.end, slots=clause.slots), before=before)
        sure = other.verdict == "do" and other.task is decision.task
        return replace(other, clause=clause) if sure else decision

    def _decided(self, said: str, clause: Clause, *, before: str) -> Decision:
        shares = {name: share for name, share in clause.labels if name in self._tasks}
        refusals = {name: share for name, share in clause.labels if name not in self._tasks}
        shares, refusals = decided(said, weighed(said, shares, self._tasks), refusals, self._tasks)
        shares, refusals = self._likeness.weighed(said, clause, shares, refusals)
        near = tuple((self._tasks[name], share) for name, share in sorted(shares.items(), key=lambda pair: -pair[1])[:4])
        task, confidence = near[0] if near else (None, 0.0)
        refused, least = sum(refusals.values()), self._students.reader.thresholds
        if _DESTROYS_ALL.match(said):
            return Decision(clause=clause, verdict="refuse", task=task, confidence=1.0, code="not_supported", near=())
        if task is not None and task.effect not in ("read", "draft"):
            near_before = f"{before[-30:]} {without_kept(said)}"
            forbidden = FORBIDS.match(said) or any(
                changes(found["verb"]) and not _is_own_denial(found[0], task) for found in _FORBIDS_WITHIN.finditer(near_before)
            )
            if forbidden or _ONLY_ASKS.match(said):
                return Decision(clause=clause, verdict="refuse", task=task, confidence=confidence, code="unclear", near=near)
        if task is not None and task.effect == "read" and confidence < _SURE_LOOK and leaning(said) == "change":
            change = next(((other, share) for other, share in near[1:] if other.effect in ("write", "action") and share >= _CHANGE_TOO), None)
            if change is not None:  # "hide the 3 worst sellers" is no report of them
                return Decision(
                    clause=clause, verdict="doubt", task=change[0], confidence=change[1], near=(change, *(n for n in near if n[0] is not change[0]))
                )
        if task is not None and confidence >= (least.look if task.effect in ("read", "draft") else least.act) and confidence > refused:
            return Decision(clause=clause, verdict="do", task=task, confidence=confidence, near=near)
        if refused >= least.refuse:
            unknown = sum(share for name, share in refusals.items() if name not in ("out_of_scope", "unclear"))
            code = max((("not_supported", unknown), *((n, refusals.get(n, 0.0)) for n in ("out_of_scope", "unclear"))), key=lambda pair: pair[1])[0]
            code = "not_supported" if code == "unclear" and _DESTROYS.match(said) else code
            return Decision(clause=clause, verdict="refuse", task=task, confidence=refused, code=code, near=near)  # type: ignore[arg-type]  # one of the three above
        return Decision(clause=clause, verdict="doubt", task=task, confidence=confidence, near=near)

    def nearest(self, said: str, clause: Clause) -> tuple[Task, float]:
        """The task with the example most like the clause, and their cosine."""
        return self._likeness.nearest(said, clause)

    def warm(self) -> None:
        """Encode the tasks' examples, for the first request that is in doubt not to wait for them."""
        self._likeness.warm()
