"""The rows of a file as changes to records of the shop. Every row ends as a change, as being so already, or as not taken and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from agent.sdk import Change, Money, Product, Variant, say
from agent.sdk.levels import level_at, location_in
from agent.sheets.choosing import PRICES, UNITS, Choice
from agent.sheets.headings import Field, currency_in
from agent.sheets.numbers import Figure, figure, is_currency, may_be
from agent.sheets.reading import Row, Sheet
from agent.sheets.shelf import Named, Shelf
from agent.sheets.writing import Faulty, text_for

_MOST_UNITS = 2**31
_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A row, or a cell of one, that was not taken."""

    line: int
    what: str
    """What stands there, shortened; as the file has it."""
    why: str


@dataclass(slots=True)
class Taken:
    """What comes of a file."""

    changes: list[Change] = field(default_factory=list)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    """Target and field of each change to its line."""
    same: int = 0
    """Rows that say what is so already."""
    left: list[Left] = field(default_factory=list)
    rows: int = 0

    def line_of(self, change: Change) -> int:
        new = (change.target.label, "new")
        return self.lines.get(new if change.op == "create" else (change.target.id, str(change.field)), 0)

    def leave(self, row: Row, what: str, why: str) -> None:
        self.left.append(Left(line=row.line, what=shortened(what), why=why))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the shop says of itself."""

    currency: str
    locations: Mapping[str, str]
    """Id to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """One cell that is to become a value."""

    row: Row
    what: str
    record: Product | Variant
    field: str
    value: Any


def take(sheet: Sheet, choice: Choice, shelf: Shelf, setting: Setting) -> Taken:
    """Changes for what the rows say of products the shop has."""
    rows = sheet.rows[1:] if choice.heading else sheet.rows
    taken = Taken(rows=len(rows))
    heading = sheet.rows[0].cells if choice.heading else ()
    reader = CellReader(choice, setting, {at: currency_in(name) for at, name in enumerate(heading)})
    wishes: dict[tuple[str, str], list[_Wish]] = {}
    for row in rows:
        found = shelf.named(row, choice)
        if isinstance(found, str):
            taken.leave(row, said_by(row, choice), found)
            continue
        before = len(taken.left)
        of_row = list(reader.wishes(row, found, taken))
        if not of_row and len(taken.left) == before:
            taken.leave(row, said_by(row, choice), str(say("the row has nothing in the columns that are taken")))
        for wish in of_row:
            wishes.setdefault((wish.record.id, wish.field), []).append(wish)
    _settle(wishes, taken, choice)
    return taken


def said_by(row: Row, choice: Choice) -> str:
    """What tells a row's product, as it stands there."""
    places = [choice.any_key, *(choice.columns.get(key) for key in ("variant_id", "sku", "handle", "title"))]
    return next((row.at(place) for place in places if row.at(place)), "")


def shortened(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"


class CellReader:
    """Reads the cells of a row for what is taken."""

    def __init__(self, choice: Choice, setting: Setting, currencies: Mapping[int, str]) -> None:
        self._choice, self._setting, self._currencies, self._values = choice, setting, currencies, choice.values()
        self._places = {name.casefold(): id for id, name in setting.locations.items()}

    def wishes(self, row: Row, named: Named, taken: Taken) -> Iterator[_Wish]:
        for what in self._values:
            text = row.at(self._choice.columns[what])
            if not text:
                continue
            try:
                wish = self._wish(row, named, what, text)
            except Faulty as fault:
                taken.leave(row, text, str(fault))
                continue
            if wish is not None:
                yield wish

    def _wish(self, row: Row, named: Named, what: Field, text: str) -> _Wish | None:
        if what in PRICES or what in UNITS:
            if named.variant is None:
                raise Faulty(say("the product has several variants; name each by its SKU or its options"))
            if what in UNITS:
                return self._units(row, named.variant, text)
            return self._price(row, named.variant, what, text)
        name = "title" if what == "new_title" else what
        return _Wish(row=row, what=text, record=named.product, field=name, value=text_for(what, text))

    def _price(self, row: Row, variant: Variant, what: Field, text: str) -> _Wish | None:
        name: str = what
        if what == "sale_price":
            name = "price"
        elif what == "price" and row.at(self._choice.columns.get("sale_price")):
            name = "compare_at_price"  # beside a sale's price the regular one is that which is crossed out
        amount = self.money(row, self._choice.columns[what], text)
        return _Wish(row=row, what=text, record=variant, field=name, value=amount)

    def money(self, row: Row, place: int, text: str) -> Money:
        """
        Raises:
            Faulty: It is no price in the shop's currency.
        """
        read, currency = self._figure(place, text), self._setting.currency
        marks = [mark for mark in (read.mark, self._currencies.get(place, ""), row.at(self._choice.columns.get("currency"))) if mark]
        if not all(may_be(mark, currency) for mark in marks):
            raise Faulty(say("this is another currency than the shop's, {currency}", currency=currency))
        if read.value <= 0:
            raise Faulty(say("a price must be more than nothing"))
        if read.value != read.value.quantize(Decimal(1).scaleb(-get_currency_precision(currency))):
            raise Faulty(say("this has more decimals than {currency} has", currency=currency))
        return Money(read.value, currency)

    def _figure(self, place: int, text: str) -> Figure:
        try:
            read = figure(text, self._choice.signs.get(place, ""))
        except ValueError as error:
            raise Faulty(str(error)) from None
        if read.mark and not is_currency(read.mark) and place in {self._choice.columns.get(what) for what in PRICES}:
            raise Faulty(say("this is no figure"))
        return read

    def _units(self, row: Row, variant: Variant, text: str) -> _Wish:
        if not variant.tracked:
            raise Faulty(say("the stock of this variant is not counted"))
        place = self._choice.columns[next(what for what in self._values if what in UNITS)]
        units, signed = self.units(place, text)
        location = self.location(row)
        if self._choice.how == "set" and signed:
            raise Faulty(say("a count has no sign; this looks like units to add or take off"))
        before = variant.stock.get(location, 0)
        if self._choice.how == "add" and before + units < 0:
            raise Faulty(say("so many units cannot be taken off; there are fewer"))
        return _Wish(row=row, what=text, record=variant, field=level_at(location), value=units)

    def units(self, place: int, text: str) -> tuple[int, bool]:
        """How many, and whether a sign stood before it.

        Raises:
            Faulty: It is no whole number.
        """
        read = self._figure(place, text)
        if read.value != read.value.to_integral_value():
            raise Faulty(say("units are whole numbers"))
        if abs(read.value) >= _MOST_UNITS:
            raise Faulty(say("this figure is out of range"))
        return int(read.value), read.signed

    def location(self, row: Row) -> str:
        column = self._choice.columns.get("location")
        if column is None:
            assert self._choice.location is not None
            return self._choice.location
        name = row.at(column)
        if (found := self._places.get(name.casefold())) is None:
            raise Faulty(say("the shop has no location of this name") if name else say("the row names no location"))
        return found


def _settle(wishes: Mapping[tuple[str, str], Sequence[_Wish]], taken: Taken, choice: Choice) -> None:
    """One value for each field of each record: what is said twice in two ways is not taken at all."""
    same: set[int] = set()
    changed: set[int] = set()
    prices = {record: wish[0].value for (record, name), wish in wishes.items() if name == "price" and len({w.value for w in wish}) == 1}
    for (record, name), found in wishes.items():
        if len(found) > 1 and (len({_plain(wish.value) for wish in found}) > 1 or (choice.how == "add" and location_in(name) is not None)):
            _quarrel(found, taken)
            continue
        wish = found[0]
        if name == "compare_at_price" and isinstance(wish.record, Variant) and wish.value <= prices.get(record, wish.record.price):
            taken.leave(wish.row, wish.what, str(say("a crossed-out price must be higher than the price")))
            continue
        changes = _changes(wish, choice)
        taken.changes += changes
        for change in changes:
            taken.lines[change.target.id, str(change.field)] = wish.row.line
        (changed if changes else same).update(each.row.line for each in found)
    taken.same = len(same - changed - {left.line for left in taken.left})


def _quarrel(found: Sequence[_Wish], taken: Taken) -> None:
    lines = ", ".join(str(wish.row.line) for wish in found[:6]) + (" …" if len(found) > 6 else "")
    for wish in found:
        taken.leave(wish.row, wish.what, str(say("lines {lines} say this of the same record; keep one of them", lines=lines)))


def _changes(wish: _Wish, choice: Choice) -> list[Change]:
    if (location := location_in(wish.field)) is None:
        return wish.record.set(**{wish.field: wish.value})
    assert isinstance(wish.record, Variant)
    if choice.how == "set":
        return wish.record.set_stock(wish.value, location=location)
    return [wish.record.add_stock(wish.value, location=location)] if wish.value else []


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
