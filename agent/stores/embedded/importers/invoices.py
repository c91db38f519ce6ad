"""Order lines as a shop's till writes them: what each line is, and which belong to one invoice.

Pure: rows in, invoices out. How lines are told apart, studied on the UCI Online Retail data:

| the line | becomes |
|---|---|
| a product at a price | a line of the invoice's order ("sold"); at price 0 in an order of somebody's, "free" |
| "C" invoice, or a quantity below zero at a price | a refund of that day ("returned") |
| price 0, and a quantity below zero or an invoice with neither customer nor any price | "stock_correction": damaged, found, counted; no sale |
| POST, DOT, C2 … | postage, "shipping" |
| AMAZONFEE, BANK CHARGES, CRUK … | "fee" |
| M, D, S, B, PADS … | "adjustment": done by hand, discount, samples, bad debt, and the pads that are charged at 0.001 |

Gift vouchers (gift_0001_10 …) are products, and so is what was sold under a product's number (23444, NEXT DAY CARRIAGE).
Codes that differ in case alone are one code.
The key of a line is its invoice and its place there, so lines that look alike within an invoice all count, as the till meant them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from agent.stores.embedded.importers import cells
from agent.stores.embedded.importers.report import Tally

LineKind = Literal["product", "shipping", "fee", "adjustment"]

NON_PRODUCTS: Mapping[str, LineKind] = {
    "POST": "shipping", "DOT": "shipping", "C2": "shipping", "C3": "shipping",
    "AMAZONFEE": "fee", "BANK CHARGES": "fee", "CRUK": "fee",
    "M": "adjustment", "D": "adjustment", "S": "adjustment", "B": "adjustment", "PADS": "adjustment",
    "ADJUST": "adjustment", "ADJUST2": "adjustment", "TEST001": "adjustment", "TEST002": "adjustment",
}  # fmt: skip
"""Codes of what is no product, in the UCI data and its sequel."""
ENTRIES = frozenset({"B"})
"""Bookkeeping that nobody ordered: never an order, only money given or taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    number: int
    """Where it is in the file."""
    ordinal: int
    code: str
    kind: LineKind
    text: str
    quantity: int
    price_minor: int
    back: bool
    """It gives something back rather than selling it."""


@dataclass(slots=True, kw_only=True)
class Invoice:
    key: str
    at: datetime
    customer: str | None
    country: str | None
    lines: list[Line] = field(default_factory=list)
    seen: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def is_stock_count(self) -> bool:
        return self.customer is None and all(line.price_minor == 0 for line in self.lines)

    def corrects_stock(self, line: Line) -> bool:
        return line.price_minor == 0 and (self.is_stock_count or (line.kind == "product" and line.back))


def invoices(rows: Iterable[tuple[int, list[str]]], places: Mapping[str, int], currency: str, zone: ZoneInfo, tally: Tally) -> Iterator[Invoice]:
    """Rows put together to invoices, each as soon as the next one begins. Bad rows go to the tally."""
    reader = _Reader([places.get(name, -1) for name in FIELDS], currency, zone, tally)
    current: Invoice | None = None
    for number, row in rows:
        tally.read += 1
        made = reader.read(number, row, current)
        if made is not None and made is not current:
            if current is not None:
                current.seen.clear()
                yield current
            current = made
    if current is not None:
        yield current


FIELDS = ("invoice", "code", "text", "quantity", "at", "price", "customer", "country")


class _Reader:
    def __init__(self, at: Sequence[int], currency: str, zone: ZoneInfo, tally: Tally) -> None:
        self._at, self._currency, self._zone, self._tally = at, currency, zone, tally
        self._width = max(at) + 1
        self._ordinals: dict[str, int] = {}
        """How many rows each invoice has had: an invoice may come back later in the file."""

    def read(self, number: int, row: list[str], current: Invoice | None) -> Invoice | None:
        """The invoice the row belongs to, with its line added; None for a bad row."""
        try:
            if len(row) < self._width:
                raise ValueError(f"the row has {len(row)} cells where {self._width} are needed")
            invoice, code, text, quantity, at, price, customer, country = [row[place] if place >= 0 else "" for place in self._at]
            return self._add(number, invoice.strip(), code.strip(), text.strip(), quantity, at, price, customer.strip(), country, current)
        except ValueError as error:
            self._tally.bad(number, str(error))
            return None

    def _add(
        self, number: int, key: str, code: str, text: str, quantity: str, at: str, price: str, customer: str, country: str, current: Invoice | None
    ) -> Invoice:
        if not key:
            raise ValueError("there is no invoice number")
        ordinal = self._ordinals[key] = self._ordinals.get(key, -1) + 1  # counted first: a bad row keeps its place for when it is mended
        if not code:
            raise ValueError("there is no product code")
        units, price_minor = cells.whole(quantity), cells.minor(price, self._currency)
        line = _line(number, ordinal, key, code, text, units, price_minor)
        when, where = cells.moment(at, self._zone), cells.country(country)
        invoice = current if current is not None and current.key == key else Invoice(key=key, at=when, customer=None, country=where)
        invoice.customer = invoice.customer or customer.removesuffix(".0") or None
        invoice.lines.append(line)
        self._note_twin(invoice, (code, text, quantity, at, price, customer, country))
        return invoice

    def _note_twin(self, invoice: Invoice, row: tuple[str, ...]) -> None:
        before = len(invoice.seen)
        invoice.seen.add(row)
        self._tally.notes["exact_duplicates"] += len(invoice.seen) == before


def _line(number: int, ordinal: int, key: str, code: str, text: str, units: int, price_minor: int) -> Line:
    upper = code.upper()
    kind = NON_PRODUCTS.get(upper, "product")
    cancels = key[:1] in "Cc"
    if units == 0:
        raise ValueError("the quantity is 0")
    if kind == "product" and price_minor < 0:
        raise ValueError("the price of a product is below zero")
    if kind == "product" and cancels and units > 0:
        raise ValueError("a cancellation has a quantity above zero")
    back = units < 0 or cancels or upper in ENTRIES
    return Line(number=number, ordinal=ordinal, code=upper, kind=kind, text=text, quantity=units, price_minor=price_minor, back=back)
