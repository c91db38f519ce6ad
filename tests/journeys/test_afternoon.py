"""A merchant's afternoon, through the service, with the demo shop, the shipped students and no key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from agent.bootstrap import House, open_house
from agent.errors import Conflict, Invalid, NotAllowed, NotFound
from agent.records import ROLE_SCOPES, Ask, ChangeSet, Part, Principal, Reply, Role, Scope
from agent.sdk import Change, Money, Target
from agent.settings import load
from agent.stores.embedded.store import EmbeddedStore

T = TypeVar("T")


def in_house(folder: Path, work: Callable[[House, Principal], Awaitable[T]]) -> T:
    async def inner() -> T:
        async with open_house(load(data=folder, environ={})) as house:
            shop = await house.shop("demo")
            return await work(house, Principal("person:anna", "person", "Anna", shop.id, ROLE_SCOPES[Role.OWNER], Role.OWNER))

    return asyncio.run(inner())


async def asked(house: House, who: Principal, text: str) -> Reply:
    return await house.service.ask(Ask(text, locale="en-GB", shop=who.shop), who)


def part(reply: Reply, task: str) -> Part:
    found = [p for p in reply.parts if p.task == task]
    assert found, f"no part of {task}: {[(p.task, p.kind, p.text) for p in reply.parts]}, {reply.questions}, {reply.not_done}"
    return found[0]


def proposed(reply: Reply, task: str) -> ChangeSet:
    change_set = part(reply, task).change_set
    assert change_set is not None
    return change_set


async def price_of(house: House, who: Principal, variant: str) -> Money:
    value = await EmbeddedStore(house.accounts.db, who.shop).current(Target("variant", variant, ""), "price")
    assert isinstance(value, Money)
    return value


THREE = "Put the Blue Ceramic Mug at 12.50, show me what it sold last month and which customers bought it"


def test_one_request_gives_a_proposal_and_two_answers_and_the_change_is_approved_and_undone(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await asked(house, who, THREE)
        assert [(p.task, p.kind) for p in reply.parts] == [
            ("change_price", "proposal"), ("sales_report", "answer"), ("find_customers", "answer"),
        ]  # fmt: skip
        assert reply.questions == [] and reply.not_done == []
        assert all(p.evidence for p in reply.parts[1:])
        change_set = proposed(reply, "change_price")
        item = change_set.items[0].what
        assert isinstance(item, Change) and item.after == Money.of("12.50", "EUR")
        before = await price_of(house, who, item.target.id)

        applied = await house.service.approve(change_set.digest, who)
        assert applied.state == "applied"
        assert await price_of(house, who, item.target.id) == Money.of("12.50", "EUR")
        with pytest.raises(Conflict):
            await house.service.approve(change_set.digest, who)

        undo = await house.service.undo(change_set.id, who)
        await house.service.approve(undo.digest, who)
        assert await price_of(house, who, item.target.id) == before
        assert (await house.service.reply(reply.run_id, who)).state == "done"

    in_house(data_folder, work)


def test_what_a_read_finds_feeds_the_next_part(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await asked(house, who, "Find customers who spent over 5000 euros this year and tag them big-spender")
        found = part(reply, "find_customers")
        tagged = proposed(reply, "tag_customers")
        assert reply.plan.subtasks[1].args["customers"] == {"$ref": "s1.customers"}
        assert {i.what.target.id for i in tagged.items} <= set(found.data["customers"]["ids"])
        assert len(tagged.items) > 0

    in_house(data_folder, work)


def test_an_ambiguous_mention_is_a_question_and_the_rest_goes_on(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await asked(house, who, "Change the price of the mug to 14 and show me the top 3 products by revenue last month")
        assert reply.state == "waiting"
        assert part(reply, "sales_report").kind == "answer"
        question = next(q for q in reply.questions if q.options)
        assert len(question.options) > 1
        after = await house.service.answer(reply.run_id, {question.id: question.options[0].value}, who)
        assert proposed(after, "change_price").state == "open"

    in_house(data_folder, work)


def test_what_no_task_does_is_said_and_what_can_be_done_is_done(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await asked(house, who, "What is the weather in Berlin, and which products are running low?")
        assert part(reply, "inventory_report").kind == "answer"
        assert [n.code for n in reply.not_done] == ["out_of_scope"]

    in_house(data_folder, work)


def test_a_key_that_asks_cannot_approve_its_own_proposal(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        key = Principal("key_1", "key", "app", who.shop, frozenset({Scope.READ, Scope.ASK, Scope.APPROVE}))
        reply = await asked(house, key, "put the Blue Ceramic Mug at 12.75")
        digest = proposed(reply, "change_price").digest
        with pytest.raises(NotAllowed):
            await house.service.approve(digest, key)
        viewer = Principal("person:v", "person", "Vera", who.shop, ROLE_SCOPES[Role.VIEWER], Role.VIEWER)
        with pytest.raises(NotAllowed):
            await house.service.approve(digest, viewer)
        assert (await house.service.approve(digest, who)).state == "applied"

    in_house(data_folder, work)


def test_another_shop_sees_nothing_of_this_one(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await asked(house, who, "put the Blue Ceramic Mug at 12.75")
        other = house.accounts.create_shop(name="other", currency="GBP", time_zone="Europe/London")
        stranger = Principal("person:s", "person", "Sam", other.id, ROLE_SCOPES[Role.OWNER], Role.OWNER)
        digest = proposed(reply, "change_price").digest
        for call in (
            house.service.reply(reply.run_id, stranger),
            house.service.approval(digest, stranger),
            house.service.approve(digest, stranger),
            house.service.reject(digest, stranger),
            house.service.undo(proposed(reply, "change_price").id, stranger),
            house.service.stop(reply.run_id, stranger),
            house.service.answer(reply.run_id, {"q1": "x"}, stranger),
        ):
            with pytest.raises(NotFound):
                await call
        assert (await house.service.runs(stranger)).items == []

    in_house(data_folder, work)


@pytest.mark.parametrize("text", ["", "   \n", "x" * 8001])
def test_nothing_and_too_much_are_told_at_once(data_folder: Path, text: str) -> None:
    async def work(house: House, who: Principal) -> None:
        with pytest.raises(Invalid):
            await asked(house, who, text)

    in_house(data_folder, work)


def test_a_dry_run_keeps_nothing(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await house.service.ask(Ask("put the Blue Ceramic Mug at 12.75", locale="en-GB", shop=who.shop), who, dry_run=True)
        assert proposed(reply, "change_price").items
        assert reply.state == "done"
        assert (await house.service.approvals(who)).items == []

    in_house(data_folder, work)


def test_accepted_work_is_finished_and_its_events_are_told_from_any_point(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        run = await house.service.start(Ask("top 3 products by revenue last month", locale="en-GB", shop=who.shop), who)
        events = [e async for e in house.service.events(run, who)]
        assert [e.seq for e in events] == list(range(1, len(events) + 1))
        assert (events[0].type, events[-1].type) == ("run_started", "run_finished")
        again = [e async for e in house.service.events(run, who, after=2)]
        assert [(e.seq, e.type) for e in again] == [(e.seq, e.type) for e in events[2:]]

    in_house(data_folder, work)
