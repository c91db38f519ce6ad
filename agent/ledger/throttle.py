"""Slows guessing down: a few attempts are free, then each failure doubles the wait."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from agent.errors import TooManyAttempts

_REMEMBERED = 10_000  # a bound on memory; the longest unused is forgotten first


@dataclass(slots=True)
class _Slowed:
    failures: int
    until: float
    last: float


class Throttle:
    """Counts attempts by name. Not shared between processes: each worker allows its own free attempts."""

    def __init__(self, *, free: int = 5, longest_s: float = 900, forget_s: float = 3600, clock: Callable[[], float] = time.monotonic) -> None:
        self._free, self._longest_s, self._forget_s, self._clock = free, longest_s, forget_s, clock
        self._slowed: OrderedDict[str, _Slowed] = OrderedDict()

    def attempt(self, *names: str) -> None:
        """Count an attempt as failed until `succeeded` says otherwise, so that attempts made at once are all counted.

        Raises:
            TooManyAttempts: One of the names has to wait; nothing was counted.
        """
        now = self._clock()
        wait = max((self._waiting(name, now) for name in names), default=0.0)
        if wait > 0:
            raise TooManyAttempts(f"Too many attempts. Try again in {_spoken(wait)}.", retry_after_s=wait)
        for name in names:
            self._count(name, now)

    def succeeded(self, name: str) -> None:
        """Forget the failures of this name: whoever it is has shown to be the one."""
        self._slowed.pop(name, None)

    def take_back(self, name: str) -> None:
        """Uncount one attempt. For an address that many share, where one success says nothing of the other attempts."""
        if slowed := self._slowed.get(name):
            slowed.failures -= 1
            slowed.until = slowed.last

    def _waiting(self, name: str, now: float) -> float:
        slowed = self._slowed.get(name)
        if slowed is not None and now - slowed.last > self._forget_s:
            del self._slowed[name]
            return 0.0
        return slowed.until - now if slowed is not None else 0.0

    def _count(self, name: str, now: float) -> None:
        slowed = self._slowed.setdefault(name, _Slowed(0, now, now))
        slowed.failures += 1
        slowed.last = now
        over = slowed.failures - self._free
        slowed.until = now + min(2.0 ** min(over, 20), self._longest_s) if over >= 0 else now
        self._slowed.move_to_end(name)
        if len(self._slowed) > _REMEMBERED:
            self._slowed.popitem(last=False)


def _spoken(seconds: float) -> str:
    return f"{round(seconds / 60)} minutes" if seconds > 90 else f"{max(1, round(seconds))} seconds"
