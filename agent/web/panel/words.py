"""Words and values as people read them: one catalogue, one locale, one time zone per page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from gettext import NullTranslations
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent, list_currencies
from markupsafe import Markup

from agent.languages import ours, told
from agent.languages.catalogues import ENGLISH, language_of
from agent.reply import MONEY, Renderer, babel_locale, moment
from agent.sdk import Money, Period, Sentence
from agent.sdk.rhythms import Rhythm

# Characters that change how others are shown without being seen themselves. The joiners U+200C and U+200D stay: scripts and emoji need them.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_HAPPENINGS = [
    (re.compile(f"{about}(?:: (?P<text>.+))?", re.DOTALL), message)
    for about, message in (
        (r"[Oo]rder (?P<number>\S+?)", "order {number}"),
        (r"[Cc]ustomer (?P<name>[^:]+)", "customer {name}"),
        (r"[Tt]he (?P<rating>[1-5])-star review of (?P<product>[^:]+)", "the {rating}-star review of {product}"),
        (r"[Tt]he message from (?P<name>[^:]+)", "the message from {name}"),
        (r"[Tt]he message", "the message"),
        (r"(?P<label>[^:]+), (?P<n>-?\d+) left", "{label}, {n} left"),
    )
]
"""What is written down of a happening, and the message that says it."""
_EXACTLY = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)")


def visible(value: Any) -> Any:
    """Text with unseen characters written out as their code point, so that nothing on a page is other than it looks."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", value)
    return value


@dataclass(frozen=True, slots=True)
class Words:
    """What templates format with. Values come as the JSON of records has them."""

    locale: str
    """Of numbers, money and dates."""
    time_zone: str
    catalogue: NullTranslations
    spoken: str = "en"
    """The language of the words; another than the locale's where there are no words in that one."""

    @property
    def tag(self) -> str:
        """What the page says its language is."""
        return self.locale if language_of(self.locale) == self.spoken else self.spoken

    @property
    def direction(self) -> str:
        """ "ltr" or "rtl": which way the language runs."""
        return babel_locale(self.spoken).text_direction

    def told(self, text: str) -> str:
        """A finished sentence of the server in this language: an error, a question, a summary. Money in it is written as here."""
        said = told(self.catalogue, text)
        # In English a finished sentence is as it is kept; what is none may be somebody's own words, such as the title of a product.
        ours = said != text or (self.spoken == ENGLISH and text.endswith((".", "?", "!")))
        return self.amounts(said) if ours else said

    def amounts(self, text: str) -> str:
        """A sentence of ours with the money and the moments in it, "EUR 12.50" and "2026-11-29T23:00:00+00:00" as they are kept, written as here."""
        return _EXACTLY.sub(lambda found: self.moment(found[0]), MONEY.sub(self._amount, text))

    def sentence(self, sentence: Sentence) -> str:
        return self._render(sentence)

    def ours(self, text: str) -> str:
        """Words of ours that stand by themselves, such as a sign of risk in a cell; what a merchant or a customer wrote is never given here."""
        return ours(self.catalogue, text)

    def name(self, kind: str, label: str) -> str:
        """What a record is called. The name of a draft order, and one that was made from a rule, is of our making."""
        if kind == "draft_order" and label.startswith("for "):
            whom = label.removeprefix("for ")
            return self.gettext("for nobody yet") if whom == "nobody yet" else self.gettext("for %(whom)s", whom=whom)
        if kind == "automation" and ": " in label:
            does, _, when = label.partition(": ")
            known = [self._deeds(does[:1].lower() + does[1:]), self.told(when)]
            return f"{self.capital(known[0])}: {known[1]}" if known[1] != when else label
        return label

    def _deeds(self, does: str) -> str:
        """What a rule does, "tag the order vip and notify you": each by itself, lest the second be taken for a name in the first."""
        each = does.split(" and ")
        known = [self.told(one) for one in each]
        if all(one != said for one, said in zip(each, known, strict=True)):
            return self.catalogue.pgettext("value", " and ").join(known)
        return self.told(does)

    def happening(self, about: str) -> str:
        """What an automation acted on, as it was written down: "order #1042", "Blue Mug (Large), 4 left"; what it said to it follows a colon."""
        for pattern, message in _HAPPENINGS:
            if (found := pattern.fullmatch(about)) is not None:
                said = f": {found['text']}" if found["text"] else ""
                known = self.gettext(message).format(**{name: value for name, value in found.groupdict().items() if name != "text"})
                return (self.capital(known) if about[:1].isupper() else known) + said
        return about

    @staticmethod
    def capital(text: str) -> str:
        return text[:1].upper() + text[1:]

    @property
    def _render(self) -> Renderer:
        return Renderer(self.locale, self.time_zone, self.catalogue)

    def gettext(self, text: str, /, **variables: Any) -> str:
        """A message of the panel in this language; `%(name)s` in it stands for a variable, which is escaped."""
        return _filled(self.catalogue.gettext(text), variables)

    def ngettext(self, one: str, many: str, n: int, /, **variables: Any) -> str:
        return _filled(self.catalogue.ngettext(one, many, n), variables)

    def value(self, value: Any) -> str:
        """Any JSON value of a record, in words of this locale."""
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return self.gettext("yes") if value else self.gettext("no")
        if isinstance(value, int | Decimal):
            return format_decimal(value, locale=babel_locale(self.locale), decimal_quantization=False)
        if isinstance(value, float):
            return format_decimal(round(value, 4), locale=babel_locale(self.locale))
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list | tuple):
            return ", ".join(self.value(each) for each in value) or "–"
        return self._text(str(value))

    def number(self, value: Any) -> str:
        """A cell of a numeric column: a decimal number may come as text."""
        if isinstance(value, str):
            try:
                return self.value(Decimal(value))
            except InvalidOperation:
                return self.value(value)
        return self.value(value)

    def _amount(self, found: re.Match[str]) -> str:
        known = found["currency"] in list_currencies()
        return self.money(found.groupdict()) if known else found[0]

    def money(self, value: Mapping[str, str]) -> str:
        return format_currency(Decimal(value["amount"]), value["currency"], locale=babel_locale(self.locale))

    def signed_money(self, value: Mapping[str, str]) -> str:
        """How much more or less, with the sign that stands beside every value of a proposal: "+€2.00", "−€4.00"."""
        amount = Decimal(value["amount"])
        sign = "+" if amount > 0 else "−" if amount else ""
        return sign + self.money({**value, "amount": str(abs(amount))})

    def usd(self, value: str) -> str:
        return format_currency(Decimal(value), "USD", locale=babel_locale(self.locale), decimal_quantization=False)

    def dollars(self, value: Decimal | float | str) -> str:
        """US dollars as people read them: in cents, and of less than a cent what there is to see."""
        exact = Decimal(str(value))
        cents = exact == 0 or exact >= Decimal("0.01")
        return format_currency(round(exact, 2 if cents else 4), "USD", locale=babel_locale(self.locale), decimal_quantization=cents)

    def language(self, locale: str | None = None) -> str:
        """A locale by its name in this one: "English (United Kingdom)"."""
        named = Locale.parse(babel_locale(locale or self.locale)).get_display_name(babel_locale(self.locale))
        return named or locale or self.locale

    def day(self, value: date) -> str:
        """ "22 Nov"; the year goes without saying."""
        return format_skeleton("MMMd", value, locale=babel_locale(self.locale))

    def month(self, value: str) -> str:
        """ "Nov 2026" of "2026-11"."""
        return format_skeleton("yMMM", date.fromisoformat(f"{value}-01"), locale=babel_locale(self.locale))

    def country(self, code: str) -> str:
        """A country by its name; what is no country's code as it is."""
        return str(babel_locale(self.spoken).territories.get(code, code))

    def moment(self, value: str | datetime) -> str:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment(at, babel_locale(self.locale), self.time_zone)

    def clock(self, value: datetime) -> str:
        """ "11:30:12.040": the time of the day to the thousandth of a second."""
        at = value.astimezone(ZoneInfo(self.time_zone))
        return format_datetime(at, "HH:mm:ss.SSS", locale=babel_locale(self.locale))

    def ago(self, value: str, now: datetime) -> str:
        gone: timedelta = datetime.fromisoformat(value) - now
        if abs(gone) < timedelta(seconds=1):
            gone = timedelta(seconds=-1)  # of nothing at all it would be said to come "in 0 seconds"
        return format_timedelta(gone, add_direction=True, locale=babel_locale(self.locale))

    def period(self, value: Mapping[str, Any]) -> str:
        return self._render.period(Period.model_validate(dict(value)))

    def seconds(self, ms: float) -> str:
        """ "38 ms", "1.2 s"."""
        locale = babel_locale(self.locale)
        return f"{format_decimal(round(ms), locale=locale)} ms" if ms < 950 else f"{format_decimal(round(ms / 1000, 1), locale=locale)} s"

    def percent(self, share: float) -> str:
        return format_percent(round(share, 2), locale=babel_locale(self.locale))

    def _mapping(self, value: Mapping[str, Any]) -> str:
        if set(value) == {"amount", "currency"}:
            return self.money(value)
        if set(value) == {"untrusted", "source"}:
            return self.value(value["untrusted"])
        if set(value) >= {"start", "end"}:
            return self.period(value)
        if isinstance(value.get("reads"), str):
            return self.told(value["reads"])  # a rule or a rhythm, as it was written for people; the rest of it is for programs
        if set(value) == set(Rhythm.model_fields):
            return self.told(str(Rhythm.model_validate(dict(value))))
        if set(value) >= {"title", "quantity", "price"}:
            return f"{self.value(value['quantity'])} × {value['title']}, {self.value(value['price'])}"
        return ", ".join(f"{name}: {self.value(each)}" for name, each in value.items() if each not in (None, "", [], {}))

    def _text(self, text: str) -> str:
        if _DATE.fullmatch(text):
            return self._render.value(date.fromisoformat(text))
        if _MOMENT.match(text):
            try:
                return self.moment(text)
            except ValueError:
                return text
        return text


def _filled(message: str, variables: Mapping[str, Any]) -> str:
    if not variables:
        return message.replace("%%", "%")
    return Markup(message) % {name: visible(value) for name, value in variables.items()}


def money_of(value: Any) -> Money | None:
    """The Money that a JSON value stands for, if it does."""
    if isinstance(value, Mapping) and set(value) == {"amount", "currency"}:
        return Money.of(value["amount"], value["currency"])
    return None


def humanised(name: str) -> str:
    """ "change_price" as "Change price"."""
    spaced = name.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]
