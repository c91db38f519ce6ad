r"""Requests written out by hand, whole, with their marks: `models/reader/data/written/*.txt`, one request a line.

    <change_price: put the [product:blue mug] at [money:12.50]> and <find_customers: who bought it>?

`<label: words>` is a clause, `[kind:words]` a slot in it; what lies outside every clause only joins. `\n` is a line break,
and a backslash before `<`, `>`, `[`, `]` or `\` takes its meaning away. Lines beginning with "#" are remarks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.distill.patterns import Marked, held_out
from agent.errors import SettingsError
from agent.evals.gold import MERGED, REFUSED, GoldPart, GoldRequest, read_gold
from agent.students.reader import KINDS

_KINDS: frozenset[str] = frozenset(KINDS)
_TOKEN = re.compile(r"\\(?P<plain>.)|<(?P<label>\w+):\s?|(?P<ends>>)|\[(?P<kind>\w+):\s?|(?P<closes>\])|(?P<text>[^\\<>\[\]]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPart:
    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One request; offsets in code points of `text`."""

    text: str
    parts: Sequence[WrittenPart]
    slots: Sequence[tuple[str, int, int]]
    held_out: bool = False

    def clause(self, place: int) -> Marked:
        """The words of one part with its slots."""
        part = self.parts[place]
        inside = tuple((kind, a - part.start, b - part.start) for kind, a, b in self.slots if part.start <= a and b <= part.end)
        return Marked(self.text[part.start : part.end], inside)

    def first(self, count: int) -> Written:
        """The request up to the end of its part number `count`."""
        end = self.parts[count - 1].end
        return replace(self, text=self.text[:end], parts=self.parts[:count], slots=tuple(slot for slot in self.slots if slot[2] <= end))


def read_written(folder: Path) -> list[Written]:
    """All requests of a folder, in the order of file names and lines; none when there is no such folder.

    Raises:
        SettingsError: A line cannot be read; names the file, the line and what is wrong.
    """
    return [request for path in sorted(folder.glob("*.txt")) for request in _of_file(path)]


def _of_file(path: Path) -> list[Written]:
    found: list[Written] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            try:
                found.append(replace(parsed(line.strip()), held_out=held_out(line.strip())))
            except ValueError as error:
                raise SettingsError(f"{path}:{number}: {error}") from error
    return found


def parsed(line: str) -> Written:
    """Raises: ValueError: The line is not in the language of this module."""
    reading = _Line()
    for token in _tokens(line):
        reading.take(token)
    return reading.done()


def _tokens(line: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(line):
        token = _TOKEN.match(line, at)
        if token is None:
            raise ValueError(f"cannot read `{line[at : at + 15]}`")
        yield token
        at = token.end()


class _Line:
    def __init__(self) -> None:
        self._text = ""
        self._parts: list[WrittenPart] = []
        self._slots: list[tuple[str, int, int]] = []
        self._part: tuple[str, int] | None = None
        self._slot: tuple[str, int] | None = None

    def take(self, token: re.Match[str]) -> None:
        match token.lastgroup:
            case "plain":
                self._text += "\n" if token["plain"] == "n" else token["plain"]
            case "label":
                self._expect(self._part is None, "a clause begins inside another")
                self._part = (MERGED.get(token["label"], token["label"]), len(self._text))
            case "ends":
                self._ends()
            case "kind":
                self._expect(self._part is not None and self._slot is None, "a slot stands outside a clause or inside another slot")
                self._expect(token["kind"] in _KINDS, f"`{token['kind']}` is no kind of slot")
                self._slot = (token["kind"], len(self._text))
            case "closes":
                self._expect(self._slot is not None, "a `]` closes nothing")
                if self._slot is not None:
                    self._slots.append((*self._slot, len(self._text)))
                self._slot = None
            case _:
                self._text += token["text"]

    def _ends(self) -> None:
        self._expect(self._part is not None and self._slot is None, "a `>` closes nothing, or a slot is open before it")
        if self._part is not None:
            self._expect(bool(self._text[self._part[1] :].strip()), "a clause is empty")
            self._parts.append(WrittenPart(label=self._part[0], start=self._part[1], end=len(self._text)))
        self._part = None

    def done(self) -> Written:
        self._expect(self._part is None and self._slot is None, "a clause or slot is not closed")
        self._expect(bool(self._parts), "there is no clause")
        return Written(text=self._text, parts=tuple(self._parts), slots=tuple(self._slots))

    @staticmethod
    def _expect(holds: bool, otherwise: str) -> None:
        if not holds:
            raise ValueError(otherwise)


def as_asked(request: Written, known: frozenset[str]) -> GoldRequest:
    """The request as one to be planned, for a house that has these tasks."""
    parts = []
    for part in request.parts:
        doable = part.label in known
        slots = tuple((kind, request.text[a:b]) for kind, a, b in request.slots if part.start <= a and b <= part.end)
        code = "" if doable else part.label if part.label in REFUSED else "not_supported"
        parts.append(
            GoldPart(start=part.start, end=part.end, tasks=frozenset({part.label} if doable else ()), slots=slots if doable else (), code=code)
        )
    return GoldRequest(id=request.text[:40], text=request.text, style="written", outcome="plan", parts=tuple(parts))


def requests_of(path: Path, known: frozenset[str]) -> list[GoldRequest]:
    """The requests of one file, whichever way it is written: `.txt` as here, else lines of JSON.

    Raises:
        SettingsError: A line cannot be read, or there is no such file.
    """
    if not path.is_file():
        raise SettingsError(f"There is no file {path}.")
    if path.suffix != ".txt":
        return read_gold(path, known)
    return [as_asked(request, known) for request in _of_file(path)]
