from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Literal

from agent.sdk import (
    Args,
    AskedAs,
    Change,
    Collection,
    CollectionRef,
    Cues,
    Field,
    Invalid,
    Missing,
    NotFound,
    Product,
    Proposal,
    Refusal,
    Says,
    Selection,
    Store,
    count,
    every,
    say,
    task,
)

LONGEST_TITLE = 255
WHAT = [
    ("add", "put products into it"), ("remove", "take products out of it"), ("rename", "rename it"), ("delete", "delete it"),
]  # fmt: skip


class ManageCollection(Args):
    cannot = (
        (
            r"\b(?:sort|arrange|re-?order|rearrange)\b.{0,60}\bcollections?\b|\bcollections?\b.{0,40}\b(?:sorted|arranged)\s+by\b",
            say("In which order a collection shows its products is set in the shop's own admin."),
        ),
    )
    one_of = (("collection", "title", "action"),)

    action: Annotated[
        Literal["create", "rename", "add", "remove", "delete"] | None,
        Says(
            create=[
                "create",
                "make a",
                "make a new",
                "make me a",
                "make us a",
                "new collection",
                "a collection called",
                "a collection named",
                "set up",
                "start a",
                "build a",
                "open a",
            ],
            rename=["rename", "call it", "change the name", "change the title", "should be called", "give it the name"],
            add=[
                "add",
                "put",
                "include",
                "feature",
                "move",
                "fill",
                "insert",
                "stick",
                "pop",
                "place",
                "throw",
                "drop into",
                "belongs to",
                "belongs into",
                "should go in",
                "should go into",
                "goes in",
                "belongs in",
                "belong in",
                "should be in",
                "goes into",
                "go into",
            ],
            remove=["remove", "take", "drop", "out of", "kick", "pull", "does not belong", "doesn't belong"],
            delete=["delete", "get rid of", "scrap", "bin", "dissolve", "erase"],
        ),
        AskedAs("What should be done with the collection?"),
    ] = Field(None, description="Create a collection, rename it, put products into it, take some out, or delete it.")
    collection: Annotated[CollectionRef | None, Cues("to", "into", "in", "collection"), AskedAs("Which collection do you mean?")] = Field(
        None, description="The collection, where it exists."
    )
    leaving: Annotated[CollectionRef | None, Cues("from", "out of")] = Field(
        None, description="The collection that products are moved out of, into the other."
    )
    title: Annotated[
        str | None, Cues("called", "named", "title", "name", "rename", "call", "call it", "titled"), AskedAs("What should the collection be called?")
    ] = Field(None, description="The title of a new collection, or the new title of one.")
    products: Annotated[Selection[Product] | None, Cues("with", "of", "for", "containing", "from")] = Field(
        None, description="The products that go in or out."
    )


@task(
    examples=[
        "create a collection called Winter Warmers with all scarves", "add the blue mug to the Summer collection",
        "take the oak board out of Kitchen", "rename the Summer collection to Sunny Days", "delete the collection Sale",
        "make a new collection for candles", "move the linen dress from Summer to New In",
    ]
)  # fmt: skip
async def manage_collection(args: ManageCollection, store: Store) -> Proposal | Missing | Refusal:
    """Create, rename or delete a collection, or put products into it and take them out.

    Raises:
        NotFound: The collection is not there.
        Invalid: The title is empty or taken, or none of the products was found.
    """
    if "collections" not in store.capabilities:
        return Refusal(say("This shop has no collections; products can be tagged instead."))
    known = await store.collections()
    collection, leaving = _of(args.collection, known), _of(args.leaving, known)
    if args.products is not None and not args.products.ids:
        raise Invalid("None of the products was found.", field="products")
    match _action(args):
        case "create":
            return await _create(args, known, store)
        case "rename":
            return _rename(args, collection, known)
        case "add":
            return await _fill(args, collection, leaving, known, store)
        case "remove":
            return await _empty(args, leaving or collection, known, store)
        case "delete":
            return _delete(args, collection, known)
        case _:
            return Missing("action", say("What should be done with the collection?"), WHAT)


def _of(ref: CollectionRef | None, known: Sequence[Collection]) -> Collection | None:
    if ref is None:
        return None
    found = next((collection for collection in known if collection.id == ref.id), None)
    if found is None:
        raise NotFound("collection", ref.label)
    return found


def _action(args: ManageCollection) -> str | None:
    """What is to be done; where that was not said, what can only be meant."""
    if args.action is not None:
        return args.action
    if args.collection is None:
        return "create" if args.title is not None else None
    return "rename" if args.title is not None and args.products is None else None


def _which(args: ManageCollection, known: Sequence[Collection]) -> Missing:
    """The question for a collection: those most like the name that was said, else all."""
    titles = {collection.title.casefold(): collection for collection in known}
    near = [titles[title] for title in get_close_matches((args.title or "").casefold(), titles, n=6, cutoff=0.5)]
    question = say("Which collection do you mean?")
    if args.title is not None:
        question = say("There is no collection “{title}”. Which one do you mean?", title=args.title.strip())
    return Missing("collection", question, [(collection.id, collection.title) for collection in (near or known)[:12]])


def _checked_title(args: ManageCollection, known: Sequence[Collection], *, but: Collection | None = None) -> str:
    title = " ".join((args.title or "").split())
    if not title or not title.isprintable():
        raise Invalid("A collection needs a name.", field="title")
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"A title has at most {LONGEST_TITLE} characters; this one has {len(title)}.", field="title")
    taken = next((one for one in known if one.title.casefold() == title.casefold() and (but is None or one.id != but.id)), None)
    if taken is not None:
        raise Invalid(f"There is a collection “{taken.title}” already; say another name, or add the products to that one.", field="title")
    return title


async def _create(args: ManageCollection, known: Sequence[Collection], store: Store) -> Proposal | Missing:
    if args.title is None and args.collection is not None:
        title = next(one.title for one in known if one.id == args.collection.id)
        raise Invalid(f"There is a collection “{title}” already; say another name, or add the products to that one.", field="title")
    if args.title is None:
        return Missing("title", say("What should the collection be called?"))
    title, products = _checked_title(args, known), await _products(args, store)
    change = Change.create("collection", title, {"title": title, "products": [product.id for product in products]})
    summary = count("New collection {title} with {n} product", "New collection {title} with {n} products", len(products), title=title)
    return Proposal(summary, changes=[change])


async def _products(args: ManageCollection, store: Store) -> list[Product]:
    if args.products is None:
        return []
    found = await every(store.products, args.products)
    if not found:
        raise Invalid("None of the products was found.", field="products")
    return list({product.id: product for product in found}.values())


def _rename(args: ManageCollection, collection: Collection | None, known: Sequence[Collection]) -> Proposal | Missing:
    if collection is None:
        return _which(args.model_copy(update={"title": None}), known)
    if args.title is None:
        return Missing("title", say("What should the collection {title} be called?", title=collection.title))
    changes = collection.rename(_checked_title(args, known, but=collection))
    if not changes:
        return Proposal(say("Nothing needs changing: it is called so already."))
    return Proposal(say("Rename the collection {before} to {after}", before=collection.title, after=changes[0].after), changes=changes)


async def _fill(
    args: ManageCollection, collection: Collection | None, leaving: Collection | None, known: Sequence[Collection], store: Store
) -> Proposal | Missing:
    if collection is None:
        return _which(args, known)
    if args.products is None:
        return Missing("products", say("Which products should go into {title}?", title=collection.title))
    products = await _products(args, store)
    if leaving is not None:
        products = [product for product in products if product.id in leaving.products]
        if not products:
            raise Invalid(f"None of these products is in {leaving.title}.", field="leaving")
    inside = [change for product in products for change in product.put_in(collection)]
    outside = [change for product in products for change in product.take_out_of(leaving)] if leaving is not None and leaving != collection else []
    if not inside and not outside:
        return Proposal(count("It is in {title} already.", "All {n} are in {title} already.", len(products), title=collection.title))
    if outside and leaving is not None:
        summary = count(
            "Move {n} product from {before} to {after}", "Move {n} products from {before} to {after}", len(products),
            before=leaving.title, after=collection.title,
        )  # fmt: skip
        return Proposal(summary, changes=[*inside, *outside])
    summary = count("Put {n} product into {title}", "Put {n} products into {title}", len(inside), title=collection.title)
    return Proposal(summary, changes=inside)


async def _empty(args: ManageCollection, collection: Collection | None, known: Sequence[Collection], store: Store) -> Proposal | Missing:
    if collection is None:
        return _which(args, known)
    if args.products is None:
        question = say("Which products should be taken out of {title}? To take the collection itself away, say “delete”.", title=collection.title)
        return Missing("products", question)
    changes = [change for product in await _products(args, store) for change in product.take_out_of(collection)]
    if not changes:
        return Proposal(say("Nothing needs changing: none of it is in {title}.", title=collection.title))
    summary = count("Take {n} product out of {title}", "Take {n} products out of {title}", len(changes), title=collection.title)
    return Proposal(summary, changes=changes)


def _delete(args: ManageCollection, collection: Collection | None, known: Sequence[Collection]) -> Proposal | Missing:
    if collection is None:
        return _which(args, known)
    summary = count(
        "Delete the collection {title}; the {n} product in it stays", "Delete the collection {title}; the {n} products in it stay",
        len(collection.products), title=collection.title,
    )  # fmt: skip
    return Proposal(summary, changes=[collection.delete()])
