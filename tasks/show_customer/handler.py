from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from agent.sdk import (
    Answer,
    Args,
    AskedAs,
    BaseModel,
    Clock,
    Cues,
    Customer,
    Field,
    Money,
    NotFound,
    Order,
    OrderWhere,
    Period,
    Product,
    Selection,
    Sentence,
    Store,
    Table,
    count,
    customers_meant,
    distinct,
    every,
    evidence,
    say,
    task,
)

MOST = 10
"""Customers shown at once; a longer list is what find_customers is for."""
SHOWN = 20
"""Orders listed of each."""


_WHOSE = (
    *(f"{who} {did} {what}" for who in ("who", "whoever") for did in ("placed", "ordered", "made", "bought") for what in ("order", "order #", "#")),
    "customer of order", "buyer of order", "customer on order", "customer behind order", "buyer on order", "customer for order",
)  # fmt: skip
"""Words before the number of an order whose customer is asked for."""
_CONTACT = ("email", "e mail", "mail address", "phone", "phone number", "address", "name", "contact", "contact details")


class ShowCustomer(Args):
    cannot = (
        (
            r"\b(?:(?<!gift )(?<!greeting )card\s+(?:number|no\b|details?|data|info\w*)|cvv|cvc|iban|bank\s+(?:details?|account\s+(?:number|of))"
            r"|(?:['’]s|his|her|their)\s+(?:credit|debit|bank)\s*card|(?<!my )(?<!our )passwords?(?! reset)|login\s+(?:details?|data))\b",
            say("Storehand neither keeps nor sees card numbers, bank details or passwords; those stay with the payment provider and the shop."),
        ),
    )
    unlike = (
        "customers",
        "subscribers",
        "everyone",
        "buyers",
        "people who",
        r"\b(?:channel|tracking|carrier|refunded|status|most|fewest|biggest|largest|highest)\b",
    )
    decisive = (
        "email of", "e mail of", "email address of", "e mail address of", "phone number of", "mail address of",
        *_WHOSE, *(f"{what} … {whose}" for what in _CONTACT for whose in _WHOSE),
        "who ordered #", "the person behind", "the customer behind", "the buyer behind", "customer details of",
        "customer details for",
        "subscribed to the newsletter", "on the mailing list", "the profile of",
    )  # fmt: skip

    customers: Annotated[Selection[Customer] | None, AskedAs("Which customer? A name or an e-mail address is enough.")] = Field(
        None, description="The customer by name or e-mail address, or an earlier result."
    )
    orders: Selection[Order] | None = Field(None, description="The customer who placed this order, where no name is said.")
    period: Annotated[Period | None, Cues("in", "since", "during", "from")] = Field(
        None, description="Only orders placed in this time; all of them when left out."
    )

    one_of = (("customers", "orders"),)


class CustomerShown(BaseModel):
    customers: Selection[Customer]
    orders: Selection[Order]
    """Their orders in the period, the latest first, without cancelled ones."""
    products: Selection[Product]
    """What they bought in the period."""
    spent: Money
    """In all, less refunds."""
    average_order: Money | None
    days_between_orders: Decimal | None
    """On average; None with fewer than two orders."""
    table: Table
    history: Table


@task(
    examples=[
        "show the profile of Anna Schmidt", "open the profile of anna@example.com",
        "how much has Anna Schmidt spent with us", "tell me about Anna Schmidt",
        "when did Anna Schmidt last order", "what do we know about this customer", "everything we know about Anna Schmidt", "who placed order #1042",
    ]
)  # fmt: skip
async def show_customer(args: ShowCustomer, store: Store, clock: Clock) -> Answer[CustomerShown]:
    """Show one customer: contact, tags, what they bought and spent, when and how often.

    Raises:
        NotFound: There is no such customer, or the order was placed without an account.
    """
    customers = await customers_meant(store, args.customers, args.orders, most=MOST)
    if not customers:
        raise NotFound("customer")
    where = OrderWhere(customers=[c.id for c in customers], placed=args.period, cancelled=False)
    orders = await every(store.orders, where)
    spent = sum((order.total - order.refunded for order in orders), Money.of(0, store.shop.currency))
    data = CustomerShown(
        customers=Selection[Customer](ids=tuple(c.id for c in customers), label=", ".join(c.name for c in customers)),
        orders=Selection[Order](ids=tuple(order.id for order in orders), label="their orders"),
        products=Selection[Product](ids=distinct(line.product_id for order in orders for line in order.lines), label="what they bought"),
        spent=spent, average_order=_average(orders), days_between_orders=_rhythm(orders),
        table=_facts(customers), history=_history(orders[: SHOWN * len(customers)]),
    )  # fmt: skip
    told = evidence(
        store, args, metric="customers", rows=len(orders), period=args.period,
        definition="Spent: what was charged less what was given back, tax and shipping included, cancelled orders left out.",
    )  # fmt: skip
    return Answer(_sentence(customers, orders, data, args, clock), data=data, evidence=told)


def _average(orders: Sequence[Order]) -> Money | None:
    if not orders:
        return None
    total = sum((order.total for order in orders[1:]), orders[0].total)
    return Money(total.amount / len(orders), total.currency)


def _rhythm(orders: Sequence[Order]) -> Decimal | None:
    """Mean days from one order to the next, of one customer's orders or of several customers' taken together."""
    by_customer: dict[str | None, list[datetime]] = {}
    for order in orders:
        by_customer.setdefault(order.customer_id, []).append(order.placed_at)
    gaps = [(max(times) - min(times)).days for times in by_customer.values() if len(times) > 1]
    steps = sum(len(times) - 1 for times in by_customer.values())
    return (Decimal(sum(gaps)) / steps).quantize(Decimal("0.1")) if steps else None


def _sentence(customers: Sequence[Customer], orders: Sequence[Order], data: CustomerShown, args: ShowCustomer, clock: Clock) -> Sentence:
    if len(customers) > 1:
        names = [customer.name for customer in customers]
        return count("{who}: {n} order, {spent}.", "{who}: {n} orders, {spent} in all.", len(orders), who=names, spent=data.spent)
    facts: dict[str, Any] = {"who": customers[0].name, "spent": data.spent, "period": args.period}
    when = ", {period}" if args.period is not None else ""
    if not orders:
        return say("{who} placed no order" + when + ".", **facts)
    facts |= {"last": max(order.placed_at for order in orders), "days": (clock.now() - max(order.placed_at for order in orders)).days}
    return count(
        "{who} spent {spent} in {n} order" + when + ", placed {last}, {days} days ago.",
        "{who} spent {spent} in {n} orders" + when + ", the last one {last}, {days} days ago.",
        len(orders), **facts,
    )  # fmt: skip


def _facts(customers: Sequence[Customer]) -> Table:
    columns = ["Customer", "E-mail", "Place", "Orders in all", "Spent in all", "First order", "Last order", "Marketing", "Tags"]
    return Table(columns=columns, rows=[_fact_row(c) for c in customers], numeric=[False, False, False, True, True, False, False, False, False])


def _fact_row(customer: Customer) -> list[object]:
    place = customer.address
    where = None if place is None else ", ".join(part for part in (place.city, place.country) if part)
    first, last = (None if at is None else at.date() for at in (customer.first_order_at, customer.last_order_at))
    marketing = "agreed" if customer.accepts_marketing else "not agreed"
    return [customer.name, customer.email, where, customer.orders, customer.spent, first, last, marketing, ", ".join(customer.tags) or None]


def _history(orders: Sequence[Order]) -> Table:
    columns = ["Order", "Placed", "Total", "Given back", "Payment", "Fulfilment", "Bought"]
    return Table(columns=columns, rows=[_order_row(order) for order in orders], numeric=[False, False, True, True, False, False, False])


def _order_row(order: Order) -> list[object]:
    bought = ", ".join(f"{line.quantity} × {line.title}" for line in order.lines if line.kind == "product")
    return [order.number, order.placed_at.date(), order.total, order.refunded, order.payment.replace("_", " "), order.fulfilment, bought]
