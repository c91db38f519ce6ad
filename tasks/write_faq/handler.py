from typing import Annotated

from agent.sdk import Ask, Cues, Draft, Field, Product, Refusal, Selection, Store, Writer, say, task
from agent.sdk.drafting import Wished, about, chosen_products, compose, facts_of, shop_facts, template_speaks, told, unspoken

MOST = 20
USUAL = 6


class WriteFaq(Wished):
    products: Annotated[Selection[Product] | None, Cues("for", "about", "of", "on")] = Field(None, description="The products it is about.")
    topic: Annotated[str | None, Cues("about", "on", "explaining", "covering", "topic")] = Field(
        None, description="What it is about, in the merchant's words."
    )
    top: Annotated[int | None, Cues("questions", "question", "entries", "with")] = Field(
        None, ge=1, le=MOST, description="How many questions; about six when left out."
    )


@task(
    examples=[
        "write an FAQ for the linen dresses", "generate questions and answers about the blue mug", "draft an FAQ about shipping",
        "make a little faq for the boards with 5 questions", "put together a Q&A on caring for linen",
    ]
)  # fmt: skip
async def write_faq(args: WriteFaq, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal:
    """Write questions and answers about products or a topic, as a draft to copy; what the shop's data does not say is left as a blank to fill."""
    products = await chosen_products(store, args.products)
    facts = [facts_of(product, store) for product in products]
    written = await compose(
        writer, **await shop_facts(store), **args.wishes(), products=facts, topic=args.topic or "", questions=args.top or USUAL, request=ask.text
    )
    if written.by == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    what = say(
        "Questions and answers about {about}, to copy: this shop has no place for them here. Fill in what stands in brackets.",
        about=about(products, args.topic, store.shop.title or store.shop.name),
    )  # fmt: skip
    return Draft(told(what, written), content=written.text, by=written.by)
