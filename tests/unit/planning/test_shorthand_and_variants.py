"""Turns of phrase that tasks declare, and the sizes and colours of something new, with the students that ship and the demo shop."""

from __future__ import annotations

from typing import Any

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("typed", "task", "args"),
    [
        ("bogo on candles", "create_discount", {"deal": "2 for 1"}),
        ("BOGO on all mugs please", "create_discount", {"deal": "2 for 1"}),
        ("bogof on the teapot", "create_discount", {"deal": "2 for 1"}),
        ("free post over 50", "create_discount", {"free_shipping": True}),
        ("free p&p on everything", "create_discount", {"free_shipping": True}),
        ("post free over 60", "create_discount", {"free_shipping": True}),
        ("20 euro off the teapot with the code TEA", "create_discount", {"code": "TEA"}),
        ("call off order #20988", "cancel_order", {}),
        ("please call off order #20988", "cancel_order", {}),
        ("call off the last order", "cancel_order", {"which": "latest"}),
        ("we're out of the teapot", "adjust_inventory", {"out_of_stock": True}),
        ("we are all out of the teapot", "adjust_inventory", {"out_of_stock": True}),
        ("stock of the teapot is 12", "adjust_inventory", {"how": "set", "units": 12}),
        ("what are we out of", "inventory_report", {"show": "out"}),
        ("what's my dearest thing", "find_products", {"sort": "price_high"}),
    ],
)
def test_shorthand_is_read_as_the_plain_words_for_it(planner: Planner, demo: EmbeddedStore, typed: str, task: str, args: dict[str, Any]) -> None:
    plan = planned(planner, demo, typed)
    assert [s.task for s in plan.subtasks] == [task] and not plan.questions and not plan.not_done
    assert {name: plan.subtasks[0].args.get(name) for name in args} == args


@pytest.mark.parametrize(
    ("typed", "task", "args"),
    [
        ("create a discount called BOGO with 10%", "create_discount", {"code": "BOGO", "deal": None}),
        ("add the tag bogo to the teapot", "edit_product", {"add_tags": ["bogo"]}),
        ('rename the teapot to "free post"', "edit_product", {"title": "free post"}),
        ("end BOGO", "end_discount", {"codes": ["BOGO"]}),
        ("are we out of teapots?", "inventory_report", {}),
        ("write an instagram post about the teapot with the code TEA10", "write_post", {"code": "TEA10"}),
    ],
)
def test_names_questions_and_posts_are_not_read_as_shorthand(
    planner: Planner, demo: EmbeddedStore, typed: str, task: str, args: dict[str, Any]
) -> None:
    plan = planned(planner, demo, typed)
    assert [s.task for s in plan.subtasks] == [task] and not plan.notes
    assert {name: plan.subtasks[0].args.get(name) for name in args} == args


@pytest.mark.parametrize(
    ("typed", "title", "sizes", "colours"),
    [
        ("new product: oak tray, 34 euro, small medium large", "oak tray", ["small", "medium", "large"], None),
        ("add a tshirt 'Anchor' in S M L and black, white, 25 each", "Anchor", ["S", "M", "L"], ["black", "white"]),
        ("create product Felt Slippers, sizes 37-41, 39 euro", "Felt Slippers", ["37", "38", "39", "40", "41"], None),
        ("create product Anchor tee sizes S M L colours black and white at 25", "Anchor tee", ["S", "M", "L"], ["black", "white"]),
        ("new product linen scarf in red and blue, 29 euro", "linen scarf", None, ["red", "blue"]),
        ("new product: rain coat XS to XL, navy and grey, 59 euro", "rain coat", ["XS", "S", "M", "L", "XL"], ["navy", "grey"]),
        ("new product: wool socks, S/M and L/XL, 14 euro", "wool socks", ["S/M", "L/XL"], None),
        ("create product Anchor tee at 25", "Anchor tee", None, None),
    ],
)
def test_what_something_new_is_called_and_comes_in(
    planner: Planner, demo: EmbeddedStore, typed: str, title: str, sizes: list[str] | None, colours: list[str] | None
) -> None:
    plan = planned(planner, demo, typed)
    [subtask] = plan.subtasks
    assert (subtask.task, subtask.args.get("title"), plan.questions) == ("create_product", title, ())
    assert (subtask.args.get("sizes"), subtask.args.get("colours")) == (sizes, colours)


@pytest.mark.parametrize(
    ("typed", "task", "args"),
    [
        ("show me everything thats still a draft", "find_products", {"status": "draft"}),
        ("which products are still drafts", "find_products", {"status": "draft"}),
        ("which category fits the teapot", "categorise_products", {}),
        ("sort my products into the right shopify categories", "categorise_products", {}),
        ("something for insta re the candles", "write_post", {"channel": "instagram"}),
        ("newsletter re the candles", "write_email", {}),
        ("make me a collection cosy nights", "manage_collection", {"action": "create", "title": "cosy nights"}),
        ("tae the tag gift off order 20999", "edit_order", {"remove_tags": ["gift"], "add_tags": None}),
        ("tag order 20999 as gift", "edit_order", {"add_tags": ["gift"], "remove_tags": None}),
        ("tell me when stock is low", "create_automation", {}),
        ("tell me when stock drops under 5, only for: candles", "create_automation", {}),
        ("let me know what is low", "inventory_report", {"show": "low"}),
        ("tell me when the mugs will run out", "forecast_stockout", {}),
    ],
)
def test_ordinary_requests_of_a_shop_are_done_without_a_question(
    planner: Planner, demo: EmbeddedStore, typed: str, task: str, args: dict[str, Any]
) -> None:
    plan = planned(planner, demo, typed)
    assert [s.task for s in plan.subtasks] == [task] and not plan.questions and not plan.not_done
    assert {name: plan.subtasks[0].args.get(name) for name in args} == args


def test_an_amount_before_when_they_spend_is_what_comes_off(planner: Planner, demo: EmbeddedStore) -> None:
    for typed in ("minus 5 euro when they spend 40, code FIVER", "5 euro off when they spend 40", "save 5 euro when they spend 40, code FIVER"):
        args = planned(planner, demo, typed).subtasks[0].args
        assert (args["value"]["amount"], args["minimum"]["amount"]) == ("5.00", "40.00")
