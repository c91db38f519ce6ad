"""How fast one key may send requests, and what is left of that."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.errors import RateLimited

_MOST_PACED = 10_000
"""Keys whose pace is remembered."""


@dataclass(slots=True)
class Pace:
    """A key's rate, by the leaky bucket of GCRA: a minute's worth may come at once, then one after the other.

    Each worker counts for itself.
    """

    per_minute: int | None
    clock: Callable[[], float]
    _due: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def take(self, key: str) -> dict[str, str]:
        """The headers that say what is left.

        Raises:
            RateLimited: Too many came.
        """
        if self.per_minute is None:
            return {}
        now, gap = self.clock(), 60.0 / self.per_minute
        due = max(self._due.get(key, now), now) + gap
        if due - now > 60.0 + gap / 2:
            raise RateLimited(f"This key may send {self.per_minute} requests a minute.", retry_after_s=due - now - 60.0)
        self._due[key] = due
        self._due.move_to_end(key)
        if len(self._due) > _MOST_PACED:
            self._due.popitem(last=False)
        return self.headers(key)

    def headers(self, key: str) -> dict[str, str]:
        """What is left: as the draft of the standard says it (draft-ietf-httpapi-ratelimit-headers-10), and as OpenAI's SDK users read it."""
        if self.per_minute is None:
            return {}
        gap, full_in = 60.0 / self.per_minute, max(0.0, self._due.get(key, 0.0) - self.clock())
        left = max(0, min(self.per_minute, int((60.0 - full_in) / gap + 1e-9)))
        return {
            "ratelimit-policy": f'"key";q={self.per_minute};w=60',
            "ratelimit": f'"key";r={left};t={max(1, math.ceil(full_in))}',
            "x-ratelimit-limit-requests": str(self.per_minute),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-reset-requests": f"{full_in:.3f}s",
        }
