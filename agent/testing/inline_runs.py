"""A `RunEngine` for tests: work runs in this process as soon as it is submitted, and time passes only when told."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from agent.errors import Cancelled, NotFound
from agent.runs.engine import Payload, Work
from agent.runs.timers import Timer, Timers


class InlineRuns:
    """Keeps the promises of the port as long as the process lives: an id runs once, a timer goes on until its work has ended well."""

    def __init__(self, timers: Timers) -> None:
        self.timers = timers
        self.started: list[str] = []
        """Ids of the work done so far, in order."""
        self._work: dict[str, Work] = {}
        self._tasks: dict[str, asyncio.Task[dict[str, Any]]] = {}

    def register(self, name: str, work: Work) -> None:
        self._work[name] = work

    async def start(self) -> None:
        await self.timers.hasten()

    async def stop(self) -> None:
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def submit(self, name: str, *, id: str, payload: Payload) -> None:
        if id not in self._tasks:
            self.started.append(id)
            self._tasks[id] = asyncio.create_task(self._work[name](dict(payload)))

    async def result(self, id: str, *, timeout_s: float | None = None) -> dict[str, Any]:
        if id not in self._tasks:
            raise NotFound("work", id)
        async with asyncio.timeout(timeout_s):
            try:
                return await asyncio.shield(self._tasks[id])
            except asyncio.CancelledError:
                if self._tasks[id].cancelled():
                    raise Cancelled("The work was stopped.") from None
                raise

    async def cancel(self, id: str) -> None:
        if task := self._tasks.get(id):
            task.cancel()

    async def at(self, when: datetime, name: str, *, shop: str, id: str, payload: Payload) -> None:
        await self.timers.write(when, name, shop=shop, id=id, payload=payload)

    async def fire(self, shop: str, id: str) -> str | None:
        timer = await self.timers.waiting(shop, id)
        return await self._fire(timer) if timer is not None else None

    async def fire_due(self) -> None:
        """Do what is due by the timers' clock, and wait for it. What it raises stays in its result and the timer goes on."""
        for timer in await self.timers.due():
            if id := await self._fire(timer):
                await asyncio.gather(self._tasks[id], return_exceptions=True)

    async def _fire(self, timer: Timer) -> str | None:
        if timer.fired and (task := self._tasks.get(timer.work_id)) and not task.done():
            return timer.work_id
        claimed = await self.timers.claim(timer)
        if claimed is None:
            return None
        self.started.append(claimed.work_id)
        self._tasks[claimed.work_id] = asyncio.create_task(self._timed(claimed))
        return claimed.work_id

    async def _timed(self, timer: Timer) -> dict[str, Any]:
        value = await self._work[timer.name](dict(timer.payload))
        await self.timers.done(timer.shop, timer.id)
        return value
