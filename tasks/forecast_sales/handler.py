from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from agent.sdk import (
    METRICS,
    Answer,
    Args,
    BaseModel,
    Clock,
    Cues,
    Evidence,
    Field,
    Filters,
    Metric,
    Money,
    Period,
    Product,
    Query,
    Refusal,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    count,
    countries_and_cities,
    evidence,
    only_for,
    places_called,
    say,
    task,
    variants_chosen,
)
from agent.sdk.forecast import Forecast, TooShort, forecast
from agent.sdk.not_kept import WHAT_IF

USUAL_DAYS = 30
FARTHEST_DAYS = 366
HISTORY_DAYS = 3 * 366
"""Days looked back on: three years hold every season twice."""
WAYS = {
    "weekday": "each coming day is the mean of the same weekday in the last eight weeks",
    "year": "each coming day is the same weekday a year before, times how the last eight weeks compare with those of a year before",
}
TITLES = {
    "net_sales": "Net sales", "gross_sales": "Gross sales", "total_sales": "Total sales", "units": "Units", "orders": "Orders",
}  # fmt: skip


class ForecastSales(Args):
    cannot = (WHAT_IF,)
    decisive = ("give me a forecast", "sales forecast", "revenue forecast", "forecast of sales", "forecast our sales")

    metric: Annotated[
        Literal["revenue", "net_sales", "gross_sales", "total_sales", "orders", "units"],
        Says(
            revenue=["revenue", "sales", "turnover", "make", "earn", "takings", "income"],
            net_sales=["net sales", "net revenue"],
            gross_sales=["gross sales"],
            total_sales=["total sales"],
            orders=["orders", "how many orders", "number of orders"],
            units=["units", "pieces", "how many will sell", "how many will we sell", "how many", "demand"],
        ),
    ] = Field("revenue", description="What to foretell; revenue is net sales unless the shop says otherwise.")
    period: Annotated[Period | None, Cues("in", "for", "during", "over", "next")] = Field(
        None, description="The time to come; the next 30 days when left out."
    )
    until: Annotated[datetime | None, Cues("until", "till", "by")] = Field(None, description="From now until then, where no period is said.")
    days: Annotated[int | None, Cues("days", "days ahead", "the next")] = Field(None, ge=1, le=FARTHEST_DAYS, description="So many days ahead.")
    products: Selection[Product] | None = Field(None, description="Only sales of these products.")
    places: Annotated[list[str], Cues("in", "from", "to")] = Field(default_factory=list, description="Only orders to these countries or cities.")
    channels: Annotated[list[str], Cues("on", "via", "through", "channel")] = Field(default_factory=list, description="Only these sales channels.")


class Expected(BaseModel):
    metric: str
    expected: Money | int
    low: Money | int
    high: Money | int
    """Eight of ten past stretches of this length came within so much of what was expected."""
    error_percent: Decimal
    """Mean error over the past stretches it was checked on."""
    checks: int
    products: Selection[Product]
    table: Table


@task(
    ahead=True,
    examples=[
        "forecast sales for the next 30 days", "how much revenue will we make next month", "predict orders for December",
        "what can we expect to sell next week",
        "how many mugs will we sell until Christmas", "sales forecast for the next quarter", "expected turnover for the rest of the year",
    ]
)  # fmt: skip
async def forecast_sales(args: ForecastSales, store: Store, clock: Clock) -> Answer[Expected] | Refusal:
    """Foretell sales, orders or units of a time to come, with an interval; says so when the shop's history is too short.

    A plain seasonal method, checked on the shop's own past (see `agent.sdk.forecast` for the method and why it is no library).
    """
    today = clock.today()
    first, last = _stretch(args, clock)
    if last < today:
        return Refusal(say("That time is over, so there is nothing to foretell; a sales report tells what was sold."))
    if (last - today).days >= FARTHEST_DAYS:
        return Refusal(say("More than a year ahead is a guess and not a forecast; ask for a time within the next 12 months."))
    metric: Metric = store.shop.revenue if args.metric == "revenue" else args.metric
    history = await _history(metric, args, clock, store)
    found = forecast(history, (last - today).days + 1)
    if isinstance(found, TooShort):
        return Refusal(_too_short(found))
    begun = max(first, today)
    data = _expected(metric, found, today, begun, last, args, store)
    said = only_for(_sentence(data, begun, last), args.products, places_called(args.places), args.channels)
    return Answer(said, data=data, evidence=_told(args, metric, found, len(history), begun, last, clock, store))


def _stretch(args: ForecastSales, clock: Clock) -> tuple[date, date]:
    """The first and the last day asked about."""
    today, zone = clock.today(), clock.now().tzinfo
    if args.period is not None:
        end = args.period.end.astimezone(zone) - timedelta(microseconds=1)
        return args.period.start.astimezone(zone).date(), end.date()
    if args.until is not None:
        return today, (args.until.astimezone(zone) - timedelta(microseconds=1)).date()
    return today, today + timedelta(days=(args.days or USUAL_DAYS) - 1)


async def _history(metric: Metric, args: ForecastSales, clock: Clock, store: Store) -> list[float]:
    """The metric of each whole day from the first sale to yesterday."""
    countries, cities = countries_and_cities(args.places)
    filters = Filters(
        products=args.products.ids if args.products is not None else None, variants=await variants_chosen(store, args.products),
        channels=args.channels or None, countries=countries, cities=cities,
    )  # fmt: skip
    midnight = datetime.combine(clock.today(), time(), tzinfo=clock.now().tzinfo)
    period = Period(start=midnight - timedelta(days=HISTORY_DAYS), end=midnight, label="the days before")
    rows = (await store.query(Query(metrics=[metric], dimensions=["day"], period=period, filters=filters))).rows
    values = {row.keys["day"]: row.values[metric] for row in rows if "day" in row.keys}
    days = [(midnight - timedelta(days=n)).date().isoformat() for n in range(HISTORY_DAYS, 0, -1)]
    series = [_float(values.get(day, 0)) for day in days]
    begins = next((place for place, value in enumerate(series) if value), len(series))
    return series[begins:]


def _float(value: Money | int | Decimal | None) -> float:
    return float(value.amount if isinstance(value, Money) else value or 0)


def _expected(metric: Metric, found: Forecast, today: date, begun: date, last: date, args: ForecastSales, store: Store) -> Expected:
    skipped = (begun - today).days
    asked = sum(found.days[skipped:])
    share = asked / found.total if found.total > 0 else 0.0
    return Expected(
        metric=metric, expected=_figure(metric, asked, store), low=_figure(metric, found.low * share, store),
        high=_figure(metric, found.high * share, store), error_percent=(Decimal(found.error) * 100).quantize(Decimal("0.1")), checks=found.checks,
        products=args.products if args.products is not None else Selection[Product](ids=()),
        table=_table(metric, found.days[skipped:], begun, store),
    )  # fmt: skip


def _figure(metric: Metric, value: float, store: Store) -> Money | int:
    if metric in ("orders", "units"):
        return max(0, round(value))
    return Money(Decimal(max(0.0, value)).quantize(Decimal("0.0001")), store.shop.currency)


def _table(metric: Metric, days: Sequence[float], begun: date, store: Store) -> Table:
    """By day up to two weeks, by week beyond."""
    step = 1 if len(days) <= 14 else 7
    rows = [[begun + timedelta(days=n), _figure(metric, sum(days[n : n + step]), store)] for n in range(0, len(days), step)]
    return Table(columns=["Day" if step == 1 else "Week from", f"{TITLES[metric]} expected"], rows=rows, numeric=[False, True])


def _too_short(found: TooShort) -> Sentence:
    if not found.has:
        return say("There are no such sales yet, so there is nothing to foretell them from.")
    return count(
        "The shop has {n} day of such sales, and a forecast of this length needs {needs} to be checked on its own past; ask for a shorter time.",
        "The shop has {n} days of such sales, and a forecast of this length needs {needs} to be checked on its own past; ask for a shorter time.",
        found.has, needs=found.needs,
    )  # fmt: skip


def _sentence(data: Expected, begun: date, last: date) -> Sentence:
    facts: dict[str, Any] = {
        "expected": data.expected, "metric": TITLES[data.metric].lower(), "low": data.low, "high": data.high, "first": begun, "last": last,
        "error": data.error_percent,
    }  # fmt: skip
    return count(
        "About {expected} {metric} from {first} to {last}, likely {low} to {high}; over {n} past stretch it was off by {error} %.",
        "About {expected} {metric} from {first} to {last}, likely {low} to {high}; over {n} past stretches it was off by {error} % on average.",
        data.checks, **facts,
    )  # fmt: skip


def _told(args: ForecastSales, metric: Metric, found: Forecast, history: int, begun: date, last: date, clock: Clock, store: Store) -> Evidence:
    zone = clock.now().tzinfo
    period = Period(
        start=datetime.combine(begun, time(), tzinfo=zone),
        end=datetime.combine(last + timedelta(days=1), time(), tzinfo=zone),
        label="the time foretold",
    )
    definition = (
        f"{METRICS[metric]} Foretold from {history} days: {WAYS[found.method]}; of the two methods that did better on this shop. "
        f"The interval held eight of ten past stretches ({found.checks} checked). Promotions and new products to come are not known to it."
    )
    return evidence(store, args, metric=metric, definition=definition, rows=history, period=period)
