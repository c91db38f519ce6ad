"""The audit chain: one row a write, nothing altered unseen, and personal values that can be forgotten."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from shop_of_mugs import OWNER, SHOP, STAFF, House, house, price, proposal
from sqlalchemy import select
from sqlmodel import col

from agent.approvals import verify_audit
from agent.db.tables import AuditPayloadRow, AuditRow
from agent.sdk import Change, Target

ANNA = Target("customer", "c1", "Anna Schmidt")


async def some_history(h: House) -> None:
    opened = await h.approvals.open(
        proposal(price("v1", "14.00", "12.50"), Change.set(ANNA, "tags", before=["vip"], after=["vip", "late payer"])), shop=SHOP, principal=OWNER
    )
    await h.approvals.approve(opened.digest, STAFF)
    rejected = await h.approvals.open(proposal(price("v2", "16.00", "15.00")), shop=SHOP, principal=OWNER)
    await h.approvals.reject(rejected.digest, STAFF)


def test_every_write_and_decision_has_one_row_that_says_who(tmp_path: Path) -> None:
    async def story() -> None:
        await some_history(h)
        rows = await h.db.read(lambda s: list(s.scalars(select(AuditRow).order_by(col(AuditRow.seq)))))
        assert [(r.kind, r.principal_id) for r in rows] == [
            ("proposed", OWNER.id),
            ("approved", STAFF.id),
            ("write", STAFF.id),
            ("write", STAFF.id),
            ("proposed", OWNER.id),
            ("rejected", STAFF.id),
        ]
        assert [r.ref for r in rows if r.kind == "write"] == [e.key for e in h.store.ledger]
        report = await verify_audit(h.db, SHOP)
        assert (report.rows, report.erased, report.broken) == (6, 0, ())
        assert (await verify_audit(h.db, "shop_b")).rows == 0

    with house(tmp_path) as h:
        asyncio.run(story())


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET principal_id = 'p_other' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 6",
        "UPDATE audit_payloads SET body = replace(body, '12.50', '13.50') WHERE seq = 3",
        "DELETE FROM audit_payloads WHERE seq = 4",
        "DELETE FROM audit",
    ],
)
def test_tampering_is_seen(tmp_path: Path, tampering: str) -> None:
    async def story() -> None:
        await some_history(h)
        with closing(sqlite3.connect(tmp_path / "storehand.db")) as file:  # somebody with the file and no scruples
            file.execute(tampering)
            file.commit()
        assert (await verify_audit(h.db, SHOP)).broken

    with house(tmp_path) as h:
        asyncio.run(story())


def test_what_is_forgotten_is_gone_and_the_chain_still_verifies(tmp_path: Path) -> None:
    async def story() -> None:
        await some_history(h)
        assert await h.approvals.forget(SHOP, "customer", "c1") == 1

        report = await verify_audit(h.db, SHOP)
        assert (report.rows, report.erased, report.broken) == (7, 1, ())
        with closing(sqlite3.connect(tmp_path / "storehand.db")) as file:
            left = "".join(file.iterdump())
        assert "Anna" not in left and "late payer" not in left and "12.50" in left

    with house(tmp_path) as h:
        asyncio.run(story())


def test_forgetting_takes_open_proposals_about_the_person_back(tmp_path: Path) -> None:
    async def story() -> None:
        opened = await h.approvals.open(proposal(Change.set(ANNA, "tags", before=["vip"], after=[])), shop=SHOP, principal=OWNER)
        await h.approvals.forget(SHOP, "customer", "c1")
        after = await h.approvals.by_id(SHOP, opened.id)
        assert (after.state, after.items[0].what.target.label, after.summary) == ("rejected", "erased", "Erased on request")
        assert await h.db.read(lambda s: s.scalar(select(AuditPayloadRow.seq).where(col(AuditPayloadRow.body).icontains("Anna")))) is None

    with house(tmp_path) as h:
        asyncio.run(story())
