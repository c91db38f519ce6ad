"""Periods that are set beside each other with "to", "and" or "with" are compared, and make no stretch of days. Today is Friday, 20 November 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from agent.planning.language.periods import find_periods
from agent.planning.language.values import Dates, Terms

MakeTerms = Callable[..., Terms]


def told(text: str, terms: Terms) -> list[tuple[date, date, bool]]:
    found = [value for value in find_periods(text, terms) if isinstance(value, Dates)]
    return [(one.period.start.date(), one.period.end.date(), one.compared) for one in found]


OCTOBER, SEPTEMBER = (date(2026, 10, 1), date(2026, 11, 1)), (date(2026, 9, 1), date(2026, 10, 1))
HERE = (date(2026, 11, 16), date(2026, 11, 21))
WEEK = (date(2026, 11, 9), date(2026, 11, 14))


@pytest.mark.parametrize(
    ("text", "main", "other"),
    [
        ("compare October to September", OCTOBER, SEPTEMBER),
        ("comparing orders in October to September", OCTOBER, SEPTEMBER),
        ("the difference between October and September", OCTOBER, SEPTEMBER),
        ("difference in revenue between October and September", OCTOBER, SEPTEMBER),
        ("compare this week to last week", HERE, WEEK),
        ("revenue this week to last week", HERE, WEEK),
        ("sales this week next to last week", HERE, WEEK),
        ("compare this November to last November", (date(2026, 11, 1), date(2026, 11, 21)), (date(2025, 11, 1), date(2025, 11, 21))),
        ("compare Q3 to Q2", (date(2026, 7, 1), date(2026, 10, 1)), (date(2026, 4, 1), date(2026, 7, 1))),
        ("compare 2024 to 2025", (date(2024, 1, 1), date(2025, 1, 1)), (date(2025, 1, 1), date(2026, 1, 1))),
        ("2025 vs 2024", (date(2025, 1, 1), date(2026, 1, 1)), (date(2024, 1, 1), date(2025, 1, 1))),
        ("compare last weekend to the one before", (date(2026, 11, 14), date(2026, 11, 16)), (date(2026, 11, 7), date(2026, 11, 9))),
    ],
)
def test_what_is_set_beside_is_compared(terms: MakeTerms, text: str, main: tuple[date, date], other: tuple[date, date]) -> None:
    assert told(text, terms()) == [(*main, False), (*other, True)]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("sales from September to October", date(2026, 9, 1), date(2026, 11, 1)),
        ("revenue September to October", date(2026, 9, 1), date(2026, 11, 1)),
        ("orders between September and October", date(2026, 9, 1), date(2026, 11, 1)),
        ("sales November to January", date(2025, 11, 1), date(2026, 2, 1)),
    ],
)
def test_a_stretch_is_still_a_stretch(terms: MakeTerms, text: str, start: date, end: date) -> None:
    assert told(text, terms()) == [(start, end, False)]


def test_a_stretch_compared_with_a_third_stays_whole(terms: MakeTerms) -> None:
    found = told("compare sales from September to October with last year", terms())
    assert found[0] == (date(2026, 9, 1), date(2026, 11, 1), False)
    assert [compared for *_, compared in found] == [False, True]
