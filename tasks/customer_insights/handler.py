from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Annotated, Literal, get_args

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Clock,
    Cues,
    Customer,
    Field,
    Money,
    Period,
    Purchase,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    count,
    every,
    evidence,
    percent,
    say,
    task,
)
from agent.sdk.not_kept import PERSONAL
from tasks.customer_insights.buyers import GROUPS, LATE, Buyer, Group, buyers_of, came_back, cohorts, groups_of, month_of

SHOWN = 50
MONTHS = 12
"""Months a cohort is followed, and cohorts shown."""
Show = Literal["overview", "repeat_rate", "cohorts", "groups", "lifetime_value", "churn_risk"]


class CustomerInsights(Args):
    cannot = (
        PERSONAL,
        (
            r"\b(?:followers?|competitors?|market\s+share)\b",
            say(
                "The shop's data holds its own orders, products and customers, and nothing of social media, e-mail openings, rankings or other shops."
            ),
        ),
    )
    decisive = (
        "rfm", "our champions", "our big spenders", "cohort", "cohorts", "churn risk", "at risk of churning", "at-risk customers",
        "at risk customers", "customers at risk", "customers are at risk", "about to leave", "lifetime value",
        "repeat rate", "repurchase rate",
    )  # fmt: skip
    unlike = (
        "revenue from", "sales from", "orders from", "revenue by", "sales by", "new vs", "new versus", "new and returning", "new or returning",
        "time of day", "what time", "hour", "day of the week", "weekday",
    )  # fmt: skip

    show: Annotated[
        Literal["repeat_rate", "cohorts", "groups", "lifetime_value", "churn_risk"] | None,
        Says(
            repeat_rate=[
                "repeat rate",
                "repeat purchase rate",
                "returning customer rate",
                "how many come back",
                "come back",
                "buy again",
                "order again",
                "buy twice",
                "repeat customers",
                "retention rate",
                "repurchase rate",
                "reorder rate",
            ],
            cohorts=[
                "cohort",
                "cohorts",
                "cohort analysis",
                "retention",
                "retention cohorts",
                "by first order",
                "retention by month",
                "month of their first order",
            ],
            groups=["rfm", "groups", "segments", "recency", "champions", "kinds of customers", "types of customers", "segmentation", "loyal"],
            lifetime_value=[
                "lifetime value",
                "ltv",
                "clv",
                "customer value",
                "worth of a customer",
                "customer worth",
                "spend over time",
                "spends over time",
            ],
            churn_risk=[
                "churn",
                "churn risk",
                "churning",
                "at risk",
                "about to leave",
                "slipping away",
                "losing",
                "lose",
                "drifting away",
                "overdue",
                "stopped buying",
                "going quiet",
            ],
        ),
    ] = Field(
        None, description="Repeat rate, cohorts, groups by recency, frequency and money, lifetime value, churn risk; all in short when left out."
    )
    group: Annotated[
        Group | None,
        Says(
            champions=["champions"], loyal=["loyal customers", "loyal ones"], big_spenders=["big spenders"], new=["new ones"],
            promising=["promising"], at_risk=["at risk group"], lost=["lost customers", "lost ones"], occasional=["occasional"],
        ),
    ] = Field(None, description="Only this group, as recency, frequency and money make them.")  # fmt: skip
    period: Annotated[Period | None, Cues("in", "since", "during", "over", "for")] = Field(
        None, description="Only customers who ordered in this time, with all they ever bought up to its end; of all time when left out."
    )
    customers: Selection[Customer] | None = Field(None, description="Only these customers.")
    top: Annotated[int | None, Cues("top", "first")] = Field(None, ge=1, description="How many customers to list at most.")


class Insights(BaseModel):
    customers: Selection[Customer]
    """Who came back, is in the group, or is at risk; everyone counted otherwise."""
    count: int
    """Customers counted."""
    repeat_rate: Decimal | None
    """Percent."""
    lifetime_value: Money | None
    table: Table


@task(
    examples=[
        "what is our repeat purchase rate", "show me retention cohorts by month", "group customers by recency, frequency and money",
        "what is the lifetime value of a customer", "which customers are about to churn", "how many customers come back", "who are our champions",
        "give me insights about our customers",
    ]
)  # fmt: skip
async def customer_insights(args: CustomerInsights, store: Store, clock: Clock) -> Answer[Insights]:
    """Tell how customers behave: repeat rate, cohorts, recency-frequency-money groups, lifetime value, who may not come back."""
    show: Show = args.show or ("groups" if args.group else "overview")
    now = min(args.period.end, clock.now()) if args.period is not None else clock.now()
    purchases = [one for one in await store.purchases() if one.placed_at < now]
    buyers = _buyers(purchases, args)
    chosen = _chosen(buyers, show, args, now)
    listed = chosen[: args.top] if args.top else chosen
    data = Insights(
        customers=Selection[Customer](ids=tuple(buyer.id for buyer in listed), label=_label(show, args)), count=len(buyers),
        repeat_rate=_repeat_rate(buyers), lifetime_value=_mean(buyers), table=await _table(show, buyers, listed, args, now, store),
    )  # fmt: skip
    unknown = sum(one.customer_id is None for one in purchases)
    told = evidence(store, args, metric="customers", definition=_definition(show, unknown), rows=len(buyers), period=args.period)
    return Answer(_sentence(show, buyers, chosen, args, now), data=data, evidence=told)


def _buyers(purchases: Sequence[Purchase], args: CustomerInsights) -> list[Buyer]:
    among = frozenset(args.customers.ids) if args.customers is not None else None
    buyers = buyers_of(purchases, among)
    return buyers if args.period is None else [buyer for buyer in buyers if buyer.times[-1] >= args.period.start]


def _chosen(buyers: Sequence[Buyer], show: Show, args: CustomerInsights, now: datetime) -> list[Buyer]:
    """Whom the answer is about, those who spent most first."""
    groups = groups_of(buyers) if show == "groups" else {}
    match show:
        case "repeat_rate":
            found = [buyer for buyer in buyers if buyer.orders > 1]
        case "churn_risk":
            found = [buyer for buyer in buyers if buyer.is_late(now)]
        case "groups" if args.group is not None:
            found = [buyer for buyer in buyers if groups[buyer.id] == args.group]
        case _:
            found = list(buyers)
    return sorted(found, key=lambda buyer: (-buyer.spent.minor, buyer.id))


def _label(show: Show, args: CustomerInsights) -> str:
    if args.group is not None:
        return f"the {args.group.replace('_', ' ')} customers"
    return {"repeat_rate": "customers who came back", "churn_risk": "customers who may not come back"}.get(show, "these customers")


def _repeat_rate(buyers: Sequence[Buyer]) -> Decimal | None:
    return percent(sum(buyer.orders > 1 for buyer in buyers), len(buyers))


def _mean(buyers: Sequence[Buyer]) -> Money | None:
    total = _sum(buyers)
    return None if total is None else Money(total.amount / len(buyers), total.currency)


def _sum(buyers: Sequence[Buyer]) -> Money | None:
    return sum((buyer.spent for buyer in buyers[1:]), buyers[0].spent) if buyers else None


def _usual_gap(buyers: Sequence[Buyer]) -> Decimal | None:
    """Median days from a first order to the second."""
    gaps = [Decimal((buyer.times[1] - buyer.times[0]).days) for buyer in buyers if buyer.orders > 1]
    return median(gaps) if gaps else None


async def _table(show: Show, buyers: Sequence[Buyer], listed: Sequence[Buyer], args: CustomerInsights, now: datetime, store: Store) -> Table:
    match show:
        case "cohorts":
            return _cohort_table(buyers, month_of(now))
        case "lifetime_value":
            return _value_table(buyers)
        case "groups" if args.group is None:
            return _group_table(buyers)
        case "overview" | "repeat_rate":
            return _overview(buyers, now)
        case _:
            return await _people(listed[:SHOWN], now, store)


def _overview(buyers: Sequence[Buyer], now: datetime) -> Table:
    orders = sum(buyer.orders for buyer in buyers)
    per_buyer = (Decimal(orders) / len(buyers)).quantize(Decimal("0.01")) if buyers else None
    rows = [
        ["Customers who ordered", len(buyers)], ["Of them more than once", sum(buyer.orders > 1 for buyer in buyers)],
        ["Repeat rate %", _repeat_rate(buyers)], ["Orders per customer", per_buyer], ["Spent per customer", _mean(buyers)],
        ["Median days from the first order to the second", _usual_gap(buyers)],
        ["Overdue by their own rhythm", sum(buyer.is_late(now) for buyer in buyers)],
    ]  # fmt: skip
    return Table(columns=["Figure", "Value"], rows=rows, numeric=[False, True])


def _cohort_table(buyers: Sequence[Buyer], now: int) -> Table:
    """One row for each of the last months of first orders; the months that are not over, or yet to come, stay empty."""
    found = cohorts(buyers)
    last = [month for month in sorted(found) if month > now - MONTHS]
    columns = ["First order in", "Customers", "Came back %", *(f"Month {n} %" for n in range(1, MONTHS))]
    rows = []
    for month in last:
        cohort = found[month]
        back = percent(sum(buyer.orders > 1 for buyer in cohort), len(cohort))
        later = [percent(came_back(cohort, month + n), len(cohort)) if month + n < now else None for n in range(1, MONTHS)]
        rows.append([f"{month // 12:04d}-{month % 12 + 1:02d}", len(cohort), back, *later])
    return Table(columns=columns, rows=rows, numeric=[False] + [True] * (len(columns) - 1))


def _value_table(buyers: Sequence[Buyer]) -> Table:
    """By how often they ordered."""
    names: Mapping[int, str] = {1: "1 order", 2: "2 orders", 3: "3 orders or more"}
    rows = []
    for orders, name in names.items():
        some = [buyer for buyer in buyers if min(buyer.orders, 3) == orders]
        rows.append([name, len(some), percent(len(some), len(buyers)), _mean(some), _sum(some)])
    rows.append(["All", len(buyers), percent(len(buyers), len(buyers)), _mean(buyers), _sum(buyers)])
    return Table(columns=["Customers with", "Customers", "Of all %", "Spent each", "Spent in all"], rows=rows, numeric=[False] + [True] * 4)


def _group_table(buyers: Sequence[Buyer]) -> Table:
    groups = groups_of(buyers)
    sizes = Counter(groups.values())
    rows = []
    for group in get_args(Group):
        some = [buyer for buyer in buyers if groups[buyer.id] == group]
        rows.append([group.replace("_", " "), sizes[group], percent(sizes[group], len(buyers)), _mean(some), GROUPS[group]])
    return Table(columns=["Group", "Customers", "Of all %", "Spent each", "Who they are"], rows=rows, numeric=[False, True, True, True, False])


async def _people(listed: Sequence[Buyer], now: datetime, store: Store) -> Table:
    known = {c.id: c for c in await every(store.customers, Selection[Customer](ids=tuple(buyer.id for buyer in listed)))}
    columns = ["Customer", "E-mail", "Orders", "Spent", "Last order", "Days since", "Usual gap in days"]
    rows = [_person(known[buyer.id], buyer, now) for buyer in listed if buyer.id in known]
    return Table(columns=columns, rows=rows, numeric=[False, False, True, True, False, True, True])


def _person(customer: Customer, buyer: Buyer, now: datetime) -> list[object]:
    gap = None if buyer.gap is None else int(buyer.gap)
    return [customer.name, customer.email, buyer.orders, buyer.spent, buyer.times[-1].date(), int(buyer.away(now)), gap]


def _definition(show: Show, unknown: int) -> str:
    ways: Mapping[Show, str] = {
        "overview": "Repeat rate: customers with at least two orders, of all who ordered. Spent: charged less given back, tax and shipping included.",
        "repeat_rate": "Repeat rate: customers with at least two orders, of all who ordered.",
        "cohorts": "A cohort: customers by the month of their first order. Month n: the share of them who ordered in the n-th month after it.",
        "groups": "Recency (R) and money (M) by thirds of all customers, 3 the latest and the largest; frequency (F) 1, 2 or 3 and more orders. "
        "The first group that fits is a customer's: " + "; ".join(f"{group.replace('_', ' ')} {who}" for group, who in GROUPS.items()) + ".",
        "lifetime_value": "Lifetime value: what a customer has spent so far, charged less given back, with tax and shipping; nothing is foretold.",
        "churn_risk": f"At risk: at least three orders, and away for more than {LATE} times the customer's own median gap between orders, and "
        "longer than ever between two orders before.",
    }  # fmt: skip
    return f"{ways[show]} Cancelled orders count nowhere; {unknown} orders without a customer are left out."


def _sentence(show: Show, buyers: Sequence[Buyer], chosen: Sequence[Buyer], args: CustomerInsights, now: datetime) -> Sentence:
    if not buyers:
        return say("No customer ordered in this time, so there is nothing to tell.")
    facts = {"rate": _repeat_rate(buyers), "value": _mean(buyers), "chosen": len(chosen), "gap": _usual_gap(buyers), "spent": _sum(chosen)}
    match show:
        case "repeat_rate":
            gap = "; half of them within {gap} days" if facts["gap"] is not None else ""
            return count("{rate} % of {n} customer came back.", "{rate} % of {n} customers came back ({chosen})" + gap + ".", len(buyers), **facts)
        case "cohorts":
            many = "{n} customers, by the month of their first order; {rate} % came back."
            return count("{n} customer, by the month of the first order.", many, len(buyers), **facts)
        case "lifetime_value":
            middle = median(buyer.spent.minor for buyer in buyers)
            facts["median"] = Money.from_minor(round(middle), buyers[0].spent.currency)
            many = "A customer has spent {value} so far on average, half of {n} at most {median}."
            return count("{n} customer spent {value}.", many, len(buyers), **facts)
        case "churn_risk":
            return count(
                "{n} customer is overdue by their own rhythm and may not come back.",
                "{n} customers are overdue by their own rhythm and may not come back; they have spent {spent} so far.", len(chosen), **facts,
            )  # fmt: skip
        case "groups" if args.group is not None:
            who = GROUPS[args.group]
            named = args.group.replace("_", " ")
            return count("{n} customer is {group}: they {who}.", "{n} customers are {group}: they {who}.", len(chosen), group=named, who=who)
        case "groups":
            largest, size = Counter(groups_of(buyers).values()).most_common(1)[0]
            return count(
                "{n} customer in {kinds} groups.", "{n} customers in {kinds} groups; the largest is {largest}, with {size}.", len(buyers),
                kinds=len(set(groups_of(buyers).values())), largest=largest.replace("_", " "), size=size,
            )  # fmt: skip
        case "overview":
            facts["late"] = sum(buyer.is_late(now) for buyer in buyers)
            return count(
                "{n} customer, who spent {value}.",
                "{n} customers: {rate} % came back, a customer has spent {value} on average, {late} are overdue by their own rhythm.",
                len(buyers), **facts,
            )  # fmt: skip
