"""change_price: to a price, by an amount, by a share; rounding, old prices, and what it refuses."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from said import moved

from agent.sdk import Invalid, Missing, Money, NotFound
from tasks.change_price.handler import _rounded


def test_a_price_is_set_outright(bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Blue"), price="12.50")
    assert moved(proposal.changes) == {"Blue Ceramic Mug": ("18.00", "12.50")}
    assert str(proposal.summary).startswith("Blue Ceramic Mug from ")


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ({"price": "-15%"}, "15.30"),
        ({"price": "15%", "direction": "down"}, "15.30"),
        ({"price": "-15%", "direction": "down"}, "15.30"),
        ({"price": "10%", "direction": "up"}, "19.80"),
        ({"by": "2.00"}, "20.00"),
        ({"by": "2.00", "direction": "down"}, "16.00"),
        ({"by": "-2.00"}, "16.00"),
        ({"price": "20.00", "direction": "up"}, "20.00"),
    ],
)
def test_a_price_moves_as_it_was_said(said: dict[str, str], after: str, bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Blue"), **said)
    assert moved(proposal.changes) == {"Blue Ceramic Mug": ("18.00", after)}


def test_every_variant_of_a_product_is_repriced(bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Linen"), price="-10%")
    assert len(proposal.changes) == 8
    assert set(moved(proposal.changes).values()) == {("79.00", "71.10")}


@pytest.mark.parametrize(
    ("price", "ending", "after"),
    [
        ("15.30", ".99", "14.99"), ("15.60", ".99", "15.99"), ("15.49", ".99", "14.99"), ("15.60", ".00", "16.00"), ("15.50", ".00", "15.00"),
        ("0.30", ".99", "0.99"), ("0.40", ".00", "1.00"), ("19.95", ".95", "19.95"), ("15.10", ".90", "14.90"),
    ],
)  # fmt: skip
def test_rounding_takes_the_nearest_price_with_that_ending(price: str, ending: str, after: str, bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Blue"), price=price, round_to=ending)
    assert moved(proposal.changes)["Blue Ceramic Mug"][1] == after


def test_the_old_price_is_shown_when_asked_for_and_an_older_one_stays(bench: Any) -> None:
    mug = bench.ask("change_price", variants=bench.products("Blue"), price="-50%", show_old_price=True)
    assert moved(mug.changes, "compare_at_price") == {"Blue Ceramic Mug": ("None", "18.00")}
    dress = bench.ask("change_price", variants=bench.products("Linen"), price="-50%", show_old_price=True)
    assert moved(dress.changes, "compare_at_price") == {}, "the dress is marked down from 99.00 already"


def test_back_to_full_price_takes_only_what_is_marked_down(bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Linen", "Blue"), full_price=True)
    assert set(moved(proposal.changes).values()) == {("79.00", "99.00")}
    assert set(moved(proposal.changes, "compare_at_price").values()) == {("99.00", "None")}
    assert not any(change.target.label == "Blue Ceramic Mug" for change in proposal.changes)


def test_a_price_until_a_date_is_to_be_put_back_then(bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Blue"), price="12.50", until="2026-11-29T23:59:59+01:00")
    assert proposal.restore_at == datetime.fromisoformat("2026-11-29T23:59:59+01:00")


def test_a_price_that_is_so_already_changes_nothing(bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Blue"), price="18.00")
    assert (list(proposal.changes), proposal.restore_at) == ([], None)
    assert str(proposal.summary) == "Nothing needs changing: the prices are so already."


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"price": "0"}, "A price must be more than nothing."),
        ({"price": "-5"}, "A price must be more than nothing."),
        ({"price": "-100%"}, "to nothing or less"),
        ({"price": "250%", "direction": "down"}, "to nothing or less"),
        ({"by": "20.00", "direction": "down"}, "to nothing or less"),
        ({"price": {"amount": "12.50", "currency": "USD"}}, "in EUR, not in USD"),
        ({"by": {"amount": "1", "currency": "JPY"}}, "in EUR, not in JPY"),
        ({"price": "12.50", "by": "1"}, "not both"),
        ({"price": "-10%", "direction": "up"}, "Both were said"),
        ({"price": "12.50", "until": "2026-11-01T00:00:00+01:00"}, "already past"),
    ],
)
def test_an_impossible_price_is_refused_with_a_sentence(said: dict[str, Any], sentence: str, bench: Any) -> None:
    with pytest.raises(Invalid, match=sentence):
        bench.ask("change_price", variants=bench.products("Blue"), **said)


def test_a_price_that_goes_the_other_way_than_was_said_is_left_alone(bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Blue", "Oak", "Speckled"), price="20.00", direction="down")
    assert moved(proposal.changes) == {"Oak Serving Board": ("45.00", "20.00"), "Speckled Stoneware Mug": ("22.00", "20.00")}
    assert str(proposal.summary) == "New prices for 2 variants; 1 would have gone up and stay as they are"
    with pytest.raises(Invalid, match="costs 18.00 EUR; that would raise the price, not lower it"):
        bench.ask("change_price", variants=bench.products("Blue"), price="20.00", direction="down")
    with pytest.raises(Invalid, match="that would lower the price, not raise it"):
        bench.ask("change_price", variants=bench.products("Blue"), price="15.00", direction="up")


def test_without_a_price_it_asks_for_one(bench: Any) -> None:
    asked = bench.ask("change_price", variants=bench.products("Blue"))
    assert isinstance(asked, Missing)
    assert asked.field == "price"


def test_a_selection_of_nothing_is_not_found(bench: Any) -> None:
    with pytest.raises(NotFound, match="moon mug"):
        bench.ask("change_price", variants={"ids": [], "label": "moon mug"}, price="1.00")


@given(cents=st.integers(1, 10_000), ending=st.sampled_from([".99", ".95", ".90", ".50", ".00"]))
def test_a_rounded_price_has_its_ending_and_is_never_more_than_half_a_unit_away_but_near_nothing(cents: int, ending: str) -> None:
    price = Money.from_minor(cents, "EUR")
    rounded = _rounded(price, ending)
    assert str(rounded.amount).endswith(ending)
    assert rounded.minor > 0
    assert abs(rounded.minor - cents) <= 50 or rounded.minor <= 100


@pytest.mark.parametrize(
    ("price", "way", "after"),
    [
        ("12.50", "down", "11.99"), ("9.95", "down", "8.99"), ("9.99", "down", "9.99"), ("12.10", "up", "12.99"), ("9.99", "up", "9.99"),
    ],
)  # fmt: skip
def test_a_way_that_was_said_rounds_that_way(price: str, way: Literal["up", "down"], after: str) -> None:
    assert _rounded(Money(Decimal(price), "EUR"), ".99", way) == Money(Decimal(after), "EUR")


def test_prices_lowered_to_an_ending_never_go_up(bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Blue", "Oak"), round_to=".99", direction="down")
    assert moved(proposal.changes) == {"Blue Ceramic Mug": ("18.00", "17.99"), "Oak Serving Board": ("45.00", "44.99")}
    proposal = bench.ask("change_price", variants=bench.products("Blue"), round_to=".99", direction="up")
    assert moved(proposal.changes) == {"Blue Ceramic Mug": ("18.00", "18.99")}


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ({"price": "2%", "direction": "down", "round_to": ".99"}, "17.99"),
        ({"price": "1%", "direction": "up", "round_to": ".00"}, None),
        ({"by": "0.10", "direction": "down", "round_to": ".00"}, None),
        ({"by": "0.10", "direction": "up", "round_to": ".99"}, "18.99"),
    ],
)
def test_a_move_that_is_rounded_does_not_turn_round(said: dict[str, str], after: str | None, bench: Any) -> None:
    changes = moved(bench.ask("change_price", variants=bench.products("Blue"), **said).changes)
    assert changes == ({"Blue Ceramic Mug": ("18.00", after)} if after else {})


def test_a_price_against_the_way_said_is_refused_though_its_ending_would_save_it(bench: Any) -> None:
    with pytest.raises(Invalid, match="that would raise the price"):
        bench.ask("change_price", variants=bench.products("Blue"), price="18.10", direction="down", round_to=".50")


def test_a_price_below_the_first_ending_is_not_lowered_to_it(bench: Any) -> None:
    with pytest.raises(Invalid, match="to nothing or less"):
        bench.ask("change_price", variants=bench.products("Blue"), by="50.00", direction="down", round_to=".99")
    assert _rounded(Money(Decimal("0.50"), "EUR"), ".99", "down") == Money(Decimal("0.99"), "EUR"), "there is none below, so it is refused"


@pytest.mark.parametrize(
    ("price", "step", "after"),
    [("15.30", "0.50", "15.50"), ("15.20", "0.50", "15.00"), ("15.30", "0.10", "15.30"), ("15.33", "0.05", "15.35"), ("17.60", "5", "20.00")],
)
def test_rounding_to_a_step_takes_the_nearest_multiple(price: str, step: str, after: str, bench: Any) -> None:
    proposal = bench.ask("change_price", variants=bench.products("Blue"), price=price, round_to=step)
    assert moved(proposal.changes)["Blue Ceramic Mug"][1] == after
