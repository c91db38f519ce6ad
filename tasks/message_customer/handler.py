import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from agent.sdk import (
    Action,
    Ask,
    AskedAs,
    Change,
    Cues,
    Customer,
    Draft,
    Field,
    Missing,
    NotFound,
    Order,
    OrderWhere,
    Refusal,
    Says,
    Selection,
    Sentence,
    Store,
    Writer,
    count,
    distinct,
    every,
    say,
    task,
)
from agent.sdk.drafting import (
    Composed,
    Wished,
    addressed,
    by_hand,
    by_of,
    code_doubt,
    compose,
    discount_facts,
    nameless,
    order_facts,
    sections,
    sent_by,
    shop_facts,
    template_speaks,
    to_them,
    told,
    unspoken,
)

MOST = 25
"""Messages in one draft; more people than that are written to with one text for all (`write_email`)."""
_ABOUT_ORDERS = ("delay", "shipped", "invoice", "tracking")


class MessageCustomer(Wished):
    cannot = (
        (
            r"^\W*(?:(?:please|and|also|then|can|could|would|you|i\s+need\s+you\s+to)\s+)*(?:call(?=\s+(?:(?:up|back)\s+)?(?:(?:my|our|the|a|this|that|her|him|them)\s+(?:\w+\s+)?(?:customers?|buyer|client|bank|supplier|courier|carrier|post\s+office|number)\b"
            r"|(?:her|him|them)\W*$|(?:her|him|them)\s+(?:and|up|back|to)\b|(?-i:[A-ZÀ-Þ][\w’'-]+)(?:\s+(?-i:[A-ZÀ-Þ][\w’'-]+))?\s*(?:$|and\b|up\b|back\b|to\b|[,.!?])))"
            r"|phone|telephone|ring(?!\s+(?:size|s\b)))\s+\w",
            say("Storehand makes no phone calls. It writes messages to send: “write to Anna Schmidt that her parcel is late”."),
        ),
    )
    decisive = (
        "thank all", "thank everyone", "thank everybody", "thank our customers", "drop … a line",
        "drop … a note", "tracking number … to the customer", "tracking number … to the buyer",
    )  # fmt: skip
    like = (
        r"^(?:please )?write to\b",
        r"\btracking\b.* to (?:the )?(?:customer|buyer|client|her|him|them)\b", r"\b(?:re)?send\b.*\b(?:invoice|receipt|confirmation)\b",
    )  # fmt: skip
    one_of = (("customers", "orders"),)

    customers: Annotated[Selection[Customer] | None, Cues("to"), AskedAs("Who should it go to?")] = Field(None, description="Who it is for.")
    orders: Selection[Order] | None = Field(None, description="The orders it is about; without customers it goes to who placed them.")
    purpose: Annotated[
        Literal["apology", "thanks", "delay", "shipped", "tracking", "invoice", "reminder", "review_request", "discount", "news"] | None,
        Says(
            apology=["apologise", "apologize", "apologising", "apologizing", "apology", "sorry"],
            thanks=["thank", "thanking", "thank you", "thank-you", "thanks"],
            delay=["late", "delayed", "delay", "held up", "takes longer", "will be late"],
            shipped=[
                "shipped",
                "it is on its way",
                "it's on its way",
                "order is on its way",
                "parcel is on its way",
                "package is on its way",
                "sent out",
                "left the warehouse",
                "dispatched",
            ],
            tracking=["tracking number", "tracking numbers", "tracking"],
            invoice=["invoice", "receipt", "confirmation"],
            reminder=["remind", "reminder", "reminding", "nudge"],
            review_request=["ask for a review", "for a review", "review request", "what they think", "for feedback", "for their opinion"],
            discount=["discount", "voucher", "coupon"],
            news=["back in stock", "it's back", "is back", "are back", "about the new", "price change", "opening"],
        ),
    ] = Field(None, description="What kind of message it is.")
    message: Annotated[
        str | None,
        Cues("that", "saying", "say", "telling them", "know that", "because", "about", "apologising that", "inform them that"),
    ] = Field(None, description="What it should tell them, in the merchant's words.")
    code: Annotated[str | None, Cues("code", "the code", "with the code", "coupon")] = Field(None, description="A discount code to give them.")
    channel: Annotated[
        Literal["email", "sms", "whatsapp"],
        Says(
            email=["email", "e-mail", "mail"],
            sms=["sms", "text message", "text messages", "text him", "text her", "text them"],
            whatsapp=["whatsapp"],
        ),
    ] = Field("email", description="How it goes out.")


@task(
    examples=[
        "tell Anna Schmidt that order #1042 will be late", "write an email to Jonas Weber apologising for the delay",
        "send a thank-you note to our vip customers",
        "let the customer of order 1042 know that it has shipped", "remind the wholesale customers about the price change", "drop Claire a line",
        "write to everyone who bought the mug that it is recalled",
    ]
)  # fmt: skip
async def message_customer(args: MessageCustomer, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal | Missing:
    """Write to particular customers, about an order or anything else, as a draft to edit, save or send.

    Raises:
        NotFound: Nobody is meant by it.
    """
    if args.customers is None and args.orders is None:
        return Missing("customers", say("Who should it go to?"))
    letters, all_of_them = await _letters(args, store)
    if not letters:
        raise NotFound("customer", (args.customers or args.orders or Selection[Customer](ids=())).label)
    code = await discount_facts(store, args.code)
    written = await _written(letters, args, code, store, writer, ask)
    if by_of([one for one, _ in written]) == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    texts = [_addressed(one, letter) for (one, letter) in written]
    sends = [action for letter, (subject, body) in zip(letters, texts, strict=True) for action in _sent(letter, subject, body, args, store)]
    what = code_doubt(by_hand(_sentence(letters, all_of_them, args), sends=bool(sends)), code)
    return Draft(
        told(what, *(one for one, _ in written)), content=_content(letters, texts, args), title=texts[0][0] if len(letters) == 1 else None,
        by=by_of([one for one, _ in written]), saves=[] if sends else _saves(letters, texts, args, store), sends=sends,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Letter:
    to: Customer | None
    order: Order | None

    @property
    def name(self) -> str:
        return self.to.name if self.to else (self.order.customer_name or "") if self.order else ""


async def _letters(args: MessageCustomer, store: Store) -> tuple[list[_Letter], int]:
    """One letter to each customer, or for each order; the first `MOST`, and how many there would be."""
    orders = await every(store.orders, args.orders, most=MOST + 1) if args.orders is not None else []
    if args.customers is not None:
        people = await every(store.customers, args.customers, most=MOST)
        theirs = await _orders_of(people, orders, args, store)
        return [_Letter(to=person, order=theirs.get(person.id)) for person in people], len(args.customers)
    ids = distinct(order.customer_id for order in orders)
    people = await every(store.customers, Selection[Customer](ids=ids)) if ids else []
    known = {person.id: person for person in people}
    letters = [_Letter(to=known.get(order.customer_id or ""), order=order) for order in orders[:MOST]]
    return letters, len(args.orders) if args.orders is not None else 0


async def _orders_of(people: Sequence[Customer], named: Sequence[Order], args: MessageCustomer, store: Store) -> dict[str, Order]:
    """The order each of them is written to about: the one named, else the latest where the message is about an order by its kind."""
    if args.orders is not None:
        return {order.customer_id: order for order in named if order.customer_id}
    if args.purpose not in _ABOUT_ORDERS:
        return {}
    latest = await asyncio.gather(*(store.orders(OrderWhere(customers=[person.id], cancelled=False), limit=1) for person in people))
    return {person.id: page.items[0] for person, page in zip(people, latest, strict=True) if page.items}


async def _written(
    letters: Sequence[_Letter], args: MessageCustomer, code: dict[str, Any], store: Store, writer: Writer, ask: Ask
) -> list[tuple[Composed, _Letter]]:
    """One text for all that differ in nothing but the name."""
    shop = await shop_facts(store)
    names = [letter.name for letter in letters]
    shared: dict[str, Any] = {
        **shop, **args.wishes(), "purpose": args.purpose or "", "channel": args.channel, "code": code,
        "message": nameless(args.message or "", names), "said": to_them(nameless(args.message or "", names)), "request": nameless(ask.text, names),
    }  # fmt: skip

    async def composed(order: Order | None) -> Composed:
        return await compose(writer, **shared, order=order_facts(order, store) if order else {})

    by_order = {letter.order.id if letter.order else "": letter.order for letter in letters}
    texts = dict(zip(by_order, await asyncio.gather(*(composed(order) for order in by_order.values())), strict=True))
    return [(texts[letter.order.id if letter.order else ""], letter) for letter in letters]


def _addressed(written: Composed, letter: _Letter) -> tuple[str, str]:
    """Subject and body for this customer."""
    found = sections(addressed(written.text, letter.name), ["Subject"])
    return found.get("subject", ""), found["body"]


def _sent(letter: _Letter, subject: str, body: str, args: MessageCustomer, store: Store) -> list[Action]:
    return sent_by(store, letter.to, subject=subject, body=body, channel=args.channel) if letter.to else []


def _saves(letters: Sequence[_Letter], texts: Sequence[tuple[str, str]], args: MessageCustomer, store: Store) -> list[Change]:
    if "messages" not in store.capabilities:
        return []
    return [
        Change.create(
            "message", f"{subject or 'message'} (draft to {letter.name or 'the customer'})",
            {
                "customer": letter.to.id if letter.to else None, "order": letter.order.id if letter.order else None, "channel": args.channel,
                "subject": subject, "body": body,
            },
        )
        for letter, (subject, body) in zip(letters, texts, strict=True)
    ]  # fmt: skip


def _content(letters: Sequence[_Letter], texts: Sequence[tuple[str, str]], args: MessageCustomer) -> str:
    shown = [f"Subject: {subject}\n\n{body}" if subject and args.channel == "email" else body for subject, body in texts]
    if len(letters) == 1:
        return shown[0]
    return "\n\n".join(f"## {_heading(letter)}\n\n{text}" for letter, text in zip(letters, shown, strict=True))


def _heading(letter: _Letter) -> str:
    return f"{letter.name or 'Customer'}, order {letter.order.number}" if letter.order else letter.name


def _sentence(letters: Sequence[_Letter], all_of_them: int, args: MessageCustomer) -> Sentence:
    what = count("A message to {name}.", "Messages to {n} customers.", len(letters), name=letters[0].name or "the customer")
    if all_of_them > len(letters):
        what = say("{what} {found} are meant; these are the first. For all of them, ask for one e-mail.", what=what, found=all_of_them)
    unasked = [letter for letter in letters if letter.to and not letter.to.accepts_marketing]
    if args.purpose in ("discount", "news", "review_request") and unasked:
        what = say("{what} {n} of them did not agree to marketing.", what=what, n=len(unasked))
    return what
