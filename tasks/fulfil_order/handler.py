import re
from collections.abc import Sequence
from typing import Annotated, Literal

from agent.sdk import (
    Action,
    AskedAs,
    Change,
    Clock,
    Cues,
    Field,
    Invalid,
    Missing,
    OfOrders,
    Order,
    Period,
    Product,
    Proposal,
    Says,
    Selection,
    Sentence,
    Store,
    count,
    orders_meant,
    say,
    task,
    units_of,
)
from agent.sdk.not_kept import PAPERS

NONE = ("none", "no", "without", "without one", "no number", "no tracking", "-")
"""Answers to the question for a tracking number that say there is none."""


class FulfilOrder(OfOrders):
    cannot = (
        (
            r"\b(?:mark|set|flag|change|put|book)\b(?:\W+\w+){1,6}?\W+(?:as|to|status)\s+(?:an?\s+)?(?:paid|unpaid|delivered|returned|received)\b",
            say(
                "Whether an order was paid, delivered or returned is kept by the shop and cannot be set here. An order can be marked as sent, "
                "refunded, cancelled or tagged."
            ),
        ),
        PAPERS,
    )

    synonyms = ((r"\b(?:has |have |had )?left (?:the|our) (?:house|building|premises|warehouse|workshop|depot)\b", "has been shipped"),)
    # whoever asks for a number has none to give
    unlike = (
        r"^(?:please )?(?:tag|label)\b",
        # "mark order 1042 as urgent": a mark of one's own, and none of how far it has come
        r"\b(?:mark|flag|set)\b.{0,40}\border\b.{0,20}\b(?:as|to) (?!(?:(?:partly|partially|already|being|having been|been|fully) )*"
        r"(?:sent|shipped|dispatched|despatched|fulfil\w*|posted|mailed|"
        r"complete\w*|done|delivered|gone|out|on its way|packed|handed|collected|picked|finished|closed)\b)",
        r"\b(?:tracking|parcel|consignment)(?: (?:number|no|code|link|id|info|details?))? (?:for|of|on)\b(?!.* (?:is|was|to|should|=) )",
    )

    tracking: Annotated[
        str | None, Cues("tracking number", "tracking code", "tracking", "tracking is", "parcel number", "consignment number"),
        AskedAs("What is the tracking number? Say “none” where there is none."),
    ] = Field(None, description="The parcel's tracking number.")  # fmt: skip
    carrier: Annotated[
        Literal[
            "DHL", "UPS", "FedEx", "USPS", "DPD", "GLS", "Hermes", "Evri", "Royal Mail", "PostNL", "Deutsche Post", "La Poste", "Colissimo",
            "Chronopost", "Austrian Post", "Canada Post", "Australia Post", "TNT", "PostNord", "Swiss Post", "Parcelforce",
        ]
        | str
        | None,
        Cues("carrier", "via", "courier", "with"),
    ] = Field(None, description="Who carries it: DHL, UPS or any other.")  # fmt: skip
    untracked: Annotated[
        bool,
        Says(true=["without tracking", "no tracking", "untracked", "without a tracking number", "no tracking number", "as a letter", "by letter"]),
    ] = Field(False, description="It goes without a tracking number.")
    later: Annotated[
        Literal["add", "correct"] | None,
        # single verbs: what a phrase shares with "without tracking" would be taken for it
        Says(
            add=["add", "attach", "forgot", "missing"],
            correct=["correct", "change", "update", "fix", "replace", "is wrong", "was wrong", "should be", "should have been", "mistyped", "typo"],
        ),
    ] = Field(None, description="Whether the number is added to, or put in the place of, that of what has been sent already.")
    instead_of: Annotated[str | None, Cues("instead of", "replaces", "not")] = Field(
        None, description="The tracking number that was wrong, where an order has several."
    )
    sent: Annotated[Period | None, Cues("went out", "gone", "gone out", "sent", "shipped", "dispatched", "left")] = Field(
        None, description="When it went out, where that was not just now."
    )
    products: Selection[Product] | None = Field(
        None, description="Which of its products went out, were sent, shipped, dispatched or fulfilled; all that are left when left out."
    )
    counts: dict[str, int] = Field(default_factory=dict, description="How many of each product, by its id; all that are left when left out.")


@task(
    irreversible=True,
    examples=[
        "mark order #1042 as shipped with tracking number 1Z999AA10123456784", "fulfil order 1042, DHL 00340434161094022115",
        "order #1042 went out today without tracking", "ship orders 1040 and 1041", "the mugs of order #1042 were sent with UPS",
        "mark Anna's order as fulfilled", "dispatch order 1042", "change the tracking number of order #1042 to 1Z999AA10123456784",
    ],
)  # fmt: skip
async def fulfil_order(args: FulfilOrder, store: Store, clock: Clock) -> Proposal | Missing:
    """Mark orders, or some of their products, as sent, with carrier and tracking number; add or correct the number later.

    Raises:
        NotFound: There is no such order.
        Invalid: It was sent or cancelled already, is somebody else's, has no such product, or the tracking number cannot be one.
    """
    orders = await orders_meant(args, store, fits=_open, doing="sent")
    if isinstance(orders, Missing):
        return orders
    tracking = _tracking(args.tracking)
    if tracking and len(orders) == 1 and _is_on_its_way(orders[0], args):
        return _noted(orders[0], tracking, args)
    for order in orders:
        _check(order)
    if tracking and len(orders) > 1:
        raise Invalid(f"One tracking number cannot be of {len(orders)} orders. Say which order it belongs to.", field="tracking")
    sent = _sent(args, orders, clock)
    if tracking is None and not args.untracked and len(orders) == 1:
        asked = say("What is the tracking number of {number}? Say “none” where there is none.", number=orders[0].number)
        return Missing("tracking", asked, [("none", "Without a tracking number")])
    actions = [_action(order, args, tracking or None, sent) for order in orders]
    return Proposal(_summary(orders, actions), actions=actions)


def _open(order: Order) -> bool:
    return order.cancelled_at is None and order.fulfilment != "fulfilled"


def _is_on_its_way(order: Order, args: FulfilOrder) -> bool:
    """Whether the number is of what has been sent already: it is said so, or all has been and no number is known."""
    if order.cancelled_at is not None or order.fulfilment == "unfulfilled":
        return False
    return args.later is not None or (order.fulfilment == "fulfilled" and not order.tracking)


def _noted(order: Order, tracking: str, args: FulfilOrder) -> Proposal | Missing:
    """The number added to those of the order, or in the place of the wrong one; this can be undone.

    Raises:
        Invalid: The order has no such number as was to be replaced.
    """
    known = list(order.tracking)
    wrong = _tracking(args.instead_of) if args.instead_of else known[0] if args.later == "correct" and len(known) == 1 else None
    if wrong and wrong not in known:
        raise Invalid(f"{order.number} has no tracking number {wrong}; it has {', '.join(known) or 'none'}.", field="instead_of")
    if args.later == "correct" and wrong is None and len(known) > 1 and tracking not in known:
        return Missing("instead_of", say("Which tracking number of {number} was wrong?", number=order.number), [(one, one) for one in known])
    numbers = known if tracking in known else [tracking if one == wrong else one for one in known] + ([] if wrong else [tracking])
    carrier, was = " ".join((args.carrier or "").split()), order.carriers.get(wrong or tracking, "")
    changes = order.set(tracking=numbers)
    if carrier and carrier != was:
        changes.append(Change.set(order.target, f"carrier:{tracking}", before=was, after=carrier))
    if not changes:
        return Proposal(say("Nothing needs changing: {number} has that tracking number.", number=order.number), changes=[])
    told = "Tracking number {tracking} for order {number}, which has been sent already" + (", instead of {wrong}" if wrong else "")
    return Proposal(say(told, tracking=tracking, number=order.number, wrong=wrong), changes=changes)


def _check(order: Order) -> None:
    if order.cancelled_at is not None:
        raise Invalid(f"{order.number} was cancelled, so it cannot be sent.", field="orders")
    if order.fulfilment == "fulfilled":
        how = f", tracking {', '.join(order.tracking)}" if order.tracking else ""
        put_right = f"To put a number right, say “change the tracking number of {order.number} to …”."
        raise Invalid(f"{order.number} has been sent already{how}. {put_right}", field="orders")


def _tracking(said: str | None) -> str | None:
    """The number without its spaces; "" where it is said that there is none, None where nothing is said.

    Raises:
        Invalid: It is no tracking number.
    """
    if said is None or not said.strip():
        return None
    if said.strip().casefold() in NONE:
        return ""
    number = re.sub(r"[\s.]+", "", said).upper()
    if not re.fullmatch(r"[A-Z0-9-]{6,40}", number) or not re.search(r"\d", number):
        raise Invalid(f"“{said.strip()}” is no tracking number: it has 6 to 40 letters and digits.", field="tracking")
    return number


def _sent(args: FulfilOrder, orders: Sequence[Order], clock: Clock) -> str | None:
    """When it went out, where that was not today.

    Raises:
        Invalid: That day is still to come, or before an order was placed.
    """
    if args.sent is None or args.sent.start <= clock.now() < args.sent.end:
        return None
    if args.sent.start > clock.now():
        raise Invalid("That day is still to come; mark it as sent when it has gone out.", field="sent")
    if early := next((order for order in orders if args.sent.end <= order.placed_at), None):
        raise Invalid(f"{early.number} was placed only on {early.placed_at:%d %B %Y}.", field="sent")
    return max(args.sent.start, *(order.placed_at for order in orders)).isoformat()


def _action(order: Order, args: FulfilOrder, tracking: str | None, sent: str | None) -> Action:
    units = units_of(order, args.products, args.counts, left=lambda line: line.to_send, doing="sent")
    carrier = " ".join((args.carrier or "").split())
    params = {"units": units, "carrier": carrier, "tracking": tracking, "sent": sent}
    return Action(kind="fulfil", target=order.target, params=params, confirm="type:SHIP")


def _summary(orders: Sequence[Order], actions: Sequence[Action]) -> Sentence:
    end = ". No money moves. This cannot be undone."
    if len(orders) > 1:
        numbers = [order.number for order in orders]
        return count("Mark {n} order as sent, without a tracking number: {numbers}" + end,
                     "Mark {n} orders as sent, without tracking numbers: {numbers}" + end, len(orders), numbers=numbers)  # fmt: skip
    order, params = orders[0], actions[0].params
    sent, left = sum(params["units"].values()), sum(line.to_send for line in order.lines if line.kind == "product")
    how = (" with {carrier}" if params["carrier"] else "") + (", tracking {tracking}" if params["tracking"] else ", without a tracking number")
    facts = {"number": order.number, "left": left, "carrier": params["carrier"], "tracking": params["tracking"]}
    if sent == left:
        return count("Mark order {number} as sent ({n} unit)" + how + end, "Mark order {number} as sent ({n} units)" + how + end, sent, **facts)
    told = "Mark {n} of the {left} units of order {number} that are left as sent" + how + end
    return count(told, told, sent, **facts)
