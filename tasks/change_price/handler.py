from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from agent.sdk import (
    PAST_CHANGES,
    Args,
    AskedAs,
    Change,
    Clock,
    Cues,
    Field,
    Invalid,
    Missing,
    Money,
    NotFound,
    Percent,
    Proposal,
    Says,
    Selection,
    Sentence,
    Store,
    Variant,
    check_currency,
    count,
    say,
    task,
)

_STEPS = {
    "0.05": ("5 cents", "5 cent", "five cents", "0.05", "5c", "5p"),
    "0.10": ("10 cents", "10 cent", "ten cents", "0.10", "10c", "10p"),
    "0.50": ("50 cents", "50 cent", "fifty cents", "half euro", "half a euro", "0.50", "50c", "50p", "half pound"),
    "5": ("5 euros", "5 euro", "five euros", "5 pounds", "5 dollars", "€5", "£5", "$5", "multiple of 5", "multiple of five"),
    "10": ("10 euros", "10 euro", "ten euros", "10 pounds", "10 dollars", "€10", "£10", "$10", "multiple of 10", "multiple of ten"),
}


def _nearest(*steps: str) -> list[str]:
    return [f"{lead} {step}" for step in steps for lead in ("nearest", "next", "full", "closest", "steps of")]


def _ending(cents: str) -> list[str]:
    """How merchants say that prices end so: "ending in .90", "and end on 90"."""
    leads = [f"{verb} {word}" for verb in ("ending", "end", "ends", "finish", "finishing") for word in ("in", "on", "with", "at")]
    return [*(f"{lead} {said}" for lead in leads for said in (cents, cents[1:])), f"to {cents}", f"round to {cents}", f"rounded to {cents}"]


class ChangePrice(Args):
    cannot = (PAST_CHANGES,)
    decisive = (
        "mark down", "marked down", "back to full price", "euro dearer", "euros dearer", "euro cheaper", "euros cheaper", "percent dearer",
        "percent cheaper", "% cheaper", "% dearer",
    )  # fmt: skip
    one_of = (("price", "by", "full_price", "round_to"),)
    beside = ("round_to",)
    like = (
        r"\boff sale\b",
        "the price of",
        "set the price",
        "change the price",
        r"^(?:please )?discount (?:the|these|those|them|it|all|every|both|our|my)\b.*\bby\b",
    )
    unlike = (
        r"\boff\b.{0,60}\bwith (?:the |a )?(?:discount )?(?:code|voucher|coupon)\b",
        r"\bfor the price of (?:one|two|three|four|\d)\b",
        r"\bwe (?:now )?(?:pay|paid|are paying|re paying) (?:only )?\W?\d",
        r"\b(?:supplier|wholesaler|vendor|maker) (?:now )?(?:charges|wants|asks)",
        "costs us",
        "cost us",
        "cost price",
        "cost of",
        "cost for",
        r"\bour costs?\b",
        "'s cost",
        "purchase price",
        "compare at",
        r"(?<!back to the )(?<!back to its )(?<!back to their )(?<!back at the )\bold price",
        "crossed out price",
        "list price",
        "msrp",
        "rrp",
        "what we pay",
        "we pay for",
        "we buy it for",
        "we buy them for",
        "buying price",
        "shipping price",
        "price of shipping",
        "delivery price",
    )

    variants: Annotated[Selection[Variant], AskedAs("Which products should change price?")] = Field(
        description="What to reprice: a product, a filter, a collection, or an earlier result."
    )
    price: Annotated[
        Money | Percent | None,
        Cues("to", "at", "for", "price", "cost", "make it", "make them", "make that"),
        AskedAs("At what price?"),
    ] = Field(None, description="The new price, or the move in percent: 12.50, -15%.")
    by: Annotated[
        Money | None,
        Cues(
            "by",
            "off",
            "more",
            "less",
            "cheaper",
            "dearer",
            "too expensive",
            "too dear",
            "too cheap",
            "too much",
            "too high",
            "too little",
            "too low",
            "add",
            "down by",
            "up by",
            "up",
            "down",
            "knock",
            "take",
            "plus",
            "minus",
            "another",
            "extra",
        ),
    ] = Field(None, description="Move the price by this amount instead of setting it; negative lowers it.")
    direction: Annotated[
        Literal["up", "down"] | None,
        Says(
            up=[
                "raise",
                "increase",
                "put up",
                "mark up",
                "more expensive",
                "dearer",
                "bump",
                "up by",
                "higher",
                "hike",
                "add",
                "up",
                "plus",
                "on top",
                "extra",
                "too cheap",
                "too low",
                "too little",
            ],
            down=[
                "lower",
                "reduce",
                "decrease",
                "cut",
                "off",
                "discount",
                "cheaper",
                "drop",
                "mark down",
                "knock",
                "less",
                "slash",
                "down by",
                "down",
                "minus",
                "come down",
                "shave",
                "trim",
                "too much",
                "too high",
                "too expensive",
                "too dear",
            ],
        ),
    ] = Field(None, description="Whether an amount or percent without a sign raises or lowers the price.")
    round_to: Annotated[
        Literal[".99", ".95", ".90", ".50", ".00", "0.05", "0.10", "0.50", "5", "10"] | None,
        Says(
            **{
                **{ending: _ending(ending) for ending in (".99", ".95", ".90", ".50")},
                ".00": ["whole euros", "round numbers", "whole numbers", "full euros", "ending in .00", "rounded to the euro", "to the nearest euro"],
                **{step: _nearest(*said) for step, said in _STEPS.items()},
            }
        ),
    ] = Field(None, description="Round the new price to the nearest one that ends so, or to the nearest multiple of 0.05, 0.10, 0.50, 5 or 10.")
    until: Annotated[datetime | None, Cues("until", "till", "through", "up to and including")] = Field(
        None, description="When the old prices come back."
    )
    show_old_price: Annotated[
        bool,
        Says(
            true=[
                "show the old price",
                "with the old price",
                "crossed out",
                "strike through",
                "as a sale price",
                "compare at",
                "keep the old price visible",
            ]
        ),
    ] = Field(False, description="Show the present price crossed out beside the new one (compare-at price).")
    full_price: Annotated[
        bool,
        Says(
            true=[
                "back to full price",
                "back to the old price",
                "back to normal",
                "end the sale",
                "back to the regular price",
                "original price",
                "back to full",
                "normal price",
                "normal prices",
                "regular price",
                "regular prices",
                "full price",
                "full prices",
                "usual price",
                "usual prices",
                "original prices",
                "out of the sale",
                "off sale",
                "no longer on sale",
                "undo the markdown",
                "price before the sale",
                "back to what it cost",
                "back to what they cost",
                "pre-sale price",
                "pre-sale prices",
            ]
        ),
    ] = Field(False, description="Put discounted prices back to the crossed-out old price.")


@task(
    about="price",
    examples=[
        "set the blue mug to 12.50", "15% off all summer dresses", "raise the price of the oak board by 2 euros",
        "make all candles 19.95 until Sunday",
        "mark the whole sale collection down 20% and show the old price", "increase everything by Acme 5% and round to .99",
        "put the beanies back to full price",
    ]
)  # fmt: skip
async def change_price(args: ChangePrice, store: Store, clock: Clock) -> Proposal | Missing:
    """Change what products cost: to a price, by an amount or by a percentage.

    Raises:
        NotFound: Nothing matches the selection.
        Invalid: A price would be nothing or less, in another currency, or the end lies in the past.
    """
    if args.price is None and args.by is None and not args.full_price and args.round_to is None:
        return Missing("price", say("What should the new price be?"))
    _check(args, store, clock)
    variants = await store.variants(args.variants)
    if not variants:
        raise NotFound("product", args.variants.label)
    meant = [variant for variant in variants if not _astray(args, variant)]
    if not meant:
        raise Invalid(f"{variants[0].label} costs {variants[0].price.amount} {variants[0].price.currency}; {_other_way(args)}", field="price")
    changes = [change for variant in meant for change in _changes(args, variant)]
    return Proposal(_summary(changes, len(variants) - len(meant), args), changes=changes, restore_at=args.until if changes else None)


def _check(args: ChangePrice, store: Store, clock: Clock) -> None:
    check_currency(args, store, "price", "by")
    if isinstance(args.price, Money) and args.price.amount <= 0:
        raise Invalid("A price must be more than nothing.", field="price")
    if sum((args.price is not None, args.by is not None, args.full_price)) > 1:
        raise Invalid("Say either the new price or how much it moves, not both.", field="price")
    if args.direction == "up" and _given(args) < 0:
        raise Invalid("Should the price go up or down? Both were said.", field="direction")
    if args.until is not None and args.until <= clock.now():
        raise Invalid("The date until which the price should hold is already past.", field="until")


def _given(args: ChangePrice) -> Decimal:
    """The move as it was said, in percent or money; 0 where the price is set outright."""
    if isinstance(args.price, Percent):
        return args.price.value
    return args.by.amount if args.by else Decimal(0)


def _astray(args: ChangePrice, variant: Variant) -> bool:
    """Whether the price would go the other way than was said: "reduce all mugs to 15" leaves one at 12 alone, "down to .99" one at 0.50."""
    if args.full_price or args.direction is None:
        return False
    price = args.price if isinstance(args.price, Money) else _new_price(args, variant)
    return variant.price < price if args.direction == "down" else price < variant.price


def _other_way(args: ChangePrice) -> str:
    return "that would raise the price, not lower it." if args.direction == "down" else "that would lower the price, not raise it."


def _changes(args: ChangePrice, variant: Variant) -> list[Change]:
    if args.full_price:
        old = variant.compare_at_price
        return variant.set(price=old, compare_at_price=None) if old is not None and variant.price < old else []
    price = _new_price(args, variant)
    if price.amount <= 0:
        raise Invalid(
            f"{variant.label} costs {variant.price.amount} {variant.price.currency}; that would bring it to nothing or less.", field="price"
        )
    if args.show_old_price and price < variant.price:
        # An old price already shown stays: a second markdown is still a markdown from what it cost at first.
        before = variant.compare_at_price
        return variant.set(price=price, compare_at_price=before if before is not None and variant.price < before else variant.price)
    return variant.set(price=price)


def _new_price(args: ChangePrice, variant: Variant) -> Money:
    """The price it comes to. Only rounded, with a way said, it is rounded that way; else to the nearest, if that is not against the way."""
    moved, ending = _priced(args, variant), args.round_to
    if ending is None:
        return moved
    way = args.direction
    nearest = _rounded(moved, ending, way if args.price is None and args.by is None else None)
    against = variant.price < nearest if way == "down" else way == "up" and nearest < variant.price
    return _rounded(moved, ending, way) if against else nearest


def _priced(args: ChangePrice, variant: Variant) -> Money:
    sign = -1 if args.direction == "down" else 1
    if isinstance(args.price, Percent):
        return Percent(sign * abs(args.price.value) if args.direction else args.price.value).applied_to(variant.price)
    if args.price is not None:
        return args.price.applied_to(variant.price)
    if args.by is None:
        return variant.price  # it is only rounded
    return variant.price + (args.by * sign if args.direction and args.by.amount > 0 else args.by)


def _rounded(price: Money, ending: str, way: Literal["up", "down"] | None = None) -> Money:
    """The nearest price with that ending or of that multiple, the lower of two equally near, or the next one that way; never nothing or less."""
    if price.amount <= 0:
        return price  # refused for what it is, not for its ending
    step = Decimal(1) if ending.startswith(".") else Decimal(ending)
    whole, over = price.amount // step * step, Decimal(ending) if ending.startswith(".") else Decimal(0)
    near = [whole + shift * step + over for shift in (-1, 0, 1) if whole + shift * step + over > 0]
    if way is not None:
        near = [amount for amount in near if (amount <= price.amount if way == "down" else amount >= price.amount)] or near
    return Money(min(near, key=lambda amount: (abs(amount - price.amount), amount)), price.currency)


def _summary(changes: Sequence[Change], left: int, args: ChangePrice) -> Sentence:
    prices = [change for change in changes if change.field == "price"]
    if not prices:
        return say("Nothing needs changing: the prices are so already.")
    if left:
        said = "New prices for {n} variants; {left} would have gone up and stay as they are"
        if args.direction == "up":
            said = "New prices for {n} variants; {left} would have gone down and stay as they are"
        return count(said.replace("prices for {n} variants", "price for {n} variant"), said, len(prices), left=left)
    if len(prices) == 1:
        return say("{product} from {before} to {after}", product=prices[0].target.label, before=prices[0].before, after=prices[0].after)
    return count("New price for {n} variant", "New prices for {n} variants", len(prices))
