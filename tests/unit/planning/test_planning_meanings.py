"""What a request means where its words alone say less or something else: goods bought, contradictions, conditions, places, channels."""

from __future__ import annotations

from typing import Any

import pytest
from desks import Desk


@pytest.mark.parametrize(
    ("said", "titles"),
    [
        ("who bought one {period|last year}?", {"Blue Ceramic Mug"}),
        ("who ordered some {period|this month}", {"Blue Ceramic Mug"}),
        ("which {customer|customers} have purchased any of them", {"Blue Ceramic Mug"}),
        ("who bought some {product|candles} {period|last year}", {"Beeswax Candle"}),
    ],
)
def test_what_was_bought_is_the_goods_before_unless_others_are_named(desk: Desk, said: str, titles: set[str]) -> None:
    plan = desk.plan(f"[change_price: cut {{product|the blue mug}} by {{percent|15%}}], and [find_customers: {said}]")
    assert plan.questions == ()
    assert desk.titles(plan.subtasks[1], "bought") == titles


def test_goods_bought_count_without_a_mark(desk: Desk) -> None:
    plan = desk.plan("[find_customers: who in {place|Lyon} bought a beanie {period|this year}]")
    assert desk.titles(plan.subtasks[0], "bought") == {"Merino Beanie"} and plan.subtasks[0].args["places"] == ["Lyon"]


@pytest.mark.parametrize(
    ("first", "second", "question"),
    [
        ("reduce {product|the blue mug} to {money|8,50}", "increase {product|the blue mug} to {money|9}", "8.50 EUR and 9.00 EUR"),
        ("raise {product|the blue mug} to {money|20}", "lower {product|it} to {money|15}", "20.00 EUR and 15.00 EUR"),
        ("put {product|the blue mug} at {money|12}", "put {product|the blue mug} at {money|14}", "12.00 EUR and 14.00 EUR"),
    ],
)
def test_two_new_prices_of_one_product_are_one_question(desk: Desk, first: str, second: str, question: str) -> None:
    plan = desk.plan(f"[change_price: {first}] and [change_price: {second}]")
    assert [asked.question for asked in plan.questions] == [f"You asked for both {question} for Blue Ceramic Mug. Which one is right?"]
    assert len(plan.subtasks) == 1 and not {"price", "direction"} & set(plan.subtasks[0].args)


@pytest.mark.parametrize(
    "marked",
    [
        "[adjust_inventory: add {quantity|5} units of {product|the blue mug}] and [adjust_inventory: remove {quantity|3} of {product|the blue mug}]",
        "[change_price: raise {product|the blue mug} to {money|20}] and [change_price: lower {product|the oak board} to {money|15}]",
    ],
)
def test_moves_one_after_another_and_changes_of_two_products_are_no_contradiction(desk: Desk, marked: str) -> None:
    plan = desk.plan(marked)
    assert (len(plan.subtasks), plan.questions) == (2, ())


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        ("list {product|products} without description", "description"),
        ("list {product|products} with no descriptions", "description"),
        ("which {product|products} don't have a description", "description"),
        ("show {product|products} that have no picture", "image"),
        ("find {product|products} lacking an image", "image"),
        ("{product|products} missing tags", "tags"),
    ],
)
def test_what_products_lack_is_understood_in_any_words(desk: Desk, said: str, lacking: str) -> None:
    plan = desk.plan(f"[find_products: {said}]")
    assert (plan.subtasks[0].args, plan.not_done, plan.questions) == ({"without": lacking}, (), ())


def test_what_products_lack_is_told_where_nothing_can_be_asked_of_it(desk: Desk) -> None:
    plan = desk.plan("[find_products: list {product|products} without barcodes]")
    assert [plan.text[slice(*told.span)] for told in plan.not_done] == ["without barcodes"]


@pytest.mark.parametrize(
    ("said", "args"),
    [
        ("how did instagram do compared to {channel|the online store}", {"channels": ["Online Store", "Instagram"], "by": ["channel"]}),
        ("how did {channel|instagram} do vs {channel|the market stall}", {"channels": ["Instagram", "Market stall"], "by": ["channel"]}),
        ("what did {channel|online} make", {"metrics": ["revenue"], "channels": ["Online Store"]}),
        ("instagram {metric|revenue}", {"metrics": ["revenue"], "channels": ["Instagram"]}),
        ("{metric|revenue} of my online store", {"metrics": ["revenue"]}),
    ],
)
def test_channels_are_those_the_shop_has(desk: Desk, said: str, args: dict[str, Any]) -> None:
    plan = desk.plan(f"[sales_report: {said}]")
    assert (plan.subtasks[0].args, plan.questions) == (args, ())


@pytest.mark.parametrize(
    ("marked", "field", "question"),
    [
        ("[sales_report: revenue in {place|Atlantis}]", "places", "“Atlantis” is neither a country nor a city this shop knows of."),
        ("[find_customers: {customer|customers} from {place|Atlantis}]", "places", "“Atlantis” is neither a country"),
        ("[find_orders: {order|orders} on {channel|tiktok}]", "channels", "No sales channel of this shop is called “tiktok”."),
    ],
)
def test_a_place_or_channel_nobody_knows_is_asked_about(desk: Desk, marked: str, field: str, question: str) -> None:
    plan = desk.plan(marked)
    assert [asked.field for asked in plan.questions] == [field]
    assert plan.questions[0].question.startswith(question) and field not in plan.subtasks[0].args


@pytest.mark.parametrize(("place", "known"), [("France", "France"), ("the Netherlands", "Netherlands"), ("Lyon", "Lyon")])
def test_countries_and_the_cities_of_orders_are_places(desk: Desk, place: str, known: str) -> None:
    plan = desk.plan(f"[sales_report: {{metric|revenue}} in {{place|{place}}}]")
    assert (plan.subtasks[0].args["places"], plan.questions) == ([known], ())


@pytest.mark.parametrize("said", ['set the {field|title} of {product|the blue mug} to {value|""}', "rename {product|the blue mug} to ''"])
def test_a_title_of_nothing_is_asked_for(desk: Desk, said: str) -> None:
    plan = desk.plan(f"[edit_product: {said}]")
    assert [(asked.field, asked.question) for asked in plan.questions] == [("title", "There is nothing between the quotes. What should it say?")]
    assert "title" not in plan.subtasks[0].args


@pytest.mark.parametrize(
    ("task", "said", "args"),
    [
        ("change_price", 'set the price of {product|the blue mug} to "{money|1,299.00}"', {"price": {"amount": "1299.00", "currency": "EUR"}}),
        ("change_price", "set the price of {product|the blue mug} to '12.50'", {"price": {"amount": "12.50", "currency": "EUR"}}),
        ("change_price", 'set {product|the blue mug} to {money|"€20"}', {"price": {"amount": "20.00", "currency": "EUR"}}),
        ("edit_product", 'set the title of {product|the blue mug} to {value|"1984"}', {"title": "1984"}),
    ],
)
def test_an_amount_in_quotes_is_an_amount_and_a_title_of_digits_a_title(desk: Desk, task: str, said: str, args: dict[str, Any]) -> None:
    plan = desk.plan(f"[{task}: {said}]")
    assert plan.questions == ()
    assert {name: value for name, value in plan.subtasks[0].args.items() if name in args} == args


@pytest.mark.parametrize(
    ("said", "args"),
    [
        (", [not_supported: expires {until|end of december}]", {"ends": "2027-01-01T00:00:00+01:00"}),
        (". [not_supported: It is valid until {until|Sunday}]", {"ends": "2026-11-23T00:00:00+01:00"}),
        (", [not_supported: starts {until|monday}]", {"starts": "2026-11-23T00:00:00+01:00"}),
        (", [not_supported: limit {quantity|100} uses]", {"usage_limit": 100}),
        (" and [unclear: minimum order {money|50 euros}]", {"minimum": {"amount": "50.00", "currency": "EUR"}}),
        (", [not_supported: limit {quantity|100} uses], [unclear: starts monday]", {"usage_limit": 100, "starts": "2026-11-23T00:00:00+01:00"}),
    ],
)
def test_conditions_of_a_discount_are_part_of_it_however_they_are_set_off(desk: Desk, said: str, args: dict[str, Any]) -> None:
    plan = desk.plan(f"[create_discount: create the code {{discount|HELLO}} for {{percent|10%}} off]{said}")
    assert (len(plan.subtasks), plan.questions, plan.not_done) == (1, (), ())
    assert plan.subtasks[0].args == {"code": "HELLO", "value": "10%"} | args


def test_another_request_after_a_discount_is_no_condition_of_it(desk: Desk) -> None:
    plan = desk.plan("[create_discount: create the code {discount|HELLO} for {percent|10%} off], [not_supported: start a newsletter on monday]")
    assert [plan.text[slice(*told.span)] for told in plan.not_done] == ["start a newsletter on monday"]


def test_a_condition_the_change_knows_nothing_of_is_no_part_of_it(desk: Desk) -> None:
    plan = desk.plan("[adjust_inventory: add {quantity|5} units to {product|the blue mug}], [not_supported: max {quantity|20}]")
    assert [plan.text[slice(*told.span)] for told in plan.not_done] == ["max 20"]


@pytest.mark.parametrize(("code", "said"), [("A", "code A with"), ("XL", "code XL for"), (None, "code I can share,")])
def test_a_code_of_a_letter_is_kept(desk: Desk, code: str | None, said: str) -> None:
    plan = desk.plan(f"[create_discount: create a discount {said} {{percent|10%}} off]")
    assert (plan.subtasks[0].args.get("code"), plan.questions) == (code, ())


@pytest.mark.parametrize(
    ("until", "year"), [("until 29 February", 2027), ("until February 29, 2029", 2029), ("until the 29th of February next year", 2027)]
)
def test_a_leap_day_of_a_year_without_one_is_one_question(desk: Desk, until: str, year: int) -> None:
    plan = desk.plan(f"[create_discount: create the code {{discount|SPRING}} with {{percent|10%}} off {{until|{until}}}]")
    assert [asked.question for asked in plan.questions] == [f"February {year} has no day 29. Which day did you mean?"]
    assert plan.subtasks[0].args == {"code": "SPRING", "value": "10%"}


def test_a_day_no_month_has_is_asked_about_in_a_search_too(desk: Desk) -> None:
    plan = desk.plan("[find_orders: {order|orders} until 31 november]")
    assert [(asked.field, asked.question) for asked in plan.questions] == [("period", "November has no day 31. Which day did you mean?")]


def test_a_leap_day_of_a_leap_year_is_a_day(desk: Desk) -> None:
    plan = desk.plan("[create_discount: create the code {discount|SPRING} with {percent|10%} off {until|until 29 February 2028}]")
    assert (plan.subtasks[0].args["ends"], plan.questions) == ("2028-03-01T00:00:00+01:00", ())


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("{customer|german customers}", ["Germany"]),
        ("{place|swiss} {customer|customers}", ["Switzerland"]),
        ("french and dutch {customer|buyers}", ["France", "Netherlands"]),
    ],
)
def test_customers_of_a_nation_are_those_in_its_country(desk: Desk, said: str, places: list[str]) -> None:
    plan = desk.plan(f"[find_customers: list {said}]")
    assert (plan.subtasks[0].args, plan.questions, plan.not_done) == ({"places": places}, (), ())


def test_only_customers_of_the_nation_are_tagged(desk: Desk) -> None:
    found, tagged = desk.plan("[tag_customers: tag {customer|our italian customers} with {tag|ciao}]").subtasks
    assert found.args == {"places": ["Italy"]} and tagged.args == {"customers": {"$ref": "s1.customers"}, "add": ["ciao"]}


def test_customers_of_a_kind_nobody_knows_are_not_silently_everyone(desk: Desk) -> None:
    plan = desk.plan("[find_customers: list {customer|our grumpy customers}]")
    assert [plan.text[slice(*told.span)] for told in plan.not_done] == ["grumpy"]
