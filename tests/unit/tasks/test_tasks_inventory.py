"""adjust_inventory and inventory_report."""

from decimal import Decimal
from typing import Any

import pytest

from agent.sdk import Invalid, Missing, Money, NotFound


def effects(proposal: Any) -> list[tuple[str, str, int, int]]:
    return [(change.op, change.target.label, change.before, change.after) for change in proposal.changes]


@pytest.mark.parametrize(
    ("said", "effect"),
    [
        ({"units": 12, "how": "set"}, ("set", "Blue Ceramic Mug", 40, 12)),
        ({"units": 0, "how": "set"}, ("set", "Blue Ceramic Mug", 40, 0)),
        ({"units": 20, "how": "add"}, ("add", "Blue Ceramic Mug", 40, 20)),
        ({"units": 3, "how": "remove"}, ("add", "Blue Ceramic Mug", 40, -3)),
        ({"out_of_stock": True}, ("set", "Blue Ceramic Mug", 40, 0)),
    ],
)
def test_stock_is_set_or_moved_as_it_was_said(said: dict[str, Any], effect: tuple[str, str, int, int], bench: Any) -> None:
    assert effects(bench.ask("adjust_inventory", variants=bench.products("Blue"), **said)) == [effect]


def test_each_variant_receives_the_units(bench: Any) -> None:
    proposal = bench.ask("adjust_inventory", variants=bench.products("Merino"), units=50, how="add")
    assert effects(proposal) == [("add", "Merino Beanie (Grey)", 20, 50), ("add", "Merino Beanie (Red)", 20, 50)]
    assert str(proposal.summary) == "50 more of each of 2 variants"


def test_a_location_is_taken_by_part_of_its_name(bench: Any) -> None:
    [change] = bench.ask("adjust_inventory", variants=bench.products("Beeswax"), units=5, how="add", location="the Berlin warehouse").changes
    assert (change.before, change.after) == (25, 5)


def test_out_of_stock_means_everywhere(bench: Any) -> None:
    proposal = bench.ask("adjust_inventory", variants=bench.products("Beeswax"), out_of_stock=True)
    assert [(change.before, change.after) for change in proposal.changes] == [(60, 0), (25, 0)]


def test_a_count_of_what_lies_in_two_places_is_the_main_ones_and_says_so(bench: Any) -> None:
    proposal = bench.ask("adjust_inventory", variants=bench.products("Beeswax"), units=40, how="set")
    assert effects(proposal) == [("set", "Beeswax Candle", 60, 40)]
    assert str(proposal.summary) == "Stock of 1 variant at Main set to 40, elsewhere as it is"
    [change] = bench.ask("adjust_inventory", variants=bench.products("Beeswax"), units=40, how="set", location="Berlin").changes
    assert (change.before, change.after) == (25, 40)


@pytest.mark.parametrize(
    ("product", "said", "sentence"),
    [
        ("Blue", {"units": -4, "how": "set"}, "as a number from 0 up"),
        ("Blue", {"units": 41, "how": "remove"}, "only 40 of Blue Ceramic Mug; 41 cannot"),
        ("Gift Card", {"units": 4, "how": "set"}, "is not tracked"),
    ],
)
def test_an_impossible_count_is_refused_with_a_sentence(product: str, said: dict[str, Any], sentence: str, bench: Any) -> None:
    with pytest.raises(Invalid, match=sentence):
        bench.ask("adjust_inventory", variants=bench.products(product), **said)


def test_a_location_that_is_not_there_is_not_found(bench: Any) -> None:
    with pytest.raises(NotFound, match="location matches “Oslo”"):
        bench.ask("adjust_inventory", variants=bench.products("Blue"), units=1, how="add", location="Oslo")


def test_a_number_alone_is_neither_a_count_nor_a_delivery(bench: Any) -> None:
    asked = bench.ask("adjust_inventory", variants=bench.products("Blue"), units=9)
    assert isinstance(asked, Missing)
    assert asked.field == "how"


def test_without_units_it_asks_how_many(bench: Any) -> None:
    asked = bench.ask("adjust_inventory", variants=bench.products("Blue"), how="add")
    assert isinstance(asked, Missing)
    assert asked.field == "units"


def test_what_is_out_and_what_runs_low(bench: Any) -> None:
    assert bench.titles(bench.ask("inventory_report", show="out")) == ["Wool Throw"]
    low = bench.ask("inventory_report")
    assert bench.titles(low) == ["Wool Throw", "Speckled Stoneware Mug"], "archived and draft products do not run low"
    assert str(low.text) == "2 variants are running low."
    assert "at most 5 units" in low.evidence.definition


def test_days_of_cover_and_what_to_reorder_follow_from_the_last_30_days(bench: Any) -> None:
    answer = bench.ask("inventory_report", show="reorder")
    rows = {row[0]: row for row in answer.data.table.rows}
    name, _, stock, sold, cover, order, worth = rows["Speckled Stoneware Mug"]
    assert sold > stock > 0, "the small shop sells more of these than it has"
    assert (cover, order, worth) == ((Decimal(stock * 30) / sold) // 1, sold - stock, Money.of(9 * stock, "EUR")), name
    assert all(row[5] > 0 for row in rows.values())


def test_a_threshold_takes_the_place_of_low(bench: Any) -> None:
    answer = bench.ask("inventory_report", stock={"below": 9}, sort="stock")
    assert [row[2] for row in answer.data.table.rows] == [0, 3, *[8] * 8]
    assert len(answer.data.products.ids) == 3


def test_what_lasts_a_few_days_only(bench: Any) -> None:
    answer = bench.ask("inventory_report", days=20)
    assert all(row[4] <= 20 for row in answer.data.table.rows)
    assert "Wool Throw" in bench.titles(answer)


def test_levels_of_one_place(bench: Any) -> None:
    answer = bench.ask("inventory_report", location="warehouse")
    assert [(row[0], row[2]) for row in bench.ask("inventory_report", show="all", location="warehouse").data.table.rows] == [("Beeswax Candle", 25)]
    assert answer.data.units in (0, 25)


def test_what_the_stock_is_worth_at_cost_says_what_it_left_out(bench: Any) -> None:
    answer = bench.ask("inventory_report", products=bench.products("Blue", "Oak"), show="value")
    assert answer.data.worth == Money.of("280.00", "EUR")
    assert "the cost of 1 variants is not known" in str(answer.text)


@pytest.mark.parametrize(("how", "delta"), [("add", 20), ("remove", -20)])
def test_units_of_what_ran_out_are_units(how: str, delta: int, bench: Any) -> None:
    """ "Add 20 to the mug that ran out", "take 20 mugs out of stock"."""
    proposal = bench.ask("adjust_inventory", variants=bench.products("Blue"), units=20, how=how, out_of_stock=True)
    assert effects(proposal) == [("add", "Blue Ceramic Mug", 40, delta)]


def test_units_of_none_left_without_a_word_on_how_are_refused(bench: Any) -> None:
    with pytest.raises(Invalid, match="both at once cannot be"):
        bench.ask("adjust_inventory", variants=bench.products("Blue"), units=20, out_of_stock=True)


def test_at_both_locations_each_has_the_same_taken_off(bench: Any) -> None:
    beeswax = bench.products("Beeswax")
    once = bench.ask("adjust_inventory", variants=beeswax, units=1, how="remove").changes
    each = bench.ask("adjust_inventory", variants=beeswax, units=1, how="remove", everywhere=True).changes
    assert len(once) == 1
    assert len({change.field for change in each}) == len(each) == 2
