from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from agent.sdk import (
    PAST_CHANGES,
    Answer,
    Args,
    BaseModel,
    Between,
    Clock,
    Cues,
    Field,
    Filters,
    Money,
    Period,
    Product,
    Query,
    ReviewWhere,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    Variant,
    among,
    check_currency,
    count,
    every,
    evidence,
    last_days,
    say,
    task,
    up_to_now,
)
from tasks.find_products.margins import least_margin_of, margin_of, margins_of
from tasks.find_products.words import COST_SAID, GROUPS, NO_COST_ASKED, ONE, TITLES, By, asked_for, counted_by

SHOWN = 50
MOST_GROUPS = 200
USUAL_DAYS = 30
"""Days in which something sells well or badly where no time is said."""
Lacking = Literal["description", "image", "tags", "cost", "sku", "collection", "category", "seo", "reviews", "vendor", "type"]
Sort = Literal[
    "title", "price_low", "price_high", "stock_low", "stock_high", "newest", "oldest", "best_selling", "worst_selling", "best_rated", "worst_rated",
]  # fmt: skip


class FindProducts(Args):
    cannot = (PAST_CHANGES,)
    synonyms = ((r"\b(?:dearest|priciest)\b(?=(?: (?:thing|product|item|piece|article|one)s?\b)| (?:we|i)\b|\W*$)", "most expensive"),)
    unlike = (NO_COST_ASKED,)
    decisive = (
        *(
            words
            for name in ("vendors", "suppliers", "brands", "product types", "product categories", "collections", "product tags")
            for words in (
                f"how many {name}", f"how many different {name}", f"which {name} do we", f"what {name} do we", f"list all {name}", f"list our {name}"
            )
        ),
        "what tags do we", "which tags do we",
        "which product has the highest stock", "which product has the most stock", "which product has the lowest stock",
        "which product has the worst reviews", "which product has the best reviews", "product … worst rating", "product … best rating",
        "product … worst rated", "product … best rated",
        *(f"{how} {what}" for how in ("worst rated", "best rated", "lowest rated", "highest rated", "worst reviewed", "best reviewed")
          for what in ("product", "products", "item", "items", "article", "articles")),
        "products … no reviews", "products … without reviews", "products … without any reviews", "products … without a review",
        "products … never been reviewed", "products … not been reviewed", "unreviewed products", "products … never reviewed",
        "products … not reviewed", "products with the highest stock",
        *COST_SAID,
        "products with the lowest stock", "products with the most stock", "sold less than", "sold fewer than", "sold more than", "sold at least",
    )  # fmt: skip

    products: Selection[Product] | None = Field(
        None, description="Which products to look among: a name, an option, a tag, a collection. All when left out."
    )
    price: Annotated[
        Between[Money] | None, Cues("under", "below", "over", "above", "between", "cheaper than", "more than", "at most", "at least", "costing")
    ] = Field(None, description="Only products with a price in this range.")
    stock: Annotated[Between[int] | None, Cues("in stock", "left", "units", "pieces", "on hand", "fewer than")] = Field(
        None, description="Only products with so many units on hand."
    )
    status: Annotated[
        Literal["active", "draft", "archived"] | None,
        Says(
            active=["active", "live", "published", "on sale now", "visible", "not hidden"],
            draft=["draft", "drafts", "unpublished", "hidden", "not visible", "not live", "not published", "not online", "offline"],
            archived=["archived"],
        ),
    ] = Field(None, description="Only active, draft or archived products.")
    without: Annotated[
        Lacking | None,
        Says(
            description=["without a description", "no description", "missing descriptions", "missing a description", "without descriptions"],
            image=["without a picture", "without an image", "no image", "no photo", "missing images", "without photos", "without images"],
            tags=["without tags", "untagged", "no tags"],
            cost=["without a cost", "no cost", "missing costs"],
            sku=["without a sku", "no sku", "missing skus"],
            collection=["in no collection", "without a collection", "not in any collection"],
            category=["without a category", "no category", "uncategorised", "uncategorized"],
            seo=[
                "without a meta description",
                "no meta description",
                "without seo texts",
                "without an seo title",
                "no seo title",
                "without seo titles",
                "without a meta title",
                "no meta title",
                "without an seo description",
                "no seo description",
                "missing meta descriptions",
            ],
            reviews=[
                "without reviews",
                "without any reviews",
                "no reviews",
                "without a review",
                "not a single review",
                "no review",
                "unreviewed",
                "never been reviewed",
                "not been reviewed",
                "never reviewed",
                "no ratings",
                "without ratings",
            ],
            vendor=["without a vendor", "no vendor", "without a brand", "no brand", "without a supplier", "no supplier"],
            type=["without a type", "no type", "without a product type", "no product type"],
        ),
    ] = Field(None, description="Only products that lack this.")
    having: Annotated[
        Literal["description", "image", "cost", "sku", "reviews"] | None,
        Says(
            description=["with a description", "have a description", "has a description", "with descriptions"],
            image=[
                "with a photo",
                "have a photo",
                "has a photo",
                "with photos",
                "with an image",
                "have an image",
                "have photos",
                "have images",
                "with images",
                "with a picture",
                "have a picture",
                "have pictures",
                "with pictures",
            ],
            cost=["with a cost", "have a cost", "whose cost is known"],
            sku=["with a sku", "have a sku"],
            reviews=["with reviews", "have reviews", "with a review", "with at least one review", "have been reviewed"],
        ),
    ] = Field(None, description="Only products that have this.")
    discounted: Annotated[
        bool | None,
        Says(
            true=["on sale", "discounted", "marked down", "reduced", "with an old price"],
            false=[
                "not on sale",
                "at full price",
                "not discounted",
                "no longer discounted",
                "no longer on sale",
                "not reduced",
                "no longer reduced",
                "not marked down",
            ],
        ),
    ] = Field(None, description="Only products that have (or have not) a crossed-out old price.")
    tags: Annotated[list[str], Cues("tagged", "tag", "with the tag")] = Field(default_factory=list, description="Only products with all these tags.")
    added: Annotated[Period | None, Cues("added", "created", "new since", "new in")] = Field(None, description="Only products added in this period.")
    sold: Annotated[
        Between[int] | None,
        Cues("sold", "sold fewer than", "sold less than", "sold more than", "sold at least", "sold at most", "sold under", "sold over", "sales"),
    ] = Field(None, description="Only products of which so many units were sold.")
    unsold: Annotated[
        bool | None,
        Says(
            true=[
                "never sold",
                "not sold",
                "haven't sold",
                "hasn't sold",
                "didn't sell",
                "did not sell",
                "don't sell",
                "doesn't sell",
                "not selling",
                "isn't selling",
                "aren't selling",
                "sold nothing",
                "no sales",
                "without sales",
                "without a sale",
                "without any sales",
                "unsold",
                "not been sold",
                "never bought",
                "not been bought",
                "never been bought",
                "never ordered",
                "never been ordered",
                "haven't been sold",
                "hasn't been sold",
                "never been sold",
                "dead stock",
            ]
        ),
    ] = Field(None, description="Only active products of which none was sold.")
    sold_in: Annotated[
        Period | None,
        Cues("sold", "sell", "sales", "sale", "selling", "sellers", "bought", "ordered"),
    ] = Field(None, description="The time looked at for what sold or did not: all time for what did not sell, else the last 30 days, when left out.")
    rating: Annotated[Between[Decimal] | None, Cues("rated", "rating", "stars", "star", "average rating")] = Field(
        None, description="Only products with so many stars on average."
    )
    reviews: Annotated[Between[int] | None, Cues("reviews", "reviewed", "ratings")] = Field(None, description="Only products with so many reviews.")
    margin: Annotated[Between[Decimal] | None, Cues("margin", "margins", "with a margin")] = Field(
        None, description="Only products whose price leaves so many percent of it after their cost."
    )
    cost: Annotated[bool | None, Says(true=list(COST_SAID))] = Field(None, description="What one unit costs the shop.")
    sort: Annotated[
        Sort | None,
        Says(
            title=["by name", "alphabetically", "by title"],
            price_low=[
                "cheapest",
                "cheapest first",
                "lowest price",
                "lowest priced",
                "least expensive",
                "by price",
                "by their price",
                "by the price",
            ],
            price_high=["most expensive", "dearest", "priciest", "highest price", "highest priced"],
            stock_low=["least stock", "lowest stock", "fewest in stock", "fewest units", "by stock", "by their stock"],
            stock_high=["most stock", "highest stock", "most in stock", "biggest stock", "largest stock"],
            newest=["newest", "latest", "most recent", "what's new", "whats new", "what is new", "just added", "recently added", "new arrivals"],
            oldest=["oldest"],
            best_selling=["best selling", "bestselling", "best sellers", "top selling", "top sellers", "most popular", "most sold"],
            worst_selling=[
                "worst selling",
                "slowest selling",
                "slow selling",
                "least selling",
                "worst sellers",
                "slow sellers",
                "slowest sellers",
                "slow movers",
                "least popular",
                "least sold",
                "poorly selling",
            ],
            best_rated=[
                "best rated",
                "top rated",
                "highest rated",
                "best reviewed",
                "best reviews",
                "best rating",
                "highest rating",
                "best ratings",
                "highest ratings",
            ],
            worst_rated=[
                "worst rated",
                "lowest rated",
                "worst reviewed",
                "worst reviews",
                "worst rating",
                "lowest rating",
                "worst ratings",
                "lowest ratings",
            ],
        ),
    ] = Field(None, description="What comes first in the list.")
    groups: Annotated[By | None, Says(**{by: [*asked_for(names), *counted_by(ONE[by])] for by, names in GROUPS.items()})] = Field(
        None, description="What is to be listed instead of the products: the vendors, types, collections or tags they have, with how many each."
    )
    top: Annotated[int | None, Cues("top", "first")] = Field(None, ge=1, description="How many to list at most.")


class ProductsFound(BaseModel):
    products: Selection[Product]
    variants: Selection[Variant]
    count: int
    table: Table


@task(
    examples=[
        "show me all mugs under 20 euros", "which products have no description", "list draft products", "find everything tagged clearance",
        "do we sell linen dresses", "the 5 most expensive products by Acme", "how many products are on sale",
    ]
)  # fmt: skip
async def find_products(args: FindProducts, store: Store, clock: Clock) -> Answer[ProductsFound]:
    """List the products that match, with their prices and stock.

    Raises:
        Invalid: A price is in another currency.
    """
    check_currency(args, store, "price")
    among_these = await every(store.products, args.products)
    known = await _known(among_these, args, store, clock)
    found = [product for product in among_these if _fits(product, args) and _does(product, args, known)]
    found.sort(key=lambda product: product.title.casefold())
    if args.sort:
        found.sort(key=lambda product: _rank(product, args.sort, known))
    chosen = found[: args.top] if args.top else found
    data = ProductsFound(
        products=Selection[Product](ids=tuple(p.id for p in chosen), label=_label(args)),
        variants=Selection[Variant](ids=tuple(v.id for p in chosen for v in p.variants if _is_meant(v, args)), label=_label(args)),
        count=len(found),
        table=_table(chosen[:SHOWN], known, args) if args.groups is None else _group_table(found, args.groups),
    )
    told = evidence(store, args, metric="products", definition=_definition(args), rows=len(found), period=known.period)
    return Answer(_sentence(found, len(chosen), args, known), data=data, evidence=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of products beside their records; empty where nothing was asked of it."""

    period: Period | None = None
    units: Mapping[str, int] = field(default_factory=dict)
    """By product, of the period; what did not sell is not there."""
    stars: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """By product, of its published reviews."""

    def average(self, product: Product) -> Decimal | None:
        stars = self.stars.get(product.id, ())
        return Decimal(sum(stars)) / len(stars) if stars else None


async def _known(products: Sequence[Product], args: FindProducts, store: Store, clock: Clock) -> _Known:
    units: dict[str, int] = {}
    stars: dict[str, list[int]] = {}
    period = _period(args, clock) if _asks_of_sales(args) else None
    filters = Filters(products=[product.id for product in products]) if args.products is not None else Filters()
    if period is not None:
        sold = await store.query(Query(metrics=["units"], dimensions=["product"], period=period, filters=filters))
        units = {row.ids["product"]: int(row.values["units"]) for row in sold.rows if "product" in row.ids}  # type: ignore[arg-type]  # a count
    if _asks_of_reviews(args) and "reviews" in store.capabilities:
        for review in await every(store.reviews, ReviewWhere(products=filters.products, status=["published"])):
            stars.setdefault(review.product_id, []).append(review.rating)
    return _Known(period=period, units=units, stars=stars)


def _asks_of_sales(args: FindProducts) -> bool:
    return args.sold is not None or args.unsold is not None or args.sold_in is not None or args.sort in ("best_selling", "worst_selling")


def _asks_of_reviews(args: FindProducts) -> bool:
    return (
        args.rating is not None or args.reviews is not None or "reviews" in (args.without, args.having) or args.sort in ("best_rated", "worst_rated")
    )


def _period(args: FindProducts, clock: Clock) -> Period:
    if args.sold_in is not None:
        return up_to_now(args.sold_in, clock)
    if args.unsold:
        return Period(start=datetime(2000, 1, 1, tzinfo=clock.now().tzinfo), end=last_days(clock, 1).end, label="ever")
    return last_days(clock, USUAL_DAYS)


def _does(product: Product, args: FindProducts, known: _Known) -> bool:
    """What it sold, and what is thought of it."""
    units, average = known.units.get(product.id, 0), known.average(product)
    return (
        (args.unsold is None or (units == 0 and product.status == "active") == args.unsold)
        and (args.sold is None or among(units, args.sold))
        and (args.sold_in is None or args.unsold is not None or args.sold is not None or args.sort == "worst_selling" or units > 0)
        and (args.sort != "best_selling" or units > 0)
        and (args.sort != "worst_selling" or product.status == "active")
        and (args.rating is None or (average is not None and among(average, args.rating)))
        and (args.reviews is None or among(len(known.stars.get(product.id, ())), args.reviews))
        and (args.without != "reviews" or product.id not in known.stars)
        and (args.having != "reviews" or product.id in known.stars)
        and (args.sort not in ("best_rated", "worst_rated") or average is not None)
        and (args.margin is None or any(among(margin, args.margin) for margin in margins_of(product)))
    )


def _is_meant(variant: Variant, args: FindProducts) -> bool:
    """What holds of each variant by itself: one of three sizes may be dear, or sold at a loss."""
    margin = margin_of(variant)
    return among(variant.price, args.price) and (args.margin is None or (margin is not None and among(margin, args.margin)))


def _definition(args: FindProducts) -> str:
    told = ["Products of the shop that meet every condition."]
    if args.cost:
        told.append("What one unit costs the shop.")
    if args.margin is not None or args.cost:
        told.append("Margin: the price less the cost of a unit, as a share of the price; of products whose cost is known.")
    if args.rating is not None or args.sort in ("best_rated", "worst_rated"):
        told.append("Rating: the average stars of a product's published reviews.")
    if args.unsold:
        told.append("Not sold: active products of which no unit was sold in the period.")
    return " ".join(told)


def _fits(product: Product, args: FindProducts) -> bool:
    return (
        (args.status is None or product.status == args.status)
        and (args.price is None or any(among(variant.price, args.price) for variant in product.variants))
        and (args.stock is None or (any(v.tracked for v in product.variants) and among(_stock(product), args.stock)))
        and (args.without is None or _lacks(product, args.without))
        and (args.having in (None, "reviews") or not _lacks(product, args.having))
        and (args.discounted is None or _discounted(product) == args.discounted)
        and {tag.casefold() for tag in args.tags} <= {tag.casefold() for tag in product.tags}
        and (args.added is None or args.added.start <= product.created_at < args.added.end)
    )


def _lacks(product: Product, what: Lacking) -> bool:
    match what:
        case "description":
            return not product.description.value.strip()
        case "image":
            return not product.image_url
        case "tags":
            return not product.tags
        case "collection":
            return not product.collections
        case "category":
            return not product.category
        case "vendor":
            return not product.vendor.strip()
        case "type":
            return not product.product_type.strip()
        case "seo":
            return not (product.seo_title.strip() and product.seo_description.strip())
        case "reviews":
            return True  # told by the reviews themselves
        case "cost":
            return any(variant.cost is None for variant in product.variants)
        case "sku":
            return any(not variant.sku for variant in product.variants)


def _discounted(product: Product) -> bool:
    return any(v.compare_at_price is not None and v.price < v.compare_at_price for v in product.variants)


def _stock(product: Product) -> int:
    return sum(variant.on_hand for variant in product.variants if variant.tracked)


def _rank(product: Product, sort: Sort | None, known: _Known) -> int | float | Decimal:
    prices = [variant.price.minor for variant in product.variants] or [0]
    match sort:
        case "price_low":
            return min(prices)
        case "price_high":
            return -max(prices)
        case "stock_low":
            return _stock(product)
        case "stock_high":
            return -_stock(product)
        case "newest":
            return -product.created_at.timestamp()
        case "oldest":
            return product.created_at.timestamp()
        case "best_selling" | "worst_selling":
            units = known.units.get(product.id, 0)
            return units if sort == "worst_selling" else -units
        case "best_rated" | "worst_rated":
            average = known.average(product) or Decimal(0)
            return average if sort == "worst_rated" else -average
        case _:
            return 0


def _label(args: FindProducts) -> str:
    return args.products.label if args.products is not None and args.products.label else "the products found"


def _sentence(found: Sequence[Product], shown: int, args: FindProducts, known: _Known) -> Sentence:
    """How many there are; of one its price and stock, and of a ranking what comes first."""
    if not found:
        return say("No product matches.")
    if args.groups is not None and (groups := _groups(found, args.groups)):
        (first, most), *_ = groups
        if len(found) == 1:
            return say("{name}: {groups}.", name=found[0].title, groups=", ".join(name for name, _ in groups))
        return say("{by}: {n} in all; most products: {first} ({most}).", by=TITLES[args.groups], n=len(groups), first=first, most=most)
    if len(found) == 1:
        return _cost_of_one(found[0]) if args.cost else _of_one(found[0])
    told = count("{n} product matches.", "{n} products match.", len(found))
    if shown < len(found):
        told = count("{n} product matches; here are the first {shown}.", "{n} products match; here are the first {shown}.", len(found), shown=shown)
    if args.sort is None or args.sort == "title":
        return told
    return say("{told} First: {name}, {price}.", told=told, name=found[0].title, price=_by_which(found[0], args.sort, known))


def _by_which(product: Product, sort: Sort, known: _Known) -> Money | Sentence | None:
    """What has put it first."""
    match sort:
        case "stock_low" | "stock_high":
            return count("{n} unit in stock", "{n} units in stock", _stock(product))
        case "best_selling" | "worst_selling":
            return count("{n} unit sold", "{n} units sold", known.units.get(product.id, 0))
        case "best_rated" | "worst_rated":
            return say("{stars} stars", stars=(known.average(product) or Decimal(0)).quantize(Decimal("0.1")))
        case _:
            return _price(product)


def _groups(products: Sequence[Product], by: By) -> list[tuple[str, int]]:
    """What they have of it, with how many products each; what most of them have first."""
    found = Counter(name for product in products for name in _of_group(product, by))
    return sorted(found.items(), key=lambda one: (-one[1], one[0].casefold()))


def _of_group(product: Product, by: By) -> Sequence[str]:
    match by:
        case "vendors":
            return [product.vendor] if product.vendor.strip() else []
        case "types":
            return [product.product_type] if product.product_type.strip() else []
        case "collections":
            return product.collections
        case "tags":
            return product.tags


def _group_table(products: Sequence[Product], by: By) -> Table:
    rows: list[list[object]] = [[name, n] for name, n in _groups(products, by)]
    return Table(columns=[TITLES[by], "Products"], rows=rows[:MOST_GROUPS], numeric=[False, True])


def _of_one(product: Product) -> Sentence:
    facts = {"name": product.title, "price": _price(product), "units": _stock(product)}
    if product.status != "active":
        return say("{name}: {price}, not in the shop now ({status}).", **facts, status=product.status)
    if not any(variant.tracked for variant in product.variants):
        return say("{name}: {price}, stock is not counted.", **facts)
    return say("{name}: {price}, {units} in stock.", **facts)


def _cost_of_one(product: Product) -> Sentence:
    if (cost := _cost(product)) is None:
        return say("{name} sells for {price}; what it costs the shop is not known.", name=product.title, price=_price(product))
    return say("{name} costs the shop {cost} a unit and sells for {price}.", name=product.title, cost=cost, price=_price(product))


def _price(product: Product) -> Money | Sentence | None:
    return _span([variant.price for variant in product.variants])


def _cost(product: Product) -> Money | Sentence | None:
    return _span([variant.cost for variant in product.variants if variant.cost is not None])


def _span(amounts: Sequence[Money]) -> Money | Sentence | None:
    """From the least to the most; None of none."""
    if not amounts:
        return None
    low, high = min(amounts, key=lambda money: money.minor), max(amounts, key=lambda money: money.minor)
    return low if low == high else say("{low} – {high}", low=low, high=high)


def _table(products: list[Product], known: _Known, args: FindProducts) -> Table:
    columns = ["Product", "Status", "Price from", "Price to", "In stock", "Vendor", "Type"]
    rows, numeric = [_row(product) for product in products], [False, False, True, True, True, False, False]
    if known.period is not None:
        columns, numeric = [*columns, "Units"], [*numeric, True]
        rows = [[*row, known.units.get(product.id, 0)] for row, product in zip(rows, products, strict=True)]
    if args.cost or args.margin is not None:
        columns, numeric = [*columns, "Cost", "Margin %"], [*numeric, True, True]
        rows = [[*row, _cost(product), least_margin_of(product)] for row, product in zip(rows, products, strict=True)]
    if _asks_of_reviews(args):
        columns, numeric = [*columns, "Stars"], [*numeric, True]
        stars = [average.quantize(Decimal("0.1")) if (average := known.average(product)) is not None else None for product in products]
        rows = [[*row, one] for row, one in zip(rows, stars, strict=True)]
    return Table(columns=columns, rows=rows, numeric=numeric)


def _row(product: Product) -> list[object]:
    prices = sorted((variant.price for variant in product.variants), key=lambda price: price.minor)
    low, high = (prices[0], prices[-1]) if prices else (None, None)
    stock = _stock(product) if any(variant.tracked for variant in product.variants) else None
    return [product.title, product.status, low, high, stock, product.vendor, product.product_type]
