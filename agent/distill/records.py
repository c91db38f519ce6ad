"""What a distillation gives back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A share, with what it was measured on."""

    value: float
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """95% Wilson interval of a share of n."""
        if self.n == 0:
            return 0.0, 1.0
        z, p = 1.96, self.value
        middle = (p + z * z / (2 * self.n)) / (1 + z * z / self.n)
        half = z * math.sqrt(p * (1 - p) / self.n + z * z / (4 * self.n**2)) / (1 + z * z / self.n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.1%} (n {self.n}, 95% {low:.1%} to {high:.1%})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    head: str
    metrics: Mapping[str, Mapping[str, Metric]]
    """Set ("held_out", "gold") to metric to value."""
    passed: bool
    failures: tuple[str, ...] = ()
    """Why the gate stays shut, a sentence each."""
    confused: Mapping[str, int] = field(default_factory=dict)
    """"truth > answer" to its count on the last set, the most frequent first."""
    notes: tuple[str, ...] = ()
    """What else was found out, a sentence each."""

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """For a terminal and for the card."""
        found = [f"{which}: {name} {metric}" for which, metrics in self.metrics.items() for name, metric in metrics.items()]
        return [*found, *self.notes, *([f"gate shut: {why}" for why in self.failures] or ["gate passed"])]
