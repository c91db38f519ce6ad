"""One text, the shop's clocks and the day that its words are measured from."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from agent.planning.language.built_stretches import Found
from agent.planning.language.calendar import Lean, Stretch, Today
from agent.planning.language.stretches import stretch_at
from agent.planning.language.values import Dates, Impossible, Terms
from agent.sdk import Period


class Passage:
    """One text and what its words are measured from."""

    def __init__(self, text: str, terms: Terms, *, ahead: bool) -> None:
        assert terms.now.tzinfo is not None
        self.ahead = ahead
        self.lean: Lean = "future" if ahead else "past"
        self.text, self.terms, self.today, self.zone = text, terms, Today.of(terms), terms.now.tzinfo
        before = terms.period_before
        self._stretches: dict[tuple[int, Today, Lean, bool], Found | None] = {}
        self.period_before = None if before is None or ahead else Dates(start=0, end=0, period=_in_zone(before, terms.now.tzinfo))

    def stretch(self, at: int, lean: Lean, *, today: Today | None = None, led: bool = True) -> Found | None:
        """A stretch here, or after a word such as "in"."""
        lead = LEAD.match(self.text, at)
        return self.here(at, lean, today=today, led=led) or (self.here(lead.end(), lean, today=today) if lead else None)

    def here(self, at: int, lean: Lean | None = None, *, today: Today | None = None, led: bool = True) -> Found | None:
        """The stretch whose words begin exactly here, leaning as the text does; looked for once, however many rules ask for it."""
        key = (at, today or self.today, lean or self.lean, led)
        if key not in self._stretches:
            self._stretches[key] = stretch_at(self.text, *key[:3], led=led)
        return self._stretches[key]

    def dates(self, at: int, end: int, stretch: Stretch, *, compared: bool = False, label: str = "") -> Dates:
        called = label or self.text[at:end].strip().removeprefix("of ")
        return Dates(start=at, end=end, compared=compared, period=period_of(stretch, called, self.zone))

    def not_begun(self, at: int, end: int) -> Impossible:
        return Impossible(start=at, end=end, kind="period", question=f"“{self.text[at:end].strip()}” has not begun yet. Which days did you mean?")


LEAD = re.compile(
    r"(?:(?:in|on|during|over|within|for|of|from|at|around|by)\s+)(?:the\s+)?(?:(?:month|year|week|whole|start|beginning|course)\s+of\s+)?(?:the\s+)?",
    re.I,
)


def period_of(stretch: Stretch, label: str, zone: tzinfo) -> Period:
    return Period(start=midnight(stretch.start, zone), end=midnight(stretch.end, zone), label=label)


def end_of(day: date, zone: tzinfo) -> datetime:
    """The moment a day is over."""
    return midnight(day + timedelta(days=1), zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _in_zone(period: Period, zone: tzinfo | None) -> Period:
    """As the shop's clocks have it: what was stored knows its offset alone."""
    return period.model_copy(update={"start": period.start.astimezone(zone), "end": period.end.astimezone(zone)})
