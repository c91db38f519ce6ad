"""Customers by name, by country and by pronoun, and bounds that hold for two things."""

from __future__ import annotations

import pytest
from desks import Desk


def test_a_last_name_finds_all_who_have_it(desk: Desk) -> None:
    family = desk.plan("[find_customers: find all {customer|customers with last name Schmidt}]").subtasks[0]
    assert family.args["customers"]["label"] == "customers named Schmidt"


def test_a_last_name_nobody_has_is_asked_about(desk: Desk) -> None:
    plan = desk.plan("[find_customers: {customer|customers with last name Ferreira}]")
    assert "Ferreira" in plan.questions[0].question


def test_a_list_of_customers_is_found_by_no_other_list_first(desk: Desk) -> None:
    plan = desk.plan(
        "[find_customers: draw up a list of {customer|German customers} who spent more than {money|€500} in the {period|last eighteen months}]"
    )
    assert [step.task for step in plan.subtasks] == ["find_customers"]
    args = plan.subtasks[0].args
    assert (args["places"], args["spent"]["above"]["amount"], "orders" in args) == (["Germany"], "500.00", False)


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("[find_customers: {customer|buyers in Germany and Austria}]", ["Germany", "Austria"]),
        ("[find_orders: orders from the Netherlands]", ["Netherlands"]),
        ("[find_customers: who in Spain or in France bought anything]", ["Spain", "France"]),
        ("[find_customers: {customer|customers} in May]", None),
    ],
)
def test_countries_are_read_where_the_reader_marked_none(desk: Desk, said: str, places: list[str] | None) -> None:
    assert desk.plan(said).subtasks[0].args.get("places") == places


def test_she_is_the_customer_before(desk: Desk) -> None:
    plan = desk.plan("[show_customer: what did {customer|Anna Schmidt} buy] and [show_customer: how much did she spend in total]")
    first, second = plan.subtasks
    assert first.args["customers"]["ids"] == second.args["customers"]["ids"]


def test_at_least_holds_for_what_is_counted_beside(desk: Desk) -> None:
    args = desk.plan("[find_customers: {customer|customers} with at least 3 orders and 200 euros spent]").subtasks[0].args
    assert (args["orders"], args["spent"]) == ({"at_least": 3}, {"at_least": {"amount": "200.00", "currency": "EUR"}})


def test_the_one_with_the_most_is_one(desk: Desk) -> None:
    assert desk.plan("[find_customers: show me the customer with the most orders]").subtasks[0].args["top"] == 1


def test_an_old_value_is_not_the_new_one(desk: Desk) -> None:
    args = desk.plan("[edit_product: change the {field|type} of {product|the blue mug} from {value|Bath} to {value|Kitchen Tools}]").subtasks[0].args
    assert args["product_type"] == "Kitchen Tools" and "title" not in args


def test_a_size_alone_is_no_change_to_all_that_come_in_it(desk: Desk) -> None:
    plan = desk.plan("[change_price: {product|L} stays at {money|39}]")
    assert [q.field for q in plan.questions] == ["variants"]


def test_everything_that_is_out_of_stock_is_not_everything(desk: Desk) -> None:
    plan = desk.plan("[edit_product: hide {product|everything that's out of stock}]")
    assert plan.subtasks[0].args["products"]["label"].startswith("everything, out of stock")


@pytest.mark.parametrize(
    "said",
    [
        "[change_price: increase all prices by {percent|3 percent} except {product|candles}]",
        "[change_price: lower every price by {money|1 euro} apart from the {product|mugs}]",
    ],
)
def test_all_prices_but_some_leaves_those_out(desk: Desk, said: str) -> None:
    plan = desk.plan(said)
    assert plan.questions == () and plan.subtasks[0].args["variants"]["label"].startswith("everything except")


def test_goods_that_a_text_is_about_are_its_goods(desk: Desk) -> None:
    args = desk.plan("[write_post: write a post about {topic|the blue mug}]").subtasks[0].args
    assert args["products"]["label"] == "Blue Ceramic Mug" and "topic" not in args


def test_a_topic_that_is_no_goods_stays_one(desk: Desk) -> None:
    args = desk.plan("[write_post: write a post about {topic|our tenth anniversary}]").subtasks[0].args
    assert args["topic"] == "our tenth anniversary" and "products" not in args
