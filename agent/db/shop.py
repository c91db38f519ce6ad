"""A shop's own records: what the embedded store keeps.

Every row has `shop_id`, and it is part of each unique key. Money is an integer of the shop's currency's minor unit.
Moments are UTC; orders and refunds also carry `day` and `month` in the shop's time zone (`local_day`), so that grouping by
time is integer arithmetic on an indexed column, on SQLite and Postgres alike.

Whoever adds orders or refunds in bulk fills the columns that are facts and then calls `agent.stores.embedded.books.post`, which
derives the rest: the columns marked "derived", and the table `Sale` that every figure is computed from.
"""

# No `from __future__ import annotations`: SQLModel reads the annotations when a class is made.

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


def local_day(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """`day` and `month` of a moment in the shop's time zone: the date's ordinal (day 1 was a Monday), and year * 100 + month."""
    return day_and_month(at.astimezone(zone).date())


def day_and_month(day: date) -> tuple[int, int]:
    return day.toordinal(), day.year * 100 + day.month


class Shop(SQLModel, table=True):
    __tablename__ = "shop"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    """What commands and keys call it: "demo"."""
    title: str = ""
    """What customers call it: "Fern & Tide"; empty when it is the name."""
    currency: str = Field(max_length=3)
    time_zone: str
    locale: str
    prices_include_tax: bool = True
    revenue: str = "net_sales"
    """The metric meant by the bare word revenue."""
    week_starts: str = "monday"
    fiscal_year_starts: int = 1
    """Month the fiscal year begins with, 1 to 12."""
    created_at: datetime = Field(sa_type=Moment)
    catalogue_version: int = 1
    """Moves with everything a merchant may call by name; `books.post` and every write move it."""


class Location(SQLModel, table=True):
    __tablename__ = "shop_location"
    __table_args__ = (UniqueConstraint("shop_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    name: str
    position: int = 0
    """The lowest is the default."""


class Product(SQLModel, table=True):
    __tablename__ = "shop_product"
    __table_args__ = (UniqueConstraint("shop_id", "handle"), Index("ix_shop_product_title", "shop_id", "title"))

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    title: str
    handle: str
    description: str = ""
    status: str = "active"
    """active, draft or archived."""
    vendor: str = ""
    product_type: str = ""
    options: list[Any] = Field(default_factory=list, sa_type=JSON)
    """Options and their values in order: [["Colour", ["Blue", "Red"]], ["Size", ["S", "M"]]]; at most three options, [] for none."""
    image_url: str | None = None
    seo_title: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Title for search engines; empty where the product's own serves."""
    seo_description: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Description for search engines; empty where they make their own."""
    created_at: datetime = Field(sa_type=Moment)
    version: int = 1


class Variant(SQLModel, table=True):
    """What is priced and stocked; every product has at least one."""

    __tablename__ = "shop_variant"
    __table_args__ = (UniqueConstraint("shop_id", "product_id", "position"), Index("ix_shop_variant_sku", "shop_id", "sku"))

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    product_id: int = Field(foreign_key="shop_product.id", ondelete="CASCADE")
    position: int = 0
    option1: str | None = None
    """The value of the product's first option."""
    option2: str | None = None
    option3: str | None = None
    sku: str | None = None
    price_minor: int = Field(sa_type=BigInteger)
    compare_at_minor: int | None = Field(default=None, sa_type=BigInteger)
    cost_minor: int | None = Field(default=None, sa_type=BigInteger)
    tracked: bool = True
    """Whether units are counted; without, there are no inventory levels."""
    version: int = 1


class InventoryLevel(SQLModel, table=True):
    __tablename__ = "shop_inventory"

    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    variant_id: int = Field(foreign_key="shop_variant.id", ondelete="CASCADE", primary_key=True)
    location_id: int = Field(foreign_key="shop_location.id", ondelete="CASCADE", primary_key=True)
    on_hand: int


class Collection(SQLModel, table=True):
    __tablename__ = "shop_collection"
    __table_args__ = (UniqueConstraint("shop_id", "title"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    title: str
    position: int = 0


class CollectionMember(SQLModel, table=True):
    __tablename__ = "shop_collection_member"
    __table_args__ = (Index("ix_shop_collection_member_product", "product_id"),)

    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    collection_id: int = Field(foreign_key="shop_collection.id", ondelete="CASCADE", primary_key=True)
    product_id: int = Field(foreign_key="shop_product.id", ondelete="CASCADE", primary_key=True)


class Tag(SQLModel, table=True):
    """A tag on a product, customer or order: a table of its own, so that a filter is one look into an index."""

    __tablename__ = "shop_tag"
    __table_args__ = (Index("ix_shop_tag_record", "shop_id", "kind", "record_id"),)

    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(primary_key=True)
    """product, customer or order."""
    folded: str = Field(primary_key=True)
    """`tag.casefold()`: tags that differ in case alone are one tag."""
    record_id: int = Field(primary_key=True)
    """Primary key of the record; no foreign key, since it is one of three tables."""
    tag: str
    """As written."""
    position: int = 0
    """Order among the record's tags."""


class Customer(SQLModel, table=True):
    __tablename__ = "shop_customer"
    __table_args__ = (Index("ix_shop_customer_email", "shop_id", "email"), UniqueConstraint("shop_id", "import_key"))

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    import_key: str | None = None
    """What an importer knows the customer by: "17850"."""
    name: str
    email: str | None = None
    """Lower case."""
    country: str | None = Field(default=None, max_length=2)
    """ISO 3166 alpha-2; None also when there is no address."""
    region: str | None = None
    city: str | None = None
    accepts_marketing: bool = False
    consent_at: datetime | None = Field(default=None, sa_type=Moment)
    """When consent was given or taken back; None when never asked."""
    created_at: datetime = Field(sa_type=Moment)
    version: int = 1


class Order(SQLModel, table=True):
    """An order. A cancelled one is kept, and counts in no figure."""

    __tablename__ = "shop_order"
    __table_args__ = (
        UniqueConstraint("shop_id", "number"),
        UniqueConstraint("shop_id", "import_key"),
        Index("ix_shop_order_day", "shop_id", "day"),
        Index("ix_shop_order_placed", "shop_id", "placed_at", "id"),  # the newest page: 3 ms, and 115 ms without
        Index("ix_shop_order_customer", "shop_id", "customer_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    number: str
    """As the merchant knows it: "#1042", "536365"."""
    import_key: str | None = None
    """What an importer knows it by (the invoice), so that the same file twice changes nothing."""
    placed_at: datetime = Field(sa_type=Moment)
    day: int
    """`local_day(placed_at, zone)[0]`."""
    month: int
    """`local_day(placed_at, zone)[1]`."""
    customer_id: int | None = Field(default=None, foreign_key="shop_customer.id", ondelete="SET NULL")
    channel: str = "Online Store"
    country: str | None = Field(default=None, max_length=2)
    region: str | None = None
    city: str | None = None
    payment: str = "paid"
    """paid, pending, partially_refunded, refunded or voided."""
    fulfilment: str = "fulfilled"
    """fulfilled, partial or unfulfilled."""
    cancelled_at: datetime | None = Field(default=None, sa_type=Moment)
    note: str | None = None
    version: int = 1

    # Derived by `books.post` from the lines and refunds; all but `total_minor` and `refunded_minor` are without tax.
    gross_minor: int = Field(default=0, sa_type=BigInteger)
    """Product lines: price times quantity."""
    discount_minor: int = Field(default=0, sa_type=BigInteger)
    """Discounts on product lines."""
    shipping_minor: int = Field(default=0, sa_type=BigInteger)
    fees_minor: int = Field(default=0, sa_type=BigInteger)
    """Fees and adjustments."""
    tax_minor: int = Field(default=0, sa_type=BigInteger)
    total_minor: int = Field(default=0, sa_type=BigInteger)
    """What the customer was charged."""
    refunded_minor: int = Field(default=0, sa_type=BigInteger)
    """What the customer got back, tax and postage included."""
    units: int = 0
    """Units of products."""


class OrderLine(SQLModel, table=True):
    """One line of an order. Postage, fees and adjustments are lines of their own kind and never products."""

    __tablename__ = "shop_order_line"
    __table_args__ = (UniqueConstraint("shop_id", "order_id", "ordinal"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    order_id: int = Field(foreign_key="shop_order.id", ondelete="CASCADE")
    ordinal: int
    """Place among the order's lines; with the invoice it is the import key."""
    kind: str = "product"
    """product, shipping, fee or adjustment."""
    product_id: int | None = Field(default=None, foreign_key="shop_product.id", ondelete="SET NULL")
    """None for other kinds, and for a product that is not in the catalogue."""
    variant_id: int | None = Field(default=None, foreign_key="shop_variant.id", ondelete="SET NULL")
    title: str
    quantity: int
    """Above zero; what comes back is a refund. An adjustment may have a negative price."""
    price_minor: int = Field(sa_type=BigInteger)
    """Of one unit, as the shop quotes prices: with tax where `prices_include_tax`."""
    discount_minor: int = Field(default=0, sa_type=BigInteger)
    """On the whole line, quoted like the price."""
    tax_minor: int = Field(default=0, sa_type=BigInteger)
    """Tax on the whole line after its discount: contained in it where `prices_include_tax`, else on top."""


class Refund(SQLModel, table=True):
    """Something given back, with or without the order it was bought with (a credit note may not name one)."""

    __tablename__ = "shop_refund"
    __table_args__ = (
        UniqueConstraint("shop_id", "import_key"),
        Index("ix_shop_refund_day", "shop_id", "day"),
        Index("ix_shop_refund_order", "order_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    import_key: str | None = None
    order_id: int | None = Field(default=None, foreign_key="shop_order.id", ondelete="CASCADE")
    at: datetime = Field(sa_type=Moment)
    day: int
    month: int
    reason: str = ""
    # Whose and where, for a refund without an order; `books.post` takes them from the order where there is one.
    customer_id: int | None = Field(default=None, foreign_key="shop_customer.id", ondelete="SET NULL")
    channel: str = "Online Store"
    country: str | None = Field(default=None, max_length=2)
    region: str | None = None
    city: str | None = None
    # Beside the lines:
    shipping_minor: int = Field(default=0, sa_type=BigInteger)
    """Postage given back, without tax."""
    shipping_tax_minor: int = Field(default=0, sa_type=BigInteger)
    adjustment_minor: int = Field(default=0, sa_type=BigInteger)
    """Given back for no line (goodwill), without tax."""

    # Derived by `books.post` from the lines and the three columns above; what came back is above zero.
    counts: bool = True
    """False where the order was cancelled: it counts in no figure, and so neither does its refund."""
    units: int = 0
    returns_minor: int = Field(default=0, sa_type=BigInteger)
    """Product lines, without tax."""
    shipping_back_minor: int = Field(default=0, sa_type=BigInteger)
    fees_back_minor: int = Field(default=0, sa_type=BigInteger)
    tax_back_minor: int = Field(default=0, sa_type=BigInteger)
    total_minor: int = Field(default=0, sa_type=BigInteger)
    """All that was given back, tax included."""


class RefundLine(SQLModel, table=True):
    __tablename__ = "shop_refund_line"
    __table_args__ = (UniqueConstraint("shop_id", "refund_id", "ordinal"), Index("ix_shop_refund_line_line", "order_line_id"))

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    refund_id: int = Field(foreign_key="shop_refund.id", ondelete="CASCADE")
    ordinal: int
    kind: str = "product"
    """As of an order's line: product, shipping, fee or adjustment."""
    order_line_id: int | None = Field(default=None, foreign_key="shop_order_line.id", ondelete="CASCADE")
    product_id: int | None = Field(default=None, foreign_key="shop_product.id", ondelete="SET NULL")
    variant_id: int | None = Field(default=None, foreign_key="shop_variant.id", ondelete="SET NULL")
    title: str
    quantity: int
    """Units that came back; 0 when only money did."""
    amount_minor: int = Field(sa_type=BigInteger)
    """Value given back for the line after its discount, without tax whatever the shop's prices include."""
    tax_minor: int = Field(default=0, sa_type=BigInteger)
    """Tax given back on top of it."""


class Fulfilment(SQLModel, table=True):
    __tablename__ = "shop_fulfilment"
    __table_args__ = (UniqueConstraint("shop_id", "order_id", "ordinal"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    order_id: int = Field(foreign_key="shop_order.id", ondelete="CASCADE")
    ordinal: int = 0
    at: datetime = Field(sa_type=Moment)
    carrier: str = ""
    tracking: str | None = None


class Discount(SQLModel, table=True):
    """A discount code."""

    __tablename__ = "shop_discount"
    __table_args__ = (UniqueConstraint("shop_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    code: str
    """Upper case: customers type codes in any case."""
    kind: str
    """percent, amount or free_shipping."""
    value: str = "0"
    """Exact decimal: percent, or the amount in the shop's currency."""
    minimum_minor: int | None = Field(default=None, sa_type=BigInteger)
    starts_at: datetime = Field(sa_type=Moment)
    ends_at: datetime | None = Field(default=None, sa_type=Moment)
    usage_limit: int | None = None
    used: int = 0
    products: list[int] = Field(default_factory=list, sa_type=JSON)
    """Primary keys of the products it applies to; empty for all."""
    version: int = 1


class Review(SQLModel, table=True):
    __tablename__ = "shop_review"
    __table_args__ = (Index("ix_shop_review_product", "shop_id", "product_id"), UniqueConstraint("shop_id", "import_key"))

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    import_key: str | None = None
    product_id: int = Field(foreign_key="shop_product.id", ondelete="CASCADE")
    customer_id: int | None = Field(default=None, foreign_key="shop_customer.id", ondelete="SET NULL")
    status: str = "published"
    """published, pending or hidden."""
    rating: int
    """1 to 5."""
    title: str = ""
    body: str
    author: str
    reply: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The shop's public answer; empty for none."""
    written_at: datetime = Field(sa_type=Moment)


class Message(SQLModel, table=True):
    """Something a customer wrote to the shop, or its answer."""

    __tablename__ = "shop_message"
    __table_args__ = (Index("ix_shop_message_thread", "shop_id", "thread", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    thread: str
    """Messages that belong together."""
    customer_id: int | None = Field(default=None, foreign_key="shop_customer.id", ondelete="SET NULL")
    order_id: int | None = Field(default=None, foreign_key="shop_order.id", ondelete="SET NULL")
    direction: str = "in"
    """in (from the customer), out, or draft (an answer that nobody sent yet)."""
    channel: str = "email"
    subject: str = ""
    body: str
    at: datetime = Field(sa_type=Moment)
    answered: bool = False


class SearchTerm(SQLModel, table=True):
    """What was typed into the storefront's search, by day."""

    __tablename__ = "shop_search_term"
    __table_args__ = (UniqueConstraint("shop_id", "day", "term"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    day: int
    term: str
    """Lower case."""
    count: int = 1
    results: int = 0
    """Products found, when last searched that day."""


class Sale(SQLModel, table=True):
    """One row for each product line sold or given back. Derived; written by `books.post` alone.

    Figures by product come from here; those that know no product come from the sums on `Order` and `Refund`.
    """

    __tablename__ = "shop_sale"
    # The first holds every column that a figure by product over some days needs: 25,000 lines of the UCI file by product in 30 ms.
    # (Whole months come from `SaleMonth`; all 540,000 lines took 115 ms at best, and 790 ms from the table.)
    __table_args__ = (
        Index(
            "ix_shop_sale_day", "shop_id", "day", "product_id", "month", "variant_id", "order_id", "refund_id", "customer_id", "country",
            "channel", "units", "units_back", "gross_minor", "discount_minor", "returns_minor", "tax_minor",
        ),
        Index("ix_shop_sale_product", "shop_id", "product_id", "day"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    day: int
    """Of the order for what was sold, of the refund for what came back."""
    month: int
    order_id: int | None = None
    refund_id: int | None = None
    """Set on what came back, None on what was sold."""
    product_id: int | None = None
    variant_id: int | None = None
    customer_id: int | None = None
    channel: str
    country: str | None = None
    region: str | None = None
    city: str | None = None
    units: int
    units_back: int
    gross_minor: int = Field(sa_type=BigInteger)
    discount_minor: int = Field(sa_type=BigInteger)
    returns_minor: int = Field(sa_type=BigInteger)
    tax_minor: int = Field(sa_type=BigInteger)
    """Below zero on what came back."""


class SaleMonth(SQLModel, table=True):
    """`Sale` summed by whole months of the shop, for figures over long periods. Derived; written by `books.post` alone.

    The UCI file's 540,000 lines are 67,000 of these rows.
    """

    __tablename__ = "shop_sale_month"
    __table_args__ = (
        Index(
            "ix_shop_sale_month_product", "shop_id", "product_id", "month", "country", "channel", "lines", "orders", "units", "units_back",
            "gross_minor", "discount_minor", "returns_minor", "tax_minor",
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    month: int
    product_id: int | None = None
    channel: str
    country: str | None = None
    lines: int
    orders: int
    """Different orders in which the product was sold: they add up over months, places and channels, but not over products."""
    units: int
    units_back: int
    gross_minor: int = Field(sa_type=BigInteger)
    discount_minor: int = Field(sa_type=BigInteger)
    returns_minor: int = Field(sa_type=BigInteger)
    tax_minor: int = Field(sa_type=BigInteger)


class WriteLog(SQLModel, table=True):
    """Idempotency keys of writes and what each answered."""

    __tablename__ = "shop_write"

    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE", primary_key=True)
    key: str = Field(primary_key=True)
    digest: str
    """Of the change: the same key with another change is refused."""
    outcome: dict[str, Any] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=Moment)
