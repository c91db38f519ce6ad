"""The port to durable work: what is submitted is finished, also by another process, also after a kill.

A piece of work has a name and an id. The id is what makes it happen once: submitting it again changes nothing. Its body may run
more than once all the same (a process can die after the effect and before the note of it), so a body journals its own progress
and continues from there. Payloads are JSON and name what they are about by id; no record and no personal text travels in them.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, Protocol

from agent.runs.timers import Timers

Payload = Mapping[str, Any]
Work = Callable[[dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]]
"""Takes the payload and gives back JSON. What it raises is the work's result, and a timer tries such work again."""


class RunEngine(Protocol):
    @property
    def timers(self) -> Timers:
        """Work for later, in the database; `timers.add` inside a transaction of one's own is accepted when that commits."""
        ...

    def register(self, name: str, work: Work) -> None:
        """Say what `name` does. Before `start`: work left by a dead process may be taken up at once."""
        ...

    async def start(self) -> None: ...
    async def stop(self) -> None:
        """Let what runs finish for a little while; what does not is left for the next process."""
        ...

    async def submit(self, name: str, *, id: str, payload: Payload) -> None:
        """Accept work. When this returns it will be done, once, whatever happens to this process.

        Raises:
            NotResumable: The engine does not run, or cannot write down that it accepted.
        """
        ...

    async def result(self, id: str, *, timeout_s: float | None = None) -> dict[str, Any]:
        """What the work gave back, waiting for it.

        Raises:
            TimeoutError: It is not done after `timeout_s`; it goes on.
            Cancelled: It was cancelled.
            NotFound: Nothing was submitted under that id.
            StorehandError: What the work raised (from another process as a `RunError` with the same sentence).
        """
        ...

    async def cancel(self, id: str) -> None:
        """Stop the work at its next await; nothing happens when it is done. Effects it had stay."""
        ...

    async def at(self, when: datetime, name: str, *, shop: str, id: str, payload: Payload) -> None:
        """Do the work at a time, or soon after when nothing ran then. The same shop and id again moves the time."""
        ...

    async def fire(self, shop: str, id: str) -> str | None:
        """Start a timer's work now instead of waiting for the next look at the clock.

        Returns:
            The id of the work, for `result`; None when the timer is done, cancelled or unknown.
        """
        ...
