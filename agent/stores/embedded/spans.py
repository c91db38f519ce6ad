"""Periods as days of the shop, and the days, weeks, months, quarters and years they fall into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, TypeGuard, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from agent.errors import Invalid
from agent.sdk.refs import Period

TimeDimension = Literal["day", "week", "month", "quarter", "half_year", "year"]
TIME_DIMENSIONS: frozenset[str] = frozenset(get_args(TimeDimension))


def is_time(dimension: str) -> TypeGuard[TimeDimension]:
    return dimension in TIME_DIMENSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A period as whole days of the shop, with the exact edges kept where they are not midnights."""

    first: int
    """Ordinal of the first day; `last` is in the span too."""
    last: int
    since: datetime | None = None
    """Set when the first day counts only from here."""
    before: datetime | None = None
    """Set when the last day counts only up to here."""

    @property
    def days(self) -> tuple[date, date]:
        return date.fromordinal(self.first), date.fromordinal(self.last)


def span_of(period: Period, zone: ZoneInfo) -> Span:
    """Raises: Invalid: The period has no time in it. A time without a zone is the shop's own."""
    start, end = local(period.start, zone), local(period.end, zone)
    if start >= end:
        raise Invalid("The period ends before it begins.", field="period")
    first, last = start.date(), (end - timedelta(microseconds=1)).date()
    return Span(
        first=first.toordinal(),
        last=last.toordinal(),
        since=None if start == _midnight(first, zone) else start,
        before=None if end == _midnight(last + timedelta(days=1), zone) else end,
    )


@dataclass(frozen=True, slots=True)
class Split:
    """A span as whole months and what lies around them."""

    months: Span | None
    around: Sequence[Span]


def split(span: Span) -> Split:
    first, last = span.days
    after = last + timedelta(days=1)
    # The first of the earliest month that is wholly in, and of the month after the latest.
    begins = first if first.day == 1 and span.since is None else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    ends = after if after.day == 1 and span.before is None else last.replace(day=1)
    if begins >= ends:
        return Split(None, [span])
    months = Span(first=begins.toordinal(), last=ends.toordinal() - 1)
    around = []
    if span.first < months.first:
        around.append(Span(first=span.first, last=months.first - 1, since=span.since))
    if span.last > months.last:
        around.append(Span(first=months.last + 1, last=span.last, before=span.before))
    return Split(months, around)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """In the shop's time zone; without a zone it is the shop's own."""
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def bucket(dimension: TimeDimension, day: Any, month: Any, *, week_starts: str) -> Any:
    """The number of the day's bucket; the same arithmetic for columns and for integers."""
    if dimension == "day":
        return day
    if dimension == "week":
        return (day - 1) // 7 if week_starts == "monday" else day // 7  # day 1 was a Monday
    if dimension == "month":
        return month
    if dimension == "quarter":
        return (month // 100) * 4 + (month % 100 - 1) // 3
    if dimension == "half_year":
        return (month // 100) * 2 + (month % 100 - 1) // 6
    return month // 100


def bucket_column(dimension: TimeDimension, day: ColumnElement[int], month: ColumnElement[int], *, week_starts: str) -> ColumnElement[int]:
    column: ColumnElement[int] = bucket(dimension, day, month, week_starts=week_starts)
    return column


def buckets(dimension: TimeDimension, span: Span, *, week_starts: str) -> Sequence[int]:
    """Every bucket the span touches, in time order."""
    days = (date.fromordinal(n) for n in range(span.first, span.last + 1))
    return list(dict.fromkeys(bucket(dimension, d.toordinal(), d.year * 100 + d.month, week_starts=week_starts) for d in days))


def bucket_text(dimension: TimeDimension, number: int, *, week_starts: str) -> str:
    """As people read it: 2026-11-22, the date a week begins with, 2026-11, 2026-Q4, 2026-H2, 2026."""
    if dimension == "day":
        return date.fromordinal(number).isoformat()
    if dimension == "week":
        return date.fromordinal(max(1, number * 7 + (1 if week_starts == "monday" else 0))).isoformat()
    if dimension == "month":
        return f"{number // 100:04d}-{number % 100:02d}"
    if dimension == "quarter":
        return f"{number // 4:04d}-Q{number % 4 + 1}"
    if dimension == "half_year":
        return f"{number // 2:04d}-H{number % 2 + 1}"
    return f"{number:04d}"
