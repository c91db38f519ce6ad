"""A database file of which a part was overwritten: it opens, and what then reads that part is told in a sentence which file it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from agent.db.engine import Database, sqlite_url
from agent.errors import StoreUnavailable


def test_damage_that_is_found_while_reading_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "storehand.db"
    db = Database(sqlite_url(file))
    db.write_now(lambda session: session.execute(text("CREATE TABLE mugs (name TEXT)")))
    db.write_now(lambda session: session.execute(text("INSERT INTO mugs VALUES (:name)"), [{"name": "mug" * 100} for _ in range(500)]))
    db.close()
    content = bytearray(file.read_bytes())
    content[8192:] = b"\x13" * (len(content) - 8192)
    file.write_bytes(content)
    db = Database(sqlite_url(file))
    with pytest.raises(StoreUnavailable, match=rf"^The database {file} is damaged\. Restore it from a backup"):
        db.read_now(lambda session: session.execute(text("SELECT count(name), max(name) FROM mugs")).all())
    db.close()
