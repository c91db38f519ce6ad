"""Slows guessing down: a few attempts are free, then each failure doubles the wait."""

from __future__ import annotations

import time
from collections.abc import Callable

from agent.errors import TooManyAttempts
from agent.ledger.tallies import OwnTallies, Tallies, Tally


class Throttle:
    """Counts attempts by name: those of this process, or with shared tallies those of all workers."""

    def __init__(
        self, *, free: int = 5, longest_s: float = 900, forget_s: float = 3600, clock: Callable[[], float] = time.monotonic,
        tallies: Tallies | None = None,
    ) -> None:  # fmt: skip
        """
        Args:
            tallies: Of each name its failures, until when it waits, and when it last came.
        """
        self._free, self._longest_s, self._forget_s, self._clock = free, longest_s, forget_s, clock
        self._tallies = tallies if tallies is not None else OwnTallies()

    def attempt(self, *names: str) -> None:
        """Count an attempt as failed until `succeeded` says otherwise, so that attempts made at once are all counted.

        Raises:
            TooManyAttempts: One of the names has to wait; nothing was counted.
        """
        now = self._clock()
        with self._tallies.alone():
            wait = max((self._waiting(name, now) for name in names), default=0.0)
            if wait > 0:
                raise TooManyAttempts(f"Too many attempts. Try again in {_spoken(wait)}.", retry_after_s=wait)
            for name in names:
                self._count(name, now)

    def succeeded(self, name: str) -> None:
        """Forget the failures of this name: whoever it is has shown to be the one."""
        with self._tallies.alone():
            self._tallies.drop(name)

    def take_back(self, name: str) -> None:
        """Uncount one attempt. For an address that many share, where one success says nothing of the other attempts."""
        with self._tallies.alone():
            if (slowed := self._tallies.find(name)) is not None:
                failures, _, last = slowed
                self._tallies.keep(name, (failures - 1, last, last))

    def _waiting(self, name: str, now: float) -> float:
        slowed = self._known(name, now)
        return slowed[1] - now if slowed is not None else 0.0

    def _known(self, name: str, now: float) -> Tally | None:
        slowed = self._tallies.find(name)
        if slowed is not None and now - slowed[2] > self._forget_s:
            self._tallies.drop(name)
            return None
        return slowed

    def _count(self, name: str, now: float) -> None:
        slowed = self._known(name, now)
        failures = 1 + (slowed[0] if slowed is not None else 0)
        over = failures - self._free
        self._tallies.keep(name, (failures, now + min(2.0 ** min(over, 20), self._longest_s) if over >= 0 else now, now))


def _spoken(seconds: float) -> str:
    return f"{round(seconds / 60)} minutes" if seconds > 90 else f"{max(1, round(seconds))} seconds"
