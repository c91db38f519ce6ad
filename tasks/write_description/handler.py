import asyncio
from collections.abc import Sequence
from typing import Annotated

from agent.sdk import (
    Args,
    Ask,
    AskedAs,
    Draft,
    Field,
    Invalid,
    Product,
    Refusal,
    Selection,
    Sentence,
    Store,
    Writer,
    count,
    products_meant,
    say,
    task,
)
from agent.sdk.drafting import (
    LANGUAGE,
    MENTION,
    Composed,
    Language,
    Length,
    Mention,
    Tone,
    by_of,
    compose,
    template_speaks,
    told,
    unspoken,
)

MOST = 20
"""Products in one draft; more is more than anyone reads through."""


class WriteDescription(Args):
    cannot = (
        (
            r"^\W*(?:(?:please|and|also|then|can|could|would|you|i\s+need\s+you\s+to)\s+)*(?:take|shoot|crop|resize|upload|edit|retouch|replace|swap|rotate|enhance|remove|change|make|create|generate"
            r"|draw|design|add|put|brighten|blur|cut\s+out|get)\b(?!.{0,60}\b(?:posts?|texts?|alt|descriptions?|captions?|tags?)\b)"
            r".{0,60}\b(?:photos?|photographs?|pictures?|images?|pics?|videos?|banners?|background)\b",
            say(
                "Storehand neither makes nor changes pictures. It tells which products have none (“which products have no image”) and writes their "
                "texts (“write a description for the blue mug”)."
            ),
        ),
    )
    products: Annotated[Selection[Product], AskedAs("Which product should it be about?")] = Field(description="The products to describe.")
    tone: Tone = Field("warm", description="How it should sound.")
    length: Length = Field("medium", description="Short (a sentence or two), medium (a paragraph) or long (several).")
    language: Language = Field(None, description=LANGUAGE)
    mention: Mention = Field(default_factory=list, description=MENTION)


@task(
    examples=[
        "write a description for the blue mug", "draft a short playful text about the linen dress", "give the oak board a better description",
        "write new product descriptions for all candles, mention that they are hand-poured", "describe the merino beanie in German",
    ]
)  # fmt: skip
async def write_description(args: WriteDescription, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal:
    """Write product descriptions as drafts to edit and save.

    Raises:
        NotFound: None of the products is there.
        Invalid: Too many products for one draft.
    """
    if len(args.products) > MOST:
        raise Invalid(f"{len(args.products)} descriptions are too many for one draft; ask for at most {MOST}.", field="products")
    products = await products_meant(store, args.products)
    written = await asyncio.gather(*(_written(product, args, store, writer, ask) for product in products))
    saves = [change for product, text in zip(products, written, strict=True) for change in product.set(description=text.text)]
    by = by_of(written)
    if by == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    return Draft(_sentence(products, written), content=_content(products, written), title=_title(products), by=by, saves=saves)


async def _written(product: Product, args: WriteDescription, store: Store, writer: Writer, ask: Ask) -> Composed:
    prices = sorted((variant.price for variant in product.variants), key=lambda price: price.minor)
    return await compose(
        writer, product=product.title, product_type=product.product_type, vendor=product.vendor, tags=list(product.tags),
        options={name: list(values) for name, values in product.options.items()}, price=str(prices[0].amount) if prices else "",
        currency=store.shop.currency, present=product.description, tone=args.tone, length=args.length,
        language=args.language or "", locale=store.shop.locale, mention=list(args.mention), shop=store.shop.title or store.shop.name,
        request=ask.text,
    )  # fmt: skip


def _content(products: Sequence[Product], written: Sequence[Composed]) -> str:
    if len(products) == 1:
        return written[0].text
    return "\n\n".join(f"## {product.title}\n\n{text.text}" for product, text in zip(products, written, strict=True))


def _title(products: Sequence[Product]) -> str:
    return products[0].title if len(products) == 1 else f"{len(products)} descriptions"


def _sentence(products: Sequence[Product], written: Sequence[Composed]) -> Sentence:
    if by_of(written) == "template":
        return count(
            "A description made from the facts of {product}, without a model; edit it before you save it.",
            "{n} descriptions made from the products' facts, without a model; edit them before you save them.",
            len(products), product=products[0].title,
        )  # fmt: skip
    if len(products) == 1:
        return told(say("A description for {product}, to edit and save.", product=products[0].title), *written)
    return told(count("{n} description to edit and save.", "{n} descriptions to edit and save.", len(products)), *written)
