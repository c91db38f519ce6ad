"""The store as a task sees it: records to read and one door to numbers. Writing is not here; a task only proposes.

Ids are opaque strings. Text that customers or others wrote is `Untrusted[str]`. Every method may raise
`StoreUnavailable` or `StoreRefused`; an unknown id is left out of a list and `NotFound` where one is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Literal, Protocol

from agent.sdk.figures import Query, QueryResult
from agent.sdk.goods import Collection, Discount, Product, Variant
from agent.sdk.orders import DraftOrder, Order, Purchase
from agent.sdk.people import Customer, Message, Review, SearchTerm
from agent.sdk.refs import Kind, Period, Selection, Where
from agent.sdk.untrusted import T
from agent.sdk.wheres import CustomerWhere, MessageWhere, OrderWhere, ReviewWhere

Capability = Literal["inventory", "cost", "collections", "discounts", "reviews", "messages", "search_terms", "returns", "send", "erase"]
"""What a store can do beyond reading its catalogue and orders. send: the action "send_message" reaches customers; erase: "erase_customer" takes a
person's data away for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopInfo:
    """What a shop is, wherever its records live."""

    id: str
    name: str
    currency: str
    """ISO 4217."""
    time_zone: str
    """IANA name."""
    locale: str
    """BCP 47, such as en-GB."""
    prices_include_tax: bool
    revenue: Literal["net_sales", "gross_sales", "total_sales"] = "net_sales"
    """The metric meant by the bare word revenue."""
    week_starts: Literal["monday", "sunday"] = "monday"
    fiscal_year_starts: int = 1
    """Month the fiscal year begins with, 1 to 12."""
    title: str = ""
    """What its customers call it ("Fern & Tide"); empty when that is the name."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next: str | None = None
    """Opaque; pass it back for what follows. Rows inserted meanwhile neither repeat nor hide others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A record that a merchant's words may mean."""

    kind: Kind | Literal["tag", "vendor", "product_type", "option"]
    id: str
    label: str
    option: str | None = None
    """For kind "option": the option's name; `id` and `label` are the value."""


class Store(Protocol):
    """Reading a shop. Bound to one shop; nothing of another shop can be reached through it. Moments of records are in the shop's time zone."""

    @property
    def shop(self) -> ShopInfo: ...
    @property
    def capabilities(self) -> frozenset[Capability]: ...

    async def products(self, where: Selection[Any] | Where | None = None, *, limit: int = 250, cursor: str | None = None) -> Page[Product]: ...
    async def product(self, id: str) -> Product: ...
    async def variants(self, selection: Selection[Any]) -> Sequence[Variant]:
        """Every variant whose id, or whose product's id, is in the selection, in the selection's order."""
        ...

    async def customers(
        self, where: CustomerWhere | Selection[Customer] | None = None, *, limit: int = 250, cursor: str | None = None
    ) -> Page[Customer]: ...
    async def count_customers(self, where: CustomerWhere | None = None) -> int: ...
    async def orders(self, where: OrderWhere | Selection[Order] | None = None, *, limit: int = 250, cursor: str | None = None) -> Page[Order]: ...
    async def count_orders(self, where: OrderWhere | None = None) -> int: ...
    async def reviews(self, where: ReviewWhere | None = None, *, limit: int = 1000, cursor: str | None = None) -> Page[Review]: ...
    async def messages(self, where: MessageWhere | None = None, *, limit: int = 250, cursor: str | None = None) -> Page[Message]:
        """Newest first."""
        ...

    async def discounts(self, *, code: str | None = None, limit: int = 250, cursor: str | None = None) -> Page[Discount]: ...
    async def draft_orders(self, *, limit: int = 250, cursor: str | None = None) -> Page[DraftOrder]:
        """Newest first."""
        ...

    async def collections(self) -> Sequence[Collection]:
        """All of them, in the shop's order; none where it has no such thing (`capabilities`)."""
        ...

    async def locations(self) -> Mapping[str, str]:
        """Location id to name; the first one is the default."""
        ...

    async def query(self, query: Query) -> QueryResult: ...
    async def purchases(self, placed: Period | None = None) -> Sequence[Purchase]:
        """Every order that was not cancelled, of this time or of all time, the oldest first."""
        ...

    async def search_terms(self, period: Period) -> Sequence[SearchTerm]:
        """What was searched for on the days of the period, the most frequent first; empty where the store does not record it (`capabilities`)."""
        ...

    async def vocabulary(self) -> Sequence[Mention]:
        """What a merchant may call by name: products, collections, tags, vendors, product types, option values (not customers: see `named`)."""
        ...

    async def named(self, kind: Literal["customer", "order", "variant"], text: str, *, limit: int = 6) -> Sequence[Mention]:
        """Customers by name or e-mail, orders by number, variants by SKU, best match first."""
        ...

    @property
    def vocabulary_version(self) -> str:
        """Changes whenever `vocabulary` would; cheap to read."""
        ...


class Clock(Protocol):
    """The time, in the shop's time zone."""

    def now(self) -> datetime: ...
    def today(self) -> date: ...
