"""Words of a clause as typed values, in a shop that sells in euros."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from agent.planning.language.normalise import normalise
from agent.planning.language.normalise_numbers import TwoWays, read_digits, read_spelled
from agent.planning.language.values import Ending, Impossible, Named, Number, Range, Share, Terms, Top, Words
from agent.records.reading import SlotSpan

MakeTerms = Callable[..., Terms]


def only(text: str, terms: Terms) -> Any:
    found = normalise(text, 0, len(text), (), terms).items
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [
        ("put it at 12.50", "12.50", None), ("€12,50", "12.50", "EUR"), ("12 euros", "12", "EUR"), ("12 €", "12", "EUR"), ("EUR 12", "12", "EUR"),
        ("1,299.00 euros", "1299.00", "EUR"), ("1.299,00 euros", "1299.00", "EUR"), ("thirty nine", "39", None),
        ("a hundred and twenty", "120", None),
        ("12.5k euros", "12500", "EUR"), ("50 cents", "0.5", "EUR"), ("a price of -5", "-5", None), ("1,299 euros", "1299", "EUR"),
    ],
)  # fmt: skip
def test_an_amount_is_read_however_it_is_written(said: str, amount: str, currency: str | None, terms: MakeTerms) -> None:
    found = only(said, terms())
    assert isinstance(found, Number)
    assert (found.amount, found.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("$5", "This shop sells in EUR, but you said 5 USD"), ("1.299 euros", "Did you mean €1.30 or €1,299.00?"),
        ("1,299,00", "could not be read as a number"),
        ("1.2.3.4", "could not be read as a number"), ("make the mug free", "a price must be more than nothing"),
        ("set the price to nothing", "more than nothing"),
    ],
)  # fmt: skip
def test_an_amount_that_cannot_be_meant_is_a_question(said: str, asks: str, terms: MakeTerms) -> None:
    found = only(said, terms())
    assert isinstance(found, Impossible)
    assert asks in found.question


def test_dollars_are_the_shops_own_where_it_sells_in_some_kind_of_dollar(terms: MakeTerms) -> None:
    found = only("$5", terms(currency="CAD", locale="en-CA"))
    assert found == Number(start=0, end=2, amount=Decimal(5), currency="CAD")


@pytest.mark.parametrize(
    ("said", "signed"),
    [
        ("cut it by 15%", "-15"), ("15 percent off", "-15"), ("raise it 5 per cent", "5"), ("increase by twenty-five percent", "25"),
        ("half price", "-50"),
        ("cut by a fifth", "-20"), ("half off", "-50"), ("20% cheaper", "-20"), ("10% more", "10"), ("mark it down 12.5%", "-12.5"), ("-5%", "-5"),
        ("halve the price", "-50"), ("a third off", "-33.33"),
    ],
)  # fmt: skip
def test_a_percentage_points_the_way_its_words_do(said: str, signed: str, terms: MakeTerms) -> None:
    found = only(said, terms())
    assert isinstance(found, Share)
    assert found.signed == Decimal(signed)


@pytest.mark.parametrize(
    ("said", "bounds", "unit", "currency"),
    [
        ("over 100", {"above": 100}, "", None), ("at least 3 orders", {"at_least": 3}, "order", None),
        ("more than two orders", {"above": 2}, "order", None),
        ("between 10 and 20 euros", {"at_least": 10, "at_most": 20}, "", "EUR"), ("10-20 euros", {"at_least": 10, "at_most": 20}, "", "EUR"),
        ("under 5", {"below": 5}, "", None), ("up to 50 euros", {"at_most": 50}, "", "EUR"), ("2 stars or less", {"at_most": 2}, "star", None),
        ("5+ orders", {"at_least": 5}, "order", None), ("fewer than 10 units", {"below": 10}, "unit", None),
        (">= 3 stars", {"at_least": 3}, "star", None),
        ("no more than 3 pieces", {"at_most": 3}, "unit", None),
    ],
)  # fmt: skip
def test_a_condition_on_a_number_keeps_its_bounds(said: str, bounds: dict[str, int], unit: str, currency: str | None, terms: MakeTerms) -> None:
    found = only(said, terms())
    assert isinstance(found, Range)
    named = {name: getattr(found, name) for name in ("at_least", "above", "at_most", "below") if getattr(found, name) is not None}
    assert (named, found.unit, found.currency) == ({k: Decimal(v) for k, v in bounds.items()}, unit, currency)


@pytest.mark.parametrize(
    ("said", "n", "lowest"),
    [
        ("top 5 products", 5, False),
        ("the worst three products", 3, True),
        ("bottom 10", 10, True),
        ("the 5 most expensive", 5, False),
        ("last 10 orders", 10, False),
    ],
)
def test_the_first_of_a_ranking_are_counted(said: str, n: int, lowest: bool, terms: MakeTerms) -> None:
    found = only(said, terms())
    assert isinstance(found, Top)
    assert (found.n, found.lowest) == (n, lowest)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("show order #1042", Named(start=11, end=16, kind="order", text="#1042", said="#1042")),
        ("write to anna@example.com", Named(start=9, end=25, kind="email", text="anna@example.com", said="anna@example.com")),
        ("the code SUMMER20", Named(start=9, end=17, kind="code", text="SUMMER20", said="code SUMMER20")),
        ("prices ending in .99", Ending(start=7, end=20, cents=Decimal("0.99"))),
        ("round to .95", Ending(start=0, end=12, cents=Decimal("0.95"))),
    ],
)
def test_what_is_known_by_its_form_is_found(said: str, value: Any, terms: MakeTerms) -> None:
    assert only(said, terms()) == value


def test_digits_in_a_name_are_no_amount(terms: MakeTerms) -> None:
    text = "rename it to 'Mug 2' and tag it x100"
    slots = [SlotSpan(kind="tag", start=text.index("x100"), end=len(text), confidence=0.9)]
    found = normalise(text, 0, len(text), slots, terms()).items
    assert [type(value) for value in found] == [Words, Words]
    assert [value.text for value in found if isinstance(value, Words)] == ["Mug 2", "x100"]


def test_free_shipping_is_no_price_of_nothing(terms: MakeTerms) -> None:
    assert normalise("make a free shipping code", 0, 25, (), terms()).items == ()


def test_the_red_one_is_no_number(terms: MakeTerms) -> None:
    assert normalise("the red one too", 0, 15, (), terms()).items == ()


@pytest.mark.parametrize("words", ["thirty nine", "ninety-nine", "one hundred and five", "two thousand", "half a dozen", "a dozen", "twelve hundred"])
def test_numbers_in_words_add_up(words: str) -> None:
    known = {
        "thirty nine": 39,
        "ninety-nine": 99,
        "one hundred and five": 105,
        "two thousand": 2000,
        "half a dozen": 6,
        "a dozen": 12,
        "twelve hundred": 1200,
    }
    assert read_spelled(words) == known[words]


def test_two_numbers_beside_each_other_are_not_added() -> None:
    assert read_spelled("five six") is None


_LOCALES = st.sampled_from(["en-GB", "en-US", "de-DE", "fr-FR", "es-ES", "nl-NL"])


@given(cents=st.integers(1, 10**9), locale=_LOCALES)
def test_money_that_was_written_in_a_locale_is_read_back(cents: int, locale: str) -> None:
    amount = Decimal(cents) / 100
    written = format_decimal(amount, format="#,##0.00", locale=locale.replace("-", "_")).replace("\u202f", ".").replace("\xa0", ".")
    assert read_digits(written, locale) == amount


@given(n=st.integers(0, 999_999), locale=_LOCALES)
def test_whole_numbers_are_read_back_or_asked_about_never_taken_for_another(n: int, locale: str) -> None:
    written = format_decimal(n, locale=locale.replace("-", "_")).replace("\u202f", ".").replace("\xa0", ".")
    found = read_digits(written, locale)
    assert found == n or (isinstance(found, TwoWays) and n in found.readings)


@given(cents=st.integers(1, 10**7))
def test_an_amount_with_its_currency_survives_a_sentence(cents: int, terms: MakeTerms) -> None:
    written = format_currency(Decimal(cents) / 100, "EUR", locale="en_GB")
    text = f"set the mug to {written}, please"
    (found,) = normalise(text, 0, len(text), (), terms()).items
    assert isinstance(found, Number) and found.amount == Decimal(cents) / 100 and found.currency == "EUR"
