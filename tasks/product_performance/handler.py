from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from agent.sdk import (
    PAST_CHANGES,
    Answer,
    Args,
    BaseModel,
    Between,
    Clock,
    Cues,
    Evidence,
    Field,
    Filters,
    Metric,
    Missing,
    Money,
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
    Variant,
    Where,
    among,
    count,
    every,
    evidence,
    last_days,
    only_for,
    percent,
    say,
    stretch_before,
    task,
    up_to_now,
    variants_chosen,
    variants_meant,
)
from agent.sdk.comparing import with_itself

SHOWN = 50
USUAL_DAYS = 30
ENOUGH = 5
"""Units sold from which a share of returns says something; below, one return would lead the list."""
METRICS: tuple[Metric, ...] = ("net_sales", "gross_sales", "discounts", "units", "units_returned")

By = Literal["product_type", "vendor"]
TITLES: Mapping[By, str] = {"product_type": "Product type", "vendor": "Vendor"}
Show = Literal["best", "worst", "rising", "falling", "returned", "margin", "thin_margin", "profit", "never_sold"]


_BRINGS = [
    f"{verb} {most}"
    for verb in (
        "brings in",
        "bring in",
        "brings us in",
        "bring us in",
        "brings us",
        "bring us",
        "makes us",
        "make us",
        "makes",
        "make",
    )
    for most in ("the most", "most")
]
"""What brings in the most money; words of the verb name no goods."""


_REFUNDED = ["refunded", "refunded most", "refunded the most", "most refunded", "gets refunded", "get refunded", "most refunds"]


class ProductPerformance(Args):
    cannot = (PAST_CHANGES,)
    like = (r"\bprofits?\b",)
    decisive = (
        "most profit", "highest profit", "least profit", "our profit", "profit last", "profit this", "profit in", "profit by product",
        "didn't sell", "did not sell", "hasn't sold", "haven't sold", "not sell at all", "most profitable products", "least profitable products",
        "sitting unsold", "sit unsold", "been unsold", "lying around unsold", "gone unsold", "not moved in", "haven't moved in", "hasn't moved in",
        "not moved since", "haven't moved since", "hasn't moved since", "not shifted", "gathering dust", "collecting dust",
        "unsold for", "unsold since",
        "sold nothing", "nobody bought", "did nobody buy", "nobody buys", "taking off",
        "losing steam", "shelf warmers", "dead stock", "slow movers", "worst sellers", "slowest sellers", "slow sellers",
        *(f"{what} {brings}" for what in ("what", "which product", "which products", "which item", "which items") for brings in _BRINGS),
        "isn't moving", "aren't moving", "isnt moving", "arent moving", "not moving", "doesn't move", "don't move",
        "selling worse", "selling better", "sells worse", "sells better",
        *(f"{kind} margin{s}" for kind in ("gross", "profit", "average", "our", "overall", "product") for s in ("", "s")),
        *(f"margin{s} {by}" for s in ("", "s") for by in ("by", "per", "of our", "on our")),
        "gets refunded", "get refunded", "refunded most", "most refunded", "refunded the most",
    )  # fmt: skip

    products: Selection[Product] | None = Field(None, description="Which products; all of them when left out.")
    show: Annotated[
        Show | None,
        Says(
            best=["best", "top", *_BRINGS, "strongest", "winners", "star", "stars", "best performing", "do well", "doing well"],
            worst=[
                "worst",
                "weakest",
                "poorest",
                "underperforming",
                "losers",
                "worst performing",
                "flops",
                "slowest",
                "slow movers",
                "do badly",
                "worst sellers",
                "slow sellers",
                "slowest sellers",
            ],
            rising=["rising", "trending", "growing", "taking off", "gaining", "up-and-coming", "picking up", "increasing", "grew"],
            falling=[
                "falling",
                "worse than before",
                "less than before",
                "selling worse",
                "selling less",
                "slowing",
                "slower than before",
                "declining",
                "dropping",
                "losing",
                "fading",
                "going down",
                "shrinking",
                "slipping",
                "sinking",
                "tanking",
                "losing steam",
                "losing ground",
                "cooling off",
            ],
            returned=[
                "return rate",
                "returned most",
                "most returned",
                "returns",
                "sent back",
                "come back",
                "comes back",
                "returned",
                "refund rate",
                *_REFUNDED,
            ],
            margin=[
                "margin",
                "margins",
                "most profitable",
                "profitable",
                "make the most on",
                "earn the most on",
                "best margin",
                "gross margin",
                "profit margin",
                "highest margin",
            ],
            profit=[
                *(f"{brings} profit" for brings in _BRINGS),
                "profit",
                "profits",
                "most profit",
                "earn most",
                "earn the most",
                "earned most",
                "earned the most",
                "earned us most",
            ],
            thin_margin=[
                "thin margin",
                "lowest margin",
                "least profitable",
                "earn the least",
                "earn least",
                "make the least on",
                "least profit",
                "worst margin",
                "low margin",
                "thinnest margin",
                "lose us money",
                "lose money",
                "losing money",
                "losing us money",
                "make a loss",
                "making a loss",
                "smallest margin",
            ],
            never_sold=[
                "never sold",
                "not sold",
                "unsold",
                "not moved",
                "haven't moved",
                "hasn't moved",
                "gathering dust",
                "collecting dust",
                "not sell",
                "didn't sell",
                "haven't sold",
                "hasn't sold",
                "sold nothing",
                "no sales",
                "without sales",
                "without a sale",
                "dead stock",
                "nobody buys",
                "nobody bought",
                "did nobody buy",
                "shelf warmers",
                "not selling",
                "don't sell",
                "doesn't sell",
                "collecting dust",
                "gathering dust",
            ],
        ),
    ] = Field(
        None,
        description="The best, worst, rising or falling ones, those returned most, with the best or thinnest margin or most profit, what never sold.",
    )
    margin: Annotated[Between[Decimal] | None, Cues("margin", "margins")] = Field(None, description="Only products whose margin is so many percent.")
    period: Annotated[Period | None, Cues("in", "since", "during", "over", "for", "from")] = Field(
        None, description="The time looked at; the last 30 days when left out, for what never sold all time."
    )
    compare: Annotated[Period | None, Cues("vs", "versus", "compared with", "compared to", "than", "against")] = Field(
        None, description="The time compared with; the stretch just before when left out."
    )
    by: Annotated[
        By | None,
        Says(
            product_type=["product type", "product types", "type", "types", "category", "categories", "product category", "product categories"],
            vendor=["vendor", "vendors", "brand", "brands", "supplier", "suppliers", "maker", "makers"],
        ),
    ] = Field(None, description="What to put together instead of listing single products: their types or vendors.")
    top: Annotated[int | None, Cues("top", "best", "worst", "bottom", "first")] = Field(None, ge=1, le=1000, description="How many to list at most.")


class Performance(BaseModel):
    products: Selection[Product]
    count: int
    show: str
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One product with its figures."""

    id: str
    title: str
    sales: Money
    before: Money
    units: int
    returned: int
    margin: Decimal | None
    """Percent of what its goods were sold for, where their cost is known."""
    profit: Money | None
    taken: Money | None
    """What the goods that have a cost were sold for, of which the margin is a share."""
    on_hand: int
    active: bool

    @property
    def change(self) -> Money:
        return self.sales - self.before

    @property
    def return_rate(self) -> Decimal | None:
        return percent(self.returned, self.units)


@task(
    examples=[
        "which products are rising", "what is losing sales compared with last month", "which products have the highest return rate",
        "margin by product", "our least profitable products", "what has never sold", "how does the blue mug perform", "dead stock this year",
        "which products do badly", "best performing products by profit",
    ]
)  # fmt: skip
async def product_performance(args: ProductPerformance, store: Store, clock: Clock) -> Answer[Performance] | Missing:
    """Rank products by how they do: rising, falling, return rate, margin, best, worst, never sold."""
    show: Show = args.show or "best"
    if (same := with_itself(args.period, args.compare)) is not None:
        return same
    period = _period(args, show, clock)
    before = args.compare or stretch_before(period, clock)
    products = await every(store.products, args.products)
    single = await _lines(products, args, period, before, store)
    lines = single if args.by is None else _together(single, {p.id: _group(p, args.by) for p in products})
    fitting = sorted((line for line in lines if _fits(line, show) and _has_margin(line, args)), key=lambda line: _rank(line, show))
    chosen = fitting[: args.top] if args.top else fitting
    data = Performance(
        products=Selection[Product](ids=tuple(id for line in chosen for id in line.id.split()), label=_LABELS[show]), count=len(fitting), show=show,
        table=_table(chosen[:SHOWN], args.by),
    )  # fmt: skip
    told = _by_group(show, args.by, fitting, lines, period) if args.by and fitting else _sentence(show, fitting, period, before)
    told = _with_overall(told, show, lines) if fitting and args.by is None else told
    said = only_for(told, args.products)
    return Answer(said, data=data, evidence=_told(args, show, period, before, lines, store))


def _period(args: ProductPerformance, show: Show, clock: Clock) -> Period:
    if args.period is not None:
        return up_to_now(args.period, clock)
    if show == "never_sold":
        return Period(start=datetime(2000, 1, 1, tzinfo=clock.now().tzinfo), end=last_days(clock, 1).end, label="ever")
    return last_days(clock, USUAL_DAYS)


async def _lines(products: Sequence[Product], args: ProductPerformance, period: Period, before: Period, store: Store) -> list[_Line]:
    named = [product.id for product in products] if args.products is not None else None
    filters = Filters(products=named, variants=await variants_chosen(store, args.products))
    query = Query(metrics=METRICS, dimensions=["product"], period=period, compare=before, filters=filters)
    sold = {row.ids["product"]: row for row in (await store.query(query)).rows if "product" in row.ids}
    costs = {variant.id: variant.cost for product in products for variant in product.variants if variant.cost is not None}
    by_variant = Query(metrics=["gross_sales", "discounts", "units"], dimensions=["variant"], period=period, filters=filters)
    margins = _margins(await store.query(by_variant), costs, {v.id: p.id for p in products for v in p.variants})
    where = args.products.where if args.products is not None else Where()
    return [
        _line(product, variants_meant(product, where), sold.get(product.id), margins.get(product.id), store)
        for product in products if product.status != "draft"
    ]  # fmt: skip


def _margins(sold: QueryResult, costs: Mapping[str, Money], owners: Mapping[str, str]) -> dict[str, tuple[Decimal | None, Decimal, Decimal]]:
    """By product: what is left of what its variants were sold for, in percent and in money, and what that was; of those whose cost is known."""
    earned: dict[str, Decimal] = {}
    paid: dict[str, Decimal] = {}
    for row in sold.rows:
        variant = row.ids.get("variant", "")
        if variant not in costs or variant not in owners:
            continue
        taken = _amount(row.values["gross_sales"]) - _amount(row.values["discounts"])
        earned[owners[variant]] = earned.get(owners[variant], Decimal(0)) + taken
        paid[owners[variant]] = paid.get(owners[variant], Decimal(0)) + costs[variant].amount * _amount(row.values["units"])
    left = {product: taken - paid[product] for product, taken in earned.items()}
    return {product: (percent(left[product], taken), left[product], taken) for product, taken in earned.items()}


def _line(
    product: Product, variants: Sequence[Variant], row: Row | None, left: tuple[Decimal | None, Decimal, Decimal] | None, store: Store
) -> _Line:
    nothing = Money.of(0, store.shop.currency)
    values: Mapping[Any, Any] = row.values if row is not None else {}
    compared: Mapping[Any, Any] = (row.compared or {}) if row is not None else {}
    return _Line(
        id=product.id, title=product.title, sales=values.get("net_sales", nothing), before=compared.get("net_sales", nothing),
        units=values.get("units", 0), returned=values.get("units_returned", 0), margin=left[0] if left else None,
        profit=Money.of(left[1], store.shop.currency) if left else None, taken=Money.of(left[2], store.shop.currency) if left else None,
        active=product.status == "active",
        on_hand=sum(variant.on_hand for variant in variants if variant.tracked),
    )  # fmt: skip


def _group(product: Product, by: By) -> str:
    return (product.product_type if by == "product_type" else product.vendor) or f"no {TITLES[by].lower()}"


def _together(lines: Sequence[_Line], groups: Mapping[str, str]) -> list[_Line]:
    """One line for each group; its id has those of its products."""
    of: dict[str, list[_Line]] = {}
    for line in lines:
        of.setdefault(groups[line.id], []).append(line)
    return [_sum(title, mine) for title, mine in of.items()]


def _sum(title: str, lines: Sequence[_Line]) -> _Line:
    zero = Money(Decimal(0), lines[0].sales.currency)
    known = [(line.profit, line.taken) for line in lines if line.profit is not None and line.taken is not None]
    profit, taken = sum((p for p, _ in known), zero), sum((t for _, t in known), zero)
    return replace(
        lines[0], id=" ".join(line.id for line in lines), title=title, sales=sum((line.sales for line in lines), zero),
        before=sum((line.before for line in lines), zero), units=sum(line.units for line in lines), returned=sum(line.returned for line in lines),
        margin=percent(profit.amount, taken.amount), profit=profit if known else None, taken=taken if known else None,
        on_hand=sum(line.on_hand for line in lines), active=any(line.active for line in lines),
    )  # fmt: skip


def _amount(value: Money | int | Decimal | None) -> Decimal:
    return Decimal(value.amount if isinstance(value, Money) else value or 0)


def _fits(line: _Line, show: Show) -> bool:
    match show:
        case "best":
            return line.units > 0
        case "worst":
            return line.active
        case "rising":
            return line.change.minor > 0
        case "falling":
            return line.change.minor < 0
        case "returned":
            return line.returned > 0 and line.units >= ENOUGH
        case "margin" | "thin_margin" | "profit":
            return line.margin is not None
        case "never_sold":
            return line.active and line.units == 0


def _has_margin(line: _Line, args: ProductPerformance) -> bool:
    return args.margin is None or (line.margin is not None and among(line.margin, args.margin))


def _rank(line: _Line, show: Show) -> tuple[Decimal | int, str]:
    figures: Mapping[str, Decimal | int] = {
        "best": -line.sales.amount, "worst": line.sales.amount, "rising": -line.change.amount, "falling": line.change.amount,
        "returned": -(line.return_rate or 0), "margin": -(line.margin or 0), "thin_margin": line.margin or 0,
        "profit": -line.profit.amount if line.profit else 0, "never_sold": -line.on_hand,
    }  # fmt: skip
    return (figures[show], line.title.casefold())


_LABELS: Mapping[str, str] = {
    "best": "the best products", "worst": "the worst products", "rising": "the rising products", "falling": "the falling products",
    "returned": "the most returned products", "margin": "the products by margin", "thin_margin": "the products with the thinnest margin",
    "profit": "the products by profit", "never_sold": "the products without a sale",
}  # fmt: skip


def _table(lines: Sequence[_Line], by: By | None) -> Table:
    columns = ["Net sales", "Before", "Change", "Change %", "Units", "Units returned", "Return rate %", "Margin %", "In stock", "Profit"]
    return Table(columns=[TITLES[by] if by else "Product", *columns], rows=[_row(line) for line in lines], numeric=[False] + [True] * 10)


def _row(line: _Line) -> list[object]:
    moved = percent(line.change.amount, line.before.amount)
    figures = [line.sales, line.before, line.change, moved, line.units, line.returned, line.return_rate, line.margin, line.on_hand, line.profit]
    return [line.title, *figures]


def _sentence(show: Show, lines: Sequence[_Line], period: Period, before: Period) -> Sentence:
    facts: dict[str, Any] = {"period": period, "before": before}
    if not lines:
        return say("There is nothing among {what}, {period}.", **facts, what=_LABELS[show])
    first = lines[0]
    facts |= {
        "title": first.title,
        "sales": first.sales,
        "change": first.change,
        "down": -first.change,
        "rate": first.return_rate,
        "margin": first.margin,
        "profit": first.profit,
    }
    match show:
        case "best":
            return count("{n} product sold, {period}: {title}, {sales}.", "{n} products sold, {period}; {title} most, {sales}.", len(lines), **facts)
        case "worst":
            unsold = sum(line.units == 0 for line in lines)
            return count(
                "{title} sold least, {sales}, {period}; {n} active product sold nothing.",
                "{title} sold least, {sales}, {period}; {n} active products sold nothing.", unsold, **facts,
            )  # fmt: skip
        case "rising":
            told = "sold more than in {before}, {period}; {title} gained most, {change}."
        case "falling":
            told = "sold less than in {before}, {period}; {title} lost most, {down}."
        case "returned":
            told = "came back, {period}; {title} most often, {rate} % of the units sold."
        case "margin":
            told = "with a known cost, {period}; {title} has the best margin, {margin} %."
        case "thin_margin":
            told = "with a known cost, {period}; {title} has the thinnest margin, {margin} %."
        case "profit":
            facts |= {"earned": sum((line.profit for line in lines if line.profit is not None), Money(Decimal(0), first.sales.currency))}
            told = "with a known cost earned {earned}, {period}; {title} most, {profit}."
        case "never_sold":
            facts |= {"units": sum(line.on_hand for line in lines)}
            told = "sold nothing, {period}; {units} units of them are in stock."
    return count("{n} product " + told, "{n} products " + told, len(lines), **facts)


def _with_overall(told: Sentence, show: Show, lines: Sequence[_Line]) -> Sentence:
    """A rate or a margin of single products, with that of all of them together."""
    whole = _sum("", lines)
    if show == "returned" and whole.return_rate is not None:
        return say("{told} Of all units sold, {share} came back.", told=told, share=Percent(whole.return_rate))
    if show in ("margin", "thin_margin") and whole.margin is not None:
        return say("{told} The margin of all of them together is {share}.", told=told, share=Percent(whole.margin))
    return told


def _by_group(show: Show, by: By, fitting: Sequence[_Line], lines: Sequence[_Line], period: Period) -> Sentence:
    """Who leads of the types or vendors, by what they are put in order by."""
    first, whole = fitting[0], _sum("", lines)
    facts = {"title": first.title, "period": period, "by": TITLES[by].lower()}
    match show:
        case "margin" | "thin_margin" if first.margin is not None and whole.margin is not None:
            shown = {"first": Percent(first.margin), "whole": Percent(whole.margin)}
            return say("Margin by {by}, {period}: {title} first, {first}; {whole} overall.", **facts, **shown)
        case "returned" if first.return_rate is not None and whole.return_rate is not None:
            rates = {"first": Percent(first.return_rate), "whole": Percent(whole.return_rate)}
            return say("Return rate by {by}, {period}: {title} first, {first}; {whole} overall.", **facts, **rates)
        case "profit" if first.profit is not None and whole.profit is not None:
            return say("Profit by {by}, {period}: {title} first, {first}; {whole} overall.", **facts, first=first.profit, whole=whole.profit)
        case "rising" | "falling":
            return say("Change of sales by {by}, {period}: {title} first, {first}; {whole} overall.", **facts, first=first.change, whole=whole.change)
        case _:
            return say("Sales by {by}, {period}: {title} first, {first}; {whole} overall.", **facts, first=first.sales, whole=whole.sales)


def _told(args: ProductPerformance, show: Show, period: Period, before: Period, lines: Sequence[_Line], store: Store) -> Evidence:
    definitions = {
        "returned": f"Return rate: units returned in the period divided by units sold in it; products with at least {ENOUGH} units sold.",
        "margin": "Margin: what product lines were sold for after discounts and without tax, less today's cost of the units, as a share of it.",
        "profit": "Profit: what product lines were sold for after discounts and without tax, less today's cost of the units; no postage and fees.",
        "never_sold": "Active products of which no unit was sold in the period.",
    }  # fmt: skip
    usual = f"Net sales: gross sales minus discounts minus returns. Change: against {before.label or 'the time compared with'}."
    key = "margin" if show == "thin_margin" else show
    return evidence(store, args, metric="product performance", definition=definitions.get(key, usual), rows=len(lines), period=period)
