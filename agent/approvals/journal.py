"""The journal of an apply: what was meant to be written, and what came of it, each in one transaction with its audit rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.approvals import audit, book
from agent.approvals.made import ids_of
from agent.db.engine import Database
from agent.db.tables import ChangeItemRow, ChangeSetRow, DecisionRow
from agent.errors import NotFound, StoreUnavailable
from agent.records import Written, decode, encode, to_json
from agent.runs.timers import Timers
from agent.sdk import Target

T = TypeVar("T")
ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    row: ChangeItemRow
    state: Literal["applied", "skipped", "failed"]
    note: str | None = None
    written: Written | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One decision and those of its items that have no outcome yet, in order."""

    shop: str
    change_set: str
    digest: str
    decision: str
    principal: str
    run: str | None
    undoes: str | None
    restore_at: datetime | None
    items: Sequence[ChangeItemRow]
    decided_at: datetime
    forged: bool
    """What is stored is not what was digested."""
    made: Mapping[str, str] = field(default_factory=dict)
    """Ids of the records that its items were proposed for before they were made, by their names."""


class Journal:
    def __init__(self, db: Database, timers: Timers, *, clock: Callable[[], datetime], crash_at: Callable[[str], None]) -> None:
        self._db, self._timers, self._clock, self._crash_at = db, timers, clock, crash_at

    def since(self, moment: datetime) -> timedelta:
        return self._clock() - moment

    async def read(self, work: Callable[[Session], T]) -> T:
        return await self._db.read(work)

    async def write(self, work: Callable[[Session], T]) -> T:
        """
        Raises:
            StoreUnavailable: Our own database took nothing: the disk is full, the file is read-only or held by another for too long.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._db.write(work)
            except IntegrityError:
                # Two processes made the first row of the same thing at once (Postgres lets both begin): the second finds it next time.
                if attempt == ATTEMPTS:
                    raise
            except DBAPIError as error:
                why = "the disk is full" if "full" in str(error.orig) else "its database cannot be written"
                raise StoreUnavailable(f"Storehand could not write down what it does ({why}); it goes on when that is mended.") from error
        raise AssertionError("the loop returns or raises")

    async def work(self, shop: str, decision: str) -> Work:
        def read(session: Session) -> Work:
            made = session.get(DecisionRow, (shop, decision))
            if made is None:
                raise NotFound("decision")
            row = book.by_id(session, shop, made.change_set_id)
            items = book.rows_of(session, shop, row.id)
            mine = [i for i in items if i.decision_id == decision and i.state in ("approved", "applying")]
            return Work(
                shop=shop,
                change_set=row.id,
                digest=row.digest,
                decision=decision,
                principal=decode(made.principal)["id"],
                run=row.run_id,
                undoes=row.undoes,
                restore_at=row.restore_at,
                items=mine,
                decided_at=made.at,
                forged=not book.intact(row, items) or made.digest != row.digest,
                made=ids_of(session, shop, [book.effect_of(one) for one in mine]),
            )

        return await self._db.read(read)

    async def intend(self, work: Work, rows: Sequence[ChangeItemRow], refused: Sequence[Outcome]) -> None:
        """Write down what is about to be done, and what is not going to be."""
        now = self._clock()
        fresh = [row.item_id for row in rows if row.state == "approved"]

        def write(session: Session) -> None:
            if fresh:
                changed = update(ChangeItemRow).where(*_items(work), col(ChangeItemRow.item_id).in_(fresh), col(ChangeItemRow.state) == "approved")
                session.execute(changed.values(state="applying", begun_at=now))
            _end(session, work, refused, now, of=("approved",))
            self._crash_at("inside_intent")

        if fresh or refused:
            await self.write(write)

    async def outcomes(self, work: Work, outcomes: Sequence[Outcome]) -> None:
        now = self._clock()

        def write(session: Session) -> None:
            _end(session, work, outcomes, now)
            self._crash_at("inside_outcome")

        await self.write(write)

    async def settle(self, work: Work) -> bool:
        """Close the decision, mark what it undid, and set the timer that puts a passing change back.

        Returns:
            False when an item has no outcome yet, because another process has it in hand.
        """
        now = self._clock()

        def write(session: Session) -> bool:
            made = session.get(DecisionRow, (work.shop, work.decision))
            if made is None or made.ended_at is not None:
                return True
            items = book.rows_of(session, work.shop, work.change_set)
            if any(i.decision_id == work.decision and i.state in ("approved", "applying") for i in items):
                return False
            made.ended_at = now
            applied = [i for i in items if i.decision_id == work.decision and i.state == "applied"]
            _store_state(session, work.shop, work.change_set, now)
            if work.undoes is not None:
                _mark_undone(session, work, [i.item_id for i in applied], now)
            if work.restore_at is not None and applied:
                payload = {"shop": work.shop, "change_set": work.change_set, "decision": work.decision}
                self._timers.add(session, work.restore_at, "restore", shop=work.shop, id=f"restore:{work.decision}", payload=payload)
            self._crash_at("inside_settling")
            return True

        return await self.write(write)


def _items(work: Work) -> tuple[Any, ...]:
    return col(ChangeItemRow.shop_id) == work.shop, col(ChangeItemRow.change_set_id) == work.change_set


def _end(session: Session, work: Work, outcomes: Sequence[Outcome], now: datetime, *, of: Sequence[str] = ("approved", "applying")) -> None:
    """Write outcomes of items that have none yet: of two processes on the same item only the first tells.

    Args:
        of: States an item may be in. One found stale before any intent must not end an item that another has begun meanwhile:
            what looks changed may be the other's own effect.
    """
    undecided = col(ChangeItemRow.state).in_(of)
    left = set(session.scalars(select(col(ChangeItemRow.item_id)).where(*_items(work), undecided).with_for_update()))
    told = [outcome for outcome in outcomes if outcome.row.item_id in left]
    if told:
        session.execute(update(ChangeItemRow), [_ended(outcome, now) for outcome in told])
        audit.append(session, work.shop, now, *(_entry(work, outcome, outcome.written) for outcome in told if outcome.written is not None))


def _ended(outcome: Outcome, now: datetime) -> dict[str, Any]:
    row, written = outcome.row, outcome.written
    return {
        "shop_id": row.shop_id,
        "change_set_id": row.change_set_id,
        "item_id": row.item_id,
        "state": outcome.state,
        "note": outcome.note,
        "ended_at": now,
        "written_before": _text(written.before) if written is not None else None,
        "written_after": _text(written.after) if written is not None else None,
        "written_id": written.target_id if written is not None else None,
    }


def _entry(work: Work, outcome: Outcome, written: Written) -> audit.Entry:
    row, effect = outcome.row, book.effect_of(outcome.row)
    target = Target(effect.target.kind, written.target_id, effect.target.label)
    payload = {"what": to_json(effect), "before": to_json(written.before), "after": to_json(written.after), "target": written.target_id}
    return audit.Entry(
        kind="write", ref=row.key, principal=work.principal, run=work.run, change_set=work.change_set, item=row.item_id, digest=work.digest,
        subject=target, payload=payload,
    )  # fmt: skip


def _mark_undone(session: Session, work: Work, item_ids: Sequence[str], now: datetime) -> None:
    theirs = (col(ChangeItemRow.shop_id) == work.shop, col(ChangeItemRow.change_set_id) == work.undoes)
    undone = update(ChangeItemRow).where(*theirs, col(ChangeItemRow.item_id).in_(item_ids), col(ChangeItemRow.state) == "applied")
    session.execute(undone.values(state="undone", undone_by=work.change_set))
    assert work.undoes is not None
    _store_state(session, work.shop, work.undoes, now)


def _store_state(session: Session, shop: str, change_set: str, now: datetime) -> None:
    states = session.scalars(
        select(col(ChangeItemRow.state)).where(col(ChangeItemRow.shop_id) == shop, col(ChangeItemRow.change_set_id) == change_set)
    )
    row = session.get(ChangeSetRow, (shop, change_set))
    if row is not None:
        row.state = book.state_of(list(states), expired=row.expires_at <= now)


def _text(value: Any) -> str:
    return encode(value).decode()
