"""One run from plan to reply: what is planned is dispatched, what is proposed waits for approval, what happens is an event."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pydantic import BaseModel

from agent.approvals import Approvals
from agent.dispatch.execute import Dispatcher, Outcome
from agent.dispatch.growing import Texts, Watched
from agent.errors import Invalid, StorehandError, TimedOut
from agent.gateway import Spender, facts_of, spending
from agent.languages import Catalogue, in_english
from agent.planning.planner import Planner
from agent.records import (
    FROM_FILE,
    UNDO,
    Ask,
    ChangeSet,
    EventType,
    NotDone,
    Part,
    Plan,
    Principal,
    Reply,
    Route,
    Run,
    RunState,
    Subtask,
    TextDelta,
    Used,
    to_json,
)
from agent.registry import Registry
from agent.reply import Renderer, error_part, part_of, read_route, totals_of
from agent.runs.events import EventLog
from agent.runs.journal import Saved
from agent.sdk import Answer, Clock, Draft, Proposal, Selection, Store, every, say
from agent.sdk import Ask as Words
from agent.service.coming import Coming, Made, as_named, coming, gathered
from agent.service.conditions import weighed
from agent.service.from_file import FromFile, has_file, without_files
from agent.service.graph import run_graph
from agent.service.shops import Shops
from agent.service.staging import as_if, chosen_again, proposed_before
from agent.service.threads import Threads

_WAITS = say("This was proposed before and still waits: one decision counts for both.")
_STAGED = say("This is worked out as if the changes before it were made: approve those first.")
log = logging.getLogger("storehand.service")


@dataclass(slots=True, kw_only=True)
class Execution:
    """A run under way in this process. Changed only by the event loop's one thread."""

    run: Run
    ask: Ask
    principal: Principal
    dry_run: bool = False
    durable: bool = False
    plan: Plan | None = None
    parts: dict[str, Part] = field(default_factory=dict)
    outputs: dict[str, BaseModel] = field(default_factory=dict)
    corrections: list[Mapping[str, Any]] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    took_ms: float = 0.0
    work: asyncio.Task[None] | None = None
    stopping: bool = False
    models: Mapping[str, str] = field(default_factory=dict)
    """The versions of the students that answered it, by their digests."""
    consent: bool = False
    """Whether it may be learned from."""

    def stop(self) -> None:
        """Let it end at its next await; what was done stays."""
        self.stopping = True
        if self.work is not None:
            self.work.cancel()

    def saved(self, models: Mapping[str, str]) -> Saved:
        parts = [self.parts[s.id] for s in self.plan.subtasks if s.id in self.parts] if self.plan else []
        return Saved(
            run=self.run, locale=self.ask.locale, context=self.ask.context, plan=self.plan, parts=parts, took_ms=self.took_ms,
            corrections=self.corrections, durable=self.durable, models={**models, **self.models}, consent=self.consent,
        )  # fmt: skip


class DrawsStudents(Protocol):
    """What decides by which versions of the students a run is answered."""

    def for_run(self, run: str, shop: str, *, watched: bool, consent: bool) -> AbstractContextManager[Mapping[str, str]]: ...


class AsTheyAre:
    """Students that have but one version."""

    def for_run(self, run: str, shop: str, *, watched: bool, consent: bool) -> AbstractContextManager[Mapping[str, str]]:
        return nullcontext({})


@dataclass(frozen=True, slots=True)
class Executor:
    """Carries executions out."""

    shops: Shops
    registry: Registry
    planner: Planner
    dispatcher: Dispatcher
    approvals: Approvals
    events: EventLog
    timeout_s: float = 120.0
    students: DrawsStudents = field(default_factory=AsTheyAre)
    consent: bool = False
    """Whether requests may be learned from."""
    threads: Threads | None = None
    """What remembers the turns of a thread; None remembers nothing."""
    catalogue: Catalogue = in_english
    """Translations by locale: results are said in the language of whoever asked."""
    files: FromFile | None = None
    """What takes values from attached files; None takes none."""

    async def planned(self, ask: Ask, principal: Principal, *, run: str | None = None) -> Plan:
        """The plan of a request, as its thread makes it mean."""
        turns = await self.threads.before(ask, principal, run=run) if self.threads is not None else ()
        store, clock = self.shops.store(ask.shop), self.shops.clock(ask.shop)
        turns = without_files(turns)
        if ask.file is None:
            plan = await self.planner.plan(ask, store, clock, turns)
        else:
            plan = await self._taking().planned(ask, store, lambda rest: self.planner.plan(rest, store, clock, turns))
        return await self.threads.in_place_of(ask, plan, principal) if self.threads is not None else plan

    async def answered(self, plan: Plan, answers: Mapping[str, str], shop: str) -> Plan:
        """The plan with answers to its questions."""
        store, clock = self.shops.store(shop), self.shops.clock(shop)
        if not has_file(plan):
            return await self.planner.answered(plan, answers, store, clock)
        return await self._taking().answered(plan, answers, store, lambda rest: self.planner.answered(rest, answers, store, clock))

    def _taking(self) -> FromFile:
        """
        Raises:
            Invalid: No files are taken here.
        """
        if self.files is None:
            raise Invalid("No files are taken here.", field="file_id")
        return self.files

    async def carry_out(self, x: Execution) -> None:
        """Plan if there is no plan yet, run every subtask that can run and has not, and settle the run's state.

        Never raises but when cancelled from outside.
        """
        drawn = self.students.for_run(x.run.id, x.run.shop, watched=not x.dry_run, consent=self.consent)
        with spending_of(x.principal, run=x.run.id), drawn as x.models:
            x.consent = self.consent
            await self._carry_out(x)

    async def _carry_out(self, x: Execution) -> None:
        self.emit(x, "run_started", {"text": x.ask.text})
        try:
            async with asyncio.timeout(self.timeout_s):
                if x.plan is None:
                    x.plan = await self.planned(x.ask, x.principal, run=x.run.id)
                self.emit(x, "plan_ready", {"plan": to_json(x.plan)})
                if x.plan.questions:
                    self.emit(x, "question", {"questions": to_json(list(x.plan.questions))})
                if self.threads is not None and x.plan.replaces and not x.dry_run:
                    await self.threads.replace(x.plan, x.principal)
                await self._steps(x, x.plan)
            self._settle(x, x.plan)
        except asyncio.CancelledError:
            if not x.stopping:
                raise
            self._end(x, "stopped")
        except TimeoutError:
            self._end(x, "failed", TimedOut(f"The request took longer than {self.timeout_s:g} seconds and was stopped; what is shown was done."))
        except StorehandError as error:
            self._end(x, "failed", error)
        except Exception as error:
            log.exception("run %s failed", x.run.id, exc_info=error)
            self._end(x, "failed", StorehandError(f"Something in Storehand broke ({type(error).__name__}); the log has run {x.run.id}."))

    async def _steps(self, x: Execution, plan: Plan) -> None:
        waiting = plan.waiting()
        todo = [s for s in plan.subtasks if s.id not in x.parts and s.id not in waiting]
        good = frozenset(id_ for id_, part in x.parts.items() if part.kind in ("answer", "draft", "proposal"))
        bad = (frozenset(x.parts) - good) | waiting

        async def step(subtask: Subtask, ready: bool) -> bool:
            return await self._step(x, subtask, ready)

        await run_graph(todo, step, done=good, failed=bad)

    async def _step(self, x: Execution, subtask: Subtask, ready: bool) -> bool:
        self.emit(x, "step_started", {"task": subtask.task, "state": "running"}, subtask.id)
        try:
            part = await self._do(x, subtask) if ready else _not_ready(subtask)
        except StorehandError as error:
            part = error_part(subtask, error)
        except Exception as error:  # a handler of a third party may raise anything: its part fails, the rest of the run goes on
            log.exception("task %s failed in run %s", subtask.task, x.run.id, exc_info=error)
            part = error_part(subtask, StorehandError(f"The task `{subtask.task}` broke ({type(error).__name__}); nothing was changed."))
        x.parts[subtask.id] = part
        self.emit(x, "part", {"part": to_json(part)}, subtask.id)
        done = part.kind in ("answer", "draft", "proposal")
        self.emit(x, "step_finished", {"task": subtask.task, "state": "done" if done else "failed", "route": to_json(list(part.run))}, subtask.id)
        return done

    async def _do(self, x: Execution, subtask: Subtask) -> Part:
        store, clock = self.shops.store(x.run.shop), self.shops.clock(x.run.shop, as_of=x.plan.as_of if x.plan else None)
        locale = x.ask.locale or store.shop.locale
        render = Renderer(locale, store.shop.time_zone, self.catalogue(locale))
        if subtask.task == UNDO:
            return await self._undo(x, subtask)
        if subtask.task == FROM_FILE:
            return await self._from_file(x, subtask, store, render)
        held = weighed(subtask.given, x.outputs, render) if subtask.given is not None else None
        if held is not None and not held.holds:
            return Part(subtask=subtask.id, task=subtask.task, kind="answer", text=held.text, run=(read_route(subtask),))
        part = await self._handled(x, subtask, store, clock, render)
        return part if held is None else replace(part, text=f"{held.text} {part.text}")

    async def _undo(self, x: Execution, subtask: Subtask) -> Part:
        """The inverse of what an earlier turn changed, as a proposal like any other."""
        of, records = subtask.args["change_set"], subtask.args.get("records", ())
        change_set = await self.approvals.undo(of, x.principal, run=x.run.id, subtask=subtask.id, keep=not x.dry_run, records=records)
        if not x.dry_run:
            self.emit(x, "approval_waiting", {"digest": change_set.digest, "change_set": to_json(change_set)}, subtask.id)
        routes = (read_route(subtask), Route(by="code", what="undo", why="what was changed is on record; plain code turns it round"))
        return Part(subtask=subtask.id, task=subtask.task, kind="proposal", text=change_set.summary, change_set=change_set, run=routes)

    async def _from_file(self, x: Execution, subtask: Subtask, store: Store, render: Renderer) -> Part:
        """What the attached file says, as a proposal like any other."""
        approvals, shop = self.approvals, x.run.shop
        proposal = await self._taking().proposed(
            subtask, x.ask.text, store, lambda changes: approvals.faults(changes, shop=shop), approvals.most_items
        )  # fmt: skip
        change_set = await self._opened(x, subtask, Outcome(result=proposal, routes=()))
        routes = (Route(by="code", what="read the attached file", why="what a file says is a value: plain code reads it, and no model sees it"),)
        return part_of(subtask, proposal, render=render, routes=routes, change_set=change_set)

    async def _handled(self, x: Execution, subtask: Subtask, store: Store, clock: Clock, render: Renderer) -> Part:
        task = self.registry.task(subtask.task)
        start, end = subtask.span
        before = f"{subtask.said}\n" if subtask.said else ""
        words = Words(before + x.ask.text[start:end], locale=x.ask.locale, whole=before + x.ask.text)
        there = coming(x.plan, x.parts, store) if x.plan is not None else []
        changes = proposed_before(x.plan, subtask, x.parts, there, store) if x.plan is not None else []
        outputs = {**x.outputs, **await self._made(x, subtask, there, store, clock)}
        if changes:
            store = as_if(store, changes)
            subtask = await chosen_again(subtask, store)
        with spending(subtask=subtask.id, task=task.name):
            texts = self._texts(x, subtask)
            outcome = await self.dispatcher.run(task, subtask, outputs=outputs, store=store, clock=clock, ask=words, texts=texts)
        if isinstance(outcome.result, Answer):
            x.outputs[subtask.id] = outcome.result.data
        if isinstance(outcome.result, Proposal | Draft):
            outcome = replace(outcome, result=as_named(outcome.result, there, store))
        change_set = await self._opened(x, subtask, outcome)
        part = part_of(subtask, outcome.result, render=render, routes=outcome.routes, change_set=change_set)
        if change_set is not None and not x.dry_run and (change_set.run, change_set.subtask) != (x.run.id, subtask.id):
            part = replace(part, text=f"{part.text} {render(_WAITS)}")
        return replace(part, text=f"{part.text} {render(_STAGED)}") if changes and part.kind in ("proposal", "draft") else part

    async def _made(self, x: Execution, subtask: Subtask, there: Sequence[Coming], store: Store, clock: Clock) -> dict[str, Made]:
        """What the parts before are to make, or have made where that was approved meanwhile, for this one to be about."""
        named = {str(value["$ref"]).partition(".")[0] for value in subtask.args.values() if isinstance(value, Mapping) and _is_made(value)}
        found = {one.subtask: Made.of(one.id, one.change.target.label) for one in reversed(there) if one.subtask in named}
        for id in sorted(named - set(found)):
            one = x.parts[id].change_set if id in x.parts else None
            if one is not None and (group := gathered(one)) is not None:
                members = await every(store.customers, group.where(clock))
                found[id] = Made(made=Selection[Any](ids=tuple(member.id for member in members), label=one.items[0].what.target.label))
            elif one is not None and (target := await self.approvals.made_by(one)) is not None:
                found[id] = Made.of(target.id, target.label)
        return found

    def _texts(self, x: Execution, subtask: Subtask) -> Texts:
        """What tells the run's followers of the texts of this subtask while they are written."""

        def emit(delta: TextDelta) -> None:
            self.emit(x, "text_delta", to_json(delta), subtask.id)

        def watched() -> Watched:
            if self.events.followed(x.run.shop, x.run.id):
                return "here"
            return "elsewhere" if x.durable else "nobody"  # before then nobody was told its id

        return Texts(emit=emit, watched=watched)

    async def _opened(self, x: Execution, subtask: Subtask, outcome: Outcome) -> ChangeSet | None:
        """The change set of a proposal, or of saving a draft; None when nothing would change."""
        result = outcome.result
        if isinstance(result, Draft):
            what = say("Save this text") if result.saves or not result.sends else say("Send this text")
            result = Proposal(what, changes=result.saves, actions=result.sends)
        if not isinstance(result, Proposal) or not (result.changes or result.actions):
            return None
        whose: dict[str, Any] = {"shop": x.run.shop, "principal": x.principal, "run": x.run.id, "subtask": subtask.id}
        if x.dry_run:
            return await self.approvals.preview(result, **whose)
        change_set = await self.approvals.open(result, **whose, once=True)
        self.emit(x, "approval_waiting", {"digest": change_set.digest, "change_set": to_json(change_set)}, subtask.id)
        return change_set

    def _settle(self, x: Execution, plan: Plan) -> None:
        if plan.questions:
            self._end(x, "waiting", why="questions")
        elif any(p.change_set and p.change_set.state == "open" for p in x.parts.values()) and not x.dry_run:
            self._end(x, "waiting", why="approval")
        else:
            self._end(x, "done")

    def _end(self, x: Execution, state: RunState, error: StorehandError | None = None, why: str | None = None) -> None:
        x.took_ms = (time.perf_counter() - x.began) * 1000
        now = self.shops.clock(x.run.shop).now()
        x.run = replace(x.run, state=state, error=str(error) if error else None, finished_at=None if state == "waiting" else now)
        reply = to_json(reply_of(x.run, x.ask, x.plan, list(x.parts.values()), x.took_ms))
        match state:
            case "waiting":
                self.emit(x, "run_waiting", {"why": why, "reply": reply})
            case "stopped":
                self.emit(x, "run_stopped", {"reply": reply})
            case "failed" if error is not None:
                self.emit(x, "run_error", {"code": error.code, "detail": str(error), "reply": reply})
            case _:
                self.emit(x, "run_finished", {"reply": reply})

    def emit(self, x: Execution, type_: EventType, data: Mapping[str, Any], subtask: str | None = None) -> None:
        self.events.append(x.run.shop, x.run.id, type_, data, subtask=subtask)


def spending_of(principal: Principal, *, run: str | None = None) -> AbstractContextManager[Spender]:
    """Model calls within are booked to this principal, and to its key's budget and list of models where it is one."""
    return spending(**facts_of(principal), run=run)


def _is_made(value: Mapping[str, Any]) -> bool:
    return str(value.get("$ref", "")).endswith((".made", ".code"))


def _not_ready(subtask: Subtask) -> Part:
    return error_part(subtask, Invalid("Not done, because an earlier part that it needs did not come about."))


def reply_of(run: Run, ask: Ask, plan: Plan | None, parts: Sequence[Part], took_ms: float) -> Reply:
    """The one combined reply, parts in the order asked."""
    planned = plan is not None
    if plan is None:
        plan = Plan(id="", text=ask.text, locale=ask.locale, subtasks=(), questions=(), not_done=(), by="student", took_ms=0.0)
    order = {s.id: i for i, s in enumerate(plan.subtasks)}
    ordered = sorted(parts, key=lambda p: order.get(p.subtask, len(order)))
    calls, cost = totals_of({p.subtask: p for p in ordered})
    waiting = [p.change_set.digest for p in ordered if p.change_set and p.change_set.state == "open"]
    not_done: list[NotDone] = list(plan.not_done)
    if run.state == "stopped":
        missing = [s for s in plan.subtasks if s.id not in {p.subtask for p in ordered}]
        not_done += [NotDone(span=s.span, code="not_allowed", reason=f"Stopped before `{s.task}` was done.") for s in missing]
        if not planned:
            not_done.append(NotDone(span=(0, len(ask.text)), code="not_allowed", reason="Stopped before anything was done."))
    return Reply(
        run_id=run.id, plan=plan, state=run.state, parts=ordered, questions=list(plan.questions), not_done=not_done, approvals=waiting,
        usage=Used(calls=calls, cost_usd=str(cost), took_ms=round(took_ms, 2)), error=run.error,
    )  # fmt: skip
