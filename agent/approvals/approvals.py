"""The door to the only writer: propose, approve, reject, undo. Only a `Principal` decides, and nothing is applied without a decision."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.approvals import audit, book, made
from agent.approvals.apply import Applier, CrashAt, nowhere
from agent.approvals.deciding import APPLY, Desk, timer_of
from agent.approvals.inverse import can_be_put_back, inverse_of
from agent.approvals.journal import Journal, Outcome, Work
from agent.approvals.limits import Limits, check, check_count, check_refunds, fault_of, known
from agent.approvals.summary import confirmation, risk, summary, totals
from agent.db.engine import Database
from agent.db.tables import ChangeItemRow, ChangeSetRow, DecisionRow
from agent.errors import Conflict, Invalid, NotAllowed, NotFound, RunError, StoreUnavailable
from agent.records import ChangeSet, Principal, Scope, Writing, decode, digest, encode, new_id
from agent.runs.engine import RunEngine
from agent.runs.events import EventLog
from agent.runs.timers import utc_now
from agent.sdk import Action, Change, Page, Proposal, Target

RESTORE = "restore"
ERASED = "erase_customer"
"""The kind of action after which nothing may be remembered of its customer."""


class Approvals:
    def __init__(
        self,
        db: Database,
        runs: RunEngine,
        store: Callable[[str], Writing],
        *,
        limits: Limits | None = None,
        events: EventLog | None = None,
        clock: Callable[[], datetime] = utc_now,
        wait_s: float = 120.0,
        crash_at: CrashAt = nowhere,
    ) -> None:
        """
        Args:
            runs: Not yet started: what it has left over from an earlier process is work of ours.
            store: The store of a shop, by the shop's id. Nobody else is given one that writes.
            events: Where the runs' followers read what was applied and what was skipped; None tells nobody.
            wait_s: How long `approve` waits for the apply, which goes on without it.
            crash_at: For tests: called at each named point of an apply.
        """
        self._db, self._runs, self._store, self._clock, self._wait_s = db, runs, store, clock, wait_s
        self._limits = limits or Limits()
        self._events, self._crash_at = events, crash_at
        self._journal = Journal(db, runs.timers, clock=clock, crash_at=crash_at)
        self._desk = Desk(timers=runs.timers, clock=clock, crash_at=crash_at)
        self._applier = Applier(journal=self._journal, limits=self._limits, told=self._tell, crash_at=crash_at)
        runs.register(APPLY, self._apply)
        runs.register(RESTORE, self._restore)

    # proposing

    async def open(
        self,
        proposal: Proposal,
        *,
        shop: str,
        principal: Principal,
        run: str | None = None,
        subtask: str | None = None,
        now: datetime | None = None,
        beyond_limits: bool = False,
        once: bool = False,
        anew: bool = False,
    ) -> ChangeSet:
        """Store a proposal until somebody decides. The same proposal of the same subtask again is the one that is there.

        Args:
            anew: A person proposes it, in so many words: where the same was decided before, it waits once more.
            once: Where the same actions wait for a decision already, whoever proposed them, nothing is stored and that proposal given back:
                what cannot be undone is to stand open once.
            beyond_limits: It is stored though it exceeds a limit, for a person to see. Approving it is refused until the limit is another.

        Raises:
            NotAllowed: It exceeds a limit; the sentence names the limit and its setting.
            Invalid: It is empty, contradicts itself, or is to be put back in the past.
        """
        at = now or self._clock()
        row, items = await self._made(
            proposal, shop=shop, principal=principal, run=run, subtask=subtask, now=at, beyond_limits=beyond_limits, id=new_id("cs") if anew else None
        )  # fmt: skip
        return await self._stored(row, items, once=anew or (once and bool(proposal.actions)))

    async def exceeded(self, effects: Sequence[Change | Action], *, shop: str) -> str | None:
        """The limit that these would exceed together, as a sentence with its setting; None where there is none."""
        try:
            await self._check_limits(effects, shop)
        except NotAllowed as error:
            return str(error)
        return None

    @property
    def most_items(self) -> int:
        """How many things one proposal may change."""
        return self._limits.items_per_change

    async def faults(self, effects: Sequence[Change | Action], *, shop: str) -> Sequence[str | None]:
        """Of each by itself the limit that it would exceed, as a sentence; None where there is none."""
        facts = await known(self._store(shop), effects, self._limits)
        return [fault_of(effect, self._limits, facts) for effect in effects]

    async def preview(
        self, proposal: Proposal, *, shop: str, principal: Principal, run: str | None = None, subtask: str | None = None, now: datetime | None = None
    ) -> ChangeSet:
        """What `open` would store, checked in the same way; nothing is stored and it cannot be approved."""
        at = now or self._clock()
        row, items = await self._made(proposal, shop=shop, principal=principal, run=run, subtask=subtask, now=at)
        return book.record(row, items, at)

    async def undo(
        self,
        change_set: str,
        principal: Principal,
        *,
        run: str | None = None,
        subtask: str | None = None,
        keep: bool = True,
        records: Collection[str] = (),
    ) -> ChangeSet:
        """An open proposal of the inverse of what was applied. One that is already open is given back.

        Args:
            records: Only what was done to these, by id; none are all of them.
            run: The run that asks for it, whose followers are told what is decided.
            keep: False only shows what would be proposed; nothing is stored and it cannot be approved.

        Raises:
            NotFound: The principal's shop has no such change set.
            Conflict: Nothing of it is left to undo.
            NotAllowed: What it did cannot be taken back, or the principal may not ask.
        """
        if not (principal.may(Scope.ASK) or principal.may(Scope.APPROVE)):
            raise NotAllowed("Undoing needs the right to ask; ask the shop's owner.")
        now = self._clock()
        if not records and (waiting := await self._journal.read(lambda s: self._open_undo(s, principal.shop, change_set, now))) is not None:
            return waiting
        return await self._inverse(principal.shop, change_set, by=principal.id, id=new_id("cs"), run=run, subtask=subtask, keep=keep, records=records)

    # deciding

    async def approve(self, digest: str, principal: Principal, *, items: Sequence[str] | None = None, typed: str | None = None) -> ChangeSet:
        """Use up the open items (or those named) and apply them; what is left out stays open until it expires.

        Returns:
            The set with an outcome for each approved item. State "applying" when the store cannot be reached: it is tried again
            until each item has one.

        Raises:
            NotFound: The principal's shop has no such proposal or item.
            NotAllowed: The principal may not decide on it, or it changes more things at once than the limit; a part of it may be approved.
            Conflict: It has expired, or was decided on, or is about what another proposal is to make and has not.
            Invalid: A word has to be typed, and was not.
            StoreUnavailable: The decision could not be written down; nothing was approved.
        """
        await self._check_count(digest, principal.shop, items)
        await self._check_made(digest, principal.shop, items)
        decision = await self._journal.write(lambda s: self._desk.decide(s, "approve", digest, principal, items, typed))
        await self._finish(principal.shop, decision)
        return await self.by_digest(principal.shop, digest)

    async def reject(self, digest: str, principal: Principal, *, items: Sequence[str] | None = None) -> ChangeSet:
        """Say no to the open items, or to those named, for good. Raises as `approve` does."""
        await self._journal.write(lambda s: self._desk.decide(s, "reject", digest, principal, items, None))
        return await self.by_digest(principal.shop, digest)

    async def withdraw(self, change_set: str, principal: Principal) -> ChangeSet:
        """Take back what one proposed oneself, as far as it is open; another's is rejected by those who may decide. Raises as `approve` does."""
        found = await self.by_id(principal.shop, change_set)
        own = found.proposed_by == principal.id
        await self._journal.write(lambda s: self._desk.decide(s, "reject", found.digest, principal, None, None, checked=own))
        return await self.by_id(principal.shop, change_set)

    # looking

    async def by_digest(self, shop: str, digest: str) -> ChangeSet:
        return await self._journal.read(lambda s: self._record(s, book.by_digest(s, shop, digest)))

    async def by_id(self, shop: str, id: str) -> ChangeSet:
        return await self._journal.read(lambda s: self._record(s, book.by_id(s, shop, id)))

    async def made_by(self, change_set: ChangeSet) -> Target | None:
        """What an applied proposal made first; None for one that made nothing, or has not yet."""
        return await self._journal.read(lambda s: made.first_made(s, change_set.shop, change_set.id))

    async def waiting(self, shop: str, *, limit: int = 50, cursor: str | None = None) -> Page[ChangeSet]:
        """Proposals with something left to decide, newest first."""
        now = self._clock()
        return await self._journal.read(lambda s: book.page(s, [book.in_shop(shop), *book.still_open(now)], limit=limit, cursor=cursor, now=now))

    async def undecided(self, shop: str, runs: Collection[str]) -> frozenset[str]:
        """Those of the runs of which a proposal still waits for somebody's decision."""
        theirs = (book.in_shop(shop), col(ChangeSetRow.run_id).in_(runs), *book.still_open(self._clock()))
        found = await self._journal.read(lambda s: list(s.scalars(select(col(ChangeSetRow.run_id)).where(*theirs).distinct())))
        return frozenset(run for run in found if run is not None)

    async def of_runs(self, shop: str, runs: Collection[str]) -> list[ChangeSet]:
        """What these runs proposed of which something is not settled yet."""
        theirs = (book.in_shop(shop), col(ChangeSetRow.run_id).in_(runs), *book.unsettled())
        return await self._journal.read(lambda s: [self._record(s, row) for row in s.scalars(select(ChangeSetRow).where(*theirs))])

    async def rewordings(self, shop: str, run: str) -> list[ChangeSet]:
        """What people proposed in place of the run's drafts, in the order they did, decided or not."""
        theirs = (book.in_shop(shop), col(ChangeSetRow.run_id) == run, col(ChangeSetRow.subtask).is_(None), col(ChangeSetRow.undoes).is_(None))
        wanted = select(ChangeSetRow).where(*theirs).order_by(col(ChangeSetRow.created_at), col(ChangeSetRow.id))
        return await self._journal.read(lambda s: [self._record(s, row) for row in s.scalars(wanted)])

    async def changes(self, shop: str, *, limit: int = 50, cursor: str | None = None) -> Page[ChangeSet]:
        """Change sets of which something was approved, newest first, with what came of each item."""
        now = self._clock()
        return await self._journal.read(lambda s: book.page(s, [book.in_shop(shop), *book.decided()], limit=limit, cursor=cursor, now=now))

    async def forget(self, shop: str, kind: str, id: str) -> int:
        """Erase what the audit and decided changes hold of one record, on its subject's request. Returns how many audit payloads went."""
        now = self._clock()

        def write(session: Session) -> int:
            about = (col(ChangeItemRow.shop_id) == shop, col(ChangeItemRow.target_kind) == kind, col(ChangeItemRow.target_id) == id)
            open_ = session.execute(update(ChangeItemRow).where(*about, col(ChangeItemRow.state) == "open").values(state="rejected"))
            assert isinstance(open_, CursorResult)
            for row in session.scalars(select(ChangeItemRow).where(*about, col(ChangeItemRow.state).in_(book.SETTLED))):
                book.blank(row)
                set_row = session.get(ChangeSetRow, (shop, row.change_set_id))
                if set_row is not None:
                    set_row.summary = "Erased on request"
            return audit.erase(session, shop, kind, id, now)

        return await self._journal.write(write)

    # inside

    async def _check_count(self, digest: str, shop: str, items: Sequence[str] | None) -> None:
        """What was stored beyond the limit of things changed at once is not approved at once. The other limits are looked at item by item."""
        found = await self.by_digest(shop, digest)
        if found.undoes is None:
            check_count(len([item for item in found.items if item.state == "open" and (items is None or item.id in items)]), self._limits)

    async def _check_made(self, digest: str, shop: str, items: Sequence[str] | None) -> None:
        """What is about a record to be made waits until that is made."""
        found = await self.by_digest(shop, digest)
        effects = [item.what for item in found.items if item.state == "open" and (items is None or item.id in items)]
        await self._journal.read(lambda s: made.refuse_unmade(s, shop, effects))

    async def _made(
        self,
        proposal: Proposal,
        *,
        shop: str,
        principal: Principal,
        run: str | None,
        subtask: str | None,
        now: datetime,
        beyond_limits: bool = False,
        id: str | None = None,
    ) -> tuple[ChangeSetRow, list[ChangeItemRow]]:
        effects: list[Change | Action] = [*proposal.changes, *proposal.actions]
        if principal.shop != shop:
            raise NotFound("shop")
        if not effects:
            raise Invalid("There is nothing to change.")
        if proposal.restore_at is not None and proposal.restore_at <= now:
            raise Invalid("The time until which this is to hold has already passed.", field="until")
        book.refuse_contradictions(effects)
        if not beyond_limits:
            await self._check_limits(effects, shop)
        named = id or (_id_of(shop, run, subtask, effects) if run is not None else new_id("cs"))
        return self._rows(named, effects, shop=shop, by=principal.id, now=now, run=run, subtask=subtask, restore_at=proposal.restore_at)

    async def _check_limits(self, effects: Sequence[Change | Action], shop: str) -> None:
        check_count(len(effects), self._limits)
        check_refunds(effects, self._limits)
        facts = await known(self._store(shop), effects, self._limits)
        for effect in effects:
            check(effect, self._limits, facts)

    def _rows(
        self,
        id: str,
        effects: Sequence[Change | Action],
        *,
        shop: str,
        by: str,
        now: datetime,
        run: str | None = None,
        subtask: str | None = None,
        restore_at: datetime | None = None,
        undoes: str | None = None,
        item_ids: Sequence[str] | None = None,
        notes: Sequence[str | None] | None = None,
    ) -> tuple[ChangeSetRow, list[ChangeItemRow]]:
        counted = totals(effects)
        row = ChangeSetRow(
            shop_id=shop, id=id, digest=book.digest_of(shop=shop, id=id, effects=effects, restore_at=restore_at, undoes=undoes),
            summary=("Undo: " if undoes else "") + summary(effects), state="open", risk=risk(effects), count=counted.count,
            money=encode(counted.money).decode() if counted.money is not None else None, confirm=confirmation(effects, self._limits),
            proposed_by=by, run_id=run, subtask=subtask, undoes=undoes, restore_at=restore_at, created_at=now,
            expires_at=now + self._limits.expires_after,
        )  # fmt: skip
        ids = item_ids or [str(n) for n in range(1, len(effects) + 1)]
        return row, book.item_rows(shop, id, effects, ids, notes or [None] * len(effects))

    async def _stored(self, row: ChangeSetRow, items: list[ChangeItemRow], *, once: bool = False) -> ChangeSet:
        entry = audit.Entry(
            kind="proposed", ref=row.id, principal=row.proposed_by, run=row.run_id, change_set=row.id, digest=row.digest,
            payload={"count": row.count},
        )  # fmt: skip

        def write(session: Session) -> ChangeSet:
            there = session.get(ChangeSetRow, (row.shop_id, row.id)) or (book.same_open(session, row, items) if once else None)
            if there is not None:
                return self._record(session, there)
            session.add(row)
            session.flush()
            session.add_all(items)
            audit.append(session, row.shop_id, row.created_at, entry)
            return book.record(row, items, row.created_at)

        return await self._journal.write(write)

    def _record(self, session: Session, row: ChangeSetRow) -> ChangeSet:
        return book.record(row, book.rows_of(session, row.shop_id, row.id), self._clock())

    def _open_undo(self, session: Session, shop: str, change_set: str, now: datetime) -> ChangeSet | None:
        book.by_id(session, shop, change_set)
        mine = [book.in_shop(shop), col(ChangeSetRow.undoes) == change_set, *book.still_open(now)]
        applied = {r.item_id for r in book.rows_of(session, shop, change_set) if r.state == "applied" and can_be_put_back(r)}
        waiting = [self._record(session, row) for row in session.scalars(select(ChangeSetRow).where(*mine))]
        return next((one for one in waiting if applied <= {item.id for item in one.items}), None)  # and none of a part of it

    async def _inverse(
        self,
        shop: str,
        change_set: str,
        *,
        by: str,
        id: str,
        decision: str | None = None,
        run: str | None = None,
        subtask: str | None = None,
        keep: bool = True,
        records: Collection[str] = (),
    ) -> ChangeSet:
        """Store the inverse of what a set did (or one decision of it, or what it did to some records), in reverse order, under the same item ids."""
        original = await self._journal.read(lambda s: book.rows_of(s, shop, change_set))
        applied = [r for r in reversed(original) if r.state == "applied" and decision in (None, r.decision_id)]
        if records:
            applied = [r for r in applied if {r.written_id, book.effect_of(r).target.id} & set(records)]
        inverse = [(r.item_id, found) for r in applied if (found := await inverse_of(self._store(shop), r)) is not None]
        if applied and not inverse:
            raise NotAllowed("What this did cannot be taken back.")
        if not inverse:
            raise Conflict("Nothing of this is left to undo.")
        effects, notes = [i.effect for _, i in inverse], [i.note for _, i in inverse]
        ids = [item for item, _ in inverse]
        now = self._clock()
        row, items = self._rows(id, effects, shop=shop, by=by, now=now, run=run, subtask=subtask, undoes=change_set, item_ids=ids, notes=notes)
        return await self._stored(row, items) if keep else book.record(row, items, now)

    async def _finish(self, shop: str, decision: str) -> None:
        """Apply now and wait. Whatever goes wrong here, the timer committed with the decision sees it through."""
        self._crash_at("after_deciding")
        try:
            work = await self._runs.fire(shop, timer_of(decision))
            if work is not None:
                await self._runs.result(work, timeout_s=self._wait_s)
        except (StoreUnavailable, RunError, TimeoutError):
            return

    async def _apply(self, payload: dict[str, Any]) -> dict[str, Any]:
        shop, decision = payload["shop"], payload["decision"]
        await self._applier.apply(self._store(shop), shop, decision)
        await self._forget_erased(shop, decision)
        return {"decision": decision}

    async def _forget_erased(self, shop: str, decision: str) -> None:
        """Where a person was erased in the store, what is remembered here of them goes too; run again, it goes on with what is left."""

        def read(session: Session) -> list[tuple[str, str]]:
            done = (col(ChangeItemRow.shop_id) == shop, col(ChangeItemRow.decision_id) == decision, col(ChangeItemRow.state) == "applied")
            rows = [row for row in session.scalars(select(ChangeItemRow).where(*done)) if row.target_id and row.written_after]
            erased = [row for row in rows if isinstance(effect := book.effect_of(row), Action) and effect.kind == ERASED]
            found = [(kind, id) for row in erased for kind, ids in decode(str(row.written_after)).items() for id in ids]
            return sorted(found, key=lambda one: one[0] == "customer")  # last: it is the item that tells of the others

        for kind, id in await self._journal.read(read):
            await self.forget(shop, kind, id)

    async def _tell(self, work: Work, outcomes: Sequence[Outcome]) -> None:
        if self._events is None or work.run is None:
            return
        for outcome in outcomes:
            data = {"change_set": work.change_set, "item": outcome.row.item_id, "state": outcome.state, "note": outcome.note}
            self._events.append(work.shop, work.run, "change_applied" if outcome.state == "applied" else "change_skipped", data)
        await self._events.persist(work.shop, work.run)

    async def _restore(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Put back what one decision applied, where it still is as it was left. The merchant who approved "until" approved this too."""
        shop, change_set, made_by = payload["shop"], payload["change_set"], payload["decision"]
        principal = Principal("schedule:restore", "schedule", "Put back on time", shop, frozenset({Scope.APPROVE}))
        try:
            inverse = await self._inverse(shop, change_set, by=principal.id, id=_id_of(shop, "restore", made_by, ()), decision=made_by)
        except (Conflict, NotAllowed):  # undone meanwhile, or nothing in it can be put back
            return {"restored": 0}
        decision = await self._journal.write(lambda s: self._restoring(s, inverse, principal))
        await self._applier.apply(self._store(shop), shop, decision)
        return {"restored": len(inverse.items)}

    def _restoring(self, session: Session, inverse: ChangeSet, principal: Principal) -> str:
        mine = (col(DecisionRow.shop_id) == inverse.shop, col(DecisionRow.change_set_id) == inverse.id)
        there = session.scalar(select(DecisionRow).where(*mine, col(DecisionRow.kind) == "approve"))
        return there.id if there is not None else self._desk.decide(session, "approve", inverse.digest, principal, None, None, checked=True)


def _id_of(shop: str, run: str | None, subtask: str | None, effects: Sequence[Change | Action]) -> str:
    """An id that the same proposal of the same subtask gets again, since a handler may run twice."""
    return "cs_" + hashlib.sha256(digest([shop, run, subtask, list(effects)]).encode()).hexdigest()[:26]
