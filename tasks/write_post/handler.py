from typing import Annotated, Literal

from agent.sdk import Ask, Cues, Draft, Field, Product, Refusal, Says, Selection, Store, Writer, say, task
from agent.sdk.drafting import (
    Wished,
    about,
    chosen_products,
    code_doubt,
    compose,
    discount_facts,
    facts_of,
    shop_facts,
    template_speaks,
    told,
    unspoken,
)


class WritePost(Wished):
    cannot = (
        (
            r"^\W*(?:(?:please|and|also|then|can|could|would|will|you|just|i\s+want\s+you\s+to)\s+)*(?:post|publish|share|go\s+live)"
            r"(?:\s+(?:this|that|something|anything|also|too|directly|automatically|straight|out|live))*"
            r"\s+(?:on|to|in)\s+(?:(?:our|my|the|your)\s+)?(?:insta(?:gram)?|ig|facebook|fb|tiktok|pinterest|linkedin|twitter|x|threads|youtube|social\s+media|socials)"
            r"(?:\s+(?:page|account|story|feed|profile|channel|too|as\s+well|also|please|now|directly|for|me|us|today))*\W*$",
            say(
                "Storehand posts and advertises nothing itself. It writes the text to put there: “write an instagram post about the blue mug”, "
                "“write a google ad for the blue mug”."
            ),
        ),
    )
    decisive = ("tiktok script", "facebook post", "instagram post", "blog post", "linkedin post", "social media post", "tweet")

    products: Annotated[Selection[Product] | None, Cues("about", "re", "regarding", "for", "of", "announcing", "showing")] = Field(
        None, description="The products it is about."
    )
    channel: Annotated[
        Literal["instagram", "facebook", "tiktok", "pinterest", "linkedin", "x", "blog"],
        Says(
            instagram=["instagram", "insta", "ig"],
            facebook=["facebook", "fb"],
            tiktok=["tiktok", "tik tok"],
            pinterest=["pinterest", "pin"],
            linkedin=["linkedin"],
            x=["tweet", "twitter", "x post", "post on x"],
            blog=["blog post", "blog article", "blog", "article"],
        ),
    ] = Field("instagram", description="Where it will stand.")
    topic: Annotated[str | None, Cues("about", "on", "announcing", "saying", "that says", "telling")] = Field(
        None, description="What it is about, in the merchant's words."
    )
    code: Annotated[str | None, Cues("with the code", "the code", "code", "coupon", "voucher")] = Field(None, description="A discount code to name.")


@task(
    examples=[
        "write an instagram post about the blue mug", "draft a facebook post announcing the new candles", "write a blog post about caring for linen",
        "caption for the merino beanie", "post about our opening night on instagram", "a tweet for the oak board with the code OAK10",
        "write a tiktok script for the beeswax candle", "prepare a post about them",
    ]
)  # fmt: skip
async def write_post(args: WritePost, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal:
    """Write a post for social media or the blog, as a draft to copy."""
    products = await chosen_products(store, args.products)
    code = await discount_facts(store, args.code)
    facts = [facts_of(product, store) for product in products]
    written = await compose(
        writer, **await shop_facts(store), **args.wishes(), products=facts, channel=args.channel, topic=args.topic or "", code=code, request=ask.text
    )
    if written.by == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    what = say(
        "A post about {about} for {channel}, to copy: Storehand does not publish there.",
        about=about(products, args.topic, store.shop.title or store.shop.name), channel=_CALLED[args.channel],
    )  # fmt: skip
    return Draft(told(code_doubt(what, code), written), content=written.text, by=written.by)


_CALLED = {
    "instagram": "Instagram", "facebook": "Facebook", "tiktok": "TikTok", "pinterest": "Pinterest", "linkedin": "LinkedIn", "x": "X",
    "blog": "the blog",
}  # fmt: skip
