"""What tasks that write share: how a text is asked for, the facts it may use, and the check that nothing in it is invented.

    written = await compose(writer, product=facts_of(product, store), request=ask.text, tone=args.tone, ...)
    return Draft(told(say("An ad for {product}.", product=...), written), content=written.text, by=written.by)

The facts given to `compose` are all that the text may claim. The task's prompt takes them, and `avoid` besides: what a first attempt made up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency
from pydantic import Field

from agent.sdk.claims import Claim, unsupported, without
from agent.sdk.goods import Product
from agent.sdk.model import Writer
from agent.sdk.orders import Order
from agent.sdk.people import Customer
from agent.sdk.refs import Money, Selection
from agent.sdk.results import Action, Refusal, Target
from agent.sdk.store import Store
from agent.sdk.task import Args, Cues, Says
from agent.sdk.text import Sentence, count, say
from agent.sdk.untrusted import Untrusted

Tone = Annotated[
    Literal["plain", "warm", "playful", "elegant", "technical"],
    Says(
        plain=["plain", "simple", "neutral", "factual", "matter-of-fact", "businesslike", "formal", "professional", "serious"],
        warm=[
            "warm",
            "friendly",
            "cosy",
            "inviting",
            "personal",
            "heartfelt",
            "warmer",
            "friendlier",
            "cosier",
            "apologetic",
            "sympathetic",
            "kinder",
        ],
        playful=["playful", "funny", "fun", "cheeky", "witty", "more fun", "funnier"],
        elegant=["elegant", "luxurious", "premium", "refined", "sophisticated"],
        technical=["technical", "precise", "detailed specs"],
    ),
]
Length = Annotated[
    Literal["short", "medium", "long"],
    Says(
        short=[
            "short",
            "brief",
            "briefly",
            "shorter",
            "one sentence",
            "concise",
            "quick",
            "too long",
            "too wordy",
            "too much text",
            "two sentences",
            "a few sentences",
            "one line",
        ],
        medium=["medium", "a paragraph", "one paragraph"],
        long=["long", "longer", "detailed", "in depth", "too short"],
    ),
]
Characters = Annotated[int | None, Cues("characters", "chars", "max", "maximum", "at most", "no longer than", "not longer than")]
Language = Annotated[str | None, Cues("in", "language")]
Mention = Annotated[
    list[str], Cues("mention", "mentioning", "add that", "say that", "include that", "include", "highlight", "emphasise", "stress", "keywords")
]

CHARACTERS, MIN_CHARACTERS = "At most so many characters.", 10
TONE, LENGTH = "How it should sound.", "Short (a sentence or two), medium (a paragraph) or long (several)."
LANGUAGE, MENTION = "The language to write in, such as German; the shop's own when left out.", "What the text should mention."


class Wished(Args):
    """How any text can be wished for; the Args of a task that writes begin with it."""

    tone: Tone = Field("warm", description=TONE)
    length: Length = Field("medium", description=LENGTH)
    language: Language = Field(None, description=LANGUAGE)
    mention: Mention = Field(default_factory=list, description=MENTION)

    def wishes(self) -> dict[str, Any]:
        """The wishes as facts for the prompt."""
        return {"tone": self.tone, "length": self.length, "language": self.language or "", "mention": list(self.mention)}


MOST_PRODUCTS = 12
"""Products whose facts go into one text; more is a catalogue."""
_HOW = frozenset(
    {"tone", "length", "language", "locale", "voice", "limits", "questions", "channel", "platform", "page", "occasion", "purpose"}
)  # fmt: skip
_SAMPLES, _SAMPLE_LENGTH = 3, 400
_LEAST_LEFT = 30
"""Characters below which what is left after a check is no text any more."""
_COMPANY = re.compile(
    r"\b(?:GmbH|AG|KG|UG|Ltd|LLC|Inc|BV|B\.V|S\.?A\.?S?|S\.?r\.?l|ApS|AB|Oy|Co|Café|Cafe|Hotel|Restaurant|Shop|Store|Studio)\b|&", re.I
)


@dataclass(frozen=True, slots=True)
class Composed:
    """A text in which the checker finds nothing that the facts do not say."""

    text: str
    by: Literal["frontier", "student", "template"]
    left_out: tuple[str, ...] = ()
    """Words of claims whose sentences were taken out, since no fact bears them out."""


async def compose(writer: Writer, /, *, backing: str = "", **facts: Any) -> Composed:
    """A text made from the facts alone.

    A model that claims more is told so and asked once more; what it claims then, its sentences are taken out. Where hardly anything is
    left, the text is the template's.

    How a text is to be (`tone`, `voice`, `limits` and the like) is no fact and backs nothing.

    Args:
        backing: Words that back claims besides the facts: the original of a translation may promise what the translation then promises.
    """
    backed = {"backing": backing, **{name: value for name, value in facts.items() if name not in _HOW}}
    written = await writer.write(**facts, avoid=[])
    invented = _invented(written.text, written.by, backed)
    if invented:
        written = await writer.write(**facts, avoid=_said(invented))
        invented = _invented(written.text, written.by, backed)
    text = without(written.text, invented) if invented else written.text
    if len(text) < _LEAST_LEFT and invented:
        written = await writer.plain(**facts, avoid=[])
        text = written.text
    return Composed(text, written.by, tuple(_said(invented)))


def _invented(text: str, by: str, facts: Mapping[str, Any]) -> list[Claim]:
    return [] if by == "template" else unsupported(text, facts)


def _said(claims: Sequence[Claim]) -> list[str]:
    return list(dict.fromkeys(claim.said for claim in claims))


def told(what: Sentence, *written: Composed) -> Sentence:
    """The sentence for a draft, with who wrote it where that was no model, and what was left out."""
    left_out = list(dict.fromkeys(said for one in written for said in one.left_out))
    if any(one.by == "template" for one in written):
        what = say("{what} It is a template filled with your shop's facts, without a model; edit it before you use it.", what=what)
    if left_out:
        what = say(
            "{what} Left out, since nothing in your shop bears it out: {claims}.", what=what, claims=", ".join(f"“{said}”" for said in left_out[:6])
        )
    return what


def by_of(written: Sequence[Composed]) -> Literal["frontier", "student", "template"]:
    """Who wrote it; the humblest where it was several."""
    return next((one.by for one in written if one.by != "frontier"), written[0].by)


def template_speaks(language: str | None) -> bool:
    """Whether the templates have this language: they are English."""
    return language is None or language.strip().casefold() in ("english", "en", "british english", "american english")


def unspoken(language: str | None) -> Refusal:
    """What a task answers when it would have to write a language without a model."""
    text = say("Writing in {language} needs a model; connect a provider in the settings, or ask for English.", language=language or "")
    return Refusal(text, code="needs_provider")


def facts_of(product: Product, store: Store) -> dict[str, Any]:
    """What may be said of a product. `present` is its description now, which others may have written."""
    prices = sorted((variant.price for variant in product.variants), key=lambda price: price.minor)
    was = next((v.compare_at_price for v in product.variants if v.compare_at_price and v.price < v.compare_at_price), None)
    tracked = [variant for variant in product.variants if variant.tracked]
    return {
        "title": product.title, "kind": product.product_type, "vendor": product.vendor, "tags": list(product.tags),
        "options": {name: list(values) for name, values in product.options.items()},
        "price": priced(prices[0], store) if prices else "", "one_price": bool(prices) and prices[0] == prices[-1],
        "was": priced(was, store) if was else "", "sold_out": bool(tracked) and all(variant.on_hand <= 0 for variant in tracked),
        "present": product.description,
    }  # fmt: skip


def order_facts(order: Order, store: Store) -> dict[str, Any]:
    """What may be said of an order to the one who placed it."""
    return {
        "number": order.number, "placed": day_of(order.placed_at, store), "payment": order.payment.replace("_", " "), "fulfilment": order.fulfilment,
        "lines": [{"title": line.title, "quantity": line.quantity} for line in order.lines if line.kind == "product"],
        "total": priced(order.total, store), "refunded": priced(order.refunded, store) if order.refunded.minor else "",
        "tracking": list(order.tracking), "cancelled": order.cancelled_at is not None,
    }  # fmt: skip


async def shop_facts(store: Store) -> dict[str, Any]:
    """The shop's name and language, and a few of its own texts, whose voice a writer takes up."""
    page = await store.products(limit=25)
    samples = [product.description for product in page.items if 40 <= len(product.description.value) <= 2_000]
    voice = [Untrusted(text.value[:_SAMPLE_LENGTH], source=text.source, record=text.record) for text in samples[:_SAMPLES]]
    return {"shop": store.shop.title or store.shop.name, "locale": store.shop.locale, "voice": voice}


async def chosen_products(store: Store, selection: Selection[Product] | None) -> list[Product]:
    """The products a text is about, at most `MOST_PRODUCTS`, in the merchant's order."""
    if selection is None:
        return []
    return list((await store.products(Selection[Product](ids=selection.ids[:MOST_PRODUCTS]))).items)


async def discount_facts(store: Store, code: str | None) -> dict[str, Any]:
    """What a code gives, as the shop has it; {} for no code, and the code alone where the shop has none of that name (yet)."""
    if not code or not code.strip():
        return {}
    found = (await store.discounts(code=code.strip().upper(), limit=1)).items if "discounts" in store.capabilities else []
    if not found:
        return {"code": code.strip(), "known": False, "gives": "", "until": "", "minimum": ""}
    one = found[0]
    gives = {"percent": f"{one.value.normalize():f}% off", "amount": f"{priced(Money(one.value, store.shop.currency), store)} off"}
    return {
        "code": one.code, "known": True, "gives": gives.get(one.kind, "free shipping"), "until": day_of(one.ends_at, store) if one.ends_at else "",
        "minimum": priced(one.minimum, store) if one.minimum else "",
    }  # fmt: skip


def code_doubt(what: Sentence, code: Mapping[str, Any]) -> Sentence:
    """Says that the shop has no such code, where a text names one."""
    return say("{what} The shop has no discount code {code} yet.", what=what, code=code["code"]) if code and not code["known"] else what


def priced(money: Money, store: Store) -> str:
    """ "€18.00", as the shop's customers read it."""
    return format_currency(money.amount, money.currency, locale=_locale(store))


def day_of(moment: Any, store: Store) -> str:
    """ "14 November 2026"."""
    return format_date(moment, "d MMMM y", locale=_locale(store))


def _locale(store: Store) -> Locale:
    try:
        return Locale.parse(store.shop.locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


NAME = "[name]"
"""Stands for the customer in what a model is given and writes: who it is, the model need not know."""


def addressed(text: str, name: str | None) -> str:
    """The text with the customer's name in its place; without a name the greeting goes without."""
    if name:
        return text.replace(NAME, called(name))
    return re.sub(rf"\s*{re.escape(NAME)}", "", text)


def nameless(text: str, names: Sequence[str]) -> str:
    """The merchant's words with the customers' names taken out, for the model."""
    for name in sorted((n for n in names if n), key=len, reverse=True):
        for part in (name, *(word for word in name.split() if len(word) > 2)):
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", NAME, text, flags=re.I)
    return re.sub(rf"{re.escape(NAME)}(?:\s+{re.escape(NAME)})+", NAME, text)


_SECOND = (
    (r"^(?:she|he|they)(?:\s+is|\s+are|[’']s|[’']re)\b", "you are"), (r"^(?:she|he|they)\s+(?:has|have)\b", "you have"),
    (r"^(?:she|he|they)\b", "you"), (r"^their\b", "your"), (r"\b(?:his|her)\b(?=\s+\w)", "your"),
)  # fmt: skip
"""Only what begins the message, or can mean nobody else: "because they forgot it" is of someone else."""


def to_them(message: str) -> str:
    """What the merchant says of a customer, as it is said to one: "her parcel is late" is "your parcel is late"."""
    for said, instead in _SECOND:
        message = re.sub(said, instead, message, flags=re.I)
    return message


def called(name: str) -> str:
    """How a customer is greeted: by first name, a company by its whole one."""
    return name if _COMPANY.search(name) else name.split()[0] if name.split() else name


def sent_by(store: Store, to: Customer, *, subject: str, body: str, channel: str = "email", confirm: str = "click") -> list[Action]:
    """Sending to one customer, as an action to approve; none where the shop cannot send, or has no address."""
    if "send" not in store.capabilities or (channel == "email" and not to.email):
        return []
    params = {"channel": channel, "subject": subject, "body": body}
    return [Action(kind="send_message", target=Target("customer", to.id, to.name), params=params, confirm=confirm)]


def by_hand(what: Sentence, *, sends: bool) -> Sentence:
    """Says that the merchant has to send it, where the shop cannot."""
    return what if sends else say("{what} This shop cannot send from here, so it is to be sent by hand.", what=what)


def about(products: Sequence[Product], topic: str | None, otherwise: str) -> str:
    """What a text is about, for the sentence above it."""
    if len(products) == 1:
        return products[0].title
    if products:
        return str(count("{n} product", "{n} products", len(products)))
    return topic or otherwise


def sections(text: str, names: Sequence[str]) -> dict[str, str]:
    """Lines such as "Subject: …" by their name in lower case, and what follows the last of them as "body"."""
    found: dict[str, str] = {}
    rest: list[str] = []
    pattern = re.compile(rf"^\W{{0,3}}({'|'.join(names)})\W{{0,3}}:\s*\**\s*(.*)$", re.I)
    for line in text.strip().split("\n"):
        match = pattern.match(line.strip()) if not any(part.strip() for part in rest) else None
        if match and match[1].casefold() not in found:
            found[match[1].casefold()] = match[2].strip().strip("*").strip()
        else:
            rest.append(line)
    found["body"] = "\n".join(rest).strip()
    return found


def cut(text: str, most: int) -> str:
    """The text within so many characters: cut after a sentence where that keeps half of them, else between words."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    if (end := max(text.rfind(mark, 0, most + 1) for mark in (". ", "! ", "? "))) >= most // 2:
        return text[: end + 1]
    short = text[:most].rsplit(" ", 1)[0]
    return (short if short else text[:most]).rstrip(" ,;:–-|")
