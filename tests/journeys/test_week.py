"""A week in the life of a shop: forty requests in seven threads, with approvals, undo, an automation that fires and a report that recurs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.bootstrap import House, open_house
from agent.records import ROLE_SCOPES, Ask, ChangeSet, Part, Principal, Reply, Role
from agent.settings import load

WAITING = 30
"""Seconds for what the automation does."""


@dataclass(slots=True)
class Week:
    """One person's threads and what was approved in them."""

    house: House
    who: Principal
    asked: int = 0
    replies: dict[str, list[Reply]] = field(default_factory=dict)

    async def ask(self, day: str, text: str, *tasks: str) -> Reply:
        """The reply, which has parts of these tasks and no other, and asks nothing."""
        self.asked += 1
        reply = await self.house.service.ask(Ask(text, locale="en-GB", shop=self.who.shop, thread=day), self.who)
        self.replies.setdefault(day, []).append(reply)
        got = [(part.task, part.kind) for part in reply.parts]
        assert [task for task, _ in got] == list(tasks), f"{text}: {got} {reply.questions} {reply.not_done}"
        assert not reply.questions and not any(kind in ("error", "missing") for _, kind in got), f"{text}: {got} {reply.questions}"
        return reply

    async def change(self, day: str, text: str, task: str) -> ChangeSet:
        """What the request proposes, approved and applied."""
        proposed = (await self.ask(day, text, task)).parts[0].change_set
        assert proposed is not None, text
        return await self.house.service.approve(proposed.digest, self.who)


def part(reply: Reply, task: str) -> Part:
    return next(part for part in reply.parts if part.task == task)


def test_a_week_in_the_life_of_a_shop(data_folder: Path) -> None:
    async def story() -> None:
        async with open_house(load(data=data_folder, environ={})) as house:
            shop = await house.shop("demo")
            week = Week(house, Principal("person:anna", "person", "Anna", shop.id, ROLE_SCOPES[Role.OWNER], Role.OWNER))
            for day in (_monday, _tuesday, _wednesday, _thursday, _friday, _weekend):
                await day(week)
            assert week.asked == 40
            changes = (await house.service.changes(week.who)).items
            assert {"applied", "undone"} <= {one.state for one in changes}
            assert all(reply.state in ("done", "waiting") for replies in week.replies.values() for reply in replies)

    asyncio.run(story())


async def _monday(week: Week) -> None:
    await week.ask("mon", "what is running low", "inventory_report")
    await week.ask("mon", "which of them sell best", "product_performance")
    await week.ask("mon", "sort my inbox", "triage_messages")
    await week.ask("mon", "which orders have not been shipped", "find_orders")
    three = "put the Blue Ceramic Mug at 12.50, show me what it sold last month and which customers bought it"
    first = await week.ask("mon", three, "change_price", "sales_report", "find_customers")
    assert all(part(first, task).evidence for task in ("sales_report", "find_customers"))
    again = await week.change("mon", "make it 13", "change_price")
    assert again.state == "applied"
    await week.ask("mon", "top 5 products by revenue in France this year", "sales_report")


async def _tuesday(week: Week) -> None:
    came_in = await week.change("tue", "add 20 units of the cork coaster set, they came in today", "adjust_inventory")
    undo = await week.house.service.undo(came_in.id, week.who)
    assert (await week.house.service.approve(undo.digest, week.who)).state == "applied"
    await week.ask("tue", "write a description for the oak serving board", "write_description")
    await week.ask("tue", "what do reviews say about the recycled wool throw", "review_insights")
    await week.change("tue", "hide the reviews with 1 star", "moderate_reviews")
    await week.ask("tue", "how did last week compare with the week before", "sales_report")
    await week.ask("tue", "best hour of the day this year", "sales_report")


async def _wednesday(week: Week) -> None:
    await week.ask("wed", "create a discount code MIDWEEK for 10% off all candles until Sunday", "create_discount")
    await week.change("wed", "make it 15%", "create_discount")
    await week.ask("wed", "which discount codes are active", "find_discounts")
    await week.ask("wed", "write a post about our candles", "write_post")
    await week.change("wed", "end MIDWEEK", "end_discount")
    await week.ask("wed", "why are sales down this month", "explain_change")


async def _thursday(week: Week) -> None:
    await week.ask("thu", "find customers who spent over 500 euros this year", "find_customers")
    tagged = await week.change("thu", "tag them vip", "tag_customers")
    assert tagged.totals.count > 100
    await week.change("thu", "undo that", "undo")
    await week.ask("thu", "write them an email about our new candles", "write_email")
    await week.change("thu", "create a segment of customers in Berlin who ordered at least twice", "create_segment")
    await week.ask("thu", "how many repeat customers do we have", "find_customers")


async def _friday(week: Week) -> None:
    await week.change("fri", "when stock of the Blue Ceramic Mug falls below 5, tag it low", "create_automation")
    await week.house.automations.look(week.who.shop)  # `serve` looks every five seconds
    await week.change("fri", "mark the Blue Ceramic Mug as sold out", "adjust_inventory")
    await week.change("fri", "send me the sales report every Monday at 8", "schedule_report")
    await week.ask("fri", "list my automations", "list_automations")
    assert await _fired(week)
    await week.ask("fri", "buy 2 get 1 free on all mugs", "create_discount")


async def _weekend(week: Week) -> None:
    made = await week.change("sat", "create a product called Walnut Tray for 34 euros in sizes S and L", "create_product")
    assert made.totals.count == 1
    await week.ask("sat", "show me the Walnut Tray", "find_products")
    await week.ask("sat", "top 5 products by revenue this year", "sales_report")
    await week.ask("sat", "by month instead", "sales_report")
    await week.ask("sun", "which day of the week do we sell the most", "sales_report")
    await week.ask("sun", "when will the Blue Ceramic Mug run out", "forecast_stockout")
    await week.ask("sun", "revenue from new vs returning customers this year", "sales_report")
    await week.ask("sun", "what can you do", "what_can_you_do")
    refused = await week.ask("sun", "what's the weather tomorrow")
    assert [one.code for one in refused.not_done] == ["out_of_scope"]
    await week.ask("sun", "list all products without a picture", "find_products")


async def _fired(week: Week) -> bool:
    """Whether the rule fired and what it did was applied."""
    desk = week.house.automation_desk
    assert await week.house.automations.look(week.who.shop) == 2  # a size each
    for _ in range(WAITING * 5):
        firings: Sequence[object] = await desk.firings(week.who)
        if any(getattr(one, "state", "") == "done" for one in firings):
            return True
        await asyncio.sleep(0.2)
    return False
