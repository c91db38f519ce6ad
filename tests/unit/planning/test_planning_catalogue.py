"""Requests about collections, new products and discounts: which words are names, which are goods, and which go together."""

from typing import Any

import pytest
from desks import Desk


def said(desk: Desk, marked: str) -> dict[str, Any]:
    plan = desk.plan(marked)
    assert plan.not_done == ()
    [subtask] = plan.subtasks
    return dict(subtask.args)


def called(args: dict[str, Any]) -> dict[str, str]:
    return {name: args[name]["label"] for name in ("collection", "leaving") if name in args}


@pytest.mark.parametrize(
    ("marked", "named"),
    [
        ("[manage_collection: add {product|the blue mug} to the Summer collection]", {"collection": "Summer"}),
        ("[manage_collection: put {product|the wool throw} into Kitchen]", {"collection": "Kitchen"}),
        ("[manage_collection: take {product|the oak board} out of {value|the Kitchen collection}]", {"collection": "Kitchen"}),
        ("[manage_collection: move {product|the linen dress} from Summer to Sale]", {"collection": "Sale", "leaving": "Summer"}),
        ("[manage_collection: get rid of the Sale collection]", {"collection": "Sale"}),
        ("[manage_collection: delete Kitchen]", {"collection": "Kitchen"}),
        ("[manage_collection: add {product|the oak board} to Gifts under 25]", {"collection": "Gifts under 25"}),
        ("[manage_collection: add {product|the mugs of the Kitchen collection} to Sale]", {"collection": "Sale"}),
        ("[manage_collection: create a collection called {value|Bath Time} with everything in Summer]", {}),
    ],
)
def test_a_collection_is_told_from_the_goods_in_it(marked: str, named: dict[str, str], desk: Desk) -> None:
    assert called(said(desk, marked)) == named


@pytest.mark.parametrize(
    "marked",
    [
        "[manage_collection: rename the Summer collection to {value|Sunny Days}]", "[manage_collection: rename Summer to Sunny Days]",
        "[manage_collection: call the Summer collection {value|\"Sunny Days\"}]",
    ],
)  # fmt: skip
def test_a_collection_and_its_new_name_are_two_things(marked: str, desk: Desk) -> None:
    args = said(desk, marked)
    assert (args["collection"]["label"], args["title"]) == ("Summer", "Sunny Days")


def test_a_collection_that_is_not_there_is_a_question_whose_answer_may_be_its_title(desk: Desk) -> None:
    plan = desk.plan("[manage_collection: delete the Sumer collection]")
    [question] = plan.questions
    assert (question.field, question.question) == ("collection", "There is no collection “Sumer”. Which one do you mean?")
    assert question.options[0].label == "Summer"
    for answer in ("summer", question.options[0].value):
        answered = desk.answered(plan, **{question.id: answer})
        assert (called(dict(answered.subtasks[0].args)), answered.questions) == ({"collection": "Summer"}, ())
    [again] = desk.answered(plan, **{question.id: "spring"}).questions
    assert again.field == "collection"


@pytest.mark.parametrize(
    ("marked", "args"),
    [
        ("[create_product: add a product named Soy Candle for 12.50]", {"title": "Soy Candle"}),
        ("[create_product: new product: Ash Bowl, 18 euros, 20 in stock]", {"title": "Ash Bowl", "stock": 20}),
        (
            "[create_product: create a product called {value|Linen Robe} at 79, sizes 36, 38 and 40, colours: dark blue, sand and black]",
            {"title": "Linen Robe", "sizes": ["36", "38", "40"], "colours": ["dark blue", "sand", "black"]},
        ),
        ("[create_product: create a product Big Bowl for 40 euros, type Bowls, brand Terra]", {"product_type": "Bowls", "vendor": "Terra"}),
        ("[create_product: new product {value|Apron}, 29.90, sizes S, M and L, sku LA-01]", {"sizes": ["S", "M", "L"], "sku": "LA-01"}),
        ("[create_product: new product {value|Apron}, 29.90, in blue and sand]", {"colours": ["blue", "sand"]}),
        ("[edit_discount: extend {discount|SUMMER20} by a week]", {"code": "SUMMER20", "days": 7}),
        ("[edit_discount: let {discount|SUMMER20} run for another 3 days]", {"days": 3}),
        ("[edit_discount: give {discount|SUMMER20} two more weeks]", {"days": 14}),
        ("[edit_discount: bump {discount|SUMMER20} from {percent|10%} to {percent|15%}]", {"value": "15%"}),
        ("[end_discount: turn off {discount|SUMMER20} and {discount|GLOW10}]", {"codes": ["SUMMER20", "GLOW10"]}),
    ],
)
def test_what_a_change_is_made_of_is_read_whole(marked: str, args: dict[str, Any], desk: Desk) -> None:
    found = said(desk, marked)
    assert {name: found.get(name) for name in args} == args
    assert desk.plan(marked).questions == ()


def test_a_second_amount_is_no_cost_unless_it_is_said_to_be(desk: Desk) -> None:
    args = said(desk, "[create_product: create a product called {value|Tray} for 34 euros, it costs us 12]")
    assert (args["price"]["amount"], args["cost"]["amount"]) == ("34.00", "12.00")
    assert "cost" not in said(desk, "[create_product: create a product called {value|Tray} for 34 euros]")


def test_a_day_that_something_ends_on_is_understood(desk: Desk) -> None:
    ends = said(desk, "[end_discount: end {discount|SUMMER20} tomorrow]")["ends"]
    assert ends["label"] == "tomorrow"


@pytest.mark.parametrize(
    "where",
    [
        "[manage_collection: add {product|it} to the Summer collection]", "[manage_collection: put it in Summer]",
        "[manage_collection: put it into {product|the Summer collection}]",
    ],
)  # fmt: skip
def test_where_what_is_made_belongs_is_part_of_making_it(where: str, desk: Desk) -> None:
    plan = desk.plan(f"[create_product: create a product called {{value|Walnut Tray}} for {{money|34 euros}}] and {where}")
    [subtask] = plan.subtasks
    assert (subtask.task, subtask.args["collection"]["label"], plan.questions) == ("create_product", "Summer", ())
    assert plan.text[slice(*subtask.span)].endswith(plan.text.rpartition(" and ")[2])


@pytest.mark.parametrize(
    "other",
    [
        "[manage_collection: add {product|the blue mug} to the Summer collection]", "[manage_collection: take it out of Summer]",
        "[manage_collection: delete the Summer collection]",
    ],
)  # fmt: skip
def test_what_is_done_with_other_things_is_no_part_of_making_one(other: str, desk: Desk) -> None:
    plan = desk.plan(f"[create_product: create a product called {{value|Walnut Tray}} for {{money|34 euros}}] and {other}")
    assert [subtask.task for subtask in plan.subtasks] == ["create_product", "manage_collection"]
    assert "collection" not in plan.subtasks[0].args
