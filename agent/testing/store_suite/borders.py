"""Laws of shops beside each other: what is another's can neither be reached nor written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from agent.errors import NotFound, StoreRefused
from agent.sdk import Change, CustomerWhere, Filters, OrderWhere, Page, Query, ReviewWhere, Selection
from agent.testing.store_spec import ShopSpec
from agent.testing.store_suite.laws import ALL_METRICS, EVER, Laws
from agent.testing.store_suite.stock import SHOP, changes_of, inverse


class BorderLaws(Laws):
    def test_nothing_of_another_shop_can_be_reached(self) -> None:
        mine, theirs = self.stocked(ShopSpec()), self.stocked(SHOP)
        store, ids = mine.store, theirs.ids
        any_ids = [id for of_kind in ids.values() for id in of_kind]
        chosen: Selection[Any] = Selection(ids=tuple(any_ids))

        async def reached() -> list[Any]:
            pages: list[Page[Any]] = [
                await store.products(), await store.products(chosen), await store.customers(), await store.customers(chosen),
                await store.customers(CustomerWhere(ids=ids["customer"])), await store.customers(CustomerWhere(bought=ids["product"])),
                await store.orders(), await store.orders(chosen), await store.orders(OrderWhere(ids=ids["order"])),
                await store.orders(OrderWhere(numbers=["1001"])), await store.orders(OrderWhere(customers=ids["customer"], products=ids["product"])),
                await store.reviews(), await store.reviews(ReviewWhere(ids=ids["review"], products=ids["product"])), await store.discounts(),
            ]  # fmt: skip
            names = [await store.named("customer", "Anna"), await store.named("order", "1001"), await store.named("variant", "MUG-1")]
            lists: list[Sequence[Any]] = [*(page.items for page in pages), await store.variants(chosen), await store.vocabulary(), *names]
            return [record for found in lists for record in found]

        assert asyncio.run(reached()) == []
        narrowed = Filters(products=ids["product"], variants=ids["variant"], customers=ids["customer"])
        for query in (Query(metrics=ALL_METRICS, period=EVER), Query(metrics=ALL_METRICS, period=EVER, filters=narrowed)):
            assert asyncio.run(store.query(query)).evidence.rows == 0
        with pytest.raises(NotFound):
            asyncio.run(store.product(ids["product"][0]))

    def test_nothing_of_another_shop_can_be_written(self) -> None:
        mine, theirs = self.stocked(ShopSpec()), self.stocked(SHOP)
        changes = changes_of(theirs)
        made = asyncio.run(theirs.store.write(changes["discount"], key="made"))
        changes["no discount"] = inverse(changes["discount"], made)
        for name, change in changes.items():
            if change.op == "create":
                continue
            before = asyncio.run(theirs.store.current(change.target, change.field))
            assert asyncio.run(mine.store.current(change.target, change.field)) is None, name
            with pytest.raises(NotFound):
                asyncio.run(mine.store.write(change, key=name))
            assert asyncio.run(theirs.store.current(change.target, change.field)) == before, name
        borrowed = {**changes["discount"].after, "code": "OTHER", "products": [theirs.ids["product"][0]]}  # type: ignore[dict-item]  # a mapping
        with pytest.raises(StoreRefused):
            asyncio.run(mine.store.write(Change.create("discount", "OTHER", borrowed), key="borrowed"))

    def test_two_shops_may_use_the_same_key(self) -> None:
        one, other = self.stocked(SHOP), self.stocked(SHOP)
        assert not asyncio.run(one.store.write(changes_of(one)["price"], key="k")).replayed
        assert not asyncio.run(other.store.write(changes_of(other)["price"], key="k")).replayed
