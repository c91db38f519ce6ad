"""A file system that is really full, under both databases: a clear word, and the rest done once there is room."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from agent.approvals import Approvals, verify_audit
from agent.db.engine import Database, sqlite_url
from agent.errors import StoreUnavailable
from agent.records import ROLE_SCOPES, Principal, Role
from agent.runs.durable import DurableRuns
from agent.sdk import Change, Money, Proposal, Target, say
from agent.testing.memory_store import MemoryStore

SHOP, ITEMS = "shop_a", 40
OWNER = Principal("p_owner", "person", "Olga", SHOP, ROLE_SCOPES[Role.OWNER], Role.OWNER)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False).returncode:
            pytest.skip("mounting a small file system needs more rights than these")
        yield Path(folder)
        subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path, *, left: int) -> None:
    room = os.statvfs(disk)
    (disk / "ballast").write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - left))


@pytest.mark.parametrize("left", [0, 150_000])
def test_an_apply_on_a_full_disk_goes_on_when_there_is_room(small_disk: Path, left: int) -> None:
    ten, nine = Money.of("10.00", "EUR"), Money.of("9.00", "EUR")
    store = MemoryStore({"variant": {f"v{n}": {"price": ten} for n in range(ITEMS)}})
    changes = [Change.set(Target("variant", f"v{n}", "Mug"), "price", before=ten, after=nine) for n in range(ITEMS)]

    async def story() -> None:
        runs = DurableRuns(db, small_disk / "runs.db", look_every_s=0.1)
        approvals = Approvals(db, runs, lambda _shop: store)
        await runs.start()
        try:
            await runs.up()
            await tried(approvals)
        finally:
            await runs.stop()

    async def tried(approvals: Approvals) -> None:
        opened = await approvals.open(Proposal(say("Cheaper"), changes=changes), shop=SHOP, principal=OWNER)
        fill(small_disk, left=left)
        try:
            assert (await approvals.approve(opened.digest, OWNER)).state in ("applying", "applied")
        except StoreUnavailable as error:
            assert "the disk is full" in str(error) and store.ledger == []
        (small_disk / "ballast").unlink()
        if (await approvals.by_id(SHOP, opened.id)).state == "open":
            await approvals.approve(opened.digest, OWNER)
        async with asyncio.timeout(20):
            while (await approvals.by_id(SHOP, opened.id)).state != "applied":  # noqa: ASYNC110  # the timer tries again after 5 s
                await asyncio.sleep(0.1)
        assert len(store.ledger) == ITEMS and (await verify_audit(db, SHOP)).broken == ()

    db = Database(sqlite_url(small_disk / "storehand.db"))
    SQLModel.metadata.create_all(db.engine)
    asyncio.run(story())
    db.close()
