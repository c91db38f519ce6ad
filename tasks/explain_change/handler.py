from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from agent.sdk import (
    METRICS,
    PAST_CHANGES,
    Answer,
    Args,
    BaseModel,
    Clock,
    Cues,
    Dimension,
    Evidence,
    Field,
    Filters,
    Metric,
    Missing,
    Money,
    OrderWhere,
    Percent,
    Period,
    Product,
    Query,
    QueryResult,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    countries_and_cities,
    evidence,
    last_days,
    only_for,
    percent,
    places_called,
    say,
    stretch_before,
    task,
    up_to_now,
    variants_chosen,
)
from agent.sdk.comparing import with_itself
from agent.sdk.not_kept import PAYOUTS, TIME_TO_SEND, WHAT_IF
from tasks.explain_change.parts import Parts, Sold, number_and_size, price_and_volume, rounded

USUAL_DAYS = 30
LISTED = 5
"""Contributors listed of each kind; the others are one row, so that every kind adds up."""

By = Literal["orders", "price", "product", "product_type", "vendor", "channel", "country", "customers"]
Figure = Money | int
TITLES: Mapping[str, str] = {
    "orders": "Number and size of orders", "price": "Price and volume", "product": "Product", "product_type": "Product type", "vendor": "Vendor",
    "channel": "Channel", "country": "Country", "customers": "New and returning customers", "revenue": "Revenue", "net_sales": "Net sales",
    "gross_sales": "Gross sales", "total_sales": "Total sales", "units": "Units", "returns": "Returns", "refunds": "Refunds",
}  # fmt: skip
USUAL: Sequence[By] = ("orders", "price", "product", "channel", "country", "customers")
MONEY: tuple[Metric, ...] = ("gross_sales", "discounts", "returns", "net_sales", "shipping", "tax", "total_sales", "orders", "units", "refunds")


class ExplainChange(Args):
    cannot = (PAST_CHANGES, TIME_TO_SEND, WHAT_IF, PAYOUTS)
    metric: Annotated[
        Literal["revenue", "net_sales", "gross_sales", "total_sales", "orders", "units", "returns", "refunds"],
        Says(
            revenue=["revenue", "sales", "turnover", "takings", "income", "earnings"],
            net_sales=["net sales", "net revenue"],
            gross_sales=["gross sales", "gross revenue"],
            total_sales=["total sales", "total revenue"],
            orders=["orders", "order count", "number of orders", "fewer orders", "more orders"],
            units=["units", "units sold", "pieces", "items sold"],
            returns=["returns", "returned goods", "send backs", "goods sent back"],
            refunds=["refunds", "money given back", "money refunded"],
        ),
    ] = Field("revenue", description="What changed; revenue is net sales unless the shop says otherwise.")
    by: Annotated[
        list[By],
        Says(
            orders=["basket", "order size", "size of orders", "basket size", "average order value"],
            price=["price", "prices", "volume", "price and volume", "quantity"],
            product=["product", "products", "item", "items"],
            product_type=["product type", "types", "category", "categories"],
            vendor=["vendor", "vendors", "brand", "brands", "supplier"],
            channel=["channel", "channels", "sales channel"],
            country=["country", "countries", "market", "markets"],
            customers=["new customers", "returning customers", "new and returning", "customer kind", "new or returning", "new or existing"],
        ),
    ] = Field(default_factory=list, max_length=8, description="Where to look for the change; everywhere when left out.")
    period: Annotated[Period | None, Cues("in", "during", "for", "since", "from")] = Field(
        None, description="The time that changed; the last 30 days when left out."
    )
    compare: Annotated[Period | None, Cues("vs", "versus", "compared with", "compared to", "than", "against", "over")] = Field(
        None, description="The time it is held against; as much time right before when left out."
    )
    products: Selection[Product] | None = Field(None, description="Only sales of these products.")
    places: Annotated[list[str], Cues("in", "from", "to")] = Field(default_factory=list, description="Only orders to these countries or cities.")
    channels: Annotated[list[str], Cues("on", "via", "through", "channel")] = Field(default_factory=list, description="Only these sales channels.")


class Contribution(BaseModel):
    by: str
    what: str
    change: Money | int
    before: Money | int | None = None
    now: Money | int | None = None
    """None where a part has no level of its own, such as prices."""


class Explained(BaseModel):
    metric: str
    before: Money | int
    now: Money | int
    change: Money | int
    contributions: list[Contribution]
    """Of each kind they add up to the change."""
    products: Selection[Product]
    """What moved it most, in the direction it moved."""
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A contribution in the smallest unit."""

    what: str
    change: int
    before: int | None = None
    now: int | None = None
    id: str | None = None
    rest: bool = False
    """It stands for all that is not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What is asked of the numbers, and their totals then and now."""

    store: Store
    metric: Metric
    period: Period
    compare: Period
    filters: Filters
    totals: QueryResult

    @property
    def before(self) -> int:
        return self.of(self.metric, then=True)

    @property
    def now(self) -> int:
        return self.of(self.metric)

    def of(self, metric: Metric, *, then: bool = False) -> int:
        values = self.totals.total.compared if then else self.totals.total.values
        return _minor((values or {}).get(metric, 0))

    def moved(self, metric: Metric) -> int:
        return self.of(metric) - self.of(metric, then=True)

    def shown(self, minor: int) -> Figure:
        return minor if self.metric in ("orders", "units", "refunds") else Money.from_minor(minor, self.store.shop.currency)


@task(
    examples=[
        "why are sales down this month", "why did revenue drop last week", "what explains the increase in orders in October",
        "what is behind the fall in revenue compared with last year", "why did we sell less in Germany", "where does the growth come from",
        "explain the change in sales since September by product and channel", "how come we made more in November than in October",
    ]
)  # fmt: skip
async def explain_change(args: ExplainChange, store: Store, clock: Clock) -> Answer[Explained] | Missing:
    """Explain why sales, orders, units or returns rose or fell: how much lies in which products, channels, countries, customers and prices.

    The parts of each kind add up to the change exactly. They say where it lies; no cause is made up for it.
    """
    if (same := with_itself(args.period, args.compare)) is not None:
        return same
    case = await _case(args, store, clock)
    wanted = [by for by in dict.fromkeys(args.by or _usual(args)) if _is_exact(by, case.metric)]
    kinds = {by: await _parts(by, case) for by in wanted}
    data = Explained(
        metric=case.metric, before=case.shown(case.before), now=case.shown(case.now), change=case.shown(case.now - case.before),
        contributions=[_contribution(by, part, case) for by, parts in kinds.items() for part in parts],
        products=_movers(kinds, case), table=_table(kinds, case),
    )  # fmt: skip
    if not case.of("orders") and not case.of("orders", then=True) and not await store.count_orders(OrderWhere()):
        return Answer(say("There are no orders in this shop yet, so there is no change to explain."), data=data, evidence=_told(args, case, store))
    told = only_for(_sentence(kinds, case), args.products, places_called(args.places), args.channels)
    return Answer(told, data=data, evidence=_told(args, case, store))


async def _case(args: ExplainChange, store: Store, clock: Clock) -> _Case:
    metric: Metric = store.shop.revenue if args.metric == "revenue" else args.metric
    period = up_to_now(args.period, clock) if args.period is not None else last_days(clock, USUAL_DAYS)
    compare = args.compare or stretch_before(period, clock)
    countries, cities = countries_and_cities(args.places)
    products = args.products.ids if args.products is not None else None
    variants = await variants_chosen(store, args.products)
    filters = Filters(products=products, variants=variants, channels=args.channels or None, countries=countries, cities=cities)
    totals = await store.query(Query(metrics=MONEY, period=period, compare=compare, filters=filters))
    return _Case(store=store, metric=metric, period=period, compare=compare, filters=filters, totals=totals)


def _usual(args: ExplainChange) -> Sequence[By]:
    """Everywhere but where the change cannot lie: all of it lies in the one channel or the one country it is asked about."""
    return [by for by in USUAL if not (by == "channel" and len(args.channels) == 1) and not (by == "country" and len(args.places) == 1)]


def _is_exact(by: By, metric: Metric) -> bool:
    """Orders with two products would count twice by product, and have no price; what came back is no number or size of orders placed."""
    if metric == "returns":
        return by not in ("orders", "price")
    return metric not in ("orders", "refunds") or by in ("channel", "country", "customers")


async def _parts(by: By, case: _Case) -> list[_Part]:
    match by:
        case "orders":
            return _plain(number_and_size(*_sizes(case), ("number of orders", "size of orders")), case)
        case "price":
            return _plain(await _price_and_volume(case), case)
        case "customers":
            return await _customers(case)
        case _:
            return await _groups(by, case)


def _sizes(case: _Case) -> tuple[int, int, int, int]:
    """What orders came to, then and now, and how many there were: units, or gross sales less discounts."""
    if case.metric == "units":
        sums = (case.of("units", then=True), case.of("units"))
    else:
        sums = (case.of("gross_sales", then=True) - _off(case, then=True), case.of("gross_sales") - _off(case))
    return (*sums, case.of("orders", then=True), case.of("orders"))


def _off(case: _Case, *, then: bool = False) -> int:
    """Discounts, which gross sales alone do not know."""
    return 0 if case.metric == "gross_sales" else case.of("discounts", then=then)


def _plain(parts: Parts, case: _Case) -> list[_Part]:
    """Parts without a level of their own, with what else the metric is made of."""
    more = dict(parts)
    if case.metric in ("net_sales", "total_sales"):
        more["returns"] = Fraction(-case.moved("returns"))
    if case.metric == "total_sales":
        more |= {"shipping": Fraction(case.moved("shipping")), "tax": Fraction(case.moved("tax"))}
        more["fees and adjustments"] = Fraction(sum(case.moved(m) * sign for m, sign in _REST))
    moved = rounded(more, case.now - case.before)
    return sorted((_Part(what=what, change=change) for what, change in moved.items() if change), key=lambda part: -abs(part.change))


_REST: Sequence[tuple[Metric, int]] = (("total_sales", 1), ("net_sales", -1), ("shipping", -1), ("tax", -1))
"""Fees and adjustments are what total sales have beyond the others."""


async def _price_and_volume(case: _Case) -> Parts:
    if case.metric == "units":
        return {"units sold": Fraction(case.now - case.before)}
    sold = [await _sold(period, case) for period in (case.compare, case.period)]
    parts = dict(price_and_volume(*sold))
    rest = case.moved("gross_sales") - sum(parts.values(), Fraction(0))
    parts["goods not in the catalogue"] = rest
    return parts if case.metric == "gross_sales" else parts | {"discounts": Fraction(-case.moved("discounts"))}


async def _sold(period: Period, case: _Case) -> dict[str, Sold]:
    query = Query(metrics=["gross_sales", "units"], dimensions=["variant"], period=period, filters=case.filters)
    rows = (await case.store.query(query)).rows
    return {row.ids["variant"]: Sold(_minor(row.values["gross_sales"]), _minor(row.values["units"])) for row in rows if "variant" in row.ids}


async def _groups(by: Dimension, case: _Case) -> list[_Part]:
    """By what an order or a line has: every value of the dimension, and what has none."""
    query = Query(metrics=[case.metric], dimensions=[by], period=case.period, compare=case.compare, filters=case.filters)
    found = []
    for row in (await case.store.query(query)).rows:
        now, before = _minor(row.values.get(case.metric, 0)), _minor((row.compared or {}).get(case.metric, 0))
        label = row.keys.get(by) or f"no {TITLES[by].lower()}"
        found.append(_Part(what=label, change=now - before, before=before, now=now, id=row.ids.get(by)))
    return _closed(found, case, "everything else")


async def _customers(case: _Case) -> list[_Part]:
    """By whether the customer's first order ever lies in the time or before it."""
    first: dict[str, Any] = {}
    for purchase in await case.store.purchases():
        if purchase.customer_id is not None:
            first.setdefault(purchase.customer_id, purchase.placed_at)
    levels = []
    for period in (case.compare, case.period):
        buyers = {p.customer_id for p in await case.store.purchases(period) if p.customer_id is not None}
        new = sorted(id for id in buyers if first[id] >= period.start)
        levels.append((await _level(new, period, case), await _level(sorted(buyers - set(new)), period, case)))
    (new_then, back_then), (new_now, back_now) = levels
    found = [
        _Part(what="new customers", change=new_now - new_then, before=new_then, now=new_now),
        _Part(what="returning customers", change=back_now - back_then, before=back_then, now=back_now),
    ]
    return _closed(found, case, "orders without a customer, and returns of earlier customers")


async def _level(customers: Sequence[str], period: Period, case: _Case) -> int:
    filters = replace(case.filters, customers=customers)
    return _minor((await case.store.query(Query(metrics=[case.metric], period=period, filters=filters))).total.values[case.metric])


def _closed(parts: Sequence[_Part], case: _Case, rest: str) -> list[_Part]:
    """The largest movers, and one part for the rest, so that all add up to the change."""
    parts = sorted((part for part in parts if part.change or part.now or part.before), key=lambda part: (-abs(part.change), part.what))
    kept = parts[:LISTED]
    change = case.now - case.before - sum(part.change for part in kept)
    before, now = case.before - sum(part.before or 0 for part in kept), case.now - sum(part.now or 0 for part in kept)
    return [*kept, _Part(what=rest, change=change, before=before, now=now, rest=True)] if change or before or now else kept


def _minor(value: Money | int | Decimal | None) -> int:
    return value.minor if isinstance(value, Money) else int(value or 0)


def _contribution(by: By, part: _Part, case: _Case) -> Contribution:
    before, now = (None if level is None else case.shown(level) for level in (part.before, part.now))
    return Contribution(by=by, what=part.what, change=case.shown(part.change), before=before, now=now)


def _movers(kinds: Mapping[By, Sequence[_Part]], case: _Case) -> Selection[Product]:
    down = case.now < case.before
    ids = [part.id for part in kinds.get("product", ()) if part.id is not None and part.change and (part.change < 0) == down]
    return Selection[Product](ids=tuple(ids), label="what moved it most")


def _table(kinds: Mapping[By, Sequence[_Part]], case: _Case) -> Table:
    rows = [_row(TITLES[by], part, case) for by, parts in kinds.items() for part in parts]
    rows.append(_row("In all", _Part(what=TITLES[case.metric], change=case.now - case.before, before=case.before, now=case.now), case))
    return Table(columns=["By", "What", "Before", "Now", "Change", "Of the change %"], rows=rows, numeric=[False, False, True, True, True, True])


def _row(by: str, part: _Part, case: _Case) -> list[object]:
    before, now = (None if level is None else case.shown(level) for level in (part.before, part.now))
    return [by, part.what, before, now, case.shown(part.change), percent(part.change, case.now - case.before)]


def _sentence(kinds: Mapping[By, Sequence[_Part]], case: _Case) -> Sentence:
    change = case.now - case.before
    facts: dict[str, Any] = {
        "metric": TITLES[case.metric], "now": case.shown(case.now), "before": case.shown(case.before), "period": case.period, "compare": case.compare,
        "change": case.shown(abs(change)),
    }  # fmt: skip
    if not change:
        return say("{metric} did not change: {now}, {period}, as in {compare}.", **facts)
    moved = "fell" if change < 0 else "rose"
    share = percent(abs(change), abs(case.before))
    told = "{metric} " + moved + " by {change}" + (" ({percent})" if share is not None else "") + " to {now}, {period}, from {before}, {compare}."
    leaders = [leader for by, parts in kinds.items() if (leader := _leader(by, parts, change, case)) is not None]
    facts |= {"percent": Percent(share) if share is not None else None, "leaders": leaders}
    return say(told + (" Most of it lies in {leaders}." if leaders else ""), **facts)


def _leader(by: By, parts: Sequence[_Part], change: int, case: _Case) -> Sentence | None:
    """The part of a kind that moved most in the direction of the whole."""
    same = [part for part in parts if not part.rest and part.change and (part.change < 0) == (change < 0)]
    if not same:
        return None
    first = max(same, key=lambda part: abs(part.change))
    if by in ("orders", "price", "customers"):
        return say("{what} ({change})", what=first.what, change=case.shown(first.change))
    return say("{by} {what} ({change})", by=TITLES[by].lower(), what=first.what, change=case.shown(first.change))


def _told(args: ExplainChange, case: _Case, store: Store) -> Evidence:
    ways = (
        "Contributions of each kind add up to the change; they say where it lies, not why. Units sold: the change in units at the earlier average "
        "price of each variant; prices: the change of that price on the later units. New customers: first order ever within the time."
    )
    rows = sum(case.of("orders", then=then) for then in (True, False))
    return evidence(store, args, metric=case.metric, definition=f"{METRICS[case.metric]} {ways}", rows=rows, period=case.period)
