from collections.abc import Sequence
from typing import Annotated, Any

from agent.sdk import (
    Args,
    AskedAs,
    Change,
    Cues,
    Customer,
    Field,
    Invalid,
    Missing,
    Money,
    NotFound,
    Percent,
    Proposal,
    Selection,
    Store,
    Variant,
    check_currency,
    count,
    draft_total,
    every,
    say,
    task,
)
from agent.sdk.not_kept import PRINTING

MOST_UNITS = 100_000
MOST_OPTIONS = 8


class CreateDraftOrder(Args):
    cannot = (PRINTING,)
    decisive = ("a quote for", "quote for", "draft order", "draft invoice")

    unlike = (r"\b(?:re)?send\b.*\b(?:invoice|receipt|confirmation)\b",)

    products: Annotated[Selection[Variant], AskedAs("What is in the order? Say products, and how many of each.")] = Field(
        description="What is in the order."
    )
    counts: dict[str, int] = Field(default_factory=dict, description="How many of each, by the product's or variant's id; one where nothing is said.")
    customers: Selection[Customer] | None = Field(None, description="Whom it is for; nobody yet when left out.")
    discount: Annotated[Money | Percent | None, Cues("discount", "off", "discount of", "less")] = Field(
        None, description="What comes off the whole, in percent or as an amount."
    )
    note: Annotated[str | None, Cues("note", "a note", "with the note", "note saying", "comment")] = Field(None, description="A note for it.")


@task(
    examples=[
        "create a draft order for Anna Schmidt with 2 blue ceramic mugs", "draft an order for Anna: 3 candles, 10% off",
        "make a quote for Jonas Weber with 5 oak boards and 2 candles", "create a manual order for Anna with the wool throw",
        "prepare an invoice for Anna Schmidt for 4 blue mugs with a discount of 5 euros",
    ],
)  # fmt: skip
async def create_draft_order(args: CreateDraftOrder, store: Store) -> Proposal | Missing:
    """Prepare an order for a customer: products with quantities, a discount, a note. Nothing is charged and nothing is sent.

    Raises:
        NotFound: A product or the customer is not there.
        Invalid: A quantity or a discount that cannot be.
    """
    customer = await _customer(args, store)
    if isinstance(customer, Missing):
        return customer
    variants = await store.variants(args.products)
    if not variants:
        raise NotFound("product", args.products.label)
    chosen = _chosen(variants, args)
    if isinstance(chosen, Missing):
        return chosen
    lines = [_line(variant, units) for variant, units in chosen]
    total = draft_total([line["price"] * line["quantity"] for line in lines], _discount(args, store))
    fields: dict[str, Any] = {
        "customer": customer.id if customer is not None else None, "lines": lines, "discount": _stored(args.discount),
        "note": " ".join((args.note or "").split(" ")).strip(),
    }  # fmt: skip
    whom = customer.name if customer is not None else "nobody yet"
    told = "A draft order for {whom}: {n} unit, {total} before postage. Nothing is charged or sent."
    summary = count(told, told.replace("{n} unit,", "{n} units,"), sum(line["quantity"] for line in lines), whom=whom, total=total)
    return Proposal(summary, changes=[Change.create("draft_order", f"for {whom}", fields)])


async def _customer(args: CreateDraftOrder, store: Store) -> Customer | None | Missing:
    if args.customers is None:
        return None
    found = await every(store.customers, args.customers)
    if not found:
        raise NotFound("customer", args.customers.label)
    if len(found) > 1:
        asked = count("{n} customers are meant. Whom is the draft order for?", "{n} customers are meant. Whom is the draft order for?", len(found))
        return Missing("customers", asked, [(one.name, one.name) for one in found[:MOST_OPTIONS]])
    return found[0]


def _chosen(variants: Sequence[Variant], args: CreateDraftOrder) -> list[tuple[Variant, int]] | Missing:
    """One variant of each product, with its units; a question where a product has several and none was said.

    Raises:
        Invalid: A quantity is not above 0, or is of nothing that was said.
    """
    if wrong := next((units for units in args.counts.values() if not 0 < units <= MOST_UNITS), None):
        raise Invalid(f"{wrong} units cannot be ordered: it is a whole number from 1 to {MOST_UNITS:,}.", field="counts")
    if 0 in args.counts.values():
        raise Invalid("0 units cannot be ordered.", field="counts")
    if set(args.counts) - {""} - {id for variant in variants for id in (variant.id, variant.product_id)}:
        raise Invalid("A quantity is of something that is not in the order.", field="counts")
    of_product: dict[str, list[Variant]] = {}
    for variant in variants:
        of_product.setdefault(variant.product_id, []).append(variant)
    found = []
    for product, own in of_product.items():
        counted = [variant for variant in own if variant.id in args.counts]
        if len(own) > 1 and len(counted) != len(own):
            if not counted:
                return _which_variant(own)
            own = counted
        found += [(variant, args.counts.get(variant.id, args.counts.get(product, args.counts.get("", 1)))) for variant in own]
    return found


def _which_variant(variants: Sequence[Variant]) -> Missing:
    options = [(variant.label, variant.label) for variant in variants[:MOST_OPTIONS]]
    return Missing("products", say("{product} comes in several kinds. Which one is it?", product=variants[0].product_title), options)


def _line(variant: Variant, units: int) -> dict[str, Any]:
    return {"variant": variant.id, "title": variant.label, "quantity": units, "price": variant.price}


def _discount(args: CreateDraftOrder, store: Store) -> Money | Percent | None:
    """
    Raises:
        Invalid: It is not above nothing, more than the whole, or in another currency.
    """
    if isinstance(args.discount, Percent):
        if not 0 < abs(args.discount.value) <= 100:
            raise Invalid(f"A discount of {args.discount} is not possible.", field="discount")
        return Percent(abs(args.discount.value))
    check_currency(args, store, "discount")
    if isinstance(args.discount, Money) and args.discount.minor <= 0:
        raise Invalid("A discount is more than nothing.", field="discount")
    return args.discount


def _stored(discount: Money | Percent | None) -> str | Money | None:
    return str(Percent(abs(discount.value))) if isinstance(discount, Percent) else discount
