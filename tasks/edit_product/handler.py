from collections.abc import Sequence
from typing import Annotated, Any, Literal

from agent.sdk import (
    Args,
    AskedAs,
    Change,
    Cues,
    Field,
    Invalid,
    Missing,
    NotFound,
    Product,
    Proposal,
    Says,
    Selection,
    Sentence,
    Store,
    count,
    every,
    say,
    task,
)

LONGEST_TITLE = 255


_OFF = ("remove", "take", "take off", "drop", "delete", "strip", "lose", "clear")
UNTAGGING = ("untag", "remove", "strip", *(f"{verb} the {noun}" for verb in _OFF for noun in ("tag", "label")))


class EditProduct(Args):
    one_of = (("title", "description", "add_tags", "remove_tags", "status", "vendor", "product_type"),)

    products: Annotated[Selection[Product], AskedAs("Which product should be edited?")] = Field(description="The products to edit.")
    title: Annotated[str | None, Cues("title", "name", "rename", "called", "call"), AskedAs("What should be changed about it?")] = Field(
        None, description="The new title. For one product only."
    )
    description: Annotated[str | None, Cues("description", "text", "describe")] = Field(None, description="The new description, word for word.")
    add_tags: Annotated[list[str], Cues("tag", "add the tag", "tagged as", "tag as", "tag with", "label")] = Field(
        default_factory=list, description="Tags to put on."
    )
    remove_tags: Annotated[list[str], Cues(*UNTAGGING)] = Field(default_factory=list, description="Tags to take off.")
    status: Annotated[
        Literal["active", "draft", "archived"] | None,
        Says(
            active=["active", "activate", "publish", "live", "put online", "back online", "online", "make visible", "unarchive", "enable", "relist"],
            draft=["draft", "unpublish", "hide", "take offline", "deactivate", "take down", "disable", "pull from the site"],
            archived=["archive", "archived", "discontinue", "retire"],
        ),
        Cues("status"),
    ] = Field(None, description="Publish (active), hide (draft) or archive.")
    vendor: Annotated[str | None, Cues("vendor", "brand", "supplier", "maker")] = Field(None, description="The new vendor.")
    product_type: Annotated[str | None, Cues("product type", "type", "category")] = Field(None, description="The new product type.")


@task(
    examples=[
        "rename the blue mug to Ocean Mug", "archive the winter scarf", "tag all candles as gifts", "unpublish the oak board",
        "change the vendor of the teapots to Acme", "remove the tag new from the linen dresses",
        "set the description of the mug to \"Holds 300 ml.\"",
    ]
)  # fmt: skip
async def edit_product(args: EditProduct, store: Store) -> Proposal | Missing:
    """Change the title, description, tags, status, vendor or type of products.

    Raises:
        NotFound: None of the products is there.
        Invalid: A value is empty, too long, or a title for several products at once.
    """
    if not _says_something(args):
        return Missing("title", say("What should be changed: the title, the description, tags, the status, the vendor or the type?"))
    products = await every(store.products, args.products)
    if not products:
        raise NotFound("product", args.products.label)
    _check(args, products)
    changes = [change for product in products for change in product.set(**_fields(args, product))]
    return Proposal(_summary(changes, products), changes=changes)


def _says_something(args: EditProduct) -> bool:
    return any(getattr(args, name) not in (None, []) for group in args.one_of for name in group)


def _check(args: EditProduct, products: Sequence[Product]) -> None:
    for name in ("title", "vendor", "product_type"):
        value = getattr(args, name)
        if value is not None and not value.strip():
            raise Invalid(f"The {name.replace('_', ' ')} cannot be empty.", field=name)
    if args.title is not None and len(args.title) > LONGEST_TITLE:
        raise Invalid(f"A title has at most {LONGEST_TITLE} characters; this one has {len(args.title)}.", field="title")
    if args.title is not None and len(products) > 1:
        raise Invalid(f"{len(products)} products would all be called “{args.title}”. Say which one product to rename.", field="title")
    if both := {tag.casefold() for tag in args.add_tags} & {tag.casefold() for tag in args.remove_tags}:
        raise Invalid(f"“{min(both)}” is both to be added and to be removed.", field="add_tags")


def _fields(args: EditProduct, product: Product) -> dict[str, Any]:
    plain = ("title", "description", "status", "vendor", "product_type")
    fields: dict[str, Any] = {name: value.strip() for name in plain if (value := getattr(args, name)) is not None}
    if args.add_tags or args.remove_tags:
        fields["tags"] = _tagged(product.tags, args.add_tags, args.remove_tags)
    return fields


def _tagged(tags: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> list[str]:
    """The tags in their order without those taken off, with the new ones after them; case does not tell tags apart."""
    gone = {tag.strip().casefold() for tag in remove}
    kept = [tag for tag in tags if tag.casefold() not in gone]
    known = {tag.casefold() for tag in kept}
    new = {tag.strip().casefold(): tag.strip() for tag in add if tag.strip() and tag.strip().casefold() not in known}
    return kept + list(new.values())


def _summary(changes: Sequence[Change], products: Sequence[Product]) -> Sentence:
    edited = {change.target.id for change in changes}
    if not edited:
        return say("Nothing needs changing: it is so already.")
    if len(edited) == 1:
        return say("Edit {product}", product=changes[0].target.label)
    return count("Edit {n} product", "Edit {n} products", len(edited))
