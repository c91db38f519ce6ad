"""Texts with the spans marked in them: `Hi, it's {n:Anna Weiss}, order {o:#1042}.`, and templates that are filled from lists."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import SettingsError

KINDS: Mapping[str, str] = {
    "n": "name", "a": "address", "p": "postcode", "e": "email", "t": "phone", "c": "card", "i": "iban", "o": "order", "d": "birth",
}  # fmt: skip
_MARK = re.compile(r"\{([a-z]):([^{}]+)\}")
_BLANK = re.compile(r"\{([A-Za-z])\}")
_TITLES = ("Mr", "Mrs", "Ms", "Dr.", "Miss", "Mr.", "Prof.")
_THINGS = ("lamp", "bag", "chair", "dress", "vase", "mug", "rug", "candle", "print", "boots", "teapot", "collection", "range", "pendant")
FILLINGS = 12
"""How often each template is filled."""


@dataclass(frozen=True, slots=True)
class Marked:
    text: str
    spans: tuple[tuple[str, int, int], ...]
    """(kind, start, end)."""


def marked(line: str) -> Marked:
    """
    Raises:
        ValueError: A mark is of no known kind, or a brace is left over.
    """
    text, spans, at = "", [], 0
    for match in _MARK.finditer(line):
        if match[1] not in KINDS:
            raise ValueError(f"{{{match[1]}: is no kind; there are {', '.join(KINDS)}")
        text += line[at : match.start()]
        spans.append((KINDS[match[1]], len(text), len(text) + len(match[2])))
        text, at = text + match[2], match.end()
    text += line[at:]
    if "{" in text or "}" in text:
        raise ValueError("a brace is left over")
    return Marked(text, tuple(spans))


def read_marked(path: Path) -> list[Marked]:
    """
    Raises:
        SettingsError: The file is missing, or a line is not marked as it should be.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found += [marked(line)] if line.strip() else []
        except ValueError as error:
            raise SettingsError(f"{path}:{number}: {error}.") from None
    return found


def filled(folder: Path, seed: int) -> list[Marked]:
    """Every template with names and addresses from the lists, again and again; those without a blank once."""
    lists = _lists(folder / "lists.txt")
    chance = random.Random(seed)
    found: dict[str, Marked] = {}
    for line in (folder / "templates.txt").read_text(encoding="utf-8").splitlines():
        for _ in range(FILLINGS if _BLANK.search(line) else 1):
            one = marked(_BLANK.sub(lambda match: _filling(match[1], lists, chance), line))
            found[one.text] = one
    return list(found.values())


def _lists(path: Path) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
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
