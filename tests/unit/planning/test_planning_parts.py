"""Requests of several parts: what a later part means by what the parts before said, and what it never does for want of a word."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from desks import Desk, StandingClock

from agent.planning.conditions import conditional
from agent.planning.planner import Planner
from agent.records import Ask, Plan, Subtask
from agent.stores.embedded.store import EmbeddedStore


def told(value: Any) -> Any:
    """A value as a test writes it: "→s1.products" for a reference, the label of a selection, else as it is."""
    if isinstance(value, Mapping):
        if "$ref" in value or "$same" in value:
            return f"→{value['$ref']}" if "$ref" in value else f"={value['$same']}"
        return value.get("label", value.get("amount", dict(value)))
    return value


def said(subtask: Subtask, names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told(subtask.args.get(name)) for name in names}


def parts(plan: Plan, expected: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """The plan's parts with the fields that the test speaks of."""
    names = [fields for _, fields in expected]
    return [(s.task, said(s, names[at]) if at < len(names) else {}) for at, s in enumerate(plan.subtasks)]


REPORT_THEN_IT = "[sales_report: which {product|mug} sold {top|best} {period|last month}]? "


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (
            REPORT_THEN_IT + "[change_price: raise it by {percent|5%}] and [write_post: write a post about it]",
            [("sales_report", {"top": 1}), ("change_price", {"variants": "→s1.products"}), ("write_post", {"products": "→s1.products"})],
        ),
        (
            "[sales_report: show me the {top|top 3} {product|mugs} by {metric|units}] and [edit_product: tag {product|the winner} as {tag|hit}]",
            [("sales_report", {"top": 3}), ("sales_report", {"top": 1, "order": "best"}), ("edit_product", {"products": "→s2.products"})],
        ),
        (
            "[sales_report: the {top|worst 3} {product|mugs} {period|last month}], [change_price: put the bottom ones at {percent|15%} off]",
            [("sales_report", {"top": 3}), ("change_price", {"variants": "→s1.products"})],
        ),
        (
            "[sales_report: {top|top 2} {product|mugs} by {metric|revenue}]; [sales_report: {top|bottom 2} as well]",
            [("sales_report", {"products": "mugs"}), ("sales_report", {"products": "mugs", "order": "worst"})],
        ),
        (
            "[inventory_report: stock of {product|the blue mug}], [inventory_report: which has the lowest stock]",
            [("inventory_report", {"products": "Blue Ceramic Mug"}), ("inventory_report", {"products": "Blue Ceramic Mug", "sort": "stock"})],
        ),
    ],
)
def test_what_a_ranking_puts_first_is_meant_and_not_all_it_was_asked_of(desk: Desk, marked: str, expected: list[tuple[str, dict[str, Any]]]) -> None:
    plan = desk.plan(marked)
    assert parts(plan, expected) == expected and plan.questions == ()


def test_the_worst_of_a_list_of_the_best_is_asked_about(desk: Desk) -> None:
    plan = desk.plan("[sales_report: show me the {top|best 3} {product|mugs}] and [edit_product: hide {product|the loser}]")
    assert [q.field for q in plan.questions] == ["products"]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (
            "[edit_discount: extend {discount|SUMMER10} to {until|5 December}], [create_discount=0.6/edit_discount=0.3: make it {percent|30%}]",
            [("edit_discount", {"code": "SUMMER10", "value": "30%"})],
        ),
        (
            "[create_discount: create a code {discount|XMAS10} for {percent|10%} off] and [end_discount: let it end on {until|26 December}]",
            [("create_discount", {"code": "XMAS10", "value": "10%", "ends": "2026-12-27T00:00:00+01:00"})],
        ),
        (
            "[create_product: make a product called {value|Fir Candle} at {money|15 euros}] and [edit_product: tag it {tag|christmas}]",
            [("create_product", {"title": "Fir Candle", "tags": ["christmas"]})],
        ),
        (
            "[show_order: show me {order|order #1002}], [edit_order: add the note {value|“call first”}]",
            [("show_order", {"orders": "#1002"}), ("edit_order", {"orders": "#1002", "note": "call first"})],
        ),
        (
            "[find_customers: find {customer|the customers from} {place|Germany}] and [create_segment: put them in a segment called {value|Locals}]",
            [
                ("find_customers", {"places": ["Germany"]}),
                ("create_segment", {"who": "put them in a segment called Locals: customers from Germany"}),
            ],
        ),
        (
            "[find_customers: find {customer|the customers from} {place|Germany}] and [write_email: draft a win-back email with {percent|10%} off]",
            [("find_customers", {"places": ["Germany"]}), ("write_email", {"customers": "→s1.customers"})],
        ),
        (
            "[find_orders: find the open orders], [edit_order: tag all of them with {tag|now}] and [find_orders: tell me how many there were]",
            [("find_orders", {"fulfilment": "open"}), ("edit_order", {"orders": "→s1.orders"}), ("find_orders", {"orders": "→s1.orders"})],
        ),
        (
            "[find_orders: show me the unfulfilled orders], [fulfil_order: fulfil the ones to {place|Germany}]",
            [
                ("find_orders", {"fulfilment": "unfulfilled", "places": None}),
                ("find_orders", {"fulfilment": "unfulfilled", "places": ["Germany"]}),
                ("fulfil_order", {"orders": "→s2.orders"}),
            ],
        ),
        (
            "[review_insights: what do people say about {product|the merino beanie}]? [reply_to_review: reply to {review|the bad ones}]",
            [("review_insights", {"products": "Merino Beanie"}), ("reply_to_review", {"products": "Merino Beanie", "group": "bad"})],
        ),
        (
            "[moderate_reviews: publish {review|the pending reviews} with {quantity|4 stars} or more], "
            "[moderate_reviews: hide those with {quantity|1 star}]",
            [("moderate_reviews", {"status": "pending", "decision": "publish"}), ("moderate_reviews", {"status": "pending", "decision": "hide"})],
        ),
        (
            "[edit_product: hide {product|the wool throw}], [change_price: put {product|the oak board} at {money|40}] "
            "and [edit_product: tag both linen]",
            [("edit_product", {}), ("change_price", {}), ("edit_product", {"products": "Wool Throw and Oak Serving Board", "add_tags": ["linen"]})],
        ),
        (
            "[manage_collection: take {product|the mugs} out of Sale], then [manage_collection: add them to Kitchen]",
            [("manage_collection", {"collection": "Sale", "action": "remove"}), ("manage_collection", {"collection": "Kitchen", "action": "add"})],
        ),
        (
            "[sales_report: sales by {dimension|country} for {period|October}], then [sales_report: the same for {period|September}]",
            [("sales_report", {"by": ["country"], "products": None}), ("sales_report", {"by": ["country"], "products": None})],
        ),
    ],
)  # fmt: skip
def test_a_part_is_about_what_the_parts_before_named(desk: Desk, marked: str, expected: list[tuple[str, dict[str, Any]]]) -> None:
    plan = desk.plan(marked)
    assert parts(plan, expected) == expected and plan.questions == ()


def test_some_of_the_reviews_that_no_field_tells_are_asked_about_and_never_all_hidden(desk: Desk) -> None:
    plan = desk.plan("[review_insights: what do people say about {product|the merino beanie}]? [moderate_reviews: hide {review|the rude ones}]")
    assert "products" not in plan.subtasks[1].args and [q.subtask for q in plan.questions] == ["s2"]


def test_a_verb_of_its_own_takes_nothing_from_the_clause_before(desk: Desk) -> None:
    plan = desk.plan(
        "[adjust_inventory: take {quantity|3} off {product|the beeswax candle}] and [adjust_inventory: set {product|the enamel pot} to {quantity|40}]"
    )
    assert [(s.args["how"], s.args["units"]) for s in plan.subtasks] == [("remove", 3), ("set", 40)]


def test_an_article_counts_one_beside_numbers(desk: Desk) -> None:
    plan = desk.plan("[create_draft_order: draft order for {customer|Anna Schmidt}: {quantity|2} {product|blue mugs and a wool throw}]")
    assert sorted(plan.subtasks[0].args["counts"].values()) == [1, 2]


def test_a_parcels_number_is_not_the_next_parcels_too(desk: Desk) -> None:
    plan = desk.plan("[fulfil_order: fulfil {order|#1002} with tracking 1Z999AA10123456784], [fulfil_order: mark {order|#1003} as shipped too]")
    assert [s.args.get("tracking") for s in plan.subtasks] == ["1Z999AA10123456784", None]


def test_a_place_said_once_at_the_end_is_for_each(desk: Desk) -> None:
    plan = desk.plan(
        "[adjust_inventory: receive {quantity|4} {product|blue mugs} and {quantity|6} {product|wool throws} in {place|the Berlin warehouse}]"
    )
    assert [s.args.get("location") for s in plan.subtasks] == [plan.subtasks[1].args["location"]] * 2 and plan.subtasks[0].args["location"]


@pytest.mark.parametrize(
    ("marked", "names"),
    [
        ("[change_price: put {product|the blue mug} at {money|24} and that's it, thanks]", ["change_price"]),
        ("[edit_product: hide {product|the wool throw} n] [edit_product: leave {product|the oak board} as it is]", ["edit_product"]),
        ("[message_customer: write to {customer|Anna Schmidt} to say thanks]", ["message_customer"]),
    ],
)
def test_what_asks_for_nothing_is_left_alone(desk: Desk, marked: str, names: list[str]) -> None:
    plan = desk.plan(marked)
    assert [s.task for s in plan.subtasks] == names and plan.questions == () and plan.not_done == ()


# Conditions: the reader that ships, since a condition's stretches are read again.


def planned(planner: Planner, store: EmbeddedStore, text: str) -> Plan:
    return asyncio.run(planner.plan(Ask(text, shop=store.shop.id), store, StandingClock()))


@pytest.mark.parametrize(
    ("text", "of", "bound", "unless"),
    [
        ("how many wool throws are left? if fewer than 10, add 30", "s1.units", ("below", "10"), False),
        ("how much did the blue ceramic mug make last month? if under 500 euros, put it at 20% off", "s1.total", ("below", "500"), False),
        ("show me last week's orders over 500 euros, and if there are any, tag them priority", "s1.count", ("above", "0"), False),
        ("do we have the wool throw in stock? if not, hide it", "s1.units", ("above", "0"), True),
    ],
)
def test_a_condition_is_weighed_on_what_the_part_before_finds(
    planner: Planner, store: EmbeddedStore, text: str, of: str, bound: tuple[str, str], unless: bool
) -> None:
    plan = planned(planner, store, text)
    asked, done = plan.subtasks
    assert asked.given is None and done.given is not None and plan.questions == ()
    assert (done.given.of, getattr(done.given, bound[0]), done.given.unless) == (of, bound[1], unless)


MOON = "what sold best yesterday? if the moon is full, put the wool throw at 30 euros, tag it moon and write a post about it"


def test_a_condition_is_asked_about_once_and_what_stands_before_it_is_not_under_it(planner: Planner, store: EmbeddedStore) -> None:
    plan = planned(planner, store, MOON)
    assert [q.field for q in plan.questions] == ["condition"]
    assert plan.waiting() == {s.id for s in plan.subtasks if s.task != "sales_report"} and len(plan.subtasks) == 4


@pytest.mark.parametrize(("answer", "left"), [("do it", 4), ("leave it", 1)])
def test_the_answer_about_a_condition_is_for_all_that_depend_on_it(planner: Planner, store: EmbeddedStore, answer: str, left: int) -> None:
    plan = planned(planner, store, MOON)
    again = asyncio.run(planner.answered(plan, {plan.questions[0].id: answer}, store, StandingClock()))
    assert len(again.subtasks) == left and again.questions == () and all(s.given is None for s in again.subtasks)


def test_what_is_otherwise_to_be_done_is_left_where_the_condition_is_taken_as_met(planner: Planner, store: EmbeddedStore) -> None:
    plan = planned(planner, store, "if the moon is full hide the wool throw, otherwise publish it")
    again = asyncio.run(planner.answered(plan, {plan.questions[0].id: "do it"}, store, StandingClock()))
    assert [(s.task, s.args["status"]) for s in again.subtasks] == [("edit_product", "draft")]


@pytest.mark.parametrize("text", ["find out if people like the merino beanie", "customers ask us over and over if the wool throw is warm"])
def test_an_indirect_question_is_no_condition(text: str) -> None:
    assert conditional(text + ", then write an faq about it") is None


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("if the price drop is high, set the wool throw to 20", "the price drop is high"),
        ("hide the wool throw if it runs out", "it runs out"),
        ("do we have the wool throw? if someone bought it last week, tag it hit", "someone bought it last week"),
        ("put the wool throw at 20 if nobody buys it", "nobody buys it"),
    ],
)
def test_what_only_looks_like_a_rule_or_an_answer_is_asked_about(planner: Planner, store: EmbeddedStore, text: str, condition: str) -> None:
    plan = planned(planner, store, text)
    (question,) = [q for q in plan.questions if q.field == "condition"]
    changed = [s.id for s in plan.subtasks if s.effect == "write"]
    assert f"“{condition}”" in question.question and changed and set(changed) <= plan.waiting()


def test_what_would_only_follow_is_no_condition() -> None:
    assert conditional("hide the mug; they would never forgive me if they were not told") is None
    assert conditional("I would like it hidden if it sold less than 10") is not None


@pytest.mark.parametrize(
    ("marked", "field"),
    [
        ("[show_customer: show me {customer|Anna Schmidt}] and [refund_order: refund it]", "orders"),
        ("[review_insights: which {product|mug} has the worst reviews]? [change_price: take {money|2 euros} off it]", "variants"),
    ],
)
def test_one_of_several_that_nothing_tells_apart_is_asked_for(desk: Desk, marked: str, field: str) -> None:
    plan = desk.plan(marked)
    assert field not in plan.subtasks[1].args and [(q.subtask, q.field) for q in plan.questions] == [("s2", field)]


def test_otherwise_to_leave_it_is_nothing_to_do() -> None:
    found = conditional("if the mug has fewer than 10 left, add 20, otherwise leave it")
    assert found is not None and found.otherwise is None and len(found.actions) == 1


def unconditional(plan: Plan) -> list[str]:
    """The changes that would be made whatever comes of a condition."""
    return [s.task for s in plan.subtasks if s.effect != "read" and s.given is None and s.id not in plan.waiting()]


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("Lower the Blue Ceramic Mug by 10%. Only do it if we have more than 20 in stock.", 1),
        ("Archive the Blue Ceramic Mug. But please do that only if it is sold out.", 1),
        ("Lower the Blue Ceramic Mug by 10%, but only if we have more than 20 in stock, and tag it sale", 2),
        ("Hide the Blue Ceramic Mug, unless it sold more than 10 last month, and tell me its stock", 1),
        ("Put the Blue Ceramic Mug at 12, if its stock is below 10, and tell me its reviews", 1),
        ("Raise the Blue Ceramic Mug by 5%, if we sold more than 10 last month, then tag it hit", 2),
        ("Refund order 1002, provided that it is paid, and write to the customer", 2),
        ("Lower the Blue Ceramic Mug by 10%. If we have more than 20 in stock, do it.", 1),
        ("Hide the Blue Ceramic Mug. If it sold more than 10 last month, don't.", 1),
        ("Lower the Blue Ceramic Mug by 10%. If we have more than 20 in stock, lower it by 20% instead.", 2),
        ("Lower the Blue Ceramic Mug by 10% so long as we have more than 20 in stock", 1),
        ("Cancel order 1002 when it's unpaid, and write to the customer", 2),
        ("Hide the Blue Ceramic Mug if any are left.", 1),
        ("Tag the Wool Throw cosy and hide the Blue Ceramic Mug, as long as it is sold out, then show me its stock", 2),
        ("Raise the Blue Ceramic Mug by 5% if it sold more than 10 last month, and hide the Wool Throw if it is sold out.", 2),
        ("Hide the Blue Ceramic Mug except if it sold more than 10 last month.", 1),
        ("Put the Blue Ceramic Mug at 12 and the Wool Throw at 30, if we sold less than 10 of them last month, and write a post about them", 3),
    ],
)
def test_no_change_that_a_condition_guards_is_made_whatever_comes_of_it(planner: Planner, store: EmbeddedStore, text: str, guarded: int) -> None:
    plan = planned(planner, store, text)
    assert unconditional(plan) == []
    assert len([s for s in plan.subtasks if s.effect != "read"]) == guarded


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("Hide the Wool Throw; if it sold less than 5 last month, archive it.", ["edit_product"]),
        ("Hide the Wool Throw, and if the moon is full, tag it moon", ["edit_product"]),
        ("Refund order 1002 if that is ok", ["refund_order"]),
        ("Refund order 1002, if it is possible", ["refund_order"]),
    ],
)
def test_what_is_plainly_set_apart_from_a_condition_is_done_anyway(planner: Planner, store: EmbeddedStore, text: str, free: list[str]) -> None:
    assert unconditional(planned(planner, store, text)) == free


@pytest.mark.parametrize(
    ("text", "unless"),
    [
        ("Hide the Blue Ceramic Mug, but if it sold more than 10 last month, leave it as it is.", True),
        ("Hide the Blue Ceramic Mug, but not if it sold more than 10 last month.", True),
        ("Hide the Blue Ceramic Mug on condition that it sold more than 10 last month.", False),
    ],
)
def test_what_is_not_to_be_done_under_a_condition_is_done_without_it(planner: Planner, store: EmbeddedStore, text: str, unless: bool) -> None:
    (hidden,) = [s for s in planned(planner, store, text).subtasks if s.effect == "write"]
    assert hidden.given is not None and (hidden.given.unless, hidden.given.above) == (unless, "10")


def test_two_conditions_in_one_are_asked_about_and_not_half_weighed(planner: Planner, store: EmbeddedStore) -> None:
    plan = planned(planner, store, "Hide the Blue Ceramic Mug if it's in stock or it sold less than 5")
    assert [q.field for q in plan.questions] == ["condition"] and unconditional(plan) == []


def test_otherwise_is_never_added_to_what_is_done_where_the_condition_holds(planner: Planner, store: EmbeddedStore) -> None:
    plan = planned(planner, store, "If we have more than 20 of the Wool Throw in stock, tag it sale, otherwise archive it")
    changes = [s for s in plan.subtasks if s.effect == "write"]
    assert [(s.args.get("status"), s.given is not None and s.given.unless) for s in changes] == [(None, False), ("archived", True)]


def test_a_condition_is_of_what_stands_before_it_and_not_of_what_follows(planner: Planner, store: EmbeddedStore) -> None:
    plan = planned(planner, store, "Hide the Blue Ceramic Mug if it is sold out and archive the Wool Throw")
    (counted,) = [s for s in plan.subtasks if s.task == "inventory_report"]
    archived, hidden = (s for s in plan.subtasks if s.effect == "write")
    assert told(counted.args["products"]) == "Blue Ceramic Mug" and (hidden.args["status"], hidden.given is not None) == ("draft", True)
    assert (archived.args["status"], told(archived.args["products"]), archived.given) == ("archived", "Wool Throw", None)


@pytest.mark.parametrize(
    "text",
    [
        "Raise the Blue Ceramic Mug by 5% if it sold more than 10 last month, and write a post about the Wool Throw",
        "Hide the Blue Ceramic Mug if it is sold out, and show me the orders of last week",
    ],
)
def test_what_has_a_verb_and_things_of_its_own_after_a_condition_is_done_anyway(planner: Planner, store: EmbeddedStore, text: str) -> None:
    plan = planned(planner, store, text)
    (guarded,) = [s for s in plan.subtasks if s.effect == "write"]
    (free,) = [s for s in plan.subtasks if s.span[0] > text.index(",")]
    assert guarded.given is not None and free.given is None


def test_a_loser_that_no_report_names_is_asked_about(planner: Planner, store: EmbeddedStore) -> None:
    plan = planned(planner, store, "which made more revenue this year, the Blue Ceramic Mug or the Wool Throw? lower the loser by 10%")
    (lowered,) = [s for s in plan.subtasks if s.task == "change_price"]
    assert "variants" in [q.field for q in plan.questions if q.subtask == lowered.id] and lowered.args.get("variants") is None


def test_a_letter_to_those_of_a_segment_goes_not_to_everyone(planner: Planner, store: EmbeddedStore) -> None:
    plan = planned(planner, store, "create a segment of customers who spent over 500, then email them about the Wool Throw")
    (letter,) = [s for s in plan.subtasks if s.task == "write_email"]
    assert letter.args.get("customers") or [q.field for q in plan.questions if q.subtask == letter.id] == ["customers"]


def test_a_report_that_was_asked_for_stays_whole_where_only_its_winner_is_meant(desk: Desk) -> None:
    plan = desk.plan(
        "[sales_report: show me the {top|best} selling {product|mugs} {period|last month}] and [change_price: raise the winner by {percent|5%}]"
    )
    assert parts(plan, [("sales_report", {"top": 1})])[0] == ("sales_report", {"top": None})
    assert told(plan.subtasks[-1].args["variants"]) == "→s2.products" and plan.subtasks[1].args["top"] == 1
