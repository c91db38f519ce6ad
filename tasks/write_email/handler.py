from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from agent.sdk import (
    Action,
    Ask,
    Cues,
    Customer,
    Draft,
    Field,
    Percent,
    Product,
    Refusal,
    Says,
    Selection,
    Sentence,
    Store,
    Writer,
    count,
    every,
    say,
    task,
)
from agent.sdk.drafting import (
    NAME,
    Wished,
    about,
    addressed,
    by_hand,
    chosen_products,
    code_doubt,
    compose,
    discount_facts,
    facts_of,
    sections,
    sent_by,
    shop_facts,
    template_speaks,
    told,
    unspoken,
)

MOST_SENT = 200
"""Messages in one approval; a larger mailing is for a mailing service, which also takes care of who unsubscribes."""
_RECIPIENTS = 50_000


class WriteEmail(Wished):
    decisive = ("win back",)
    customers: Annotated[Selection[Customer] | None, Cues("to", "for")] = Field(None, description="Who it goes to; everyone when left out.")
    products: Annotated[Selection[Product] | None, Cues("about", "re", "regarding", "announcing", "featuring", "with", "on")] = Field(
        None, description="The products it is about."
    )
    occasion: Annotated[
        Literal["campaign", "win_back", "back_in_stock", "welcome", "thank_you", "feedback", "abandoned_cart", "launch", "sale"],
        Says(
            campaign=["campaign", "newsletter", "mailing"],
            win_back=["win-back", "winback", "we miss you", "come back", "haven't ordered", "haven't bought", "lapsed", "inactive", "reactivation"],
            back_in_stock=["back in stock", "is back", "are back", "restocked", "available again", "in stock again", "restock"],
            welcome=["welcome"],
            thank_you=["thank-you", "thank you", "thanking"],
            feedback=["for feedback", "for a review", "what they think", "survey"],
            abandoned_cart=["abandoned cart", "left without buying", "abandoned checkout", "forgotten cart"],
            launch=["launch", "new arrivals", "announcing the new", "new collection"],
            sale=["sale", "promotion", "on offer", "clearance"],
        ),
    ] = Field("campaign", description="What kind of e-mail it is.")
    topic: Annotated[str | None, Cues("about", "announcing", "on the subject of", "inviting them to", "saying that", "telling them")] = Field(
        None, description="What it is about, in the merchant's words."
    )
    code: Annotated[str | None, Cues("with the code", "the code", "code", "coupon", "voucher")] = Field(None, description="A discount code to give.")
    off: Annotated[Percent | None, Cues("off", "discount", "with")] = Field(None, description="How much comes off, where the e-mail offers that.")


@task(
    examples=[
        "write a newsletter about the new mugs", "draft a win-back email to customers who haven't ordered this year",
        "email everyone who bought the wool throw", "write a welcome email",
        "write an email to our vip customers about the linen dress with the code NEW10", "a thank-you email for our best customers, short and warm",
        "announce by email that the stoneware bowls are back in stock",
    ]
)  # fmt: skip
async def write_email(args: WriteEmail, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal:
    """Write an e-mail to many customers: a newsletter, a campaign, a win-back, back in stock.

    Only customers who agreed to marketing are counted in and, where the shop can send, sent to.
    """
    products = await chosen_products(store, args.products)
    facts = await _facts(products, args, store, ask)
    written = await compose(writer, **facts)
    if written.by == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    people = await _recipients(args, store)
    found = sections(written.text, ["Subject", "Preview"])
    subject = found.get("subject") or f"News from {store.shop.title or store.shop.name}"
    sends = _sent(people, subject, found["body"], store)
    what = by_hand(_sentence(people, about(products, args.topic, args.occasion.replace("_", " "))), sends=bool(sends))
    what = _with_doubts(what, facts, args)
    content = "\n".join(f"{name}: {text}" for name, text in (("Subject", subject), ("Preview", found.get("preview", ""))) if text)
    return Draft(told(what, written), content=f"{content}\n\n{found['body']}", title=subject, by=written.by, sends=sends)


async def _facts(products: Sequence[Product], args: WriteEmail, store: Store, ask: Ask) -> dict[str, Any]:
    return {
        **await shop_facts(store), **args.wishes(), "products": [facts_of(product, store) for product in products], "occasion": args.occasion,
        "topic": args.topic or "", "code": await discount_facts(store, args.code), "off": str(abs(args.off.value)) + "%" if args.off else "",
        "request": ask.text,
    }  # fmt: skip


async def _recipients(args: WriteEmail, store: Store) -> list[Customer] | None:
    """Who is meant; None where nobody in particular is."""
    return None if args.customers is None else await every(store.customers, args.customers, most=_RECIPIENTS)


def _may_be_written_to(people: Sequence[Customer]) -> list[Customer]:
    return [person for person in people if person.accepts_marketing and person.email]


def _sent(people: Sequence[Customer] | None, subject: str, body: str, store: Store) -> list[Action]:
    welcome = _may_be_written_to(people or ())
    if len(welcome) > MOST_SENT:
        return []
    return [
        action for one in welcome for action in sent_by(store, one, subject=subject, body=addressed(body, one.name), confirm="type:SEND")
    ]  # fmt: skip


def _sentence(people: Sequence[Customer] | None, subject: str) -> Sentence:
    if people is None:
        return say("An e-mail about {about}; {name} stands for each customer's name.", about=subject, name=NAME)
    welcome = len(_may_be_written_to(people))
    what = count(
        "An e-mail about {about} for {n} customer.", "An e-mail about {about} for {n} customers; {name} stands for each one's name.", welcome,
        about=subject, name=NAME,
    )  # fmt: skip
    if welcome < len(people):
        what = say(
            "{what} {n} more did not agree to marketing or have no address, and are left out.", what=what, n=len(people) - welcome
        )  # fmt: skip
    return what


def _with_doubts(what: Sentence, facts: Mapping[str, Any], args: WriteEmail) -> Sentence:
    """What the shop's data says against it."""
    gone = [product["title"] for product in facts["products"] if product["sold_out"]]
    if args.occasion == "back_in_stock" and gone:
        what = say("{what} Mind that there is no stock of {products} now.", what=what, products=", ".join(gone))
    return code_doubt(what, facts["code"])
