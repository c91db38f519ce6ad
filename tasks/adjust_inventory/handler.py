import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from agent.sdk import (
    Args,
    Ask,
    AskedAs,
    Change,
    Cues,
    Field,
    Invalid,
    Missing,
    NotFound,
    Proposal,
    Refusal,
    Says,
    Selection,
    Sentence,
    Store,
    Variant,
    count,
    locations_called,
    say,
    task,
)

_MOVED = r"\b(?:move|shift|relocate|transfer)\s+(?:over\s+)?(?:\d+|half|a\s+dozen)\b(?!\s+products?\b).{0,60}\bfrom\s+"
"""So many units of something; "move all candles from Kitchen to Christmas" is of collections."""
NOT_MOVED = say(
    "Stock is not moved between places in one step. Take it off at the one and add it at the other: “remove 5 wool socks in Berlin”,"
    " “add 5 wool socks in Leipzig”."
)


class AdjustInventory(Args):
    cannot = (
        # said here only where it may be taken for something else; what is surely of this task is told by it
        (rf"(?!transfer){_MOVED}(?!(?:there|here)\b).{{1,40}}\b(?:to|into)\s+\S", NOT_MOVED),
        (
            r"\b(?:order|buy|reorder|purchase)\b.{0,60}\b(?:from|at|with)\s+(?:the|our|my|a)\s+(?:supplier|vendor|wholesaler|manufacturer)\b|\bpurchase\s+orders?\b",
            say(
                "Storehand orders nothing from suppliers. It tells what to reorder (“what should I reorder”) and books in what arrives "
                "(“we received 50 wool socks”)."
            ),
        ),
    )
    synonyms = (
        (
            r"^(?:we['’]?re|we are|we have|we['’]?ve|were) (?:now |all |completely |totally )?(?:run )?out of(?! (?:stock|office)\b)(?=[^?]+$)",
            "we ran out of",
        ),
    )
    telling = (
        "stock", "inventor", "unit", "piece", "pcs", "pc", "quantit", "qty", "count", "number", "left", "restock", "receiv", "deliver",
        "arriv", "came", "come", "in today", "sold out", "out of", "broke", "damag", "lost", "stolen", "missing", "gone", "more", "add",
        "remov", "take", "took", "off", "fewer", "less", "increase", "decrease", "reduce", "have", "got", "back", "shelf", "shelves",
        "warehouse", "write", "there", "hand", "box", "case", "pack", "crate", "dozen", "return", "made", "baked", "printed", "bump",
        "top up", "only", "none", "zero", "smashed", "knocked", "subtract", "deduct", "minus", "plus", "extra", "another", "fell", "threw",
        "thrown", "ate", "available", "they", "thats", "that's", "it's", "now",
    )  # fmt: skip
    one_of = (("units", "out_of_stock"), ("how", "out_of_stock"))

    variants: Annotated[Selection[Variant], AskedAs("Which product?")] = Field(description="What was counted, received or lost.")
    units: Annotated[int | None, Cues("to", "by", "units", "pieces", "of", "with", "more"), AskedAs("How many units?")] = Field(
        None, description="How many units: the new count, or how many more or fewer."
    )
    how: Annotated[
        Literal["set", "add", "remove"] | None,
        Says(
            set=[
                "set",
                "to",
                "at",
                "is now",
                "are now",
                "now have",
                "count is",
                "count … is #",
                "stock is",
                "stock … is #",
                "inventory … is #",
                "in stock",
                "on hand",
                "exactly",
                "in total",
                "we have",
                "there are",
                "recount",
                "counted",
                "left",
                "only",
                "should be",
                "should read",
                "should say",
                "should show",
                "is now",
                "there's",
                "we've got",
                "I've got",
                *(f"{verb} … to #" for verb in ("restock", "increase", "reduce", "decrease", "raise", "top up", "bump", "add", "more")),
                *(f"{verb} to #" for verb in ("restock", "increase", "reduce", "decrease", "raise", "top up")),
                "back to #",
                "down to #",
                "up to #",
                "count",
            ],
            add=[
                "add",
                "received",
                "receive",
                "restock",
                "more",
                "arrived",
                "came in",
                "delivery of",
                "got a delivery",
                "had a delivery",
                "delivery came",
                "delivery arrived",
                "plus",
                "increase",
                "got",
                "back",
                "in the post",
                "returned",
                "extra",
                "another",
                "top up",
                "new delivery",
                "in again",
                "up by #",
            ],
            remove=[
                "remove",
                "take off",
                "off",
                "off the count",
                "off the stock",
                "broken",
                "broke",
                "damaged",
                "lost",
                "write off",
                "write … off",
                "wrote … off",
                "written off",
                "chipped",
                "cracked",
                "dented",
                "ruined",
                "spoiled",
                "faulty",
                "defective",
                "unsellable",
                "mouldy",
                "torn",
                "minus",
                "fewer",
                "decrease",
                "reduce",
                "stolen",
                "gone",
                "missing",
                "smashed",
                "subtract",
                "deduct",
                "knocked off",
                *(f"{verb} … out of {place}" for verb in ("take", "took", "taken", "pull") for place in ("stock", "the", "our", "inventory")),
                "fell",
                "threw away",
                "thrown away",
                "were sold",
                "was sold",
                "sold at",
                "we sold",
                "I sold",
                "used up",
                "gave away",
                "down by #",
                "given away",
            ],
        ),
        AskedAs("Is that the new count, or so many more or fewer?"),
    ] = Field(None, description="Set the count, add units or remove units.")
    out_of_stock: Annotated[
        bool,
        Says(
            true=[
                "out of stock",
                "sold out",
                "zero out",
                "none left",
                "no more left",
                "all gone",
                "ran out",
                "run out of",
                "no stock left",
                "zero stock",
                "to zero",
                "nothing left",
                "zero the stock",
                "zero the count",
                "zero their stock",
                "zero its stock",
                "zero stock of",
                "zero stock for",
            ]
        ),
    ] = Field(False, description="There are none left.")
    location: Annotated[str | None, Cues("at", "in", "location", "warehouse", "store")] = Field(
        None, description="The place whose stock it is, by its name; the main one when left out."
    )
    everywhere: Annotated[
        bool,
        Says(
            true=[
                f"{each} {place}"
                for each in ("both", "all", "every", "each", "all our", "both our", "all the", "both of the", "all of the", "each of the")
                for place in ("locations", "location", "shops", "stores", "warehouses", "places", "branches", "sites")
            ]
            + ["everywhere", "at each place", "in every shop", "in every store"]
        ),
    ] = Field(False, description="At each location the same, and not at the main one alone.")


@task(
    about="stock",
    examples=[
        "set the stock of the blue mug to 40", "we received 20 oak boards", "mark the linen dress in size M as out of stock",
        "add 15 units to every candle", "3 teapots were broken, take them off", "restock the beanies with 50 at the Berlin warehouse",
    ]
)  # fmt: skip
async def adjust_inventory(args: AdjustInventory, store: Store, ask: Ask) -> Proposal | Missing | Refusal:
    """Set, add or remove units on hand, or mark products as out of stock.

    Raises:
        NotFound: Nothing matches the selection, or no location has that name.
        Invalid: The count would be below zero, or stock is not tracked.
    """
    if re.search(rf"{_MOVED}.{{1,60}}\b(?:to|into)\s+\S", ask.text, re.I):
        return Refusal(NOT_MOVED)
    if args.units is None and not args.out_of_stock:
        return Missing("units", say("How many units?"))
    if args.units is not None and args.how is not None and args.out_of_stock:
        args = args.model_copy(update={"out_of_stock": False})  # "add 20 to the mug that ran out": it tells which, or why
    if args.units and args.out_of_stock:
        raise Invalid(f"Say either that there are none left or what the {args.units} units are; both at once cannot be.", field="out_of_stock")
    if args.how is None and not args.out_of_stock:
        return Missing("how", say("Is that the new count, or so many more or fewer?"))
    if args.units is not None and args.units < 0:
        raise Invalid("Say how many units as a number from 0 up; to take some off, say “remove”.", field="units")
    variants = await store.variants(args.variants)
    if not variants:
        raise NotFound("product", args.variants.label)
    tracked = [variant for variant in variants if variant.tracked]
    if not tracked:
        raise Invalid(f"Stock of {args.variants.label or variants[0].label} is not tracked.", field="variants")
    named = await locations_called(args.location, store)
    places = list(named)
    if not places:
        raise Invalid("This shop has no location that keeps stock.", field="location")
    at_once = [[place] for place in places] if args.everywhere and not args.out_of_stock else [places]
    changes = [change for variant in tracked for where in at_once for change in _changes(variant, args, where)]
    return Proposal(_summary(args, changes, named), changes=changes)


def _changes(variant: Variant, args: AdjustInventory, places: Sequence[str]) -> list[Change]:
    main, units = next((place for place in places if place in variant.stock), places[0]), args.units or 0
    if args.out_of_stock:
        return [change for place in places if place in variant.stock for change in variant.set_stock(0, location=place)]
    if args.how == "add":
        return [variant.add_stock(units, location=main)] if units else []
    if args.how == "remove":
        return _taken(variant, units, main)
    # Kept in several places, "set the stock to 40" is a count at the main one; the summary says where.
    return variant.set_stock(units, location=main)


def _taken(variant: Variant, units: int, place: str) -> list[Change]:
    have = variant.stock.get(place, 0)
    if units > have:
        raise Invalid(f"There are only {have} of {variant.label}; {units} cannot be taken off.", field="units")
    return [variant.add_stock(-units, location=place)] if units else []


def _summary(args: AdjustInventory, changes: Sequence[Change], places: Mapping[str, str]) -> Sentence:
    variants = len({change.target.id for change in changes})
    if not changes:
        return say("Nothing needs changing: the stock is so already.")
    if args.out_of_stock:
        return count("{n} variant out of stock", "{n} variants out of stock", variants)
    if args.how == "add":
        return count("{units} more of {n} variant", "{units} more of each of {n} variants", variants, units=args.units)
    if args.how == "remove":
        return count("{units} fewer of {n} variant", "{units} fewer of each of {n} variants", variants, units=args.units)
    touched = {place: name for place, name in places.items() if f"stock:{place}" in {change.field for change in changes}}
    if len(places) == 1 or len(touched) > 1:
        return count("Stock of {n} variant set to {units}", "Stock of {n} variants set to {units}", variants, units=args.units)
    return count(
        "Stock of {n} variant at {place} set to {units}, elsewhere as it is", "Stock of {n} variants at {place} set to {units}, elsewhere as it is",
        variants, units=args.units, place=next(iter(touched.values())),
    )  # fmt: skip
