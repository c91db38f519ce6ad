"""The shop's calendar: units of days, where the week and the fiscal year begin, and stretches of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from babel.core import get_global

from agent.planning.language.values import Terms

Lean = Literal["past", "future"]
"""Which way a bare name leans: "Sunday" is the last one in a report and the next one after "until"."""


_SOUTHERN = ("Australia/", "Pacific/Auckland", "America/Sao_Paulo", "America/Argentina", "America/Santiago", "Africa/Johannesburg")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from `start` up to, not with, `end`. `unit` is the calendar unit it is one of, where it is one."""

    start: date
    end: date
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Today:
    """What words are measured from."""

    date: date
    week_starts: Literal["monday", "sunday"]
    month_first: bool
    """Dates are written 3/15/2023 here."""
    southern: bool
    """June is winter here."""
    fiscal: int = 1
    """Month the fiscal year begins with."""
    country: str = ""
    """ISO 3166 alpha-2 of where the clocks are: some feasts are on other days elsewhere."""

    @classmethod
    def of(cls, terms: Terms) -> Today:
        southern = str(terms.now.tzinfo).startswith(_SOUTHERN)
        month_first = terms.locale.replace("_", "-").upper().endswith(("-US", "-PH"))
        country = get_global("zone_territories").get(str(terms.now.tzinfo), "")
        return cls(terms.now.date(), terms.week_starts, month_first, southern, terms.fiscal_year_starts, country)


def whole(unit: str, day: date, today: Today) -> Stretch:
    """The calendar unit that holds a day."""
    if unit == "week":
        start = day - timedelta(days=day.weekday() if today.week_starts == "monday" else (day.weekday() + 1) % 7)
        return Stretch(start, start + timedelta(days=7), "week")
    if unit == "weekend":
        saturday = day - timedelta(days=(day.weekday() - 5) % 7)
        return Stretch(saturday, saturday + timedelta(days=2), "weekend")
    if unit == "month":
        start = day.replace(day=1)
        return Stretch(start, moved(start, "month", 1), "month")
    if unit == "quarter":
        start = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        return Stretch(start, moved(start, "month", 3), "quarter")
    if unit == "year":
        return Stretch(date(day.year, 1, 1), date(day.year + 1, 1, 1), "year")
    return Stretch(day, day + timedelta(days=1), "day")


def moved(day: date, unit: str, n: int) -> date:
    """The day n units off; a day the month has not becomes its last."""
    if unit in ("day", "week", "fortnight"):
        return day + timedelta(days=n * {"day": 1, "week": 7, "fortnight": 14}[unit])
    months = n * {"month": 1, "quarter": 3, "year": 12}[unit] + day.year * 12 + day.month - 1
    year, month = divmod(months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(f"{day} cannot be moved by {n} {unit}")


def fiscal_year(year: int, today: Today) -> Stretch:
    """The fiscal year that ends in a calendar year; where it begins in January it is that year."""
    start = date(year if today.fiscal == 1 else year - 1, today.fiscal, 1)
    return Stretch(start, moved(start, "year", 1), "fiscal year")


def fiscal_of(day: date, today: Today) -> int:
    """The name of the fiscal year that holds a day."""
    return day.year + (1 if 1 < today.fiscal <= day.month else 0)
