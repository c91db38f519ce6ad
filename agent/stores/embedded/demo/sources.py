"""What the generator draws from: the hand-written files under `data/`, read into records."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of an option, and what it adds to the price."""

    value: str
    adds_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A product as its data file tells it; prices in cents, tax included."""

    title: str
    type: str
    maker: str
    price_minor: int
    weight: int
    """How often it is bought beside the others."""
    season: str
    """A key of `calendar.SEASONS`; empty for all year."""
    options: Sequence[tuple[str, Sequence[Choice]]]
    tags: Sequence[str]
    flags: frozenset[str]
    """draft, archived, new (launched lately), low or out (of stock), nocost."""
    was_minor: int | None
    """The price before the present reduction."""
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTerm:
    term: str
    weight: int
    season: str
    finds: int


def goods() -> list[Good]:
    return [_good(row) for row in _rows("products.csv")]


def search_terms() -> list[SearchTerm]:
    return [SearchTerm(term=r["term"], weight=int(r["weight"]), season=r["season"], finds=int(r["finds"])) for r in _rows("terms.csv")]


def table(name: str) -> dict[str, Any]:
    """A TOML file of the folder: "places", "reviews", "messages"."""
    return tomllib.loads((files(__package__) / "data" / f"{name}.toml").read_text("utf-8"))


def _rows(name: str) -> list[dict[str, str]]:
    lines = (files(__package__) / "data" / name).read_text("utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="|", strict=True))


def _good(row: dict[str, str]) -> Good:
    flags = [flag for flag in row["flags"].split(",") if flag]
    was = next((flag[4:] for flag in flags if flag.startswith("was=")), None)
    return Good(
        title=row["title"],
        type=row["type"],
        maker=row["maker"],
        price_minor=_cents(row["price"]),
        weight=int(row["weight"]),
        season=row["season"],
        options=[_option(text) for text in row["options"].split(";") if text],
        tags=[tag.strip() for tag in row["tags"].split(",") if tag.strip()],
        flags=frozenset(flag for flag in flags if "=" not in flag),
        was_minor=_cents(was) if was else None,
        description=row["description"],
    )


def _option(text: str) -> tuple[str, list[Choice]]:
    """Read "Size=Small,Large+4"."""
    name, _, values = text.partition("=")
    parts = (value.partition("+") for value in values.split(","))
    return name, [Choice(value=value, adds_minor=_cents(adds) if adds else 0) for value, _, adds in parts]


def _cents(text: str) -> int:
    euros, _, cents = text.partition(".")
    return int(euros) * 100 + int(cents.ljust(2, "0") or 0)
