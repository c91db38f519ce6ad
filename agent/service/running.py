"""The runs under way in this process: taken up, carried out and kept, stopped, and gone on with where an earlier process left them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from agent.errors import Ending, NotResumable
from agent.records import Principal, from_json, to_json
from agent.runs.engine import RunEngine
from agent.runs.journal import Journal, Saved, writing_down
from agent.service.execution import Execution, Executor
from agent.service.standing import Standing
from agent.service.underway import UnderWay

HEARD_WITHIN_S = 0.9
"""How long a stop waits for another process, which looks for it every quarter of a second."""

WORKFLOW = "run"
"""Name of the durable work that carries out an accepted request."""


class Running:
    def __init__(self, *, executor: Executor, journal: Journal, engine: RunEngine, standing: Standing, models: Mapping[str, str]) -> None:
        """
        Args:
            models: Name of each model in use to its digest; kept with every run, since distillation reads it later.
        """
        self._executor, self._journal, self._engine, self._standing, self._models = executor, journal, engine, standing, models
        self._live: dict[str, Execution] = {}
        self._waiting: set[asyncio.Future[None]] = set()
        engine.register(WORKFLOW, self._workflow)

    @property
    def ids(self) -> Collection[str]:
        return self._live.keys()

    def of(self, shop: str, run_id: str) -> Execution | None:
        """The shop's run, where it is under way here."""
        x = self._live.get(run_id)
        return x if x is not None and x.run.shop == shop else None

    async def wait(self, x: Execution, *, at_most_s: float | None = None) -> bool:
        """Carry the run out here, or wait for who does; whether it is over. It is not where that takes too long, or this process ends before.

        Raises:
            Ending: This process ends, and of a dry run there is nothing to hand on.
            StoreUnavailable: What was done could not be kept, so nobody may be told that it was.
        """
        if x.work is None:
            x.work = asyncio.create_task(self._carry_out(x))
        let_go: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(let_go)
        try:
            await asyncio.wait({x.work, let_go}, timeout=at_most_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting.discard(let_go)
        if not x.work.done() and x.dry_run and let_go.done():
            raise Ending("The server is told to stop, and nothing of a dry run is kept; send it again in a moment.")
        raise_fault(x)
        return x.work.done()

    async def written_down(self, shop: str, thread: str) -> None:
        """Wait for the conversation's runs that are over and not yet kept: whoever heard of an end may go by it at once."""
        own = (x for x in self._live.values() if (x.run.shop, x.run.thread) == (shop, thread))
        over = {x.work for x in own if x.work is not None and x.run.state not in ("queued", "running")}
        if over:
            await asyncio.wait(over)

    def wait_no_longer(self) -> None:
        """Let go of whoever waits here for a run's end."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def take_up(self, x: Execution, *, new: bool) -> None:
        self._live[x.run.id] = x
        along = None if x.dry_run else lambda: self._journal.saving(x.saved(self._models))
        self._executor.events.begin(x.run.shop, x.run.id, along=along, kept=not x.dry_run, new=new)

    async def accept(self, x: Execution) -> None:
        """From here on the run is finished by some process, whatever happens to this one."""
        x.durable = True
        await self._journal.save(x.saved(self._models))
        payload = {"shop": x.run.shop, "run": x.run.id, "principal": to_json(x.principal)}
        await self._engine.submit(WORKFLOW, id=x.run.id, payload=payload)

    def resumed(self, saved: Saved, principal: Principal) -> Execution:
        """An execution that goes on where the saved run stood.

        Typed outputs of finished reads are not kept, so a read that others refer to runs again.
        """
        run = replace(saved.run, state="running", error=None)
        x = Execution(run=run, ask=saved.ask(), principal=principal, durable=saved.durable, plan=saved.plan, corrections=list(saved.corrections))
        referred = {ref.partition(".")[0] for s in (saved.plan.subtasks if saved.plan else ()) for ref in _refs(s.args)}
        x.parts = {p.subtask: p for p in saved.parts if p.subtask not in referred or p.kind == "proposal"}
        return x

    async def recover(self) -> None:
        """Take up accepted work that an earlier process left; called once at start, after the engine runs."""
        for shop, run_id in await self._journal.unfinished():
            if run_id not in self._live:
                await self._engine.submit(WORKFLOW, id=run_id, payload={"shop": shop, "run": run_id})
        for saved in await self._journal.interrupted():
            await self._standing.ended(saved, "failed", _interrupted())

    async def stopped_elsewhere(self, saved: Saved) -> Saved:
        """The run as it stands once the process it is under way in has stopped it; stopped from here where there is no such process."""
        shop, run = saved.run.shop, saved.run.id
        heard = await self._journal.ask_to_stop(shop, run)  # first: whoever is cancelled looks whether it was to be stopped
        await self._engine.cancel(run)
        if not heard:
            return await self._standing.ended(saved, "stopped")
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARD_WITHIN_S):
                while saved.run.state in ("queued", "running"):
                    await asyncio.sleep(0.05)
                    saved = await self._journal.load(shop, run)
        return saved

    async def _workflow(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The durable work: the execution under way here, or after a crash a new one; handlers only propose, so running them again is safe."""
        x = self._live.get(payload["run"])
        if x is None:
            saved = await self._journal.load(payload["shop"], payload["run"])
            if saved.run.state not in ("queued", "running"):
                return {"state": saved.run.state}
            if "principal" not in payload:  # its process died before it could hand it on, and with it who asked
                return {"state": (await self._standing.ended(saved, "failed", _interrupted())).run.state}
            x = self.resumed(saved, from_json(Principal, payload["principal"]))
            self.take_up(x, new=False)
        if x.work is None:
            x.work = asyncio.create_task(self._carry_out(x))
        try:
            await asyncio.wait({x.work})
        except asyncio.CancelledError:
            await self._let_go(x, x.work)
            raise
        raise_fault(x)
        return {"state": x.run.state}

    async def _let_go(self, x: Execution, work: asyncio.Task[None]) -> None:
        """End what is done for the run here: for good where somebody stopped it, else for the process that takes it up where it stands."""
        if await self._journal.stop_asked(x.run.shop, x.run.id):
            x.stop()
        else:
            work.cancel()
        await asyncio.wait({work})

    async def _carry_out(self, x: Execution) -> None:
        try:
            async with UnderWay(x, self._executor.events, self._journal):
                await self._executor.carry_out(x)
        finally:
            await asyncio.shield(self._keep(x))

    async def _keep(self, x: Execution) -> None:
        try:
            if x.dry_run:
                self._executor.events.forget(x.run.shop, x.run.id)
                return
            # One transaction for the run and its events: they can never tell different stories, and a read costs one commit.
            with writing_down():
                await self._executor.events.persist(x.run.shop, x.run.id, along=self._journal.saving(x.saved(self._models)))
        finally:
            self._live.pop(x.run.id, None)
            self._executor.events.over(x.run.shop, x.run.id)


def _interrupted() -> NotResumable:
    return NotResumable("Storehand was stopped while this was under way; what is shown was done. Ask again.")


def raise_fault(x: Execution) -> None:
    """
    Raises:
        StoreUnavailable: What was done could not be kept, so nobody may be told that it was.
    """
    if x.work is not None and x.work.done() and not x.work.cancelled() and (fault := x.work.exception()) is not None:
        raise fault


def _refs(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        if set(value) == {"$ref"}:
            return [str(value["$ref"])]
        return [ref for inner in value.values() for ref in _refs(inner)]
    return [ref for inner in value for ref in _refs(inner)] if isinstance(value, list) else []
