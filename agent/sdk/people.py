"""A shop's customers and what they write and look for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from agent.sdk.refs import Money
from agent.sdk.results import Change, Target
from agent.sdk.text import say
from agent.sdk.untrusted import Untrusted, changes_to

_KEPT = r"(?:e-?mails?(?:\s+address(?:es)?)?|(?:phone|mobile|telephone)(?:\s+numbers?)?|surnames?|last\s+names?|birthdays?)"
_NOW = r"(?:is\s+now|has\s+changed|changed\s+to|should\s+be|is\s+\S.{0,40}\bnow)"
CONTACT = (
    r"\b(?:change|update|correct|fix|edit|replace|set|switch)\b"
    r"(?=.{0,60}\b(?:customer|account|profile|of|for)\b|(?-i:.{0,30}\b[A-ZÀ-Þ]\w+['’]))"
    rf".{{0,60}}\b{_KEPT}\b.{{0,60}}\b(?:to|into|is)\b|\b{_KEPT}\s+of\s+(?-i:[A-ZÀ-Þ]).{{0,60}}?\b{_NOW}\b",
    say(
        "A customer's name, e-mail and phone number cannot be changed here; that is done in the shop's own admin. Customers can be tagged,"
        " and the shipping address of an order can be changed."
    ),
)
"""What is kept of a customer, asked to be changed, and why it is not: of `Args.cannot`, for every task that may be taken for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    country: str
    """ISO 3166 alpha-2."""
    region: str | None = None
    city: str | None = None
    postcode: str | None = None
    street: str | None = None
    """House number and what else a line needs; of orders only."""
    recipient: str | None = None
    """Whom a parcel is for, where that is not the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    id: str
    name: str
    email: str | None
    tags: Sequence[str]
    address: Address | None
    accepts_marketing: bool
    orders: int
    spent: Money
    first_order_at: datetime | None
    last_order_at: datetime | None
    version: str
    then_orders: int | None = None
    """Orders placed in the period that was asked about; None where none was."""
    then_spent: Money | None = None

    @property
    def label(self) -> str:
        return self.name

    def set(self, **fields: Any) -> list[Change]:
        """Fields: tags."""
        return changes_to(Target("customer", self.id, self.name), self, fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    id: str
    product_id: str
    product_title: str
    rating: int
    title: Untrusted[str]
    body: Untrusted[str]
    author: Untrusted[str]
    written_at: datetime
    status: Literal["published", "pending", "hidden", "spam"]
    reply: str = ""
    """The shop's public answer; empty for none."""

    @property
    def label(self) -> str:
        return f"{self.rating}-star review of {self.product_title}"

    def set(self, **fields: Any) -> list[Change]:
        """Fields: status, reply."""
        return changes_to(Target("review", self.id, self.label), self, fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something a customer wrote to the shop, or what the shop wrote."""

    id: str
    thread: str
    """Messages that belong together have the same one."""
    customer_id: str | None
    customer_name: str | None
    order_id: str | None
    direction: Literal["in", "out", "draft"]
    """From the customer, to the customer, or written and not sent."""
    channel: str
    subject: Untrusted[str]
    body: Untrusted[str]
    at: datetime
    answered: bool

    @property
    def label(self) -> str:
        return f"message from {self.customer_name}" if self.customer_name else "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTerm:
    """What visitors typed into the storefront's search."""

    term: Untrusted[str]
    searches: int
    """Within the period asked for."""
    results: int
    """Products found when it was last searched in the period."""
    last_searched: date
