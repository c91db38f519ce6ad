"""A full disk at any write of an approval: a clear word, nothing half-written, and the rest done once there is room again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from shop_of_mugs import OWNER, SHOP, House, eur, house, price, proposal
from sqlalchemy import event

from agent.approvals import verify_audit
from agent.errors import StoreUnavailable
from agent.testing.memory_store import MemoryStore

ITEMS = 40


class Disk:
    """Room for so many more pages than the file has now."""

    def __init__(self, h: House) -> None:
        self.engine = h.db.engine
        self.pages = 0
        event.listen(self.engine, "checkout", self._limit)

    def _limit(self, connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages or 1_000_000}")

    def fill(self, *, left: int) -> None:
        with self.engine.connect() as connection:
            self.pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + left

    def free(self) -> None:
        self.pages = 0


@pytest.mark.parametrize("left", range(0, 14, 2))
def test_full_after_so_many_pages(tmp_path: Path, left: int) -> None:
    records = {"variant": {f"v{n}": {"title": "Mug " + "x" * 300, "price": eur("10.00"), "cost": None} for n in range(ITEMS)}}

    async def story() -> None:
        opened = await h.approvals.open(proposal(*(price(f"v{n}", "10.00", "9.00") for n in range(ITEMS))), shop=SHOP, principal=OWNER)
        disk.fill(left=left)
        try:
            now = await h.approvals.approve(opened.digest, OWNER)
        except StoreUnavailable as error:
            assert "the disk is full" in str(error)
            assert h.store.ledger == []  # not approved, so nothing was done
            disk.free()
            assert (await h.approvals.by_digest(SHOP, opened.digest)).state == "open"
            now = await h.approvals.approve(opened.digest, OWNER)
        disk.free()
        if now.state != "applied":
            assert now.state == "applying"
            h.pass_time(minutes=1)
            await h.runs.fire_due()
        done = await h.approvals.by_digest(SHOP, opened.digest)
        assert {i.state for i in done.items} == {"applied"} and len(h.store.ledger) == ITEMS
        report = await verify_audit(h.db, SHOP)
        assert (report.rows, report.broken) == (ITEMS + 2, ())
        with h.db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"

    with house(tmp_path, store=MemoryStore(records)) as h:
        disk = Disk(h)
        asyncio.run(story())
