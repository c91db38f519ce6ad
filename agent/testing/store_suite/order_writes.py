"""Laws of what is done to orders: sent, cancelled, refunded, sent elsewhere, prepared."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.errors import NotFound, Stale, StoreRefused
from agent.records.changes import Written
from agent.sdk import Action, Address, Change, Metric, Money, Order, OrderWhere, Period, Query, Target, refund_of, whole_refund
from agent.testing.store_spec import LineSpec, OrderSpec, ShopSpec, Stocked
from agent.testing.store_suite.laws import Laws
from agent.testing.store_suite.stock import AT, MUG, SHOP

OPEN = OrderSpec(
    number="#2001", at=AT, customer=0, country="DE", city="Berlin", fulfilment="unfulfilled",
    lines=[
        LineSpec(product=0, quantity=3, price=1250, discount=100, tax=583), LineSpec(product=1, variant=1, price=7900, tax=1261),
        LineSpec(kind="shipping", price=490, tax=78), LineSpec(kind="fee", price=200, tax=32),
    ],
)  # fmt: skip
ORDERS = ShopSpec(
    locations=["Main", "Annex"], products=[*SHOP.products], customers=[*SHOP.customers],
    orders=[OPEN, replace(OPEN, number="#2002", at=AT + timedelta(days=3), payment="pending", customer=1, country="FR", city="Lyon")],
)  # fmt: skip
EVER = Period(start=AT - timedelta(days=400), end=datetime(2040, 1, 1, tzinfo=UTC))


class OrderWriteLaws(Laws):
    def test_a_whole_refund_gives_back_what_was_charged_once(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 0)
        done = twice(stocked, refund(order))
        after = order_of(stocked, 0)
        assert (after.refunded, after.payment, after.left.minor, after.postage_left.minor) == (order.total, "refunded", 0, 0)
        assert done.before["payment"] == "paid"
        with pytest.raises(Stale):
            act(stocked, refund(order), "again")
        assert order_of(stocked, 0).refunded == order.total

    def test_a_line_given_back_bit_by_bit_comes_to_exactly_what_was_paid_for_it(self) -> None:
        stocked = self.stocked(ORDERS)
        for n in range(3):
            order = order_of(stocked, 0)
            act(stocked, refund(order, {order.lines[0].id: 1}), str(n))
        line = order_of(stocked, 0).lines[0]
        assert (line.refunded, line.left.minor, line.refunded_quantity) == (line.paid, 0, 3)
        assert order_of(stocked, 0).payment == "partially_refunded"

    def test_goodwill_given_before_is_part_of_a_whole_refund(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 0)
        act(stocked, refund(order, {}, other=Money.of(5, "EUR")), "goodwill")
        act(stocked, refund(order_of(stocked, 0)), "the rest")
        after = order_of(stocked, 0)
        assert (after.refunded, after.payment) == (order.total, "refunded")

    def test_more_than_is_left_is_never_given_back(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 0)
        wrong = [
            refund(order, {}, other=order.total + Money.of("0.01", "EUR")), refund(order, {}, other=Money.of(-1, "EUR")), refund(order, {}),
            refund(order, {"l_0": 1}, total=Money.of(1, "EUR")), replace(refund(order), money=Money.of(1, "EUR")),
            refund(order, {order.lines[0].id: 0}, total=Money.of(1, "EUR")), refund(order, {order.lines[0].id: 4}, total=order.lines[0].left),
            refund(order, {}, postage=order.postage_left + Money.of(1, "EUR")), _in_dollars(refund(order)),
        ]  # fmt: skip
        for n, action in enumerate(wrong):
            with pytest.raises((StoreRefused, Stale)):
                act(stocked, action, f"wrong {n}")
        assert order_of(stocked, 0) == order

    def test_what_was_not_paid_is_not_given_back(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 1)
        assert order.left.minor == 0
        with pytest.raises(StoreRefused):
            act(stocked, refund(order, {}, other=Money.of(1, "EUR")), "k")

    def test_a_cancelled_order_counts_in_no_figure_and_its_goods_are_back(self) -> None:
        stocked = self.stocked(ORDERS)
        order, stock = order_of(stocked, 0), on_hand(stocked)
        twice(stocked, cancel(order, restock=True, refund=True, reason="out of clay"))
        after = order_of(stocked, 0)
        assert (after.cancel_reason, after.payment, after.refunded) == ("out of clay", "refunded", order.total)
        assert after.cancelled_at is not None
        assert [now - then for then, now in zip(stock, on_hand(stocked), strict=True)] == [3, 0, 1, 0, 0, 0]
        assert figures(stocked) == figures(self.stocked(replace(ORDERS, orders=ORDERS.orders[1:])))
        with pytest.raises(StoreRefused):
            act(stocked, cancel(after), "again")

    def test_cancelling_without_giving_back_moves_no_money_and_no_stock(self) -> None:
        stocked = self.stocked(ORDERS)
        stock = on_hand(stocked)
        act(stocked, cancel(order_of(stocked, 0)), "k")
        act(stocked, cancel(order_of(stocked, 1)), "l")
        assert [order_of(stocked, n).payment for n in (0, 1)] == ["paid", "voided"]
        assert (order_of(stocked, 0).refunded.minor, on_hand(stocked)) == (0, stock)
        act(stocked, refund(order_of(stocked, 0)), "later")  # what was paid is owed still
        assert figures(stocked) == figures(self.stocked(replace(ORDERS, orders=[])))

    def test_a_sent_order_is_not_cancelled(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 0)
        act(stocked, fulfil(order, {order.lines[1].id: 1}), "k")
        with pytest.raises(StoreRefused):
            act(stocked, cancel(order_of(stocked, 0)), "l")

    def test_figures_after_a_refund_are_those_of_a_shop_that_always_had_it(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 0)
        before = figures(stocked)
        units = {order.lines[0].id: 2}
        act(stocked, refund(order, units, postage=order.postage_left, other=Money.of(3, "EUR")), "k")
        after = figures(stocked)
        value = order.lines[0].worth(2)
        assert after["units_returned"] - before["units_returned"] == 2
        assert (after["total_sales"] - before["total_sales"]) == -(value + order.postage_left + Money.of(3, "EUR"))
        assert after["gross_sales"] == before["gross_sales"]
        assert after["returns"] - before["returns"] < value, "tax is no part of what came back"

    def test_goods_come_back_where_it_is_said(self) -> None:
        stocked = self.stocked(ORDERS)
        order, annex = order_of(stocked, 0), list(asyncio.run(stocked.store.locations()))[1]
        act(stocked, refund(order, {order.lines[0].id: 2}, restock=True, location=annex), "k")
        mug = asyncio.run(stocked.store.product(stocked.ids["product"][0])).variants[0]
        assert mug.stock[annex] == 2
        with pytest.raises(StoreRefused):
            act(stocked, refund(order_of(stocked, 0), {order.lines[0].id: 1}, restock=True, location="loc_0"), "l")
        assert order_of(stocked, 0).lines[0].refunded_quantity == 2, "what failed is not half done"

    def test_an_order_is_sent_line_by_line_until_nothing_is_left(self) -> None:
        stocked = self.stocked(ORDERS)
        mugs, dress = order_of(stocked, 0).lines[:2]
        twice(stocked, fulfil(order_of(stocked, 0), {mugs.id: 2}, tracking="TR-1", carrier="DHL"))
        half = order_of(stocked, 0)
        assert (half.fulfilment, [line.to_send for line in half.lines[:2]], list(half.tracking)) == ("partial", [1, 1], ["TR-1"])
        with pytest.raises(Stale):
            act(stocked, fulfil(half, {mugs.id: 2}), "too many")
        act(stocked, fulfil(half, {mugs.id: 1, dress.id: 1}, tracking="TR-2"), "rest")
        after = order_of(stocked, 0)
        assert (after.fulfilment, [line.to_send for line in after.lines[:2]], list(after.tracking)) == ("fulfilled", [0, 0], ["TR-1", "TR-2"])
        with pytest.raises(Stale):
            act(stocked, fulfil(half, {mugs.id: 1}), "again")

    def test_a_tracking_number_is_added_and_put_right_after_the_parcel_went_out(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 0)
        with pytest.raises(StoreRefused, match="Nothing of this order has been sent"):
            asyncio.run(stocked.store.write(Change.set(order.target, "tracking", before=[], after=["TR-1"]), key="early"))
        twice(stocked, fulfil(order, {order.lines[0].id: 2}))
        steps: list[tuple[str, Any, Any]] = [
            ("tracking", [], ["TR-1"]), ("carrier:TR-1", "", "DHL"), ("tracking", ["TR-1"], ["TR-2"]), ("tracking", ["TR-2"], ["TR-2", "TR-3"]),
        ]  # fmt: skip
        for n, (field, before, after) in enumerate(steps):
            written = asyncio.run(stocked.store.write(Change.set(order.target, field, before=before, after=after), key=str(n)))
            assert (written.before, written.after) == (before, after)
        sent = order_of(stocked, 0)
        assert (list(sent.tracking), dict(sent.carriers), sent.lines[0].to_send) == (["TR-2", "TR-3"], {"TR-2": "DHL", "TR-3": ""}, 1)
        for n, (field, after, before) in enumerate(reversed(steps[2:])):
            assert asyncio.run(stocked.store.write(Change.set(order.target, field, before=before, after=after), key=f"back {n}")).after == after
        assert list(order_of(stocked, 0).tracking) == ["TR-1"]
        wrong: list[tuple[str, Any, Any]] = [("tracking", ["TR-1"], ["A", "A"]), ("tracking", ["TR-1"], ""), ("carrier:TR-9", "", "UPS")]
        for n, (field, before, after) in enumerate(wrong):
            with pytest.raises(StoreRefused):
                asyncio.run(stocked.store.write(Change.set(order.target, field, before=before, after=after), key=f"wrong {n}"))

    def test_a_cancelled_order_is_not_sent(self) -> None:
        stocked = self.stocked(ORDERS)
        act(stocked, cancel(order_of(stocked, 0)), "k")
        order = order_of(stocked, 0)
        with pytest.raises(StoreRefused):
            act(stocked, fulfil(order, {order.lines[0].id: 1}), "l")

    def test_of_actions_at_the_same_time_one_is_done(self) -> None:
        for make in (refund, cancel, lambda order: fulfil(order, {order.lines[0].id: 3, order.lines[1].id: 1})):
            stocked = self.stocked(ORDERS)
            action = make(order_of(stocked, 0))
            answers = at_once(stocked, [(action, f"k{n}") for n in range(4)])
            assert sum(isinstance(a, Written) for a in answers) == 1, answers
            assert all(isinstance(a, Written | Stale | StoreRefused) for a in answers), answers
            same = at_once(self_stocked := self.stocked(ORDERS), [(make(order_of(self_stocked, 0)), "one key")] * 4)
            assert sorted(a.replayed for a in same) == [False, True, True, True], same

    def test_another_shops_order_is_out_of_reach(self) -> None:
        stocked, other = self.stocked(ORDERS), self.stocked(ORDERS)
        order = order_of(other, 0)
        for n, action in enumerate((refund(order), cancel(order), fulfil(order, {order.lines[0].id: 1}))):
            with pytest.raises(NotFound):
                act(stocked, action, str(n))
        with pytest.raises(StoreRefused):
            act(stocked, refund(order_of(stocked, 0), {order.lines[0].id: 1}, total=Money.of(1, "EUR")), "line of another's")
        assert order_of(other, 0) == order

    def test_a_key_that_came_with_another_action_is_refused(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 0)
        act(stocked, refund(order, {order.lines[0].id: 1}), "k")
        with pytest.raises(StoreRefused):
            act(stocked, refund(order_of(stocked, 0), {order.lines[0].id: 2}), "k")

    def test_an_address_is_written_whole_and_figures_follow_it(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 0)
        [change] = order.set(shipping_address=Address(country="GB", city="Leeds", postcode="LS1 4AP", street="12 Hill Street", recipient="Mr Low"))
        written = asyncio.run(stocked.store.write(change, key="k"))
        assert asdict(order_of(stocked, 0).shipping_address or Address(country="")) == change.after
        assert by_country(stocked) == by_country(self.stocked(replace(ORDERS, orders=[replace(OPEN, country="GB", city="Leeds"), ORDERS.orders[1]])))
        asyncio.run(stocked.store.write(Change.set(order.target, "shipping_address", before=written.after, after=written.before), key="back"))
        assert order_of(stocked, 0).shipping_address == order.shipping_address
        refused: list[Any] = [
            {"city": "Leeds"}, {"country": "ZZ9"}, {"country": "GB", "planet": "Mars"}, "12 Hill Street", {"country": "GB", "city": ""},
        ]  # fmt: skip
        for n, wrong in enumerate(refused):
            with pytest.raises(StoreRefused):
                asyncio.run(stocked.store.write(Change.set(order.target, "shipping_address", before=change.before, after=wrong), key=f"wrong {n}"))

    def test_a_note_and_tags_of_an_order_are_written_and_taken_back(self) -> None:
        stocked = self.stocked(ORDERS)
        order = order_of(stocked, 0)
        for change in order.set(note="Gift wrap, please.", tags=["gift", "rush"]):
            asyncio.run(stocked.store.write(change, key=change.field or ""))
        after = order_of(stocked, 0)
        assert after.note is not None
        assert (after.note.value, list(after.tags)) == ("Gift wrap, please.", ["gift", "rush"])
        for change in after.set(note="", tags=[]):
            asyncio.run(stocked.store.write(change, key=f"{change.field} back"))
        assert replace(order_of(stocked, 0), version=order.version) == order

    def test_a_draft_order_is_made_once_and_goes_again(self) -> None:
        stocked = self.stocked(ORDERS)
        before = figures(stocked)
        change = draft(stocked)
        made = asyncio.run(stocked.store.write(change, key="k"))
        again = asyncio.run(stocked.store.write(change, key="k"))
        assert (again.replayed, again.target_id, again.after) == (True, made.target_id, made.after)
        assert asyncio.run(stocked.store.current(Target("draft_order", made.target_id, ""), None)) == change.after == made.after
        assert figures(stocked) == before, "nobody has placed it"
        asyncio.run(stocked.store.write(Change.delete(Target("draft_order", made.target_id, ""), made.after), key="gone"))
        assert asyncio.run(stocked.store.current(Target("draft_order", made.target_id, ""), None)) is None

    def test_a_draft_order_that_cannot_be_is_refused(self) -> None:
        stocked, other = self.stocked(ORDERS), self.stocked(ORDERS)
        good = draft(stocked).after
        assert isinstance(good, Mapping)
        line = good["lines"][0]
        wrong: list[dict[str, Any]] = [
            {"lines": []}, {"lines": [{**line, "quantity": 0}]}, {"lines": [{**line, "quantity": -1}]}, {"lines": [{**line, "quantity": True}]},
            {"lines": [{**line, "price": Money.of(-1, "EUR")}]}, {"lines": [{**line, "price": Money.of(1, "USD")}]}, {"discount": "120%"},
            {"discount": Money.of(0, "EUR")}, {"customer": other.ids["customer"][0]}, {"lines": [{**line, "variant": other.ids["variant"][0]}]},
            {"surprise": 1}, {"note": "x" * 6_000}, {"lines": [{**line, "title": " "}]},
        ]  # fmt: skip
        for n, fields in enumerate(wrong):
            with pytest.raises(StoreRefused):
                asyncio.run(stocked.store.write(Change.create("draft_order", "new", {**good, **fields}), key=str(n)))


def order_of(stocked: Stocked, place: int) -> Order:
    found = asyncio.run(stocked.store.orders(OrderWhere(ids=[stocked.ids["order"][place]]))).items
    return found[0]


def refund(order: Order, units: Mapping[str, int] | None = None, *, total: Money | None = None, postage: Money | None = None,
           other: Money | None = None, restock: bool = False, location: str | None = None) -> Action:  # fmt: skip
    made = whole_refund(order) if units is None else refund_of(order, units, postage=postage, other=other)
    params = {
        "units": dict(made.units), "postage": made.postage, "other": made.other, "reason": "broken", "restock": restock, "location": location,
    }  # fmt: skip
    return Action(kind="refund", target=order.target, params=params, money=total or made.total, confirm="type:REFUND")


def cancel(order: Order, *, restock: bool = False, refund: bool = False, reason: str = "") -> Action:
    params = {"reason": reason, "restock": restock, "location": None, "refund": refund}
    return Action(kind="cancel", target=order.target, params=params, money=order.left if refund else None, confirm="type:CANCEL")


def fulfil(order: Order, units: Mapping[str, int], *, tracking: str | None = None, carrier: str = "") -> Action:
    return Action(kind="fulfil", target=order.target, params={"units": dict(units), "carrier": carrier, "tracking": tracking}, confirm="type:SHIP")


def _in_dollars(action: Action) -> Action:
    return replace(action, params={**action.params, "other": Money.of(1, "USD")})


def draft(stocked: Stocked) -> Change:
    line = {"variant": stocked.ids["variant"][0], "title": MUG.title, "quantity": 2, "price": Money.of("12.50", "EUR")}
    fields = {"customer": stocked.ids["customer"][0], "lines": [line], "discount": "10%", "note": "As agreed by telephone"}
    return Change.create("draft_order", "Anna Schmidt", fields)


def act(stocked: Stocked, action: Action, key: str) -> Written:
    return asyncio.run(stocked.store.act(action, key=key))


def twice(stocked: Stocked, action: Action) -> Written:
    """Done, and asked for again with the same key: the same answer, and nothing more done."""
    done, stock = act(stocked, action, "once"), on_hand(stocked)
    there = order_of(stocked, 0)
    assert act(stocked, action, "once") == replace(done, replayed=True)
    assert (order_of(stocked, 0), on_hand(stocked)) == (there, stock)
    return done


def at_once(stocked: Stocked, actions: list[tuple[Action, str]]) -> list[Any]:
    async def together() -> list[Any]:
        return await asyncio.gather(*(stocked.store.act(action, key=key) for action, key in actions), return_exceptions=True)

    return asyncio.run(together())


def on_hand(stocked: Stocked) -> list[int]:
    products = asyncio.run(stocked.store.products()).items
    return [variant.on_hand for product in sorted(products, key=lambda p: p.id) for variant in product.variants]


def figures(stocked: Stocked) -> Mapping[Metric, Any]:
    names: tuple[Metric, ...] = (
        "gross_sales", "discounts", "returns", "net_sales", "shipping", "tax", "total_sales", "orders", "units", "units_returned",
    )  # fmt: skip
    return asyncio.run(stocked.store.query(Query(metrics=names, period=EVER))).total.values


def by_country(stocked: Stocked) -> dict[str, Any]:
    result = asyncio.run(stocked.store.query(Query(metrics=["total_sales", "units"], dimensions=["country"], period=EVER)))
    return {row.keys["country"]: dict(row.values) for row in result.rows}
