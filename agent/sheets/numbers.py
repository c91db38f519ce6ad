"""What a cell with a figure says: 1.299,00 € and $1,299.00, 12,50, 12,-, (3), 1'000. A ValueError's text is why it is no figure, as a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from agent.sdk import say

Sign = Literal[".", ",", "", "?"]
"""What stands before the decimals in a column: that sign; "" where each cell says it itself or has none; "?" where none tells 1.299 from 1299."""

_LARGEST = Decimal(10) ** 12
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009'’_]")
_MARK = r"[^\W\d_]{1,3}[€$£¥]|[^\W\d_]{1,4}\.?|[€$£¥₹₺₽₩₪฿¢]"
_AMOUNT = re.compile(
    rf"(?P<before>{_MARK})?(?P<sign>[+-])?(?P<after_sign>{_MARK})?(?P<digits>\d[\d.,]*|[.,]\d+)(?P<dash>,?[-–—]{{1,2}})?(?P<after>{_MARK})?"
)
_SYMBOLS: Mapping[str, frozenset[str]] = {
    "€": frozenset({"EUR"}), "£": frozenset({"GBP", "GIP", "EGP", "FKP"}), "¥": frozenset({"JPY", "CNY"}), "₹": frozenset({"INR"}),
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "CLP", "COP", "ARS"}), "₺": frozenset({"TRY"}), "₩": frozenset({"KRW"}),
    "KR": frozenset({"SEK", "DKK", "NOK", "ISK", "CZK"}), "ZŁ": frozenset({"PLN"}), "KČ": frozenset({"CZK"}), "FR": frozenset({"CHF"}),
    "SFR": frozenset({"CHF"}), "EURO": frozenset({"EUR"}), "US$": frozenset({"USD"}), "C$": frozenset({"CAD"}), "CA$": frozenset({"CAD"}),
    "A$": frozenset({"AUD"}), "AU$": frozenset({"AUD"}), "NZ$": frozenset({"NZD"}), "R$": frozenset({"BRL"}), "RS": frozenset({"INR"}),
}  # fmt: skip
"""A mark to the currencies that are written with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    value: Decimal
    mark: str
    """The currency as it stands beside the figure; "" for none."""
    signed: bool
    """It has a plus or a minus."""


def decimal_sign(cells: Iterable[str]) -> Sign:
    """The sign before the decimals, as those cells of a column tell that can be read in one way only."""
    told = {sign for cell in cells if (sign := _told(cell))}
    if told & {".", ","} == {".", ","}:
        return ""
    return "." if "." in told else "," if "," in told else "?" if "?" in told else ""


def figure(text: str, sign: Sign) -> Figure:
    """
    Args:
        sign: What stands before the decimals in the cell's column.

    Raises:
        ValueError: It is none, or could be two.
    """
    found = _parts(text)
    if found is None:
        raise ValueError(str(say("this is no figure")))
    digits, own = found["digits"], _sign_within(found["digits"])
    if own == "?":
        if sign not in (".", ","):
            raise ValueError(str(say("this can be read as thousands or as decimals; write it with two decimals")))
        own = sign if sign in digits else "," if sign == "." else "."
        digits = digits.replace(own, ".") if own == sign else digits.replace(own, "")
    else:
        digits = _plain(digits, own)
    value = Decimal(digits)
    if value >= _LARGEST:
        raise ValueError(str(say("this figure is out of range")))
    minus = found["sign"] == "-"
    return Figure(value=-value if minus else value, mark=_mark(found), signed=bool(found["sign"]))


def is_figure(text: str) -> bool:
    return _parts(text) is not None


def may_be(mark: str, currency: str) -> bool:
    """Whether an amount with this mark can be in the currency."""
    plain = mark.upper().rstrip(".")
    return not plain or plain == currency or currency in _SYMBOLS.get(plain, ())


def is_currency(mark: str) -> bool:
    """Whether a mark stands for money at all: "Stk" does not."""
    plain = mark.upper().rstrip(".")
    return plain in _SYMBOLS or (len(plain) == 3 and plain.isascii() and plain.isalpha() and mark == plain)


def _parts(text: str) -> dict[str, str] | None:
    plain = _BLANKS.sub("", text.strip())
    plain = plain.replace("−", "-")
    if plain.startswith("(") and plain.endswith(")"):  # as accounts write what is below nothing
        plain = "-" + plain[1:-1]
    if plain.endswith("-") and plain[:-1].replace(",", "").replace(".", "").isdigit() and not plain.endswith((",-", ".-")):
        plain = "-" + plain[:-1]
    found = _AMOUNT.fullmatch(plain)
    if found is None or _sign_within(found["digits"]) is None:
        return None
    return {name: value or "" for name, value in found.groupdict().items()}


def _mark(found: Mapping[str, str]) -> str:
    return found["before"] or found["after_sign"] or found["after"]


def _told(cell: str) -> str:
    """The sign that this cell shows to stand before decimals; "?" where it may be either; "" where it has none."""
    found = _parts(cell)
    if found is None:
        return ""
    if found["dash"].startswith(","):
        return ","
    return _sign_within(found["digits"]) or ""


def _sign_within(digits: str) -> str | None:
    """As `_told`, of the digits alone; None where they are no figure."""
    dots, commas = digits.count("."), digits.count(",")
    if not dots and not commas:
        return ""
    if dots and commas:
        last = "." if digits.rfind(".") > digits.rfind(",") else ","
        other = "," if last == "." else "."
        whole = digits.rpartition(last)[0]
        return last if digits.count(last) == 1 and _grouped(whole, other) else None
    sign = "." if dots else ","
    whole, _, decimals = digits.rpartition(sign)
    if dots + commas > 1:
        return ("," if sign == "." else ".") if _grouped(digits, sign) else None
    if not decimals:
        return sign  # "12," of "12,-"
    return "?" if len(decimals) == 3 and 1 <= len(whole) <= 3 and whole != "0" and not whole.startswith("0") else sign


def _grouped(digits: str, sign: str) -> bool:
    first, *groups = digits.split(sign)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)


def _plain(digits: str, sign: str | None) -> str:
    if not sign:
        return digits
    other = "," if sign == "." else "."
    return digits.replace(other, "").replace(sign, ".").strip(".") if digits.endswith(sign) else digits.replace(other, "").replace(sign, ".")
