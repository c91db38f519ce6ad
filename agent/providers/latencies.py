"""How long things took lately, and the time within which nearly all of them were over."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field

LEAST = 20
"""Measurements before a quantile is worth anything."""
_LAST, _KEYS, _ANEW_EVERY = 200, 1_000, 10


@dataclass(slots=True)
class _Times:
    last: deque[float] = field(default_factory=lambda: deque(maxlen=_LAST))
    fresh: int = 0
    """Measurements since the sorted ones were made."""
    ordered: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Latencies:
    """Seconds by key; a thousand keys at most, the least recently measured go first."""

    _times: OrderedDict[Hashable, _Times] = field(default_factory=OrderedDict)

    def note(self, key: Hashable, seconds: float, *, at_once: bool = False) -> None:
        """
        Args:
            at_once: The next question takes it into account; otherwise the one after ten of them does, which saves sorting.
        """
        times = self._times.setdefault(key, _Times())
        times.last.append(seconds)
        times.fresh += _ANEW_EVERY if at_once else 1
        self._times.move_to_end(key)
        if len(self._times) > _KEYS:
            self._times.popitem(last=False)

    def quantile(self, key: Hashable, share: float) -> float | None:
        """The time within which that share of the last two hundred were over; None while there are too few of them."""
        times = self._times.get(key)
        if times is None or len(times.last) < LEAST:
            return None
        if not times.ordered or times.fresh >= _ANEW_EVERY:
            times.ordered, times.fresh = sorted(times.last), 0
        return times.ordered[min(len(times.ordered) - 1, math.ceil(share * len(times.ordered)) - 1)]
