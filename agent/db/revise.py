"""Writes the next step of the schema from what the tables say: `python -m agent.db.revise "what changes"`.

The file it writes is read and edited before it is committed: a renamed column looks like one dropped and one added.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.script import ScriptDirectory

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import config, metadata, upgrade


def revise(message: str) -> Path:
    """The new file in `migrations/versions`, numbered after the last."""
    metadata()
    with TemporaryDirectory() as scratch:
        db = Database(sqlite_url(Path(scratch) / "empty.db"))
        upgrade(db)
        with db.engine.connect() as connection:
            settings = config(connection)
            number = len(list(ScriptDirectory.from_config(settings).walk_revisions())) + 1
            script = command.revision(settings, message, autogenerate=True, rev_id=f"{number:04d}")
        db.close()
    return Path(script.path)  # type: ignore[union-attr]  # one revision is asked for, so one comes back


if __name__ == "__main__":
    sys.stdout.write(f"{revise(' '.join(sys.argv[1:]) or 'next')}\n")
