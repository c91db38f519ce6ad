"""Stretches of days that a word opens or closes: "since Monday", "until the end of May", "haven't ordered in 6 months"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from agent.planning.language.built_stretches import Found
from agent.planning.language.calendar import Stretch, moved, whole
from agent.planning.language.calendar_words import N, counted
from agent.planning.language.fragments import UNITS
from agent.planning.language.passage import Passage, end_of, midnight
from agent.planning.language.values import Dates, DateValue, Impossible, Starting, Until

UNTIL = re.compile(
    r"(?:until|till|til|up to and including|through(?: to)?|valid (?:to|until|till)|(?:and )?(?:ending|ends?|expir(?:ing|es?))(?: on)?"
    r"|by(?= (?:the )?(?:end of|tomorrow|next|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d)))\s+".replace(" ", r"\s+"),
    re.I,
)
_SINCE = re.compile(r"(?:ever\s+)?since\s+", re.I)
_AFTER = re.compile(r"after\s+", re.I)
_BEFORE = re.compile(r"(?:before|prior\s+to)\s+(?!last\b|that\b)", re.I)
_IDLE = re.compile(
    rf"(?:in|for|within|over|since)\s+(?:over\s+|(?:more|longer)\s+than\s+|at\s+least\s+)?(?:the\s+)?(?:last\s+|past\s+)?{N}\s*(?P<unit>day|week|month|year)s?\b",
    re.I,
)
_OLDER = re.compile(
    rf"(?:older\s+than|(?<!take\s)(?<!took\s)(?<!takes\s)(?<!taking\s)longer\s+than|(?:for|since)\s+(?:(?:more|longer)\s+than|over|at\s+least)"
    r"|(?:(?<=stuck\s)|(?<=waiting\s)|(?<=open\s)|(?<=pending\s)|(?<=hanging\s)|(?<=unpaid\s)|(?<=unshipped\s)|(?<=unfulfilled\s)|(?<=overdue\s))"
    r"(?:for\s+)?(?:over|more\s+than|at\s+least)"
    rf"|more\s+than(?=\s+[\w-]+\s+\w+\s+(?:ago|old)\b))\s+{N}\s*(?P<unit>day|week|month|year)s?\b(?:\s+(?:ago|old)\b)?",
    re.I,
)
_NOT_DONE = re.compile(
    r"(?:n[’']t|\b(?:do|does|did|have|has|had|are|is)nt|\bnot|\bnever|\bno|\b(?:inactive|dormant|lapsed|absent|silent|asleep|been\s+(?:away|gone|quiet)|unsold|untouched|(?:gather|collect)ing\s+dust))"
    r"\b[^,.]*$",
    re.I,
)
_NOT_YET = re.compile(
    r"\b(?:shipped|sent|fulfilled|paid|delivered|dispatched|packed|answered|processed|handled|gone|left(?:\s+(?:us|here))?)(?:\s+out)?\s*$", re.I
)
_FOR = re.compile(
    rf"(?:for|valid(?:\s+for)?|lasting|lasts|runs|running)\s+(?:the\s+next\s+|another\s+|only\s+|just\s+)*(?:{N})[\s-]*(?P<unit>hour|day|week|month|year)s?\b"
    r"|for\s+the\s+next\s+(?P<one>hour|day|week|month|year)\b",
    re.I,
)
_END_OF = re.compile(r"(?:the\s+)?end\s+of\s+(?:the\s+|this\s+|next\s+)?", re.I)
_AT_END = re.compile(r"at\s+(?=(?:the\s+)?end\s+of\s)", re.I)
_END_UNIT = re.compile(rf"(?P<unit>{UNITS})\b", re.I)


def idle(passage: Passage, at: int, main: Dates | None) -> Dates | None:
    """ "Haven't ordered in 6 months": from then until now; "older than a week": all before that."""
    if not passage.ahead and (old := _OLDER.match(passage.text, at)) is not None and _is_waited(passage, at):
        start = moved(passage.today.date, old["unit"].lower(), -counted(old["n"].lower()))
        return passage.dates(at, old.end(), Stretch(date(2000, 1, 1), start))
    said = _IDLE.match(passage.text, at)
    if said is None or not _NOT_DONE.search(passage.text[:at]):
        return None
    return passage.dates(
        at, said.end(), Stretch(moved(passage.today.date, said["unit"].lower(), -counted(said["n"].lower())), passage.today.date + timedelta(days=1))
    )


def _is_waited(passage: Passage, at: int) -> bool:
    """Whether it is time that something waits: not "haven't ordered for more than a year", but "not shipped for more than a week"."""
    return not _NOT_DONE.search(passage.text[:at]) or _NOT_YET.search(passage.text[:at]) is not None


def until(passage: Passage, at: int, main: Dates | None) -> DateValue | None:
    if length := _FOR.match(passage.text, at):
        unit, n = (length["unit"] or length["one"]).lower(), counted(length["n"].lower()) if length["n"] else 1
        moment = passage.terms.now + timedelta(hours=n) if unit == "hour" else end_of(moved(passage.today.date, unit, n), passage.zone)
        return Until(start=at, end=length.end(), moment=moment, label=length[0])
    if passage.ahead and (before := _BEFORE.match(passage.text, at)) and (first := passage.stretch(before.end(), "future")):
        return _until_before(passage, at, first)
    if passage.ahead and (past := _PAST.match(passage.text, at)) and (last := _last_day(passage, past.end())):
        label, after = passage.text[at : last[1]], end_of(last[0], passage.zone)
        if _NO_MORE.search(passage.text[:at]):
            return Until(start=at, end=last[1], moment=after, label=label)
        if _BEGINS.search(passage.text[:at]):
            return Starting(start=at, end=last[1], moment=after, label=label)
    if passage.ahead and (final := _AT_END.match(passage.text, at)) and (last := _last_day(passage, final.end())):
        return passage.dates(at, last[1], Stretch(last[0], last[0] + timedelta(days=1)))
    ruled = UNTIL.match(passage.text, at) or (_TO.match(passage.text, at) if passage.ahead and _EXTENDS.search(passage.text[:at]) else None)
    if ruled is None or (ending := _last_day(passage, ruled.end())) is None:
        return None
    day, end = ending
    label = passage.text[at:end]
    if end_of(day, passage.zone) <= passage.terms.now:
        question = f"“{label}” is {day.day} {day:%B %Y}, which is over. Until when should it be?"
        return Impossible(start=at, end=end, kind="until", question=question)
    return Until(start=at, end=end, moment=end_of(day, passage.zone), label=label)


_PAST = re.compile(r"(?:after|past|beyond)\s+(?=\w)", re.I)
_NO_MORE = re.compile(
    r"(?:\b(?:ends?|ending|expir\w+|stops?|stopping|runs?\s+out|finish\w*|invalid|deactivated?|disabled?|not|never|no\s+longer|cannot)\b|n[’']?t\b)"
    r"(?![^.;!?]*\b(?:starts?|starting|begins?|beginning|before|until)\b)[^.;!?]*$",
    re.I,
)
""" "Should not work ‖ after Sunday", "end it after Sunday": until then it goes on."""
_BEGINS = re.compile(r"\b(?:starts?|starting|begins?|beginning|launch\w*|activate|goes\s+live)\b[^.;!?]*$", re.I)
_TO = re.compile(r"to\s+(?=[a-z])", re.I)
_EXTENDS = re.compile(r"\b(?:extend|prolong|lengthen)\w*\b[^.;!?]*$", re.I)
""" "Extend MUGLOVE to Christmas" says until when; "add the mugs to Christmas" does not."""


def _until_before(passage: Passage, at: int, first: Found) -> Until:
    """ "Before Christmas" of what is to come; said on a Sunday, "before Sunday" is before the next."""
    day = first.stretch.start
    while day <= passage.today.date:
        day += timedelta(days=7)
    return Until(start=at, end=first.end, moment=midnight(day, passage.zone), label=passage.text[at : first.end])


def _last_day(passage: Passage, at: int) -> tuple[date, int] | None:
    if (end_of_it := _END_OF.match(passage.text, at)) and (unit := _END_UNIT.match(passage.text, end_of_it.end())):
        day = whole(unit["unit"].lower(), passage.today.date, passage.today).end
        following = whole(unit["unit"].lower(), day, passage.today).end if "next" in end_of_it[0].lower() else day
        return following - timedelta(days=1), unit.end()
    begin = end_of_it.end() if end_of_it else at
    found = passage.stretch(begin, "future")
    if found is None:
        return None
    # feasts of several days begin before the day that gives them their name: Christmas Day, Easter Sunday
    days = (found.stretch.end - found.stretch.start).days
    last = (
        found.stretch.start + timedelta(days=days // 2) if found.stretch.unit == "feast" and days in (3, 4) else found.stretch.end - timedelta(days=1)
    )
    return last, found.end


def since(passage: Passage, at: int, main: Dates | None) -> Dates | Impossible | None:
    tomorrow = passage.today.date + timedelta(days=1)
    for rule in (_SINCE, _AFTER, _BEFORE):
        ruled = rule.match(passage.text, at)
        if ruled is None or (found := passage.stretch(ruled.end(), "past")) is None:
            continue
        start = found.stretch.end if rule is _AFTER else found.stretch.start
        stretch = Stretch(date(2000, 1, 1), start) if rule is _BEFORE else Stretch(start, tomorrow)
        if stretch.start >= stretch.end:
            return passage.not_begun(at, found.end)
        return passage.dates(at, found.end, stretch)
    return None
