"""Giving money back for an order: a refund with its lines, and what it makes of the payment."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import case, func, insert, select, update

from agent.db.shop import local_day
from agent.errors import StoreRefused
from agent.sdk.orders import Order, Refunding
from agent.sdk.refs import Money
from agent.stores.embedded.desk import Desk
from agent.stores.embedded.ids import key_of
from agent.stores.embedded.schema import LINES, ORDERS, REFUND_LINES, REFUNDS


def give_back(desk: Desk, order: Order, refunding: Refunding, reason: str) -> None:
    """Write the refund and what it makes of the order's payment; closing the books is the caller's.

    Raises:
        StoreRefused: There is nothing to give back.
    """
    if refunding.total.minor <= 0:
        raise StoreRefused(f"Nothing is left to give back of {order.number}.")
    day, month = local_day(desk.now, ZoneInfo(desk.shop.time_zone))
    key = key_of("order", order.id)
    postage_tax = _postage_tax(desk, order, refunding.postage)
    row = {
        "shop_id": desk.key, "order_id": key, "at": desk.now, "day": day, "month": month, "reason": reason, "channel": order.channel,
        "shipping_minor": refunding.postage.minor - postage_tax, "shipping_tax_minor": postage_tax, "adjustment_minor": refunding.other.minor,
    }  # fmt: skip
    refund = desk.session.execute(insert(REFUNDS).values(**row).returning(REFUNDS.c.id)).scalar_one()
    for ordinal, (line_id, units) in enumerate(refunding.units.items()):
        _give_back_line(desk, order, refund, ordinal, line_id, units)
    payment = "refunded" if order.refunded + refunding.total >= order.total else "partially_refunded"
    desk.session.execute(update(ORDERS).where(ORDERS.c.shop_id == desk.key, ORDERS.c.id == key).values(payment=payment))


def _give_back_line(desk: Desk, order: Order, refund: int, ordinal: int, line_id: str, units: int) -> None:
    line = next(line for line in order.lines if line.id == line_id)
    own = desk.session.execute(select(LINES).where(LINES.c.shop_id == desk.key, LINES.c.id == key_of("line", line_id))).mappings().one()
    given = select(func.coalesce(func.sum(REFUND_LINES.c.tax_minor), 0)).where(REFUND_LINES.c.order_line_id == own["id"])
    tax_left = own["tax_minor"] - int(desk.session.execute(given).scalar_one())
    # The last units take what is left of the tax too, so that net and tax each come to what was charged.
    tax = tax_left if units >= line.kept else (2 * tax_left * units + line.kept) // (2 * line.kept)
    row = {
        "shop_id": desk.key, "refund_id": refund, "ordinal": ordinal, "kind": line.kind, "order_line_id": own["id"],
        "product_id": own["product_id"], "variant_id": own["variant_id"], "title": line.title, "quantity": units,
        "amount_minor": line.worth(units).minor - tax, "tax_minor": tax,
    }  # fmt: skip
    desk.session.execute(insert(REFUND_LINES).values(**row))


def _postage_tax(desk: Desk, order: Order, postage: Money) -> int:
    """The tax in so much of the postage: all that is left of it with the last of the postage, else its share."""
    left = order.postage_left.minor
    if not left or not postage.minor:
        return 0
    key, line = key_of("order", order.id), REFUND_LINES.c
    charged = select(func.coalesce(func.sum(LINES.c.tax_minor), 0)).where(
        LINES.c.shop_id == desk.key, LINES.c.order_id == key, LINES.c.kind == "shipping"
    )
    mine = (REFUNDS.c.shop_id == desk.key, REFUNDS.c.order_id == key)
    whole = select(func.coalesce(func.sum(REFUNDS.c.shipping_tax_minor), 0)).where(*mine)
    in_lines = select(func.coalesce(func.sum(case((line.kind == "shipping", line.tax_minor), else_=0)), 0)).where(
        line.shop_id == desk.key, line.refund_id.in_(select(REFUNDS.c.id).where(*mine))
    )
    back = sum(int(desk.session.execute(statement).scalar_one()) for statement in (whole, in_lines))
    tax_left = int(desk.session.execute(charged).scalar_one()) - back
    return tax_left if postage.minor >= left else (2 * tax_left * postage.minor + left) // (2 * left)
