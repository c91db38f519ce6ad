"""New products from a file: rows that share a handle or a title are the variants of one. What the shop has already is told and left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.sdk import Change, say
from agent.sheets.choosing import UNITS, Choice
from agent.sheets.headings import Field, currency_in
from agent.sheets.reading import Row, Sheet
from agent.sheets.shelf import Shelf, key_text, options_of
from agent.sheets.taking import CellReader, Setting, Taken, said_by
from agent.sheets.writing import Faulty, text_for

MOST_VARIANTS = 100
_OPTION = "Option"


def add(sheet: Sheet, choice: Choice, shelf: Shelf, setting: Setting) -> Taken:
    """Changes that make the file's products, as drafts unless a column says otherwise."""
    rows = sheet.rows[1:] if choice.heading else sheet.rows
    taken = Taken(rows=len(rows))
    heading = sheet.rows[0].cells if choice.heading else ()
    reader = CellReader(choice, setting, {at: currency_in(name) for at, name in enumerate(heading)})
    used: dict[str, int] = {}
    for group in _grouped(rows, choice):
        _add(group, choice, shelf, reader, taken, used, setting)
    return taken


def _grouped(rows: Sequence[Row], choice: Choice) -> list[list[Row]]:
    """Rows of one product together: those of one handle, or of one title; a row with neither belongs to the one before it."""
    groups: dict[str, list[Row]] = {}
    last = ""
    for row in rows:
        name = row.at(choice.columns.get("handle")) or row.at(choice.columns.get("title"))
        last = name.casefold() or last
        groups.setdefault(last, []).append(row)
    return list(groups.values())


def _add(rows: Sequence[Row], choice: Choice, shelf: Shelf, reader: CellReader, taken: Taken, used: dict[str, int], setting: Setting) -> None:
    try:
        change = _product(rows, choice, shelf, reader, used, setting)
    except Faulty as fault:
        for row in rows:
            taken.leave(row, said_by(row, choice), str(fault))
        return
    taken.changes.append(change)
    taken.lines[change.target.label, "new"] = rows[0].line


def _product(rows: Sequence[Row], choice: Choice, shelf: Shelf, reader: CellReader, used: dict[str, int], setting: Setting) -> Change:
    """
    Raises:
        Faulty: It cannot be made; no part of it is.
    """
    texts = {what: _text(rows, choice, what) for what in ("title", "description", "vendor", "product_type", "tags", "status")}
    title = texts["title"]
    if not title:
        raise Faulty(say("a new product needs a title"))
    if shelf.has_product(handle=rows[0].at(choice.columns.get("handle")), title=title):
        raise Faulty(say("the shop has this product already"))
    sold = [row for row in rows if row.at(choice.columns.get("price")) or row.at(choice.columns.get("sku"))]
    if not sold:
        raise Faulty(say("a new product needs a price"))
    options = _options(sold, choice)
    variants = [_variant(row, choice, shelf, reader, used, list(names), setting) for row, names in zip(sold, options["values"], strict=True)]
    fields: dict[str, Any] = {
        "title": title, "status": texts["status"] or "draft", "description": texts["description"] or "", "vendor": texts["vendor"] or "",
        "product_type": texts["product_type"] or "", "tags": texts["tags"] or [], "options": options["options"], "collections": [],
        "variants": variants,
    }  # fmt: skip
    return Change.create("product", title, fields)


def _text(rows: Sequence[Row], choice: Choice, what: Field) -> Any:
    text = next((row.at(choice.columns.get(what)) for row in rows if row.at(choice.columns.get(what))), "")
    return text_for(what, text) if text else ""


def _options(rows: Sequence[Row], choice: Choice) -> Mapping[str, Any]:
    """The product's options with their values, and those of each variant."""
    if len(rows) > MOST_VARIANTS:
        raise Faulty(say("a product has at most {most} variants", most=MOST_VARIANTS))
    of_rows = [options_of(row, choice.columns) for row in rows]
    names = list(of_rows[0])
    if any(len(each) != len(names) for each in of_rows):
        raise Faulty(say("the variants of a product have the same options"))
    values = [[str(text_for("title", value)) for value in each.values()] for each in of_rows]
    if len({tuple(value.casefold() for value in each) for each in values}) < len(values):
        raise Faulty(say("two rows of this product are the same variant"))
    shown = [str(text_for("title", name)) if not name.isdigit() else f"{_OPTION} {name}" if name != "0" else "Variant" for name in names]
    return {"values": values, "options": [[name, list(dict.fromkeys(each[at] for each in values))] for at, name in enumerate(shown)]}


def _variant(
    row: Row, choice: Choice, shelf: Shelf, reader: CellReader, used: dict[str, int], options: Sequence[str], setting: Setting
) -> dict[str, Any]:  # fmt: skip
    prices = {name: _money(row, choice, reader, name) for name in ("price", "compare_at_price", "cost", "sale_price")}
    price = prices["sale_price"] or prices["price"]
    if price is None:
        raise Faulty(say("a new product needs a price"))
    compared = prices["price"] if prices["sale_price"] else prices["compare_at_price"]
    if compared is not None and compared <= price:
        raise Faulty(say("a crossed-out price must be higher than the price"))
    sku = key_text(row.at(choice.columns.get("sku")))
    _check_sku(sku, row, shelf, used)
    return {
        "options": list(options), "sku": sku or None, "price": price, "compare_at_price": compared, "cost": prices["cost"], "tracked": True,
        "stock": _stock(row, choice, reader, setting),
    }  # fmt: skip


def _money(row: Row, choice: Choice, reader: CellReader, name: Field) -> Any:
    place = choice.columns.get(name)
    text = row.at(place)
    return reader.money(row, place, text) if place is not None and text else None


def _check_sku(sku: str, row: Row, shelf: Shelf, used: dict[str, int]) -> None:
    if not sku:
        return
    text_for("title", sku)
    if len(sku) > 120:
        raise Faulty(say("a SKU has at most 120 characters"))
    if shelf.has_sku(sku):
        raise Faulty(say("a variant of the shop has this SKU already"))
    if (line := used.setdefault(sku.casefold(), row.line)) != row.line:
        raise Faulty(say("line {line} has the same SKU", line=line))


def _stock(row: Row, choice: Choice, reader: CellReader, setting: Setting) -> dict[str, int]:
    place = next((choice.columns[what] for what in UNITS if what in choice.columns), None)
    if place is None or not row.at(place):
        return {}
    units, signed = reader.units(place, row.at(place))
    if signed:
        raise Faulty(say("a count has no sign; this looks like units to add or take off"))
    return {reader.location(row): units}
