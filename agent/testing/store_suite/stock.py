"""The shop that laws about single records are tried on, changes of every sort a store takes, and what undoes them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.records.changes import Written
from agent.records.writes import WritableStore
from agent.sdk import Change, Money, Target
from agent.testing.store_spec import CustomerSpec, LineSpec, OrderSpec, ProductSpec, RefundSpec, ReviewSpec, ShopSpec, Stocked, VariantSpec

AT = datetime(2026, 2, 3, 12, tzinfo=UTC)
MUG = ProductSpec(
    title="Blue Mug", vendor="Acme", product_type="Mugs", description="Holds tea.", tags=["gift", "New"], collections=["Kitchen"],
    variants=[VariantSpec(price=1250, cost=400, sku="MUG-1", stock=7)],
)  # fmt: skip
DRESS = ProductSpec(
    title="Linen Dress", vendor="Dune", product_type="Dresses", status="draft", tags=["linen"], collections=["Summer", "Kitchen"],
    options=[("Colour", ["Blue", "Sand"]), ("Size", ["S", "M", "L"])],
    variants=[
        *(VariantSpec(options=["Blue", size], price=7900, stock=n) for n, size in enumerate(("S", "M", "L"))),
        VariantSpec(options=["Sand", "L"], price=6900, stock=5),
    ],
)  # fmt: skip
CARD = ProductSpec(title="Gift Card", product_type="Cards", variants=[VariantSpec(price=2500, stock=None)])
SHOP = ShopSpec(
    locations=["Main", "Annex"],
    products=[MUG, DRESS, CARD],
    customers=[
        CustomerSpec(name="Anna Schmidt", email="anna@example.org", country="DE", city="Berlin", tags=["vip"], accepts_marketing=True),
        CustomerSpec(name="Bernard Lacroix", country="FR", city="Lyon"),
        CustomerSpec(name="Clara Never"),
    ],
    orders=[
        OrderSpec(
            number="#1001", at=AT, customer=0, country="DE", city="Berlin", note="Ring twice", tags=["gift"], tracking="TR1",
            lines=[LineSpec(product=0, quantity=2, price=1250, tax=399), LineSpec(kind="shipping", price=490, tax=78)],
        ),
        OrderSpec(
            number="#1002", at=AT + timedelta(days=10), customer=1, country="FR", city="Lyon", channel="Instagram", payment="partially_refunded",
            fulfilment="unfulfilled",
            lines=[LineSpec(product=1, variant=1, price=7900, discount=900, tax=1118), LineSpec(product=0, price=1250, tax=200)],
            refunds=[RefundSpec(at=AT + timedelta(days=12), lines=[(0, 1, 5882, 1118)])],
        ),
        OrderSpec(number="#1003", at=AT + timedelta(days=11), customer=0, cancelled=True, lines=[LineSpec(product=2, price=2500)]),
    ],
    reviews=[
        ReviewSpec(product=0, rating=5, body="Lovely glaze, quick shipping", at=AT + timedelta(days=20), author="Anna"),
        ReviewSpec(product=0, rating=2, body="Arrived chipped", at=AT + timedelta(days=21), status="pending"),
        ReviewSpec(product=1, rating=4, body="Airy", title="Summer!", at=AT + timedelta(days=22)),
    ],
)  # fmt: skip

TRAY: dict[str, Any] = {
    "title": "Oak Tray", "description": "Holds six cups.", "options": [["Size", ["S", "L"]]],
    "variants": [
        {"options": ["S"], "sku": "TRAY-S", "price": Money.of(30, "EUR"), "cost": Money.of(12, "EUR")},
        {"options": ["L"], "sku": "TRAY-L", "price": Money.of(40, "EUR")},
    ],
}  # fmt: skip
"""A product to be made."""


def inverse(change: Change, written: Written) -> Change:
    """The change that puts back what was written."""
    target = replace(change.target, id=written.target_id)
    match change.op:
        case "create":
            return Change.delete(target, written.after)
        case "delete":
            return Change.create(target.kind, target.label, written.before)
        case "add":
            if written.before is None:
                return Change.set(target, change.field or "", before=written.after, after=None)
            return Change.add(target, change.field or "", before=written.after, delta=written.before - written.after)
        case "set":
            return Change.set(target, change.field or "", before=written.after, after=written.before)


def changes_of(stocked: Stocked) -> dict[str, Change]:
    """One change of each sort a store takes, on `SHOP`."""
    mug, product = Target("variant", stocked.ids["variant"][0], "Blue Mug"), Target("product", stocked.ids["product"][0], "Blue Mug")
    anna = Target("customer", stocked.ids["customer"][0], "Anna Schmidt")
    main, annex = asyncio.run(stocked.store.locations())
    collections = {one.title: one for one in asyncio.run(stocked.store.collections())}
    kitchen, summer = collections["Kitchen"], collections["Summer"]
    discount = {
        "code": "SAVE10", "kind": "amount", "value": "10.00", "minimum": Money.of(50, "EUR"), "starts_at": "2026-02-01T00:00:00+01:00",
        "ends_at": "2026-03-01T00:00:00+01:00", "usage_limit": 100, "products": [stocked.ids["product"][0]],
        "customers": [stocked.ids["customer"][0]], "once_per_customer": True,
    }  # fmt: skip
    return {
        "price": Change.set(mug, "price", before=Money.of("12.50", "EUR"), after=Money.of("9.99", "EUR")),
        "free": Change.set(Target("variant", stocked.ids["variant"][1], "Dress"), "price", before=Money.of(79, "EUR"), after=Money.of(0, "EUR")),
        "compare at": Change.set(mug, "compare_at_price", before=None, after=Money.of(15, "EUR")),
        "no cost": Change.set(mug, "cost", before=Money.of(4, "EUR"), after=None),
        "sku": Change.set(mug, "sku", before="MUG-1", after="MUG-2"),
        "stock": Change.set(mug, f"stock:{main}", before=7, after=20),
        "no stock": Change.set(Target("variant", stocked.ids["variant"][2], "Dress"), f"stock:{main}", before=1, after=0),
        "stock elsewhere": Change.set(mug, f"stock:{annex}", before=None, after=3),
        "more stock": Change.add(mug, f"stock:{main}", before=7, delta=5),
        "more stock elsewhere": Change.add(mug, f"stock:{annex}", before=None, delta=3),
        "title": Change.set(product, "title", before="Blue Mug", after="Ocean Mug"),
        "description": Change.set(product, "description", before="Holds tea.", after="Holds\nsoup – 300 ml."),
        "status": Change.set(product, "status", before="active", after="archived"),
        "vendor": Change.set(product, "vendor", before="Acme", after=""),
        "product type": Change.set(product, "product_type", before="Mugs", after="Cups"),
        "category": Change.set(product, "category", before="", after="Home & Garden > Kitchen & Dining > Tableware > Drinkware > Mugs"),
        "attribute": Change.set(product, "attribute:Color", before=None, after=["Blue", "White"]),
        "product tags": Change.set(product, "tags", before=["gift", "New"], after=["zeta", "gift"]),
        "customer tags": Change.set(anna, "tags", before=["vip"], after=["vip", "Big Spender"]),
        "discount": Change.create("discount", "SAVE10", discount),
        "product": Change.create("product", "Oak Tray", TRAY),
        "collection": Change.create("collection", "Gifts", {"title": "Gifts", "products": [stocked.ids["product"][0]]}),
        "collection title": Change.set(Target("collection", summer.id, "Summer"), "title", before="Summer", after="Sunny Days"),
        "out of a collection": Change.set(product, f"collection:{kitchen.id}", before="Kitchen", after=None),
        "no collection": Change.delete(
            Target("collection", summer.id, "Summer"),
            {"id": summer.id, "title": "Summer", "position": summer.position, "products": list(summer.products)},
        ),
    }


def wrong_discounts(stocked: Stocked) -> list[dict[str, Any]]:
    good: dict[str, Any] = {"code": "X", "kind": "percent", "value": "10", "starts_at": "2026-02-01T00:00:00+01:00"}
    wrong: list[dict[str, Any]] = [
        {"value": "120"}, {"value": "0"}, {"value": "-5"}, {"value": "ten"}, {"value": None}, {"kind": "bogus"}, {"code": ""}, {"code": "a b"},
        {"kind": "amount", "value": "0.001"}, {"minimum": Money.of(5, "USD")}, {"usage_limit": 0}, {"usage_limit": True},
        {"starts_at": "soon"}, {"ends_at": "2026-01-01T00:00:00+01:00"}, {"products": ["nothing"]}, {"surprise": 1},
        {"customers": ["nothing"]}, {"customers": "everybody"}, {"once_per_customer": "yes"},
    ]  # fmt: skip
    return [good | changed for changed in wrong]


def state_of(store: WritableStore, change: Change, written: Written) -> Any:
    return asyncio.run(store.current(replace(change.target, id=written.target_id), change.field))
