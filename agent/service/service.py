"""What people and programs can do, each as one function: the only thing that doors (web, command line) call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from agent.approvals.reword import reworded
from agent.dispatch.fill import explain
from agent.errors import Conflict, Invalid, NotAllowed, NotFound
from agent.records import (
    FILE,
    Ask,
    ChangeSet,
    Conversation,
    FileShown,
    Plan,
    Principal,
    Read,
    Reply,
    Run,
    RunEvent,
    Scope,
    Subtask,
    Thread,
    new_id,
    to_json,
)
from agent.runs.conversations import Wanted
from agent.runs.engine import RunEngine
from agent.runs.history import Remembered, Sought, search
from agent.runs.journal import Journal
from agent.sdk import Change, DraftOrder, Page, Proposal, Sentence, ShopInfo, Task, say
from agent.service.conversations import Conversations
from agent.service.execution import Execution, Executor, reply_of, spending_of
from agent.service.follow_ups import follow_ups
from agent.service.from_file import FromFile
from agent.service.page_labels import page_labels
from agent.service.put_off import PutOffs
from agent.service.record_cards import Card, record_cards
from agent.service.running import Running, raise_fault
from agent.service.standing import Standing
from agent.service.suggestions import suggestions
from agent.service.threads import Threads
from agent.service.today import Looked, Matter, look

EVERY_THREAD = Wanted()
LONGEST_ASK = 8000
"""Code points; a longer request is refused with what to do."""


class Service:
    """Storehand's use cases. Collaborators come from `agent.bootstrap`."""

    def __init__(self, *, executor: Executor, journal: Journal, engine: RunEngine, models: Mapping[str, str]) -> None:
        """
        Args:
            models: Name of each model in use to its digest; kept with every run, since distillation reads it later.
        """
        standing = Standing(journal=journal, events=executor.events, approvals=executor.approvals, shops=executor.shops)
        threads = Threads(journal=journal, approvals=executor.approvals, decided=standing.told, settled=standing.settled)
        self._executor, self._journal, self._standing = replace(executor, threads=threads), journal, standing
        self._running = running = Running(executor=self._executor, journal=journal, engine=engine, standing=standing, models=models)
        self._conversations = Conversations(
            journal=journal, approvals=executor.approvals, decided=standing.told, under_way=lambda: frozenset(running.ids)
        )  # fmt: skip
        self._concerns = PutOffs(journal.db)

    # asking

    async def ask(self, ask: Ask, principal: Principal, *, dry_run: bool = False, wait_s: float = 30, id: str | None = None) -> Reply:
        """The reply, or what there is of it after `wait_s` seconds (state "running"); from then on the run outlives this process.

        A dry run is waited for to its end and nothing of it is kept.

        Args:
            id: Of the run, where whoever asks may ask again after a crash and wants one run; a new one else.

        Raises:
            NotAllowed: The principal may not ask.
            Invalid: The text is empty or too long, or the thread has no such run as it names.
            Ending: A dry run whose server is told to stop.
        """
        await self._placed(ask)
        x = self._begin(ask, principal, dry_run=dry_run, id=id)
        if (wait_s <= 0 and not dry_run) or not await self._running.wait(x, at_most_s=None if dry_run else wait_s):
            await self._running.accept(x)
        raise_fault(x)
        return self._reply_now(x)

    async def start(self, ask: Ask, principal: Principal) -> str:
        """The run's id at once; what happens is in its events. It outlives this process. Raises as `ask` does."""
        await self._placed(ask)
        x = self._begin(ask, principal)
        await self._running.accept(x)
        return x.run.id

    async def plan(self, ask: Ask, principal: Principal) -> Plan:
        """How the request is understood; nothing is run."""
        self._may(principal, Scope.ASK)
        self._checked(ask)
        if ask.shop != principal.shop:
            raise NotFound("shop")
        await self._placed(ask)
        with spending_of(principal):
            return await self._executor.planned(ask, principal)

    async def run_task(self, name: str, args: Mapping[str, Any], principal: Principal, *, dry_run: bool = False, id: str | None = None) -> Reply:
        """Run one task with typed args.

        Raises:
            NoSuchTask: There is no such task.
            Invalid: The args do not fit its schema.
            Ending: A dry run whose server is told to stop.
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
        if not await self._running.wait(x):
            await self._running.accept(x)
        return self._reply_now(x)

    def wait_no_longer(self) -> None:
        """Answer whoever waits for a reply with what there is of it: this process ends, and the next one finishes what they asked."""
        self._running.wait_no_longer()

    async def attach(self, name: str, data: bytes, principal: Principal) -> FileShown:
        """Take a table in for a request to name.

        Raises:
            NotAllowed: The principal may not ask.
            Invalid: It is no table, or too large; the sentence says what to do. Nothing is kept.
        """
        self._may(principal, Scope.ASK)
        return await self._files().attach(name, data, principal)

    async def attached(self, id: str, principal: Principal) -> FileShown | None:
        """What is attached under this id; None where it is gone, or never was this shop's."""
        self._may(principal, Scope.READ)
        return await self._files().attached(principal.shop, id)

    # following

    async def reply(self, run_id: str, principal: Principal) -> Reply:
        self._may(principal, Scope.READ)
        if x := self._running.of(principal.shop, run_id):
            return await self._with_file(self._reply_now(x), x.ask.file, principal)
        saved = await self._journal.load(principal.shop, run_id)
        return await self._with_file(await self._standing.reply(saved), saved.context.get(FILE), principal)

    async def _with_file(self, reply: Reply, file: object, principal: Principal) -> Reply:
        """What is attached to a request is seen beside it before there is a plan, too."""
        if reply.plan.id or not isinstance(file, str):
            return reply
        return replace(reply, plan=replace(reply.plan, file=await self.attached(file, principal)))

    async def runs(
        self, principal: Principal, *, limit: int = 50, cursor: str | None = None, text: str | None = None, thread: str | None = None
    ) -> Page[Run]:
        self._may(principal, Scope.READ)
        if cursor is not None and not cursor.startswith("run_"):
            raise Invalid("This cursor was not given by this list; start again without one.", field="cursor")
        page = await self._journal.runs(principal.shop, limit=limit, cursor=cursor, text=text, thread=thread)
        return replace(page, items=await self._standing.of_all(page.items, live=self._running.ids))

    async def history(self, principal: Principal, sought: Sought, *, limit: int = 50, cursor: str | None = None) -> Page[Remembered]:
        """The shop's runs that are looked for, newest first, each with the tasks of its plan."""
        self._may(principal, Scope.READ)
        if cursor is not None and not cursor.startswith("run_"):
            raise Invalid("This cursor was not given by this list; start again without one.", field="cursor")
        page = await search(self._journal.db, principal.shop, sought, limit=limit, cursor=cursor)
        now = {run.id: run for run in await self._standing.of_all([each.run for each in page.items], live=self._running.ids)}
        found = [replace(each, run=now[each.run.id]) for each in page.items]
        return replace(page, items=[each for each in found if not sought.states or each.run.state in sought.states])

    async def threads(
        self, principal: Principal, wanted: Wanted = EVERY_THREAD, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Thread]:  # fmt: skip
        """The shop's conversations, the one in which something was asked last first."""
        self._may(principal, Scope.READ)
        if cursor is not None and not cursor.startswith("run_"):
            raise Invalid("This cursor was not given by this list; start again without one.", field="cursor")
        return await self._conversations.found(principal, wanted, limit=limit, cursor=cursor)

    async def thread(self, id: str, principal: Principal, *, at: str | None = None, limit: int = 50) -> Conversation:
        """A conversation with its requests, along the versions that lead to the run `at`, else to the latest."""
        self._may(principal, Scope.READ)
        found = await self._conversations.show(id, principal, at=at, limit=limit)
        now = await self._standing.of_all([each.run for each in found.runs], live=self._running.ids)
        return replace(found, runs=[replace(each, run=run) for each, run in zip(found.runs, now, strict=True)])

    async def rename_thread(self, id: str, title: str, principal: Principal) -> Thread:
        """Call a conversation something; the empty name takes its name away. For who began it and the shop's owners."""
        self._may(principal, Scope.ASK)
        return await self._conversations.rename(id, title, principal)

    async def pin_thread(self, id: str, pinned: bool, principal: Principal) -> Thread:
        """Put a conversation at the top of one's own list, or take it down."""
        self._may(principal, Scope.READ)
        return await self._conversations.pin(id, pinned, principal)

    async def delete_thread(self, id: str, principal: Principal) -> Thread:
        """Delete a conversation's words for good. What it proposed and still waits is rejected; what was changed stays, with its way back."""
        self._may(principal, Scope.ASK)
        await self._running.written_down(principal.shop, id)
        return await self._conversations.delete(id, principal)

    async def story(self, run_id: str, principal: Principal) -> Sequence[RunEvent]:
        """What has happened in the run by now, in order."""
        await self.reply(run_id, principal)
        return await self._executor.events.so_far(principal.shop, run_id)

    async def events(self, run_id: str, principal: Principal, *, after: int = 0) -> AsyncIterator[RunEvent]:
        """The run's events from `after` on, then live ones until it ends or waits."""
        self._may(principal, Scope.READ)
        if self._running.of(principal.shop, run_id) is None:
            await self._journal.load(principal.shop, run_id)
        async for event in self._executor.events.follow(principal.shop, run_id, after=after):
            yield event

    async def stop(self, run_id: str, principal: Principal) -> Reply:
        """Stop what is under way; what was done stays and is told, with what was not."""
        self._may(principal, Scope.ASK)
        x = self._running.of(principal.shop, run_id)
        if x is None:
            saved = await self._journal.load(principal.shop, run_id)
            under_way = saved.run.state in ("queued", "running")
            return await self._standing.reply(await self._running.stopped_elsewhere(saved) if under_way else saved)
        x.stop()
        if x.work is not None:
            await self._running.wait(x)
        return self._reply_now(x)

    async def answer(self, run_id: str, answers: Mapping[str, str], principal: Principal) -> Reply:
        """Take answers to the run's questions; what waited for them goes on.

        Raises:
            Conflict: The run waits for no answer.
            Invalid: A question is not one of the run's.
        """
        self._may(principal, Scope.ASK)
        saved = await self._journal.load(principal.shop, run_id)
        if saved.plan is None or not saved.plan.questions or run_id in self._running.ids:
            raise Conflict("This request waits for no answer.")
        known = {q.id for q in saved.plan.questions}
        if unknown := set(answers) - known:
            raise Invalid(f"There is no question {', '.join(sorted(unknown))}; the open ones are {', '.join(sorted(known))}.", field="question")
        x = self._running.resumed(saved, principal)
        x.corrections.append({"answers": dict(answers)})
        x.plan = await self._executor.answered(saved.plan, answers, principal.shop)
        if not await self._journal.answered(saved, x.corrections[-1]):
            raise Conflict("Somebody else has just answered this.")
        self._running.take_up(x, new=False)
        if not await self._running.wait(x) and not x.durable:
            await self._running.accept(x)
        return self._reply_now(x)

    # the catalogue

    def tasks(self) -> Sequence[Task]:
        return list(self._executor.registry)

    def task(self, name: str) -> Task:
        return self._executor.registry.task(name)

    async def shop(self, principal: Principal) -> ShopInfo:
        return self._executor.shops.store(principal.shop).shop

    async def suggestions(self, principal: Principal) -> Sequence[Sentence]:
        """Requests that make sense for this shop as it is now."""
        shops = self._executor.shops
        return await suggestions(shops.store(principal.shop), shops.clock(principal.shop))

    async def follow_ups(self, run_id: str, principal: Principal) -> Sequence[Sentence]:
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
        """What this shop should look at now; what somebody put off is not looked at until then."""
        self._may(principal, Scope.READ)
        shops = self._executor.shops
        put_off = await self._concerns.of(principal.shop)
        looked = await look(shops.store(principal.shop), shops.clock(principal.shop), without={each.matter for each in put_off})
        return replace(looked, put_off=put_off)

    async def put_off(self, matter: Matter, principal: Principal) -> None:
        """Nobody in the shop is shown this on Today for a week."""
        self._may(principal, Scope.APPROVE)
        await self._concerns.put_off(matter, principal)

    async def look_again(self, matter: Matter, principal: Principal) -> None:
        """Show on Today again what was put off."""
        self._may(principal, Scope.APPROVE)
        await self._concerns.back(matter, principal)

    async def draft_orders(self, principal: Principal, *, limit: int = 50, cursor: str | None = None) -> Page[DraftOrder]:
        """Orders that the shop prepares for somebody, the newest first."""
        self._may(principal, Scope.READ)
        return await self._executor.shops.store(principal.shop).draft_orders(limit=limit, cursor=cursor)

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
        await self._standing.told(change_set)
        return change_set

    async def reject(self, digest: str, principal: Principal, *, items: Sequence[str] | None = None) -> ChangeSet:
        change_set = await self._executor.approvals.reject(digest, principal, items=items)
        await self._standing.told(change_set)
        return change_set

    async def reword(self, digest: str, item: str, text: str, principal: Principal) -> ChangeSet:
        """A proposal of one item with its text edited. The one as it was written stays open until somebody decides.

        Raises:
            NotFound: The shop has no such proposal, or it has no such item.
            Invalid: The item has no text.
        """
        self._may(principal, Scope.ASK)
        written = await self.approval(digest, principal)
        found = next((i for i in written.items if i.id == item), None)
        if found is None:
            raise NotFound("item of the proposal")
        effect = reworded(found.what, text)
        proposal = (
            Proposal(say("Save this text"), changes=[effect]) if isinstance(effect, Change) else Proposal(say("Send this text"), actions=[effect])
        )
        return await self._executor.approvals.open(proposal, shop=principal.shop, principal=principal, run=written.run, anew=True)

    async def rewordings(self, run_id: str, principal: Principal) -> Sequence[ChangeSet]:
        """What people proposed in place of the run's drafts, the latest last, decided or not."""
        self._may(principal, Scope.READ)
        return await self._executor.approvals.rewordings(principal.shop, run_id)

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
        await self._running.recover()

    # inside

    def _files(self) -> FromFile:
        if self._executor.files is None:
            raise NotFound("place for files")
        return self._executor.files

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

    async def _placed(self, ask: Ask) -> None:
        """
        Raises:
            Invalid: It names a run that its thread does not have.
        """
        for field, run in (("instead_of", ask.instead_of), ("follows", ask.follows)):
            if run is None:
                continue
            x = self._running.of(ask.shop, run)
            there = x.run.thread if x is not None else await self._journal.thread_of(ask.shop, run)
            if ask.thread is None or there != ask.thread:
                raise Invalid(f"This conversation has no request {run}.", field=field)

    def _begin(self, ask: Ask, principal: Principal, *, dry_run: bool = False, id: str | None = None) -> Execution:
        self._may(principal, Scope.ASK)
        self._checked(ask)
        return self._new(ask, principal, dry_run=dry_run, id=id)

    def _new(self, ask: Ask, principal: Principal, *, dry_run: bool, id: str | None = None) -> Execution:
        if ask.shop != principal.shop:
            raise NotFound("shop")
        now = self._executor.shops.clock(principal.shop).now()
        run = Run(
            id=id or new_id("run"), shop=principal.shop, principal=principal.id, text=ask.text, state="running", created_at=now, thread=ask.thread,
            follows=ask.follows, instead_of=ask.instead_of,
        )  # fmt: skip
        x = Execution(run=run, ask=ask, principal=principal, dry_run=dry_run)
        self._running.take_up(x, new=True)
        return x

    def _reply_now(self, x: Execution) -> Reply:
        reply = reply_of(x.run, x.ask, x.plan, list(x.parts.values()), x.took_ms)
        return replace(reply, approvals=()) if x.dry_run else reply
