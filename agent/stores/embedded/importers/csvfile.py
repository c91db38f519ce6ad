"""A CSV file as a stream of rows with their line numbers, plain or gzipped, in UTF-8 or what Excel makes of it."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.errors import Invalid

CELL_LIMIT = 1_000_000
"""Characters; a longer cell is a quote that was never closed."""
_GZIP = b"\x1f\x8b"

Columns = Mapping[str, Sequence[str]]
"""A field's name to the headings it goes by. Case, spaces and punctuation do not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An open file past its header."""

    heading: Sequence[str]
    rows: Iterator[tuple[int, list[str]]]
    """Line number (the header's is 1) and cells; rows without any text are left out."""

    def places(self, columns: Columns) -> dict[str, int]:
        """Where each field is; a field whose heading is not there is left out."""
        at = {_folded(name): place for place, name in reversed(list(enumerate(self.heading)))}
        found = {field: next((at[_folded(name)] for name in names if _folded(name) in at), -1) for field, names in columns.items()}
        return {field: place for field, place in found.items() if place >= 0}

    def has(self, columns: Columns, fields: Sequence[str]) -> bool:
        return set(fields) <= set(self.places(columns))


@contextmanager
def opened(path: Path) -> Iterator[Sheet]:
    """Open a file and read its header.

    Raises:
        Invalid: There is no such file, it is no text, or it breaks off. What was read before it broke off has been handed out.
    """
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == _GZIP
            raw.seek(0)
            yield _sheet(path, io.BufferedReader(gzip.GzipFile(fileobj=raw)) if zipped else raw)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise Invalid(f"{path.name} cannot be read: {error.strerror}.", field="file") from error


def _sheet(path: Path, stream: io.BufferedReader) -> Sheet:
    rows = _rows(path, stream)
    first = next(rows, None)
    if first is None:
        raise Invalid(f"{path.name} is empty; the first line must name the columns.", field="file")
    return Sheet(heading=first[1], rows=rows)


def _rows(path: Path, stream: io.BufferedReader) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(_lines(path, stream))
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise Invalid(f"{path.name} is not to be read as CSV at line {reader.line_num}: {error}.", field="file") from error
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            message = f"{path.name} breaks off or is damaged after line {reader.line_num}; fetch it again. What came before is kept."
            raise Invalid(message, field="file") from error
        if row is None:
            return
        if any(row) and any(not cell.isspace() for cell in row if cell):
            yield reader.line_num, row


def _lines(path: Path, stream: io.BufferedReader) -> Iterator[str]:
    """Text by line. Excel writes Windows-1252 where it is not told otherwise, so a line that is no UTF-8 is read as that."""
    if b"\0" in stream.peek(4096):
        raise _not_text(path)
    for number, line in enumerate(stream):
        if number == 0:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in line:
            raise _not_text(path)
        try:
            yield line.decode()
        except UnicodeDecodeError:
            yield line.decode("cp1252", "replace")


def _not_text(path: Path) -> Invalid:
    return Invalid(f"{path.name} is not text; a CSV file is needed, such as a spreadsheet's “Save as CSV”.", field="file")


def expected(path: Path, wanted: Sequence[str]) -> Invalid:
    """The error for a file of another kind."""
    return Invalid(f"{path.name} does not have the columns that are needed: {'; or '.join(wanted)}.", field="file")


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.casefold())
