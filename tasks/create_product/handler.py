from collections.abc import Mapping, Sequence
from itertools import product as combinations
from math import prod
from typing import Annotated, Any

from agent.sdk import (
    Args,
    AskedAs,
    Change,
    CollectionRef,
    Cues,
    Field,
    Invalid,
    Missing,
    Money,
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

LONGEST = 255
MOST_VARIANTS, MOST_OPTIONS = 100, 3

Options = Mapping[str, Sequence[str]]


class CreateProduct(Args):
    decisive = ("we now stock", "we now sell", "we now carry", "we are now selling", "we are adding to the range", "new in the range")
    unlike = (r"^(?:please )?(?:make|set|put|price) (?:the|our|my|this|that|these|those|all|every|each)\b(?! (?:new|next|following|product|item)\b)",)
    like = ("want to sell", "now sell", "going to sell", "start selling", "new product", "new item", "brand new")

    title: Annotated[
        str, Cues("called", "named", "product", "item", "title", "name", "create", "add"), AskedAs("What is the new product called?")
    ] = Field(description="The title of the new product.")
    price: Annotated[Money, Cues("for", "at", "price", "priced at", "costs", "costing", "price of"), AskedAs("What should it cost?")] = Field(
        description="What it costs the customer; every variant costs that."
    )
    cost: Annotated[
        Money | None,
        Cues("cost", "cost price", "costs us", "cost us", "we pay", "purchase price", "bought for", "buying price", "cost of goods", "we buy it for"),
    ] = Field(None, description="What one unit costs the merchant.")
    sizes: Annotated[list[str], Cues("sizes", "size", "in sizes")] = Field(default_factory=list, description="The sizes it comes in.")
    colours: Annotated[list[str], Cues("colours", "colors", "colour", "color", "in the colours")] = Field(
        default_factory=list, description="The colours it comes in."
    )
    options: Annotated[list[str], Cues("variants")] = Field(
        default_factory=list, description="Other options with their values, each as “Material: Oak, Walnut”."
    )
    sku: Annotated[str | None, Cues("sku", "article number", "item number")] = Field(
        None, description="The SKU; with variants, each gets it with its options behind."
    )
    stock: Annotated[int | None, Cues("in stock", "stock", "units", "pieces", "on hand", "inventory", "we have", "quantity")] = Field(
        None, description="Units on hand of each variant, at the main location."
    )
    product_type: Annotated[str | None, Cues("product type", "type", "category")] = Field(None, description="The product type.")
    vendor: Annotated[str | None, Cues("vendor", "brand", "supplier", "made by", "maker")] = Field(None, description="The vendor.")
    tags: Annotated[list[str], Cues("tag", "tagged", "tags", "tag it", "labelled")] = Field(default_factory=list, description="Tags to put on.")
    description: Annotated[str | None, Cues("description", "described as", "text")] = Field(None, description="The description, word for word.")
    collection: Annotated[CollectionRef | None, Cues("collection", "in the collection", "into")] = Field(
        None, description="The collection it goes into."
    )
    publish: Annotated[bool, Says(true=["publish", "publish it", "published", "put it online", "make it live", "live", "active", "visible"])] = Field(
        False, description="Whether customers can see it at once; a draft otherwise."
    )


@task(
    examples=[
        "create a product called Walnut Tray for 34 euros", "add a new product: Linen Apron, 29.90, sizes S, M and L",
        "new product \"Ash Bowl\" at 18 euros, 20 in stock, sku AB-01", "set up a draft product Wool Throw, price 89, vendor Acme",
        "add a product named Soy Candle for 12.50 and publish it",
    ]
)  # fmt: skip
async def create_product(args: CreateProduct, store: Store) -> Proposal | Missing:
    """Create a product with its price, options, SKU and stock, as a draft unless it is to be published.

    Raises:
        Invalid: A value is not possible: no price, too many variants, an option value twice, a SKU already there.
    """
    title = _checked_title(args)
    if await _taken(title, store):
        return Missing("title", say("There is a product called “{title}” already. What should the new one be called?", title=title))
    _check(args, store)
    options = _options(args)
    variants = await _variants(args, options, store)
    await _check_skus([one["sku"] for one in variants if one["sku"]], store)
    fields: dict[str, Any] = {
        "title": title, "status": "active" if args.publish else "draft", "description": (args.description or "").strip(),
        "vendor": (args.vendor or "").strip(), "product_type": (args.product_type or "").strip(), "tags": _tags(args.tags),
        "options": [[name, list(values)] for name, values in options.items()], "collections": await _collections(args, store), "variants": variants,
    }  # fmt: skip
    return Proposal(_summary(args, title, len(variants)), changes=[Change.create("product", title, fields)])


def _checked_title(args: CreateProduct) -> str:
    title = " ".join(args.title.split()).strip(" ,;")
    if not title or not title.isprintable():
        raise Invalid("A product needs a title.", field="title")
    if len(title) > LONGEST:
        raise Invalid(f"A title has at most {LONGEST} characters; this one has {len(title)}.", field="title")
    return title


async def _taken(title: str, store: Store) -> bool:
    names = (mention.label for mention in await store.vocabulary() if mention.kind == "product")
    return any(name.casefold() == title.casefold() for name in names)


def _check(args: CreateProduct, store: Store) -> None:
    check_currency(args, store, "price", "cost")
    if args.price.amount <= 0:
        raise Invalid("A product costs more than nothing. What should it cost?", field="price")
    if args.cost is not None and args.cost.amount < 0:
        raise Invalid("What a unit costs you cannot be below zero.", field="cost")
    if args.stock is not None and args.stock < 0:
        raise Invalid("Units on hand cannot be below zero.", field="stock")
    if args.stock is not None and args.stock >= 2**31:
        raise Invalid("That is more units than a shop can count.", field="stock")
    for name in ("vendor", "product_type", "sku"):
        value = getattr(args, name)
        if value is not None and (not value.strip() or len(value) > LONGEST or not value.strip().isprintable()):
            raise Invalid(f"The {name.replace('_', ' ')} is 1 to {LONGEST} characters of text.", field=name)


def _options(args: CreateProduct) -> dict[str, list[str]]:
    """Option name to its values, the ones with names of their own last."""
    said: list[tuple[str, list[str]]] = [("Size", args.sizes), ("Colour", args.colours)]
    for text in args.options:
        option, colon, listed = text.partition(":")
        if not colon or not option.strip():
            raise Invalid(f"Say the option “{text}” with its values, as in “Material: Oak, Walnut”.", field="options")
        said.append((option.strip(), listed.split(",")))
    options = {name: [" ".join(value.split()) for value in values] for name, values in said if values}
    if len({name.casefold() for name in options}) < len([values for _, values in said if values]):
        raise Invalid("Two options have the same name.", field="options")
    if len(options) > MOST_OPTIONS:
        raise Invalid(f"A product has at most {MOST_OPTIONS} options; this one has {len(options)}.", field="options")
    for name, values in options.items():
        _check_values(name, values)
    if (many := prod(len(values) for values in options.values())) > MOST_VARIANTS:
        raise Invalid(f"That makes {many} variants; a product has at most {MOST_VARIANTS}.", field="options")
    return options


def _check_values(name: str, values: Sequence[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if not value or not value.isprintable() or len(value) > LONGEST or len(name) > LONGEST or not name.isprintable():
            raise Invalid(f"Each value of {name[:40]} is 1 to {LONGEST} characters of text.", field="options")
        if value.casefold() in seen:
            raise Invalid(f"“{value}” comes twice among the values of {name}.", field="options")
        seen.add(value.casefold())


async def _variants(args: CreateProduct, options: Options, store: Store) -> list[dict[str, Any]]:
    """One for each combination of values; one without any."""
    main = next(iter(await store.locations()), None)
    stock = {main: args.stock} if args.stock is not None and main is not None else {}
    return [
        {
            "options": list(values), "sku": _sku(args, values), "price": args.price, "compare_at_price": None, "cost": args.cost, "tracked": True,
            "stock": stock,
        }
        for values in combinations(*options.values())
    ]  # fmt: skip


def _sku(args: CreateProduct, values: Sequence[str]) -> str | None:
    if args.sku is None:
        return None
    return "-".join([args.sku.strip(), *(value.upper().replace(" ", "") for value in values)])


async def _check_skus(skus: Sequence[str], store: Store) -> None:
    if len({sku.casefold() for sku in skus}) < len(skus):
        raise Invalid("Two variants would have the same SKU.", field="sku")
    for sku in skus:
        ids = tuple(mention.id for mention in await store.named("variant", sku))
        taken = [variant for variant in await store.variants(Selection[Variant](ids=ids)) if (variant.sku or "").casefold() == sku.casefold()]
        if taken:
            raise Invalid(f"The SKU {sku} is that of {taken[0].label} already. Which one should the new product have?", field="sku")
    if any(len(sku) > 120 for sku in skus):
        raise Invalid("A SKU has at most 120 characters.", field="sku")


def _tags(said: Sequence[str]) -> list[str]:
    """Each once, whatever its case."""
    tags = {tag.strip().casefold(): tag.strip() for tag in said if tag.strip()}
    if wrong := next((tag for tag in tags.values() if "," in tag or not tag.isprintable() or len(tag) > LONGEST), None):
        raise Invalid(f"“{wrong[:40]}” cannot be a tag: a tag is one word or a few, without a comma.", field="tags")
    return list(tags.values())


async def _collections(args: CreateProduct, store: Store) -> list[str]:
    if args.collection is None:
        return []
    if all(known.id != args.collection.id for known in await store.collections()):
        raise Invalid("The collection it is to go into is not there.", field="collection")
    return [args.collection.id]


def _summary(args: CreateProduct, title: str, variants: int) -> Sentence:
    facts = {"product": title, "price": args.price, "state": "published at once" if args.publish else "as a draft"}
    if variants == 1:
        return say("New product {product} at {price}, {state}", **facts)
    if args.stock is not None:
        return count(
            "New product {product} at {price}", "New product {product} in {n} variants at {price}, {units} of each, {state}", variants,
            units=args.stock, **facts,
        )  # fmt: skip
    return count("New product {product} at {price}", "New product {product} in {n} variants at {price}, {state}", variants, **facts)
