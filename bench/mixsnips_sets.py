"""SNIPS and MixSNIPS as requests of the reader's own kind: clauses with an intent each, and slots where the set has them.

A set is a folder with `seq.in` (a request a line, its words between spaces), `label` (intents, joined by "#") and, where slots are known,
`seq.out` (a tag for each word).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.distill.letters import Example, Part
from agent.errors import SettingsError

Span = tuple[str, int, int]
JOINTS = (
    " and ", " and ", " and then ", ", ", " , ", " , and ", ", and ", " , then ", " then ", " and also ", " also ", " , also ", " after that ",
    " , after that ", " and after that ", " as well as ", " plus ", " . ", " . then ", " ; ", " next ", " , and then ", " and please ",
)  # fmt: skip
"""Written for this measurement, knowing that such sets join by "and", "and then" and commas."""
COUNTS, WEIGHTS = (1, 2, 3), (25, 50, 25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line of a set; offsets in code points."""

    text: str
    intents: tuple[str, ...]
    slots: tuple[Span, ...]


def read_said(folder: Path) -> tuple[list[Said], bool]:
    """
    Returns:
        The lines, and whether their slots are known.

    Raises:
        SettingsError: A file is missing, or the files do not belong together.
    """
    try:
        lines, labels = _lines(folder / "seq.in"), _lines(folder / "label")
        tagged = (folder / "seq.out").exists()
        tags = _lines(folder / "seq.out") if tagged else [""] * len(lines)
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be read: {error.strerror}.") from error
    if not len(lines) == len(labels) == len(tags):
        raise SettingsError(f"{folder} holds {len(lines)} requests, {len(labels)} lines of intents and {len(tags)} of tags.")
    return [_said(words, label, tag, tagged) for words, label, tag in zip(lines, labels, tags, strict=True)], tagged


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").strip("\n").split("\n")


def _said(line: str, label: str, tags: str, tagged: bool) -> Said:
    words = line.split()
    slots = spans_of(words, tags.split()) if tagged else []
    return Said(text=" ".join(words), intents=tuple(label.strip().split("#")), slots=tuple(slots))


def spans_of(words: Sequence[str], tags: Sequence[str]) -> list[Span]:
    """The slots of words with a tag each, as conlleval counts them: an "I-" that goes on nothing of its kind begins one."""
    found: list[Span] = []
    at, before = 0, "O"
    for word, tag in zip(words, tags, strict=True):
        kind = tag[2:]
        if tag.startswith("I-") and before[2:] == kind and found:
            found[-1] = (kind, found[-1][1], at + len(word))
        elif tag != "O":
            found.append((kind, at, at + len(word)))
        at, before = at + len(word) + 1, tag
    return found


class Joined:
    """An endless, seeded stream of requests: one to three lines of a set, held together by chance."""

    def __init__(self, said: Sequence[Said], seed: int) -> None:
        self._said, self._chance = said, random.Random(seed)
        self._left: list[Said] = []

    def example(self) -> Example:
        text, parts, slots = "", [], []
        for place in range(self._chance.choices(COUNTS, WEIGHTS)[0]):
            one = self._next()
            text += self._chance.choice(JOINTS) if place else ""
            parts.append(Part(label=one.intents[0], start=len(text), end=len(text) + len(one.text)))
            slots += [(kind, start + len(text), end + len(text)) for kind, start, end in one.slots]
            text += one.text
        return Example(text=text, parts=parts, slots=slots)

    def _next(self) -> Said:
        """Every line once before any comes again."""
        if not self._left:
            self._left = self._chance.sample(list(self._said), len(self._said))
        return self._left.pop()
