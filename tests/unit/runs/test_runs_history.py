"""Looking through a shop's runs, over what the journal really keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.records import Part, Run
from agent.runs.history import Sought, search
from agent.runs.journal import Journal, Saved

START = datetime(2026, 1, 1, tzinfo=UTC)
FINE = Part(subtask="s1", task="find_products", kind="answer", text='A note that says "kind":"error" is no error.')
BROKEN = Part(subtask="s2", task="sales_report", kind="error", text="The shop did not answer.")
ASKED: dict[str, list[Part]] = {"all went well": [FINE], "one part broke": [FINE, BROKEN], "nothing came of it": []}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "runs.db"))
    upgrade(made)
    yield made
    made.close()


def test_a_run_of_which_a_part_broke_is_told_apart(db: Database) -> None:
    async def kept() -> dict[str, bool]:
        for n, (text, parts) in enumerate(ASKED.items()):
            at = START + timedelta(minutes=n)
            run = Run(id=f"run_{n:032x}", shop="shop_a", principal="per_1", text=text, state="done", created_at=at, finished_at=at)
            await Journal(db).save(Saved(run=run, locale="en", context={}, plan=None, parts=parts, took_ms=1.0))
        found = await search(db, "shop_a", Sought(), limit=10, cursor=None)
        return {each.run.text: each.faults for each in found.items}

    assert asyncio.run(kept()) == {"nothing came of it": False, "one part broke": True, "all went well": False}
