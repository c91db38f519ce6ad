"""The customers: invented people with names as they are where they live. Addresses at example.* reach nobody."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from agent.db.people import Customer
from agent.stores.embedded.demo.rows import Row, Rows

MAIL = ("example.com", "example.org", "example.net")
WHOLESALERS = 40
REGULAR = {"name": "Anna Schmidt", "email": "anna.schmidt@example.com"}
"""Somebody whom examples can name: among the first customers, whatever the seed."""
TRADE = ("Café {}", "{} Interiors", "Hotel {}", "{} & Daughters", "Atelier {}", "{} Concept Store", "Studio {}", "Haus {}")


@dataclass(slots=True, kw_only=True)
class Person:
    """A customer and how they behave; `row` is what is stored."""

    row: Row
    wholesale: bool
    eager: int
    """How many lots they have in the draw for each repeat order."""
    stays_days: int
    """After this long since the first order they are lost to the shop."""
    channel: str
    since: date | None = None
    """Day of the first order."""
    orders: int = 0
    spent_minor: int = 0


def invite(rows: Rows, count: int, places: dict[str, Any], dice: Random) -> list[Person]:
    """The shop's customers in the order in which they will first buy; `created_at` is filled in then."""
    countries = dice.choices(list(places), [place["share"] for place in places.values()], k=count)
    wholesale = set(dice.sample(range(count), min(WHOLESALERS, count // 20)))
    taken = {REGULAR["email"]}
    people = [_person(rows, country, places[country], number in wholesale, taken, dice) for number, country in enumerate(countries)]
    next(person for person in people if person.row["country"] == "DE" and not person.wholesale).row.update(REGULAR)
    return people


def _person(rows: Rows, country: str, place: dict[str, Any], wholesale: bool, taken: set[str], dice: Random) -> Person:
    first, last = dice.choice(place["first"]), dice.choice(place["last"])
    name = dice.choice(TRADE).format(last) if wholesale else f"{first} {last}"
    cities = place["cities"]
    city, region = dice.choices(cities, [1 / (rank + 1) for rank in range(len(cities))])[0]
    row = rows.add(
        Customer, name=name, email=_email(first, last, taken, dice), country=country, region=region, city=city, accepts_marketing=dice.random() < 0.55
    )
    return Person(
        row=row,
        wholesale=wholesale,
        eager=25 if wholesale else min(12, int(dice.paretovariate(1.1))),
        stays_days=2000 if wholesale or dice.random() < 0.45 else dice.randint(20, 330),
        channel=dice.choices(("Online Store", "Instagram", "Marketplace"), (72, 16, 12))[0],
    )


def met(person: Person, at: datetime, dice: Random) -> None:
    """Note when the shop first heard of someone: some sign up long before they buy."""
    before = timedelta(days=dice.randint(1, 60)) if dice.random() < 0.2 else timedelta(minutes=dice.randint(2, 20))
    person.row["created_at"] = at - before
    if person.row["accepts_marketing"] or dice.random() < 0.1:
        person.row["consent_at"] = at - before + timedelta(minutes=1)


def _email(first: str, last: str, taken: set[str], dice: Random) -> str:
    shape = dice.choice(("{0}.{1}", "{0}{1}", "{2}.{1}", "{1}.{0}", "{0}_{1}"))
    local = shape.format(_ascii(first), _ascii(last), _ascii(first)[0])
    while (email := f"{local}@{dice.choice(MAIL)}") in taken:
        local += str(dice.randint(1, 99))
    taken.add(email)
    return email


def _ascii(text: str) -> str:
    spelled = text.casefold().replace("ß", "ss").replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ı", "i").replace("ø", "oe")
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if letter.isascii() and letter.isalnum())
