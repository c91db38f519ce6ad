"""What one part of a request says for others: when, where, on what condition, and of which records."""

from __future__ import annotations

from desks import planned

from agent.planning.planner import Planner
from agent.stores.embedded.store import EmbeddedStore


def test_a_time_said_once_is_the_time_of_all_that_is_asked_of_what_was(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "how much did we make yesterday, and who bought the most?")
    assert plan.subtasks[1].args["period"] == plan.subtasks[0].args["period"]


def test_what_is_asked_of_now_is_not_narrowed_to_a_time_said_before(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "how many orders came in yesterday and how many are still unshipped?")
    assert "period" in plan.subtasks[0].args and "period" not in plan.subtasks[1].args


def test_a_sentence_of_its_own_begins_anew(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "What did we sell in October? Who are our best customers?")
    assert "period" not in plan.subtasks[1].args


def test_before_then_is_up_to_the_end_of_the_time_spoken_of(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "forecast next month's sales and tell me which products will run out before then")
    assert plan.subtasks[1].args["until"] == plan.subtasks[0].args["period"]["end"]


def test_only_some_of_the_orders_found_are_cancelled_where_only_some_are_meant(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "show me the unpaid orders and cancel the ones older than 30 days")
    narrowed, cancelled = plan.subtasks[1:]
    assert narrowed.args["payment"] == "pending" and cancelled.args["orders"] == {"$ref": f"{narrowed.id}.orders"}


def test_the_two_oldest_are_of_those_that_were_found(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "list the orders paid but not shipped, and mark the two oldest as shipped with UPS")
    oldest = plan.subtasks[1].args
    assert (oldest["payment"], oldest["fulfilment"], oldest["sort"], oldest["top"]) == ("paid", "unfulfilled", "oldest", 2)


def test_those_behind_orders_are_found_by_the_orders_and_not_by_all_they_ever_bought(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "tag the customers of unshipped orders as waiting")
    found, tagged = plan.subtasks
    assert (found.task, found.args["fulfilment"]) == ("find_orders", "unfulfilled")
    assert tagged.args["customers"] == {"$ref": f"{found.id}.customers"}


def test_a_discount_on_a_condition_says_too_little_alone_and_is_a_price_with_what_it_is_of(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "if the wall calendar has more than 50 in stock, take 30% off, otherwise leave it")
    change = plan.subtasks[-1]
    assert change.task == "change_price" and change.given is not None and change.given.above == "50"


def test_who_placed_an_order_is_found_by_it_for_a_change_that_knows_no_orders(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "cancel order 20976 and make her a 10% code")
    found, discount = plan.subtasks[1:]
    assert found.task == "find_orders" and discount.args["customers"] == {"$ref": f"{found.id}.customers"}


def test_a_code_is_ended_on_a_condition_of_its_uses(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "if VIP15 has been used more than 100 times, end it")
    ended = plan.subtasks[-1]
    assert (plan.questions, ended.task) == ((), "end_discount") and ended.given is not None and ended.given.at_least == "1"


def test_a_year_said_of_people_is_no_time_of_their_discount(planner: Planner, demo: EmbeddedStore) -> None:
    found, discount = planned(planner, demo, "give our five best customers of this year a 25% code").subtasks
    assert "period" in found.args and "period" not in discount.args


def test_what_is_to_hold_until_nobody_knows_when_is_asked_about(planner: Planner, demo: EmbeddedStore) -> None:
    assert [question.field for question in planned(planner, demo, "unpublish the Oat Linen Robe until spring").questions] == ["left"]
