"""Approvals over the embedded store, which shares the database but no transaction: on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.approvals import Approvals, verify_audit
from agent.approvals.apply import CrashAt, nowhere
from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.errors import Conflict
from agent.records import ROLE_SCOPES, Principal, Role, to_json
from agent.runs.timers import Timers
from agent.sdk import Change, Proposal, say
from agent.stores.embedded.store import EmbeddedStore
from agent.testing.inline_runs import InlineRuns
from agent.testing.postgres import missing_programs, throw_away_cluster
from agent.testing.small_shop import make_small_shop

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
POINTS = [
    "inside_deciding", "after_deciding", "before_reading", "before_intent", "inside_intent", "after_intent", "before_effect", "before_reading_back",
    "after_effect", "inside_outcome", "after_outcome", "before_settling", "inside_settling", "after_settling",
]  # fmt: skip


class Died(BaseException):
    """The process is gone: nothing of it cleans up."""


@dataclass(slots=True)
class Shop:
    db: Database
    id: str
    store: EmbeddedStore
    owner: Principal
    now: datetime = START

    def opened(self, crash_at: CrashAt = nowhere) -> tuple[Approvals, InlineRuns]:
        """Storehand as it is after a start."""
        runs = InlineRuns(Timers(self.db, clock=lambda: self.now))
        return Approvals(self.db, runs, lambda _shop: self.store, clock=lambda: self.now, crash_at=crash_at), runs

    async def as_it_is(self) -> dict[str, Any]:
        """Everything a change can touch; versions aside, which only grow."""
        products = [replace(p, version="", variants=[replace(v, version="") for v in p.variants]) for p in (await self.store.products()).items]
        people = [replace(c, version="") for c in (await self.store.customers()).items]
        codes = [replace(d, version="", id="") for d in (await self.store.discounts()).items]
        held: dict[str, Any] = to_json({"products": products, "customers": people, "discounts": codes})
        return held

    async def changes(self) -> list[Change]:
        """One of each kind that the foundation's tasks propose."""
        product = (await self.store.products()).items[0]
        customer = (await self.store.customers()).items[0]
        variant = product.variants[0]
        place = next(iter(await self.store.locations()))
        price = type(variant.price)(variant.price.amount * 9 / 10, variant.price.currency)
        code = {"code": "THANKS10", "kind": "percent", "value": "10", "starts_at": "2026-11-22T09:00:00+00:00"}
        return [
            *variant.set(price=price),
            variant.add_stock(7, location=place),
            *product.set(title="A better name", tags=[*product.tags, "new"]),
            *customer.set(tags=[*customer.tags, "thanked"]),
            Change.create("discount", "THANKS10", code),
        ]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with throw_away_cluster() as url:
        yield url


no_postgres = pytest.mark.skipif(bool(missing_programs()), reason=f"PostgreSQL's {', '.join(missing_programs())} not found")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, no_postgres])])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    db = Database(request.getfixturevalue("postgres") if request.param == "postgres" else sqlite_url(tmp_path / "storehand.db"))
    upgrade(db)
    made = make_small_shop(db, name=f"small {tmp_path.name}")
    yield Shop(db, made.id, EmbeddedStore(db, made.id), Principal("p_owner", "person", "Olga", made.id, ROLE_SCOPES[Role.OWNER], Role.OWNER))
    db.close()


def test_applied_then_undone_leaves_the_shop_as_it_was(shop: Shop) -> None:
    async def story() -> None:
        approvals, _ = shop.opened()
        before, changes = await shop.as_it_is(), await shop.changes()
        opened = await approvals.open(Proposal(say("All kinds"), changes=changes), shop=shop.id, principal=shop.owner)
        done = await approvals.approve(opened.digest, shop.owner)
        assert [(i.state, i.note) for i in done.items] == [("applied", None)] * len(changes)
        assert await shop.as_it_is() != before

        undone = await approvals.approve((await approvals.undo(opened.id, shop.owner)).digest, shop.owner)

        assert [(i.state, i.note) for i in undone.items] == [("applied", None)] * len(changes)
        assert await shop.as_it_is() == before
        report = await verify_audit(shop.db, shop.id)
        assert (report.broken, report.rows) == ((), 2 * (2 + len(changes)))

    asyncio.run(story())


@pytest.mark.parametrize("point", POINTS)
def test_a_death_at_any_point_is_mended_by_the_next_start(shop: Shop, point: str) -> None:
    def dies(at: str) -> None:
        if at == point:
            raise Died

    async def story() -> None:
        changes = await shop.changes()
        first, _ = shop.opened(dies)
        opened = await first.open(Proposal(say("All kinds"), changes=changes), shop=shop.id, principal=shop.owner)
        with pytest.raises(Died):
            await first.approve(opened.digest, shop.owner)

        again, runs = shop.opened()
        await runs.start()
        await runs.fire_due()
        if point == "inside_deciding":
            assert (await again.by_id(shop.id, opened.id)).state == "open"
            await again.approve(opened.digest, shop.owner)

        done = await again.by_id(shop.id, opened.id)
        assert [(i.state, i.note) for i in done.items] == [("applied", None)] * len(changes)
        product = (await shop.store.products()).items[0]
        place = next(iter(await shop.store.locations()))
        assert product.variants[0].stock[place] == next(c.before for c in changes if c.op == "add") + 7  # type: ignore[operator]  # units
        assert await runs.timers.due() == [] and (await verify_audit(shop.db, shop.id)).broken == ()

    asyncio.run(story())


def test_a_price_until_a_date_is_put_back_after_a_restart(shop: Shop) -> None:
    async def story() -> None:
        before = await shop.as_it_is()
        changes = (await shop.changes())[:1]
        first, _ = shop.opened()
        opened = await first.open(
            Proposal(say("Until Tuesday"), changes=changes, restore_at=START + timedelta(days=2)), shop=shop.id, principal=shop.owner
        )
        await first.approve(opened.digest, shop.owner)
        shop.now += timedelta(days=2, minutes=1)
        _, runs = shop.opened()
        await runs.start()
        await runs.fire_due()
        assert await shop.as_it_is() == before

    asyncio.run(story())


def test_of_many_approvals_at_once_one_wins(shop: Shop) -> None:
    async def story() -> None:
        approvals, _ = shop.opened()
        changes = [c for c in await shop.changes() if c.op == "add"]
        opened = await approvals.open(Proposal(say("Restock"), changes=changes), shop=shop.id, principal=shop.owner)
        results = await asyncio.gather(*(approvals.approve(opened.digest, shop.owner) for _ in range(6)), return_exceptions=True)
        assert sorted(type(r).__name__ for r in results) == ["ChangeSet"] + ["Conflict"] * 5
        with pytest.raises(Conflict):
            await approvals.approve(opened.digest, shop.owner)

    asyncio.run(story())
