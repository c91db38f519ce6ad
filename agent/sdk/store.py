"""The store as a task sees it: records to read and one door to numbers. Writing is not here; a task only proposes.

Ids are opaque strings. Text that customers or others wrote is `Untrusted[str]`. Every method may raise
`StoreUnavailable` or `StoreRefused`; an unknown id is left out of a list and `NotFound` where one is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, Protocol, TypeVar

from agent.sdk.refs import Between, Kind, Money, Period, Selection, Where
from agent.sdk.results import Change, Evidence, Target

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Untrusted(Generic[T]):
    """A value that someone other than the merchant wrote. Prompts refuse it outside the quarantined slot; panels escape it."""

    value: T
    source: str = field(kw_only=True)
    """Kind of text: "review", "order note", "message", "product text"."""
    record: str = field(kw_only=True)
    """Id of the record it was read from."""

    def __str__(self) -> str:
        raise TypeError(f"text from a {self.source} is untrusted: take .value where it is only shown or counted")

    def __format__(self, spec: str) -> str:
        return str(self)  # raises: an f-string must not launder it either


Capability = Literal["inventory", "cost", "collections", "discounts", "reviews", "messages", "search_terms", "returns", "send"]
"""What a store can do beyond reading its catalogue and orders. send: the action "send_message" reaches customers."""


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
    title: str = ""
    """What its customers call it ("Fern & Tide"); empty when that is the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    id: str
    product_id: str
    product_title: str
    title: str
    """The options joined, "Blue / M"; empty for a product without options."""
    options: Mapping[str, str]
    sku: str | None
    price: Money
    compare_at_price: Money | None
    cost: Money | None
    stock: Mapping[str, int]
    """Location id to units on hand; empty where stock is not tracked."""
    tracked: bool
    version: str

    @property
    def label(self) -> str:
        return f"{self.product_title} ({self.title})" if self.title else self.product_title

    @property
    def on_hand(self) -> int:
        return sum(self.stock.values())

    def set(self, **fields: Any) -> list[Change]:
        """The changes that give these fields these values; what already has its value is left out. Fields: price, compare_at_price, cost, sku."""
        return _changes(Target("variant", self.id, self.label), self, fields)

    def add_stock(self, delta: int, *, location: str) -> Change:
        """A change of units on hand that commutes with sales made meanwhile."""
        before = self.stock.get(location, 0)
        return Change.add(Target("variant", self.id, self.label), f"stock:{location}", before=before, delta=delta)

    def set_stock(self, units: int, *, location: str) -> list[Change]:
        before = self.stock.get(location, 0)
        target = Target("variant", self.id, self.label)
        return [] if before == units else [Change.set(target, f"stock:{location}", before=before, after=units)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    id: str
    title: str
    handle: str
    description: Untrusted[str]
    status: Literal["active", "draft", "archived"]
    vendor: str
    product_type: str
    tags: Sequence[str]
    collections: Sequence[str]
    """Titles."""
    options: Mapping[str, Sequence[str]]
    """Option name to its values in order: {"Size": ["S", "M", "L"]}."""
    variants: Sequence[Variant]
    image_url: str | None
    created_at: datetime
    version: str
    seo_title: str = ""
    """Title for search engines; empty where the product's own serves."""
    seo_description: str = ""
    """Description for search engines; empty where they make their own."""

    @property
    def label(self) -> str:
        return self.title

    def set(self, **fields: Any) -> list[Change]:
        """The changes that give these fields these values.

        Fields: title, description (str), status, vendor, product_type, tags, seo_title, seo_description.
        """
        return _changes(Target("product", self.id, self.title), self, fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    country: str
    """ISO 3166 alpha-2."""
    region: str | None = None
    city: str | None = None


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

    @property
    def label(self) -> str:
        return self.name

    def set(self, **fields: Any) -> list[Change]:
        """Fields: tags."""
        return _changes(Target("customer", self.id, self.name), self, fields)


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
class Discount:
    id: str
    code: str
    kind: Literal["percent", "amount", "free_shipping"]
    value: Decimal
    """Percent of the price, or the amount in the shop's currency; 0 for free shipping."""
    minimum: Money | None
    starts_at: datetime
    ends_at: datetime | None
    usage_limit: int | None
    used: int
    products: Sequence[str]
    """Product ids it applies to; empty for all."""
    status: Literal["scheduled", "active", "expired"]
    version: str

    @property
    def label(self) -> str:
        return self.code


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
    status: Literal["published", "pending", "hidden"]
    reply: str = ""
    """The shop's public answer; empty for none."""

    @property
    def label(self) -> str:
        return f"{self.rating}-star review of {self.product_title}"

    def set(self, **fields: Any) -> list[Change]:
        """Fields: status, reply."""
        return _changes(Target("review", self.id, self.label), self, fields)


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
class Purchase:
    """An order as it counts for whoever placed it, without its lines: what cohorts and the days between orders are counted from."""

    order_id: str
    customer_id: str | None
    """None where nobody signed in."""
    placed_at: datetime
    spent: Money
    """Charged less given back, tax and postage included; what `Customer.spent` adds up, but for refunds that name no order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTerm:
    """What visitors typed into the storefront's search."""

    term: Untrusted[str]
    searches: int
    """Within the period asked for."""
    results: int
    """Products found when it was last searched in the period."""
    last_searched: date


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next: str | None = None
    """Opaque; pass it back for what follows. Rows inserted meanwhile neither repeat nor hide others."""


Metric = Literal[
    "gross_sales", "discounts", "returns", "net_sales", "tax", "shipping", "total_sales",
    "orders", "units", "average_order_value", "refunds", "customers", "units_returned",
]  # fmt: skip
Dimension = Literal["product", "variant", "product_type", "vendor", "channel", "country", "region", "city", "day", "week", "month", "quarter", "year"]

METRICS: Mapping[Metric, str] = {
    "gross_sales": "Price times quantity of product lines sold, before discounts and returns, without tax, by date of the order.",
    "discounts": "Discounts given on product lines, by date of the order.",
    "returns": "Value of product lines returned (after their discount), by date of the return.",
    "net_sales": "Gross sales minus discounts minus returns. What “revenue” means unless the shop says otherwise.",
    "tax": "Tax charged on orders, less tax returned.",
    "shipping": "Postage charged, less postage refunded.",
    "total_sales": "Net sales plus shipping plus tax plus fees and adjustments.",
    "orders": "Orders placed that were not cancelled.",
    "units": "Units of products sold, before returns.",
    "average_order_value": "Gross sales minus discounts, divided by orders.",
    "refunds": "Number of orders that had something refunded, by date of the refund.",
    "customers": "Different customers who ordered; orders without a customer are not counted.",
    "units_returned": "Units of products returned, by date of the return.",
}
"""The one definition of each metric, shown in every answer's evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a query is narrowed to; all that is set must hold. Ids are product, variant or customer ids of the shop."""

    products: Sequence[str] | None = None
    variants: Sequence[str] | None = None
    customers: Sequence[str] | None = None
    product_types: Sequence[str] | None = None
    vendors: Sequence[str] | None = None
    channels: Sequence[str] | None = None
    countries: Sequence[str] | None = None
    """ISO 3166 alpha-2."""
    cities: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question to the numbers: `Store.query` is the only door to analytics."""

    metrics: Sequence[Metric]
    period: Period
    dimensions: Sequence[Dimension] = ()
    filters: Filters = field(default_factory=Filters)
    compare: Period | None = None
    limit: int | None = None
    """Keep this many rows, the largest of the first metric first (or smallest, see `ascending`). Time dimensions sort by time when None."""
    ascending: bool = False
    unsold: bool = False
    """Active products (or their types, their vendors) without a sale have a row of zeros too: the worst sellers are among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    keys: Mapping[Dimension, str]
    """The value of each dimension, as people read it; empty in a total. Ids are in `ids`."""
    values: Mapping[Metric, Money | int | Decimal]
    compared: Mapping[Metric, Money | int | Decimal] | None = None
    ids: Mapping[Dimension, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    rows: Sequence[Row]
    total: Row
    """Over everything the query covers, also what `limit` cut off."""
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerWhere:
    """Conditions on customers; all that is set must hold. Spend and orders are over `period` where given, else over all time."""

    ids: Sequence[str] | None = None
    spent: Between[Money] | None = None
    orders: Between[int] | None = None
    period: Period | None = None
    last_order: Period | None = None
    no_order_since: datetime | None = None
    countries: Sequence[str] | None = None
    cities: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    bought: Sequence[str] | None = None
    """Product ids of which at least one was bought (within `period`, if given)."""
    accepts_marketing: bool | None = None
    sort: Literal["spent", "orders", "recent", "name"] = "spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWhere:
    """Conditions on orders; all that is set must hold."""

    ids: Sequence[str] | None = None
    numbers: Sequence[str] | None = None
    customers: Sequence[str] | None = None
    products: Sequence[str] | None = None
    placed: Period | None = None
    total: Between[Money] | None = None
    payment: Sequence[str] | None = None
    fulfilment: Sequence[str] | None = None
    countries: Sequence[str] | None = None
    cities: Sequence[str] | None = None
    channels: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    cancelled: bool | None = None
    """Only cancelled ones, or only those that are not."""
    sort: Literal["recent", "oldest", "total"] = "recent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewWhere:
    ids: Sequence[str] | None = None
    products: Sequence[str] | None = None
    written: Period | None = None
    rating: Between[int] | None = None
    status: Sequence[str] | None = None
    text: str | None = None
    """Reviews whose title or body has this word or phrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWhere:
    """Conditions on messages; all that is set must hold."""

    ids: Sequence[str] | None = None
    customers: Sequence[str] | None = None
    orders: Sequence[str] | None = None
    threads: Sequence[str] | None = None
    direction: Literal["in", "out", "draft"] | None = None
    answered: bool | None = None
    received: Period | None = None
    text: str | None = None
    """Messages whose subject or body has this word or phrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A record that a merchant's words may mean."""

    kind: Kind | Literal["tag", "vendor", "product_type", "option"]
    id: str
    label: str
    option: str | None = None
    """For kind "option": the option's name; `id` and `label` are the value."""


class Store(Protocol):
    """Reading a shop. Bound to one shop; nothing of another shop can be reached through it."""

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


def _changes(target: Target, record: Any, fields: Mapping[str, Any]) -> list[Change]:
    changes = []
    for name, after in fields.items():
        before = getattr(record, name)
        before = before.value if isinstance(before, Untrusted) else list(before) if isinstance(before, tuple) else before
        if before != after:
            changes.append(Change.set(target, name, before=before, after=after))
    return changes
