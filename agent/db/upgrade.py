"""Bring a database to the schema this version of Storehand wants, with Alembic, from nothing or from any earlier version."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from agent.db.engine import Database
from agent.errors import SettingsError, StoreUnavailable

if TYPE_CHECKING:
    from alembic.config import Config

TABLE_MODULES = (
    "agent.db.shop",
    "agent.db.goods",
    "agent.db.people",
    "agent.db.orders",
    "agent.db.tables",
    "agent.db.attachments",
    "agent.db.accounts",
    "agent.db.spend",
    "agent.db.students",
    "agent.db.own",
)
UPGRADE_LOCK = 7_300_217
"""Any number that no other user of the same Postgres takes for an advisory lock."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION, _AFTER = re.compile(r"""^revision\b.*=\s*["'](\w+)""", re.M), re.compile(r"""^down_revision\b.*=\s*["'](\w+)""", re.M)


def metadata() -> MetaData:
    """The schema the code wants: every table of the service."""
    for module in TABLE_MODULES:
        import_module(module)
    return SQLModel.metadata


def upgrade(db: Database) -> None:
    """Bring the database to the newest schema; does nothing when it is there. Two processes at once wait for each other.

    Raises:
        SettingsError: The file is no database, cannot be opened, or comes from a newer Storehand.
    """
    try:
        with db.engine.connect().execution_options(storehand_write=True) as connection, connection.begin():
            if not db.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            if _revision(connection) != newest_revision():
                _migrate(connection, db)
    except StoreUnavailable as error:
        raise SettingsError(str(error)) from error
    except DatabaseError as error:
        remedy = "Restore it from a backup, or name another data folder." if db.is_sqlite else "See whether it runs and lets this user in."
        raise SettingsError(f"The database {shown(db)} cannot be used: {' '.join(str(error.orig).split())}. {remedy}") from error


def shown(db: Database) -> str:
    """The database's address without its password."""
    return db.engine.url.render_as_string(hide_password=True)


def config(connection: Connection) -> Config:
    """Alembic's settings for an open connection; nothing is read from a file."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(_MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def newest_revision() -> str:
    """The revision that no other one comes after."""
    scripts = [path.read_text(encoding="utf-8") for path in (_MIGRATIONS / "versions").glob("*.py")]
    after = {found[1] for script in scripts if (found := _AFTER.search(script))}
    return next(found[1] for script in scripts if (found := _REVISION.search(script)) and found[1] not in after)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection, db: Database) -> None:
    # Alembic takes 11 MB and a tenth of a cold start, and nearly every start finds the schema as it should be.
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(config(connection), "head")
    except CommandError as error:
        raise SettingsError(f"The database {shown(db)} was made by a newer Storehand; install that version, or name another data folder.") from error
