from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from agent.db.engine import Database
from agent.errors import Conflict, Invalid, NotFound, NotSignedIn, TooManyAttempts
from agent.ledger.people import People
from agent.ledger.sessions import Sessions
from agent.ledger.throttle import Throttle
from agent.records import Role, Scope

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"


class Counting:
    """A hasher that counts how often it was made to work."""

    def __init__(self) -> None:
        self.checked = 0

    def hash(self, password: str) -> str:
        return QUICK.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        self.checked += 1
        return QUICK.verify(hashed, password)


def people_of(db: Database, **more: Any) -> People:
    return People(db, **{"hasher": QUICK, **more})


def test_the_right_password_signs_in_whatever_the_case_of_the_name(db: Database) -> None:
    async def story() -> None:
        people = people_of(db)
        anna = await people.add("Anna  Lund", shop="shop_a", role=Role.STAFF, password=PASSWORD)
        found = await people.verify(" ANNA lund ", PASSWORD, client="1")
        assert found == anna and found.principal.may(Scope.APPROVE) and not found.principal.may(Scope.ADMIN)

    asyncio.run(story())


def test_a_wrong_name_and_a_wrong_password_cost_the_same_and_sound_the_same(db: Database) -> None:
    async def story() -> None:
        hasher = Counting()
        people = people_of(db, hasher=hasher)
        await people.add("Anna", shop="shop_a", role=Role.OWNER, password=PASSWORD)
        await people.add("Link only", shop="shop_a", role=Role.OWNER)
        said = []
        for name, password in (("Anna", "wrong"), ("nobody", PASSWORD), ("Link only", "wrong")):
            with pytest.raises(NotSignedIn) as refused:
                await people.verify(name, password, client="1")
            said.append(str(refused.value))
        assert len(set(said)) == 1 and hasher.checked == 3

    asyncio.run(story())


def test_guessing_is_slowed_by_name_whatever_the_client_and_the_right_password_waits_too(db: Database) -> None:
    async def story() -> None:
        time = [0.0]
        people = people_of(db, throttle=Throttle(free=3, clock=lambda: time[0]))
        await people.add("Anna", shop="shop_a", role=Role.OWNER, password=PASSWORD)
        for n in range(3):
            with pytest.raises(NotSignedIn):
                await people.verify("Anna", "wrong", client=f"client {n}")
        with pytest.raises(TooManyAttempts) as slowed:
            await people.verify("Anna", PASSWORD, client="another")
        time[0] += slowed.value.retry_after_s
        assert (await people.verify("Anna", PASSWORD, client="another")).name == "Anna"

    asyncio.run(story())


def test_guessing_many_names_from_one_client_is_slowed(db: Database) -> None:
    async def story() -> None:
        people = people_of(db, throttle=Throttle(free=3, clock=lambda: 0.0))
        for n in range(3):
            with pytest.raises(NotSignedIn):
                await people.verify(f"name {n}", "wrong", client="1")
        with pytest.raises(TooManyAttempts):
            await people.verify("name 9", "wrong", client="1")

    asyncio.run(story())


def test_attempts_made_at_once_are_all_counted(db: Database) -> None:
    async def story() -> None:
        people = people_of(db, throttle=Throttle(free=3, clock=lambda: 0.0))
        done = await asyncio.gather(*(people.verify("Anna", "wrong", client=str(n)) for n in range(10)), return_exceptions=True)
        assert sum(isinstance(each, TooManyAttempts) for each in done) == 7

    asyncio.run(story())


def test_a_sign_in_link_works_once(db: Database) -> None:
    async def story() -> None:
        people = people_of(db)
        anna = await people.add("Anna", shop="shop_a", role=Role.OWNER)
        token = await people.link(anna.id)
        assert await people.follow(token, client="1") == anna
        assert await people.follow(await people.link("ANNA"), client="1") == anna
        with pytest.raises(NotSignedIn):
            await people.follow(token, client="1")
        with db.engine.connect() as connection:
            assert token not in str(connection.exec_driver_sql("SELECT * FROM sign_in_links").fetchall())

    asyncio.run(story())


def test_of_many_who_follow_a_link_at_once_one_comes_in(db: Database) -> None:
    async def story() -> None:
        people = people_of(db, throttle=Throttle(free=99))
        anna = await people.add("Anna", shop="shop_a", role=Role.OWNER)
        token = await people.link(anna.id)
        done = await asyncio.gather(*(people.follow(token, client="1") for _ in range(8)), return_exceptions=True)
        assert sum(each == anna for each in done) == 1

    asyncio.run(story())


def test_a_sign_in_link_expires(db: Database, clock: Any) -> None:
    async def story() -> None:
        people = people_of(db, now=clock)
        anna = await people.add("Anna", shop="shop_a", role=Role.OWNER)
        token = await people.link(anna.id, lasts=timedelta(minutes=15))
        clock.forward(minutes=15)
        with pytest.raises(NotSignedIn):
            await people.follow(token, client="1")

    asyncio.run(story())


def test_a_name_is_given_once_in_an_installation(db: Database) -> None:
    async def story() -> None:
        people = people_of(db)
        await people.add("Anna", shop="shop_a", role=Role.OWNER)
        with pytest.raises(Conflict):
            await people.add("ANNA", shop="shop_b", role=Role.OWNER)

    asyncio.run(story())


@pytest.mark.parametrize("password", ["", "short", "x" * 1_025])
def test_a_password_that_is_too_short_or_endless_is_not_taken(db: Database, password: str) -> None:
    async def story() -> None:
        with pytest.raises(Invalid):
            await people_of(db).add("Anna", shop="shop_a", role=Role.OWNER, password=password)

    asyncio.run(story())


def test_who_is_removed_is_out_at_once_with_their_sessions_and_links(db: Database) -> None:
    async def story() -> None:
        people, sessions = people_of(db), Sessions(db)
        await people.add("Ben", shop="shop_a", role=Role.OWNER, password=PASSWORD)
        anna = await people.add("Anna", shop="shop_a", role=Role.OWNER, password=PASSWORD)
        session, token = await sessions.begin(anna.principal), await people.link(anna.id)
        with pytest.raises(NotFound):
            await people.remove(anna.id, shop="shop_b")
        await people.remove(anna.id, shop="shop_a")
        assert await sessions.find(session) is None
        with pytest.raises(NotSignedIn):
            await people.follow(token, client="1")
        with pytest.raises(NotSignedIn):
            await people.verify("Anna", PASSWORD, client="1")

    asyncio.run(story())


def test_a_new_password_signs_out_everywhere(db: Database) -> None:
    async def story() -> None:
        people, sessions = people_of(db), Sessions(db)
        anna = await people.add("Anna", shop="shop_a", role=Role.OWNER, password=PASSWORD)
        session = await sessions.begin(anna.principal)
        await people.set_password(anna.id, "another horse", shop="shop_a")
        assert await sessions.find(session) is None
        assert await people.verify("Anna", "another horse", client="1") == anna

    asyncio.run(story())


def test_a_session_is_new_at_each_sign_in_and_the_old_one_ends(db: Database) -> None:
    async def story() -> None:
        people, sessions = people_of(db), Sessions(db)
        anna = await people.add("Anna", shop="shop_a", role=Role.OWNER)
        first = await sessions.begin(anna.principal)
        second = await sessions.begin(anna.principal, instead_of=first)
        assert first != second and await sessions.find(first) is None
        found = await sessions.find(second)
        assert found is not None and found.principal == anna.principal
        with db.engine.connect() as connection:
            assert second not in str(connection.exec_driver_sql("SELECT * FROM panel_sessions").fetchall())

    asyncio.run(story())


def test_a_session_lasts_while_it_is_used_and_ends_when_it_is_not(db: Database, clock: Any) -> None:
    async def story() -> None:
        people, sessions = people_of(db), Sessions(db, now=clock)
        session = await sessions.begin((await people.add("Anna", shop="shop_a", role=Role.OWNER)).principal)
        for _ in range(3):
            clock.forward(days=10)
            assert await sessions.find(session) is not None
        clock.forward(days=14)
        assert await sessions.find(session) is None

    asyncio.run(story())
