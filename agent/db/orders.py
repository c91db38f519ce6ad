"""Orders, what was refunded and sent, and the sales lines that figures are computed from.

How rows, money and moments are kept: `agent.db.shop`.
"""

# No `from __future__ import annotations`: SQLModel reads the annotations when a class is made.

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


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
    postcode: str | None = None
    street: str | None = None
    recipient: str | None = None
    """Whom the parcel is for, where that is not the customer."""
    payment: str = "paid"
    """paid, pending, partially_refunded, refunded or voided."""
    fulfilment: str = "fulfilled"
    """fulfilled, partial or unfulfilled."""
    cancelled_at: datetime | None = Field(default=None, sa_type=Moment)
    cancel_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    note: str | None = None
    discount_code: str | None = None
    """The code it was placed with, upper case; `Discount.code` where it is one of the shop's own."""
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


class FulfilmentLine(SQLModel, table=True):
    """What was in a parcel. A fulfilment that came from elsewhere may have none: then it is not known which units it held."""

    __tablename__ = "shop_fulfilment_line"
    __table_args__ = (UniqueConstraint("shop_id", "fulfilment_id", "order_line_id"), Index("ix_shop_fulfilment_line_line", "order_line_id"))

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    fulfilment_id: int = Field(foreign_key="shop_fulfilment.id", ondelete="CASCADE")
    order_line_id: int = Field(foreign_key="shop_order_line.id", ondelete="CASCADE")
    quantity: int


class DraftOrder(SQLModel, table=True):
    """An order that the shop prepares for somebody and nobody has placed. It counts in no figure and holds no stock."""

    __tablename__ = "shop_draft_order"
    __table_args__ = (UniqueConstraint("shop_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    number: str
    """As the merchant knows it, "#D3"."""
    created_at: datetime = Field(sa_type=Moment)
    customer_id: int | None = Field(default=None, foreign_key="shop_customer.id", ondelete="SET NULL")
    discount: str = ""
    """What comes off the goods: a percent ("10%"), an amount in minor units ("500"), or nothing."""
    note: str = ""


class DraftLine(SQLModel, table=True):
    __tablename__ = "shop_draft_line"
    __table_args__ = (UniqueConstraint("shop_id", "draft_id", "ordinal"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    draft_id: int = Field(foreign_key="shop_draft_order.id", ondelete="CASCADE")
    ordinal: int
    variant_id: int | None = Field(default=None, foreign_key="shop_variant.id", ondelete="SET NULL")
    title: str
    quantity: int
    price_minor: int = Field(sa_type=BigInteger)
    """Of one unit, as it was quoted when the draft was made."""


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
