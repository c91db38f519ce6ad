"""From results to what people read: sentences in their locale, and one Part for each subtask."""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time
from babel.numbers import format_currency, format_decimal, format_percent, list_currencies

from agent.errors import StorehandError
from agent.languages import Translated, ours, told
from agent.records import ChangeSet, Part, Route, Subtask, to_json
from agent.sdk import Answer, Draft, Missing, Money, Percent, Period, Proposal, Refusal, Selection, Sentence, Untrusted, say
from agent.sdk.rhythms import Rhythm
from agent.sdk.rules import Rule

_OPENING = re.compile(r"\{(\w+)\}")
"""A place that a sentence begins with."""
MONEY = re.compile(r"\b(?P<currency>[A-Z]{3}) (?P<amount>-?\d+(?:\.\d+)?)(?![\d.]*\d)")
"""Money in a sentence of ours, as it is kept: "EUR 12.50"."""
Result = Answer[Any] | Draft | Proposal | Refusal | Missing


@dataclass(frozen=True, slots=True)
class Renderer:
    """Sentences and values in one locale and time zone."""

    locale: str = "en"
    time_zone: str = "UTC"
    catalogue: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)

    def __call__(self, sentence: Sentence) -> str:
        if sentence.plural is None or sentence.n is None:
            form = self.catalogue.gettext(sentence.msgid)
        else:
            form = self.catalogue.ngettext(sentence.msgid, sentence.plural, sentence.n)
        params = {name: self.value(value) for name, value in sentence.params.items()}
        if sentence.n is not None:
            params.setdefault("n", self.value(sentence.n))
        said = form.format(**params)
        opening = _OPENING.match(form)
        begins = opening is not None and isinstance(sentence.params.get(opening[1]), Rhythm)  # "every Monday …" begins the sentence
        return said[:1].upper() + said[1:] if begins else said

    def value(self, value: Any) -> str:
        """A value as people read it. Untrusted text is shown as it is; whoever puts it on a page escapes it."""
        locale = babel_locale(self.locale)
        match value:
            case Sentence():
                return self(value)
            case Money():
                return format_currency(value.amount, value.currency, locale=locale)
            case Percent():
                return format_percent(value.value / 100, locale=locale, decimal_quantization=False)
            case bool():
                return self(say("yes") if value else say("no"))
            case int() | Decimal():
                return format_decimal(value, locale=locale, decimal_quantization=False)
            case datetime():
                return moment(value, locale, self.time_zone)
            case date():
                return day(value, locale)
            case Period():
                return self.period(value)
            case Untrusted():
                return str(value.value)
            case Selection():
                return value.label
            case None:
                return "–"
            case str():
                return self.catalogue.pgettext("value", value)
            case Rule() | Rhythm():  # they read as finished sentences, whose words are ours
                return MONEY.sub(self._amount, told(self.catalogue, str(value)))
            case list() | tuple():
                return ", ".join(self.value(v) for v in value)
        return str(value)

    def _amount(self, found: re.Match[str]) -> str:
        known = found["currency"] in list_currencies()
        return self.value(Money(Decimal(found["amount"]), found["currency"])) if known else found[0]

    def period(self, period: Period) -> str:
        """ "last month (1 Oct 2026 – 31 Oct 2026)", the last day included. A label there are no words for is left out: the days say it."""
        zone, locale = ZoneInfo(self.time_zone), babel_locale(self.locale)
        first = period.start.astimezone(zone).date()
        last = (period.end.astimezone(zone) - timedelta(microseconds=1)).date()
        days = day(first, locale) + (" – " + day(last, locale) if last != first else "")
        label = ours(self.catalogue, period.label)
        known = label != period.label or not isinstance(self.catalogue, Translated)
        return f"{label} ({days})" if label and known else days


def day(value: date, locale: Locale) -> str:
    """ "1 Oct 2026", "Oct 1, 2026" or "1. Okt. 2026". English of no country is written the day first."""
    return format_skeleton("yMMMd", value, locale=Locale("en", "001") if str(locale) == "en" else locale)


def moment(value: datetime, locale: Locale, time_zone: str) -> str:
    at = value.astimezone(ZoneInfo(time_zone))
    return f"{day(at.date(), locale)}, {format_time(at, 'HH:mm', locale=locale)}"


def babel_locale(tag: str) -> Locale:
    """The locale of a BCP 47 tag; English where babel knows none of that name."""
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def part_of(subtask: Subtask, result: Result, *, render: Renderer, routes: tuple[Route, ...], change_set: ChangeSet | None = None) -> Part:
    """What a result is shown as. A proposal comes with the change set it was opened as."""
    run = (
        (read_route(subtask), *routes)
        if routes
        else (read_route(subtask), Route(by="code", what=f"do {subtask.task}", why="plain code needs no model"))
    )
    make = _Maker(subtask, run)
    match result:
        case Answer():
            return make("answer", render(result.text), data=to_json(result.data), evidence=result.evidence)
        case Draft():
            data = {"title": result.title, "content": result.content, "by": result.by}
            return make("draft", render(result.text), data=data, change_set=change_set)
        case Proposal():
            beside = {"table": to_json(result.table)} if result.table is not None else None
            return make("proposal", render(result.summary), data=beside, evidence=result.evidence, change_set=change_set)
        case Refusal():
            return make("refusal", render(result.text), data={"code": result.code})
        case Missing():
            options = [{"value": value, "label": render(label) if isinstance(label, Sentence) else label} for value, label in result.options]
            return make("missing", render(result.question), data={"field": result.field, "options": options})
    assert_never(result)


def error_part(subtask: Subtask, error: StorehandError) -> Part:
    """A subtask that failed, said in a sentence with what a program needs to tell errors apart."""
    data = {"code": error.code, "retriable": error.retriable, **error.facts}
    return Part(subtask=subtask.id, task=subtask.task, kind="error", text=str(error), data=to_json(data), run=(read_route(subtask),))


def read_route(subtask: Subtask) -> Route:
    read = subtask.read
    if read.by == "caller":
        return Route(by="code", what="read the request", why="the caller named the task and its values")
    why = "the students are sure of this part" if read.by == "student" else "the students were not sure, so a provider was asked"
    return Route(by=read.by, what="read the request", confidence=read.confidence, why=why)


@dataclass(frozen=True, slots=True)
class _Maker:
    subtask: Subtask
    run: tuple[Route, ...]

    def __call__(self, kind: Any, text: str, **more: Any) -> Part:
        return Part(subtask=self.subtask.id, task=self.subtask.task, kind=kind, text=text, run=self.run, **more)


def totals_of(parts: Mapping[str, Part]) -> tuple[int, Decimal]:
    """Calls of models and their cost in US dollars, over all parts."""
    routes = [route for part in parts.values() for route in part.run]
    return sum(route.by in ("student", "frontier") for route in routes), sum((Decimal(r.cost_usd) for r in routes), Decimal(0))
