import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from agent.sdk import (
    Action,
    Ask,
    Change,
    Cues,
    Customer,
    Draft,
    Field,
    Message,
    MessageWhere,
    NotFound,
    Order,
    Period,
    Refusal,
    Says,
    Selection,
    Sentence,
    Store,
    Untrusted,
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
    compose,
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

MOST = 10
"""Answers in one draft, the newest messages first; each is to be read before it goes out."""


class ReplyToMessage(Wished):
    unlike = (r"^(?:please )?write to\b",)

    customers: Annotated[Selection[Customer] | None, Cues("to", "from", "by")] = Field(None, description="Only messages from these customers.")
    orders: Selection[Order] | None = Field(None, description="Only messages about these orders.")
    topic: Annotated[str | None, Cues("about", "who asked about", "asking about", "on", "that mentions")] = Field(
        None, description="Only messages in which this word or phrase stands."
    )
    period: Annotated[Period | None, Cues("in", "since", "from", "received", "during")] = Field(None, description="When they came.")
    everyone: Annotated[
        bool, Says(true=["all messages", "every message", "open messages", "the messages", "unanswered messages", "the inbox", "all of them"])
    ] = Field(False, description="All unanswered messages, and not the latest alone.")
    answer: Annotated[
        str | None, Cues("saying", "say that", "say", "that", "telling them", "tell them", "tell him", "tell her", "explain that", "offer", "with")
    ] = Field(None, description="What the answer should say, in the merchant's words.")


@task(
    examples=[
        "reply to the last message", "answer Anna Schmidt's message", "draft a reply to Claire, saying that the beanie is hand wash only",
        "answer the open messages", "write back to the customer who asked about the chipped rim", "reply to the message about order #1042",
        "what should I answer Tom Baker?",
    ]
)  # fmt: skip
async def reply_to_message(args: ReplyToMessage, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal:
    """Write answers to what customers wrote to the shop, as drafts to edit, save or send.

    Raises:
        NotFound: No unanswered message is meant by it.
    """
    if "messages" not in store.capabilities:
        return Refusal(say("This shop's messages are not kept where Storehand can read them, so there is none to answer."))
    found = await _open(args, store)
    chosen = found[: MOST if _says_which(args) else 1]
    if not chosen:
        raise NotFound("unanswered message", args.topic or (args.customers.label if args.customers else ""))
    written = await _written(chosen, args, store, writer, ask)
    if by_of(written) == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    bodies = [addressed(sections(one.text, ["Subject"])["body"], message.customer_name) for one, message in zip(written, chosen, strict=True)]
    sends = await _sends(chosen, bodies, store)
    return Draft(
        told(by_hand(_sentence(chosen, len(found)), sends=bool(sends)), *written), content=_content(chosen, bodies), by=by_of(written),
        saves=[] if sends else [_saved(message, body) for message, body in zip(chosen, bodies, strict=True)], sends=sends,
    )  # fmt: skip


async def _open(args: ReplyToMessage, store: Store) -> list[Message]:
    """Unanswered messages that are meant, newest first, the latest of each thread."""
    where = MessageWhere(
        customers=args.customers.ids if args.customers is not None else None, orders=args.orders.ids if args.orders is not None else None,
        direction="in", answered=False, received=args.period, text=(args.topic or "").strip(" '\"“”.") or None,
    )  # fmt: skip
    latest: dict[str, Message] = {}
    for message in await every(store.messages, where, most=200):
        latest.setdefault(message.thread, message)
    return list(latest.values())


def _says_which(args: ReplyToMessage) -> bool:
    return args.everyone or any(value is not None for value in (args.customers, args.orders, args.topic, args.period))


async def _written(messages: Sequence[Message], args: ReplyToMessage, store: Store, writer: Writer, ask: Ask) -> list[Composed]:
    shop, names = await shop_facts(store), [message.customer_name or "" for message in messages]
    ids = distinct(message.order_id for message in messages)
    orders = {order.id: order for order in await every(store.orders, Selection[Order](ids=ids))} if ids else {}

    answer = nameless(args.answer or "", names)

    async def composed(message: Message) -> Composed:
        order = orders.get(message.order_id or "")
        return await compose(
            writer, **shop, **args.wishes(), order=order_facts(order, store) if order else {}, request=nameless(ask.text, names),
            answer=answer, said=to_them(answer), subject=_nameless(message.subject, message), message=_nameless(message.body, message),
        )  # fmt: skip

    return list(await asyncio.gather(*(composed(message) for message in messages)))


def _nameless(text: Untrusted[str], message: Message) -> Untrusted[str]:
    return Untrusted(nameless(text.value, [message.customer_name or ""]), source=text.source, record=text.record)


def _saved(message: Message, body: str) -> Change:
    fields: dict[str, Any] = {
        "customer": message.customer_id, "order": message.order_id, "thread": message.thread, "channel": message.channel,
        "subject": _subject(message), "body": body,
    }  # fmt: skip
    return Change.create("message", f"answer to {message.label}", fields)


async def _sends(messages: Sequence[Message], bodies: Sequence[str], store: Store) -> list[Action]:
    if "send" not in store.capabilities:
        return []
    ids = distinct(message.customer_id for message in messages)
    people = {person.id: person for person in await every(store.customers, Selection[Customer](ids=ids))}
    return [
        action
        for message, body in zip(messages, bodies, strict=True) if message.customer_id in people
        for action in sent_by(store, people[message.customer_id or ""], subject=_subject(message), body=body, channel=message.channel)
    ]  # fmt: skip


def _subject(message: Message) -> str:
    """In one line, as a mail's subject has to be."""
    subject = " ".join(message.subject.value.split())[:200]
    return subject if subject.casefold().startswith("re:") else f"Re: {subject}"


def _content(messages: Sequence[Message], bodies: Sequence[str]) -> str:
    if len(messages) == 1:
        return bodies[0]
    return "\n\n".join(f"## {message.customer_name or 'Customer'}\n\n{body}" for message, body in zip(messages, bodies, strict=True))


def _sentence(messages: Sequence[Message], found: int) -> Sentence:
    what = count(
        "An answer to {name}'s message of {day}.", "Answers to {n} messages.", len(messages), name=messages[0].customer_name or "the customer",
        day=messages[0].at,
    )  # fmt: skip
    return say("{what} They are the newest of {found}.", what=what, found=found) if found > len(messages) > 1 else what
