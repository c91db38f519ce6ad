"""What something was and what it is to be; from when on; how many of what is ranked; who has not come back since."""

from __future__ import annotations

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    "said",
    [
        "the linen scarf is 34 now, was 39", "the linen scarf costs 34 now, it used to cost 39", "the linen scarf was 39, make it 34",
        "the linen scarf, previously 39, is now 34", "set the linen scarf to 34, it used to be 39",
    ],
)  # fmt: skip
def test_what_it_was_is_not_what_it_is_to_be(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert [(s.task, str(s.args["price"]["amount"])) for s in plan.subtasks] == [("change_price", "34.00")]
    assert not plan.questions and not plan.not_done


@pytest.mark.parametrize("said", ["the linen scarf used to cost 39", "the linen scarf was previously 39"])
def test_what_it_was_alone_is_set_nowhere(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert all("price" not in s.args for s in planned(planner, demo, said).subtasks)


def test_the_old_price_is_crossed_out_and_the_new_one_asked_about(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "linen scarf now 34 instead of 39, with the old price crossed out")
    assert [str(s.args["compare_at_price"]["amount"]) for s in plan.subtasks] == ["39.00"]
    assert any("34" in question.question for question in plan.questions)


@pytest.mark.parametrize(
    ("said", "top"),
    [
        ("give me the ten products with the worst margin", 10), ("the 5 products with the lowest margin", 5),
        ("which 10 goods have the thinnest margin", 10), ("show the three customers with the most orders", 3),
    ],
)  # fmt: skip
def test_so_many_of_what_is_ranked_are_listed(said: str, top: int, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = planned(planner, demo, said).subtasks
    assert part.args["top"] == top and "margin" not in part.args and "orders" not in part.args


@pytest.mark.parametrize(
    ("said", "order"),
    [("what's my best day of the week", "best"), ("our busiest day of the week", "best"), ("what's the worst day of the week for us", "worst")],
)
def test_days_of_the_week_are_ranked(said: str, order: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = planned(planner, demo, said).subtasks
    assert (part.task, part.args["by"], part.args["order"]) == ("sales_report", ["weekday"], order)


@pytest.mark.parametrize(
    "said",
    [
        "tag orders above 200 euros as vip-order from now on", "from now on tag every order above 200 euros as vip-order",
        "tag customers who spend more than 300 as gold from today on",
    ],
)  # fmt: skip
def test_from_now_on_means_those_to_come(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert [s.task for s in planned(planner, demo, said).subtasks] == ["create_automation"]


def test_a_price_from_now_on_is_a_price(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "from now on all mugs are 12 euros")
    assert [s.task for s in plan.subtasks] == ["change_price"] and not plan.questions


@pytest.mark.parametrize(
    "said", ["customers who ordered twice or more but not since August", "show me everybody who bought a mug but nothing since July"]
)
def test_who_ordered_and_not_since(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = planned(planner, demo, said).subtasks
    assert "inactive_since" in part.args and "period" not in part.args


@pytest.mark.parametrize("said", ["stop selling the glass vase", "we no longer sell the glass vase"])
def test_what_is_no_longer_sold_is_archived(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert [s.args.get("status") for s in plan.subtasks] == ["archived"] and not plan.questions
