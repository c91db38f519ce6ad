"""How many second calls a route may make, and when: a share of its first calls, and only once it is known what is slow."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.dialects.messages import Request
from agent.providers.latencies import Latencies
from agent.providers.router import Pool, Target

_MOST_SAVED = 10.0
_SLOW = 0.95


@dataclass(slots=True)
class Hedging:
    """A bucket for each alias: every first call puts a share into it, every second call takes one out."""

    took: Latencies = field(default_factory=Latencies)
    _saved: dict[str, float] = field(default_factory=dict)

    def after_s(self, alias: str, pool: Pool, target: Target, request: Request) -> float | None:
        """How long the first call has alone; None when there is no second one. Counts the first call."""
        hedge = pool.hedge
        if hedge is None or not hedge.suits(request):
            return None
        self._saved[alias] = min(_MOST_SAVED, self._saved.get(alias, 1.0) + hedge.share)
        return hedge.after_s if hedge.after_s is not None else self.took.quantile(target.name, _SLOW)

    def may(self, alias: str) -> bool:
        return self._saved.get(alias, 0.0) >= 1.0

    def made(self, alias: str) -> None:
        self._saved[alias] -= 1.0
