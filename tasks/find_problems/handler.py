from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Cues,
    Field,
    Product,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    Variant,
    count,
    distinct,
    every,
    evidence,
    say,
    task,
)

SHOWN = 100
Problem = Literal[
    "no_image", "no_description", "below_cost", "no_price", "old_price_not_higher", "duplicate_title", "duplicate_sku", "duplicate_text",
    "sold_out", "no_cost", "no_sku", "no_collection",
]  # fmt: skip
MEANING: Mapping[Problem, str] = {
    "no_image": "no image", "no_description": "no description", "below_cost": "price below cost", "no_price": "price of nothing",
    "old_price_not_higher": "crossed-out price that is not above the price", "duplicate_title": "title of another product too",
    "duplicate_sku": "SKU of another variant too", "duplicate_text": "description of another product too",
    "sold_out": "published but sold out in every variant", "no_cost": "cost not known", "no_sku": "no SKU", "no_collection": "in no collection",
}  # fmt: skip
USUAL: Sequence[Problem] = (
    "below_cost", "no_price", "old_price_not_higher", "duplicate_sku", "duplicate_title", "duplicate_text", "sold_out", "no_image", "no_description",
)  # fmt: skip
"""What is looked for when nothing is named: all that a customer may notice. A cost, a SKU or a collection may be left out on purpose."""
Asked = Literal[
    "no_image", "no_description", "below_cost", "no_price", "old_price_not_higher", "duplicates", "duplicate_sku", "sold_out", "no_cost", "no_sku",
    "no_collection",
]  # fmt: skip
DUPLICATES: Sequence[Problem] = ("duplicate_title", "duplicate_sku", "duplicate_text")


class FindProblems(Args):
    decisive = (
        "health check", "needs fixing", "need fixing", "sold at a loss", "selling at a loss", "sell at a loss", "at a loss", "below cost",
        "under cost", "sold out but", "live but sold out",
        "published but",
    )  # fmt: skip

    problems: Annotated[
        list[Asked],
        Says(
            no_image=[
                "no image", "no images", "no picture", "no pictures", "no photo", "no photos", "without an image", "missing images",
                "missing photos", "without photos",
            ],
            no_description=[
                "no description", "without a description", "missing descriptions", "empty descriptions", "descriptions missing",
                "missing a description", "or description", "or descriptions", "and description", "or text",
            ],
            below_cost=[
                "below cost", "under cost", "at a loss", "losing money", "negative margin", "cheaper than they cost", "less than it costs",
                "below what", "under what",
                "less than they cost", "below purchase price", "below its cost", "below their cost", "make no money", "lose money",
                "at less than cost",
            ],
            no_price=["no price", "price of zero", "priced at zero", "costs nothing", "without a price", "zero price"],
            old_price_not_higher=["wrong compare-at", "fake sale", "compare-at price too low", "old price lower", "crossed-out price"],
            duplicates=["duplicate", "duplicates", "duplicated", "twice", "double", "doubles", "same product twice", "listed twice"],
            duplicate_sku=["duplicate skus", "duplicate sku", "same sku", "sku twice", "shared skus"],
            sold_out=[
                "sold out but published", "published but sold out", "out of stock but published", "sold out but still online", "online but sold out",
                "visible but sold out", "sold out", "out of stock", "nothing left", "still listed",
            ],
            no_cost=["no cost", "missing costs", "cost missing", "without a cost"],
            no_sku=["no sku", "missing skus", "without a sku"],
            no_collection=["no collection", "in no collection", "not in any collection", "without a collection"],
        ),
    ] = Field(default_factory=list, description="What to look for; everything a customer may notice when left out.")  # fmt: skip
    products: Selection[Product] | None = Field(None, description="Which products; all active ones when left out.")
    top: Annotated[int | None, Cues("top", "first")] = Field(None, ge=1, description="How many to list at most.")


class ProblemsFound(BaseModel):
    products: Selection[Product]
    variants: Selection[Variant]
    """Those that a problem of price, stock, cost or SKU is about."""
    count: int
    by_problem: dict[str, int]
    """How many products have each."""
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    problem: Problem
    product: Product
    variant: Variant | None = None
    shown: str = ""
    """What is wrong, with the figures."""


@task(
    examples=[
        "what is wrong with my catalogue", "check the shop for problems", "are any products priced below cost", "find duplicate products",
        "which published listings cannot be bought because they are sold out", "find mistakes in our product data",
        "which products still need images or descriptions",
        "is anything sold at a loss", "any duplicate SKUs",
    ]
)  # fmt: skip
async def find_problems(args: FindProblems, store: Store) -> Answer[ProblemsFound]:
    """Check the catalogue: no image, no description, price below cost, duplicates, sold out but published."""
    products = await every(store.products, args.products)
    looked = [p for p in products if args.products is not None or p.status == "active"]
    wanted = _wanted(args.problems)
    found = [one for problem in wanted for one in _search(problem, looked)]
    chosen = found[: args.top] if args.top else found
    data = ProblemsFound(
        products=Selection[Product](ids=distinct(one.product.id for one in chosen), label="the products with problems"),
        variants=Selection[Variant](ids=distinct(one.variant.id for one in chosen if one.variant), label="the variants with problems"),
        count=len(found), by_problem={problem: n for problem in wanted if (n := _products(found, problem))}, table=_table(chosen[:SHOWN]),
    )  # fmt: skip
    told = evidence(
        store, args, metric="problems", rows=len(looked),
        definition="Looked for: " + "; ".join(MEANING[problem] for problem in wanted) + ". Titles and texts are compared without case and spaces.",
    )  # fmt: skip
    return Answer(_sentence(found, wanted, len(looked)), data=data, evidence=told)


def _wanted(asked: Sequence[Asked]) -> list[Problem]:
    kinds: list[Problem] = []
    for one in asked:
        if one == "duplicates":
            kinds += DUPLICATES
        else:
            kinds.append(one)
    return list(dict.fromkeys(kinds)) or list(USUAL)


def _search(problem: Problem, products: Sequence[Product]) -> list[_Found]:
    """All of one kind, in the order of titles."""
    ordered = sorted(products, key=lambda product: (product.title.casefold(), product.id))
    if (marks := _SHARED.get(problem)) is not None:
        return _shared(problem, marks, ordered)
    if (of_variant := _OF_VARIANTS.get(problem)) is not None:
        return [_Found(problem=problem, product=p, variant=v, shown=of_variant(v)) for p in ordered for v in p.variants if of_variant(v)]
    of_product = _OF_PRODUCTS[problem]
    return [_Found(problem=problem, product=p, shown=of_product(p)) for p in ordered if of_product(p)]


def _below_cost(variant: Variant) -> str:
    return f"{variant.price.amount} < {variant.cost.amount}" if variant.cost is not None and variant.price < variant.cost else ""


def _old_price(variant: Variant) -> str:
    old = variant.compare_at_price
    return f"{old.amount} crossed out, {variant.price.amount} now" if old is not None and not variant.price < old else ""


def _sold_out(product: Product) -> str:
    """Published, counted, and nothing left of any variant."""
    out = product.status == "active" and product.variants and all(v.tracked and v.on_hand <= 0 for v in product.variants)
    return f"{sum(v.on_hand for v in product.variants)} in stock" if out else ""


_OF_VARIANTS: Mapping[Problem, Callable[[Variant], str]] = {
    "below_cost": _below_cost, "old_price_not_higher": _old_price, "no_price": lambda v: "" if v.price.minor > 0 else str(v.price.amount),
    "no_cost": lambda v: "" if v.cost is not None else "unknown", "no_sku": lambda v: "" if v.sku else "empty",
}  # fmt: skip
_OF_PRODUCTS: Mapping[Problem, Callable[[Product], str]] = {
    "no_image": lambda p: "" if p.image_url else "missing", "no_description": lambda p: "" if p.description.value.strip() else "empty",
    "no_collection": lambda p: "" if p.collections else "none", "sold_out": _sold_out,
}  # fmt: skip
_SHARED: Mapping[Problem, Callable[[Product], Sequence[tuple[str, Variant | None]]]] = {
    "duplicate_title": lambda p: [(_folded(p.title), None)],
    "duplicate_text": lambda p: [(_folded(p.description.value), None)],
    "duplicate_sku": lambda p: [(_folded(v.sku or ""), v) for v in p.variants],
}
"""What no two may have in common."""


def _folded(text: str) -> str:
    return "".join(text.casefold().split())


def _shared(problem: Problem, marks: Callable[[Product], Sequence[tuple[str, Variant | None]]], products: Sequence[Product]) -> list[_Found]:
    holders: dict[str, list[tuple[Product, Variant | None]]] = {}
    for product in products:
        for mark, variant in marks(product):
            if mark:
                holders.setdefault(mark, []).append((product, variant))
    found = []
    for held in holders.values():
        for product, variant in held if len(held) > 1 else ():
            others = [_name(p, v) for p, v in held if (p.id, v and v.id) != (product.id, variant and variant.id)]
            found.append(_Found(problem=problem, product=product, variant=variant, shown="also " + ", ".join(others[:3])))
    return found


def _name(product: Product, variant: Variant | None) -> str:
    return variant.label if variant is not None else f"{product.title} ({product.handle})"


def _products(found: Sequence[_Found], problem: Problem) -> int:
    return len({one.product.id for one in found if one.problem == problem})


def _table(found: Sequence[_Found]) -> Table:
    rows = [[_name(one.product, one.variant) if one.variant else one.product.title, MEANING[one.problem], one.shown] for one in found]
    return Table(columns=["Product", "Problem", "Found"], rows=rows, numeric=[False, False, False])


def _sentence(found: Sequence[_Found], wanted: Sequence[Problem], looked: int) -> Sentence:
    if not looked:
        return say("There are no products here that could be checked.")
    if not found:
        return count("{n} product checked: nothing found.", "{n} products checked: nothing found.", looked)
    kinds = [problem for problem in wanted if _products(found, problem)]
    told = [say("{what} ({n})", what=say(MEANING[kind]), n=_products(found, kind)) for kind in kinds]
    return count("{n} product checked: {told}.", "{n} products checked: {told}.", looked, told=told)
