"""How well a planner does over many cases, with the interval that so few cases leave open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median, quantiles

from agent.evals.cases import Case
from agent.evals.grade import Grade, ReadSurface, grade
from agent.records import Plan

PlanText = Callable[[str], Awaitable[Plan]]
"""The request to its plan; how evals reach a planner without knowing one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of cases, with its 95 % Wilson interval."""

    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        z, n, p = 1.96, self.of, self.share
        middle, half = (p + z * z / (2 * n)) / (1 + z * z / n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.share:6.1%} [{low:.0%}, {high:.0%}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskScore:
    name: str
    cases: int
    task: Rate
    """The right task was found."""
    args: Rate
    """Of all arguments said or planned, those that are right; what is planned without having been said counts against it."""
    whole: Rate
    """Everything is right: the task, every argument, and what was asked back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    tasks: Sequence[TaskScore]
    total: TaskScore
    p50_ms: float
    p99_ms: float
    grades: Sequence[Grade]

    @property
    def failures(self) -> Sequence[Grade]:
        return [grade for grade in self.grades if not grade.right]

    def __str__(self) -> str:
        """The table that `storehand eval` prints."""
        width = max([len(score.name) for score in (*self.tasks, self.total)], default=4)
        head = f"{'task':<{width}}  cases  {'task found':<19}  {'arguments':<19}  everything right"
        rows = [f"{s.name:<{width}}  {s.cases:5d}  {s.task!s:<19}  {s.args!s:<19}  {s.whole}" for s in (*self.tasks, self.total)]
        return "\n".join([head, *rows, f"plan p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms; shares with 95 % intervals"])


async def evaluate(plan: PlanText, cases: Sequence[Case], *, read: ReadSurface | None = None) -> Scorecard:
    """Plan every case and grade it, one after the other, so that the times mean something."""
    return scorecard([await grade(await plan(case.ask), case, read) for case in cases])


def scorecard(grades: Sequence[Grade]) -> Scorecard:
    names = dict.fromkeys(grade.case.task for grade in grades)
    times = sorted(grade.took_ms for grade in grades) or [0.0]
    return Scorecard(
        tasks=[_score(name, [grade for grade in grades if grade.case.task == name]) for name in names],
        total=_score("all", grades),
        p50_ms=median(times),
        p99_ms=quantiles(times, n=100, method="inclusive")[98] if len(times) > 1 else times[0],
        grades=grades,
    )


def _score(name: str, grades: Sequence[Grade]) -> TaskScore:
    # An unplanned case has none of its arguments, so they all count as missed.
    verdicts = [v for g in grades for v in (g.args.values() if g.task else ["missing"] * len(g.case.args))]
    return TaskScore(
        name=name, cases=len(grades),
        task=Rate(right=sum(g.task for g in grades), of=len(grades)),
        args=Rate(right=sum(v == "right" for v in verdicts), of=len(verdicts)),
        whole=Rate(right=sum(g.right for g in grades), of=len(grades)),
    )  # fmt: skip
