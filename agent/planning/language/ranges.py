"""A stretch of days by itself, and two with "to" between: "15 March to 2 April", "from Friday to Monday", "starting on Monday"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from agent.planning.language.calendar import Stretch
from agent.planning.language.compared import sets_beside
from agent.planning.language.passage import LEAD, Passage, midnight
from agent.planning.language.values import Dates, DateValue, Impossible, Starting

_BETWEEN = re.compile(r"(?:(?:valid|runs?|running|starting|good)\s+)?(?:between|from)\s+", re.I)
_DIFFERENCE = re.compile(r"\bdifferences?\s+(?:in\s+(?:[\w-]+\s+){1,3})?$", re.I)
_NOW_TO = re.compile(r"(?:now|today)\s+(?:and|to|until|till|through|up\s+to)\s+(?:the\s+end\s+of\s+)?", re.I)
_TO = re.compile(r"\s*(?:\b(?:and|to|until|till|through)\b|-|–|—)\s*", re.I)
_STARTING = re.compile(r"(?:start(?:ing|s)?|from|begin(?:ning|s)?|valid\s+from|as\s+of|effective)\s+(?:on\s+|from\s+)?", re.I)
_FROM_A_NAME = re.compile(r"from\s+[^\W\d]+(?!\s+(?:on|onwards?)\b)\b", re.I)
""" "Orders from October", "from Friday": the one that was. "From Friday on" begins then."""
_ON_A_WEEKDAY = re.compile(r"(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.I)


def days_between(passage: Passage, at: int, main: Dates | None) -> DateValue | None:
    opened = _BETWEEN.match(passage.text, at)
    if opened and _DIFFERENCE.search(passage.text, 0, at):
        return None
    begin = opened.end() if opened else at
    if opened and (coming := _from_now(passage, begin)) is not None:
        return replace(coming, start=at)
    pair = _pair(passage, begin, opened is not None)
    if pair is not None:
        stretch, end = pair
        if stretch.start >= stretch.end:
            return Impossible(start=at, end=end, kind="period", question=f"“{passage.text[at:end]}” ends before it begins. Which days did you mean?")
        return passage.not_begun(at, end) if stretch.start > passage.today.date and not passage.ahead else passage.dates(at, end, stretch)
    starting = _STARTING.match(passage.text, at)
    first = passage.stretch(starting.end(), "future") if starting else None
    if first and passage.ahead and first.stretch.unit == "days":  # "starting 1 to 24 December" has an end as well
        return passage.dates(at, first.end, first.stretch)
    if (
        first
        and passage.ahead
        and first.stretch.start == passage.today.date
        and starting
        and _ON_A_WEEKDAY.fullmatch(passage.text, starting.end(), first.end)
    ):
        # who says "starting on Monday" on a Monday means the next one
        moment = midnight(first.stretch.start + timedelta(days=7), passage.zone)
        return Starting(start=at, end=first.end, moment=moment, label=passage.text[at : first.end])
    if first and starting and not passage.ahead and (named := _FROM_A_NAME.match(passage.text, at)) and named.end() == first.end:
        return None  # "the orders from October" are those of the last one, and not of next year's on
    if first and first.stretch.start > passage.today.date:
        return Starting(start=at, end=first.end, moment=midnight(first.stretch.start, passage.zone), label=passage.text[at : first.end])
    return None


def _from_now(passage: Passage, at: int) -> Dates | None:
    """ "Between now and Christmas", of what is to come."""
    begun = _NOW_TO.match(passage.text, at) if passage.ahead else None
    last = passage.here(begun.end()) if begun else None
    if last is None:
        return None
    end = last.stretch.start + timedelta(days=1) if last.stretch.unit == "feast" else last.stretch.end
    return passage.dates(at, last.end, Stretch(passage.today.date, end)) if end > passage.today.date else None


def _pair(passage: Passage, at: int, opened: bool) -> tuple[Stretch, int] | None:
    """Two stretches with "to" between: "15 March to 2 April", "March to May 2024", and "1 and 15 March"."""
    first = passage.here(at, led=opened)
    if first is None:
        return _days_of_one_month(passage, at) if opened else None
    if first.stretch.unit == "days":
        return first.stretch, first.end
    joint = _TO.match(passage.text, first.end)
    if joint is None or (not opened and (joint[0].strip().lower() == "and" or sets_beside(passage, at, joint.end() - len(joint[0].lstrip())))):
        return None
    last = passage.here(joint.end())
    if last is None:
        return None
    start, end = first.stretch.start, last.stretch.end
    if start >= end and first.stretch.unit == last.stretch.unit == "day" and not re.search(r"\d", passage.text[at : last.end]):
        # "from Friday to Monday": the Monday after that Friday, or the Friday before that Monday
        return (Stretch(start, end + timedelta(days=7)) if passage.ahead else Stretch(start - timedelta(days=7), end)), last.end
    if start >= end and not re.search(r"\d{4}", passage.text[at : first.end]):
        # "November to January": the first of the two is the one before; "March to May 2024": the year is said once
        before = start.replace(year=end.year if (start.month, start.day) < (end.month, end.day) else end.year - 1)
        # what is to come did not begin a year ago: "from 1 December until Friday", said in November, ends before it begins
        start = start if passage.ahead and before < passage.today.date - timedelta(days=183) else before
    elif re.search(r"\d{4}", passage.text[joint.end() : last.end]) and not re.search(r"\d{4}", passage.text[at : first.end]):
        year = last.stretch.start.year
        start = start.replace(year=year if (start.month, start.day) <= (last.stretch.start.month, last.stretch.start.day) else year - 1)
    return Stretch(start, end), last.end


_FIRST_DAY = re.compile(r"(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?")


def _days_of_one_month(passage: Passage, at: int) -> tuple[Stretch, int] | None:
    first = _FIRST_DAY.match(passage.text, at)
    joint = _TO.match(passage.text, first.end()) if first else None
    last = passage.here(joint.end()) if joint else None
    if (
        first is None
        or last is None
        or last.stretch.unit != "day"
        or not re.search(r"[a-z]{3}", passage.text[joint.end() if joint else 0 : last.end], re.I)
    ):
        return None
    try:
        return Stretch(last.stretch.start.replace(day=int(first[1])), last.stretch.end), last.end
    except ValueError:
        return None


def plain_stretch(passage: Passage, at: int, main: Dates | None) -> Dates | Impossible | None:
    lead = LEAD.match(passage.text, at)
    found = passage.here(at, led=False)
    begin = at
    if found is None and lead:
        found, begin = passage.here(lead.end()), lead.end()
    if found is None:
        return None
    if found.stretch.start > passage.today.date and not passage.ahead:
        return passage.not_begun(at, found.end)
    return passage.dates(at, found.end, found.stretch, label=passage.text[begin : found.end])
