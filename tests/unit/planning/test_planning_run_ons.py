"""Requests run together as one speaks or notes them: cut where something else begins, and nowhere else."""

from __future__ import annotations

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Revenue this week? Best channel? Any bad reviews?", ["sales_report", "sales_report", "find_reviews"]),
        ("takings yesterday any orders stuck anything out any grumpy reviews", ["sales_report", "find_orders", "inventory_report", "find_reviews"]),
        ("is the wall calendar selling? any left?", ["sales_report", "inventory_report"]),
        ("who bought the linen shirt any refunds on it", ["find_customers", "sales_report"]),
        ("tag the candles cosy hide the advent candle sort the inbox", ["edit_product", "edit_product", "triage_messages"]),
        ("hide the advent candle publish the wall calendar tag the salad bowl new", ["edit_product", "edit_product", "edit_product"]),
        ("set the salad bowl to 30 euros raise the ramen bowl by 2 euros", ["change_price", "change_price"]),
        ("add 12 wool socks remove 3 ramen bowls", ["adjust_inventory", "adjust_inventory"]),
        ("how was last week best product worst product any refunds", ["sales_report", "sales_report", "sales_report"]),
        ("how many mugs are left put them at 20 euros", ["inventory_report", "change_price"]),
        ("who spent over 300 give them 10% off", ["find_customers", "create_discount"]),
        ("who bought the gift card last week save them as gifters", ["find_customers", "create_segment"]),
        (
            "price check: linen tablecloth, stock of it, sold this year, reviews",
            ["find_products", "inventory_report", "sales_report", "find_reviews"],
        ),
    ],
)
def test_a_run_on_is_cut_where_something_else_is_asked(said: str, expected: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    assert [part.task for part in planned(planner, demo, said).subtasks] == expected


@pytest.mark.parametrize(
    "said",
    [
        "show orders from Berlin, unpaid, over 100 euros",
        "show me products in Sale, sorted by price",
        "which customers bought candles, how many times",
        "revenue, orders and refunds last month by channel, by country",
        "are we selling anything at a loss",
        "archive everything tagged summer except what is in stock",
        "change the delivery address of order 20995 to Lindenstr. 4, 10969 Berlin",
        "what do people who bought the teapot say about it",
        "did we sell any salad bowls yesterday",
        "create a code for the linen shirt 20 off for vips",
        "wool socks how many left",
        "write to the vips that there is 20% off candles, any questions to us",
    ],
)
def test_what_goes_on_with_one_request_is_not_cut_from_it(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    asked_for = [part for part in plan.subtasks if not any(str(part.id) in str(other.args) for other in plan.subtasks if other is not part)]
    assert len(asked_for) == 1 and not plan.not_done


def test_each_part_of_a_run_on_keeps_its_own_goods(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "set the ramen bowl at 14 euros tag it asian archive the berry bowl")
    archived = next(part for part in plan.subtasks if part.args.get("status") == "archived")
    tagged = next(part for part in plan.subtasks if part.args.get("add_tags") == ["asian"])
    assert archived is not tagged
    assert archived.args["products"]["label"] == "Berry Bowl" and tagged.args["products"]["label"] == "Ramen Bowl"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("set the ramen bowl to 30 pieces, show me the new stock", "products"),
        ("raise the teapot 2 euros and show me the new price", "products"),
        ("hide the wall calendar then display the result", "products"),
        ("change VIP15 to 20 percent, show the final settings", "code"),
    ],
)
def test_the_outcome_is_that_of_what_was_changed(said: str, field: str, planner: Planner, demo: EmbeddedStore) -> None:
    change, look = planned(planner, demo, said).subtasks
    changed = change.args.get(field) or change.args["variants"]
    told = look.args[field]
    assert told == changed if isinstance(told, str) else told["ids"] == changed["ids"] or told["label"] == changed["label"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("i want the advent candle hidden", "draft"),
        ("we need the dinner candle set published again", "active"),
        ("i would like the wall calendar archived please", "archived"),
    ],
)
def test_what_goods_are_to_be_is_said_at_the_end(said: str, status: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert [part.args.get("status") for part in planned(planner, demo, said).subtasks] == [status]


def test_a_list_of_questions_about_one_thing_is_about_it_to_the_end(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "price check: linen tablecloth, stock of it, sold this year, reviews")
    assert {part.args["products"]["label"] for part in plan.subtasks} == {"Linen Tablecloth"}


def test_what_is_still_open_is_asked_of_now(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "what did we sell yesterday then which orders are still not shipped")
    assert "period" in plan.subtasks[0].args and "period" not in plan.subtasks[1].args


@pytest.mark.parametrize(
    "said", ["tag 20980 gift", "refund shipping on 20991, tag 20980 gift", "tag 20981 urgent and 20980 gift", "label 20980 gift"]
)
def test_a_number_before_a_tag_is_that_of_an_order(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    tagged = planned(planner, demo, said).subtasks[-1]
    assert (tagged.args["orders"]["label"], tagged.args["add_tags"]) == ("#20980", ["gift"])


@pytest.mark.parametrize("words", ["it ships today", "it arrives tomorrow", "it left the house yesterday"])
def test_a_day_in_what_the_customer_is_told_finds_no_other_customers(words: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"label 20980 urgent and tell the customer {words}")
    assert [part.task for part in plan.subtasks] == ["edit_order", "message_customer"] and plan.subtasks[1].args["message"] == words


@pytest.mark.parametrize("asked", ["how many are in it", "how many people is that", "and tell me how many are in there"])
def test_how_many_a_group_has_is_told_where_it_is_approved(asked: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"make a segment of customers who spent over 500 euros, {asked}")
    assert [part.task for part in plan.subtasks] == ["create_segment"] and not plan.questions and not plan.not_done


@pytest.mark.parametrize("moved", ["drop", "jump", "increase", "slump"])
def test_what_befell_sales_is_no_product(moved: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"compare october with september, explain the {moved}, forecast december")
    assert [part.task for part in plan.subtasks] == ["sales_report", "explain_change", "forecast_sales"] and not plan.questions


@pytest.mark.parametrize("asked", ["any left", "how many left", "how many are left"])
def test_what_is_left_is_asked_of_the_one_thing_spoken_of(asked: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"what did the porridge mug make this year, {asked}")
    assert plan.subtasks[1].task == "inventory_report" and plan.subtasks[1].args["products"]["label"] == "Porridge Mug"
