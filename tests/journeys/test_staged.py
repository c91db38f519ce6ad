"""Parts of a request that build on each other's changes: each is shown as the shop will be once those before it are approved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

from agent.bootstrap import House, open_house
from agent.records import ROLE_SCOPES, Ask, Principal, Reply, Role
from agent.sdk import Change
from agent.settings import load

Work = Callable[[House, Principal], Awaitable[None]]


def in_house(folder: Path, work: Work) -> None:
    async def inner() -> None:
        async with open_house(load(data=folder, environ={})) as house:
            shop = await house.shop("demo")
            await work(house, Principal("person:anna", "person", "Anna", shop.id, ROLE_SCOPES[Role.OWNER], Role.OWNER))

    asyncio.run(inner())


async def said(house: House, who: Principal, text: str) -> Reply:
    return await house.service.ask(Ask(text, locale="en-GB", shop=who.shop), who)


def changes(reply: Reply, part: int) -> list[Change]:
    change_set = reply.parts[part].change_set
    assert change_set is not None, reply.parts[part].text
    return [item.what for item in change_set.items if isinstance(item.what, Change)]


def test_two_changes_of_one_price_are_both_done_in_their_order(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await said(house, who, "raise the Blue Ceramic Mug by 10% and then round the price of the Blue Ceramic Mug down to 12")
        first, second = changes(reply, 0), changes(reply, 1)
        assert [change.before for change in second] == [change.after for change in first]
        for digest in reply.approvals:
            assert (await house.service.approve(digest, who)).state == "applied"
        again = await said(house, who, "put the Blue Ceramic Mug at 11")
        assert {change.before.amount for change in changes(again, 0)} == {Decimal("12.00")}

    in_house(data_folder, work)


def test_what_is_given_a_tag_is_among_what_has_it(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await said(house, who, "tag all mugs as gift and then cut the price of everything tagged gift by 10%")
        alone = await said(house, who, "cut the price of everything tagged gift by 10%")
        tagged = {change.target.id for change in changes(reply, 0)}
        assert tagged and len(changes(reply, 1)) > len(changes(alone, 0))

    in_house(data_folder, work)


def test_a_text_is_about_the_product_as_it_will_be(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await said(house, who, "rename the Blue Ceramic Mug to Sea Mug and write a description for it")
        assert reply.parts[1].kind == "draft" and "Sea Mug" in reply.parts[1].text
        shown = await said(house, who, "show me the Blue Ceramic Mug")
        assert "Sea Mug" not in shown.parts[0].text

    in_house(data_folder, work)


def test_the_second_without_the_first_changes_nothing(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await said(house, who, "raise the Blue Ceramic Mug by 10% and then round the price of the Blue Ceramic Mug down to 12")
        await house.service.reject(reply.approvals[0], who)
        assert (await house.service.approve(reply.approvals[1], who)).state == "failed"
        again = await said(house, who, "put the Blue Ceramic Mug at 11")
        assert {change.before for change in changes(again, 0)} == {change.before for change in changes(reply, 0)}

    in_house(data_folder, work)
