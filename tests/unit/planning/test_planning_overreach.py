"""A change never reaches more, other or older things than were said: what is to stay, what was, and what was said of something else."""

import pytest
from desks import Desk


@pytest.mark.parametrize(
    "said",
    [
        "[tag_customers: remove the tag {tag|vip} from {customer|everyone} except wholesalers]",
        "[tag_customers: tag {customer|customers who spent more than 500 euros} as {tag|gold}, not those who complained]",
    ],
)
def test_what_is_to_stay_as_it_is_is_asked_about_before_it_is_changed_with_the_rest(desk: Desk, said: str) -> None:
    assert [question.field for question in desk.plan(said).questions if question.field == "left"] == ["left"]


@pytest.mark.parametrize(
    "said",
    ["[end_discount: stop all discounts but keep {discount|SUMMER20}]", "[end_discount: stop all discounts except {discount|SUMMER20}]"],
)
def test_codes_that_are_left_out_are_kept(desk: Desk, said: str) -> None:
    plan = desk.plan(said)
    assert plan.questions == () and plan.subtasks[0].args == {"keep": ["SUMMER20"], "which": "all"}


@pytest.mark.parametrize(
    "said",
    [
        "[change_price: lower {product|every mug except the Blue Ceramic Mug} by {percent|10%}]",
        "[change_price: raise {product|all mugs} by {percent|5%} but leave {product|the Blue Ceramic Mug} as it is]",
        "[change_price: raise {product|all mugs} by {percent|5%}], [change_price: leave {product|the Blue Ceramic Mug} alone]",
    ],
)
def test_goods_that_are_left_out_are_no_question(desk: Desk, said: str) -> None:
    plan = desk.plan(said)
    assert plan.questions == () and "Blue Ceramic Mug" not in desk.titles(plan.subtasks[0], "variants")


def test_what_was_is_not_what_is_to_be(desk: Desk) -> None:
    plan = desk.plan("[change_price: {product|the Blue Ceramic Mug} should cost {money|14} instead of {money|16}]")
    assert plan.questions == () and plan.subtasks[0].args["price"]["amount"] == "14.00"


def test_one_clause_with_two_opposite_changes_is_asked_about(desk: Desk) -> None:
    plan = desk.plan("[edit_product: unpublish {product|the Blue Ceramic Mug}, publish {product|the Oak Serving Board}]")
    assert [question.field for question in plan.questions] == ["status"]


def test_both_are_all_that_were_just_named_one_by_one(desk: Desk) -> None:
    plan = desk.plan(
        "[adjust_inventory: set the stock of {product|the Blue Ceramic Mug} to {quantity|30}], "
        "[adjust_inventory: set the stock of {product|the Oak Serving Board} to {quantity|12}] and [change_price: both at {money|9.90}]"
    )
    assert desk.titles(plan.subtasks[2], "variants") == {"Blue Ceramic Mug", "Oak Serving Board"}


def test_an_amount_too_much_is_taken_off_and_what_was_sold_is_gone(desk: Desk) -> None:
    [lowered] = desk.plan("[change_price: {product|the Blue Ceramic Mug} is {money|2 euros} too expensive, lower it]").subtasks
    assert lowered.args["by"]["amount"] == "2.00" and lowered.args["direction"] == "down" and "price" not in lowered.args
    [sold] = desk.plan("[adjust_inventory: {quantity|4} {product|Blue Ceramic Mugs} were sold at the market]").subtasks
    assert sold.args["how"] == "remove"


def test_so_many_of_the_goods_are_no_amount_of_money(desk: Desk) -> None:
    plan = desk.plan("[refund_order: refund two of the three {product|mugs} in order {order|#1001}]")
    assert all("amount" not in part.args for part in plan.subtasks)
    assert not plan.questions
    assert list(plan.subtasks[0].args["counts"].values()) == [2]  # of all mugs together, not of each kind


def test_the_old_tag_is_not_put_on_with_the_new_one(desk: Desk) -> None:
    [edited] = desk.plan('[edit_product: replace the tag "on the go" with "travel" on {product|the Blue Ceramic Mug}]').subtasks
    assert edited.args["add_tags"] == ["travel"] and edited.args["remove_tags"] == ["on the go"]
