"""find_products and edit_product."""

from typing import Any

import pytest
from said import moved, shown

from agent.sdk import Invalid, Missing


@pytest.mark.parametrize(
    ("said", "titles"),
    [
        ({"without": "description"}, ["Beeswax Candle", "Enamel Pot", "Speckled Stoneware Mug"]),
        ({"without": "image"}, ["Enamel Pot"]),
        ({"without": "cost"}, ["Gift Card", "Oak Serving Board"]),
        ({"without": "collection"}, ["Enamel Pot", "Gift Card", "Paisley Scarf"]),
        ({"status": "draft"}, ["Enamel Pot"]),
        ({"status": "archived"}, ["Paisley Scarf"]),
        ({"discounted": True}, ["Linen Summer Dress"]),
        ({"tags": ["GIFT", "new"]}, ["Blue Ceramic Mug"]),
        ({"price": {"below": "22.00"}}, ["Beeswax Candle", "Blue Ceramic Mug"]),
        ({"price": {"at_most": "22.00", "above": "14.00"}}, ["Blue Ceramic Mug", "Speckled Stoneware Mug"]),
        ({"stock": {"at_most": 3}}, ["Paisley Scarf", "Speckled Stoneware Mug", "Wool Throw"]),
        ({"top": 2, "sort": "price_high"}, ["Wool Throw", "Linen Summer Dress"]),
        ({"top": 2, "sort": "price_low"}, ["Beeswax Candle", "Blue Ceramic Mug"]),
        ({"top": 1, "sort": "newest"}, ["Blue Ceramic Mug"]),
        ({"added": {"start": "2026-11-01T00:00:00+01:00", "end": "2026-12-01T00:00:00+01:00"}}, ["Blue Ceramic Mug"]),
        ({"discounted": False, "tags": ["linen"]}, []),
    ],
)
def test_products_are_found_by_what_was_said(said: dict[str, Any], titles: list[str], bench: Any) -> None:
    assert bench.titles(bench.ask("find_products", **said)) == titles


_EVER = {"start": "2020-01-01T00:00:00+01:00", "end": "2030-01-01T00:00:00+01:00"}


@pytest.mark.parametrize(
    ("said", "titles", "variants"),
    [
        ({"rating": {"below": "3"}}, ["Speckled Stoneware Mug"], 1),
        ({"rating": {"at_least": "4"}}, ["Beeswax Candle", "Linen Summer Dress"], 9),
        ({"reviews": {"at_least": 2}}, ["Blue Ceramic Mug"], 1),
        ({"without": "reviews"}, ["Enamel Pot", "Gift Card", "Oak Serving Board", "Paisley Scarf", "Wool Throw"], 5),
        ({"unsold": True}, ["Gift Card"], 1),
        ({"sold": {"below": 3}, "sold_in": _EVER}, ["Enamel Pot", "Gift Card", "Paisley Scarf"], 3),
        ({"sort": "best_selling", "top": 2, "sold_in": _EVER}, ["Blue Ceramic Mug", "Merino Beanie"], 3),
        ({"sort": "worst_rated", "top": 1}, ["Speckled Stoneware Mug"], 1),
        ({"margin": {"below": "1"}}, [], 0),
    ],
)
def test_products_are_found_by_what_they_sold_and_what_is_thought_of_them(said: dict[str, Any], titles: list[str], variants: int, bench: Any) -> None:
    answer = bench.ask("find_products", **said)
    assert (bench.titles(answer), len(answer.data.variants.ids)) == (titles, variants)


def test_what_is_found_can_be_referred_to_and_says_where_it_comes_from(bench: Any) -> None:
    answer = bench.ask("find_products", products=bench.products("Blue", "Linen"), price={"above": "20.00"})
    assert answer.data.products.ids == tuple(bench.products("Linen")["ids"])
    assert len(answer.data.variants.ids) == 8
    assert str(answer.text).startswith("Linen") and str(answer.text).endswith(" in stock.")
    assert answer.evidence.query == "products where products Blue, price above 20.00 EUR"
    assert (answer.evidence.rows, answer.evidence.currency, answer.evidence.time_zone) == (1, "EUR", "Europe/Berlin")


def test_what_goods_cost_the_shop_is_told_where_it_is_known(bench: Any) -> None:
    mug = bench.ask("find_products", products=bench.products("Blue"), cost=True)
    columns = mug.data.table.columns
    cost, margin = columns.index("Cost"), columns.index("Margin %")
    (row,) = mug.data.table.rows
    assert str(row[cost]) in str(mug.text)
    assert row[margin] == round((row[3].amount - row[cost].amount) * 100 / row[3].amount, 1)
    board = bench.ask("find_products", products=bench.products("Oak"), cost=True)
    assert str(board.text).endswith("what it costs the shop is not known.")
    assert board.data.table.rows[0][cost] is None


def test_a_long_list_tells_the_whole_count(bench: Any) -> None:
    answer = bench.ask("find_products", top=3)
    assert str(answer.text) == "10 products match; here are the first 3."
    assert (answer.data.count, len(answer.data.products)) == (10, 3)


def test_gift_cards_without_tracked_stock_have_none_to_show(bench: Any) -> None:
    answer = bench.ask("find_products", products=bench.products("Gift Card"))
    assert answer.data.table.rows[0][4] is None


@pytest.mark.parametrize(
    ("said", "field", "before", "after"),
    [
        ({"title": " Ocean Mug "}, "title", "Blue Ceramic Mug", "Ocean Mug"),
        ({"description": "Holds 300 ml."}, "description", "Glazed in our own blue. Holds 300 ml.", "Holds 300 ml."),
        ({"status": "archived"}, "status", "active", "archived"),
        ({"vendor": "Acme"}, "vendor", "Acme Pottery", "Acme"),
        ({"product_type": "Cups"}, "product_type", "Mugs", "Cups"),
        ({"add_tags": ["sea", "Gift"]}, "tags", "['gift', 'new']", "['gift', 'new', 'sea']"),
        ({"remove_tags": ["NEW"]}, "tags", "['gift', 'new']", "['gift']"),
        ({"add_tags": ["sea"], "remove_tags": ["new"]}, "tags", "['gift', 'new']", "['gift', 'sea']"),
    ],
)
def test_one_thing_about_a_product_is_edited(said: dict[str, Any], field: str, before: str, after: str, bench: Any) -> None:
    [change] = bench.ask("edit_product", products=bench.products("Blue"), **said).changes
    assert (change.field, shown(change.before), shown(change.after)) == (field, before, after)


def test_many_products_are_edited_at_once_and_those_that_are_so_already_are_left_out(bench: Any) -> None:
    proposal = bench.ask("edit_product", products=bench.products("Blue", "Beeswax", "Merino"), add_tags=["gift"])
    assert moved(proposal.changes, "tags") == {"Merino Beanie": ("['wool']", "['wool', 'gift']")}
    assert str(proposal.summary) == "Edit Merino Beanie"


def test_nothing_to_change_is_said(bench: Any) -> None:
    proposal = bench.ask("edit_product", products=bench.products("Blue"), status="active")
    assert (list(proposal.changes), str(proposal.summary)) == ([], "Nothing needs changing: it is so already.")


def test_without_anything_to_change_it_asks_what(bench: Any) -> None:
    assert isinstance(bench.ask("edit_product", products=bench.products("Blue")), Missing)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"title": "  "}, "title cannot be empty"),
        ({"title": "x" * 256}, "at most 255 characters; this one has 256"),
        ({"add_tags": ["sea"], "remove_tags": ["SEA"]}, "both to be added and to be removed"),
    ],
)
def test_an_impossible_edit_is_refused_with_a_sentence(said: dict[str, Any], sentence: str, bench: Any) -> None:
    with pytest.raises(Invalid, match=sentence):
        bench.ask("edit_product", products=bench.products("Blue"), **said)


def test_several_products_do_not_get_one_title(bench: Any) -> None:
    with pytest.raises(Invalid, match="2 products would all be called"):
        bench.ask("edit_product", products=bench.products("Blue", "Oak"), title="Ocean")


def test_words_are_put_before_and_after_titles_once(bench: Any) -> None:
    proposal = bench.ask("edit_product", products=bench.products("Blue", "Beeswax"), title_before="3 for 2:", title_after="Candle")
    assert {change.after for change in proposal.changes} == {"3 for 2: Blue Ceramic Mug Candle", "3 for 2: Beeswax Candle"}


def test_words_are_added_to_what_a_description_says_already_and_replace_nothing(bench: Any) -> None:
    (change,) = bench.ask("edit_product", products=bench.products("Blue"), description_after="Dishwasher safe.").changes
    assert change.before and change.after == f"{change.before} Dishwasher safe."
    (change,) = bench.ask("edit_product", products=bench.products("Blue"), description_before="New.").changes
    assert change.after == f"New. {change.before}"


def test_old_prices_and_costs_are_set_and_taken_away_of_every_variant(bench: Any) -> None:
    proposal = bench.ask("edit_product", products=bench.products("Linen"), no_compare_at_price=True, cost={"amount": "21.00", "currency": "EUR"})
    assert {(change.field, shown(change.after)) for change in proposal.changes} == {("compare_at_price", "None"), ("cost", "21.00")}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"compare_at_price": {"amount": "1.00", "currency": "EUR"}}, "must be higher"),
        ({"cost": {"amount": "0.00", "currency": "EUR"}}, "must be more than nothing"),
        ({"compare_at_price": {"amount": "99.00", "currency": "EUR"}, "no_compare_at_price": True}, "both set and taken away"),
        ({"title_after": "x" * 255}, "at most 255"),
        ({"compare_at_price": {"amount": "99.00", "currency": "USD"}}, "sells in EUR, not in USD"),
        ({"cost": {"amount": "3.00", "currency": "GBP"}}, "sells in EUR, not in GBP"),
    ],
)
def test_impossible_old_prices_costs_and_titles_are_refused(said: dict[str, Any], sentence: str, bench: Any) -> None:
    with pytest.raises(Invalid, match=sentence):
        bench.ask("edit_product", products=bench.products("Blue"), **said)
