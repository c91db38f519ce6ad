"""Personal data that has a form of its own: found by pattern, and where there is a check digit, proved by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.sdk.model import Tagged

PATTERN_KINDS = ("email", "iban", "card", "phone", "birth", "order", "postcode", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    kind: str
    form: re.Pattern[str]
    holds: Callable[[str], bool] = lambda _: True
    """Whether what has the form is what it looks like."""


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def luhn(text: str) -> bool:
    """Whether a card number's check digit is right."""
    digits = [int(d) for d in reversed(_digits(text))]
    doubled = sum(sum(divmod(2 * d, 10)) for d in digits[1::2])
    return 12 <= len(digits) <= 19 and len(set(digits)) > 1 and (sum(digits[::2]) + doubled) % 10 == 0


def iban(text: str) -> bool:
    """Whether an IBAN's check digits are right (ISO 13616: modulo 97 is 1)."""
    plain = re.sub(r"\s", "", text).upper()
    return 15 <= len(plain) <= 34 and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _phone(text: str) -> bool:
    return 7 <= len(_digits(text)) <= 15


_STREET = (
    r"(?:Street|Road|Lane|Avenue|Drive|Close|Court|Place|Way|Terrace|Crescent|Gardens|Grove|Square|Row|Walk|Boulevard|Blvd|Rd|St|Ave|Dr|Ln)\b\.?"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_YEAR, _NTH = r"(?:19|20)\d\d", r"\d{1,2}(?:st|nd|rd|th)?"
_DAY = rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-]{_YEAR}|{_YEAR}-\d\d-\d\d|{_NTH} {_MONTH},? {_YEAR}|{_MONTH} {_NTH},? {_YEAR})"
_PREFIXED = r"(?<![\w#.,-])(?:\+|00)\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]?\d{2,5}){1,4}(?![\w-])"
_AREA = r"(?<![\w#.,-])(?:\(\d{3,5}\) ?|0\d{2,5}[ .-])\d{3,4}(?:[ .-]?\d{3,4}){0,2}(?![\w-])"
_CALLED = r"(?i:\b(?:phone|tel|telephone|mobile|call|ring|cell)\b)[^\d\n]{0,12}(?P<what>\d[\d .-]{5,16}\d)(?!\w)"
_DOOR = r"(?:\b(?:[Ff]lat|Apt|Unit|Suite) \w{1,4}, )?"
_HOUSE = rf"{_DOOR}\b\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}})? (?:[A-Z][\w.'’]{{0,30}} ){{1,3}}{_STREET}(?:, (?:Apt|Flat|Unit) \w{{1,4}})?"
_JOINED = r"\b[A-ZÄÖÜ][\wäöüß.-]{0,40}(?:straße|strasse|str\.|weg|gasse|allee|platz|gracht|straat|gatan|gade) ?\d{1,4}[a-z]?\b"

PATTERNS: tuple[Pattern, ...] = (
    Pattern(kind="email", form=re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")),
    Pattern(kind="iban", form=re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b"), holds=iban),
    Pattern(kind="card", form=re.compile(r"(?<![\d#+])\d(?:[ -]?\d){11,18}(?!\d)"), holds=luhn),
    Pattern(kind="birth", form=re.compile(rf"(?i:\b(?:born|birth ?date|birthday|dob|d\.o\.b\.|date of birth)\b)[^\d\n]{{0,14}}?(?P<what>{_DAY})")),
    Pattern(kind="phone", form=re.compile(_PREFIXED), holds=_phone),
    Pattern(kind="phone", form=re.compile(_AREA), holds=_phone),
    Pattern(kind="phone", form=re.compile(_CALLED), holds=_phone),
    Pattern(kind="order", form=re.compile(r"#\d{3,9}\b|(?i:\border(?: number| no\.?| nr\.?)?:? )(?P<what>\d{2,4}-\d{3,6}|\d{4,9})\b")),
    Pattern(kind="order", form=re.compile(r"(?i:\borders? #?\d{4,9} and )(?P<what>#?\d{4,9})\b")),
    Pattern(kind="postcode", form=re.compile(r"(?i:\b[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b)")),
    Pattern(kind="postcode", form=re.compile(r"\b\d{4} ?[A-Z]{2}\b(?= [A-Z][a-z])|\b\d{4}-\d{3}\b|\b\d{2}-\d{3}\b(?= [A-ZŁŚŻ])")),
    Pattern(kind="postcode", form=re.compile(r"(?<=\b[A-Z]{2} )\d{5}(?:-\d{4})?\b|(?i:\b(?:zip|postcode|plz)(?: code)?:? )(?P<what>\d{4,5})\b")),
    Pattern(kind="postcode", form=re.compile(r"(?<=, )\d{4,5}(?= [A-ZÄÖÜÅ])|(?<=, )\d{5}\b(?=\.?$)")),
    Pattern(kind="address", form=re.compile(_HOUSE)),
    Pattern(kind="address", form=re.compile(_JOINED)),
)  # fmt: skip
"""In the order in which they win over one another."""


def found(text: str) -> Iterator[Tagged]:
    """Spans that the patterns hold for, none inside another, in reading order."""
    taken: list[Tagged] = []
    for pattern in PATTERNS:
        for match in pattern.form.finditer(text):
            named = "what" in pattern.form.groupindex and match["what"] is not None
            start, end = match.span("what") if named else match.span()
            clear = all(end <= other.start or start >= other.end for other in taken)
            if clear and pattern.holds(text[start:end]):
                taken.append(Tagged(kind=pattern.kind, start=start, end=end, confidence=1.0))
    yield from sorted(taken, key=lambda span: span.start)
