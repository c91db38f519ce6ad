"""Product titles with their places in the taxonomy: read, dressed as shops dress them, and kept apart from gold."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.distill.folder import digest
from agent.errors import SettingsError

HEADING = "id\tcategory\ttext"


@dataclass(frozen=True, slots=True)
class Title:
    node: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What is learned from two sittings' titles, and what tells how sure that is."""

    first: Sequence[Title]
    """As they are: confidences are found on them."""
    second: Sequence[Title]
    apart: Sequence[Title]
    """The second sitting's, each followed later by a dressed copy."""
    every: Sequence[Title]
    """Both sittings', likewise."""

    @classmethod
    def of(cls, first: Sequence[Title], second: Sequence[Title], clothes: Mapping[str, Sequence[str]], seed: int) -> Lessons:
        return cls(first=first, second=second, apart=dressed(second, clothes, seed), every=dressed([*first, *second], clothes, seed))

    @property
    def titles(self) -> list[Title]:
        return [*self.first, *self.second]

    @property
    def texts(self) -> list[str]:
        return [one.text for one in (*self.titles, *self.apart, *self.every)]

    def without(self, close: frozenset[str]) -> Lessons:
        """Neither those texts nor dressed copies of them."""
        first, second = ([one for one in some if one.text not in close] for some in (self.first, self.second))
        return Lessons(first=first, second=second, apart=_learned(self.apart, close), every=_learned(self.every, close))


def _learned(worn: Sequence[Title], close: frozenset[str]) -> list[Title]:
    bare = worn[: len(worn) // 2]
    return [one for place, one in enumerate(worn) if close.isdisjoint((one.text, bare[place % len(bare)].text))]


def read_titles(file: Path) -> list[Title]:
    """
    Raises:
        SettingsError: The file is missing, or a line is not an id, a category and a title.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from error
    found = []
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if (number == 1) != (line == HEADING) or len(cells) != 3 or not all(cell.strip() for cell in cells):
            raise SettingsError(f"{file}:{number}: an id, a category and a title are wanted, with tabs between, under the heading of these.")
        found += [] if number == 1 else [Title(cells[1], cells[2])]
    return found


def read_dressing(file: Path) -> Mapping[str, Sequence[str]]:
    """Words that may stand before any title and after it, whatever it is.

    Raises:
        SettingsError: The file is missing or lacks one of the two.
    """
    try:
        sections = re.split(r"^\[(\w+)\]\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from error
    found = {name: lines.splitlines() for name, lines in zip(sections[1::2], sections[2::2], strict=True)}
    if not all(found.get(name) for name in ("before", "after")):
        raise SettingsError(f"{file} lacks what stands [before] and [after] a title.")
    return found


def dressed(titles: Sequence[Title], clothes: Mapping[str, Sequence[str]], seed: int) -> list[Title]:
    """The titles, each once more with words around it that say nothing of what it is: shops put colours, sizes and praise into titles.

    A title's dress hangs on it alone, so others may come and go.
    """
    found = list(titles)
    for one in titles:
        chance = random.Random(f"{seed} {one.text}")
        before, after = chance.choice(clothes["before"]), chance.choice(clothes["after"])
        both = chance.random()
        text = one.text if both < 0.3 else f"{before} {one.text}"
        found.append(Title(one.node, text if 0.3 <= both < 0.6 else f"{text}{'' if after[0] in ',.' else ' '}{after}"))
    return found


def digest_of(titles: Sequence[Title]) -> str:
    return digest("\n".join(f"{one.node}\t{one.text}" for one in titles).encode())
