"""The order book: 20,000 orders over eighteen months with their lines, shipments and returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from agent.db.goods import Tag
from agent.db.orders import Fulfilment, Order, OrderLine, Refund, RefundLine
from agent.db.shop import day_and_month
from agent.stores.embedded.demo import almanac
from agent.stores.embedded.demo.codes import Code
from agent.stores.embedded.demo.people import Person, met
from agent.stores.embedded.demo.rows import Row, Rows
from agent.stores.embedded.demo.shelves import ZONE, Item

TAX = 19
"""Percent of German VAT contained in every price; foreign sales are charged it too, as a small seller may."""
HOURS = (1, 1, 0.5, 0.3, 0.3, 0.6, 2, 4, 5, 6, 7, 7, 8, 7, 6, 6, 6, 7, 8, 10, 12, 12, 8, 4)
EU = {"DE", "AT", "FR", "NL", "ES", "BE", "DK", "IT"}
BY_THE_HALF_DOZEN = {"Plates", "Bowls", "Glassware", "Cards", "Candles", "Soap", "Mugs"}
TO_WEAR = {"Dresses", "Shirts", "Trousers", "Knitwear", "Beanies", "Socks", "Scarves"}
REASONS = {
    True: ("Too small", "Too small", "Too large", "Colour not as expected", "Changed my mind", "Ordered two sizes"),
    False: ("Arrived broken", "Arrived broken", "Not as described", "Changed my mind", "Arrived too late", "Gift that was not wanted"),
}
NOTES = (
    "Please leave it with the neighbours at number 12.",
    "It's a gift, no invoice in the box please!",
    "Could you wrap the small one separately?",
    "Happy birthday Mum! Love, your three.",
    "Doorbell is broken, please knock.",
    "If the blue is not there, green is fine too.",
    "Please send before Friday if at all possible.",
    "Entrance through the courtyard.",
    "For our wedding on the 14th.",
    "Thank you for the quick help on the phone!",
)  # fmt: skip
CARRIERS = (("DHL", "00340434{:012d}"), ("DPD", "0137{:010d}"), ("Hermes", "H10{:017d}"))


@dataclass(slots=True, kw_only=True)
class Sold:
    """A product line somebody took home, for those who write reviews and messages."""

    order: Row
    line: Row
    item: Item
    variant: Row
    person: Person | None
    at: datetime


@dataclass(slots=True, kw_only=True)
class Book:
    rows: Rows
    items: Sequence[Item]
    people: Sequence[Person]
    codes: Sequence[Code]
    today: date
    dice: Random
    sold: list[Sold] = field(default_factory=list)
    known: list[Person] = field(default_factory=list)
    lots: list[Person] = field(default_factory=list)
    """Each known customer once for every lot they have in the draw for repeat orders."""

    @property
    def now(self) -> datetime:
        return datetime.combine(self.today, time(almanac.HOUR_NOW), ZONE)


def keep_book(book: Book, orders: int) -> None:
    """Write `orders` orders in the order of time."""
    start = almanac.first_day(book.today)
    days = [start + timedelta(days=n) for n in range((book.today - start).days + 1)]
    drawn = book.dice.choices(range(len(days)), [almanac.demand(day, book.today) for day in days], k=orders)
    per_day = Counter(drawn)
    done = 0
    for number, day in enumerate(days):
        shelf = _Shelf(book, day)
        for at in sorted(_moment(book, day) for _ in range(per_day[number])):
            _order(book, shelf, day, at, done, orders)
            done += 1


class _Shelf:
    """What can be bought on one day and how likely each is taken."""

    def __init__(self, book: Book, day: date) -> None:
        self.items = [item for item in book.items if item.sold_from <= day <= item.sold_until]
        self.odds = list(accumulate(item.good.weight**1.3 * almanac.season(item.good.season, day) for item in self.items))
        self._dice = book.dice

    def take(self, beside: Item | None) -> Item:
        """One product; every third goes with the one before it, by the same maker."""
        item = self._draw()
        if beside is not None and self._dice.random() < 0.33:
            for _ in range(8):
                if item.good.maker == beside.good.maker:
                    break
                item = self._draw()
        return item

    def _draw(self) -> Item:
        return self._dice.choices(self.items, cum_weights=self.odds)[0]


def _moment(book: Book, day: date) -> datetime:
    hours = HOURS[: almanac.HOUR_NOW] if day == book.today else HOURS
    hour = book.dice.choices(range(len(hours)), hours)[0]
    local = datetime.combine(day, time(hour, book.dice.randrange(60), book.dice.randrange(60)), ZONE)
    return local.astimezone(UTC)


def _order(book: Book, shelf: _Shelf, day: date, at: datetime, done: int, planned: int) -> None:
    dice = book.dice
    person, channel = _who(book, day, at, done, planned)
    where = person.row if person and channel != "POS" else {"country": "DE", "region": "BE", "city": "Berlin"}
    number, month = day_and_month(day)
    order = book.rows.add(
        Order, number=f"#{1001 + done}", placed_at=at, day=number, month=month, customer_id=person.row["id"] if person else None, channel=channel,
        country=where["country"], region=where["region"], city=where["city"], note=dice.choice(NOTES) if dice.random() < 0.03 else None,
        discount_code=None,
    )  # fmt: skip
    taken = _fill(book, shelf, order, day, person, at)
    total = sum(_paid(sold.line) for sold in taken)
    if person and day != person.since and dice.random() < 0.03:
        _tag(book, order, "gift")
    if person and person.wholesale:
        _tag(book, order, "wholesale")
    if channel == "Online Store" and (code := _code(book, person, day, total, taken)) is not None:
        code.use()
        _tag(book, order, code.row["code"])
        order["discount_code"] = code.row["code"]
        for sold in taken:
            code.reduce(sold.line, total)
        total = sum(_paid(sold.line) for sold in taken)
        postage = 0 if code.frees_shipping else _postage(order, total)
    else:
        postage = 0 if channel == "POS" else _postage(order, total)
    _charge(book, order, taken, postage)
    _settle(book, order, taken, person, at)


def _who(book: Book, day: date, at: datetime, done: int, planned: int) -> tuple[Person | None, str]:
    """Somebody new, somebody who comes back, or nobody the shop knows by name. New ones are spread over the whole time."""
    dice = book.dice
    if dice.random() < 0.11:
        return (None, "POS") if dice.random() < 0.7 or not book.lots else (_regular(book, day), "POS")
    buyers = len(book.people) - len(book.people) // 40  # the others only ever signed up for the newsletter
    wanted = buyers * ((done + 1) / planned) ** 0.8
    if len(book.known) < buyers and len(book.known) < wanted:
        person = book.people[len(book.known)]
        person.since = day
        met(person, at, dice)
        book.known.append(person)
        book.lots.extend([person] * person.eager)
        return person, person.channel
    if dice.random() < 0.05 or not book.lots:
        return None, dice.choice(("Marketplace", "Instagram", "Online Store"))
    person = _regular(book, day)
    return person, person.channel if dice.random() < 0.85 else "Online Store"


def _regular(book: Book, day: date) -> Person:
    for _ in range(12):
        person = book.dice.choice(book.lots)
        if person.since is not None and (day - person.since).days <= person.stays_days:
            break
    return person


def _fill(book: Book, shelf: _Shelf, order: Row, day: date, person: Person | None, at: datetime) -> list[Sold]:
    dice, had = book.dice, set[int]()
    taken: list[Sold] = []
    last: Item | None = None
    trade = person is not None and person.wholesale
    for _ in range(dice.choices((1, 2, 3, 4, 5), (44, 28, 15, 8, 5))[0] + 2 * trade):
        last = item = shelf.take(last)
        variant = dice.choices(item.variants, item.demand)[0]
        if variant["id"] in had:
            continue
        had.add(variant["id"])
        quantity = dice.randint(4, 14) if trade else _how_many(item, dice)
        title = " / ".join(value for n in (1, 2, 3) if (value := variant.get(f"option{n}")))
        line = book.rows.add(
            OrderLine, order_id=order["id"], ordinal=len(taken), product_id=item.row["id"], variant_id=variant["id"],
            title=f"{item.good.title} - {title}" if title else item.good.title, quantity=quantity, price_minor=item.price_on(variant, day),
            discount_minor=0,
        )  # fmt: skip
        taken.append(Sold(order=order, line=line, item=item, variant=variant, person=person, at=at))
    book.sold.extend(taken)
    return taken


def _how_many(item: Item, dice: Random) -> int:
    if item.good.type in BY_THE_HALF_DOZEN and dice.random() < 0.4:
        return dice.choices((2, 3, 4, 6), (50, 12, 25, 13))[0]
    return 2 if dice.random() < 0.06 else 1


def _code(book: Book, person: Person | None, day: date, total: int, taken: Sequence[Sold]) -> Code | None:
    """The code that was typed, if any: newcomers have theirs, the rest follow what is on that day."""
    dice = book.dice
    if person is None or (odds := dice.random()) > 0.45:
        return None
    first = person.since == day and person.orders == 0
    for code in book.codes:
        if code.runs(day) and code.takes(total, first=first, loyal=person.orders >= 8) and odds < code.lure:
            return code
    return None


def _charge(book: Book, order: Row, taken: Sequence[Sold], postage: int) -> None:
    """Add postage and gift wrap as lines of their own, and work out the tax in every line."""
    lines = [sold.line for sold in taken]
    extras = []
    if order["channel"] != "POS" and book.dice.random() < (0.12 if order["month"] % 100 in (11, 12) else 0.03):
        extras.append(("fee", "Gift wrap", 350))
    if postage:
        extras.append(("shipping", "Standard shipping", postage))
    for ordinal, (kind, title, price) in enumerate(extras, len(lines)):
        line = {"ordinal": ordinal, "kind": kind, "title": title, "quantity": 1, "price_minor": price, "discount_minor": 0}
        lines.append(book.rows.add(OrderLine, order_id=order["id"], **line))
    for line in lines:
        line["tax_minor"] = _tax_in(_paid(line))


def _postage(order: Row, total: int) -> int:
    if order["country"] == "DE":
        return 0 if total >= 7500 else 490
    return 990 if order["country"] in EU else 1490


def _settle(book: Book, order: Row, taken: Sequence[Sold], person: Person | None, at: datetime) -> None:
    """What happened next: cancelled, paid, sent and perhaps sent back."""
    dice, waited = book.dice, book.now - at
    if order["channel"] != "POS" and dice.random() < 0.012:
        order |= {"cancelled_at": min(at + timedelta(minutes=dice.randint(10, 1500)), book.now), "payment": "voided", "fulfilment": "unfulfilled"}
        del book.sold[-len(taken) :]
        return
    if person is not None:
        person.orders += 1
        person.spent_minor += sum(_paid(sold.line) for sold in taken)
    slow = person is not None and person.wholesale and waited < timedelta(days=30) and dice.random() < 0.5
    pending = order["channel"] != "POS" and (slow or (waited < timedelta(days=4) and dice.random() < 0.08))
    order["payment"] = "pending" if pending else "paid"
    sent = _send(book, order, taken, at, pending)
    if sent is not None and not pending:
        _give_back(book, order, taken, sent)


def _send(book: Book, order: Row, taken: Sequence[Sold], at: datetime, pending: bool) -> datetime | None:
    """Ship it, on a working day; the time it left, or None while it is still here."""
    dice = book.dice
    if order["channel"] == "POS":
        order["fulfilment"] = "fulfilled"
        return at
    sent = at + timedelta(hours=dice.randint(9, 55) if dice.random() > 0.002 else 24 * 40)
    while sent.astimezone(ZONE).weekday() >= 5:
        sent += timedelta(days=1)
    if sent > book.now or pending:
        order["fulfilment"] = "unfulfilled"
        return None
    recent = book.now - at < timedelta(days=12)
    order["fulfilment"] = "partial" if recent and len(taken) > 1 and dice.random() < 0.07 else "fulfilled"
    parcels = 2 if order["fulfilment"] == "fulfilled" and len(taken) > 3 and dice.random() < 0.2 else 1
    carrier, shape = dice.choices(CARRIERS, (70, 18, 12))[0]
    for ordinal in range(parcels):
        tracking = shape.format(dice.randrange(10**10))
        book.rows.add(Fulfilment, order_id=order["id"], ordinal=ordinal, at=sent + timedelta(minutes=7 * ordinal), carrier=carrier, tracking=tracking)
    return sent


def _give_back(book: Book, order: Row, taken: Sequence[Sold], sent: datetime) -> None:
    """Send some of it back: clothes three times as often as the rest, as a shop of this kind sees it."""
    dice = book.dice
    back = [sold for sold in taken if dice.random() < (0.062 if sold.item.good.type in TO_WEAR else 0.019)]
    at = sent + timedelta(days=dice.randint(4, 24), minutes=dice.randrange(600))
    if not back or at > book.now:
        return
    reason = dice.choice(REASONS[back[0].item.good.type in TO_WEAR])
    number, month = day_and_month(at.astimezone(ZONE).date())
    refund = book.rows.add(
        Refund, order_id=order["id"], at=at, day=number, month=month, reason=reason, customer_id=order["customer_id"], channel=order["channel"],
        country=order["country"], region=order["region"], city=order["city"],
    )  # fmt: skip
    whole = len(back) == len(taken)
    for ordinal, sold in enumerate(back):
        quantity = sold.line["quantity"] if dice.random() < 0.8 else dice.randint(1, sold.line["quantity"])
        whole = whole and quantity == sold.line["quantity"]
        _line_back(book, refund, ordinal, sold, quantity)
    order["payment"] = "refunded" if whole and not _extras(book, order, len(taken)) else "partially_refunded"


def _line_back(book: Book, refund: Row, ordinal: int, sold: Sold, quantity: int) -> None:
    line = sold.line
    share = quantity / line["quantity"]
    tax = round(line["tax_minor"] * share)
    book.rows.add(
        RefundLine, refund_id=refund["id"], ordinal=ordinal, order_line_id=line["id"], product_id=line["product_id"], variant_id=line["variant_id"],
        title=line["title"], quantity=quantity, amount_minor=round(_paid(line) * share) - tax, tax_minor=tax,
    )  # fmt: skip


def _extras(book: Book, order: Row, products: int) -> bool:
    """Whether the order has postage or gift wrap, which are kept when goods come back."""
    last = book.rows.of[OrderLine][-1]
    return bool(last["order_id"] == order["id"] and last["ordinal"] >= products)


def _paid(line: Row) -> int:
    return int(line["price_minor"] * line["quantity"] - line["discount_minor"])


def _tax_in(paid: int) -> int:
    return (2 * paid * TAX + 100 + TAX) // (2 * (100 + TAX))


def _tag(book: Book, order: Row, tag: str) -> None:
    position = sum(1 for row in book.rows.of[Tag][-3:] if row["kind"] == "order" and row["record_id"] == order["id"])
    book.rows.add(Tag, kind="order", folded=tag.casefold(), record_id=order["id"], tag=tag, position=position)
