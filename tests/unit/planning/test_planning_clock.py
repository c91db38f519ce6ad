"""Times of the day beside days, and alone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.planning.language.periods import find_periods
from agent.planning.language.values import Dates, Impossible, Starting, Terms, Until

ZONE = ZoneInfo("Europe/Berlin")
TERMS = Terms(currency="EUR", locale="en", now=datetime(2026, 11, 18, 21, 30, tzinfo=ZONE))  # a Wednesday


def moments(text: str) -> list[tuple[str, str]]:
    found = find_periods(text, TERMS, ahead=True)
    return [(type(v).__name__, f"{v.moment:%Y-%m-%d %H:%M}") for v in found if isinstance(v, Starting | Until)]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("20% off candles on Friday at 18:00", [("Starting", "2026-11-20 18:00")]),
        ("a code until tomorrow at noon", [("Until", "2026-11-19 12:00")]),
        ("a sale tonight at 11pm", [("Starting", "2026-11-18 23:00")]),
        ("from Friday 18:00 to Sunday 20:00", [("Starting", "2026-11-20 18:00"), ("Until", "2026-11-22 20:00")]),
        ("starting at 8 pm", [("Starting", "2026-11-19 20:00")]),
        ("until 11.30 p.m.", [("Until", "2026-11-18 23:30")]),
        ("on Wednesday at 6am", [("Starting", "2026-11-25 06:00")]),
        ("20% off mugs til sunday midnight", [("Until", "2026-11-23 00:00")]),
        ("15% off until Friday at midnight", [("Until", "2026-11-21 00:00")]),
        ("10% off candles till monday noon", [("Until", "2026-11-23 12:00")]),
        ("end SUMMER10 tonight at 10", [("Starting", "2026-11-18 22:00")]),
        ("at 11 tonight", [("Starting", "2026-11-18 23:00")]),
        ("saturday morning at 9 till sunday evening at 6", [("Starting", "2026-11-21 09:00"), ("Until", "2026-11-22 18:00")]),
        ("from friday at midnight", [("Starting", "2026-11-20 00:00")]),
        ("10% off mugs till sunday night", [("Until", "2026-11-23 00:00")]),
    ],
)
def test_a_time_belongs_to_the_day_beside_it(said: str, meant: list[tuple[str, str]]) -> None:
    assert moments(said) == meant


@pytest.mark.parametrize(
    "said",
    ["size 12 at 20 euros", "3 for 2 at 18.50", "mugs at 11 and plates at 9", "model X-18:40", "the mugs tonight at 8 euros", "tonight at 8.50"],
)
def test_prices_and_sizes_are_no_times(said: str) -> None:
    assert moments(said) == []


@pytest.mark.parametrize(
    ("said", "day"),
    [("on Friday at midnight", "2026-11-20"), ("at midnight on Friday", "2026-11-20"), ("at the end of the month", "2026-11-30")],
)
def test_midnight_and_the_end_of_a_month_are_one_day(said: str, day: str) -> None:
    [found] = find_periods(said, TERMS, ahead=True)
    assert isinstance(found, Dates)
    assert (f"{found.period.start:%Y-%m-%d}", (found.period.end - found.period.start).days) == (day, 1)


def test_a_time_that_is_over_is_asked_about() -> None:
    found = find_periods("today at 9:00", TERMS, ahead=True)
    assert [type(v) for v in found] == [Impossible]


@pytest.mark.parametrize(
    ("said", "end"),
    [("run out before Christmas", "2026-12-24"), ("15% off everything before Wednesday", "2026-11-25"), ("20% off before the end of the year", None)],
)
def test_before_a_day_to_come_is_until_it_begins(said: str, end: str | None) -> None:
    found = [v for v in find_periods(said, TERMS, ahead=True) if isinstance(v, Until)]
    assert [f"{v.moment:%Y-%m-%d}" for v in found] == ([end] if end else [])


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ("revenue this month compared to last", "2026-10-01"),
        ("this week against the previous one", "2026-11-09"),
        ("last month vs the one before", "2026-09-01"),
    ],
)
def test_the_last_one_is_the_whole_one_before(said: str, start: str) -> None:
    compared = [v for v in find_periods(said, TERMS) if isinstance(v, Dates) and v.compared]
    assert [f"{v.period.start:%Y-%m-%d}" for v in compared] == [start]


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("orders not shipped for more than 3 days", "2000-01-01", "2026-11-15"),
        ("orders stuck for over a week", "2000-01-01", "2026-11-11"),
        ("customers who haven't ordered for more than 6 months", "2026-05-18", "2026-11-19"),
    ],
)
def test_what_waits_is_older_and_who_stayed_away_did_so_since(said: str, start: str, end: str) -> None:
    (found,) = (v for v in find_periods(said, TERMS) if isinstance(v, Dates))
    assert (f"{found.period.start:%Y-%m-%d}", f"{found.period.end:%Y-%m-%d}") == (start, end)
