"""Single stretches of days as merchants name them: "last week", "past 3 months", "November 2011", "Black Friday".

Everything here is dates; `agent.planning.language.periods` turns them into moments and reads the words that rule them (since,
until, between, vs).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from agent.planning.language.calendar import Lean, Stretch, Today, fiscal_of, fiscal_year, moved, whole
from agent.planning.language.feasts import FEAST, feast


@dataclass(frozen=True, slots=True)
class Found:
    stretch: Stretch
    end: int
    """Where its words end in the text."""


def stretch_at(text: str, at: int, today: Today, lean: Lean, *, led: bool = True) -> Found | None:
    """The stretch whose words begin exactly at a place.

    Args:
        text: As the merchant wrote it; capitals tell "May" from "may".
        led: A word such as "in" or "since" stands before. Without one, "summer" or "Christmas" is an adjective of goods
            and "2011" is a number.
    """
    low = text.lower()
    for pattern, build, wants_lead in _PATTERNS:
        match = pattern.match(low, at)
        if match is None or (wants_lead and not (led or _said(match, "which", "year", "rel"))):
            continue
        if (wants_lead or match.re in _DOUBTFUL) and not _stands_alone(match, text, led=led, named=wants_lead):
            continue
        stretch = build(match, today, lean)
        if stretch is not None:
            return Found(stretch, match.end())
    return None


def counted(words: str) -> int:
    words = re.sub(r"\s+of$", "", words.strip())
    return int(words) if words.isdigit() else _COUNTS[words]


# The vocabulary of days.

MONTHS = {
    name: n + 1
    for n, names in enumerate(
        ["january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sept sep",
         "october oct", "november nov", "december dec"]
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: n
    for n, names in enumerate(
        ["monday mon", "tuesday tues tue", "wednesday wed", "thursday thurs thur thu", "friday fri", "saturday sat", "sunday sun"]
    )
    for name in names.split()
}
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "eighteen": 18, "twenty": 20,
    "twenty-four": 24, "thirty": 30, "thirty-six": 36, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100, "couple": 2, "few": 3,
}  # fmt: skip
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
N = rf"(?P<n>\d{{1,3}}|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})(?:\s+of)?"
_UNIT = r"(?P<unit>day|week|month|quarter|year)"
_MONTH = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\.?(?![a-z])"
_WEEKDAY = rf"(?P<weekday>{'|'.join(sorted(WEEKDAYS, key=len, reverse=True))})(?![a-z])"
_ANY_MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b"
_YEAR = r"(?:\s*,?\s*(?:of\s+|in\s+)?(?:the\s+year\s+)?(?:(?P<year>(?:19|20)\d\d(?!\d)|['’]\d\d(?!\d))|(?P<rel>last|this|next)\s+year))?"
_WHICH = r"(?:(?P<which>last|previous|past|next|this)\s+)?"
_Build = Callable[[re.Match[str], Today, Lean], Stretch | None]


def _group(match: re.Match[str], name: str) -> str:
    return (match.groupdict().get(name) or "").strip()


def _said(match: re.Match[str], *names: str) -> bool:
    return any(_group(match, name) for name in names)


def _stands_alone(match: re.Match[str], text: str, *, led: bool, named: bool) -> bool:
    """Not an adjective ("the summer dresses", "the Winter Warmers"), and no verb or noun that only looks like a name ("may", "sun")."""
    follows = re.match(r"\s+([A-Za-z]+)", text[match.end() :])
    if follows and follows[1].lower() in _HOW_IT_WAS and match.groupdict().get("month"):
        return True
    if follows and (named or follows[1][0].islower()) and not _may_follow(follows[1].lower()) and not _said(match, "year", "rel", "which", "day"):
        return False
    name = next((n for n in ("month", "weekday") if match.groupdict().get(n)), None)
    if name and match[name] in _ONLY_A_TIME:
        return True
    return led or name is None or _said(match, "year", "rel", "which", "day") or text[match.start(name)].isupper()


_ONLY_A_TIME = frozenset({
    "january", "february", "april", "june", "july", "august", "september", "october", "november", "december",
})  # fmt: skip
"""Names that are nothing else; "march" and "may" are verbs as well."""
_HOW_IT_WAS = frozenset({
    "better", "worse", "weaker", "stronger", "slower", "higher", "lower", "bad", "good", "slow", "weak", "quiet", "strong", "busy", "quieter",
    "busier", "down", "up",
})  # fmt: skip


def _may_follow(word: str) -> bool:
    return word in _AFTERWARDS or (len(word) > 4 and word.endswith(("ed", "ing")))


_AFTERWARDS = frozenset({
    "about", "above", "across", "after", "again", "against", "all", "alone", "already", "also", "and", "any", "are", "as", "at", "because",
    "been", "before", "below", "between", "both", "bought", "broken", "but", "by", "came", "can", "compared", "comparing", "contain",
    "could", "did", "do", "down", "each", "every", "excluding", "figures", "for", "from", "grouped", "had", "has", "have", "he", "how", "i",
    "if", "in", "is", "it", "last", "me", "my", "no", "not", "numbers", "of", "off", "on", "only", "or", "orders", "our", "out", "over",
    "paid", "per", "please", "put", "refunds", "returns", "revenue", "sales", "set", "should", "show", "since", "so", "sold", "split",
    "tell", "than", "that", "the", "them", "then", "there", "these", "they", "this", "those", "through", "till", "to", "turnover", "under",
    "until", "up", "us", "versus", "vs", "was", "we", "weekend", "were", "what", "when", "where", "which", "while", "who", "whose", "will",
    "with", "without", "worth", "would", "you",
})  # fmt: skip
"""Words that may follow a day's name; any other lower-case word makes the name an adjective."""


def _year_of(match: re.Match[str], today: Today) -> int | None:
    if rel := _group(match, "rel"):
        return today.date.year + {"last": -1, "this": 0, "next": 1}[rel]
    if not (year := _group(match, "year")):
        return None
    return int(year) if len(year) == 4 else 2000 + int(year[1:])


def _relative(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
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


def _weekend(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    which, here = match["which"], whole("weekend", today.date, today)  # the Saturday that was last, or is today
    under_way = today.date < here.end
    weeks = {"next": 1, "this": 0 if under_way or lean == "past" else 1}.get(which, -1 if under_way else 0)
    return Stretch(here.start + timedelta(days=7 * weeks), here.end + timedelta(days=7 * weeks), "weekend")


def _before_last(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    last = whole(match["unit"], whole(match["unit"], today.date, today).start - timedelta(days=1), today)
    return whole(match["unit"], last.start - timedelta(days=1), today)


def _rolling(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    n = counted(match["n"])
    return Stretch(moved(today.date, match["unit"], -n), today.date) if n else None


def _coming(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    if lean == "past":
        return None
    return Stretch(today.date + timedelta(days=1), moved(today.date, match["unit"], counted(match["n"])) + timedelta(days=1))


def _hours(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    days = -(-counted(match["n"]) // 24)
    return Stretch(today.date - timedelta(days=days), today.date + timedelta(days=1)) if days else None


def _ago(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return whole("day", moved(today.date, match["unit"], -counted(match["n"])), today)


def _fortnight(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return Stretch(today.date - timedelta(days=14), today.date)


_NAMED = {
    "today": 0, "tonight": 0, "this morning": 0, "this evening": 0, "midnight": 0, "yesterday": -1, "tomorrow": 1, "day before yesterday": -2,
    "day after tomorrow": 2, "yday": -1, "ystrday": -1, "yesterdy": -1, "2day": 0, "tmrw": 1, "tmr": 1, "tomorow": 1, "2moro": 1, "tonite": 0,
}  # fmt: skip


def _named(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    days = _NAMED[re.sub(r"\s+", " ", match[0]).removeprefix("the ").removesuffix("s")]
    return whole("day", today.date + timedelta(days=days), today)


def _weekday(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    wanted, which = WEEKDAYS[match["weekday"]], _group(match, "which")
    back, ahead = (today.date.weekday() - wanted) % 7, (wanted - today.date.weekday()) % 7
    if which in ("last", "previous", "past"):
        days = -(back or 7)
    elif which == "next":
        days = ahead or 7
    else:
        days = ahead if lean == "future" else -back
    return whole("day", today.date + timedelta(days=days), today)


def _month(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    month, which, year = MONTHS[match["month"]], _group(match, "which"), _year_of(match, today)
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


_PARTS = {
    "first week": (1, 7), "second week": (8, 14), "third week": (15, 21), "fourth week": (22, 28), "last week": (-7, -1),
    "first half": (1, 15), "second half": (16, -1), "beginning": (1, 10), "start": (1, 10), "early": (1, 10), "middle": (11, 20), "mid": (11, 20),
    "mid-": (11, 20), "late": (21, -1),
}  # fmt: skip
"""Parts of a month by their days; below zero counted from its end. What "early" means is shown with its dates."""


def _part_of_month(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    if (month := _month(match, today, lean)) is None:
        return None
    of = whole("month", month.start, today)
    first, last = _PARTS[match["part"]]
    start = of.start + timedelta(days=first - 1) if first > 0 else of.end + timedelta(days=first)
    return Stretch(start, of.start + timedelta(days=last) if last > 0 else of.end)


def _first_days(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    """ "The first 10 days of November", "the last two weeks of this quarter": none of them after today in a report."""
    n = counted(match["n"]) * (7 if match["count"] == "week" else 1)
    if match["month"]:
        month = _month(match, today, lean)
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


def _days_of_month(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    """ "Nov 20-25", "1 to 5 December"."""
    last = _day_of(_year_of(match, today), MONTHS[match["month"]], int(match["last"]), today, lean)
    if last is None or not 1 <= int(match["day"]) <= int(match["last"]):
        return None
    return Stretch(last.start.replace(day=int(match["day"])), last.end, "days")


def _week_of(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    found = _date(match, today, lean)
    return whole("week", found.start, today) if found else None


def _last_night(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return Stretch(today.date - timedelta(days=1), today.date, "day")


def _beginning(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    here = whole(match["unit"], today.date, today)
    start = whole(match["unit"], here.start - timedelta(days=1), today).start if match["which"].endswith("last") else here.start
    return Stretch(start, start + timedelta(days=1), "day")


def _date(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return _day_of(_year_of(match, today), MONTHS[match["month"]], int(match["day"]), today, lean)


def _iso(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return _day_of(int(match["y"]), int(match["m"]), int(match["d"]), today, lean)


def _slashed(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
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


def _day_of_month(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
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


def _quarter(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    n = int(match["q"]) if match["q"] else {"first": 1, "second": 2, "third": 3, "fourth": 4}[match["nth"]]
    return _months_long(3 * n - 2, 3, _year_of(match, today), "quarter", today, lean)


def _week_number(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
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


def _half(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    n = int(match["h"]) if match["h"] else {"first": 1, "second": 2}[match["nth"]]
    return _months_long(6 * n - 5, 6, _year_of(match, today), "half", today, lean)


def _in_year(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    stretch = whole("year", date(int(match["y"]), 1, 1), today)
    under_way = lean == "past" and stretch.start <= today.date < stretch.end
    return Stretch(stretch.start, today.date + timedelta(days=1), "year") if under_way else stretch


def _to_date(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    unit = _group(match, "unit") or {"y": "year", "m": "month", "q": "quarter", "w": "week"}[match[0][0]]
    return Stretch(whole(unit, today.date, today).start, today.date + timedelta(days=1), unit)


def _all_time(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    return Stretch(date(2000, 1, 1), today.date + timedelta(days=1))


def _season(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    first = _SEASONS[match["season"]]
    first = (first + 5) % 12 + 1 if today.southern else first
    year = _year_of(match, today)
    start = date(year or today.date.year, first, 1)
    if year is None and _group(match, "which") in ("last", "previous", "past"):
        while moved(start, "month", 3) > today.date:  # the latest that is over
            start = start.replace(year=start.year - 1)
    elif year is None and start > today.date and lean == "past":
        start = start.replace(year=start.year - 1)
    return Stretch(start, moved(start, "month", 3), "season")


def _fiscal(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    here = fiscal_of(today.date, today)
    said, which = _group(match, "fy"), _group(match, "which").removeprefix("the ")
    year = here + {"last": -1, "previous": -1, "prior": -1, "past": -1, "next": 1, "coming": 1}.get(which, 0)
    if said:
        year = int(said) if len(said) == 4 else 2000 + int(said)
    return _so_far(fiscal_year(year, today), today, lean)


def _fiscal_quarter(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    n, said, here = int(match["q"]), _group(match, "fy"), fiscal_of(today.date, today)
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


def _feast(match: re.Match[str], today: Today, lean: Lean) -> Stretch | None:
    on = feast(match["feast"], today.country)
    if (year := _year_of(match, today)) is not None:
        return on(year)
    this = on(today.date.year)
    if lean == "past" and (this.start > today.date or (_group(match, "which") == "last" and this.end > today.date)):
        return on(today.date.year - 1)
    return on(today.date.year + 1) if lean == "future" and this.end <= today.date else this


_FY = r"(?:fy ?|(?:the )?(?:fiscal|financial) year )?(?P<fy>(?:19|20)\d\d|\d\d)"
_FY_SAID = r"(?:fy ?|(?:fiscal|financial)(?: year)? )[’']?(?P<fy>(?:19|20)\d\d|\d\d)(?!\d)"
_ORDINAL = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_FIGURE_WORDS = ("sales", "revenue", "turnover", "orders", "returns", "refunds", "takings", "figures", "numbers", "discounts", "income")
_OF_FIGURES = "|".join(_FIGURE_WORDS)
_AFTER_FIGURES = "|".join(rf"(?<={word}\s)" for word in _FIGURE_WORDS)
_TABLE: list[tuple[str, _Build, bool]] = [
    ("last night|yesterday (?:morning|afternoon|evening|night)", _last_night, False),
    (
        "(?:(?:the )?day before yesterday|(?:the )?day after tomorrow|today|2day|tonight|tonite|this (?:morning|evening)|midnight"
        r"|yesterday|yesterdy|ystrday|yday|tomorrow|tomorow|tmrw|tmr|2moro)(?:s(?=\s+[a-z]))?",
        _named,
        False,
    ),
    (
        rf"(?:the )?(?P<edge>first|last) {N} ?(?P<count>day|week)s? of "
        rf"(?:(?:the )?(?P<of>last|previous|this|the|current) {_UNIT}|(?P<which>(?!))?{_MONTH}{_YEAR})",
        _first_days,
        False,
    ),
    ("(?:the )?(?P<unit>week|month|quarter|year) before last", _before_last, False),
    (rf"(?:the )?(?:last|past|previous|prior|trailing) {N} ?(?:full |whole |calendar )?{_UNIT}s?", _rolling, False),
    (rf"(?:the )?(?:next|coming) {N} ?{_UNIT}s?", _coming, False),
    (rf"(?:the )?(?:last|past|previous) {N} ?(?:hours?|hrs?|h)", _hours, False),
    (rf"(?:about )?{N} {_UNIT}s? ago", _ago, False),
    ("(?:the )?(?:last|past) fortnight", _fortnight, False),
    ("(?:this )?(?P<unit>week|month|quarter|year) to date|[ymqw]td", _to_date, False),
    (r"so far this (?P<unit>week|month|quarter|year)", _to_date, False),
    (r"this (?P<unit>week|month|quarter|year) so far", _to_date, False),
    ("(?:the )?(?P<which>last|this|previous|past|next)(?: long)? weekend", _weekend, False),
    (
        rf"(?P<which>this|the current|current|last|the last|previous|the previous|prior|past|the past|next|the next) (?:calendar )?{_UNIT}"
        r"(?:[’']?s(?=\s+[a-z]))?",
        _relative,
        False,
    ),
    (rf"(?:the )?(?:beginning|start) of (?P<which>the|this|last|the last) {_UNIT}", _beginning, False),
    (rf"(?:the )?week of (?:the )?{_ORDINAL} (?:of )?{_MONTH}{_YEAR}", _week_of, False),
    (rf"(?:the )?week of {_MONTH} (?:the )?{_ORDINAL}{_YEAR}", _week_of, False),
    (rf"(?:the )?(?P<part>{'|'.join(_PARTS)}) (?:(?:in|of) )?(?P<which>(?!))?{_MONTH}{_YEAR}", _part_of_month, False),
    (rf"(?:the )?{_ORDINAL} ?(?:-|–|—|to|until|till) ?(?:the )?(?P<last>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}{_YEAR}", _days_of_month, False),
    (
        rf"{_MONTH} (?:the )?{_ORDINAL} ?(?:-|–|—|to|until|till) ?(?:the )?(?P<last>\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}(?! (?:of )?{_ANY_MONTH})",
        _days_of_month,
        False,
    ),
    (
        r"all[ -]time|(?<!nobody\s)(?<!no\sone\s)(?<!never\s)(?<!hardly\s)ever|to date|(?:since )?the (?:very )?beginning(?! of)"
        r"|since we (?:opened|started|began|launched)",
        _all_time,
        False,
    ),
    (r"(?:for )?as long as we(?:[’']ve| have) (?:been|had|sold)[\w ]{0,12}", _all_time, False),
    (r"(?P<y>(?:19|20)\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})", _iso, False),
    (r"(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<y>\d{4}|\d\d)", _slashed, False),
    (r"(?P<a>\d{1,2})(?P<mark>[.])(?P<b>\d{1,2})[.](?P<y>(?!))?(?!\d)", _slashed, True),
    (r"(?P<a>\d{1,2})(?P<mark>/)(?P<b>\d{1,2})(?P<y>(?!))?(?! ?(?:price|off|of)\b)", _slashed, True),
    (rf"(?:the )?{_ORDINAL} (?:of )?{_MONTH}{_YEAR}", _date, False),
    (rf"{_MONTH} (?:the )?{_ORDINAL}{_YEAR}", _date, False),
    (rf"{_WHICH}{_MONTH}{_YEAR}", _month, False),
    (rf"(?:fiscal|financial) q(?:uarter )?(?P<q>[1-4])(?: (?:of |in )?{_FY})?", _fiscal_quarter, False),
    (rf"(?:fiscal|financial) quarter (?P<q>[1-4])(?: (?:of |in )?{_FY})?", _fiscal_quarter, False),
    (rf"q(?P<q>[1-4]) (?:of |in )?(?:the )?{_FY_SAID}", _fiscal_quarter, False),
    (rf"(?:the )?{_FY_SAID}", _fiscal, False),
    (
        r"(?:(?P<which>(?:the )?(?:this|current|last|previous|prior|past|next|coming)|our|the) )?(?:fiscal|financial) year(?: to date| so far)?",
        _fiscal,
        False,
    ),
    (rf"q(?P<q>[1-4])(?P<nth>(?!))?{_YEAR}", _quarter, False),
    (rf"(?:the )?(?P<nth>first|second|third|fourth) quarter(?P<q>(?!))?{_YEAR}", _quarter, False),
    (rf"(?:calendar |iso )?(?:week|wk|kw|cw) (?:no[.] ?|number |# ?)?(?P<week>[1-9]|[1-4]\d|5[0-3]){_YEAR}", _week_number, False),
    (rf"h(?P<h>[12])(?P<nth>(?!))?{_YEAR}", _half, False),
    (rf"(?:the )?(?P<nth>first|second) half of the year(?P<h>(?!))?{_YEAR}", _half, False),
    (rf"(?:the )?(?P<nth>first|second) half(?: of the year)?(?P<h>(?!))?{_YEAR}", _half, True),
    (rf"{_WHICH}(?P<feast>black friday weekend|black friday|cyber monday|bfcm){_YEAR}(?=(?:[’']s)? (?:{_OF_FIGURES})\b)", _feast, False),
    (rf"(?:(?<=was\s)|(?<=did\s)){FEAST}{_YEAR}", _feast, False),
    (rf"{_WHICH}{FEAST}{_YEAR}", _feast, True),
    (rf"(?<!black\s)(?<!cyber\s)(?<!shrove\s)(?<!good\s){_WHICH}{_WEEKDAY}", _weekday, False),
    (rf"{_WHICH}(?:the )?(?P<season>spring|summer|autumn|fall|winter){_YEAR}", _season, True),
    (r"the (?P<day>[12]?\d|3[01])(?:st|nd|rd|th)", _day_of_month, True),
    (rf"(?P<y>(?:19|20)\d\d)(?= (?:gross |net |total |monthly |weekly |daily |quarterly )?(?:{_OF_FIGURES})\b)", _in_year, False),
    (rf"(?:{_AFTER_FIGURES})(?P<y>(?:19|20)\d\d)(?=\s*(?:[,.;?!]|$|vs\b|versus\b|by\b|per\b))", _in_year, False),
    (r"(?P<y>(?:19|20)\d\d)(?![.,]\d)", _in_year, True),
]
"""How it is said, what it means, and whether a word such as "in" must stand before. The longer saying comes first."""

_PATTERNS = [(re.compile(f"(?:{said})(?!\\w)".replace(" ", r"\s+").replace(r"\s+?", r"\s*")), build, led) for said, build, led in _TABLE]
_DOUBTFUL = {pattern for pattern, build, _ in _PATTERNS if build in (_month, _weekday)}
