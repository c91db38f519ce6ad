"""What somebody says who tries it for the first time: a greeting, who this is, help, thanks; and any request in a shop with nothing in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import planned

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.planning import said
from agent.planning.courtesy import asks_what_this_is, courtesy, undoes_nothing
from agent.planning.planner import Planner
from agent.stores.embedded.shops import create_shop
from agent.stores.embedded.store import EmbeddedStore


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    folder: Path = tmp_path_factory.mktemp("empty")
    db = Database(sqlite_url(folder / "shop.db"))
    upgrade(db)
    yield EmbeddedStore(db, create_shop(db, name="mine", currency="EUR", time_zone="Europe/Berlin").id)
    db.close()


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("hello", "Hello."),
        ("Good morning!", "Hello."),
        ("thx bye", "You are welcome."),
        ("cool, thanks a lot", "You are welcome."),
        ("bye", "Goodbye."),
        ("hey, how are you today?", "All is well here."),
        ("you're great", "Thank you."),
        ("do you speak german?", "Requests are read in English"),
    ],
)
def test_courtesies_are_returned(text: str, begins: str) -> None:
    told = courtesy(text)
    assert told is not None and told.startswith(begins)


@pytest.mark.parametrize(
    "text", ["hello, what did we sell yesterday", "thanks, now cancel order 1042", "great mugs", "good night candle price", "how are sales today"]
)
def test_a_request_with_a_courtesy_is_a_request(text: str) -> None:
    assert courtesy(text) is None and not asks_what_this_is(text)


@pytest.mark.parametrize(
    "text", ["hello, who are you?", "who made you", "what is this", "help", "can you help me?", "are you a robot", "how do I start?"]
)
def test_who_asks_who_this_is_or_for_help_is_asking_what_can_be_done(text: str) -> None:
    assert asks_what_this_is(text)


@pytest.mark.parametrize("text", ["can you help me raise the price of the mug", "what is this order worth", "help me write an email"])
def test_a_request_for_something_is_no_call_for_help(text: str) -> None:
    assert not asks_what_this_is(text)


def test_undo_without_anything_before_has_nothing_to_undo(planner: Planner, demo: EmbeddedStore) -> None:
    [left] = planned(planner, demo, "undo that").not_done
    assert left.reason == said.NOTHING_TO_UNDO
    assert not undoes_nothing("undo that", [object()])


@pytest.mark.parametrize("text", ["what is running low", "what did we sell last week", "any risky orders", "what can you do", "put mugs up by 10%"])
def test_a_shop_with_nothing_in_it_says_how_to_begin(text: str, planner: Planner, empty: EmbeddedStore) -> None:
    assert said.NOTHING_HERE in planned(planner, empty, text).notes


def test_a_first_product_is_made_without_a_word_about_that(planner: Planner, empty: EmbeddedStore) -> None:
    plan = planned(planner, empty, "add a product called Mug for 10 euros")
    assert [subtask.task for subtask in plan.subtasks] == ["create_product"] and not plan.notes


def test_a_shop_with_goods_is_told_nothing_of_beginning(planner: Planner, demo: EmbeddedStore) -> None:
    assert said.NOTHING_HERE not in planned(planner, demo, "what is running low").notes


def test_the_order_said_tells_which_of_the_namesakes_is_meant_and_no_other_persons(planner: Planner, demo: EmbeddedStore) -> None:
    orders = asyncio.run(demo.orders(None, limit=40)).items
    order, another = orders[0], next(one for one in orders if one.customer_name != orders[0].customer_name)
    theirs = planned(planner, demo, f"give {order.customer_name} the money back for {order.number.lstrip('#')}")
    assert not theirs.questions
    assert theirs.subtasks[0].args["orders"]["label"] == order.number and "amount" not in theirs.subtasks[0].args
    others = planned(planner, demo, f"give {another.customer_name} the money back for {order.number.lstrip('#')}")
    named = others.subtasks[0].args.get("customers")
    assert named is not None or others.questions  # the task itself finds that it is not theirs
