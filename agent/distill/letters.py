"""Requests letter by letter: marked, and roughened as people type, with every mark kept where its letters are."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.distill.patterns import Marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    label: str
    start: int
    end: int
    also: tuple[str, ...] = ()
    """Other labels that a person would accept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    text: str
    parts: Sequence[Part]
    slots: Sequence[tuple[str, int, int]]


@dataclass(slots=True)
class Letter:
    """One code point and what it belongs to; −1 is nothing."""

    char: str
    part: int = -1
    slot: int = -1


def marked_letters(marked: Marked, part: int, kinds: list[str]) -> list[Letter]:
    """The letters of one part; its slots' kinds are added to `kinds`, and each letter knows its place there."""
    letters = [Letter(c, part) for c in marked.text]
    for kind, start, end in marked.slots:
        for letter in letters[start:end]:
            letter.slot = len(kinds)
        kinds.append(kind)
    return letters


def lettered(marked: Marked, part: int, kinds: list[str], *, capital: bool) -> list[Letter]:
    """A wording as part of a request that is put together."""
    letters = marked_letters(marked, part, kinds)
    for letter in reversed(letters):
        if letter.char not in ".,?!":
            break
        letter.part = letter.slot = -1  # stops join or end clauses, whichever wording they came with
    if capital and letters:
        letters[0].char = letters[0].char.upper()[:1]
    return letters


def roughened(letters: list[Letter], chance: random.Random) -> list[Letter]:
    """Typed in haste, in a third of the requests: lower case, no stops, dropped, doubled and swapped letters, missing spaces."""
    roll = chance.random()
    if roll < 0.18:
        letters = [Letter(letter.char.lower(), letter.part, letter.slot) for letter in letters if len(letter.char.lower()) == 1]
    elif roll < 0.20:
        letters = [Letter(letter.char.upper(), letter.part, letter.slot) for letter in letters if len(letter.char.upper()) == 1]
    if chance.random() < 0.12:
        letters = [letter for letter in letters if letter.char not in "'’"]
    if chance.random() < 0.08:
        letters = [Letter(" ", -1, -1) if letter.char in ".,?!;" and letter.part < 0 else letter for letter in letters]
    if chance.random() < 0.08:
        letters = _without_articles(letters, chance)
    if chance.random() < 0.24:
        letters = _typos(letters, chance, rate=chance.choice([0.01, 0.03, 0.06, 0.1]))
    return letters


def _without_articles(letters: list[Letter], chance: random.Random) -> list[Letter]:
    """As people write whose language has none."""
    text = "".join(letter.char for letter in letters)
    gone = {i for found in _ARTICLE.finditer(text) if chance.random() < 0.7 for i in range(found.start(), found.end())}
    return [letter for i, letter in enumerate(letters) if i not in gone]


_ARTICLE = re.compile(r"\b(?:the|a|an) (?=\w)", re.IGNORECASE)


def hesitant(letters: list[Letter], chance: random.Random, words: Sequence[str]) -> list[Letter]:
    """As speech is written down: a filler word here and there between two words of a part, never in a slot."""
    out: list[Letter] = []
    for here, after in zip(letters, [*letters[1:], Letter(" ")], strict=True):
        out.append(here)
        if here.char == " " and here.slot < 0 and here.part >= 0 and after.part == here.part and chance.random() < 0.15:
            out += [Letter(c, here.part) for c in f"{chance.choice(words)} "]
    return out


def _typos(letters: list[Letter], chance: random.Random, *, rate: float) -> list[Letter]:
    out: list[Letter] = []
    i = 0
    while i < len(letters):
        here = letters[i]
        after = letters[i + 1] if i + 1 < len(letters) else None
        inside = here.char.isalpha() and bool(out) and out[-1].char.isalpha() and after is not None and after.char.isalpha()
        if not inside or chance.random() > rate:
            lost = here.char == " " and after is not None and out and out[-1].slot == after.slot and out[-1].part == after.part and here.part >= 0
            if not (lost and after is not None and after.char.isalpha() and out[-1].char.isalpha() and chance.random() < rate):
                out.append(here)
            i += 1
            continue
        match chance.randrange(4):
            case 0:
                pass
            case 1:
                out += [here, Letter(here.char, here.part, here.slot)]
            case 2 if after is not None and after.slot == here.slot and after.part == here.part:
                out += [after, here]
                i += 1
            case _:
                out.append(Letter(chance.choice("aeioustrnl"), here.part, here.slot))
        i += 1
    return out


def example_of(letters: list[Letter], labels: Sequence[str], kinds: Sequence[str]) -> Example:
    """Spans from the letters that are left; a part or slot that lost all of them is gone."""
    text = "".join(letter.char for letter in letters)
    parts = [Part(label=labels[p], start=a, end=b) for p, (a, b) in _runs([letter.part for letter in letters]).items()]
    slots = [(kinds[s], a, b) for s, (a, b) in _runs([letter.slot for letter in letters]).items()]
    return Example(text=text, parts=parts, slots=slots)


def _runs(owners: Sequence[int]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for at, owner in enumerate(owners):
        if owner >= 0:
            found[owner] = (found.get(owner, (at, at))[0], at + 1)
    return found
