from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Between,
    Cues,
    Customer,
    Field,
    Money,
    Order,
    OrderWhere,
    Period,
    Product,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    count,
    countries_and_cities,
    every,
    evidence,
    say,
    task,
)

SHOWN = 50
MOST = 1000
"""Orders read and selected at most; their number is told in full."""


_NOT_SENT = [
    f"{no} {done}"
    for no in (
        "not",
        "not yet",
        "not been",
        "not yet been",
        "never been",
        "haven't",
        "hasn't",
        "haven't been",
        "hasn't been",
        "aren't",
        "isn't",
        "never",
    )
    for done in ("shipped", "fulfilled", "sent", "dispatched", "delivered")
]


class FindOrders(Args):
    unlike = ("had the most orders", "has the most orders", "have the most orders", "the fewest orders", "orders by country", "orders by month")

    orders: Selection[Order] | None = Field(None, description="Orders by their numbers, or an earlier result.")
    fulfilment: Annotated[
        Literal["unfulfilled", "open", "partial", "fulfilled"] | None,
        Says(
            unfulfilled=[
                "unfulfilled",
                "unshipped",
                "undelivered",
                "waiting to ship",
                "not gone out",
                "yet to be shipped",
                "yet to be sent",
                *_NOT_SENT,
            ],
            open=["open", "to ship", "still to send", "pending shipment", "to be packed", "processing", "in progress", "being processed"],
            partial=["partially fulfilled", "partly shipped", "partial"],
            fulfilled=["fulfilled", "shipped", "sent", "delivered", "completed", "complete"],
        ),
    ] = Field(None, description="Whether the goods were sent; open means not or only in part.")
    payment: Annotated[
        Literal["paid", "pending", "partially_refunded", "refunded", "voided"] | None,
        Says(
            paid=["paid"],
            pending=["unpaid", "not paid", "payment pending", "awaiting payment"],
            partially_refunded=["partially refunded", "partly refunded"],
            refunded=["refunded", "fully refunded"],
            voided=["voided"],
        ),
    ] = Field(None, description="Whether they were paid or refunded.")
    cancelled: Annotated[bool | None, Says(true=["cancelled", "canceled"], false=["not cancelled"])] = Field(
        None, description="Only cancelled orders, or only those that are not."
    )
    customers: Selection[Customer] | None = Field(None, description="Only orders of these customers.")
    products: Annotated[Selection[Product] | None, Cues("with", "containing", "including", "of")] = Field(
        None, description="Only orders with one of these products."
    )
    period: Annotated[Period | None, Cues("in", "from", "since", "placed", "during")] = Field(None, description="When they were placed.")
    total: Annotated[Between[Money] | None, Cues("over", "above", "under", "below", "more than", "at least", "worth", "between")] = Field(
        None, description="Only orders whose total is in this range."
    )
    places: Annotated[list[str], Cues("in", "to", "from")] = Field(default_factory=list, description="Only orders to these countries or cities.")
    channels: Annotated[list[str], Cues("on", "via", "through", "channel")] = Field(default_factory=list, description="Only these sales channels.")
    tags: Annotated[list[str], Cues("tagged", "with the tag")] = Field(default_factory=list, description="Only orders with all these tags.")
    sort: Annotated[
        Literal["recent", "oldest", "total"],
        Says(
            recent=["latest", "newest", "most recent", "last"],
            oldest=["oldest", "longest waiting", "earliest"],
            total=["largest", "biggest", "highest value", "most expensive"],
        ),
    ] = Field("recent", description="What comes first.")
    top: Annotated[int | None, Cues("top", "last", "first", "latest")] = Field(None, ge=1, description="How many to list at most.")


class OrdersFound(BaseModel):
    orders: Selection[Order]
    customers: Selection[Customer]
    products: Selection[Product]
    count: int
    total: Money
    table: Table


@task(
    examples=[
        "orders #1041 and #1042", "which orders are not shipped yet", "orders over 200 euros last month", "the latest 10 orders from France",
        "all orders with the blue mug this week", "refunded orders since October", "what did Anna Schmidt order",
    ]
)  # fmt: skip
async def find_orders(args: FindOrders, store: Store) -> Answer[OrdersFound]:
    """List orders by number, status, customer, product, time, total or place."""
    where = _where(args)
    matching, found = await store.count_orders(where), await every(store.orders, where, most=min(args.top or MOST, MOST))
    data = OrdersFound(
        orders=Selection[Order](ids=tuple(order.id for order in found), label="the orders found"),
        customers=Selection[Customer](ids=_distinct(order.customer_id for order in found), label="the customers of these orders"),
        products=Selection[Product](ids=_distinct(line.product_id for order in found for line in order.lines), label="the products of these orders"),
        count=matching, total=sum((order.total for order in found), Money.of(0, store.shop.currency)), table=_table(found[:SHOWN]),
    )  # fmt: skip
    told = evidence(
        store, args, metric="orders", definition="Orders that meet every condition; totals with tax and shipping, before refunds.", rows=matching,
        period=args.period,
    )  # fmt: skip
    return Answer(_sentence(matching, found, data.total), data=data, evidence=told)


def _where(args: FindOrders) -> OrderWhere:
    countries, cities = countries_and_cities(args.places)
    fulfilment = ["unfulfilled", "partial"] if args.fulfilment == "open" else [args.fulfilment] if args.fulfilment else None
    return OrderWhere(
        ids=args.orders.ids if args.orders is not None else None, customers=args.customers.ids if args.customers is not None else None,
        products=args.products.ids if args.products is not None else None, placed=args.period, total=args.total,
        payment=[args.payment] if args.payment else None, fulfilment=fulfilment, countries=countries, cities=cities,
        channels=args.channels or None, tags=args.tags or None, cancelled=args.cancelled, sort=args.sort,
    )  # fmt: skip


def _distinct(ids: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for id in ids if id is not None))


def _sentence(matching: int, found: Sequence[Order], total: Money) -> Sentence:
    if len(found) == 1 == matching:
        order = found[0]
        return say(
            "Order {number} of {total}: {payment}, {fulfilment}.", number=order.number, total=order.total, payment=order.payment.replace("_", " "),
            fulfilment="cancelled" if order.cancelled_at else order.fulfilment,
        )  # fmt: skip
    if len(found) < matching:
        return count(
            "{n} order matches; the first of them comes to {total}.", "{n} orders match; the first {shown} of them come to {total}.",
            matching, shown=len(found), total=total,
        )  # fmt: skip
    return count("{n} order matches, {total} in all.", "{n} orders match, {total} in all.", matching, total=total)


def _table(orders: Sequence[Order]) -> Table:
    columns = ["Order", "Placed", "Customer", "Total", "Payment", "Fulfilment", "Country", "Channel", "Units"]
    return Table(columns=columns, rows=[_row(order) for order in orders], numeric=[False, False, False, True, False, False, False, False, True])


def _row(order: Order) -> list[object]:
    units = sum(line.quantity for line in order.lines if line.kind == "product")
    country = order.shipping_address.country if order.shipping_address else None
    fulfilment = "cancelled" if order.cancelled_at else order.fulfilment
    payment = order.payment.replace("_", " ")
    return [order.number, order.placed_at.date(), order.customer_name, order.total, payment, fulfilment, country, order.channel, units]
