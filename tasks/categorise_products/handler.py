from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from agent.sdk import (
    Args,
    AskedAs,
    Field,
    Label,
    Labeller,
    Percent,
    Product,
    Proposal,
    ProviderError,
    Refusal,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    count,
    evidence,
    products_meant,
    say,
    task,
)

MOST = 500
SHOWN = 100
HEAD = "product_category"
BETWEEN = " > "
LEAST_NAMED = 0.15
"""How likely a category in doubt must be to be named as what it may be."""


class CategoriseProducts(Args):
    decisive = ("which category fits", "what category fits", "into the right categories", "into the right shopify categories", "shopify category")
    unlike = ("the type", "the category to", "category is", "change the category", "set the category to")

    products: Annotated[Selection[Product] | None, AskedAs("Which products should be categorised?")] = Field(
        None, description="The products to find categories for; all that have none when left out."
    )
    uncategorised: Annotated[
        bool,
        Says(
            true=[
                "all uncategorised products", "uncategorised products", "uncategorised", "all uncategorized products", "uncategorized products",
                "uncategorized", "products without a category", "products without one", "without a category", "products that have none",
                "that have none", "isn't in a category", "has no category", "have no category",
            ]
        ),
    ] = Field(False, description="Only those that have none, which is what is meant when left out.")  # fmt: skip
    again: Annotated[
        bool,
        Says(true=["recategorise", "recategorize", "re-categorise", "re-sort", "better categories", "wrong categories", "wrong category", "again"]),
    ] = Field(False, description="Also those that have a category already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    product: Product
    best: Label | None
    """The deepest category that is sure."""
    perhaps: Label | None
    """Where none is: the likeliest one."""
    by: str
    """What was looked at."""


@task(
    examples=[
        "categorise all uncategorised products", "find the right category for the blue mug", "sort the new products into categories",
        "which category does the oak board belong in", "put the candles in the right categories", "recategorise everything",
        "assign categories to products without one",
    ]
)  # fmt: skip
async def categorise_products(args: CategoriseProducts, store: Store, labeller: Labeller) -> Proposal | Refusal:
    """Find each product's category in the product taxonomy, as deep as is sure.

    Raises:
        NotFound: None of the products is there.
    """
    products = await products_meant(store, args.products, most=MOST)
    one = args.products is not None and len(products) == 1
    open_ones = [product for product in products if args.again or one or not product.category]
    try:
        found = await _found(open_ones, labeller)
    except ProviderError:
        return Refusal(say("Nobody here can tell what category a product is of: there is no student for it."), code="needs_provider")
    changes = [change for each in found if each.best is not None for change in each.product.set(category=each.best.label)]
    told = evidence(
        store, args, metric="product_category", rows=len(open_ones),
        definition="A student's reading of each title (and of its type, where the title alone leaves doubt), in the product taxonomy of Shopify, "
        "2025-08. It goes down the tree as far as it is sure: on titles kept apart at most 5 of 100 categories were wrong. What is in doubt is "
        "left as it is.",
    )  # fmt: skip
    return Proposal(_summary(found, len(changes), len(products) - len(open_ones)), changes=changes, table=_table(found), evidence=told)


async def _found(products: Sequence[Product], labeller: Labeller) -> list[Found]:
    first = await _read(products, [product.title for product in products], labeller, "title")
    unsure = [each.product for each in first if each.best is None and each.product.product_type]
    texts = [f"{product.title} {product.product_type}" for product in unsure]
    second = {each.product.id: each for each in await _read(unsure, texts, labeller, "title and type")}
    return [better if (better := second.get(each.product.id)) is not None and better.best is not None else each for each in first]


async def _read(products: Sequence[Product], texts: Sequence[str], labeller: Labeller, by: str) -> list[Found]:
    lists = await labeller.candidates(HEAD, texts)
    return [_one(product, labels, by) for product, labels in zip(products, lists, strict=True)]


def _one(product: Product, labels: Sequence[Label], by: str) -> Found:
    sure = [label for label in labels if label.sure]
    named = [label for label in labels if label.confidence >= LEAST_NAMED]
    return Found(
        product=product, best=max(sure, key=_depth, default=None), perhaps=max(named, key=lambda label: label.confidence, default=None), by=by
    )  # fmt: skip


def _depth(label: Label) -> int:
    return label.label.count(BETWEEN)


def _summary(found: Sequence[Found], changed: int, kept: int) -> Sentence:
    unsure = sum(each.best is None for each in found)
    if not found:
        return say("Every product has a category already; say “recategorise” to look at them again.")
    if changed == 1 and (only := next((each for each in found if each.best and each.best.label != each.product.category), None)):
        assert only.best is not None
        what = say("File {product} under {category}", product=only.product.title, category=only.best.label)
    elif changed:
        what = count("File {n} product under its category", "File {n} products under their categories", changed)
    else:
        what = say("No category needs changing")
    if unsure:
        what = say("{what}. Left out, since it is not sure: {left}", what=what, left=count("{n} product", "{n} products", unsure))
    if kept:
        what = say("{what}. {kept} as they are, with a category", what=what, kept=kept)
    return say("{what}.", what=what)


def _table(found: Sequence[Found]) -> Table | None:
    """Why each is proposed; those in doubt first, since nothing else shows them."""
    if not found:
        return None
    ordered = sorted(found, key=lambda each: each.best is not None)[:SHOWN]
    return Table(columns=["Product", "Category", "Sure", "Read from"], rows=[_row(each) for each in ordered], numeric=[False, False, True, False])


def _row(each: Found) -> list[object]:
    if each.best is not None:
        return [each.product.title, each.best.label, _share(each.best), each.by]
    guess = say("not sure; perhaps {category}", category=each.perhaps.label) if each.perhaps else say("not sure")
    return [each.product.title, str(guess), _share(each.perhaps) if each.perhaps else None, each.by]


def _share(label: Label) -> Percent:
    return Percent(Decimal(round(label.confidence * 100)))
