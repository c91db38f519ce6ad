"""Sentences and values, as people of each locale read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from agent.reply import Renderer
from agent.sdk import Money, Percent, Period, Sentence, count, say


@pytest.mark.parametrize(
    ("locale", "value", "shown"),
    [
        ("en-GB", Money.of("1299.5", "EUR"), "€1,299.50"),
        ("de-DE", Money.of("1299.5", "EUR"), "1.299,50\N{NO-BREAK SPACE}€"),
        ("en", Money.of("1299", "JPY"), "¥1,299"),
        ("en", Percent.of("-12.5"), "-12.5%"),
        ("en", 12_345, "12,345"),
        ("en", Decimal("0.25"), "0.25"),
        ("en", date(2026, 11, 22), "22 Nov 2026"),
        ("en", None, "–"),
        ("en", True, "yes"),
        ("xx-nonsense", 12_345, "12,345"),
    ],
)
def test_values_are_shown_by_locale(locale: str, value: Any, shown: str) -> None:
    assert Renderer(locale).value(value) == shown


def test_a_period_is_shown_with_its_last_day_in_the_shops_time_zone() -> None:
    october = Period(start=datetime(2026, 9, 30, 22, tzinfo=UTC), end=datetime(2026, 10, 31, 23, tzinfo=UTC), label="last month")
    assert Renderer("en", "Europe/Berlin").value(october) == "last month (1 Oct 2026 – 31 Oct 2026)"


@pytest.mark.parametrize(("n", "shown"), [(0, "0 products"), (1, "1 product"), (2, "2 products")])
def test_counts_take_the_right_form(n: int, shown: str) -> None:
    assert Renderer("en")(count("{n} product", "{n} products", n)) == shown


def test_a_sentence_within_a_sentence_is_rendered_too() -> None:
    inner: Sentence = say("{m} each", m=Money.of(2, "EUR"))
    assert Renderer("en")(say("Mugs: {what}", what=inner)) == "Mugs: €2.00 each"
