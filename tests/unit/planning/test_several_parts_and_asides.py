"""Requests of several parts with something between them that asks for nothing, or that leads to the next: each part is of what it is said of."""

from __future__ import annotations

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.records import Plan
from agent.stores.embedded.store import EmbeddedStore


def _done(plan: Plan) -> list[str]:
    return [subtask.task for subtask in plan.subtasks if subtask.id not in plan.waiting()]


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("don't show me the drafts, and cut the mugs by 10%", ["change_price"]),
        ("please don't list the bowls, and archive the linen scarf", ["edit_product"]),
        ("don't find lapsed customers and take the tag active off them", []),
        ("never show the drafts and publish them", []),
        ("do not count the mugs and archive them", []),
    ],
)
def test_a_look_that_is_not_wanted_is_not_made_nor_what_is_done_to_its_finds(
    said: str, done: list[str], planner: Planner, demo: EmbeddedStore
) -> None:
    plan = planned(planner, demo, said)
    assert _done(plan) == done
    assert [part.code for part in plan.not_done][:1] == ["unclear"]


@pytest.mark.parametrize("words", ["should I {0}?", "did anybody {0}?", "my colleague will {0} himself"])
def test_a_look_only_spoken_of_leads_to_no_change(words: str, planner: Planner, demo: EmbeddedStore) -> None:
    look = "find lapsed customers and take the tag active off them"
    assert "tag_customers" in _done(planned(planner, demo, look))
    assert "tag_customers" not in _done(planned(planner, demo, words.format(look)))


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("do you know which customers bought a teapot this month, and tag them as tea", ["find_customers", "tag_customers"]),
        ("I was wondering who bought a teapot this month and can you tag them vip", ["find_customers", "tag_customers"]),
        ("my boss wants to see the lapsed customers and tag them vip", ["find_customers", "tag_customers"]),
        ("could somebody check the drafts and publish them", ["find_products", "edit_product"]),
        (
            "how many candles have we left, what did they make last month, and put them up 5 percent",
            ["inventory_report", "sales_report", "change_price"],
        ),
        ("I don't see the drafts, show them to me", ["find_products"]),
    ],
)
def test_a_question_that_is_answered_leaves_the_change_after_it_asked_for(said: str, done: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    assert _done(planned(planner, demo, said)) == done


@pytest.mark.parametrize("words", ["publish nothing yet", "send nothing until I have read it", "but tell nobody"])
def test_what_is_done_to_nothing_is_not_done(words: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"translate the teapot description into French and {words}")
    assert _done(plan) == ["translate_content"]
    assert len(plan.subtasks) == 1


@pytest.mark.parametrize(
    "said",
    [
        "tag the mugs sale, and as for the bowls, knock 3 euros off",
        "tag the mugs sale and for the bowls, take 3 euros off",
        "archive the linen scarf, and regarding the bowls, raise them by 2 euros",
    ],
)
def test_what_is_named_first_is_what_the_verb_after_it_is_of(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert _done(plan) == ["edit_product", "change_price"]
    assert plan.subtasks[1].args["variants"]["label"] == "bowls"
    assert not plan.not_done


@pytest.mark.parametrize(
    "said",
    ["I had Julia Schneider on the phone, tag the last order as urgent", "Julia Schneider called, so tag the latest order as urgent"],
)
def test_the_last_order_is_of_the_person_named_before(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    asked = {question.field for question in plan.questions}
    assert "customers" in plan.subtasks[0].args or "customers" in asked
    assert [subtask.task for subtask in plan.subtasks] == ["edit_order"]


@pytest.mark.parametrize("words", ["tomorrow", "next week"])
@pytest.mark.parametrize("what", ["schedule a weekly report of best sellers", "set up a workflow that notifies me when a 1-star review comes in"])
def test_to_be_reminded_of_setting_up_is_no_setting_up(what: str, words: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert _done(planned(planner, demo, f"remind me to {what} {words}")) == []


@pytest.mark.parametrize(
    "said",
    [
        "send me a sales report every Monday at 8, and show me yesterday's sales now",
        "mail me the sales every Monday at 8 and show me yesterday's right now",
    ],
)
def test_what_is_asked_for_at_once_is_no_part_of_what_recurs(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert _done(planned(planner, demo, said)) == ["schedule_report", "sales_report"]


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("mugs minus 2 euros, bowls minus 3, vases minus 10 percent", ["change_price"] * 3),
        ("mugs up 2 euros, bowls down 1", ["change_price"] * 2),
        ("restock: mugs plus 5, bowls plus 3", ["adjust_inventory"] * 2),
    ],
)
def test_the_unit_of_a_list_is_said_once(said: str, done: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    assert _done(planned(planner, demo, said)) == done


def test_a_count_that_now_is_is_no_delivery_of_so_many(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "delivery came in: 20 more of the blue mug, 15 salad bowls, and the teapots are now 8")
    assert [subtask.args["how"] for subtask in plan.subtasks] == ["add", "add", "set"]
    assert not plan.questions


@pytest.mark.parametrize(
    ("said", "tags"),
    [
        ("tag order 20994 gift, order 20993 urgent", [["gift"], ["urgent"]]),
        ("tag order 20994 gift, 20993 urgent and 20992 press", [["gift"], ["urgent"], ["press"]]),
        ("tag order 20994 gift and urgent", [["gift", "urgent"]]),
    ],
)
def test_in_a_list_each_gets_the_tag_beside_it(said: str, tags: list[list[str]], planner: Planner, demo: EmbeddedStore) -> None:
    assert [subtask.args["add_tags"] for subtask in planned(planner, demo, said).subtasks] == tags


@pytest.mark.parametrize(
    "said",
    [
        "write a new description and an seo title for the teapot",
        "write a post, an ad and an FAQ about the mugs",
        "write an ad and a description for the bowls",
    ],
)
def test_texts_in_a_list_are_all_about_the_goods_named_last(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert len(plan.subtasks) > 1
    assert not plan.questions
    assert len({str(subtask.args["products"]) for subtask in plan.subtasks}) == 1


def test_what_is_done_to_them_in_the_second_half_is_done_to_those_of_the_first(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "raise candles by 5 and over the weekend lower them by 2")
    assert [subtask.args["variants"]["label"] for subtask in plan.subtasks] == ["candles", "candles"]
    assert [question.field for question in plan.questions] == ["left"]


@pytest.mark.parametrize("aside", ["they're just lying around", "nobody buys those"])
def test_an_aside_in_brackets_asks_for_nothing(aside: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"knock 10 percent off the scarves ({aside}) and hide the vases")
    assert _done(plan) == ["change_price", "edit_product"]
    assert not plan.not_done


@pytest.mark.parametrize("aside", ["not the merino one", "and hide them"])
def test_what_limits_or_asks_in_brackets_is_never_dropped(aside: str, planner: Planner, demo: EmbeddedStore) -> None:
    without = planned(planner, demo, "knock 10 percent off the scarves and archive the vases")
    plan = planned(planner, demo, f"knock 10 percent off the scarves ({aside}) and archive the vases")
    same = [subtask.args for subtask in plan.subtasks] == [subtask.args for subtask in without.subtasks]
    assert not same or plan.not_done or plan.questions


def test_the_number_of_an_order_is_never_its_tag(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "tag order 20994, 20993 and 20992 as urgent")
    assert plan.subtasks[0].args["orders"]["label"] == "#20994, #20993, #20992"
    assert plan.subtasks[0].args.get("add_tags") in (None, ["urgent"])


def test_the_name_of_a_customer_is_no_part_of_a_tag(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "tag Anna Weber and Emma Richter vip")
    assert plan.subtasks[0].args["add"] == ["vip"]


@pytest.mark.parametrize("report", ["text me yesterday's takings every morning", "mail me the open orders every Friday"])
@pytest.mark.parametrize("change", ["knock 3 euros off the bowls", "archive the linen scarf"])
@pytest.mark.parametrize("joint", [", ", " and "])
def test_a_change_of_now_is_no_part_of_the_report_after_it(change: str, joint: str, report: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"{change}{joint}{report}")
    assert [subtask.task for subtask in plan.subtasks][1:] == ["schedule_report"]
    assert plan.subtasks[0].effect == "write"
    assert change not in str(plan.subtasks[1].args)


@pytest.mark.parametrize("words", ["tell me how many that is", "how many were changed?", "let me know how many products those are"])
def test_how_many_are_changed_is_told_with_the_change(words: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, f"set everything that's out of stock to draft and {words}")
    assert _done(plan) == ["edit_product"]
    assert not plan.not_done


def test_a_plan_of_something_else_leaves_the_look_after_it_asked_for(planner: Planner, demo: EmbeddedStore) -> None:
    assert "inventory_report" in _done(planned(planner, demo, "we plan to raise prices next month, how many mugs are left"))


@pytest.mark.parametrize("words", ["did anybody {0}?", "why would anyone {0}?"])
def test_a_look_read_into_a_change_spoken_of_leads_to_none(words: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, words.format("add a product named Soy Candle for 12.50 and publish it"))
    assert "edit_product" not in _done(plan)
