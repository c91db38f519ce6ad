"""A copy of a data folder, whole though something else may be writing to it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

_LIVE = (".db", ".db-wal", ".db-shm")


def copy_of_data(data: Path, to: Path) -> Path:
    """Databases by SQLite's own backup, which no writer can tear; everything else as files."""
    shutil.copytree(data, to, ignore=lambda _, names: [name for name in names if name.endswith(_LIVE)])
    for database in data.glob("*.db"):
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to / database.name)) as target:
            source.backup(target)
    return to
