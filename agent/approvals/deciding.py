"""Deciding: who may, on what is still open, once; and in the same transaction the timer that carries it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.approvals import audit, book
from agent.db.tables import ChangeItemRow, ChangeSetRow, DecisionRow
from agent.errors import Conflict, Invalid, NotAllowed
from agent.records import Principal, Scope, encode, new_id
from agent.runs.timers import Timers
from agent.sdk import Action

APPLY = "apply"
"""Name of the work that carries out a decision."""


def timer_of(decision: str) -> str:
    return f"apply:{decision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where decisions are taken, in the caller's transaction."""

    timers: Timers
    clock: Callable[[], datetime]
    crash_at: Callable[[str], None]

    def decide(
        self, session: Session, kind: str, digest: str, principal: Principal, items: Sequence[str] | None, typed: str | None, *, checked: bool = False
    ) -> str:
        """Use up items in one transaction with the work that applies them; gives back the decision's id."""
        if not isinstance(principal, Principal):
            raise TypeError("only a Principal decides")
        row = book.by_digest(session, principal.shop, digest)
        if not checked:
            _may_decide(principal, row)
        now, decision = self.clock(), new_id("dec")
        rows = self._chosen(row, book.rows_of(session, row.shop_id, row.id), items, now)
        if kind == "approve" and not checked:
            _typed(row, rows, typed, now)
        state = "approved" if kind == "approve" else "rejected"
        ids = [r.item_id for r in rows]
        theirs = (col(ChangeItemRow.shop_id) == row.shop_id, col(ChangeItemRow.change_set_id) == row.id, col(ChangeItemRow.item_id).in_(ids))
        used = session.execute(update(ChangeItemRow).where(*theirs, col(ChangeItemRow.state) == "open").values(state=state, decision_id=decision))
        assert isinstance(used, CursorResult)
        if used.rowcount != len(ids):
            raise Conflict("Somebody else has just decided on this.")
        self._write_decision(session, row, kind, decision, principal, ids, now)
        return decision

    def _chosen(self, row: ChangeSetRow, rows: Sequence[ChangeItemRow], items: Sequence[str] | None, now: datetime) -> list[ChangeItemRow]:
        by_id = {r.item_id: r for r in rows}
        if items is not None and not items:
            raise Invalid("No item was named; leave `items` out to mean all of them.", field="items")
        if unknown := [i for i in items or () if i not in by_id]:
            raise Invalid(f"This proposal has no item {', '.join(unknown)}.", field="items")
        chosen = [by_id[i] for i in dict.fromkeys(items)] if items is not None else [r for r in rows if r.state == "open"]
        if not chosen or any(r.state != "open" for r in chosen):
            raise Conflict("This was already decided; each item can be approved or rejected once.")
        if row.expires_at <= now:
            raise Conflict("This proposal has expired; ask again for a fresh one.")
        if row.restore_at is not None and row.restore_at <= now:
            raise Conflict("The time until which this was to hold has already passed.")
        return chosen

    def _write_decision(
        self, session: Session, row: ChangeSetRow, kind: str, decision: str, principal: Principal, ids: Sequence[str], now: datetime
    ) -> None:
        who = {"id": principal.id, "kind": principal.kind, "role": principal.role, "scopes": sorted(principal.scopes)}
        session.add(
            DecisionRow(
                shop_id=row.shop_id,
                id=decision,
                change_set_id=row.id,
                digest=row.digest,
                kind=kind,
                items=encode(list(ids)).decode(),
                principal=encode(who).decode(),
                at=now,
                ended_at=None if kind == "approve" else now,
            )  # fmt: skip
        )
        row.decided_by, row.decided_at = principal.id, now
        session.flush()
        states = [r.state for r in book.rows_of(session, row.shop_id, row.id)]
        row.state = book.state_of(states, expired=row.expires_at <= now)
        word = "approved" if kind == "approve" else "rejected"
        entry = audit.Entry(
            kind=word,
            ref=decision,
            principal=principal.id,
            run=row.run_id,
            change_set=row.id,
            digest=row.digest,
            payload={"items": list(ids), "by": who},
        )
        audit.append(session, row.shop_id, now, entry)
        if kind == "approve":
            payload = {"shop": row.shop_id, "decision": decision}
            self.timers.add(session, now, APPLY, shop=row.shop_id, id=timer_of(decision), payload=payload)
        self.crash_at("inside_deciding")


def _may_decide(principal: Principal, row: ChangeSetRow) -> None:
    if not principal.may(Scope.APPROVE):
        raise NotAllowed(f"{principal.name} may not approve changes; it needs the right to approve, which owners and staff have.")
    if not principal.may_decide(row.proposed_by):
        raise NotAllowed("A key cannot decide on what it proposed itself; a person, or another key with the right to approve, has to.")


def _typed(row: ChangeSetRow, rows: Sequence[ChangeItemRow], typed: str | None, now: datetime) -> None:
    """
    Raises:
        Invalid: Something chosen wants a word typed.
    """
    effects = [book.effect_of(r) for r in rows]
    words = {e.confirm for e in effects if isinstance(e, Action)} | {row.confirm}
    for wanted in sorted(w.removeprefix("type:") for w in words if w.startswith("type:")):
        if (typed or "").strip() != wanted:
            raise Invalid(f"Type {wanted} to approve this.", field="typed")
