"""The embedded store under the laws that every store obeys, on SQLite and on Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.testing.embedded_shop import StockedShop
from agent.testing.postgres import missing_programs, throw_away_cluster
from agent.testing.store_spec import ShopSpec, Stocked
from agent.testing.store_suite import StoreSuite


class _Embedded(StoreSuite):
    db: ClassVar[Database]

    def stocked(self, spec: ShopSpec) -> Stocked:
        return StockedShop(self.db, spec)


class TestEmbeddedStoreOnSqlite(_Embedded):
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _database(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        db = Database(sqlite_url(tmp_path_factory.mktemp("shops") / "shops.db"))
        upgrade(db)
        cls.db = db
        yield
        db.close()


@pytest.mark.postgres
@pytest.mark.skipif(bool(missing_programs()), reason=f"PostgreSQL's {', '.join(missing_programs())} not found")
class TestEmbeddedStoreOnPostgres(_Embedded):
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _database(cls) -> Iterator[None]:
        with throw_away_cluster() as url:
            db = Database(url)
            upgrade(db)
            cls.db = db
            yield
            db.close()
