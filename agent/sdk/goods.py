"""What a shop sells, and the discounts on it, as a task reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from agent.sdk.levels import level_at
from agent.sdk.refs import Money, Percent
from agent.sdk.results import Change, Target
from agent.sdk.untrusted import Untrusted, changes_to

FREE_SHIPPING = "free shipping"
"""What a discount gives that takes nothing off the goods."""


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
    """Location id to units on hand, of each place that keeps some or has kept some; empty where stock is not tracked."""
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
        return Change.add(Target("variant", self.id, self.label), level_at(location), before=self.stock.get(location), delta=delta)

    def set_stock(self, units: int, *, location: str) -> list[Change]:
        """The change that makes it so many units there; none where it is so many, or is to be 0 where none is kept."""
        before = self.stock.get(location)
        target = Target("variant", self.id, self.label)
        return [] if (before or 0) == units else [Change.set(target, level_at(location), before=before, after=units)]


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
    category: str = ""
    """Its node of the product taxonomy with all above it, "Home & Garden > Decor > Vases"; empty where nobody filed it."""
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What is told of it in values: {"Color": ["Blue", "White"], "Material": ["Ceramic"]}."""

    @property
    def label(self) -> str:
        return self.title

    def set(self, **fields: Any) -> list[Change]:
        """The changes that give these fields these values.

        Fields: title, description (str), status, vendor, product_type, tags, seo_title, seo_description, category.
        """
        return changes_to(Target("product", self.id, self.title), self, fields)

    def describe(self, attribute: str, values: Sequence[str]) -> list[Change]:
        """The change that gives an attribute these values, and takes it away where there are none; none where it has them already."""
        before, after = list(self.attributes.get(attribute, ())) or None, list(values) or None
        return [] if before == after else [Change.set(Target("product", self.id, self.title), f"attribute:{attribute}", before=before, after=after)]

    def put_in(self, collection: Collection) -> list[Change]:
        """The change that puts it into a collection; none where it is in it."""
        if self.id in collection.products:
            return []
        return [Change.set(Target("product", self.id, self.title), f"collection:{collection.id}", before=None, after=collection.title)]

    def take_out_of(self, collection: Collection) -> list[Change]:
        if self.id not in collection.products:
            return []
        return [Change.set(Target("product", self.id, self.title), f"collection:{collection.id}", before=collection.title, after=None)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    id: str
    title: str
    position: int
    """Its place among the shop's collections."""
    products: Sequence[str]
    """Ids of the products in it."""

    @property
    def label(self) -> str:
        return self.title

    def rename(self, title: str) -> list[Change]:
        return [] if title == self.title else [Change.set(Target("collection", self.id, self.title), "title", before=self.title, after=title)]

    def delete(self) -> Change:
        """Its products stay; undoing it brings the collection back with those that are in it now."""
        fields = {"id": self.id, "title": self.title, "position": self.position, "products": list(self.products)}
        return Change.delete(Target("collection", self.id, self.title), fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    id: str
    code: str
    kind: Literal["percent", "amount", "free_shipping", "buy_get"]
    value: Decimal
    """Percent of the price (of buy_get: off what is got with what is bought), or the amount in the shop's currency; 0 for free shipping."""
    minimum: Money | None
    starts_at: datetime
    ends_at: datetime | None
    usage_limit: int | None
    used: int
    products: Sequence[str]
    """Product ids it applies to; empty for all."""
    status: Literal["scheduled", "active", "expired"]
    version: str
    buys: int | None = None
    gets: int | None = None
    """Of buy_get: so many units paid for, so many got with them."""
    automatic: bool = False
    """Given without its code being typed in."""
    customers: Sequence[str] | None = None
    """Ids of whom it is for; None for everybody, empty once all of them were erased."""
    once_per_customer: bool = False

    @property
    def label(self) -> str:
        return self.code

    @property
    def last_day(self) -> date | None:
        """On which it still holds, in the shop's time zone: one that ends at midnight ends with the day before."""
        return None if self.ends_at is None else (self.ends_at - timedelta(microseconds=1)).date()

    def worth(self, currency: str) -> str | Money:
        """What it gives, in one value: "20%", an amount, or "free shipping"."""
        return worth_of(self.kind, self.value, currency, buys=self.buys, gets=self.gets)

    def fields(self, currency: str) -> dict[str, Any]:
        """As `Change.create` takes them and `Change.delete` shows them."""
        starts, ends = (None if moment is None else moment.astimezone(UTC).isoformat() for moment in (self.starts_at, self.ends_at))
        return {
            "code": self.code, "kind": self.kind, "value": f"{self.value:f}", "minimum": self.minimum, "starts_at": starts,
            "ends_at": ends, "usage_limit": self.usage_limit, "used": self.used,
            "products": list(self.products), "buys": self.buys, "gets": self.gets, "automatic": self.automatic,
            "customers": None if self.customers is None else list(self.customers), "once_per_customer": self.once_per_customer,
        }  # fmt: skip

    def set(self, currency: str, **fields: Any) -> list[Change]:
        """The changes that give these fields these values, in the order given; what already has its value is left out.

        Fields: worth ("20%", Money, FREE_SHIPPING), code, minimum, starts_at, ends_at (datetime), usage_limit, products (ids),
        customers (ids, None for everybody), once_per_customer.
        """
        before = {**self.fields(currency), "worth": self.worth(currency)}
        moments = {name: value.isoformat() for name, value in fields.items() if isinstance(value, datetime)}
        target = Target("discount", self.id, self.code)
        own = {"starts_at": self.starts_at, "ends_at": self.ends_at}
        changed = [name for name, value in fields.items() if value != own.get(name, before[name])]
        return [Change.set(target, name, before=before[name], after=moments.get(name, fields[name])) for name in changed]

    def delete(self, currency: str) -> Change:
        return Change.delete(Target("discount", self.id, self.code), self.fields(currency))


def worth_of(kind: str, value: Decimal, currency: str, *, buys: int | None = None, gets: int | None = None) -> str | Money:
    """What a discount of this kind and value gives, as its field `worth` holds it: "20%", an amount, "buy 2 get 1 at 50% off"."""
    match kind:
        case "buy_get":
            return f"buy {buys} get {gets} {'free' if value == 100 else f'at {Percent(value)} off'}"
        case "percent":
            return str(Percent(value))
        case "amount":
            return Money(value, currency)
        case _:
            return FREE_SHIPPING
