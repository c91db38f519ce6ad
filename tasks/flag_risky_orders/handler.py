from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Between,
    Clock,
    Cues,
    Customer,
    Evidence,
    Field,
    Money,
    Order,
    OrderWhere,
    Period,
    Query,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    count,
    distinct,
    every,
    evidence,
    last_days,
    say,
    task,
)

SHOWN = 50
USUAL_DAYS = 30
YEAR = 365
ENOUGH = 50
"""Orders of the last year from which it can be said what is usual."""
KNOWN = 5
"""Earlier orders that make a customer known: a large order of theirs is nothing odd."""
QUICK = 3
MANY = 10
RARE = 100
"""A country is rare when fewer than one order in so many goes there."""

Signal = Literal["very_large", "large", "first_order", "no_account", "other_country", "rare_country", "quick", "many_of_one", "unpaid"]
POINTS: Mapping[Signal, int] = {
    "very_large": 3, "large": 2, "first_order": 1, "no_account": 1, "other_country": 2, "rare_country": 1, "quick": 2, "many_of_one": 1, "unpaid": 1,
}  # fmt: skip
MEANING: Mapping[Signal, str] = {
    "very_large": "larger than 99 of 100 orders of the last year", "large": "larger than 95 of 100 orders of the last year",
    "first_order": "the customer's first order", "no_account": "no customer account", "other_country": "goes to another country than the customer's",
    "rare_country": f"goes to a country that fewer than one order in {RARE} goes to",
    "quick": f"one of {QUICK} or more by the customer within 24 hours",
    "many_of_one": f"{MANY} or more of one thing", "unpaid": "not paid yet",
}  # fmt: skip
MEDIUM, HIGH = 3, 5
"""Points from which an order is worth a look, and from which it should wait until someone has looked."""


class FlagRiskyOrders(Args):
    decisive = (
        "fishy", "dodgy", "suspicious", "fraud", "fraudulent", "chargeback", "chargebacks", "high risk orders", "risky", "scam",
        "scammers",
    )  # fmt: skip

    unlike = (
        r"\bflag\b.{0,40}\bas (?!(?:a )?(?:risk|risky|suspicious|fraud|fraudulent|dodgy|fishy|scam)\b)",
        r"\bas (?:it|they) comes? in\b",
        r"\bwhenever\b",
        r"\b(?:every|each) time\b",
        r"\bas soon as\b",
        r"^(?:please )?(?:refund|cancel|ship|fulfill?|tag|archive|delete|release)\b",
    )

    orders: Selection[Order] | None = Field(None, description="Which orders to check: by number or an earlier result; all of the time when left out.")
    period: Annotated[Period | None, Cues("in", "from", "since", "placed", "during", "of")] = Field(
        None, description="When they were placed; the last 30 days when left out."
    )
    total: Annotated[Between[Money] | None, Cues("over", "above", "more than", "at least", "worth", "under", "below")] = Field(
        None, description="Only orders whose total is in this range."
    )
    waiting: Annotated[
        bool,
        Says(
            true=[
                "not shipped", "unshipped", "unfulfilled", "not sent", "waiting", "open", "before we ship", "before shipping", "to ship",
                "haven't been sent", "have not been sent", "haven't been shipped", "have not been shipped",
            ]
        ),
    ] = Field(False, description="Only orders that are not sent yet.")  # fmt: skip
    level: Annotated[
        Literal["high", "medium"] | None,
        Says(high=["high risk", "highest risk", "riskiest", "most suspicious", "very risky", "high-risk"], medium=["medium risk", "medium-risk"]),
    ] = Field(None, description="Only those of high or of medium risk.")
    top: Annotated[int | None, Cues("top", "first", "riskiest")] = Field(None, ge=1, description="How many to list at most; the riskiest ones.")


class RiskyOrders(BaseModel):
    orders: Selection[Order]
    """The riskiest first."""
    customers: Selection[Customer]
    count: int
    high: int
    checked: int
    total: Money
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usual:
    """What is usual in this shop."""

    large: Money | None
    very_large: Money | None
    """None with too few orders to say."""
    usual_countries: frozenset[str] | None
    """Where at least one order in a hundred goes; None with too few orders to say."""
    times: Mapping[str, Sequence[datetime]]
    """When each customer ordered, the oldest first."""


@dataclass(frozen=True, slots=True)
class _Checked:
    order: Order
    signals: tuple[Signal, ...]

    @property
    def points(self) -> int:
        return sum(POINTS[signal] for signal in self.signals)

    @property
    def level(self) -> Literal["high", "medium", "low"]:
        return "high" if self.points >= HIGH else "medium" if self.points >= MEDIUM else "low"


@task(
    examples=[
        "are there any suspicious orders", "flag risky orders from this week", "which orders look like fraud", "check order #1042 for fraud",
        "what orders should we look at before shipping", "is order #1042 risky", "show high-risk orders that are not shipped",
    ]
)  # fmt: skip
async def flag_risky_orders(args: FlagRiskyOrders, store: Store, clock: Clock) -> Answer[RiskyOrders]:
    """Point out orders that look risky, with the signs each one shows; a sign is no proof."""
    orders = [order for order in await every(store.orders, _where(args, clock)) if not args.waiting or order.fulfilment != "fulfilled"]
    usual = await _usual(store, clock)
    buyers = await _buyers(orders, store)
    checked = [_Checked(order, _signals(order, buyers.get(order.customer_id or ""), usual)) for order in orders]
    risky = [one for one in checked if (one.level == args.level if args.level else one.level != "low")]
    found = sorted(risky, key=lambda one: (-one.points, -one.order.total.minor, one.order.id))
    chosen = found[: args.top] if args.top else found
    data = RiskyOrders(
        orders=Selection[Order](ids=tuple(one.order.id for one in chosen), label="the risky orders"),
        customers=Selection[Customer](ids=distinct(one.order.customer_id for one in chosen), label="who placed them"),
        count=len(found), high=sum(one.level == "high" for one in found), checked=len(orders),
        total=sum((one.order.total for one in found), Money.of(0, store.shop.currency)), table=_table(chosen[:SHOWN]),
    )  # fmt: skip
    return Answer(_sentence(found, checked, data), data=data, evidence=_told(args, usual, len(orders), clock, store))


def _where(args: FlagRiskyOrders, clock: Clock) -> OrderWhere:
    named = args.orders.ids if args.orders is not None else None
    placed = args.period or (None if named is not None else last_days(clock, USUAL_DAYS))
    return OrderWhere(ids=named, placed=placed, total=args.total, cancelled=False)


async def _usual(store: Store, clock: Clock) -> _Usual:
    times: dict[str, list[datetime]] = {}
    year = last_days(clock, YEAR)
    amounts: list[Money] = []
    for purchase in await store.purchases():
        if purchase.customer_id is not None:
            times.setdefault(purchase.customer_id, []).append(purchase.placed_at)
        if purchase.placed_at >= year.start:
            amounts.append(purchase.spent)
    if len(amounts) < ENOUGH:
        return _Usual(large=None, very_large=None, usual_countries=None, times=times)
    ranked = sorted(amounts)
    by_country = (await store.query(Query(metrics=["orders"], dimensions=["country"], period=year))).rows
    usual = {row.keys["country"] for row in by_country if row.keys.get("country") and int(str(row.values["orders"])) * RARE >= len(amounts)}
    return _Usual(large=ranked[len(ranked) * 95 // 100], very_large=ranked[len(ranked) * 99 // 100], usual_countries=frozenset(usual), times=times)


async def _buyers(orders: Sequence[Order], store: Store) -> dict[str, Customer]:
    ids = distinct(order.customer_id for order in orders)
    return {customer.id: customer for customer in await every(store.customers, Selection[Customer](ids=ids))}


def _signals(order: Order, buyer: Customer | None, usual: _Usual) -> tuple[Signal, ...]:
    times = usual.times.get(order.customer_id or "", ())
    earlier = sum(at < order.placed_at for at in times)
    is_known = earlier >= KNOWN
    shown: Mapping[Signal, bool] = {
        "very_large": not is_known and usual.very_large is not None and usual.very_large < order.total,
        "large": not is_known and usual.large is not None and usual.large < order.total,
        "first_order": order.customer_id is not None and earlier == 0,
        "no_account": order.customer_id is None,
        "other_country": _goes_elsewhere(order, buyer),
        "rare_country": usual.usual_countries is not None
        and order.shipping_address is not None
        and order.shipping_address.country not in usual.usual_countries,
        "quick": sum(abs(at - order.placed_at) <= timedelta(hours=24) for at in times) >= QUICK,
        "many_of_one": not is_known and any(line.quantity >= MANY for line in order.lines if line.kind == "product"),
        "unpaid": order.payment == "pending",
    }
    return tuple(signal for signal, is_shown in shown.items() if is_shown and not (signal == "large" and shown["very_large"]))


def _goes_elsewhere(order: Order, buyer: Customer | None) -> bool:
    place, home = order.shipping_address, buyer.address if buyer is not None else None
    return place is not None and home is not None and place.country != home.country


def _table(found: Sequence[_Checked]) -> Table:
    columns = ["Order", "Placed", "Customer", "Total", "Goes to", "Payment", "Fulfilment", "Risk", "Points", "Signs"]
    return Table(columns=columns, rows=[_row(one) for one in found], numeric=[False, False, False, True, False, False, False, False, True, False])


def _row(one: _Checked) -> list[object]:
    order = one.order
    country = order.shipping_address.country if order.shipping_address else None
    signs = "; ".join(MEANING[signal] for signal in one.signals)
    payment = order.payment.replace("_", " ")
    return [order.number, order.placed_at.date(), order.customer_name, order.total, country, payment, order.fulfilment, one.level, one.points, signs]


def _sentence(found: Sequence[_Checked], checked: Sequence[_Checked], data: RiskyOrders) -> Sentence:
    if len(checked) == 1:
        one = checked[0]
        facts = {"number": one.order.number, "level": one.level, "signs": [MEANING[signal] for signal in one.signals]}
        return say("Order {number} is of {level} risk: {signs}." if one.signals else "Order {number} shows no sign of risk.", **facts)
    if not checked:
        return say("There are no such orders, so none could be checked.")
    if not found:
        return count("{n} order checked; none looks risky.", "{n} orders checked; none looks risky.", len(checked))
    return count(
        "{n} of {checked} orders looks risky, {high} of high risk, {total} in all; first {number}: {signs}.",
        "{n} of {checked} orders look risky, {high} of high risk, {total} in all; first {number}: {signs}.", len(found), checked=len(checked),
        high=data.high, total=data.total, number=found[0].order.number, signs=[MEANING[signal] for signal in found[0].signals],
    )  # fmt: skip


def _told(args: FlagRiskyOrders, usual: _Usual, rows: int, clock: Clock, store: Store) -> Evidence:
    signs = "; ".join(f"{MEANING[signal]} {points}" for signal, points in POINTS.items())
    few = "" if usual.large is not None else f" Fewer than {ENOUGH} orders in the last year: what is large or rare cannot be said."
    definition = (
        f"Signs and their points: {signs}. {MEDIUM} points are medium risk, {HIGH} high. A customer with {KNOWN} earlier orders is known, and no "
        f"order of theirs too large. Signs, no proof; billing addresses, cards and devices are not known here.{few}"
    )
    period = args.period or (None if args.orders is not None else last_days(clock, USUAL_DAYS))
    return evidence(store, args, metric="risky orders", definition=definition, rows=rows, period=period)
