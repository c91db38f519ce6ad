"""The language that training wordings are written in.

    put {product} (at|to) {money}          one wording; {product} is filled from the list of products and marked as that slot
    set the price of [product:{_ware}]     a slot written out; {_ware}, with an underscore, is filled in but not marked by itself
    ? what did {product} sell {period}     "?": not an imperative, so no "could you please" is put before it
    > tag them {tag}                       ">": only after another clause

A file of `data/` is one label's wordings; lines beginning with "#" are remarks. `fillers.txt` holds the lists, each under `[name]`.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.students.reader import KINDS

_SLOT_KINDS: frozenset[str] = frozenset(KINDS)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with slots: (kind, start, end) in code points."""

    text: str
    slots: tuple[tuple[str, int, int], ...] = ()

    def __add__(self, other: Marked) -> Marked:
        by = len(self.text)
        return Marked(self.text + other.text, (*self.slots, *((kind, a + by, b + by) for kind, a, b in other.slots)))

    def after(self, start: int) -> Marked:
        """The text from `start` on, with the slots that lie there."""
        return Marked(self.text[start:], tuple((kind, a - start, b - start) for kind, a, b in self.slots if a >= start))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    body: str
    label: str
    imperative: bool = True
    follows: bool = False
    after: frozenset[str] = frozenset()
    """For an ellipsis ("the red one too"): the labels it can go on with; its own label is then the one before it."""
    held_out: bool = False
    said: Marked | None = None
    """The words themselves, for a clause that was written out; `body` then has nothing to fill."""


def held_out(line: str, *, one_in: int = 10) -> bool:
    """Whether a wording is kept from training; by its own text, so that adding others moves none."""
    return int.from_bytes(hashlib.sha256(line.encode()).digest()[:4], "big") % one_in == 0


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]


def fillers_of(path: Path) -> dict[str, list[str]]:
    """The lists of `fillers.txt` by name."""
    lists: dict[str, list[str]] = {}
    current: list[str] = []
    for line in _lines(path):
        if heading := re.fullmatch(r"\[([_a-z]+)\]", line):
            current = lists.setdefault(heading[1], [])
        elif line and not line.startswith("#"):
            current.append(line)
    return lists


def patterns_of(path: Path, label: str) -> list[Pattern]:
    """The wordings of one file, for this label."""
    after: frozenset[str] = frozenset()
    found = []
    for line in _lines(path):
        if line.startswith("after:"):
            after = frozenset(line.removeprefix("after:").split())
        elif line and not line.startswith("#"):
            mark = re.match(r"[>?]*", line)
            flags = mark[0] if mark else ""
            body = line[len(flags) :].strip()
            found.append(
                Pattern(
                    body=body, label=label, imperative="?" not in flags, follows=">" in flags or bool(after), after=after,
                    held_out=held_out(f"{path.stem} {body}"),
                )
            )  # fmt: skip
    return found


_PIECE = re.compile(r"\{(?P<filler>[_a-z]+)\}|\[(?P<kind>[a-z]+):|(?P<open>\()|(?P<close>[\])|])|(?P<text>[^{}\[\]()|]+)")


class Expansion:
    """One wording, filled at random."""

    def __init__(self, fillers: Mapping[str, Sequence[str]], chance: random.Random) -> None:
        self._fillers = fillers
        self._chance = chance

    def expand(self, pattern: str) -> Marked:
        """Raises: ValueError: The pattern is not in the language of patterns."""
        marked, at = self._sequence(pattern, 0)
        if at != len(pattern):
            raise ValueError(f"stray `{pattern[at]}` at {at}")
        return Marked(marked.text.strip(), marked.slots) if not marked.text.startswith(" ") else _stripped(marked)

    def _sequence(self, pattern: str, at: int) -> tuple[Marked, int]:
        out = Marked("")
        while at < len(pattern):
            piece = _PIECE.match(pattern, at)
            if piece is None:
                raise ValueError(f"cannot read `{pattern[at : at + 12]}`")
            if piece["close"]:
                return out, at
            at = piece.end()
            if piece["text"]:
                out += Marked(piece["text"])
            elif piece["filler"]:
                out += self._filled(piece["filler"])
            elif piece["kind"]:
                inner, at = self._sequence(pattern, at)
                if pattern[at : at + 1] != "]":
                    raise ValueError(f"`[{piece['kind']}:` is not closed")
                out, at = out + _slot(piece["kind"], inner.text), at + 1
            else:
                inner, at = self._choice(pattern, at)
                out += inner
        return out, at

    def _choice(self, pattern: str, at: int) -> tuple[Marked, int]:
        arms = []
        while True:
            arm, at = self._sequence(pattern, at)
            arms.append(arm)
            if at >= len(pattern) or pattern[at] == "]":
                raise ValueError("`(` is not closed")
            at += 1
            if pattern[at - 1] == ")":
                return self._chance.choice(arms), at

    def _filled(self, name: str) -> Marked:
        if name not in self._fillers:
            raise ValueError(f"there is no list of `{name}`")
        inner, _ = self._sequence(self._chance.choice(self._fillers[name]), 0)
        return inner if name.startswith("_") else _slot(name, inner.text)


def _slot(kind: str, text: str) -> Marked:
    kind = kind.split("_")[0]
    if kind not in _SLOT_KINDS:
        raise ValueError(f"`{kind}` is no kind of slot")
    return Marked(text, ((kind, 0, len(text)),))


def _stripped(marked: Marked) -> Marked:
    lead = len(marked.text) - len(marked.text.lstrip())
    return Marked(marked.text.strip(), tuple((kind, a - lead, b - lead) for kind, a, b in marked.slots))
