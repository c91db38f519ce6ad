"""Orders, as a task reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from agent.sdk.people import Address
from agent.sdk.refs import Money, Percent
from agent.sdk.results import Change, Target
from agent.sdk.untrusted import Untrusted, changes_to


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    id: str
    kind: Literal["product", "shipping", "fee", "adjustment"]
    product_id: str | None
    variant_id: str | None
    title: str
    quantity: int
    price: Money
    discount: Money
    refunded_quantity: int
    paid: Money | None = None
    """What the customer was charged for the line, after its discount and with its tax; None where the store does not tell."""
    refunded: Money | None = None
    """What was given back for it, with its tax."""
    sent_quantity: int = 0

    @property
    def kept(self) -> int:
        """Units that have not come back."""
        return max(0, self.quantity - self.refunded_quantity)

    @property
    def to_send(self) -> int:
        """Units that are still to be sent: what was given back is not sent any more."""
        return max(0, self.quantity - self.sent_quantity - self.refunded_quantity)

    @property
    def left(self) -> Money:
        """What is left to give back for the line."""
        paid = self.paid if self.paid is not None else self.price * self.quantity - self.discount
        return paid - self.refunded if self.refunded is not None else paid

    def worth(self, units: int) -> Money:
        """What is to be given back for so many of the units that are left, their discount taken off. The last of them takes what is left over,
        so that a line given back bit by bit comes to exactly what was paid for it."""
        if units >= self.kept:
            return self.left
        return Money.from_minor((2 * self.left.minor * units + self.kept) // (2 * self.kept), self.left.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    id: str
    number: str
    """As the merchant knows it, "#1042"."""
    placed_at: datetime
    customer_id: str | None
    customer_name: str | None
    channel: str
    shipping_address: Address | None
    payment: Literal["paid", "pending", "partially_refunded", "refunded", "voided"]
    fulfilment: Literal["fulfilled", "partial", "unfulfilled"]
    tracking: Sequence[str]
    lines: Sequence[OrderLine]
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money
    refunded: Money
    cancelled_at: datetime | None
    note: Untrusted[str] | None
    tags: Sequence[str]
    version: str
    postage_refunded: Money | None = None
    """What was given back of the postage, with its tax."""
    cancel_reason: str = ""
    carriers: Mapping[str, str] = field(default_factory=dict)
    """Tracking number to who carries it; empty where that is not known."""

    @property
    def label(self) -> str:
        return self.number

    @property
    def target(self) -> Target:
        return Target("order", self.id, self.number)

    @property
    def left(self) -> Money:
        """What is left to give back: what was charged, less what was given back. Nothing, while nothing has been paid."""
        nothing = Money.from_minor(0, self.total.currency)
        return nothing if self.payment in ("pending", "voided") else max(self.total - self.refunded, nothing)

    @property
    def postage_left(self) -> Money:
        """What is left to give back of the postage."""
        nothing = Money.from_minor(0, self.total.currency)
        paid = sum((_charged(line) for line in self.lines if line.kind == "shipping"), nothing)
        return max(paid - (self.postage_refunded or nothing), nothing)

    def set(self, **fields: Any) -> list[Change]:
        """Fields: tags, note, shipping_address (an `Address`), tracking (numbers, for what has been sent)."""
        changes: list[Change] = []
        if "shipping_address" in fields:
            before, after = (None if a is None else asdict(a) for a in (self.shipping_address, fields.pop("shipping_address")))
            if before != after:
                changes.append(Change.set(self.target, "shipping_address", before=before, after=after))
        if "note" in fields:
            note = self.note.value if self.note is not None else ""
            if note != fields["note"]:
                changes.append(Change.set(self.target, "note", before=note, after=fields["note"]))
            del fields["note"]
        return [*changes, *changes_to(self.target, self, fields)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunding:
    """What a refund gives back, as the action "refund" carries it."""

    units: Mapping[str, int]
    """Line id to units that are given back."""
    postage: Money
    other: Money
    """Beside goods and postage: goodwill; below zero where goodwill given earlier is part of what is given back now."""
    total: Money


def whole_refund(order: Order) -> Refunding:
    """All that is left to give back of an order."""
    units = {line.id: line.kept for line in order.lines if line.kind != "shipping" and line.kept}
    named = sum((line.worth(line.kept) for line in order.lines if line.id in units), order.postage_left)
    return Refunding(units=units, postage=order.postage_left, other=order.left - named, total=order.left)


def refund_of(order: Order, units: Mapping[str, int], *, postage: Money | None = None, other: Money | None = None) -> Refunding:
    """What so many units of these lines come to, with postage and goodwill beside them. Whether so much is left is for the caller to see."""
    nothing = Money.from_minor(0, order.total.currency)
    postage, other = postage or nothing, other or nothing
    total = sum((line.worth(units[line.id]) for line in order.lines if line.id in units), postage + other)
    return Refunding(units=units, postage=postage, other=other, total=total)


def _charged(line: OrderLine) -> Money:
    return line.paid if line.paid is not None else line.price * line.quantity - line.discount


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    variant_id: str | None
    """None where the variant is gone."""
    title: str
    quantity: int
    price: Money
    """Of one unit, as it was quoted when the draft was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrder:
    """An order that the shop prepares for somebody and nobody has placed. It counts in no figure."""

    id: str
    number: str
    """As the merchant knows it, "#D3"."""
    created_at: datetime
    customer_id: str | None
    customer_name: str | None
    lines: Sequence[DraftLine]
    discount: Percent | Money | None
    note: str

    @property
    def label(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        """Goods as quoted, less the discount; no postage yet."""
        return draft_total([line.price * line.quantity for line in self.lines], self.discount)


def draft_total(amounts: Sequence[Money], discount: Percent | Money | None) -> Money:
    """What lines come to after the discount, never below nothing."""
    quoted = sum(amounts[1:], amounts[0])
    if discount is None:
        return quoted
    off = Money(quoted.amount * discount.value / 100, quoted.currency) if isinstance(discount, Percent) else discount
    return max(quoted - off, Money.from_minor(0, quoted.currency))


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An order as it counts for whoever placed it, without its lines: what cohorts and the days between orders are counted from."""

    order_id: str
    customer_id: str | None
    """None where nobody signed in."""
    placed_at: datetime
    spent: Money
    """Charged less given back, tax and postage included; what `Customer.spent` adds up, but for refunds that name no order."""
