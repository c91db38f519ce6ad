from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from agent.sdk import (
    Args,
    AskedAs,
    Change,
    Field,
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
    Tagged,
    Tagger,
    Untrusted,
    count,
    evidence,
    products_meant,
    say,
    task,
)
from tasks.fill_attributes.naming import OPTIONS, attribute_of

MOST = 300
SHOWN = 100
HEAD = "product_attributes"
LONGEST = 2000
"""Characters of a description that are read."""
CLOSED = ("color", "material", "pattern", "shape", "audience", "flavor", "measure")
"""What may be taken from a description, which others may have written: values of a list, and measures."""
LEAST_NAMED = Decimal("0.3")


class FillAttributes(Args):
    decisive = ("enrich",)
    unlike = ("attribute to", "with the attribute")

    products: Annotated[Selection[Product] | None, AskedAs("Which products' attributes should be filled in?")] = Field(
        None, description="The products to fill in attributes for; all of them when left out."
    )
    attributes: Annotated[
        list[Literal["color", "material", "pattern", "shape", "size", "measure", "count", "audience", "flavor", "brand"]],
        Says(
            color=["colour", "color", "colours", "colors"], material=["material", "materials", "fabric", "fabrics", "what they are made of"],
            pattern=["pattern", "patterns"], shape=["shape", "shapes"], size=["size", "sizes"],
            measure=["dimensions", "measurements", "weight", "weights", "volume", "capacity", "height"],
            count=["pack size", "pack sizes", "number of pieces"], audience=["gender", "age group", "who they are for"],
            flavor=["flavour", "flavor", "flavours", "flavors", "scent", "scents", "fragrance"], brand=["brand", "brands"],
        ),
    ] = Field(default_factory=list, description="Which attributes; all that are known here when left out.")  # fmt: skip
    missing: Annotated[
        bool,
        Says(
            true=[
                "missing", "in the missing", "the missing", "empty", "where they're empty", "where they're missing", "where they are missing",
                "where it's missing", "where it is missing", "blank", "no material filled in", "that have none",
                "that don't have one", "that don't have any", "which have none", "without one",
            ]
        ),
    ] = Field(False, description="Only where an attribute has no value, which is what is meant when left out.")  # fmt: skip
    replace: Annotated[
        bool, Says(true=["replace", "overwrite", "even if filled in", "from scratch", "redo", "refresh"])
    ] = Field(False, description="Also where an attribute has another value already.")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A value that a product's own words or options tell."""

    attribute: str
    value: str
    confidence: Decimal
    sure: bool
    source: str


@task(
    examples=[
        "fill in the missing attributes of the mugs", "add colour and material to all products", "complete the product data of the linen dress",
        "read the descriptions of the candles and fill in the attributes", "populate the material for the tote bags",
        "fill in colour, material and size where they're empty",
    ]
)  # fmt: skip
async def fill_attributes(args: FillAttributes, store: Store, tagger: Tagger) -> Proposal | Refusal:
    """Fill in colour, material, pattern, size and the like from products' titles, descriptions and options.

    Raises:
        NotFound: None of the products is there.
    """
    products = await products_meant(store, args.products, most=MOST)
    try:
        said = [(product, await _said(product, args, tagger)) for product in products]
    except ProviderError:
        return Refusal(say("Nobody here can read attributes from titles and descriptions: there is no student for it."), code="needs_provider")
    proposed = [(product, values, _changes(product, values, replace=args.replace)) for product, values in said]
    changes = [change for _, _, some in proposed for change in some]
    unsure = sum(not value.sure for _, values in said for value in values)
    told = evidence(
        store, args, metric="product_attributes", rows=len(products),
        definition="A student marks words of the title and the description and gives each the value of a closed list where there is one; options "
        "are taken as they stand. A value is proposed where the student is sure: on templates kept apart at most 5 of 100 words were marked "
        "wrongly. What an attribute says already stays, unless it is to be replaced.",
    )  # fmt: skip
    return Proposal(_summary(proposed, changes, unsure), changes=changes, table=_table(said), evidence=told)


async def _said(product: Product, args: FillAttributes, tagger: Tagger) -> list[Said]:
    """Values by attribute, each once, what is surest first: options, then the title, then the description."""
    title = await tagger.tag(HEAD, product.title)
    body = product.description.value[:LONGEST]
    text = await tagger.tag(HEAD, Untrusted(body, source="product text", record=product.id)) if body.strip() else []
    found = [*_of_options(product, args), *_read(product, title, args, "title")]
    named = {one.attribute for one in found if one.sure}
    # What the title says stands: a description speaks of the lid, the box and the other colours as well.
    found += [one for one in _read(product, [tag for tag in text if tag.kind in CLOSED], args, "description") if one.attribute not in named]
    return list({(one.attribute, one.value): one for one in reversed(found)}.values())[::-1]


def _of_options(product: Product, args: FillAttributes) -> list[Said]:
    pairs = ((OPTIONS[name.casefold()], value) for name, values in product.options.items() if name.casefold() in OPTIONS for value in values)
    return [
        Said(attribute=attribute, value=value, confidence=Decimal(1), sure=True, source="options")
        for (kind, attribute), value in pairs if not args.attributes or kind in args.attributes
    ]  # fmt: skip


def _read(product: Product, tags: Sequence[Tagged], args: FillAttributes, source: str) -> list[Said]:
    wanted = [tag for tag in tags if (not args.attributes or tag.kind in args.attributes) and Decimal(str(tag.confidence)) >= LEAST_NAMED]
    named = [(attribute_of(tag.kind, tag.value, product), tag) for tag in wanted]
    return [
        Said(attribute=attribute, value=value, confidence=Decimal(str(round(tag.confidence, 2))), sure=tag.sure, source=source)
        for (attribute, value), tag in named if attribute
    ]  # fmt: skip


def _changes(product: Product, values: Sequence[Said], *, replace: bool) -> list[Change]:
    """A value in doubt changes nothing, and neither does one beside what an attribute says already."""
    by_name: dict[str, list[str]] = {}
    for one in values:
        if one.sure:
            by_name.setdefault(one.attribute, []).append(one.value)
    return [
        change for name, some in by_name.items() if replace or not product.attributes.get(name) for change in product.describe(name, some)
    ]  # fmt: skip


def _summary(proposed: Sequence[tuple[Product, Sequence[Said], Sequence[Change]]], changes: Sequence[Change], unsure: int) -> Sentence:
    touched = [product for product, _, some in proposed if some]
    silent = sum(not values for _, values, _ in proposed)
    if not touched:
        what = say("Nothing to fill in: what the titles, descriptions and options tell for sure is there already, or they tell nothing")
    elif len(touched) == 1:
        what = count("Fill in {n} attribute of {product}", "Fill in {n} attributes of {product}", len(changes), product=touched[0].title)
    else:
        what = count(
            "Fill in {n} attribute of {products} products", "Fill in {n} attributes of {products} products", len(changes), products=len(touched)
        )
    if unsure:
        what = say("{what}. Left out, since it is not sure: {left}", what=what, left=count("{n} value", "{n} values", unsure))
    if silent:
        what = say("{what}. Nothing is told of {silent}", what=what, silent=count("{n} product", "{n} products", silent))
    return say("{what}.", what=what)


def _table(said: Sequence[tuple[Product, Sequence[Said]]]) -> Table | None:
    """Why each is proposed; those in doubt first, since nothing else shows them."""
    rows = sorted(((product, one) for product, values in said for one in values), key=lambda pair: pair[1].sure)[:SHOWN]
    if not rows:
        return None
    return Table(
        columns=["Product", "Attribute", "Value", "Sure", "Read from"],
        rows=[
            [
                product.title,
                one.attribute,
                one.value if one.sure else f"not sure; perhaps {one.value}",
                Percent(Decimal(round(one.confidence * 100))),
                one.source,
            ]
            for product, one in rows
        ],
        numeric=[False, False, False, True, False],
    )
