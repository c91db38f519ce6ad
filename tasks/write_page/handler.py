from collections import Counter
from typing import Annotated, Any, Literal

from agent.sdk import Ask, Cues, Draft, Field, Product, Refusal, Says, Selection, Store, Where, Writer, every, say, task
from agent.sdk.drafting import Wished, chosen_products, compose, facts_of, shop_facts, template_speaks, told, unspoken

Kind = Literal["about", "shipping", "returns", "contact", "size_guide", "care", "privacy", "terms", "landing"]
LEGAL = ("privacy", "terms", "returns")
"""Pages that the law has something to say about; their drafts tell the merchant to have them checked."""
_READ = 250


class WritePage(Wished):
    decisive = (
        "privacy policy", "size guide", "care guide", "gift guide", "terms and conditions", "returns policy", "return policy",
        "shipping policy", "refund policy", "imprint",
    )  # fmt: skip

    page: Annotated[
        Kind,
        Says(
            about=["about us", "about page", "about our shop", "about the shop", "who we are", "our story"],
            shipping=["shipping page", "delivery page", "shipping policy", "delivery policy", "page about shipping", "about delivery", "shipping"],
            returns=["returns policy", "return policy", "refund policy", "returns page", "returns", "exchanges"],
            contact=["contact page", "contact"],
            size_guide=["size guide", "size chart", "sizing guide", "sizing page"],
            care=["care guide", "care page", "care instructions", "how to care"],
            privacy=["privacy policy", "privacy page", "privacy"],
            terms=["terms and conditions", "terms of service", "terms"],
            landing=["landing page", "lookbook", "gift guide", "notice page"],
        ),
    ] = Field("landing", description="What kind of page it is.")
    products: Annotated[Selection[Product] | None, Cues("for", "with", "featuring")] = Field(None, description="The products it is about.")
    topic: Annotated[str | None, Cues("about", "on", "explaining", "for")] = Field(None, description="What it is about, in the merchant's words.")
    content: Annotated[str | None, Cues("saying that", "saying", "so that it says", "that says", "stating", "it should say")] = Field(
        None, description="What it must say, in the merchant's words."
    )


@task(
    examples=[
        "write an about us page", "draft a returns policy", "write a size guide for the linen dresses", "add a page about our workshop",
        "build a landing page for the christmas candles", "rewrite the delivery page so that it says we ship on Mondays", "write a contact page",
        "update the terms and conditions",
    ]
)  # fmt: skip
async def write_page(args: WritePage, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal:
    """Write a page of the shop, as a draft to copy; what the shop's data does not say is left as a blank to fill."""
    products = await chosen_products(store, args.products)
    written = await compose(
        writer, **await shop_facts(store), **args.wishes(), page=args.page, topic=args.topic or "", content=args.content or "",
        products=[facts_of(product, store) for product in products], sells=await _sells(store), request=ask.text,
    )  # fmt: skip
    if written.by == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    title = args.topic or args.page.replace("_", " ")
    what = say("A page: {title}. To copy: the shop's pages cannot be saved from here. Fill in what stands in brackets.", title=title)
    if args.page in LEGAL:
        what = say("{what} Have it checked by someone who knows the law; this is no legal advice.", what=what)
    return Draft(told(what, written), content=written.text, title=title, by=written.by)


async def _sells(store: Store) -> dict[str, Any]:
    """What the shop has, for a page that speaks of the shop itself: the commonest kinds and makers."""
    products = await every(store.products, Where(status="active"), most=_READ)
    kinds, makers = Counter(p.product_type for p in products if p.product_type), Counter(p.vendor for p in products if p.vendor)
    return {"kinds": [kind for kind, _ in kinds.most_common(6)], "makers": [maker for maker, _ in makers.most_common(6)]}
