from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from agent.sdk import (
    FREE_SHIPPING,
    Args,
    AskedAs,
    Clock,
    Cues,
    Customer,
    Discount,
    Field,
    Invalid,
    Missing,
    Money,
    Percent,
    Period,
    Product,
    Proposal,
    Says,
    Selection,
    Sentence,
    Store,
    check_currency,
    count,
    say,
    task,
)
from agent.sdk.codes import coded, every_discount, plain_code

LONGEST_CODE = 40
CONTRADICT = (
    ("value", "by"), ("value", "free_shipping"), ("by", "free_shipping"), ("ends", "no_end"), ("ends", "days"), ("days", "no_end"),
    ("minimum", "no_minimum"), ("usage_limit", "no_limit"), ("usage_limit", "single_use"), ("single_use", "no_limit"),
    ("customers", "everybody"),
)  # fmt: skip


class EditDiscount(Args):
    decisive = ("a day earlier", "a day later", "days earlier", "days later", "a week earlier", "a week later")
    one_of = (
        ("code", "discounts"),
        (
            "value", "by", "free_shipping", "new_code", "ends", "days", "starts", "minimum", "usage_limit", "products", "scope", "single_use",
            "no_end", "no_minimum", "no_limit", "customers", "everybody", "once_per_customer", "many_per_customer",
        ),
    )  # fmt: skip

    code: Annotated[str | None, Cues("code", "coupon", "discount", "voucher", "promo"), AskedAs("Which discount code should be changed?")] = Field(
        None, description="The code of the discount to change."
    )
    discounts: Selection[Discount] | None = Field(None, description="Discounts of an earlier result.")
    value: Annotated[Percent | Money | None, Cues("to", "at", "worth", "off", "into"), AskedAs("What should be changed about it?")] = Field(
        None, description="How much comes off from now on: 30%, or 5 euros."
    )
    by: Annotated[Percent | Money | None, Cues("by", "another", "more", "extra", "less")] = Field(
        None, description="How much more or less comes off than now."
    )
    direction: Annotated[
        Literal["up", "down"] | None,
        Says(
            up=["raise", "increase", "bump", "more", "higher", "bigger", "extra"],
            down=["lower", "reduce", "decrease", "cut", "drop", "less", "smaller"],
        ),
    ] = Field(None, description="Whether it becomes more or less, with `by`.")
    free_shipping: Annotated[bool, Says(true=["free shipping", "free delivery"])] = Field(
        False, description="It gives free shipping instead of something off."
    )
    new_code: Annotated[str | None, Cues("rename", "rename to", "called", "call it", "new code", "new name", "to the code")] = Field(
        None, description="What customers type in from now on."
    )
    ends: Annotated[
        Period | datetime | None,
        Cues(
            "until", "till", "ends", "end", "through", "expires", "extend", "last until", "run until", "out to", "forward to", "end date",
            "back to",
        ),
    ] = Field(None, description="When it ends. A day means its end.")  # fmt: skip
    days: Annotated[int | None, Cues("another", "more days", "extra days", "days", "longer", "additional", "extend by", "by")] = Field(
        None, description="How many days longer it runs than now."
    )
    starts: Annotated[
        Period | datetime | None,
        Cues(
            "start",
            "start it",
            "begin it",
            "starts",
            "starting",
            "begin",
            "begins",
            "from",
            "start date",
            "start of",
            "as of",
            "kick off",
            "kicks off",
            "go live",
            "goes live",
            "launch",
            "launches",
            "opens",
        ),
    ] = Field(None, description="When it starts.")
    minimum: Annotated[
        Money | None,
        Cues(
            "minimum",
            "minimum of",
            "minimum spend of",
            "minimum order of",
            "orders over",
            "over",
            "above",
            "at least",
            "spend",
            "spends",
            "spending",
            "from",
            "work from",
            "works from",
            "valid from",
            "apply from",
            "applies from",
            "orders of",
            "orders from",
            "starting at",
            "upwards of",
        ),
    ] = Field(None, description="The least an order must come to.")
    usage_limit: Annotated[int | None, Cues("uses", "times", "limit", "usage limit", "cap", "at most", "customers", "limit to")] = Field(
        None, description="How often it can be used in all."
    )
    single_use: Annotated[bool, Says(true=["single use", "single-use", "one use only", "only be used once", "usable once"])] = Field(
        False, description="It can be used once in all."
    )
    no_end: Annotated[
        bool,
        Says(true=["no end date", "without an end", "never expires", "never expire", "never ends", "indefinitely", "forever", "remove the end date"]),
    ] = Field(False, description="It has no end any more.")
    no_minimum: Annotated[bool, Says(true=["no minimum", "remove the minimum", "without a minimum", "drop the minimum", "take off the minimum"])] = (
        Field(False, description="Any order will do.")
    )
    no_limit: Annotated[
        bool,
        Says(
            true=["no limit", "unlimited", "remove the usage limit", "remove the limit", "without a limit", "lift the limit", "as often as they like"]
        ),
    ] = Field(False, description="It can be used as often as anyone likes.")
    products: Annotated[Selection[Product] | None, Cues("for", "on", "to", "of", "into", "from")] = Field(
        None, description="The products it is for, with `scope`."
    )
    customers: Annotated[Selection[Customer] | None, Cues("for", "only for", "just for", "to", "reserved for", "restrict to")] = Field(
        None, description="The customers it is for, with `scope`."
    )
    everybody: Annotated[
        bool,
        Says(
            true=["for everybody", "for everyone", "to everybody", "to everyone", "all customers", "every customer", "any customer", "all shoppers"]
        ),
    ] = Field(False, description="It is for all customers.")
    once_per_customer: Annotated[
        bool,
        Says(
            true=[
                "once per customer",
                "once per person",
                "once each",
                "one per customer",
                "one use per customer",
                "one use per person",
                "one use each",
                "single use per customer",
                "each customer once",
                "each customer only once",
                "only once per customer",
                "one time per customer",
                "once per shopper",
                "1 per customer",
                "1 use per customer",
                "one each",
                "1 each",
                "one apiece",
                "once apiece",
                "one per person",
            ]
        ),
    ] = Field(False, description="Each customer can use it once.")
    many_per_customer: Annotated[
        bool,
        Says(
            true=[
                "more than once per customer",
                "several times per customer",
                "not just once per customer",
                "not only once per customer",
                "multiple times per customer",
                "no limit per customer",
                "without a limit per customer",
                "as often as each likes",
                "any number of times per customer",
                "remove the limit per customer",
                "remove the once per customer limit",
            ]
        ),
    ] = Field(False, description="Each customer can use it as often as they like.")
    scope: Annotated[
        Literal["only", "add", "remove", "all"] | None,
        Says(
            only=["only", "just for", "restrict", "limited to", "nothing but", "valid for"],
            add=["add", "include", "into", "also", "as well", "too", "cover"],
            remove=[
                "exclude",
                "take out",
                "out of",
                "leave out",
                "not for",
                "except",
                "no longer for",
                "remove",
                "not work on",
                "not work for",
                "not apply to",
                "not valid for",
                "not valid on",
                "not be valid for",
                "not be used on",
                "not be used for",
                "no longer work on",
                "no longer apply to",
                "no longer valid for",
            ],
            all=["everything", "all products", "the whole shop", "the entire shop", "all our products"],
        ),
    ] = Field(None, description="Whether it is only for the products or customers, for them as well, not for them, or for everything.")


@task(
    ahead=True,
    examples=[
        "change SUMMER20 to 30%", "extend the code WELCOME10 until Sunday", "limit GLOW10 to 100 uses", "rename the discount code MERCI to DANKE",
        "set a minimum of 50 euros on BLACK25", "let SUMMER20 run for another 3 days", "make SUMMER20 valid for candles only",
        "remove the usage limit on GLOW10",
    ],
)  # fmt: skip
async def edit_discount(args: EditDiscount, store: Store, clock: Clock) -> Proposal | Missing:
    """Change a discount code: what it gives, its dates, minimum, usage limit, products or the code itself.

    Raises:
        Invalid: A value is not possible: over 100%, an end before the start or in the past, a code already there.
    """
    if not any(_said(args, name) for name in args.one_of[1]):
        return Missing("value", say("What should be changed: how much it gives, its dates, minimum, limit, products, or the code?"))
    chosen = await _chosen(args, store)
    if isinstance(chosen, Missing):
        return chosen
    if (args.products is not None or args.customers is not None) and args.scope is None:
        what = "products" if args.products is not None else "customers"
        return Missing(
            "scope", say(f"Should it be only for these {what}, for them as well, or not for them any more?"),
            [("only", "only for them"), ("add", "for them as well"), ("remove", "not for them any more")],
        )  # fmt: skip
    _check(args, chosen, store)
    now = clock.now().replace(microsecond=0)
    new_code = await _new_code(args, chosen, store)
    changes = []
    for discount in chosen:
        fields = _fields(args, discount, store, now) | ({"code": new_code} if new_code is not None else {})
        changes += discount.set(store.shop.currency, **fields)
    return Proposal(_summary(changes, chosen), changes=changes)


def _said(args: EditDiscount, name: str) -> bool:
    value = getattr(args, name)
    if name == "single_use" and (args.once_per_customer or args.many_per_customer):
        return False  # "usable once" within "usable once per customer"
    return value is not None and value is not False and not (name == "scope" and value != "all")


async def _chosen(args: EditDiscount, store: Store) -> list[Discount] | Missing:
    if args.code is not None:
        found = await coded(args.code, store, field="code")
        return found if isinstance(found, Missing) else [found]
    known = await every_discount(store)
    if args.discounts is None:
        running = [(discount.code, discount.code) for discount in known if discount.status != "expired"]
        return Missing("code", say("Which discount code should be changed?"), running)
    chosen = [discount for discount in known if discount.id in args.discounts.ids]
    if not chosen:
        raise Invalid("None of these discounts is there any more.", field="discounts")
    return chosen


def _check(args: EditDiscount, chosen: Sequence[Discount], store: Store) -> None:
    """What cannot be whichever discount it is for."""
    for one, other in CONTRADICT:
        if _said(args, one) and _said(args, other):
            raise Invalid(f"“{one.replace('_', ' ')}” and “{other.replace('_', ' ')}” cannot both hold; say one of them.", field=other)
    check_currency(args, store, "value", "by", "minimum")
    if args.minimum is not None and args.minimum.amount <= 0:
        raise Invalid("The least an order must come to is above zero; say “no minimum” to take it off.", field="minimum")
    if args.usage_limit is not None and args.usage_limit < 1:
        raise Invalid("A code that can be used less than once is no code; end it instead.", field="usage_limit")
    if args.days is not None and args.days < 1:
        raise Invalid("Say by how many days it should run longer: 1 or more.", field="days")
    if args.products is not None and not args.products.ids:
        raise Invalid("None of the products this discount is to be for was found.", field="products")
    if args.customers is not None and not args.customers.ids:
        raise Invalid("None of the customers this discount is to be for was found.", field="customers")
    if args.new_code is not None and len(chosen) > 1:
        raise Invalid(f"{len(chosen)} discounts cannot have the same code. Say which one to rename.", field="new_code")


async def _new_code(args: EditDiscount, chosen: Sequence[Discount], store: Store) -> str | None:
    if args.new_code is None:
        return None
    code = plain_code(args.new_code)
    if not 2 <= len(code) <= LONGEST_CODE or not all(c.isascii() and (c.isalnum() or c in "-_") for c in code):
        raise Invalid(f"A code is 2 to {LONGEST_CODE} letters and digits, with - or _ between them.", field="new_code")
    if any(other.id != chosen[0].id for other in (await store.discounts(code=code)).items):
        raise Invalid(f"There is a code {code} already.", field="new_code")
    return code


def _fields(args: EditDiscount, discount: Discount, store: Store, now: datetime) -> dict[str, Any]:
    """The fields that get another value, in an order in which each step is possible."""
    fields: dict[str, Any] = {}
    if args.value is not None or args.by is not None or args.free_shipping:
        fields["worth"] = _worth(args, discount, store)
    if args.minimum is not None or args.no_minimum:
        fields["minimum"] = args.minimum
    if args.usage_limit is not None or _said(args, "single_use") or args.no_limit:
        fields["usage_limit"] = _limit(args, discount)
    if args.products is not None or args.scope == "all":
        fields["products"] = _products(args, discount)
    if args.customers is not None or args.everybody:
        fields["customers"] = _customers(args, discount)
    if args.once_per_customer or args.many_per_customer:
        fields["once_per_customer"] = not args.many_per_customer  # "more than once per customer" has the other's words in it
    return fields | _dates(args, discount, now)


def _worth(args: EditDiscount, discount: Discount, store: Store) -> str | Money:
    if args.free_shipping:
        return FREE_SHIPPING
    if args.value is not None:
        number = abs(args.value.value) if isinstance(args.value, Percent) else abs(args.value.amount)
        kind = "percent" if isinstance(args.value, Percent) else "amount"
    else:
        assert args.by is not None  # one of the three was said
        number, kind = _moved(args, args.by, discount), discount.kind
    if number <= 0:
        raise Invalid(f"{discount.code} would give nothing then; end it instead.", field="value")
    if kind == "percent" and number > 100:
        raise Invalid(f"A discount is at most 100%; {format(number.normalize(), 'f')}% would pay the customer.", field="value")
    worth = Money(number, store.shop.currency)
    if kind == "amount" and worth.amount <= 0:
        raise Invalid(f"{discount.code} would give less than the smallest coin.", field="value")
    return str(Percent(number)) if kind == "percent" else worth


def _moved(args: EditDiscount, by: Percent | Money, discount: Discount) -> Decimal:
    """ "By 5%" makes 20% 25%, and 10 euros 10.50."""
    if discount.kind in ("free_shipping", "buy_get"):
        raise Invalid(f"{discount.code} gives “{discount.worth('')}”; say what should come off instead.", field="by")
    if discount.kind == "percent" and isinstance(by, Money):
        raise Invalid(f"{discount.code} gives {discount.worth(by.currency)}; say how many percent more or less.", field="by")
    step = by.amount if isinstance(by, Money) else by.value if discount.kind == "percent" else discount.value * by.value / 100
    return discount.value + (-abs(step) if args.direction == "down" else abs(step) if args.direction == "up" else step)


def _limit(args: EditDiscount, discount: Discount) -> int | None:
    limit = None if args.no_limit else 1 if _said(args, "single_use") else args.usage_limit
    if limit is not None and limit < discount.used:
        raise Invalid(
            f"{discount.code} was used {discount.used} times already; a limit of {limit} would end it at once. Say a higher one, or end it.",
            field="usage_limit",
        )
    return limit


def _products(args: EditDiscount, discount: Discount) -> list[str]:
    wanted = list(args.products.ids) if args.products is not None else []
    match args.scope:
        case "add":
            if not discount.products:
                raise Invalid(f"{discount.code} holds for everything already.", field="products")
            return list(dict.fromkeys([*discount.products, *wanted]))
        case "remove":
            if not discount.products:
                raise Invalid(f"{discount.code} holds for everything; say which products it should be for instead.", field="products")
            left = [id for id in discount.products if id not in wanted]
            if not left:
                raise Invalid(f"{discount.code} would be for nothing then; end it instead.", field="products")
            return left
        case "all":
            return []
        case _:
            return wanted


def _customers(args: EditDiscount, discount: Discount) -> list[str] | None:
    """Whom it is for from now on; None for everybody. `scope` is of the products where any are said."""
    if args.customers is None:
        return None
    wanted, scope = list(args.customers.ids), args.scope if args.products is None else "only"
    if scope not in ("add", "remove"):
        return wanted
    if discount.customers is None:
        rest = "say whom it should be for instead" if scope == "remove" else "it is for them as well"
        raise Invalid(f"{discount.code} is for everybody already; {rest}.", field="customers")
    if scope == "add":
        return list(dict.fromkeys([*discount.customers, *wanted]))
    left = [id for id in discount.customers if id not in wanted]
    if not left:
        raise Invalid(f"{discount.code} would be for nobody then; end it instead.", field="customers")
    return left


def _dates(args: EditDiscount, discount: Discount, now: datetime) -> dict[str, datetime | None]:
    """Start and end, the one first that keeps the start before the end on the way."""
    starts = args.starts.start if isinstance(args.starts, Period) else args.starts
    ends = None if args.no_end else _end(args, discount, now)
    dates: dict[str, datetime | None] = {}
    if starts is not None:
        dates["starts_at"] = max(starts, now) if discount.starts_at > now or discount.status == "expired" else starts
    if ends is not None or args.no_end:
        dates["ends_at"] = ends
    first, last = dates.get("starts_at") or discount.starts_at, dates.get("ends_at", discount.ends_at)
    if dates and last is not None and last <= first:
        raise Invalid(f"{discount.code} would end before it starts.", field="ends" if ends is not None else "starts")
    later = starts is not None and discount.ends_at is not None and first >= discount.ends_at
    return dict(reversed(dates.items())) if later else dates


def _end(args: EditDiscount, discount: Discount, now: datetime) -> datetime | None:
    if args.days is not None:
        if discount.ends_at is None:
            raise Invalid(f"{discount.code} has no end, so it cannot run longer.", field="days")
        return max(discount.ends_at, now) + timedelta(days=args.days)
    ends = args.ends.end if isinstance(args.ends, Period) else args.ends
    if ends is not None and ends <= now:
        raise Invalid(f"That end is past; to end {discount.code} at once, say “end {discount.code}”.", field="ends")
    return ends


def _summary(changes: Sequence[Any], chosen: Sequence[Discount]) -> Sentence:
    edited = {change.target.id for change in changes}
    if not edited:
        return say("Nothing needs changing: it is so already.")
    if len(edited) == 1:
        code = next(discount.code for discount in chosen if discount.id in edited)
        if len(changes) == 1 and changes[0].field == "worth":
            return say("{code} gives {after} instead of {before}", code=code, before=changes[0].before, after=changes[0].after)
        if len(changes) == 1 and (whom := _whom(changes[0])) is not None:
            return say("{code} is {whom} from now on", code=code, whom=whom)
        return say("Change the discount {code}", code=code)
    return count("Change {n} discount", "Change {n} discounts", len(edited))


def _whom(change: Any) -> Sentence | None:
    """What a change of who may use it, or how often each, comes to."""
    if change.field == "customers":
        some = change.after is not None
        return count("for {n} customer only", "for {n} customers only", len(change.after)) if some else say("for everybody")
    if change.field == "once_per_customer":
        return say("usable once per customer") if change.after else say("usable more than once per customer")
    return None
