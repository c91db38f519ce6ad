"""Conversations as merchants hold them: what the last message of each comes to, with the demo shop, the shipped students and no key.

Each line of `thread_talk.jsonl`, and of `thread_reads.jsonl` for what begins with a question, has the messages of one conversation ("!" before
one: what it proposes is approved), and what the last of them comes to, in the form of `ordinary.jsonl`; `instead` are the proposals that it takes
the place of, counted. They were judged by hand when they were written down.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from agent.bootstrap import House, open_house
from agent.records import ROLE_SCOPES, Ask, Principal, Reply, Role
from agent.settings import load
from agent.testing.plans import shown

FILES = ("thread_talk.jsonl", "thread_reads.jsonl")
LINES = [json.loads(line) for name in FILES for line in (Path(__file__).parent / name).read_text("utf-8").splitlines()]


class Open:
    """A house that stays open for all conversations: to open one takes longer than each of them."""

    def __init__(self, runner: asyncio.Runner, house: House, who: Principal) -> None:
        self._runner, self._house, self._who = runner, house, who

    def last(self, messages: list[str], thread: str) -> Reply:
        return self._runner.run(self._say(messages, thread))

    async def _say(self, messages: list[str], thread: str) -> Reply:
        for message in messages:
            asked = Ask(message.lstrip("!"), locale="en-GB", shop=self._who.shop, thread=thread)
            reply = await self._house.service.ask(asked, self._who)
            for part in reply.parts if message.startswith("!") else ():
                if part.change_set is not None:
                    await self._house.service.approve(part.change_set.digest, self._who)
        return reply


@pytest.fixture(scope="module")
def opened(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    folder = Path(shutil.copytree(demo_data, tmp_path_factory.mktemp("talk") / "data"))
    with asyncio.Runner() as runner:
        inside = AsyncExitStack()
        house = runner.run(inside.enter_async_context(open_house(load(data=folder, environ={}))))
        shop = runner.run(house.shop("demo")).id
        try:
            yield Open(runner, house, Principal("person:anna", "person", "Anna", shop, ROLE_SCOPES[Role.OWNER], Role.OWNER))
        finally:
            runner.run(inside.aclose())


@pytest.mark.parametrize("line", LINES, ids=[" / ".join(line["said"]) for line in LINES])
def test_a_conversation_comes_to_what_is_meant(line: dict[str, Any], opened: Open) -> None:
    reply = opened.last(line["said"], thread=" / ".join(line["said"])[-60:])
    came = {**shown(reply.plan), "instead": len(reply.plan.replaces)}
    assert came == {"plan": [], "asked": [], "not_done": [], "instead": 0} | {key: value for key, value in line.items() if key != "said"}


def test_those_of_the_last_search_are_meant_and_not_those_it_looked_among(opened: Open) -> None:
    asked = ["how many newsletter subscribers do we have in France?", "and how many of them bought something this year?", "make a 10% code for them"]
    found = opened.last(asked[:2], thread="subscribers").parts[0].data["customers"]["ids"]
    coded = opened.last(asked[2:], thread="subscribers").plan.subtasks[0].args["customers"]["ids"]
    assert sorted(coded) == sorted(found)


def test_the_best_is_that_of_the_last_report(opened: Open) -> None:
    """Which product that is differs from day to day, as the demo shop's orders do."""
    asked = ["what sells best on saturdays", "and sundays", "put the best one on sale 10%"]
    best = opened.last(asked[:2], thread="best of sundays").parts[0].data["products"]["ids"][0]
    made = opened.last(asked, thread="best of sundays, on sale").plan.subtasks[0]
    assert (made.task, made.args["value"], made.args["products"]["ids"]) == ("create_discount", "10%", [best])


@pytest.mark.parametrize(
    ("said", "put_back"),
    [
        (["!tag the wool socks, the linen scarf and the bread knife with autumn", "undo only the socks"], ["Wool Socks"]),
        (["!tag the wool socks, the linen scarf and the bread knife with harvest", "undo that for the scarf"], ["Linen Scarf"]),
        (["!tag the wool socks, the linen scarf and the bread knife with gold", "revert all but the knife"], ["Linen Scarf", "Wool Socks"]),
        (
            ["!tag the wool socks, the linen scarf and the bread knife with maple", "!undo only the socks", "undo the rest"],
            ["Bread Knife", "Linen Scarf"],
        ),
        (["!hide the birthday mug", "!set the advent candle to 20 euros", "undo the mug"], ["Birthday Mug"]),
        (["!cut the price of all soaps by 1 euro", "put the lavender soap back"], ["Lavender Soap"]),
        (["!tag Anna Schmidt and Daan van Dijk as friends", "undo that for Daan van Dijk"], ["Daan van Dijk"]),
        (["!tag the wool socks with sleet", "undo only the vases"], []),
        (["!tag the wool socks with hail", "undo that"], ["Wool Socks"]),
    ],
    ids=lambda value: " / ".join(value),
)
def test_only_what_is_named_is_put_back(said: list[str], put_back: list[str], opened: Open) -> None:
    sets = [part.change_set for part in opened.last(said, thread=" / ".join(said)[-60:]).parts if part.change_set is not None]
    assert sorted({item.what.target.label for one in sets for item in one.items}) == put_back


@pytest.mark.parametrize(
    "said",
    [
        ["tag customers from austria as alpine", "except the ones who never ordered"],
        ["tag orders from yesterday as rush", "except the unpaid ones"],
        ["add the mugs to the Sale collection", "but not anything under 20 euros"],
    ],
    ids=lambda said: " / ".join(said),
)
def test_what_is_excepted_of_what_waits_is_left_out(said: list[str], opened: Open) -> None:
    args = opened.last(said, thread=" / ".join(said)).plan.subtasks[-1].args
    assert any(" without " in str(value.get("$ref")) for value in args.values() if isinstance(value, dict))
