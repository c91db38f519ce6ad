"""Days that no month has, such as 30 February."""

from __future__ import annotations

import re
from calendar import isleap
from datetime import date
from typing import Literal

from agent.planning.language.calendar_words import MONTHS
from agent.planning.language.passage import Passage
from agent.planning.language.ruled import UNTIL
from agent.planning.language.values import Dates, Impossible

_MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY_OF_MONTH = re.compile(
    r"(?:(?:on|from|until|till|til|to|since|by|before|after|starting|between)\s+)?(?:the\s+)?"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH_NAME})\b|(?P<before>{_MONTH_NAME})\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?![.,]?\d))",
    re.I,
)
_ITS_YEAR = re.compile(r"\s*,?\s*(?:of\s+|in\s+)?(?:(?P<year>(?:19|20)\d\d)(?!\d)|(?P<rel>last|this|next)\s+year\b)", re.I)
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def no_such_day(passage: Passage, at: int, main: Dates | None) -> Impossible | None:
    """ "30 February": read without its day it would be a whole month."""
    said = _DAY_OF_MONTH.match(passage.text, at)
    if said is None:
        return None
    month, day = MONTHS[(said["month"] or said["before"]).lower()], int(said["day"] or said["after"])
    kind: Literal["period", "until"] = "until" if passage.ahead or UNTIL.match(passage.text, at) else "period"
    in_year, end = f"{date(2000, month, 1):%B}", said.end()
    if (month, day) == (2, 29):
        year, end = _year_of_february(passage, end, kind)
        in_year += f" {year}"
        if isleap(year):
            return None
    elif 1 <= day <= _LONGEST[month - 1]:
        return None
    return Impossible(start=at, end=end, kind=kind, question=f"{in_year} has no day {day}. Which day did you mean?")


def _year_of_february(passage: Passage, at: int, kind: Literal["period", "until"]) -> tuple[int, int]:
    """The year of a "29 February", said or the nearest the way the words lean, and where it ends."""
    said, today = _ITS_YEAR.match(passage.text, at), passage.today.date
    if said is not None:
        named = int(said["year"]) if said["year"] else today.year + {"last": -1, "this": 0, "next": 1}[said["rel"].lower()]
        return named, said.end()
    if kind == "until":
        return today.year + (today > date(today.year, 2, 28)), at
    return today.year - (today <= date(today.year, 2, 28)), at
