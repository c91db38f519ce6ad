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
from collections.abc import Sequence

from agent.planning.language.clock import with_clocks
from agent.planning.language.compared import against, held_against
from agent.planning.language.fragments import SEASONS
from agent.planning.language.no_such_day import no_such_day
from agent.planning.language.passage import Passage
from agent.planning.language.ranges import days_between, plain_stretch
from agent.planning.language.ruled import idle, since, until
from agent.planning.language.together import of_its_year, settled
from agent.planning.language.values import Dates, DateValue, Terms


def find_periods(text: str, terms: Terms, *, ahead: bool = False) -> list[DateValue]:
    """Every period, comparison, beginning and end said in a text, in reading order; offsets are into `text`.

    Args:
        ahead: Days are days to come ("from Friday to Monday" of a discount); else days gone by.
    """
    passage = Passage(text, terms, ahead=ahead)
    found: list[DateValue] = []
    at = 0
    for match in _TRIGGER.finditer(text):
        if match.start() < at:
            continue
        value = _value_at(passage, match.start(), _main(found) or passage.period_before)
        if value is not None:
            found.append(value)
            at = value.end
    found = of_its_year(passage, held_against(passage, found))
    return settled(with_clocks(found, text, terms) if ahead else found, text, terms)


def _value_at(passage: Passage, at: int, main: Dates | None) -> DateValue | None:
    readers = (no_such_day, against, idle, until, since, days_between, plain_stretch)
    return next((value for read in readers if (value := read(passage, at, main)) is not None), None)


_TRIGGER = re.compile(
    r"(?<![\w.,/-])(?:\d|(?:down|ahead|short|behind|beat|outs|outperf|chang|develop|evolv|increas|decreas|dropp|improv|until|till|til|through|up|valid|and|ending|ends?|expir\w+|by|ever|since|after|before|prior|between|from|vs|versus|comp?ar\w+|against|relative|than"
    r"|start|begin|as|effective|for|the|previous|preceding|same|a|year|month|week|calendar|iso|[wkc]k|[kc]w|[ymw]o[ymw]|in|on|during|over|within|of|at|around|today|tonight|this|midnight"
    r"|yesterday|ystrday|yday|tomor|tmr|tonite|day|last|past|trailing|coming|next|about|one|two|three|[ymqw]td|so|all|to|current|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|q[1-4]|h[12]"
    rf"|mid|early|late|middle|older|longer|more|first|second|third|fourth|fy|fiscal|financial|our|mother|father|labo|memorial|singles|black|cyber|bfcm|thanksgiving|christmas|xmas|easter|halloween|valentine|new|boxing|mon|tue|wed|thu|fri|sat|sun|{SEASONS}))",
    re.I,
)
"""The beginnings of all that these readers and `stretches` know, so that other words cost one failed match."""


def _main(found: Sequence[DateValue]) -> Dates | None:
    return next((value for value in reversed(found) if isinstance(value, Dates) and not value.compared), None)
