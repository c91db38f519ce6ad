"""The texts that the tagger of personal data is trained on: templates filled with names and addresses from lists."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from agent.distill.marked import Marked, fillings, lines_of

LETTERS: Mapping[str, str] = {
    "n": "name", "a": "address", "p": "postcode", "e": "email", "t": "phone", "c": "card", "i": "iban", "o": "order", "d": "birth",
}  # fmt: skip
_TITLES = ("Mr", "Mrs", "Ms", "Dr.", "Miss", "Mr.", "Prof.")
_THINGS = ("lamp", "bag", "chair", "dress", "vase", "mug", "rug", "candle", "print", "boots", "teapot", "collection", "range", "pendant")
FILLINGS = 12
"""How often each template is filled."""


def filled(folder: Path, seed: int) -> list[Marked]:
    """Every template with names and addresses from the lists, again and again; those without a blank once."""
    return list({one.text: one for _, one in numbered(folder, seed)}.values())


def numbered(folder: Path, seed: int) -> Iterator[tuple[int, Marked]]:
    """The same with each one's template, counted from 0; a text may come twice."""
    lists, chance = _lists(folder / "lists.txt"), random.Random(seed)
    return fillings(folder / "templates.txt", LETTERS, FILLINGS, lambda blank: _filling(blank, lists, chance))


def _lists(path: Path) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines_of(path):
        if line.startswith("["):
            name = line.strip("[]")
            found[name] = []
        else:
            found[name] += line.split("|") if "|" in line else line.split() if name in ("first", "last") else [line]
    return found


def _filling(blank: str, lists: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    first, last = chance.choice(lists["first"]), chance.choice(lists["last"])
    match blank:
        case "N":
            middle = f" {chance.choice('ABCDEFGHJKLMNPRSTW')}." if chance.random() < 0.08 else ""
            double = f"-{chance.choice(lists['last'])}" if chance.random() < 0.06 else ""
            return f"{{n:{first}{middle} {last}{double}}}"
        case "F":
            return f"{{n:{first}}}"
        case "L":
            return f"{{n:{last}}}"
        case "l":
            return f"{{n:{first.lower()}}}" if chance.random() < 0.5 else f"{{n:{first.lower()} {last.lower()}}}"
        case "S" | "s":
            thing = chance.choice(lists["thing"]) if chance.random() < 0.6 else f"{first} {chance.choice(_THINGS)}"
            return thing if blank == "S" else thing.lower()
        case "C":
            return chance.choice(lists["city"])
        case "B":
            return chance.choice(lists["brand"])
        case "T":
            return chance.choice(_TITLES)
        case "I":
            return chance.choice("ABCDEFGHJKLMNPRSTW")
        case "A":
            return f"{{a:{_address(lists, chance)}}}"
        case "a":
            return f"{{a:{_address(lists, chance).lower()}}}"
        case _:
            return f"{{p:{_postcode(chance)}}}"


def _address(lists: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    number = str(chance.randint(1, 240)) + (chance.choice("abc") if chance.random() < 0.1 else "")
    drawn = chance.random()
    if drawn < 0.1:
        return chance.choice(lists["house"])
    if drawn < 0.45:
        return chance.choice(lists["foreign"]).replace("#", number)
    flat = chance.choice(lists["flat"]).replace("#", str(chance.randint(1, 40))) + ", " if chance.random() < 0.15 else ""
    return f"{flat}{number} {chance.choice(lists['street'])} {chance.choice(lists['kind'])}"


def _postcode(chance: random.Random) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    british = f"{chance.choice('BLMNSEW')}{chance.randint(1, 20)} {chance.randint(1, 9)}{chance.choice(letters)}{chance.choice(letters)}"
    return british if chance.random() < 0.5 else str(chance.randint(10_000, 99_999))
