"""One head's scorecard: the student beside its teacher and the baseline, the gate's verdict, and where it fails."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from agent.distill.figures import Alone, Difference, Mistake, OutOfScope, Scores
from agent.distill.records import Metric, Scorecard
from agent.distill.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadScore:
    name: str
    contenders: Mapping[str, Scores]
    """ "student", "baseline", and "teacher" where it is a model; all on the same gold items, in one run."""
    to_baseline: Difference
    to_teacher: Difference | None
    agreement: Metric | None
    """Share of gold on which student and teacher say the same, right or wrong."""
    out_of_scope: OutOfScope | None
    alone: Alone | None
    pooled: Sequence[str]
    """Classes too rare in gold to be told of one by one."""
    mistakes: Sequence[Mistake]
    verdict: Verdict
    about: Mapping[str, Any]
    """Where it came from: target, teacher, digests, counts."""
    curves: Mapping[str, Any] = field(default_factory=dict)
    """What is drawn of it, see `agent.distill.curves`."""

    @property
    def passed(self) -> bool:
        return self.verdict.state == "passed"

    @property
    def student(self) -> Scores:
        return self.contenders["student"]

    def __str__(self) -> str:
        return "\n".join([*self._table(), *self._told(), str(self.verdict)])

    def _table(self) -> list[str]:
        lines = [f"{'':10}{'accuracy (95%)':>26}{'ECE':>8}{'p50 ms':>9}{'p95 ms':>9}{'bytes':>13}{'$/1,000':>12}"]
        for name, one in self.contenders.items():
            low, high = one.accuracy.interval
            accuracy = f"{one.accuracy.value:.1%} ({low:.1%} to {high:.1%})"
            error = "" if one.calibration_error is None else f"{one.calibration_error:.3f}"
            size = "" if one.bytes is None else f"{one.bytes:,}"
            cost = "" if one.usd_per_1000 is None else f"{one.usd_per_1000:.7f}".rstrip("0")
            lines.append(f"{name:10}{accuracy:>26}{error:>8}{one.p50_ms:>9.3f}{one.p95_ms:>9.3f}{size:>13}{cost:>12}")
        return lines

    def _told(self) -> list[str]:
        lines = [f"gold items: {self.student.accuracy.n}", f"against the baseline: {self.to_baseline}"]
        if self.to_teacher is not None:
            lines.append(f"against the teacher: {self.to_teacher}; they agree on {self.agreement}")
        if self.out_of_scope is not None:
            told = self.out_of_scope
            lines.append(f"out of scope: AUROC {told.auroc:.3f} (n {told.n}); {told.accepted} pass a threshold that {told.kept} of gold pass")
        if self.alone is not None:
            lines.append(f"at a confidence of {self.alone.least:.2f} or more: {self.alone.share} of gold, of which right {self.alone.right}")
        if self.pooled:
            lines.append(f"pooled as rare: {', '.join(self.pooled)}")
        worst = sorted(self.student.recalls.items(), key=lambda pair: pair[1].value)[:5]
        return [*lines, "lowest recalls: " + "; ".join(f"{name} {recall.value:.1%} of {recall.n}" for name, recall in worst)]

    def record(self) -> Scorecard:
        """The shares of it, as every model's manifest keeps them."""
        metrics: dict[str, Metric] = {"accuracy": self.student.accuracy, "baseline_accuracy": self.contenders["baseline"].accuracy}
        if "teacher" in self.contenders:
            metrics["teacher_accuracy"] = self.contenders["teacher"].accuracy
        if self.student.calibration_error is not None:
            metrics["calibration_error"] = Metric(value=self.student.calibration_error, n=self.student.accuracy.n)
        if self.out_of_scope is not None:
            metrics["out_of_scope_accepted"] = self.out_of_scope.accepted
        return Scorecard(
            head=self.name, metrics={"gold": metrics} | {"recall": {_quoted(name): metric for name, metric in self.student.recalls.items()}},
            passed=self.passed, failures=self.verdict.reasons,
        )  # fmt: skip

    def figures(self) -> dict[str, Any]:
        """What is no share: for the manifest."""
        found: dict[str, Any] = {
            "p50_ms": round(self.student.p50_ms, 3), "p95_ms": round(self.student.p95_ms, 3), "bytes": self.student.bytes,
            "usd_per_1000": self.student.usd_per_1000,
        }  # fmt: skip
        if self.out_of_scope is not None:
            found["out_of_scope_auroc"] = round(self.out_of_scope.auroc, 4)
        return found

    def json(self) -> dict[str, Any]:
        """All of it but the texts of mistakes, which stay in a file of their own."""
        whole = asdict(self)
        del whole["mistakes"]
        for one in whole["contenders"].values():
            one["accuracy"] |= dict(zip(("low", "high"), Metric(**one["accuracy"]).interval, strict=True))
        return whole


def _quoted(name: str) -> str:
    """As a key of TOML, whose quoted strings are JSON's."""
    return json.dumps(name, ensure_ascii=False)
