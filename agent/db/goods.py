"""What a shop sells: the embedded store's tables of the catalogue and of discounts. How rows, money and moments are kept: `agent.db.shop`."""

# No `from __future__ import annotations`: SQLModel reads the annotations when a class is made.

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


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
    category: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Its node of the product taxonomy, from the top: "Home & Garden > Decor > Vases"; empty where nobody filed it."""
    attributes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})
    """Name to values: {"Color": ["Blue", "White"]}."""
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


class Discount(SQLModel, table=True):
    """A discount code."""

    __tablename__ = "shop_discount"
    __table_args__ = (UniqueConstraint("shop_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    code: str
    """Upper case: customers type codes in any case."""
    kind: str
    """percent, amount, free_shipping or buy_get."""
    value: str = "0"
    """Exact decimal: percent (of buy_get: off what is got), or the amount in the shop's currency."""
    buys: int | None = None
    gets: int | None = None
    """Of buy_get: so many units paid for, so many got with them."""
    automatic: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Given at the till without its code being typed in."""
    minimum_minor: int | None = Field(default=None, sa_type=BigInteger)
    starts_at: datetime = Field(sa_type=Moment)
    ends_at: datetime | None = Field(default=None, sa_type=Moment)
    usage_limit: int | None = None
    used: int = 0
    products: list[int] = Field(default_factory=list, sa_type=JSON)
    """Primary keys of the products it applies to; empty for all."""
    customers: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Primary keys of whom it is for; None for everybody, empty once all of them were erased."""
    once_per_customer: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    version: int = 1
