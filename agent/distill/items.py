"""Texts with labels from files, and what is wrong with them before anything is made of them."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.distill.spec import Source
from agent.errors import SettingsError

LEAST_ITEMS = 20
"""Fewer texts than this are not data; with fewer than two of a class nothing can be kept aside for the temperature."""
LEAST_OF_A_CLASS = 2
_TOLD = 5


@dataclass(frozen=True, slots=True)
class Item:
    text: str
    label: str | None = None


def read_items(sources: Iterable[Source], base: Path) -> list[Item]:
    """Every text once, in the files' order.

    Raises:
        SettingsError: A file is missing or not as the spec says, a text or label is empty, or one text has two labels.
    """
    found: dict[str, tuple[str | None, str]] = {}
    quarrels: list[str] = []
    for source in sources:
        for line, text, label in _rows(source, base / source.file):
            where = f"{source.file}:{line}"
            before, first = found.setdefault(text, (label, where))
            if before != label:
                quarrels.append(f"{first} says `{before}` and {where} says `{label}` of one text")
    if quarrels:
        more = f", and {len(quarrels) - _TOLD} more" if len(quarrels) > _TOLD else ""
        raise SettingsError(f"the labels contradict one another: {'; '.join(quarrels[:_TOLD])}{more}. Decide, or leave both out.")
    return [Item(text, label) for text, (label, _) in found.items()]


def _rows(source: Source, path: Path) -> Iterator[tuple[int, str, str | None]]:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"the data file {path} cannot be read: {error.strerror}; name its folder with --training.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"the data file {path} is not UTF-8 text.") from error
    rows = _json_rows(path, content) if path.suffix == ".jsonl" else _table_rows(path, content, source)
    empty: list[int] = []
    for line, row in rows:
        text, label = _value(row, source.text, path, line).strip(), None
        if source.labelled and source.label is not None:
            label = _value(row, source.label, path, line).strip()
        if not text or label == "":
            empty.append(line)
        else:
            yield line, text, source.names.get(label, label) if label is not None else None
    if empty:
        lines = ", ".join(map(str, empty[:_TOLD])) + (", …" if len(empty) > _TOLD else "")
        raise SettingsError(f"{path} has {len(empty)} rows without a text or a label (line {lines}); fill them in or take them out.")


Row = Mapping[str, Any] | Sequence[str]


def _json_rows(path: Path, content: str) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SettingsError(f"{path}:{number} is not JSON ({error}).") from error
        if not isinstance(row, dict):
            raise SettingsError(f"{path}:{number} is not a JSON object; each line is one, with the text and its label.")
        yield number, row


def _table_rows(path: Path, content: str, source: Source) -> Iterator[tuple[int, Row]]:
    """Quotes are only special in CSV: in the tab-separated files that are about, they are letters of the text."""
    if path.suffix == ".csv":
        reader = csv.reader(content.splitlines(keepends=True), strict=True)
    else:
        reader = csv.reader(content.split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        names = None if isinstance(source.text, int) else next(reader, [])
        for row in reader:
            if row:
                yield reader.line_num, row if names is None else dict(zip(names, row, strict=False))
    except csv.Error as error:
        raise SettingsError(f"{path}:{reader.line_num} is not a row of a table ({error}).") from error


def _value(row: Row, key: str | int, path: Path, line: int) -> str:
    try:
        value = row[key]  # type: ignore[index]  # a number goes with a row, a name with a mapping; anything else is told below
    except (KeyError, IndexError, TypeError):
        there = ", ".join(map(str, row)) if isinstance(row, Mapping) else f"columns 0 to {len(row) - 1}"
        raise SettingsError(f"{path}:{line} has no `{key}`; it has {there}. Write text = … and label = … as the file calls them.") from None
    if isinstance(value, list | dict | float):
        raise SettingsError(f"{path}:{line}: `{key}` is a {type(value).__name__}; a text or a label is words, or a whole number.")
    return "" if value is None else str(value)


def labels_of(items: Sequence[Item], wanted: Sequence[str], *, what: str = "the data") -> list[str]:
    """The labels in order, after checking that something can be learned from them.

    Raises:
        SettingsError: There are too few texts, one class alone, a class with hardly a text, or a label that the spec does not name.
    """
    counts = Counter(item.label for item in items if item.label is not None)
    strange = sorted(set(counts) - set(wanted)) if wanted else []
    if strange:
        raise SettingsError(f"{what} holds labels that the spec does not name: {', '.join(strange[:_TOLD])}; add them to `labels`, or rename them.")
    unread = [label for label in sorted(counts) if not label.isprintable()]
    if unread:
        raise SettingsError(f"{what} holds labels with line breaks or other marks that cannot be seen, such as {unread[0]!r}; rename them.")
    if len(items) < LEAST_ITEMS:
        raise SettingsError(
            f"{what} holds {len(items)} texts; a student needs {LEAST_ITEMS} at the very least, and 20 to 100 of each class to be any good."
        )
    if len(counts) < 2:
        raise SettingsError(f"{what} holds one class, `{next(iter(counts), '')}`; there is nothing to tell apart.")
    missing = [label for label in wanted if label not in counts]
    if missing:
        raise SettingsError(f"{what} holds no text of {', '.join(f'`{label}`' for label in missing[:_TOLD])}; find some, or take it out of `labels`.")
    rare = [label for label, n in counts.items() if n < LEAST_OF_A_CLASS]
    if rare:
        raise SettingsError(f"{what} holds a single text of {', '.join(f'`{label}`' for label in sorted(rare)[:_TOLD])}; find more, or take it out.")
    return list(wanted) or sorted(counts)


def parted(items: Sequence[Item], share: float, seed: int) -> tuple[list[Item], list[Item]]:
    """Two disjoint sets, the second with about the share. A text's side hangs on it alone, so other texts may come and go."""

    def drawn(item: Item) -> bool:
        return int.from_bytes(hashlib.sha256(f"{seed}\0{item.text}".encode()).digest()[:8]) < share * 2**64

    return [item for item in items if not drawn(item)], [item for item in items if drawn(item)]


def digest_of(items: Iterable[Item]) -> str:
    told = "".join(json.dumps([item.text, item.label], ensure_ascii=False) + "\n" for item in items)
    return hashlib.sha256(told.encode()).hexdigest()
