from __future__ import annotations

import asyncio
from pathlib import Path

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.errors import NotFound
from agent.ledger.people import People
from agent.records import Role
from agent.runs.attachments import MOST_UNUSED, Attachments


def test_files_that_no_request_used_make_room_for_newer_ones_of_the_same_person(tmp_path: Path) -> None:
    async def kept() -> tuple[list[str], Attachments, str]:
        people, files = People(db), Attachments(db)
        anna, ben = [(await people.add(name, shop="a", role=Role.STAFF)).principal for name in ("Anna", "Ben")]
        of_ben = (await files.keep("b.csv", b"sku,price", ben)).id
        return [(await files.keep(f"{n}.csv", b"sku,price", anna)).id for n in range(MOST_UNUSED + 3)], files, of_ben

    async def there(files: Attachments, id: str) -> bool:
        try:
            return (await files.load("a", id)).data == b"sku,price"
        except NotFound:
            return False

    async def found() -> tuple[list[bool], bool]:
        ids, files, of_ben = await kept()
        return [await there(files, id) for id in ids], await there(files, of_ben)

    db = Database(sqlite_url(tmp_path / "kept.db"))
    upgrade(db)
    try:
        annas, bens = asyncio.run(found())
    finally:
        db.close()
    assert sum(annas) == MOST_UNUSED and annas[-1] and not annas[0] and bens
