"""What a shop sells, and the discounts on it, as a task reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from agent.sdk.refs import Money
from agent.sdk.results import Change, Target
from agent.sdk.untrusted import Untrusted, changes_to


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
        return changes_to(Target("variant", self.id, self.label), self, fields)

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
        return changes_to(Target("product", self.id, self.title), self, fields)


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
