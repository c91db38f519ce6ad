"""Whether whoever asked still waits for the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from litestar.types import Receive

LOOK_AFTER_S = 0.3
"""Most calls are over before then, and are spared the task that looks."""


@dataclass(slots=True)
class Caller:
    """Cancels what is done within `with` when the caller hangs up, so that no model goes on writing for nobody. `gone` says that this was why.

    The request's body must have been read: what is received after it can only be the end of the connection.
    """

    receive: Receive
    gone: bool = False
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)
    _looking: asyncio.Task[None] | None = field(default=None, init=False)

    def __enter__(self) -> Caller:
        task = asyncio.current_task()
        if task is not None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_AFTER_S, self._look, task)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()

    def _look(self, task: asyncio.Task[Any]) -> None:
        self._looking = asyncio.create_task(self._cancel_when_gone(task))

    async def _cancel_when_gone(self, task: asyncio.Task[Any]) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        task.cancel()
