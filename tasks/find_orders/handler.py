from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Between,
    Cues,
    Customer,
    DraftOrder,
    Field,
    Invalid,
    Money,
    Order,
    OrderWhere,
    Page,
    Period,
    Product,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    among,
    check_currency,
    count,
    countries_and_cities,
    distinct,
    every,
    evidence,
    only_for,
    places_called,
    say,
    task,
)
from agent.sdk.not_kept import TIME_TO_SEND

SHOWN = 50
MOST = 1000
"""Orders read and selected at most; their number is told in full."""


_SENT = ("shipped", "fulfilled", "sent", "sent out", "dispatched", "despatched", "delivered", "posted", "mailed", "packed")
_GONE = ("gone out", "left", "shipped out")
_SENDING = {
    "ship": "shipping", "send": "sending", "send out": "sending out", "post": "posting", "dispatch": "dispatching", "despatch": "despatching",
    "mail": "mailing", "deliver": "delivering", "fulfil": "fulfilling", "fulfill": "fulfilling", "go out": "going out",
}  # fmt: skip
_NOT = (
    "not", "not yet", "not been", "not yet been", "never been", "haven't", "hasn't", "haven't been", "hasn't been", "haven't yet been",
    "hasn't yet been",
    "haven't yet", "hasn't yet", "havent", "hasnt", "havent been", "hasnt been", "aren't", "isn't", "weren't", "wasn't", "never",
)  # fmt: skip
_NOT_SENT = [f"{no} {done}" for no in _NOT for done in (*_SENT, *_GONE)]
_TO_SEND = [
    *(f"{must} {verb}" for must in ("have to", "must", "left to", "need to", "yet to", "waiting to", "got to")
      for verb in _SENDING),
    *(f"{must} {verb}" for must in ("need", "needs", "awaiting", "waiting for") for verb in (*_SENDING.values(), "dispatch", "despatch", "shipment")),
    *(f"to be {done}" for done in _SENT if done != "packed"), "to get sent", "to get shipped",
]  # fmt: skip
"""What is still to be done is not done yet: "to be sent" says no "sent"."""


class FindOrders(Args):
    cannot = (
        TIME_TO_SEND,
        (
            r"\b(?:paid|pay|pays|paying|payments?|checked\s+out)\s+(?:by|with|via|using|through|in)\s+(?:an?\s+|their\s+)?"
            r"(?:(?:credit|debit)\s*cards?|cards?\b|paypal|klarna|apple\s*pay|google\s*pay|cash|invoice|bank|sepa|crypto|stripe|visa|mastercard)",
            say("The shop's data tells whether an order was paid, and not how: by card, PayPal or otherwise."),
        ),
        (
            r"\breturned\s+orders?\b|\borders?\s+(?:(?:that|which|were|was|have|has|been|got|are|with|had)\s+){0,3}(?:came\s+back|sent\s+back|returned|an?\s+returns?|returns)\b"
            r"|^\W*(?:is|are|was|were|is\s?n['’]?t|was\s?n['’]?t|were\s?n['’]?t)\s+there\s+(?:an?\s+|any\s+)?returns?\b",
            say(
                "Orders do not say whether goods came back; what was given back for them is known: “refunded orders this week”, "
                "“returns by product this month”."
            ),
        ),
    )
    decisive = (
        *(f"how many {orders} … {gone}" for orders in ("orders", "parcels", "packages") for gone in ("have gone out", "gone out since", "went out")),
        "biggest order", "largest order", "smallest order", "biggest orders", "largest orders", "smallest orders",
    )  # fmt: skip
    like = ("export all orders", "export orders", "orders as", "orders to", "all orders", "all our orders", "all my orders", "our orders")
    unlike = (
        r"\b(?:which|who|how many|any) of (?:them|these|those) (?:have |has |had |also |ever )*(?:ordered|bought|purchased)\b",
        r"\b(?:which|what) (?:cit(?:y|ies)|countr(?:y|ies)|region|channel|weekday|hour|month|quarter|year|day of the week)\b.*\border",
        r"\bwhere do (?:most|the most|our|most of our) .*\borders? (?:come|go)",
        "had the most orders",
        "has the most orders",
        "have the most orders",
        "the fewest orders",
        "orders by country",
        "orders by month",
    )

    orders: Selection[Order] | None = Field(None, description="Orders by their numbers, or an earlier result.")
    fulfilment: Annotated[
        Literal["unfulfilled", "open", "partial", "fulfilled"] | None,
        Says(
            unfulfilled=["unfulfilled", "unshipped", "undelivered", "unsent", "undispatched", "to go out", "to dispatch", *_NOT_SENT, *_TO_SEND],
            open=[
                "open",
                "to ship",
                "still to send",
                "pending shipment",
                "to be packed",
                "to pack",
                "need packing",
                "needs packing",
                "processing",
                "in progress",
                "being processed",
                "waiting",
                "overdue",
                "past due",
                "delayed",
                "are late",
                "is late",
                "late orders",
                "running late",
                "should have shipped",
                "should have been shipped",
                "should have gone out",
                "should be shipped by now",
                "stuck",
                "hanging",
                "lying around",
            ],
            partial=["partially fulfilled", "partly shipped", "partial"],
            fulfilled=[
                "fulfilled",
                "shipped",
                "sent",
                "delivered",
                "dispatched",
                "despatched",
                "posted",
                "gone out",
                "went out",
                "completed",
                "complete",
            ],
        ),
    ] = Field(None, description="Whether the goods were sent; open means not or only in part.")
    payment: Annotated[
        Literal["paid", "pending", "partially_refunded", "refunded", "voided"] | None,
        Says(
            paid=["paid"],
            pending=[
                "unpaid",
                "not paid",
                "aren't paid",
                "isn't paid",
                "haven't been paid",
                "hasn't been paid",
                "not been paid",
                "payment pending",
                "awaiting payment",
                "waiting for payment",
                "waiting on payment",
            ],
            partially_refunded=["partially refunded", "partly refunded"],
            refunded=["refunded", "fully refunded"],
            voided=["voided"],
        ),
    ] = Field(None, description="Whether they were paid or refunded.")
    cancelled: Annotated[
        bool | None,
        Says(
            true=["cancelled", "canceled"],
            false=[
                "not cancelled",
                "except the cancelled",
                "except cancelled",
                "but not the cancelled",
                "without the cancelled",
                "without cancelled",
            ],
        ),
    ] = Field(None, description="Only cancelled orders, or only those that are not.")
    customers: Selection[Customer] | None = Field(None, description="Only orders of these customers.")
    products: Annotated[Selection[Product] | None, Cues("with", "containing", "including", "of")] = Field(
        None, description="Only orders with one of these products."
    )
    period: Annotated[Period | None, Cues("in", "from", "since", "placed", "during")] = Field(None, description="When they were placed.")
    total: Annotated[
        Between[Money] | None,
        Cues(
            "over",
            "above",
            "under",
            "below",
            "more than",
            "at least",
            "worth",
            "between",
            "bigger than",
            "larger than",
            "smaller than",
            "higher than",
        ),
    ] = Field(None, description="Only orders whose total is in this range.")
    places: Annotated[list[str], Cues("in", "to", "from")] = Field(default_factory=list, description="Only orders to these countries or cities.")
    elsewhere: list[str] = Field(default_factory=list, description="Orders that go here are left out.")
    channels: Annotated[list[str], Cues("on", "via", "through", "channel")] = Field(default_factory=list, description="Only these sales channels.")
    tags: Annotated[list[str], Cues("tagged", "with the tag")] = Field(default_factory=list, description="Only orders with all these tags.")
    without: list[str] = Field(default_factory=list, description="Orders that are tagged with one of these are left out.")
    but: list[str] = Field(default_factory=list, description="Orders with these numbers are left out.")
    code: Annotated[
        str | None, Cues("code", "discount code", "the code", "coupon", "coupon code", "voucher", "promo code", "used", "used code", "using")
    ] = Field(None, description="Only orders placed with this discount code.")
    drafts: Annotated[
        bool,
        Says(true=["draft orders", "draft order", "drafts orders", "drafted orders", "order drafts", "orders in draft", "manual orders"]),
    ] = Field(False, description="Draft orders, which the shop prepared and nobody has placed, instead of orders.")
    sort: Annotated[
        Literal["recent", "oldest", "total"],
        Says(
            recent=["latest", "newest", "most recent", "last"],
            oldest=["oldest", "longest waiting", "earliest"],
            total=["largest", "biggest", "highest value", "most expensive", "by total", "by value", "by amount"],
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
        "orders that used code SUMMER20", "list draft orders", "all orders with the blue mug this week",
        "refunded orders since October", "what did Anna Schmidt order",
    ]
)  # fmt: skip
async def find_orders(args: FindOrders, store: Store) -> Answer[OrdersFound]:
    """List orders by number, status, customer, product, time, total, place or discount code; draft orders as well.

    Raises:
        Invalid: Draft orders are to be narrowed to what only placed orders have, such as a payment.
    """
    if args.drafts:
        return await _drafts(args, store)
    where = _where(args)
    matching, found = await store.count_orders(where), await every(store.orders, where, most=min((args.top or MOST) + len(args.but), MOST))
    if args.but:
        matching -= await store.count_orders(replace(where, numbers=args.but))
        left_out = {number.strip().lstrip("#") for number in args.but}
        found = [order for order in found if order.number.lstrip("#") not in left_out][: args.top or MOST]
    data = OrdersFound(
        orders=Selection[Order](ids=tuple(order.id for order in found), label="the orders found"),
        customers=Selection[Customer](ids=distinct(order.customer_id for order in found), label="the customers of these orders"),
        products=Selection[Product](ids=distinct(line.product_id for order in found for line in order.lines), label="the products of these orders"),
        count=matching, total=sum((order.total for order in found), Money.of(0, store.shop.currency)), table=_table(found[:SHOWN]),
    )  # fmt: skip
    told = evidence(
        store, args, metric="orders", definition="Orders that meet every condition; totals with tax and shipping, before refunds.", rows=matching,
        period=args.period,
    )  # fmt: skip
    return Answer(_narrowed(_sentence(matching, found, data.total, args.sort), matching, args), data=data, evidence=told)


def _narrowed(told: Sentence, matching: int, args: FindOrders) -> Sentence:
    """With what was looked at: "no order matches" says nothing to whom the time was read otherwise than meant."""
    if args.orders is not None or matching == 1:
        return told  # one is told with its state
    states = [state.replace("_", " ") for state in (args.fulfilment, args.payment) if state]
    places = places_called(args.places)
    return only_for(told, args.products, args.customers, states, places, args.channels, args.tags, _code(args), period=args.period)


def _code(args: FindOrders) -> str | None:
    """As codes are kept, without what is said before it: "the code SUMMER20"."""
    words = (args.code or "").strip(" \t'\"“”‘’.,").split()
    return words[-1] if words else None


_OF_PLACED = ("orders", "payment", "cancelled", "places", "elsewhere", "channels", "tags", "without", "but", "code")
"""Fields of what was placed, which a draft has not."""


_TOLD_AS = {"elsewhere": "place", "without": "tag", "but": "number"}


async def _drafts(args: FindOrders, store: Store) -> Answer[OrdersFound]:
    check_currency(args, store, "total")
    if (wrong := next((name for name in _OF_PLACED if getattr(args, name) not in (None, [])), None)) is not None:
        raise Invalid(f"A draft order has no {_TOLD_AS.get(wrong, wrong.removesuffix('s'))} yet: nobody has placed it.", field=wrong)
    if args.fulfilment not in (None, "open", "unfulfilled"):
        raise Invalid("A draft order has not been placed, so nothing of it was sent.", field="fulfilment")
    goods = None if args.products is None else {variant.id for variant in await store.variants(args.products)}
    found = [draft for draft in await _every_draft(store) if _fits(draft, args, goods)]
    if args.sort != "recent":
        found.sort(key=lambda draft: draft.created_at if args.sort == "oldest" else -draft.total.amount)
    shown = found[: min(args.top or SHOWN, SHOWN)]
    total = sum((draft.total for draft in found), Money.of(0, store.shop.currency))
    data = OrdersFound(
        orders=Selection[Order](ids=(), label="the draft orders"), products=Selection[Product](ids=(), label="the products of these drafts"),
        customers=Selection[Customer](ids=distinct(draft.customer_id for draft in found), label="the customers of these drafts"),
        count=len(found), total=total, table=_draft_table(shown),
    )  # fmt: skip
    told = evidence(
        store, args, metric="draft_orders", rows=len(found), period=args.period,
        definition="Draft orders, as quoted: goods less their discount, without postage. They count in no figure.",
    )  # fmt: skip
    none, one, many = "There is no draft order.", "{n} draft order, {total} as quoted.", "{n} draft orders, {total} as quoted."
    return Answer(count(one, many, len(found), total=total) if found else say(none), data=data, evidence=told)


async def _every_draft(store: Store) -> list[DraftOrder]:
    async def page(_where: None, *, limit: int, cursor: str | None) -> Page[DraftOrder]:
        return await store.draft_orders(limit=limit, cursor=cursor)

    return await every(page)


def _fits(draft: DraftOrder, args: FindOrders, goods: Collection[str] | None) -> bool:
    """
    Args:
        goods: Variants of which one is to be in it; None for any.
    """
    if args.customers is not None and draft.customer_id not in args.customers.ids:
        return False
    if args.period is not None and not args.period.start <= draft.created_at < args.period.end:
        return False
    if goods is not None and not any(line.variant_id in goods for line in draft.lines):
        return False
    return among(draft.total, args.total)


def _draft_table(drafts: Sequence[DraftOrder]) -> Table:
    columns = ["Draft", "Made", "Customer", "Total", "Discount", "Units", "Products", "Note"]
    rows = [
        [draft.number, draft.created_at.date(), draft.customer_name, draft.total, draft.discount, sum(line.quantity for line in draft.lines),
         ", ".join(line.title for line in draft.lines), draft.note or None]
        for draft in drafts
    ]  # fmt: skip
    return Table(columns=columns, rows=rows, numeric=[False, False, False, True, True, True, False, False])


def _where(args: FindOrders) -> OrderWhere:
    countries, cities = countries_and_cities(args.places)
    not_countries, not_cities = countries_and_cities(args.elsewhere)
    fulfilment = ["unfulfilled", "partial"] if args.fulfilment == "open" else [args.fulfilment] if args.fulfilment else None
    waits = args.fulfilment in ("open", "unfulfilled", "partial") and args.orders is None
    largest = args.sort == "total" and args.orders is None  # one that was cancelled is no order to boast of
    cancelled = False if args.cancelled is None and (waits or largest) else args.cancelled  # nothing of it is to be sent any more
    return OrderWhere(
        ids=args.orders.ids if args.orders is not None else None, customers=args.customers.ids if args.customers is not None else None,
        products=args.products.ids if args.products is not None else None, placed=args.period, total=args.total,
        payment=[args.payment] if args.payment else None, fulfilment=fulfilment, countries=countries, cities=cities,
        channels=args.channels or None, tags=args.tags or None, cancelled=cancelled,
        discount_codes=[code] if (code := _code(args)) else None, not_countries=not_countries, not_cities=not_cities, not_tags=args.without or None,
        sort=args.sort,
    )  # fmt: skip


def _sentence(matching: int, found: Sequence[Order], total: Money, sort: str) -> Sentence:
    if not matching:
        return say("No order matches.")
    if len(found) == 1 == matching:
        order = found[0]
        return say(
            "Order {number} of {total}: {payment}, {fulfilment}.", number=order.number, total=order.total, payment=order.payment.replace("_", " "),
            fulfilment="cancelled" if order.cancelled_at else order.fulfilment,
        )  # fmt: skip
    if sort == "total" and matching > 1:
        facts = {"number": found[0].number, "most": found[0].total}
        return count("{n} order matches.", "{n} orders match; the largest is {number}, {most}.", matching, **facts)
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
