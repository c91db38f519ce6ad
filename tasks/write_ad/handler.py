import re
from typing import Annotated, Literal

from agent.sdk import Ask, Cues, Draft, Field, Product, Refusal, Says, Selection, Store, Writer, say, task
from agent.sdk.drafting import (
    CHARACTERS,
    MIN_CHARACTERS,
    Characters,
    Wished,
    about,
    chosen_products,
    code_doubt,
    compose,
    cut,
    discount_facts,
    facts_of,
    shop_facts,
    template_speaks,
    told,
    unspoken,
)

Platform = Literal["google", "facebook", "instagram", "pinterest", "tiktok", "print"]

LIMITS: dict[Platform, dict[str, int]] = {
    "google": {"headline": 30, "description": 90},
    "facebook": {"headline": 40, "text": 125, "description": 30},
    "instagram": {"headline": 40, "text": 125},
    "pinterest": {"headline": 100, "text": 500},
    "tiktok": {"text": 100},
    "print": {"headline": 60, "text": 400},
}
"""Characters of each part before a platform cuts it off."""
PARTS = re.compile(r"^\W*(headline|text|description)\W*\d*\W*:\s*(.+)$", re.I)


class WriteAd(Wished):
    cannot = (
        (
            r"^\W*(?:(?:please|and|also|then|can|could|would|you|i\s+want\s+to|let['’]?s)\s+)*(?:start|launch|run|set\s+up|pause|stop|boost|book|place|turn\s+(?:on|off))\b"
            r".{0,40}\b(?:ads?|adwords|advert\w*|(?:ad|google|facebook|meta|instagram|tiktok)\s+campaigns?)\b",
            say(
                "Storehand posts and advertises nothing itself. It writes the text to put there: “write an instagram post about the blue mug”, "
                "“write a google ad for the blue mug”."
            ),
        ),
    )
    decisive = ("flyer", "flyer text", "ad copy", "google ad", "facebook ad", "instagram ad")

    products: Annotated[Selection[Product] | None, Cues("for", "about", "of", "with")] = Field(None, description="The products it is about.")
    platform: Annotated[
        Platform,
        Says(
            google=["google", "search ad", "search ads", "adwords", "shopping ad"],
            facebook=["facebook", "meta", "fb"],
            instagram=["instagram", "insta", "ig"],
            pinterest=["pinterest"],
            tiktok=["tiktok", "tik tok"],
            print=["print", "newspaper", "flyer", "magazine", "poster"],
        ),
    ] = Field("google", description="Where it will run, which decides how long its parts may be.")
    topic: Annotated[str | None, Cues("about", "announcing", "saying", "that says", "on the subject of")] = Field(
        None, description="What it is about, in the merchant's words."
    )
    characters: Characters = Field(None, ge=MIN_CHARACTERS, description=CHARACTERS)
    code: Annotated[str | None, Cues("with the code", "the code", "code", "coupon", "voucher")] = Field(None, description="A discount code to name.")


@task(
    examples=[
        "write a google ad for the blue mug", "create facebook ads for the candles", "ad copy for the linen dress, playful",
        "make an instagram ad for it",
        "write ad text for the oak board with the code OAK10", "a print ad about our christmas market",
    ]
)  # fmt: skip
async def write_ad(args: WriteAd, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal:
    """Write the text of an advertisement, each part as long as the platform shows it, as a draft to copy."""
    products = await chosen_products(store, args.products)
    code = await discount_facts(store, args.code)
    limits = {part: min(most, args.characters or most) for part, most in LIMITS[args.platform].items()}
    facts = [facts_of(product, store) for product in products]
    written = await compose(
        writer, **await shop_facts(store), **args.wishes(), products=facts, platform=args.platform, limits=_said(limits), topic=args.topic or "",
        code=code, request=ask.text,
    )  # fmt: skip
    if written.by == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    what = say(
        "An ad for {about} on {platform}, to copy: Storehand does not place ads.", platform=args.platform.capitalize(),
        about=about(products, args.topic, store.shop.title or store.shop.name),
    )  # fmt: skip
    return Draft(told(code_doubt(what, code), written), content=_fitted(written.text, limits), by=written.by)


def _said(limits: dict[str, int]) -> list[str]:
    return [f"{part}: at most {most} characters" for part, most in limits.items()]


def _fitted(text: str, limits: dict[str, int]) -> str:
    """Every part within its limit, and how long each came out; a line that is no part is left as it is."""
    lines = []
    for line in text.split("\n"):
        match = PARTS.match(line)
        most = limits.get(match[1].casefold()) if match else None
        if match and most:
            part = cut(match[2].strip().strip("*").strip(), most)
            lines.append(f"{match[1].capitalize()} ({len(part)}/{most}): {part}")
        else:
            lines.append(line)
    return "\n".join(lines)
