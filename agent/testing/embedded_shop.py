"""Fills an embedded store from a described shop, as importers do: facts first, then the books are closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.db.engine import Database
from agent.db.goods import Collection, CollectionMember, InventoryLevel, Product, Variant
from agent.db.orders import Fulfilment, Order, OrderLine, Refund, RefundLine
from agent.db.people import Customer, Review, SearchTerm
from agent.db.shop import Location, local_day
from agent.stores.embedded.books import post
from agent.stores.embedded.ids import public
from agent.stores.embedded.schema import COLLECTIONS, LOCATIONS
from agent.stores.embedded.shops import create_shop, shop_key
from agent.stores.embedded.store import EmbeddedStore
from agent.stores.embedded.tags import put_tags
from agent.testing.store_spec import OrderSpec, ProductSpec, ShopSpec

_Keyed = Product | Variant | Collection | Customer | Order | OrderLine | Refund | Review
_FIRST_SEEN = datetime(2025, 1, 1, tzinfo=UTC)


class StockedShop:
    """`Stocked` over a database of the embedded store."""

    def __init__(self, db: Database, spec: ShopSpec, *, now: datetime | None = None) -> None:
        info = create_shop(
            db, name=f"shop {uuid4().hex}", currency=spec.currency, time_zone=spec.time_zone, prices_include_tax=spec.prices_include_tax,
            week_starts=spec.week_starts, location=spec.locations[0],
        )  # fmt: skip
        self._db, self._key, self._zone = db, shop_key(info.id), ZoneInfo(spec.time_zone)
        self._ids: dict[str, list[str]] = {kind: [] for kind in ("product", "variant", "customer", "order", "review")}
        self.store = EmbeddedStore(db, info.id, now=(lambda: now) if now else (lambda: datetime.now(UTC)))
        self._fill(spec, new_locations=spec.locations[1:])

    @property
    def ids(self) -> Mapping[str, Sequence[str]]:
        return self._ids

    def more(self, spec: ShopSpec) -> None:
        self._fill(spec)

    def _fill(self, spec: ShopSpec, new_locations: Sequence[str] = ()) -> None:
        def work(session: Session) -> None:
            for position, name in enumerate(new_locations, 1):
                session.add(Location(shop_id=self._key, name=name, position=position))
            products = [self._product(session, product) for product in spec.products]
            customers = self._customers(session, spec)
            for order in spec.orders:
                self._order(session, order, products, customers)
            self._reviews(session, spec, products)
            for one in spec.searches:
                row = SearchTerm(shop_id=self._key, day=one.day.toordinal(), term=one.term, count=one.count, results=one.results)
                session.add(row)
            session.flush()
            post(session, self._key)

        self._db.write_now(work)

    def _product(self, session: Session, spec: ProductSpec) -> tuple[int, list[int]]:
        handle = f"{spec.title.lower().replace(' ', '-')}-{len(self._ids['product'])}"
        product = Product(
            shop_id=self._key, title=spec.title, handle=handle, description=spec.description, status=spec.status, vendor=spec.vendor,
            product_type=spec.product_type, options=[[name, list(values)] for name, values in spec.options], created_at=_FIRST_SEEN,
        )  # fmt: skip
        key = _keyed(session, product)
        put_tags(session, self._key, "product", key, spec.tags)
        for title in spec.collections:
            session.add(CollectionMember(shop_id=self._key, collection_id=self._collection(session, title), product_id=key))
        variants = []
        for position, one in enumerate(spec.variants):
            option1, option2, option3 = (*one.options, None, None, None)[:3]
            variant = Variant(
                shop_id=self._key, product_id=key, position=position, option1=option1, option2=option2, option3=option3, sku=one.sku,
                price_minor=one.price, cost_minor=one.cost, tracked=one.stock is not None,
            )  # fmt: skip
            variants.append(_keyed(session, variant))
            if one.stock is not None:
                session.add(InventoryLevel(shop_id=self._key, variant_id=variants[-1], location_id=self._main(session), on_hand=one.stock))
        self._ids["product"].append(public("product", key))
        self._ids["variant"] += [public("variant", variant) for variant in variants]
        return key, variants

    def _main(self, session: Session) -> int:
        where = select(LOCATIONS.c.id).where(LOCATIONS.c.shop_id == self._key).order_by(LOCATIONS.c.position, LOCATIONS.c.id).limit(1)
        key: int = session.execute(where).scalar_one()
        return key

    def _collection(self, session: Session, title: str) -> int:
        known = session.execute(select(COLLECTIONS.c.id).where(COLLECTIONS.c.shop_id == self._key, COLLECTIONS.c.title == title))
        found: int | None = known.scalar_one_or_none()
        return found or _keyed(session, Collection(shop_id=self._key, title=title))

    def _customers(self, session: Session, spec: ShopSpec) -> list[int]:
        keys = []
        for one in spec.customers:
            customer = Customer(
                shop_id=self._key, name=one.name, email=one.email, country=one.country, city=one.city,
                accepts_marketing=one.accepts_marketing, created_at=_FIRST_SEEN,
            )  # fmt: skip
            keys.append(_keyed(session, customer))
            put_tags(session, self._key, "customer", keys[-1], one.tags)
        self._ids["customer"] += [public("customer", key) for key in keys]
        return keys

    def _order(self, session: Session, spec: OrderSpec, products: Sequence[tuple[int, list[int]]], customers: Sequence[int]) -> None:
        day, month = local_day(spec.at, self._zone)
        order = Order(
            shop_id=self._key, number=spec.number, placed_at=spec.at, day=day, month=month, channel=spec.channel, country=spec.country,
            customer_id=None if spec.customer is None else customers[spec.customer], city=spec.city, payment=spec.payment,
            fulfilment=spec.fulfilment, note=spec.note, cancelled_at=spec.at if spec.cancelled else None,
            discount_code=spec.discount_code,
        )  # fmt: skip
        key = _keyed(session, order)
        put_tags(session, self._key, "order", key, spec.tags)
        if spec.tracking:
            session.add(Fulfilment(shop_id=self._key, order_id=key, at=spec.at, tracking=spec.tracking))
        lines = []
        for ordinal, one in enumerate(spec.lines):
            product, variants = (None, []) if one.product is None else products[one.product]
            line = OrderLine(
                shop_id=self._key, order_id=key, ordinal=ordinal, kind=one.kind, product_id=product,
                variant_id=variants[one.variant] if variants else None, title=f"{one.kind} {ordinal}", quantity=one.quantity,
                price_minor=one.price, discount_minor=one.discount, tax_minor=one.tax,
            )  # fmt: skip
            lines.append((_keyed(session, line), line))
        self._refunds(session, spec, key, [line for _, line in lines])
        self._ids["order"].append(public("order", key))

    def _refunds(self, session: Session, spec: OrderSpec, order: int, lines: Sequence[OrderLine]) -> None:
        for one in spec.refunds:
            day, month = local_day(one.at, self._zone)
            refund = Refund(
                shop_id=self._key, order_id=order, at=one.at, day=day, month=month, shipping_minor=one.shipping, adjustment_minor=one.adjustment
            )
            key = _keyed(session, refund)
            for ordinal, (place, units, amount, tax) in enumerate(one.lines):
                line = lines[place]
                back = RefundLine(
                    shop_id=self._key, refund_id=key, ordinal=ordinal, kind=line.kind, order_line_id=line.id, product_id=line.product_id,
                    variant_id=line.variant_id, title=line.title, quantity=units, amount_minor=amount, tax_minor=tax,
                )  # fmt: skip
                session.add(back)

    def _reviews(self, session: Session, spec: ShopSpec, products: Sequence[tuple[int, list[int]]]) -> None:
        for one in spec.reviews:
            review = Review(
                shop_id=self._key, product_id=products[one.product][0], status=one.status, rating=one.rating, title=one.title, body=one.body,
                author=one.author, written_at=one.at,
            )  # fmt: skip
            self._ids["review"].append(public("review", _keyed(session, review)))


def _keyed(session: Session, row: _Keyed) -> int:
    """Adds the row and gives its primary key."""
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id
