"""Periods as days of the shop, checked against the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.db.shop import day_and_month
from agent.errors import Invalid
from agent.sdk import Period
from agent.stores.embedded.spans import Span, bucket, bucket_text, buckets, span_of, split

BERLIN = ZoneInfo("Europe/Berlin")
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def between(first: date, last: date) -> Span:
    return Span(first=first.toordinal(), last=last.toordinal())


def test_whole_days_of_the_shop_have_no_edges_even_when_the_clocks_change() -> None:
    period = Period(start=datetime(2026, 3, 28, tzinfo=BERLIN), end=datetime(2026, 3, 30, tzinfo=BERLIN))
    assert span_of(period, BERLIN) == between(date(2026, 3, 28), date(2026, 3, 29))


def test_a_time_in_another_zone_falls_on_the_shops_day() -> None:
    start = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    span = span_of(Period(start=start, end=start + timedelta(hours=1)), BERLIN)
    assert span.days == (date(2026, 11, 22), date(2026, 11, 22))
    assert (span.since, span.before) == (start, start + timedelta(hours=1))


def test_a_time_without_a_zone_is_the_shops_own() -> None:
    assert span_of(Period(start=datetime(2026, 1, 1), end=datetime(2026, 1, 2)), BERLIN) == between(date(2026, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=-1)])
def test_a_period_with_no_time_in_it_is_refused(length: timedelta) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(Invalid):
        span_of(Period(start=start, end=start + length), BERLIN)


@given(day=days)
def test_each_day_falls_into_the_calendars_buckets(day: date) -> None:
    def text(dimension: str, week_starts: str = "monday") -> str:
        number = bucket(dimension, *day_and_month(day), week_starts=week_starts)  # type: ignore[arg-type]  # a plain str in a test
        return bucket_text(dimension, number, week_starts=week_starts)  # type: ignore[arg-type]  # the same

    assert text("day") == day.isoformat()
    assert text("week") == (day - timedelta(days=day.weekday())).isoformat()
    assert text("week", "sunday") == (day - timedelta(days=day.isoweekday() % 7)).isoformat()
    assert text("month") == f"{day:%Y-%m}"
    assert text("quarter") == f"{day.year}-Q{(day.month + 2) // 3}"
    assert text("year") == str(day.year)


def test_buckets_hold_every_one_the_span_touches() -> None:
    span = between(date(2025, 11, 30), date(2026, 2, 1))
    assert [bucket_text("month", n, week_starts="monday") for n in buckets("month", span, week_starts="monday")] == [
        "2025-11", "2025-12", "2026-01", "2026-02",
    ]  # fmt: skip


@given(first=days, length=st.integers(0, 200), since=st.booleans(), before=st.booleans())
def test_the_parts_of_a_span_hold_each_of_its_days_once_and_keep_its_edges(first: date, length: int, since: bool, before: bool) -> None:
    noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    edges = {"since": noon if since else None, "before": noon + timedelta(days=length, hours=1) if before else None}
    span = Span(first=first.toordinal(), last=first.toordinal() + length, **edges)
    parts = split(span)
    pieces = [*([parts.months] if parts.months else []), *parts.around]
    assert sorted(day for piece in pieces for day in range(piece.first, piece.last + 1)) == list(range(span.first, span.last + 1))
    assert [p.since for p in pieces if p.since] == [span.since] * since
    assert [p.before for p in pieces if p.before] == [span.before] * before
    if parts.months:
        start, end = parts.months.days
        assert start.day == 1 and (end + timedelta(days=1)).day == 1
        assert (parts.months.since, parts.months.before) == (None, None)
    else:
        assert length < 61, "two months always hold a whole one"
