"""Days and periods as merchants say them, in the shop's time zone and weeks.

Days become moments at the shop's own midnights, so that a day on which clocks change is still one day. What is taken
for what:

- "last 7 days" are the seven days before today, without today; "past 3 months" likewise end before today.
- "this week", "this month", "since Monday" run to the end of today: there are no figures for tomorrow.
- A month or weekday without "last" or "next" is the latest that has begun, or, after "until", the next to come.
- "3/4/2023" is read as the shop's locale writes dates; where that makes no date, the other way round.
- Something that ends "on" a day ends when the day is over.
- "vs last year" of a shorter period is the same days a year earlier; of a week, the week a year earlier that begins on the same weekday.
- A part of a month, week, quarter or year that is under way is compared with as much of another one: "this month vs last month", said on the
  23rd, are 23 days each. Who wants more says so: "vs all of last month".
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

from agent.planning.language.calendar import Lean, Stretch, Today, moved, whole
from agent.planning.language.clock import with_clocks
from agent.planning.language.stretches import MONTHS, Found, N, counted, stretch_at
from agent.planning.language.values import Dates, Impossible, Starting, Terms, Until
from agent.sdk import Period

DateValue = Dates | Until | Starting | Impossible


def find_periods(text: str, terms: Terms, *, ahead: bool = False) -> list[DateValue]:
    """Every period, comparison, beginning and end said in a text, in reading order; offsets are into `text`.

    Args:
        ahead: Days are days to come ("from Friday to Monday" of a discount); else days gone by.
    """
    reader = _Reader(text, terms, ahead=ahead)
    found: list[DateValue] = []
    at = 0
    for match in _TRIGGER.finditer(text):
        if match.start() < at:
            continue
        value = reader.value_at(match.start(), _main(found) or reader.spoken_of)
        if value is not None:
            found.append(value)
            at = value.end
    found = reader.of_its_year(reader.held_against(found))
    return _settled(with_clocks(found, text, terms) if ahead else found, text, terms)


def period_of(stretch: Stretch, label: str, zone: tzinfo) -> Period:
    return Period(start=_midnight(stretch.start, zone), end=_midnight(stretch.end, zone), label=label)


def end_of(day: date, zone: tzinfo) -> datetime:
    """The moment a day is over."""
    return _midnight(day + timedelta(days=1), zone)


_UNTIL = re.compile(
    r"(?:until|till|til|up to and including|through(?: to)?|valid (?:to|until|till)|(?:and )?(?:ending|ends?|expir(?:ing|es?))(?: on)?"
    r"|by(?= (?:the )?(?:end of|tomorrow|next|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d)))\s+".replace(" ", r"\s+"),
    re.I,
)
_SINCE = re.compile(r"(?:ever\s+)?since\s+", re.I)
_AFTER = re.compile(r"after\s+", re.I)
_BEFORE = re.compile(r"(?:before|prior\s+to)\s+(?!last\b|that\b)", re.I)
_BETWEEN = re.compile(r"(?:between|from)\s+", re.I)
_NOW_TO = re.compile(r"(?:now|today)\s+(?:and|to|until|till|through|up\s+to)\s+(?:the\s+end\s+of\s+)?", re.I)
_TO = re.compile(r"\s*(?:\b(?:and|to|until|till|through)\b|-|–|—)\s*", re.I)
_AGAINST = re.compile(
    r"(?:vs\.?|versus|(?:and\s+)?compar(?:ed|ing|e)\s+(?:it\s+|that\s+|them\s+)?(?:to|with|against)|in\s+comparison\s+(?:to|with)|against|relative\s+to|than"
    r"|(?:(?:up|down)\s+(?:on|from)|(?:ahead|short)\s+of|behind)(?=\s+(?:the\s+)?(?:last|same|previous|prior|a\s+year)\b)|beat(?:s|en)?|outs(?:old|ells?)|outperform(?:s|ed)?"
    r"|(?:chang|develop|evolv|increas|decreas|dropp|improv)(?:es?|ed?|ing)?\s+since(?=\s+(?:the\s+)?last\s+(?:week|month|quarter|year)\b))\s+"
    r"(?:in\s+|on\s+|during\s+)?(?:(?:the\s+)?(?:all|whole|full|entire|complete)\s+(?:of\s+)?)?",
    re.I,
)
_THAN_A_NUMBER = re.compile(r"than\s+\d{4}\b", re.I)
""" "Spent more than 2000" is an amount; the year would be "than in 2000"."""
_IDLE = re.compile(
    rf"(?:in|for|within|over|since)\s+(?:over\s+|more\s+than\s+|at\s+least\s+)?(?:the\s+)?(?:last\s+|past\s+)?{N}\s*(?P<unit>day|week|month|year)s?\b",
    re.I,
)
_OLDER = re.compile(rf"(?:older\s+than|for\s+(?:(?:more|longer)\s+than|over))\s+{N}\s*(?P<unit>day|week|month|year)s?\b", re.I)
_NOT_DONE = re.compile(
    r"(?:n[’']t|\b(?:do|does|did|have|has|had|are|is)nt|\bnot|\bnever|\bno|\b(?:inactive|dormant|lapsed|absent|silent|asleep|been\s+(?:away|gone|quiet)))"
    r"\b[^,.]*$",
    re.I,
)
_NOT_YET = re.compile(r"\b(?:shipped|sent|fulfilled|paid|delivered|dispatched|packed|answered|processed|handled)\s*$", re.I)
_STARTING = re.compile(r"(?:start(?:ing|s)?|from|begin(?:ning|s)?|valid\s+from|as\s+of|effective)\s+(?:on\s+|from\s+)?", re.I)
_ON_A_WEEKDAY = re.compile(r"(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.I)
_FOR = re.compile(
    rf"for\s+(?:the\s+next\s+|another\s+)?(?:{N})\s*(?P<unit>hour|day|week|month|year)s?\b|for\s+the\s+next\s+(?P<one>hour|day|week|month|year)\b",
    re.I,
)
_BEFORE_IT = re.compile(
    r"the (?P<unit>day|week|month|quarter|year) (?:before|prior|earlier)(?: (?:that|it))?\b(?! (?:yesterday|last)\b)"
    r"|(?:the )?(?:\d+|same number of) (?:days?|weeks?|months?) (?:before|prior|earlier)\b"
    r"|(?:the )?(?:previous|prior|preceding) period\b|the (?:period|one) before\b".replace(" ", r"\s+"),
    re.I,
)
_LAST_ONE = re.compile(r"(?:the\s+)?(?:last|previous)(?:\s+one)?(?=\s*(?:$|[?.!,;]|and\b))", re.I)
_UNIT_SAID = re.compile(r"\b(?:day|week|month|quarter|year)\b", re.I)
_SAME_EARLIER = re.compile(
    r"(?:the )?same (?:period|time|point|days?|weeks?|months?|quarter|season|dates?|number of days)"
    r"(?: (?:of |in |during )?(?:the )?(?:last|previous|prior) (?P<unit>week|month|quarter|year)"
    r"| (?:one|a|the) (?P<ago>week|month|quarter|year) (?:ago|before|earlier))"
    r"|an? (?P<back>week|month|quarter|year) (?:ago|earlier)".replace(" ", r"\s+"),
    re.I,
)
_SAME_OF = re.compile(r"(?:the\s+)?same\s+(?:period|days?|dates?|number\s+of\s+days)\s+(?:of|in|during)\s+", re.I)
_ALL_OF = re.compile(r"\b(?:whole|full|entire|complete|all)\b", re.I)
""" "Vs all of last month": more than the part of this one that is over."""
_OVER = re.compile(r"(?:(?P<year>year|month|week)\s*[- ]?(?:over|on)\s*[- ]?(?:year|month|week)|(?P<short>[ymw])o[ymw])\b", re.I)
_LEAD = re.compile(
    r"(?:(?:in|on|during|over|within|for|of|from|at|around|by)\s+)(?:the\s+)?(?:(?:month|year|week|whole|start|beginning|course)\s+of\s+)?(?:the\s+)?",
    re.I,
)
_END_OF = re.compile(r"(?:the\s+)?end\s+of\s+(?:the\s+|this\s+|next\s+)?", re.I)
_END_UNIT = re.compile(r"(?P<unit>day|week|month|quarter|year)\b", re.I)

_MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY_OF_MONTH = re.compile(
    r"(?:(?:on|from|until|till|til|to|since|by|before|after|starting|between)\s+)?(?:the\s+)?"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH_NAME})\b|(?P<before>{_MONTH_NAME})\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?![.,]?\d))",
    re.I,
)
_ITS_YEAR = re.compile(r"\s*,?\s*(?:of\s+|in\s+)?(?:(?P<year>(?:19|20)\d\d)(?!\d)|(?P<rel>last|this|next)\s+year\b)", re.I)
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_TRIGGER = re.compile(
    r"(?<![\w.,/-])(?:\d|(?:down|ahead|short|behind|beat|outs|outperf|chang|develop|evolv|increas|decreas|dropp|improv|until|till|til|through|up|valid|and|ending|ends?|expir\w+|by|ever|since|after|before|prior|between|from|vs|versus|comp?ar\w+|against|relative|than"
    r"|start|begin|as|effective|for|the|previous|preceding|same|a|year|month|week|calendar|iso|[wkc]k|[kc]w|[ymw]o[ymw]|in|on|during|over|within|of|at|around|today|tonight|this|midnight"
    r"|yesterday|ystrday|yday|tomor|tmr|tonite|day|last|past|trailing|coming|next|about|one|two|three|[ymqw]td|so|all|to|current|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|q[1-4]|h[12]"
    r"|mid|early|late|middle|older|first|second|third|fourth|fy|fiscal|financial|our|mother|father|labo|memorial|singles|black|cyber|bfcm|thanksgiving|christmas|xmas|easter|halloween|valentine|new|boxing|mon|tue|wed|thu|fri|sat|sun|spring|summer|autumn|fall|winter))",
    re.I,
)
"""The beginnings of everything below and in `stretches`, so that other words cost one failed match."""


class _Reader:
    """One text and what its words are measured from."""

    def __init__(self, text: str, terms: Terms, *, ahead: bool) -> None:
        assert terms.now.tzinfo is not None
        self.ahead = ahead
        self.lean: Lean = "future" if ahead else "past"
        self.text, self.terms, self.today, self.zone = text, terms, Today.of(terms), terms.now.tzinfo
        before = terms.spoken_of
        self.spoken_of = None if before is None or ahead else Dates(start=0, end=0, period=_in_zone(before, terms.now.tzinfo))

    def value_at(self, at: int, main: Dates | None) -> DateValue | None:
        readers = (self._no_such_day, self._against, self._idle, self._until, self._since, self._range, self._plain)
        return next((value for read in readers if (value := read(at, main)) is not None), None)

    def held_against(self, found: list[DateValue]) -> list[DateValue]:
        """What is compared with, measured from the period that is said after it: "year over year sales for October"."""
        plain = [value for value in found if isinstance(value, Dates) and not value.compared]
        if len(plain) != 1 or self.ahead:
            return found
        kept: list[DateValue] = []
        for value in found:
            if isinstance(value, Dates) and value.compared and value.start < plain[0].start:
                again = self._against(value.start, plain[0])
                kept += [again] if again is not None else []
            else:
                kept.append(value)
        return kept

    def of_its_year(self, found: list[DateValue]) -> list[DateValue]:
        """ "Black Friday sales last year", "October revenue by country in 2024": one time, of the year said apart from it."""
        plain = [value for value in found if isinstance(value, Dates) and not value.compared]
        if len(plain) != 2 or self.ahead:
            return found
        named, year = plain
        words = _YEAR_APART.fullmatch(year.period.label)
        joined = re.search(r"\b(?:and|or|vs|versus|compare\w*|with|than|,)\s*$", self.text[: year.start].rstrip() + " ", re.I)
        if words is None or joined is not None or re.search(r"\d{4}|\byear\b", named.period.label):
            return found
        one = stretch_at(f"{named.period.label} {words['year']}", 0, self.today, self.lean, led=True)
        if one is None or one.end < len(named.period.label) + 2 or one.stretch.unit not in ("month", "quarter", "half", "season", "feast"):
            return found
        label = f"{named.period.label} {words['year']}"
        both = replace(named, period=period_of(one.stretch, label, self.zone))
        return [both if value is named else value for value in found if value is not year]

    def _no_such_day(self, at: int, main: Dates | None) -> Impossible | None:
        """ "30 February": read without its day it would be a whole month."""
        said = _DAY_OF_MONTH.match(self.text, at)
        if said is None:
            return None
        month, day = MONTHS[(said["month"] or said["before"]).lower()], int(said["day"] or said["after"])
        kind: Literal["period", "until"] = "until" if self.ahead or _UNTIL.match(self.text, at) else "period"
        in_year, end = f"{date(2000, month, 1):%B}", said.end()
        if (month, day) == (2, 29):
            year, end = self._year_of_february(end, kind)
            in_year += f" {year}"
            if isleap(year):
                return None
        elif 1 <= day <= _LONGEST[month - 1]:
            return None
        return Impossible(start=at, end=end, kind=kind, question=f"{in_year} has no day {day}. Which day did you mean?")

    def _year_of_february(self, at: int, kind: Literal["period", "until"]) -> tuple[int, int]:
        """The year of a "29 February", said or the nearest the way the words lean, and where it ends."""
        said, today = _ITS_YEAR.match(self.text, at), self.today.date
        if said is not None:
            named = int(said["year"]) if said["year"] else today.year + {"last": -1, "this": 0, "next": 1}[said["rel"].lower()]
            return named, said.end()
        if kind == "until":
            return today.year + (today > date(today.year, 2, 28)), at
        return today.year - (today <= date(today.year, 2, 28)), at

    def _stretch(self, at: int, lean: Lean, *, today: Today | None = None, led: bool = True) -> Found | None:
        """A stretch here, or after a word such as "in"."""
        lead = _LEAD.match(self.text, at)
        here = stretch_at(self.text, at, today or self.today, lean, led=led)
        return here or (stretch_at(self.text, lead.end(), today or self.today, lean, led=True) if lead else None)

    def _dates(self, at: int, end: int, stretch: Stretch, *, compared: bool = False, label: str = "") -> Dates:
        return Dates(start=at, end=end, compared=compared, period=period_of(stretch, label or self.text[at:end].strip(), self.zone))

    def _base(self, main: Dates | None) -> Stretch:
        """What a comparison is made with: the period said before, else this month so far."""
        if main is None:
            return Stretch(self.today.date.replace(day=1), self.today.date + timedelta(days=1), "month")
        return Stretch(main.period.start.date(), main.period.end.date())

    def _so_far(self, unit: str) -> Stretch:
        return Stretch(whole(unit, self.today.date, self.today).start, self.today.date + timedelta(days=1), unit)

    def _against(self, at: int, main: Dates | None) -> Dates | None:
        ruled = _AGAINST.match(self.text, at)
        start = ruled.end() if ruled else at
        base = self._base(main)
        if ruled and _THAN_A_NUMBER.match(self.text, at):
            return None
        if (over := _OVER.match(self.text, at)) and not ruled:
            unit = (over["year"] or {"y": "year", "m": "month", "w": "week"}[over["short"].lower()]).lower()
            if main is not None and (base.end - base.start).days > _LONGEST_UNIT[unit]:
                return None  # "this year, month over month" compares its months with each other
            base = base if main is not None else self._so_far(unit)
            return self._dates(at, over.end(), self._earlier(base, unit, main), compared=True)
        said = _SAME_EARLIER.match(self.text, start)
        if said and (ruled or "same" in said[0].lower()):
            unit = (said["unit"] or said["ago"] or said["back"]).lower()
            return self._dates(at, said.end(), self._earlier(base, unit, main, part=True), compared=True, label=said[0])
        if before := _BEFORE_IT.match(self.text, start):
            return self._dates(at, before.end(), self._earlier(base, (before["unit"] or "period").lower(), main), compared=True, label=before[0])
        if ruled and (last := _LAST_ONE.match(self.text, start)) and main and (unit := _UNIT_SAID.search(main.period.label)):
            one = stretch_at(f"last {unit[0].lower()}", 0, self.today, "past")
            return self._dates(at, last.end(), as_much(base, one.stretch, self.today), compared=True, label=last[0]) if one else None
        same = _SAME_OF.match(self.text, start)
        start = same.end() if same else start
        if not (ruled or same) or (found := self._stretch(start, "past", today=self._as_of(start, base, main))) is None:
            return None
        if same and found.stretch.unit == "month":
            return self._dates(at, found.end, _same_days(base, found.stretch), compared=True, label=self.text[start : found.end])
        stretch = found.stretch if _ALL_OF.search(self.text[at : found.end]) else self._other(found, base, main, self.text[start : found.end])
        return self._dates(at, found.end, stretch, compared=True, label=self.text[start : found.end])

    def _other(self, found: Found, base: Stretch, main: Dates | None, words: str) -> Stretch:
        """What a stretch is when it is compared with: as much of it as there is of what it is compared with."""
        if main is None:
            return found.stretch
        if found.stretch.unit == "feast" and not re.search(r"\d{4}|\byear\b", words) and (here := self._named_in(base.start.year, words)) is not None:
            return here  # "did Black Friday last year beat Cyber Monday": that of the same year
        if found.stretch.unit == "year" and (base.end - base.start).days < 360:
            year = base.start.year - 1 if _is_last(words) else found.stretch.start.year
            if (named := self._named_in(year, main.period.label)) is not None:
                return as_much(base, named, self.today)  # Black Friday is another day each year
            if year == base.start.year - 1:
                return self._earlier(base, "year", main)
        if found.stretch.start == base.start and _is_last(words):  # "October … with last October" is the one before it
            return self._earlier(base, found.stretch.unit if _UNIT_SAID.search(words) else "year", main)
        return as_much(base, found.stretch, self.today)

    def _named_in(self, year: int, label: str) -> Stretch | None:
        """A feast, month or quarter of another year, by the name it has in a period's label."""
        name = re.sub(r"\s*\b(?:(?:19|20)\d\d|(?:last|this)\s+year)\b", "", label).strip()
        one = stretch_at(f"{name} {year}", 0, self.today, "past", led=True) if name else None
        of_a_year = one is not None and one.stretch.unit in ("month", "quarter", "half", "feast") and one.end == len(name) + 5
        return one.stretch if one is not None and of_a_year else None

    def _earlier(self, base: Stretch, unit: str, main: Dates | None, *, part: bool = False) -> Stretch:
        """One unit before; a week of the year before on the same weekdays.

        Args:
            part: Only as much of the unit as there is of the base: "the same days last month".
        """
        weekly = main is not None and re.search(r"\bweek\b", main.period.label, re.I) and whole("week", base.start, self.today).start == base.start
        if unit == "year" and weekly and (base.end - base.start).days <= 7:
            return Stretch(base.start - timedelta(days=364), base.end - timedelta(days=364))
        stretch = earlier(base, unit, self.today)
        return as_much(base, stretch, self.today) if part else stretch

    def _as_of(self, at: int, base: Stretch, main: Dates | None) -> Today:
        """A bare month to compare with is the one before the period it is compared with: "November 2011 vs October"."""
        bare = (
            re.match(r"[a-z]+\b(?!\s+\d)", self.text[at:], re.I)
            and main is not None
            and not re.match(r"(?:last|this|previous|the|yester|today)", self.text[at:], re.I)
        )
        return replace(self.today, date=base.start) if bare else self.today

    def _idle(self, at: int, main: Dates | None) -> Dates | None:
        """ "Haven't ordered in 6 months": from then until now; "older than a week": all before that."""
        if not self.ahead and (old := _OLDER.match(self.text, at)) is not None and self._is_waited(at):
            start = moved(self.today.date, old["unit"].lower(), -counted(old["n"].lower()))
            return self._dates(at, old.end(), Stretch(date(2000, 1, 1), start))
        said = _IDLE.match(self.text, at)
        if said is None or not _NOT_DONE.search(self.text[:at]):
            return None
        return self._dates(
            at, said.end(), Stretch(moved(self.today.date, said["unit"].lower(), -counted(said["n"].lower())), self.today.date + timedelta(days=1))
        )

    def _is_waited(self, at: int) -> bool:
        """Whether it is time that something waits: not "haven't ordered for more than a year", but "not shipped for more than a week"."""
        return not _NOT_DONE.search(self.text[:at]) or _NOT_YET.search(self.text[:at]) is not None

    def _until(self, at: int, main: Dates | None) -> DateValue | None:
        if length := _FOR.match(self.text, at):
            unit, n = (length["unit"] or length["one"]).lower(), counted(length["n"].lower()) if length["n"] else 1
            moment = self.terms.now + timedelta(hours=n) if unit == "hour" else end_of(moved(self.today.date, unit, n), self.zone)
            return Until(start=at, end=length.end(), moment=moment, label=length[0])
        if self.ahead and (before := _BEFORE.match(self.text, at)) and (first := self._stretch(before.end(), "future")):
            return self._until_before(at, first)
        ruled = _UNTIL.match(self.text, at)
        if ruled is None or (ending := self._last_day(ruled.end())) is None:
            return None
        day, end = ending
        label = self.text[at:end]
        if end_of(day, self.zone) <= self.terms.now:
            question = f"“{label}” is {day.day} {day:%B %Y}, which is over. Until when should it be?"
            return Impossible(start=at, end=end, kind="until", question=question)
        return Until(start=at, end=end, moment=end_of(day, self.zone), label=label)

    def _until_before(self, at: int, first: Found) -> Until:
        """ "Before Christmas" of what is to come; said on a Sunday, "before Sunday" is before the next."""
        day = first.stretch.start
        while day <= self.today.date:
            day += timedelta(days=7)
        return Until(start=at, end=first.end, moment=_midnight(day, self.zone), label=self.text[at : first.end])

    def _last_day(self, at: int) -> tuple[date, int] | None:
        if (end_of_it := _END_OF.match(self.text, at)) and (unit := _END_UNIT.match(self.text, end_of_it.end())):
            day = whole(unit["unit"].lower(), self.today.date, self.today).end
            following = whole(unit["unit"].lower(), day, self.today).end if "next" in end_of_it[0].lower() else day
            return following - timedelta(days=1), unit.end()
        begin = end_of_it.end() if end_of_it else at
        found = self._stretch(begin, "future")
        if found is None:
            return None
        # feasts of several days begin before the day that gives them their name: Christmas Day, Easter Sunday
        days = (found.stretch.end - found.stretch.start).days
        last = (
            found.stretch.start + timedelta(days=days // 2)
            if found.stretch.unit == "feast" and days in (3, 4)
            else found.stretch.end - timedelta(days=1)
        )
        return last, found.end

    def _since(self, at: int, main: Dates | None) -> Dates | Impossible | None:
        tomorrow = self.today.date + timedelta(days=1)
        for rule in (_SINCE, _AFTER, _BEFORE):
            ruled = rule.match(self.text, at)
            if ruled is None or (found := self._stretch(ruled.end(), "past")) is None:
                continue
            start = found.stretch.end if rule is _AFTER else found.stretch.start
            stretch = Stretch(date(2000, 1, 1), start) if rule is _BEFORE else Stretch(start, tomorrow)
            if stretch.start >= stretch.end:
                return self._not_begun(at, found.end)
            return self._dates(at, found.end, stretch)
        return None

    def _range(self, at: int, main: Dates | None) -> DateValue | None:
        opened = _BETWEEN.match(self.text, at)
        begin = opened.end() if opened else at
        if opened and (coming := self._from_now(begin)) is not None:
            return replace(coming, start=at)
        pair = self._pair(begin, opened is not None)
        if pair is not None:
            stretch, end = pair
            if stretch.start >= stretch.end:
                return Impossible(start=at, end=end, kind="period", question=f"“{self.text[at:end]}” ends before it begins. Which days did you mean?")
            return self._not_begun(at, end) if stretch.start > self.today.date and not self.ahead else self._dates(at, end, stretch)
        starting = _STARTING.match(self.text, at)
        first = self._stretch(starting.end(), "future") if starting else None
        if (
            first
            and self.ahead
            and first.stretch.start == self.today.date
            and starting
            and _ON_A_WEEKDAY.fullmatch(self.text, starting.end(), first.end)
        ):
            # who says "starting on Monday" on a Monday means the next one
            moment = _midnight(first.stretch.start + timedelta(days=7), self.zone)
            return Starting(start=at, end=first.end, moment=moment, label=self.text[at : first.end])
        if first and first.stretch.start > self.today.date:
            return Starting(start=at, end=first.end, moment=_midnight(first.stretch.start, self.zone), label=self.text[at : first.end])
        return None

    def _from_now(self, at: int) -> Dates | None:
        """ "Between now and Christmas", of what is to come."""
        begun = _NOW_TO.match(self.text, at) if self.ahead else None
        last = stretch_at(self.text, begun.end(), self.today, self.lean, led=True) if begun else None
        if last is None:
            return None
        end = last.stretch.start + timedelta(days=1) if last.stretch.unit == "feast" else last.stretch.end
        return self._dates(at, last.end, Stretch(self.today.date, end)) if end > self.today.date else None

    def _pair(self, at: int, opened: bool) -> tuple[Stretch, int] | None:
        """Two stretches with "to" between: "15 March to 2 April", "March to May 2024", and "1 and 15 March"."""
        first = stretch_at(self.text, at, self.today, self.lean, led=opened)
        if first is None:
            return self._days_of_one_month(at) if opened else None
        if first.stretch.unit == "days":
            return first.stretch, first.end
        joint = _TO.match(self.text, first.end)
        if joint is None or (not opened and joint[0].strip().lower() == "and"):
            return None
        last = stretch_at(self.text, joint.end(), self.today, self.lean, led=True)
        if last is None:
            return None
        start, end = first.stretch.start, last.stretch.end
        if start >= end and first.stretch.unit == last.stretch.unit == "day" and not re.search(r"\d", self.text[at : last.end]):
            # "from Friday to Monday": the Monday after that Friday, or the Friday before that Monday
            return (Stretch(start, end + timedelta(days=7)) if self.ahead else Stretch(start - timedelta(days=7), end)), last.end
        if start >= end and not re.search(r"\d{4}", self.text[at : first.end]):
            # "November to January": the first of the two is the one before; "March to May 2024": the year is said once
            before = start.replace(year=end.year if (start.month, start.day) < (end.month, end.day) else end.year - 1)
            # what is to come did not begin a year ago: "from 1 December until Friday", said in November, ends before it begins
            start = start if self.ahead and before < self.today.date - timedelta(days=183) else before
        elif re.search(r"\d{4}", self.text[joint.end() : last.end]) and not re.search(r"\d{4}", self.text[at : first.end]):
            year = last.stretch.start.year
            start = start.replace(year=year if (start.month, start.day) <= (last.stretch.start.month, last.stretch.start.day) else year - 1)
        return Stretch(start, end), last.end

    def _days_of_one_month(self, at: int) -> tuple[Stretch, int] | None:
        first = re.compile(r"(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?").match(self.text, at)
        joint = _TO.match(self.text, first.end()) if first else None
        last = stretch_at(self.text, joint.end(), self.today, self.lean) if joint else None
        if (
            first is None
            or last is None
            or last.stretch.unit != "day"
            or not re.search(r"[a-z]{3}", self.text[joint.end() if joint else 0 : last.end], re.I)
        ):
            return None
        try:
            return Stretch(last.stretch.start.replace(day=int(first[1])), last.stretch.end), last.end
        except ValueError:
            return None

    def _plain(self, at: int, main: Dates | None) -> Dates | Impossible | None:
        lead = _LEAD.match(self.text, at)
        found = stretch_at(self.text, at, self.today, self.lean, led=False)
        begin = at
        if found is None and lead:
            found, begin = stretch_at(self.text, lead.end(), self.today, self.lean), lead.end()
        if found is None:
            return None
        if found.stretch.start > self.today.date and not self.ahead:
            return self._not_begun(at, found.end)
        return self._dates(at, found.end, found.stretch, label=self.text[begin : found.end])

    def _not_begun(self, at: int, end: int) -> Impossible:
        return Impossible(start=at, end=end, kind="period", question=f"“{self.text[at:end].strip()}” has not begun yet. Which days did you mean?")


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


_LONGEST_UNIT = {"week": 7, "month": 31, "year": 366}


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


def _main(found: Sequence[DateValue]) -> Dates | None:
    return next((value for value in reversed(found) if isinstance(value, Dates) and not value.compared), None)


_YEAR_APART = re.compile(r"(?:the\s+)?(?P<year>(?:last|this)\s+year|(?:19|20)\d\d)", re.I)
_COMPARED_WITH = re.compile(r"(?:\b(?:to|with|against|and|versus)|-|–)\s*$", re.I)


def _settled(found: list[DateValue], text: str, terms: Terms) -> list[DateValue]:
    """ "Compare last month to the month before" has two periods of which the second is compared with; one compared with
    nothing is compared with the present: "how did it do compared with last year".
    """
    plain = [value for value in found if isinstance(value, Dates) and not value.compared]
    compared = [value for value in found if isinstance(value, Dates) and value.compared]
    if len(plain) == 2 and re.search(r"\bcompare\b", text[: plain[0].start], re.I) and _COMPARED_WITH.search(text[plain[0].end : plain[1].start]):
        return [_as_compared(value, plain[0], text, terms) if value is plain[1] else value for value in found]
    if len(plain) == 2 and not compared and (two := _two_together(plain, text, terms)) is not None:
        return [both for value in found for both in (two if value is plain[0] else () if value is plain[1] else (value,))]
    if len(compared) == 1 and not plain and terms.spoken_of is None and (pair := _with_present(compared[0], text, terms)) is not None:
        return [both for value in found for both in (pair if value is compared[0] else (value,))]
    return found


_HELD_AGAINST_EACH_OTHER = re.compile(r"\bcompare\s+(?:them|these|both|the\s+two)\b", re.I)


def _two_together(two: Sequence[Dates], text: str, terms: Terms) -> Sequence[Dates] | None:
    """ "September and October" that follow each other are one stretch; "… and compare them" holds the later against the earlier."""
    zone = terms.now.tzinfo
    first, last = sorted(two, key=lambda value: value.period.start)
    if zone is None or not re.fullmatch(r"\s*(?:,|and|&)\s*(?:in\s+)?", text[two[0].end : two[1].start], re.I):
        return None
    if _HELD_AGAINST_EACH_OTHER.search(text, two[1].end):
        return last, _as_compared(first, last, text, terms)
    said = re.search(r"\b(?:19|20)\d\d$", last.period.label)
    if said is not None and not re.search(r"\d{4}", first.period.label) and first is two[0]:  # "Q3 and Q4 2025": the year is said once
        same = stretch_at(f"{first.period.label} {said[0]}", 0, Today.of(terms), "past", led=True)
        first = replace(first, period=period_of(same.stretch, first.period.label, zone)) if same is not None else first
    if first.period.end != last.period.start or first.start != two[0].start:
        return None
    days = Stretch(first.period.start.date(), last.period.end.date())
    return (replace(first, end=last.end, period=period_of(days, f"{first.period.label} and {last.period.label}", zone)),)


def _as_compared(value: Dates, main: Dates, text: str, terms: Terms) -> Dates:
    zone, days = terms.now.tzinfo, [Stretch(v.period.start.date(), v.period.end.date()) for v in (main, value)]
    if zone is None or _ALL_OF.search(text[main.end : value.end]):
        return replace(value, compared=True)
    return replace(value, compared=True, period=period_of(as_much(days[0], days[1], Today.of(terms)), value.period.label, zone))


def _with_present(compared: Dates, text: str, terms: Terms) -> tuple[Dates, Dates] | None:
    """This year so far and the same days of last year, where only "last year" was said."""
    today, zone = Today.of(terms), terms.now.tzinfo
    start, end = compared.period.start.date(), compared.period.end.date()
    unit = next((u for u in ("day", "week", "month", "quarter", "year") if whole(u, start, today) == Stretch(start, end, u)), None)
    over = _OVER.fullmatch(compared.period.label)
    if zone is not None and (over or _SAME_EARLIER.fullmatch(compared.period.label)):  # what it was measured from
        said = (over["year"] or {"y": "year", "m": "month", "w": "week"}[over["short"].lower()]).lower() if over else "month"
        here = Stretch(whole(said, today.date, today).start, today.date + timedelta(days=1), said)
        return Dates(start=compared.start, end=compared.start, period=period_of(here, f"this {said}", zone)), compared
    if zone is None or unit is None:
        return None
    present = Stretch(whole(unit, today.date, today).start, today.date + timedelta(days=1), unit)
    main = Dates(start=compared.start, end=compared.start, period=period_of(present, "today" if unit == "day" else f"this {unit}", zone))
    words = compared.period.label
    if end == present.start and unit != "day":  # the one just over: as much of it as there is of this one
        stretch = earlier(present, unit, today) if unit != "week" else Stretch(present.start - timedelta(days=7), present.end - timedelta(days=7))
        compared = replace(compared, period=period_of(stretch, words, zone))
    return main, compared


def _in_zone(period: Period, zone: tzinfo | None) -> Period:
    """As the shop's clocks have it: what was stored knows its offset alone."""
    return period.model_copy(update={"start": period.start.astimezone(zone), "end": period.end.astimezone(zone)})


def _is_last(words: str) -> bool:
    return re.match(r"(?:the\s+)?(?:last|previous|prior)\b", words, re.I) is not None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
