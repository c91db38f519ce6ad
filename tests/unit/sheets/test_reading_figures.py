"""What cells with figures say, however a shop's country writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from agent.sheets.numbers import Sign, decimal_sign, figure, is_currency, may_be

AMOUNTS = st.decimals(Decimal("0.01"), Decimal("9999999.99"), places=2)


@given(AMOUNTS, st.sampled_from(["en_US", "de_DE", "fr_FR", "de_CH", "sv_SE", "pl_PL", "en_IN"]))
def test_an_amount_written_as_a_country_writes_it_is_read_back(amount: Decimal, locale: str) -> None:
    plain = format_decimal(amount, "#,##0.00", locale=locale)
    if locale != "en_IN" or amount < 100_000:  # in India thousands are grouped by two, and such a group is told as no figure
        assert figure(plain, decimal_sign([plain])).value == amount
    assert figure(f"{amount}", ".").value == amount


@given(AMOUNTS, st.sampled_from(["EUR", "GBP", "USD", "CHF"]), st.sampled_from(["en_GB", "de_DE"]))
def test_its_currency_is_read_with_it(amount: Decimal, currency: str, locale: str) -> None:
    text = format_currency(amount, currency, locale=locale)
    read = figure(text, decimal_sign([text]))
    assert read.value == amount and is_currency(read.mark) and may_be(read.mark, currency)
    assert not may_be(read.mark, "JPY")


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["12,50", "1.299"], ","), (["12.50", "1,299"], "."), (["1.299", "2.500"], "?"), (["12", "7"], ""), (["12,50", "12.50"], ""),
        (["1.234.567"], ","), (["abc", ""], ""), (["12,-", "1.299"], ","),
    ],
)  # fmt: skip
def test_a_column_says_what_stands_before_its_decimals(cells: list[str], sign: Sign) -> None:
    assert decimal_sign(cells) == sign


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12,-", "12"), ("(3.50)", "-3.50"), ("3-", "-3"), ("+5", "5"), ("1'299.00", "1299.00"), ("1 299,00", "1299.00"), ("€ 12", "12"),
        ("12 kr", "12"), ("−4", "-4"), (".5", "0.5"), ("$-5", "-5"), ("0.125", "0.125"),
    ],
)  # fmt: skip
def test_figures_are_read_as_accounts_and_shops_write_them(text: str, value: str) -> None:
    assert figure(text, "").value == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "12%", "=1+1", "1e5", "1,2,3", "1.2.3", "12 13 apples", "--5", "12.50.1", "1,23.456,7"])
def test_what_is_no_figure_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="figure"):
        figure(text, ".")


def test_what_could_be_two_figures_is_told_where_the_column_does_not_settle_it() -> None:
    assert (figure("1.299", ".").value, figure("1.299", ",").value) == (Decimal("1.299"), Decimal(1299))
    with pytest.raises(ValueError, match="thousands or as decimals"):
        figure("1.299", "")


@given(st.text(max_size=20), st.sampled_from([".", ",", "", "?"]))
def test_no_text_breaks_it(text: str, sign: Sign) -> None:
    try:
        assert figure(text, sign).value.is_finite()
    except ValueError as told:
        assert str(told)
