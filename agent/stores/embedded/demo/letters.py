"""What customers write to the shop, what it answers, and what is typed into the storefront's search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from agent.db.people import Message, SearchTerm
from agent.stores.embedded.demo import almanac
from agent.stores.embedded.demo.rows import Rows
from agent.stores.embedded.demo.sources import SearchTerm as Term
from agent.stores.embedded.demo.tills import TO_WEAR, Sold

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
ANSWERS = (
    "Thank you for writing, {first}. I have looked into it and will get back to you by tomorrow noon. Best, Mara from Fern & Tide",
    "Dear {first}, sorry about that! I have asked the warehouse and will write as soon as I know more. Warm wishes, Jonte",
    "Hello {first}, of course. You will find the label in a second mail. Kind regards, Mara",
    "Hi {first}, good question: I asked the maker and they say yes. Do tell us how it goes. Jonte",
)
BREAKS = {"Mugs", "Plates", "Bowls", "Teapots & Jugs", "Vases", "Glassware"}
SEARCHED_DAYS = 180


def write_letters(rows: Rows, sold: Sequence[Sold], count: int, kinds: Sequence[dict[str, Any]], now: datetime, dice: Random) -> None:
    """`count` messages from customers in the order of time, most of the older ones answered."""
    pool = [one for one in sold if one.person is not None and now - one.at < timedelta(days=330)]
    for number, one in enumerate(sorted(dice.sample(pool, min(count, len(pool))), key=lambda one: one.line["id"]), 1):
        kind = dice.choices(kinds, [kind["share"] for kind in kinds])[0]
        at = min(one.at + timedelta(days=dice.randint(2, 20), minutes=dice.randrange(900)), now - timedelta(minutes=dice.randint(10, 4000)))
        _letter(rows, f"t{number:04d}", one, kind, at, now, dice)


def _letter(rows: Rows, thread: str, one: Sold, kind: dict[str, Any], at: datetime, now: datetime, dice: Random) -> None:
    person = one.person
    assert person is not None  # the pool holds no others
    facts = {
        "product": one.item.good.title, "order": one.order["number"],
        "first": "all" if person.wholesale else person.row["name"].split()[0], "day": dice.choice(WEEKDAYS),
        "code": dice.choice(("WELCOME10", "TEATIME5", "FREESHIP")),
    }  # fmt: skip
    answered = now - at > timedelta(days=2) and dice.random() < 0.85
    named = {"thread": thread, "customer_id": person.row["id"], "order_id": one.order["id"], "channel": dice.choice(("email", "email", "instagram"))}
    subject = str(dice.choice(kind["subjects"])).format(**facts)
    rows.add(Message, **named, direction="in", subject=subject, body=_written(kind, one.item.good.type, facts, dice), at=at, answered=answered)
    if answered:
        body = dice.choice(ANSWERS).format(**facts)
        rows.add(Message, **named, direction="out", subject=f"Re: {subject}", body=body, at=at + timedelta(minutes=dice.randint(20, 1500)))


def _written(kind: dict[str, Any], product_type: str, facts: dict[str, str], dice: Random) -> str:
    own = kind.get("wear", []) if product_type in TO_WEAR else kind.get("dish", []) if product_type in BREAKS else []
    body = str(dice.choice([*kind["bodies"], *own])).format(**facts)
    ends = ("", "", f" Thanks, {facts['first']}", f" Best wishes, {facts['first']}", " Thank you in advance!", " Many thanks")
    return body + dice.choice(ends)


def note_searches(rows: Rows, terms: Sequence[Term], today: date, dice: Random) -> None:
    """Counts per day over the last half year; about as many searches as a shop of this size sees."""
    for ago in range(SEARCHED_DAYS, -1, -1):
        day = today - timedelta(days=ago)
        busy = almanac.demand(day, today) / 12
        for term in terms:
            expected = term.weight * almanac.season(term.season, day) * busy
            count = int(expected * (0.5 + dice.random()) + dice.random() * 0.9)
            if count:
                rows.add(SearchTerm, day=day.toordinal(), term=term.term, count=count, results=term.finds)
