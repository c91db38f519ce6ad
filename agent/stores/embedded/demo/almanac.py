"""When people buy: seasons, weekdays, growth, Black Friday and Christmas; all factors beside an ordinary day's 1."""

from __future__ import annotations

from datetime import date, timedelta

SEASONS: dict[str, tuple[float, ...]] = {
    "": (1.0,) * 12,
    "summer": (0.1, 0.12, 0.3, 0.7, 1.5, 2.3, 2.2, 1.5, 0.6, 0.25, 0.12, 0.12),
    "winter": (1.8, 1.4, 0.8, 0.4, 0.2, 0.1, 0.1, 0.2, 0.7, 1.3, 1.9, 2.1),
    "spring": (0.5, 0.9, 1.8, 2.0, 1.7, 1.1, 0.8, 0.6, 0.6, 0.5, 0.4, 0.4),
    "autumn": (0.8, 0.7, 0.6, 0.6, 0.6, 0.6, 0.7, 1.3, 2.0, 1.6, 1.1, 0.9),
    "gift": (0.6, 0.8, 0.8, 0.8, 1.0, 0.8, 0.7, 0.7, 0.8, 1.0, 1.7, 2.4),
    "advent": (0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.4, 1.6, 3.0, 3.2),
}
"""What a product of the season sells in each month, January first."""

MONTHS = (0.8, 0.78, 0.88, 0.92, 1.0, 1.0, 0.9, 0.85, 0.95, 1.1, 1.5, 1.8)
WEEKDAYS = (1.08, 0.98, 0.96, 0.98, 0.9, 0.88, 1.22)
YEARLY_GROWTH = 1.35
MONTHS_BACK = 18
NIGHT_SHARE = 0.06
"""Of a whole day's orders, what has come in by `HOUR_NOW`."""
HOUR_NOW = 7
"""The generated shop's "now" is this hour of its last day, so that nothing lies in the future of whoever opens it in the morning."""


def first_day(today: date) -> date:
    """The day 18 months before."""
    months = today.year * 12 + today.month - 1 - MONTHS_BACK
    return date(months // 12, months % 12 + 1, min(today.day, 28))


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def demand(day: date, today: date) -> float:
    """How much is ordered on a day beside an ordinary day at the beginning."""
    growth = float(YEARLY_GROWTH ** ((day - first_day(today)).days / 365.25))
    share = NIGHT_SHARE if day == today else 1.0
    return growth * MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] * _occasion(day) * share


def season(name: str, day: date) -> float:
    return SEASONS[name][day.month - 1]


def _occasion(day: date) -> float:
    since = (day - black_friday(day.year)).days
    if 0 <= since <= 3:
        return (3.6, 2.2, 1.9, 1.5)[since]
    if day.month == 12 and day.day >= 21:
        return 0.25 if day.day <= 26 else 0.6
    return 1.0
