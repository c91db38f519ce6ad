from typing import Annotated

from agent.sdk import Args, AskedAs, Cues, Draft, Field, NotFound, Product, Selection, Store, Writer, every, say, task


class WriteGiftNote(Args):
    products: Annotated[Selection[Product], AskedAs("Which gift is the note for?")] = Field(description="What is given.")
    occasion: Annotated[str | None, Cues("for", "occasion")] = Field(None, description="What it is given for: a birthday, Christmas.")


@task(examples=["write a gift note for the blue mug", "a little card to go with the beanie for a birthday"])
async def write_gift_note(args: WriteGiftNote, store: Store, writer: Writer) -> Draft:
    """Write the short note that goes into a parcel with a gift.

    Raises:
        NotFound: None of the products is there.
    """
    products = await every(store.products, args.products)
    if not products:
        raise NotFound("product", args.products.label)
    titles = [product.title for product in products]
    written = await writer.write(titles=titles, occasion=args.occasion or "", shop=store.shop.name)
    return Draft(say("A note to go with {gift}.", gift=", ".join(titles)), content=written.text, by=written.by)
