"""The rows of Shopify's order export, read and put together to orders. Pure; storing is `shopify_orders`.

Headings after https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders (read 2026-11-22). An order's first
row alone has its totals, address and dates. An order with a bad row is left out whole, since its totals would not hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.stores.embedded.importers import cells
from agent.stores.embedded.importers.csvfile import Columns, Sheet
from agent.stores.embedded.importers.report import Tally

COLUMNS: Columns = {
    "number": ("Name",),
    "email": ("Email",),
    "payment": ("Financial Status",),
    "fulfilment": ("Fulfillment Status",),
    "fulfilled_at": ("Fulfilled at",),
    "marketing": ("Accepts Marketing",),
    "currency": ("Currency",),
    "subtotal": ("Subtotal",),
    "shipping": ("Shipping",),
    "taxes": ("Taxes",),
    "total": ("Total",),
    "discount": ("Discount Amount",),
    "discount_code": ("Discount Code",),
    "method": ("Shipping Method",),
    "created_at": ("Created at",),
    "quantity": ("Lineitem quantity",),
    "title": ("Lineitem name",),
    "price": ("Lineitem price",),
    "sku": ("Lineitem sku",),
    "line_discount": ("Lineitem discount",),
    "billing_name": ("Billing Name",),
    "shipping_name": ("Shipping Name",),
    "city": ("Shipping City",),
    "region": ("Shipping Province",),
    "country": ("Shipping Country",),
    "billing_country": ("Billing Country",),
    "note": ("Notes",),
    "cancelled_at": ("Cancelled at",),
    "refunded": ("Refunded Amount",),
    "tags": ("Tags",),
    "source": ("Source",),
}
NEEDED = ("number", "created_at", "quantity", "title", "price")
EXPECTED = "Name, Created at, Lineitem quantity, Lineitem name, Lineitem price, and further columns of Shopify's export"
PAYMENTS = {
    "": "paid", "paid": "paid", "pending": "pending", "authorized": "pending", "partially_paid": "pending", "unpaid": "pending", "expired": "voided",
    "voided": "voided", "refunded": "refunded", "partially_refunded": "partially_refunded",
}  # fmt: skip
FULFILMENTS = {"": "unfulfilled", "unfulfilled": "unfulfilled", "restocked": "unfulfilled", "pending": "unfulfilled", "partial": "partial",
               "fulfilled": "fulfilled"}  # fmt: skip
Cell = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    kind: str
    title: str
    sku: str
    quantity: int
    price: int
    discount: int
    tax: int

    @property
    def paid(self) -> int:
        return self.quantity * self.price - self.discount


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    head: Cell
    rows: int
    at: datetime
    country: str | None
    lines: Sequence[Line]
    includes_tax: bool
    refunded: int
    cancelled_at: datetime | None
    fulfilled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    currency: str
    zone: ZoneInfo
    includes_tax: bool


def placed_orders(sheet: Sheet, setting: Setting, tally: Tally) -> Iterator[Placed]:
    waiting: list[tuple[int, Cell]] = []
    places = sheet.places(COLUMNS)
    for number, row in sheet.rows:
        tally.read += 1
        cell = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        if waiting and cell["number"] != waiting[0][1]["number"]:
            yield from _read(waiting, setting, tally)
            waiting = []
        waiting.append((number, cell))
    yield from _read(waiting, setting, tally)


def _read(rows: list[tuple[int, Cell]], setting: Setting, tally: Tally) -> Iterator[Placed]:
    bad = 0
    items = []
    for number, cell in rows:
        try:
            items.append(_item(cell, setting))
        except ValueError as error:
            tally.bad(number, str(error))
            bad += 1
    if bad or not rows:
        tally.kinds["left_out"] += len(rows) - bad
        return
    try:
        yield _order(rows[0][1], items, setting)
    except ValueError as error:
        tally.bad(rows[0][0], str(error))
        tally.kinds["left_out"] += len(rows) - 1


def _item(cell: Cell, setting: Setting) -> Line:
    if not cell["number"]:
        raise ValueError("there is no order number")
    quantity, price = cells.whole(cell["quantity"]), cells.minor(cell["price"], setting.currency)
    if quantity < 1 or price < 0:
        raise ValueError("a line needs a quantity of at least 1 and no price below zero")
    discount = _amount(cell, "line_discount", setting) or 0
    return Line(kind="product", title=cell["title"], sku=cell.get("sku", ""), quantity=quantity, price=price, discount=discount, tax=0)


def _order(head: Cell, items: list[Line], setting: Setting) -> Placed:
    if (currency := head.get("currency", "")) and currency != setting.currency:
        raise ValueError(f"the order is in {currency}, the shop in {setting.currency}")
    for name, known in (("payment", PAYMENTS), ("fulfilment", FULFILMENTS)):
        if head.get(name, "").casefold() not in known:
            raise ValueError(f"“{head[name]}” is no state of {name}")
    if not head["created_at"]:
        raise ValueError("the order's first row has no date")
    return Placed(
        head=head,
        rows=len(items),
        at=cells.moment(head["created_at"], setting.zone),
        country=cells.country(head.get("country") or head.get("billing_country", "")),
        lines=_lines(head, items, setting),
        includes_tax=setting.includes_tax,
        refunded=_amount(head, "refunded", setting) or 0,
        cancelled_at=_moment(head, "cancelled_at", setting),
        fulfilled_at=_moment(head, "fulfilled_at", setting),
    )


def _lines(head: Cell, items: list[Line], setting: Setting) -> list[Line]:
    """The items with the order's discount and tax shared out, its postage, and what else makes up its total."""
    quoted = sum(item.quantity * item.price for item in items)
    subtotal, shipping = _amount(head, "subtotal", setting), _amount(head, "shipping", setting) or 0
    discount = _amount(head, "discount", setting) or sum(item.discount for item in items)
    off_items = min(quoted, discount) if subtotal is None else quoted - subtotal
    if off_items < 0:
        raise ValueError("the subtotal is more than the lines come to")
    lines = [replace(item, discount=off) for item, off in zip(items, _shared(off_items, [i.quantity * i.price for i in items]), strict=True)]
    if shipping:
        off = min(shipping, max(0, discount - off_items))
        lines.append(_extra("shipping", head.get("method") or "Shipping", shipping, off))
    taxes, total = _amount(head, "taxes", setting) or 0, _amount(head, "total", setting)
    owed = sum(line.paid for line in lines) + (0 if setting.includes_tax else taxes)
    if total is not None and taxes and total - owed == (taxes if setting.includes_tax else -taxes):
        raise ValueError(
            "the order's prices " + ("leave out tax, the shop's include it" if setting.includes_tax else "include tax, the shop's do not")
        )
    lines = [replace(line, tax=tax) for line, tax in zip(lines, _shared(taxes, [line.paid for line in lines]), strict=True)]
    if total is not None and total != owed:
        lines.append(_extra("adjustment", "Tips, duties and rounding", total - owed, 0))
    return lines


def _shared(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount in shares that add up to it exactly; all on the last where there is nothing to go by."""
    whole, done, given, shares = sum(weights), 0, 0, []
    for number, weight in enumerate(weights):
        done += weight
        upto = amount * done // whole if whole else (amount if number == len(weights) - 1 else 0)
        shares.append(upto - given)
        given = upto
    return shares


def _extra(kind: str, title: str, price: int, discount: int) -> Line:
    return Line(kind=kind, title=title, sku="", quantity=1, price=price, discount=discount, tax=0)


def _amount(cell: Cell, name: str, setting: Setting) -> int | None:
    return cells.minor(cell[name], setting.currency) if cell.get(name) else None


def _moment(cell: Cell, name: str, setting: Setting) -> datetime | None:
    return cells.moment(cell[name], setting.zone) if cell.get(name) else None
