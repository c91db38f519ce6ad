"""Laws of writing: compared and set, once, or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from agent.errors import NotFound, Stale, StoreRefused
from agent.records.changes import Written
from agent.records.writes import WritableStore
from agent.sdk import Action, Change, Money, Selection, Target
from agent.testing.store_spec import ShopSpec
from agent.testing.store_suite.laws import Laws
from agent.testing.store_suite.stock import AT, SHOP, changes_of, inverse, state_of, wrong_discounts


class WriteLaws(Laws):
    def test_a_write_is_done_once_however_often_its_key_comes(self) -> None:
        for name, change in changes_of(self.stocked(SHOP)).items():
            stocked = self.stocked(SHOP)
            change = changes_of(stocked)[name]
            first = asyncio.run(stocked.store.write(change, key="k"))
            state = state_of(stocked.store, change, first)
            again = asyncio.run(stocked.store.write(change, key="k"))
            assert again == replace(first, replayed=True), name
            assert state_of(stocked.store, change, first) == state, name
            assert not first.replayed

    def test_the_same_key_with_another_change_is_refused(self) -> None:
        stocked = self.stocked(SHOP)
        changes = changes_of(stocked)
        asyncio.run(stocked.store.write(changes["price"], key="k"))
        with pytest.raises(StoreRefused):
            asyncio.run(stocked.store.write(changes["title"], key="k"))

    def test_the_inverse_of_a_write_restores_what_was(self) -> None:
        for name in changes_of(self.stocked(SHOP)):
            stocked = self.stocked(SHOP)
            store, change = stocked.store, changes_of(stocked)[name]
            before = asyncio.run(store.current(change.target, change.field)) if change.op != "create" else None
            written = asyncio.run(store.write(change, key="there"))
            back = asyncio.run(store.write(inverse(change, written), key="and back"))
            target = replace(change.target, id=back.target_id)
            assert asyncio.run(store.current(target, change.field)) == before, name

    def test_what_changed_since_it_was_read_is_left_alone(self) -> None:
        stocked = self.stocked(SHOP)
        store = stocked.store
        for name, change in changes_of(stocked).items():
            if change.op != "set":
                continue
            asyncio.run(store.write(change, key=name))
            with pytest.raises(Stale):
                asyncio.run(store.write(change, key=f"{name} again"))
            assert asyncio.run(store.current(change.target, change.field)) == change.after, name

    def test_a_failed_write_leaves_nothing_behind_and_its_key_free(self) -> None:
        stocked = self.stocked(SHOP)
        store, price = stocked.store, changes_of(stocked)["price"]
        with pytest.raises(StoreRefused):
            asyncio.run(store.write(replace(price, after=Money.of(-1, "EUR")), key="k"))
        assert asyncio.run(store.current(price.target, "price")) == price.before
        assert not asyncio.run(store.write(price, key="k")).replayed

    def test_what_a_field_cannot_be_is_refused_with_a_sentence(self) -> None:
        stocked = self.stocked(SHOP)
        mug, product = Target("variant", stocked.ids["variant"][0], "Blue Mug"), Target("product", stocked.ids["product"][0], "Blue Mug")
        main = list(asyncio.run(stocked.store.locations()))[0]
        card = Target("variant", stocked.ids["variant"][-1], "Gift Card")
        price = Money.of("12.50", "EUR")
        refused = [
            Change.set(mug, "price", before=price, after=Money.of("-0.01", "EUR")),
            Change.set(mug, "price", before=price, after=Money.of(5, "USD")),
            Change.set(mug, "price", before=price, after=None),
            Change.set(mug, "price", before=price, after="5"),
            Change.set(mug, "colour", before=None, after="red"),
            Change.set(mug, f"stock:{main}", before=7, after=-1),
            Change.set(mug, "stock:nowhere", before=0, after=1),
            Change.add(mug, f"stock:{main}", before=7, delta=-8),
            Change.add(mug, "price", before=7, delta=1),
            Change.set(card, f"stock:{main}", before=0, after=1),
            Change.set(product, "title", before="Blue Mug", after="  "),
            Change.set(product, "title", before="Blue Mug", after="two\nlines"),
            Change.set(product, "status", before="active", after="gone"),
            Change.set(product, "tags", before=["gift", "New"], after=["a", "A"]),
            Change.set(product, "tags", before=["gift", "New"], after=["a,b"]),
            Change.set(product, "tags", before=["gift", "New"], after="gift"),
            Change.create("product", "New", {"title": "New"}),
            Change.delete(product, {}),
            *(Change.create("discount", "X", fields) for fields in wrong_discounts(stocked)),
        ]
        for number, change in enumerate(refused):
            with pytest.raises(StoreRefused) as caught:
                asyncio.run(stocked.store.write(change, key=str(number)))
            assert str(caught.value).endswith("."), change
        with pytest.raises(StoreRefused):
            asyncio.run(stocked.store.act(Action(kind="teleport", target=mug, params={}), key="a"))

    def test_what_is_not_there_cannot_be_written(self) -> None:
        store = self.stocked(ShopSpec()).store
        for change in (
            Change.set(Target("product", "nothing", "?"), "title", before="a", after="b"),
            Change.add(Target("variant", "v_999999999", "?"), "stock:loc_1", before=0, delta=1),
            Change.delete(Target("discount", "nothing", "?"), {}),
        ):
            with pytest.raises(NotFound):
                asyncio.run(store.write(change, key="k"))
            assert asyncio.run(store.current(change.target, change.field)) is None

    def test_a_version_moves_with_every_write(self) -> None:
        stocked = self.stocked(SHOP)
        changes = changes_of(stocked)

        def versions() -> tuple[str, str]:
            product = asyncio.run(stocked.store.product(stocked.ids["product"][0]))
            return product.version, product.variants[0].version

        seen = [versions()]
        for name in ("title", "price"):
            asyncio.run(stocked.store.write(changes[name], key=name))
            seen.append(versions())
        assert seen[1][0] != seen[0][0]
        assert seen[2][1] != seen[1][1]

    def test_a_discount_code_is_made_once_whatever_its_case(self) -> None:
        store = self.stocked(SHOP).store
        fields = {"code": "summer20", "kind": "percent", "value": "20", "starts_at": AT.isoformat()}
        made = asyncio.run(store.write(Change.create("discount", "summer20", fields), key="a"))
        found = asyncio.run(store.discounts(code="Summer20")).items
        assert [(d.id, d.code, d.value, d.used) for d in found] == [(made.target_id, "SUMMER20", Decimal(20), 0)]
        with pytest.raises(StoreRefused):
            asyncio.run(store.write(Change.create("discount", "SUMMER20", {**fields, "code": "SUMMER20"}), key="b"))

    def test_units_are_added_to_whatever_there_is_by_then(self) -> None:
        stocked = self.stocked(SHOP)
        store, main = stocked.store, list(asyncio.run(stocked.store.locations()))[0]
        mug = asyncio.run(store.variants(Selection(ids=(stocked.ids["variant"][0],))))[0]
        for n in range(2):
            asyncio.run(store.write(mug.add_stock(5, location=main), key=str(n)))
        assert asyncio.run(store.variants(Selection(ids=(mug.id,))))[0].on_hand == 17

    def test_goods_first_put_at_a_place_leave_no_level_there_when_that_is_undone(self) -> None:
        for how in ("set", "add"):
            stocked = self.stocked(SHOP)
            store, (main, annex) = stocked.store, list(asyncio.run(stocked.store.locations()))
            mug = asyncio.run(store.variants(Selection(ids=(stocked.ids["variant"][0],))))[0]
            [change] = mug.set_stock(3, location=annex) if how == "set" else [mug.add_stock(3, location=annex)]
            assert (change.before, mug.set_stock(0, location=annex), dict(mug.stock)) == (None, [], {main: 7})
            there = asyncio.run(store.write(change, key="there"))
            assert (there.before, there.after, _stock_of(store, mug.id)) == (None, 3, {main: 7, annex: 3})
            back = asyncio.run(store.write(inverse(change, there), key="and back"))
            assert (back.before, back.after, _stock_of(store, mug.id)) == (3, None, {main: 7})
            again = asyncio.run(store.write(Change.set(change.target, change.field or "", before=back.after, after=back.before), key="again"))
            assert (again.before, again.after, _stock_of(store, mug.id)) == (None, 3, {main: 7, annex: 3})

    def test_a_place_that_keeps_none_is_as_good_as_one_that_keeps_0_units_to_what_was_shown(self) -> None:
        """Before a level could be None it was told as 0: what waits for a decision since then, or was journaled then, is done all the same."""
        for there, shown in ((None, 0), (0, None)):
            stocked = self.stocked(SHOP)
            store, (_, annex) = stocked.store, list(asyncio.run(stocked.store.locations()))
            mug, field = Target("variant", stocked.ids["variant"][0], "Blue Mug"), f"stock:{annex}"
            if there is not None:
                asyncio.run(store.write(Change.set(mug, field, before=None, after=there), key="there"))
            written = asyncio.run(store.write(Change.set(mug, field, before=shown, after=5), key="set"))
            assert (written.before, written.after) == (there, 5)
            with pytest.raises(Stale):
                asyncio.run(store.write(Change.set(mug, field, before=shown, after=6), key="later"))
            as_journaled = asyncio.run(store.write(Change.set(mug, field, before=5, after=0), key="back"))
            assert (as_journaled.after, asyncio.run(store.current(mug, field))) == (0, 0)

    def test_of_writes_with_one_key_at_the_same_time_one_is_done_and_all_answer_alike(self) -> None:
        for name in changes_of(self.stocked(SHOP)):
            stocked = self.stocked(SHOP)
            change = changes_of(stocked)[name]
            written = _at_once(stocked.store, [(change, "there")] * 4)
            _check_done_once(name, written)
            back = _at_once(stocked.store, [(inverse(change, _the_first(written)), "and back")] * 4)
            _check_done_once(f"{name}, undone", back)

    def test_of_writes_with_keys_of_their_own_at_the_same_time_one_is_done_and_the_others_are_told(self) -> None:
        for name in changes_of(self.stocked(SHOP)):
            stocked = self.stocked(SHOP)
            change = changes_of(stocked)[name]
            if change.op == "add":
                continue
            written = _at_once(stocked.store, [(change, f"there {n}") for n in range(4)])
            done = [answer for answer in written if isinstance(answer, Written)]
            assert len(done) == 1, name
            assert all(isinstance(answer, Written | Stale | StoreRefused | NotFound) for answer in written), name
            undone = _at_once(stocked.store, [(inverse(change, done[0]), f"and back {n}") for n in range(4)])
            assert sum(isinstance(answer, Written) for answer in undone) == 1, name
            assert all(isinstance(answer, Written | Stale | StoreRefused | NotFound) for answer in undone), name

    def test_writes_at_the_same_time_are_each_done_once(self) -> None:
        stocked = self.stocked(SHOP)
        store, changes = stocked.store, changes_of(stocked)

        async def at_once() -> list[Written]:
            added = [store.write(changes["more stock"], key=f"add {n % 4}") for n in range(12)]
            made = [store.write(changes["discount"], key="made") for _ in range(4)]
            return list(await asyncio.gather(*added, *made))

        written = asyncio.run(at_once())
        assert sum(not w.replayed for w in written) == 5
        mug = asyncio.run(store.variants(Selection(ids=(stocked.ids["variant"][0],))))[0]
        assert mug.on_hand == 7 + 4 * 5
        assert len(asyncio.run(store.discounts()).items) == 1


def _stock_of(store: WritableStore, variant: str) -> dict[str, int]:
    return dict(asyncio.run(store.variants(Selection(ids=(variant,))))[0].stock)


def _at_once(store: WritableStore, writes: Sequence[tuple[Change, str]]) -> list[Written | BaseException]:
    async def together() -> list[Written | BaseException]:
        return await asyncio.gather(*(store.write(change, key=key) for change, key in writes), return_exceptions=True)

    return asyncio.run(together())


def _check_done_once(name: str, answers: Sequence[Written | BaseException]) -> None:
    first = _the_first(answers)
    assert sum(answer == first for answer in answers) == 1, name
    assert sum(answer == replace(first, replayed=True) for answer in answers) == len(answers) - 1, f"{name}: {answers}"


def _the_first(answers: Sequence[Written | BaseException]) -> Written:
    return next(answer for answer in answers if isinstance(answer, Written) and not answer.replayed)
