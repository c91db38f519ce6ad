from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Between,
    Clock,
    Cues,
    Customer,
    Discount,
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
    among,
    count,
    every,
    evidence,
    say,
    task,
)
from agent.sdk.codes import NOBODY_USED, every_discount, uses_in

SHOWN = 100
_INSTANT = timedelta(microseconds=1)
"""What ends at midnight ended with the day before."""


class FindDiscounts(Args):
    decisive = (
        "how often was … code", "how often were … codes", "how often has … code", "how many times was … code", "how many times were … codes",
        "how many times has … code",
        *(f"{code} {did}" for code in ("code", "coupon", "voucher", "discount") for did in ("do anything", "do any good", "any use", "any good")),
        *(f"{who} use … {code}" for who in ("anyone", "anybody", "did people") for code in ("code", "coupon", "voucher")),
    )  # fmt: skip
    like = (r"\b(?:codes?|vouchers?|coupons?|promos?|promotions?|discounts?)\b",)

    discounts: Selection[Discount] | None = Field(None, description="Discounts of an earlier result.")
    code: Annotated[str | None, Cues("code", "coupon", "discount", "voucher")] = Field(None, description="The discount with this code.")
    status: Annotated[
        Literal["active", "scheduled", "expired"] | None,
        Says(
            active=["active", "running", "live", "current", "valid", "on now", "still work", "still works", "in force"],
            scheduled=["scheduled", "upcoming", "planned", "coming up", "not started", "haven't started", "hasn't started", "yet to start"],
            expired=["expired", "ended", "over", "old", "past", "no longer valid", "used up"],
        ),
    ] = Field(None, description="Only discounts that run now, are yet to start, or are over (ended or used up).")
    kind: Annotated[
        Literal["percent", "amount", "free_shipping", "buy_get"] | None,
        Says(
            percent=["percent", "percentage", "% off"],
            amount=["fixed amount", "amount off", "euros off", "money off"],
            free_shipping=["free shipping", "free delivery", "shipping free"],
            buy_get=["buy one get one", "buy x get y", "bogo", "multi-buy", "multibuy"],
        ),
    ] = Field(None, description="Only percentages, amounts or free shipping.")
    unused: Annotated[
        bool | None,
        Says(true=NOBODY_USED),
    ] = Field(None, description="Only those nobody has used; in a time, where one is said.")
    used: Annotated[Between[int] | None, Cues("used", "times", "redeemed", "redemptions", "uses")] = Field(
        None, description="Only those used so many times."
    )
    used_in: Annotated[Period | None, Cues("used", "redeemed", "redemptions", "uses", "times used", "use", "redeem", "applied", "orders")] = Field(
        None, description="How often each was used in this time, beside all its uses; only those that were, or, of the unused, that were not."
    )
    ends: Annotated[Period | datetime | None, Cues("expire", "expires", "expiring", "end", "ending", "run out", "until", "running out")] = Field(
        None, description="Only those that end in this time, or from now until then."
    )
    starts: Annotated[Period | datetime | None, Cues("start", "starting", "begin", "beginning", "from", "created", "kick in")] = Field(
        None, description="Only those that start in this time, or from then on."
    )
    products: Annotated[Selection[Product] | None, Cues("for", "on", "applies to")] = Field(
        None, description="Only those that apply to one of these products."
    )
    once_per_customer: Annotated[
        bool | None,
        Says(true=["once per customer", "one use per person", "one use per customer", "once per person", "once each", "one per customer"]),
    ] = Field(None, description="Only those that each customer may use once.")
    sort: Annotated[
        Literal["used", "ending", "newest"] | None,
        Says(
            used=[
                "most used",
                "used most",
                "used the most",
                "used most often",
                "most popular",
                "best performing",
                "most redeemed",
                "redeemed most",
                "redeemed the most",
                "redeemed most often",
                "most uses",
                "highest use",
                "most redemptions",
            ],
            ending=["ending soonest", "expiring soonest", "first to expire"],
            newest=["newest", "latest", "most recent"],
        ),
    ] = Field(None, description="What comes first; the newest when left out.")
    top: Annotated[int | None, Cues("top", "first")] = Field(None, ge=1, description="How many to list at most.")


class DiscountsFound(BaseModel):
    discounts: Selection[Discount]
    count: int
    used: int
    """Uses of all of them together."""
    """In the time that was asked about, where one was."""
    table: Table


@task(
    ahead=True,
    examples=[
        "which discounts are active", "list all discount codes", "is the code SUMMER20 still valid", "how often was SUMMER20 used",
        "which discount codes expire this month", "show me codes nobody has used", "what discounts are scheduled",
    ]
)  # fmt: skip
async def find_discounts(args: FindDiscounts, store: Store, clock: Clock) -> Answer[DiscountsFound]:
    """List discount codes: which run, how often they were used, when they end."""
    code = _code(args)
    read = await _read(code, store)
    then = await uses_in(args.used_in, store) if args.used_in is not None else None
    found = sorted(
        (discount for discount in read if code is not None or (_fits(discount, args, clock) and _was_used(discount, then, args))),
        key=lambda discount: _rank(discount, args.sort, then),
    )
    chosen = found[: args.top] if args.top else found
    data = DiscountsFound(
        discounts=Selection[Discount](ids=tuple(discount.id for discount in chosen), label="the discounts found"),
        count=len(found), used=sum(_uses(discount, then) for discount in found),
        table=_table(chosen[:SHOWN], await _people(chosen[:SHOWN], store), store, then),
    )  # fmt: skip
    told = evidence(
        store, args, metric="discounts", rows=len(found),
        period=next((when for when in (args.used_in, args.ends, args.starts) if isinstance(when, Period)), None),
        definition="Discount codes that meet every condition. Used: orders placed with the code. Expired: past its end or its limit of uses.",
    )  # fmt: skip
    sentence = (
        _sentence(found, chosen, args, store)
        if then is None or args.used_in is None or args.unused
        else _told_of_then(found, data.used, args.used_in)
    )
    return Answer(sentence, data=data, evidence=told)


def _uses(discount: Discount, then: Mapping[str, int] | None) -> int:
    return discount.used if then is None else then.get(discount.code.upper(), 0)


def _was_used(discount: Discount, then: Mapping[str, int] | None, args: FindDiscounts) -> bool:
    """Whether it was used in the time that was asked about, or not, where those without uses are asked for."""
    if then is None:
        return not args.unused or discount.used == 0
    return (_uses(discount, then) == 0) == bool(args.unused)


def _told_of_then(found: Sequence[Discount], used: int, period: Period) -> Sentence:
    if len(found) == 1:
        return count("{code} was used {n} time, {period}.", "{code} was used {n} times, {period}.", used, code=found[0].code, period=period)
    return count(
        "Discount codes were used {n} time, {period}.",
        "Discount codes were used {n} times, {period}: {codes} of them.",
        used,
        codes=len(found),
        period=period,
    )


def _code(args: FindDiscounts) -> str | None:
    return None if args.code is None else args.code.strip(" \t'\"“”‘’.")


async def _read(code: str | None, store: Store) -> list[Discount]:
    """The one with this code; every one where no code was said."""
    return await every_discount(store) if code is None else list((await store.discounts(code=code)).items)


def _fits(discount: Discount, args: FindDiscounts, clock: Clock) -> bool:
    """Whether it is one of those asked for. One asked for by its code is shown whatever it is: "is SUMMER20 still active" may be answered no."""
    return (
        (args.discounts is None or discount.id in args.discounts.ids)
        and (args.status is None or discount.status == args.status)
        and (args.kind is None or discount.kind == args.kind)
        and (args.once_per_customer is None or discount.once_per_customer == args.once_per_customer)
        and among(discount.used, args.used)
        and (args.ends is None or (discount.ends_at is not None and _within(discount.ends_at - _INSTANT, args.ends, clock.now(), args.ends)))
        and (args.starts is None or _within(discount.starts_at, args.starts, args.starts, None))
        and (args.products is None or not discount.products or bool(set(discount.products) & set(args.products.ids)))
    )


def _within(moment: datetime, when: Period | datetime, least: Period | datetime | None, most: Period | datetime | None) -> bool:
    """In the period; where a moment was said, not before the least and before the most."""
    if isinstance(when, Period):
        return when.start <= moment < when.end
    return (not isinstance(least, datetime) or moment >= least) and (not isinstance(most, datetime) or moment < most)


def _rank(discount: Discount, sort: str | None, then: Mapping[str, int] | None) -> tuple[float, str]:
    match sort or ("used" if then is not None else None):
        case "used":
            return (-_uses(discount, then), discount.code)
        case "ending":
            return (discount.ends_at.timestamp() if discount.ends_at else float("inf"), discount.code)
        case _:
            return (-discount.starts_at.timestamp(), discount.code)


def _worth(discount: Discount, store: Store) -> Percent | Money | str:
    match discount.kind:
        case "percent":
            return Percent(discount.value)
        case "amount":
            return Money(discount.value, store.shop.currency)
        case _:
            return discount.worth(store.shop.currency)


def _sentence(found: Sequence[Discount], chosen: Sequence[Discount], args: FindDiscounts, store: Store) -> Sentence:
    if not found:
        return say("There is no discount code {code}.", code=args.code) if args.code else say("No discount code matches.")
    if len(found) == 1:
        one = found[0]
        facts = {"code": one.code, "worth": _worth(one, store), "status": one.status, "starts": one.starts_at, "ends": one.ends_at}
        until = {"scheduled": "it starts {starts}", "expired": "it is over"}.get(
            one.status, "it runs until {ends}" if one.ends_at else "it has no end"
        )
        return count(
            "{code} gives {worth} and was used {n} time; " + until + ".",
            "{code} gives {worth} and was used {n} times; " + until + ".",
            one.used,
            **facts,
        )
    used = sum(discount.used for discount in found)
    if len(chosen) < len(found):
        return count(
            "{n} discount code.", "{n} discount codes, used {used} times; here are the first {shown}.", len(found), used=used, shown=len(chosen)
        )
    return count("{n} discount code.", "{n} discount codes, used {used} times.", len(found), used=used)


async def _people(discounts: Sequence[Discount], store: Store) -> dict[str, str]:
    """Names of those who have a discount to themselves, by their ids."""
    ids = tuple(dict.fromkeys(id for one in discounts if one.customers is not None and len(one.customers) == 1 for id in one.customers))
    return {one.id: one.name for one in await every(store.customers, Selection[Customer](ids=ids))} if ids else {}


def _whom(discount: Discount, people: Mapping[str, str]) -> str | None:
    """Whom it is for; None for everybody."""
    if discount.customers is None:
        return None
    return people.get(discount.customers[0], "1 customer") if len(discount.customers) == 1 else f"{len(discount.customers)} customers"


def _table(discounts: Sequence[Discount], people: Mapping[str, str], store: Store, then: Mapping[str, int] | None) -> Table:
    extra = [] if then is None else ["Used then"]
    columns = ["Code", "Gives", "Status", "Starts", "Ends", *extra, "Used", "Limit", "Least order", "Products", "Customers", "Per customer"]
    numeric = [False, True, False, False, False, *[True for _ in extra], True, True, True, True, False, True]
    return Table(columns=columns, rows=[_row(d, people, store, then) for d in discounts], numeric=numeric)


def _row(discount: Discount, people: Mapping[str, str], store: Store, then: Mapping[str, int] | None) -> list[Decimal | object]:
    extra = [] if then is None else [_uses(discount, then)]
    return [
        discount.code, _worth(discount, store), discount.status, discount.starts_at.date(), discount.last_day, *extra, discount.used,
        discount.usage_limit, discount.minimum, len(discount.products) or None, _whom(discount, people), 1 if discount.once_per_customer else None,
    ]  # fmt: skip
