from typing import Annotated, Literal

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Between,
    Cues,
    Field,
    Money,
    Period,
    Product,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    Variant,
    among,
    count,
    every,
    evidence,
    task,
)

SHOWN = 50


class FindProducts(Args):
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
            active=["active", "live", "published", "on sale now", "visible"],
            draft=["draft", "drafts", "unpublished", "hidden"],
            archived=["archived"],
        ),
    ] = Field(None, description="Only active, draft or archived products.")
    without: Annotated[
        Literal["description", "image", "tags", "cost", "sku", "collection"] | None,
        Says(
            description=["without a description", "no description", "missing descriptions", "missing a description", "without descriptions"],
            image=["without a picture", "without an image", "no image", "no photo", "missing images", "without photos", "without images"],
            tags=["without tags", "untagged", "no tags"],
            cost=["without a cost", "no cost", "missing costs"],
            sku=["without a sku", "no sku", "missing skus"],
            collection=["in no collection", "without a collection", "not in any collection"],
        ),
    ] = Field(None, description="Only products that lack this.")
    discounted: Annotated[
        bool | None,
        Says(true=["on sale", "discounted", "marked down", "reduced", "with an old price"], false=["not on sale", "at full price", "not discounted"]),
    ] = Field(None, description="Only products that have (or have not) a crossed-out old price.")
    tags: Annotated[list[str], Cues("tagged", "tag", "with the tag")] = Field(default_factory=list, description="Only products with all these tags.")
    added: Annotated[Period | None, Cues("added", "created", "new since", "new in")] = Field(None, description="Only products added in this period.")
    sort: Annotated[
        Literal["title", "price_low", "price_high", "stock_low", "stock_high", "newest"] | None,
        Says(
            title=["by name", "alphabetically", "by title"],
            price_low=["cheapest", "cheapest first", "lowest price"],
            price_high=["most expensive", "dearest", "priciest", "highest price"],
            stock_low=["least stock", "lowest stock"],
            stock_high=["most stock", "highest stock"],
            newest=["newest", "latest", "most recent"],
        ),
    ] = Field(None, description="What comes first in the list.")
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
async def find_products(args: FindProducts, store: Store) -> Answer[ProductsFound]:
    """List the products that match, with their prices and stock."""
    found = [product for product in await every(store.products, args.products) if _fits(product, args)]
    found.sort(key=lambda product: product.title.casefold())
    if args.sort:
        found.sort(key=lambda product: _rank(product, args.sort))
    chosen = found[: args.top] if args.top else found
    data = ProductsFound(
        products=Selection[Product](ids=tuple(p.id for p in chosen), label=_label(args)),
        variants=Selection[Variant](ids=tuple(v.id for p in chosen for v in p.variants if among(v.price, args.price)), label=_label(args)),
        count=len(found),
        table=_table(chosen[:SHOWN]),
    )
    told = evidence(store, args, metric="products", definition="Products of the shop that meet every condition.", rows=len(found))
    return Answer(_sentence(len(found), len(chosen)), data=data, evidence=told)


def _fits(product: Product, args: FindProducts) -> bool:
    return (
        (args.status is None or product.status == args.status)
        and (args.price is None or any(among(variant.price, args.price) for variant in product.variants))
        and (args.stock is None or (any(v.tracked for v in product.variants) and among(_stock(product), args.stock)))
        and (args.without is None or _lacks(product, args.without))
        and (args.discounted is None or _discounted(product) == args.discounted)
        and {tag.casefold() for tag in args.tags} <= {tag.casefold() for tag in product.tags}
        and (args.added is None or args.added.start <= product.created_at < args.added.end)
    )


def _lacks(product: Product, what: Literal["description", "image", "tags", "cost", "sku", "collection"]) -> bool:
    match what:
        case "description":
            return not product.description.value.strip()
        case "image":
            return not product.image_url
        case "tags":
            return not product.tags
        case "collection":
            return not product.collections
        case "cost":
            return any(variant.cost is None for variant in product.variants)
        case "sku":
            return any(not variant.sku for variant in product.variants)


def _discounted(product: Product) -> bool:
    return any(v.compare_at_price is not None and v.price < v.compare_at_price for v in product.variants)


def _stock(product: Product) -> int:
    return sum(variant.on_hand for variant in product.variants if variant.tracked)


def _rank(product: Product, sort: str | None) -> int | float:
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
        case _:
            return 0


def _label(args: FindProducts) -> str:
    return args.products.label if args.products is not None and args.products.label else "the products found"


def _sentence(found: int, shown: int) -> Sentence:
    if shown < found:
        return count("{n} product matches; here are the first {shown}.", "{n} products match; here are the first {shown}.", found, shown=shown)
    return count("{n} product matches.", "{n} products match.", found)


def _table(products: list[Product]) -> Table:
    columns = ["Product", "Status", "Price from", "Price to", "In stock", "Vendor", "Type"]
    return Table(columns=columns, rows=[_row(product) for product in products], numeric=[False, False, True, True, True, False, False])


def _row(product: Product) -> list[str | int | Money | None]:
    prices = sorted((variant.price for variant in product.variants), key=lambda price: price.minor)
    low, high = (prices[0], prices[-1]) if prices else (None, None)
    stock = _stock(product) if any(variant.tracked for variant in product.variants) else None
    return [product.title, product.status, low, high, stock, product.vendor, product.product_type]
