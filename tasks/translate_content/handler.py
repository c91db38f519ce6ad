import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from agent.sdk import (
    Args,
    AskedAs,
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
    Untrusted,
    Writer,
    count,
    products_meant,
    say,
    task,
)
from agent.sdk.claims import numbers_lost
from agent.sdk.drafting import Composed, compose, told

MOST_TEXTS = 40
"""Products times languages in one draft."""
Part = Literal["title", "description", "seo"]


class TranslateContent(Args):
    decisive = ("translate",)

    products: Annotated[Selection[Product], AskedAs("Which products should be translated?")] = Field(description="The products to translate.")
    into: Annotated[list[str], Cues("into", "to", "in"), AskedAs("Into which language?")] = Field(
        description="The languages to translate into, such as German.", min_length=1, max_length=8
    )
    parts: Annotated[
        list[Part],
        Says(
            title=["title", "titles", "name", "names", "headline"],
            description=["description", "descriptions", "text", "texts", "copy"],
            seo=["seo", "meta title", "meta titles", "meta description", "meta descriptions", "search texts"],
        ),
    ] = Field(default_factory=list, description="What of them: title, description, texts for search engines; title and description when left out.")


@task(
    examples=[
        "translate the blue mug into German", "translate the description of the linen dress to French", "put the candles into Spanish and Italian",
        "translate all product titles into Dutch", "I need the oak board in Danish as well", "translate it into French",
    ]
)  # fmt: skip
async def translate_content(args: TranslateContent, store: Store, writer: Writer) -> Draft | Refusal:
    """Translate titles and descriptions of products, as a draft to copy. It needs a provider.

    Raises:
        NotFound: None of the products is there.
        Invalid: Too many texts for one draft.
    """
    if len(args.products) * len(args.into) > MOST_TEXTS:
        raise Invalid(f"That is more than {MOST_TEXTS} texts; translate fewer products or languages at a time.", field="products")
    products = await products_meant(store, args.products)
    parts: Sequence[Part] = args.parts or ("title", "description")
    texts = await asyncio.gather(*(_translated(product, language, parts, store, writer) for product in products for language in args.into))
    if any(one.written.by == "template" for one in texts):
        languages = ", ".join(args.into)
        text = say("Translating into {languages} needs a model; connect a provider in the settings.", languages=languages)
        return Refusal(text, code="needs_provider")
    return Draft(_sentence(products, texts, args), content=_content(texts), by="frontier")


@dataclass(frozen=True, slots=True)
class _Text:
    product: str
    language: str
    written: Composed
    lost: Sequence[str]
    """Numbers that the translation does not have."""


async def _translated(product: Product, language: str, parts: Sequence[Part], store: Store, writer: Writer) -> _Text:
    source = _source(product, parts)
    original = "\n".join(text.value if isinstance(text, Untrusted) else text for text in source.values())
    shop = store.shop.title or store.shop.name
    written = await compose(writer, backing=original, language=language, source=source, shop=shop, locale=store.shop.locale)
    return _Text(product.title, language, written, numbers_lost(original, written.text))


def _source(product: Product, parts: Sequence[Part]) -> Mapping[str, str | Untrusted[str]]:
    """What there is to translate, by name; an empty text is left out."""
    texts: dict[str, str | Untrusted[str]] = {}
    if "title" in parts:
        texts["Title"] = product.title
    if "description" in parts and product.description.value.strip():
        texts["Description"] = product.description
    if "seo" in parts:
        texts |= {name: text for name, text in (("Search title", product.seo_title), ("Search description", product.seo_description)) if text}
    return texts or {"Title": product.title}


def _content(texts: Sequence[_Text]) -> str:
    if len(texts) == 1:
        return texts[0].written.text
    return "\n\n".join(f"## {one.product}, {one.language}\n\n{one.written.text}" for one in texts)


def _sentence(products: Sequence[Product], texts: Sequence[_Text], args: TranslateContent) -> Sentence:
    what = count(
        "{product} in {languages}, to copy: this shop keeps one language.", "{n} products in {languages}, to copy: this shop keeps one language.",
        len(products), product=products[0].title, languages=", ".join(args.into),
    )  # fmt: skip
    lost = list(dict.fromkeys(number for one in texts for number in one.lost))
    if lost:
        what = say("{what} Check it: {numbers} of the original is missing.", what=what, numbers=", ".join(lost[:5]))
    return told(what, *(one.written for one in texts))
