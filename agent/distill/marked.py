"""Texts with the spans marked in them, and templates with blanks to fill: `Hi, it's {n:Anna Weiss}, order {o:#1042}.`

What a letter means is told by who reads: every recipe has kinds of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.errors import SettingsError

_MARK = re.compile(r"\{([a-z]):([^{}]+)\}")
_BLANK = re.compile(r"\{([A-Za-z])\}")

Letters = Mapping[str, str]
"""What is written before the colon to the kind that it means."""


@dataclass(frozen=True, slots=True)
class Marked:
    text: str
    spans: tuple[tuple[str, int, int], ...]
    """(kind, start, end)."""


def marked(line: str, letters: Letters) -> Marked:
    """
    Raises:
        ValueError: A mark is of no known kind, or a brace is left over.
    """
    text, spans, at = "", [], 0
    for match in _MARK.finditer(line):
        if match[1] not in letters:
            raise ValueError(f"{{{match[1]}: is no kind; there are {', '.join(letters)}")
        text += line[at : match.start()]
        spans.append((letters[match[1]], len(text), len(text) + len(match[2])))
        text, at = text + match[2], match.end()
    text += line[at:]
    if "{" in text or "}" in text:
        raise ValueError("a brace is left over")
    return Marked(text, tuple(spans))


def read_marked(path: Path, letters: Letters) -> list[Marked]:
    """
    Raises:
        SettingsError: The file is missing, or a line is not marked as it should be.
    """
    found = []
    for number, line in enumerate(lines_of(path), 1):
        try:
            found += [marked(line, letters)] if line.strip() else []
        except ValueError as error:
            raise SettingsError(f"{path}:{number}: {error}.") from None
    return found


def lines_of(path: Path) -> list[str]:
    """
    Raises:
        SettingsError: The file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error


def fillings(templates: Path, letters: Letters, times: int, fill: Callable[[str], str]) -> Iterator[tuple[int, Marked]]:
    """Every template filled again and again, with its number; one without a blank once.

    Args:
        fill: The words for a blank, marked as they should be.
    """
    for number, line in enumerate(lines_of(templates)):
        for _ in range(times if _BLANK.search(line) else 1):
            yield number, marked(_BLANK.sub(lambda match: fill(match[1]), line), letters)
