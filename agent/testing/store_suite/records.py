"""Laws of records: found by predicate, by id and by name, and read whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.errors import NotFound
from agent.sdk import (
    Between,
    Change,
    CustomerWhere,
    Filters,
    Money,
    OrderWhere,
    Period,
    Query,
    ReviewWhere,
    Selection,
    Sizes,
    Target,
    Untrusted,
    Where,
)
from agent.sdk.goods import Product
from agent.sdk.orders import Order
from agent.sdk.people import Customer
from agent.testing.store_spec import CustomerSpec, OrderSpec, ReviewSpec, ShopSpec
from agent.testing.store_suite.laws import EVER, Laws, every
from agent.testing.store_suite.stock import AT, MUG, SHOP


class RecordLaws(Laws):
    @pytest.mark.parametrize(
        ("where", "titles"),
        [
            (Where(), ["Blue Mug", "Gift Card", "Linen Dress"]),
            (Where(everything=True), ["Blue Mug", "Gift Card", "Linen Dress"]),
            (Where(text="linen"), ["Linen Dress"]),
            (Where(text="mug blue"), ["Blue Mug"]),
            (Where(options={"colour": ["blue"]}), ["Linen Dress"]),
            (Where(options={"Colour": ["Sand"], "Size": ["S"]}), []),
            (Where(sizes=Sizes(option="Size", at_least="M")), ["Linen Dress"]),
            (Where(sizes=Sizes(option="Size", at_least="XL")), []),
            (Where(tags=["NEW"]), ["Blue Mug"]),
            (Where(tags=["gift", "linen"]), []),
            (Where(vendor="acme"), ["Blue Mug"]),
            (Where(product_type="dresses"), ["Linen Dress"]),
            (Where(collection="kitchen"), ["Blue Mug", "Linen Dress"]),
            (Where(status="draft"), ["Linen Dress"]),
            (Where(price=Between(above=Money.of(25, "EUR"))), ["Linen Dress"]),
            (Where(price=Between(at_least=Money.of(25, "EUR"), at_most=Money.of(70, "EUR"))), ["Gift Card", "Linen Dress"]),
            (Where(stock=Between(at_most=0)), ["Linen Dress"]),
            (Where(stock=Between(at_least=7)), ["Blue Mug"]),
            (Where(vendor="Acme", status="draft"), []),
        ],
    )
    def test_products_are_those_that_meet_the_predicate(self, where: Where, titles: list[str]) -> None:
        page = asyncio.run(self.stocked(SHOP).store.products(where))
        assert [product.title for product in page.items] == titles

    def test_a_product_is_read_whole(self) -> None:
        stocked = self.stocked(SHOP)
        dress = asyncio.run(stocked.store.product(stocked.ids["product"][1]))
        assert dress.options == {"Colour": ("Blue", "Sand"), "Size": ("S", "M", "L")}
        assert [v.title for v in dress.variants] == ["Blue / S", "Blue / M", "Blue / L", "Sand / L"]
        assert [v.on_hand for v in dress.variants] == [0, 1, 2, 5]
        assert (dress.tags, set(dress.collections), dress.status) == (("linen",), {"Summer", "Kitchen"}, "draft")
        mug = asyncio.run(stocked.store.product(stocked.ids["product"][0]))
        assert mug.description == Untrusted("Holds tea.", source="product text", record=mug.id)
        assert (mug.variants[0].price, mug.variants[0].cost, mug.variants[0].sku) == (Money.of("12.50", "EUR"), Money.of(4, "EUR"), "MUG-1")
        card = asyncio.run(stocked.store.product(stocked.ids["product"][2]))
        assert (card.variants[0].tracked, card.variants[0].stock) == (False, {})
        with pytest.raises(NotFound):
            asyncio.run(stocked.store.product("nothing"))

    def test_a_selection_is_answered_in_its_own_order_without_what_is_unknown(self) -> None:
        stocked = self.stocked(SHOP)
        store, (mug, dress, card), variants = stocked.store, stocked.ids["product"], stocked.ids["variant"]
        chosen: Selection[Product] = Selection(ids=(card, "nothing", mug, dress))
        assert [p.id for p in asyncio.run(every(lambda cursor: store.products(chosen, limit=2, cursor=cursor)))] == [card, mug, dress]
        mixed = asyncio.run(store.variants(Selection(ids=(variants[3], mug, dress, "nothing"))))
        assert [v.id for v in mixed] == [variants[3], variants[0], variants[1], variants[2], variants[4]]
        people: Selection[Customer] = Selection(ids=(stocked.ids["customer"][1], stocked.ids["customer"][0]))
        assert [c.name for c in asyncio.run(store.customers(people)).items] == ["Bernard Lacroix", "Anna Schmidt"]
        placed: Selection[Order] = Selection(ids=(stocked.ids["order"][0], "nothing", stocked.ids["order"][2]))
        assert [o.number for o in asyncio.run(store.orders(placed)).items] == ["#1001", "#1003"]

    def test_any_number_of_ids_may_be_asked_for(self) -> None:
        stocked = self.stocked(SHOP)
        store, ids = stocked.store, stocked.ids
        unknown = [f"{id.rpartition('_')[0]}_{n}" for id in (ids["customer"][0], ids["variant"][0]) for n in range(10**9, 10**9 + 40_000)]
        people = [*unknown, *ids["customer"]]
        assert asyncio.run(store.count_customers(CustomerWhere(ids=people))) == 3
        assert asyncio.run(store.query(Query(metrics=["orders"], period=EVER, filters=Filters(customers=people)))).total.values == {"orders": 2}
        found = asyncio.run(store.variants(Selection(ids=(*unknown, *ids["variant"]))))
        assert [v.id for v in found] == list(ids["variant"])

    def test_an_order_is_read_whole(self) -> None:
        first, second = (asyncio.run(self.stocked(SHOP).store.orders(OrderWhere(numbers=[n]))).items[0] for n in ("1001", "#1002"))
        assert (first.subtotal, first.shipping, first.total) == tuple(Money.of(m, "EUR") for m in ("25.00", "4.90", "29.90"))
        assert (first.tax, first.tracking, first.tags, first.customer_name) == (Money.of("4.77", "EUR"), ("TR1",), ("gift",), "Anna Schmidt")
        assert first.note is not None and first.note.value == "Ring twice"
        assert [line.kind for line in first.lines] == ["product", "shipping"]
        assert (second.discount, second.refunded) == (Money.of(9, "EUR"), Money.of(70, "EUR"))
        assert [line.refunded_quantity for line in second.lines] == [1, 0]

    def test_moments_are_in_the_time_zone_of_the_shop(self) -> None:
        late = datetime(2026, 2, 3, 23, 30, tzinfo=UTC)
        spec = ShopSpec(
            time_zone="Europe/Berlin", products=[MUG], customers=[CustomerSpec(name="Anna Schmidt")],
            orders=[OrderSpec(number="#1001", at=late, customer=0, cancelled=True), OrderSpec(number="#1002", at=late, customer=0)],
            reviews=[ReviewSpec(product=0, rating=5, body="Lovely", at=late)],
        )  # fmt: skip
        store = self.stocked(spec).store
        fields: dict[str, Any] = {"code": "LATE", "kind": "percent", "value": "10", "starts_at": late.isoformat(), "ends_at": None, "products": []}
        asyncio.run(store.write(Change.create("discount", "LATE", fields), key="late"))
        orders, (anna,) = asyncio.run(store.orders()).items, asyncio.run(store.customers()).items
        (review,), (code,) = asyncio.run(store.reviews()).items, asyncio.run(store.discounts()).items
        there = datetime(2026, 2, 4, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
        moments = [*(order.placed_at for order in orders), anna.first_order_at, anna.last_order_at, review.written_at, code.starts_at]
        assert [at and at.isoformat() for at in moments] == [there.isoformat()] * 6
        assert {order.cancelled_at and order.cancelled_at.utcoffset() for order in orders} - {None} == {timedelta(hours=1)}

    @pytest.mark.parametrize(
        ("where", "numbers"),
        [
            (OrderWhere(), ["#1003", "#1002", "#1001"]),
            (OrderWhere(sort="oldest"), ["#1001", "#1002", "#1003"]),
            (OrderWhere(sort="total"), ["#1002", "#1001", "#1003"]),
            (OrderWhere(countries=["fr"]), ["#1002"]),
            (OrderWhere(cities=["berlin"]), ["#1001"]),
            (OrderWhere(channels=["instagram"]), ["#1002"]),
            (OrderWhere(fulfilment=["unfulfilled"]), ["#1002"]),
            (OrderWhere(payment=["paid"]), ["#1003", "#1001"]),
            (OrderWhere(tags=["Gift"]), ["#1001"]),
            (OrderWhere(not_countries=["fr"]), ["#1003", "#1001"]),
            (OrderWhere(not_cities=["berlin"]), ["#1003", "#1002"]),
            (OrderWhere(not_tags=["Gift"]), ["#1003", "#1002"]),
            (OrderWhere(total=Between(above=Money.of(50, "EUR"))), ["#1002"]),
            (OrderWhere(placed=Period(start=AT + timedelta(days=10), end=AT + timedelta(days=10, seconds=1))), ["#1002"]),
            (OrderWhere(numbers=["1001", "#1003"]), ["#1003", "#1001"]),
            (OrderWhere(cancelled=True), ["#1003"]),
            (OrderWhere(cancelled=False), ["#1002", "#1001"]),
        ],
    )
    def test_orders_are_those_that_meet_the_conditions(self, where: OrderWhere, numbers: list[str]) -> None:
        store = self.stocked(SHOP).store
        assert [order.number for order in asyncio.run(store.orders(where)).items] == numbers
        assert asyncio.run(store.count_orders(where)) == len(numbers)

    def test_orders_are_found_by_customer_and_product(self) -> None:
        stocked = self.stocked(SHOP)
        store, (mug, _, card) = stocked.store, stocked.ids["product"]
        assert [o.number for o in asyncio.run(store.orders(OrderWhere(customers=[stocked.ids["customer"][0]]))).items] == ["#1003", "#1001"]
        assert [o.number for o in asyncio.run(store.orders(OrderWhere(products=[mug]))).items] == ["#1002", "#1001"]
        assert [o.number for o in asyncio.run(store.orders(OrderWhere(products=[card]))).items] == ["#1003"], "also a cancelled one"

    def test_reviews_come_newest_first_as_untrusted_text(self) -> None:
        stocked = self.stocked(SHOP)
        store, mug = stocked.store, stocked.ids["product"][0]

        def bodies(where: ReviewWhere) -> list[str]:
            return [r.body.value for r in asyncio.run(every(lambda cursor: store.reviews(where, limit=1, cursor=cursor)))]

        assert bodies(ReviewWhere()) == ["Airy", "Arrived chipped", "Lovely glaze, quick shipping"]
        assert bodies(ReviewWhere(products=[mug], status=["published"])) == ["Lovely glaze, quick shipping"]
        assert bodies(ReviewWhere(rating=Between(at_most=3))) == ["Arrived chipped"]
        assert bodies(ReviewWhere(text="SUMMER")) == ["Airy"]
        assert bodies(ReviewWhere(text="100%")) == []
        assert bodies(ReviewWhere(written=Period(start=AT + timedelta(days=21), end=AT + timedelta(days=22)))) == ["Arrived chipped"]
        with pytest.raises(TypeError):
            f"{asyncio.run(store.reviews()).items[0].body}"

    def test_the_vocabulary_holds_everything_called_by_name_and_its_version_moves_with_it(self) -> None:
        stocked = self.stocked(SHOP)
        store, mug = stocked.store, stocked.ids["product"][0]
        said = {(m.kind, m.label, m.option) for m in asyncio.run(store.vocabulary())}
        assert {
            ("product", "Blue Mug", None), ("collection", "Summer", None), ("tag", "gift", None), ("tag", "vip", None), ("vendor", "Dune", None),
            ("product_type", "Mugs", None), ("option", "Blue", "Colour"), ("option", "M", "Size"),
        } <= said  # fmt: skip
        version = store.vocabulary_version
        asyncio.run(store.write(Change.set(Target("product", mug, "Blue Mug"), "description", before="Holds tea.", after="Holds soup."), key="a"))
        assert store.vocabulary_version == version
        asyncio.run(store.write(Change.set(Target("product", mug, "Blue Mug"), "title", before="Blue Mug", after="Ocean Mug"), key="b"))
        assert store.vocabulary_version != version
        assert ("product", mug) in {(m.kind, m.id) for m in asyncio.run(store.vocabulary()) if m.label == "Ocean Mug"}

    def test_customers_and_orders_are_found_by_what_they_are_called(self) -> None:
        stocked = self.stocked(SHOP)
        store, (anna, bernard, _) = stocked.store, stocked.ids["customer"]
        for text in ("Anna Schmidt", "anna", "schmidt", "ANNA@example.org", "Ana Schmit"):
            assert asyncio.run(store.named("customer", text))[0].id == anna, text
        assert asyncio.run(store.named("customer", "lacroix"))[0].id == bernard
        for text in ("1001", "#1001"):
            assert [m.id for m in asyncio.run(store.named("order", text))] == [stocked.ids["order"][0]]
        assert [m.id for m in asyncio.run(store.named("variant", "mug-1"))] == [stocked.ids["variant"][0]]
        for kind in ("customer", "order", "variant"):
            assert asyncio.run(store.named(kind, "Zxqv 99")) == []
            assert asyncio.run(store.named(kind, "  ")) == []

    def test_locations_begin_with_the_default(self) -> None:
        assert list(asyncio.run(self.stocked(SHOP).store.locations()).values()) == ["Main", "Annex"]
