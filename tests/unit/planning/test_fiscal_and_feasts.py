"""Fiscal years, feasts by country, numbered weeks, years beside what they count, and the day a request says is today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.planning.language.normalise import normalise
from agent.planning.language.periods import find_periods
from agent.planning.language.reference import as_of, reference
from agent.planning.language.values import Dates, Terms

BERLIN = ZoneInfo("Europe/Berlin")
TERMS = Terms(currency="EUR", locale="en-GB", now=datetime(2026, 11, 22, 10, tzinfo=BERLIN))


def days(text: str, terms: Terms = TERMS) -> tuple[str, str]:
    """The first and the last day of the one period said."""
    (found,) = find_periods(text, terms)
    assert isinstance(found, Dates)
    return found.period.start.date().isoformat(), (found.period.end - timedelta(microseconds=1)).date().isoformat()


@pytest.mark.parametrize(
    ("said", "starts", "first", "last"),
    [
        ("revenue this fiscal year", 4, "2026-04-01", "2026-11-22"),
        ("revenue last fiscal year", 4, "2025-04-01", "2026-03-31"),
        ("revenue in the last financial year", 7, "2025-07-01", "2026-06-30"),
        ("revenue in FY2026", 4, "2025-04-01", "2026-03-31"),
        ("revenue in FY26", 10, "2025-10-01", "2026-09-30"),
        ("revenue in fiscal year 2025", 1, "2025-01-01", "2025-12-31"),
        ("revenue in fiscal Q1", 4, "2026-04-01", "2026-06-30"),
        ("revenue in Q4 FY2026", 4, "2026-01-01", "2026-03-31"),
        ("revenue in the fiscal year to date", 10, "2026-10-01", "2026-11-22"),
    ],
)
def test_a_fiscal_year_begins_with_the_shops_month_and_is_named_by_the_year_it_ends_in(said: str, starts: int, first: str, last: str) -> None:
    assert days(said, replace(TERMS, fiscal_year_starts=starts)) == (first, last)


@pytest.mark.parametrize(
    ("said", "zone", "first"),
    [
        ("sales on Thanksgiving 2025", "America/New_York", "2025-11-27"),
        ("sales on Thanksgiving 2025", "America/Toronto", "2025-10-13"),
        ("sales on Black Friday 2025", "America/Toronto", "2025-11-28"),
        ("sales on Black Friday 2025", "Europe/Berlin", "2025-11-28"),
        ("sales on Mother's Day 2026", "Europe/Berlin", "2026-05-10"),
        ("sales on mothers day 2026", "Europe/London", "2026-03-15"),
        ("sales on Mother’s Day 2026", "Europe/Paris", "2026-05-31"),
        ("sales on Father's Day 2026", "America/New_York", "2026-06-21"),
        ("sales on Father's Day 2026", "Europe/Berlin", "2026-05-14"),
        ("sales on Father's Day 2026", "Australia/Sydney", "2026-09-06"),
        ("sales on Labour Day 2026", "Europe/Berlin", "2026-05-01"),
        ("sales on Labor Day 2026", "America/New_York", "2026-09-07"),
        ("sales on Memorial Day 2026", "America/New_York", "2026-05-25"),
    ],
)
def test_a_feast_is_on_the_day_the_shops_country_keeps_it(said: str, zone: str, first: str) -> None:
    terms = replace(TERMS, now=datetime(2026, 11, 22, 10, tzinfo=ZoneInfo(zone)))
    assert days(said, terms) == (first, first)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("revenue in week 47", "2026-11-16", "2026-11-22"),
        ("revenue in the last 7 days", "2026-11-15", "2026-11-21"),
        ("revenue last week", "2026-11-09", "2026-11-15"),
        ("2025 sales by country", "2025-01-01", "2025-12-31"),
        ("gross sales 2025, new versus repeat customers", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_week_or_year_is_the_calendars(said: str, first: str, last: str) -> None:
    assert days(said) == (first, last)


@pytest.mark.parametrize(
    ("said", "locale", "day"),
    [
        ("Today is 3/15/2023, generate a report for last month", "en-US", date(2023, 3, 15)),
        ("Today is 4/3/2023. How did we do this month?", "en-US", date(2023, 4, 3)),
        ("Today is 4/3/2023. How did we do this month?", "en-GB", date(2023, 3, 4)),
        ("assume today's date is 9 December 2011, what did we sell last week", "en-GB", date(2011, 12, 9)),
        ("What did we sell last week? Today is Friday, 9 December 2011.", "en-GB", date(2011, 12, 9)),
    ],
)
def test_a_request_may_say_what_day_it_is(said: str, locale: str, day: date) -> None:
    found = reference(said, replace(TERMS, locale=locale))
    assert found is not None and found[0] == day
    start, end = found[1]
    assert "2023" not in said[:start] + said[end:] and "2011" not in said[:start] + said[end:]


@pytest.mark.parametrize("said", ["Is the sale today?", "today is a good day, show the orders", "Today is 3/15/2023", "what did we sell today"])
def test_a_request_that_says_no_date_or_asks_nothing_else_sets_none(said: str) -> None:
    assert reference(said, TERMS) is None


def test_what_is_relative_is_measured_from_the_day_that_was_said() -> None:
    assert days("revenue last month", as_of(TERMS, date(2023, 3, 15))) == ("2023-02-01", "2023-02-28")
    assert days("revenue over the last 45 days", as_of(TERMS, date(2023, 3, 15))) == ("2023-01-29", "2023-03-14")


@pytest.mark.parametrize(
    ("said", "main", "compared"),
    [
        ("revenue on Black Friday 2025 vs the year before", "2025-11-28", "2024-11-29"),
        ("Black Friday sales last year vs the year before", "2025-11-28", "2024-11-29"),
        ("revenue on Black Friday compared to the previous one", "2025-11-28", "2024-11-29"),
        ("what we made this Easter compared to last Easter", "2026-04-03", "2025-04-18"),
        ("Easter sales 2026 vs 2025", "2026-04-03", "2025-04-18"),
        ("mother's day revenue 2026 vs 2025", "2026-05-10", "2025-05-11"),
        ("compare October with last October", "2026-10-01", "2025-10-01"),
        ("compare October 2025 with the year before", "2025-10-01", "2024-10-01"),
    ],
)
def test_the_year_before_of_a_feast_is_that_feast_a_year_earlier(said: str, main: str, compared: str) -> None:
    found = [value for value in find_periods(said, TERMS) if isinstance(value, Dates)]
    assert [(value.period.start.date().isoformat(), value.compared) for value in found] == [(main, False), (compared, True)]


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("Christmas sales last year", "2025-12-01", "2025-12-26"),
        ("xmas revenue 2024 by channel", "2024-12-01", "2024-12-26"),
        ("how the Christmas season went last year", "2025-12-01", "2025-12-26"),
        ("Easter orders 2026", "2026-04-03", "2026-04-06"),
        ("Halloween orders last year", "2025-10-31", "2025-10-31"),
        ("what we sold over Christmas 2025", "2025-12-24", "2025-12-26"),
        ("sales of Christmas cards in October", "2026-10-01", "2026-10-31"),
    ],
)
def test_a_feast_before_figures_is_their_time(said: str, first: str, last: str) -> None:
    assert days(said) == (first, last)


@pytest.mark.parametrize("said", ["October revenue by country in 2024", "October revenue 2024", "Black Friday revenue in 2024"])
def test_a_year_said_apart_is_part_of_its_time_and_no_number_beside_it(said: str) -> None:
    values = normalise(said, 0, len(said), (), TERMS).items
    assert [type(value) for value in values] == [Dates]
