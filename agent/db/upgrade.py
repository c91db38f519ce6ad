"""Bring a database to the schema this version of Storehand wants, with Alembic, from nothing or from any earlier version."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from agent.db.engine import Database
from agent.errors import SettingsError

TABLE_MODULES = ("agent.db.shop", "agent.db.tables", "agent.db.accounts", "agent.db.spend")
UPGRADE_LOCK = 7_300_217
"""Any number that no other user of the same Postgres takes for an advisory lock."""


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
            _upgrade(connection)
    except DatabaseError as error:
        remedy = "Restore it from a backup, or name another data folder." if db.is_sqlite else "See whether it runs and lets this user in."
        raise SettingsError(f"The database {shown(db)} cannot be used: {' '.join(str(error.orig).split())}. {remedy}") from error
    except CommandError as error:
        raise SettingsError(f"The database {shown(db)} was made by a newer Storehand; install that version, or name another data folder.") from error


def shown(db: Database) -> str:
    """The database's address without its password."""
    return db.engine.url.render_as_string(hide_password=True)


def config(connection: Connection) -> Config:
    """Alembic's settings for an open connection; nothing is read from a file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def _upgrade(connection: Connection) -> None:
    settings = config(connection)
    heads = set(ScriptDirectory.from_config(settings).get_heads())
    if set(MigrationContext.configure(connection).get_current_heads()) != heads:
        command.upgrade(settings, "head")
