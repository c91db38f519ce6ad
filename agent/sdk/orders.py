"""Orders, as a task reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agent.sdk.people import Address
from agent.sdk.refs import Money
from agent.sdk.untrusted import Untrusted


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

    @property
    def label(self) -> str:
        return self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An order as it counts for whoever placed it, without its lines: what cohorts and the days between orders are counted from."""

    order_id: str
    customer_id: str | None
    """None where nobody signed in."""
    placed_at: datetime
    spent: Money
    """Charged less given back, tax and postage included; what `Customer.spent` adds up, but for refunds that name no order."""
