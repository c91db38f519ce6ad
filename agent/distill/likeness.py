"""Which lines of the data that ship nearly say what the gold beside them says. Neither is ever printed: a line is told by file, number and a digest.

Every text against every gold text by embeddings would take minutes, so an index of letter trigrams picks the pairs that can be alike, and those
alone are compared as a training compares them (`agent.distill.overlap`). Over all shipped data every text with a cosine above .95, by comparing
each with each, shared at least .54 of its trigrams with the gold text (23 Nov 2026, 88 texts); the index keeps what shares .45. What says the same
in other words altogether, a training's own comparison is for.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.distill import attributes, personal, spans
from agent.distill.evaluate import gold_rows, gold_texts
from agent.distill.marked import Letters, Marked, lines_of, read_marked
from agent.distill.overlap import Overlap
from agent.distill.patterns import Expansion, fillers_of
from agent.distill.pipeline import SEED
from agent.distill.written import parsed, read_written
from agent.errors import SettingsError
from agent.students.encoder import MAX_TOKENS, Encoder
from agent.students.goods_spans import VALUES, lists_of

ALIKE = 0.45
"""Of the trigrams of two texts together, the share that both have, from which they are compared by what they mean."""
FILLED = 2
"""How often a wording with blanks is filled to be compared."""
LISTS = frozenset({"lists.txt", "values.txt", "fillers.txt", "dressing.txt"})
"""Files of single words and names, which only stand in texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a data file, and what a training may make of it."""

    file: str
    """From the folder of models."""
    number: int
    raw: str
    texts: Sequence[str]

    @property
    def key(self) -> str:
        """The same for the same words in the same file, wherever they stand in it."""
        return hashlib.sha256(f"{self.file}\0{self.raw.strip()}".encode()).hexdigest()[:12]

    def __str__(self) -> str:
        return f"{self.file}:{self.number} {self.key}"


Filled = Callable[[str], Sequence[str]]
"""A line to the texts that it stands for."""


def near_gold(models: Path, encoder: Encoder) -> list[Line]:
    """The lines that nearly say what their own head's gold says, in the order of files and lines.

    Raises:
        SettingsError: A file cannot be read, or is of a form that nothing here knows.
    """
    return [line for folder in sorted(models.glob("*/gold")) for line in near(lines(models, folder.parent), gold_of(folder.parent), encoder)]


def near(shipped: Sequence[Line], gold: Sequence[str], encoder: Encoder) -> list[Line]:
    """Those of the lines of which a text nearly says one of the gold texts."""
    index = Index(gold)
    alike = {text: index.alike(text) for text in {text for line in shipped for text in line.texts}}
    overlap = Overlap(encoder, [gold[place] for places in alike.values() for place in places])
    close = {text for text, places in alike.items() if len(places) and overlap.near(_fork(encoder, text))}
    return [line for line in shipped if not close.isdisjoint(line.texts)]


def _fork(encoder: Encoder, text: str) -> NDArray[np.float32]:
    return encoder.fork(encoder.tokens(text).ids[: MAX_TOKENS - 2])


class Index:
    """Texts by their trigrams."""

    def __init__(self, texts: Sequence[str]) -> None:
        found: dict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            for gram in grams(text):
                found[gram].append(place)
        self._places: Mapping[str, NDArray[np.int64]] = {gram: np.array(places) for gram, places in found.items()}
        self._sizes = np.array([len(grams(text)) for text in texts], dtype=np.int64)

    def alike(self, text: str) -> Sequence[int]:
        """Places of the texts that share enough with this one."""
        mine = grams(text)
        there = [self._places[gram] for gram in mine if gram in self._places]
        if not there:
            return ()
        both = np.bincount(np.concatenate(there), minlength=len(self._sizes))
        found: list[int] = np.flatnonzero(both >= ALIKE * (self._sizes + len(mine) - both)).tolist()
        return found


def grams(text: str) -> frozenset[str]:
    words = " ".join(["", *re.findall(r"\w+", text.casefold()), ""])
    return frozenset(words[at : at + 3] for at in range(len(words) - 2)) or frozenset({text})


def gold_of(head: Path) -> list[str]:
    """Every text that the head is measured by, and each part of it.

    Raises:
        SettingsError: A file is of a form that nothing here knows.
    """
    found: set[str] = set()
    for path in sorted((head / "gold").iterdir()):
        match head.name, path.suffix:
            case _, ".md":
                pass
            case _, ".jsonl":
                found.update(gold_texts(gold_rows(path)))
            case _, ".tsv":
                found.update(line.texts[0] for line in _lines(head.parent, path, lambda raw: [raw], table=True))
            case name, ".txt" if name in _LETTERS:
                found.update(one.text for one in read_marked(path, _LETTERS[name]))
            case _:
                raise SettingsError(f"nothing here knows how to read {path}, so nobody would know what of it is trained on.")
    for request in read_written(head / "fresh"):
        found.update([request.text, *(request.clause(place).text for place in range(len(request.parts)))])
    return sorted(found)


def lines(models: Path, head: Path) -> list[Line]:
    """Every line of the head's data that is a text, or stands for texts.

    Raises:
        SettingsError: A file is of a form that nothing here knows, or a line cannot be read.
    """
    found: list[Line] = []
    for path in sorted(path for path in (head / "data").rglob("*") if path.is_file() and path.name not in LISTS and path.suffix != ".md"):
        found += _lines(models, path, _reading(head, path), table=path.suffix == ".tsv")
    return found


_LETTERS: Mapping[str, Letters] = {spans.HEAD: personal.LETTERS, attributes.HEAD: attributes.LETTERS}


def _reading(head: Path, path: Path) -> Filled:
    """How a line of this file becomes texts."""
    match head.name, path.parent.name, path.suffix:
        case _, _, ".tsv":
            return lambda raw: [raw]
        case name, "data", ".txt" if name in _LETTERS:
            return _templates(name, path.parent)
        case "reader", "languages", ".txt":
            return lambda raw: [raw]
        case "reader", "written", ".txt":
            return _written
        case "reader", "data", ".txt":
            return _patterns(path)
        case _:
            raise SettingsError(f"nothing here knows how to read {path}, so nobody would know whether it says what gold says.")


def _lines(models: Path, path: Path, filled: Filled, *, table: bool) -> Iterator[Line]:
    every = lines_of(path)
    column = every[0].split("\t").index("text") if table else 0
    for number, raw in enumerate(every, 1):
        if raw.strip() and (number > 1 if table else not raw.startswith("#")):
            texts = filled(raw.split("\t")[column].strip() if table else raw.strip())
            yield Line(file=path.relative_to(models).as_posix(), number=number, raw=raw, texts=texts)


def _templates(name: str, data: Path) -> Filled:
    """Templates with blanks, filled as the recipe fills them."""
    by_line: dict[str, list[str]] = defaultdict(list)
    every = lines_of(data / "templates.txt")
    if name == attributes.HEAD:
        made: Iterable[tuple[int, Marked]] = attributes.filled(data, lists_of((data / VALUES).read_text(encoding="utf-8")), SEED)
    else:
        made = personal.numbered(data, SEED)
    for number, one in made:
        by_line[every[number].strip()].append(one.text)
    return lambda raw: by_line.get(raw, [])


def _written(raw: str) -> list[str]:
    request = parsed(raw)
    return [request.text, *(request.clause(place).text for place in range(len(request.parts)))]


def _patterns(path: Path) -> Filled:
    fillers = fillers_of(path.parent / "fillers.txt")

    def filled(raw: str) -> list[str]:
        flagless = re.sub(r"^[>?]*", "", raw).strip()
        if raw.startswith("after:"):
            return []
        return [Expansion(fillers, random.Random(f"{time} {flagless}")).expand(flagless).text for time in range(FILLED)]

    return filled
