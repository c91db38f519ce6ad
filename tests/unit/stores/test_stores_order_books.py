"""The books of one order come to what the books of the whole shop come to."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.sdk import Action, Address, Order, OrderWhere, whole_refund
from agent.stores.embedded.books import post
from agent.stores.embedded.schema import ORDERS, REFUNDS, SALE_MONTHS, SALES
from agent.stores.embedded.shops import shop_key
from agent.testing.playground import Playground, playground


def books(ground: Playground) -> list[list[str]]:
    def read(session: Session) -> list[list[str]]:
        tables = [(ORDERS, ()), (REFUNDS, ()), (SALES, ("id",)), (SALE_MONTHS, ("id",))]
        return [sorted(str(row) for row in session.execute(select(*(c for c in t.c if c.name not in skipped)))) for t, skipped in tables]

    return ground.db.read_now(read)


def acts(order: Order) -> list[Action]:
    whole = whole_refund(order)
    params: dict[str, Any] = {"units": dict(whole.units), "postage": whole.postage, "other": whole.other, "reason": "", "restock": True}
    return [
        Action(kind="refund", target=order.target, params=params, money=whole.total),
        Action(kind="cancel", target=order.target, params={"refund": False, "restock": True, "reason": ""}),
        Action(kind="cancel", target=order.target, params={"refund": True, "restock": False, "reason": ""}, money=order.left),
    ]


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("number", ["#1040", "#1039"])
def test_one_order_is_booked_as_the_whole_shop_would_be(which: int, number: str) -> None:
    with playground() as ground:
        order = asyncio.run(ground.store.orders(OrderWhere(numbers=[number]))).items[0]
        untouched = books(ground)
        asyncio.run(ground.store.act(acts(order)[which], key="k"))
        [moved] = order.set(shipping_address=Address(country="SE", city="Lund", street="Storgatan 3"))
        asyncio.run(ground.store.write(moved, key="moved"))
        narrowed = books(ground)
        ground.db.write_now(lambda session: post(session, shop_key(ground.store.shop.id)))
        assert narrowed == books(ground)
        assert narrowed != untouched
