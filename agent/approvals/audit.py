"""The audit: one row for every decision and every write, chained so that none can be changed, dropped or put in later unseen.

A row holds no personal value, only the digest of its payload. The payload, with the salt that makes the digest say nothing about a
short value, can be erased; the chain still verifies and says how much was erased.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.tables import AuditHeadRow, AuditPayloadRow, AuditRow
from agent.records import encode
from agent.sdk import Target

START = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be remembered. `kind` and `ref` together happen once in a shop."""

    kind: str
    ref: str
    principal: str
    run: str | None = None
    change_set: str | None = None
    item: str | None = None
    digest: str | None = None
    subject: Target | None = None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    rows: int
    erased: int
    """Payloads that were erased on request."""
    broken: tuple[str, ...]
    """What does not hold, in sentences; empty when the chain verifies."""


def append(session: Session, shop: str, at: datetime, *entries: Entry) -> None:
    """Add rows to the end of the shop's chain, in the caller's transaction."""
    if not entries:
        return
    head = session.get(AuditHeadRow, shop, with_for_update=True) or AuditHeadRow(shop_id=shop, seq=0, hash=START)
    rows: list[dict[str, Any]] = []
    payloads: list[dict[str, Any]] = []
    for entry in entries:
        salt, body = secrets.token_hex(16), encode(entry.payload).decode()
        row: dict[str, Any] = {
            "shop_id": shop, "seq": head.seq + 1, "at": at, "kind": entry.kind, "ref": entry.ref, "principal_id": entry.principal,
            "run_id": entry.run, "change_set_id": entry.change_set, "item_id": entry.item, "digest": entry.digest,
            "payload_digest": _payload_digest(salt, body), "previous": head.hash,
        }  # fmt: skip
        row["hash"] = row_hash(AuditRow(**row, hash=""))
        kind, id = (entry.subject.kind, entry.subject.id) if entry.subject is not None else ("", "")
        rows.append(row)
        payloads.append({"shop_id": shop, "seq": row["seq"], "subject_kind": kind, "subject_id": id, "salt": salt, "body": body})
        head.seq, head.hash = row["seq"], row["hash"]
    session.execute(insert(AuditRow), rows)
    session.execute(insert(AuditPayloadRow), payloads)
    session.add(head)


def erase(session: Session, shop: str, kind: str, id: str, at: datetime) -> int:
    """Erase the payloads about one record, and remember that it was done. Returns how many there were."""
    about = (col(AuditPayloadRow.shop_id) == shop, col(AuditPayloadRow.subject_kind) == kind, col(AuditPayloadRow.subject_id) == id)
    rows = list(session.scalars(select(AuditPayloadRow).where(*about, col(AuditPayloadRow.body).is_not(None))))
    if rows:
        gone: dict[str, Any] = {"body": None, "salt": None, "erased_at": at, "subject_id": ""}
        session.execute(update(AuditPayloadRow).where(*about).values(gone))
        seqs = [row.seq for row in rows]
        append(session, shop, at, Entry(kind="erased", ref=secrets.token_hex(8), principal="storehand", payload={"rows": seqs}))
    return len(rows)


async def verify_audit(db: Database, shop: str) -> AuditReport:
    """Recompute a shop's chain from its first row to its head."""

    def read(session: Session) -> AuditReport:
        rows = session.scalars(select(AuditRow).where(col(AuditRow.shop_id) == shop).order_by(col(AuditRow.seq)))
        payloads = {p.seq: p for p in session.scalars(select(AuditPayloadRow).where(col(AuditPayloadRow.shop_id) == shop))}
        broken: list[str] = []
        previous, seq = START, 0
        for row in rows:
            seq += 1
            if row.seq != seq:
                broken.append(f"Row {seq} is missing.")
                seq = row.seq
            if row.previous != previous:
                broken.append(f"Row {row.seq} does not follow from the one before.")
            if row.hash != row_hash(row):
                broken.append(f"Row {row.seq} was changed.")
            broken += _payload_faults(row, payloads.get(row.seq))
            previous = row.hash
        head = session.get(AuditHeadRow, shop)
        if (head.seq, head.hash) != (seq, previous) if head is not None else seq != 0:
            broken.append(f"The chain ends at row {seq}, but not as it was left.")
        return AuditReport(rows=seq, erased=sum(p.erased_at is not None for p in payloads.values()), broken=tuple(broken))

    return await db.read(read)


def row_hash(row: AuditRow) -> str:
    held = {
        "shop": row.shop_id, "seq": row.seq, "at": row.at.astimezone(UTC).isoformat(), "kind": row.kind, "ref": row.ref,
        "principal": row.principal_id, "run": row.run_id, "change_set": row.change_set_id, "item": row.item_id, "digest": row.digest,
        "payload": row.payload_digest, "previous": row.previous,
    }  # fmt: skip
    return hashlib.sha256(encode(held)).hexdigest()


def _payload_digest(salt: str, body: str) -> str:
    return hashlib.sha256(f"{salt}{body}".encode()).hexdigest()


def _payload_faults(row: AuditRow, payload: AuditPayloadRow | None) -> list[str]:
    if payload is None:
        return [f"The payload of row {row.seq} is missing."]
    if payload.erased_at is not None:
        return []
    if payload.body is None or payload.salt is None or _payload_digest(payload.salt, payload.body) != row.payload_digest:
        return [f"The payload of row {row.seq} was changed."]
    return []
