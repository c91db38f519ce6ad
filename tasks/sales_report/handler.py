import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from agent.sdk import (
    PAST_CHANGES,
    WEEKDAYS,
    Answer,
    Args,
    BaseModel,
    Clock,
    Cues,
    Customer,
    CustomerKind,
    Dimension,
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
    Row,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    Weekday,
    countries_and_cities,
    last_days,
    only_for,
    places_called,
    say,
    task,
    variants_chosen,
)
from agent.sdk.beginnings import since_the_first, with_beginning
from agent.sdk.codes import uses_in
from agent.sdk.comparing import with_itself
from agent.sdk.not_kept import CAMPAIGNS, CARRIERS_CHARGE, PAYOUTS, PERSONAL, TIME_TO_SEND, WHAT_IF
from tasks.sales_report.sentences import ROUNDS, TIMES, TITLES, Figure, key_of, moved_by, sentence_of

SHOWN = 50
MOST_SHOWN = 1000
"""Rows of a report over time and something else, such as products by month."""
USUAL_DAYS = 30
EVER = 2000
"""The year from which all time is taken to go, wherever a shop begins."""
THINGS = ("product", "product_type", "vendor")
NARROWING = ("products", "customer_kinds", "customers", "channels", "countries", "cities", "discount_codes", "weekdays")
_WITH: Mapping[str, Mapping[str, None]] = {"products": {"variants": None}, "countries": {"cities": None}}
"""What else a filter of those stands for."""
PARTED = (
    "gross_sales", "discounts", "returns", "net_sales", "tax", "shipping", "total_sales", "orders", "units", "refunds", "refunded",
    "units_returned",
)  # fmt: skip
"""Metrics of which a part is a share of the whole: no averages, and no heads that count in several groups."""
SELLING = ("gross_sales", "net_sales", "total_sales", "orders", "units", "customers")
"""Metrics by which what sold nothing at all is among the worst. (It is not what was discounted or sent back least.)"""

_NAMED = re.compile(r"\s*(?:,|\band\b|&)\s*", re.I)
"""Between goods that were named one by one: "mugs and bowls"."""
Cell = Figure | str | None
Asked = Literal[
    "revenue", "gross_sales", "discounts", "returns", "net_sales", "tax", "shipping", "total_sales",
    "orders", "units", "average_order_value", "refunds", "customers", "units_returned", "return_rate", "refunded",
]  # fmt: skip


_WENT = ("went", "went out", "have gone", "gone out", "go out", "left the shop", "were bought", "were ordered", "were shipped", "shipped")
_HOW_MANY = [
    *(f"how many … {sold}" for sold in ("did we sell", "have we sold", "were sold", "sold", "did we shift", "was sold", "do we sell", *_WENT)),
    *(f"{number} … sold" for number in ("number of", "the number of", "count of")),
]
_COSTS = [
    f"{how} @ {cost}"
    for how in ("how much did", "how much has", "how much have", "what did", "what has", "how much is", "what is")
    for cost in ("cost", "costing", "give away", "given away", "knock off", "knocked off", "take off", "taken off", "set us back")
]
"""What a code cost is what it took off."""
_AVERAGES = [
    "avg basket", "avg order", "avg order value", "avg cart", "average cart", "basket value", "cart value", "average value",
    "average amount", "average total", "average order value", "AOV", "average basket", "average order", "basket size",
]  # fmt: skip
_SENT_BACK = [
    "units returned", "returned units", "units were returned", "items were returned", "pieces were returned", "items came back",
    "units came back", "units sent back", "how many units … were returned", "how many units … came back", "how many items … were returned",
    "how many pieces … were returned", "were returned", "was returned", "came back", "sent back", "items returned",
]  # fmt: skip
_GIVEN_BACK = [
    *(f"{how} refunded" for how in ("amount", "total", "sum", "value")),
    *(f"{what} refunds" for what in ("total", "value of", "worth of", "amount of", "sum of")),
    *(f"refund {what}" for what in ("amount", "amounts", "total", "totals", "value", "sum")),
    "refunded amount", "refunded amounts", "refunded money", "refunds total", "refunds worth", "refunds in total",
]  # fmt: skip
"""The money rather than the number of refunds. (A report of refunds tells both.)"""
_DISCOUNTS = [
    "discounts", *_COSTS, "how much discount", "discount did we give", "discounts given", "discounted amount", "given away in discounts",
]  # fmt: skip
_WEEKDAY = ["weekday", "weekdays", "day of the week", "day of week", "days of the week", "days of week", "week day", "week days"]
_DAYS = (("(?:best|strongest|busiest|top)", "best"), ("(?:worst|weakest|slowest|quietest)", "worst"))
_PEOPLE = ("customers", "customer", "buyers", "buyer", "shoppers", "clients")
_OLD = ("returning", "repeat", "existing")
_NEW_AND_OLD = [
    " ".join(filter(None, (first, noun, joint, second, last)))
    for pairs in [*((new, old) for new in ("new", "first-time") for old in _OLD)]
    for first, second in (pairs, pairs[::-1])
    for joint in ("vs", "vs.", "versus", "and", "or", "against", "compared to", "compared with")
    for noun, last in (("", ""), ("", "customers"), ("", "buyers"), ("", "ones"), *(("customers", last) for last in ("", "customers", "ones")))
]
""" "New vs returning customers": both are asked for, beside each other."""
_RATED = ("product type", "type", "category", "country", "channel", "month", "week", "quarter", "year", "size")
_RETURN_RATES = [f"return rate {by} {what}" for by in ("by", "per") for what in _RATED]
"""Of products one by one `product_performance` tells."""


_CODES = ("discount codes", "codes", "coupons", "vouchers", "promo codes")
_WITH_A_CODE = [
    f"{how} a {what}" for how in ("used", "use", "using", "with") for what in ("discount code", "code", "coupon", "voucher", "promo code")
]


class SalesReport(Args):
    synonyms = tuple((rf"\b{how}(?:[- ]selling)?\s+day\s+of\s+the\s+week\b", f"{meant} weekday") for how, meant in _DAYS)
    cannot = (
        PAST_CHANGES,
        PERSONAL,
        TIME_TO_SEND,
        WHAT_IF,
        PAYOUTS,
        CARRIERS_CHARGE,
        CAMPAIGNS,
        (
            r"\b(?:paid|pay|pays|paying|payments?|checked\s+out)\s+(?:by|with|via|using|through|in)\s+(?:an?\s+|their\s+)?"
            r"(?:(?:credit|debit)\s*cards?|cards?\b|paypal|klarna|apple\s*pay|google\s*pay|cash|invoice|bank|sepa|crypto|stripe|visa|mastercard)",
            say("The shop's data tells whether an order was paid, and not how: by card, PayPal or otherwise."),
        ),
        (
            r"^(?!\W*(?:(?:please|can|could|you|and|also)\s+)*(?:start|launch|run|set\s+up|pause|stop|boost|book|place)\b).{0,120}?"
            r"\b(?:conversion\s+rates?|bounce\s+rates?|page\s*views|(?:web(?:site)?|site)\s+traffic|click[\s-]?through|impressions|ads?\s+spend|roas|(?:google|facebook|meta|instagram|tiktok)\s+ads?\b(?!\s+for)|spend\s+on\s+ads?"
            r"|how\s+many\s+(?:visitors|visits|sessions|clicks)|visited\s+(?:the|our|my)\s+(?:site|shop|store|website)"
            r"|(?:which|what)\s+pages?\b(?=.{0,60}\b(?:leave|visit\w*|land|view\w*|click\w*|look\w*|drop|exit|abandon)\b)"
            r"|(?:profit|revenue|sales|orders|turnover)\s+(?:per|by|from)\s+(?:\w+\s+){0,2}campaigns?)\b",
            say("The shop's data holds orders, products and customers, but no visits, clicks or campaigns, so there is nothing to count this from."),
        ),
        (
            r"\b(?:followers?|likes\s+on|open\s+rates?|google\s+rank\w*|search\s+ranking|competitors?|market\s+share)\b",
            say(
                "The shop's data holds its own orders, products and customers, and nothing of social media, e-mail openings, rankings or other shops."
            ),
        ),
        (
            r"\b(?:payroll|salar(?:y|ies)|wages|payslips?|book\s*keeping|tax\s+returns?|vat\s+returns?)\b|^\W*(?:(?:please|can|could|you|and|also)\s+)*(?:pay|settle|transfer|wire)\s+"
            r"(?:(?:the|our|my|this|that|all)\s+)*(?:\w+\s+)?(?:bills?|rent|suppliers?|insurance|loan|wages|fees?|money)\b",
            say(
                "Storehand pays nothing and keeps no books. What the shop took, gave back and charged in tax it reports: "
                "“tax report for last quarter”."
            ),
        ),
    )
    decisive = (
        *(f"how many … {went}" for went in ("have gone out", "has gone out", "left the shop", "were ordered", "were bought", "gone out since")),
        "how is business", "how's business", "hows business", "how was business", "how did business go", "business going", "business doing",
        "any returns", "any refunds", "our return rate", "overall return rate", *_RETURN_RATES, "tax report", "vat report",
        "refund report", "refunds report", "returns report",
        "daily orders", "orders per day", "orders by day", "average order value", "aov", "what they bought", "what did they buy",
        "what else did they buy", "what else they bought", "what have they bought", "what they ordered", "what did they order",
        "what share of", "percentage of orders", "percentage of sales", "percentage of revenue", "share of orders", "share of sales",
        "share of revenue", "where do … orders come from", "where do … orders go",
    )  # fmt: skip
    unlike = (
        r"\bprofits?\b(?! (?:per|by|from) )",
        r"\bmargins?\b",
        r"\b(?:top|best|biggest) (?:\d+ )?(?:\w+ )?customers\b",
    )
    like = (
        r"\b(?:which|what) (?:cit(?:y|ies)|countr(?:y|ies)|region|channel|weekday|hour|month|quarter|year|day of the week)\b.*\border",
        r"\bwhere do (?:most|the most|our|most of our) .*\borders? (?:come|go)",
        "revenue from", "sales from", "orders from", "revenue by", "sales by", "new vs", "new versus", "new and returning", "new or returning",
        "customers by country", "customers by month", "customers per country", "customers per month", "time of day", "what time", "hour",
        "had the most orders", "has the most orders", "have the most orders", "the fewest orders", "orders by country", "orders by month",
        "day of the week", "weekday", "average order value",
    )  # fmt: skip

    metrics: Annotated[
        list[Asked],
        Says(
            revenue=[
                "revenue",
                "sales",
                "turnover",
                "earned",
                "make",
                "made",
                "takings",
                "how much did we sell",
                "spent",
                "spend",
                "how much money",
                "money in",
            ],
            gross_sales=["gross sales", "gross revenue", "gross"],
            discounts=_DISCOUNTS,
            returns=["returns", "returned value", "value of returns"],
            net_sales=["net sales", "net revenue"],
            tax=["tax", "vat", "sales tax"],
            shipping=["shipping", "postage", "shipping income", "shipping charges"],
            total_sales=["total sales", "total revenue", "sales including tax"],
            orders=["orders", "order count", "how many orders", "number of orders", "count of orders"],
            units=["units", "pieces", "how many were sold", "quantity", "items sold", "how many did we sell", *_HOW_MANY],
            average_order_value=_AVERAGES,
            refunds=[
                "refunds",
                "refunded",
                "refunded orders",
                "refund report",
                "refunds report",
                "how many refunds",
                "number of refunds",
                "gave back",
                "give back",
                "given back",
                "paid back",
                "pay back",
                "paid out in refunds",
                "we refund",
                "I refund",
                "you refund",
                "we reimburse",
                "we reimbursed",
                "reimbursed",
                "refunding",
                "refund to",
                "money back",
                *(
                    f"money {said}"
                    for said in (
                        "did we give back",
                        "we gave back",
                        "have we given back",
                        "did we pay back",
                        "we paid back",
                        "have we paid back",
                        "did we refund",
                        "we refunded",
                        "have we refunded",
                        "did we return",
                        "went back",
                    )
                ),
            ],  # fmt: skip
            refunded=_GIVEN_BACK,
            customers=["customers", "buyers", "how many customers", "how many buyers", "how many people", "number of customers"],
            units_returned=_SENT_BACK,
            return_rate=[
                "refund rate",
                "return rate",
                "return rates",
                "returns rate",
                "rate of returns",
                "returned share",
                "percentage of returns",
                "returns in percent",
            ],
        ),
    ] = Field(
        default_factory=list,
        description="What to measure; revenue, orders and units when left out. Revenue is net sales unless the shop says otherwise.",
    )
    by: Annotated[
        list[Dimension],
        Says(
            product=[
                "what they bought",
                "what else did they buy",
                "what else they bought",
                "what did they buy",
                "what have they bought",
                "what they ordered",
                "what did they order",
                "product",
                "products",
                "item",
                "items",
                "best sellers",
                "bestsellers",
                "best-selling products",
            ],
            variant=["variant", "variants", "size", "colour", "color", "sku"],
            product_type=["product type", "type", "types", "category", "categories"],
            collection=["collection", "collections"],
            tag=["tag", "tags", "product tag", "product tags"],
            discount_code=[*_WITH_A_CODE, *_CODES, "discount code", "coupon code", "coupon codes", "promo code", "coupon", "voucher", "code"],
            customer_kind=[*_NEW_AND_OLD, "kind of customer", "type of customer", "customer type", "customer kind"],
            hour=[
                "hour",
                "hours",
                "hourly",
                "hour of the day",
                "hour of day",
                "hours of the day",
                "time of day",
                "time of the day",
                "times of day",
                "o'clock",
            ],
            weekday=_WEEKDAY,
            half_year=["half year", "half-year", "half years", "half-yearly", "half yearly"],
            vendor=["vendor", "vendors", "brand", "brands", "maker", "supplier"],
            channel=["channel", "channels", "sales channel"],
            country=["country", "countries", "where do … orders come from", "where do … orders go"],
            region=["region", "regions", "state", "states", "province"],
            city=["city", "cities", "town"],
            day=["day", "daily", "per day"],
            week=["week", "weekly", "per week", "week over week", "week on week", "wow"],
            month=["month", "monthly", "per month", "month over month", "month on month", "mom"],
            quarter=["quarter", "quarterly"],
            year=["year", "yearly", "annually", "year over year", "year on year", "yoy"],
        ),
    ] = Field(default_factory=list, max_length=3, description="What to break the figures down by.")
    period: Annotated[Period | None, Cues("in", "during", "for", "since", "from")] = Field(
        None, description="The time asked about; the last 30 days when left out, of chosen customers all time."
    )
    compare: Annotated[Period | None, Cues("vs", "versus", "compared with", "compared to", "than", "against", "over")] = Field(
        None, description="The time to compare with."
    )
    top: Annotated[int | None, Cues("top", "best", "worst", "bottom", "first")] = Field(None, ge=1, le=1000, description="Only so many rows.")
    order: Annotated[
        Literal["best", "worst"] | None,
        Says(
            best=["best", "top", "most", "highest", "best-selling", "bestsellers", "strongest", "largest", "busiest"],
            worst=["worst", "least", "lowest", "slowest", "bottom", "weakest", "poorest", "worst-selling", "quietest", "fewest"],
        ),
    ] = Field(None, description="The largest or the smallest first.")
    products: Selection[Product] | None = Field(None, description="Only sales of these products.")
    customers: Selection[Customer] | None = Field(None, description="Only sales to these customers.")
    places: Annotated[list[str], Cues("in", "from", "to")] = Field(default_factory=list, description="Only orders to these countries or cities.")
    codes: Annotated[
        list[str],
        Cues(
            "code", "codes", "coupon", "voucher", "promo code", "discount code", "used", "using", "with the code", "with code", "redeemed", "through",
        ),
    ] = Field(default_factory=list, description="Only orders placed with one of these discount codes.")  # fmt: skip
    customer_kind: Annotated[
        CustomerKind | None,
        Says(
            new=[f"{kind} {people}" for kind in ("new", "first-time") for people in (*_PEOPLE, "ones")],
            returning=[f"{kind} {people}" for kind in _OLD for people in (*_PEOPLE, "ones")],
        ),
    ] = Field(None, description="Only first orders of new customers, or only the later ones of those who came back.")  # fmt: skip
    weekdays: Annotated[
        list[Weekday],
        Says(
            **{day: [f"{day}s", f"every {day}", f"each {day}", f"on a {day}"] for day in WEEKDAYS[:5]},
            saturday=["saturdays", "every saturday", "each saturday", "on a saturday", "weekends", "on the weekend", "at the weekend"],
            sunday=["sundays", "every sunday", "each sunday", "on a sunday", "weekends", "on the weekend", "at the weekend"],
        ),
    ] = Field(default_factory=list, description="Only these days of the week.")  # fmt: skip
    channels: Annotated[list[str], Cues("on", "via", "through", "channel")] = Field(default_factory=list, description="Only these sales channels.")
    with_code: Annotated[
        bool,
        Says(
            true=[
                f"{came} {codes}"
                for came in ("came from", "come from", "comes from", "came through", "made with", "made through", "via", "thanks to", "generated by")
                for codes in (*_CODES, "discounts", "a discount code", "a code", "a voucher", "a coupon")
            ]
        ),
    ] = Field(False, description="Only orders that were placed with some discount code.")  # fmt: skip
    share: Annotated[
        bool,
        Says(
            true=[
                "share", "percentage of", "what percentage", "what percent", "percent of", "% of", "proportion", "what part of", "what fraction",
                "how much of our",
            ]
        ),
    ] = Field(False, description="Also which part of all there was it is: of what it is without being narrowed, or of all rows.")  # fmt: skip


class Sales(BaseModel):
    products: Selection[Product]
    """The products the report is about: its rows when it is by product, else those it was asked about."""
    table: Table
    metric: str
    total: Money | int | Decimal | None
    """None for a return rate where nothing was sold."""
    compared: Money | int | Decimal | None = None
    share: Decimal | None = None
    """Percent of all there was, where that was asked for."""


@task(
    examples=[
        "what did we sell last week", "top 5 products by revenue last month", "revenue by country this year vs last year",
        "how many orders did we get yesterday", "average order value by channel", "worst selling products in October",
        "how much did the blue mug make since June", "monthly sales in Germany", "generate a sales order report for last month",
        "create a refund report for Q1", "make a tax report for this year",
    ]
)  # fmt: skip
async def sales_report(args: SalesReport, store: Store, clock: Clock) -> Answer[Sales] | Missing:
    """Report revenue, orders, units and other sales figures, for any period and broken down by anything."""
    if (same := with_itself(args.period, args.compare)) is not None:
        return same
    by = args.by or (["product"] if args.top or args.order else _several(args))
    metrics = _metrics(args, by, store)
    period = args.period or (last_days(clock, USUAL_DAYS) if args.customers is None else _all_time(clock))
    if set(by) & set(TIMES) and (_ranked(args) or period.start.year == EVER):
        period = await since_the_first(period, store)
    countries, cities = countries_and_cities(args.places)
    filters = Filters(
        products=args.products.ids if args.products is not None else None, variants=await variants_chosen(store, args.products),
        customers=args.customers.ids if args.customers is not None else None,
        channels=args.channels or None, countries=countries, cities=cities, discount_codes=await _codes(args, period, store),
        customer_kinds=[args.customer_kind] if args.customer_kind else None, weekdays=args.weekdays or None,
    )  # fmt: skip
    unsold = args.order == "worst" and bool(by) and set(by) <= set(THINGS) and metrics[0] in SELLING
    query = Query(
        metrics=metrics, dimensions=by, period=period, compare=args.compare, filters=filters, limit=_rows(args, by),
        ascending=args.order == "worst", unsold=unsold,
    )  # fmt: skip
    result = await store.query(query)
    if not _ranked(args):
        result = replace(result, rows=_in_time(result.rows, by))
    total = result.total.values[metrics[0]]
    whole = await _whole(query, store) if args.share and metrics[0] in PARTED else None
    data = Sales(
        products=_products(args, result, by), table=_table(query, result, share=args.share and metrics[0] in PARTED), metric=metrics[0], total=total,
        compared=(result.total.compared or {}).get(metrics[0]), share=_part(total, whole),
    )  # fmt: skip
    nothing = await _sold_nothing(query, store) if unsold and by == ["product"] and args.compare is None else 0
    leads = result.rows[0].values.get(metrics[0]) if args.share and by and result.rows and metrics[0] in PARTED else None
    sentence = sentence_of(query, result, nothing, _part(leads, total)) if whole is None else _of_the_whole(query, result, whole)
    if query.compare is not None and data.compared:
        sentence = await with_beginning(sentence, query.compare, store)
    codes = "orders with a discount code" if args.with_code and not args.codes else args.codes
    kind = f"{args.customer_kind} customers" if args.customer_kind else None
    days = [day.capitalize() for day in args.weekdays]
    if _is_nothing(total) and not await store.count_orders(OrderWhere()):
        sentence = say("There are no orders in this shop yet, so there are no sales to tell of.")
    told = only_for(sentence, args.products, args.customers, kind, places_called(args.places), args.channels, codes, days)
    return Answer(told, data=data, evidence=result.evidence)


async def _codes(args: SalesReport, period: Period, store: Store) -> list[str] | None:
    """The codes that orders are to have; of any code those that were used in the time, also where they are deleted by now."""
    if args.codes or not args.with_code:
        return args.codes or None
    spans = [period, *([args.compare] if args.compare is not None else [])]
    return list(dict.fromkeys([code for span in spans for code in await uses_in(span, store)]) or [""])


def _is_nothing(figure: Figure | None) -> bool:
    return not (figure.amount if isinstance(figure, Money) else figure)


def _several(args: SalesReport) -> list[Dimension]:
    """Several places, channels, codes or goods are asked for beside each other: "average order value in Germany vs France"."""
    countries, cities = countries_and_cities(args.places)
    several: list[tuple[Sequence[str] | None, Dimension]] = [
        (countries, "country"), (cities, "city"), (args.channels, "channel"), (args.codes, "discount_code"), (args.weekdays, "weekday")
    ]  # fmt: skip
    found = [dimension for chosen, dimension in several if chosen is not None and len(chosen) > 1][:1]
    named = _NAMED.split(args.products.label) if args.products is not None else []
    if found or len(named) < 2 or args.products is None:
        return found
    return ["product"] if len(args.products.ids) == len(named) else ["product_type"]


def _all_time(clock: Clock) -> Period:
    return last_days(clock, 1).model_copy(update={"start": datetime(EVER, 1, 1, tzinfo=clock.now().tzinfo), "label": "all time"})


async def _whole(query: Query, store: Store) -> Figure | None:
    """The figure without the first of what it is narrowed to; None where it is narrowed to nothing."""
    name = next((name for name in NARROWING if getattr(query.filters, name)), None)
    if name is None:
        return None
    filters = replace(query.filters, **{name: None, **_WITH.get(name, {})})
    wider = await store.query(replace(query, filters=filters, dimensions=(), compare=None, limit=None, unsold=False))
    return wider.total.values[query.metrics[0]]


def _part(figure: Figure | None, whole: Figure | None) -> Decimal | None:
    """Percent of the whole, to a tenth; None where there is none."""
    if figure is None or whole is None:
        return None
    part, all_of_it = (Decimal(value.amount if isinstance(value, Money) else value) for value in (figure, whole))
    return (part * 100 / all_of_it).quantize(Decimal("0.1")) if all_of_it else None


def _of_the_whole(query: Query, result: QueryResult, whole: Figure) -> Sentence:
    metric = query.metrics[0]
    figure = result.total.values[metric]
    facts: dict[str, Any] = {"figure": figure, "metric": TITLES[metric].lower(), "period": query.period, "whole": whole}
    part = _part(figure, whole)
    if part is None:
        return say("{figure} {metric}, {period}, of {whole}.", **facts)
    return say("{figure} {metric}, {period}: {share} of {whole}.", **facts, share=Percent(part))


def _ranked(args: SalesReport) -> bool:
    return args.order is not None or args.top is not None


def _rows(args: SalesReport, by: Sequence[Dimension]) -> int | None:
    """How many rows to show. A period has so many days and no more; of products by day there may be a hundred thousand."""
    times = set(by) & set(TIMES)
    if args.top or _ranked(args) or not times | (set(by) & set(ROUNDS)):
        return args.top or SHOWN
    return None if set(by) <= {*TIMES, *ROUNDS} else MOST_SHOWN


def _in_time(rows: Sequence[Row], by: Sequence[Dimension]) -> Sequence[Row]:
    """In the order of time, what is largest first within it; as they are where time is not asked for. Times sort as they are written."""
    return sorted(rows, key=lambda row: [row.keys[d] for d in by if d in TIMES])


async def _sold_nothing(query: Query, store: Store) -> int:
    """How many products there are of which nothing was sold."""
    whole = await store.query(replace(query, metrics=["units"], limit=None))
    return sum(row.values["units"] == 0 and "product" in row.ids for row in whole.rows)


def _metrics(args: SalesReport, by: Sequence[Dimension], store: Store) -> list[Metric]:
    """What was asked for, else the usual ones. Of products by country by month one order counts in several rows, and
    its number says nothing there.
    """
    usual: list[Asked] = ["revenue", "orders", "units"] if len(by) < 3 else ["revenue", "units"]
    asked = args.metrics or usual
    asked = [*asked, "units_returned", "units"] if asked == ["return_rate"] else asked  # what it is made of
    asked = [*asked, "refunded"] if asked == ["refunds"] else asked
    named: list[Metric] = [store.shop.revenue if metric == "revenue" else metric for metric in asked]
    return list(dict.fromkeys(named))


def _products(args: SalesReport, result: QueryResult, by: Sequence[Dimension]) -> Selection[Product]:
    if "product" in by:
        ids = dict.fromkeys(row.ids["product"] for row in result.rows if "product" in row.ids)
        return Selection[Product](ids=tuple(ids), label="the products in the report")
    return args.products if args.products is not None else Selection[Product](ids=())


def _table(query: Query, result: QueryResult, *, share: bool) -> Table:
    """One row for each group, and a total where there are several; with a comparison, before and change beside each figure.

    Args:
        share: With each group's part of the total.
    """
    names = list(query.dimensions) + [title for metric in query.metrics for title in _columns(metric, query)]
    columns = [TITLES.get(name, name) for name in names]
    rows: list[list[Cell]] = [[*(key_of(row.keys.get(d), d) for d in query.dimensions), *_figures(row, query)] for row in result.rows[:1000]]
    whole = len(result.rows) == 1 and result.rows[0].values == result.total.values
    if query.dimensions and not whole:
        rows.append(["Total", *[None] * (len(query.dimensions) - 1), *_figures(result.total, query)])
    elif not query.dimensions:
        rows = [_figures(result.total, query)]
    if share and query.dimensions:
        columns.append("Share %")
        groups = [*result.rows[:1000], result.total][: len(rows)]
        rows = [
            [*cells, _part(row.values.get(query.metrics[0]), result.total.values[query.metrics[0]])] for cells, row in zip(rows, groups, strict=True)
        ]
    return Table(columns=columns, rows=rows, numeric=[False] * len(query.dimensions) + [True] * (len(columns) - len(query.dimensions)))


def _columns(metric: Metric, query: Query) -> list[str]:
    title = TITLES[metric]
    return [title] if query.compare is None else [title, f"{title} before", f"{title} change %"]


def _figures(row: Row, query: Query) -> list[Cell]:
    cells: list[Cell] = []
    for metric in query.metrics:
        now = row.values.get(metric)
        cells.append(now)
        if query.compare is not None:
            before = (row.compared or {}).get(metric)
            cells += [before, moved_by(now, before)]
    return cells
