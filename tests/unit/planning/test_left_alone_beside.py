"""Changes beside what is to be left alone, set aside, renamed or counted: none of it is changed, and none of it changes what is."""

from __future__ import annotations

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("said", "status", "without"),
    [
        ("hide all mugs but keep the enamel camping mug visible", "draft", "Enamel Camping Mug"),
        ("hide the candles but please leave the soy candle fig online", "draft", "Soy Candle Fig"),
        ("archive all mugs but keep the enamel camping mug as a draft", "archived", "Enamel Camping Mug"),
    ],
)
def test_what_something_keeps_is_not_what_the_rest_gets(said: str, status: str, without: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    (part,) = plan.subtasks
    assert part.args["status"] == status and f"except {without}" in part.args["products"]["label"] and not plan.questions


@pytest.mark.parametrize("said", ["hide the mugs but keep the bowls visible", "hide the mugs except the bowls"])
def test_what_is_spared_and_not_among_those_meant_leaves_nothing_open(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert [part.args["status"] for part in plan.subtasks] == ["draft"] and not plan.questions


@pytest.mark.parametrize(
    "aside",
    [
        "never mind the bowls,",
        "forget the bowls,",
        "not the bowls,",
        "ignore the bowls.",
        "leave the bowls alone,",
        "don't worry about the bowls,",
        "skip the bowls and",
    ],
)
def test_what_is_set_aside_at_the_beginning_is_not_changed(aside: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan, alone = planned(planner, demo, f"{aside} hide the mugs"), planned(planner, demo, "hide the mugs")
    assert [part.args for part in plan.subtasks] == [part.args for part in alone.subtasks] and not plan.questions and not plan.not_done


def test_somebody_to_be_forgotten_is_not_set_aside(planner: Planner, demo: EmbeddedStore) -> None:
    assert "erase_personal_data" in [part.task for part in planned(planner, demo, "forget Ida Kaya, hide the mugs").subtasks]


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("write a newsletter about the mugs, rename New In to Just Landed", "Just Landed"),
        ("hide the mugs, rename New In to Just Landed", "Just Landed"),
        ("write a post about the candles, rename Sale to Last Chance", "Last Chance"),
        ('put "3 for 2" in front of the title of the candles. make a new collection Bath Time', "Bath Time"),
        ("hide the mugs. make a new collection Bath Time", "Bath Time"),
    ],
)
def test_a_collection_takes_nothing_from_the_part_before(said: str, title: str, planner: Planner, demo: EmbeddedStore) -> None:
    last = planned(planner, demo, said).subtasks[-1]
    assert last.task == "manage_collection" and last.args["title"] == title and "products" not in last.args


def test_what_is_made_for_them_holds_them(planner: Planner, demo: EmbeddedStore) -> None:
    assert planned(planner, demo, "tag the soaps bath. make a collection Bath Time for them").subtasks[-1].args["products"]


@pytest.mark.parametrize(
    "said",
    ["hide the mugs and publish the drafts", "write a newsletter about the mugs. publish the drafts", "raise all mugs 5%, and publish the drafts"],
)
def test_drafts_are_those_there_are(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert planned(planner, demo, said).subtasks[-1].args == planned(planner, demo, "publish the drafts").subtasks[0].args


@pytest.mark.parametrize(
    "said", ["cancel the two orders 20997 and 20998", "cancel these three orders: 20997, 20998, 20996", "hide the two products Bud Vase and Milk Jug"]
)
def test_how_many_are_named_leaves_nothing_open(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert not planned(planner, demo, said).questions


def test_more_than_are_named_is_asked_about(planner: Planner, demo: EmbeddedStore) -> None:
    assert planned(planner, demo, "cancel the three orders 20997 and 20998").questions


@pytest.mark.parametrize(
    ("said", "alone"),
    [
        ("don't cancel 20999, refund it", "refund 20999"),
        ("don't refund order 20999, cancel it", "cancel order 20999"),
        ("don't delete the mugs, just hide them", "hide the mugs"),
        ("do not hide the bud vase, put it at 20", "put the bud vase at 20"),
        ("don't raise the mugs by 5, lower them by 2", "lower the mugs by 2"),
        ("instead of hiding the mugs, archive them", "archive the mugs"),
    ],
)
def test_what_is_done_instead_is_done_to_the_same(said: str, alone: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan, meant = planned(planner, demo, said), planned(planner, demo, alone)
    assert [(part.task, part.args) for part in plan.subtasks] == [(part.task, part.args) for part in meant.subtasks]
    assert not plan.questions


@pytest.mark.parametrize("when", ["over the weekend", "next weekend", "from friday"])
def test_when_a_change_is_to_be_made_is_no_report_beside_it(when: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"raise candles by 5 and {when} lower them by 2")
    assert [part.task for part in plan.subtasks] == ["change_price", "change_price"]
    assert plan.subtasks[1].id in plan.waiting()
