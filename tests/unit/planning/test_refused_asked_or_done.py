"""What no task does is refused with what comes nearest, what is half said is asked about, and a state that is denied is the other one."""

from __future__ import annotations

import asyncio

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.sdk import OrderWhere
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("can you also post to instagram for me?", "write an instagram post"),
        ("publish this on facebook", "write an instagram post"),
        ("start a Google Ads campaign for the candles with 20 euros a day", "write a google ad"),
        ("what would happen if I raised all mug prices by 10%?", "can be forecast"),
        ("what happens if we hide the Travel Mug", "can be forecast"),
        ("what would a 10% price rise do to sales", "can be forecast"),
        ("install the Klaviyo app", "shop's own admin"),
        ("connect my Etsy shop", "shop's own admin"),
        ("add Jonas as a staff account with access to orders only", "storehand users add"),
        ("remove the background from the mug pictures", "no image"),
        ("pay the electricity bill", "tax report"),
        ("run payroll for November", "tax report"),
        ("remind me to phone the bank at 4", "keeps no reminders"),
        ("phone the courier about the crate", "makes no phone calls"),
    ],
)
def test_what_no_task_does_is_refused_with_what_comes_nearest(text: str, nearest: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, text)
    assert not plan.subtasks and not plan.questions
    (part,) = plan.not_done
    assert nearest in part.reason


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("write an instagram post about the Travel Mug", "write_post"),
        ("write a google ad for the Travel Mug", "write_ad"),
        ("which products have no image", "find_products"),
        ("tax report for last quarter", "sales_report"),
        ("how many mugs will we sell next month", "forecast_sales"),
        ("what can you do", "what_can_you_do"),
    ],
)
def test_what_a_refusal_names_is_done(text: str, task: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, text)
    assert [subtask.task for subtask in plan.subtasks] == [task] and not plan.not_done


@pytest.mark.parametrize(
    "text",
    [
        "the Travel Mug should no longer be visible",
        "the Travel Mug must not be live",
        "the Travel Mug isn't to be visible any longer",
        "the Travel Mug shouldn't be published any more",
        "make the Travel Mug no longer visible",
        "the Travel Mug isn't supposed to be visible",
    ],
)
def test_a_state_that_is_denied_is_not_put_in_force(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    (subtask,) = planned(planner, demo, text).subtasks
    assert subtask.args["status"] == "draft"


@pytest.mark.parametrize(("text", "status"), [("which products are no longer visible?", "draft"), ("which products are visible?", "active")])
def test_a_search_knows_a_denied_state_too(text: str, status: str, planner: Planner, demo: EmbeddedStore) -> None:
    (subtask,) = planned(planner, demo, text).subtasks
    assert (subtask.task, subtask.args["status"]) == ("find_products", status)


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("change the price", "change_price"),
        ("make it cheaper", "change_price"),
        ("raise it a bit", "change_price"),
        ("hide the old stuff", "edit_product"),
    ],
)
def test_a_change_that_only_lacks_what_it_is_of_is_asked_about(text: str, task: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, text)
    (subtask,) = plan.subtasks
    assert subtask.task == task and not plan.not_done
    assert {"variants", "products"} & {question.field for question in plan.questions}


@pytest.mark.parametrize("text", ["10% off", "15 percent off please", "5 euros off"])
def test_an_amount_alone_is_no_request_for_a_code(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    (question,) = planned(planner, demo, text).questions
    assert question.field == "task"


@pytest.mark.parametrize("text", ["give him a discount of 10%", "give her 10% off", "create a code of 10% for him"])
def test_somebody_of_whom_nobody_spoke_is_asked_for(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert "customers" in {question.field for question in planned(planner, demo, text).questions}


@pytest.mark.parametrize(
    "text",
    ["if the Travel Mug sells fewer than 20 next week, cut it by 10%", "cut the Travel Mug by 10% if it sells fewer than 20 next month"],
)
def test_a_condition_that_lies_ahead_is_not_weighed_on_what_was(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, text)
    (subtask,) = plan.subtasks
    assert subtask.task == "change_price" and subtask.given is None
    (question,) = plan.questions
    assert question.field == "condition" and "still to come" in question.question


def test_a_condition_of_a_time_gone_by_is_weighed(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "if the Travel Mug sold fewer than 20 last week, cut it by 10%")
    assert not plan.questions and plan.subtasks[-1].given is not None


@pytest.mark.parametrize("text", ["customers who haven't bought for half a year", "folks who haven't ordered anything in half a year"])
def test_half_a_year_is_six_months(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    (subtask,) = planned(planner, demo, text).subtasks
    assert "inactive_since" in subtask.args


@pytest.mark.parametrize("text", ["order 1042 needs to be cancelled", "order 1042 requires a refund", "order 1042 has left the house"])
def test_how_a_need_is_told_narrows_nothing(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert not planned(planner, demo, text).questions


@pytest.mark.parametrize("text", ["returned orders this week", "which orders came back this week?", "wasn't there a return this week?"])
def test_orders_are_not_listed_as_returned(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, text)
    assert not plan.subtasks and "refunded orders" in plan.not_done[0].reason


def order_of(demo: EmbeddedStore, *, whose: bool) -> tuple[str, str]:
    """An order's number and a first name: of who placed it, or of somebody else."""
    orders = asyncio.run(demo.orders(OrderWhere(), limit=50)).items
    first = [(order, (order.customer_name or "").split()[0]) for order in orders if len((order.customer_name or "").split()) == 2]
    order, name = first[0]
    other = next(one for placed, one in first if one not in (order.customer_name or ""))
    return order.number, name if whose else other


@pytest.mark.parametrize("text", ["tag {name}'s order {number} as gift", "refund order {number} of {name}", "ship {name}'s order {number} with DHL"])
def test_an_order_of_somebody_else_is_asked_about(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    number, name = order_of(demo, whose=False)
    (question,) = planned(planner, demo, text.format(name=name, number=number)).questions
    assert question.field == "orders" and f"not by {name}" in question.question


@pytest.mark.parametrize("text", ["tag {name}'s order {number} as gift", "ship {name}'s order {number} with DHL"])
def test_an_order_of_the_one_who_is_named_is_not_asked_about(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    number, name = order_of(demo, whose=True)
    assert not planned(planner, demo, text.format(name=name, number=number)).questions
