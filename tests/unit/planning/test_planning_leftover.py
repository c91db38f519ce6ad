import pytest
from desks import Desk


@pytest.mark.parametrize(
    "said",
    [
        "[find_products: list all replacement parts with price and cost]",
        "[find_products: show me our cheapest tent]",
        "[inventory_report: how are the puppy pads]",
    ],
)
def test_a_list_of_what_the_shop_does_not_have_is_no_list_of_everything(desk: Desk, said: str) -> None:
    plan = desk.plan(said)
    assert [question.field for question in plan.questions] == ["products"]
    assert "No product of this shop matches" in plan.questions[0].question


@pytest.mark.parametrize(
    "said", ["[find_products: list our products]", "[find_products: show me the whole catalogue]", "[inventory_report: inventory please]"]
)
def test_a_list_of_everything_is_one_where_everything_was_asked_for(desk: Desk, said: str) -> None:
    assert desk.plan(said).questions == ()


@pytest.mark.parametrize(
    "said",
    [
        "[find_products: list {product|all products from} vendor Nobody]",
        "[write_description: shorten the texts of {product|all products from} vendor Nobody]",
    ],
)
def test_a_restriction_that_nobody_knows_is_asked_about_before_everything_is_read_or_written(desk: Desk, said: str) -> None:
    plan = desk.plan(said)
    assert any("vendor Nobody" in question.question for question in plan.questions)


def test_a_number_of_units_is_asked_about_where_it_may_be_a_count_or_a_delivery(desk: Desk) -> None:
    plan = desk.plan("[adjust_inventory: {quantity|nine} {product|blue mugs}]")
    assert [(question.field, [option.value for option in question.options]) for question in plan.questions] == [("how", ["set", "add", "remove"])]
    [taken] = desk.plan("[adjust_inventory: take {quantity|nine} {product|blue mugs} off the count]").subtasks
    assert taken.args["how"] == "remove"


def test_a_change_to_what_was_found_without_all_that_was_said_is_asked_about(desk: Desk) -> None:
    plan = desk.plan("[find_products: show me products whose title is longer than {quantity|70} letters], [edit_product: archive them]")
    assert [(question.subtask, question.field) for question in plan.questions] == [("s2", "left")]
    assert "70" in plan.questions[0].question


def test_what_is_named_in_quotes_is_the_product_that_is_called_so(desk: Desk) -> None:
    [renamed] = desk.plan('[edit_product: rename product {value|"Blue Ceramic Mug"} to {value|"Sea Mug 24/6"}]').subtasks
    assert desk.titles(renamed, "products") == {"Blue Ceramic Mug"} and renamed.args["title"] == "Sea Mug 24/6"
    [tagged] = desk.plan('[edit_product: tag the product "Blue Ceramic Mug" with "gift"]').subtasks
    assert desk.titles(tagged, "products") == {"Blue Ceramic Mug"} and tagged.args["add_tags"] == ["gift"]


def test_a_month_is_one_whatever_is_said_after_it(desk: Desk) -> None:
    [listed] = desk.plan("[find_orders: count orders from {place|Italy} in June that contain {quantity|3} items]").subtasks
    assert listed.args["period"]["label"] == "June"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("{product|the blue mug} costs us {money|12} now", "cost"),
        ("set the compare-at price of {product|the blue mug} to {money|12}", "compare_at_price"),
    ],
)
def test_what_speaks_against_a_task_is_taken_for_the_one_it_speaks_for(desk: Desk, said: str, field: str) -> None:
    [subtask] = desk.plan(f"[change_price: {said}]").subtasks
    assert subtask.task == "edit_product" and subtask.args[field]["amount"] == "12.00"


def test_less_than_is_a_condition_and_no_amount_to_take_off(desk: Desk) -> None:
    [raised] = desk.plan("[change_price: raise {product|all mugs} that cost less than {money|20} by {percent|10%}]").subtasks
    assert raised.args["price"] == "10%" and "by" not in raised.args
    assert raised.args["variants"]["where"]["price"] == {"below": {"amount": "20.00", "currency": "EUR"}}


@pytest.mark.parametrize(
    ("said", "field"), [("{product|beanies} down {money|5}", "by"), ("take {product|the beanies} down to {money|5}", "price"),
                        ("bring {product|beanies} up to {money|50}", "price")]
)  # fmt: skip
def test_down_five_moves_a_price_and_down_to_five_sets_it(said: str, field: str, desk: Desk) -> None:
    [moved] = desk.plan(f"[change_price: {said}]").subtasks
    assert field in moved.args and {"by", "price"} - {field} - set(moved.args) == {"by", "price"} - {field}


def test_everything_but_some_is_not_these_some(desk: Desk) -> None:
    [hidden] = desk.plan("[edit_product: hide everything except {product|the mugs}]").subtasks
    titles = desk.titles(hidden, "products")
    assert "Blue Ceramic Mug" not in titles and "Beeswax Candle" in titles


@pytest.mark.parametrize(
    "said", ["restock everything that's out of stock with {quantity|20}", "restock {product|the sold out scarves} with {quantity|20}"]
)
def test_what_is_out_of_stock_and_restocked_is_not_marked_as_out_of_stock(said: str, desk: Desk) -> None:
    for subtask in desk.plan(f"[adjust_inventory: {said}]").subtasks:
        assert subtask.args.get("how") == "add" and not subtask.args.get("out_of_stock")
