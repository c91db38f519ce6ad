"""A service that answers from a script, with real records: what the doors show is then known in every detail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.approvals.reword import reworded
from agent.errors import Conflict, Invalid, NoSuchTask, NotAllowed, NotFound, StorehandError
from agent.records import (
    Ask,
    ChangeSet,
    Conversation,
    EventType,
    Item,
    NotDone,
    Option,
    Part,
    Plan,
    Principal,
    Question,
    Read,
    Reply,
    Route,
    Run,
    RunEvent,
    RunState,
    Scope,
    Subtask,
    TextDelta,
    Thread,
    ThreadRun,
    Totals,
    Used,
    digest,
    to_json,
)  # fmt: skip
from agent.runs.branches import Branches, Step
from agent.runs.conversations import Wanted
from agent.runs.history import Remembered, Sought
from agent.sdk import Action, Change, DraftOrder, Evidence, Money, Page, Period, Sentence, ShopInfo, Target, Task, say
from agent.service.record_cards import Card
from agent.service.today import Concern, Looked, Matter, Point, PutOff

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
LOOKED = Looked(
    concerns=[
        Concern(
            matter="stock", count=7, points=[Point(label="Blue Ceramic Mug", left=0, sold=184), Point(label="Tall Latte Mug <b>", left=3, sold=1)],
            request="Which products are running low?",
            evidence=Evidence(
                metric="stock", definition="Active products with 5 or fewer units on hand.", query="products where stock at most 5", period=None,
                time_zone="Europe/Berlin", currency="EUR", rows=7,
            ),
        ),
        Concern(
            matter="messages", count=250, more=True, points=[Point(label="Nina", text="Where is my \u202eparcel?", at=NOW - timedelta(hours=5))],
            request="Show me the unanswered messages",
            evidence=Evidence(
                metric="messages", definition="Messages that nobody has answered.", query="messages where received and not answered", period=None,
                time_zone="Europe/Berlin", currency="EUR", rows=250,
            ),
        ),
    ],
    unread=["reviews"],
)  # fmt: skip
CODE = Route(by="code", what="compute", why="plain code needs no model")
READ = Route(by="student", what="read the request", confidence=0.98, why="the students are sure of this part")


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@dataclass
class Record:
    run: Run
    plan: Plan
    parts: list[Part] = field(default_factory=list)
    questions: tuple[Question, ...] = ()
    not_done: tuple[NotDone, ...] = ()
    events: list[RunEvent] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class ScriptedService:
    """`hold` keeps every run at its first step until `release` is called."""

    def __init__(self, tasks: Sequence[Task] = (), *, hold: bool = False) -> None:
        self._tasks = list(tasks)
        self._runs: dict[str, Record] = {}
        self._sets: dict[str, ChangeSet] = {}
        self._gate = asyncio.Event()
        self._hold = hold
        self.asked: list[Ask] = []
        self.sought: list[Sought] = []
        self.looked = LOOKED
        self.put_offs: list[PutOff] = []
        self._titles: dict[str, str] = {}
        self._pins: set[tuple[str, str]] = set()
        self.cards: list[Card] = []
        self.drafts: list[DraftOrder] = []

    def release(self) -> None:
        self._gate.set()

    async def settled(self) -> None:
        """Every run that was begun has come to its end."""
        await asyncio.gather(*(record.task for record in self._runs.values() if record.task is not None))

    # asking

    async def ask(self, ask: Ask, principal: Principal, *, dry_run: bool = False, wait_s: float = 30) -> Reply:
        record = self._begin(ask, principal)
        assert record.task is not None
        await asyncio.wait({record.task}, timeout=wait_s)
        return self._reply(record)

    async def start(self, ask: Ask, principal: Principal) -> str:
        if not ask.text.strip():
            raise Invalid("Nothing was asked; write what you would like done.", field="text")
        return self._begin(ask, principal).run.id

    async def plan(self, ask: Ask, principal: Principal) -> Plan:
        return _script(ask.text)[0]

    async def reply(self, run_id: str, principal: Principal) -> Reply:
        return self._reply(self._record(run_id, principal))

    async def runs(
        self, principal: Principal, *, limit: int = 50, cursor: str | None = None, text: str | None = None, thread: str | None = None
    ) -> Page[Run]:
        mine = [r.run for r in self._runs.values() if r.run.shop == principal.shop]
        chosen = [r for r in mine[::-1] if (thread is None or r.thread == thread) and (text is None or text in r.text)]
        start = int(cursor or 0)
        return Page(chosen[start : start + limit], str(start + limit) if len(chosen) > start + limit else None)

    async def history(self, principal: Principal, sought: Sought, *, limit: int = 50, cursor: str | None = None) -> Page[Remembered]:
        self.sought.append(sought)
        mine = [
            r
            for r in list(self._runs.values())[::-1]
            if r.run.shop == principal.shop and all(w in f"{r.run.text} {r.run.id}" for w in sought.words.split())
        ]
        chosen = [r for r in mine if not sought.states or r.run.state in sought.states]
        start = int(cursor or 0)
        shown = [
            Remembered(
                run=r.run,
                tasks=[s.task for s in r.plan.subtasks],
                questions=[q.question for q in r.questions],
                faults=any(part.kind == "error" for part in r.parts),
            )
            for r in chosen[start : start + limit]
        ]  # fmt: skip
        return Page(shown, str(start + limit) if len(chosen) > start + limit else None)

    async def threads(
        self, principal: Principal, wanted: Wanted = Wanted(), *, limit: int = 50, cursor: str | None = None  # noqa: B008 (it never changes)
    ) -> Page[Thread]:  # fmt: skip
        newest = {r.run.thread: r.run for r in self._runs.values() if r.run.shop == principal.shop and r.run.thread}
        order = sorted(newest, key=lambda thread: newest[thread].id, reverse=True)
        every = [self._thread(str(thread), principal) for thread in order if thread in newest]
        chosen = [each for each in every if self._is(each, wanted, principal)]
        start = int(cursor or 0)
        return Page(chosen[start : start + limit], str(start + limit) if len(chosen) > start + limit else None)

    async def thread(self, id: str, principal: Principal, *, at: str | None = None, limit: int = 50) -> Conversation:
        thread = self._thread(id, principal)
        runs = {r.run.id: r.run for r in self._runs.values() if r.run.thread == id}
        seen = Branches([Step(id=r.id, follows=r.follows, instead_of=r.instead_of) for r in runs.values()]).seen(at)
        shown = [ThreadRun(run=runs[each.id], versions=each.versions) for each in seen[-limit:]]
        return Conversation(thread=thread, runs=shown, earlier=max(0, len(seen) - limit))

    async def rename_thread(self, id: str, title: str, principal: Principal) -> Thread:
        if self._thread(id, principal).began_by != principal.id and not principal.may(Scope.ADMIN):
            raise NotAllowed("Somebody else began this conversation; they and the shop's owners rename it.")
        self._titles[id] = title
        return self._thread(id, principal)

    async def pin_thread(self, id: str, pinned: bool, principal: Principal) -> Thread:
        (self._pins.add if pinned else self._pins.discard)((principal.id, id))
        return self._thread(id, principal)

    async def delete_thread(self, id: str, principal: Principal) -> Thread:
        thread = self._thread(id, principal)
        mine = [r.run for r in self._runs.values() if r.run.thread == id]
        if any(run.principal != principal.id for run in mine) and not principal.may(Scope.ADMIN):
            raise NotAllowed("Others asked in this conversation as well; an owner of the shop can delete it.")
        self._runs = {run: record for run, record in self._runs.items() if record.run.thread != id}
        return thread

    def _thread(self, id: str, principal: Principal) -> Thread:
        runs = [r.run for r in self._runs.values() if r.run.thread == id and r.run.shop == principal.shop]
        if not runs:
            raise NotFound("conversation")
        title = self._titles.get(id, "")
        return Thread(
            id=id, title=title or runs[0].text, named=bool(title), began_by=runs[0].principal, began_at=runs[0].created_at,
            last_at=runs[-1].created_at, requests=len(runs), pinned=(principal.id, id) in self._pins,
        )  # fmt: skip

    def _is(self, thread: Thread, wanted: Wanted, principal: Principal) -> bool:
        runs = [r.run for r in self._runs.values() if r.run.thread == thread.id]
        by = wanted.person is None or any(run.principal == wanted.person for run in runs)
        has = all(word.lower() in " ".join([thread.title, *(run.text for run in runs)]).lower() for word in wanted.words.split())
        return by and has and (wanted.pinned is None or thread.pinned == wanted.pinned)

    async def story(self, run_id: str, principal: Principal) -> Sequence[RunEvent]:
        return list(self._record(run_id, principal).events)

    async def today(self, principal: Principal) -> Looked:
        off = {each.matter for each in self.put_offs}
        return replace(self.looked, concerns=[each for each in self.looked.concerns if each.matter not in off], put_off=list(self.put_offs))

    async def put_off(self, matter: Matter, principal: Principal) -> None:
        self._must(principal, Scope.APPROVE)
        self.put_offs.append(PutOff(matter=matter, until=NOW + timedelta(days=7), by=principal.id))

    async def look_again(self, matter: Matter, principal: Principal) -> None:
        self._must(principal, Scope.APPROVE)
        self.put_offs = [each for each in self.put_offs if each.matter != matter]

    @staticmethod
    def _must(principal: Principal, scope: Scope) -> None:
        if not principal.may(scope):
            raise NotAllowed(f"This needs the right to {scope.value}.")

    async def events(self, run_id: str, principal: Principal, *, after: int = 0) -> AsyncIterator[RunEvent]:
        record = self._record(run_id, principal)
        seen = after
        while True:
            record.changed.clear()
            for event in record.events[seen:]:
                seen = event.seq
                yield event
            if record.events and record.events[-1].seq > seen:
                continue
            if record.run.state not in ("queued", "running"):
                return
            await record.changed.wait()

    async def stop(self, run_id: str, principal: Principal) -> Reply:
        record = self._record(run_id, principal)
        if record.task is not None and not record.task.done():
            record.task.cancel()
            await asyncio.wait({record.task})
            record.not_done += tuple(NotDone(span=s.span, code="not_allowed", reason="Stopped before this was done.") for s in record.plan.subtasks)
            self._settle(record, "stopped", "run_stopped")
        return self._reply(record)

    async def answer(self, run_id: str, answers: Mapping[str, str], principal: Principal) -> Reply:
        record = self._record(run_id, principal)
        if not record.questions:
            raise Conflict("This request waits for no answer.")
        if unknown := set(answers) - {q.id for q in record.questions}:
            raise Invalid(f"There is no question {min(unknown)}.", field="question")
        record.questions = ()
        await self._give(record, record.plan.subtasks[0], _prices([("v9", f"{answers['q1']}", "19.00", "17.00")]))
        self._settle(record, "waiting", "run_waiting")
        return self._reply(record)

    # tasks

    def tasks(self) -> Sequence[Task]:
        return self._tasks

    def task(self, name: str) -> Task:
        found = next((t for t in self._tasks if t.name == name), None)
        if found is None:
            raise NoSuchTask(name)
        return found

    async def run_task(self, name: str, args: Mapping[str, Any], principal: Principal, *, dry_run: bool = False) -> Reply:
        self.task(name)
        record = self._record_for(Ask(name, shop=principal.shop), principal, _plan(name, [(name, 0, len(name), "write")], by="caller"))
        text = str(args.get("description") or "")
        change = Change.set(Target("product", "p1", "Blue Ceramic Mug"), "description", before="A mug.", after=text)
        await self._give(record, record.plan.subtasks[0], ("proposal", "Edit Blue Ceramic Mug", [change], None, None))
        self._settle(record, "waiting", "run_waiting")
        return self._reply(record)

    # deciding

    async def approvals(self, principal: Principal, *, limit: int = 50, cursor: str | None = None) -> Page[ChangeSet]:
        return Page([s for s in self._mine(principal) if s.state == "open"][:limit])

    async def approval(self, digest: str, principal: Principal) -> ChangeSet:
        found = next((s for s in self._mine(principal) if s.digest == digest), None)
        if found is None:
            raise NotFound("proposal")
        return found

    async def reword(self, digest: str, item: str, text: str, principal: Principal) -> ChangeSet:
        written = await self.approval(digest, principal)
        return self._open(
            [reworded(next(each.what for each in written.items if each.id == item), text)], "Save this text", principal, run=written.run
        )

    async def rewordings(self, run_id: str, principal: Principal) -> Sequence[ChangeSet]:
        return [each for each in self._mine(principal) if each.run == run_id and each.subtask is None]

    async def approve(self, digest: str, principal: Principal, *, items: Sequence[str] | None = None, typed: str | None = None) -> ChangeSet:
        return await self._decide(digest, principal, items, "applied")

    async def reject(self, digest: str, principal: Principal, *, items: Sequence[str] | None = None) -> ChangeSet:
        return await self._decide(digest, principal, items, "rejected")

    async def changes(self, principal: Principal, *, limit: int = 50, cursor: str | None = None) -> Page[ChangeSet]:
        return Page([s for s in self._mine(principal) if s.state != "open"][:limit])

    async def undo(self, change_set_id: str, principal: Principal) -> ChangeSet:
        done = self._sets.get(change_set_id)
        if done is None or done.shop != principal.shop:
            raise NotFound("change set")
        inverse = [
            replace(i.what, before=i.what.after, after=i.what.before) for i in done.items if isinstance(i.what, Change) and i.state == "applied"
        ]
        return self._open(inverse, f"Undo: {done.summary}", principal, undoes=done.id)

    async def shop(self, principal: Principal) -> ShopInfo:
        return ShopInfo(
            id=principal.shop, name="Fern & Tide", currency="EUR", time_zone="Europe/Berlin", locale="en-GB", prices_include_tax=True
        )  # fmt: skip

    async def suggestions(self, principal: Principal) -> Sequence[Sentence]:
        return [
            say("Put the mugs at 12.50 and show me what they sold last month"),
            say("Which products are running low?"),
            say("Describe the Blue Ceramic Mug"),
            say("Who are my best customers in Berlin this year?"),
        ]

    async def follow_ups(self, run_id: str, principal: Principal) -> Sequence[Sentence]:
        return [say("Which customers bought it?")] if self._record(run_id, principal).run.state == "done" else []

    async def page_labels(self, context: Mapping[str, Any], principal: Principal) -> Sequence[str]:
        return ["Blue Ceramic Mug"] if context.get("product_id") == "p1" else []

    async def record_cards(self, ids: Mapping[str, Sequence[str]], principal: Principal) -> Sequence[Card]:
        return [card for wanted in ids.values() for id in wanted for card in self.cards if card.id == id]

    async def draft_orders(self, principal: Principal, *, limit: int = 50, cursor: str | None = None) -> Page[DraftOrder]:
        start = int(cursor or 0)
        return Page(self.drafts[start : start + limit], str(start + limit) if len(self.drafts) > start + limit else None)

    # inside

    def _mine(self, principal: Principal) -> list[ChangeSet]:
        return [s for s in self._sets.values() if s.shop == principal.shop][::-1]

    def _record(self, run_id: str, principal: Principal) -> Record:
        record = self._runs.get(run_id)
        if record is None or record.run.shop != principal.shop:
            raise NotFound("run")
        return record

    def _record_for(self, ask: Ask, principal: Principal, plan: Plan) -> Record:
        run = Run(
            id=f"run_{len(self._runs) + 1:04}", shop=principal.shop, principal=principal.id, text=ask.text, state="running", created_at=NOW,
            thread=ask.thread, follows=ask.follows, instead_of=ask.instead_of,
        )  # fmt: skip
        record = self._runs[run.id] = Record(run=run, plan=plan)
        return record

    def _begin(self, ask: Ask, principal: Principal) -> Record:
        self.asked.append(ask)
        plan, script = _script(ask.text)
        record = self._record_for(ask, principal, plan)
        record.task = asyncio.get_running_loop().create_task(self._carry_out(record, script))
        return record

    async def _carry_out(self, record: Record, script: Script) -> None:
        self._emit(record, "run_started", {"text": record.run.text})
        self._emit(record, "plan_ready", {"plan": to_json(record.plan)})
        if script.deltas:
            await self._write(record, script.deltas)
        elif self._hold:
            self._emit(record, "step_started", {"task": record.plan.subtasks[0].task, "state": "running"}, record.plan.subtasks[0].id)
            await self._gate.wait()
        record.questions, record.not_done = tuple(script.questions), tuple(script.not_done)
        if script.questions:
            self._emit(record, "question", {"questions": to_json(list(script.questions))})
        if script.error is not None:
            self._settle(record, "failed", "run_error", {"code": script.error.code, "detail": str(script.error)})
            return
        for subtask, result in zip(record.plan.subtasks, script.results, strict=False):
            await self._give(record, subtask, result)
        if script.questions or any(p.change_set for p in record.parts):
            self._settle(record, "waiting", "run_waiting", {"why": "questions" if script.questions else "approval"})
        else:
            self._settle(record, "done", "run_finished")

    async def _write(self, record: Record, deltas: Sequence[TextDelta]) -> None:
        """The first step's texts as they grow; held before the last piece."""
        subtask = record.plan.subtasks[0]
        self._emit(record, "step_started", {"task": subtask.task, "state": "running"}, subtask.id)
        for delta in deltas[:-1]:
            self._emit(record, "text_delta", to_json(delta), subtask.id)
            await asyncio.sleep(0)
        if self._hold:
            await self._gate.wait()
        self._emit(record, "text_delta", to_json(deltas[-1]), subtask.id)

    async def _give(self, record: Record, subtask: Subtask, result: Result) -> None:
        kind, text, changes, data, evidence = result
        if not any(event.type == "step_started" and event.subtask == subtask.id for event in record.events):
            self._emit(record, "step_started", {"task": subtask.task, "state": "running"}, subtask.id)
        await asyncio.sleep(0)
        change_set = None
        if changes:
            who = Principal(record.run.principal, "person", "", record.run.shop, frozenset(Scope))
            change_set = self._open(changes, text, who, run=record.run.id, subtask=subtask.id)
        part = Part(
            subtask=subtask.id, task=subtask.task, kind=kind, text=text, data=data, evidence=evidence, change_set=change_set, run=(READ, CODE)
        )  # fmt: skip
        record.parts.append(part)
        self._emit(record, "part", {"part": to_json(part)}, subtask.id)
        self._emit(record, "step_finished", {"task": subtask.task, "state": "done"}, subtask.id)

    def _open(self, changes: Sequence[Change | Action], summary: str, principal: Principal, **more: Any) -> ChangeSet:
        items = [Item(id=str(n), what=change) for n, change in enumerate(changes, 1)]
        money = [(c.before, c.after) for c in changes if isinstance(c, Change) and isinstance(c.before, Money) and isinstance(c.after, Money)]
        moved = sum((after.minor - before.minor for before, after in money), 0)
        made = ChangeSet(
            id=f"cs_{len(self._sets) + 1:04}", digest=digest([len(self._sets), to_json(items)]), summary=summary, items=items,
            totals=Totals(count=len(items), money=Money.from_minor(moved, "EUR") if money else None), risk="low", created_at=NOW,
            expires_at=NOW + timedelta(hours=72), state="open", shop=principal.shop, proposed_by=principal.id, **more,
        )  # fmt: skip
        self._sets[made.id] = made
        return made

    async def _decide(self, digest: str, principal: Principal, items: Sequence[str] | None, state: Any) -> ChangeSet:
        found = await self.approval(digest, principal)
        if not principal.may(Scope.APPROVE):
            raise NotAllowed("This needs the right to approve.")
        if found.state != "open":
            raise Conflict("This has been decided already.")
        decided = [replace(i, state=state) if (items is None or i.id in items) and i.state == "open" else i for i in found.items]
        left = any(i.state == "open" for i in decided)
        done = replace(found, items=decided, state="open" if left else state, decided_by=principal.id, decided_at=NOW)
        self._sets[done.id] = done
        if done.undoes and state == "applied":
            before = self._sets[done.undoes]
            self._sets[before.id] = replace(before, state="undone", items=[replace(i, state="undone") for i in before.items])
        return done

    def _emit(self, record: Record, type_: EventType, data: Mapping[str, Any], subtask: str | None = None) -> None:
        seq = len(record.events) + 1
        at = NOW + timedelta(milliseconds=20 * seq)
        record.events.append(RunEvent(run=record.run.id, seq=seq, at=at, type=type_, subtask=subtask, data=data))
        record.changed.set()

    def _settle(self, record: Record, state: RunState, type_: EventType, data: Mapping[str, Any] | None = None) -> None:
        record.run = replace(record.run, state=state)
        self._emit(record, type_, {"reply": to_json(self._reply(record)), **(data or {})})

    def _reply(self, record: Record) -> Reply:
        parts = [replace(p, change_set=self._sets[p.change_set.id]) if p.change_set else p for p in record.parts]
        return Reply(
            run_id=record.run.id, plan=record.plan, state=record.run.state, parts=parts, questions=record.questions, not_done=record.not_done,
            approvals=[p.change_set.digest for p in parts if p.change_set and p.change_set.state == "open"], usage=Used(calls=2, took_ms=412.0),
        )  # fmt: skip


Result = tuple[Any, str, Sequence[Change | Action], Any, Evidence | None]


@dataclass
class Script:
    results: Sequence[Result] = ()
    questions: Sequence[Question] = ()
    not_done: Sequence[NotDone] = ()
    error: StorehandError | None = None
    deltas: Sequence[TextDelta] = ()


def _script(text: str) -> tuple[Plan, Script]:
    """What a request with this word in it comes to."""
    n = len(text)
    scripts: dict[str, Callable[[], tuple[Plan, Script]]] = {
        "mugs": lambda: (
            _plan(text, [("change_price", 0, 22, "write"), ("sales_report", 27, n, "read")]),
            Script([_prices(MUGS), _sales()]),
        ),
        "which mug": lambda: (_plan(text, [("change_price", 0, n, "write")]), Script(questions=[WHICH])),
        "Compose": lambda: (_plan(text, [("write_description", 0, n, "draft")]), Script([_draft()], deltas=GROWING)),
        "Describe": lambda: (_plan(text, [("write_description", 0, n, "draft")]), Script([_draft()])),
        "weather": lambda: (
            _plan(text, []),
            Script(not_done=[NotDone(span=(0, n), code="out_of_scope", reason="The weather is not a shop matter.")]),
        ),
        "explain": lambda: (_plan(text, [("how_to", 0, n, "read")]), Script([("answer", MARKDOWN, (), None, None)])),
        "cards": lambda: (_plan(text, [("find_products", 0, n, "read")]), Script([_few()])),
        "Refund": lambda: (_plan(text, [("refund_order", 0, n, "action")]), Script([_refund()])),
        "boom": lambda: (_plan(text, [("sales_report", 0, n, "read")]), Script(error=StorehandError("The report broke; nothing was changed."))),
    }
    made = next((make() for word, make in scripts.items() if word in text), None)
    return made or (_plan(text, [("sales_report", 0, n, "read")]), Script([_sales()]))


def _plan(text: str, subtasks: Sequence[tuple[str, int, int, Any]], by: Any = "student") -> Plan:
    made = [
        Subtask(id=f"s{i}", task=task, args={}, span=(start, end), effect=effect, read=Read(by, 0.98))
        for i, (task, start, end, effect) in enumerate(subtasks, 1)
    ]
    return Plan(id="plan_1", text=text, locale="en-GB", subtasks=made, questions=(), not_done=(), by=by, took_ms=4.2)


MUGS = [
    ("v1", "Blue Ceramic Mug", "11.00", "12.50"), ("v2", "Speckled Stoneware Mug", "14.00", "12.50"), ("v3", "Tall Latte Mug", "13.90", "12.50"),
]  # fmt: skip
WHICH = Question(
    id="q1", subtask="s1", field="variants", question="Which mug do you mean?",
    options=[Option(value="Blue Ceramic Mug", label="Blue Ceramic Mug, €11.00"), Option(value="Tall Latte Mug", label="Tall Latte Mug, €13.90")],
)  # fmt: skip


GROWING = [
    TextDelta(text=1, delta="A mug for the", anew=True),
    TextDelta(text=1, delta="A blue mug from Fern & Tide, <b>thrown</b> by\u202e hand.", anew=True),
    TextDelta(text=1, delta="\n\nHolds", anew=False), TextDelta(text=1, delta=" 300 ml.", anew=False),
]  # fmt: skip
"""A text that another model begins anew, as it is written."""


def _prices(rows: Sequence[tuple[str, str, str, str]]) -> Result:
    changes = [Change.set(Target("variant", id, label), "price", before=eur(before), after=eur(after)) for id, label, before, after in rows]
    return "proposal", f"New price for {len(changes)} variants: €12.50", changes, None, None


def _refund() -> Result:
    action = Action(kind="refund", target=Target("order", "o1", "#1042"), params={"reason": "broken"}, confirm="type:REFUND", money=eur("95.00"))
    return "proposal", "Refund #1042, €95.00", [action], None, None


def _sales() -> Result:
    start = datetime.fromisoformat("2026-10-01T00:00:00+02:00")
    rows = [
        ["Blue Ceramic Mug", 184, eur("2024.00"), "31.4"], ["Speckled Stoneware Mug", 121, eur("1694.00"), "26.2"],
        ["Tall Latte Mug <b>", 96, eur("1334.40"), "20.7"], ["\u202egnippart Mug", 7, eur("98.00"), "-1.5"],
    ]  # fmt: skip
    data = {"table": {"columns": ["Product", "Units", "Net sales", "Share"], "rows": to_json(rows), "numeric": [False, True, True, True]}}
    evidence = Evidence(
        metric="net_sales", definition="Gross sales minus discounts minus returns.", query="net_sales, units by product where product in 4",
        period=Period(start=start, end=datetime.fromisoformat("2026-11-01T00:00:00+01:00"), label="last month"), time_zone="Europe/Berlin",
        currency="EUR", filters={"products": ["Blue Ceramic Mug", "Speckled Stoneware Mug"]}, rows=408,
    )  # fmt: skip
    return "answer", "Four products sold 408 units for €5,150.40 last month (1 Oct 2026 – 31 Oct 2026).", (), data, evidence


MARKDOWN = """## Three ways

**Raise** the price of *one* thing:

1. Say which.
2. Say how much.

| Way | Worth |
|-----|-------|
| Rise | `5%` |

[a link](https://evil.example/?q=secret) ![a picture](https://evil.example/x.png) <img src=x onerror=window.hit=1> pass\u200bword
"""


def _few() -> Result:
    rows = [["Blue Ceramic Mug", 184], ["Tall Latte Mug <b>", 96]]
    table = {"columns": ["Product", "Units"], "rows": rows, "numeric": [False, True]}
    return "answer", "2 products match.", (), {"table": table, "products": {"ids": ["p1", "p2"], "label": "the products found"}}, None


def _draft() -> Result:
    text = "A blue mug from Fern & Tide, thrown by hand.\n\nHolds 300 ml."
    change = Change.set(Target("product", "p1", "Blue Ceramic Mug"), "description", before="A mug.", after=text)
    data = {"title": "Blue Ceramic Mug", "content": text, "by": "template"}
    return "draft", "A description made from the facts of Blue Ceramic Mug, without a model.", [change], data, None
