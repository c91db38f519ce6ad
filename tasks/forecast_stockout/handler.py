from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from statistics import fmean, pvariance
from typing import Annotated, Any, Literal

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Clock,
    Cues,
    Evidence,
    Field,
    Filters,
    Period,
    Product,
    Query,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    Variant,
    Where,
    count,
    distinct,
    every,
    evidence,
    say,
    task,
    variants_meant,
)
from agent.sdk.forecast import RECENT, WEEK, day_reached
from agent.sdk.rule_words import WATCHED

SHOWN = 50
FARTHEST_DAYS = 365
LEAST_UNITS = 5
LEAST_DAYS = 28
"""Sold in the last eight weeks, and days since the product was added, from which a pace says something."""
LIKELY = 1.28
"""Standard deviations within which eight of ten runs stay, for demand that is near normal."""


class ForecastStockout(Args):
    decisive = (
        "stockout", "stockouts", "stock out forecast", "runs out of stock in", "run out of stock in", "out of stock dates",
        "how long does … last", "how long do … last", "how long will … last", "how long is … going to last", "how many days will … last",
        "predict what runs out", "when will we run out",
    )  # fmt: skip
    unlike = (WATCHED, "reorder", "re order", "order again", r"\b(?:codes?|vouchers?|coupons?|promos?|promotions?|discounts?)\b")

    products: Selection[Product] | None = Field(None, description="Which products; all active ones when left out.")
    show: Annotated[
        Literal["runs_out", "lasts"],
        Says(
            runs_out=[
                "run out of stock",
                "runs out of stock",
                "out of stock",
                "sold out",
                "sell out",
                "run out",
                "stockout",
                "gone first",
                "run dry",
            ],
            lasts=["lasts longest", "last longest", "lasting longest", "overstock", "overstocked", "too much stock", "most days of stock"],
        ),
    ] = Field("runs_out", description="What runs out first, or what lasts longest.")
    days: Annotated[int | None, Cues("days", "within", "next", "the next")] = Field(
        None, ge=1, le=FARTHEST_DAYS, description="Only what runs out within so many days."
    )
    until: Annotated[datetime | None, Cues("until", "till", "by", "before")] = Field(None, description="Only what runs out before then.")
    period: Annotated[Period | None, Cues("in", "during")] = Field(None, description="Only what runs out by the end of this time.")
    top: Annotated[int | None, Cues("top", "first")] = Field(None, ge=1, description="How many to list at most; the soonest ones.")


class Stockouts(BaseModel):
    products: Selection[Product]
    """The soonest to run out first."""
    variants: Selection[Variant]
    count: int
    unknown: int
    """Variants in stock that sold too little, or are too new, to say."""
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outlook:
    variant: Variant
    pace: float
    """Units a day over the last eight weeks."""
    days: int | None
    """Until it runs out at that pace; None beyond a year. 0 for what is out now."""
    soonest: int | None
    latest: int | None


@task(
    ahead=True,
    examples=[
        "when will the blue mug run out", "what will sell out next", "how long will the candles last", "which products run out before Christmas",
        "will the beanies last until Sunday", "predict what runs out of stock in the next 14 days",
        "when do we have to reorder the teapot at the latest",
    ],
)  # fmt: skip
async def forecast_stockout(args: ForecastStockout, store: Store, clock: Clock) -> Answer[Stockouts]:
    """Foretell when products run out of stock, with the soonest and the latest likely day.

    The pace is the mean of the last eight weeks; its spread is how much those weeks differed. A plain calculation (see `agent.sdk.forecast` for
    why no library): most variants sell too little for a season of their own to be told from chance.
    """
    products = [p for p in await every(store.products, args.products) if args.products is not None or p.status == "active"]
    period = _recent(clock)
    sold = await _weeks(products, args.products is not None, period, clock, store)
    where = args.products.where if args.products is not None else Where()
    variants = [(p, v) for p in products for v in variants_meant(p, where) if v.tracked]
    known = [(p, v) for p, v in variants if v.on_hand <= 0 or _says_something(p, sold.get(v.id, []), clock)]
    outlooks = sorted((_outlook(v, sold.get(v.id, [0])) for _, v in known), key=_rank)
    limit = _limit(args, clock)
    found = [one for one in outlooks if one.days is not None and (limit is None or one.days <= limit)]
    wanted = found if args.show == "runs_out" else [one for one in outlooks[::-1] if one.days != 0]
    chosen = wanted[: args.top] if args.top else wanted
    listed = chosen if limit is not None or args.products is None else outlooks
    data = Stockouts(
        products=Selection[Product](ids=distinct(one.variant.product_id for one in chosen), label="what runs out"),
        variants=Selection[Variant](ids=tuple(one.variant.id for one in chosen), label="what runs out"), count=len(wanted),
        unknown=len(variants) - len(known), table=_table(listed[:SHOWN], clock.today()),
    )  # fmt: skip
    told = _longest(wanted) if args.show == "lasts" and wanted else _sentence(found, outlooks, data.unknown, limit, clock)
    return Answer(told, data=data, evidence=_told(args, len(variants), period, store))


def _recent(clock: Clock) -> Period:
    """The last eight whole weeks, up to yesterday."""
    midnight = datetime.combine(clock.today(), time(), tzinfo=clock.now().tzinfo)
    return Period(start=midnight - timedelta(days=RECENT), end=midnight, label="the last 8 weeks")


async def _weeks(products: Sequence[Product], narrow: bool, period: Period, clock: Clock, store: Store) -> Mapping[str, list[int]]:
    """Units sold in each of the eight weeks, by variant."""
    filters = Filters(products=[product.id for product in products]) if narrow else Filters()
    result = await store.query(Query(metrics=["units"], dimensions=["variant", "day"], period=period, filters=filters))
    weeks: dict[str, list[int]] = {}
    for row in result.rows:
        if (variant := row.ids.get("variant")) is not None:
            ago = (clock.today() - date.fromisoformat(row.keys["day"])).days - 1
            weeks.setdefault(variant, [0] * (RECENT // WEEK))[ago // WEEK] += int(str(row.values["units"]))
    return weeks


def _says_something(product: Product, weeks: Sequence[int], clock: Clock) -> bool:
    return sum(weeks) >= LEAST_UNITS and (clock.now() - product.created_at).days >= LEAST_DAYS


def _outlook(variant: Variant, weeks: Sequence[int]) -> _Outlook:
    pace = fmean(weeks) / WEEK
    if variant.on_hand <= 0:
        return _Outlook(variant=variant, pace=pace, days=0, soonest=0, latest=0)
    # Never steadier than independent sales, whose variance is their mean.
    spread = LIKELY * max(pvariance(weeks) / WEEK, pace) ** 0.5
    expected, soonest, latest = (day_reached(pace, way * spread, variant.on_hand, most=FARTHEST_DAYS) for way in (0, 1, -1))
    return _Outlook(variant=variant, pace=pace, days=expected, soonest=soonest, latest=latest)


def _rank(one: _Outlook) -> tuple[bool, float, str]:
    """The soonest first; what is out already comes last, since it is no news."""
    left = one.variant.on_hand / one.pace if one.pace else float("inf")
    return (one.days == 0, left, one.variant.label.casefold())


def _limit(args: ForecastStockout, clock: Clock) -> int | None:
    """Days from today within which it must run out."""
    ends = args.until or (args.period.end if args.period is not None else None)
    if ends is not None:
        return max(0, ((ends - timedelta(microseconds=1)).astimezone(clock.now().tzinfo).date() - clock.today()).days)
    return args.days


def _day(days: int | None, today: date) -> date | None:
    return None if days is None else today + timedelta(days=days)


def _table(outlooks: Sequence[_Outlook], today: date) -> Table:
    columns = ["Product", "SKU", "In stock", "Sold a week", "Days left", "Runs out", "Soonest", "Latest"]
    rows = [_row(one, today) for one in outlooks]
    return Table(columns=columns, rows=rows, numeric=[False, False, True, True, True, False, False, False])


def _row(one: _Outlook, today: date) -> list[object]:
    dates = [_day(days, today) for days in (one.days, one.soonest, one.latest)]
    return [one.variant.label, one.variant.sku, one.variant.on_hand, _a_week(one), one.days, *dates]


def _sentence(found: Sequence[_Outlook], outlooks: Sequence[_Outlook], unknown: int, limit: int | None, clock: Clock) -> Sentence:
    today = clock.today()
    if not outlooks and not unknown:
        return say("There are no products here whose stock could be looked at.")
    if len(outlooks) == 1 and unknown == 0:
        return _of_one(outlooks[0], today, limit)
    out = sum(one.days == 0 for one in found)
    facts: dict[str, Any] = {"out": out, "unknown": unknown, "limit": _day(limit, today)}
    rest = "; {unknown} sold too little or are too new to say." if unknown else "."
    within = " by {limit}" if limit is not None else " within a year"
    if len(found) == out:
        nothing = "Nothing in stock runs out" + within
        return count(nothing + "; {n} variant is out now" + rest, nothing + "; {n} variants are out now" + rest, out, **facts)
    first = found[0]
    facts |= {"name": first.variant.label, "day": _day(first.days, today), "soonest": _day(first.soonest, today), "latest": _day(first.latest, today)}
    between = ", between {soonest} and {latest}" if first.latest is not None else ", {soonest} at the soonest"
    told = within + ", {name} first, about {day}" + between + "; {out} are out now" + rest
    return count("{n} variant runs out" + told, "{n} variants run out" + told, len(found) - out, **facts)


def _longest(lasting: Sequence[_Outlook]) -> Sentence:
    first = lasting[0]
    facts = {"name": first.variant.label, "units": first.variant.on_hand, "days": first.days, "week": _a_week(first)}
    told = "{name} lasts longest, more than a year" if first.days is None else "{name} lasts longest, {days} days"
    return count(told + ": {n} unit, {week} sold a week.", told + ": {n} units, {week} sold a week.", first.variant.on_hand, **facts)


def _a_week(one: _Outlook) -> Decimal:
    return Decimal(one.pace * WEEK).quantize(Decimal("0.1"))


def _of_one(one: _Outlook, today: date, limit: int | None) -> Sentence:
    facts: dict[str, Any] = {"name": one.variant.label, "units": one.variant.on_hand, "week": _a_week(one), "day": _day(one.days, today)}
    facts |= {"soonest": _day(one.soonest, today), "latest": _day(one.latest, today), "limit": _day(limit, today)}
    if one.days == 0:
        return say("{name} is out of stock now.", **facts)
    if one.days is None:
        return say("{name} lasts for more than a year: {units} units, {week} sold a week.", **facts)
    between = ", likely between {soonest} and {latest}" if one.latest is not None else ", {soonest} at the soonest"
    verdict = ""
    if limit is not None:
        verdict = " It should last until {limit}." if one.days > limit else " It should not last until {limit}."
    return say("{name} runs out about {day}" + between + ": {units} units, {week} sold a week." + verdict, **facts)


def _told(args: ForecastStockout, variants: int, period: Period, store: Store) -> Evidence:
    definition = (
        "Runs out: the day by which sales at the mean pace of the last eight weeks take what is on hand. Soonest and latest: the same for a quick "
        "and a slow run, such as eight of ten stay within, by how much those weeks differed. Weeks without stock make the pace too slow; "
        f"deliveries, seasons and promotions to come are not known. Fewer than {LEAST_UNITS} units sold, or added less than {LEAST_DAYS} days ago: "
        "too little to say."
    )
    return evidence(store, args, metric="stock", definition=definition, rows=variants, period=period)
