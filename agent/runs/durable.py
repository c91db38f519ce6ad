"""`RunEngine` on DBOS core: work is written down in a SQLite file of its own before it starts, and finished by whoever is alive.

Nothing waits for a person inside it. Work is one step: it journals its own progress, so no step order can be got wrong on replay.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from agent.db.engine import Database
from agent.errors import Cancelled, NotFound, NotResumable, RunError, StorehandError
from agent.runs.core import ENDED, Core, LeftForAnother
from agent.runs.engine import Payload, Work
from agent.runs.executors import Executors
from agent.runs.timers import Timer, Timers, utc_now

KEPT_RESULTS = 1000
RECORDED_WITHIN_S = 3
LOST_AFTER_S = 10.0
KEPT_FOR = timedelta(days=7)
"""How long finished work is remembered under its id."""
RESULT_POLL_S = (0.02, 0.05, 0.1, 0.25)
T = TypeVar("T")
log = logging.getLogger(__name__)


class DurableRuns:
    _in_this_process: ClassVar[DurableRuns | None] = None
    """DBOS is one per process; a second one would silently write into the first one's database."""

    def __init__(
        self,
        db: Database,
        system: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        lease_s: float = 15.0,
        look_every_s: float = 1.0,
        grace_s: float = 5.0,
        launch_after_s: float = 2.0,
        lost_after_s: float = LOST_AFTER_S,
    ) -> None:
        """
        Args:
            db: Holds the timers and who is alive.
            system: DBOS's own SQLite file; several processes may share it.
            lease_s: How long a process on another machine may be silent before its work is taken up by others.
            look_every_s: How often timers, cancellations and dead processes are looked for.
            grace_s: How long `stop` lets running work go on.
            launch_after_s: When DBOS is brought up without being needed, to finish what others left. Before that it comes up with the
                first work; a command that only reads is over by then and never pays for it.
            lost_after_s: How long work may be over here without DBOS having its outcome, before it is done again.
        """
        self.timers = Timers(db, clock=clock)
        self._executors = Executors(db, clock=clock, lease_s=lease_s)
        self._core = Core(system, self._executors.id, self._in_home_loop)
        self._look_every_s, self._beat_every_s, self._grace_s = look_every_s, lease_s / 3, grace_s
        self._work: dict[str, Work] = {}
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._results: OrderedDict[str, asyncio.Future[dict[str, Any]]] = OrderedDict()
        self._home: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        self._launching: asyncio.Task[None] | None = None
        self._launch_after_s, self._lost_after_s = launch_after_s, lost_after_s
        self._last_beat: datetime | None = None
        self._swept = self._leaving = False
        self._idle_since: dict[str, float] = {}

    def register(self, name: str, work: Work) -> None:
        if self._home is not None:
            raise RuntimeError("work is registered before the engine starts")
        self._work[name] = work

    async def start(self) -> None:
        if self._home is not None:
            return
        if DurableRuns._in_this_process is not None:
            raise RuntimeError("only one DurableRuns may run in a process; stop the other one first")
        DurableRuns._in_this_process = self
        self._home = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="runs")
        self._looking = asyncio.create_task(self._look_after(), name="runs")

    async def stop(self) -> None:
        if self._home is None or self._looking is None:
            return
        self._leaving = True  # what has not begun here is left as it is
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)
        if self._launching is not None:
            await asyncio.wait({self._launching})
            if self._launching.exception() is None:
                await self._leave()
        self._threads.shutdown(wait=True)
        self._launching = self._looking = self._home = DurableRuns._in_this_process = None
        self._leaving = False

    async def _leave(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=self._grace_s)
        while self._tasks:  # a thread may have been about to begin one when it was said that we leave
            for task in list(self._tasks.values()):
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._written_down()
        await self._call(self._core.destroy)
        with contextlib.suppress(SQLAlchemyError):  # on a full disk others learn from the silence
            await self._executors.leave()

    async def _written_down(self) -> None:
        """Wait until DBOS has the outcome of what ended here: we learn it a moment earlier, and without it the work would be done again."""
        deadline = asyncio.get_running_loop().time() + RECORDED_WITHIN_S
        while asyncio.get_running_loop().time() < deadline:
            pending = await self._call(self._core.pending)
            if not any(owner == self._executors.id and self._ended_here(id) for id, owner in pending.items()):
                return
            await asyncio.sleep(0.01)  # the news is in DBOS's database and nowhere else

    def _ended_here(self, id: str) -> bool:
        outcome = self._results.get(id)
        return outcome is not None and outcome.done() and not isinstance(outcome.exception(), Cancelled)

    async def up(self) -> None:
        """DBOS is up when this returns; whoever asks first brings it up.

        Raises:
            NotResumable: The engine was not started, or its database cannot be used.
        """
        if self._home is None:
            raise NotResumable("Durable work is not running; call start() first.")
        if self._launching is None or (self._launching.done() and self._launching.exception() is not None):
            self._launching = asyncio.create_task(self._come_up())
        try:
            await asyncio.shield(self._launching)
        except SQLAlchemyError as error:
            raise NotResumable("Durable work cannot start, because its database cannot be used; is the disk full?") from error

    async def _come_up(self) -> None:
        await self._executors.beat()
        self._last_beat = self.timers.clock()
        await self._call(self._core.launch)
        await self.timers.hasten()

    async def submit(self, name: str, *, id: str, payload: Payload) -> None:
        if name not in self._work:
            raise NotResumable(f"Nothing is registered for the work `{name}`.")
        await self.up()
        try:
            await self._call(partial(self._core.begin, id, name, dict(payload)))
        except SQLAlchemyError as error:
            raise NotResumable("The work could not be written down, so it was not accepted; is the disk full?") from error

    async def result(self, id: str, *, timeout_s: float | None = None) -> dict[str, Any]:
        await self.up()
        async with asyncio.timeout(timeout_s):
            looks = 0
            while True:
                here = self._results.setdefault(id, asyncio.get_running_loop().create_future())
                await asyncio.wait({here}, timeout=RESULT_POLL_S[min(looks, len(RESULT_POLL_S) - 1)])
                if here.done():
                    return here.result()
                # Not finished here, or it runs in another process: what is written down counts.
                if (found := await self._recorded(id)) is not None:
                    self._results.pop(id, None)
                    return found
                looks += 1

    async def cancel(self, id: str) -> None:
        await self.up()
        await self._call(partial(self._core.cancel, id))
        if task := self._tasks.get(id):
            task.cancel()

    async def at(self, when: datetime, name: str, *, shop: str, id: str, payload: Payload) -> None:
        await self.timers.write(when, name, shop=shop, id=id, payload=payload)

    async def fire(self, shop: str, id: str) -> str | None:
        timer = await self.timers.waiting(shop, id)
        return await self._fire(timer) if timer is not None else None

    async def _fire(self, timer: Timer) -> str | None:
        await self.up()
        if timer.fired and (state := await self._state(timer.work_id)) in ("PENDING", "ENQUEUED", "DELAYED"):
            await self.timers.put_off(timer, 5)
            log.debug("%s still runs (%s)", timer.work_id, state)
            return timer.work_id
        claimed = await self.timers.claim(timer)
        if claimed is None:
            again = await self.timers.waiting(timer.shop, timer.id)
            return again.work_id if again is not None else None
        payload = {**claimed.payload, "timer": {"shop": claimed.shop, "id": claimed.id, "fired": claimed.fired}}
        await self.submit(claimed.name, id=claimed.work_id, payload=payload)
        return claimed.work_id

    def _in_home_loop(self, id: str, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The body of all work, called in a thread of DBOS's: stores and clients belong to the loop that started us."""
        if self._home is None or self._home.is_closed() or self._leaving:
            raise LeftForAnother
        try:
            return asyncio.run_coroutine_threadsafe(self._do(id, name, payload), self._home).result()
        except concurrent.futures.CancelledError:
            raise LeftForAnother from None

    async def _do(self, id: str, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        task = asyncio.current_task()
        assert task is not None
        if self._leaving:
            raise asyncio.CancelledError
        self._tasks[id] = task
        if (earlier := self._results.get(id)) is None or earlier.done():
            self._results[id] = asyncio.get_running_loop().create_future()
        outcome = self._results[id]
        try:
            written, error = await self._outcome(name, payload)
        except asyncio.CancelledError:
            _settle(outcome, error=Cancelled("The work was stopped."))
            raise
        finally:
            self._tasks.pop(id, None)
        _settle(outcome, value=written.get("ok", {}), error=error)
        while len(self._results) > KEPT_RESULTS:
            self._results.popitem(last=False)
        return written

    async def _outcome(self, name: str, payload: dict[str, Any]) -> tuple[dict[str, Any], Exception | None]:
        timer = payload.pop("timer", None)
        try:
            value = await self._work[name](payload)
            if timer is not None:
                await self.timers.done(timer["shop"], timer["id"])
        except StorehandError as error:
            return {"error": {"code": error.code, "detail": str(error)}}, error
        except Exception as error:
            log.exception("the work %s failed", name)
            return {"error": {"code": "run", "detail": "The work stopped with an error that nobody expected; the log says which."}}, error
        return {"ok": value}, None

    async def _look_after(self) -> None:
        began = asyncio.get_running_loop().time()
        while True:
            try:
                if self._launching is not None or asyncio.get_running_loop().time() - began >= self._launch_after_s:
                    await self._look_about()
                for timer in await self.timers.due():
                    await self._fire(timer)
            except Exception:  # a full disk or a locked file passes; the next look tries again
                log.warning("durable work was not looked after", exc_info=True)
            due = await self._quietly_next_due()
            wait_s = self._look_every_s if due is None else min(self._look_every_s, max(0.01, (due - self.timers.clock()).total_seconds()))
            await asyncio.sleep(wait_s)

    async def _look_about(self) -> None:
        await self.up()
        now = self.timers.clock()
        if self._last_beat is None or (now - self._last_beat).total_seconds() >= self._beat_every_s:
            await self._executors.beat()
            self._last_beat = now
        await self._take_up()
        await self._heed_cancellations()
        if not self._swept:
            self._swept = True
            await self.timers.sweep()
            await self._call(partial(self._core.forget_before, now - KEPT_FOR))

    async def _quietly_next_due(self) -> datetime | None:
        try:
            return await self.timers.next_due()
        except SQLAlchemyError:
            return None

    async def _take_up(self) -> None:
        """Resume what dead processes left pending. Two that do so at once are stopped by DBOS: only one of them may write the outcome."""
        pending = await self._call(self._core.pending)
        lost = self._lost([id for id, owner in pending.items() if owner == self._executors.id])
        if others := {owner for owner in pending.values() if owner != self._executors.id}:
            dead = others - await self._executors.alive()
            lost += [id for id, owner in pending.items() if owner in dead]
        if lost:
            log.info("taking up %d pieces of work that nobody does", len(lost))
            await self._call(partial(self._core.resume, lost))

    def _lost(self, mine: Sequence[str]) -> list[str]:
        """Work that DBOS says runs here and is over: its outcome could not be written down, for the disk was full.

        What has not begun here waits for a thread. Resuming it would have two do it, one of which holds a thread until the other is through;
        once every thread was held so, none was left for the others.
        """
        now = asyncio.get_running_loop().time()
        idle = [id for id in mine if id not in self._tasks and self._ended_here(id)]
        self._idle_since = {id: self._idle_since.get(id, now) for id in idle}
        lost = [id for id, since in self._idle_since.items() if now - since > self._lost_after_s]
        for id in lost:
            del self._idle_since[id]
        return lost

    async def _heed_cancellations(self) -> None:
        for id in list(self._tasks):
            if await self._state(id) == "CANCELLED" and (task := self._tasks.get(id)):
                task.cancel()

    async def _state(self, id: str) -> str | None:
        found = await self._call(partial(self._core.look_up, id))
        return found.status if found is not None else None

    async def _recorded(self, id: str) -> dict[str, Any] | None:
        found = await self._call(partial(self._core.look_up, id))
        if found is None:
            raise NotFound("work", id)
        if found.status == "CANCELLED":
            raise Cancelled("The work was stopped.")
        if found.status not in ENDED:
            return None
        written = found.output if isinstance(found.output, dict) else {"error": {"detail": "The work did not end well; the log says why."}}
        if "error" in written:
            raise RunError(written["error"]["detail"])
        return dict(written["ok"])

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _settle(future: asyncio.Future[dict[str, Any]], *, value: dict[str, Any] | None = None, error: Exception | None = None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
        future.exception()  # nobody may be waiting, and that is no reason for a warning
    else:
        future.set_result(value or {})
