"""What stands between two requests and asks for nothing: it joins them, and nothing of it is asked about or told as not understood."""

from __future__ import annotations

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    "between",
    [
        ". the next one is easy: ",
        ", and here comes the second thing, ",
        " and before I forget ",
        ". before I forget: ",
        " and once that's sorted ",
        ". as soon as you have done that, ",
        ", when you are through with it ",
        ", and separately, ",
        "; on a different note, ",
        ". that's the first. the second is: ",
        ". now to something completely different. ",
        ". ah yes, I nearly forgot, ",
        ", and speaking of mugs, ",
        " and, totally unrelated, ",
        ". and now the difficult part: ",
        ". sorry, there is more: ",
        ", in addition to that ",
        ". it gets better. ",
        " and while I have you here ",
        ". the boss is in a good mood. ",
    ],
)
def test_it_joins_and_is_nothing_else(between: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"hide the mugs{between}cancel order 20999")
    assert [part.task for part in plan.subtasks] == ["edit_product", "cancel_order"]
    assert not plan.questions and not plan.not_done


def test_a_question_may_follow(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "hide the mugs. my other question would be how many orders we had last week")
    assert [part.task for part in plan.subtasks] == ["edit_product", "sales_report"] and not plan.not_done


@pytest.mark.parametrize(
    "said",
    [
        "hide the mugs and for members only, publish the bowls",
        "hide the mugs, the handmade ones, and cancel 20999",
        "hide the mugs and the thingamajig, cancel 20999",
    ],
)
def test_what_restricts_or_may_name_something_is_told_or_asked_about(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert plan.questions or plan.not_done


@pytest.mark.parametrize("said", ["hide the mugs and once they are sold out, publish the bowls", "cancel 20999 and once it's paid fulfil 20998"])
def test_what_must_be_so_first_is_kept(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    last = planned(planner, demo, said).subtasks[-1]
    assert last.task == "create_automation" or last.given is not None


@pytest.mark.parametrize("said", ["I nearly asked you to cancel order 20999", "I thought we could cancel order 20999"])
def test_what_says_that_it_is_only_spoken_of_is_kept(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert not planned(planner, demo, said).subtasks


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ('tag 20999 as "next thing", cancel 20998', "add_tags", ["next thing"]),
        ("add a note to 20999: another question: where is the parcel", "note", "another question"),
    ],
)
def test_what_is_to_be_written_is_kept(said: str, field: str, value: object, planner: Planner, demo: EmbeddedStore) -> None:
    assert planned(planner, demo, said).subtasks[0].args[field] == value


def test_what_is_asked_of_the_rest_is_kept(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "show me the drafts. the second one, publish it")
    assert plan.subtasks[-1].task == "edit_product" and "one" in plan.text[slice(*plan.subtasks[-1].span)]
