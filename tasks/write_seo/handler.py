import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

from agent.sdk import (
    Args,
    Ask,
    AskedAs,
    Change,
    Cues,
    Draft,
    Field,
    Invalid,
    Product,
    Refusal,
    Says,
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
    CHARACTERS,
    LANGUAGE,
    MIN_CHARACTERS,
    Characters,
    Composed,
    Language,
    by_of,
    compose,
    cut,
    facts_of,
    sections,
    shop_facts,
    template_speaks,
    told,
    unspoken,
)

MOST = 20
TITLE_LENGTH, DESCRIPTION_LENGTH = 60, 155
"""Characters that a page of results shows of a title and of a description; what is longer is cut off there."""


class WriteSeo(Args):
    cannot = (
        (
            r"\balt[\s-]*(?:texts?|tags?|attributes?|descriptions?)\b",
            say("Texts for images cannot be written here: Storehand sees no pictures. It writes titles and descriptions for search engines."),
        ),
    )
    products: Annotated[Selection[Product], AskedAs("Which product should it be for?")] = Field(description="The products to write them for.")
    part: Annotated[
        Literal["title", "description"] | None,
        Says(
            title=["meta title", "seo title", "page title", "google title", "meta titles", "seo titles", "search title", "title tag"],
            description=[
                "meta description", "meta descriptions", "seo description", "seo descriptions", "search snippet", "google snippet", "snippet",
                "search description",
            ],
        ),
    ] = Field(None, description="Only the title or only the description; both when left out.")  # fmt: skip
    keywords: Annotated[list[str], Cues("keyword", "keywords", "for the words", "mention", "mentioning", "containing", "with the words")] = Field(
        default_factory=list, description="Words people search for, that the text should have."
    )
    language: Language = Field(None, description=LANGUAGE)
    characters: Characters = Field(None, ge=MIN_CHARACTERS, description=CHARACTERS)


@task(
    examples=[
        "write an SEO title and meta description for the blue mug", "improve the SEO of all candles",
        "generate meta descriptions for the linen dresses",
        "write a google snippet for the oak board with the keyword serving board", "meta title for the merino beanie", "set up a search title for it",
    ]
)  # fmt: skip
async def write_seo(args: WriteSeo, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal:
    """Write titles and descriptions for search engines, to edit and save on the product.

    Raises:
        NotFound: None of the products is there.
        Invalid: Too many products for one draft.
    """
    if len(args.products) > MOST:
        raise Invalid(f"Search texts for {len(args.products)} products are too many for one draft; ask for at most {MOST}.", field="products")
    products = await products_meant(store, args.products)
    shop = await shop_facts(store)
    written = await asyncio.gather(
        *(
            compose(writer, **facts_of(product, store), **shop, keywords=list(args.keywords), language=args.language or "", request=ask.text)
            for product in products
        )
    )
    if by_of(written) == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    texts = [_texts(one.text, product, str(shop["shop"]), args) for one, product in zip(written, products, strict=True)]
    return Draft(
        _sentence(products, written), content=_content(products, texts), title=products[0].title if len(products) == 1 else None,
        by=by_of(written), saves=[change for product, text in zip(products, texts, strict=True) for change in _saved(product, text)],
    )  # fmt: skip


Texts = dict[Literal["title", "description"], str]


def _texts(written: str, product: Product, shop: str, args: WriteSeo) -> Texts:
    """Both within what is shown and what was asked for, whatever the writer made of its task."""
    most = args.characters or DESCRIPTION_LENGTH
    found = sections(written, ["Title", "Description"])
    texts: Texts = {
        "title": cut(found.get("title") or f"{product.title} | {shop}", min(TITLE_LENGTH, most)),
        "description": cut(found.get("description") or found["body"], min(DESCRIPTION_LENGTH, most)),
    }
    return {name: text for name, text in texts.items() if text and args.part in (None, name)}


def _saved(product: Product, texts: Texts) -> list[Change]:
    return product.set(**{f"seo_{name}": text for name, text in texts.items()})


def _content(products: Sequence[Product], texts: Sequence[Texts]) -> str:
    shown = ["\n".join(f"{name.capitalize()}: {text}" for name, text in one.items()) for one in texts]
    if len(products) == 1:
        return shown[0]
    return "\n\n".join(f"## {product.title}\n\n{text}" for product, text in zip(products, shown, strict=True))


def _sentence(products: Sequence[Product], written: Sequence[Composed]) -> Sentence:
    what = count(
        "Search texts for {product}, to edit and save.", "Search texts for {n} products, to edit and save.", len(products), product=products[0].title
    )
    return told(what if what.plural else say("{what}", what=what), *written)
