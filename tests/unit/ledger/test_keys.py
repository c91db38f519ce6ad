from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from agent.db.engine import Database
from agent.errors import Conflict, Invalid, NoKey, NotFound
from agent.ledger.keys import Keys
from agent.records import Scope

READ = (Scope.READ,)


def test_a_new_key_is_good_and_says_whose_it_is(db: Database) -> None:
    async def story() -> None:
        keys = Keys(db)
        new = await keys.create("ERP", shop="shop_a", scopes=[Scope.READ, Scope.ASK])
        who = await keys.verify(new.secret)
        assert (who.kind, who.shop, who.name, who.scopes) == ("key", "shop_a", "ERP", {Scope.READ, Scope.ASK})
        assert not who.may_decide(who.id)

    asyncio.run(story())


def test_the_secret_is_nowhere_but_in_the_callers_hand(db: Database) -> None:
    async def story() -> None:
        new = await Keys(db).create("ERP", shop="shop_a", scopes=READ)
        assert new.secret.startswith("sk_sh_") and len(new.secret) >= 6 + 43
        with db.engine.connect() as connection:
            stored = str(connection.exec_driver_sql("SELECT * FROM api_keys").fetchall())
        assert new.secret not in stored and new.secret[10:40] not in stored
        assert new.secret not in repr(new)

    asyncio.run(story())


@pytest.mark.parametrize("spoil", [lambda s: s[:-1], lambda s: s + "x", lambda s: s[:20] + ("A" if s[20] != "A" else "B") + s[21:], lambda s: ""])
def test_a_typing_error_is_told_without_reading_the_table(db: Database, spoil: Any) -> None:
    async def story() -> None:
        keys = Keys(db)
        new = await keys.create("ERP", shop="shop_a", scopes=READ)
        with pytest.raises(NoKey, match="copied whole"):
            await keys.verify(spoil(new.secret))

    asyncio.run(story())


def test_a_well_formed_key_that_nobody_made_is_refused(db: Database, tmp_path: Any) -> None:
    async def story() -> None:
        stranger = (await Keys(db).create("other", shop="shop_b", scopes=READ)).secret
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM api_keys")
        with pytest.raises(NoKey, match="not valid any more"):
            await Keys(db).verify(stranger)

    asyncio.run(story())


def test_a_revoked_key_is_refused_at_once_and_only_its_shop_can_revoke_it(db: Database) -> None:
    async def story() -> None:
        keys = Keys(db)
        new = await keys.create("ERP", shop="shop_a", scopes=READ)
        with pytest.raises(NotFound):
            await keys.revoke(new.key.id, shop="shop_b")
        await keys.verify(new.secret)
        first = await keys.revoke(new.key.id, shop="shop_a")
        with pytest.raises(NoKey):
            await keys.verify(new.secret)
        assert (await keys.revoke(new.key.id, shop="shop_a")).revoked_at == first.revoked_at

    asyncio.run(story())


def test_a_key_revoked_by_another_process_is_refused_within_a_second(db: Database, clock: Any) -> None:
    async def story() -> None:
        here, there = Keys(db, now=clock), Keys(db, now=clock)
        new = await here.create("ERP", shop="shop_a", scopes=READ)
        await here.verify(new.secret)
        await there.revoke(new.key.id, shop="shop_a")
        clock.forward(seconds=1)
        with pytest.raises(NoKey):
            await here.verify(new.secret)

    asyncio.run(story())


def test_a_key_is_refused_from_the_moment_it_expires(db: Database, clock: Any) -> None:
    async def story() -> None:
        keys = Keys(db, now=clock)
        new = await keys.create("ERP", shop="shop_a", scopes=READ, expires_in=timedelta(days=1))
        clock.forward(hours=23, minutes=59)
        await keys.verify(new.secret)
        clock.forward(minutes=1)
        with pytest.raises(NoKey):
            await keys.verify(new.secret)

    asyncio.run(story())


def test_uses_are_written_down_together(db: Database, clock: Any) -> None:
    async def story() -> None:
        keys = Keys(db, now=clock)
        new = await keys.create("ERP", shop="shop_a", scopes=READ)
        await keys.verify(new.secret)
        assert (await keys.list("shop_a"))[0].last_used_at is None
        await keys.note_uses()
        assert (await keys.list("shop_a"))[0].last_used_at == clock()

    asyncio.run(story())


def test_a_budget_is_kept_to_the_millionth_and_a_list_is_of_one_shop(db: Database) -> None:
    async def story() -> None:
        keys = Keys(db)
        await keys.create("a", shop="shop_a", scopes=READ, budget_usd=Decimal("12.345678"))
        await keys.create("b", shop="shop_b", scopes=READ)
        (key,) = await keys.list("shop_a")
        assert key.budget_usd == Decimal("12.345678")

    asyncio.run(story())


def test_while_a_rotation_overlaps_both_secrets_are_the_one_key_and_then_only_the_new(db: Database, clock: Any) -> None:
    async def story() -> None:
        keys = Keys(db, now=clock)
        old = await keys.create("ERP", shop="shop_a", scopes=READ, budget_usd=Decimal(5), models=["fast"])
        await keys.verify(old.secret)
        new = await keys.rotate(old.key.id, shop="shop_a", overlap=timedelta(hours=2))
        assert new.secret != old.secret and new.key.old_until == clock() + timedelta(hours=2)
        assert (new.key.id, new.key.budget_usd, new.key.models) == (old.key.id, Decimal(5), {"fast"})
        clock.forward(hours=1, minutes=59)
        assert await keys.verify(old.secret) == await keys.verify(new.secret)
        clock.forward(minutes=1)
        with pytest.raises(NoKey):
            await keys.verify(old.secret)
        await keys.verify(new.secret)

    asyncio.run(story())


def test_a_rotation_without_overlap_ends_the_old_secret_at_once_and_a_second_one_the_first(db: Database, clock: Any) -> None:
    async def story() -> None:
        keys = Keys(db, now=clock)
        first = await keys.create("ERP", shop="shop_a", scopes=READ)
        await keys.verify(first.secret)
        second = await keys.rotate(first.key.id, shop="shop_a", overlap=timedelta(0))
        third = await keys.rotate(first.key.id, shop="shop_a", overlap=timedelta(days=1))
        for secret, good in ((first.secret, False), (second.secret, True), (third.secret, True)):
            assert await is_good(keys, secret) is good
        await keys.revoke(first.key.id, shop="shop_a")
        assert [await is_good(keys, made.secret) for made in (first, second, third)] == [False, False, False]

    asyncio.run(story())


async def is_good(keys: Keys, secret: str) -> bool:
    try:
        await keys.verify(secret)
    except NoKey:
        return False
    return True


def test_only_a_good_key_of_the_shop_is_rotated_and_not_for_years(db: Database, clock: Any) -> None:
    async def story() -> None:
        keys = Keys(db, now=clock)
        made = await keys.create("ERP", shop="shop_a", scopes=READ)
        with pytest.raises(NotFound):
            await keys.rotate(made.key.id, shop="shop_b")
        with pytest.raises(Invalid):
            await keys.rotate(made.key.id, shop="shop_a", overlap=timedelta(days=91))
        await keys.revoke(made.key.id, shop="shop_a")
        with pytest.raises(Conflict):
            await keys.rotate(made.key.id, shop="shop_a")

    asyncio.run(story())


@pytest.mark.parametrize("listed", [None, ["fast", " acme/big-1 "]])
def test_the_models_a_key_may_call_go_with_whoever_brings_it(db: Database, listed: list[str] | None) -> None:
    async def story() -> None:
        keys = Keys(db)
        made = await keys.create("ERP", shop="shop_a", scopes=READ, models=listed)
        expected = None if listed is None else {"fast", "acme/big-1"}
        assert made.key.models == (await keys.verify(made.secret)).models == (await keys.list("shop_a"))[0].models == expected

    asyncio.run(story())


@pytest.mark.parametrize("wrong", [{"name": " "}, {"scopes": ()}, {"budget_usd": Decimal(-1)}, {"models": [" "]}])
def test_a_key_that_makes_no_sense_is_not_made(db: Database, wrong: dict[str, Any]) -> None:
    async def story() -> None:
        given = {"name": "ERP", "scopes": READ, **wrong}
        with pytest.raises(Invalid):
            await Keys(db).create(given.pop("name"), shop="shop_a", **given)
        assert await Keys(db).list("shop_a") == []

    asyncio.run(story())
