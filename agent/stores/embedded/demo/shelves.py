"""The catalogue: products with their variants, stock, tags and collections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import product as combinations
from random import Random
from zoneinfo import ZoneInfo

from agent.db.goods import Collection, CollectionMember, InventoryLevel, Product, Tag, Variant
from agent.db.shop import Location
from agent.stores.embedded.demo.rows import Row, Rows
from agent.stores.embedded.demo.sources import Choice, Good

ZONE = ZoneInfo("Europe/Berlin")
SIZE_DEMAND = {"XS": 1.0, "S": 3.0, "M": 5.0, "L": 4.0, "XL": 2.0}
WAREHOUSE, SHOP_FLOOR = "Leipzig Warehouse", "Berlin Shop"
IN_KITCHEN = {"Mugs", "Plates", "Bowls", "Teapots & Jugs", "Boards", "Kitchen Tools", "Tea Towels", "Aprons"}
UNTRACKED = "Gift Card"
REDUCED_FOR_DAYS = 40
"""How long the present reductions have been on; before, the old price was paid."""

COLLECTIONS: Sequence[tuple[str, Callable[[Good], bool]]] = (
    ("New In", lambda good: "new" in good.flags),
    ("Sale", lambda good: good.was_minor is not None),
    ("Summer", lambda good: good.season == "summer"),
    ("Winter Warmers", lambda good: good.season == "winter" and good.type not in {"Plates", "Bowls", "Kitchen Tools"}),
    ("Kitchen", lambda good: good.type in IN_KITCHEN),
    ("Table & Dining", lambda good: "tableware" in good.tags or good.type == "Table Linen"),
    ("Bedroom & Bath", lambda good: bool({"bedroom", "bath"} & set(good.tags))),
    ("Gifts under 25", lambda good: "gift" in good.tags and good.price_minor < 2500),
    ("Wedding List", lambda good: "wedding list" in good.tags),
    ("Christmas", lambda good: "christmas" in good.tags or good.season == "advent"),
    ("Stationery", lambda good: "stationery" in good.tags),
    ("Little Ones", lambda good: bool({"kids", "baby"} & set(good.tags))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product on the shelf and what the order book needs to know of it."""

    good: Good
    row: Row
    variants: Sequence[Row]
    demand: Sequence[float]
    """Of each variant beside its siblings."""
    sold_from: date
    sold_until: date
    reduced_from: date
    """Before this day, the variant's compare-at price was paid."""

    def price_on(self, variant: Row, day: date) -> int:
        was = variant["compare_at_minor"]
        return int(was if was is not None and day < self.reduced_from else variant["price_minor"])


def stock_shelves(rows: Rows, goods: Sequence[Good], today: date, dice: Random) -> list[Item]:
    """Put every good on the shelf. Goods that sell best come with the deepest stock."""
    for position, name in enumerate((WAREHOUSE, SHOP_FLOOR)):
        rows.add(Location, name=name, position=position)
    items = [_item(rows, good, today, dice) for good in goods]
    for position, (title, belongs) in enumerate(COLLECTIONS):
        collection = rows.add(Collection, title=title, position=position)
        for item in items:
            if belongs(item.good):
                rows.add(CollectionMember, collection_id=collection["id"], product_id=item.row["id"])
    return items


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold().replace("’", "").replace("'", "")).strip("-")


def _item(rows: Rows, good: Good, today: date, dice: Random) -> Item:
    sold_from = today - timedelta(days=dice.randint(18, 50) if "new" in good.flags else dice.randint(600, 1400))
    sold_until = today - timedelta(days=dice.randint(110, 260)) if "archived" in good.flags else today
    if "draft" in good.flags:
        sold_from, sold_until = today - timedelta(days=dice.randint(3, 20)), date.min
    row = _product(rows, good, sold_from)
    made = [_variant(rows, good, row, at, choices, dice) for at, choices in enumerate(combinations(*(values for _, values in good.options)))]
    return Item(
        good=good,
        row=row,
        variants=[variant for variant, _ in made],
        demand=[demand for _, demand in made],
        sold_from=sold_from,
        sold_until=sold_until,
        reduced_from=today - timedelta(days=REDUCED_FOR_DAYS),
    )


def _product(rows: Rows, good: Good, created: date) -> Row:
    status = next((flag for flag in ("draft", "archived") if flag in good.flags), "active")
    row = rows.add(
        Product,
        title=good.title,
        handle=slug(good.title),
        description=good.description,
        status=status,
        vendor=good.maker,
        product_type=good.type,
        options=[[name, [choice.value for choice in values]] for name, values in good.options],
        created_at=datetime.combine(created, time(9), ZONE),
    )
    for position, tag in enumerate(good.tags):
        rows.add(Tag, kind="product", folded=tag.casefold(), record_id=row["id"], tag=tag, position=position)
    return row


def _variant(rows: Rows, good: Good, product: Row, position: int, choices: Sequence[Choice], dice: Random) -> tuple[Row, float]:
    adds = sum(choice.adds_minor for choice in choices)
    price = good.price_minor + adds
    values = [choice.value for choice in choices]
    variant = rows.add(
        Variant,
        product_id=product["id"],
        position=position,
        sku=_sku(good, product["id"], values) if good.title != UNTRACKED else None,
        price_minor=price,
        compare_at_minor=good.was_minor + adds if good.was_minor is not None else None,
        # Makers ask 38 to 52 percent of the price before tax.
        cost_minor=None if "nocost" in good.flags else round(price / 1.19 * (0.38 + 0.14 * dice.random())),
        tracked=good.title != UNTRACKED,
        **{f"option{n}": value for n, value in enumerate(values, 1)},
    )
    demand = _demand(values, dice)
    if variant["tracked"]:
        for location, units in enumerate(_stock(good, demand, dice), 1):
            rows.add(InventoryLevel, variant_id=variant["id"], location_id=location, on_hand=units)
    return variant, demand


def _demand(values: Sequence[str], dice: Random) -> float:
    demand = 0.6 + 0.8 * dice.random()
    for value in values:
        demand *= SIZE_DEMAND.get(value, 3.0)
    return demand


def _stock(good: Good, demand: float, dice: Random) -> Iterator[int]:
    """Units in the warehouse, then in the shop. One variant in nine is low and one in sixteen is gone, beside those flagged."""
    fate = dice.random()
    if "out" in good.flags or fate < 0.06:
        yield from (0, 0)
    elif "low" in good.flags or fate < 0.17:
        yield from (dice.randint(0, 3), dice.randint(0, 2))
    else:
        deep = 4 + round(good.weight * dice.uniform(2.0, 7.0) * min(demand, 5.0) / 2)
        yield from (deep, dice.randint(1, 2 + deep // 6))


def _sku(good: Good, number: int, values: Sequence[str]) -> str:
    return "-".join([_letters(good.maker), f"{number:03d}", *(_letters(value) for value in values)])


def _letters(text: str) -> str:
    """ "Hollow Clay Studio" to "HCS", "Speckled" to "SPEC", "XL" to "XL"."""
    words = re.findall(r"[A-Za-z0-9]+", text)
    return ("".join(word[0] for word in words) if len(words) > 1 else words[0][:4]).upper()
