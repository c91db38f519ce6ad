from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Annotated, Literal

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Between,
    Clock,
    Cues,
    Field,
    Filters,
    Money,
    Product,
    Query,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    Variant,
    Where,
    among,
    count,
    distinct,
    every,
    evidence,
    last_days,
    locations_called,
    only_for,
    say,
    task,
    variants_meant,
)
from agent.sdk.rule_words import WATCHED

SHOWN = 50
LOW_UNITS = 5
LOW_DAYS = 14
"""What "low" means when no number is said: at most 5 units, or stock for at most 14 days at the pace of the last 30."""
REORDER_DAYS = 30
PACE_DAYS = 30


class InventoryReport(Args):
    decisive = (
        "to reorder",
        "needs reordering",
        "need reordering",
        "needs to be reordered",
        "need to be reordered",
        "need to order soon",
        "have to order soon",
        "should i order soon",
        "should we order soon",
        "to order soon",
        "to order from our suppliers",
        "need to order from",
        "need to restock",
        "should i restock",
        "should we restock",
        "to restock soon",
        "should i reorder",
        "should we reorder",
        "need to reorder",
        "have to reorder",
        "must reorder",
        "nearly gone",
        "almost gone",
        "are we short of",
        "are we short on",
    )
    unlike = (WATCHED,)
    like = ("reorder", "re-order", "order again", "stock count of", "stock level")

    products: Selection[Product] | None = Field(None, description="Which products; all active ones when left out.")
    show: Annotated[
        Literal["low", "out", "reorder", "value", "all"] | None,
        Says(
            low=[
                "low",
                "running low",
                "running out",
                "low stock",
                "low in stock",
                "nearly out of stock",
                "almost out of stock",
                "low on stock",
                "almost gone",
                "nearly gone",
                "run out",
                "runs out",
                "nearly out",
                "short of",
                "short on",
                "running short",
            ],
            out=["out of stock", "sold out", "none left", "unavailable", "are out", "is out", "are all out"]
            + ["are we out of", "we are out of", "we're out of"],
            reorder=["reorder", "order again", "restock list", "what to order", "need to order", "buy in", "replenish", "re order"],
            value=["stock value", "value of the stock", "worth of stock", "inventory value", "tied up in stock", "stock worth"],
            all=["stock levels", "how many", "how much stock", "in stock", "inventory of", "units do we have", "all stock"],
        ),
    ] = Field(None, description="What runs low, what is out, what to reorder, what the stock is worth, or all levels.")
    stock: Annotated[Between[int] | None, Cues("fewer than", "less than", "under", "below", "at most", "units", "pieces", "left", "more than")] = (
        Field(None, description="Only what has so many units on hand; takes the place of what counts as low.")
    )
    days: Annotated[int | None, Cues("days", "days of cover", "within", "days left", "next")] = Field(
        None, ge=1, description="Only what lasts at most so many days at the pace of the last 30."
    )
    location: Annotated[str | None, Cues("at", "in", "location", "warehouse", "store")] = Field(
        None, description="The place whose stock is meant, by its name; all places together when left out."
    )
    sort: Annotated[
        Literal["stock", "cover", "sales", "name"] | None,
        Says(
            stock=[
                "by stock",
                "lowest first",
                "lowest stock",
                "least stock",
                "has the least",
                "have the least",
                "least left",
                "fewest left",
                "fewest units",
                "lowest inventory",
                "fewest in stock",
            ],
            cover=["by days of cover", "most urgent", "what runs out first"],
            sales=["by sales", "best sellers first", "fastest selling"],
            name=["by name", "alphabetically"],
        ),
    ] = Field(None, description="What comes first. The most urgent when left out.")
    top: Annotated[int | None, Cues("top", "first")] = Field(None, ge=1, description="How many to list at most.")


class StockFound(BaseModel):
    variants: Selection[Variant]
    products: Selection[Product]
    count: int
    units: int
    worth: Money
    """What the units cost, where the cost is known."""
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    variant: Variant
    on_hand: int
    sold: int
    """Units in the last 30 days."""

    @property
    def cover(self) -> Decimal | None:
        """Days the stock lasts; None where nothing was sold."""
        return Decimal(max(self.on_hand, 0) * PACE_DAYS) / self.sold if self.sold > 0 else None

    @property
    def reorder(self) -> int:
        """Units that bring the stock back to 30 days of sales."""
        return max(0, -(-self.sold * REORDER_DAYS // PACE_DAYS) - self.on_hand)

    @property
    def worth(self) -> Money | None:
        """What the units on hand cost; None where the cost is not known."""
        return self.variant.cost * max(self.on_hand, 0) if self.variant.cost is not None else None


@task(
    examples=[
        "what is running low", "which products are out of stock", "what should I reorder", "how many blue mugs do we have left",
        "everything with fewer than 10 units", "what will run out in the next 14 days", "stock levels of all dresses",
    ]
)  # fmt: skip
async def inventory_report(args: InventoryReport, store: Store, clock: Clock) -> Answer[StockFound]:
    """Say what is in stock, what runs low or is out, how long it lasts and what to reorder."""
    show = args.show or ("all" if args.products is not None or args.stock or args.days else "low")
    products = [p for p in await every(store.products, args.products) if args.products is not None or p.status == "active"]
    sold = await _sold(products, args.products is None, store, clock)
    where = args.products.where if args.products is not None else Where()
    place, called = (None, None) if args.location is None else next(iter((await locations_called(args.location, store)).items()))
    levels = [_level(v, place, sold) for p in products for v in variants_meant(p, where) if v.tracked and (place is None or place in v.stock)]
    first = args.sort or ("worth" if show == "value" else None)
    found = sorted((level for level in levels if _fits(level, show, args)), key=lambda level: _rank(level, first))
    chosen = found[: args.top] if args.top else found
    data = StockFound(
        variants=Selection[Variant](ids=tuple(level.variant.id for level in chosen), label=_label(show)),
        products=Selection[Product](ids=distinct(level.variant.product_id for level in chosen), label=_label(show)),
        count=len(found),
        units=sum(level.on_hand for level in found),
        worth=_worth(found, store),
        table=_table(chosen[:SHOWN]),
    )
    told = evidence(store, args, metric="stock", definition=_definition(show, args), rows=len(found), period=last_days(clock, PACE_DAYS))
    named = None if show == "all" and len(found) == 1 else args.products
    return Answer(only_for(_sentence(show, found, data.worth, products), named, called), data=data, evidence=told)


def _level(variant: Variant, place: str | None, sold: Mapping[str, int]) -> _Level:
    on_hand = variant.on_hand if place is None else variant.stock[place]
    return _Level(variant=variant, on_hand=on_hand, sold=sold.get(variant.id, 0))


async def _sold(products: Sequence[Product], everything: bool, store: Store, clock: Clock) -> Mapping[str, int]:
    """Units sold in the last 30 days by variant id."""
    filters = Filters() if everything else Filters(products=[product.id for product in products])
    result = await store.query(Query(metrics=["units"], dimensions=["variant"], period=last_days(clock, PACE_DAYS), filters=filters))
    return {row.ids["variant"]: int(str(row.values["units"])) for row in result.rows if "variant" in row.ids}


def _worth(levels: Sequence[_Level], store: Store) -> Money:
    return sum((level.worth for level in levels if level.worth is not None), Money.of(0, store.shop.currency))


def _fits(level: _Level, show: str, args: InventoryReport) -> bool:
    on_hand, cover = level.on_hand, level.cover
    if args.stock is not None and not among(on_hand, args.stock):
        return False
    if args.days is not None and (cover is None or cover > args.days):
        return False
    match show:
        case "out":
            return on_hand <= 0
        case "reorder":
            return level.reorder > 0
        case "low" if args.stock is None and args.days is None:
            return on_hand <= LOW_UNITS or (cover is not None and cover <= LOW_DAYS)
        case _:
            return True


def _rank(level: _Level, sort: str | None) -> tuple[Decimal | int | str, ...]:
    name = level.variant.label.casefold()
    match sort:
        case "stock":
            return (level.on_hand, name)
        case "sales":
            return (-level.sold, name)
        case "worth":
            return (-level.worth.amount if level.worth is not None else 1, name)
        case "name":
            return (name,)
        case _:
            return (0 if level.cover is not None else 1, level.cover or 0, level.on_hand, name)


def _label(show: str) -> str:
    return {"low": "what runs low", "out": "what is out of stock", "reorder": "what to reorder"}.get(show, "what is in stock")


def _definition(show: str, args: InventoryReport) -> str:
    pace = f"Days of cover: units on hand divided by units sold a day over the last {PACE_DAYS} days."
    match show:
        case "low" if args.stock is None and args.days is None:
            return f"Low: at most {LOW_UNITS} units on hand, or at most {LOW_DAYS} days of cover. {pace}"
        case "out":
            return f"Out of stock: no units on hand at any location. {pace}"
        case "value":
            return "Stock value: units on hand times what a unit costs; variants without a known cost are left out."
        case "reorder":
            return f"To reorder: what is missing to {REORDER_DAYS} days of sales. {pace}"
        case _:
            return f"Units on hand at all locations. {pace}"


def _sentence(show: str, found: Sequence[_Level], worth: Money, products: Sequence[Product]) -> Sentence:
    """What there is of it. Of a shop without products nothing is said to be well."""
    if not products:
        return say("There are no products here whose stock could be looked at.")
    n, units = len(found), sum(level.on_hand for level in found)
    match show:
        case "out":
            return count("{n} variant is out of stock.", "{n} variants are out of stock.", n)
        case "reorder":
            total = sum(level.reorder for level in found)
            return count("{n} variant to reorder, {units} units in all.", "{n} variants to reorder, {units} units in all.", n, units=total)
        case "low":
            return count("{n} variant is running low.", "{n} variants are running low.", n)
        case "value":
            unknown = sum(level.worth is None for level in found)
            if unknown:
                return say(
                    "{worth} of stock at cost, {units} units; the cost of {unknown} variants is not known.", worth=worth, units=units, unknown=unknown
                )
            return say("{worth} of stock at cost, {units} units.", worth=worth, units=units)
        case _:
            if n == 1:
                return count("{name}: {n} unit in stock.", "{name}: {n} units in stock.", units, name=found[0].variant.label)
            return count("{units} units in stock, of {n} variant.", "{units} units in stock, of {n} variants.", n, units=units)


def _table(levels: Sequence[_Level]) -> Table:
    columns = ["Product", "SKU", "In stock", "Sold in 30 days", "Days of cover", "Reorder", "Worth at cost"]
    return Table(columns=columns, rows=[_row(level) for level in levels], numeric=[False, False, True, True, True, True, True])


def _row(level: _Level) -> list[str | int | Decimal | Money | None]:
    cover = None if level.cover is None else level.cover.quantize(Decimal(1), ROUND_DOWN)
    return [level.variant.label, level.variant.sku, level.on_hand, level.sold, cover, level.reorder, level.worth]
