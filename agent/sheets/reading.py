"""A file's bytes as rows with their line numbers: whatever encoding and separator a shop's program or a spreadsheet wrote."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.errors import Invalid
from agent.sdk import Sentence, say
from agent.sheets.headings import is_known

MOST_BYTES = 5_000_000
MOST_ROWS = 10_000
MOST_COLUMNS = 200
LONGEST_CELL = 100_000
"""Characters; a spreadsheet's cell holds a third of that."""
LONGEST_NAME = 120
_SEPARATORS = ("\t", ";", "|", ",")
"""In the order that ties are settled in: a comma stands in many a text and number, the others in few."""
_LOOKED_AT = 60
_SAVE_AS = "In the spreadsheet choose “Save as”, then “CSV”, and attach that."
_MAGIC: Mapping[bytes, Sentence] = {
    b"PK\x03\x04": say("This is an Excel workbook or an archive, not a table as text. " + _SAVE_AS),
    b"\xd0\xcf\x11\xe0": say("This is an old Excel or Word file, not a table as text. " + _SAVE_AS),
    b"%PDF": say("This is a PDF, not a table as text. " + _SAVE_AS),
    **dict.fromkeys((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM"), say("This is a picture, not a table as text. " + _SAVE_AS)),
    **dict.fromkeys((b"\x1f\x8b", b"{\\rtf"), say("This is no table as text. " + _SAVE_AS)),
}  # fmt: skip
_MARKUP = re.compile(r"\s*<(?:!doctype|html|\?xml|table)\b", re.I)
_SAID_SEPARATOR = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    line: int
    """Where it begins, as an editor counts: the first line is 1."""
    cells: tuple[str, ...]

    def at(self, place: int | None) -> str:
        """The cell without the blanks around it; "" for one the row has not."""
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    name: str
    encoding: str
    separator: str
    """Of the columns; "" where there is but one."""
    rows: tuple[Row, ...]
    """All that have any text, a heading among them."""

    @property
    def width(self) -> int:
        return max((len(row.cells) for row in self.rows), default=0)


def read(name: str, data: bytes) -> Sheet:
    """
    Raises:
        Invalid: It is no table as text, is damaged, empty, or larger than can be taken at once; the sentence says what to do.
    """
    shown = clean_name(name)
    if len(data) > MOST_BYTES:
        raise refused(
            say(
                "{name} has {size} MB; {most} MB is the most. Send it in parts.",
                name=shown,
                size=f"{len(data) / 1e6:.1f}",
                most=MOST_BYTES // 1_000_000,
            )
        )
    text, encoding = _decoded(shown, data)
    said = _SAID_SEPARATOR.match(text)
    begins = 1 if said else 0
    body = text[said.end() :] if said else text
    separator = said[1] if said else _separator(body)
    rows = tuple(Row(line=line + begins, cells=cells) for line, cells in _rows(shown, body, separator))
    _check(shown, rows)
    return Sheet(name=shown, encoding=encoding, separator=separator if max(len(row.cells) for row in rows) > 1 else "", rows=rows)


def clean_name(name: str) -> str:
    """A file's name as it can be shown: the last part of its path, without what cannot be printed."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(c for c in last if c.isprintable()).strip()
    if len(plain) > LONGEST_NAME:
        return f"{plain[: LONGEST_NAME - 5]}…{plain[-4:]}"
    return plain or "file"


def _decoded(name: str, data: bytes) -> tuple[str, str]:
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise refused(say("{name} is empty.", name=name))
    for magic, why in _MAGIC.items():
        if data.startswith(magic) and (magic != b"BM" or b"\0" in data[:64]):
            raise _no_table(name, why)
    text, encoding = _as_text(name, data)
    if _MARKUP.match(text):
        raise _no_table(name, say("This is a web page, not a table as text. " + _SAVE_AS))
    if "\0" in text:
        raise _no_text(name)
    return text.removeprefix("\ufeff"), encoding


def _as_text(name: str, data: bytes) -> tuple[str, str]:
    """UTF-8 where it is that; UTF-16 by its mark, or by its zeros; else what Windows writes in Western Europe."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(name, data, "utf-16"), "UTF-16"
    if b"\0" in data[:4096]:
        return _decode(name, data, _wide(name, data[:4096])), "UTF-16"
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def _wide(name: str, start: bytes) -> str:
    """Which half of each letter is zero tells the order of UTF-16; a file with zeros elsewhere is no text."""
    first, second = start[::2].count(0), start[1::2].count(0)
    if second > 0.3 * len(start) / 2 and first == 0:
        return "utf-16-le"
    if first > 0.3 * len(start) / 2 and second == 0:
        return "utf-16-be"
    raise _no_text(name)


def _decode(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise refused(say("{name} breaks off or is damaged; save it again and attach that.", name=name)) from None


def _no_text(name: str) -> Invalid:
    return _no_table(name, say("This is no table as text. " + _SAVE_AS))


def _no_table(name: str, why: Sentence) -> Invalid:
    return refused(say("{name} was not taken. {why}", name=name, why=str(why)))


def refused(sentence: Sentence) -> Invalid:
    """What is raised for a file that cannot be taken."""
    return Invalid(str(sentence), field="file")


def _separator(text: str) -> str:
    """The sign under which most rows have as many cells as each other, and the first has headings that are known."""
    return max(_SEPARATORS, key=lambda sign: (*_regular(text, sign), -_SEPARATORS.index(sign)))


def _regular(text: str, sign: str) -> tuple[bool, int, float]:
    """Whether it parts anything, how many headings it shows, and the share of rows with the commonest number of cells."""
    rows = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=sign):
            rows += [cells] if any(cell.strip() for cell in cells) else []
            if len(rows) == _LOOKED_AT:
                break
    except csv.Error:
        return (False, 0, 0.0)
    if not rows:
        return (False, 0, 0.0)
    width, often = Counter(len(cells) for cells in rows).most_common(1)[0]
    return (width > 1, sum(is_known(cell) for cell in rows[0]), round(often / len(rows), 2))


def _rows(name: str, text: str, separator: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    # Strictly, a quote that is never closed is an error and does not swallow the rest of the file as one cell. Inches and other quotes
    # within a cell are none, so what is only odd is read again as it is.
    try:
        return iter(_read(name, text, separator, strict=True))
    except csv.Error:
        return iter(_read(name, text, separator, strict=False))


def _read(name: str, text: str, separator: str, *, strict: bool) -> list[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    found: list[tuple[int, tuple[str, ...]]] = []
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise refused(
                    say("A quotation mark that opens in line {line} of {name} is never closed; mend that line.", line=begins, name=name)
                ) from None
            if "field larger than" in str(error):
                raise _too_long(begins, name) from None
            if strict:
                raise
            raise refused(say("Line {line} of {name} cannot be read as a row of a table; mend that line.", line=begins, name=name)) from None
        if cells is None:
            return found
        if any(cell.strip() for cell in cells):
            found.append((begins, tuple(cells)))


def _check(name: str, rows: Sequence[Row]) -> None:
    if not rows:
        raise refused(say("{name} is empty.", name=name))
    if len(rows) > MOST_ROWS + 1:
        raise refused(
            say("{name} has {rows} rows; {most} is the most at once. Send it in parts.", name=name, rows=f"{len(rows):,}", most=f"{MOST_ROWS:,}")
        )
    for row in rows:
        if len(row.cells) > MOST_COLUMNS:
            raise refused(
                say(
                    "Line {line} of {name} has {columns} columns; {most} is the most. Is it a table?",
                    line=row.line, name=name, columns=len(row.cells), most=MOST_COLUMNS,
                )
            )  # fmt: skip
        if max(map(len, row.cells)) > LONGEST_CELL:
            raise _too_long(row.line, name)


def _too_long(line: int, name: str) -> Invalid:
    most = f"{LONGEST_CELL:,}"
    return refused(say("Line {line} of {name} has a cell of more than {most} characters; mend that line.", line=line, name=name, most=most))
