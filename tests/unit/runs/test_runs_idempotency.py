"""Replies under an Idempotency-Key: one request does the work, the others get its bytes, and a death frees the key."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from agent.db.engine import Database, sqlite_url
from agent.runs.executors import process_name
from agent.runs.idempotency import Fresh, Idempotency, InFlight, Mismatch, Replay, Slot
from agent.runs.timers import utc_now

SLOT = Slot("shop_a", "k_bot", "POST /v1/asks", "key-1")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(tmp_path / "storehand.db"))
    SQLModel.metadata.create_all(database.engine)
    yield database
    database.close()


def test_of_64_at_once_one_does_the_work(db: Database) -> None:
    async def story() -> None:
        kept = Idempotency(db)
        seen = await asyncio.gather(*(kept.begin(SLOT, "d1") for _ in range(64)))
        assert (seen.count(Fresh()), seen.count(InFlight())) == (1, 63)

    asyncio.run(story())


def test_the_reply_comes_again_byte_for_byte_also_after_a_restart(db: Database) -> None:
    async def story() -> None:
        first = Idempotency(db)
        await first.begin(SLOT, "d1")
        await first.end(SLOT, status=422, headers={"content-type": "application/problem+json"}, body=b'{"a": 1}\xff')
        for kept in (first, Idempotency(db)):
            assert await kept.begin(SLOT, "d1") == Replay(422, {"content-type": "application/problem+json"}, b'{"a": 1}\xff')
            assert await kept.begin(SLOT, "d2") == Mismatch()

    asyncio.run(story())


@pytest.mark.parametrize(
    "other",
    [
        Slot("shop_b", "k_bot", SLOT.endpoint, "key-1"),
        Slot("shop_a", "k_2", SLOT.endpoint, "key-1"),
        Slot("shop_a", "k_bot", "POST /v1/plans", "key-1"),
    ],
)
def test_keys_are_the_shops_the_principals_and_the_endpoints_own(db: Database, other: Slot) -> None:
    async def story() -> None:
        kept = Idempotency(db)
        await kept.begin(SLOT, "d1")
        await kept.end(SLOT, status=200, headers={}, body=b"mine")
        assert await kept.begin(other, "d2") == Fresh()

    asyncio.run(story())


def test_a_key_whose_process_died_is_free_again_and_that_of_a_live_one_is_not(db: Database) -> None:
    async def story() -> None:
        dead = f"{socket.gethostname()}/4194305/abcd"  # above the kernel's largest process number
        await Idempotency(db, process=dead).begin(SLOT, "d1")
        assert await Idempotency(db).begin(SLOT, "d1") == Fresh(left=True)

        elsewhere = Slot("shop_a", "k_bot", SLOT.endpoint, "key-2")
        await Idempotency(db, process="another-machine/17/abcd").begin(elsewhere, "d1")
        assert await Idempotency(db, process=process_name()).begin(elsewhere, "d1") == InFlight()
        later = Idempotency(db, clock=lambda: utc_now() + timedelta(minutes=11))
        assert await later.begin(elsewhere, "d1") == Fresh(left=True)

    asyncio.run(story())


def test_what_did_nothing_can_be_tried_again_and_old_replies_go(db: Database) -> None:
    async def story() -> None:
        kept = Idempotency(db)
        await kept.begin(SLOT, "d1")
        await kept.forget(SLOT)
        assert await kept.begin(SLOT, "d2") == Fresh()
        await kept.end(SLOT, status=200, headers={}, body=b"")
        await kept.forget(SLOT)
        assert await kept.begin(SLOT, "d2") == Replay(200, {}, b"")
        late = Idempotency(db, clock=lambda: utc_now() + timedelta(hours=49))
        await late.sweep()
        assert await kept.begin(SLOT, "d3") == Fresh()

    asyncio.run(story())
