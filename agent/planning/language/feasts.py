"""The days that shops count on, by year and country: "Black Friday", "Mother's Day", "Christmas"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from agent.planning.language.calendar import Stretch, moved

FEAST = (
    r"(?P<feast>black\s+friday\s+weekend|black\s+friday|cyber\s+monday|bfcm|thanksgiving|(?:christmas|xmas)\s+(?:season|time|trade|business)|christmas\s+eve|christmas(?:\s+day)?|xmas|"
    r"easter|halloween|valentine[’']?s?(?:\s+day)?|new\s+year[’']?s?(?:\s+day)?|boxing\s+day|mother[’']?s[’']?\s+day|mothering\s+sunday|father[’']?s[’']?\s+day|"
    r"labou?r\s+day|memorial\s+day|singles[’']?\s+day)"
)


def feast(name: str, country: str) -> Callable[[int], Stretch]:
    """When a feast is, by year.

    Args:
        name: As the merchant wrote it, matched by `FEAST`.
        country: ISO 3166 alpha-2; some feasts are on other days elsewhere.
    """
    said = re.sub(r"[’']|\s+", "", name)
    return _OWN.get((said, country)) or next(make for known, make in _FEASTS.items() if said.startswith(known))


def _fourth_thursday(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar. Source: the anonymous algorithm (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * i) // 451
    month, day = divmod(h + i - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _days(first: date, days: int = 1) -> Stretch:
    return Stretch(first, first + timedelta(days=days), "feast")


_FEASTS: dict[str, Callable[[int], Stretch]] = {
    "blackfridayweekend": lambda year: _days(_fourth_thursday(year) + timedelta(days=1), 4),
    "blackfriday": lambda year: _days(_fourth_thursday(year) + timedelta(days=1)),
    "cybermonday": lambda year: _days(_fourth_thursday(year) + timedelta(days=4)),
    "bfcm": lambda year: _days(_fourth_thursday(year) + timedelta(days=1), 4),
    "thanksgiving": lambda year: _days(_fourth_thursday(year)),
    "christmaseve": lambda year: _days(date(year, 12, 24)),
    "christmasday": lambda year: _days(date(year, 12, 25)),
    **dict.fromkeys(
        [f"{name}{season}" for name in ("christmas", "xmas") for season in ("season", "time", "trade", "business", "sales")],
        lambda year: _days(date(year, 12, 1), 26),
    ),
    "christmas": lambda year: _days(date(year, 12, 24), 3),
    "xmas": lambda year: _days(date(year, 12, 24), 3),
    "easter": lambda year: _days(easter(year) - timedelta(days=2), 4),
    "halloween": lambda year: _days(date(year, 10, 31)),
    "valentine": lambda year: _days(date(year, 2, 14)),
    "newyear": lambda year: _days(date(year, 1, 1)),
    "boxingday": lambda year: _days(date(year, 12, 26)),
    "mothersday": lambda year: _days(_nth(year, 5, 6, 2)),
    "motheringsunday": lambda year: _days(easter(year) - timedelta(days=21)),
    "fathersday": lambda year: _days(_nth(year, 6, 6, 3)),
    "labourday": lambda year: _days(date(year, 5, 1)),
    "laborday": lambda year: _days(_nth(year, 9, 0, 1)),
    "memorialday": lambda year: _days(_last(year, 5, 0)),
    "singlesday": lambda year: _days(date(year, 11, 11)),
}
"""Days shops count on. "Christmas" and "Easter" are the feast with its days off: 24 to 26 December, Good Friday to Monday;
"Christmas sales" are made before it, from 1 December."""


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The nth such weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last(year: int, month: int, weekday: int) -> date:
    last = moved(date(year, month, 1), "month", 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def _french_mothers_day(year: int) -> Stretch:
    """The last Sunday of May, or the first of June where that is Pentecost."""
    day = _last(year, 5, 6)
    return _days(day + timedelta(days=7) if day == easter(year) + timedelta(days=49) else day)


_OWN: dict[tuple[str, str], Callable[[int], Stretch]] = {
    ("thanksgiving", "CA"): lambda year: _days(_nth(year, 10, 0, 2)),
    **{("mothersday", country): lambda year: _days(easter(year) - timedelta(days=21)) for country in ("GB", "IE")},
    ("mothersday", "FR"): _french_mothers_day,
    **{("mothersday", country): lambda year: _days(_nth(year, 5, 6, 1)) for country in ("ES", "PT", "HU", "LT", "ZA")},
    **{("mothersday", country): lambda year: _days(date(year, 5, 26)) for country in ("PL",)},
    ("mothersday", "SE"): lambda year: _days(_last(year, 5, 6)),
    ("mothersday", "NO"): lambda year: _days(_nth(year, 2, 6, 2)),
    ("fathersday", "DE"): lambda year: _days(easter(year) + timedelta(days=39)),
    **{("fathersday", country): lambda year: _days(date(year, 3, 19)) for country in ("ES", "IT", "PT", "HR")},
    **{("fathersday", country): lambda year: _days(_nth(year, 9, 6, 1)) for country in ("AU", "NZ")},
    **{("fathersday", country): lambda year: _days(_nth(year, 11, 6, 2)) for country in ("SE", "NO", "FI", "IS", "EE")},
    ("fathersday", "AT"): lambda year: _days(_nth(year, 6, 6, 2)),
    ("fathersday", "BE"): lambda year: _days(_nth(year, 6, 6, 2)),
    ("fathersday", "DK"): lambda year: _days(date(year, 6, 5)),
    **{("labourday", country): lambda year: _days(_nth(year, 9, 0, 1)) for country in ("US", "CA")},
    ("labourday", "NZ"): lambda year: _days(_nth(year, 10, 0, 4)),
}
"""Feasts that a country keeps on a day of its own."""
