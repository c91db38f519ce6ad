"""The migrations make exactly the tables that the code declares, and refuse what they cannot bring up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import metadata, upgrade
from agent.errors import SettingsError
from agent.testing.postgres import missing_programs, throw_away_cluster

needs_postgres = pytest.mark.skipif(bool(missing_programs()), reason=f"PostgreSQL's {', '.join(missing_programs())} not found")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, needs_postgres])])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(sqlite_url(tmp_path / "storehand.db"))
        yield made
        made.close()
        return
    with throw_away_cluster() as url:
        made = Database(url)
        yield made
        made.close()


def test_the_migrated_schema_is_the_one_the_code_declares(db: Database) -> None:
    upgrade(db)
    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata())
    assert differences == [], "run: python -m agent.db.revise"


def test_upgrading_again_keeps_what_is_there(db: Database) -> None:
    upgrade(db)
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (n INTEGER)"))
    upgrade(db)
    assert "kept" in inspect(db.engine).get_table_names()


def test_every_unique_key_of_shop_data_begins_with_its_shop() -> None:
    for table in metadata().tables.values():
        if not table.name.startswith("shop_"):
            continue
        assert "shop_id" in table.c and not table.c.shop_id.nullable, table.name
        for constraint in table.constraints:
            if constraint.__class__.__name__ == "UniqueConstraint":
                assert list(constraint.columns)[0].name == "shop_id", f"{table.name}: {constraint}"  # type: ignore[attr-defined]  # it has columns


def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "storehand.db"
    path.write_bytes(b"not a database at all" * 100)
    db = Database(sqlite_url(path))
    with pytest.raises(SettingsError, match="storehand.db"):
        upgrade(db)
    db.close()
    assert path.read_bytes().startswith(b"not a database")


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    db = Database(sqlite_url(tmp_path / "storehand.db"))
    upgrade(db)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    with pytest.raises(SettingsError, match="newer"):
        upgrade(db)
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "from the future"
    db.close()
