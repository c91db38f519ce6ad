"""What a cell says: whole numbers, amounts, moments, countries. A ValueError's text is the reason a row is told to be bad for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import get_currency_precision

OTHER_NAMES = {
    "eire": "IE", "rsa": "ZA", "usa": "US", "uk": "GB", "channel islands": "JE", "czech republic": "CZ", "hong kong": "HK", "korea": "KR",
    "holland": "NL", "uae": "AE", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "turkey": "TR", "burma": "MM", "west indies": "", "european community": "EU", "unspecified": "", "unknown": "",
}  # fmt: skip
"""Names that Unicode's list of countries has not. The Channel Islands are no country of ISO 3166: the larger, Jersey, stands for both.
"EU" is reserved in ISO 3166 for the European Union. An empty code: it is not known which country."""
LARGEST_MINOR = 10**13
LARGEST_QUANTITY = 10**9
_ENGLISH_MOMENT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?")


def whole(text: str) -> int:
    """Read "6", "-1" and, as spreadsheets write it, "6.0"."""
    try:
        number = int(text)
    except ValueError:
        number = _integral(text)
    if abs(number) > LARGEST_QUANTITY:
        raise ValueError(f"the quantity {text} is out of range")
    return number


@lru_cache(maxsize=65_536)
def minor(text: str, currency: str) -> int:
    """An amount such as "2.55" in the currency's minor unit, half a unit rounded up; "1,299.00" is read too."""
    try:
        plain = text.strip()
        amount = Decimal(plain.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain) else plain)
        units = amount.scaleb(get_currency_precision(currency)).quantize(Decimal(1), ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError(f"“{_short(text)}” is no amount; write it like 12.50") from None
    if not units.is_finite():
        raise ValueError(f"“{_short(text)}” is no amount; write it like 12.50")
    if abs(units) >= LARGEST_MINOR:
        raise ValueError(f"the amount {_short(text)} is out of range")
    return int(units)


@lru_cache(maxsize=65_536)
def moment(text: str, zone: ZoneInfo) -> datetime:
    """Read ISO ("2010-12-01 08:26:00", with an offset or without) or, as spreadsheets in English have it, "12/1/2010 8:26", month first."""
    english = _ENGLISH_MOMENT.fullmatch(text.strip())
    try:
        if english:
            month, day, year, hour, minute, second = (int(part or 0) for part in english.groups())
            at = datetime(year, month, day, hour, minute, second)
        else:
            at = datetime.fromisoformat(re.sub(r" ([+-]\d{2}):?(\d{2})$", r"\1:\2", text.strip()))
    except ValueError:
        raise ValueError(f"“{_short(text)}” is no date and time; write it like 2010-12-01 08:26") from None
    if not 1900 <= at.year <= 2200:
        raise ValueError(f"the year of {_short(text)} is out of range")
    return at if at.tzinfo else at.replace(tzinfo=zone)


@lru_cache(maxsize=4096)
def country(text: str) -> str | None:
    """The ISO 3166 code of a country by its English name, or by its code; None where it is not known which.

    Raises:
        ValueError: There is no country of this name.
    """
    name = text.strip()
    if not name:
        return None
    if (other := OTHER_NAMES.get(name.casefold())) is not None:
        return other or None
    territories: Mapping[str, str] = Locale("en").territories
    if len(name) == 2 and name.upper() in territories:
        return name.upper()
    code = next((code for code, known in territories.items() if len(code) == 2 and known.casefold() == name.casefold()), None)
    if code is None:
        raise ValueError(f"“{_short(name)}” is no country; write its English name or its two letters")
    return code


def _integral(text: str) -> int:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"“{_short(text)}” is no quantity; write a whole number") from None
    if not number.is_finite() or abs(number) > LARGEST_QUANTITY or number != number.to_integral_value():
        raise ValueError(f"“{_short(text)}” is no quantity; write a whole number")
    return int(number)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
