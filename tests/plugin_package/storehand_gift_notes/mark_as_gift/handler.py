from typing import Annotated

from agent.sdk import Args, AskedAs, Field, NotFound, Product, Proposal, Selection, Store, count, every, say, task

MARK = "gift"


class MarkAsGift(Args):
    products: Annotated[Selection[Product], AskedAs("Which products make a gift?")] = Field(description="The products to mark.")


@task(examples=["mark the oak board as a gift", "the candles are gifts", "put the beanies on the present list"])
async def mark_as_gift(args: MarkAsGift, store: Store) -> Proposal:
    """Mark products as gifts, so that they are suggested as presents.

    Raises:
        NotFound: None of the products is there.
    """
    products = await every(store.products, args.products)
    if not products:
        raise NotFound("product", args.products.label)
    changes = [change for product in products for change in product.set(tags=_marked(list(product.tags)))]
    if not changes:
        return Proposal(say("They are marked as gifts already."))
    return Proposal(count("Mark {n} product as a gift", "Mark {n} products as gifts", len(changes)), changes=changes)


def _marked(tags: list[str]) -> list[str]:
    return tags if MARK in (tag.casefold() for tag in tags) else [*tags, MARK]
