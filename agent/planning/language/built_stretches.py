"""The days that a matched name of a stretch means, each from the groups of its pattern."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from agent.planning.language.calendar import Lean, Stretch, Today, fiscal_of, fiscal_year, moved, whole
from agent.planning.language.calendar_words import DAYS_NAMED, MONTHS, PARTS_OF_MONTH, SEASONS, WEEKDAYS, counted
from agent.planning.language.feasts import feast


@dataclass(frozen=True, slots=True)
class Found:
    stretch: Stretch
    end: int
    """Where its words end in the text."""


def group_said(match: re.Match[str], name: str) -> str:
    return (match.groupdict().get(name) or "").strip()


def any_said(match: re.Match[str], *names: str) -> bool:
    return any(group_said(match, name) for name in names)


def _year_of(match: re.Match[str], today: Today) -> int | None:
    if rel := group_said(match, "rel"):
        return today.date.year + {"last": -1, "this": 0, "next": 1}[rel]
    if not (year := group_said(match, "year")):
        return None
    return int(year) if len(year) == 4 else 2000 + int(year[1:])


def relative_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    unit, which = match["unit"], match["which"].removeprefix("the ")
    here = whole(unit, today.date, today)
    if which == "next":
        return whole(unit, here.end, today)
    if which in ("this", "current"):
        # a report has no figures for tomorrow, so "this month" ends with today
        return here if lean == "future" else Stretch(here.start, today.date + timedelta(days=1), unit)
    if which == "past":  # "the past year" is twelve months, "last year" a calendar year
        return Stretch(moved(today.date, unit, -1), today.date)
    return whole(unit, here.start - timedelta(days=1), today)


def of_the_present(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    """ "The best seller of the week" is this week's; "the end of the month", "the day of the week" are something else."""
    if _PART_OF_A_TIME.search(match.string, 0, match.start()) is not None:
        return None
    here = whole(match["unit"], today.date, today)
    return here if lean == "future" else Stretch(here.start, today.date + timedelta(days=1), match["unit"])


_PART_OF_A_TIME = re.compile(
    r"(?:\b(?:days?|times?|hours?|weeks?|months?|quarters?|weekdays?|ends?|rest|remainder|start|beginning|middle|first|second|third|last|half|part|course|turn"
    r"|close|most|all|each|one|two)|\d(?:st|nd|rd|th)?)\s+$"
)


def weekend_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    which, here = match["which"], whole("weekend", today.date, today)  # the Saturday that was last, or is today
    under_way = today.date < here.end
    coming, gone = (0, -1) if under_way else (1, 0)
    weeks = {"next": 1, "this": 0 if lean == "past" else coming, "": gone if lean == "past" else coming}.get(which, gone)
    return Stretch(here.start + timedelta(days=7 * weeks), here.end + timedelta(days=7 * weeks), "weekend")


def before_last(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    last = whole(match["unit"], whole(match["unit"], today.date, today).start - timedelta(days=1), today)
    return whole(match["unit"], last.start - timedelta(days=1), today)


def rolling(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    n = counted(match["n"])
    return Stretch(moved(today.date, match["unit"], -n), today.date) if n else None


def coming_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    if lean == "past":
        return None
    return Stretch(today.date + timedelta(days=1), moved(today.date, match["unit"], counted(match["n"])) + timedelta(days=1))


def hours_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    days = -(-counted(match["n"]) // 24)
    return Stretch(today.date - timedelta(days=days), today.date + timedelta(days=1)) if days else None


def ago_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return whole("day", moved(today.date, match["unit"], -counted(match["n"])), today)


def fortnight_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return Stretch(today.date - timedelta(days=14), today.date)


def named_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    days = DAYS_NAMED[re.sub(r"\s+", " ", match[0]).removeprefix("the ").removesuffix("s")]
    return whole("day", today.date + timedelta(days=days), today)


def weekday_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    wanted, which = WEEKDAYS[match["weekday"]], group_said(match, "which")
    back, ahead = (today.date.weekday() - wanted) % 7, (wanted - today.date.weekday()) % 7
    if which in ("last", "previous", "past"):
        days = -(back or 7)
    elif which == "next":
        days = ahead or 7
    else:
        days = ahead if lean == "future" else -back
    return whole("day", today.date + timedelta(days=days), today)


def month_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    month, which, year = MONTHS[match["month"]], group_said(match, "which"), _year_of(match, today)
    here = today.date.replace(day=1)
    start = date(year or here.year, month, 1)
    if year is None and which in ("last", "previous", "past"):
        start = start if start < here else start.replace(year=start.year - 1)
    elif year is None and (which == "next" or lean == "future"):
        start = start if start > here or (start == here and which != "next") else start.replace(year=start.year + 1)
    elif year is None and start > here:
        start = start.replace(year=start.year - 1)
    stretch = whole("month", start, today)
    under_way = lean == "past" and start <= today.date < stretch.end
    return Stretch(start, today.date + timedelta(days=1), "month") if under_way else stretch


def part_of_month(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    if (month := month_said(match, today, lean)) is None:
        return None
    of = whole("month", month.start, today)
    first, last = PARTS_OF_MONTH[match["part"]]
    start = of.start + timedelta(days=first - 1) if first > 0 else of.end + timedelta(days=first)
    return Stretch(start, of.start + timedelta(days=last) if last > 0 else of.end)


def first_days(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    """ "The first 10 days of November", "the last two weeks of this quarter": none of them after today in a report."""
    n = counted(match["n"]) * (7 if match["count"] == "week" else 1)
    if match["month"]:
        month = month_said(match, today, lean)
        of = whole("month", month.start, today) if month is not None else None
    else:
        here = whole(match["unit"], today.date, today)
        of = whole(match["unit"], here.start - timedelta(days=1), today) if match["of"] in ("last", "previous") else here
    if of is None or not 0 < n <= (of.end - of.start).days:
        return None
    start, end = (of.start, of.start + timedelta(days=n)) if match["edge"] == "first" else (of.end - timedelta(days=n), of.end)
    if lean == "past":
        end = min(end, today.date + timedelta(days=1))
    return Stretch(start, end, "") if start < end else None


def days_of_month(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    """ "Nov 20-25", "1 to 5 December"."""
    last = _day_of(_year_of(match, today), MONTHS[match["month"]], int(match["last"]), today, lean)
    if last is None or not 1 <= int(match["day"]) <= int(match["last"]):
        return None
    return Stretch(last.start.replace(day=int(match["day"])), last.end, "days")


def week_of(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    found = date_said(match, today, lean)
    return whole("week", found.start, today) if found else None


def last_night(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return Stretch(today.date - timedelta(days=1), today.date, "day")


def beginning_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    here = whole(match["unit"], today.date, today)
    start = whole(match["unit"], here.start - timedelta(days=1), today).start if match["which"].endswith("last") else here.start
    return Stretch(start, start + timedelta(days=1), "day")


def date_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return _day_of(_year_of(match, today), MONTHS[match["month"]], int(match["day"]), today, lean)


def iso_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return _day_of(int(match["y"]), int(match["m"]), int(match["d"]), today, lean)


def slashed_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    a, b, y = int(match["a"]), int(match["b"]), match["y"]
    year = None if not y else int(y) if len(y) == 4 else 2000 + int(y)
    orders = ((a, b), (b, a)) if today.month_first and match["mark"] == "/" else ((b, a), (a, b))
    return next((found for month, day in orders if (found := _day_of(year, month, day, today, lean))), None)


def _day_of(year: int | None, month: int, day: int, today: Today, lean: Lean) -> Stretch | None:
    try:
        found = date(year or today.date.year, month, day)
        if year is None and lean == "past" and found > today.date:
            found = found.replace(year=found.year - 1)
        if year is None and lean == "future" and found < today.date:
            found = found.replace(year=found.year + 1)
    except ValueError:
        return None
    return Stretch(found, found + timedelta(days=1), "day")


def day_of_month(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    for months in (0, -1, -2) if lean == "past" else (0, 1, 2):
        month = moved(today.date.replace(day=1), "month", months)
        found = _day_of(month.year, month.month, int(match["day"]), today, lean)
        if found and (found.start <= today.date if lean == "past" else found.start >= today.date):
            return found
    return None


def _months_long(first: int, months: int, year: int | None, unit: str, today: Today, lean: Lean) -> Stretch:
    start = date(year or today.date.year, first, 1)
    if year is None and start > today.date and lean == "past":
        start = start.replace(year=start.year - 1)
    return Stretch(start, moved(start, "month", months), unit)


def quarter_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    n = int(match["q"]) if match["q"] else {"first": 1, "second": 2, "third": 3, "fourth": 4}[match["nth"]]
    return _months_long(3 * n - 2, 3, _year_of(match, today), "quarter", today, lean)


def week_number(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    """By ISO 8601: from Monday, the first week has the year's first Thursday."""
    n, said = int(match["week"]), _year_of(match, today)
    years = [said] if said else [today.date.year, today.date.year - 1] if lean == "past" else [today.date.year, today.date.year + 1]
    for year in years:
        try:
            start = date.fromisocalendar(year, n, 1)
        except ValueError:
            continue  # a year without a week 53
        if said or (start <= today.date if lean == "past" else start + timedelta(days=7) > today.date):
            return Stretch(start, start + timedelta(days=7), "week")
    return None


def half_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    n = int(match["h"]) if match["h"] else {"first": 1, "second": 2}[match["nth"]]
    return _months_long(6 * n - 5, 6, _year_of(match, today), "half", today, lean)


_OVER = re.compile(r"\bover\s+$", re.I)
_LONG_AGO = 5


def in_year(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    if _OVER.search(match.string[: match.start("y")]) and today.date.year - int(match["y"]) > _LONG_AGO:
        return None  # "who spent over 2000" is an amount
    stretch = whole("year", date(int(match["y"]), 1, 1), today)
    under_way = lean == "past" and stretch.start <= today.date < stretch.end
    return Stretch(stretch.start, today.date + timedelta(days=1), "year") if under_way else stretch


def to_date(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    unit = group_said(match, "unit") or {"y": "year", "m": "month", "q": "quarter", "w": "week"}[match[0][0]]
    return Stretch(whole(unit, today.date, today).start, today.date + timedelta(days=1), unit)


_DONE = re.compile(r"\b(?:did|were|was|sold|had|made|spent|ordered|bought|earned|taken|took|received|refunded|got|placed|shipped|sent)\b")
_TIMED = re.compile(
    r"\b(?:last|past|this|that|it|those|them|they|since|today|yesterday|during|days?|weeks?|weekend|months?|year|years|quarter|20\d\d|q[1-4]|between|until|till"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|christmas|easter|spring|summer|autumn|winter)\b"
)


def in_all(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    """ "How many orders have we had in total": of all that was done, where no other time is said."""
    before = match.string[: match.start()]
    return all_time(match, today, lean) if _DONE.search(before) and not _TIMED.search(before) else None


def all_time(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return Stretch(date(2000, 1, 1), today.date + timedelta(days=1))


def season_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    first = SEASONS[match["season"]]
    first = (first + 5) % 12 + 1 if today.southern else first
    year = _year_of(match, today)
    start = date(year or today.date.year, first, 1)
    if year is None and group_said(match, "which") in ("last", "previous", "past"):
        while moved(start, "month", 3) > today.date:  # the latest that is over
            start = start.replace(year=start.year - 1)
    elif year is None and start > today.date and lean == "past":
        start = start.replace(year=start.year - 1)
    return Stretch(start, moved(start, "month", 3), "season")


def fiscal_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    here = fiscal_of(today.date, today)
    said, which = group_said(match, "fy"), group_said(match, "which").removeprefix("the ")
    year = here + {"last": -1, "previous": -1, "prior": -1, "past": -1, "next": 1, "coming": 1}.get(which, 0)
    if said:
        year = int(said) if len(said) == 4 else 2000 + int(said)
    return _so_far(fiscal_year(year, today), today, lean)


def fiscal_quarter(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    n, said, here = int(match["q"]), group_said(match, "fy"), fiscal_of(today.date, today)
    years = [int(said) if len(said) == 4 else 2000 + int(said)] if said else [here, here - 1] if lean == "past" else [here, here + 1]
    for year in years:
        start = moved(fiscal_year(year, today).start, "month", 3 * n - 3)
        stretch = Stretch(start, moved(start, "month", 3), "fiscal quarter")
        if said or (start <= today.date if lean == "past" else stretch.end > today.date):
            return _so_far(stretch, today, lean)
    return None


def _so_far(stretch: Stretch, today: Today, lean: Lean) -> Stretch:
    """What is under way ends with today in a report."""
    under_way = lean == "past" and stretch.start <= today.date < stretch.end
    return Stretch(stretch.start, today.date + timedelta(days=1), stretch.unit) if under_way else stretch


def feast_said(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return _feast_of(match, feast(match["feast"], today.country), today, lean)


def feast_of_figures(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    """ "Easter sales", "Christmas revenue": what is sold before Christmas, not in its three days."""
    name = match["feast"] + (" sales" if match["feast"] in ("christmas", "xmas") else "")
    return _feast_of(match, feast(name, today.country), today, lean)


def _feast_of(match: re.Match[str], on: Callable[[int], Stretch], today: Today, lean: Lean) -> Stretch | None:
    if (year := _year_of(match, today)) is not None:
        return on(year)
    this = on(today.date.year)
    if lean == "past" and (this.start > today.date or (group_said(match, "which") == "last" and this.end > today.date)):
        return on(today.date.year - 1)
    return on(today.date.year + 1) if lean == "future" and this.end <= today.date else this
