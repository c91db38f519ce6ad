"""Whether a head may be used: every reason against it, or that there is too little evidence to tell. All of it on the files as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.distill.figures import Classes, Difference, OutOfScope, Scores
from agent.distill.spec import Bar

OVER_CHANCE = 0.05
"""How much better than always saying the commonest label the student must be at the very least: a dead head is not."""
NEAR_SHOWN = 3

State = Literal["passed", "refused", "insufficient evidence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    state: State
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([f"gate: {self.state}", *(f"  - {reason}" for reason in self.reasons)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the gate looks at."""

    student: Scores
    baseline: Scores
    teacher: Scores | None
    """None where people's labels are the teacher: gold is what they say."""
    to_baseline: Difference
    to_teacher: Difference | None
    is_baseline: bool
    classes: Classes
    commonest: float
    """Share of gold that has the commonest label."""
    parity: tuple[float, int]
    out_of_scope: OutOfScope | None
    near_gold: Sequence[str]
    """Training texts that nearly say what a gold text says, and were trained on."""


def judged(evidence: Evidence, bar: Bar) -> Verdict:
    """Refused when something is known to be wrong, whatever there is of evidence; passed only when there is enough of it."""
    against = [*_leaked(evidence), *_worse(evidence, bar), *_unsound(evidence, bar), *_strangers(evidence, bar), *_heavy(evidence, bar)]
    missing = _missing(evidence, bar)
    if against:
        return Verdict(state="refused", reasons=(*against, *missing))
    return Verdict(state="insufficient evidence", reasons=tuple(missing)) if missing else Verdict(state="passed")


def _missing(evidence: Evidence, bar: Bar) -> list[str]:
    n = evidence.student.accuracy.n
    found = [f"gold holds {n} items, {bar.gold} are wanted"] if n < bar.gold else []
    pool = evidence.classes.counts.get("rare")
    if pool is not None and pool < bar.per_class:
        names = ", ".join(evidence.classes.pooled[:8]) + (", …" if len(evidence.classes.pooled) > 8 else "")
        found.append(f"gold holds {pool} items of the rare classes together ({names}), {bar.per_class} are wanted")
    return found


def _leaked(evidence: Evidence) -> list[str]:
    n = len(evidence.near_gold)
    if not n:
        return []
    shown = "; ".join(f"“{text[:60]}”" for text in evidence.near_gold[:NEAR_SHOWN])
    return [
        f"{n} training texts nearly say what a gold text says (cosine above .95), so gold tells nothing: {shown}; "
        'take them out, or write near = "leave_out" under [evals]'
    ]


def _worse(evidence: Evidence, bar: Bar) -> list[str]:
    found = []
    accuracy = evidence.student.accuracy
    low = accuracy.interval[0]
    if low < evidence.commonest + OVER_CHANCE:
        found.append(f"accuracy is {accuracy}, hardly better than always saying the commonest label ({evidence.commonest:.1%}): the head is dead")
    if evidence.is_baseline:
        found.append("it is the baseline itself: hashed n-grams are what a student has to beat")
    elif evidence.to_baseline.low <= 0:
        found.append(f"it does not beat the baseline of hashed n-grams for certain: {evidence.to_baseline}")
    if bar.accuracy is not None and low < bar.accuracy:
        found.append(f"accuracy is {accuracy}; its interval has to lie above {bar.accuracy:.1%}")
    if evidence.to_teacher is not None and evidence.to_teacher.low < -bar.lost:
        found.append(f"against its teacher it is {evidence.to_teacher}; at most {bar.lost * 100:.1f} points may be lost at the interval's lower end")
    return [*found, *_forgotten(evidence, bar)]


def _forgotten(evidence: Evidence, bar: Bar) -> list[str]:
    found = []
    for name, recall in evidence.student.recalls.items():
        least = bar.recall * (evidence.teacher.recalls[name].value if evidence.teacher else 1.0)
        if recall.n and recall.value < least:
            found.append(f"recall of `{name}` is {recall}, at least {least:.1%} is wanted")
    return found


def _unsound(evidence: Evidence, bar: Bar) -> list[str]:
    found = []
    error = evidence.student.calibration_error
    if error is not None and error > bar.calibration:
        found.append(f"calibration error is {error:.3f}, at most {bar.calibration} is wanted")
    same, n = evidence.parity
    if same < bar.parity:
        found.append(f"the exported file agrees with the trained head on {same:.1%} of {n} texts, {bar.parity:.1%} are wanted")
    return found


def _strangers(evidence: Evidence, bar: Bar) -> list[str]:
    told = evidence.out_of_scope
    if told is None:
        return []
    found = []
    if told.auroc < bar.out_of_scope_auroc:
        found.append(f"out-of-scope AUROC is {told.auroc:.3f}, at least {bar.out_of_scope_auroc} is wanted")
    if told.accepted.value > bar.out_of_scope_accepted:
        found.append(f"{told.accepted} of texts out of scope pass its threshold, at most {bar.out_of_scope_accepted:.0%} may")
    return found


def _heavy(evidence: Evidence, bar: Bar) -> list[str]:
    found = []
    if evidence.student.p95_ms > bar.p95_ms:
        found.append(f"p95 is {evidence.student.p95_ms:.1f} ms, at most {bar.p95_ms} is wanted")
    if evidence.student.bytes is not None and evidence.student.bytes > bar.bytes:
        found.append(f"its files hold {evidence.student.bytes:,} bytes, at most {bar.bytes:,} are wanted")
    return found
