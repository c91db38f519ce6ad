"""Times of the day for what is to come: "on Friday at 18:00", "tonight at 11pm", "until Sunday noon"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from agent.planning.language.calendar_words import WEEKDAYS
from agent.planning.language.values import Dates, DateValue, Impossible, Spot, Starting, Terms, Until

_CLOCK = re.compile(
    r"(?<![\w.,:/-])(?:(?P<ruled>until|till|til|by|to|from|at|@|starting|around)\s+)?(?:at\s+)?"
    r"(?:(?P<hour>1[0-2]|0?[1-9])(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?"
    r"|(?P<hour24>[01]?\d|2[0-3])(?::(?P<minute24>[0-5]\d)|\s+o[’']clock)(?!\d)(?:\s?(?:h|uhr|hrs)\b)?"
    r"|(?P<noon>noon|midday)\b)",
    re.I,
)
_LATE, _EARLY = r"tonight|tonite|(?:this\s+|in\s+the\s+)?(?:evening|afternoon)|(?<=\s)night", r"(?:this\s+|in\s+the\s+)?morning"
_BARE = re.compile(
    rf"(?:\b(?P<late>{_LATE})|\b(?:{_EARLY})),?\s+(?P<at>at\s+(?P<after>1[01]|[1-9]))(?![\d.,:]*\d|\s*(?:%|€|\$|£|percent|euros?|bucks|[ap]\.?m\b|o[’']))"
    rf"|\b(?P<by>at\s+(?P<before>1[01]|[1-9]))\s+(?:(?P<later>{_LATE})|(?:{_EARLY}))\b",
    re.I,
)
"""An hour with neither minutes nor half, which the part of the day beside it tells: "at 8" alone may be a price."""
_BESIDE = re.compile(r"\s*(?:(?:in\s+the\s+)?(?:morning|afternoon|evening|night)\b)?\s*(?:,|\bat\b|\bfrom\b|@)?\s*", re.I)
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})\b", re.I)
_ENDS = re.compile(r"(?:\b(?:to|until|till|til|by)\b|-|–|—)\s*$", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock(Spot):
    time: time
    label: str
    ends: bool = False
    """Said as the end of something: "until 18:00"."""


def with_clocks(found: Sequence[DateValue], text: str, terms: Terms) -> list[DateValue]:
    """Days with the time said beside them; a time said alone is the next that comes."""
    values = list(found)
    for clock in _clocks(text):
        beside = next((v for v in values if _is_beside(v, clock, text)), None)
        if beside is not None:
            values[values.index(beside)] = _at(beside, clock, text, terms)
        elif not any(v.overlaps(clock) for v in values):
            values.append(_next(clock, terms))
    return sorted(_closed(_of_midnight(values, text), text), key=lambda v: v.start)


def _clocks(text: str) -> Iterator[_Clock]:
    for said in _CLOCK.finditer(text):
        ends = (said["ruled"] or "").lower() in ("until", "till", "til", "by", "to")
        yield _Clock(start=said.start(), end=said.end(), time=_time(said), label=said[0].strip(), ends=ends)
    for said in _BARE.finditer(text):
        at, hour = ("at", said["after"]) if said["at"] else ("by", said["before"])
        noon = 12 if said["late"] or said["later"] else 0
        yield _Clock(start=said.start(at), end=said.end(at), time=time(int(hour) % 12 + noon), label=said[at])


_MIDNIGHT = re.compile(r"(?:at\s+)?midnight", re.I)


def _of_midnight(values: Sequence[DateValue], text: str) -> list[DateValue]:
    """ "At midnight on 31 December", "until Sunday midnight" and "on Friday at midnight" are that day, and no second time."""
    kept = list(values)
    for at in [v for v in values if isinstance(v, Dates) and _MIDNIGHT.fullmatch(text, v.start, v.end)]:
        days = [v for v in kept if isinstance(v, Dates | Until | Starting) and v is not at]
        day = next((v for v in days if _ON.fullmatch(text, at.end, v.start) or _BESIDE.fullmatch(text, v.end, at.start)), None)
        if day is not None:
            kept[kept.index(day)] = replace(day, start=min(day.start, at.start), end=max(day.end, at.end))
            kept.remove(at)
    return kept


_ON = re.compile(r"\s*(?:on|of)?\s*", re.I)


def _is_beside(value: DateValue, spot: _Clock, text: str) -> bool:
    if isinstance(value, Impossible) or value.overlaps(spot):
        return False
    first, second = sorted((value, spot), key=lambda s: s.start)
    return _BESIDE.fullmatch(text, first.end, second.start) is not None


def _at(value: DateValue, clock: _Clock, text: str, terms: Terms) -> DateValue:
    """The day's moment. Something that holds for a day holds from that moment on."""
    start, end = min(value.start, clock.start), max(value.end, clock.end)
    label = text[start:end].strip()
    match value:
        case Dates(period=period) if period.end - period.start <= timedelta(days=1, hours=1):
            return _future(Starting(start=start, end=end, moment=_moment(period.start, clock), label=label), terms)
        case Starting(moment=moment):
            return _future(replace(value, start=start, end=end, moment=_moment(moment, clock), label=label), terms)
        case Until(moment=moment):  # the end of its last day
            return _future(replace(value, start=start, end=end, moment=_moment(moment - timedelta(hours=1), clock), label=label), terms)
    return value


def _future(value: Starting | Until, terms: Terms) -> DateValue:
    if value.moment > terms.now:
        return value
    if _WEEKDAY.search(value.label):  # said on a Sunday evening, "Sunday at noon" is in a week
        return replace(value, moment=value.moment + timedelta(days=7))
    question = f"“{value.label}” is over. When should it be?"
    return Impossible(start=value.start, end=value.end, kind="until", question=question)


def _next(clock: _Clock, terms: Terms) -> DateValue:
    moment = _moment(terms.now, clock)
    moment = moment if moment > terms.now else moment + timedelta(days=1)
    kind = Until if clock.ends else Starting
    return kind(start=clock.start, end=clock.end, moment=moment, label=clock.label)


def _moment(day: datetime, clock: _Clock) -> datetime:
    return datetime.combine(day.date(), clock.time, tzinfo=day.tzinfo)


def _time(clock: re.Match[str]) -> time:
    if clock["noon"]:
        return time(12)
    if clock["hour24"]:
        return time(int(clock["hour24"]), int(clock["minute24"] or 0))
    hour = int(clock["hour"]) % 12 + (12 if clock["half"].lower() == "p" else 0)
    return time(hour, int(clock["minute"] or 0))


def _closed(values: Sequence[DateValue], text: str) -> Iterator[DateValue]:
    """ "From Friday 18:00 to Sunday 20:00": the second is the end."""
    opened = False
    for value in sorted(values, key=lambda v: v.start):
        if opened and isinstance(value, Starting) and (_ENDS.search(text, 0, value.start) or _ENDS.match(f"{value.label.split()[0]} ")):
            yield Until(start=value.start, end=value.end, moment=value.moment, label=value.label)
            continue
        opened = opened or isinstance(value, Starting)
        yield value
