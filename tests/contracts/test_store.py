"""The embedded store under the laws that every store obeys, on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import ClassVar

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.errors import StoreRefused
from agent.records.changes import Written
from agent.sdk import Change, Target, Where
from agent.stores.embedded.shops import shop_key
from agent.stores.embedded.store import EmbeddedStore
from agent.stores.embedded.write import Desk, write
from agent.testing.embedded_shop import StockedShop
from agent.testing.postgres import missing_programs, throw_away_cluster
from agent.testing.store_spec import ShopSpec, Stocked
from agent.testing.store_suite import SHOP, StoreSuite, changes_of
from agent.testing.store_suite.stock import AT


class _Embedded(StoreSuite):
    db: ClassVar[Database]

    def stocked(self, spec: ShopSpec) -> Stocked:
        return StockedShop(self.db, spec)

    def test_what_is_staged_is_seen_and_never_kept(self) -> None:
        for name, change in changes_of(self.stocked(SHOP)).items():
            if change.op not in ("set", "add"):
                continue
            stocked = StockedShop(self.db, SHOP)
            change = changes_of(stocked)[name]
            before = asyncio.run(stocked.store.current(change.target, change.field))
            staged = stocked.store.staged([change])
            seen = asyncio.run(staged.current(change.target, change.field))
            assert asyncio.run(stocked.store.current(change.target, change.field)) == before, name
            asyncio.run(stocked.store.write(change, key="real"))
            assert seen == asyncio.run(stocked.store.current(change.target, change.field)), name

    def test_staged_changes_build_on_each_other_and_one_that_fails_is_left_out(self) -> None:
        store = StockedShop(self.db, SHOP).store
        product = asyncio.run(store.products(Where(text="Blue Mug"))).items[0]
        target = Target("product", product.id, product.title)
        renamed = Change.set(target, "title", before="Blue Mug", after="Sea Mug")
        stale = Change.set(target, "vendor", before="Nobody", after="Dune")
        again = Change.set(target, "title", before="Sea Mug", after="Lake Mug")
        seen = asyncio.run(store.staged([renamed, stale]).staged([again]).product(product.id))
        assert (seen.title, seen.vendor) == ("Lake Mug", "Acme")

    def test_what_is_to_be_made_is_seen_with_its_variants_and_never_kept(self) -> None:
        store = StockedShop(self.db, SHOP).store
        money = asyncio.run(store.products(Where(text="Blue Mug"))).items[0].variants[0].price
        variants = [{"options": [size], "price": money} for size in ("S", "M")]
        fields = {"title": "Oak Tray", "options": [["Size", ["S", "M"]]], "variants": variants}
        id = store.coming("product", 101)
        assert id is not None and store.coming("message", 101) is None
        made = Change(op="create", target=Target("product", id, "Oak Tray"), after=fields)
        described = Change.set(Target("product", id, "Oak Tray"), "description", before="", after="Of oak.")
        seen = asyncio.run(store.staged([made, described]).product(id))
        assert (seen.id, seen.title, str(seen.description.value)) == (id, "Oak Tray", "Of oak.")
        assert [store.whole_of(variant.id) for variant in seen.variants] == [(id, 0), (id, 1)]
        assert [store.part_of(id, place) for place in (0, 1)] == [variant.id for variant in seen.variants]
        assert asyncio.run(store.products(Where(text="Oak Tray"))).items == []

    def test_nothing_is_written_to_a_staged_shop(self) -> None:
        store = StockedShop(self.db, SHOP).store
        change = next(change for change in changes_of(StockedShop(self.db, SHOP)).values() if change.op == "set")
        with pytest.raises(StoreRefused):
            asyncio.run(store.staged([change]).write(change, key="k"))


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

    def test_a_write_waits_for_the_one_with_its_key_that_is_under_way_and_gives_its_answer(self) -> None:
        for name in changes_of(self.stocked(SHOP)):
            stocked = StockedShop(self.db, SHOP)
            store, change = stocked.store, changes_of(stocked)[name]
            begun, may_end = Event(), Event()

            def under_way(
                session: Session, store: EmbeddedStore = store, change: Change = change, begun: Event = begun, may: Event = may_end
            ) -> Written:
                answer = write(Desk(session, shop_key(store.shop.id), store.shop, AT), change, "k")
                begun.set()
                assert may.wait(30)
                return answer

            with ThreadPoolExecutor(2) as threads:
                first = threads.submit(self.db.write_now, under_way)
                assert begun.wait(30), name
                second = threads.submit(asyncio.run, store.write(change, key="k"))
                waited = any(self._waiting() or second.done() for _ in range(10_000)) and not second.done()
                may_end.set()
            assert waited, name
            assert second.result() == replace(first.result(), replayed=True), name

    def _waiting(self) -> int:
        """How many transactions wait for another to end."""
        return int(self.db.read_now(lambda session: session.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one()))
