"""Laws of products and collections made whole, and of discounts that are edited."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent.errors import Stale, StoreRefused
from agent.records.changes import Written
from agent.sdk import Change, Collection, Money, Product, Selection, Target, Where
from agent.testing.store_spec import Stocked
from agent.testing.store_suite.laws import Laws
from agent.testing.store_suite.stock import AT, SHOP, TRAY, inverse


class GoodsLaws(Laws):
    def test_a_product_is_made_with_all_that_belongs_to_it(self) -> None:
        stocked = self.stocked(SHOP)
        kitchen = _collection(stocked, "Kitchen")
        main = next(iter(asyncio.run(stocked.store.locations())))
        fields = {**TRAY, "tags": ["oak", "Gift"], "vendor": "Holt", "collections": [kitchen.id]}
        fields["variants"] = [{**one, "stock": {main: n}} for n, one in enumerate(TRAY["variants"], 3)]
        written = _written(stocked, Change.create("product", "Oak Tray", fields))
        product = asyncio.run(stocked.store.product(written.target_id))
        assert (product.title, product.status, product.vendor, product.tags) == ("Oak Tray", "draft", "Holt", ("oak", "Gift"))
        assert (product.collections, product.options) == (("Kitchen",), {"Size": ("S", "L")})
        assert [(v.title, v.sku, v.price, v.on_hand) for v in product.variants] == [
            ("S", "TRAY-S", Money.of(30, "EUR"), 3), ("L", "TRAY-L", Money.of(40, "EUR"), 4),
        ]  # fmt: skip
        assert asyncio.run(stocked.store.current(Target("product", product.id, ""), None)) == written.after
        assert [p.title for p in asyncio.run(stocked.store.products(Where(text="tray"))).items] == ["Oak Tray"]

    def test_two_products_of_one_name_have_addresses_of_their_own(self) -> None:
        stocked = self.stocked(SHOP)
        plain: dict[str, Any] = {"title": "Ölkanne & Co", "variants": [{"price": Money.of(5, "EUR")}]}
        made = [_written(stocked, Change.create("product", "Can", plain), key=str(n)) for n in range(3)]
        handles = [asyncio.run(stocked.store.product(one.target_id)).handle for one in made]
        assert handles == ["olkanne-co", "olkanne-co-2", "olkanne-co-3"]

    def test_what_a_product_cannot_be_is_refused_with_a_sentence_and_leaves_nothing(self) -> None:
        stocked = self.stocked(SHOP)
        before = len(asyncio.run(stocked.store.products()).items)
        for number, fields in enumerate(_wrong_products()):
            with pytest.raises(StoreRefused) as refused:
                _written(stocked, Change.create("product", "X", fields), key=str(number))
            assert str(refused.value).endswith("."), fields
        assert len(asyncio.run(stocked.store.products()).items) == before

    def test_a_product_goes_unless_something_happened_with_it(self) -> None:
        stocked = self.stocked(SHOP)
        made = _written(stocked, Change.create("product", "Oak Tray", TRAY), key="made")
        _written(stocked, inverse(Change.create("product", "Oak Tray", TRAY), made), key="gone")
        assert asyncio.run(stocked.store.current(Target("product", made.target_id, ""), None)) is None
        assert asyncio.run(stocked.store.variants(Selection(ids=(made.target_id,)))) == []
        mug, whole = Target("product", stocked.ids["product"][0], "Blue Mug"), asyncio.run(
            stocked.store.current(Target("product", stocked.ids["product"][0], ""), None)
        )  # fmt: skip
        with pytest.raises(StoreRefused, match="“Blue Mug” was ordered"):
            _written(stocked, Change.delete(mug, whole), key="ordered")

    def test_a_product_that_a_discount_is_for_stays(self) -> None:
        stocked = self.stocked(SHOP)
        made = _written(stocked, Change.create("product", "Oak Tray", TRAY), key="made")
        _written(
            stocked, Change.create("discount", "TRAY5", {"code": "TRAY5", "kind": "percent", "value": "5", "products": [made.target_id]}), key="d"
        )
        with pytest.raises(StoreRefused, match="the discount TRAY5 is for"):
            _written(stocked, Change.delete(Target("product", made.target_id, "Oak Tray"), made.after), key="gone")

    def test_a_product_that_was_changed_since_is_left_alone(self) -> None:
        stocked = self.stocked(SHOP)
        made = _written(stocked, Change.create("product", "Oak Tray", TRAY), key="made")
        target = Target("product", made.target_id, "Oak Tray")
        _written(stocked, Change.set(target, "vendor", before="", after="Holt"), key="changed")
        with pytest.raises(Stale):
            _written(stocked, Change.delete(target, made.after), key="gone")

    def test_collections_are_listed_with_what_is_in_them(self) -> None:
        stocked = self.stocked(SHOP)
        mug, dress, _ = stocked.ids["product"]
        assert {one.title: set(one.products) for one in _collections(stocked)} == {"Kitchen": {mug, dress}, "Summer": {dress}}

    def test_a_deleted_collection_comes_back_as_it_was(self) -> None:
        stocked = self.stocked(SHOP)
        before, products = _collections(stocked), _products(stocked)
        version = stocked.store.vocabulary_version
        change = _collection(stocked, "Kitchen").delete()
        gone = _written(stocked, change, key="gone")
        assert [one.title for one in _collections(stocked)] == ["Summer"]
        assert [p.collections for p in _products(stocked)] == [tuple(t for t in p.collections if t != "Kitchen") for p in products]
        assert stocked.store.vocabulary_version != version
        _written(stocked, inverse(change, gone), key="back")
        assert _collections(stocked) == before
        assert [p.collections for p in _products(stocked)] == [p.collections for p in products]

    def test_a_collection_has_a_title_of_its_own_whatever_its_case(self) -> None:
        stocked = self.stocked(SHOP)
        kitchen = _collection(stocked, "Kitchen")
        refused = [
            Change.create("collection", "x", {"title": "kitchen"}), Change.create("collection", "x", {"title": "  "}),
            Change.create("collection", "x", {"title": "two\nlines"}), Change.create("collection", "x", {"title": "x" * 256}),
            Change.create("collection", "x", {"title": "New", "products": ["nothing"]}), Change.create("collection", "x", {"title": "New", "a": 1}),
            Change.create("collection", "x", {"title": "New", "position": -1}), *kitchen.rename("SUMMER"), *kitchen.rename(""),
        ]  # fmt: skip
        for number, change in enumerate(refused):
            with pytest.raises(StoreRefused) as caught:
                _written(stocked, change, key=str(number))
            assert str(caught.value).endswith("."), change
        _written(stocked, kitchen.rename("KITCHEN")[0], key="case")
        assert {one.title for one in _collections(stocked)} == {"KITCHEN", "Summer"}

    def test_a_product_goes_into_a_collection_by_the_title_it_has_now(self) -> None:
        stocked = self.stocked(SHOP)
        summer, mug = _collection(stocked, "Summer"), Target("product", stocked.ids["product"][0], "Blue Mug")
        for after in ("Autumn", 5):
            with pytest.raises(StoreRefused):
                _written(stocked, Change.set(mug, f"collection:{summer.id}", before=None, after=after), key=str(after))
        with pytest.raises(StoreRefused, match="no such collection"):
            _written(stocked, Change.set(mug, "collection:nowhere", before=None, after="Summer"), key="nowhere")

    def test_what_a_discount_gives_is_one_value_and_may_change_its_kind(self) -> None:
        stocked = self.stocked(SHOP)
        made = _written(stocked, Change.create("discount", "S", {"code": "S", "kind": "percent", "value": "20", "starts_at": AT.isoformat()}))
        target = Target("discount", made.target_id, "S")
        worth: list[str | Money] = ["20%", Money.of("7.50", "EUR"), "free shipping", "12.5%"]
        for number, (before, after) in enumerate(zip(worth, worth[1:], strict=False)):
            _written(stocked, Change.set(target, "worth", before=before, after=after), key=str(number))
            [found] = asyncio.run(stocked.store.discounts(code="S")).items
            assert found.worth("EUR") == after
        for number, wrong in enumerate(("120%", "0%", "x%", "nothing", Money.of(-1, "EUR"), Money.of(5, "USD"), None)):
            with pytest.raises(StoreRefused):
                _written(stocked, Change.set(target, "worth", before="12.5%", after=wrong), key=f"wrong {number}")

    def test_whom_a_discount_is_for_and_how_often_each_may_use_it_are_kept(self) -> None:
        stocked = self.stocked(SHOP)
        made = _written(stocked, Change.create("discount", "S", {"code": "S", "kind": "percent", "value": "20"}))
        target, anna = Target("discount", made.target_id, "S"), stocked.ids["customer"][0]
        [plain] = asyncio.run(stocked.store.discounts(code="S")).items
        assert (plain.customers, plain.once_per_customer) == (None, False)
        _written(stocked, Change.set(target, "customers", before=None, after=[anna]), key="whom")
        _written(stocked, Change.set(target, "once_per_customer", before=False, after=True), key="once")
        [some] = asyncio.run(stocked.store.discounts(code="S")).items
        assert (some.customers, some.once_per_customer, some.status) == ([anna], True, "active")
        for number, wrong in enumerate((["nobody"], "everybody", [stocked.ids["product"][0]])):
            with pytest.raises(StoreRefused):
                _written(stocked, Change.set(target, "customers", before=[anna], after=wrong), key=f"wrong {number}")
        _written(stocked, Change.set(target, "customers", before=[anna], after=None), key="all")
        assert asyncio.run(stocked.store.discounts(code="S")).items[0].customers is None

    def test_the_code_of_another_discount_is_no_new_code(self) -> None:
        stocked = self.stocked(SHOP)
        one, other = (_written(stocked, Change.create("discount", c, {"code": c, "kind": "percent", "value": "5"}), key=c) for c in ("ONE", "OTHER"))
        target = Target("discount", one.target_id, "ONE")
        with pytest.raises(StoreRefused, match="already a discount with the code OTHER"):
            _written(stocked, Change.set(target, "code", before="ONE", after="other"), key="taken")
        changed = _written(stocked, Change.set(target, "code", before="ONE", after="two"), key="free")
        assert (changed.after, other.target_id != one.target_id) == ("TWO", True)


def _written(stocked: Stocked, change: Change, *, key: str = "k") -> Written:
    return asyncio.run(stocked.store.write(change, key=key))


def _collections(stocked: Stocked) -> list[Collection]:
    return list(asyncio.run(stocked.store.collections()))


def _collection(stocked: Stocked, title: str) -> Collection:
    return next(one for one in _collections(stocked) if one.title == title)


def _products(stocked: Stocked) -> list[Product]:
    return list(asyncio.run(stocked.store.products()).items)


def _wrong_products() -> list[dict[str, Any]]:
    one = {"price": Money.of(5, "EUR")}
    good: dict[str, Any] = {"title": "Oak Tray", "variants": [one]}
    sizes = {"options": [["Size", ["S", "M"]]]}
    wrong: list[dict[str, Any]] = [
        {"title": " "}, {"title": "two\nlines"}, {"variants": []}, {"variants": [{}]}, {"variants": [{"price": Money.of(-1, "EUR")}]},
        {"variants": [{"price": Money.of(5, "USD")}]}, {"variants": [{"price": "5"}]}, {"variants": "x"}, {"surprise": 1},
        {"variants": [{**one, "surprise": 1}]}, {"variants": [{**one, "stock": {"loc_999999": 1}}]}, {"variants": [{**one, "stock": {"nowhere": 1}}]},
        {"variants": [{**one, "tracked": False, "stock": {"loc_1": 1}}]}, {"variants": [{**one, "sku": "mug-1"}]},
        {"variants": [{**one, "options": ["S"]}]},
        {**sizes, "variants": [one]}, {**sizes, "variants": [{**one, "options": ["L"]}]},
        {**sizes, "variants": [{**one, "options": ["S"]}, {**one, "options": ["S"]}]},
        {**sizes, "variants": [{**one, "options": ["S"], "sku": "A"}, {**one, "options": ["M"], "sku": "a"}]},
        {"options": [["Size", ["S", "s"]]], "variants": [{**one, "options": ["S"]}]}, {"options": [["Size", []]]}, {"options": [["", ["S"]]]},
        {"options": [[str(n), ["S"]] for n in range(4)], "variants": [{**one, "options": ["S"] * 4}]},
        {"options": [["Size", [str(n) for n in range(101)]]], "variants": [{**one, "options": [str(n)]} for n in range(101)]},
        {"status": "gone"}, {"tags": ["a", "A"]}, {"tags": "gift"}, {"collections": ["nowhere"]}, {"image_url": "javascript:x"},
        {"created_at": "soon"},
    ]  # fmt: skip
    return [good | changed for changed in wrong] + [{"variants": [one]}]
