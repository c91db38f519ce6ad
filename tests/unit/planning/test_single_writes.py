"""One change in one sentence: what it comes to, and what is told where it is not possible, instead of a change of something else."""

from __future__ import annotations

import asyncio

import pytest

from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    "said",
    [
        "add a size XL to the linen trousers at 49", "we need the linen shirt in XXL as well", "the grandad shirt should also come in olive",
        'add a variant "Large" to the olive dish', "the breton top now comes in XXL too", "can you add XS to the merino jumper",
        "delete the moss variant of the cereal bowl", "new size for the linen socks: 47-50", "remove the size small from the salad bowl",
    ],
)  # fmt: skip
def test_what_a_product_comes_in_is_never_its_title(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    _is_told(_plan(planner, demo, said), "sizes, colours and other variants")


@pytest.mark.parametrize(
    ("said", "field", "text"),
    [
        ('add "made in Portugal" to the end of the beach towel\'s description', "description_after", "made in Portugal"),
        ('append "Hand wash only." to the description of the linen shirt', "description_after", "Hand wash only."),
        ('put "New recipe." at the start of the description of the oak board', "description_before", "New recipe."),
        ('prepend "Bestseller:" to the title of the linen shirt', "title_before", "Bestseller:"),
        ("add a line to the teapot's description: Dishwasher safe", "description_after", "Dishwasher safe"),
        ('the description of the teapot should end with "Dishwasher safe."', "description_after", "Dishwasher safe."),
        ('add "- new" to the end of the teapot\'s title', "title_after", "- new"),
        ('the linen shirt\'s description needs "Iron on low." at the end', "description_after", "Iron on low."),
        ('description of the beach towel: add "Dries fast."', "description_after", "Dries fast."),
        ('write "Gift wrapped on request." under the description of the travel mug', "description_after", "Gift wrapped on request."),
        ('set the description of the teapot to "Holds 300 ml."', "description", "Holds 300 ml."),
    ],
)  # fmt: skip
def test_words_added_to_a_text_do_not_replace_it(said: str, field: str, text: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    texts = {name: value for name, value in part.args.items() if name.startswith(("title", "description")) and value}
    assert (part.task, texts, plan.questions, plan.not_done) == ("edit_product", {field: text}, (), ())


@pytest.mark.parametrize(
    "said",
    [
        "meta title of at most 55 characters for the linen shirt", "meta title for the linen shirt, max 55 characters",
        "write a meta title for the linen shirt, no more than 55 characters", "google ad for the linen shirt, at most 55 characters",
    ],
)  # fmt: skip
def test_characters_are_the_length_of_a_text_and_no_price(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert part.args["characters"] == 55 and not part.args["products"]["where"].get("price") and not plan.questions and not plan.not_done


def test_a_tag_got_rid_of_is_taken_off(planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, "get rid of the tag sale on all candles").subtasks
    assert (part.task, part.args["remove_tags"], part.args.get("add_tags")) == ("edit_product", ["sale"], None)


@pytest.mark.parametrize("said", ["swap the vendor of the bowls to Keramik Berlin", "change the vendor of the bowls to Keramik Berlin"])
def test_goods_get_another_vendor(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert (part.task, part.args["vendor"], plan.questions) == ("edit_product", "Keramik Berlin", ())


@pytest.mark.parametrize(
    ("said", "task"),
    [
        ("add olive to the grandad shirt's tags", "edit_product"), ("add size and colour to the description of the linen shirt", "fill_attributes"),
        ("put the travel mug in sage at 30", "change_price"), ("create a linen vest in sizes S and M for 49 euros", "create_product"),
        ("add 20 to the stock of the blue ceramic mug small", "adjust_inventory"), ("rename the grandad shirt to Olive Shirt", "edit_product"),
    ],
)  # fmt: skip
def test_sizes_and_colours_are_said_of_other_changes(said: str, task: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    assert [part.task for part in plan.subtasks] == [task] and not plan.not_done


@pytest.mark.parametrize(
    "said",
    [
        "make a 10% code for new customers only", "a welcome code, 10% off, for first-time buyers",
        "a code NEWHERE for 10% that only new customers can use", "set up a 5 euro voucher for all new customers",
    ],
)  # fmt: skip
def test_a_code_for_whoever_is_new_is_none_for_who_is_new_today(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    _is_told(_plan(planner, demo, said), "for the first time")


def test_the_new_customers_of_a_time_are_there_to_be_found(planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, "make a 10% code for the new customers of this month")
    assert [part.task for part in plan.subtasks] == ["find_customers", "create_discount"] and not plan.not_done


@pytest.mark.parametrize(
    "said",
    ["change the email of Anna Weber to anna@weber.de", "update Tom Hughes' phone number to 0170 1234567", "set Anna Schmidt's e-mail to a@b.de"],
)
def test_what_is_kept_of_a_customer_is_not_changed_here(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    _is_told(_plan(planner, demo, said), "cannot be changed here")


def test_stock_is_not_moved_in_one_step(planner: Planner, demo: EmbeddedStore) -> None:
    _is_told(_plan(planner, demo, "move 5 wool blankets from leipzig to berlin"), "Stock is not moved")


@pytest.mark.parametrize(
    "said",
    [
        "5 off when they spend 40 or more, code FIVER", "minus 5 euro when they spend 40, code FIVER",
        "code FIVER: 5 euros off if they spend at least 40",
        "5 euro off once you spend 40, code FIVER", "code FIVER, 5 euros off if the basket is over 40",
    ],
)  # fmt: skip
def test_what_they_are_to_spend_is_the_minimum_and_no_condition(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert not plan.questions and (part.task, part.args["code"]) == ("create_discount", "FIVER")
    assert (part.args["value"]["amount"], part.args["minimum"]["amount"]) == ("5.00", "40.00")


def test_what_else_it_depends_on_is_still_asked_about(planner: Planner, demo: EmbeddedStore) -> None:
    assert _plan(planner, demo, "5 euro off if it rains on Sunday, code FIVER").questions


@pytest.mark.parametrize(
    "said",
    [
        "set the compare at price of the wool blanket to 139", "strike price 139 on the wool blanket", "the was-price of the wool blanket is 139",
        "set the strike-through price of the wool blanket to 139",
    ],
)  # fmt: skip
def test_an_old_price_is_no_title_and_no_price(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert not plan.questions and part.task == "edit_product" and part.args["compare_at_price"]["amount"] == "139.00" and "title" not in part.args


def test_a_title_of_digits_is_no_old_price(planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, "set the title of the wool blanket to 139").subtasks
    assert "compare_at_price" not in part.args


@pytest.mark.parametrize("said", ["storno 20989 please", "storno order 20989"])
def test_storno_cancels(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, said).subtasks
    assert part.task == "cancel_order" and part.args["orders"]["label"] == "#20989"


@pytest.mark.parametrize("said", ["if a product falls under 6 units, mail me", "mail me if a product falls under 6 units"])
def test_what_is_to_be_mailed_when_stock_falls_is_a_rule(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert not plan.questions and part.task == "create_automation" and part.args["rule"] == said


def _is_told(plan: Plan, words: str) -> None:
    assert not plan.subtasks and not plan.questions
    (told,) = plan.not_done
    assert told.code == "not_supported" and words in told.reason


def _plan(planner: Planner, demo: EmbeddedStore, said: str) -> Plan:
    clock = ShopClock(demo.shop.time_zone)
    return asyncio.run(planner.plan(Ask(said, shop=demo.shop.id, locale=demo.shop.locale), demo, clock))


@pytest.mark.parametrize(
    ("said", "args"),
    [
        ("create a product Felted Trivet, 18 euros, sku FT-220, vendor Harbour Knits", {"sku": "FT-220", "vendor": "Harbour Knits"}),
        ("new item Felted Trivet, 18, made by Harbour Knits, 12 in stock", {"stock": 12, "vendor": "Harbour Knits"}),
        ("new product: Felted Trivet, 18€, sku FT-220, brand Harbour Knits, goes into Kitchen", {"sku": "FT-220", "vendor": "Harbour Knits"}),
    ],
)
def test_something_new_is_made_once_with_its_whole_name(said: str, args: dict[str, object], planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, said).subtasks
    assert part.task == "create_product" and part.args["title"] == "Felted Trivet" and part.args["price"]["amount"] == "18.00"
    assert args.items() <= part.args.items() and ("collection" in part.args) is ("Kitchen" in said)


@pytest.mark.parametrize(
    "said",
    [
        "the description of the garlic grater should read: Hand-thrown, with ridges. Rub, add oil, done",
        "set the description of the garlic grater to: Hand-thrown, with ridges. Rub, add oil, done",
    ],
)
def test_a_text_goes_on_to_its_last_word(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert not plan.questions and part.task == "edit_product" and part.args["description"] == "Hand-thrown, with ridges. Rub, add oil, done"


@pytest.mark.parametrize("name", ["winter warmers", "tea time", "mugs", "summer dresses"])
def test_what_follows_a_new_collection_is_its_name(name: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, f"make me a collection {name}").subtasks
    assert part.task == "manage_collection" and part.args["title"] == name and "products" not in part.args


@pytest.mark.parametrize("said", ["create a collection of all candles", "make a collection with all mugs"])
def test_goods_of_a_new_collection_are_none_of_its_name(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, said).subtasks
    assert "products" in part.args and "title" not in part.args


def test_whom_a_tag_is_for_is_no_tag(planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, "tag everyone who bought the teapot as potter for members only")
    assert plan.subtasks[-1].args["add"] == ["potter"]


@pytest.mark.parametrize("said", ["put everything from Tidal Glass up 4 percent and end on .90", "raise all mugs by 5%, ending on 90"])
def test_prices_end_as_is_said(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, said).subtasks
    assert part.task == "change_price" and part.args["round_to"] == ".90"


@pytest.mark.parametrize("said", ["erase Clara Schmitt from our systems", "remove Clara Schmitt from the database"])
def test_where_somebody_is_erased_from_needs_no_question(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    assert [part.task for part in plan.subtasks] == ["erase_personal_data"] and not plan.questions


@pytest.mark.parametrize(
    "said", ["cancel 20994, customer ordered twice, and don't restock", "cancel order 20993, it was a duplicate, and don't restock"]
)
def test_why_between_two_wishes_is_no_second_change(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = _plan(planner, demo, said)
    (part,) = plan.subtasks
    assert not plan.questions and (part.task, part.args["restock"]) == ("cancel_order", False) and part.args["reason"] in said


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ("write a seo title for the linen wrap dress with the word summer", "keywords", ["summer"]),
        ("write a description of the sun catcher using the words rainbow and light", "mention", ["rainbow", "light"]),
    ],
)
def test_words_that_a_text_is_to_have(said: str, field: str, words: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = _plan(planner, demo, said).subtasks
    assert part.args[field] == words
