"""Words for when something recurs ("every Monday at 9", "monthly", "on the last day of each month") to a rhythm."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.sdk.rhythms import DAYS, LAST, Rhythm

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SpokenTime:
    rhythm: Rhythm
    spans: Sequence[Span]
    """Where it was said; what is left of the text is what recurs."""


_DAY = r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)days?|(?:mon|tue|wed|thu|thur|fri|sat|sun)(?=\W|$)"
_LIST = rf"(?:{_DAY})(?:(?:\s*,\s*|\s*(?:and|&)\s*|\s*,\s*and\s*)(?:{_DAY}))*"
_EVERY = r"(?:on\s+)?(?:every|each)"
_PART = r"(?:morning|afternoon|evening|night)"
_PARTS = {"morning": "08:00", "afternoon": "14:00", "evening": "18:00", "night": "21:00"}

_WEEK = re.compile(
    rf"\b(?:(?:{_EVERY}|on|to)\s+(?P<days>{_LIST})(?:\s+(?P<part>{_PART}))?|(?P<plural>(?:mon"
    rf"|tues|wednes|thurs|fri|satur|sun)days(?:(?:\s*,\s*|\s+and\s+)(?:mon|tues|wednes|thurs"
    rf"|fri|satur|sun)days)*)\b)",
    re.I,
)
_WEEKLY = re.compile(
    rf"\b(?:(?P<end>(?:at|by)\s+the\s+end\s+of\s+(?:every|each|the)\s+week)|{_EVERY}\s+week(?!days?"
    rf"|ends?)\b|(?:once\s+)?(?:a|per)\s+week\b|(?:on\s+)?(?:a\s+)?weekly(?:\s+basis)?)",
    re.I,
)
_WORKDAYS = re.compile(rf"\b(?:{_EVERY}|on)\s+(?P<what>week\s?days?|working\s+days?|business\s+days?|weekends?)\b|\bon\s+weekends\b", re.I)
_DAILY = re.compile(
    rf"\b(?:{_EVERY}\s+(?:single\s+)?day\b|(?:once\s+)?(?:a|per)\s+day\b|(?:on\s+)?(?:a\s+)?daily(?:\s+basis)?|{_EVERY}\s+(?P<part>{_PART})|nightly)",
    re.I,
)
_OF_MONTH = r"(?:of|in)\s+(?:every|each|the)\s+month"
_NTH = r"(?:first|1st|second|2nd|third|3rd|last|\d{1,2}(?:st|nd|rd|th))"
_MONTHLY = re.compile(
    rf"\b(?:(?:on\s+|for\s+)?(?:the\s+)?(?P<nth>{_NTH})(?:\s+day)?\s+{_OF_MONTH}|(?:at\s+"
    rf"|by\s+)?(?:the\s+)?(?P<edge>start|beginning|end)\s+{_OF_MONTH}"
    rf"|{_EVERY}\s+month\b(?:\s+on\s+the\s+(?P<nth2>{_NTH})(?:\s+day)?)?|(?:once\s+)?(?:a|per)\s+month\b(?:\s+on\s+the\s+(?P<nth3>{_NTH}))?"
    rf"|(?:on\s+)?(?:a\s+)?monthly(?:\s+basis)?(?:\s+on\s+the\s+(?P<nth4>{_NTH}))?)",
    re.I,
)
_QUARTERLY = re.compile(rf"\b(?:{_EVERY}\s+quarter\b|(?:once\s+)?(?:a|per)\s+quarter\b|quarterly)", re.I)
_YEARLY = re.compile(rf"\b(?:{_EVERY}\s+year\b|(?:once\s+)?(?:a|per)\s+year\b|yearly|annually)", re.I)
_HOURLY = re.compile(rf"\b(?:{_EVERY}\s+hour\b|hourly)", re.I)
_OTHER = re.compile(
    r"\b(?:every|each)\s+(?:other|second|third|\d+|two|three|four|few)\s+(?:minutes?|hours?|days?|weeks?|months?)|\bbi-?weekly|\bfortnight(?:ly)?",
    re.I,
)
_BUT = (
    r"\b(?:but\s+not|except(?:ing)?(?:\s+for)?|apart\s+from|excluding|other\s+than|(?:,\s*|\band\s+)?(?<!\bbut\s)not|skip(?:ping)?|unless\s+it[’']?s)"
    r"\s+(?:(?:on|in|at|during|over|for|every|the)\s+)*"
)
_BUT_DAYS = re.compile(rf"\s*,?\s*{_BUT}(?:(?P<weekend>weekends?)|(?P<days>{_LIST}))\b", re.I)
_BUT_THEN = re.compile(
    rf"{_BUT}(?:january|february|march|april|may|june|july|august|september|october|november|december|christmas|easter|(?:public\s+|bank\s+)?holidays?"
    r"|(?:spring|summer|autumn|winter|fall)|(?:first|last|next|this)\s+(?:day|week|month)s?|weeks?\b|months?\b|\d)[^,.;]*",
    re.I,
)
"""Times that are left out of what recurs, and that no rhythm can leave out."""
_CLOCK = re.compile(
    r"\b(?:at|by|around)\s+(?:(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?\s*(?P<half>[ap]\.?m\.?)?(?:\s*o'?clock)?(?![\w%€$£])"
    r"|(?P<word>noon|midday|midnight))"
    r"|\b(?P<hour2>\d{1,2})(?:(?::(?P<minute2>\d{2}))?\s*(?P<half2>[ap]\.?m\.?)(?!\w)|:(?P<minute3>[0-5]\d)(?![\w:])(?:\s*(?:h|uhr|hrs)\b)?)"
    r"|\b(?:in\s+the"
    r"|first\s+thing\s+in\s+the)\s+(?P<part>morning|afternoon|evening)|\bat\s+(?P<night>night)\b",
    re.I,
)


_TO_HOUR = re.compile(
    r"\bto\s+(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?P<half>)(?P<word>)(?P<part>)(?P<night>)(?P<hour2>)(?P<minute2>)(?P<half2>)"
    r"(?P<minute3>)\W*$",
    re.I,
)


def time_in(text: str) -> SpokenTime | None:
    """The first recurring time in the text; None where there is none, or one that no rhythm can hold (`odd_time`)."""
    if odd_time(text):
        return None
    found = _found(text)
    if found is None:
        return None
    made, spans, part = found
    clock = next((m for m in _CLOCK.finditer(text) if not any(m.start() < end and start < m.end() for start, end in spans)), None)
    at = _at(clock) if clock is not None else _PARTS.get(part, "09:00")
    if at is None:
        return None
    return SpokenTime(made.model_copy(update={"at": at}), [*spans, *([clock.span()] if clock is not None else [])])


def moved_to(rhythm: Rhythm, text: str) -> Rhythm | None:
    """The rhythm with what the text says of it: other days at the same hour, or another hour on the same days; None where it says nothing."""
    clock = _CLOCK.search(text)
    if (found := time_in(text)) is not None:
        return found.rhythm if clock is not None or found.rhythm.every == "hour" else found.rhythm.model_copy(update={"at": rhythm.at})
    at = _at(clock) if clock is not None else _at(bare) if (bare := _TO_HOUR.search(text)) is not None else None
    return rhythm.model_copy(update={"at": at}) if at is not None else None


def odd_time(text: str) -> str | None:
    """A recurring time that cannot be expressed, as it was said: "every two weeks"."""
    found = _OTHER.search(text) or _BUT_THEN.search(text)
    return found[0] if found else None


def _found(text: str) -> tuple[Rhythm, list[Span], str] | None:
    """The rhythm without its hour, where it was said, and the part of the day that goes with it."""
    spans: list[Span] = []
    if (but := _BUT_DAYS.search(text)) is not None and (
        m := _DAILY.search(text[: but.start()] + " " * (but.end() - but.start()) + text[but.end() :])
    ):
        out = (5, 6) if but["weekend"] else _days(but["days"])
        rest = tuple(day for day in range(7) if day not in out)
        return Rhythm(every="week", weekdays=rest), [m.span(), but.span()], (m["part"] or "").lower()
    if (m := _WORKDAYS.search(text)) is not None:
        weekend = "weekend" in m[0].lower()
        return Rhythm(every="week", weekdays=(5, 6) if weekend else (0, 1, 2, 3, 4)), [m.span()], ""
    if (m := _MONTHLY.search(text)) is not None:
        said = m["nth"] or m["nth2"] or m["nth3"] or m["nth4"]
        day = _nth(said) if said else LAST if (m["edge"] or "").lower() == "end" else 1
        return (Rhythm(every="month", day=day), [m.span()], "") if 1 <= day <= LAST else None
    for pattern, months in ((_QUARTERLY, 3), (_YEARLY, 12)):
        if (m := pattern.search(text)) is not None:
            return Rhythm(every="month", months=months), [m.span()], ""
    weekly, week = _WEEKLY.search(text), _WEEK.search(text)
    if week is not None or weekly is not None:
        spans = [m.span() for m in (week, weekly) if m is not None]
        days = _days(week["days"] or week["plural"]) if week is not None else (4,) if weekly is not None and weekly["end"] else (0,)
        return Rhythm(every="week", weekdays=days), spans, (week["part"] or "").lower() if week is not None else ""
    if (m := _DAILY.search(text)) is not None:
        return Rhythm(every="day"), [m.span()], "night" if m[0].lower() == "nightly" else (m["part"] or "").lower()
    if (m := _HOURLY.search(text)) is not None:
        return Rhythm(every="hour", at="00:00"), [m.span()], "hour"
    return None


def _blanked(text: str, span: Span) -> str:
    return text[: span[0]] + " " * (span[1] - span[0]) + text[span[1] :]


def _days(said: str) -> tuple[int, ...]:
    names = [day[:3].lower() for day in DAYS]
    return tuple(sorted({names.index(word[:3].lower()) for word in re.findall(_DAY, said, re.I)}))


def _nth(said: str) -> int:
    words = {"first": 1, "second": 2, "third": 3, "last": LAST}
    return words.get(said.lower()) or int(re.sub(r"\D", "", said))


def _at(clock: re.Match[str]) -> str | None:
    """ "18:00"; None for an hour that no clock shows."""
    if clock["word"]:
        return "00:00" if clock["word"].lower() == "midnight" else "12:00"
    if clock["part"] or clock["night"]:
        return _PARTS[(clock["part"] or clock["night"]).lower()]
    hour, minute = int(clock["hour"] or clock["hour2"]), int(clock["minute"] or clock["minute2"] or clock["minute3"] or 0)
    half: Literal["a", "p", ""] = (clock["half"] or clock["half2"] or "").lower()[:1]  # type: ignore[assignment]  # as the pattern has it
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def without(text: str, spans: Sequence[Span]) -> str:
    """The text without these places, tidied."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " " + text[end:]
    return re.sub(r"\s+([,.!?])", r"\1", " ".join(text.split())).strip(" ,;:.-")
