"""What a run under way owes to other processes: its events while they happen, and an ear for whoever stops it there."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from sqlalchemy.exc import SQLAlchemyError

from agent.runs.events import EventLog
from agent.runs.journal import Journal
from agent.service.execution import Execution

AFTER_S = 0.2
"""Most requests are over before then and cost one commit, at their end (5 to 20 ms each, bench/ask.py)."""
EVERY_S = 0.25
log = logging.getLogger("storehand.service")


@dataclass(slots=True)
class UnderWay:
    """Within `async with`, how the run stands is in the database a moment later, and a stop asked for elsewhere is heard."""

    x: Execution
    events: EventLog
    journal: Journal
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _timer: asyncio.TimerHandle | None = None
    _minding: asyncio.Task[None] | None = None

    async def __aenter__(self) -> UnderWay:
        if not self.x.dry_run:
            self._timer = asyncio.get_running_loop().call_later(AFTER_S, self._begin)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._over.set()
        if self._minding is not None:
            await asyncio.wait({self._minding})

    def _begin(self) -> None:
        self._minding = asyncio.create_task(self._mind())

    async def _mind(self) -> None:
        shop, run = self.x.run.shop, self.x.run.id
        while not self._over.is_set():
            try:
                await self.events.persist(shop, run)
                if await self.journal.stop_asked(shop, run):
                    self.x.stop()
                    return
            except SQLAlchemyError as error:  # the end of the run is told to whoever asked, with what could not be kept
                log.warning("run %s cannot be written down: %s", run, type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._over.wait()
