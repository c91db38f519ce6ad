"""Two periods of one text that say one thing together: "October revenue in 2024", "September and October", "compare them"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from agent.planning.language.calendar import Stretch, Today, whole
from agent.planning.language.compared import ALL_OF, OVER, SAME_EARLIER, against, as_much, earlier, says_last
from agent.planning.language.passage import Passage, period_of
from agent.planning.language.stretches import stretch_at
from agent.planning.language.values import Dates, DateValue, Spot, Terms

_YEAR_APART = re.compile(r"(?:the\s+)?(?P<year>(?:last|this)\s+year|(?:19|20)\d\d)", re.I)


def of_its_year(passage: Passage, found: list[DateValue]) -> list[DateValue]:
    """ "Black Friday sales last year", "October revenue by country in 2024": one time, of the year said apart from it."""
    plain = [value for value in found if isinstance(value, Dates) and not value.compared]
    if len(plain) != 2 or passage.ahead:
        return found
    named, year = plain
    words = _YEAR_APART.fullmatch(year.period.label)
    joined = re.search(r"\b(?:and|or|vs|versus|compare\w*|with|than|,)\s*$", passage.text[: year.start].rstrip() + " ", re.I)
    if words is None or joined is not None or re.search(r"\d{4}|\byear\b", named.period.label):
        return found
    figures = passage.text[named.end : year.start] if year.start > named.end else ""  # "Christmas sales" are not of the feast's three days
    one = stretch_at(f"{named.period.label} {words['year']}{figures}", 0, passage.today, passage.lean, led=True)
    if one is None or one.end < len(named.period.label) + 2 or one.stretch.unit not in ("month", "quarter", "half", "season", "feast"):
        return found
    label = f"{named.period.label} {words['year']}"
    both = replace(named, period=period_of(one.stretch, label, passage.zone), apart=Spot(start=year.start, end=year.end))

    def measured(value: DateValue) -> DateValue:
        """What is compared with it was measured from the year alone."""
        after = isinstance(value, Dates) and value.compared and value.start > year.start
        return (against(passage, value.start, both) if after else None) or value

    return [both if value is named else measured(value) for value in found if value is not year]


_COMPARED_WITH = re.compile(r"(?:\b(?:to|with|against|and|versus)|-|–)\s*$", re.I)


def settled(found: list[DateValue], text: str, terms: Terms) -> list[DateValue]:
    """ "Compare last month to the month before" has two periods of which the second is compared with; one compared with
    nothing is compared with the present: "how did it do compared with last year".
    """
    plain = [value for value in found if isinstance(value, Dates) and not value.compared]
    compared = [value for value in found if isinstance(value, Dates) and value.compared]
    if len(plain) == 2 and re.search(r"\bcompare\b", text[: plain[0].start], re.I) and _COMPARED_WITH.search(text[plain[0].end : plain[1].start]):
        return [_as_compared(value, plain[0], text, terms) if value is plain[1] else value for value in found]
    if len(plain) == 2 and not compared and (two := _two_together(plain, text, terms)) is not None:
        return [both for value in found for both in (two if value is plain[0] else () if value is plain[1] else (value,))]
    if len(compared) == 1 and not plain and terms.period_before is None and (pair := _with_present(compared[0], text, terms)) is not None:
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
    if zone is not None and days[0] == days[1] and says_last(value.period.label):  # "compare October with last October": the one before it
        return replace(value, compared=True, period=period_of(earlier(days[0], "year", Today.of(terms)), value.period.label, zone))
    if zone is None or ALL_OF.search(text[main.end : value.end]):
        return replace(value, compared=True)
    return replace(value, compared=True, period=period_of(as_much(days[0], days[1], Today.of(terms)), value.period.label, zone))


def _with_present(compared: Dates, text: str, terms: Terms) -> tuple[Dates, Dates] | None:
    """This year so far and the same days of last year, where only "last year" was said."""
    today, zone = Today.of(terms), terms.now.tzinfo
    start, end = compared.period.start.date(), compared.period.end.date()
    unit = next((u for u in ("day", "week", "month", "quarter", "year") if whole(u, start, today) == Stretch(start, end, u)), None)
    over = OVER.fullmatch(compared.period.label)
    if zone is not None and (over or SAME_EARLIER.fullmatch(compared.period.label)):  # what it was measured from
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
