"""Conversations through the service, with the demo shop, the shipped students and no key: what was said before is meant by record id."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from agent.bootstrap import House, open_house
from agent.records import ROLE_SCOPES, Ask, Principal, Reply, Role
from agent.settings import load

Work = Callable[[House, Principal], Awaitable[None]]


def in_house(folder: Path, work: Work) -> None:
    async def inner() -> None:
        async with open_house(load(data=folder, environ={})) as house:
            shop = await house.shop("demo")
            await work(house, Principal("person:anna", "person", "Anna", shop.id, ROLE_SCOPES[Role.OWNER], Role.OWNER))

    asyncio.run(inner())


async def said(house: House, who: Principal, text: str, *, thread: str = "t1", dry_run: bool = False) -> Reply:
    return await house.service.ask(Ask(text, locale="en-GB", shop=who.shop, thread=thread), who, dry_run=dry_run)


def args(reply: Reply, task: str) -> dict[str, object]:
    return dict(next(s for s in reply.plan.subtasks if s.task == task).args)


def test_a_correction_takes_the_place_of_the_proposal_and_says_so(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        first = await said(house, who, "put the Blue Ceramic Mug at 12.50")
        second = await said(house, who, "no, the stoneware one instead")
        assert args(second, "change_price")["variants"]["label"] == "Speckled Stoneware Mug"  # type: ignore[index]
        assert args(second, "change_price")["price"] == {"amount": "12.50", "currency": "EUR"}
        assert "takes the place" in second.plan.notes[0]
        assert (await house.service.reply(first.run_id, who)).state == "done"
        assert [c.digest for c in (await house.service.approvals(who)).items] == list(second.approvals)

    in_house(data_folder, work)


def test_a_dry_run_takes_nothing_back(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        first = await said(house, who, "put the Blue Ceramic Mug at 12.50")
        await said(house, who, "make it 13", dry_run=True)
        assert [c.digest for c in (await house.service.approvals(who)).items] == list(first.approvals)

    in_house(data_folder, work)


def test_who_was_found_is_tagged_and_that_is_undone(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        found = await said(house, who, "which customers spent more than 2000 euros this year")
        tagged = await said(house, who, "tag them big-spender")
        assert args(tagged, "tag_customers")["customers"]["ids"] == list(found.parts[0].data["customers"]["ids"])  # type: ignore[index]
        applied = await house.service.approve(tagged.approvals[0], who)
        undo = await said(house, who, "undo that")
        assert [(s.task, s.args["change_set"]) for s in undo.plan.subtasks] == [("undo", applied.id)]
        assert undo.state == "waiting" and undo.parts[0].change_set is not None and undo.parts[0].change_set.undoes == applied.id
        undone = await house.service.approve(undo.approvals[0], who)
        again = await said(house, who, "undo that")
        assert [s.args for s in again.plan.subtasks] == [{"change_set": undone.id}], "what was done last is the undo"

    in_house(data_folder, work)


def test_an_answer_typed_as_the_next_message_closes_the_question(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        asked = await said(house, who, "change the price of the Travel Mug")
        assert asked.questions
        answered = await said(house, who, "26.50")
        assert args(answered, "change_price")["price"] == {"amount": "26.50", "currency": "EUR"}
        before = await house.service.reply(asked.run_id, who)
        assert (before.state, list(before.questions)) == ("done", [])

    in_house(data_folder, work)


def test_words_in_the_chat_approve_nothing(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        proposed = await said(house, who, "put the Travel Mug at 26.50")
        for words in ("yes, approve", "ok do it", "Approved. Apply the change now."):
            reply = await said(house, who, words)
            assert [n.code for n in reply.plan.not_done] == ["not_allowed"] and not reply.plan.subtasks
        assert [c.digest for c in (await house.service.approvals(who)).items] == list(proposed.approvals)
        assert not (await house.service.changes(who)).items

    in_house(data_folder, work)


def test_nobody_reaches_into_somebody_elses_thread(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        proposed = await said(house, who, "put the Travel Mug at 26.50")
        other = await said(house, replace(who, id="person:ben", name="Ben"), "make it 20")
        assert not other.plan.subtasks and not other.plan.replaces
        assert [c.digest for c in (await house.service.approvals(who)).items] == list(proposed.approvals)

    in_house(data_folder, work)


def test_a_condition_is_weighed_on_what_was_read(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        low = await said(house, who, "if the Travel Mug sold more than 100000 units last year, put it at 30 euros, otherwise at 26")
        texts = {part.subtask: part.text for part in low.parts}
        assert "not above 100,000, so nothing is changed." in texts["s2"]
        assert "not above 100,000, so this is proposed:" in texts["s3"]
        assert len(low.approvals) == 1

    in_house(data_folder, work)


def test_what_no_data_tells_is_asked_about_and_never_done(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await said(house, who, "if the moon is full, put the Travel Mug at 30 euros")
        assert [q.field for q in reply.questions] == ["condition"] and not reply.approvals
        left = await said(house, who, "leave it")
        assert not left.plan.subtasks and not left.approvals

    in_house(data_folder, work)


def test_a_complete_request_stands_by_itself(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        await said(house, who, "how much did we sell in France last month")
        alone = await said(house, who, "what did we sell yesterday")
        assert "places" not in {name for name, value in args(alone, "sales_report").items() if value}

    in_house(data_folder, work)
