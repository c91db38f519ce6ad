"""Days and periods as merchants say them. Today is Friday, 20 November 2026, noon in Berlin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.planning.language.feasts import easter
from agent.planning.language.periods import find_periods
from agent.planning.language.values import Dates, Impossible, Starting, Terms, Until

MakeTerms = Callable[..., Terms]


def days(value: object) -> tuple[str, str]:
    assert isinstance(value, Dates)
    return value.period.start.date().isoformat(), value.period.end.date().isoformat()


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("what sold today", "2026-11-20", "2026-11-21"),
        ("orders from yesterday", "2026-11-19", "2026-11-20"),
        ("sales last week", "2026-11-09", "2026-11-16"),
        ("sales this week", "2026-11-16", "2026-11-21"),
        ("revenue last month", "2026-10-01", "2026-11-01"),
        ("revenue this month so far", "2026-11-01", "2026-11-21"),
        ("revenue last quarter", "2026-07-01", "2026-10-01"),
        ("revenue this year", "2026-01-01", "2026-11-21"),
        ("the week before last", "2026-11-02", "2026-11-09"),
        ("over the last 7 days", "2026-11-13", "2026-11-20"),
        ("revenue for calendar week 33", "2026-08-10", "2026-08-17"),
        ("what we sold in week 12 of 2025", "2025-03-17", "2025-03-24"),
        ("orders in KW 50", "2025-12-08", "2025-12-15"),
        ("week 53 of 2020", "2020-12-28", "2021-01-04"),
        ("in the past 3 months", "2026-08-20", "2026-11-20"),
        ("in the last couple of weeks", "2026-11-06", "2026-11-20"),
        ("since Monday", "2026-11-16", "2026-11-21"),
        ("since last week", "2026-11-09", "2026-11-21"),
        ("since March 2025", "2025-03-01", "2026-11-21"),
        ("orders before 2024", "2000-01-01", "2024-01-01"),
        ("in November 2011", "2011-11-01", "2011-12-01"),
        ("in October", "2026-10-01", "2026-11-01"),
        ("in December", "2025-12-01", "2026-01-01"),
        ("last November", "2025-11-01", "2025-12-01"),
        ("in Q3 2025", "2025-07-01", "2025-10-01"),
        ("the first half of 2024", "2024-01-01", "2024-07-01"),
        ("in 2011", "2011-01-01", "2012-01-01"),
        ("between 1 and 15 March", "2026-03-01", "2026-03-16"),
        ("from March to May 2024", "2024-03-01", "2024-06-01"),
        ("between November and January", "2025-11-01", "2026-02-01"),
        ("from 2025-01-01 to 2025-01-31", "2025-01-01", "2025-02-01"),
        ("on 15 March", "2026-03-15", "2026-03-16"),
        ("on March 15th, 2023", "2023-03-15", "2023-03-16"),
        ("on 3/4/2026", "2026-04-03", "2026-04-04"),
        ("on 3/15/2023", "2023-03-15", "2023-03-16"),
        ("on 15.03.2023", "2023-03-15", "2023-03-16"),
        ("on Monday", "2026-11-16", "2026-11-17"),
        ("last Friday", "2026-11-13", "2026-11-14"),
        ("from Friday to Monday", "2026-11-13", "2026-11-17"),
        ("last weekend", "2026-11-14", "2026-11-16"),
        ("on Black Friday", "2025-11-28", "2025-11-29"),
        ("on Black Friday 2024", "2024-11-29", "2024-11-30"),
        ("over Christmas last year", "2025-12-24", "2025-12-27"),
        ("last summer", "2026-06-01", "2026-09-01"),
        ("summer 2024", "2024-06-01", "2024-09-01"),
        ("year to date", "2026-01-01", "2026-11-21"),
        ("3 days ago", "2026-11-17", "2026-11-18"),
        ("Black Friday revenue last year", "2025-11-28", "2025-11-29"),
        ("October sales by country last year", "2025-10-01", "2025-11-01"),
        ("revenue in September and October", "2026-09-01", "2026-11-01"),
        ("the first two weeks of last month", "2026-10-01", "2026-10-15"),
        ("what is behind the fall in revenue this year", "2026-01-01", "2026-11-21"),
        ("sales went up on Monday", "2026-11-16", "2026-11-17"),
    ],
)
def test_a_period_is_the_days_it_names(said: str, start: str, end: str, terms: MakeTerms) -> None:
    (found,) = find_periods(said, terms())
    assert days(found) == (start, end)


@pytest.mark.parametrize(
    ("said", "main", "compared"),
    [
        ("last week vs the week before", ("2026-11-09", "2026-11-16"), ("2026-11-02", "2026-11-09")),
        ("last Saturday compared to the Saturday before", ("2026-11-14", "2026-11-15"), ("2026-11-07", "2026-11-08")),
        ("how was Friday against the Friday before", ("2026-11-20", "2026-11-21"), ("2026-11-13", "2026-11-14")),
        ("how did Monday go compared to the previous Monday", ("2026-11-16", "2026-11-17"), ("2026-11-09", "2026-11-10")),
        ("revenue in October vs the October before", ("2026-10-01", "2026-11-01"), ("2025-10-01", "2025-11-01")),
        ("compare last weekend with the weekend before", ("2026-11-14", "2026-11-16"), ("2026-11-07", "2026-11-09")),
        ("orders this month compared to the one before", ("2026-11-01", "2026-11-21"), ("2026-10-01", "2026-10-21")),
        ("how was Black Friday compared to the one last year", ("2025-11-28", "2025-11-29"), ("2024-11-29", "2024-11-30")),
        ("this month vs last year", ("2026-11-01", "2026-11-21"), ("2025-11-01", "2025-11-21")),
        ("this year compared to last year", ("2026-01-01", "2026-11-21"), ("2025-01-01", "2025-11-21")),
        ("last month against the same period last year", ("2026-10-01", "2026-11-01"), ("2025-10-01", "2025-11-01")),
        ("compare last month to the month before", ("2026-10-01", "2026-11-01"), ("2026-09-01", "2026-10-01")),
        ("November 2011 vs October", ("2011-11-01", "2011-12-01"), ("2011-10-01", "2011-11-01")),
        ("the last 7 days vs the 7 days before", ("2026-11-13", "2026-11-20"), ("2026-11-06", "2026-11-13")),
        ("last month year over year", ("2026-10-01", "2026-11-01"), ("2025-10-01", "2025-11-01")),
        ("this month vs last month", ("2026-11-01", "2026-11-21"), ("2026-10-01", "2026-10-21")),
        ("this month vs all of last month", ("2026-11-01", "2026-11-21"), ("2026-10-01", "2026-11-01")),
        ("this quarter against last quarter", ("2026-10-01", "2026-11-21"), ("2026-07-01", "2026-08-21")),
        ("November vs October", ("2026-11-01", "2026-11-21"), ("2026-10-01", "2026-10-21")),
        ("this month against the same days last month", ("2026-11-01", "2026-11-21"), ("2026-10-01", "2026-10-21")),
        ("last week versus the same week last year", ("2026-11-09", "2026-11-16"), ("2025-11-10", "2025-11-17")),
        ("the first 10 days of November vs the same days in October", ("2026-11-01", "2026-11-11"), ("2026-10-01", "2026-10-11")),
        ("for October and compare it with last October", ("2026-10-01", "2026-11-01"), ("2025-10-01", "2025-11-01")),
        ("Black Friday sales against 2024", ("2025-11-28", "2025-11-29"), ("2024-11-29", "2024-11-30")),
        ("did Black Friday last year beat Cyber Monday", ("2025-11-28", "2025-11-29"), ("2025-12-01", "2025-12-02")),
        ("changed since last month", ("2026-11-01", "2026-11-21"), ("2026-10-01", "2026-10-21")),
    ],
)
def test_a_comparison_is_measured_from_the_period_before_it(said: str, main: tuple[str, str], compared: tuple[str, str], terms: MakeTerms) -> None:
    first, second = find_periods(said, terms())
    assert (days(first), days(second)) == (main, compared)
    assert [getattr(value, "compared", None) for value in (first, second)] == [False, True]


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("until Sunday", "2026-11-23T00:00:00+01:00"),
        ("until Friday", "2026-11-21T00:00:00+01:00"),
        ("until tomorrow", "2026-11-22T00:00:00+01:00"),
        ("until the end of the month", "2026-12-01T00:00:00+01:00"),
        ("until 31 March", "2027-04-01T00:00:00+02:00"),
        ("through Christmas", "2026-12-26T00:00:00+01:00"),
        ("by next Friday", "2026-11-28T00:00:00+01:00"),
        ("for a week", "2026-11-28T00:00:00+01:00"),
        ("for the next 48 hours", "2026-11-22T12:00:00+01:00"),
    ],
)
def test_something_ends_when_the_day_it_ends_on_is_over(said: str, moment: str, terms: MakeTerms) -> None:
    (found,) = find_periods(said, terms())
    assert isinstance(found, Until)
    assert found.moment.isoformat() == moment


def test_an_end_in_the_past_is_a_question(terms: MakeTerms) -> None:
    (found,) = find_periods("15% off until 3 November 2026", terms())
    assert isinstance(found, Impossible) and found.kind == "until"
    assert "3 November 2026, which is over" in found.question


def test_a_report_on_days_to_come_is_a_question_but_a_discount_looks_ahead(terms: MakeTerms) -> None:
    (asked,) = find_periods("sales tomorrow", terms())
    assert isinstance(asked, Impossible) and "has not begun yet" in asked.question
    (ahead,) = find_periods("from Friday to Monday", terms(), ahead=True)
    assert days(ahead) == ("2026-11-20", "2026-11-24")
    (starting,) = find_periods("starting next Monday", terms(), ahead=True)
    assert isinstance(starting, Starting) and starting.moment.date() == date(2026, 11, 23)


def test_what_starts_on_the_weekday_it_is_starts_a_week_later(terms: MakeTerms) -> None:
    (starting,) = find_periods("10% off, starting on Friday", terms(), ahead=True)
    assert isinstance(starting, Starting) and starting.moment.date() == date(2026, 11, 27)


@pytest.mark.parametrize(
    "said",
    [
        "show summer dresses under 20", "set stock to 2000", "the mug at 12.50", "christmas candles", "by month", "between 10 and 20 euros",
        "sold through instagram", "it may sell", "sun hats", "half the price", "the second one",
    ],
)  # fmt: skip
def test_words_that_only_look_like_days_are_no_period(said: str, terms: MakeTerms) -> None:
    assert find_periods(said, terms()) == []


def test_dates_are_read_as_the_locale_writes_them(terms: MakeTerms) -> None:
    (british,) = find_periods("on 3/4/2026", terms(locale="en-GB"))
    (american,) = find_periods("on 3/4/2026", terms(locale="en-US"))
    assert days(british)[0] == "2026-04-03"
    assert days(american)[0] == "2026-03-04"


def test_weeks_start_as_the_shop_says(terms: MakeTerms) -> None:
    (sunday,) = find_periods("last week", terms(week_starts="sunday"))
    assert days(sunday) == ("2026-11-08", "2026-11-15")


def test_southern_summers_are_in_january(terms: MakeTerms) -> None:
    sydney = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Australia/Sydney"))
    (found,) = find_periods("last summer", terms(sydney))
    assert days(found) == ("2025-12-01", "2026-03-01")


def test_a_day_on_which_clocks_change_is_one_day_of_23_or_25_hours(terms: MakeTerms) -> None:
    (spring,) = find_periods("on 2026-03-29", terms())
    (autumn,) = find_periods("on 2026-10-25", terms())
    hours = [(v.period.end.timestamp() - v.period.start.timestamp()) / 3600 for v in (spring, autumn) if isinstance(v, Dates)]
    assert hours == [23, 25]


@pytest.mark.parametrize(("year", "day"), [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))])
def test_easter_falls_where_the_calendar_has_it(year: int, day: date) -> None:
    assert easter(year) == day


_UNITS = st.sampled_from(["day", "week", "month", "quarter", "year"])


@given(
    now=st.datetimes(min_value=datetime(2011, 1, 2), max_value=datetime(2035, 12, 30)),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo"]),
    words=st.one_of(
        st.builds("last {} {}s".format, st.integers(1, 40), _UNITS), st.builds("{} {}".format, st.sampled_from(["this", "last"]), _UNITS),
        st.builds("since {}".format, st.sampled_from(["Monday", "January", "last week", "yesterday", "Christmas"])),
        st.builds("in {}".format, st.sampled_from(["March", "Q2", "2010", "summer", "October 2010"])),
        st.sampled_from(["today", "yesterday", "last weekend", "on Black Friday", "year to date", "the first half of the year"]),
    ),
)  # fmt: skip
def test_a_period_starts_before_it_ends_and_never_in_the_future(now: datetime, zone: str, words: str) -> None:
    terms = Terms(currency="EUR", locale="en-GB", now=now.replace(tzinfo=ZoneInfo(zone)))
    (found,) = find_periods(words, terms)
    if isinstance(found, Impossible):
        assert "has not begun yet" in found.question
        return
    assert isinstance(found, Dates)
    assert found.period.start < found.period.end
    assert found.period.start.date() <= terms.now.date()


@given(
    day=st.dates(min_value=date(2010, 1, 1), max_value=date(2026, 11, 19)),
    form=st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d/%m/%Y", "%d.%m.%Y"]),
)
def test_a_date_that_was_written_is_read_back(day: date, form: str) -> None:
    terms = Terms(currency="EUR", locale="en-GB", now=datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Europe/Berlin")))
    (found,) = find_periods(f"on {day.strftime(form)}", terms)
    assert isinstance(found, Dates)
    assert (found.period.start.date(), found.period.end.date()) == (day, day + timedelta(days=1))
