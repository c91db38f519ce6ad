import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from agent.sdk import (
    Args,
    AskedAs,
    Change,
    Clock,
    Cues,
    Customer,
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
    worth_of,
)

_SO_OFTEN = (
    "once", "one", "1", "1x", "one use", "1 use", "one time", "1 time", "single use", "one redemption", "one go", "just once", "only once",
)  # fmt: skip
_WHOM = ("customer", "person", "shopper", "buyer", "client", "head", "user", "account", "member", "guest")
EACH_ONCE = (
    *(f"{often} {by} {whom}" for often in _SO_OFTEN for by in ("per", "a", "each", "every", "for each", "for every") for whom in _WHOM),
    *(f"{often} each" for often in _SO_OFTEN),
    *(f"{every} {whom} {only}" for every in ("each", "every") for whom in _WHOM for only in ("only once", "once", "can use it once")),
    "everyone can use it once", "everybody only once", "everyone only once", "everybody once", "everyone once",
    "one apiece", "1 apiece", "once apiece", "one for each", "just one each", "only one each", "everybody gets one", "everyone gets one",
    "each gets one",
)  # fmt: skip
_NAMED = re.compile(r"^(?:(?:the|promo|discount)\s+)*(?:code|voucher|coupon)\s+(?=\S)", re.I)
"""What is said before a code: "voucher THANKS15"."""
_SPENDING = tuple(
    f"{word} {spent}"
    for word in ("when", "if", "once")
    for spent in (
        *(f"{who} {spend}" for who in ("they", "you", "customers", "people") for spend in ("spend", "buy for", "order for", "order over")),
        *(f"{who} {spends}" for who in ("somebody", "someone", "a customer", "the customer") for spends in ("spends", "buys for", "orders for")),
        *(f"{what} {comes}" for what in ("the basket", "the cart", "the order", "the total") for comes in ("is", "comes to", "reaches")),
    )
)
"""How the least that an order must come to is said as a condition."""
CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,39}")


_FIRST_TIMERS = r"(?:customers?|buyers?|shoppers?|clients?|orderers|purchasers?|subscribers|people)"


class CreateDiscount(Args):
    cannot = (
        (
            r"\bfree\s+(?:shipping|delivery)\b(?!.{0,100}\b(?:customers?|people|buyers?|every(?:one|body)|clients?|who|whoever|those|vips?)\b)"
            r".{0,60}?\b(?:in|to|within)\s+(?-i:(?!January|February|March|April|May|June|July|August|September|October|November|December|Christmas|Easter|VIP)"
            r"[A-ZÀ-Þ][a-zà-ÿ]+)(?!\s+\d)",
            say(
                "A discount is not for orders to a country here. It can be for the customers who live there by now, such as"
                " “free shipping above 60 euros for our customers in Germany”."
            ),
        ),
        (
            # whoever is new by then, and not those of a time that is said ("our new customers of October")
            r"\b(?:for|to|by|that|only)\s+(?:(?:only|just|all|any|every|our|the|a|brand[- ])\s*){0,3}(?:new|first[- ]time)\s+"
            rf"{_FIRST_TIMERS}\b"
            r"(?!\s+(?:of|from|since|this|last|in|who|that\s+(?:joined|signed|bought|ordered)|we|with)\b)",
            say(
                "A discount cannot tell here whether somebody orders for the first time. It can be for those who are customers by now, such as"
                " “the new customers of this month”, or limited to one use per customer."
            ),
        ),
    )
    like = (r"\bfor the price of (?:one|two|three|four|\d)\b", r"\boff\b.{0,60}\bwith (?:the |a )?(?:discount )?(?:code|voucher|coupon)\b")
    synonyms = (
        (
            r"^(?:minus|less)(?= \W?\d[\d.,]* ?(?:%|€|£|\$|euros?\b|eur\b|percent\b|pounds?\b|dollars?\b).{0,60}"
            r"\b(?:code|voucher|coupon|when (?:they|you|people|customers)|orders? (?:over|above|from)|next order)\b)",
            "save",
        ),
        (r"\bbog(?:o|of|ogo)s?\b", "2 for 1"),
        (r"\bfree (?:post|p ?& ?p)(?= (?:over|above|from|for|on|until|till|this|when|if)\b|\W*$)|\b(?:post|postage)[ -]free\b", "free shipping"),
    )
    decisive = (
        "free shipping over",
        "free shipping from",
        "free shipping for orders",
        "free delivery over",
        "free delivery from",
        "off … with the code",
        "off … with code",
        "for the price of one",
        "for the price of two",
        "for the price of 2",
        "for the price of 1",
        "off orders over",
        "off orders above",
        "off orders from",
        "off all orders",
        "off their next order",
        "off the next order",
        "when you spend",
        "off every order",
    )
    unlike = (
        r"\b(?:posts?|tweets?|newsletters?|ads?|adverts?|captions?|e ?mails?|mails?|stor(?:y|ies)|blogs?|scripts?)\b.{0,80}\bwith (?:the )?code\b",
        r"^(?:please )?discount (?:the|these|those|them|it|all|every|both|our|my)\b.*\bby\b",
    )
    one_of = (("value", "free_shipping", "gets", "deal"),)

    value: Annotated[Percent | Money | None, Cues("off", "discount", "discount of", "worth", "save"), AskedAs("How much off?")] = Field(
        None, description="How much comes off: 10%, or 5 euros."
    )
    free_shipping: Annotated[bool, Says(true=["free shipping", "free delivery", "no shipping costs", "free postage", "ships free"])] = Field(
        False, description="Shipping is free instead of something coming off."
    )
    buys: Annotated[int | None, Cues("buy", "bought", "purchase", "when they buy", "for every")] = Field(
        None, description="How many must be bought to get others free or cheaper."
    )
    gets: Annotated[int | None, Cues("get", "gets", "and get")] = Field(
        None, description="How many are got with them; free unless a percentage is said."
    )
    deal: Annotated[
        Literal["2 for 1", "3 for 2", "4 for 3"] | None,
        Says(
            **{
                "2 for 1": [
                    "2 for 1",
                    "two for one",
                    "2 for the price of 1",
                    "two for the price of one",
                    "buy one get one free",
                    "buy one get one",
                    "two … for the price of one",
                    "2 … for the price of 1",
                    "buy 1 get 1",
                ],
                "3 for 2": [
                    "3 for 2",
                    "three for two",
                    "3 for the price of 2",
                    "three for the price of two",
                    "three … for the price of two",
                    "3 … for the price of 2",
                ],
                "4 for 3": ["4 for 3", "four for three", "4 for the price of 3"],
            }
        ),
    ] = Field(None, description="So many for the price of fewer.")
    automatic: Annotated[bool, Says(true=["automatic", "automatically", "no code needed", "without a code", "applied at checkout"])] = Field(
        False, description="Given without a code being typed in."
    )
    code: Annotated[str | None, Cues("code", "called", "named", "coupon", "voucher", "promo code")] = Field(
        None, description="What customers type in; made from the value when left out."
    )
    minimum: Annotated[
        Money | None,
        Cues(
            "over",
            "above",
            "min",
            "min spend",
            "min order",
            "basket",
            "min basket",
            "minimum basket",
            "minimum",
            "from",
            "orders over",
            "at least",
            "spend",
            "spends",
            "spending",
            "when they spend",
            "orders of",
            "baskets of",
            "carts of",
            "once they spend",
            "upwards of",
            *_SPENDING,
        ),
    ] = Field(None, description="The least an order must come to.")
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
    customers: Annotated[
        Selection[Customer] | None, Cues("for", "only for", "just for", "exclusively for", "reserved for", "restricted to", "valid for")
    ] = Field(None, description="Only for these customers; for everybody when left out.")
    once_per_customer: Annotated[bool, Says(true=[*EACH_ONCE])] = Field(False, description="Each customer can use it once.")
    single_use: Annotated[
        bool,
        Says(
            true=[
                "single use", "single-use", "one use only", "one-time use", "one time use", "only be used once", "usable once", "one-off",
                "can be used once",
            ]
        ),
    ] = Field(False, description="It can be used once in all.")  # fmt: skip


@task(
    examples=[
        "create a discount code SUMMER20 for 20% off", "make a 5 euro voucher for orders over 50 euros", "free shipping code until Sunday",
        "10% off all candles with the code GLOW10, first 100 customers", "buy 2 get 1 free on all mugs",
        "set up a black friday code with 25% off from Friday to Monday",
    ]
)  # fmt: skip
async def create_discount(args: CreateDiscount, store: Store, clock: Clock) -> Proposal | Missing:
    """Create a discount: a percentage, an amount, free shipping, or some free with what is bought, with its conditions.

    Raises:
        Invalid: A value is not possible: more than 100%, nothing, an end before the start, a code already there.
    """
    if args.value is None and not args.free_shipping and _deal(args) is None:
        return Missing("value", say("How much off: a percentage, an amount, free shipping, or so many free with so many?"))
    _check(args, store)
    starts, ends = _times(args, clock)
    code = await _code(args, store)
    fields: dict[str, Any] = {
        "code": code, "kind": _kind(args), "value": format(_value(args), "f"), "minimum": args.minimum,
        "starts_at": starts.isoformat(), "ends_at": ends.isoformat() if ends else None,
        "usage_limit": _limit(args), "products": list(args.products.ids) if args.products is not None else [],
        **_extras(args),
    }  # fmt: skip
    what = say("{what}{whom}", what=_summary(args, code), whom=_whom(args))
    return Proposal(_on_terms(what, args, starts if starts > clock.now() else None, ends), changes=[Change.create("discount", code, fields)])


def _deal(args: CreateDiscount) -> tuple[int, int] | None:
    """How many are bought and how many are got with them."""
    if args.deal is not None:
        taken, paid = (int(number) for number in args.deal.split(" for "))
        return paid, taken - paid
    return None if args.gets is None else (args.buys or 1, args.gets)


def _extras(args: CreateDiscount) -> dict[str, Any]:
    """What only some discounts have; left out elsewhere."""
    deal = _deal(args)
    counts = {} if deal is None else {"buys": deal[0], "gets": deal[1]}
    flags = {name: True for name in ("automatic", "once_per_customer") if getattr(args, name)}
    return {**counts, **flags, **({"customers": list(args.customers.ids)} if args.customers is not None else {})}


def _limit(args: CreateDiscount) -> int | None:
    """How often in all; "once per customer" is not once in all."""
    return args.usage_limit or (1 if args.single_use and not args.once_per_customer else None)


def _whom(args: CreateDiscount) -> Sentence:
    """Whom it is for and how often each may use it, as it goes on after what it gives."""
    each = ", once per customer" if args.once_per_customer else ""
    if args.customers is None:
        return say(each)
    n = len(args.customers)
    if n == 1 and args.customers.label:
        return say(", for {label} only" + each, label=args.customers.label)
    return count(
        ", for {n} customer only ({label})" + each, ", for {n} customers only ({label})" + each, n, label=args.customers.label or "as chosen"
    )


def _on_terms(what: Sentence, args: CreateDiscount, starts: datetime | None, ends: datetime | None) -> Sentence:
    """What it gives with all that narrows it: who approves sees that a restriction was heard."""
    if args.products is not None and not args.products.where.everything:
        what = say("{what}, on {goods} only", what=what, goods=args.products.label or count("{n} product", "{n} products", len(args.products)))
    if args.minimum is not None:
        what = say("{what}, on orders from {minimum}", what=what, minimum=args.minimum)
    if (limit := _limit(args)) is not None:
        what = count("{what}, for {n} use in all", "{what}, for {n} uses in all", limit, what=what)
    if starts is not None:
        what = say("{what}; it begins on {day}", what=what, day=starts.date())
    return what if ends is None else say("{what}; it ends after {day}", what=what, day=(ends - timedelta(microseconds=1)).date())


def _kind(args: CreateDiscount) -> str:
    if _deal(args) is not None:
        return "buy_get"
    return "free_shipping" if args.free_shipping else "percent" if isinstance(args.value, Percent) else "amount"


def _value(args: CreateDiscount) -> Decimal:
    """How much comes off, without a sign: "15% off" may have been read as a move of −15%."""
    if args.value is None:
        return Decimal(100 if _deal(args) is not None else 0)
    if args.free_shipping:
        return Decimal(0)
    return abs(args.value.value) if isinstance(args.value, Percent) else abs(args.value.amount)


def _check(args: CreateDiscount, store: Store) -> None:
    _check_deal(args)
    if args.free_shipping and args.value is not None:
        raise Invalid("A code gives either free shipping or something off; make two codes for both.", field="free_shipping")
    if not args.free_shipping and _value(args) <= 0:
        raise Invalid("A discount of nothing is no discount.", field="value")
    if isinstance(args.value, Percent) and _value(args) > 100:
        raise Invalid(f"A discount is at most 100%; {format(_value(args).normalize(), 'f')}% would pay the customer.", field="value")
    check_currency(args, store, "value", "minimum")
    if args.minimum is not None and args.minimum.amount < 0:
        raise Invalid("The least an order must come to cannot be below zero.", field="minimum")
    if args.usage_limit is not None and args.usage_limit < 1:
        raise Invalid("A code that can be used less than once is no code.", field="usage_limit")
    if args.products is not None and not args.products.ids:
        raise Invalid("None of the products this discount is for was found.", field="products")
    if args.customers is not None and not args.customers.ids:
        raise Invalid("None of the customers this discount is for was found.", field="customers")


def _check_deal(args: CreateDiscount) -> None:
    if args.buys is not None and args.gets is None and args.deal is None:
        raise Invalid(f"Buy {args.buys}, and get how many?", field="gets")
    if _deal(args) is None:
        return
    if args.free_shipping or isinstance(args.value, Money):
        raise Invalid("What is got with what is bought is free or a percentage cheaper; make two codes for more.", field="value")
    if any(count is not None and count < 1 for count in (args.buys, args.gets)):
        raise Invalid("At least one must be bought, and at least one got with it.", field="gets")


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
        code = _NAMED.sub("", args.code.strip()).upper()
        if not CODE.fullmatch(code):
            raise Invalid("A code is 2 to 40 letters and digits, with - or _ between them.", field="code")
        if (await store.discounts(code=code)).items:
            raise Invalid(f"There is a code {code} already.", field="code")
        return code
    deal = _deal(args)
    made = (
        "FREESHIP"
        if args.free_shipping
        else f"{sum(deal)}FOR{deal[0]}"
        if deal and args.value is None
        else f"SAVE{format(_value(args).normalize(), 'f').replace('.', '-')}"
    )
    code, n = made, 1
    while (await store.discounts(code=code)).items:
        n += 1
        code = f"{made}-{n}"
    return code


def _summary(args: CreateDiscount, code: str) -> Sentence:
    if args.free_shipping:
        return say("Code {code}: free shipping", code=code)
    if (deal := _deal(args)) is not None:
        worth = worth_of("buy_get", _value(args), "", buys=deal[0], gets=deal[1])
        return say("Automatic discount {code}: {worth}" if args.automatic else "Code {code}: {worth}", code=code, worth=worth)
    value = Percent(_value(args)) if isinstance(args.value, Percent) else Money(_value(args), args.value.currency) if args.value else ""
    return say("Code {code}: {value} off", code=code, value=value)
