"""What customers wrote can be listed; an answer is kept as a draft, and nothing that was sent or received is ever touched."""

import asyncio
from collections.abc import Iterator

import pytest

from agent.errors import NotFound, Stale, StoreRefused
from agent.sdk import Change, MessageWhere, Period, Target, Untrusted
from agent.testing.playground import Playground, playground


@pytest.fixture
def ground() -> Iterator[Playground]:
    with playground() as ground:
        yield ground


def subjects(ground: Playground, where: MessageWhere | None = None, limit: int = 250) -> list[str]:
    return [message.subject.value for message in asyncio.run(ground.store.messages(where, limit=limit)).items]


def customer(ground: Playground, name: str) -> str:
    return next(c.id for c in asyncio.run(ground.store.customers()).items if c.name == name)


def test_messages_are_listed_newest_first_and_page_by_page(ground: Playground) -> None:
    first = asyncio.run(ground.store.messages(limit=3))
    rest = asyncio.run(ground.store.messages(limit=3, cursor=first.next))
    assert [m.subject.value for m in (*first.items, *rest.items)] == ["Where is my parcel?", "Care", "Trade", "Return"]
    assert rest.next is None


def test_every_condition_narrows(ground: Playground) -> None:
    anna = customer(ground, "Anna Schmidt")
    now = ground.clock.now()
    week = Period(start=now.replace(day=now.day - 4), end=now)
    first = asyncio.run(ground.store.messages()).items[0]
    assert subjects(ground, MessageWhere(customers=[anna])) == ["Where is my parcel?"]
    assert subjects(ground, MessageWhere(answered=True)) == ["Return"]
    assert subjects(ground, MessageWhere(direction="out")) == []
    assert subjects(ground, MessageWhere(received=week)) == ["Where is my parcel?", "Care"]
    assert subjects(ground, MessageWhere(text="mugs")) == ["Trade"]
    assert subjects(ground, MessageWhere(ids=[first.id], threads=[first.thread], orders=[first.order_id or ""])) == ["Where is my parcel?"]


def test_what_a_customer_wrote_is_untrusted(ground: Playground) -> None:
    message = asyncio.run(ground.store.messages()).items[0]
    assert isinstance(message.body, Untrusted) and isinstance(message.subject, Untrusted)
    assert (message.body.source, message.body.record) == ("message", message.id)


def test_a_draft_is_made_shown_and_deleted_again(ground: Playground) -> None:
    anna = customer(ground, "Anna Schmidt")
    fields = {"customer": anna, "thread": "t0", "subject": "Re: Where is my parcel?", "body": "Dear Anna,\n\nit is on its way."}
    made = asyncio.run(ground.store.write(Change.create("message", "reply", fields), key="k1"))
    assert made.after == {**fields, "order": None, "channel": "email"}
    assert subjects(ground, MessageWhere(direction="draft", customers=[anna])) == ["Re: Where is my parcel?"]
    target = Target("message", made.target_id, "reply")
    asyncio.run(ground.store.write(Change.delete(target, made.after), key="k2"))
    assert subjects(ground, MessageWhere(direction="draft")) == []


def test_what_was_received_cannot_be_deleted_as_a_draft(ground: Playground) -> None:
    received = asyncio.run(ground.store.messages()).items[0]
    target = Target("message", received.id, "message")
    assert asyncio.run(ground.store.current(target, None)) is None
    with pytest.raises(Stale):
        asyncio.run(ground.store.write(Change.delete(target, {"body": received.body.value}), key="k1"))
    with pytest.raises(NotFound):
        asyncio.run(ground.store.write(Change.delete(target, {}), key="k2"))
    assert len(subjects(ground)) == 4


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"body": " "}, "A message is 1 to"),
        ({"body": "x", "sent": True}, "A message has no field `sent`"),
        ({"body": "x", "customer": "c_999"}, "The customer of the message is not there"),
        ({"body": "x", "order": "p_1"}, "The order of the message is not there"),
    ],
)
def test_a_draft_that_cannot_be_is_refused(fields: dict[str, object], why: str, ground: Playground) -> None:
    with pytest.raises(StoreRefused, match=why):
        asyncio.run(ground.store.write(Change.create("message", "reply", fields), key="k1"))
    assert subjects(ground, MessageWhere(direction="draft")) == []


def test_a_reviews_answer_and_a_products_search_texts_are_written_and_read(ground: Playground) -> None:
    review, product = asyncio.run(ground.store.reviews()).items[0], asyncio.run(ground.store.products()).items[0]
    changes = [*review.set(reply="Thank you!"), *product.set(seo_title="Mugs", seo_description="From our own kiln.")]
    for n, change in enumerate(changes):
        asyncio.run(ground.store.write(change, key=f"k{n}"))
    again = asyncio.run(ground.store.product(product.id))
    assert asyncio.run(ground.store.reviews()).items[0].reply == "Thank you!"
    assert (again.seo_title, again.seo_description) == ("Mugs", "From our own kiln.")
