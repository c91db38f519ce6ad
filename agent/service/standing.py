"""How a run that was written down stands: its reply with the decisions made since, and what its followers hear of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError

from agent.approvals import Approvals
from agent.errors import NotFound, StorehandError
from agent.records import ChangeSet, Part, Reply, Run, RunState, to_json
from agent.runs.events import EventLog
from agent.runs.journal import Journal, Saved
from agent.service.execution import reply_of
from agent.service.shops import Shops


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    journal: Journal
    events: EventLog
    approvals: Approvals
    shops: Shops

    async def reply(self, saved: Saved) -> Reply:
        """The reply with its change sets as they are now: a run that waited for a decision is done once all are decided."""
        parts = [await self._fresh(saved.run.shop, part) for part in saved.parts]
        run = saved.run
        if (
            run.state == "waiting"
            and not (saved.plan and saved.plan.questions)
            and not any(p.change_set and p.change_set.state == "open" for p in parts)
            and not await self._reworded_waits(run, parts)
        ):
            run = replace(run, state="done")
        return reply_of(run, saved.ask(), saved.plan, parts, saved.took_ms)

    async def _reworded_waits(self, run: Run, parts: Sequence[Part]) -> bool:
        """Whether a draft's text waits as somebody edited it."""
        return any(part.kind == "draft" for part in parts) and bool(await self.approvals.undecided(run.shop, [run.id]))

    async def of_all(self, runs: Sequence[Run], *, live: Collection[str]) -> list[Run]:
        """The runs, with those done whose proposals expired: nobody decided on them, so nobody wrote it down. It is, when it is first seen."""
        waiting = [run for run in runs if run.state == "waiting" and run.id not in live]
        if not waiting:
            return list(runs)
        open_ = await self.approvals.undecided(waiting[0].shop, [run.id for run in waiting])
        seen = {run.id: await self._seen_waiting(run) for run in waiting if run.id not in open_}
        return [seen.get(run.id, run) for run in runs]

    async def _seen_waiting(self, run: Run) -> Run:
        reply = await self.reply(await self.journal.load(run.shop, run.id))
        if reply.state != "done":
            return run
        now = self.shops.clock(run.shop).now()
        expired = [part.change_set.expires_at for part in reply.parts if part.change_set is not None]
        over = replace(run, state="done", finished_at=min(now, max(expired, default=now)))
        with suppress(SQLAlchemyError):  # on a full disk it is only told
            await self.journal.end_waiting(run.shop, run.id, over.finished_at or now)
        return over

    async def _fresh(self, shop: str, part: Part) -> Part:
        if part.change_set is None:
            return part
        return replace(part, change_set=await self.approvals.by_id(shop, part.change_set.id))

    async def ended(self, saved: Saved, state: RunState, error: StorehandError | None = None) -> Saved:
        """A run that no process carries out any more, ended; its followers hear of it."""
        shop, run, events = saved.run.shop, saved.run.id, self.events
        now = self.shops.clock(shop).now()
        saved = replace(saved, run=replace(saved.run, state=state, error=str(error) if error else None, finished_at=now))
        data = {"reply": to_json(await self.reply(saved))}
        if error is None:
            events.append(shop, run, "run_stopped", data)
        else:
            events.append(shop, run, "run_error", {"code": error.code, "detail": str(error), **data})
        await events.persist(shop, run, along=self.journal.saving(saved))
        return saved

    async def settled(self, saved: Saved) -> None:
        """Keep a run whose questions a later message of its thread settled, and tell its followers how it stands."""
        shop, run, events = saved.run.shop, saved.run.id, self.events
        reply = await self.reply(saved)
        data = {"reply": to_json(reply)}
        if reply.state == "waiting":
            events.append(shop, run, "run_waiting", {"why": "questions" if reply.questions else "approval", **data})
        else:
            events.append(shop, run, "run_finished", data)
        over = replace(saved.run, state=reply.state, finished_at=None if reply.state == "waiting" else self.shops.clock(shop).now())
        await events.persist(shop, run, along=self.journal.saving(replace(saved, run=over)))

    async def told(self, change_set: ChangeSet) -> None:
        """The run's followers hear of the decision, and then whether anything of the run still waits."""
        if change_set.run is None:
            return
        shop, run, events = change_set.shop, change_set.run, self.events
        data = {"digest": change_set.digest, "state": change_set.state, "change_set": to_json(change_set)}
        events.append(shop, run, "approval_decided", data, subtask=change_set.subtask)
        try:
            saved = await self.journal.load(shop, run)
            reply = await self.reply(saved)
        except NotFound:  # the disk was full when the run ended: there is its proposal, but nobody can follow it
            return
        if reply.state in ("queued", "running"):  # its own end tells how it stands
            await events.persist(shop, run)
            return
        if reply.state == "waiting":
            events.append(shop, run, "run_waiting", {"why": "questions" if reply.questions else "approval", "reply": to_json(reply)})
        else:
            events.append(shop, run, "run_finished", {"reply": to_json(reply)})
        if reply.state != saved.run.state:  # or lists of runs would show for ever that it waits
            over = replace(saved.run, state=reply.state, finished_at=self.shops.clock(shop).now())
            await events.persist(shop, run, along=self.journal.saving(replace(saved, run=over)))
        else:
            await events.persist(shop, run)
