"""What a period is compared with: "vs last year", "than the month before", "compared to the same days of October"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from agent.planning.language.built_stretches import Found
from agent.planning.language.calendar import Stretch, Today, moved, whole
from agent.planning.language.fragments import UNITS
from agent.planning.language.passage import Passage
from agent.planning.language.stretches import stretch_at
from agent.planning.language.values import Dates, DateValue

_AGAINST = re.compile(
    r"(?:vs\.?|versus|(?:and\s+)?compar(?:ed|ing|e)\s+(?:it\s+|that\s+|them\s+)?(?:to|with|against)|in\s+comparison\s+(?:to|with)|against|next\s+to|relative\s+to|than"
    r"|(?:(?:up|down)\s+(?:on|from)|(?:ahead|short)\s+of|behind)(?=\s+(?:the\s+)?(?:last|same|previous|prior|a\s+year)\b)|beat(?:s|en)?|outs(?:old|ells?)|outperform(?:s|ed)?"
    r"|(?:chang|develop|evolv|increas|decreas|dropp|improv)(?:es?|ed?|ing)?\s+since(?=\s+(?:the\s+)?last\s+(?:week|month|quarter|year)\b))\s+"
    r"(?:(?:the\s+ones?|that|those)\s+(?=(?:(?:of|in|from|on|during)\s+)?(?:last|this|the\s+(?:last|previous)|a\s+year)\b))?"
    r"(?:in\s+|on\s+|of\s+|from\s+|during\s+)?(?:(?:the\s+)?(?:all|whole|full|entire|complete)\s+(?:of\s+)?)?",
    re.I,
)
_THAN_A_NUMBER = re.compile(r"than\s+\d{4}\b", re.I)
""" "Spent more than 2000" is an amount; the year would be "than in 2000"."""
_BEFORE_IT = re.compile(
    rf"the (?P<unit>{UNITS}) (?:before|prior|earlier)(?: (?:that|it))?\b(?! (?:yesterday|last)\b)"
    r"|(?:the )?(?:\d+|same number of) (?:days?|weeks?|months?) (?:before|prior|earlier)\b"
    r"|(?:the )?(?:previous|prior|preceding) period\b|the (?:period|one) before\b".replace(" ", r"\s+"),
    re.I,
)
_SO_FAR = re.compile(r"(?:this|the|current)\s+(?:current\s+)?(?P<unit>week|month|quarter|year)", re.I)
_THE_LAST = re.compile(r"the\s+(?=(?:last|previous|prior|past)\s)", re.I)
_LAST_ONE = re.compile(r"(?:the\s+)?(?:last|previous|prior)(?:\s+one)?(?=\s*(?:$|[?.!,;]|and\b))", re.I)
_UNIT_SAID = re.compile(rf"\b(?:{UNITS})\b", re.I)
SAME_EARLIER = re.compile(
    r"(?:the )?same (?:period|time|point|days?|weeks?|months?|quarter|season|dates?|number of days)"
    r"(?: (?:of |in |during )?(?:the )?(?:last|previous|prior) (?P<unit>week|month|quarter|year)"
    r"| (?:one|a|the) (?P<ago>week|month|quarter|year) (?:ago|before|earlier))"
    r"|an? (?P<back>week|month|quarter|year) (?:ago|earlier)".replace(" ", r"\s+"),
    re.I,
)
_SAME_OF = re.compile(r"(?:the\s+)?same\s+(?:period|days?|dates?|number\s+of\s+days)\s+(?:of|in|during)\s+", re.I)
ALL_OF = re.compile(r"\b(?:whole|full|entire|complete|all)\b", re.I)
""" "Vs all of last month": more than the part of this one that is over."""
OVER = re.compile(r"(?:(?P<year>year|month|week)\s*[- ]?(?:over|on)\s*[- ]?(?:year|month|week)|(?P<short>[ymw])o[ymw])\b", re.I)
_LONGEST_UNIT = {"week": 7, "month": 31, "year": 366}


_JOINT = re.compile(r"(?:to|and|with)\s+(?:in\s+|the\s+)?", re.I)
_COMPARES = re.compile(r"\b(?:compar\w+|differen(?:ce|t)\w*|differs?|stacks?\s+up)\b", re.I)
_THIRD = re.compile(r"\b(?:to|with)\s+(?:in\s+)?(?=the\s+|(?:last|this|same|previous|prior)\b|[a-z]+\s+\d{4}\b)", re.I)
_NOW = re.compile(r"(?:this|the\s+current|current|today)\b", re.I)


def sets_beside(passage: Passage, first: int, joint: int) -> bool:
    """Whether the "to" or "and" at `joint` sets another period beside the one that begins at `first`: "compare October to September".

    What is compared with a third ("compare March to May with last year") is one stretch of days.
    """
    said = None if passage.ahead else _JOINT.match(passage.text, joint)
    if said is None or _AGAINST.search(passage.text, said.end()) or _THIRD.search(passage.text, said.end()):
        return False
    if _COMPARES.search(passage.text, 0, first):
        return True
    return said[0].lower().startswith("to") and _NOW.match(passage.text, first) is not None and says_last(passage.text[said.end() :])


def _beside(passage: Passage, at: int, main: Dates | None) -> re.Match[str] | None:
    """The joint here, where it sets what follows beside the period right before it."""
    if main is None or main.end > at or passage.text[main.end : at].strip():
        return None
    return _JOINT.match(passage.text, at) if sets_beside(passage, main.start, at) else None


def against(passage: Passage, at: int, main: Dates | None) -> Dates | None:
    ruled = _AGAINST.match(passage.text, at) or _beside(passage, at, main)
    start = ruled.end() if ruled else at
    base = _base(passage, main)
    if ruled and _THAN_A_NUMBER.match(passage.text, at):
        return None
    if (over := OVER.match(passage.text, at)) and not ruled:
        unit = (over["year"] or {"y": "year", "m": "month", "w": "week"}[over["short"].lower()]).lower()
        if main is not None and (base.end - base.start).days > _LONGEST_UNIT[unit]:
            return None  # "this year, month over month" compares its months with each other
        base = base if main is not None else _so_far(passage, unit)
        return passage.dates(at, over.end(), _one_before(passage, base, unit, main), compared=True)
    said = SAME_EARLIER.match(passage.text, start)
    if said and (ruled or "same" in said[0].lower()):
        unit = (said["unit"] or said["ago"] or said["back"]).lower()
        return passage.dates(at, said.end(), _one_before(passage, base, unit, main, part=True), compared=True, label=said[0])
    if before := _BEFORE_IT.match(passage.text, start):
        one = main is not None and before[0].lower().split()[1:2] == ["one"] and _SO_FAR.fullmatch(main.period.label)
        unit = one["unit"] if one else before["unit"] or "period"
        return passage.dates(at, before.end(), _one_before(passage, base, unit.lower(), main, part=bool(one)), compared=True, label=before[0])
    if main and (ruled or _COMPARES_WITH.search(passage.text, 0, start)) and (named := _named_before(passage, start, base)):
        return passage.dates(at, named.end, named.stretch, compared=True, label=passage.text[start : named.end])
    if ruled and main and (last := _LAST_ONE.match(passage.text, start)):
        before_main = _last_of(passage, base, main)
        return passage.dates(at, last.end(), before_main, compared=True, label=last[0]) if before_main else None
    same = _SAME_OF.match(passage.text, start)
    start = same.end() if same else start
    if (the := _THE_LAST.match(passage.text, start)) and passage.here(start) is None:
        start = the.end()
    if not (ruled or same) or (found := passage.stretch(start, "past", today=_as_of(passage, start, base, main))) is None:
        return None
    if same and found.stretch.unit == "month":
        return passage.dates(at, found.end, _same_days(base, found.stretch), compared=True, label=passage.text[start : found.end])
    stretch = found.stretch if ALL_OF.search(passage.text[at : found.end]) else _as_other(passage, found, base, main, passage.text[start : found.end])
    return passage.dates(at, found.end, stretch, compared=True, label=passage.text[start : found.end])


def held_against(passage: Passage, found: list[DateValue]) -> list[DateValue]:
    """What is compared with, measured from the period that is said after it: "year over year sales for October"."""
    plain = [value for value in found if isinstance(value, Dates) and not value.compared]
    if len(plain) != 1 or passage.ahead:
        return found
    kept: list[DateValue] = []
    for value in found:
        if isinstance(value, Dates) and value.compared and value.start < plain[0].start:
            again = against(passage, value.start, plain[0])
            kept += [again] if again is not None else []
        else:
            kept.append(value)
    return kept


_COMPARES_WITH = re.compile(r"\bcompare\b[^.;!?]*\b(?:to|with|against|and)\s+$", re.I)
_THE = re.compile(r"(?:the\s+)?", re.I)
_WEEKEND = re.compile(r"(?:long\s+)?weekend\b", re.I)
_EARLIER = re.compile(r"\s+(?:before|earlier|prior)(?:\s+(?:that|it|then))?(?=\s*(?:$|[?.!,;:)]|(?:and|or|in|by|for|from|of)\b))", re.I)


def _named_before(passage: Passage, at: int, base: Stretch) -> Found | None:
    """ "Last Saturday against the Saturday before": the last one of that name before what it is compared with."""
    the = _THE.match(passage.text, at)
    day_before = replace(passage.today, date=base.start - timedelta(days=1))
    begin = the.end() if the else at
    found = passage.here(begin, "past", today=day_before)
    if (weekend := _WEEKEND.match(passage.text, begin)) is not None:
        found = Found(whole("weekend", base.start - timedelta(days=2), passage.today), weekend.end())
    said = _EARLIER.match(passage.text, found.end) if found is not None else None
    return replace(found, end=said.end()) if found is not None and said is not None else None


def _as_other(passage: Passage, found: Found, base: Stretch, main: Dates | None, words: str) -> Stretch:
    """What a stretch is when it is compared with: as much of it as there is of what it is compared with."""
    if main is None:
        return found.stretch
    if found.stretch.start == base.start and says_last(words):  # "October … with last October" is the one before it
        return _one_before(passage, base, found.stretch.unit if _UNIT_SAID.search(words) else "week" if found.stretch.unit == "day" else "year", main)
    if found.stretch.unit == "feast" and not re.search(r"\d{4}|\byear\b", words) and (here := _named_in(passage, base.start.year, words)) is not None:
        return here  # "did Black Friday last year beat Cyber Monday": that of the same year
    if found.stretch.unit == "year" and (base.end - base.start).days < 360:
        year = base.start.year - 1 if says_last(words) else found.stretch.start.year
        if (named := _named_in(passage, year, main.period.label)) is not None:
            return as_much(base, named, passage.today)  # Black Friday is another day each year
        if year == base.start.year - 1:
            return _one_before(passage, base, "year", main)
    return as_much(base, found.stretch, passage.today)


def _last_of(passage: Passage, base: Stretch, main: Dates) -> Stretch | None:
    """The one before of what was said: the last week of "this week", Black Friday a year earlier."""
    if (unit := _UNIT_SAID.search(main.period.label)) is not None:
        one = stretch_at(f"last {unit[0].lower()}", 0, passage.today, "past")
        return as_much(base, one.stretch, passage.today) if one else None
    return _named_in(passage, base.start.year - 1, main.period.label)


def _named_in(passage: Passage, year: int, label: str) -> Stretch | None:
    """A feast, month or quarter of another year, by the name it has in a period's label."""
    name = re.sub(r"\s*\b(?:(?:19|20)\d\d|(?:last|this)\s+year)\b", "", label).strip()
    one = stretch_at(f"{name} {year}", 0, passage.today, "past", led=True) if name else None
    of_a_year = one is not None and one.stretch.unit in ("month", "quarter", "half", "feast") and one.end == len(name) + 5
    return one.stretch if one is not None and of_a_year else None


def _one_before(passage: Passage, base: Stretch, unit: str, main: Dates | None, *, part: bool = False) -> Stretch:
    """One unit before; a week of the year before on the same weekdays, and a feast when it was then: Black Friday is another day each year.

    Args:
        part: Only as much of the unit as there is of the base: "the same days last month".
    """
    weekly = main is not None and re.search(r"\bweek\b", main.period.label, re.I) and whole("week", base.start, passage.today).start == base.start
    if unit == "year" and weekly and (base.end - base.start).days <= 7:
        return Stretch(base.start - timedelta(days=364), base.end - timedelta(days=364))
    if main is not None and unit == "period" and re.search(r"\bweekend\b", main.period.label, re.I):
        return Stretch(base.start - timedelta(days=7), base.end - timedelta(days=7))
    named = _named_in(passage, base.start.year - 1, main.period.label) if main is not None and unit in ("year", "period") else None
    if named is not None and named.unit == "feast":
        return named
    stretch = earlier(base, unit, passage.today)
    return as_much(base, stretch, passage.today) if part else stretch


_HALF_A_YEAR = timedelta(days=183)
_SHORTEST_MONTH = 28


def _as_of(passage: Passage, at: int, base: Stretch, main: Dates | None) -> Today:
    """A bare month to compare with is the one nearest to the period it is compared with: "November 2011 vs October", "August vs September"."""
    bare = (
        re.match(r"[a-z]+\b(?!\s+\d)", passage.text[at:], re.I)
        and main is not None
        and not re.match(r"(?:last|this|previous|the|yester|today)", passage.text[at:], re.I)
    )
    near = base.start + _HALF_A_YEAR if (base.end - base.start).days >= _SHORTEST_MONTH else base.start
    return replace(passage.today, date=min(near, passage.today.date)) if bare else passage.today


def _base(passage: Passage, main: Dates | None) -> Stretch:
    """What a comparison is made with: the period said before, else this month so far."""
    if main is None:
        return Stretch(passage.today.date.replace(day=1), passage.today.date + timedelta(days=1), "month")
    return Stretch(main.period.start.date(), main.period.end.date())


def _so_far(passage: Passage, unit: str) -> Stretch:
    return Stretch(whole(unit, passage.today.date, passage.today).start, passage.today.date + timedelta(days=1), unit)


def earlier(base: Stretch, unit: str, today: Today) -> Stretch:
    """What came one unit before: the unit before a calendar unit, the same days earlier for anything shorter, as many days for "period"."""
    days = (base.end - base.start).days
    if unit == "period":
        unit = next((u for u in ("day", "week", "month", "quarter", "year") if whole(u, base.start, today) == Stretch(base.start, base.end, u)), "")
        if not unit:
            return Stretch(base.start - timedelta(days=days), base.start)
    own = whole(unit, base.start, today)
    if own.start == base.start and own.end == base.end:
        return whole(unit, base.start - timedelta(days=1), today)
    start, last = moved(base.start, unit, -1), moved(base.end - timedelta(days=1), unit, -1)
    return Stretch(start, max(last, start) + timedelta(days=1))


def as_much(base: Stretch, other: Stretch, today: Today) -> Stretch:
    """As much of a calendar unit as there is of the one under way that it is compared with; all of it where none is."""
    for unit in ("week", "month", "quarter", "year"):
        here = whole(unit, base.start, today)
        under_way = base.start == here.start and base.end == today.date + timedelta(days=1) < here.end
        if not under_way or whole(unit, other.start, today) != Stretch(other.start, other.end, unit):
            continue
        days = base.end - base.start
        if unit == "week":
            return Stretch(other.start, other.start + days)
        months = (other.start.year - base.start.year) * 12 + other.start.month - base.start.month
        return Stretch(other.start, min(moved(base.end - timedelta(days=1), "month", months) + timedelta(days=1), other.end))
    return other


def _same_days(base: Stretch, month: Stretch) -> Stretch:
    """The same days of another month."""
    months = (month.start.year - base.start.year) * 12 + month.start.month - base.start.month
    return Stretch(moved(base.start, "month", months), moved(base.end - timedelta(days=1), "month", months) + timedelta(days=1))


def says_last(words: str) -> bool:
    return re.match(r"(?:the\s+)?(?:last|previous|prior)\b", words, re.I) is not None
