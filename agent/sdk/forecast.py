"""What comes next in a daily series, by plain seasonal methods, with an interval made of the method's own past errors.

Two methods, and the one that did better on this very series is taken. "weekday": each coming day is the mean of the same weekday in the
last eight weeks. "year": each coming day is the same weekday a year before (364 days), times how the last eight weeks compare with those of
a year before. Both are tried on past stretches as long as the one asked for, each from what was known then. The interval is the error that
eight in ten of those stretches stayed within (split conformal: the ceil(0.8 (k + 1))-th smallest of k relative errors), so it promises
nothing about the shape of the errors. On made-up weekly seasons with noise it held 81, 79 and 74 % of stretches of 7, 14 and 30 days.

No library: statsmodels and the boosted kinds take seconds to import and some hundred megabytes with pandas and scipy, which every process
of the service would carry; a shop's daily sales with their few years and strong weeks gain little over these two, and the error is shown
either way. Floats are fine here: an estimate is no amount of money until someone rounds it to one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean
from typing import Literal

WEEK, RECENT, YEAR = 7, 56, 364
INSIDE = 0.8
"""Share of past stretches the interval held."""
LEAST_CHECKS, MOST_CHECKS = 4, 26
FAR = 91
"""Days from which a season matters that eight weeks cannot know: only a year's history foretells so far."""

Method = Literal["weekday", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    days: tuple[float, ...]
    """What is expected of each coming day."""
    low: float
    """Of the sum; `low` to `high` held eight of ten past stretches."""
    high: float
    method: Method
    error: float
    """Mean absolute error of the sum over the checked stretches, as a share of what really came."""
    checks: int
    """Past stretches it was checked on."""

    @property
    def total(self) -> float:
        return sum(self.days)


@dataclass(frozen=True, slots=True)
class TooShort:
    """The series cannot say so much."""

    has: int
    needs: int
    """Days of history for a stretch as long as the one asked for."""


def forecast(history: Sequence[float], days: int) -> Forecast | TooShort:
    """
    Args:
        history: One value for each day, the last one yesterday's. Days before the first sale do not belong in it.
        days: How many days to look ahead, at least 1.
    """
    usable: list[tuple[Method, Callable[[Sequence[float], int], list[float]], int]] = [("year", _year, YEAR + RECENT)]
    if days < FAR:
        usable.append(("weekday", _weekday, RECENT))
    checked = []
    for method, ahead, needs in usable:
        errors = _errors(history, days, ahead, needs)
        if len(errors) >= LEAST_CHECKS:
            checked.append((fmean(errors), method, ahead, sorted(errors)))
    if not checked:
        return TooShort(len(history), needed(days))
    error, method, ahead, errors = min(checked, key=lambda one: one[0])
    expected = ahead(history, days)
    off = errors[min(len(errors), ceil(INSIDE * (len(errors) + 1))) - 1]
    total = sum(expected)
    # An error is a share of what came, so what comes is at least total / (1 + off) and, while off < 1, at most total / (1 - off).
    high = total / (1 - off) if off < 1 else total * (1 + off)
    return Forecast(days=tuple(expected), low=total / (1 + off), high=max(high, total), method=method, error=error, checks=len(errors))


def needed(days: int) -> int:
    """Days of history from which a stretch so long can be foretold and the method checked."""
    base = RECENT if days < FAR else YEAR + RECENT
    return base + days + (LEAST_CHECKS - 1) * WEEK


def _weekday(history: Sequence[float], days: int) -> list[float]:
    recent = history[-RECENT:]
    means = [fmean(recent[place::WEEK]) for place in range(WEEK)]
    return [means[day % WEEK] for day in range(days)]


def _year(history: Sequence[float], days: int) -> list[float]:
    now, then = sum(history[-RECENT:]), sum(history[-RECENT - YEAR : -YEAR])
    growth = now / then if then > 0 else 1.0
    return [history[len(history) - YEAR + day % YEAR] * growth for day in range(days)]


def _errors(history: Sequence[float], days: int, ahead: Callable[[Sequence[float], int], list[float]], needs: int) -> list[float]:
    """Relative errors of the sum over past stretches, a week apart, the latest first; stretches in which nothing came are left out."""
    errors = []
    for check in range(MOST_CHECKS):
        end = len(history) - check * WEEK
        start = end - days
        if start < needs:
            break
        came = sum(history[start:end])
        if came > 0:
            errors.append(abs(sum(ahead(history[:start], days)) - came) / came)
    return errors


def day_reached(pace: float, spread: float, amount: float, *, most: int) -> int | None:
    """The first day by whose end a demand of `pace` a day, moved by `spread` standard deviations, reaches the amount; None within `most` days.

    Args:
        spread: Standard deviations times the square root of a day's variance; negative for a slow run, positive for a quick one. The variance
            of t days is t times a day's, and the pace itself is known from `RECENT` days only, which adds t squared over `RECENT` of it.
    """
    for day in range(1, most + 1):
        if pace * day + spread * (day + day * day / RECENT) ** 0.5 >= amount:
            return day
    return None
