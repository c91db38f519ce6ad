"""Whether a student still says what it said when it came into use: exact measures over counts, and when they are worth an alarm.

Confidence is counted in whole percent, so both measures are exact for what was counted.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, TypeVar

What = Literal["confidence", "refusals", "labels"]
K = TypeVar("K", bound=Hashable)

LEAST = 300
"""Answers on either side from which anything is said of them."""
MOVED = 0.2
"""Population stability index from which a distribution is said to have moved (the usual mark of credit scoring), above what chance alone gives."""
FAR = 0.1
"""Least distance of two distribution functions, or of two refusal rates in half, for an alarm: a large sample makes any difference certain."""
_SURE = 1.95
"""Kolmogorov's c(α) at α = 0.001."""
_SURE_Z = 3.29
"""Standard deviations at the same α, two-sided."""
_GROUPS = 10
_EMPTY = 0.5
"""Counted where one side has nothing, so that a logarithm exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was counted over some time."""

    n: int = 0
    refused: int = 0
    confidence: Mapping[int, int] = field(default_factory=dict)
    """Whole percent to how often."""
    labels: Mapping[str, int] = field(default_factory=dict)

    @property
    def refusal_rate(self) -> float | None:
        return self.refused / self.n if self.n else None

    @property
    def mean_confidence(self) -> float | None:
        """Of the middle of each percent."""
        total = sum(self.confidence.values())
        return sum((percent + 0.5) * count for percent, count in self.confidence.items()) / (100 * total) if total else None

    def __add__(self, other: Seen) -> Seen:
        return Seen(
            n=self.n + other.n, refused=self.refused + other.refused, confidence=_sum(self.confidence, other.confidence),
            labels=_sum(self.labels, other.labels),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    then: Seen
    """The first of it after it came into use."""
    now: Seen
    """The latest."""
    alarms: Sequence[What] = ()
    confidence_psi: float | None = None
    confidence_ks: float | None = None
    labels_psi: float | None = None

    @property
    def enough(self) -> bool:
        """Whether enough was seen on both sides to say anything."""
        return min(self.then.n, self.now.n) >= LEAST


def drift(then: Seen, now: Seen) -> Drift:
    """The measures of both, and which of them are past chance and past what matters."""
    if min(then.n, now.n) < LEAST:
        return Drift(then=then, now=now)
    groups = grouped(then.confidence)
    before, after = regroup(then.confidence, groups), regroup(now.confidence, groups)
    confidence, distance, labels = psi(before, after), ks(then.confidence, now.confidence), psi(then.labels, now.labels)
    sum_n = 1 / then.n + 1 / now.n
    kinds = len({*then.labels, *now.labels})
    alarms: list[What] = []
    if confidence >= MOVED + _by_chance(len(groups) + 1, sum_n) or distance >= max(FAR, _SURE * math.sqrt(sum_n)):
        alarms.append("confidence")
    if _refuses_otherwise(then, now):
        alarms.append("refusals")
    if labels >= MOVED + _by_chance(kinds, sum_n):
        alarms.append("labels")
    return Drift(then=then, now=now, alarms=alarms, confidence_psi=confidence, confidence_ks=distance, labels_psi=labels)


def psi(expected: Mapping[K, int], observed: Mapping[K, int]) -> float:
    """Population stability index: Σ (q − p) ln(q / p) over the shares of each kind, 0 for the same shares.

    A kind that one side lacks counts there as half a one.

    Raises:
        ValueError: One side is empty.
    """
    p, q = _shares(expected, {*expected, *observed}), _shares(observed, {*expected, *observed})
    return sum((q[kind] - p[kind]) * math.log(q[kind] / p[kind]) for kind in p)


def ks(one: Mapping[int, int], other: Mapping[int, int]) -> float:
    """Kolmogorov and Smirnov's distance: the largest gap between the two distribution functions, in [0, 1].

    Raises:
        ValueError: One side is empty.
    """
    values = sorted({*one, *other})
    a, b = sum(one.values()), sum(other.values())
    if not a or not b:
        raise ValueError("nothing was counted on one side")
    lower = accumulate(one.get(value, 0) for value in values)
    upper = accumulate(other.get(value, 0) for value in values)
    return max(abs(x / a - y / b) for x, y in zip(lower, upper, strict=True))


def grouped(counts: Mapping[int, int], groups: int = _GROUPS) -> list[int]:
    """Last values of up to `groups` stretches that hold about as many each, the last stretch left open.

    Calibrated confidences crowd near 1: stretches of one width would put nearly all of them into one.
    """
    total, held = sum(counts.values()), 0
    edges: list[int] = []
    for value in sorted(counts):
        held += counts[value]
        if held >= total * (len(edges) + 1) / groups and len(edges) < groups - 1 and value != max(counts):
            edges.append(value)
    return edges


def regroup(counts: Mapping[int, int], edges: Sequence[int]) -> dict[int, int]:
    """Stretch (its place) to how many lie in it."""
    found: dict[int, int] = {}
    for value, count in counts.items():
        place = sum(value > edge for edge in edges)
        found[place] = found.get(place, 0) + count
    return found


def _refuses_otherwise(then: Seen, now: Seen) -> bool:
    a, b = then.refused / then.n, now.refused / now.n
    pooled = (then.refused + now.refused) / (then.n + now.n)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / then.n + 1 / now.n))
    return abs(a - b) >= FAR / 2 and abs(a - b) > _SURE_Z * spread


def _by_chance(kinds: int, sum_n: float) -> float:
    """What the index comes to on average when nothing moved: it is then near χ² of `kinds` − 1 degrees times (1/n + 1/m) (Yurdakul 2018)."""
    return max(0, kinds - 1) * sum_n


def _shares(counts: Mapping[K, int], kinds: set[K]) -> dict[K, float]:
    if not sum(counts.values()):
        raise ValueError("nothing was counted on one side")
    filled = {kind: counts.get(kind, 0) or _EMPTY for kind in kinds}
    total = sum(filled.values())
    return {kind: count / total for kind, count in filled.items()}


def _sum(a: Mapping[K, int], b: Mapping[K, int]) -> dict[K, int]:
    return {key: a.get(key, 0) + b.get(key, 0) for key in (*a, *b)}
