"""A shop's customers and what they write and look for. How rows, money and moments are kept: `agent.db.shop`."""

# No `from __future__ import annotations`: SQLModel reads the annotations when a class is made.

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


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


class Review(SQLModel, table=True):
    __tablename__ = "shop_review"
    __table_args__ = (Index("ix_shop_review_product", "shop_id", "product_id"), UniqueConstraint("shop_id", "import_key"))

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    import_key: str | None = None
    product_id: int = Field(foreign_key="shop_product.id", ondelete="CASCADE")
    customer_id: int | None = Field(default=None, foreign_key="shop_customer.id", ondelete="SET NULL")
    status: str = "published"
    """published, pending, hidden or spam."""
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
