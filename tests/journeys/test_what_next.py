"""What is suggested to begin with and to go on with, in the demo shop: of what was just answered, three at most, and each is understood."""

from __future__ import annotations

from pathlib import Path

from test_threads import in_house, said

from agent.bootstrap import House
from agent.records import Ask, Principal

ASKED = (
    "what did we sell last week", "top 3 products by revenue this month", "which paid orders are unfulfilled?", "open order #1042",
    "who are my best customers", "which products are running low", "what do customers say about the blue ceramic mug", "show the 1-star reviews",
    "sort my inbox", "which discounts are active", "why are sales down this month", "what can you do", "top 10 search terms this month",
)  # fmt: skip


async def understood(house: House, who: Principal, text: str) -> None:
    plan = await house.service.plan(Ask(text, locale="en-GB", shop=who.shop), who)
    assert plan.subtasks and not plan.questions and not plan.not_done, text


def test_whatever_is_suggested_is_understood_and_was_not_asked_before(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        suggested = {str(one) for one in await house.service.suggestions(who)}
        for n, text in enumerate(ASKED):
            reply = await said(house, who, text, thread=f"t{n}")
            after = [str(one) for one in await house.service.follow_ups(reply.run_id, who)]
            assert 2 <= len(after) <= 3, text
            assert text.casefold() not in {each.casefold() for each in after}
            suggested.update(after)
        suggested.update(concern.request for concern in (await house.service.today(who)).concerns)
        for each in sorted(suggested):
            await understood(house, who, each)

    in_house(data_folder, work)


def test_what_comes_next_is_about_the_records_of_the_answer(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        order = await said(house, who, "open order #1042")
        assert "Who placed order #1042?" in [str(one) for one in await house.service.follow_ups(order.run_id, who)]
        mug = await said(house, who, "when will the blue ceramic mug run out", thread="t2")
        after = [str(one) for one in await house.service.follow_ups(mug.run_id, who)]
        assert after[0] == "How much did the Blue Ceramic Mug sell last month?"
        assert all("Blue Ceramic Mug" in each for each in after), "and not when it runs out, which was asked"

    in_house(data_folder, work)


def test_while_a_decision_waits_nothing_is_suggested_and_then_what_goes_with_the_change(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await said(house, who, "put the Blue Ceramic Mug at 12.50")
        assert await house.service.follow_ups(reply.run_id, who) == ()
        await house.service.approve(reply.approvals[0], who)
        after = [str(one) for one in await house.service.follow_ups(reply.run_id, who)]
        assert len(after) == 3 and after[0] == "How much did the Blue Ceramic Mug sell last month?"

    in_house(data_folder, work)
