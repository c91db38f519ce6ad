from typing import Annotated, Literal

from agent.sdk import (
    RESTOCKING,
    Action,
    Cues,
    Field,
    Invalid,
    Missing,
    Money,
    OfOrders,
    Order,
    Percent,
    Product,
    Proposal,
    Refunding,
    Says,
    Selection,
    Sentence,
    Store,
    locations_called,
    orders_meant,
    refund_of,
    say,
    task,
    units_of,
    which_of,
    whole_refund,
)


class RefundOrder(OfOrders):
    unlike = (r"^(?:please )?(?:tag|label)\b", r"^(?:please )?(?:add|put|leave|write|make) (?:a |an |the |this )?(?:note|comment)\b")

    amount: Annotated[Money | Percent | None, Cues("refund of", "partial refund of", "amount", "give back", "pay back", "money back", "return")] = (
        Field(None, description="How much to give back, as an amount or as a share of what is left; all that is left when nothing is said.")
    )
    products: Selection[Product] | None = Field(None, description="The products of the order to give back the money for.")
    counts: dict[str, int] = Field(default_factory=dict, description="How many of each product, by its id; all of them when left out.")
    shipping: Annotated[
        bool | None,
        Says(
            true=[
                "shipping",
                "the shipping",
                "postage",
                "shipping cost",
                "shipping costs",
                "shipping fee",
                "delivery fee",
                "delivery cost",
                "delivery charge",
                "the delivery",
            ],
            false=[
                "minus shipping",
                "minus the shipping",
                "without shipping",
                "without the shipping",
                "except shipping",
                "except the shipping",
                "excluding shipping",
                "less shipping",
                "not the shipping",
                "but not shipping",
                "keep the shipping",
                "minus postage",
                "without postage",
                "except for shipping",
                "except the postage",
                "excluding postage",
                "excluding the postage",
                "not the postage",
            ],
        ),
    ] = Field(None, description="Give back the postage: it alone, or beside products or an amount. False gives back all but the postage.")
    share: Annotated[Literal["half"] | None, Says(half=["half of", "half the", "half"])] = Field(None, description="Half of what is left.")
    restock: Annotated[bool | None, RESTOCKING] = Field(None, description="Whether the goods go back into stock; they do not when left out.")
    location: Annotated[str | None, Cues("warehouse")] = Field(None, description="Where they go back into stock; the main location when left out.")
    reason: Annotated[str | None, Cues("because", "reason", "since", "as")] = Field(None, description="Why, for the record.")


@task(
    irreversible=True,
    examples=[
        "refund order #1042", "refund 10 euros on order 1042", "refund the shipping on order #1042", "refund 2 of the mugs from order #1042",
        "give Anna her money back for the last order", "refund order 1042 in full and restock the items", "refund half of order #1042",
        "give back the candle of order #1042 because it arrived broken",
    ],
)  # fmt: skip
async def refund_order(args: RefundOrder, store: Store) -> Proposal | Missing:
    """Give back what was paid for an order: all of it, some products, the postage, or an amount.

    Raises:
        NotFound: There is no such order or location.
        Invalid: Nothing was paid, nothing or less is left, it has no such product, or it is somebody else's.
    """
    orders = await orders_meant(args, store, fits=lambda order: order.left.minor > 0, doing="refunded")
    if isinstance(orders, Missing):
        return orders
    if len(orders) > 1:
        return which_of([o for o in orders if o.left.minor > 0] or orders, args.orders.label if args.orders else "", "refunded")
    order = orders[0]
    _check(order)
    refunding = _refunding(order, args)
    if order.left < refunding.total or refunding.total.minor <= 0:
        total, left = _said(refunding.total), _said(order.left)
        if not order.refunded.minor:
            raise Invalid(f"{total} cannot be given back: {left} is left of {order.number}.", field="amount")
        back, paid = _said(order.refunded), _said(order.total)
        raise Invalid(f"{total} cannot be given back: {left} is left of {order.number}. {back} of {paid} was given back already.", field="amount")
    if args.restock and not refunding.units:
        return Missing("products", say("Which products of {number} go back into stock?", number=order.number), _goods(order))
    location = next(iter(await locations_called(args.location, store))) if args.location else None
    return Proposal(_summary(order, refunding, args), actions=[_action(order, refunding, args, location)])


def _check(order: Order) -> None:
    if order.payment in ("pending", "voided"):
        raise Invalid(f"{order.number} has not been paid, so there is nothing to give back.", field="orders")
    if order.left.minor <= 0:
        raise Invalid(f"{order.number} has been refunded in full already: {_said(order.refunded)}.", field="orders")


def _refunding(order: Order, args: RefundOrder) -> Refunding:
    """
    Raises:
        Invalid: An amount that is none, or goods the order has not.
    """
    picked = args.products is not None or bool(args.counts)
    units = units_of(order, args.products, args.counts, left=lambda line: line.kept, doing="refunded") if picked else {}
    postage, share = order.postage_left if args.shipping else None, _share(args)
    if args.shipping and not order.postage_left.minor:
        raise Invalid(f"No postage is left to give back of {order.number}.", field="shipping")
    if postage is not None and share is not None and not picked:
        return refund_of(order, {}, postage=_part(postage, share))
    amount = _amount(order, units, share, args)
    if amount is None and not picked and postage is None:
        whole = whole_refund(order)
        return whole if args.shipping is None else refund_of(order, whole.units, other=whole.other)
    if amount is not None and picked:
        # "10 euros for the mug": so much money, and the goods are not given back whole
        return refund_of(order, {}, postage=postage, other=amount)
    return refund_of(order, units, postage=postage, other=amount)


def _share(args: RefundOrder) -> Percent | None:
    share = Percent.of(50) if args.share == "half" else args.amount if isinstance(args.amount, Percent) else None
    if share is not None and not 0 < abs(share.value) <= 100:
        raise Invalid(f"{share} of what was paid cannot be given back.", field="amount")
    return share


def _part(whole: Money, share: Percent) -> Money:
    return Money(whole.amount * abs(share.value) / 100, whole.currency)


def _amount(order: Order, units: dict[str, int], share: Percent | None, args: RefundOrder) -> Money | None:
    if share is not None:
        left = order.left - order.postage_left if args.shipping is False else order.left
        return _part(refund_of(order, units).total if units else left, share)
    if isinstance(args.amount, Money):
        if args.amount.currency != order.total.currency:
            raise Invalid(f"{order.number} was paid in {order.total.currency}, not in {args.amount.currency}.", field="amount")
        if args.amount.minor <= 0:
            raise Invalid("A refund is more than nothing.", field="amount")
        return args.amount
    return None


def _said(money: Money) -> str:
    return f"{money.currency} {money.amount}"


def _goods(order: Order) -> list[tuple[str, str]]:
    return [(line.title, f"{line.kept} × {line.title}") for line in order.lines if line.kind == "product" and line.kept]


def _action(order: Order, refunding: Refunding, args: RefundOrder, location: str | None) -> Action:
    params = {
        "units": dict(refunding.units), "postage": refunding.postage, "other": refunding.other, "reason": " ".join((args.reason or "").split()),
        "restock": bool(args.restock), "location": location,
    }  # fmt: skip
    return Action(kind="refund", target=order.target, params=params, confirm="type:REFUND", money=refunding.total)


def _for(units: list[str], postage: bool) -> Sentence | str:
    """What the money is given back for; nothing where it is no goods and no postage."""
    if units:
        return say(" for {goods} and postage", goods=units) if postage else say(" for {goods}", goods=units)
    return say(" for postage") if postage else ""


def _summary(order: Order, refunding: Refunding, args: RefundOrder) -> Sentence:
    units = [f"{n} × {line.title}" for line in order.lines if (n := refunding.units.get(line.id)) and line.kind == "product"]
    what = _for(units, refunding.postage.minor > 0)
    stock = "the goods go back into stock" if args.restock else "stock stays as it is"
    rest = order.left - refunding.total
    told = "Give back {total}{what} of order {number} to {customer}; {rest} is left after it, and {stock}. This cannot be undone."
    return say(told, total=refunding.total, what=what, number=order.number, customer=order.customer_name or "its customer", rest=rest, stock=stock)
