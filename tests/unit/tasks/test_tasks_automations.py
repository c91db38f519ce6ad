"""The tasks around automations: shown as a rule with what it would have done, changed by approval, never doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from agent.errors import Ambiguous, NotFound
from agent.registry import discover
from agent.sdk import Missing, Proposal, Refusal
from agent.testing.playground import Playground, playground

TASKS = discover(plugins=False).tasks


@pytest.fixture
def ground() -> Iterator[Playground]:
    with playground() as made:
        yield made


def do(ground: Playground, task: str, **args: Any) -> Any:
    return asyncio.run(ground.run(TASKS[task], args))


def approved(ground: Playground, task: str, **args: Any) -> str:
    found = do(ground, task, **args)
    assert isinstance(found, Proposal) and asyncio.run(ground.apply(found)).state == "applied"
    return str(found.summary)


def test_a_rule_is_shown_with_what_it_would_have_done(ground: Playground) -> None:
    found = do(ground, "create_automation", rule="when an order over 50 comes in, tag it vip")
    assert str(found.summary).startswith(
        "When an order is placed, if its total is more than EUR 50.00: tag the order vip. In the last 30 days it would have fired 10 times: order #"
    )


def test_the_same_rule_twice_is_one_automation(ground: Playground) -> None:
    approved(ground, "create_automation", rule="when an order over 50 comes in, tag it vip")
    again = do(ground, "create_automation", rule="tag orders over 50 vip when they come in")
    assert again.changes == () and "does that already" in str(again.summary)


def test_what_cannot_be_done_is_refused_and_what_is_not_clear_asked(ground: Playground) -> None:
    assert isinstance(do(ground, "create_automation", rule="when stock is below 5 order more"), Refusal)
    assert isinstance(do(ground, "create_automation", rule="when an order comes in"), Missing)


def test_an_automation_is_edited_renamed_paused_and_resumed(ground: Playground) -> None:
    approved(ground, "create_automation", rule="let me know when stock of a product falls below 5")
    approved(ground, "edit_automation", change="set the low stock alert to 10 units")
    approved(ground, "edit_automation", change='rename the stock automation to "Restock"')
    approved(ground, "pause_automation", which="pause Restock")
    (one,) = asyncio.run(ground.own.automations())
    assert (one.name, str(one.rule), one.state) == ("Restock", "When stock of a product falls below 10: notify you.", "paused")
    approved(ground, "edit_automation", change="turn Restock back on")
    assert [a.state for a in asyncio.run(ground.own.automations())] == ["active"]


def test_one_that_is_not_there_is_not_guessed(ground: Playground) -> None:
    assert isinstance(do(ground, "pause_automation", which="pause the vip rule"), Refusal)  # there is none at all
    approved(ground, "create_automation", rule="when an order over 50 comes in, tag it vip")
    approved(ground, "create_automation", rule="when an order is refunded, tag the customer refunded")
    with pytest.raises(NotFound):
        do(ground, "pause_automation", which="pause the welcome flow")
    with pytest.raises(Ambiguous):
        do(ground, "pause_automation", which="stop the automation")
    assert len(do(ground, "pause_automation", which="pause all automations").changes) == 2


@pytest.mark.parametrize(
    ("said", "request_", "rhythm"),
    [
        ("email me the sales report every monday at 9", "sales report last week", "every Monday at 09:00"),
        ("text me yesterday's takings every morning", "yesterday's takings", "every day at 08:00"),
        ("every Friday show me what is low in stock", "what is low in stock", "every Friday at 09:00"),
        ("put average order value on a monthly schedule", "average order value", "every month on the 1st at 09:00"),
        ("schedule a weekly report of best sellers", "best sellers last week", "every Monday at 09:00"),
    ],
)
def test_a_report_recurs_with_the_figures_of_the_time_before(ground: Playground, said: str, request_: str, rhythm: str) -> None:
    approved(ground, "schedule_report", request=said)
    (one,) = asyncio.run(ground.own.schedules())
    assert (one.request.removesuffix(" last month"), str(one.rhythm)) == (request_, rhythm)


def test_a_report_without_what_or_when_is_asked_about_and_one_to_others_refused(ground: Playground) -> None:
    assert isinstance(do(ground, "schedule_report", request="schedule a report for every Friday"), Missing)
    assert isinstance(do(ground, "schedule_report", request="send me the sales"), Missing)
    assert isinstance(do(ground, "schedule_report", request="send sales every week to my accountant"), Refusal)
    assert isinstance(do(ground, "schedule_report", request="send me sales every two weeks"), Refusal)


def test_a_report_is_moved_to_another_day_at_the_same_hour(ground: Playground) -> None:
    approved(ground, "schedule_report", request="email me the sales report every monday at 7")
    approved(ground, "edit_automation", change="move the sales report to Friday")
    assert [str(s.rhythm) for s in asyncio.run(ground.own.schedules())] == ["every Friday at 07:00"]


def test_a_segment_is_counted_and_shown_in_shopifys_syntax(ground: Playground) -> None:
    said = approved(ground, "create_segment", who="create a segment of customers in Germany who spent more than 100")
    counted, _, syntax = said.partition(" In Shopify's syntax: ")
    assert counted == "Customers who spent more than EUR 100.00 and live in DE: 2 customers now."
    assert syntax == "amount_spent > 100.00 AND customer_countries CONTAINS 'DE'"


def test_the_list_says_what_each_does_and_whether_it_runs(ground: Playground) -> None:
    assert str(do(ground, "list_automations").text) == "There are no automations and no scheduled reports yet."
    approved(ground, "create_automation", rule="when an order over 50 comes in, tag it vip")
    approved(ground, "schedule_report", request="email me the sales report every monday at 9")
    approved(ground, "pause_automation", which="pause the sales report")
    found = do(ground, "list_automations").data
    assert (found.automations, found.schedules, found.paused) == (1, 1, 1)
    assert [row[1:4] for row in found.table.rows] == [
        ["When an order is placed, if its total is more than EUR 50.00: tag the order vip.", "active", 0],
        ["Every Monday at 09:00: “sales report last week”", "paused", 0],
    ]
    assert len(do(ground, "list_automations", state="paused").data.table.rows) == 1
