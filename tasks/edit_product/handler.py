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
    Money,
    Product,
    Proposal,
    Says,
    Selection,
    Sentence,
    Store,
    check_currency,
    count,
    products_meant,
    retagged,
    say,
    task,
)

LONGEST_TITLE = 255


_OFF = ("remove", "take", "take off", "drop", "delete", "strip", "lose", "clear", "get rid of")
UNTAGGING = ("untag", "remove", "strip", *(f"{verb} the {noun}" for verb in _OFF for noun in ("tag", "label")))
_START = (
    "before",
    "in front of",
    "at the start of",
    "to the start of",
    "at the beginning of",
    "to the beginning of",
    "at the top of",
    "to the top of",
)
_END = ("after", "at the end of", "to the end of", "at the bottom of", "to the bottom of", "append to")
_DESCRIPTION = tuple(f"{whose} {noun}" for whose in ("the", "its", "their", "each", "every") for noun in ("description", "text"))
_SENTENCE = tuple(
    f"{verb} {noun}" for verb in ("add", "append") for noun in ("the sentence", "a sentence", "the line", "a line", "the words", "the text")
)


def _placed(where: Sequence[str], of: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{place} {noun}" for place in where for noun in of)


_SIZE = r"(?:\d?x{0,3}[sl]|m|\d{1,2})"
_OPTION = r"(?:sizes?|colou?rs?|variants?|options?|versions?)"
_NOT_OF_TEXT = r"(?!.{0,80}\b(?:descriptions?|titles?|texts?|tags?|filters?|attributes?|seo|stock|units|pieces|prices?|collections?|categor\w+)\b)"
_ASKED = r"^(?:(?:please|pls|can you|could you|we need to|i want to)\s+)*"
VARIANTS = (
    # "add a size XL to …", "remove the moss variant of …": the option is what comes or goes, and not where a text or a figure does
    _ASKED + r"(?:add|introduce|offer|remove|delete|drop|discontinue|get\s+rid\s+of|take\s+out)\s+(?!all\b|both\b|every\b|free\b)"
    rf"{_NOT_OF_TEXT}(?:[\w’'-]+\s+){{0,5}}?{_OPTION}\b.{{0,60}}?(?:\b(?:to|for|of|from|on)\b|\W*$)"
    rf"|{_ASKED}(?:add|remove|delete|drop)\s+{_NOT_OF_TEXT}(?:an?\s+|the\s+)?(?:size\s+)?(?:\d?x{{0,3}}[sl]|m)\s+(?:to|from|for)\b"
    rf"|^(?:an?\s+)?(?:new|another|additional|extra|one\s+more)\s+{_OPTION}\s+(?:for|of|in|on)\b"
    # "should also come in olive", "now comes in XXL too", "we need it in XXL as well"
    r"|\b(?:should|must|could|will|now|also)\s+(?:also\s+|now\s+|be\s+)?(?:comes?|available|offered|sold|made)\s+in"
    r"\s+(?!stock\b|on\b|at\b|by\b|the\b|an?\b|our\b|bulk\b|packs?\b|\d+\s+(?:days?|weeks?)\b)"
    rf"|\bin\s+(?:size\s+)?{_SIZE}\s+(?:as\s+well|too)\W*$",
    say(
        "The sizes, colours and other variants of a product that is there cannot be added to or taken away here. A new product can be created with"
        " all that it comes in: “create a product called Wool Vest for 49 euros, sizes S, M and L”."
    ),
)
"""What a product comes in, asked for as if it were a field of it: never its title."""


class EditProduct(Args):
    cannot = (VARIANTS,)
    synonyms = ((r"\b(?:strike(?:through|[- ]through)?|crossed[- ]out|was)[- ]price\b", "compare at price"),)
    decisive = (
        "discontinue", "retire", "retitle", "description … should read", "text … should read", "description … should say", "description … to read",
        "change the supplier of", "set the cost of", "change the cost of", "cost of … to", "supplier of … to", "vendor of … to", "brand of … to",
    )  # fmt: skip
    like = (
        r"^(?:please )?(?:un)?(?:tag|label)\b.*\b(?:best|worst|top|slowest|fastest)[ -]?(?:\w+ )?sellers?\b",
        "what we pay",
        r"\bwe (?:now )?(?:pay|paid|are paying|re paying) (?:only )?\W?\d",
        r"\b(?:supplier|wholesaler|vendor|maker) (?:now )?(?:charges|wants|asks)",
        "we pay for",
        "costs us",
        "cost us",
        "cost price",
        "cost of",
        "cost for",
        r"\bour costs?\b",
        "buying price",
        "purchase price",
        "compare at",
        "old price",
        "list price",
        "rrp",
        "the type",
        r"\b(?:our|the|top|my) (?:\w+ ){0,2}best ?sellers\b",
    )
    unlike = (r"\boff sale\b", "the price of", "set the price", "change the price", "its price to", "their price to")
    one_of = (
        (
            "title", "title_before", "title_after", "description", "description_before", "description_after",
            "add_tags", "remove_tags", "status", "vendor", "product_type",
            "compare_at_price", "no_compare_at_price", "cost", "seo_title", "seo_description",
        ),
    )  # fmt: skip

    products: Annotated[Selection[Product], AskedAs("Which product should be edited?")] = Field(description="The products to edit.")
    title: Annotated[str | None, Cues("title", "name", "rename", "called", "call"), AskedAs("What should be changed about it?")] = Field(
        None, description="The new title. For one product only."
    )
    title_before: Annotated[
        str | None,
        Cues(
            "in front of",
            "in front of the title",
            "before the title",
            "start of the title",
            "start the title with",
            "to the start of the title",
            "to the beginning of the title",
            "to the front of the title",
            "prefix",
            "prepend",
        ),
    ] = Field(None, description="Text to put in front of each title.")
    title_after: Annotated[
        str | None,
        Cues(
            "at the end of the title",
            "end of the title",
            "to the end of the title",
            "to the end of the titles",
            "to the end of each title",
            "after the title",
            "end the title with",
            "suffix",
            "append",
            "to the title",
            "to the titles",
            "to its title",
            "to their titles",
        ),
    ] = Field(None, description="Text to put at the end of each title.")
    description: Annotated[str | None, Cues("description", "text", "describe")] = Field(None, description="The new description, word for word.")
    description_before: Annotated[str | None, Cues(*_placed(_START, _DESCRIPTION))] = Field(
        None, description="Text to put in front of each description, word for word."
    )
    description_after: Annotated[str | None, Cues(*_placed(_END, _DESCRIPTION), *_SENTENCE)] = Field(
        None, description="Text to put at the end of each description, word for word."
    )
    add_tags: Annotated[list[str], Cues("tag", "add the tag", "tagged as", "tag as", "tag with", "label")] = Field(
        default_factory=list, description="Tags to put on."
    )
    remove_tags: Annotated[list[str], Cues(*UNTAGGING)] = Field(default_factory=list, description="Tags to take off.")
    status: Annotated[
        Literal["active", "draft", "archived"] | None,
        Says(
            active=[
                "active",
                "activate",
                "publish",
                "live",
                "put online",
                "back online",
                "online",
                "make visible",
                "visible",
                "visible again",
                "unarchive",
                "bring back",
                "restore",
                "republish",
                "unhide",
                "enable",
                "relist",
                "not hidden",
                "not offline",
            ],
            draft=[
                "draft",
                "pull",
                "take … offline",
                "unpublish",
                "hide",
                "take offline",
                "offline",
                "deactivate",
                "take down",
                "disable",
                "pull from the site",
                "off the site",
                "off the website",
                "off the shop",
                "off the store",
                "out of the shop",
                "from the shop",
                "from the store",
                "from the website",
                "invisible",
                "not visible",
                "not live",
                "not online",
                "not active",
                "not published",
                "stop showing",
            ],
            archived=["archive", "archived", "discontinue", "retire", "stop selling", "no longer sell", "no longer carry", "stop carrying"],
        ),
        Cues("status"),
    ] = Field(None, description="Publish (active), hide (draft) or archive.")
    vendor: Annotated[str | None, Cues("vendor", "brand", "supplier", "maker", "made by", "comes from")] = Field(None, description="The new vendor.")
    product_type: Annotated[str | None, Cues("product type", "type", "category")] = Field(None, description="The new product type.")
    compare_at_price: Annotated[
        Money | None,
        Cues(
            "compare-at price",
            "compare at price",
            "compare-at",
            "compare at",
            "old price",
            "crossed-out price",
            "was price",
            "list price",
            "rrp",
            "msrp",
        ),
    ] = Field(None, description="The new crossed-out old price.")
    no_compare_at_price: Annotated[
        bool,
        Says(true=[f"{verb} the {noun}" for verb in _OFF for noun in ("compare-at price", "compare at price", "old price", "crossed-out price")]),
    ] = Field(False, description="Take the crossed-out old price away.")
    cost: Annotated[Money | None, Cues("cost", "cost price", "costs us", "purchase price", "buying price", "what we pay", "we pay", "we buy")] = (
        Field(None, description="What one unit costs the shop.")
    )
    seo_title: Annotated[str | None, Cues("meta title", "seo title", "search title", "google title", "page title", "title tag")] = Field(
        None, description="The new title for search engines, word for word. For one product only."
    )
    seo_description: Annotated[str | None, Cues("meta description", "seo description", "search description", "google description")] = Field(
        None, description="The new description for search engines, word for word. For one product only."
    )


@task(
    examples=[
        "rename the blue mug to Ocean Mug", "archive the winter scarf", "tag all candles as gifts", "unpublish the oak board",
        "change the vendor of the teapots to Acme", "remove the tag new from the linen dresses",
        "set the description of the mug to \"Holds 300 ml.\"",
    ]
)  # fmt: skip
async def edit_product(args: EditProduct, store: Store) -> Proposal | Missing:
    """Change the title, description, tags, status, vendor, type, old price or cost of products.

    Raises:
        NotFound: None of the products is there.
        Invalid: A value is empty, too long, or a title for several products at once.
    """
    if not _says_something(args):
        return Missing("title", say("What should be changed: title, description, tags, status, vendor, type, old price or cost?"))
    products = await products_meant(store, args.products)
    _check(args, products, store)
    changes = [change for product in products for change in [*product.set(**_fields(args, product)), *_prices(args, product)]]
    return Proposal(_summary(changes, products), changes=changes)


def _says_something(args: EditProduct) -> bool:
    return any(getattr(args, name) not in (None, [], False) for group in args.one_of for name in group)


def _check(args: EditProduct, products: Sequence[Product], store: Store) -> None:
    check_currency(args, store, "compare_at_price", "cost")
    for name in ("title", "vendor", "product_type"):
        value = getattr(args, name)
        if value is not None and not value.strip():
            raise Invalid(f"The {name.replace('_', ' ')} cannot be empty.", field=name)
    longest = max((title for product in products if (title := _title(args, product)) is not None), key=len, default="")
    if len(longest) > LONGEST_TITLE:
        raise Invalid(f"A title has at most {LONGEST_TITLE} characters; this one has {len(longest)}.", field="title")
    for name in ("compare_at_price", "cost"):
        if (amount := getattr(args, name)) is not None and amount.amount <= 0:
            raise Invalid(f"The {name.replace('_', ' ')} must be more than nothing.", field=name)
    if args.compare_at_price is not None and args.no_compare_at_price:
        raise Invalid("The old price cannot be both set and taken away.", field="compare_at_price")
    if args.title is not None and len(products) > 1:
        raise Invalid(f"{len(products)} products would all be called “{args.title}”. Say which one product to rename.", field="title")
    for name in ("seo_title", "seo_description"):
        if getattr(args, name) is not None and len(products) > 1:
            raise Invalid(f"{len(products)} products would all have the same one. Say which product is meant.", field=name)
    if both := {tag.casefold() for tag in args.add_tags} & {tag.casefold() for tag in args.remove_tags}:
        raise Invalid(f"“{min(both)}” is both to be added and to be removed.", field="add_tags")


def _fields(args: EditProduct, product: Product) -> dict[str, Any]:
    plain = ("status", "vendor", "product_type", "seo_title", "seo_description")
    fields: dict[str, Any] = {name: value.strip() for name in plain if (value := getattr(args, name)) is not None}
    if (title := _title(args, product)) is not None:
        fields["title"] = title
    description = _surrounded(args.description, product.description.value, args.description_before, args.description_after)
    if description is not None:
        fields["description"] = description
    if args.add_tags or args.remove_tags:
        fields["tags"] = retagged(product.tags, args.add_tags, args.remove_tags)
    return fields


def _title(args: EditProduct, product: Product) -> str | None:
    return _surrounded(args.title, product.title, args.title_before, args.title_after)


def _surrounded(new: str | None, old: str, before: str | None, after: str | None) -> str | None:
    """The text with what is to stand before and after it, once: said twice, it is there already. None where nothing is said of it."""
    if new is None and before is None and after is None:
        return None
    text = (old if new is None else new).strip()
    before, after = (before or "").strip(), (after or "").strip()
    if before and not text.startswith(before):
        text = f"{before} {text}".strip()
    return f"{text} {after}".strip() if after and not text.endswith(after) else text


def _prices(args: EditProduct, product: Product) -> list[Change]:
    fields: dict[str, Any] = {name: value for name in ("compare_at_price", "cost") if (value := getattr(args, name)) is not None}
    if args.no_compare_at_price:
        fields["compare_at_price"] = None
    for variant in product.variants:
        old = fields.get("compare_at_price")
        if old is not None and old <= variant.price:
            price = f"{variant.price.amount} {variant.price.currency}"
            raise Invalid(f"{variant.label} costs {price}; a crossed-out old price must be higher.", field="compare_at_price")
    return [change for variant in product.variants for change in variant.set(**fields)]


def _summary(changes: Sequence[Change], products: Sequence[Product]) -> Sentence:
    edited = {change.target.id for change in changes}
    if not edited:
        return say("Nothing needs changing: it is so already.")
    if len(edited) == 1:
        return say("Edit {product}", product=changes[0].target.label)
    return count("Edit {n} product", "Edit {n} products", len(edited))
