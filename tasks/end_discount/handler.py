from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from agent.sdk import (
    Args,
    AskedAs,
    Change,
    Clock,
    Cues,
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
    count,
    say,
    task,
)
from agent.sdk.codes import NOBODY_USED, coded, every_discount, uses_in


class EndDiscount(Args):
    unlike = (
        r"^(?:(?:and|then|let|have|make) )*(?:them |it |all )?(?:end|finish)(?:ing)? (?:on|in|with|at) \W?\d\d\b",
        r"\boff\b.{0,60}\bwith (?:the |a )?(?:discount )?(?:code|voucher|coupon)\b",
        r"\b(?:delete|remove|erase)\s+(?:the\s+|our\s+|my\s+)?(?:customers?|orders?|products?|reviews?|accounts?)\b"
        r"(?!['’]|\s+(?:discount|code|voucher|coupon))",
    )
    one_of = (("codes", "discounts", "which", "products", "value"),)

    decisive = (
        "all codes", "all vouchers", "all coupons", "all promo codes", "all discount codes", "every voucher", "every code", "every coupon",
        "every promo",
        "all running promotions", "all promotions",
    )  # fmt: skip
    like = (r"\b(?:codes?|vouchers?|coupons?|promos?|promotions?|discounts?)\b",)

    codes: Annotated[
        list[str],
        Cues("code", "coupon", "voucher", "discount", "promotion", "promo", "offer"),
        AskedAs("Which discount code should end?"),
    ] = Field(default_factory=list, description="The codes to end.")
    discounts: Selection[Discount] | None = Field(None, description="Discounts of an earlier result.")
    which: Annotated[
        Literal["all", "unused", "expired"] | None,
        Says(
            all=[
                "all discounts", "all codes", "all discount codes", "all promotions", "all promo codes", "all running", "all active",
                "all the discounts", "all the codes", "all our discounts", "all our codes", "every discount", "every code", "every promotion",
                "every discount code", "all offers", "all vouchers", "all coupons", "any discount", "every voucher",
                "every coupon", "every promo", "every offer", "every promo code", "all the vouchers", "all the coupons", "all our vouchers",
                "all our coupons", "all promos", "everything that is running", "all of our codes", "all of our discounts",
            ],
            unused=NOBODY_USED,
            expired=["expired", "ended", "old codes", "old discounts", "outdated", "past discounts", "no longer valid"],
        ),
    ] = Field(None, description="All that run or are to come, those nobody has used, or those that are over.")  # fmt: skip
    used_in: Annotated[Period | None, Cues("used", "use", "redeemed", "uses")] = Field(
        None, description="The time that “unused” is said of, which is past; of others, those used in it."
    )
    keep: list[str] = Field(default_factory=list, description="Codes that are left as they are.")
    value: Annotated[Percent | Money | None, Cues("off", "the", "offer")] = Field(None, description="Those with so much off (what comes off).")
    products: Annotated[Selection[Product] | None, Cues("on", "for")] = Field(None, description="Those for some of these products.")
    ends: Annotated[
        Period | datetime | None,
        Cues("at", "until", "till", "on", "by", "after", "end", "ends", "stop", "tonight", "tomorrow", "from", "as of"),
    ] = Field(None, description="When it ends; at once when left out. A day means its end.")
    delete: Annotated[bool, Says(true=["delete", "erase", "remove", "get rid of", "bin", "scrap", "purge", "clean up", "clear out", "throw out"])] = (
        Field(False, description="Take the code away with its history, instead of letting it end.")
    )


@task(
    examples=[
        "end the code SUMMER20", "deactivate the discount WELCOME10", "stop all discounts tonight", "delete the code BLACK25",
        "switch off GLOW10 on Sunday", "end the 20% offer on candles", "delete all expired codes", "expire the voucher MERCI now",
    ]
)  # fmt: skip
async def end_discount(args: EndDiscount, store: Store, clock: Clock) -> Proposal | Missing:
    """End discount codes, now or at a time: one, several or all; or delete them.

    Raises:
        Invalid: It is over already, ends sooner, the time is past, or no discount is meant.
    """
    now = clock.now().replace(microsecond=0)
    when = _when(args.ends, now)
    chosen = await _chosen(args, store)
    if isinstance(chosen, Missing):
        return chosen
    if args.delete and args.ends is not None:
        return Missing("ends", say("A code is deleted at once. Should it be deleted now, or end at that time instead?"), [])
    if args.delete:
        return Proposal(_deleting(chosen), changes=[discount.delete(store.shop.currency) for discount in chosen])
    named = bool(args.codes) and len(chosen) == 1
    ending = [discount for discount in chosen if (why := _stays(discount, when, now)) is None or _raised(named, why)]
    if not ending:
        raise Invalid("None of these discounts runs or is to come, so there is nothing to end.", field="which")
    changes = [change for discount in ending for change in _ended(discount, when, store)]
    return Proposal(_summary(ending, when, now), changes=changes)


def _when(ends: Period | datetime | None, now: datetime) -> datetime:
    """The moment it ends: the end of a day that was named."""
    moment = now if ends is None else ends.end if isinstance(ends, Period) else ends
    if ends is not None and moment <= now:
        raise Invalid("That time is past; a discount can end now or later.", field="ends")
    return moment.replace(microsecond=0)


async def _chosen(args: EndDiscount, store: Store) -> list[Discount] | Missing:
    """The discounts that meet all that was said."""
    if not (args.codes or args.discounts is not None or args.which or args.products is not None or args.value is not None):
        return Missing(
            "codes", say("Which discount code should end?"), [(d.code, d.code) for d in await every_discount(store) if d.status != "expired"]
        )
    named = [await coded(code, store, field="codes") for code in dict.fromkeys(args.codes)]
    if (unknown := next((one for one in named if isinstance(one, Missing)), None)) is not None:
        return unknown
    kept = [await coded(code, store, field="keep") for code in dict.fromkeys(args.keep)]
    if (unknown := next((one for one in kept if isinstance(one, Missing)), None)) is not None:
        return unknown
    known = [one for one in named if isinstance(one, Discount)] or await every_discount(store)
    then = await uses_in(args.used_in, store) if args.used_in is not None else {}
    spared = {one.id for one in kept if isinstance(one, Discount)}
    chosen = [discount for discount in known if discount.id not in spared and _fits(discount, args, store, then)]
    if not chosen:
        raise Invalid("No discount is as you say, so there is nothing to end.", field="which")
    return list({discount.id: discount for discount in chosen}.values())


def _fits(discount: Discount, args: EndDiscount, store: Store, then: Mapping[str, int]) -> bool:
    """
    Args:
        then: Uses in the time that was said, by code.
    """
    uses = discount.used if args.used_in is None else then.get(discount.code.upper(), 0)
    return (
        (args.discounts is None or discount.id in args.discounts.ids)
        and (args.which != "unused" or uses == 0)
        and (args.which == "unused" or args.used_in is None or uses > 0)
        and (args.which != "expired" or discount.status == "expired")
        and (args.products is None or bool(set(discount.products) & set(args.products.ids)))
        and (args.value is None or discount.worth(store.shop.currency) == _worth(args.value))
    )


def _worth(value: Percent | Money) -> str | Money:
    return str(Percent(abs(value.value))) if isinstance(value, Percent) else Money(abs(value.amount), value.currency)


def _stays(discount: Discount, when: datetime, now: datetime) -> str | None:
    """Why this one is not to be ended then."""
    ends = discount.ends_at
    if ends is not None and ends <= now:
        return f"{discount.code} is over already: it ended on {discount.last_day:%d %B %Y}."
    if ends is not None and ends <= when:
        return f"{discount.code} ends sooner, on {discount.last_day:%d %B %Y}; say “extend {discount.code}” to let it run longer."
    return None


def _raised(named: bool, why: str) -> bool:
    """Of several, those that are over are left as they are; of one that was named, it is said."""
    if named:
        raise Invalid(why, field="ends")
    return False


def _ended(discount: Discount, when: datetime, store: Store) -> list[Change]:
    """The end set to the moment; one that would not have begun by then goes, since it cannot end before it starts."""
    if discount.starts_at >= when:
        return [discount.delete(store.shop.currency)]
    return discount.set(store.shop.currency, ends_at=when)


def _summary(ending: Sequence[Discount], when: datetime, now: datetime) -> Sentence:
    unborn = sum(discount.starts_at >= when for discount in ending)
    if len(ending) == 1:
        code = ending[0].code
        if unborn:
            return say("Delete {code}: it has not started by then", code=code)
        return say("End {code} now", code=code) if when == now else say("End {code} on {when}", code=code, when=when)
    if unborn:
        return count("End {n} discount", "End {n} discounts; {unborn} of them would not have started and are deleted", len(ending), unborn=unborn)
    return count("End {n} discount", "End {n} discounts", len(ending))


def _deleting(chosen: Sequence[Discount]) -> Sentence:
    if len(chosen) == 1:
        return say("Delete the discount code {code}", code=chosen[0].code)
    return count("Delete {n} discount code", "Delete {n} discount codes", len(chosen))
