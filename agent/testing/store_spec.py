"""A shop described in plain values, from which a store under test is filled and its answers are recomputed; and random ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, Protocol

from hypothesis import strategies as st

from agent.records.writes import WritableStore

LineKind = Literal["product", "shipping", "fee", "adjustment"]
START = datetime(2025, 12, 28, tzinfo=UTC)
"""Random shops live from here on for `DAYS`: over a year's end and a change of the clocks."""
DAYS = 100
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata")
COUNTRIES = ("DE", "FR", "NL", None)
CITIES = {"DE": "Berlin", "FR": "Lyon", "NL": "Århus", None: None}
CODES = (None, "HELLO10", "VIP15")
CHANNELS = ("Online Store", "Instagram", "Point of Sale")


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSpec:
    options: Sequence[str] = ()
    price: int = 1000
    cost: int | None = None
    sku: str | None = None
    stock: int | None = 0
    """At the first location; None where it is not tracked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSpec:
    title: str
    vendor: str = ""
    product_type: str = ""
    status: str = "active"
    description: str = ""
    tags: Sequence[str] = ()
    collections: Sequence[str] = ()
    options: Sequence[tuple[str, Sequence[str]]] = ()
    variants: Sequence[VariantSpec] = (VariantSpec(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSpec:
    name: str
    email: str | None = None
    country: str | None = None
    city: str | None = None
    tags: Sequence[str] = ()
    accepts_marketing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSpec:
    kind: LineKind = "product"
    product: int | None = None
    """Place in the shop's products; None for other kinds and for what is not in the catalogue."""
    variant: int = 0
    quantity: int = 1
    price: int = 1000
    discount: int = 0
    tax: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSpec:
    at: datetime
    lines: Sequence[tuple[int, int, int, int]] = ()
    """(place of the order's line, units, amount without tax, tax)."""
    shipping: int = 0
    adjustment: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSpec:
    number: str
    at: datetime
    customer: int | None = None
    channel: str = "Online Store"
    country: str | None = None
    city: str | None = None
    cancelled: bool = False
    payment: str = "paid"
    fulfilment: str = "fulfilled"
    note: str | None = None
    tags: Sequence[str] = ()
    discount_code: str | None = None
    tracking: str | None = None
    lines: Sequence[LineSpec] = ()
    refunds: Sequence[RefundSpec] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSpec:
    product: int
    rating: int
    body: str
    at: datetime
    title: str = ""
    author: str = "someone"
    status: str = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSpec:
    """A term, how often it was typed on a day of the shop, and how many products it found."""

    term: str
    day: date
    count: int = 1
    results: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSpec:
    currency: str = "EUR"
    time_zone: str = "Europe/Berlin"
    prices_include_tax: bool = True
    week_starts: Literal["monday", "sunday"] = "monday"
    locations: Sequence[str] = ("Main",)
    products: Sequence[ProductSpec] = ()
    customers: Sequence[CustomerSpec] = ()
    orders: Sequence[OrderSpec] = ()
    reviews: Sequence[ReviewSpec] = ()
    searches: Sequence[SearchSpec] = ()


class Stocked(Protocol):
    """A store filled from a spec. Places in the spec's lists lead to the store's ids."""

    @property
    def store(self) -> WritableStore: ...
    @property
    def ids(self) -> Mapping[str, Sequence[str]]:
        """Ids by kind (product, customer, order, review), in the spec's order; "variant" those of all products in order."""
        ...

    def more(self, spec: ShopSpec) -> None:
        """Add what the spec holds to the same shop; places in it count from its own lists' beginnings."""
        ...


moments = st.integers(0, DAYS * 24 * 4 - 1).map(lambda quarter: START + timedelta(minutes=15 * quarter))


@st.composite
def lines(draw: st.DrawFn, products: int) -> LineSpec:
    kinds: Sequence[LineKind] = ("product", "product", "product", "shipping", "fee", "adjustment")
    kind = draw(st.sampled_from(kinds))
    price = draw(st.integers(-500 if kind == "adjustment" else 0, 3000))
    quantity = draw(st.integers(1, 4)) if kind == "product" else 1
    discount = draw(st.integers(0, max(0, price * quantity))) if kind == "product" else 0
    tax = draw(st.integers(0, max(0, price * quantity - discount) // 4))
    product = draw(st.one_of(st.none(), st.integers(0, products - 1))) if kind == "product" else None
    return LineSpec(
        kind=kind, product=product, variant=draw(st.integers(0, 1)), quantity=quantity, price=price, discount=discount, tax=tax
    )  # fmt: skip


@st.composite
def refunds(draw: st.DrawFn, order_lines: Sequence[LineSpec], since: datetime) -> RefundSpec:
    at = since + timedelta(hours=draw(st.integers(0, 24 * 40)))
    chosen = draw(st.lists(st.integers(0, len(order_lines) - 1), unique=True, max_size=2)) if order_lines else []
    back = [(place, draw(st.integers(0, order_lines[place].quantity)), draw(st.integers(0, 3000)), draw(st.integers(0, 300))) for place in chosen]
    return RefundSpec(at=at, lines=back, shipping=draw(st.integers(0, 500)), adjustment=draw(st.sampled_from((0, 0, 250))))


@st.composite
def orders(draw: st.DrawFn, number: int, products: int, customers: int) -> OrderSpec:
    own = draw(st.lists(lines(products), min_size=0, max_size=3))
    at, country = draw(moments), draw(st.sampled_from(COUNTRIES))
    return OrderSpec(
        number=f"#{1000 + number}", at=at, customer=draw(st.one_of(st.none(), st.integers(0, customers - 1))),
        channel=draw(st.sampled_from(CHANNELS)), country=country, city=CITIES[country], cancelled=draw(st.integers(0, 5)) == 0,
        discount_code=draw(st.sampled_from(CODES)), lines=own, refunds=draw(st.lists(refunds(own, at), max_size=2)),
    )  # fmt: skip


@st.composite
def shops(draw: st.DrawFn, *, most_orders: int = 8) -> ShopSpec:
    """Small shops in which anything may happen on any day: free lines, refunds of money alone, orders of nothing, no customer."""
    products = [
        ProductSpec(
            title=f"Product {i}", vendor=draw(st.sampled_from(("Acme", "Dune", ""))), product_type=draw(st.sampled_from(("Mugs", "Dresses"))),
            collections=draw(st.lists(st.sampled_from(("Summer", "Sale")), unique=True)),
            tags=draw(st.lists(st.sampled_from(("new", "Eco")), unique=True)),
            options=[("Size", ["S", "M"])], variants=[VariantSpec(options=["S"]), VariantSpec(options=["M"])],
        )
        for i in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    customers = [
        CustomerSpec(
            name=f"Customer {i}", country=draw(st.sampled_from(COUNTRIES)), accepts_marketing=draw(st.booleans()),
            tags=draw(st.lists(st.sampled_from(("vip", "Wholesale")), unique=True)),
        )
        for i in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    placed = [draw(orders(number, len(products), len(customers))) for number in range(draw(st.integers(0, most_orders)))]
    return ShopSpec(
        currency=draw(st.sampled_from(("EUR", "JPY", "KWD"))), time_zone=draw(st.sampled_from(ZONES)), prices_include_tax=draw(st.booleans()),
        week_starts=draw(st.sampled_from(("monday", "sunday"))), products=products, customers=customers, orders=placed,
    )  # fmt: skip
