from collections.abc import Sequence
from typing import Annotated, Any, Literal

from agent.sdk import (
    Answer,
    Args,
    AskedAs,
    BaseModel,
    Customer,
    Field,
    Money,
    NotFound,
    Order,
    OrderWhere,
    Product,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    Untrusted,
    count,
    distinct,
    every,
    evidence,
    say,
    task,
)
from agent.sdk.not_kept import PAPERS

MOST = 10
"""Orders shown in full at once; a longer list is what find_orders is for."""


class ShowOrder(Args):
    cannot = (
        PAPERS,
        (
            r"\b(?:(?<!gift )(?<!greeting )card\s+(?:number|no\b|details?|data|info\w*)|cvv|cvc|iban|bank\s+(?:details?|account\s+(?:number|of)))\b",
            say("Storehand neither keeps nor sees card numbers, bank details or passwords; those stay with the payment provider and the shop."),
        ),
    )
    # a parcel that is to be sent is not looked for
    unlike = (r"^(?:(?:please|can you|could you|would you) )*(?:re ?)?(?:send|ship|dispatch|despatch|post|pack|prepare|stop|hold|return|print)\b",)
    decisive = (
        *(f"{where} … {parcel}" for where in ("where is", "where's", "wheres", "has", "what about") for parcel in ("parcel", "package", "shipment")),
        *(f"{parcel} {whose}" for parcel in ("parcel", "package", "shipment", "delivery") for whose in ("for", "of", "to")),
        "what did … order last",
        "what did … buy last",
        "what was … last order",
        "what's in the last order of",
        "grand total of",
        "total of invoice",
        "total of order",
    )
    like = (r"\b(?:tracking|parcel|consignment)(?: (?:number|no|code|link|info|details?))? (?:for|of|on)\b(?!.* (?:is|was|to|should|=) )",)

    orders: Annotated[Selection[Order] | None, AskedAs("Which order? Its number is enough, such as #1042.")] = Field(
        None, description="The order by its number, or an earlier result."
    )
    customers: Selection[Customer] | None = Field(None, description="Whose order, where no number is said: Anna's last one.")
    which: Annotated[
        Literal["latest", "first", "largest"] | None,
        Says(
            latest=["last", "latest", "newest", "most recent", "recent", "just came in", "last one"],
            first=["first", "oldest", "earliest", "very first"],
            largest=["largest", "biggest", "most expensive", "highest"],
        ),
    ] = Field(None, description="The latest, the first or the largest order, where no number is said; the latest of a customer when left out.")

    one_of = (("orders", "customers", "which"),)


class OrderShown(BaseModel):
    model_config = {"arbitrary_types_allowed": True}

    orders: Selection[Order]
    customers: Selection[Customer]
    products: Selection[Product]
    """What was ordered and is in the catalogue."""
    total: Money
    refunded: Money
    notes: list[Untrusted[str]]
    """What customers wrote to the orders."""
    table: Table
    """The facts of each order."""
    lines: Table


@task(
    examples=[
        "open order #1042", "show me the details of order 1042", "show order #1042", "show the status of order #1042", "what is in order #1042",
        "has order 1042 been shipped yet", "what was Anna's last order", "which address does order #1042 go to", "tracking number of order #1042",
    ]
)  # fmt: skip
async def show_order(args: ShowOrder, store: Store) -> Answer[OrderShown]:
    """Show one order: what was bought, by whom, what was paid, refunded, sent and where to.

    Raises:
        NotFound: There is no such order.
    """
    orders = await _orders(args, store)
    if not orders:
        raise NotFound("order", args.customers.label if args.customers is not None else "")
    data = OrderShown(
        orders=Selection[Order](ids=tuple(order.id for order in orders), label=_label(orders)),
        customers=Selection[Customer](ids=distinct([order.customer_id for order in orders]), label="the customer of this order"),
        products=Selection[Product](ids=distinct([line.product_id for order in orders for line in order.lines]), label="what was ordered"),
        total=sum((order.total for order in orders), Money.of(0, store.shop.currency)),
        refunded=sum((order.refunded for order in orders), Money.of(0, store.shop.currency)),
        notes=[order.note for order in orders if order.note is not None],
        table=_facts(orders), lines=_lines(orders),
    )  # fmt: skip
    told = evidence(
        store, args, metric="orders", rows=len(orders),
        definition="The order as the shop holds it; total with tax and shipping, before refunds. Billing addresses and cards are not held here.",
    )  # fmt: skip
    return Answer(_sentence(orders), data=data, evidence=told)


async def _orders(args: ShowOrder, store: Store) -> list[Order]:
    if args.orders is not None:
        found = await every(store.orders, Selection[Order](ids=args.orders.ids[:MOST]))
        theirs = None if args.customers is None else set(args.customers.ids)
        return [order for order in found if theirs is None or order.customer_id in theirs]
    sorts: dict[str, Literal["recent", "oldest", "total"]] = {"latest": "recent", "first": "oldest", "largest": "total"}
    where = OrderWhere(customers=args.customers.ids if args.customers is not None else None, sort=sorts[args.which or "latest"])
    return list((await store.orders(where, limit=1)).items)


def _label(orders: Sequence[Order]) -> str:
    return ", ".join(order.number for order in orders)


def _fulfilment(order: Order) -> str:
    if order.cancelled_at is not None:
        return "cancelled"
    return {"fulfilled": "sent", "partial": "sent in part", "unfulfilled": "not sent yet"}[order.fulfilment]


def _place(order: Order) -> str | None:
    place = order.shipping_address
    return None if place is None else ", ".join(part for part in (place.city, place.region, place.country) if part)


def _sentence(orders: Sequence[Order]) -> Sentence:
    if len(orders) > 1:
        total = sum((order.total for order in orders[1:]), orders[0].total)
        return count("{n} order, {total}.", "{n} orders, {total} in all: {numbers}.", len(orders), total=total, numbers=[o.number for o in orders])
    order = orders[0]
    units = sum(line.quantity for line in order.lines if line.kind == "product")
    facts: dict[str, Any] = {
        "number": order.number, "total": order.total, "placed": order.placed_at, "customer": order.customer_name or "someone without an account",
        "payment": order.payment.replace("_", " "), "fulfilment": _fulfilment(order), "tracking": list(order.tracking), "refunded": order.refunded,
    }  # fmt: skip
    told = "Order {number}, {total}, placed {placed} by {customer}: {n} unit, {payment}, {fulfilment}"
    told += ", {refunded} given back" if order.refunded.minor else ""
    told += "; tracking {tracking}." if order.tracking else "."
    return count(told, told.replace("{n} unit,", "{n} units,"), units, **facts)


def _facts(orders: Sequence[Order]) -> Table:
    columns = [
        "Order", "Placed", "Customer", "Channel", "Goes to", "Payment", "Fulfilment", "Tracking", "Subtotal", "Discount", "Shipping", "Tax",
        "Total", "Given back", "Tags",
    ]  # fmt: skip
    return Table(columns=columns, rows=[_fact_row(order) for order in orders], numeric=[False] * 8 + [True] * 6 + [False])


def _fact_row(order: Order) -> list[object]:
    return [
        order.number, order.placed_at.date(), order.customer_name, order.channel, _place(order), order.payment.replace("_", " "), _fulfilment(order),
        ", ".join(order.tracking) or None, order.subtotal, order.discount, order.shipping, order.tax, order.total, order.refunded,
        ", ".join(order.tags) or None,
    ]  # fmt: skip


def _lines(orders: Sequence[Order]) -> Table:
    columns = ["Order", "What", "Quantity", "Price", "Discount", "Units given back"]
    rows = [[o.number, line.title, line.quantity, line.price, line.discount, line.refunded_quantity] for o in orders for line in o.lines]
    return Table(columns=columns, rows=rows, numeric=[False, False, True, True, True, True])
