import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from agent.sdk import (
    Args,
    AskedAs,
    Change,
    Clock,
    Cues,
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
    say,
    task,
)

CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,39}")


class CreateDiscount(Args):
    one_of = (("value", "free_shipping"),)

    value: Annotated[Percent | Money | None, Cues("off", "discount", "discount of", "worth", "save"), AskedAs("How much off?")] = Field(
        None, description="How much comes off: 10%, or 5 euros."
    )
    free_shipping: Annotated[bool, Says(true=["free shipping", "free delivery", "no shipping costs", "free postage", "ships free"])] = Field(
        False, description="Shipping is free instead of something coming off."
    )
    code: Annotated[str | None, Cues("code", "called", "named", "coupon", "voucher", "promo code")] = Field(
        None, description="What customers type in; made from the value when left out."
    )
    minimum: Annotated[Money | None, Cues("over", "above", "minimum", "from", "orders over", "at least", "spend", "when they spend")] = Field(
        None, description="The least an order must come to."
    )
    period: Annotated[Period | None, Cues("for", "during", "this", "next", "valid")] = Field(None, description="The time it is valid for.")
    starts: Annotated[datetime | None, Cues("from", "starting", "starts", "as of", "beginning")] = Field(
        None, description="When it starts; now when left out."
    )
    ends: Annotated[datetime | None, Cues("until", "till", "ends", "expires", "valid until", "through")] = Field(
        None, description="When it ends; never when left out."
    )
    usage_limit: Annotated[int | None, Cues("first", "uses", "times", "limit", "limited to", "customers", "at most")] = Field(
        None, description="How often it can be used in all."
    )
    products: Annotated[Selection[Product] | None, Cues("on", "for")] = Field(
        None, description="Only for these products; for everything when left out."
    )


@task(
    examples=[
        "create a discount code SUMMER20 for 20% off", "make a 5 euro voucher for orders over 50 euros", "free shipping code until Sunday",
        "10% off all candles with the code GLOW10, first 100 customers", "set up a black friday code with 25% off from Friday to Monday",
    ]
)  # fmt: skip
async def create_discount(args: CreateDiscount, store: Store, clock: Clock) -> Proposal | Missing:
    """Create a discount code: a percentage, an amount or free shipping, with its conditions.

    Raises:
        Invalid: A value is not possible: more than 100%, nothing, an end before the start, a code already there.
    """
    if args.value is None and not args.free_shipping:
        return Missing("value", say("How much off: a percentage, an amount, or free shipping?"))
    _check(args, store)
    starts, ends = _times(args, clock)
    code = await _code(args, store)
    fields: dict[str, Any] = {
        "code": code, "kind": _kind(args), "value": format(_value(args), "f"), "minimum": args.minimum,
        "starts_at": starts.isoformat(), "ends_at": ends.isoformat() if ends else None,
        "usage_limit": args.usage_limit, "products": list(args.products.ids) if args.products is not None else [],
    }  # fmt: skip
    return Proposal(_summary(args, code), changes=[Change.create("discount", code, fields)])


def _kind(args: CreateDiscount) -> str:
    return "free_shipping" if args.free_shipping else "percent" if isinstance(args.value, Percent) else "amount"


def _value(args: CreateDiscount) -> Decimal:
    """How much comes off, without a sign: "15% off" may have been read as a move of −15%."""
    if args.free_shipping or args.value is None:
        return Decimal(0)
    return abs(args.value.value) if isinstance(args.value, Percent) else abs(args.value.amount)


def _check(args: CreateDiscount, store: Store) -> None:
    if args.free_shipping and args.value is not None:
        raise Invalid("A code gives either free shipping or something off; make two codes for both.", field="free_shipping")
    if not args.free_shipping and _value(args) == 0:
        raise Invalid("A discount of nothing is no discount.", field="value")
    if isinstance(args.value, Percent) and _value(args) > 100:
        raise Invalid(f"A discount is at most 100%; {format(_value(args).normalize(), 'f')}% would pay the customer.", field="value")
    for name in ("value", "minimum"):
        amount = getattr(args, name)
        if isinstance(amount, Money) and amount.currency != store.shop.currency:
            raise Invalid(f"This shop sells in {store.shop.currency}, not in {amount.currency}.", field=name)
    if args.minimum is not None and args.minimum.amount < 0:
        raise Invalid("The least an order must come to cannot be below zero.", field="minimum")
    if args.usage_limit is not None and args.usage_limit < 1:
        raise Invalid("A code that can be used less than once is no code.", field="usage_limit")
    if args.products is not None and not args.products.ids:
        raise Invalid("None of the products this discount is for was found.", field="products")


def _times(args: CreateDiscount, clock: Clock) -> tuple[datetime, datetime | None]:
    now = clock.now().replace(microsecond=0)
    starts = args.starts or (args.period.start if args.period else now)
    ends = args.ends or (args.period.end if args.period else None)
    if ends is not None and ends <= now:
        raise Invalid("The end of the discount is already past.", field="ends")
    starts = max(starts, now)
    if ends is not None and ends <= starts:
        raise Invalid("The discount would end before it starts.", field="ends")
    return starts, ends


async def _code(args: CreateDiscount, store: Store) -> str:
    """The code as said, in capitals; one made from the value otherwise, with a number where it is taken."""
    if args.code is not None:
        code = args.code.strip().upper()
        if not CODE.fullmatch(code):
            raise Invalid("A code is 2 to 40 letters and digits, with - or _ between them.", field="code")
        if (await store.discounts(code=code)).items:
            raise Invalid(f"There is a code {code} already.", field="code")
        return code
    made = "FREESHIP" if args.free_shipping else f"SAVE{format(_value(args).normalize(), 'f').replace('.', '-')}"
    code, n = made, 1
    while (await store.discounts(code=code)).items:
        n += 1
        code = f"{made}-{n}"
    return code


def _summary(args: CreateDiscount, code: str) -> Sentence:
    if args.free_shipping:
        return say("Code {code}: free shipping", code=code)
    value = Percent(_value(args)) if isinstance(args.value, Percent) else Money(_value(args), args.value.currency) if args.value else ""
    return say("Code {code}: {value} off", code=code, value=value)
