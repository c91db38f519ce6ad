from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from agent.sdk import (
    PAST_CHANGES,
    Answer,
    Args,
    BaseModel,
    Between,
    Clock,
    Cues,
    Customer,
    CustomerWhere,
    Field,
    Money,
    Percent,
    Period,
    Product,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    count,
    countries_and_cities,
    every,
    evidence,
    last_days,
    say,
    task,
)
from agent.sdk.not_kept import CAMPAIGNS, PERSONAL

SHOWN = 50
LAPSED_DAYS = 180
NEW_DAYS = 30
BEST = 20
MOST_PLACES = 500


class FindCustomers(Args):
    synonyms = ((r"\bhalf (?:a|an) year\b|(?<=\blast )half year\b|(?<=\bpast )half year\b", "six months"),)
    cannot = (
        PAST_CHANGES,
        PERSONAL,
        CAMPAIGNS,
        (
            r"\b(?:paid|pay|pays|paying|payments?|checked\s+out)\s+(?:by|with|via|using|through|in)\s+(?:an?\s+|their\s+)?"
            r"(?:(?:credit|debit)\s*cards?|cards?\b|paypal|klarna|apple\s*pay|google\s*pay|cash|invoice|bank|sepa|crypto|stripe|visa|mastercard)",
            say("The shop's data tells whether an order was paid, and not how: by card, PayPal or otherwise."),
        ),
    )
    decisive = (
        "email addresses of",
        "e mail addresses of",
        "emails of",
        "e mails of",
        "phone numbers of",
        "email addresses … customers",
        "accept marketing",
        "agreed to marketing",
        "newsletter subscribers",
        "subscribed to the newsletter",
        "how many new customers",
        "customers by city",
        "customers per city",
        "customers in each",
        "customers from each",
    )
    like = (
        r"\b(?:top|best|biggest) (?:\d+ )?(?:\w+ )?customers\b",
        r"\b(?:which|who|how many|any) of (?:them|these|those) (?:have |has |had |also |ever )*(?:ordered|bought|purchased)\b",
        "customer list",
        "customers as",
        "customers to",
        "all customers",
        "mailing list",
        "email list",
        "e-mail list",
    )
    unlike = (
        "birthday",
        "customers by country",
        "customers by month",
        "customers per country",
        "customers per month",
        "dissatisf",
        "unhappy with",
        "complained about",
    )

    customers: Selection[Customer] | None = Field(None, description="Whom to look among: customers by name, or an earlier result. All when left out.")
    spent: Annotated[
        Between[Money] | None, Cues("spent", "spent over", "spent more than", "over", "above", "under", "less than", "at least", "worth")
    ] = Field(None, description="How much they spent, over the period or over all time.")
    orders: Annotated[Between[int] | None, Cues("orders", "times", "ordered", "bought", "at least", "more than", "fewer than")] = Field(
        None, description="How many orders they placed, over the period or over all time."
    )
    period: Annotated[Period | None, Cues("in", "during", "since", "this", "last")] = Field(
        None, description="The time over which spend, orders and purchases count; those who ordered in it when nothing else is said."
    )
    last_order: Annotated[Period | None, Cues("last ordered", "last order", "last bought", "last purchase")] = Field(
        None, description="When their last order was."
    )
    inactive_since: Annotated[
        datetime | None,
        Cues(
            "not ordered since",
            "haven't ordered since",
            "no order since",
            "not bought since",
            "haven't bought in",
            "inactive since",
            "inactive for",
            "been inactive",
            "away for",
            "lapsed for",
            "dormant for",
            "gone for",
            "gone since",
            "away since",
            "quiet since",
            "silent since",
            "dormant since",
            "lapsed since",
            "not seen since",
            "not been back since",
            "haven't been back since",
            "quiet for",
            "haven't ordered for",
            "not ordered for",
            "no order for",
            "not seen for",
        ),
    ] = Field(None, description="Only those who have not ordered since then.")
    bought: Annotated[Selection[Product] | None, Cues("bought", "who bought", "purchased", "ordered", "buyers of", "customers of", "got")] = Field(
        None, description="Only those who bought one of these products."
    )
    not_bought: Annotated[
        Selection[Product] | None, Cues("but not", "never bought", "haven't bought", "have not bought", "not bought", "didn't buy", "did not buy")
    ] = Field(None, description="Only those who never bought any of these products, or not since the time that is said.")
    code: Annotated[str | None, Cues("code", "used", "used the code", "discount code", "coupon", "voucher", "with the code")] = Field(
        None, description="Only those who ordered with this discount code."
    )
    refunded: Annotated[
        bool | None,
        Says(true=["returned something", "returned anything", "returned an order", "returned items", "sent something back", "were refunded",
                   "got a refund", "had a refund", "with a refund", "with refunds", "with returns", "received a refund", "asked for a refund"],
             false=["never returned", "without a return", "without returns", "without a refund", "returned nothing",
                    "no return", "no returns", "no refund", "no refunds", "never got a refund"]),
    ] = Field(None, description="Only those who were given something back over the period, or only those who never were.")  # fmt: skip
    places: Annotated[list[str], Cues("in", "from", "living in")] = Field(
        default_factory=list, description="Only those in these countries or cities."
    )
    elsewhere: list[str] = Field(default_factory=list, description="Those who live here are left out.")
    tags: Annotated[list[str], Cues("tagged", "with the tag", "tag")] = Field(default_factory=list, description="Only those with all these tags.")
    without: list[str] = Field(default_factory=list, description="Those who are tagged with one of these are left out.")
    accepts_marketing: Annotated[
        bool | None,
        Says(
            true=[
                "subscribed",
                "newsletter",
                "accept marketing",
                "accepts marketing",
                "opted in",
                "subscribers",
                "who agreed to marketing",
                "can be emailed",
                "marketing consent",
                "with consent",
                "gave consent",
                "given consent",
                "gave us consent",
                "consented",
                "have consent",
            ],
            false=[
                "not subscribed",
                "unsubscribed",
                "opted out",
                "no marketing",
                "without consent",
                "without marketing consent",
                "no consent",
                "no marketing consent",
                "not consented",
                "never consented",
            ],
        ),
    ] = Field(None, description="Whether they agreed to marketing.")
    group: Annotated[
        Literal["best", "new", "one_time", "repeat", "lapsed", "never_ordered"] | None,
        Says(
            best=[
                "best",
                "top",
                "vip",
                "most valuable",
                "biggest spenders",
                "biggest spender",
                "top spender",
                "top spenders",
                "highest spender",
                "highest spenders",
                "most money",
                "most loyal",
                "highest spending",
                "spent most",
                "spent the most",
                "spend the most",
                "spends the most",
                "spent … the most",
                "bought the most",
                "biggest customers",
                "biggest customer",
            ],
            new=["new", "newest", "recently joined", "first-time"],
            one_time=[
                "one-time",
                "ordered only once",
                "bought only once",
                "only ordered once",
                "only bought once",
                "ordered just once",
                "bought just once",
                "bought once",
                "single order",
                "only one order",
            ],
            repeat=["repeat", "returning", "loyal", "regular", "regulars", "came back", "more than once"],
            lapsed=["lapsed", "inactive", "haven't ordered in a while", "lost", "dormant", "sleeping"],
            never_ordered=["never ordered", "never bought", "without an order", "no orders"],
        ),
    ] = Field(
        None,
        description="A usual group: the best by spend, new (first order in the period, else in the last 30 days), one-time, repeat, "
        "lapsed (no order for 180 days) or never ordered.",
    )
    sort: Annotated[
        Literal["spent", "orders", "recent", "name"],
        Says(
            spent=["by spend", "by revenue", "biggest spenders first"],
            orders=[
                "by orders",
                "by number of orders",
                "by order count",
                "number of orders",
                "who ordered most",
                "most often",
                "ordered the most",
                "order the most",
                "most orders",
                "most frequent",
            ],
            recent=["most recent", "latest", "recently", "last #", "by last order", "by their last order", "by recency"],
            name=["by name", "alphabetically"],
        ),
    ] = Field("spent", description="What comes first.")
    top: Annotated[int | None, Cues("top", "best", "first")] = Field(None, ge=1, description="How many customers to list at most.")
    by: Annotated[
        Literal["country", "city"] | None,
        Says(
            country=["country", "countries", "where do … live", "where do … come from", "where are … from", "where do … buy from"],
            city=["city", "cities", "town", "towns"],
        ),
    ] = Field(None, description="Count them by where they live instead of listing them.")


class CustomersFound(BaseModel):
    customers: Selection[Customer]
    count: int
    spent: Money
    table: Table


@task(
    examples=[
        "who are my best customers", "which customers bought the blue mug", "customers who spent over 500 euros this year",
        "customers in Berlin who haven't ordered since June", "find customers with more than 3 orders", "list newsletter subscribers in France",
        "repeat customers tagged vip",
    ]
)  # fmt: skip
async def find_customers(args: FindCustomers, store: Store, clock: Clock) -> Answer[CustomersFound]:
    """List customers by spend, orders, recency, place, tags, consent or what they bought."""
    where, most = _where(args, clock), args.top or (BEST if args.group == "best" else None)
    if args.group == "new":
        new = args.period or last_days(clock, NEW_DAYS)
        everyone = [customer for customer in await every(store.customers, where) if _is_new(customer, new)]
        matching, found = len(everyone), everyone[:most]
    else:
        matching, found = await store.count_customers(where), await every(store.customers, where, most=most)
    data = CustomersFound(
        customers=Selection[Customer](ids=tuple(customer.id for customer in found), label="the customers found"),
        count=matching, spent=sum((_spent(customer, args) for customer in found), Money.of(0, store.shop.currency)),
        table=_table(found[:SHOWN], args) if args.by is None else _places(found, args),
    )  # fmt: skip
    told = evidence(store, args, metric="customers", definition=_definition(args), rows=matching, period=args.period)
    first = found[0].name if found else ""
    sentence = _sentence(args, matching, len(found), data.spent, first) if args.by is None else _most_live(data.table, len(found))
    return Answer(sentence, data=data, evidence=told)


def _where(args: FindCustomers, clock: Clock) -> CustomerWhere:
    countries, cities = countries_and_cities(args.places)
    not_countries, not_cities = countries_and_cities(args.elsewhere)
    return CustomerWhere(
        ids=args.customers.ids if args.customers is not None else None, spent=args.spent, orders=args.orders or _orders(args),
        period=args.period or (last_days(clock, NEW_DAYS) if args.group == "new" else None), last_order=args.last_order,
        no_order_since=_idle_since(args, clock),
        countries=countries, cities=cities, tags=args.tags or None, bought=args.bought.ids if args.bought is not None else None,
        not_bought=args.not_bought.ids if args.not_bought is not None else None,
        not_bought_since=args.inactive_since if args.not_bought is not None else None, discount_codes=[args.code] if args.code else None,
        refunded=args.refunded, not_countries=not_countries, not_cities=not_cities, not_tags=args.without or None,
        accepts_marketing=args.accepts_marketing, sort="recent" if args.group == "new" else args.sort,
    )  # fmt: skip


def _idle_since(args: FindCustomers, clock: Clock) -> datetime | None:
    """Since when they are to have ordered nothing; "no candle since June" is of candles alone."""
    if args.inactive_since is not None and args.not_bought is None:
        return args.inactive_since
    return clock.now() - timedelta(days=LAPSED_DAYS) if args.group == "lapsed" else None


def _orders(args: FindCustomers) -> Between[int] | None:
    """How many orders the group has, where that is what makes it a group."""
    match args.group:
        case "repeat":
            return Between[int](at_least=2)
        case "one_time":
            return Between[int](at_least=1, at_most=1)
        case "never_ordered":
            return Between[int](at_most=0)
        case "lapsed" | "best":
            return Between[int](at_least=1)
        case _:
            asked = args.inactive_since is not None or (
                args.period is not None and args.spent is None and args.bought is None and args.refunded is None
            )
            return Between[int](at_least=1) if asked else None


def _is_new(customer: Customer, period: Period) -> bool:
    return customer.first_order_at is not None and period.start <= customer.first_order_at < period.end


def _definition(args: FindCustomers) -> str:
    groups = {
        "best": f"Best: those who spent most, the first {BEST} unless another number is said. ",
        "new": f"New: the first order was in {'the period' if args.period else f'the last {NEW_DAYS} days'}. ",
        "one_time": "One-time: exactly one order. ",
        "repeat": "Repeat: at least two orders. ",
        "lapsed": f"Lapsed: ordered once, but not in the last {LAPSED_DAYS} days. ",
        "never_ordered": "Never ordered: no order that was not cancelled. ",
    }
    over = "Conditions on spend and orders count over the period; the table shows both over it and" if args.period else "The table shows"
    return f"Customers who meet every condition. {groups.get(args.group or '', '')}{over} orders and spend of all time, less refunds."


def _spent(customer: Customer, args: FindCustomers) -> Money:
    """Over the period, where one was said."""
    return customer.then_spent if args.period is not None and customer.then_spent is not None else customer.spent


def _sentence(args: FindCustomers, matching: int, shown: int, spent: Money, first: str) -> Sentence:
    if not matching:
        return say("No customer matches.")
    if args.period is not None:
        return _sentence_of_then(args, matching, shown, spent, args.period, first)
    if args.group == "best":
        one, several = "Your best customer, {first}, spent {spent} in all.", "Your {n} best customers spent {spent} in all, {first} most."
        return count(one, several, shown, spent=spent, first=first)
    if shown < matching:
        return count(
            "{n} customer matches; the first spent {spent} in all.", "{n} customers match; the first {shown} spent {spent} in all.",
            matching, shown=shown, spent=spent,
        )  # fmt: skip
    return count("{n} customer matches; {spent} spent in all.", "{n} customers match; {spent} spent between them in all.", matching, spent=spent)


def _sentence_of_then(args: FindCustomers, matching: int, shown: int, spent: Money, period: Period, first: str) -> Sentence:
    if args.group == "best":
        one, several = "Your best customer, {first}, spent {spent}, {period}.", "Your {n} best customers spent {spent}, {period}, {first} most."
        return count(one, several, shown, spent=spent, period=period, first=first)
    if shown < matching:
        return count(
            "{n} customer matches; the first spent {spent}, {period}.", "{n} customers match; the first {shown} spent {spent}, {period}.",
            matching, shown=shown, spent=spent, period=period,
        )  # fmt: skip
    return count(
        "{n} customer matches; {spent} spent, {period}.", "{n} customers match; {spent} spent between them, {period}.",
        matching, spent=spent, period=period,
    )  # fmt: skip


def _table(customers: Sequence[Customer], args: FindCustomers) -> Table:
    then = ["Orders then", "Spent then"] if args.period is not None else []
    columns = ["Customer", "E-mail", *then, "Orders in all", "Spent in all", "Last order", "Country", "City", "Tags"]
    figures = [True] * (len(then) + 2)
    return Table(columns=columns, rows=[_row(customer, args) for customer in customers], numeric=[False, False, *figures, *[False] * 4])


def _row(customer: Customer, args: FindCustomers) -> list[object]:
    place = customer.address
    last = customer.last_order_at.date() if customer.last_order_at else None
    tags = ", ".join(customer.tags)
    then: list[object] = [customer.then_orders, customer.then_spent] if args.period is not None else []
    return [customer.name, customer.email, *then, customer.orders, customer.spent, last, place and place.country, place and place.city, tags]


def _places(customers: Sequence[Customer], args: FindCustomers) -> Table:
    """How many live where, most first."""
    lived = Counter(_home(customer, args) for customer in customers)
    rows = [[place, number, (Decimal(number) * 100 / len(customers)).quantize(Decimal("0.1"))] for place, number in lived.most_common()]
    return Table(
        columns=["Country" if args.by == "country" else "City", "Customers", "Share %"], rows=rows[:MOST_PLACES], numeric=[False, True, True]
    )


def _home(customer: Customer, args: FindCustomers) -> str:
    place = customer.address
    found = None if place is None else place.country if args.by == "country" else place.city
    return found or f"no {args.by}"


def _most_live(table: Table, counted: int) -> Sentence:
    if not table.rows:
        return say("No customer matches.")
    place, number, share = table.rows[0]
    return count(
        "{n} customer; most live in {place}: {number}.", "{n} customers; most live in {place}: {number}, that is {share}.",
        counted, place=place, number=number, share=Percent(share),
    )  # fmt: skip
