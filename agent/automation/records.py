"""Storehand's own records of one shop, to read and to write. Approvals write them by the same port as a shop's records.

Whoever approves a change of an automation or a schedule stands behind what it does from then on: the decision that a write belongs to is
found by the write's key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.automation import rows
from agent.db.engine import Database
from agent.db.own import AutomationRow, FiringRow, OwnWriteRow, ScheduleRow, SegmentRow
from agent.db.tables import ChangeItemRow, DecisionRow
from agent.errors import NotFound, Stale, StoreRefused
from agent.records import Writing, Written, decode, digest, encode, new_id, to_json, value_from_json
from agent.runs.timers import utc_now
from agent.sdk import Action, Change, Period, Selection, ShopInfo, Target, Variant
from agent.sdk.own import Automation, Firing, Schedule, Segment
from agent.sdk.store import Capability

MOST = {"automation": 100, "schedule": 100, "segment": 500}
"""Of one shop: each look at what happens asks every automation."""


class OwnRecords:
    """`Own`, and the writing half that only approvals hold."""

    def __init__(self, db: Database, shop: ShopInfo, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._db, self._shop, self._clock = db, shop, clock

    # reading

    async def automations(self) -> Sequence[Automation]:
        def read(session: Session) -> list[Automation]:
            fired = rows.fired_by(session, self._shop.id)
            return [rows.automation(row, fired.get(row.id, rows.Fired())) for row in session.scalars(self._all(AutomationRow))]

        return await self._db.read(read)

    async def schedules(self) -> Sequence[Schedule]:
        def read(session: Session) -> list[Schedule]:
            fired = rows.fired_by(session, self._shop.id)
            return [rows.schedule(row, fired.get(row.id, rows.Fired())) for row in session.scalars(self._all(ScheduleRow))]

        return await self._db.read(read)

    async def segments(self) -> Sequence[Segment]:
        return await self._db.read(lambda s: [rows.segment(row) for row in s.scalars(self._all(SegmentRow))])

    async def firings(self, of: str | None = None, *, during: Period | None = None, limit: int = 50) -> Sequence[Firing]:
        wanted = select(FiringRow).where(col(FiringRow.shop_id) == self._shop.id).order_by(col(FiringRow.at).desc(), col(FiringRow.id).desc())
        if of is not None:
            wanted = wanted.where(col(FiringRow.of) == of)
        if during is not None:
            wanted = wanted.where(col(FiringRow.at) >= during.start, col(FiringRow.at) < during.end)
        return await self._db.read(lambda s: [rows.firing(row) for row in s.scalars(wanted.limit(limit))])

    # writing

    async def current(self, target: Target, field: str | None) -> Any:
        def read(session: Session) -> Any:
            row: rows.Row | None = session.get(rows.ROWS[target.kind], (self._shop.id, target.id))  # type: ignore[assignment]  # of one of three
            fields = None if row is None else rows.fields_of(row)
            return fields if field is None or fields is None else fields.get(field)

        return await self._db.read(read)

    async def write(self, change: Change, *, key: str) -> Written:
        """As `Writing.write` says."""
        try:
            return await self._db.write(lambda s: self._once(s, change, key))
        except IntegrityError:  # on Postgres another process wrote the same key between our look and our insert
            return await self._db.write(lambda s: self._once(s, change, key))

    def _once(self, session: Session, change: Change, key: str) -> Written:
        seen = session.get(OwnWriteRow, (self._shop.id, key))
        if seen is not None:
            if seen.digest != digest(change):
                raise StoreRefused("That idempotency key was used for another change.")
            outcome = decode(seen.outcome)
            before, after = (value_from_json(outcome[name]) for name in ("before", "after"))
            return Written(before=before, after=after, target_id=outcome["target_id"], replayed=True)
        written = self._made(session, change, key)
        outcome = encode(to_json(written)).decode()
        session.add(OwnWriteRow(shop_id=self._shop.id, key=key, digest=digest(change), outcome=outcome, at=self._clock()))
        return written

    def _made(self, session: Session, change: Change, key: str) -> Written:
        match change.op:
            case "create":
                return self._create(session, change, key)
            case "set":
                return self._set(session, change, key)
            case "delete":
                return self._delete(session, change)
        raise StoreRefused(f"`{change.field}` of a {change.target.kind} is not a number that can be added to.")

    def _create(self, session: Session, change: Change, key: str) -> Written:
        kind, now = change.target.kind, self._clock()
        given = dict(change.after) if isinstance(change.after, Mapping) else {}
        if session.scalar(select(func.count()).select_from(self._all(rows.ROWS[kind]).subquery())) >= MOST[kind]:  # type: ignore[operator]  # a count
            raise StoreRefused(f"There are {MOST[kind]} {kind}s, and more are not kept; take one away first.")
        if rows.FIELDS[kind] - {"state"} != set(given) - {"state"} or not set(given) <= rows.FIELDS[kind]:
            raise StoreRefused(f"A new {kind} has {', '.join(sorted(rows.FIELDS[kind] - {'state'}))}, and nothing else.")
        facts: dict[str, Any] = {name: rows.stored(name, value) for name, value in given.items()}
        id = new_id(rows.PREFIXES[kind])
        common: dict[str, Any] = {"shop_id": self._shop.id, "id": id, "made_at": now}
        row: rows.Row
        if kind == "segment":
            row = SegmentRow(**common, **facts)
        else:
            acting: dict[str, Any] = {"state": "active", **facts, "since": now, "approved_by": self._decider(session, key)}
            row = AutomationRow(**common, **acting) if kind == "automation" else ScheduleRow(**common, **acting)
            self._set_clock(row, now)
        session.add(row)
        session.flush()
        return Written(before=None, after=rows.fields_of(row), target_id=id)

    def _set(self, session: Session, change: Change, key: str) -> Written:
        row, field = self._locked(session, change.target), change.field or ""
        if field not in rows.FIELDS[change.target.kind]:
            raise StoreRefused(f"A {change.target.kind} has no field `{field}` that can be written.")
        before = rows.fields_of(row)[field]
        if to_json(before) != to_json(change.before):
            raise Stale(f"`{field}` of {change.target.label}", expected=change.before, found=before)
        setattr(row, field, rows.stored(field, change.after))
        if not isinstance(row, SegmentRow) and field != "name":
            # Events of the time before are none of its business: it was another rule then, or none was to act.
            row.since, row.approved_by, row.reason = self._clock(), self._decider(session, key), None
            self._set_clock(row, row.since)
        session.flush()
        return Written(before=before, after=rows.fields_of(row)[field], target_id=row.id)

    def _delete(self, session: Session, change: Change) -> Written:
        row = self._locked(session, change.target)
        found = rows.fields_of(row)
        if to_json(found) != to_json(change.before):
            raise Stale(change.target.label, expected=change.before, found=found)
        session.execute(delete(type(row)).where(col(type(row).shop_id) == row.shop_id, col(type(row).id) == row.id))
        return Written(before=found, after=None, target_id=row.id)

    def _set_clock(self, row: AutomationRow | ScheduleRow, now: datetime) -> None:
        rhythm = rows.rhythm(row) if row.state == "active" else None
        row.next_at = None if rhythm is None else rhythm.after(now, self._shop.time_zone)

    def _locked(self, session: Session, target: Target) -> rows.Row:
        row: rows.Row | None = session.get(rows.ROWS[target.kind], (self._shop.id, target.id), with_for_update=True)  # type: ignore[assignment]  # of one of three
        if row is None:
            raise NotFound(target.kind, target.label)
        return row

    def _decider(self, session: Session, key: str) -> str:
        """Whoever approved the item that this key belongs to."""
        item = select(col(ChangeItemRow.decision_id)).where(col(ChangeItemRow.shop_id) == self._shop.id, col(ChangeItemRow.key) == key)
        decision = session.scalar(item)
        made = session.get(DecisionRow, (self._shop.id, decision)) if decision else None
        if made is None:
            raise StoreRefused("Nobody approved this, so nobody would stand behind what it does.")
        return str(decode(made.principal)["id"])

    def _all(self, row: type[Any]) -> Any:
        return select(row).where(row.shop_id == self._shop.id).order_by(row.made_at, row.id)


class Writings:
    """A shop's records and Storehand's own, behind the one port that approvals write through."""

    def __init__(self, store: Writing, own: OwnRecords) -> None:
        self._store, self._own = store, own

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._store.capabilities

    async def variants(self, selection: Selection[Any]) -> Sequence[Variant]:
        return await self._store.variants(selection)

    async def current(self, target: Target, field: str | None) -> Any:
        return await self._of(target).current(target, field)

    async def write(self, change: Change, *, key: str) -> Written:
        return await self._of(change.target).write(change, key=key)

    async def act(self, action: Action, *, key: str) -> Written:
        return await self._store.act(action, key=key)

    def _of(self, target: Target) -> Writing | OwnRecords:
        return self._own if target.kind in rows.ROWS else self._store
