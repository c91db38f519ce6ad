"""A proposal that nobody decides on: once it has expired nothing of its request waits, wherever that is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from agent.bootstrap import House, open_house
from agent.db.tables import ChangeSetRow
from agent.records import ROLE_SCOPES, Ask, Principal, Role, Run
from agent.settings import load


def in_demo(folder: Path, work: Callable[[House, Principal], Awaitable[None]]) -> None:
    async def inner() -> None:
        async with open_house(load(data=folder, environ={})) as house:
            shop = await house.shop("demo")
            await work(house, Principal("person:anna", "person", "Anna", shop.id, ROLE_SCOPES[Role.OWNER], Role.OWNER))

    asyncio.run(inner())


async def proposed(house: House, who: Principal) -> str:
    """A run that waits for a decision; its id."""
    product = (await house.service._executor.shops.store(who.shop).products()).items[0]
    reply = await house.service.ask(Ask(f"set the price of {product.title} to {product.variants[0].price.amount + 1}", shop=who.shop), who)
    assert reply.state == "waiting" and reply.approvals, reply
    return reply.run_id


async def expire(house: House, at: datetime) -> None:
    await house.accounts.db.write(lambda session: session.execute(update(ChangeSetRow).values(expires_at=at)))


async def listed(house: House, who: Principal, id: str) -> Run:
    return next(run for run in (await house.service.runs(who)).items if run.id == id)


def test_a_run_whose_proposal_expired_is_listed_as_done_without_being_opened(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        id = await proposed(house, who)
        assert (await listed(house, who, id)).state == "waiting"
        then = datetime.now(UTC) - timedelta(minutes=5)
        await expire(house, then)
        seen = await listed(house, who, id)
        assert (seen.state, seen.finished_at) == ("done", then)
        # It is written down: whoever reads the table sees it too.
        assert (await house.service._journal.load(who.shop, id)).run == seen
        assert (await house.service.reply(id, who)).state == "done"

    in_demo(data_folder, work)


def test_a_run_that_also_asked_something_goes_on_waiting_for_the_answer(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await house.service.ask(Ask("set the price of the mug", shop=who.shop), who)
        assert reply.state == "waiting" and reply.questions, reply
        await expire(house, datetime.now(UTC) - timedelta(minutes=5))
        assert (await listed(house, who, reply.run_id)).state == "waiting"

    in_demo(data_folder, work)
