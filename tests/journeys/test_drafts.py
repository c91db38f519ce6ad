"""Drafts on their way: written from the shop's facts, edited, approved, saved where the shop keeps them, and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from agent.bootstrap import House, open_house
from agent.records import ROLE_SCOPES, Ask, ChangeSet, Principal, Role
from agent.sdk import MessageWhere, Product, Review, ReviewWhere
from agent.settings import load
from agent.stores.embedded.store import EmbeddedStore

Work = Callable[[House, Principal, EmbeddedStore], Awaitable[None]]


def in_shop(folder: Path, work: Work) -> None:
    async def inner() -> None:
        async with open_house(load(data=folder, environ={})) as house:
            shop = await house.shop("demo")
            who = Principal("person:anna", "person", "Anna", shop.id, ROLE_SCOPES[Role.OWNER], Role.OWNER)
            await work(house, who, EmbeddedStore(house.accounts.db, shop.id))

    asyncio.run(inner())


async def proposed(house: House, who: Principal, task: str, **args: Any) -> ChangeSet:
    [part] = (await house.service.run_task(task, args, who)).parts
    assert part.kind == "draft" and part.change_set is not None, part.text
    return part.change_set


def test_search_texts_are_edited_saved_on_the_product_and_taken_back(data_folder: Path) -> None:
    async def work(house: House, who: Principal, store: EmbeddedStore) -> None:
        async def now() -> Product:
            return (await store.products()).items[0]

        mug = await now()
        written = await proposed(house, who, "write_seo", products={"ids": [mug.id]})
        title = next(item for item in written.items if getattr(item.what, "field", "") == "seo_title")
        edited = await house.service.reword(written.digest, title.id, "Mugs to keep", who)
        done = await house.service.approve(edited.digest, who)
        assert ((await now()).seo_title, (await now()).seo_description) == ("Mugs to keep", "")
        undo = await house.service.undo(done.id, who)
        await house.service.approve(undo.digest, who)
        assert (await now()).seo_title == mug.seo_title

    in_shop(data_folder, work)


def test_a_reply_is_edited_and_stands_under_the_review(data_folder: Path) -> None:
    async def work(house: House, who: Principal, store: EmbeddedStore) -> None:
        written = await proposed(house, who, "reply_to_review")
        [item] = written.items
        edited = await house.service.reword(written.digest, item.id, "Thank you, truly.", who)
        await house.service.approve(edited.digest, who)
        review: Review = (await store.reviews(ReviewWhere(ids=[item.what.target.id]))).items[0]
        assert review.reply == "Thank you, truly."

    in_shop(data_folder, work)


def test_a_draft_edited_again_and_turned_down_is_proposed_again_and_its_request_waits_for_that(data_folder: Path) -> None:
    async def work(house: House, who: Principal, store: EmbeddedStore) -> None:
        service = house.service
        reply = await service.ask(Ask("write a description for the Blue Ceramic Mug", shop=who.shop), who)
        written = next(part.change_set for part in reply.parts if part.change_set)
        first = await service.reword(written.digest, written.items[0].id, "Holds soup.", who)
        await service.reject(written.digest, who)
        assert first.run == reply.run_id and (await service.reply(reply.run_id, who)).state == "waiting"
        assert (await service.reword(written.digest, written.items[0].id, "Holds soup.", who)).id == first.id  # saved twice, it waits once
        await service.reject(first.digest, who)
        assert (await service.reply(reply.run_id, who)).state == "done"
        again = await service.reword(written.digest, written.items[0].id, "Holds soup.", who)
        assert again.state == "open" and [each.id for each in await service.rewordings(reply.run_id, who)] == [first.id, again.id]
        await service.approve(again.digest, who)
        assert "Holds soup." in {each.description.value for each in (await store.products()).items}

    in_shop(data_folder, work)


def test_an_answer_to_a_customer_is_edited_and_kept_in_its_thread_until_it_is_sent(data_folder: Path) -> None:
    async def work(house: House, who: Principal, store: EmbeddedStore) -> None:
        written = await proposed(house, who, "reply_to_message")
        edited = await house.service.reword(written.digest, written.items[0].id, "Hello, it is on its way.", who)
        done = await house.service.approve(edited.digest, who)
        [draft] = (await store.messages(MessageWhere(direction="draft"))).items
        assert draft.body.value == "Hello, it is on its way."
        assert len((await store.messages(MessageWhere(threads=[draft.thread], direction="in"))).items) >= 1
        undo = await house.service.undo(done.id, who)
        await house.service.approve(undo.digest, who)
        assert (await store.messages(MessageWhere(direction="draft"))).items == []

    in_shop(data_folder, work)
