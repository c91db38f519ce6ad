"""How fast one key may send requests, and what is left of that."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.errors import RateLimited
from agent.ledger.tallies import OwnTallies, Tallies


@dataclass(slots=True)
class Pace:
    """A key's rate, by the leaky bucket of GCRA: a minute's worth may come at once, then one after the other."""

    per_minute: int | None
    clock: Callable[[], float]
    tallies: Tallies = field(default_factory=OwnTallies)
    """When each key's next request would be due; shared, the workers count together."""
    prefix: str = "pace"
    """Sets it apart from what else is counted in the same tallies."""

    def take(self, key: str) -> dict[str, str]:
        """The headers that say what is left.

        Raises:
            RateLimited: Too many came.
        """
        if self.per_minute is None:
            return {}
        now, gap = self.clock(), 60.0 / self.per_minute
        with self.tallies.alone():
            due = max(self._due(key), now) + gap
            if due - now > 60.0 + gap / 2:
                raise RateLimited(f"This key may send {self.per_minute} requests a minute.", retry_after_s=due - now - 60.0)
            self.tallies.keep(self._name(key), (due, 0.0, now))
        return self.headers(key)

    def headers(self, key: str) -> dict[str, str]:
        """What is left: as the draft of the standard says it (draft-ietf-httpapi-ratelimit-headers-10), and as OpenAI's SDK users read it."""
        if self.per_minute is None:
            return {}
        gap, full_in = 60.0 / self.per_minute, max(0.0, self._due(key) - self.clock())
        left = max(0, min(self.per_minute, int((60.0 - full_in) / gap + 1e-9)))
        return {
            "ratelimit-policy": f'"key";q={self.per_minute};w=60',
            "ratelimit": f'"key";r={left};t={max(1, math.ceil(full_in))}',
            "x-ratelimit-limit-requests": str(self.per_minute),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-reset-requests": f"{full_in:.3f}s",
        }

    def _due(self, key: str) -> float:
        found = self.tallies.find(self._name(key))
        return found[0] if found is not None else 0.0

    def _name(self, key: str) -> str:
        return f"{self.prefix}:{key}"
