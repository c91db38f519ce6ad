from collections.abc import Sequence
from typing import Annotated

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
    Proposal,
    Says,
    Sentence,
    Store,
    count,
    locations_called,
    orders_meant,
    say,
    task,
)


class CancelOrder(OfOrders):
    # an order on hold is not cancelled
    telling = (
        "cancel", "void", "annul", "call off", "call it off", "call them off", "abort", "scrap", "revoke", "rescind", "withdraw", "kill", "stop",
        "drop", "undo", "don't send", "do not send", "don't ship", "do not ship", "no longer want", "not want", "changed her mind",
        "changed his mind", "changed their mind", "ordered twice", "placed twice", "by mistake", "nix", "bin", "reverse", "terminate",
    )  # fmt: skip
    synonyms = (
        (r"\bcall off(?= (?:(?:the|this|that|my|our|her|his|their|last|latest|\w+['’]s) ){0,3}(?:orders?\b|#\d|\d{4,8}\b))", "cancel"),
        # what it is called in German, Dutch and the trade: "storno 1049 please"
        (
            r"^(?:stornos?|stornieren?|storniere|annulleer|annuleer|annuler|annulla)"
            r"(?= (?:(?:the|this|last|order|bestellung) ){0,2}(?:#?\d{3,8}\b|orders?\b))",
            "cancel",
        ),
    )
    unlike = (r"^(?:please )?(?:tag|label)\b", r"^(?:please )?(?:add|put|leave|write|make) (?:a |an |the |this )?(?:note|comment)\b")
    cannot = (
        (
            # goods are named between the verb and the order, and nothing else that an order has
            r"\b(?:cancel|void|annul|drop|scrap|kill|bin)\s+(?:only\s+|just\s+)?(?:\d+|an?|one|two|three|the|all|both)\s+"
            r"(?:(?!(?:orders?|rest|whole|entire|shipment|shipping|delivery|fulfil\w*|refunds?|hold|payment|discount|tags?|notes?|items?\s+and"
            r"|from|because|since|as|and|then|last|latest|newest|oldest|first|second)\b)\S{1,40}\s+){1,6}?"
            r"(?:in|from|on|of|out\s+of)\s+(?:the\s+)?(?:orders?\s+#?\d|#\d|\d{4,8}\b)",
            say("Goods of an order cannot be cancelled apart from the rest of it. They can be refunded, or the whole order can be cancelled."),
        ),
    )
    reason: Annotated[str | None, Cues("because", "reason", "since", "as")] = Field(None, description="Why it is cancelled, for the record.")
    restock: Annotated[bool | None, RESTOCKING] = Field(
        None, description="Whether what was ordered goes back into stock; it does when left out, since nothing has been sent."
    )
    location: Annotated[str | None, Cues("warehouse")] = Field(None, description="Where it goes back into stock; the main location when left out.")
    refund: Annotated[
        bool | None,
        Says(
            true=[
                "refund it",
                "refund the payment",
                "refund the money",
                "refund them",
                "give the money back",
                "refund the customer",
                "with a full refund",
                "with a refund",
                "with refund",
                "and give the money back",
                "money back",
            ],
            false=["without a refund", "without refund", "without refunding", "no refund", "don't refund"],
        ),
    ] = Field(None, description="Whether what was paid is given back as well; it is not when left out.")


@task(
    irreversible=True,
    examples=[
        "cancel order #1042", "call off order 1042", "cancel Anna's last order and restock the items", "void order #1042",
        "cancel orders 1040 and 1041", "order #1042 should be cancelled because it was placed twice", "cancel #1042 without restocking",
    ],
)  # fmt: skip
async def cancel_order(args: CancelOrder, store: Store) -> Proposal | Missing:
    """Cancel orders that have not been sent, with a reason, and put the goods back into stock or not.

    Raises:
        NotFound: There is no such order or location.
        Invalid: It was sent or cancelled already, or is somebody else's.
    """
    orders = await orders_meant(args, store, fits=_open, doing="cancelled")
    if isinstance(orders, Missing):
        return orders
    for order in orders:
        _check(order)
    location = next(iter(await locations_called(args.location, store))) if args.location else None
    return Proposal(_summary(orders, args), actions=[_action(order, args, location) for order in orders])


def _open(order: Order) -> bool:
    return order.cancelled_at is None and order.fulfilment == "unfulfilled"


def _check(order: Order) -> None:
    if order.cancelled_at is not None:
        raise Invalid(f"{order.number} was cancelled already, on {order.cancelled_at:%d %B %Y}.", field="orders")
    if order.fulfilment != "unfulfilled":
        sent = "has been sent" if order.fulfilment == "fulfilled" else "has been sent in part"
        raise Invalid(f"{order.number} {sent}, so it cannot be cancelled any more. It can be refunded: “refund {order.number}”.", field="orders")


def _action(order: Order, args: CancelOrder, location: str | None) -> Action:
    refunded = _refunded(order, args)
    params = {
        "reason": " ".join((args.reason or "").split()),
        "restock": args.restock is not False,
        "location": location,
        "refund": refunded is not None,
    }
    return Action(kind="cancel", target=order.target, params=params, confirm="type:CANCEL", money=refunded)


def _refunded(order: Order, args: CancelOrder) -> Money | None:
    return order.left if args.refund and order.left.minor else None


def _summary(orders: Sequence[Order], args: CancelOrder) -> Sentence:
    stock = "the goods go back into stock" if args.restock is not False else "stock stays as it is"
    left = sum((order.left for order in orders[1:]), orders[0].left)
    if not left.minor:
        money = "nothing is left to give back"
    elif args.refund:
        money = "{left} is given back"
    else:
        money = "{left} was paid and stays paid until it is refunded"
    end = f"; {stock}, and {money}. This cannot be undone."
    if len(orders) == 1:
        customer = orders[0].customer_name or "someone without an account"
        return say("Cancel order {number} of {customer}, {total}" + end, number=orders[0].number, customer=customer, total=orders[0].total, left=left)
    numbers = [order.number for order in orders]
    return count("Cancel {n} order: {numbers}" + end, "Cancel {n} orders: {numbers}" + end, len(orders), numbers=numbers, left=left)
