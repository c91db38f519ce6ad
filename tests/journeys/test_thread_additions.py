"""Messages that only add, through the service: the new proposal stands in the old one's place, and a task's own question can be answered."""

from __future__ import annotations

from pathlib import Path

from test_threads import args, in_house, said

from agent.bootstrap import House
from agent.records import Principal


def test_a_proposal_grows_message_by_message_and_only_the_last_of_it_waits(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        await said(house, who, "create a discount code TEA10 with 10% off teapots")
        await said(house, who, "make it 15%")
        await said(house, who, "only until the end of the month")
        last = await said(house, who, "call it TEA15")
        grown = {name: value for name, value in args(last, "create_discount").items() if value and name != "products"}
        assert grown.pop("ends") and grown == {"code": "TEA15", "value": "15%"}
        assert [c.digest for c in (await house.service.approvals(who)).items] == list(last.approvals)
        assert len(last.approvals) == 1 and "takes the place" in last.plan.notes[0]

    in_house(data_folder, work)


def test_what_a_task_came_to_ask_for_is_answered_by_the_next_message(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        asked = await said(house, who, "make a draft order for Marco Rossi with 2 Travel Mugs")
        assert [part.kind for part in asked.parts] == ["missing"]
        chosen = await said(house, who, "the first one")
        assert args(chosen, "create_draft_order")["products"]["label"].startswith("Travel Mug (")  # type: ignore[index]
        assert len(chosen.approvals) == 1

    in_house(data_folder, work)


def test_a_pronoun_is_of_the_kind_that_was_spoken_of(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        await said(house, who, "what do people say about the travel mug")
        bad = await said(house, who, "show me the bad ones")
        assert args(bad, "find_reviews")["products"]["label"] == "Travel Mug"  # type: ignore[index]
        await said(house, who, "are there reviews waiting to be approved", thread="t2")
        good = await said(house, who, "publish the good ones", thread="t2")
        assert args(good, "moderate_reviews")["reviews"]["ids"], "those found, and no others"  # type: ignore[index]
        await said(house, who, "products without a picture", thread="t3")
        assert args(await said(house, who, "hide them", thread="t3"), "edit_product")["status"] == "draft"

    in_house(data_folder, work)
