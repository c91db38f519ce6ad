"""An event loop on which time passes only when nothing else is to do: an hour of waiting takes no time, and always the same turns.

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(an_hour_of_traffic())

Whatever asks the loop for the time (timeouts, sleeps, `loop.time`) is on it; `time.monotonic` is not. Work in threads and real
sockets go on in real time, which is none here: keep them out.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.SelectSelector):
    """Instead of waiting for so long, says that so long has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(timeout if timeout is None or timeout <= 0 else 0)
        if not found and timeout is not None and timeout > 0:
            self.now += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """What `main` returns, on a loop of its own with its own time from 0 on."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
