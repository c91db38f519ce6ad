"""What people and programs can do, each as one function: the only thing that doors (web, command line) call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from agent.approvals.reword import reworded
from agent.dispatch.fill import explain
from agent.errors import Conflict, Invalid, NotAllowed, NotFound, NotResumable, StorehandError
from agent.records import Ask, ChangeSet, Part, Plan, Principal, Read, Reply, Run, RunEvent, RunState, Scope, Subtask, from_json, new_id, to_json
from agent.runs.engine import RunEngine
from agent.runs.history import Remembered, Sought, search
from agent.runs.journal import Journal, Saved, writing_down
from agent.sdk import Change, Page, Proposal, ShopInfo, Task, say
from agent.service.execution import Execution, Executor, reply_of, spending_of
from agent.service.page_labels import page_labels
from agent.service.record_cards import Card, record_cards
from agent.service.suggestions import follow_ups, suggestions
from agent.service.threads import Threads
from agent.service.today import Looked, look
from agent.service.underway import UnderWay

LONGEST_ASK = 8000
"""Code points; a longer request is refused with what to do."""

HEARD_WITHIN_S = 0.9
"""How long a stop waits for another process, which looks for it every quarter of a second."""

WORKFLOW = "run"
"""Name of the durable work that carries out an accepted request."""


class Service:
    """Storehand's use cases. Collaborators come from `agent.bootstrap`."""

    def __init__(self, *, executor: Executor, journal: Journal, engine: RunEngine, models: Mapping[str, str]) -> None:
        """
        Args:
            models: Name of each model in use to its digest; kept with every run, since distillation reads it later.
        """
        threads = Threads(journal=journal, approvals=executor.approvals, decided=self._told, settled=self._settled)
        self._executor, self._journal, self._engine, self._models = replace(executor, threads=threads), journal, engine, models
        self._live: dict[str, Execution] = {}
        engine.register(WORKFLOW, self._workflow)

    # asking

    async def ask(self, ask: Ask, principal: Principal, *, dry_run: bool = False, wait_s: float = 30, id: str | None = None) -> Reply:
        """The reply, or what there is of it after `wait_s` seconds (state "running"); from then on the run outlives this process.

        A dry run is waited for to its end and nothing of it is kept.

        Args:
            id: Of the run, where whoever asks may ask again after a crash and wants one run; a new one else.

        Raises:
            NotAllowed: The principal may not ask.
            Invalid: The text is empty or too long.
        """
        x = self._begin(ask, principal, dry_run=dry_run, id=id)
        if wait_s <= 0 and not dry_run:
            await self._accept(x)
            return self._reply_now(x)
        x.work = asyncio.create_task(self._carry_out(x))
        finished, _ = await asyncio.wait({x.work}, timeout=None if dry_run else wait_s)
        if not finished:
            await self._accept(x)
        _raise_fault(x)
        return self._reply_now(x)

    async def start(self, ask: Ask, principal: Principal) -> str:
        """The run's id at once; what happens is in its events. It outlives this process."""
        x = self._begin(ask, principal)
        await self._accept(x)
        return x.run.id

    async def plan(self, ask: Ask, principal: Principal) -> Plan:
        """How the request is understood; nothing is run."""
        self._may(principal, Scope.ASK)
        self._checked(ask)
        if ask.shop != principal.shop:
            raise NotFound("shop")
        with spending_of(principal):
            return await self._executor.planned(ask, principal)

    async def run_task(self, name: str, args: Mapping[str, Any], principal: Principal, *, dry_run: bool = False, id: str | None = None) -> Reply:
        """Run one task with typed args.

        Raises:
            NoSuchTask: There is no such task.
            Invalid: The args do not fit its schema.
        """
        self._may(principal, Scope.ASK)
        task = self._executor.registry.task(name)
        shop = await self.shop(principal)
        try:
            checked = task.args.model_validate(dict(args), context={"currency": shop.currency})
        except ValidationError as error:
            raise Invalid(explain(error)) from None
        read = Read("caller", 1.0)
        subtask = Subtask(id="s1", task=name, args=to_json(checked), span=(0, len(name)), effect=task.effect, read=read)
        x = self._new(Ask(name, locale=shop.locale, shop=shop.id), principal, dry_run=dry_run, id=id)
        x.plan = Plan(id=new_id("plan"), text=name, locale=shop.locale, subtasks=[subtask], questions=(), not_done=(), by="caller", took_ms=0.0)
        x.work = asyncio.create_task(self._carry_out(x))
        await asyncio.wait({x.work})
        _raise_fault(x)
        return self._reply_now(x)

    # following

    async def reply(self, run_id: str, principal: Principal) -> Reply:
        self._may(principal, Scope.READ)
        if (x := self._live.get(run_id)) and x.run.shop == principal.shop:
            return self._reply_now(x)
        return await self._reply_saved(await self._journal.load(principal.shop, run_id))

    async def runs(
        self, principal: Principal, *, limit: int = 50, cursor: str | None = None, text: str | None = None, thread: str | None = None
    ) -> Page[Run]:
        self._may(principal, Scope.READ)
        if cursor is not None and not cursor.startswith("run_"):
            raise Invalid("This cursor was not given by this list; start again without one.", field="cursor")
        page = await self._journal.runs(principal.shop, limit=limit, cursor=cursor, text=text, thread=thread)
        return replace(page, items=await self._as_they_stand(page.items))

    async def history(self, principal: Principal, sought: Sought, *, limit: int = 50, cursor: str | None = None) -> Page[Remembered]:
        """The shop's runs that are looked for, newest first, each with the tasks of its plan."""
        self._may(principal, Scope.READ)
        if cursor is not None and not cursor.startswith("run_"):
            raise Invalid("This cursor was not given by this list; start again without one.", field="cursor")
        page = await search(self._journal.db, principal.shop, sought, limit=limit, cursor=cursor)
        now = {run.id: run for run in await self._as_they_stand([each.run for each in page.items])}
        found = [replace(each, run=now[each.run.id]) for each in page.items]
        return replace(page, items=[each for each in found if not sought.states or each.run.state in sought.states])

    async def story(self, run_id: str, principal: Principal) -> Sequence[RunEvent]:
        """What has happened in the run by now, in order."""
        await self.reply(run_id, principal)
        return await self._executor.events.so_far(principal.shop, run_id)

    async def events(self, run_id: str, principal: Principal, *, after: int = 0) -> AsyncIterator[RunEvent]:
        """The run's events from `after` on, then live ones until it ends or waits."""
        self._may(principal, Scope.READ)
        if run_id not in self._live or self._live[run_id].run.shop != principal.shop:
            await self._journal.load(principal.shop, run_id)
        async for event in self._executor.events.follow(principal.shop, run_id, after=after):
            yield event

    async def stop(self, run_id: str, principal: Principal) -> Reply:
        """Stop what is under way; what was done stays and is told, with what was not."""
        self._may(principal, Scope.ASK)
        x = self._live.get(run_id)
        if x is None or x.run.shop != principal.shop:
            saved = await self._journal.load(principal.shop, run_id)
            return await self._reply_saved(await self._stopped_elsewhere(saved) if saved.run.state in ("queued", "running") else saved)
        x.stop()
        if x.work is not None:
            await asyncio.wait({x.work})
        _raise_fault(x)
        return self._reply_now(x)

    async def answer(self, run_id: str, answers: Mapping[str, str], principal: Principal) -> Reply:
        """Take answers to the run's questions; what waited for them goes on.

        Raises:
            Conflict: The run waits for no answer.
            Invalid: A question is not one of the run's.
        """
        self._may(principal, Scope.ASK)
        saved = await self._journal.load(principal.shop, run_id)
        if saved.plan is None or not saved.plan.questions or run_id in self._live:
            raise Conflict("This request waits for no answer.")
        known = {q.id for q in saved.plan.questions}
        if unknown := set(answers) - known:
            raise Invalid(f"There is no question {', '.join(sorted(unknown))}; the open ones are {', '.join(sorted(known))}.", field="question")
        shops = self._executor.shops
        x = self._resumed(saved, principal)
        x.corrections.append({"answers": dict(answers)})
        x.plan = await self._executor.planner.answered(saved.plan, answers, shops.store(principal.shop), shops.clock(principal.shop))
        if not await self._journal.answered(saved, x.corrections[-1]):
            raise Conflict("Somebody else has just answered this.")
        self._take_up(x, new=False)
        x.work = asyncio.create_task(self._carry_out(x))
        await asyncio.wait({x.work})
        _raise_fault(x)
        return self._reply_now(x)

    # the catalogue

    def tasks(self) -> Sequence[Task]:
        return list(self._executor.registry)

    def task(self, name: str) -> Task:
        return self._executor.registry.task(name)

    async def shop(self, principal: Principal) -> ShopInfo:
        return self._executor.shops.store(principal.shop).shop

    async def suggestions(self, principal: Principal) -> Sequence[str]:
        """Requests that make sense for this shop as it is now."""
        shops = self._executor.shops
        return await suggestions(shops.store(principal.shop), shops.clock(principal.shop))

    async def follow_ups(self, run_id: str, principal: Principal) -> Sequence[str]:
        """Requests that go on from what came of this one."""
        reply = await self.reply(run_id, principal)
        saved = await self._journal.load(principal.shop, run_id)
        thread = (await self.runs(principal, thread=saved.run.thread)).items if saved.run.thread else [saved.run]
        shops = self._executor.shops
        parts = [replace(part, data=to_json(part.data)) for part in reply.parts]
        return await follow_ups([run.text for run in thread], parts, shops.store(principal.shop), shops.clock(principal.shop))

    async def page_labels(self, context: Mapping[str, Any], principal: Principal) -> Sequence[str]:
        """What the records of a page context are called; an id that is not this shop's has no label."""
        self._may(principal, Scope.READ)
        return await page_labels(context, self._executor.shops.store(principal.shop))

    async def record_cards(self, ids: Mapping[str, Sequence[str]], principal: Principal) -> Sequence[Card]:
        """What a page shows of these products, orders and customers (ids by kind); an id that is not this shop's has no card."""
        self._may(principal, Scope.READ)
        return await record_cards(ids, self._executor.shops.store(principal.shop))

    async def today(self, principal: Principal) -> Looked:
        """What this shop should look at now."""
        self._may(principal, Scope.READ)
        shops = self._executor.shops
        return await look(shops.store(principal.shop), shops.clock(principal.shop))

    # deciding

    async def approvals(self, principal: Principal, *, limit: int = 50, cursor: str | None = None) -> Page[ChangeSet]:
        self._may(principal, Scope.READ)
        return await self._executor.approvals.waiting(principal.shop, limit=limit, cursor=cursor)

    async def approval(self, digest: str, principal: Principal) -> ChangeSet:
        self._may(principal, Scope.READ)
        return await self._executor.approvals.by_digest(principal.shop, digest)

    async def approve(self, digest: str, principal: Principal, *, items: Sequence[str] | None = None, typed: str | None = None) -> ChangeSet:
        """Approve a proposal, or some items of it, and apply them; returns when every one has an outcome."""
        change_set = await self._executor.approvals.approve(digest, principal, items=items, typed=typed)
        await self._told(change_set)
        return change_set

    async def reject(self, digest: str, principal: Principal, *, items: Sequence[str] | None = None) -> ChangeSet:
        change_set = await self._executor.approvals.reject(digest, principal, items=items)
        await self._told(change_set)
        return change_set

    async def reword(self, digest: str, item: str, text: str, principal: Principal) -> ChangeSet:
        """A proposal of one item with its text edited. The one as it was written stays open until somebody decides.

        Raises:
            NotFound: The shop has no such proposal, or it has no such item.
            Invalid: The item has no text.
        """
        self._may(principal, Scope.ASK)
        found = next((i for i in (await self.approval(digest, principal)).items if i.id == item), None)
        if found is None:
            raise NotFound("item of the proposal")
        effect = reworded(found.what, text)
        proposal = (
            Proposal(say("Save this text"), changes=[effect]) if isinstance(effect, Change) else Proposal(say("Send this text"), actions=[effect])
        )
        return await self._executor.approvals.open(proposal, shop=principal.shop, principal=principal)

    async def changes(self, principal: Principal, *, limit: int = 50, cursor: str | None = None) -> Page[ChangeSet]:
        self._may(principal, Scope.READ)
        return await self._executor.approvals.changes(principal.shop, limit=limit, cursor=cursor)

    async def undo(self, change_set_id: str, principal: Principal) -> ChangeSet:
        """A proposal of the inverse, to be approved like any other."""
        self._may(principal, Scope.ASK)
        return await self._executor.approvals.undo(change_set_id, principal)

    def warm(self) -> None:
        """Make ready what the first requests would wait for. Takes about a second of work in whatever thread calls it."""
        self._executor.planner.warm()

    async def recover(self) -> None:
        """Take up accepted work that an earlier process left; called once at start, after the engine runs."""
        for shop, run_id in await self._journal.unfinished():
            if run_id not in self._live:
                await self._engine.submit(WORKFLOW, id=run_id, payload={"shop": shop, "run": run_id})
        for saved in await self._journal.interrupted():
            await self._ended(saved, "failed", _interrupted())

    # inside

    def _may(self, principal: Principal, scope: Scope) -> None:
        if not principal.may(scope):
            raise NotAllowed(f"This needs the right to {scope.value}, which {principal.name} does not have; ask the shop's owner.")

    def _checked(self, ask: Ask) -> None:
        if not ask.text.strip():
            raise Invalid("Nothing was asked; write what you would like done.", field="text")
        if len(ask.text) > LONGEST_ASK:
            raise Invalid(f"The request has {len(ask.text):,} characters; {LONGEST_ASK:,} is the most. Send it in parts.", field="text")
        if any("\ud800" <= letter <= "\udfff" for letter in ask.text):  # half a character: it can be neither stored nor shown
            raise Invalid("The request is not proper Unicode text; send it as UTF-8.", field="text")

    def _begin(self, ask: Ask, principal: Principal, *, dry_run: bool = False, id: str | None = None) -> Execution:
        self._may(principal, Scope.ASK)
        self._checked(ask)
        return self._new(ask, principal, dry_run=dry_run, id=id)

    def _new(self, ask: Ask, principal: Principal, *, dry_run: bool, id: str | None = None) -> Execution:
        if ask.shop != principal.shop:
            raise NotFound("shop")
        now = self._executor.shops.clock(principal.shop).now()
        run = Run(
            id=id or new_id("run"), shop=principal.shop, principal=principal.id, text=ask.text, state="running", created_at=now, thread=ask.thread
        )
        x = Execution(run=run, ask=ask, principal=principal, dry_run=dry_run)
        self._take_up(x, new=True)
        return x

    def _take_up(self, x: Execution, *, new: bool) -> None:
        self._live[x.run.id] = x
        along = None if x.dry_run else lambda: self._journal.saving(x.saved(self._models))
        self._executor.events.begin(x.run.shop, x.run.id, along=along, kept=not x.dry_run, new=new)

    async def _accept(self, x: Execution) -> None:
        """From here on the run is finished by some process, whatever happens to this one."""
        x.durable = True
        await self._journal.save(x.saved(self._models))
        payload = {"shop": x.run.shop, "run": x.run.id, "principal": to_json(x.principal)}
        await self._engine.submit(WORKFLOW, id=x.run.id, payload=payload)

    async def _workflow(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The durable work: the execution under way here, or after a crash a new one; handlers only propose, so running them again is safe."""
        x = self._live.get(payload["run"])
        if x is None:
            saved = await self._journal.load(payload["shop"], payload["run"])
            if saved.run.state not in ("queued", "running"):
                return {"state": saved.run.state}
            if "principal" not in payload:  # its process died before it could hand it on, and with it who asked
                return {"state": (await self._ended(saved, "failed", _interrupted())).run.state}
            x = self._resumed(saved, from_json(Principal, payload["principal"]))
            self._take_up(x, new=False)
        if x.work is None:
            x.work = asyncio.create_task(self._carry_out(x))
        try:
            await asyncio.wait({x.work})
        except asyncio.CancelledError:
            await self._let_go(x, x.work)
            raise
        _raise_fault(x)
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

    async def _stopped_elsewhere(self, saved: Saved) -> Saved:
        """The run as it stands once the process it is under way in has stopped it; stopped from here where there is no such process."""
        shop, run = saved.run.shop, saved.run.id
        heard = await self._journal.ask_to_stop(shop, run)  # first: whoever is cancelled looks whether it was to be stopped
        await self._engine.cancel(run)
        if not heard:
            return await self._ended(saved, "stopped")
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARD_WITHIN_S):
                while saved.run.state in ("queued", "running"):
                    await asyncio.sleep(0.05)
                    saved = await self._journal.load(shop, run)
        return saved

    async def _ended(self, saved: Saved, state: RunState, error: StorehandError | None = None) -> Saved:
        """A run that no process carries out any more, ended; its followers hear of it."""
        shop, run, events = saved.run.shop, saved.run.id, self._executor.events
        now = self._executor.shops.clock(shop).now()
        saved = replace(saved, run=replace(saved.run, state=state, error=str(error) if error else None, finished_at=now))
        data = {"reply": to_json(await self._reply_saved(saved))}
        if error is None:
            events.append(shop, run, "run_stopped", data)
        else:
            events.append(shop, run, "run_error", {"code": error.code, "detail": str(error), **data})
        await events.persist(shop, run, along=self._journal.saving(saved))
        return saved

    def _resumed(self, saved: Saved, principal: Principal) -> Execution:
        """An execution that goes on where the saved run stood.

        Typed outputs of finished reads are not kept, so a read that others refer to runs again.
        """
        run = replace(saved.run, state="running", error=None)
        x = Execution(run=run, ask=saved.ask(), principal=principal, durable=saved.durable, plan=saved.plan, corrections=list(saved.corrections))
        referred = {ref.partition(".")[0] for s in (saved.plan.subtasks if saved.plan else ()) for ref in _refs(s.args)}
        x.parts = {p.subtask: p for p in saved.parts if p.subtask not in referred}
        return x

    def _reply_now(self, x: Execution) -> Reply:
        reply = reply_of(x.run, x.ask, x.plan, list(x.parts.values()), x.took_ms)
        return replace(reply, approvals=()) if x.dry_run else reply

    async def _reply_saved(self, saved: Saved) -> Reply:
        """The reply with its change sets as they are now: a run that waited for a decision is done once all are decided."""
        parts = [await self._fresh(saved.run.shop, part) for part in saved.parts]
        run = saved.run
        if (
            run.state == "waiting"
            and not (saved.plan and saved.plan.questions)
            and not any(p.change_set and p.change_set.state == "open" for p in parts)
        ):
            run = replace(run, state="done")
        return reply_of(run, saved.ask(), saved.plan, parts, saved.took_ms)

    async def _as_they_stand(self, runs: Sequence[Run]) -> list[Run]:
        """The runs, with those done whose proposals expired: nobody decided on them, so nobody wrote it down. It is, when it is first seen."""
        waiting = [run for run in runs if run.state == "waiting" and run.id not in self._live]
        if not waiting:
            return list(runs)
        open_ = await self._executor.approvals.undecided(waiting[0].shop, [run.id for run in waiting])
        seen = {run.id: await self._seen_waiting(run) for run in waiting if run.id not in open_}
        return [seen.get(run.id, run) for run in runs]

    async def _seen_waiting(self, run: Run) -> Run:
        reply = await self._reply_saved(await self._journal.load(run.shop, run.id))
        if reply.state != "done":
            return run
        now = self._executor.shops.clock(run.shop).now()
        expired = [part.change_set.expires_at for part in reply.parts if part.change_set is not None]
        over = replace(run, state="done", finished_at=min(now, max(expired, default=now)))
        with suppress(SQLAlchemyError):  # on a full disk it is only told
            await self._journal.end_waiting(run.shop, run.id, over.finished_at or now)
        return over

    async def _fresh(self, shop: str, part: Part) -> Part:
        if part.change_set is None:
            return part
        return replace(part, change_set=await self._executor.approvals.by_id(shop, part.change_set.id))

    async def _settled(self, saved: Saved) -> None:
        """Keep a run whose questions a later message of its thread settled, and tell its followers how it stands."""
        shop, run, events = saved.run.shop, saved.run.id, self._executor.events
        reply = await self._reply_saved(saved)
        data = {"reply": to_json(reply)}
        if reply.state == "waiting":
            events.append(shop, run, "run_waiting", {"why": "questions" if reply.questions else "approval", **data})
        else:
            events.append(shop, run, "run_finished", data)
        over = replace(saved.run, state=reply.state, finished_at=None if reply.state == "waiting" else self._executor.shops.clock(shop).now())
        await events.persist(shop, run, along=self._journal.saving(replace(saved, run=over)))

    async def _told(self, change_set: ChangeSet) -> None:
        """The run's followers hear of the decision, and then whether anything of the run still waits."""
        if change_set.run is None:
            return
        shop, run, events = change_set.shop, change_set.run, self._executor.events
        data = {"digest": change_set.digest, "state": change_set.state, "change_set": to_json(change_set)}
        events.append(shop, run, "approval_decided", data, subtask=change_set.subtask)
        try:
            saved = await self._journal.load(shop, run)
            reply = await self._reply_saved(saved)
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
            over = replace(saved.run, state=reply.state, finished_at=self._executor.shops.clock(shop).now())
            await events.persist(shop, run, along=self._journal.saving(replace(saved, run=over)))
        else:
            await events.persist(shop, run)


def _interrupted() -> NotResumable:
    return NotResumable("Storehand was stopped while this was under way; what is shown was done. Ask again.")


def _raise_fault(x: Execution) -> None:
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
